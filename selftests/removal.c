// SPDX-License-Identifier: GPL-2.0
/* The module is pulled in every state; nothing hangs and the next insertion works. */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "rig/fixture.h"
#include "rig/stall.h"
#include "smpair/key.h"

/* After each removal: no link is left, and a new insertion pairs or verifies. */
static void works_again(struct __test_metadata *_metadata, struct rig *r, bool paired)
{
	rig_module_hook(&r->mod, NULL, NULL);
	EXPECT_EQ(0, rig_count_devs(r->client));
	ASSERT_EQ(0, rig_use_host(r, 0));
	ASSERT_EQ(0, rig_insert(r));
	if (paired) {
		EXPECT_EQ(SMPAIR_STATE_PAIRED, rig_settle(r));
	} else {
		EXPECT_TRUE(rig_make_pairing(r, 0));
	}
	EXPECT_TRUE(rig_echo(r, 50));
}

RIG_TEST(removed_while_probing)
{
	struct stall s;

	ASSERT_EQ(0, rig_use_host(self->r, 0));
	start_stall(_metadata, self->r, &s, PDT1_INS_SELECT);
	ASSERT_EQ(0, rig_insert(self->r));
	await_stall(_metadata, &s);
	rig_remove(self->r);
	works_again(_metadata, self->r, false);
}

RIG_TEST(removed_while_opening)
{
	struct stall s;

	ASSERT_EQ(0, rig_use_host(self->r, 0));
	start_stall(_metadata, self->r, &s, PDT1_INS_OPEN);
	ASSERT_EQ(0, rig_insert(self->r));
	await_stall(_metadata, &s);
	rig_remove(self->r);
	works_again(_metadata, self->r, false);
}

RIG_TEST(removed_while_identified)
{
	ASSERT_EQ(0, rig_insert(self->r));
	EXPECT_EQ(SMPAIR_STATE_IDENTIFIED, rig_settle(self->r));
	EXPECT_EQ(SMPAIR_CAUSE_NO_HOST, rig_cause(self->r));
	rig_remove(self->r);
	works_again(_metadata, self->r, false);
}

RIG_TEST(removed_while_unpaired)
{
	ASSERT_EQ(0, rig_use_host(self->r, 0));
	ASSERT_EQ(0, rig_insert(self->r));
	EXPECT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
	rig_remove(self->r);
	works_again(_metadata, self->r, false);
}

/* Starts an operation, removes the module at @ins, and expects ENODEV. */
static void remove_during(struct __test_metadata *_metadata, struct rig *r, uint8_t ins,
			  rig_op op)
{
	struct smpair_outcome out;
	struct stall s;
	uint64_t id;

	start_stall(_metadata, r, &s, ins);
	ASSERT_EQ(0, op(r->client, r->dev, &id));
	await_stall(_metadata, &s);
	rig_remove(r);
	ASSERT_EQ(0, smpair_op_wait(r->client, id, RIG_PATIENCE_MS, &out));
	EXPECT_EQ(ENODEV, out.error);
	EXPECT_EQ(SMPAIR_CAUSE_GONE, out.cause);
}

static int op_pair(struct smpair_client *client, uint32_t dev, uint64_t *op)
{
	return smpair_op_pair(client, dev, SMPAIR_PAIR_OWN_AGENT, 0, op);
}

RIG_TEST(removed_while_begin_is_under_way)
{
	ASSERT_EQ(0, rig_use_host(self->r, 0));
	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
	remove_during(_metadata, self->r, PDT1_INS_PAIR_BEGIN, op_pair);
	works_again(_metadata, self->r, false);
}

RIG_TEST(removed_while_an_agent_thinks)
{
	struct smpair_request req;
	uint64_t id;
	int32_t err;

	ASSERT_EQ(0, rig_use_host(self->r, 0));
	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
	ASSERT_EQ(0, op_pair(self->r->client, self->r->dev, &id));
	ASSERT_EQ(SMPAIR_WAIT_REQUEST,
		  smpair_op_wait(self->r->client, id, RIG_PATIENCE_MS, &self->out));
	ASSERT_EQ(0, smpair_request_accept(self->r->client, &req));
	rig_remove(self->r);
	ASSERT_EQ(0, smpair_op_wait(self->r->client, id, RIG_PATIENCE_MS, &self->out));
	EXPECT_EQ(ENODEV, self->out.error);
	/* the answer comes too late, and is told so */
	err = smpair_request_done(self->r->client, req.id, SMPAIR_ANSWER_DECLINED, 0, false);
	EXPECT_EQ(-ESTALE, err);
	works_again(_metadata, self->r, false);
}

