// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Events, on a socket of their own. After an overrun nothing is assumed: the
 * links are listed again and what differs from what the caller knows becomes
 * events.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/genetlink.h>
#include <netlink/genl/ctrl.h>

#include "client.h"
#include "deadline.h"
#include "list.h"

#define EVENT_BUFFER	(1 << 20)
#define CATCH_UP_MS	1000

/* What an event tells of a link; a listing tells more. */
#define EVENT_ATTRS	(1 << SMPAIR_A_DEV_ID | 1 << SMPAIR_A_DEV_NAME | \
			 1 << SMPAIR_A_DEV_TRANSPORT | 1 << SMPAIR_A_DEV_STATE | \
			 1 << SMPAIR_A_DEV_CAUSE)

struct smpair_events {
	struct nl_sock *sock;
	uint16_t family;
	unsigned int groups;
	struct smpair_list known;	/* struct smpair_dev_info */
	struct smpair_list pending;	/* struct smpair_event */
};

static struct smpair_dev_info *known_at(struct smpair_events *events, size_t i)
{
	return (struct smpair_dev_info *)events->known.items + i;
}

static struct smpair_dev_info *find_known(struct smpair_events *events, uint32_t id)
{
	size_t i;

	for (i = 0; i < events->known.count; i++)
		if (known_at(events, i)->id == id)
			return known_at(events, i);
	return NULL;
}

static int push(struct smpair_events *events, enum smpair_event_type type, bool resync,
		const struct smpair_dev_info *dev)
{
	struct smpair_event *event = smpair_list_add(&events->pending);

	if (!event)
		return -ENOMEM;
	event->type = type;
	event->resync = resync;
	if (dev) {
		event->dev = *dev;
		event->dev.present &= EVENT_ATTRS;
	}
	return 0;
}

/* A link is there; was it, and was it so? */
static int note_present(struct smpair_events *events, const struct smpair_dev_info *dev,
			bool resync)
{
	struct smpair_dev_info *known = find_known(events, dev->id);
	enum smpair_event_type type = SMPAIR_EVENT_CHANGE;

	if (!known) {
		known = smpair_list_add(&events->known);
		if (!known)
			return -ENOMEM;
		type = SMPAIR_EVENT_ADD;
	} else if (known->state == dev->state && known->cause == dev->cause) {
		return 0;
	}
	*known = *dev;
	return push(events, type, resync, dev);
}

static int note_absent(struct smpair_events *events, uint32_t id, bool resync)
{
	struct smpair_dev_info *known = find_known(events, id);
	int err;

	if (!known)
		return 0;
	err = push(events, SMPAIR_EVENT_DEL, resync, known);
	smpair_list_remove(&events->known, (size_t)(known - known_at(events, 0)));
	return err;
}

static bool listed(const struct smpair_dev_info *list, size_t count, uint32_t id)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (list[i].id == id)
			return true;
	return false;
}

static int resync(struct smpair_client *client)
{
	struct smpair_events *events = client->events;
	struct smpair_dev_info *list = NULL;
	size_t count = 0, i;
	int err = 0;

	if (events->groups & SMPAIR_EVENTS_MONITOR)
		err = smpair_dev_list(client, &list, &count);
	for (i = events->known.count; !err && i-- > 0;)
		if (!listed(list, count, known_at(events, i)->id))
			err = note_absent(events, known_at(events, i)->id, true);
	for (i = 0; !err && i < count; i++)
		err = note_present(events, &list[i], true);
	free(list);
	if (!err && events->groups & SMPAIR_EVENTS_AGENTS)
		err = push(events, SMPAIR_EVENT_AGENTS, true, NULL);
	if (!err && events->groups & SMPAIR_EVENTS_AGENTS)
		err = push(events, SMPAIR_EVENT_REQUEST, true, NULL);
	return err;
}

static int take_family_event(struct smpair_events *events, uint8_t cmd,
			     const struct smpair_attrs *attrs)
{
	const char *name;
	uint16_t id;

	if (cmd != CTRL_CMD_DELFAMILY || smpair_parse_family(attrs, &id, &name))
		return 0;
	return id == events->family ? -EPFNOSUPPORT : 0;
}

static int take_event(const struct nlmsghdr *nlh, void *arg)
{
	struct smpair_events *events = arg;
	struct smpair_dev_info dev;
	struct smpair_attrs attrs;
	uint8_t cmd;
	int err;

	err = smpair_parse_genl(nlh, &cmd, &attrs);
	if (err)
		return err;
	if (nlh->nlmsg_type == GENL_ID_CTRL)
		return take_family_event(events, cmd, &attrs);
	if (nlh->nlmsg_type != events->family)
		return 0;

	switch (cmd) {
	case SMPAIR_CMD_REQ_READY:
		return push(events, SMPAIR_EVENT_REQUEST, false, NULL);
	case SMPAIR_CMD_AGENT_CHANGE:
		return push(events, SMPAIR_EVENT_AGENTS, false, NULL);
	case SMPAIR_CMD_DEV_ADD_NTF:
	case SMPAIR_CMD_DEV_CHANGE_NTF:
		err = smpair_parse_dev(&attrs, &dev);
		return err ? err : note_present(events, &dev, false);
	case SMPAIR_CMD_DEV_DEL_NTF:
		err = smpair_parse_dev(&attrs, &dev);
		return err ? err : note_absent(events, dev.id, false);
	default:
		return 0;
	}
}

