// SPDX-License-Identifier: GPL-2.0
/* Messages through /dev/smpairN: sizes, chaining, several openers, rekeying, two modules. */
#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "rig/fixture.h"
#include "rig/oracle.h"

#define REKEY_PARAM "/sys/module/smpair/parameters/rekey_commands"

RIG_TEST(messages_of_many_sizes_come_back_right)
{
	const size_t size[] = { 0, 1, 15, 16, 17, 63, 64, 252, 253, 254, 255, 256, 1024, 4096,
				16384, 61440, 65515, 65516, 65517, 65535, 65536, 131071 };
	unsigned int i;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	for (i = 0; i < sizeof(size) / sizeof(size[0]); i++)
		EXPECT_TRUE(rig_echo(self->r, size[i]));
}

RIG_TEST(small_modules_get_their_messages_in_chunks_both_ways)
{
	size_t len;

	RIG_REMAKE({ perso.maxc = 136; perso.maxr = 146; perso.maxm = 2048; });
	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	for (len = 100; len < 2048; len += 97)
		EXPECT_TRUE(rig_echo(self->r, len));
	EXPECT_TRUE(rig_echo(self->r, 2047));
}

RIG_TEST(message_above_the_modules_limit_is_refused_before_anything_is_sent)
{
	uint8_t *msg = calloc(1, 4096);
	unsigned int before;
	int fd;

	RIG_REMAKE(perso.maxm = 1024);
	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	fd = rig_open_node(self->r->dev, O_RDWR);
	ASSERT_GE(fd, 0);
	before = self->r->mod.commands;
	EXPECT_EQ(-1, write(fd, msg, 1025));
	EXPECT_EQ(EMSGSIZE, errno);
	EXPECT_EQ(before, self->r->mod.commands);
	EXPECT_EQ(1024, write(fd, msg, 1024));
	EXPECT_EQ(1023, read(fd, msg, 4096));
	close(fd);
	free(msg);
}

RIG_TEST(answer_that_does_not_fit_stays_for_a_larger_buffer)
{
	uint8_t msg[100] = { APP_ECHO, 42 }, answer[100];
	int fd;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	fd = rig_open_node(self->r->dev, O_RDWR);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(100, write(fd, msg, sizeof(msg)));
	EXPECT_EQ(-1, read(fd, answer, 10));
	EXPECT_EQ(EMSGSIZE, errno);
	EXPECT_EQ(99, read(fd, answer, sizeof(answer)));
	EXPECT_EQ(42, answer[0]);
	close(fd);
}

RIG_TEST(several_openers_each_get_their_own_answer)
{
	uint8_t msg[3] = { APP_ECHO }, answer[8];
	int fd[8], i;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	for (i = 0; i < 8; i++) {
		fd[i] = rig_open_node(self->r->dev, O_RDWR);
		ASSERT_GE(fd[i], 0);
		msg[1] = i;
		msg[2] = 0x80 | i;
		ASSERT_EQ(3, write(fd[i], msg, 3));
	}
	for (i = 7; i >= 0; i--) {
		EXPECT_EQ(2, read(fd[i], answer, sizeof(answer)));
		EXPECT_EQ(i, answer[0]);
		close(fd[i]);
	}
}

/* Operations in the queue at any time, until something can be read. */
static bool readable_among_operations(struct rig *r, int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	time_t end = time(NULL) + RIG_PATIENCE_MS / 1000;
	uint64_t op;

	do {
		/* Refused where there is no room: just so much is wanted. */
		smpair_op_close(r->client, r->dev, &op);
		smpair_op_open(r->client, r->dev, &op);
	} while (!poll(&pfd, 1, 0) && time(NULL) < end);
	return pfd.revents & POLLIN;
}

RIG_TEST(message_has_its_turn_however_many_operations_are_queued)
{
	uint8_t msg[2] = { APP_ECHO, 7 }, answer[8];
	uint64_t op;
	int fd;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	fd = rig_open_node(self->r->dev, O_RDWR | O_NONBLOCK);
	ASSERT_GE(fd, 0);
	while (!smpair_op_open(self->r->client, self->r->dev, &op))
		;
	ASSERT_EQ(2, write(fd, msg, 2));
	EXPECT_TRUE(readable_among_operations(self->r, fd));
	EXPECT_EQ(1, read(fd, answer, sizeof(answer)));
	EXPECT_EQ(7, answer[0]);
	close(fd);
}

RIG_TEST(second_message_before_the_answer_is_busy)
{
	uint8_t msg[2] = { APP_ECHO, 1 }, answer[8];
	int fd;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	fd = rig_open_node(self->r->dev, O_RDWR);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(2, write(fd, msg, 2));
	EXPECT_EQ(-1, write(fd, msg, 2));
	EXPECT_EQ(EBUSY, errno);
	EXPECT_EQ(1, read(fd, answer, sizeof(answer)));
	close(fd);
}

