// SPDX-License-Identifier: GPL-2.0
/* PIN policies, tries, lost answers: no second try is ever burnt. */
#include "rig/fixture.h"

static const char wrong_pin[] = "00000000";

static void insert_unpaired(struct __test_metadata *_metadata, struct rig *r, unsigned int host)
{
	ASSERT_EQ(0, rig_use_host(r, host));
	if (r->dev == RIG_NO_DEV) {
		ASSERT_EQ(0, rig_insert(r));
	}
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(r));
}

static uint32_t try_wrong(struct __test_metadata *_metadata, struct rig *r,
			  struct smpair_outcome *out)
{
	struct rig_pairing how = { .pin = wrong_pin, .consent = true };

	ASSERT_EQ(0, rig_pair_with(r, &how, out));
	return out->cause;
}

RIG_TEST(policy_none_pairs_without_asking_anybody)
{
	struct rig_pairing how = { 0 };

	RIG_REMAKE(perso.pin_policy = PDT1_PIN_NONE);
	insert_unpaired(_metadata, self->r, 0);
	ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
	EXPECT_EQ(0, self->out.error);
	EXPECT_FALSE(how.asked);
	EXPECT_TRUE(rig_echo(self->r, 10));
}

RIG_TEST(policy_module_takes_the_pin_of_the_module)
{
	RIG_REMAKE(perso.pin_policy = PDT1_PIN_MODULE);
	EXPECT_TRUE(rig_make_pairing(self->r, 0));
}

RIG_TEST(policy_pair_takes_the_pin_of_the_pair)
{
	RIG_REMAKE(perso.pin_policy = PDT1_PIN_PAIR);
	EXPECT_TRUE(rig_make_pairing(self->r, 0));
}

RIG_TEST(policy_indexed_takes_the_pin_of_pair_and_index)
{
	RIG_REMAKE(perso.n = 4711);
	EXPECT_TRUE(rig_make_pairing(self->r, 0));
}

RIG_TEST(wrong_pins_end_at_three_per_power_up_and_block_after_five)
{
	unsigned int i;

	insert_unpaired(_metadata, self->r, 0);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(SMPAIR_CAUSE_PIN_WRONG, try_wrong(_metadata, self->r, &self->out));
		EXPECT_EQ(4 - i, self->out.tries_left);
	}
	EXPECT_EQ(SMPAIR_CAUSE_REINSERT, try_wrong(_metadata, self->r, &self->out));
	rig_remove(self->r);
	insert_unpaired(_metadata, self->r, 0);
	for (i = 0; i < 2; i++)
		EXPECT_EQ(SMPAIR_CAUSE_PIN_WRONG, try_wrong(_metadata, self->r, &self->out));
	EXPECT_EQ(0, self->out.tries_left);
	EXPECT_EQ(SMPAIR_CAUSE_PIN_BLOCKED, try_wrong(_metadata, self->r, &self->out));
	/* blocked for the right PIN too, over a power cycle */
	rig_remove(self->r);
	insert_unpaired(_metadata, self->r, 0);
	ASSERT_EQ(0, rig_pair(self->r, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_PIN_BLOCKED, self->out.cause);
}

RIG_TEST(centre_unblocks_a_blocked_module_with_a_receipt)
{
	uint8_t tries = 5;
	unsigned int i;

	insert_unpaired(_metadata, self->r, 0);
	for (i = 0; i < 5; i++) {
		if (i == 3) {
			rig_remove(self->r);
			insert_unpaired(_metadata, self->r, 0);
		}
		try_wrong(_metadata, self->r, &self->out);
	}
	EXPECT_EQ(SMPAIR_CAUSE_PIN_BLOCKED, try_wrong(_metadata, self->r, &self->out));
	ASSERT_EQ(0, rig_manage_op(self->r, PDT1_OP_UNBLOCK_PIN, 1, &tries, 1, &self->out));
	EXPECT_EQ(0, self->out.error);
	EXPECT_TRUE(SMPAIR_HAS(&self->out, SMPAIR_A_OP_RECEIPT));
	EXPECT_EQ(0x90, self->out.receipt[2]);
	EXPECT_EQ(5, self->out.receipt[20]);
	ASSERT_EQ(0, rig_pair(self->r, &self->out));
	EXPECT_EQ(0, self->out.error);
}

RIG_TEST(right_pin_restores_the_tries)
{
	insert_unpaired(_metadata, self->r, 0);
	EXPECT_EQ(SMPAIR_CAUSE_PIN_WRONG, try_wrong(_metadata, self->r, &self->out));
	ASSERT_EQ(0, rig_pair(self->r, &self->out));
	EXPECT_EQ(0, self->out.error);
	EXPECT_EQ(5, self->out.tries_left);
}

