// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The virtual reader of pcscd, vpcd: messages of u16 length and payload over a
 * stream. One byte of payload is a control code, more are a command.
 *
 * vpcd may send length and payload in two segments and without TCP_NODELAY.
 * Its kernel then holds the second one back until the first is acknowledged,
 * and receivers delay that by 40 ms. TCP_QUICKACK avoids that,
 * but the kernel forgets it: it is set again before each read.
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "softmod/link/link.h"

#define DEFAULT_HOST	"localhost"
#define DEFAULT_PORT	"35963"
#define MESSAGE_MAX	65535
#define SEND_TIMEOUT_MS	5000

enum control {
	CTRL_OFF = 0,
	CTRL_ON = 1,
	CTRL_RESET = 2,
	CTRL_ATR = 4,
};

static int connect_to(const char *host, const char *service)
{
	const struct addrinfo hints = {
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_ADDRCONFIG,
	};
	struct addrinfo *list, *ai;
	int fd = -1;
	int err = -EHOSTUNREACH;
	const int on = 1;

	if (getaddrinfo(host, service, &hints, &list))
		return err;
	for (ai = list; ai; ai = ai->ai_next) {
		fd = socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC,
			    ai->ai_protocol);
		if (fd < 0) {
			err = -errno;
			continue;
		}
		if (!connect(fd, ai->ai_addr, ai->ai_addrlen))
			break;
		err = -errno;
		close(fd);
		fd = -1;
	}
	freeaddrinfo(list);
	if (fd < 0)
		return err;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (fcntl(fd, F_SETFL, O_NONBLOCK)) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

/* HOST, HOST:PORT or [HOST]:PORT */
static int vpcd_insert(struct link *link, const uint8_t *atr, size_t len)
{
	const char *address = link->address ? link->address : DEFAULT_HOST;
	const char *service = DEFAULT_PORT;
	const char *end = address + strlen(address);
	const char *colon = strrchr(address, ':');
	char host[256];

	(void)atr;
	(void)len;
	if (*address == '[') {
		end = strchr(++address, ']');
		if (!end || (end[1] && end[1] != ':'))
			return -EINVAL;
		if (end[1])
			service = end + 2;
	} else if (colon && strchr(address, ':') == colon) {
		end = colon;
		service = colon + 1;
	}
	if (end == address || !*service ||
	    (size_t)(end - address) >= sizeof(host))
		return -EINVAL;
	memcpy(host, address, (size_t)(end - address));
	host[end - address] = 0;

	link->have = 0;
	link->done = 0;
	link->fd = connect_to(host, service);
	return link->fd < 0 ? link->fd : 0;
}

static int decode(struct link *link, size_t len, const uint8_t **cmd,
		  size_t *cmd_len)
{
	if (len == 0)
		return LINK_NOTHING;
	if (len > 1) {
		*cmd = link->in + 2;
		*cmd_len = len;
		return LINK_COMMAND;
	}
	switch (link->in[2]) {
	case CTRL_OFF:
		return LINK_POWER_OFF;
	case CTRL_ON:
		return LINK_POWER_ON;
	case CTRL_RESET:
		return LINK_RESET;
	case CTRL_ATR:
		return LINK_ASK_ATR;
	default:
		return LINK_NOTHING;
	}
}

/* Reads no further than the message under way, so that nothing is left behind
 * that poll() does not see.
 */
static int vpcd_receive(struct link *link, const uint8_t **cmd, size_t *len)
{
	const int on = 1;
	size_t want;
	ssize_t n;

	if (link->done) {
		explicit_bzero(link->in, link->done);
		link->have = 0;
		link->done = 0;
	}
	for (;;) {
		want = 2;
		if (link->have >= 2)
			want += (size_t)link->in[0] << 8 | link->in[1];
		if (link->have >= 2 && link->have == want)
			break;
		setsockopt(link->fd, IPPROTO_TCP, TCP_QUICKACK, &on,
			   sizeof(on));
		n = recv(link->fd, link->in + link->have, want - link->have,
			 MSG_DONTWAIT);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ?
			       LINK_NOTHING : -errno;
		if (n == 0)
			return -ENODEV;
		link->have += (size_t)n;
	}
	link->done = want;
	return decode(link, want - 2, cmd, len);
}

static int vpcd_send(struct link *link, const uint8_t *rsp, size_t len)
{
	if (len > MESSAGE_MAX)
		return -EMSGSIZE;
	memcpy(link->out + 2, rsp, len);
	return link_put(link, 2, len);
}

static void vpcd_put_length(struct link *link, size_t len)
{
	link->out[0] = (uint8_t)(len >> 8);
	link->out[1] = (uint8_t)len;
}

static int vpcd_write(struct link *link, size_t len)
{
	size_t sent = 0;
	int err = 0;

	while (!err && sent < len) {
		struct pollfd pfd = { .fd = link->fd, .events = POLLOUT };
		ssize_t n = send(link->fd, link->out + sent, len - sent,
				 MSG_NOSIGNAL);

		if (n >= 0)
			sent += (size_t)n;
		else if (errno == EAGAIN)
			err = poll(&pfd, 1, SEND_TIMEOUT_MS) == 0 ?
			      -ETIMEDOUT : 0;
		else if (errno != EINTR)
			err = -errno;
	}
	return err;
}

static void vpcd_remove(struct link *link)
{
	if (link->fd >= 0)
		close(link->fd);
	link->fd = -1;
	explicit_bzero(link->in, sizeof(link->in));
}

const struct link_ops vpcd_link = {
	.name = "vpcd",
	.insert = vpcd_insert,
	.receive = vpcd_receive,
	.send = vpcd_send,
	.send_atr = vpcd_send,
	.put_length = vpcd_put_length,
	.write = vpcd_write,
	.remove = vpcd_remove,
	.reader_power = true,
	/* A whole message, header and status word included, is 65535 bytes */
	.maxc = MESSAGE_MAX - 9,
	.maxr = MESSAGE_MAX - 2,
};
