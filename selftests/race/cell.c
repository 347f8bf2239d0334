// SPDX-License-Identifier: GPL-2.0
/* What a cell needs before it begins, and what is put away when it ends. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "race.h"
#include "rig/setting.h"

void race_prepare(struct race *race)
{
	unsigned int i;

	memset(race, 0, sizeof(*race));
	race->rig.mod.fd = -1;
	race->node = -1;
	race->dump.fd = -1;
	for (i = 0; i < DUMP_LINKS; i++)
		race->dump.links[i] = -1;
}

int race_init(struct race *race, enum disturbance_kind kind)
{
	int err;

	race->with_helper = kind == RACE_KILL_HELPER;
	race->with_suspend = kind == RACE_SUSPEND;

	err = setting_read(SETTING_VIRT_TIMEOUT, race->virt_timeout, sizeof(race->virt_timeout));
	if (err)
		return err;
	err = rig_init(&race->rig, NULL);
	if (err)
		return err;
	rig_host_init(&race->rig.host, 0);
	return peer_start(&race->agent, &race->rig) ?: peer_ask(&race->agent, PEER_REGISTER);
}

void race_drop_files(struct race *race)
{
	if (race->using)
		pthread_join(race->user, NULL);
	race->using = false;
	if (race->node >= 0)
		close(race->node);
	race->node = -1;
	dump_close(&race->dump);
}

void race_exit(struct race *race)
{
	peer_kill(&race->helper);
	peer_kill(&race->agent);
	rig_exit(&race->rig);
	race_drop_files(race);
	dump_empty(&race->dump);
	if (race->virt_timeout[0])
		setting_write(SETTING_VIRT_TIMEOUT, race->virt_timeout);
}