RIG_TEST(removed_while_confirm_is_under_way)
{
	struct smpair_request req;
	struct stall s;
	char pin[8];
	int32_t key;
	uint64_t id;

	ASSERT_EQ(0, rig_use_host(self->r, 0));
	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
	start_stall(_metadata, self->r, &s, PDT1_INS_PAIR_CONFIRM);
	ASSERT_EQ(0, op_pair(self->r->client, self->r->dev, &id));
	ASSERT_EQ(SMPAIR_WAIT_REQUEST,
		  smpair_op_wait(self->r->client, id, RIG_PATIENCE_MS, &self->out));
	ASSERT_EQ(0, smpair_request_accept(self->r->client, &req));
	rig_pin(&self->r->mod.perso, &self->r->host, req.index, pin);
	ASSERT_EQ(0, smpair_key_add_pin(pin, &key));
	ASSERT_EQ(0, smpair_request_done(self->r->client, req.id, SMPAIR_ANSWER_ACCEPTED, key,
					 false));
	await_stall(_metadata, &s);
	rig_remove(self->r);
	ASSERT_EQ(0, smpair_op_wait(self->r->client, id, RIG_PATIENCE_MS, &self->out));
	EXPECT_EQ(ENODEV, self->out.error);
	works_again(_metadata, self->r, false);
}

RIG_TEST(removed_while_paired)
{
	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	rig_remove(self->r);
	works_again(_metadata, self->r, true);
}

RIG_TEST(removed_while_unpair_is_under_way)
{
	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	remove_during(_metadata, self->r, PDT1_INS_ENVELOPE, smpair_op_unpair);
	works_again(_metadata, self->r, true);
}

RIG_TEST(removed_while_close_is_under_way)
{
	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	remove_during(_metadata, self->r, PDT1_INS_ENVELOPE, smpair_op_close);
	works_again(_metadata, self->r, true);
}

RIG_TEST(removed_while_open_is_under_way)
{
	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	remove_during(_metadata, self->r, PDT1_INS_OPEN, smpair_op_open);
	works_again(_metadata, self->r, true);
}

static int op_manage(struct smpair_client *client, uint32_t dev, uint64_t *op)
{
	static const uint8_t noise[PDT1_MANAGE_MIN_LEN];

	return smpair_op_manage(client, dev, noise, sizeof(noise), op);
}

RIG_TEST(removed_while_a_management_command_is_under_way)
{
	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	remove_during(_metadata, self->r, PDT1_INS_MANAGE, op_manage);
	works_again(_metadata, self->r, true);
}

RIG_TEST(removed_while_a_reader_waits_for_its_answer)
{
	uint8_t msg[] = { APP_ECHO, 1 }, answer[8];
	struct stall s;
	struct pollfd pfd;
	int fd;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	fd = rig_open_node(self->r->dev, O_RDWR | O_NONBLOCK);
	ASSERT_GE(fd, 0);
	start_stall(_metadata, self->r, &s, PDT1_INS_ENVELOPE);
	ASSERT_EQ((ssize_t)sizeof(msg), write(fd, msg, sizeof(msg)));
	await_stall(_metadata, &s);
	ASSERT_EQ(0, fcntl(fd, F_SETFL, 0));
	rig_remove(self->r);
	EXPECT_EQ(-1, read(fd, answer, sizeof(answer)));
	EXPECT_EQ(ENODEV, errno);
	pfd = (struct pollfd){ .fd = fd, .events = POLLIN | POLLOUT };
	EXPECT_EQ(1, poll(&pfd, 1, 0));
	EXPECT_TRUE(pfd.revents & POLLHUP);
	EXPECT_EQ(-1, write(fd, msg, sizeof(msg)));
	EXPECT_EQ(ENODEV, errno);
	close(fd);
	works_again(_metadata, self->r, true);
}

struct writer {
	int fd;
	ssize_t ret;
};

static void *write_one(void *arg)
{
	static const uint8_t msg[] = { APP_ECHO, 1 };
	struct writer *w = arg;

	w->ret = write(w->fd, msg, sizeof(msg));
	return NULL;
}

RIG_TEST(removed_while_a_writer_waits_for_the_module)
{
	struct writer w;
	pthread_t thread;
	uint8_t answer[8];
	struct stall s;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	w.fd = rig_open_node(self->r->dev, O_RDWR);
	ASSERT_GE(w.fd, 0);
	start_stall(_metadata, self->r, &s, PDT1_INS_ENVELOPE);
	ASSERT_EQ(0, pthread_create(&thread, NULL, write_one, &w));
	await_stall(_metadata, &s);
	rig_remove(self->r);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	/* the message was taken, and reading tells what became of it */
	EXPECT_EQ(2, w.ret);
	EXPECT_EQ(-1, read(w.fd, answer, sizeof(answer)));
	EXPECT_EQ(ENODEV, errno);
	close(w.fd);
	works_again(_metadata, self->r, true);
}

RIG_TEST(removed_in_alarm)
{
	struct sm_store *store;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	store = &self->r->mod.m->store;
	store->slot[0].pdc[20] ^= 1;
	ASSERT_EQ(0, rig_clear_host(self->r));
	ASSERT_EQ(0, rig_use_host(self->r, 0));
	EXPECT_EQ(SMPAIR_STATE_ALARM, rig_settle(self->r));
	rig_remove(self->r);
	/* the record in flash was never touched */
	works_again(_metadata, self->r, true);
}

TEST_HARNESS_MAIN
