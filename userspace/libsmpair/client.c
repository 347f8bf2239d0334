// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Sockets, the exchange of one command, and its way into the queue of outcomes.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

#include "client.h"
#include "deadline.h"

#ifndef SOL_NETLINK
#define SOL_NETLINK	270
#endif

#define DEFAULT_TIMEOUT_MS	5000

/* A dump fills messages of at most 32 KiB. */
#define RECEIVE_SIZE		65536

/* An error of libnl as a negative errno. */
int smpair_nl_errno(int nlerr)
{
	switch (-nlerr) {
	case NLE_OBJ_NOTFOUND:
		return -EPFNOSUPPORT;
	case NLE_AF_NOSUPPORT:
	case NLE_PROTO_MISMATCH:
		return -EPROTONOSUPPORT;
	case NLE_PERM:
	case NLE_NOACCESS:
		return -EPERM;
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_AGAIN:
		return -ETIMEDOUT;
	default:
		return -EIO;
	}
}

/* A socket with the kernel's extended errors on it. */
int smpair_sock_open(struct nl_sock **sock)
{
	struct timeval limit = { .tv_sec = DEFAULT_TIMEOUT_MS / 1000 };
	int err, fd, one = 1;

	*sock = nl_socket_alloc();
	if (!*sock)
		return -ENOMEM;
	err = genl_connect(*sock);
	if (err) {
		nl_socket_free(*sock);
		*sock = NULL;
		return smpair_nl_errno(err);
	}
	fd = nl_socket_get_fd(*sock);
	/* An older kernel without these answers in fewer words. */
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	/* libnl blocks where it reads by itself, which is in resolve() only. */
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return 0;
}

/*
 * On a socket of its own, so that libnl does not swallow what arrives for the
 * operations of a client.
 */
int smpair_family_resolve(struct smpair_family *family)
{
	struct nl_sock *sock;
	int err, id;

	err = smpair_sock_open(&sock);
	if (err)
		return err;
	id = genl_ctrl_resolve(sock, SMPAIR_FAMILY_NAME);
	if (id < 0) {
		err = smpair_nl_errno(id);
		goto out;
	}
	family->id = (uint16_t)id;
	family->monitor = genl_ctrl_resolve_grp(sock, SMPAIR_FAMILY_NAME,
						SMPAIR_MCGRP_MONITOR);
	family->agents = genl_ctrl_resolve_grp(sock, SMPAIR_FAMILY_NAME,
					       SMPAIR_MCGRP_AGENTS);
	if (family->monitor < 0 || family->agents < 0)
		err = -EPFNOSUPPORT;
out:
	nl_socket_free(sock);
	return err;
}

/*
 * Receives one datagram from the kernel and hands over its messages; those of
 * anybody else are dropped. Returns 0, what @fn returned, -ETIMEDOUT, -ENOBUFS
 * after an overrun, -EBADMSG where a length in it is a lie.
 */
int smpair_sock_receive(struct nl_sock *sock, int64_t deadline, smpair_message_fn fn, void *arg)
{
	struct pollfd pfd = { .fd = nl_socket_get_fd(sock), .events = POLLIN };
	struct sockaddr_nl from = { 0 };
	socklen_t from_len = sizeof(from);
	const struct nlmsghdr *nlh;
	uint8_t *buf;
	ssize_t len;
	int err, rem;

	err = poll(&pfd, 1, smpair_left(deadline));
	if (err < 0)
		return errno == EINTR ? 0 : -errno;
	if (!err)
		return -ETIMEDOUT;

	buf = malloc(RECEIVE_SIZE);
	if (!buf)
		return -ENOMEM;
	len = recvfrom(pfd.fd, buf, RECEIVE_SIZE, MSG_DONTWAIT | MSG_TRUNC,
		       (struct sockaddr *)&from, &from_len);
	if (len < 0) {
		err = errno == EAGAIN || errno == EINTR ? 0 : -errno;
		goto out;
	}
	err = 0;
	if (from.nl_family != AF_NETLINK || from.nl_pid)
		goto out;
	err = -EBADMSG;
	if (len > RECEIVE_SIZE)
		goto out;

	nlh = (const struct nlmsghdr *)buf;
	for (rem = (int)len, err = 0; !err && nlmsg_ok(nlh, rem);
	     nlh = nlmsg_next((struct nlmsghdr *)nlh, &rem))
		err = fn(nlh, arg);
	if (!err && rem > 0)
		err = -EBADMSG;
out:
	free(buf);
	return err;
}

