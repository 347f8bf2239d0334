// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Host credentials in the driver.
 */
#include <errno.h>

#include "client.h"

/**
 * smpair_host_set() - Load or replace the host credentials.
 * @client: From smpair_client_open().
 * @key: Serial number of a logon, encrypted or trusted key with the host
 *	secrets; the driver reads it before it answers.
 * @cy: Host cryptograms.
 * @count: How many, 1 to %SMPAIR_CY_MAX.
 *
 * Return: 0, -EINVAL for @count or malformed credentials, -EPERM without
 * CAP_NET_ADMIN and CAP_SYS_ADMIN, -ENOKEY, -EKEYREJECTED, or an error of the
 * exchange with the driver.
 */
int smpair_host_set(struct smpair_client *client, int32_t key,
		    const uint8_t cy[][SMPAIR_CY_LEN], size_t count)
{
	struct nl_msg *msg;
	size_t i;

	if (count < 1 || count > SMPAIR_CY_MAX)
		return -EINVAL;
	msg = smpair_request_new(client, SMPAIR_CMD_HOST_SET);
	if (msg) {
		nla_put_s32(msg, SMPAIR_A_HOST_KEY, key);
		for (i = 0; i < count; i++)
			nla_put(msg, SMPAIR_A_HOST_CY, SMPAIR_CY_LEN, cy[i]);
	}
	return smpair_transact(client, msg, 0, NULL, NULL);
}

/**
 * smpair_host_clear() - Wipe the host credentials; sessions end.
 * @client: From smpair_client_open().
 *
 * Return: 0, -EPERM without CAP_NET_ADMIN and CAP_SYS_ADMIN, or an error of
 * the exchange with the driver.
 */
int smpair_host_clear(struct smpair_client *client)
{
	return smpair_transact(client, smpair_request_new(client, SMPAIR_CMD_HOST_CLEAR), 0,
			       NULL, NULL);
}

static int take_host(uint8_t cmd, const struct smpair_attrs *attrs, void *arg)
{
	(void)cmd;
	return smpair_parse_host(attrs, arg);
}

/**
 * smpair_host_get() - Describe the host credentials, without secrets.
 * @client: From smpair_client_open().
 * @info: Receives the description.
 *
 * Return: 0, -ENOKEY where none are loaded, -EPERM without CAP_NET_ADMIN, or
 * an error of the exchange with the driver.
 */
int smpair_host_get(struct smpair_client *client, struct smpair_host_info *info)
{
	int err;

	info->present = 0;
	err = smpair_transact(client, smpair_request_new(client, SMPAIR_CMD_HOST_GET), 0,
			      take_host, info);
	return !err && !info->present ? -ENOKEY : err;
}
