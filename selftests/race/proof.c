// SPDX-License-Identifier: GPL-2.0
/* That a disturbance left nothing behind, and did no harm to what comes next. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "race.h"
#include "rig/kmod.h"

#define NEXT_HOST	1
#define NEXT_MODULE	2

static bool class_is_empty(void)
{
	DIR *dir = opendir("/sys/class/smpair");
	struct dirent *entry;
	bool empty = dir;

	while (dir && (entry = readdir(dir)))
		empty &= entry->d_name[0] == '.';
	if (dir)
		closedir(dir);
	return empty;
}

/* Keys of PINs and hosts that libsmpair made for the driver */
static bool keys_are_gone(void)
{
	FILE *f = fopen("/proc/keys", "re");
	char line[512];
	bool gone = f;

	while (f && fgets(line, sizeof(line), f))
		gone &= !strstr(line, "smpair:");
	if (f)
		fclose(f);
	return gone;
}

/* What is put off by the kernel goes in its own time. */
static bool soon(bool (*true_now)(void))
{
	unsigned int i;

	for (i = 0; i < RIG_PATIENCE_MS / 10; i++) {
		if (true_now())
			return true;
		usleep(10000);
	}
	return false;
}

static bool core_is_free(void)
{
	return rig_kmod_users("smpair") == 1;	/* its transport */
}

static bool virt_is_free(void)
{
	return rig_kmod_users("smpair_virt") == 0;
}

static const char *client_sees_nothing(struct smpair_client *client)
{
	struct smpair_host_info host;
	struct smpair_request req;

	smpair_client_set_timeout(client, RIG_PATIENCE_MS);
	if (rig_count_devs(client))
		return "a link is listed";
	if (smpair_host_get(client, &host) != -ENOKEY)
		return "host credentials are loaded";
	if (smpair_agent_register(client, 1))
		return "no agent can register";
	if (smpair_request_accept(client, &req) != -ENOENT)
		return "a request waits";
	return NULL;
}

const char *race_left(void)
{
	struct smpair_client *client;
	const char *what;

	if (!class_is_empty())
		return "a link is in /sys/class/smpair";
	if (!soon(keys_are_gone))
		return "a key is in /proc/keys";
	if (!soon(virt_is_free))
		return "somebody refers to smpair_virt.ko";
	if (!soon(core_is_free))
		return "somebody refers to smpair.ko";
	if (smpair_client_open(&client))
		return "no netlink family";
	what = client_sees_nothing(client);
	smpair_client_close(client);
	return what;
}

static const char *try_pairing(struct rig *rig)
{
	struct smpair_outcome out;

	if (!rig_make_pairing(rig, NEXT_HOST))
		return "the next module does not pair";
	if (!rig_echo(rig, 100))
		return "the next pairing carries no data";
	rig_remove(rig);
	if (rig_insert(rig) || rig_settle(rig) != SMPAIR_STATE_PAIRED)
		return "the next pairing is not found again";
	if (rig_do(rig, smpair_op_unpair, &out) || out.error)
		return "the next pairing is not undone";
	return NULL;
}

const char *race_unusable(void)
{
	struct sm_perso perso;
	const char *what;
	struct rig rig;

	rig_perso_init(&perso, NEXT_MODULE);
	if (rig_init(&rig, &perso))
		return "no rig can be made";
	what = try_pairing(&rig);
	rig_exit(&rig);
	return what;
}
