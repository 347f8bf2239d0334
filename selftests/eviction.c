// SPDX-License-Identifier: GPL-2.0
/* Who gives way when the table is full. */
#include "rig/fixture.h"

static void reinsert(struct __test_metadata *_metadata, struct rig *r)
{
	rig_remove(r);
	ASSERT_EQ(0, rig_insert(r));
	ASSERT_EQ(SMPAIR_STATE_PAIRED, rig_settle(r));
}

/* Verifies the pairing of @host @times more. */
static void verify(struct __test_metadata *_metadata, struct rig *r, unsigned int host,
		   unsigned int times)
{
	ASSERT_EQ(0, rig_use_host(r, host));
	ASSERT_EQ(SMPAIR_STATE_PAIRED, rig_wait_state(r, SMPAIR_STATE_PAIRED));
	while (times--)
		reinsert(_metadata, r);
}

static void fill(struct __test_metadata *_metadata, struct rig *r)
{
	unsigned int host;

	for (host = 0; host < 4; host++)
		ASSERT_TRUE(rig_make_pairing(r, host));
}

/* What would host @host take? */
static void plan(struct __test_metadata *_metadata, struct rig *r, unsigned int host,
		 struct smpair_outcome *out)
{
	struct rig_pairing how = { .flags = SMPAIR_PAIR_PLAN_ONLY };

	ASSERT_EQ(0, rig_use_host(r, host));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_wait_state(r, SMPAIR_STATE_UNPAIRED));
	ASSERT_EQ(0, rig_pair_with(r, &how, out));
}

RIG_TEST(least_active_pairing_gives_way)
{
	fill(_metadata, self->r);
	verify(_metadata, self->r, 0, 3);
	verify(_metadata, self->r, 2, 3);
	verify(_metadata, self->r, 3, 3);
	plan(_metadata, self->r, 4, &self->out);
	EXPECT_TRUE(self->out.plan & SMPAIR_PLAN_EVICT);
	EXPECT_TRUE(self->out.plan & SMPAIR_PLAN_EVICT_PERMITTED);
	EXPECT_EQ(1, self->out.slot);
}

RIG_TEST(newest_pairing_is_spared)
{
	fill(_metadata, self->r);
	verify(_metadata, self->r, 0, 3);
	verify(_metadata, self->r, 1, 2);
	verify(_metadata, self->r, 2, 4);
	/* slot 3 is the least active, and the newest: slot 1 is next */
	plan(_metadata, self->r, 4, &self->out);
	EXPECT_EQ(1, self->out.slot);
}

RIG_TEST(pinned_pairing_is_spared)
{
	const uint8_t pin_slot_0[] = { 0, 1 };

	fill(_metadata, self->r);
	verify(_metadata, self->r, 1, 2);
	verify(_metadata, self->r, 2, 3);
	plan(_metadata, self->r, 4, &self->out);
	EXPECT_EQ(0, self->out.slot);
	ASSERT_EQ(0, rig_manage_op(self->r, PDT1_OP_PIN_SLOT, 1, pin_slot_0, 2, &self->out));
	ASSERT_EQ(0, self->out.error);
	plan(_metadata, self->r, 4, &self->out);
	EXPECT_EQ(1, self->out.slot);
}

RIG_TEST(old_activity_fades)
{
	RIG_REMAKE(perso.ageing = 1);
	fill(_metadata, self->r);
	/* host 0 was busy long ago; with ageing 1 each later verification halves it */
	verify(_metadata, self->r, 0, 4);
	verify(_metadata, self->r, 1, 8);
	verify(_metadata, self->r, 2, 8);
	plan(_metadata, self->r, 4, &self->out);
	EXPECT_EQ(0, self->out.slot);
}

RIG_TEST(eviction_without_consent_changes_nothing)
{
	struct rig_pairing how = { .consent = false };

	fill(_metadata, self->r);
	ASSERT_EQ(0, rig_use_host(self->r, 4));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_wait_state(self->r, SMPAIR_STATE_UNPAIRED));
	ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_NO_CONSENT, self->out.cause);
	verify(_metadata, self->r, 0, 0);
	verify(_metadata, self->r, 3, 0);
}

RIG_TEST(evicted_host_is_told_that_it_is_not_paired)
{
	fill(_metadata, self->r);
	verify(_metadata, self->r, 0, 2);
	verify(_metadata, self->r, 2, 2);
	ASSERT_EQ(0, rig_use_host(self->r, 4));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_wait_state(self->r, SMPAIR_STATE_UNPAIRED));
	ASSERT_EQ(0, rig_pair(self->r, &self->out));
	ASSERT_EQ(0, self->out.error);
	EXPECT_EQ(1, self->out.slot);
	ASSERT_EQ(0, rig_use_host(self->r, 1));
	EXPECT_EQ(SMPAIR_STATE_UNPAIRED, rig_wait_state(self->r, SMPAIR_STATE_UNPAIRED));
	EXPECT_EQ(SMPAIR_CAUSE_NOT_PAIRED, rig_cause(self->r));
}

RIG_TEST(host_without_the_right_may_not_evict)
{
	struct rig_pairing how = { .consent = true };

	fill(_metadata, self->r);
	rig_host_init(&self->r->host, 4);
	self->r->host.rights = PDT1_RIGHT_LIST;
	ASSERT_EQ(0, rig_load_host(self->r));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_wait_state(self->r, SMPAIR_STATE_UNPAIRED));
	ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_FULL, self->out.cause);
	EXPECT_FALSE(how.asked);
}

RIG_TEST(policy_never_says_full)
{
	struct rig_pairing how = { .consent = true };

	RIG_REMAKE(perso.evict_policy = PDT1_EVICT_NEVER);
	fill(_metadata, self->r);
	ASSERT_EQ(0, rig_use_host(self->r, 4));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_wait_state(self->r, SMPAIR_STATE_UNPAIRED));
	ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_FULL, self->out.cause);
	EXPECT_FALSE(how.asked);
}

RIG_TEST(pairing_again_reuses_the_own_slot)
{
	struct rig_pairing how = { .flags = SMPAIR_PAIR_AGAIN, .consent = true };

	fill(_metadata, self->r);
	verify(_metadata, self->r, 2, 0);
	ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
	EXPECT_EQ(0, self->out.error);
	EXPECT_TRUE(self->out.plan & SMPAIR_PLAN_SAME);
	EXPECT_EQ(2, self->out.slot);
	EXPECT_TRUE(rig_echo(self->r, 10));
}

RIG_TEST(pairing_when_paired_is_done_already)
{
	struct rig_pairing how = { 0 };

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
	EXPECT_EQ(EALREADY, self->out.error);
	EXPECT_FALSE(how.asked);
}

RIG_TEST(centre_frees_a_slot_for_a_lost_host)
{
	const uint8_t slot = 3;

	fill(_metadata, self->r);
	verify(_metadata, self->r, 0, 0);
	ASSERT_EQ(0, rig_manage_op(self->r, PDT1_OP_FREE_SLOT, 1, &slot, 1, &self->out));
	EXPECT_EQ(0, self->out.error);
	plan(_metadata, self->r, 4, &self->out);
	EXPECT_TRUE(self->out.plan & SMPAIR_PLAN_FREE);
	EXPECT_EQ(3, self->out.slot);
}

TEST_HARNESS_MAIN
