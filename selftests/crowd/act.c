// SPDX-License-Identifier: GPL-2.0
#include "act.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "rig/link.h"
#include "rig/setting.h"
#include "smpair/names.h"
#include "softmod/app.h"

#define ATTRIBUTE_READS	50

static int say(struct member *member, const char *what, int err)
{
	member->what = what;
	return err;
}

/* What a state says of the rest of a description */
static bool is_whole(const struct smpair_dev_info *info)
{
	switch (info->state) {
	case SMPAIR_STATE_UNPAIRED:
		return SMPAIR_HAS(info, SMPAIR_A_DEV_MODULE_ID) &&
		       !SMPAIR_HAS(info, SMPAIR_A_DEV_SLOT) &&
		       !SMPAIR_HAS(info, SMPAIR_A_DEV_INDEX) &&
		       !SMPAIR_HAS(info, SMPAIR_A_DEV_SESSION_AGE);
	case SMPAIR_STATE_PAIRED:
		return SMPAIR_HAS(info, SMPAIR_A_DEV_MODULE_ID) &&
		       SMPAIR_HAS(info, SMPAIR_A_DEV_SLOT) &&
		       SMPAIR_HAS(info, SMPAIR_A_DEV_INDEX) &&
		       SMPAIR_HAS(info, SMPAIR_A_DEV_SESSION_AGE) &&
		       info->cause == SMPAIR_CAUSE_NONE;
	default:
		return true;
	}
}

/* Often in a row: whoever writes must meet a reader. */
static int read_attribute(uint32_t dev, const char *name, char *value, size_t size)
{
	ssize_t got = 1;
	unsigned int i;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/sys/class/smpair/smpair%u/%s", dev, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	for (i = 0; i < ATTRIBUTE_READS && got > 0; i++)
		got = pread(fd, value, size - 1, 0);
	close(fd);
	if (got <= 0)
		return -EPROTO;
	value[got] = '\0';
	value[strcspn(value, "\n")] = '\0';
	return 0;
}

static bool is_state(const char *name)
{
	unsigned int state;

	for (state = SMPAIR_STATE_PROBING; state <= SMPAIR_STATE_ALARM; state++)
		if (!strcmp(name, smpair_state_name(state)))
			return true;
	return false;
}

/* Opens a node, asks what can be done with it, tries to read. */
static int touch_node(uint32_t dev, short *events)
{
	struct pollfd pfd = { .events = POLLIN | POLLOUT };
	uint8_t byte;
	int err = 0;

	pfd.fd = rig_open_node(dev, O_RDWR | O_NONBLOCK);
	if (pfd.fd < 0)
		return pfd.fd;
	if (poll(&pfd, 1, 0) < 0 || read(pfd.fd, &byte, 1) >= 0)
		err = -EPROTO;
	else if (errno != EAGAIN)
		err = -errno;
	*events = pfd.revents;
	close(pfd.fd);
	return err;
}

int act_watch_link(struct member *member)
{
	uint32_t dev = member->rig->dev;
	struct smpair_slot_info *slots;
	struct smpair_dev_info info;
	short events;
	size_t count;
	int err;

	err = smpair_dev_get(member->client, dev, &info);
	if (err)
		return say(member, "dev-get", err);
	if (!is_whole(&info)) {
		printf("# state %u cause %u with attributes %#llx\n", info.state, info.cause,
		       (unsigned long long)info.present);
		return say(member, "a description of two states", -EPROTO);
	}
	err = smpair_slot_list(member->client, dev, &slots, &count);
	if (!err)
		free(slots);
	if (err && err != -EINTR)
		return say(member, "slot-get", err);

	err = touch_node(dev, &events);
	if (err || events != POLLOUT)
		return say(member, "node", err ? err : -EPROTO);
	return 0;
}

int act_read_attributes(struct member *member)
{
	uint32_t dev = member->rig->dev;
	char value[64];
	int err;

	err = read_attribute(dev, "state", value, sizeof(value));
	if (!err && !is_state(value))
		err = -EPROTO;
	if (!err)
		err = read_attribute(dev, "cause", value, sizeof(value));
	if (!err)
		err = read_attribute(dev, "rekeys", value, sizeof(value));
	if (!err)
		err = read_attribute(dev, "max_message", value, sizeof(value));
	return say(member, "attributes in sysfs", err);
}

int act_list_links(struct member *member)
{
	struct smpair_dev_info *list, info;
	size_t i, count;
	short events;
	int err;

	err = smpair_dev_list(member->client, &list, &count);
	if (err)
		return say(member, "list", err);
	for (i = 0; i < count && !err; i++) {
		err = smpair_dev_get(member->client, list[i].id, &info);
		if (err && err != -ENODEV) {
			say(member, "dev-get", err);
			break;
		}
		err = touch_node(list[i].id, &events);
		/* The node goes after the link. */
		if (err == -ENODEV || err == -ENXIO || err == -ENOENT)
			err = 0;
		say(member, "node", err);
	}
	free(list);
	return err;
}

