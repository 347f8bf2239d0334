// SPDX-License-Identifier: GPL-2.0-or-later
/* Framing of the links, life of the card in a reader, control channel. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/smpair_virt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "softmod/capabilities.h"
#include "softmod/control.h"
#include "softmod/port/linux.h"
#include "softmod/tests/testport.h"

static const uint8_t atr[] = { 0x3b, 0x80, 0x01, 0x81 };
static struct link lnk;
static int peer = -1;

static void connect_pair(const char *kind, int type)
{
	int fds[2];

	assert_int_equal(link_init(&lnk, kind), 0);
	assert_int_equal(socketpair(AF_UNIX, type, 0, fds), 0);
	lnk.fd = fds[0];
	peer = fds[1];
	assert_int_equal(fcntl(lnk.fd, F_SETFL, O_NONBLOCK), 0);
}

static void disconnect(void)
{
	lnk.ops->remove(&lnk);
	assert_int_equal(lnk.fd, -1);
	if (peer >= 0)
		close(peer);
	peer = -1;
}

static void put(const void *p, size_t len)
{
	assert_int_equal(write(peer, p, len), len);
}

static int event(const uint8_t **cmd, size_t *len)
{
	return lnk.ops->receive(&lnk, cmd, len);
}

static void link_names_are_parsed(void **state)
{
	(void)state;
	assert_int_equal(link_init(&lnk, "virt"), 0);
	assert_ptr_equal(lnk.ops, &virt_link);
	assert_null(lnk.address);
	assert_int_equal(link_init(&lnk, "vpcd:host:1"), 0);
	assert_ptr_equal(lnk.ops, &vpcd_link);
	assert_string_equal(lnk.address, "host:1");
	assert_int_equal(link_init(&lnk, "virtual"), -EINVAL);
	assert_int_equal(link_init(&lnk, "virt:"), -EINVAL);
	assert_int_equal(link_init(&lnk, ""), -EINVAL);
}

/* ---- vpcd ---- */

static void vpcd_messages_arrive_in_any_pieces(void **state)
{
	static const uint8_t stream[] = {
		0, 1, 1,		/* power on */
		0, 1, 4,		/* answer-to-reset? */
		0, 5, 0x80, 0x10, 0, 0, 0,
		0, 0,			/* nothing */
		0, 1, 9,		/* no such control */
		0, 1, 2,		/* reset */
		0, 2, 0xaa, 0xbb,
		0, 1, 0,		/* power off */
	};
	static const struct {
		int event;
		size_t len;
	} want[] = {
		{ LINK_POWER_ON, 0 }, { LINK_ASK_ATR, 0 },
		{ LINK_COMMAND, 5 }, { LINK_RESET, 0 }, { LINK_COMMAND, 2 },
		{ LINK_POWER_OFF, 0 },
	};
	size_t piece;

	(void)state;
	for (piece = 1; piece <= sizeof(stream); piece++) {
		const uint8_t *cmd;
		size_t off, len, seen = 0;

		connect_pair("vpcd", SOCK_STREAM);
		for (off = 0; off < sizeof(stream); off += piece) {
			size_t n = sizeof(stream) - off;
			int tries;

			put(stream + off, n < piece ? n : piece);
			for (tries = 0; tries < 12; tries++) {
				int e = event(&cmd, &len);

				if (e == LINK_NOTHING)
					continue;
				assert_true(seen < 6);
				assert_int_equal(e, want[seen].event);
				if (e == LINK_COMMAND)
					assert_int_equal(len, want[seen].len);
				seen++;
			}
		}
		assert_int_equal(seen, 6);
		disconnect();
	}
}

static void vpcd_carries_the_longest_message(void **state)
{
	static uint8_t big[2 + 65535];
	const uint8_t *cmd;
	size_t len, sent = 0, got = 0;
	int e = LINK_NOTHING;

	(void)state;
	connect_pair("vpcd", SOCK_STREAM);
	big[0] = 0xff;
	big[1] = 0xff;
	big[sizeof(big) - 1] = 0x5a;
	assert_int_equal(fcntl(peer, F_SETFL, O_NONBLOCK), 0);
	while (e == LINK_NOTHING) {
		ssize_t n = write(peer, big + sent, sizeof(big) - sent);

		if (n > 0)
			sent += (size_t)n;
		e = event(&cmd, &len);
	}
	assert_int_equal(e, LINK_COMMAND);
	assert_int_equal(len, 65535);
	assert_int_equal(cmd[65534], 0x5a);

	assert_int_equal(vpcd_link.send(&lnk, big, 65536), -EMSGSIZE);
	assert_int_equal(vpcd_link.send(&lnk, big + 2, 65535), 0);
	while (got < sizeof(big)) {
		ssize_t n = read(peer, big + got, sizeof(big) - got);

		assert_true(n > 0);
		got += (size_t)n;
	}
	assert_int_equal(big[0], 0xff);
	assert_int_equal(big[1], 0xff);
	assert_int_equal(big[sizeof(big) - 1], 0x5a);
	disconnect();
}

