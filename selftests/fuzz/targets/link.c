// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The software module's framings: vpcd's stream in any pieces against a decoder
 * that sees it whole, the virtual link's events, and addresses.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/smpair_virt.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "input.h"
#include "softmod/link/link.h"

#define STREAM_MAX	4096

static struct link lnk;
static int listener = -1;
static struct sockaddr_in reader;

int __real_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		       struct addrinfo **list);
int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		       struct addrinfo **list);
int __real_connect(int fd, const struct sockaddr *addr, socklen_t len);
int __wrap_connect(int fd, const struct sockaddr *addr, socklen_t len);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);
int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

static time_t later;	/* seconds that the clock is ahead, so that nobody waits */

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	int ret = __real_clock_gettime(clock, now);

	now->tv_sec += later;
	return ret;
}

/* An address is whatever the input says: no name is looked up, nobody is called. */
int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		       struct addrinfo **list)
{
	struct addrinfo numeric = *hints;

	WANT(*node && *service && strlen(node) < 256);
	numeric.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
	return __real_getaddrinfo(node, service, &numeric, list);
}

int __wrap_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	(void)addr;
	(void)len;
	if (addr->sa_family == AF_INET &&
	    ((const struct sockaddr_in *)addr)->sin_port == reader.sin_port)
		return __real_connect(fd, (struct sockaddr *)&reader, sizeof(reader));
	errno = ECONNREFUSED;
	return -1;
}

static void listen_here(void)
{
	socklen_t len = sizeof(reader);

	reader.sin_family = AF_INET;
	reader.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	WANT(!bind(listener, (struct sockaddr *)&reader, sizeof(reader)) &&
	     !listen(listener, 8) && !getsockname(listener, (struct sockaddr *)&reader, &len));
}

static void connect_pair(const char *kind, int type, int *peer)
{
	int fds[2], size = 1 << 18;

	WANT(!link_init(&lnk, kind));
	WANT(!socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds));
	setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	lnk.fd = fds[0];
	*peer = fds[1];
}

/* What the stream says, read whole: the next event that is one */
static int next_event(const uint8_t *stream, size_t len, size_t *at, const uint8_t **cmd,
		      size_t *cmd_len)
{
	static const int controls[] = { LINK_POWER_OFF, LINK_POWER_ON, LINK_RESET, -1,
					LINK_ASK_ATR };
	const uint8_t *payload;
	size_t n;

	while (*at + 2 <= len) {
		n = (size_t)stream[*at] << 8 | stream[*at + 1];
		payload = stream + *at + 2;
		if (*at + 2 + n > len)
			return LINK_NOTHING;
		*at += 2 + n;
		if (n > 1) {
			*cmd = payload;
			*cmd_len = n;
			return LINK_COMMAND;
		}
		if (n == 1 && *payload < 5 && controls[*payload] >= 0)
			return controls[*payload];
	}
	return LINK_NOTHING;
}

static void drain(const uint8_t *stream, size_t len, size_t *at)
{
	const uint8_t *cmd = NULL, *want_cmd = NULL;
	size_t cmd_len = 0, want_len = 0;
	int event, want, unread = 0;

	for (;;) {
		event = lnk.ops->receive(&lnk, &cmd, &cmd_len);
		WANT(event >= 0);
		if (event == LINK_NOTHING) {
			/* Or a message without meaning, and more behind it */
			WANT(!ioctl(lnk.fd, FIONREAD, &unread));
			if (!unread)
				break;
			continue;
		}
		want = next_event(stream, len, at, &want_cmd, &want_len);
		WANT(event == want);
		if (event == LINK_COMMAND)
			WANT(cmd_len == want_len && !memcmp(cmd, want_cmd, cmd_len));
	}
	WANT(next_event(stream, len, at, &want_cmd, &want_len) == LINK_NOTHING);
}

