// SPDX-License-Identifier: GPL-2.0
#include "rawgenl.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <linux/smpair.h>

#define TALK_TIMEOUT_MS 30000

static const struct nlattr *attr_find(const uint8_t *data, size_t len, uint16_t type)
{
	while (len >= NLA_HDRLEN) {
		const struct nlattr *a = (const void *)data;
		size_t step = NLA_ALIGN(a->nla_len);

		if (a->nla_len < NLA_HDRLEN || a->nla_len > len)
			break;
		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return a;
		if (step > len)
			break;
		data += step;
		len -= step;
	}
	return NULL;
}

void raw_start(struct raw_sock *s, struct raw_msg *m, uint8_t cmd, uint16_t flags)
{
	struct nlmsghdr *nlh = (void *)m->data;
	struct genlmsghdr *genl = NLMSG_DATA(nlh);

	memset(m->data, 0, NLMSG_HDRLEN + GENL_HDRLEN);
	nlh->nlmsg_type = s->family;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	nlh->nlmsg_seq = ++s->seq;
	genl->cmd = cmd;
	genl->version = SMPAIR_FAMILY_VERSION;
	m->len = NLMSG_HDRLEN + GENL_HDRLEN;
}

void raw_put(struct raw_msg *m, uint16_t type, const void *data, uint16_t len)
{
	struct nlattr *a = (void *)(m->data + m->len);
	size_t step = NLA_ALIGN(NLA_HDRLEN + len);

	memset(a, 0, step);
	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	if (len)
		memcpy((uint8_t *)a + NLA_HDRLEN, data, len);
	m->len += step;
}

void raw_put_u32(struct raw_msg *m, uint16_t type, uint32_t value)
{
	raw_put(m, type, &value, sizeof(value));
}

void raw_put_u64(struct raw_msg *m, uint16_t type, uint64_t value)
{
	raw_put(m, type, &value, sizeof(value));
}

/* Takes one ack, or the end of a dump: its errno, and the text that explains it. */
static int take_ack(struct raw_sock *s, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = NLMSG_DATA(nlh);
	const struct nlattr *text;
	size_t skip = sizeof(err->error);

	if (nlh->nlmsg_len < NLMSG_HDRLEN + skip)
		return -EPROTO;
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return err->error;
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		skip = sizeof(*err);
		if (nlh->nlmsg_len < NLMSG_HDRLEN + skip)
			return -EPROTO;
		if (!(nlh->nlmsg_flags & NLM_F_CAPPED) && err->msg.nlmsg_len >= NLMSG_HDRLEN)
			skip += NLMSG_ALIGN(err->msg.nlmsg_len) - NLMSG_HDRLEN;
	}
	if (nlh->nlmsg_len < NLMSG_HDRLEN + skip)
		return err->error;
	text = attr_find((const uint8_t *)err + skip, nlh->nlmsg_len - NLMSG_HDRLEN - skip,
			 NLMSGERR_ATTR_MSG);
	if (text)
		snprintf(s->extack, sizeof(s->extack), "%.*s", text->nla_len - NLA_HDRLEN,
			 (const char *)text + NLA_HDRLEN);
	return err->error;
}

int raw_send(struct raw_sock *s, struct raw_msg *m)
{
	struct nlmsghdr *req = (void *)m->data;

	req->nlmsg_len = m->len;
	s->extack[0] = '\0';
	s->reply_len = 0;
	return send(s->fd, m->data, m->len, 0) < 0 ? -errno : 0;
}

/* Messages nobody asked for: an outcome, or that a request waits. */
static void note_event(struct raw_sock *s, const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = NLMSG_DATA(nlh);

	if (nlh->nlmsg_seq || nlh->nlmsg_type != s->family ||
	    nlh->nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN || genl->cmd >= 32)
		return;
	s->events |= 1U << genl->cmd;
	if (genl->cmd == SMPAIR_CMD_OP_DONE) {
		memcpy(s->done, nlh, nlh->nlmsg_len);
		s->done_len = nlh->nlmsg_len;
	}
}

/* One message; 1: it ends the exchange, with @err */
static int receive(struct raw_sock *s, int *err)
{
	struct pollfd pfd = { .fd = s->fd, .events = POLLIN };
	uint8_t buf[RAW_BUF];
	struct nlmsghdr *nlh = (void *)buf;
	ssize_t got;
	size_t left;

	if (poll(&pfd, 1, TALK_TIMEOUT_MS) <= 0)
		return -ETIME;
	got = recv(s->fd, buf, sizeof(buf), 0);
	if (got < 0)
		return -errno;
	for (left = got; NLMSG_OK(nlh, left); nlh = NLMSG_NEXT(nlh, left)) {
		if (nlh->nlmsg_seq != s->seq) {
			note_event(s, nlh);
			continue;
		}
		if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE) {
			*err = take_ack(s, nlh);
			return 1;
		}
		memcpy(s->reply, nlh, nlh->nlmsg_len);
		s->reply_len = nlh->nlmsg_len;
		s->replies++;
	}
	return 0;
}

int raw_wait(struct raw_sock *s)
{
	int err = 0, ret;

	do {
		ret = receive(s, &err);
	} while (!ret);
	return ret < 0 ? ret : err;
}

int raw_await(struct raw_sock *s, uint8_t cmd)
{
	int err = 0, ret = 0;

	while (ret >= 0 && !(s->events & 1U << cmd))
		ret = receive(s, &err);
	if (ret < 0)
		return ret;
	s->events &= ~(1U << cmd);
	return 0;
}

int raw_talk(struct raw_sock *s, struct raw_msg *m)
{
	int err = raw_send(s, m);

	return err ? err : raw_wait(s);
}

static const void *attr_of(const uint8_t *msg, size_t msg_len, uint16_t type, size_t *len)
{
	const size_t skip = NLMSG_HDRLEN + GENL_HDRLEN;
	const struct nlattr *a;

	if (msg_len < skip)
		return NULL;
	a = attr_find(msg + skip, msg_len - skip, type);
	if (!a)
		return NULL;
	if (len)
		*len = a->nla_len - NLA_HDRLEN;
	return (const uint8_t *)a + NLA_HDRLEN;
}

const void *raw_attr(const struct raw_sock *s, uint16_t type, size_t *len)
{
	return attr_of(s->reply, s->reply_len, type, len);
}

const void *raw_done_attr(const struct raw_sock *s, uint16_t type, size_t *len)
{
	return attr_of(s->done, s->done_len, type, len);
}

int raw_open(struct raw_sock *s)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK };
	struct raw_msg m;
	const uint16_t *id;
	int one = 1, err;

	memset(s, 0, sizeof(*s));
	s->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (s->fd < 0)
		return -errno;
	setsockopt(s->fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	if (bind(s->fd, (void *)&addr, sizeof(addr)) < 0) {
		err = -errno;
		goto close;
	}

	s->family = GENL_ID_CTRL;
	raw_start(s, &m, CTRL_CMD_GETFAMILY, 0);
	raw_put(&m, CTRL_ATTR_FAMILY_NAME, SMPAIR_FAMILY_NAME, sizeof(SMPAIR_FAMILY_NAME));
	err = raw_talk(s, &m);
	id = raw_attr(s, CTRL_ATTR_FAMILY_ID, NULL);
	if (!err && !id)
		err = -ENOENT;
	if (err)
		goto close;
	s->family = *id;
	return 0;

close:
	close(s->fd);
	s->fd = -1;
	return err;
}

void raw_close(struct raw_sock *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}
