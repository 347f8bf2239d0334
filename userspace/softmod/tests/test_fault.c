// SPDX-License-Identifier: GPL-2.0-or-later
/* Faults of the wire: orders, their effect on a message, and on the links. */
#include <errno.h>
#include <fcntl.h>
#include <linux/smpair_proto.h>
#include <linux/smpair_virt.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "softmod/capabilities.h"
#include "softmod/control.h"
#include "softmod/tests/testport.h"

static struct fault f;

static const char *arm(const char *order)
{
	char copy[CONTROL_LINE];

	snprintf(copy, sizeof(copy), "%s", order);
	return fault_arm(&f, copy);
}

static void orders_are_checked(void **state)
{
	static const char *const good[] = {
		"drop command 1", "drop answer 4294967295", "delay answer 1 1",
		"delay command 2 60000", "duplicate answer 3",
		"corrupt answer 1 0", "corrupt command 1 -1 80",
		"corrupt answer 1 65543 ff", "truncate answer 1 0",
		"length answer 1 -1", "lc command 1 1", "le command 1 0",
		"more command 9", "  drop\tanswer  1 ",
	};
	static const char *const bad[] = {
		"", "drop", "drop answer", "drop both 1", "drop answer 0",
		"drop answer -1", "drop answer x", "drop answer 1 2",
		"drop answer 4294967296", "delay answer 1",
		"delay answer 1 0", "delay answer 1 60001", "delay answer 1 1x",
		"corrupt answer 1", "corrupt answer 1 65544",
		"corrupt answer 1 -65545", "corrupt answer 1 0 0",
		"corrupt answer 1 0 100", "corrupt answer 1 0 zz",
		"corrupt answer 1 0 1 2", "truncate answer 1 -1",
		"length answer 1 0", "length answer 1 65536",
		"length command 1 1", "lc answer 1 1", "lc command 1 0",
		"le answer 1 0", "le command 1 -1", "more answer 1",
		"burn answer 1", "drop answer +1",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		memset(&f, 0, sizeof(f));
		assert_null(arm(good[i]));
		assert_int_not_equal(f.kind, FAULT_NONE);
		fault_disarm(&f);
		assert_int_equal(f.kind, FAULT_NONE);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *wrong;

		memset(&f, 0, sizeof(f));
		wrong = arm(bad[i]);
		if (!wrong || f.kind != FAULT_NONE)
			fail_msg("\"%s\" was accepted", bad[i]);
	}
}

static void wrong_order_leaves_the_former_one(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	assert_null(arm("delay answer 7 123"));
	assert_non_null(arm("drop command 0"));
	assert_int_equal(f.kind, FAULT_DELAY);
	assert_int_equal(f.left, 7);
	assert_int_equal(f.value, 123);
}

static void every_fault_is_in_the_capabilities(void **state)
{
	static const char *const names[] = {
		"drop", "delay", "duplicate", "corrupt", "truncate", "length",
		"lc", "le", "more",
	};
	const char *list = strstr(capabilities(), "\"faults\":[");
	const char *end = list ? strchr(list, ']') : NULL;
	char name[16];
	size_t i;

	(void)state;
	assert_non_null(end);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *at;

		snprintf(name, sizeof(name), "\"%s\"", names[i]);
		at = strstr(list, name);
		assert_true(at && at < end);
	}
	assert_int_equal(i, FAULT_MORE);
}

/* One message through an order; the message afterwards is in @msg. */
static struct fault_effect pass(const char *order, enum fault_way way,
				uint8_t *msg, size_t *len)
{
	memset(&f, 0, sizeof(f));
	assert_null(arm(order));
	return fault_pass(&f, way, msg, len);
}

static void only_the_ordered_message_is_struck(void **state)
{
	struct fault_effect fx;
	uint8_t msg[4] = { 1, 2, 3, 4 };
	size_t len = 4;
	int i;

	(void)state;
	memset(&f, 0, sizeof(f));
	for (i = 0; i < 3; i++) {
		fx = fault_pass(&f, FAULT_ANSWER, msg, &len);
		assert_int_equal(fx.times, 1);
	}
	assert_null(arm("drop answer 3"));
	for (i = 1; i <= 4; i++) {
		assert_int_equal(fault_is_next(&f, FAULT_ANSWER), i == 3);
		assert_false(fault_is_next(&f, FAULT_COMMAND));
		fx = fault_pass(&f, FAULT_COMMAND, msg, &len);
		assert_int_equal(fx.times, 1);
		fx = fault_pass(&f, FAULT_ANSWER, msg, &len);
		assert_int_equal(fx.times, i == 3 ? 0 : 1);
		assert_int_equal(fx.hit, i == 3);
	}
	assert_int_equal(f.hits, 1);
	assert_int_equal(f.passed[FAULT_COMMAND], 4);
	assert_int_equal(f.passed[FAULT_ANSWER], 7);
	assert_memory_equal(msg, "\1\2\3\4", 4);
	assert_int_equal(len, 4);
}