static void vpcd_reader_that_leaves_is_noticed(void **state)
{
	const uint8_t *cmd;
	size_t len;

	(void)state;
	connect_pair("vpcd", SOCK_STREAM);
	put("\0\5\x80", 3);
	assert_int_equal(event(&cmd, &len), LINK_NOTHING);
	close(peer);
	peer = -1;
	assert_int_equal(event(&cmd, &len), -ENODEV);
	assert_true(vpcd_link.send(&lnk, atr, sizeof(atr)) < 0);
	disconnect();
}

static void vpcd_is_found_by_address(void **state)
{
	static const char *const bad[] = {
		"vpcd::1", "vpcd:host:", "vpcd:[::1", "vpcd:[::1]x",
	};
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t sin_len = sizeof(sin);
	char name[64];
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(link_init(&lnk, bad[i]), 0);
		assert_int_equal(vpcd_link.insert(&lnk, atr, sizeof(atr)),
				 -EINVAL);
	}

	fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &sin_len),
			 0);
	snprintf(name, sizeof(name), "vpcd:127.0.0.1:%u", ntohs(sin.sin_port));
	assert_int_equal(link_init(&lnk, name), 0);
	assert_int_equal(vpcd_link.insert(&lnk, atr, sizeof(atr)),
			 -ECONNREFUSED);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(vpcd_link.insert(&lnk, atr, sizeof(atr)), 0);
	peer = accept(fd, NULL, NULL);
	assert_true(peer >= 0);
	close(fd);
	disconnect();
}

/* ---- the virtual link ---- */

static void put_event(uint32_t type, uint64_t id, uint32_t len,
		      const void *payload, size_t payload_len)
{
	struct smpair_virt_event ev = { .type = type, .len = len, .id = id };
	uint8_t msg[128];

	memcpy(msg, &ev, sizeof(ev));
	if (payload_len)
		memcpy(msg + sizeof(ev), payload, payload_len);
	put(msg, sizeof(ev) + payload_len);
}

static void virt_events_are_decoded_and_answered(void **state)
{
	static const uint8_t apdu[] = { 0x80, 0x10, 0, 0, 0 };
	struct smpair_virt_event ev;
	uint8_t msg[128];
	const uint8_t *cmd;
	size_t len;

	(void)state;
	connect_pair("virt", SOCK_SEQPACKET);
	assert_int_equal(event(&cmd, &len), LINK_NOTHING);
	put_event(SMPAIR_VIRT_COMMAND, 0x123456789aULL, 5, apdu, 5);
	assert_int_equal(event(&cmd, &len), LINK_COMMAND);
	assert_int_equal(len, 5);
	assert_memory_equal(cmd, apdu, 5);
	assert_int_equal(virt_link.send(&lnk, (const uint8_t *)"\x90\0", 2),
			 0);
	assert_int_equal(read(peer, msg, sizeof(msg)), sizeof(ev) + 2);
	memcpy(&ev, msg, sizeof(ev));
	assert_int_equal(ev.type, SMPAIR_VIRT_RESPONSE);
	assert_int_equal(ev.id, 0x123456789aULL);
	assert_int_equal(ev.len, 2);
	assert_int_equal(ev.flags, 0);
	assert_int_equal(ev.reserved, 0);

	put_event(SMPAIR_VIRT_RESET, 7, 0, NULL, 0);
	assert_int_equal(event(&cmd, &len), LINK_RESET);
	assert_int_equal(virt_link.send_atr(&lnk, atr, sizeof(atr)), 0);
	assert_int_equal(read(peer, msg, sizeof(msg)),
			 sizeof(ev) + sizeof(atr));
	memcpy(&ev, msg, sizeof(ev));
	assert_int_equal(ev.id, 7);

	/* of a later kernel: passed over */
	put_event(99, 8, 0, NULL, 0);
	assert_int_equal(event(&cmd, &len), LINK_NOTHING);
	assert_int_equal(virt_link.send(&lnk, lnk.in,
					SMPAIR_VIRT_DATA_MAX + 1), -EMSGSIZE);
	disconnect();
}