static void vpcd_stream(struct input *in)
{
	uint8_t stream[STREAM_MAX], *back;
	size_t len = 0, sent = 0, at = 0, piece, got;
	unsigned int messages = take8(in) % 12;
	const uint8_t *cmd;
	int peer;

	while (messages-- && len + 2 < sizeof(stream)) {
		size_t n = take_length(in, sizeof(stream) - len - 2);

		stream[len++] = (uint8_t)(n >> 8);
		stream[len++] = (uint8_t)n;
		take(in, stream + len, n);
		len += n;
	}
	if (take8(in) & 1) {
		/* One that never ends */
		piece = take16(in);
		if (len + 2 < sizeof(stream)) {
			stream[len++] = (uint8_t)(piece >> 8);
			stream[len++] = (uint8_t)piece;
		}
	}

	connect_pair("vpcd", SOCK_STREAM, &peer);
	while (sent < len) {
		piece = 1 + take8(in);
		if (piece > len - sent)
			piece = len - sent;
		WANT(write(peer, stream + sent, piece) == (ssize_t)piece);
		sent += piece;
		drain(stream, sent, &at);
	}

	/* Answers come out framed, or not at all. */
	got = take_length(in, 2000);
	back = malloc(got + 2);
	take(in, stream, got < sizeof(stream) ? got : sizeof(stream));
	WANT(!lnk.ops->send(&lnk, stream, got));
	WANT(read(peer, back, got + 2) == (ssize_t)(got + 2));
	WANT(back[0] == got >> 8 && back[1] == (got & 0xff) && !memcmp(back + 2, stream, got));
	free(back);
	WANT(lnk.ops->send(&lnk, stream, 65536) == -EMSGSIZE);

	close(peer);
	WANT(lnk.ops->receive(&lnk, &cmd, &got) == -ENODEV);
	WANT(lnk.ops->send(&lnk, stream, 1) == -EPIPE);
	lnk.ops->remove(&lnk);
	WANT(lnk.fd == -1);
}

static int slow = -1;	/* the reader's end; -1: it never reads */
static size_t slow_got;

static void slow_read(int fd)
{
	uint8_t sink[8192];
	ssize_t n;

	while ((n = read(fd, sink, sizeof(sink))) > 0)
		slow_got += (size_t)n;
}

/* Whoever waits until there is room waits for the reader, or long enough. */
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	WANT(count == 1 && fds->events == POLLOUT && timeout > 0);
	if (slow < 0)
		return 0;
	slow_read(slow);
	fds->revents = POLLOUT;
	return 1;
}

