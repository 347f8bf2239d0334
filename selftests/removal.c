// SPDX-License-Identifier: GPL-2.0
/*
 * What those learn who were in the middle of something when the module was pulled.
 * That it may be pulled in every state is shown in race.c.
 */
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "rig/fixture.h"
#include "rig/hold.h"

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

/* Starts an operation, removes the module at @ins, and expects ENODEV. */
static void remove_during(struct __test_metadata *_metadata, struct rig *r, uint8_t ins,
			  rig_op op)
{
	struct smpair_outcome out;
	struct hold hold;
	uint64_t id;

	ASSERT_EQ(0, hold_arm(&hold, &r->mod, ins));
	ASSERT_EQ(0, op(r->client, r->dev, &id));
	ASSERT_EQ(0, hold_wait(&hold));
	rig_remove(r);
	ASSERT_EQ(0, smpair_op_wait(r->client, id, RIG_PATIENCE_MS, &out));
	EXPECT_EQ(ENODEV, out.error);
	EXPECT_EQ(SMPAIR_CAUSE_GONE, out.cause);
}

static int op_pair(struct smpair_client *client, uint32_t dev, uint64_t *op)
{
	return smpair_op_pair(client, dev, SMPAIR_PAIR_OWN_AGENT, 0, op);
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
	struct hold hold;
	struct pollfd pfd;
	int fd;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	fd = rig_open_node(self->r->dev, O_RDWR | O_NONBLOCK);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, hold_arm(&hold, &self->r->mod, PDT1_INS_ENVELOPE));
	ASSERT_EQ((ssize_t)sizeof(msg), write(fd, msg, sizeof(msg)));
	ASSERT_EQ(0, hold_wait(&hold));
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

TEST_HARNESS_MAIN