RIG_TEST(write_returns_with_the_answer_there)
{
	uint8_t msg[2] = { APP_ECHO, 1 }, answer[8];
	struct pollfd pfd = { .events = POLLIN | POLLOUT };

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	pfd.fd = rig_open_node(self->r->dev, O_RDWR);
	ASSERT_GE(pfd.fd, 0);
	ASSERT_EQ(2, write(pfd.fd, msg, 2));
	EXPECT_EQ(1, poll(&pfd, 1, 0));
	EXPECT_EQ(POLLIN, pfd.revents);
	EXPECT_EQ(1, read(pfd.fd, answer, sizeof(answer)));
	EXPECT_EQ(1, poll(&pfd, 1, 0));
	EXPECT_EQ(POLLOUT, pfd.revents);
	close(pfd.fd);
}

/* Keeps the module from answering until a byte comes. */
static void hold(void *ctx, struct rig_xchg *x)
{
	const int *from = ctx;
	char c;

	if (!x->rsp_len && read(*from, &c, 1) != 1)
		abort();
}

RIG_TEST(nonblocking_write_returns_before_the_answer)
{
	uint8_t msg[2] = { APP_ECHO, 1 }, answer[8];
	struct pollfd pfd = { .events = POLLIN | POLLOUT };
	int gate[2];

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	ASSERT_EQ(0, pipe(gate));
	pfd.fd = rig_open_node(self->r->dev, O_RDWR | O_NONBLOCK);
	ASSERT_GE(pfd.fd, 0);
	rig_module_hook(&self->r->mod, hold, &gate[0]);
	ASSERT_EQ(2, write(pfd.fd, msg, 2));
	EXPECT_EQ(0, poll(&pfd, 1, 0));
	EXPECT_EQ(-1, write(pfd.fd, msg, 2));
	EXPECT_EQ(EBUSY, errno);
	EXPECT_EQ(-1, read(pfd.fd, answer, sizeof(answer)));
	EXPECT_EQ(EAGAIN, errno);
	ASSERT_EQ(1, write(gate[1], "!", 1));
	ASSERT_EQ(1, poll(&pfd, 1, RIG_PATIENCE_MS));
	EXPECT_EQ(POLLIN, pfd.revents);
	EXPECT_EQ(1, read(pfd.fd, answer, sizeof(answer)));
	rig_module_hook(&self->r->mod, NULL, NULL);
	close(pfd.fd);
}

RIG_TEST(poll_and_nonblocking_reads_agree)
{
	uint8_t msg[2] = { APP_ECHO, 1 }, answer[8];
	struct pollfd pfd = { .events = POLLIN | POLLOUT };

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	pfd.fd = rig_open_node(self->r->dev, O_RDWR | O_NONBLOCK);
	ASSERT_GE(pfd.fd, 0);
	EXPECT_EQ(1, poll(&pfd, 1, 0));
	EXPECT_EQ(POLLOUT, pfd.revents);
	ASSERT_EQ(2, write(pfd.fd, msg, 2));
	pfd.events = POLLIN;
	ASSERT_EQ(1, poll(&pfd, 1, RIG_PATIENCE_MS));
	EXPECT_EQ(POLLIN, pfd.revents & POLLIN);
	EXPECT_EQ(1, read(pfd.fd, answer, sizeof(answer)));
	EXPECT_EQ(-1, read(pfd.fd, answer, sizeof(answer)));
	EXPECT_EQ(EAGAIN, errno);
	close(pfd.fd);
}

RIG_TEST(unpaired_module_gives_enokey)
{
	uint8_t msg[2] = { APP_ECHO, 1 }, answer[8];

	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_IDENTIFIED, rig_settle(self->r));
	EXPECT_EQ(-ENOKEY, rig_exchange(self->r, msg, 2, answer, sizeof(answer)));
	ASSERT_EQ(0, rig_use_host(self->r, 0));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_wait_state(self->r, SMPAIR_STATE_UNPAIRED));
	EXPECT_EQ(-ENOKEY, rig_exchange(self->r, msg, 2, answer, sizeof(answer)));
}

RIG_TEST(unpaired_module_gives_enokey_after_a_failed_pairing_too)
{
	struct rig_pairing how = { .pin = "00000000" };
	uint8_t msg[2] = { APP_ECHO, 1 }, answer[8];

	ASSERT_EQ(0, rig_use_host(self->r, 0));
	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
	ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_PIN_WRONG, self->out.cause);
	EXPECT_EQ(-ENOKEY, rig_exchange(self->r, msg, 2, answer, sizeof(answer)));
	how.answer = SMPAIR_ANSWER_DECLINED;
	ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
	EXPECT_EQ(-ENOKEY, rig_exchange(self->r, msg, 2, answer, sizeof(answer)));
}