static void effects_are_as_ordered(void **state)
{
	static const struct {
		const char *order;
		unsigned int times;
		unsigned int delay;
		int32_t length;
		size_t len;
		const char *msg;
	} want[] = {
		{ "drop answer 1", 0, 0, 0, 4, "\1\2\3\4" },
		{ "duplicate answer 1", 2, 0, 0, 4, "\1\2\3\4" },
		{ "delay answer 1 250", 1, 250, 0, 4, "\1\2\3\4" },
		{ "length answer 1 -3", 1, 0, -3, 4, "\1\2\3\4" },
		{ "truncate answer 1 1", 1, 0, 0, 1, "\1\2\3\4" },
		{ "truncate answer 1 0", 1, 0, 0, 0, "\1\2\3\4" },
		{ "corrupt answer 1 0", 1, 0, 0, 4, "\0\2\3\4" },
		{ "corrupt answer 1 3 80", 1, 0, 0, 4, "\1\2\3\x84" },
		{ "corrupt answer 1 -4 ff", 1, 0, 0, 4, "\xfe\2\3\4" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		uint8_t msg[4] = { 1, 2, 3, 4 };
		size_t len = sizeof(msg);
		struct fault_effect fx = pass(want[i].order, FAULT_ANSWER, msg,
					      &len);

		assert_true(fx.hit);
		assert_int_equal(fx.times, want[i].times);
		assert_int_equal(fx.delay_ms, want[i].delay);
		assert_int_equal(fx.length, want[i].length);
		assert_int_equal(len, want[i].len);
		assert_memory_equal(msg, want[i].msg, 4);
		assert_int_equal(f.hits, 1);
		assert_int_equal(f.kind, FAULT_NONE);
	}
}

static void fault_that_finds_nothing_is_spent_without_a_hit(void **state)
{
	static const char *const orders[] = {
		"corrupt command 1 4", "corrupt command 1 -5",
		"corrupt command 1 -65544", "truncate command 1 4",
		"lc command 1 1", "le command 1 1", "more command 1",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		uint8_t msg[4] = { 0x80, 0x10, 0, 0 };
		size_t len = sizeof(msg);
		struct fault_effect fx = pass(orders[i], FAULT_COMMAND, msg,
					      &len);

		assert_false(fx.hit);
		assert_int_equal(fx.times, 1);
		assert_int_equal(len, 4);
		assert_memory_equal(msg, "\x80\x10\0\0", 4);
		assert_int_equal(f.hits, 0);
		assert_int_equal(f.kind, FAULT_NONE);
	}
}

static void lies_find_their_field_in_every_form_of_command(void **state)
{
	static const struct {
		const char *order;
		size_t len;
		const char *before;
		const char *after;
	} want[] = {
		/* short: Le alone, Lc alone, both */
		{ "le command 1 7", 5, "\x80\x10\0\0\0", "\x80\x10\0\0\7" },
		{ "lc command 1 3", 7, "\x80\x10\0\0\2ab",
		  "\x80\x10\0\0\5ab" },
		{ "lc command 1 -3", 8, "\x80\x10\0\0\2ab\0",
		  "\x80\x10\0\0\xff\x61\x62\0" },
		{ "le command 1 7", 8, "\x80\x10\0\0\2ab\0",
		  "\x80\x10\0\0\2ab\7" },
		/* extended */
		{ "le command 1 258", 7, "\x80\x10\0\0\0\0\0",
		  "\x80\x10\0\0\0\1\2" },
		{ "lc command 1 256", 9, "\x80\x10\0\0\0\0\2ab",
		  "\x80\x10\0\0\0\1\2ab" },
		{ "le command 1 258", 11, "\x80\x10\0\0\0\0\2ab\0\0",
		  "\x80\x10\0\0\0\0\2ab\1\2" },
		{ "more command 1", 5, "\x80\x18\0\0\0", "\x80\x18\0\1\0" },
		{ "more command 1", 5, "\x80\x18\0\1\0", "\x80\x18\0\0\0" },
	};
	uint8_t msg[16];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		size_t len = want[i].len;

		memcpy(msg, want[i].before, len);
		assert_true(pass(want[i].order, FAULT_COMMAND, msg, &len).hit);
		assert_int_equal(len, want[i].len);
		assert_memory_equal(msg, want[i].after, len);
	}

	/* no Le in a command that has data only */
	memcpy(msg, "\x80\x10\0\0\2ab", 7);
	i = 7;
	assert_false(pass("le command 1 7", FAULT_COMMAND, msg, &i).hit);
}

