// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Host secrets go from a private file through locked memory into a logon key
 * of this process, which the driver reads and which then goes away. Or they are
 * in a key already, which stays and whose content is never seen here.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <smpair/key.h>

#include "file.h"
#include "host_tell.h"
#include "hostfile.h"
#include "out.h"

static const struct smpair_error_info mismatch = {
	"host-mismatch", "the secrets and the info file belong to different hosts",
	"name the info file of the host whose secrets these are", SMPAIR_EXIT_USAGE
};

/* 0 or an exit code. */
static int read_info(const struct ctl *ctl, const char *path, struct hostfile *host)
{
	static uint8_t text[HOSTFILE_SIZE];
	struct smpair_error_info info = {
		"host-info-malformed", NULL, "name the host-ID.json that belongs to the key file",
		SMPAIR_EXIT_USAGE
	};
	size_t len;
	int err;

	err = file_read(ctl, path, text, sizeof(text), &len);
	if (err)
		return out_broken(ctl, path, err);
	info.text = hostfile_parse((const char *)text, len, host);
	return info.text ? out_error(ctl, &info, NULL, path) : 0;
}

static int load(struct ctl *ctl, struct smpair_secret *payload, const struct hostfile *host)
{
	int32_t key;
	int err;

	err = ctl_connect(ctl);
	if (err)
		return err;
	err = smpair_key_add_host(payload, &key);
	if (err)
		return out_error(ctl, smpair_errno_info(err), NULL, "key retention service");
	err = smpair_host_set(ctl->client, key, host->cy, host->cy_count);
	if (err)
		err = out_fail(ctl, err, NULL);
	/* The driver has derived what it needs. */
	smpair_key_drop(key);
	return err ? err : host_tell(ctl);
}

static int load_from_file(struct ctl *ctl, const char *path, const struct hostfile *host)
{
	struct smpair_secret *payload;
	uint8_t id[SMPAIR_ID_LEN];
	int ret;

	ret = smpair_hostkey_read(path, &payload);
	if (ret)
		return out_error(ctl, smpair_hostkey_info(ret), NULL, path);
	smpair_hostkey_check(smpair_secret_data(payload), smpair_secret_size(payload), id);
	if (memcmp(id, host->id, sizeof(id)))
		ret = out_error(ctl, &mismatch, NULL, path);
	else
		ret = load(ctl, payload, host);
	smpair_secret_free(payload);
	return ret;
}

/* Whose secrets a key holds only the driver sees, once it has them. */
static int load_from_key(struct ctl *ctl, const char *name, const struct hostfile *host)
{
	struct smpair_host_info info;
	int32_t key;
	int err;

	err = smpair_key_find(name, &key);
	if (err)
		return out_error(ctl, smpair_key_info(err), NULL, name);
	err = ctl_connect(ctl);
	if (err)
		return err;
	err = smpair_host_set(ctl->client, key, host->cy, host->cy_count);
	if (err == -EACCES)
		return out_error(ctl, smpair_key_info(err), smpair_client_extack(ctl->client),
				 name);
	if (err)
		return out_fail(ctl, err, name);
	err = smpair_host_get(ctl->client, &info);
	if (err)
		return out_fail(ctl, err, NULL);
	if (!memcmp(info.host_id, host->id, sizeof(info.host_id)))
		return host_tell(ctl);
	smpair_host_clear(ctl->client);
	return out_error(ctl, &mismatch, NULL, name);
}

int cmd_host_load(struct ctl *ctl)
{
	const char *path = ctl_value(ctl, "key"), *key = ctl_value(ctl, "kernel-key");
	struct hostfile host;
	int ret;

	if (!path == !key)
		return out_usage(ctl, "host load needs either --key FILE or --kernel-key KEY");
	ret = read_info(ctl, ctl_value(ctl, "info"), &host);
	if (ret)
		return ret;
	return path ? load_from_file(ctl, path, &host) : load_from_key(ctl, key, &host);
}