/* The longest answer into a reader that is gone, reads late, or never does */
static void vpcd_reader_is_slow(struct input *in)
{
	static uint8_t big[65535];
	int size = 4096, peer;

	connect_pair("vpcd", SOCK_STREAM, &peer);
	setsockopt(lnk.fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	slow_got = 0;
	switch (take8(in) & 3) {
	case 0:
		WANT(!lnk.ops->send(&lnk, big, 1000));
		slow_read(peer);
		WANT(slow_got == 1002);
		break;
	case 2:
		slow = peer;
		WANT(!lnk.ops->send(&lnk, big, sizeof(big)));
		slow = -1;
		slow_read(peer);
		WANT(slow_got == 2 + sizeof(big));
		break;
	case 3:
		WANT(lnk.ops->send(&lnk, big, sizeof(big)) == -ETIMEDOUT);
		break;
	default:
		WANT(!close(peer) && lnk.ops->send(&lnk, big, sizeof(big)) == -EPIPE);
		peer = -1;
		break;
	}
	if (peer >= 0)
		close(peer);
	lnk.ops->remove(&lnk);
}

static void virt_events(struct input *in)
{
	unsigned int events = take8(in) % 8;
	struct smpair_virt_event head, back;
	static uint8_t big[SMPAIR_VIRT_DATA_MAX + 1];
	uint8_t datagram[1024];
	const uint8_t *cmd = NULL;
	size_t len, cmd_len = 0;
	int peer, event;

	connect_pair("virt", SOCK_SEQPACKET, &peer);
	while (events--) {
		uint8_t how = take8(in);

		memset(&head, 0, sizeof(head));
		head.type = how & 1 ? SMPAIR_VIRT_COMMAND : SMPAIR_VIRT_RESET;
		head.id = take32(in);
		len = how & 2 ? take_length(in, sizeof(datagram) - sizeof(head)) : 0;
		head.len = (uint32_t)len;
		if (how & 4)
			head.len = take32(in);
		if (how & 8)
			head.type = take32(in);
		memcpy(datagram, &head, sizeof(head));
		take(in, datagram + sizeof(head), len);
		len += sizeof(head);
		if (how & 16)
			len = 1 + take8(in) % sizeof(head);
		WANT(write(peer, datagram, len) == (ssize_t)len);

		event = lnk.ops->receive(&lnk, &cmd, &cmd_len);
		if (len < sizeof(head) || head.len != len - sizeof(head))
			WANT(event == -EPROTO);
		else if (head.type == SMPAIR_VIRT_COMMAND)
			WANT(event == LINK_COMMAND && cmd_len == head.len &&
			     !memcmp(cmd, datagram + sizeof(head), cmd_len));
		else if (head.type == SMPAIR_VIRT_RESET)
			WANT(event == (head.len ? -EPROTO : LINK_RESET));
		else
			WANT(event == LINK_NOTHING);
		WANT(lnk.ops->receive(&lnk, &cmd, &cmd_len) == LINK_NOTHING);
		if (event < 0)
			continue;

		len = take8(in);
		WANT(!lnk.ops->send(&lnk, big, len));
		WANT(read(peer, datagram, sizeof(datagram)) == (ssize_t)(sizeof(back) + len));
		memcpy(&back, datagram, sizeof(back));
		WANT(back.type == SMPAIR_VIRT_RESPONSE && back.id == head.id && back.len == len);
	}
	WANT(lnk.ops->send(&lnk, big, sizeof(big)) == -EMSGSIZE);
	close(peer);
	WANT(lnk.ops->receive(&lnk, &cmd, &cmd_len) == -ENODEV);
	lnk.ops->remove(&lnk);
}

/* Orders of faults, and what passes under them */
static void faults(struct input *in)
{
	static const char *const kinds[] = { "drop", "delay", "duplicate", "corrupt", "truncate",
					     "length", "lc", "le", "more" };
	struct smpair_virt_event head = { .type = SMPAIR_VIRT_COMMAND };
	uint8_t how = take8(in), datagram[600], sink[1024];
	unsigned int events = 1 + take8(in) % 4, i;
	const uint8_t *cmd = NULL;
	char order[64] = "";
	const char *wrong;
	size_t len;
	int peer, event, err;

	connect_pair("virt", SOCK_SEQPACKET, &peer);
	if (how & 1)
		take(in, order, sizeof(order) - 1);
	else
		snprintf(order, sizeof(order), how & 2 ? "%s %s %u %d" : "%s %s %u %d %u",
			 kinds[take8(in) % 9], how & 4 ? "command" : "answer",
			 take8(in) % 3, (int8_t)take8(in), take8(in));
	wrong = fault_arm(&lnk.fault, order);
	WANT(wrong ? *wrong && lnk.fault.kind == FAULT_NONE : lnk.fault.kind != FAULT_NONE);
	while (events--) {
		len = take_length(in, sizeof(datagram) - sizeof(head));
		head.len = (uint32_t)len;
		head.id++;
		memcpy(datagram, &head, sizeof(head));
		take(in, datagram + sizeof(head), len);
		WANT(write(peer, datagram, sizeof(head) + len) >= 0);
		for (i = 0; i < 4; i++) {
			/* Two looks at what is held back, and it is due at the third. */
			later += i == 2 ? 1 + FAULT_DELAY_MAX_MS / 1000 : 0;
			event = link_receive(&lnk, &cmd, &len);
			WANT(event >= 0 && link_wait_ms(&lnk) >= -1);
			if (event != LINK_COMMAND)
				continue;
			WANT(len <= sizeof(datagram) + 16);
			free(memcpy(malloc(len + 1), cmd, len));
			len = take8(in);
			memset(sink, 0, sizeof(sink));
			err = lnk.ops->send(&lnk, sink, len);
			WANT(err <= 0);
		}
		while (read(peer, sink, sizeof(sink)) >= 0)
			;
	}
	close(peer);
	link_remove(&lnk);
	later = 0;
	WANT(lnk.fd == -1 && link_wait_ms(&lnk) == -1);
}

static void address(struct input *in)
{
	static const uint8_t atr[40] = { 0x3b };
	char text[300] = "";
	uint8_t how = take8(in);
	size_t len = 0;
	int err;

	if (how & 1)
		len = (size_t)snprintf(text, sizeof(text), how & 2 ? "vpcd:" : "virt:/dev/");
	if (how & 4)
		len = (size_t)snprintf(text, sizeof(text), how & 8 ? "vpcd:127.0.0.1:%u" :
				       "vpcd:[127.0.0.1]:%u", ntohs(reader.sin_port));
	take(in, text + len, in->left < sizeof(text) - len - 1 ? in->left : sizeof(text) - len - 1);
	if (link_init(&lnk, text)) {
		WANT(strncmp(text, "vpcd:", 5) || !text[5]);
		return;
	}
	/* Only what cannot be a device of this machine is opened. */
	if (lnk.ops == &virt_link) {
		lnk.address = how & 16 ? "/dev/null" : "/dev/null/nothing";
		err = link_insert(&lnk, atr, how & 32 ? sizeof(atr) : 14);
	} else {
		err = link_insert(&lnk, atr, 14);
		if (!err)
			close(accept(listener, NULL, NULL));
	}
	WANT((err < 0) == (lnk.fd < 0));
	lnk.ops->remove(&lnk);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };

	if (listener < 0)
		listen_here();
	switch (take8(&in) % 8) {
	case 0:
		address(&in);
		break;
	case 1:
		vpcd_reader_is_slow(&in);
		break;
	case 2:
		virt_events(&in);
		break;
	case 3:
		faults(&in);
		break;
	default:
		vpcd_stream(&in);
		break;
	}
	return 0;
}
