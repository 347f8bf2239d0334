// SPDX-License-Identifier: GPL-2.0
/* Operations in states that do not take them, or take them by a detour. */
#include "rig/fixture.h"
#include "rig/hold.h"

static const uint8_t nonce[SMPAIR_NONCE_LEN];

static void insert_unpaired(struct __test_metadata *_metadata, struct rig *r)
{
	ASSERT_EQ(0, rig_use_host(r, 0));
	ASSERT_EQ(0, rig_insert(r));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(r));
}

RIG_TEST(pairing_that_is_cancelled_before_its_turn_is_never_begun)
{
	struct smpair_outcome opened;
	struct hold hold = { 0 };
	uint64_t op, pair;

	insert_unpaired(_metadata, self->r);
	ASSERT_EQ(0, hold_arm(&hold, &self->r->mod, PDT1_INS_OPEN));
	ASSERT_EQ(0, smpair_op_open(self->r->client, self->r->dev, &op));
	ASSERT_EQ(0, hold_wait(&hold));
	ASSERT_EQ(0, smpair_op_pair(self->r->client, self->r->dev, SMPAIR_PAIR_OWN_AGENT, 0,
				    &pair));
	ASSERT_EQ(0, smpair_pair_cancel(self->r->client, self->r->dev));
	hold_release(&hold, HOLD_ANSWER);
	ASSERT_EQ(0, smpair_op_wait(self->r->client, op, RIG_PATIENCE_MS, &opened));
	EXPECT_EQ(SMPAIR_CAUSE_NOT_PAIRED, opened.cause);
	ASSERT_EQ(0, smpair_op_wait(self->r->client, pair, RIG_PATIENCE_MS, &self->out));
	EXPECT_EQ(ECANCELED, self->out.error);
	EXPECT_EQ(SMPAIR_CAUSE_CANCELLED, self->out.cause);
	EXPECT_FALSE(SMPAIR_HAS(&self->out, SMPAIR_A_OP_PLAN));
	/* and nothing is left to cancel the next one */
	ASSERT_EQ(0, rig_pair(self->r, &self->out));
	EXPECT_EQ(0, self->out.error);
}

/* Answers each @ins with a status word and nothing else, while told to. */
struct deaf {
	uint8_t ins;
	bool on;
};

static void say_6f00(void *ctx, struct rig_xchg *x)
{
	const struct deaf *deaf = ctx;

	if (!deaf->on || !x->rsp_len || x->cmd[1] != deaf->ins)
		return;
	x->rsp[0] = 0x6f;
	x->rsp[1] = 0x00;
	x->rsp_len = 2;
}

RIG_TEST(pairing_first_asks_again_what_the_module_failed_to_tell)
{
	struct deaf deaf = { .ins = PDT1_INS_OPEN, .on = true };
	struct rig_pairing how = { 0 };

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	rig_remove(self->r);
	rig_module_hook(&self->r->mod, say_6f00, &deaf);
	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_IDENTIFIED, rig_settle(self->r));
	deaf.on = false;
	ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
	EXPECT_EQ(EALREADY, self->out.error);
	EXPECT_FALSE(how.asked);
	EXPECT_EQ(SMPAIR_STATE_PAIRED, rig_settle(self->r));
	EXPECT_TRUE(rig_echo(self->r, 10));
}

static void flip_mac_of_open(void *ctx, struct rig_xchg *x)
{
	if (x->rsp_len == PDT1_OPEN_RSP_LEN + 2 && x->cmd[1] == PDT1_INS_OPEN)
		x->rsp[x->rsp_len - 3] ^= 1;
}

RIG_TEST(pairing_in_alarm_is_refused_for_the_cause_of_the_alarm_and_asks_nobody)
{
	struct rig_pairing how = { .flags = SMPAIR_PAIR_AGAIN, .consent = true };
	unsigned int before;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	rig_module_hook(&self->r->mod, flip_mac_of_open, NULL);
	rig_remove(self->r);
	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_ALARM, rig_settle(self->r));
	before = self->r->mod.commands;
	ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_BAD_MAC, self->out.cause);
	EXPECT_FALSE(how.asked);
	EXPECT_EQ(before, self->r->mod.commands);
}

RIG_TEST(open_without_credentials_asks_the_module_nothing)
{
	unsigned int before;

	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_IDENTIFIED, rig_settle(self->r));
	before = self->r->mod.commands;
	ASSERT_EQ(0, rig_do(self->r, smpair_op_open, &self->out));
	EXPECT_EQ(ENOKEY, self->out.error);
	EXPECT_EQ(SMPAIR_CAUSE_NO_HOST, self->out.cause);
	EXPECT_EQ(before, self->r->mod.commands);
	EXPECT_EQ(SMPAIR_STATE_IDENTIFIED, rig_settle(self->r));
}

