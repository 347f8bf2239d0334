// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What the driver knows of modules and of their slots.
 */
#include <errno.h>
#include <stdlib.h>

#include "list.h"

/* A table that keeps changing is given up after so many dumps. */
#define DUMP_ATTEMPTS	8

static int take_dev(uint8_t cmd, const struct smpair_attrs *attrs, void *arg)
{
	(void)cmd;
	return smpair_parse_dev(attrs, arg);
}

/**
 * smpair_dev_get() - Describe one module link.
 * @client: From smpair_client_open().
 * @dev: Number of the link.
 * @info: Receives the description.
 *
 * Return: 0, -ENODEV, or an error of the exchange with the driver.
 */
int smpair_dev_get(struct smpair_client *client, uint32_t dev, struct smpair_dev_info *info)
{
	struct nl_msg *msg = smpair_request_new(client, SMPAIR_CMD_DEV_GET);
	int err;

	if (msg)
		nla_put_u32(msg, SMPAIR_A_DEV_ID, dev);
	info->present = 0;
	err = smpair_transact(client, msg, 0, take_dev, info);
	return !err && !info->present ? -EBADMSG : err;
}

static int add_dev(uint8_t cmd, const struct smpair_attrs *attrs, void *arg)
{
	struct smpair_dev_info *info = smpair_list_add(arg);

	return info ? take_dev(cmd, attrs, info) : -ENOMEM;
}

static int add_slot(uint8_t cmd, const struct smpair_attrs *attrs, void *arg)
{
	struct smpair_slot_info *slot = smpair_list_add(arg);

	(void)cmd;
	return slot ? smpair_parse_slot(attrs, slot) : -ENOMEM;
}

static int dump(struct smpair_client *client, uint8_t cmd, const uint32_t *slots_of,
		smpair_reply_fn fn, struct smpair_list *list)
{
	struct nl_msg *msg;
	int err, attempt;

	for (attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
		list->count = 0;
		msg = smpair_request_new(client, cmd);
		if (msg && slots_of)
			nla_put_u32(msg, SMPAIR_A_SLOT_DEV_ID, *slots_of);
		err = smpair_transact(client, msg, NLM_F_DUMP, fn, list);
		if (err != -EINTR)
			break;
	}
	if (err)
		free(list->items);
	return err;
}

/**
 * smpair_dev_list() - Describe all module links.
 * @client: From smpair_client_open().
 * @list: Receives the descriptions; free(3) them. NULL where there are none.
 * @count: Receives how many.
 *
 * Return: 0, -EINTR where the table changed during each of 8 attempts, or an
 * error of the exchange with the driver.
 */
int smpair_dev_list(struct smpair_client *client, struct smpair_dev_info **list, size_t *count)
{
	struct smpair_list devs = { .item_size = sizeof(**list) };
	int err;

	err = dump(client, SMPAIR_CMD_DEV_GET, NULL, add_dev, &devs);
	if (!err) {
		*list = devs.items;
		*count = devs.count;
	}
	return err;
}

/**
 * smpair_slot_list() - List the slots of a module.
 * @client: From smpair_client_open().
 * @dev: Number of the link.
 * @list: Receives the slots; free(3) them. NULL where there are none.
 * @count: Receives how many.
 *
 * They come from the copy that the driver took at the last verification; a
 * host without the right to list sees its own slot only.
 *
 * Return: 0, -EPERM without CAP_NET_ADMIN, -ENODEV, -EINTR as
 * smpair_dev_list(), or an error of the exchange with the driver.
 */
int smpair_slot_list(struct smpair_client *client, uint32_t dev,
		     struct smpair_slot_info **list, size_t *count)
{
	struct smpair_list slots = { .item_size = sizeof(**list) };
	int err;

	err = dump(client, SMPAIR_CMD_SLOT_GET, &dev, add_slot, &slots);
	if (!err) {
		*list = slots.items;
		*count = slots.count;
	}
	return err;
}
