// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Checks what pairing needs, in the order in which each depends on the one
 * before. Each finding comes with one next action.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <smpair/id.h>
#include <smpair/key.h>
#include <smpair/names.h>

#include "out.h"

#define CAP_NET_ADMIN_BIT	12
#define CAP_SYS_ADMIN_BIT	21

struct doctor {
	struct ctl *ctl;
	json_t *checks;		/* with --json */
	int exit;		/* of the first check that failed */
};

static void report(struct doctor *d, const char *name, int exit, const char *text,
		   const char *next)
{
	const char *result = exit == SMPAIR_EXIT_DONE ? (next ? "warn" : "ok") : "fail";
	json_t *check;

	if (!d->exit)
		d->exit = exit;
	if (!d->ctl->json) {
		printf("%-4s  %-12s %s\n", result, name, text);
		if (next)
			printf("                   next: %s\n", next);
		return;
	}
	check = json_object();
	json_array_append_new(d->checks, check);
	out_set(check, "name", json_string(name));
	out_set(check, "result", json_string(result));
	out_set(check, "message", json_string(text));
	out_set(check, "next", next ? json_string(next) : json_null());
}

static void report_info(struct doctor *d, const char *name, const struct smpair_error_info *info)
{
	report(d, name, info->exit, info->text, info->next[0] ? info->next : NULL);
}

static bool loaded(const char *module)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/module/%s", module);
	return !access(path, F_OK);
}

static bool check_driver(struct doctor *d)
{
	int err = smpair_client_open(&d->ctl->client);

	if (err) {
		report_info(d, "driver", smpair_errno_info(err));
		return false;
	}
	smpair_client_set_timeout(d->ctl->client, ctl_left(d->ctl, 10000));
	report(d, "driver", 0, "the driver answers on generic netlink", NULL);
	return true;
}

static void check_transports(struct doctor *d)
{
	static const char * const transports[] = {
		"smpair_virt", "smpair_tty", "smpair_serdev", "smpair_ccid",
	};
	char text[128] = "loaded:";
	bool any = false;
	size_t i;

	for (i = 0; i < sizeof(transports) / sizeof(transports[0]); i++) {
		if (!loaded(transports[i]))
			continue;
		strcat(strcat(text, " "), transports[i]);
		any = true;
	}
	if (any)
		report(d, "transport", 0, text, NULL);
	else
		report(d, "transport", 0, "no transport of the driver is loaded as a module",
		       "load the one for your reader, such as \"modprobe smpair_virt\"");
}

static void check_privileges(struct doctor *d)
{
	unsigned long long effective = 0;
	char line[128];
	FILE *status;

	status = fopen("/proc/self/status", "re");
	while (status && fgets(line, sizeof(line), status))
		if (sscanf(line, "CapEff: %llx", &effective) == 1)
			break;
	if (status)
		fclose(status);
	if (!(effective >> CAP_NET_ADMIN_BIT & 1))
		report(d, "privileges", SMPAIR_EXIT_PERMISSION,
		       "CAP_NET_ADMIN is missing: modules can be listed, nothing more",
		       "repeat it as root");
	else if (!(effective >> CAP_SYS_ADMIN_BIT & 1))
		report(d, "privileges", 0,
		       "CAP_SYS_ADMIN is missing: host credentials cannot be loaded",
		       "load host credentials as root");
	else
		report(d, "privileges", 0,
		       "pairing and loading of credentials are permitted", NULL);
}

static void check_keyring(struct doctor *d)
{
	struct smpair_secret *secret;
	int32_t key;
	int err;

	err = smpair_secret_new(SMPAIR_PIN_LEN, &secret);
	if (err) {
		report_info(d, "memory", smpair_errno_info(err));
		return;
	}
	smpair_secret_free(secret);
	report(d, "memory", 0, "memory can be locked", NULL);

	err = smpair_key_add_pin("00000000", &key);
	if (err) {
		report_info(d, "keyring", smpair_errno_info(err));
		return;
	}
	smpair_key_drop(key);
	report(d, "keyring", 0, "logon keys can be made", NULL);
}