/* ---- on the links ---- */

static struct link lnk;
static int peer = -1;

static void connect_pair(const char *kind, int type)
{
	int fds[2];

	memset(&lnk, 0, sizeof(lnk));
	assert_int_equal(link_init(&lnk, kind), 0);
	assert_int_equal(socketpair(AF_UNIX, type, 0, fds), 0);
	lnk.fd = fds[0];
	peer = fds[1];
	assert_int_equal(fcntl(lnk.fd, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(fcntl(peer, F_SETFL, O_NONBLOCK), 0);
}

static void disconnect(void)
{
	link_remove(&lnk);
	close(peer);
	peer = -1;
}

static void order(const char *text)
{
	char copy[CONTROL_LINE];

	snprintf(copy, sizeof(copy), "%s", text);
	assert_null(fault_arm(&lnk.fault, copy));
}

static void answer(const char *text)
{
	assert_int_equal(lnk.ops->send(&lnk, (const uint8_t *)text,
				       strlen(text)), 0);
}

/* What the reader got: bytes, or -1 for nothing. */
static ssize_t got(uint8_t *buf, size_t size)
{
	return recv(peer, buf, size, MSG_DONTWAIT);
}

static void ask_virt(uint32_t type, uint64_t id, const void *cmd, size_t len)
{
	struct smpair_virt_event ev = {
		.type = type, .len = (uint32_t)len, .id = id,
	};
	uint8_t msg[64];

	memcpy(msg, &ev, sizeof(ev));
	if (len)
		memcpy(msg + sizeof(ev), cmd, len);
	assert_int_equal(write(peer, msg, sizeof(ev) + len), sizeof(ev) + len);
}

static void answers_on_the_virtual_link_are_struck(void **state)
{
	struct smpair_virt_event ev;
	uint8_t msg[64];

	(void)state;
	connect_pair("virt", SOCK_SEQPACKET);

	order("drop answer 1");
	answer("abcd");
	assert_int_equal(got(msg, sizeof(msg)), -1);

	order("duplicate answer 1");
	answer("abcd");
	assert_int_equal(got(msg, sizeof(msg)), sizeof(ev) + 4);
	assert_int_equal(got(msg, sizeof(msg)), sizeof(ev) + 4);
	assert_memory_equal(msg + sizeof(ev), "abcd", 4);

	order("truncate answer 1 2");
	answer("abcd");
	assert_int_equal(got(msg, sizeof(msg)), sizeof(ev) + 2);
	memcpy(&ev, msg, sizeof(ev));
	assert_int_equal(ev.len, 2);

	order("length answer 1 -1");
	answer("abcd");
	assert_int_equal(got(msg, sizeof(msg)), sizeof(ev) + 4);
	memcpy(&ev, msg, sizeof(ev));
	assert_int_equal(ev.len, 3);

	order("corrupt answer 1 -1 20");
	answer("abcd");
	assert_int_equal(got(msg, sizeof(msg)), sizeof(ev) + 4);
	assert_memory_equal(msg + sizeof(ev), "abcD", 4);

	/* and the next one is whole */
	answer("abcd");
	assert_int_equal(got(msg, sizeof(msg)), sizeof(ev) + 4);
	memcpy(&ev, msg, sizeof(ev));
	assert_int_equal(ev.len, 4);
	assert_memory_equal(msg + sizeof(ev), "abcd", 4);
	assert_int_equal(lnk.fault.hits, 5);
	disconnect();
}

static void commands_on_the_virtual_link_are_struck(void **state)
{
	static const uint8_t apdu[] = { 0x80, 0x10, 0, 0, 0 };
	const uint8_t *cmd;
	size_t len;

	(void)state;
	connect_pair("virt", SOCK_SEQPACKET);
	assert_int_equal(link_wait_ms(&lnk), -1);

	order("drop command 2");
	ask_virt(SMPAIR_VIRT_RESET, 1, NULL, 0);
	assert_int_equal(link_receive(&lnk, &cmd, &len), LINK_RESET);
	ask_virt(SMPAIR_VIRT_COMMAND, 2, apdu, sizeof(apdu));
	assert_int_equal(link_receive(&lnk, &cmd, &len), LINK_NOTHING);
	assert_int_equal(link_wait_ms(&lnk), -1);

	order("duplicate command 1");
	ask_virt(SMPAIR_VIRT_COMMAND, 3, apdu, sizeof(apdu));
	assert_int_equal(link_receive(&lnk, &cmd, &len), LINK_COMMAND);
	assert_memory_equal(cmd, apdu, sizeof(apdu));
	assert_int_equal(link_wait_ms(&lnk), 0);
	assert_int_equal(link_receive(&lnk, &cmd, &len), LINK_COMMAND);
	assert_int_equal(len, sizeof(apdu));
	assert_memory_equal(cmd, apdu, sizeof(apdu));
	assert_int_equal(lnk.id, 3);
	assert_int_equal(link_wait_ms(&lnk), -1);
	assert_int_equal(link_receive(&lnk, &cmd, &len), LINK_NOTHING);

	order("corrupt command 1 1 ff");
	ask_virt(SMPAIR_VIRT_COMMAND, 4, apdu, sizeof(apdu));
	assert_int_equal(link_receive(&lnk, &cmd, &len), LINK_COMMAND);
	assert_int_equal(cmd[1], 0xef);
	disconnect();
}

/* Waits as main() does. */
static int await(const uint8_t **cmd, size_t *len)
{
	int event;

	do {
		poll(NULL, 0, link_wait_ms(&lnk));
		event = link_receive(&lnk, cmd, len);
	} while (event == LINK_NOTHING && link_wait_ms(&lnk) >= 0);
	return event;
}

static void late_messages_hold_up_those_behind_them(void **state)
{
	static const uint8_t apdu[] = { 0x80, 0x10, 0, 0, 0 };
	struct smpair_virt_event ev;
	uint8_t msg[64];
	const uint8_t *cmd;
	size_t len;

	(void)state;
	connect_pair("virt", SOCK_SEQPACKET);
	order("delay answer 1 60000");
	answer("abcd");
	assert_int_equal(got(msg, sizeof(msg)), -1);
	ask_virt(SMPAIR_VIRT_COMMAND, 9, apdu, sizeof(apdu));
	assert_int_equal(link_receive(&lnk, &cmd, &len), LINK_NOTHING);
	assert_true(link_wait_ms(&lnk) > 0);

	/* it is time */
	lnk.due_ms = 1;
	assert_int_equal(link_wait_ms(&lnk), 0);
	assert_int_equal(link_receive(&lnk, &cmd, &len), LINK_NOTHING);
	assert_int_equal(got(msg, sizeof(msg)), sizeof(ev) + 4);
	assert_memory_equal(msg + sizeof(ev), "abcd", 4);
	assert_int_equal(link_receive(&lnk, &cmd, &len), LINK_COMMAND);

	order("delay command 1 5");
	ask_virt(SMPAIR_VIRT_COMMAND, 10, apdu, sizeof(apdu));
	assert_int_equal(link_receive(&lnk, &cmd, &len), LINK_NOTHING);
	assert_int_equal(await(&cmd, &len), LINK_COMMAND);
	assert_memory_equal(cmd, apdu, sizeof(apdu));
	assert_int_equal(link_wait_ms(&lnk), -1);
	disconnect();
}

static void removal_forgets_what_was_held_back(void **state)
{
	const uint8_t *cmd;
	size_t len;

	(void)state;
	connect_pair("virt", SOCK_SEQPACKET);
	order("delay answer 1 60000");
	answer("abcd");
	disconnect();
	assert_int_equal(link_wait_ms(&lnk), -1);

	connect_pair("virt", SOCK_SEQPACKET);
	order("duplicate command 1");
	ask_virt(SMPAIR_VIRT_RESET, 1, NULL, 0);
	assert_int_equal(link_receive(&lnk, &cmd, &len), LINK_RESET);
	disconnect();
	assert_int_equal(link_wait_ms(&lnk), -1);
}

static void refusal_of_a_struck_answer_is_told_and_breaks_nothing(void **state)
{
	uint8_t msg[64];

	(void)state;
	/* a full device refuses what is written to it */
	connect_pair("virt", SOCK_SEQPACKET);
	close(lnk.fd);
	lnk.fd = open("/dev/full", O_RDWR);
	assert_true(lnk.fd >= 0);
	order("corrupt answer 1 0");
	answer("abcd");
	assert_int_equal(lnk.fault.refused, ENOSPC);
	assert_int_equal(lnk.ops->send(&lnk, (const uint8_t *)"abcd", 4),
			 -ENOSPC);
	assert_int_equal(got(msg, sizeof(msg)), 0);
	disconnect();
}

static void vpcd_messages_are_struck_with_their_framing(void **state)
{
	uint8_t big[300], big_msg[400];
	const uint8_t *cmd;
	uint8_t msg[64];
	size_t len;

	(void)state;
	connect_pair("vpcd", SOCK_STREAM);
	order("truncate answer 1 1");
	answer("abcd");
	assert_int_equal(got(msg, sizeof(msg)), 3);
	assert_memory_equal(msg, "\0\1a", 3);

	order("length answer 1 3");
	answer("abcd");
	assert_int_equal(got(msg, sizeof(msg)), 6);
	assert_memory_equal(msg, "\0\7abcd", 6);

	/* both bytes of the length carry it */
	memset(big, 'x', sizeof(big));
	order("length answer 1 1");
	assert_int_equal(lnk.ops->send(&lnk, big, sizeof(big)), 0);
	assert_int_equal(got(big_msg, sizeof(big_msg)), 2 + sizeof(big));
	assert_int_equal(big_msg[0], 1);
	assert_int_equal(big_msg[1], 300 - 256 + 1);

	order("duplicate answer 1");
	answer("ab");
	assert_int_equal(got(msg, sizeof(msg)), 8);
	assert_memory_equal(msg, "\0\2ab\0\2ab", 8);

	order("lc command 2 1");
	assert_int_equal(write(peer, "\0\1\1\0\6\x80\x10\0\0\1a", 11), 11);
	assert_int_equal(link_receive(&lnk, &cmd, &len), LINK_POWER_ON);
	assert_int_equal(link_receive(&lnk, &cmd, &len), LINK_COMMAND);
	assert_int_equal(len, 6);
	assert_int_equal(cmd[4], 2);

	/* the next one is read whole */
	assert_int_equal(write(peer, "\0\5\x80\x10\0\0\0", 7), 7);
	assert_int_equal(link_receive(&lnk, &cmd, &len), LINK_COMMAND);
	assert_int_equal(len, 5);
	assert_int_equal(cmd[4], 0);
	disconnect();
}

/* ---- on the control channel ---- */

static void control_channel_takes_orders_and_tells_of_hits(void **state)
{
	static struct card card;
	char text[CONTROL_ANSWER];
	size_t len = 1;
	uint8_t msg[1] = { 0 };

	(void)state;
	assert_int_equal(link_init(&card.link, "virt"), 0);
	control_execute(&card, "fault", text);
	assert_string_equal(text,
			    "{\"v\":1,\"ok\":true,\"inserted\":false,"
			    "\"dead\":false,\"armed\":false,\"hits\":0,"
			    "\"refused\":0,\"commands\":0,\"answers\":0}");
	control_execute(&card, "fault corrupt answer 2 0 80", text);
	assert_non_null(strstr(text, "\"armed\":true"));
	fault_pass(&card.link.fault, FAULT_ANSWER, msg, &len);
	fault_pass(&card.link.fault, FAULT_ANSWER, msg, &len);
	assert_int_equal(msg[0], 0x80);
	control_execute(&card, "fault", text);
	assert_non_null(strstr(text, "\"armed\":false,\"hits\":1,"
				     "\"refused\":0,\"commands\":0,"
				     "\"answers\":2"));
	control_execute(&card, "fault drop command 5", text);
	control_execute(&card, "fault off", text);
	assert_non_null(strstr(text, "\"armed\":false"));
	control_execute(&card, "fault length command 1 1", text);
	assert_non_null(strstr(text, "\"ok\":false,\"error\":\"this fault strikes answers only\""));
}

#define T(f)	cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(orders_are_checked),
		T(wrong_order_leaves_the_former_one),
		T(every_fault_is_in_the_capabilities),
		T(only_the_ordered_message_is_struck),
		T(effects_are_as_ordered),
		T(fault_that_finds_nothing_is_spent_without_a_hit),
		T(lies_find_their_field_in_every_form_of_command),
		T(answers_on_the_virtual_link_are_struck),
		T(commands_on_the_virtual_link_are_struck),
		T(late_messages_hold_up_those_behind_them),
		T(removal_forgets_what_was_held_back),
		T(refusal_of_a_struck_answer_is_told_and_breaks_nothing),
		T(vpcd_messages_are_struck_with_their_framing),
		T(control_channel_takes_orders_and_tells_of_hits),
	};

	return cmocka_run_group_tests_name("softmod fault", tests, NULL, NULL);
}