int act_read_host(struct member *member)
{
	struct smpair_host_info info;
	int err;

	err = smpair_host_get(member->client, &info);
	if (err == -ENOKEY)
		return 0;
	if (!err && (!info.generation_count || !info.cy_count))
		err = -EPROTO;
	return say(member, "host-get", err);
}

int act_talk(struct member *member)
{
	uint8_t msg[9] = { APP_ECHO }, answer[16];
	unsigned int round = atomic_load(&member->rounds);
	struct pollfd pfd = { .events = POLLIN };
	int flags, ready = 0;
	ssize_t got;
	time_t end;

	if (member->fd < 0)
		member->fd = rig_open_node(member->rig->dev, O_RDWR);
	if (member->fd < 0)
		return say(member, "open", member->fd);
	/* In turn the exchange is the caller's own and that of a work item. */
	flags = round % 2 ? O_NONBLOCK : 0;
	if (fcntl(member->fd, F_SETFL, flags))
		return say(member, "fcntl", -errno);
	memcpy(msg + 1, &round, sizeof(round));
	memcpy(msg + 5, &member->fd, sizeof(member->fd));
	if (write(member->fd, msg, sizeof(msg)) != sizeof(msg))
		return say(member, "write", -errno);
	/* Not asleep meanwhile: the answer must meet somebody who looks for it. */
	pfd.fd = member->fd;
	for (end = time(NULL) + RIG_PATIENCE_MS / 1000; !ready && time(NULL) < end; )
		ready = poll(&pfd, 1, 0);
	if (ready != 1)
		return say(member, "poll", -ETIME);
	got = read(member->fd, answer, sizeof(answer));
	if (got < 0)
		return say(member, "read", errno == EBUSY || errno == ENOKEY ? 0 : -errno);
	if (got != sizeof(msg) - 1 || memcmp(answer, msg + 1, got))
		return say(member, "somebody else's echo", -EPROTO);
	return 0;
}

static int operate(struct member *member, rig_op run)
{
	struct smpair_outcome out;
	uint64_t op;
	int err;

	err = run(member->client, member->rig->dev, &op);
	if (err)
		return err == -EBUSY ? 0 : err;
	err = smpair_op_wait(member->client, op, RIG_PATIENCE_MS, &out);
	if (!err && (out.op != op || out.dev_id != member->rig->dev))
		err = -EPROTO;
	return err;
}

int act_operate(struct member *member)
{
	int err;

	err = operate(member, smpair_op_open);
	if (err)
		return say(member, "open", err);
	err = smpair_pair_cancel(member->client, member->rig->dev);
	if (err && err != -ENOENT)
		return say(member, "cancel", err);
	return say(member, "close", operate(member, smpair_op_close));
}

int act_be_agent(struct member *member)
{
	unsigned int priority = atomic_load(&member->rounds) % 3;
	struct smpair_client *client;
	struct smpair_agent_info info;
	struct smpair_request request;
	int err;

	err = smpair_client_open(&client);
	if (err)
		return say(member, "socket", err);
	smpair_client_set_timeout(client, RIG_PATIENCE_MS);
	err = smpair_agent_register(client, priority);
	if (!err)
		err = smpair_agent_get(client, &info);
	if (!err && (info.priority != priority || info.highest < priority))
		err = -EPROTO;
	say(member, "agent", err);
	if (!err && smpair_request_accept(client, &request) != -ENOENT)
		err = say(member, "a request for somebody else", -EPROTO);
	smpair_client_close(client);
	return err;
}

int act_tune(struct member *member)
{
	unsigned int commands = 2 + atomic_load(&member->rounds) % 4;

	return say(member, "rekey_commands", setting_write_number(ACT_REKEY_PARAM, commands));
}

int act_chatter(struct member *member)
{
	static const struct smpair_virt_event head = { .type = SMPAIR_VIRT_RESPONSE, .len = 2 };
	struct pollfd pfd = { .fd = member->rig->mod.fd, .events = POLLIN | POLLOUT };
	uint8_t answer[sizeof(head) + 2] = { 0 };

	if (poll(&pfd, 1, 0) != 1 || !(pfd.revents & POLLOUT))
		return say(member, "poll of the link", -EPROTO);
	memcpy(answer, &head, sizeof(head));
	if (write(pfd.fd, answer, sizeof(answer)) != sizeof(answer))
		return say(member, "answer to the link", -errno);
	return 0;
}