static void check_credentials(struct doctor *d)
{
	char id[SMPAIR_ID_TEXT_SIZE], text[64];
	struct smpair_host_info info;
	int err;

	err = smpair_host_get(d->ctl->client, &info);
	if (err == -ENOKEY) {
		report_info(d, "credentials", smpair_cause_info(SMPAIR_CAUSE_NO_HOST));
	} else if (err) {
		report_info(d, "credentials", smpair_errno_info(err));
	} else {
		smpair_id_format(info.host_id, id, sizeof(id));
		snprintf(text, sizeof(text), "loaded for host %s", id);
		report(d, "credentials", 0, text, NULL);
	}
}

static void check_node(struct doctor *d, const char *name)
{
	char node[SMPAIR_NAME_SIZE + 5], text[96];
	struct stat st;

	snprintf(node, sizeof(node), "/dev/%s", name);
	if (stat(node, &st)) {
		snprintf(text, sizeof(text), "%s does not exist", node);
		report(d, name, SMPAIR_EXIT_OTHER, text, "mount devtmpfs on /dev or start udev");
	} else if (!S_ISCHR(st.st_mode)) {
		snprintf(text, sizeof(text), "%s is no character device", node);
		report(d, name, SMPAIR_EXIT_OTHER, text, "remove it and re-insert the module");
	} else if (st.st_mode & 06) {
		snprintf(text, sizeof(text), "every user may use %s", node);
		report(d, name, 0, text, "restrict it to one user or group by a udev rule");
	} else if (access(node, R_OK | W_OK)) {
		snprintf(text, sizeof(text), "this user may not use %s", node);
		report(d, name, SMPAIR_EXIT_PERMISSION, text,
		       "repeat it as root, or give the device to a group by a udev rule");
	} else {
		snprintf(text, sizeof(text), "%s may be used", node);
		report(d, name, 0, text, NULL);
	}
}

static void check_module(struct doctor *d, const struct smpair_dev_info *dev)
{
	const struct smpair_error_info *cause = smpair_cause_info(dev->cause);
	char text[256];

	snprintf(text, sizeof(text), "%s%s%s", smpair_state_name(dev->state),
		 dev->cause == SMPAIR_CAUSE_NONE ? "" : ": ",
		 dev->cause == SMPAIR_CAUSE_NONE ? "" : cause->text);
	/* To be unpaired is no fault; the next action still helps. */
	report(d, dev->name, dev->state == SMPAIR_STATE_UNPAIRED ? 0 : cause->exit, text,
	       dev->cause == SMPAIR_CAUSE_NONE ? NULL : cause->next);
	check_node(d, dev->name);
}

static void check_modules(struct doctor *d)
{
	struct smpair_dev_info *list;
	size_t count, i;
	int err;

	err = smpair_dev_list(d->ctl->client, &list, &count);
	if (err) {
		report_info(d, "modules", smpair_errno_info(err));
		return;
	}
	if (!count)
		report(d, "modules", SMPAIR_EXIT_NO_MODULE, "no module is inserted",
		       "insert a security module");
	for (i = 0; i < count; i++)
		check_module(d, &list[i]);
	free(list);
}

int cmd_doctor(struct ctl *ctl)
{
	struct doctor d = { .ctl = ctl };
	json_t *object = NULL;

	if (ctl->json) {
		object = out_object();
		d.checks = json_array();
		out_set(object, "checks", d.checks);
	}
	check_privileges(&d);
	check_keyring(&d);
	if (check_driver(&d)) {
		check_transports(&d);
		check_credentials(&d);
		check_modules(&d);
	}
	if (object) {
		out_set(object, "exit", json_integer(d.exit));
		if (out_json(object))
			return SMPAIR_EXIT_OTHER;
	}
	return d.exit;
}