/*
 * A message to the family, with room for the longest management command.
 */
struct nl_msg *smpair_request_new(struct smpair_client *client, uint8_t cmd)
{
	struct nl_msg *msg = nlmsg_alloc_size(2 * SMPAIR_MANAGE_MAX);

	if (!msg)
		return NULL;
	if (!genlmsg_put(msg, NL_AUTO_PORT, 0, client->family.id, 0, 0, cmd,
			 SMPAIR_FAMILY_VERSION)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

struct exchange {
	struct smpair_client *client;
	smpair_reply_fn fn;
	void *arg;
	uint32_t seq;		/* 0: only what comes by itself */
	bool done;
	bool interrupted;
	int err;
};

static int keep_unasked(struct smpair_client *client, const struct nlmsghdr *nlh)
{
	struct smpair_outcome outcome;
	struct smpair_attrs attrs;
	uint8_t cmd;
	int err;

	err = smpair_parse_genl(nlh, &cmd, &attrs);
	if (err)
		return err;

	switch (cmd) {
	case SMPAIR_CMD_REQ_READY:
		client->request_ready = true;
		return 0;
	case SMPAIR_CMD_OP_DONE:
		err = smpair_parse_op(&attrs, &outcome);
		if (err)
			return err;
		/* Whoever never waits for his outcomes loses the oldest. */
		if (client->outcome_count == OUTCOMES_MAX)
			memmove(&client->outcomes[0], &client->outcomes[1],
				sizeof(outcome) * --client->outcome_count);
		client->outcomes[client->outcome_count++] = outcome;
		return 0;
	default:
		return 0;
	}
}

static int take_message(const struct nlmsghdr *nlh, void *arg)
{
	struct exchange *x = arg;
	struct smpair_attrs attrs;
	uint8_t cmd;
	int err;

	if (!nlh->nlmsg_seq)
		return nlh->nlmsg_type == x->client->family.id ?
		       keep_unasked(x->client, nlh) : 0;
	/* Anything else answers a command that ran into its deadline. */
	if (nlh->nlmsg_seq != x->seq || x->done)
		return 0;
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		x->interrupted = true;

	if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE) {
		x->err = smpair_parse_ack(nlh, x->client->extack);
		x->done = true;
		return 0;
	}
	if (nlh->nlmsg_type != x->client->family.id || !x->fn)
		return 0;
	err = smpair_parse_genl(nlh, &cmd, &attrs);
	return err ? err : x->fn(cmd, &attrs, x->arg);
}

/*
 * The kernel answers -ENOENT also where the family is gone; a driver that was
 * unloaded, or loaded again under another number, deserves an error of its own.
 */
static int explain_enoent(struct smpair_client *client)
{
	struct smpair_family now = { 0 };
	int err;

	if (client->extack[0])
		return -ENOENT;
	err = smpair_family_resolve(&now);
	if (err)
		return err;
	return now.id == client->family.id ? -ENOENT : -ECONNRESET;
}

/*
 * An exchange that failed may have left parts of its answer in the socket. They
 * would take the room that the next answer needs, for ever in the case of dumps:
 * the kernel goes on with one when the former part is read.
 */
static int drain(struct smpair_client *client)
{
	struct exchange x = { .client = client };
	int err;

	do {
		err = smpair_sock_receive(client->sock, smpair_deadline(0), take_message, &x);
	} while (!err);
	return err == -ETIMEDOUT ? 0 : err;
}

/*
 * Sends @msg, which is consumed, and waits for all of the answer. Returns 0 or
 * a negative errno; -EINTR where a dump was disturbed by a change and has to be
 * repeated.
 */
int smpair_transact(struct smpair_client *client, struct nl_msg *msg, int flags,
		    smpair_reply_fn fn, void *arg)
{
	struct exchange x = { .client = client, .fn = fn, .arg = arg };
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int64_t deadline = smpair_deadline(client->timeout_ms);
	struct nlmsghdr *nlh;
	ssize_t sent;
	int err;

	client->extack[0] = '\0';
	if (!msg)
		return -ENOMEM;
	err = drain(client);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	/* Sequence number 0 marks what the driver sends by itself. */
	if (!++client->seq)
		client->seq = 1;
	x.seq = client->seq;

	nlh = nlmsg_hdr(msg);
	nlh->nlmsg_pid = nl_socket_get_local_port(client->sock);
	nlh->nlmsg_seq = x.seq;
	nlh->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
	do {
		sent = sendto(nl_socket_get_fd(client->sock), nlh, nlh->nlmsg_len, 0,
			      (struct sockaddr *)&kernel, sizeof(kernel));
	} while (sent < 0 && errno == EINTR);
	if (sent < 0)
		err = -errno;
	nlmsg_free(msg);

	while (!err && !x.done)
		err = smpair_sock_receive(client->sock, deadline, take_message, &x);
	if (!err)
		err = x.err;
	if (!err && x.interrupted)
		err = -EINTR;
	return err == -ENOENT ? explain_enoent(client) : err;
}

/* Keeps what the driver sent by itself. */
int smpair_client_receive(struct smpair_client *client, int64_t deadline)
{
	struct exchange x = { .client = client };

	return smpair_sock_receive(client->sock, deadline, take_message, &x);
}

/**
 * smpair_client_open() - Connect to the driver.
 * @client: Receives the client; end it with smpair_client_close().
 *
 * Return: 0, -EPFNOSUPPORT where the driver is not loaded, -EPROTONOSUPPORT
 * where the kernel has no generic netlink, -ENOMEM, -EPERM.
 */
int smpair_client_open(struct smpair_client **client)
{
	struct smpair_client *c;
	int err;

	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->timeout_ms = DEFAULT_TIMEOUT_MS;
	err = smpair_family_resolve(&c->family);
	if (!err)
		err = smpair_sock_open(&c->sock);
	if (err) {
		free(c);
		return err;
	}
	*client = c;
	return 0;
}

/**
 * smpair_client_close() - Disconnect.
 * @client: From smpair_client_open(), or NULL.
 *
 * Withdraws what this client offered as an agent, and gives back the request
 * that it accepted.
 */
void smpair_client_close(struct smpair_client *client)
{
	if (!client)
		return;
	smpair_events_free(client->events);
	nl_socket_free(client->sock);
	free(client);
}

/**
 * smpair_client_set_timeout() - Bound the wait for the driver's own answers.
 * @client: From smpair_client_open().
 * @timeout_ms: Milliseconds; 5000 unless set.
 *
 * The driver answers commands at once; this is no time for the module or for
 * people, who answer by smpair_op_wait().
 */
void smpair_client_set_timeout(struct smpair_client *client, unsigned int timeout_ms)
{
	client->timeout_ms = timeout_ms;
}

/**
 * smpair_client_extack() - The driver's own words about the last error.
 * @client: From smpair_client_open().
 *
 * Return: One line of printable ASCII, valid until the next call with
 * @client, or NULL where the driver said nothing.
 */
const char *smpair_client_extack(const struct smpair_client *client)
{
	return client->extack[0] ? client->extack : NULL;
}

/**
 * smpair_client_fd() - Descriptor to poll for outcomes and requests.
 * @client: From smpair_client_open().
 *
 * Only for poll(2). Where it is readable, smpair_op_wait() with a timeout of 0
 * does not miss what arrived.
 *
 * Return: The descriptor, owned by the client.
 */
int smpair_client_fd(const struct smpair_client *client)
{
	return nl_socket_get_fd(client->sock);
}