static void malformed_virt_events_are_errors(void **state)
{
	const uint8_t *cmd;
	size_t len;

	(void)state;
	connect_pair("virt", SOCK_SEQPACKET);
	put("short", 5);
	assert_int_equal(event(&cmd, &len), -EPROTO);
	put_event(SMPAIR_VIRT_COMMAND, 1, 6, "12345", 5);
	assert_int_equal(event(&cmd, &len), -EPROTO);
	put_event(SMPAIR_VIRT_COMMAND, 1, 0xffffffff, "12345", 5);
	assert_int_equal(event(&cmd, &len), -EPROTO);
	put_event(SMPAIR_VIRT_RESET, 1, 1, "1", 1);
	assert_int_equal(event(&cmd, &len), -EPROTO);
	close(peer);
	peer = -1;
	assert_int_equal(event(&cmd, &len), -ENODEV);
	disconnect();
}

static char dir[] = "/tmp/smpair-test-XXXXXX";
static char image[64], device[64], sock[64];

static void virt_attaches_with_an_answer_to_reset(void **state)
{
	struct smpair_virt_attach attach;
	struct smpair_virt_event ev;
	char name[80];
	int fd;

	(void)state;
	snprintf(name, sizeof(name), "virt:%s", device);
	assert_int_equal(link_init(&lnk, name), 0);
	assert_int_equal(virt_link.insert(&lnk, atr, sizeof(atr)), -ENOENT);
	fd = open(device, O_RDWR | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(virt_link.insert(&lnk, atr, sizeof(atr)), 0);
	disconnect();

	assert_int_equal(read(fd, &ev, sizeof(ev)), sizeof(ev));
	assert_int_equal(ev.type, SMPAIR_VIRT_ATTACH);
	assert_int_equal(ev.id, 0);
	assert_int_equal(ev.len, sizeof(attach));
	assert_int_equal(read(fd, &attach, sizeof(attach)), sizeof(attach));
	assert_int_equal(attach.version, SMPAIR_VIRT_VERSION);
	assert_int_equal(attach.atr_len, sizeof(atr));
	assert_memory_equal(attach.atr, atr, sizeof(atr));
	assert_int_equal(read(fd, &ev, 1), 0);
	close(fd);
	unlink(device);
}

/* ---- the card, over a link that the test plays ---- */

static struct card card;
static int next_event;
static const uint8_t *next_cmd;
static size_t next_len;
static uint8_t sent[SM_RESPONSE_MAX];
static size_t sent_len;
static unsigned int answers, atrs;

static int play_insert(struct link *link, const uint8_t *a, size_t len)
{
	uint8_t check = 0;
	size_t i;

	/* T=1 only, so a check byte closes the answer-to-reset */
	assert_in_range(len, 2, LINK_ATR_MAX);
	for (i = 1; i < len; i++)
		check ^= a[i];
	assert_int_equal(check, 0);
	link->fd = 1000;
	return 0;
}

static int play_receive(struct link *link, const uint8_t **cmd, size_t *len)
{
	(void)link;
	*cmd = next_cmd;
	*len = next_len;
	return next_event;
}

static int play_send(struct link *link, const uint8_t *rsp, size_t len)
{
	(void)link;
	memcpy(sent, rsp, len);
	sent_len = len;
	answers++;
	return 0;
}

static int play_atr(struct link *link, const uint8_t *a, size_t len)
{
	(void)link;
	(void)a;
	(void)len;
	atrs++;
	return 0;
}

static void play_remove(struct link *link)
{
	link->fd = -1;
}

static struct link_ops play = {
	.name = "play",
	.insert = play_insert,
	.receive = play_receive,
	.send = play_send,
	.send_atr = play_atr,
	.remove = play_remove,
	.reset_atr = true,
};

static int serve(int ev, const void *cmd, size_t len)
{
	next_event = ev;
	next_cmd = cmd;
	next_len = len;
	answers = 0;
	atrs = 0;
	return card_serve(&card);
}

static int new_card(void **state)
{
	const struct sm_perso p = test_perso();

	(void)state;
	memset(&card, 0, sizeof(card));
	if (nvm_file_create(&card.image, image))
		return -1;
	linux_port_init(&card.port, &card.image);
	card.link.ops = &play;
	card.link.fd = -1;
	play.reader_power = false;
	return sm_personalise(&card.port, &p);
}

static int drop_card(void **state)
{
	(void)state;
	card_remove(&card);
	nvm_file_close(&card.image);
	return unlink(image);
}

static const uint8_t get_info[] = { 0x80, 0x10, 0, 0, 0 };

static void card_lives_through_insertion_and_removal(void **state)
{
	struct card_counters start, insertion;

	(void)state;
	assert_int_equal(card_remove(&card), -EALREADY);
	assert_int_equal(card_reset(&card), -ENODEV);
	assert_int_equal(card_insert(&card), 0);
	assert_int_equal(card_insert(&card), -EALREADY);
	assert_int_equal(serve(LINK_COMMAND, get_info, 5), 0);
	assert_int_equal(sent_len, PDT1_INFO_LEN + 2);
	assert_int_equal(serve(LINK_RESET, NULL, 0), 0);
	assert_int_equal(atrs, 1);
	assert_int_equal(card.module.store.boot, 1);
	assert_int_equal(card_remove(&card), 0);
	assert_int_equal(card.module.state, SM_OFF);

	assert_int_equal(card_insert(&card), 0);
	assert_int_equal(card.module.store.boot, 2);
	assert_int_equal(serve(LINK_COMMAND, get_info, 5), 0);
	card_count(&card, &start, &insertion);
	assert_int_equal(start.nvm_writes, 2);
	assert_int_equal(start.traffic.apdus, 2);
	assert_int_equal(start.traffic.bytes_in, 10);
	assert_int_equal(insertion.nvm_writes, 1);
	assert_int_equal(insertion.traffic.apdus, 1);
	assert_int_equal(insertion.traffic.bytes_out, PDT1_INFO_LEN + 2);

	assert_int_equal(serve(-ENODEV, NULL, 0), -ENODEV);
	assert_false(card.inserted);
}

static void reader_decides_about_power_on_vpcd(void **state)
{
	(void)state;
	play.reader_power = true;
	assert_int_equal(card_insert(&card), 0);
	assert_int_equal(card.module.state, SM_OFF);
	assert_int_equal(serve(LINK_ASK_ATR, NULL, 0), 0);
	assert_int_equal(atrs, 1);
	assert_int_equal(serve(LINK_POWER_ON, NULL, 0), 0);
	assert_int_equal(card.module.state, SM_IDLE);
	assert_int_equal(serve(LINK_POWER_ON, NULL, 0), 0);
	assert_int_equal(card.module.store.boot, 1);
	assert_int_equal(serve(LINK_POWER_OFF, NULL, 0), 0);
	assert_int_equal(card.module.state, SM_OFF);
	assert_int_equal(serve(LINK_COMMAND, get_info, 5), 0);
	assert_int_equal(answers, 1);
	assert_int_equal(card.module.store.boot, 2);
}

static void cut_card_is_dead_until_inserted_again(void **state)
{
	char answer[CONTROL_ANSWER];

	(void)state;
	assert_false(control_execute(&card, "cut 1", answer));
	assert_non_null(strstr(answer, "\"ok\":true"));
	assert_int_equal(card_insert(&card), 0);
	assert_true(card.dead);
	assert_int_equal(serve(LINK_COMMAND, get_info, 5), 0);
	assert_int_equal(answers, 0);
	assert_int_equal(serve(LINK_RESET, NULL, 0), 0);
	assert_int_equal(atrs, 0);
	control_execute(&card, "counters", answer);
	assert_non_null(strstr(answer, "\"dead\":true"));

	assert_int_equal(card_remove(&card), 0);
	assert_int_equal(card_insert(&card), 0);
	assert_false(card.dead);
	assert_int_equal(serve(LINK_COMMAND, get_info, 5), 0);
	assert_int_equal(answers, 1);
	assert_int_equal(card.module.state, SM_IDLE);
	assert_int_equal(card.module.store.boot, 1);
}

/* ---- control ---- */

static void control_verbs_are_checked(void **state)
{
	static const char *const bad[] = {
		"", "insert now", "cut", "cut x", "cut -1", "cut 1x",
		"cut 99999999999999999999999", "cut 1 2", "eject", "reset",
		"remove", "fault drop", "fault drop answer", "fault x answer 1",
		"fault drop answer 0", "fault off now",
	};
	char answer[CONTROL_ANSWER];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(control_execute(&card, bad[i], answer));
		if (!strstr(answer, "\"ok\":false,\"error\":\""))
			fail_msg("\"%s\": %s", bad[i], answer);
	}
	assert_false(control_execute(&card, "insert", answer));
	assert_string_equal(answer,
			    "{\"v\":1,\"ok\":true,\"inserted\":true,\"dead\":false}");
	assert_false(control_execute(&card, "insert", answer));
	assert_non_null(strstr(answer, "\"ok\":false"));
	assert_false(control_execute(&card, "reset", answer));
	assert_non_null(strstr(answer, "\"ok\":true"));
	assert_false(control_execute(&card, "capabilities", answer));
	assert_string_equal(answer, capabilities());
	assert_true(control_execute(&card, "stop", answer));
}