RIG_TEST(refusal_of_the_application_is_told_apart_and_keeps_the_session)
{
	uint8_t unknown[2] = { 0x7f, 1 }, answer[8];

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	EXPECT_EQ(-EREMOTEIO, rig_exchange(self->r, unknown, 2, answer, sizeof(answer)));
	EXPECT_EQ(SMPAIR_STATE_PAIRED, rig_settle(self->r));
	EXPECT_TRUE(rig_echo(self->r, 10));
}

RIG_TEST(closed_session_is_opened_by_the_next_message)
{
	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	ASSERT_EQ(0, rig_do(self->r, smpair_op_close, &self->out));
	EXPECT_EQ(0, self->out.error);
	EXPECT_EQ(SMPAIR_STATE_CLOSED, rig_settle(self->r));
	EXPECT_TRUE(rig_echo(self->r, 10));
	EXPECT_EQ(SMPAIR_STATE_PAIRED, rig_settle(self->r));
}

RIG_TEST(application_mac_is_made_inside_the_module)
{
	uint8_t msg[] = { APP_HMAC, 'h', 'i' }, mac[64], key[32], want[32];

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	ASSERT_EQ(32, rig_exchange(self->r, msg, sizeof(msg), mac, sizeof(mac)));
	oracle_kdf(self->r->mod.perso.km, APP_KEY_LABEL, NULL, 0, key, 32);
	oracle_hmac(key, "hi", 2, want);
	EXPECT_EQ(0, memcmp(mac, want, 32));
}

RIG_TEST(answers_longer_and_shorter_than_their_messages_come_back_whole)
{
	uint8_t ask[] = { APP_RANDOM, 4000 >> 8, 4000 & 0xff };
	uint8_t msg[4000], mac[64], answer[4000], key[32], want[32];

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	EXPECT_EQ(4000, rig_exchange(self->r, ask, sizeof(ask), answer, sizeof(answer)));
	memset(msg, 0x5a, sizeof(msg));
	msg[0] = APP_HMAC;
	EXPECT_EQ(32, rig_exchange(self->r, msg, sizeof(msg), mac, sizeof(mac)));
	oracle_kdf(self->r->mod.perso.km, APP_KEY_LABEL, NULL, 0, key, 32);
	oracle_hmac(key, msg + 1, sizeof(msg) - 1, want);
	EXPECT_EQ(0, memcmp(mac, want, 32));
}

RIG_TEST(session_is_replaced_at_a_lowered_limit)
{
	char old[16] = "";
	struct smpair_dev_info info;
	unsigned int i;
	FILE *f;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	f = fopen(REKEY_PARAM, "r+");
	ASSERT_NE(NULL, f);
	ASSERT_NE(NULL, fgets(old, sizeof(old), f));
	rewind(f);
	fprintf(f, "5\n");
	fflush(f);
	for (i = 0; i < 23; i++)
		EXPECT_TRUE(rig_echo(self->r, 10 + i));
	rewind(f);
	fprintf(f, "%s", old);
	fclose(f);
	ASSERT_EQ(0, smpair_dev_get(self->r->client, self->r->dev, &info));
	EXPECT_GE(info.rekeys, 4);
	EXPECT_EQ(SMPAIR_STATE_PAIRED, info.state);
}

/* Counts the commands and bytes that pass while it is hooked. */
struct count {
	unsigned int commands;
	size_t bytes;
	uint8_t last;
};

static void count(void *ctx, struct rig_xchg *x)
{
	struct count *c = ctx;

	if (!x->rsp_len) {
		c->commands++;
		c->last = x->cmd[1];
		return;
	}
	c->bytes += x->cmd_len + x->rsp_len;
}

RIG_TEST(exchange_costs_one_round_trip)
{
	struct count c = { 0 };

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	rig_module_hook(&self->r->mod, count, &c);
	EXPECT_TRUE(rig_echo(self->r, 100));
	EXPECT_EQ(1, c.commands);
	EXPECT_EQ(PDT1_INS_ENVELOPE, c.last);
	rig_module_hook(&self->r->mod, NULL, NULL);
}

RIG_TEST(two_modules_do_not_mix)
{
	struct rig other;
	struct sm_perso perso;

	rig_perso_init(&perso, 2);
	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	memset(&other, 0, sizeof(other));
	other.mod.fd = -1;
	other.dev = RIG_NO_DEV;
	other.client = self->r->client;
	other.host = self->r->host;
	ASSERT_EQ(0, rig_module_make(&other.mod, &perso));
	ASSERT_EQ(0, rig_insert(&other));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(&other));
	ASSERT_EQ(0, rig_pair(&other, &self->out));
	EXPECT_EQ(0, self->out.error);
	EXPECT_TRUE(rig_echo(&other, 10));
	EXPECT_TRUE(rig_echo(self->r, 10));
	rig_remove(&other);
	EXPECT_TRUE(rig_echo(self->r, 10));
	EXPECT_EQ(SMPAIR_STATE_PAIRED, rig_settle(self->r));
	rig_module_free(&other.mod);
}

TEST_HARNESS_MAIN