RIG_TEST(plan_shows_slot_and_tries_and_changes_nothing)
{
	struct rig_pairing how = { .flags = SMPAIR_PAIR_PLAN_ONLY };
	unsigned int i;

	insert_unpaired(_metadata, self->r, 0);
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
		EXPECT_EQ(0, self->out.error);
		EXPECT_FALSE(how.asked);
		EXPECT_EQ(SMPAIR_PLAN_FREE | SMPAIR_PLAN_PIN, self->out.plan);
		EXPECT_EQ(0, self->out.slot);
		EXPECT_EQ(5, self->out.tries_left);
		EXPECT_EQ(0, self->out.index);
		EXPECT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
	}
}

/* Drops the answer to the first CONFIRM after the module gave it. */
static void lose_e3(void *ctx, struct rig_xchg *x)
{
	int *lost = ctx;

	if (x->cmd[1] != PDT1_INS_PAIR_CONFIRM || !x->rsp_len || *lost)
		return;
	*lost = 1;
	x->rsp[0] = 0x6f;	/* what a broken link gives */
	x->rsp[1] = 0x00;
	x->rsp_len = 2;
}

RIG_TEST(lost_answer_after_success_is_found_by_open)
{
	int lost = 0;

	insert_unpaired(_metadata, self->r, 0);
	rig_module_hook(&self->r->mod, lose_e3, &lost);
	ASSERT_EQ(0, rig_pair(self->r, &self->out));
	EXPECT_EQ(1, lost);
	EXPECT_EQ(0, self->out.error);
	EXPECT_EQ(1, self->out.index);
	EXPECT_FALSE(SMPAIR_HAS(&self->out, SMPAIR_A_OP_TRIES_LEFT));
	EXPECT_EQ(SMPAIR_STATE_PAIRED, rig_wait_state(self->r, SMPAIR_STATE_PAIRED));
	EXPECT_TRUE(rig_echo(self->r, 10));
}

RIG_TEST(lost_answer_after_a_wrong_pin_burns_no_second_try)
{
	int lost = 0;

	insert_unpaired(_metadata, self->r, 0);
	rig_module_hook(&self->r->mod, lose_e3, &lost);
	EXPECT_EQ(SMPAIR_CAUSE_PIN_WRONG, try_wrong(_metadata, self->r, &self->out));
	EXPECT_EQ(1, lost);
	rig_module_hook(&self->r->mod, NULL, NULL);
	EXPECT_EQ(SMPAIR_CAUSE_PIN_WRONG, try_wrong(_metadata, self->r, &self->out));
	EXPECT_EQ(3, self->out.tries_left);
}

/* Swallows the first CONFIRM before the module sees it. */
static void lose_confirm(void *ctx, struct rig_xchg *x)
{
	int *lost = ctx;

	if (x->cmd[1] != PDT1_INS_PAIR_CONFIRM || x->rsp_len || *lost)
		return;
	*lost = 1;
	x->skip = true;
	x->rsp[0] = 0x6f;
	x->rsp[1] = 0x00;
	x->rsp_len = 2;
}

RIG_TEST(lost_command_is_repeated_once_and_pairs)
{
	int lost = 0;

	insert_unpaired(_metadata, self->r, 0);
	rig_module_hook(&self->r->mod, lose_confirm, &lost);
	ASSERT_EQ(0, rig_pair(self->r, &self->out));
	EXPECT_EQ(1, lost);
	EXPECT_EQ(0, self->out.error);
	EXPECT_EQ(5, self->out.tries_left);
}

/* While the agent thinks, the module is reset and its handshake is gone. */
static void manage_meanwhile(struct rig *r)
{
	static const uint8_t tries = 5;
	uint8_t command[PDT1_MANAGE_MIN_LEN + 8];
	size_t len = rig_manage(&r->mod.perso, PDT1_OP_UNBLOCK_PIN, 1, &tries, 1, command);
	uint64_t op;

	smpair_op_manage(r->client, r->dev, command, len, &op);
}

RIG_TEST(handshake_that_something_else_ended_is_begun_again_for_the_same_pin)
{
	struct rig_pairing how = { .consent = true, .before_answer = manage_meanwhile };

	insert_unpaired(_metadata, self->r, 0);
	ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
	EXPECT_EQ(0, self->out.error);
	EXPECT_EQ(5, self->out.tries_left);
}

/* What another host's pairing does to the module while our agent thinks. */
static void other_host_pairs(struct rig *r)
{
	/* one more pairing: the record of N moves on, as with another host's success */
	r->mod.m->store.meta.n++;
	sm_reset(r->mod.m);
}

RIG_TEST(pin_that_became_stale_is_not_sent)
{
	struct rig_pairing how = { .consent = true, .before_answer = other_host_pairs };

	insert_unpaired(_metadata, self->r, 0);
	ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_PIN_STALE, self->out.cause);
	rig_remove(self->r);
	insert_unpaired(_metadata, self->r, 0);
	ASSERT_EQ(0, rig_pair(self->r, &self->out));
	EXPECT_EQ(0, self->out.error);
	EXPECT_EQ(5, self->out.tries_left);
}

TEST_HARNESS_MAIN
