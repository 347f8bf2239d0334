// SPDX-License-Identifier: GPL-2.0
/* What a module answers to CONFIRM besides a wrong PIN, or to what follows a lost one. */
#include "rig/fixture.h"
#include "rig/oracle.h"

static void insert_unpaired(struct __test_metadata *_metadata, struct rig *r, unsigned int host)
{
	ASSERT_EQ(0, rig_use_host(r, host));
	if (r->dev == RIG_NO_DEV) {
		ASSERT_EQ(0, rig_insert(r));
	}
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(r));
}

/* Pairs with the right PIN while the module changes its mind; the cause that follows. */
static uint32_t pair_while(struct __test_metadata *_metadata, struct rig *r,
			   void (*meanwhile)(struct rig *r), struct smpair_outcome *out)
{
	struct rig_pairing how = { .consent = true, .before_answer = meanwhile };

	ASSERT_EQ(0, rig_pair_with(r, &how, out));
	EXPECT_TRUE(how.asked);
	return out->cause;
}

/* The next attempt pairs, and no try was spent meanwhile. */
static void pair_now(struct __test_metadata *_metadata, struct rig *r)
{
	struct smpair_outcome out;

	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(r));
	ASSERT_EQ(0, rig_pair(r, &out));
	EXPECT_EQ(0, out.error);
	EXPECT_EQ(5, out.tries_left);
	EXPECT_TRUE(rig_echo(r, 10));
}

static void lose_the_tries(struct rig *r)
{
	r->mod.m->store.meta.ptc = 0;
}

RIG_TEST(tries_that_ran_out_while_an_agent_thought_say_blocked)
{
	insert_unpaired(_metadata, self->r, 0);
	EXPECT_EQ(SMPAIR_CAUSE_PIN_BLOCKED,
		  pair_while(_metadata, self->r, lose_the_tries, &self->out));
	EXPECT_EQ(PDT1_SW_BLOCKED, self->out.status_word);
	EXPECT_EQ(0, self->out.tries_left);
	self->r->mod.m->store.meta.ptc = 5;
	pair_now(_metadata, self->r);
}

static void forbid_eviction(struct rig *r)
{
	r->mod.m->pairing.flags &= ~PDT1_E1_EVICT_OK;
}

RIG_TEST(eviction_forbidden_while_an_agent_thought_says_full_in_spite_of_consent)
{
	unsigned int host;

	for (host = 0; host < 4; host++)
		ASSERT_TRUE(rig_make_pairing(self->r, host));
	insert_unpaired(_metadata, self->r, 4);
	EXPECT_EQ(SMPAIR_CAUSE_FULL, pair_while(_metadata, self->r, forbid_eviction, &self->out));
	EXPECT_EQ(PDT1_SW_FULL, self->out.status_word);
	pair_now(_metadata, self->r);
}

static void want_no_pin(struct rig *r)
{
	r->mod.m->pairing.flags &= ~PDT1_E1_PIN;
}

RIG_TEST(pin_that_the_module_does_not_understand_is_malformed_and_costs_no_try)
{
	insert_unpaired(_metadata, self->r, 0);
	EXPECT_EQ(SMPAIR_CAUSE_PIN_MALFORMED,
		  pair_while(_metadata, self->r, want_no_pin, &self->out));
	EXPECT_EQ(PDT1_SW_DATA, self->out.status_word);
	pair_now(_metadata, self->r);
}

static void refuse(struct rig *r)
{
	r->mod.m->pairing.flags |= PDT1_E1_REFUSED;
}

RIG_TEST(host_revoked_while_an_agent_thought_is_refused)
{
	insert_unpaired(_metadata, self->r, 0);
	EXPECT_EQ(SMPAIR_CAUSE_REFUSED, pair_while(_metadata, self->r, refuse, &self->out));
	EXPECT_EQ(PDT1_SW_STATE, self->out.status_word);
	pair_now(_metadata, self->r);
}

static int worn(void *ctx, uint32_t off, const void *buf, uint32_t len)
{
	return -1;
}

static void wear_out(struct rig *r)
{
	r->mod.m->port.flash_program = worn;
}

RIG_TEST(module_that_cannot_write_says_so_and_pairs_once_it_can)
{
	insert_unpaired(_metadata, self->r, 0);
	EXPECT_EQ(SMPAIR_CAUSE_MODULE_MEMORY,
		  pair_while(_metadata, self->r, wear_out, &self->out));
	EXPECT_EQ(PDT1_SW_MEMORY, self->out.status_word);
	rig_remove(self->r);
	insert_unpaired(_metadata, self->r, 0);
	pair_now(_metadata, self->r);
}

/* A verdict of the module's own making, which has the keys of the handshake */
struct verdict {
	struct rig *r;
	uint16_t sw;
	uint8_t kpm[PDT1_KEY_LEN];
};

