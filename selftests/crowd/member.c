// SPDX-License-Identifier: GPL-2.0
#include "member.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void *run(void *arg)
{
	struct member *member = arg;

	while (!atomic_load(&member->err) && !atomic_load(&member->stop)) {
		atomic_store(&member->err, member->act(member));
		atomic_fetch_add(&member->rounds, 1);
	}
	return NULL;
}

int member_start(struct member *member, const struct rig *rig, member_act act)
{
	int err;

	*member = (struct member){ .rig = rig, .fd = -1, .what = "" };
	err = smpair_client_open(&member->client);
	if (err)
		return err;
	smpair_client_set_timeout(member->client, RIG_PATIENCE_MS);
	member->act = act;
	err = -pthread_create(&member->thread, NULL, run, member);
	if (err) {
		smpair_client_close(member->client);
		member->act = NULL;
	}
	return err;
}

bool member_is_done(const struct member *member, unsigned int rounds)
{
	return atomic_load(&member->rounds) >= rounds || atomic_load(&member->err);
}

int member_stop(struct member *member)
{
	if (!member->act)
		return 0;
	atomic_store(&member->stop, true);
	pthread_join(member->thread, NULL);
	member->act = NULL;
	if (member->fd >= 0)
		close(member->fd);
	smpair_client_close(member->client);
	if (member->err)
		printf("# %s: %s\n", member->what, strerror(-member->err));
	return member->err;
}