static int dial(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(sun.sun_path, sock);
	assert_int_equal(connect(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	return fd;
}

static void turn(struct control *ctl)
{
	struct pollfd pfd[CONTROL_POLLFDS];

	control_pollfds(ctl, pfd);
	assert_true(poll(pfd, CONTROL_POLLFDS, 1000) > 0);
	control_serve(ctl, pfd, &card);
}

static void control_socket_is_private_and_answers_lines(void **state)
{
	struct control ctl, second;
	char answer[CONTROL_ANSWER + 1] = "";
	char noise[CONTROL_LINE];
	struct stat st;
	int a, b, c;

	(void)state;
	assert_int_equal(control_open(&ctl, sock), 0);
	assert_int_equal(stat(sock, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(control_open(&second, sock), -EADDRINUSE);

	/* the probe for a stale socket above left one connection behind */
	turn(&ctl);
	turn(&ctl);

	/* one who says nothing keeps nobody waiting */
	a = dial();
	turn(&ctl);
	b = dial();
	turn(&ctl);
	assert_int_equal(write(b, "ins", 3), 3);
	turn(&ctl);
	assert_int_equal(write(b, "ert\n", 4), 4);
	turn(&ctl);
	assert_true(read(b, answer, sizeof(answer) - 1) > 0);
	assert_non_null(strstr(answer, "\"inserted\":true"));
	assert_int_equal(answer[strlen(answer) - 1], '\n');
	assert_int_equal(read(b, answer, 1), 0);
	close(b);

	c = dial();
	turn(&ctl);
	memset(noise, 'x', sizeof(noise));
	assert_int_equal(write(c, noise, sizeof(noise)), sizeof(noise));
	turn(&ctl);
	memset(answer, 0, sizeof(answer));
	assert_true(read(c, answer, sizeof(answer) - 1) > 0);
	assert_non_null(strstr(answer, "too long"));
	close(c);
	close(a);
	control_close(&ctl);
	assert_int_equal(stat(sock, &st), -1);
}

static void stale_control_socket_is_replaced(void **state)
{
	struct control ctl;
	int fd;

	(void)state;
	assert_int_equal(control_open(&ctl, sock), 0);
	/* as after SIGKILL: the file stays */
	close(ctl.fd);
	assert_int_equal(control_open(&ctl, sock), 0);
	control_close(&ctl);

	/* anything that is no socket stays */
	fd = open(sock, O_CREAT | O_WRONLY, 0600);
	close(fd);
	assert_int_equal(control_open(&ctl, sock), -EADDRINUSE);
	assert_int_equal(unlink(sock), 0);
}

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(image, sizeof(image), "%s/image", dir);
	snprintf(device, sizeof(device), "%s/device", dir);
	snprintf(sock, sizeof(sock), "%s/control", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(image);
	unlink(device);
	unlink(sock);
	return rmdir(dir);
}

#define T(f)	cmocka_unit_test(f)
#define CARD(f)	cmocka_unit_test_setup_teardown(f, new_card, drop_card)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(link_names_are_parsed),
		T(vpcd_messages_arrive_in_any_pieces),
		T(vpcd_carries_the_longest_message),
		T(vpcd_reader_that_leaves_is_noticed),
		T(vpcd_is_found_by_address),
		T(virt_events_are_decoded_and_answered),
		T(malformed_virt_events_are_errors),
		T(virt_attaches_with_an_answer_to_reset),
		CARD(card_lives_through_insertion_and_removal),
		CARD(reader_decides_about_power_on_vpcd),
		CARD(cut_card_is_dead_until_inserted_again),
		CARD(control_verbs_are_checked),
		CARD(control_socket_is_private_and_answers_lines),
		CARD(stale_control_socket_is_replaced),
	};

	return cmocka_run_group_tests_name("softmod link", tests, make_dir,
					   remove_dir);
}