static void give_verdict(void *ctx, struct rig_xchg *x)
{
	static const uint8_t nonce[PDT1_NONCE_LEN] = { [PDT1_NONCE_LEN - 1] = 1 };
	static const uint8_t ad[] = { 0x52, PDT1_INS_PAIR_CONFIRM, 0, 0 };
	uint8_t sealed[PDT1_NONCE_LEN + PDT1_E3_LEN];
	uint8_t plain[PDT1_E3_PLAIN_LEN] = { 0 };
	struct verdict *v = ctx;

	if (x->cmd[1] != PDT1_INS_PAIR_CONFIRM)
		return;
	if (!x->rsp_len) {
		memcpy(v->kpm, v->r->mod.m->pairing.kpm, sizeof(v->kpm));
		return;
	}
	plain[0] = v->sw >> 8;
	plain[1] = v->sw & 0xff;
	plain[2] = 4;
	oracle_seal(v->kpm, nonce, ad, sizeof(ad), plain, sizeof(plain), sealed);
	memcpy(x->rsp, sealed + sizeof(nonce), PDT1_E3_LEN);
	x->rsp[PDT1_E3_LEN] = 0x90;
	x->rsp[PDT1_E3_LEN + 1] = 0;
	x->rsp_len = PDT1_E3_LEN + 2;
}

RIG_TEST(verdict_of_a_word_that_the_protocol_does_not_have_is_a_refusal)
{
	struct verdict v = { .r = self->r, .sw = 0x6a82 };
	struct rig_pairing how = { .pin = "00000000", .consent = true };

	insert_unpaired(_metadata, self->r, 0);
	rig_module_hook(&self->r->mod, give_verdict, &v);
	ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_MODULE_REFUSED, self->out.cause);
	EXPECT_EQ(0x6a82, self->out.status_word);
	EXPECT_EQ(4, self->out.tries_left);
	rig_module_hook(&self->r->mod, NULL, NULL);
	pair_now(_metadata, self->r);
}

/* Swallows the first CONFIRM before the module sees it, and gives it other ideas. */
struct loss {
	struct rig *r;
	unsigned int lost;
	uint16_t m_min;
};

static void lose_confirm(void *ctx, struct rig_xchg *x)
{
	struct loss *loss = ctx;

	if (x->cmd[1] != PDT1_INS_PAIR_CONFIRM || x->rsp_len || loss->lost++)
		return;
	loss->r->mod.m->store.cfg.m_min = loss->m_min;
	x->skip = true;
	x->rsp[0] = 0x6f;
	x->rsp[1] = 0x00;
	x->rsp_len = 2;
}

RIG_TEST(lost_command_of_a_second_pairing_leaves_the_first_one)
{
	struct rig_pairing how = { .flags = SMPAIR_PAIR_AGAIN, .consent = true };
	struct loss loss = { .r = self->r, .m_min = 1 };

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	rig_module_hook(&self->r->mod, lose_confirm, &loss);
	ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_CONFIRM_LOST, self->out.cause);
	EXPECT_EQ(1, loss.lost);
	/* BEGIN ended the session, which the next message opens again. */
	EXPECT_EQ(SMPAIR_STATE_CLOSED, rig_settle(self->r));
	EXPECT_TRUE(rig_echo(self->r, 10));
	ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
	EXPECT_EQ(0, self->out.error);
	EXPECT_EQ(5, self->out.tries_left);
}

RIG_TEST(lost_command_is_not_repeated_to_a_module_that_offers_something_else)
{
	struct loss loss = { .r = self->r, .m_min = 2 };

	insert_unpaired(_metadata, self->r, 0);
	rig_module_hook(&self->r->mod, lose_confirm, &loss);
	ASSERT_EQ(0, rig_pair(self->r, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_OLD_MHKEY, self->out.cause);
	EXPECT_EQ(1, loss.lost);
	self->r->mod.m->store.cfg.m_min = 1;
	pair_now(_metadata, self->r);
}

/* What an order of the centre, and then somebody else, do while an agent thinks */
static void order(struct rig *r)
{
	static const uint8_t tries = 5;
	struct smpair_outcome out;

	rig_manage_op(r, PDT1_OP_UNBLOCK_PIN, 1, &tries, 1, &out);
}

static void order_and_other_pairing(struct rig *r)
{
	order(r);
	r->mod.m->store.meta.n++;
}

static void order_and_newer_keys(struct rig *r)
{
	order(r);
	r->mod.m->store.cfg.m_min = 2;
}

RIG_TEST(pin_that_became_stale_during_an_order_is_not_sent)
{
	insert_unpaired(_metadata, self->r, 0);
	EXPECT_EQ(SMPAIR_CAUSE_PIN_STALE,
		  pair_while(_metadata, self->r, order_and_other_pairing, &self->out));
	EXPECT_FALSE(SMPAIR_HAS(&self->out, SMPAIR_A_OP_STATUS_WORD));
	self->r->mod.m->store.meta.n--;
	pair_now(_metadata, self->r);
}

RIG_TEST(offer_that_became_impossible_during_an_order_gets_no_pin)
{
	insert_unpaired(_metadata, self->r, 0);
	EXPECT_EQ(SMPAIR_CAUSE_OLD_MHKEY,
		  pair_while(_metadata, self->r, order_and_newer_keys, &self->out));
	EXPECT_FALSE(SMPAIR_HAS(&self->out, SMPAIR_A_OP_STATUS_WORD));
	self->r->mod.m->store.cfg.m_min = 1;
	pair_now(_metadata, self->r);
}

RIG_TEST(offer_of_a_policy_that_does_not_exist_gets_no_pin)
{
	struct rig_pairing how = { .consent = true };

	insert_unpaired(_metadata, self->r, 0);
	self->r->mod.m->store.cfg.pin_policy = PDT1_PIN_INDEXED + 1;
	ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_FAKE_MODULE, self->out.cause);
	EXPECT_FALSE(how.asked);
	self->r->mod.m->store.cfg.pin_policy = PDT1_PIN_INDEXED;
	pair_now(_metadata, self->r);
}

TEST_HARNESS_MAIN