/*
 * The error of an overrun comes before what was queued until then. That is
 * older than any listing, so it is taken first; a sender that never pauses must
 * not keep us at it.
 */
static int catch_up(struct smpair_client *client)
{
	int64_t deadline = smpair_deadline(CATCH_UP_MS);
	int err;

	do {
		err = smpair_sock_receive(client->events->sock, smpair_now(), take_event,
					  client->events);
	} while ((!err || err == -ENOBUFS) && smpair_left(deadline));
	if (err && err != -ETIMEDOUT && err != -ENOBUFS)
		return err;
	return resync(client);
}

/**
 * smpair_events_join() - Begin to receive events.
 * @client: From smpair_client_open(); it may join once.
 * @groups: %SMPAIR_EVENTS_MONITOR, %SMPAIR_EVENTS_AGENTS.
 *
 * Links that are there already make no event; list them after joining, and
 * nothing is missed.
 *
 * Return: 0, -EINVAL for @groups, -EALREADY, -ENOMEM, or an error of
 * smpair_dev_list().
 */
int smpair_events_join(struct smpair_client *client, unsigned int groups)
{
	struct smpair_events *events;
	int err, size = EVENT_BUFFER, notify;

	if (!groups || groups & ~(SMPAIR_EVENTS_MONITOR | SMPAIR_EVENTS_AGENTS))
		return -EINVAL;
	if (client->events)
		return -EALREADY;
	events = calloc(1, sizeof(*events));
	if (!events)
		return -ENOMEM;
	events->family = client->family.id;
	events->groups = groups;
	events->known.item_size = sizeof(struct smpair_dev_info);
	events->pending.item_size = sizeof(struct smpair_event);

	err = smpair_sock_open(&events->sock);
	if (err)
		goto fail;
	setsockopt(nl_socket_get_fd(events->sock), SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	err = -EIO;
	notify = genl_ctrl_resolve_grp(events->sock, "nlctrl", "notify");
	if (notify < 0 || nl_socket_add_membership(events->sock, notify) < 0)
		goto fail;
	if (groups & SMPAIR_EVENTS_MONITOR &&
	    nl_socket_add_membership(events->sock, client->family.monitor) < 0)
		goto fail;
	if (groups & SMPAIR_EVENTS_AGENTS &&
	    nl_socket_add_membership(events->sock, client->family.agents) < 0)
		goto fail;

	client->events = events;
	err = resync(client);
	if (!err) {
		events->pending.count = 0;
		return 0;
	}
	client->events = NULL;
fail:
	smpair_events_free(events);
	return err;
}

void smpair_events_free(struct smpair_events *events)
{
	if (!events)
		return;
	nl_socket_free(events->sock);
	free(events->known.items);
	free(events->pending.items);
	free(events);
}

/**
 * smpair_events_fd() - Descriptor to poll for events.
 * @client: A client that joined.
 *
 * Only for poll(2). Call smpair_events_next() until it times out before
 * polling: one message may make several events.
 *
 * Return: The descriptor, owned by the client, or -ENOTCONN.
 */
int smpair_events_fd(const struct smpair_client *client)
{
	return client->events ? nl_socket_get_fd(client->events->sock) : -ENOTCONN;
}

/**
 * smpair_events_next() - Wait for the next event.
 * @client: A client that joined.
 * @timeout_ms: How long to wait, in milliseconds.
 * @event: Receives the event.
 *
 * Return: 0, -ETIMEDOUT, -ENOTCONN where @client did not join, -EPFNOSUPPORT
 * where the driver was unloaded (close the client and use
 * smpair_client_open_wait()), or an error of the exchange with the driver.
 */
int smpair_events_next(struct smpair_client *client, unsigned int timeout_ms,
		       struct smpair_event *event)
{
	int64_t deadline = smpair_deadline(timeout_ms);
	struct smpair_events *events = client->events;
	int err;

	if (!events)
		return -ENOTCONN;
	while (!events->pending.count) {
		err = smpair_sock_receive(events->sock, deadline, take_event, events);
		if (err == -ENOBUFS)
			err = catch_up(client);
		if (err)
			return err;
	}
	*event = *(struct smpair_event *)events->pending.items;
	smpair_list_remove(&events->pending, 0);
	return 0;
}