RIG_TEST(close_and_unpair_of_what_is_not_paired_say_so)
{
	unsigned int before;

	insert_unpaired(_metadata, self->r);
	before = self->r->mod.commands;
	ASSERT_EQ(0, rig_do(self->r, smpair_op_close, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_NOT_PAIRED, self->out.cause);
	EXPECT_EQ(before, self->r->mod.commands);
	ASSERT_EQ(0, rig_do(self->r, smpair_op_unpair, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_NOT_PAIRED, self->out.cause);
	EXPECT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
}

RIG_TEST(unpair_opens_a_session_if_there_is_none)
{
	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	ASSERT_EQ(0, rig_do(self->r, smpair_op_close, &self->out));
	ASSERT_EQ(SMPAIR_STATE_CLOSED, rig_settle(self->r));
	ASSERT_EQ(0, rig_do(self->r, smpair_op_unpair, &self->out));
	EXPECT_EQ(0, self->out.error);
	EXPECT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
	EXPECT_FALSE(self->r->mod.m->store.slot[0].used);
}

static int worn(void *ctx, uint32_t off, const void *buf, uint32_t len)
{
	return -1;
}

RIG_TEST(unpair_that_the_module_cannot_write_is_no_unpair)
{
	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	self->r->mod.m->port.flash_program = worn;
	ASSERT_EQ(0, rig_do(self->r, smpair_op_unpair, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_MODULE_REFUSED, self->out.cause);
	EXPECT_EQ(PDT1_SW_MEMORY, self->out.status_word);
	rig_remove(self->r);
	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_PAIRED, rig_settle(self->r));
	EXPECT_TRUE(rig_echo(self->r, 10));
	ASSERT_EQ(0, rig_do(self->r, smpair_op_unpair, &self->out));
	EXPECT_EQ(0, self->out.error);
	EXPECT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
}

static void version_2(void *ctx, struct rig_xchg *x)
{
	if (x->rsp_len == PDT1_SELECT_RSP_LEN + 2 && x->cmd[1] == PDT1_INS_SELECT)
		x->rsp[18 + PDT1_INFO_OFF_VERSION] = 2;
}

RIG_TEST(module_of_another_version_gets_no_order_and_no_question)
{
	const uint8_t tries = 5;
	unsigned int before;
	uint64_t op;

	rig_module_hook(&self->r->mod, version_2, NULL);
	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_UNSUPPORTED, rig_settle(self->r));
	before = self->r->mod.commands;
	ASSERT_EQ(0, rig_manage_op(self->r, PDT1_OP_UNBLOCK_PIN, 1, &tries, 1, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_BAD_INFO, self->out.cause);
	EXPECT_FALSE(SMPAIR_HAS(&self->out, SMPAIR_A_OP_RECEIPT));
	ASSERT_EQ(0, smpair_op_report(self->r->client, self->r->dev, nonce, &op));
	ASSERT_EQ(0, smpair_op_wait(self->r->client, op, RIG_PATIENCE_MS, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_BAD_INFO, self->out.cause);
	EXPECT_FALSE(SMPAIR_HAS(&self->out, SMPAIR_A_OP_REPORT));
	EXPECT_EQ(before, self->r->mod.commands);
}

RIG_TEST(order_longer_than_the_module_takes_is_not_sent)
{
	uint8_t command[PDT1_MANAGE_MIN_LEN + 300] = { 0 };
	unsigned int before;
	uint64_t op;

	RIG_REMAKE(perso.maxc = PDT1_MANAGE_MIN_LEN + 200);
	insert_unpaired(_metadata, self->r);
	before = self->r->mod.commands;
	ASSERT_EQ(0, smpair_op_manage(self->r->client, self->r->dev, command, sizeof(command),
				      &op));
	ASSERT_EQ(0, smpair_op_wait(self->r->client, op, RIG_PATIENCE_MS, &self->out));
	EXPECT_EQ(EMSGSIZE, self->out.error);
	EXPECT_EQ(before, self->r->mod.commands);
	/* one of the longest length is, and judged there */
	ASSERT_EQ(0, smpair_op_manage(self->r->client, self->r->dev, command,
				      PDT1_MANAGE_MIN_LEN + 200, &op));
	ASSERT_EQ(0, smpair_op_wait(self->r->client, op, RIG_PATIENCE_MS, &self->out));
	EXPECT_LT(before, self->r->mod.commands);
	EXPECT_TRUE(SMPAIR_HAS(&self->out, SMPAIR_A_OP_STATUS_WORD));
}

RIG_TEST(credentials_that_change_while_an_agent_thinks_end_the_pairing)
{
	struct smpair_request req;
	struct rig_host other;
	uint64_t op;

	insert_unpaired(_metadata, self->r);
	ASSERT_EQ(0, smpair_op_pair(self->r->client, self->r->dev, SMPAIR_PAIR_OWN_AGENT, 0, &op));
	ASSERT_EQ(SMPAIR_WAIT_REQUEST,
		  smpair_op_wait(self->r->client, op, RIG_PATIENCE_MS, &self->out));
	ASSERT_EQ(0, smpair_request_accept(self->r->client, &req));
	rig_host_init(&other, 1);
	ASSERT_EQ(0, rig_host_load(self->r->client, &other));
	ASSERT_EQ(0, smpair_op_wait(self->r->client, op, RIG_PATIENCE_MS, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_HOST_CHANGED, self->out.cause);
	EXPECT_EQ(-ESTALE, smpair_request_done(self->r->client, req.id, SMPAIR_ANSWER_DECLINED, 0,
					       false));
	self->r->host = other;
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_wait_state(self->r, SMPAIR_STATE_UNPAIRED));
	ASSERT_EQ(0, rig_pair(self->r, &self->out));
	EXPECT_EQ(0, self->out.error);
	EXPECT_EQ(5, self->out.tries_left);
}

TEST_HARNESS_MAIN
