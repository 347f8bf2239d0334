// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Waiting for the driver to be loaded.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/genetlink.h>
#include <netlink/genl/ctrl.h>

#include "client.h"
#include "deadline.h"

struct smpair_watch {
	struct nl_sock *sock;
};

/**
 * smpair_watch_open() - Begin to watch for the driver.
 * @watch: Receives the watch; end it with smpair_watch_close().
 *
 * Open the watch first and try smpair_client_open() then: a driver that is
 * loaded in between is not missed.
 *
 * Return: 0, -ENOMEM, -EPROTONOSUPPORT where the kernel has no generic netlink,
 * or -EIO.
 */
int smpair_watch_open(struct smpair_watch **watch)
{
	struct smpair_watch *w = calloc(1, sizeof(*w));
	int err, group;

	if (!w)
		return -ENOMEM;
	err = smpair_sock_open(&w->sock);
	if (err) {
		free(w);
		return err;
	}
	group = genl_ctrl_resolve_grp(w->sock, "nlctrl", "notify");
	if (group < 0)
		err = smpair_nl_errno(group);
	else if (nl_socket_add_membership(w->sock, group) < 0)
		err = -EIO;
	if (err) {
		smpair_watch_close(w);
		return err;
	}
	*watch = w;
	return 0;
}

/**
 * smpair_watch_fd() - Descriptor to poll for the driver.
 * @watch: From smpair_watch_open().
 *
 * Only for poll(2); call smpair_watch_next() where it is readable.
 *
 * Return: The descriptor, owned by the watch.
 */
int smpair_watch_fd(const struct smpair_watch *watch)
{
	return nl_socket_get_fd(watch->sock);
}

/**
 * smpair_watch_close() - Watch no longer.
 * @watch: From smpair_watch_open(), or NULL.
 */
void smpair_watch_close(struct smpair_watch *watch)
{
	if (!watch)
		return;
	nl_socket_free(watch->sock);
	free(watch);
}

static int note_family(const struct nlmsghdr *nlh, void *arg)
{
	bool *appeared = arg;
	struct smpair_attrs attrs;
	const char *name;
	uint16_t id;
	uint8_t cmd;

	if (nlh->nlmsg_type == GENL_ID_CTRL && !smpair_parse_genl(nlh, &cmd, &attrs) &&
	    cmd == CTRL_CMD_NEWFAMILY && !smpair_parse_family(&attrs, &id, &name) &&
	    !strcmp(name, SMPAIR_FAMILY_NAME))
		*appeared = true;
	return 0;
}

/**
 * smpair_watch_next() - Wait until a driver is loaded.
 * @watch: From smpair_watch_open().
 * @timeout_ms: How long to wait, in milliseconds.
 *
 * Return: 0 where a driver may have been loaded since, -ETIMEDOUT, or another
 * error of the exchange with the kernel.
 */
int smpair_watch_next(struct smpair_watch *watch, unsigned int timeout_ms)
{
	int64_t deadline = smpair_deadline(timeout_ms);
	bool appeared = false;
	int err;

	do {
		err = smpair_sock_receive(watch->sock, deadline, note_family, &appeared);
		/* What was lost may have been the announcement. */
		if (err == -ENOBUFS)
			return 0;
	} while (!err && !appeared);
	return err;
}

/**
 * smpair_client_open_wait() - Connect to the driver, as soon as it is loaded.
 * @client: Receives the client; end it with smpair_client_close().
 * @timeout_ms: How long to wait, in milliseconds.
 *
 * Return: 0, -ETIMEDOUT, or another error of smpair_client_open().
 */
int smpair_client_open_wait(struct smpair_client **client, unsigned int timeout_ms)
{
	int64_t deadline = smpair_deadline(timeout_ms);
	struct smpair_watch *watch;
	int err;

	err = smpair_watch_open(&watch);
	if (err)
		return err;
	while (!err) {
		/* Joined first, looked second: no announcement falls between. */
		err = smpair_client_open(client);
		if (err != -EPFNOSUPPORT)
			break;
		err = smpair_watch_next(watch, (unsigned int)smpair_left(deadline));
	}
	smpair_watch_close(watch);
	return err;
}
