// SPDX-License-Identifier: GPL-2.0
/* A hostile link and hostile modules: each is told apart, and none gets a PIN. */
#include "rig/fixture.h"

/* Changes the answer to @ins, the @nth time it passes. */
struct tamper {
	uint8_t ins;
	unsigned int nth;
	unsigned int seen;
	void (*change)(struct rig_xchg *x);
};

static void tamper(void *ctx, struct rig_xchg *x)
{
	struct tamper *t = ctx;

	if (x->rsp_len && x->cmd_len >= 4 && x->cmd[1] == t->ins && ++t->seen == t->nth)
		t->change(x);
}

static void flip_byte_20(struct rig_xchg *x)
{
	if (x->rsp_len > 22)
		x->rsp[20] ^= 1;
}

static void flip_last_byte(struct rig_xchg *x)
{
	if (x->rsp_len > 2)
		x->rsp[x->rsp_len - 3] ^= 1;
}

static void flip_pdc(struct rig_xchg *x)
{
	if (x->rsp_len == PDT1_OPEN_RSP_LEN + 2)
		x->rsp[54 + 40] ^= 1;
}

static void say_6a88(struct rig_xchg *x)
{
	x->rsp[0] = 0x6a;
	x->rsp[1] = 0x88;
	x->rsp_len = 2;
}

static void say_6985(struct rig_xchg *x)
{
	x->rsp[0] = 0x69;
	x->rsp[1] = 0x85;
	x->rsp_len = 2;
}

static void cut_short(struct rig_xchg *x)
{
	if (x->rsp_len > 10) {
		memcpy(x->rsp + 5, x->rsp + x->rsp_len - 2, 2);
		x->rsp_len = 7;
	}
}

static void insert_with(struct __test_metadata *_metadata, struct rig *r, unsigned int host)
{
	ASSERT_EQ(0, rig_use_host(r, host));
	ASSERT_EQ(0, rig_insert(r));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(r));
}

static uint32_t pair_cause(struct __test_metadata *_metadata, struct rig *r,
			   struct smpair_outcome *out)
{
	struct rig_pairing how = { .consent = true };

	ASSERT_EQ(0, rig_pair_with(r, &how, out));
	EXPECT_FALSE(how.asked);
	return out->cause;
}

RIG_TEST(foreign_domain_is_reported_and_no_pin_is_asked)
{
	rig_host_init(&self->r->host, 0);
	self->r->host.domain = RIG_DOMAIN + 1;
	ASSERT_EQ(0, rig_load_host(self->r));
	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
	EXPECT_EQ(SMPAIR_CAUSE_FOREIGN_DOMAIN, pair_cause(_metadata, self->r, &self->out));
}

RIG_TEST(retired_generation_of_k_is_reported_and_no_pin_is_asked)
{
	rig_host_init(&self->r->host, 0);
	self->r->host.g = RIG_G + 1;
	ASSERT_EQ(0, rig_load_host(self->r));
	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
	EXPECT_EQ(SMPAIR_CAUSE_FOREIGN_DOMAIN, pair_cause(_metadata, self->r, &self->out));
}

RIG_TEST(cryptogram_under_another_k_is_rejected)
{
	rig_host_init(&self->r->host, 0);
	self->r->host.k_fill = 0x12;
	ASSERT_EQ(0, rig_load_host(self->r));
	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
	EXPECT_EQ(SMPAIR_CAUSE_CY_REJECTED, pair_cause(_metadata, self->r, &self->out));
}

RIG_TEST(fake_module_gets_no_pin)
{
	struct tamper t = { PDT1_INS_PAIR_BEGIN, 1, 0, flip_last_byte };

	insert_with(_metadata, self->r, 0);
	rig_module_hook(&self->r->mod, tamper, &t);
	EXPECT_EQ(SMPAIR_CAUSE_FAKE_MODULE, pair_cause(_metadata, self->r, &self->out));
	EXPECT_EQ(1, t.seen);
}

RIG_TEST(short_begin_answer_is_a_link_error)
{
	struct tamper t = { PDT1_INS_PAIR_BEGIN, 1, 0, cut_short };

	insert_with(_metadata, self->r, 0);
	rig_module_hook(&self->r->mod, tamper, &t);
	EXPECT_EQ(SMPAIR_CAUSE_LINK_ERROR, pair_cause(_metadata, self->r, &self->out));
}

RIG_TEST(forged_refusal_of_open_warns_and_does_not_pair_by_itself)
{
	struct tamper t = { PDT1_INS_OPEN, 1, 0, say_6a88 };

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	rig_module_hook(&self->r->mod, tamper, &t);
	rig_remove(self->r);
	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
	EXPECT_EQ(SMPAIR_CAUSE_STILL_HELD, pair_cause(_metadata, self->r, &self->out));
}

RIG_TEST(changed_pdc_raises_the_alarm)
{
	struct tamper t = { PDT1_INS_OPEN, 1, 0, flip_pdc };

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	rig_module_hook(&self->r->mod, tamper, &t);
	rig_remove(self->r);
	ASSERT_EQ(0, rig_insert(self->r));
	EXPECT_EQ(SMPAIR_STATE_ALARM, rig_settle(self->r));
	EXPECT_EQ(SMPAIR_CAUSE_BAD_PDC, rig_cause(self->r));
}

RIG_TEST(wrong_mac_of_the_module_raises_the_alarm)
{
	struct tamper t = { PDT1_INS_OPEN, 1, 0, flip_last_byte };

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	rig_module_hook(&self->r->mod, tamper, &t);
	rig_remove(self->r);
	ASSERT_EQ(0, rig_insert(self->r));
	EXPECT_EQ(SMPAIR_STATE_ALARM, rig_settle(self->r));
	EXPECT_EQ(SMPAIR_CAUSE_BAD_MAC, rig_cause(self->r));
}

RIG_TEST(rolled_back_index_raises_the_alarm)
{
	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	ASSERT_TRUE(rig_make_pairing(self->r, 1));
	self->r->mod.m->store.meta.n = 0;
	ASSERT_EQ(0, rig_do(self->r, smpair_op_open, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_ROLLBACK, self->out.cause);
	EXPECT_EQ(SMPAIR_STATE_ALARM, rig_settle(self->r));
}

RIG_TEST(pairing_data_moved_to_another_slot_raises_the_alarm)
{
	struct sm_store *s;
	uint8_t pdc[PDT1_PDC_LEN];

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	ASSERT_TRUE(rig_make_pairing(self->r, 1));
	s = &self->r->mod.m->store;
	memcpy(pdc, s->slot[0].pdc, sizeof(pdc));
	memcpy(s->slot[1].pdc, pdc, sizeof(pdc));
	ASSERT_EQ(0, rig_clear_host(self->r));	/* forgets the cached KA */
	ASSERT_EQ(0, rig_use_host(self->r, 1));
	EXPECT_EQ(SMPAIR_STATE_ALARM, rig_wait_state(self->r, SMPAIR_STATE_ALARM));
	EXPECT_EQ(SMPAIR_CAUSE_BAD_PDC, rig_cause(self->r));
}

RIG_TEST(pairing_data_moved_to_another_module_raises_the_alarm)
{
	static struct sm_slot stolen;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	stolen = self->r->mod.m->store.slot[0];
	rig_remove(self->r);
	RIG_REMAKE(rig_perso_init(&perso, 2));
	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	self->r->mod.m->store.slot[0] = stolen;
	ASSERT_EQ(0, rig_clear_host(self->r));
	ASSERT_EQ(0, rig_use_host(self->r, 0));
	EXPECT_EQ(SMPAIR_STATE_ALARM, rig_wait_state(self->r, SMPAIR_STATE_ALARM));
	EXPECT_EQ(SMPAIR_CAUSE_WRONG_MODULE, rig_cause(self->r));
}

/* Records the first application envelope and its answer, and plays them again. */
struct replay {
	unsigned int seen;
	uint8_t cmd[256], rsp[256];
	size_t cmd_len, rsp_len;
	bool command;
};

static void replay(void *ctx, struct rig_xchg *x)
{
	struct replay *r = ctx;

	if (x->cmd[1] != PDT1_INS_ENVELOPE || x->cmd[2] != PDT1_ENV_APPLICATION)
		return;
	if (!x->rsp_len) {
		r->seen++;
		if (r->seen == 1) {
			memcpy(r->cmd, x->cmd, x->cmd_len);
			r->cmd_len = x->cmd_len;
		} else if (r->seen == 2 && r->command) {
			memcpy(x->cmd, r->cmd, r->cmd_len);
			x->cmd_len = r->cmd_len;
		}
	} else if (r->seen == 1) {
		memcpy(r->rsp, x->rsp, x->rsp_len);
		r->rsp_len = x->rsp_len;
	} else if (r->seen == 2 && !r->command) {
		memcpy(x->rsp, r->rsp, r->rsp_len);
		x->rsp_len = r->rsp_len;
	}
}

RIG_TEST(replayed_answer_is_refused_and_the_next_message_works)
{
	struct replay r = { .command = false };
	uint8_t msg[] = { APP_ECHO, 1, 2, 3 }, answer[16];

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	rig_module_hook(&self->r->mod, replay, &r);
	EXPECT_EQ(3, rig_exchange(self->r, msg, sizeof(msg), answer, sizeof(answer)));
	EXPECT_EQ(-EBADMSG, rig_exchange(self->r, msg, sizeof(msg), answer, sizeof(answer)));
	EXPECT_TRUE(rig_echo(self->r, 20));
}

RIG_TEST(replayed_command_is_refused_by_the_module_and_the_next_message_works)
{
	struct replay r = { .command = true };
	uint8_t msg[] = { APP_ECHO, 1, 2, 3 }, answer[16];

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	rig_module_hook(&self->r->mod, replay, &r);
	EXPECT_EQ(3, rig_exchange(self->r, msg, sizeof(msg), answer, sizeof(answer)));
	EXPECT_EQ(-ECONNRESET, rig_exchange(self->r, msg, sizeof(msg), answer, sizeof(answer)));
	EXPECT_TRUE(rig_echo(self->r, 20));
}

static void break_each_envelope(void *ctx, struct rig_xchg *x)
{
	unsigned int *seen = ctx;

	if (x->rsp_len && x->cmd[1] == PDT1_INS_ENVELOPE) {
		++*seen;
		say_6985(x);
	}
}

RIG_TEST(three_lost_sessions_in_a_row_stop_the_driver)
{
	uint8_t msg[] = { APP_ECHO, 1 }, answer[16];
	unsigned int seen = 0, after, i;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	rig_module_hook(&self->r->mod, break_each_envelope, &seen);
	for (i = 0; i < 6; i++)
		EXPECT_GT(0, rig_exchange(self->r, msg, sizeof(msg), answer, sizeof(answer)));
	EXPECT_EQ(SMPAIR_CAUSE_UNSTABLE, rig_cause(self->r));
	after = seen;
	EXPECT_GT(0, rig_exchange(self->r, msg, sizeof(msg), answer, sizeof(answer)));
	EXPECT_EQ(after, seen);
	/* a person may start it again */
	rig_module_hook(&self->r->mod, NULL, NULL);
	ASSERT_EQ(0, rig_do(self->r, smpair_op_open, &self->out));
	EXPECT_EQ(0, self->out.error);
	EXPECT_TRUE(rig_echo(self->r, 20));
}

RIG_TEST(broken_first_byte_of_key_exchange_is_noticed)
{
	struct tamper t = { PDT1_INS_PAIR_BEGIN, 1, 0, flip_byte_20 };

	insert_with(_metadata, self->r, 0);
	rig_module_hook(&self->r->mod, tamper, &t);
	EXPECT_EQ(SMPAIR_CAUSE_FAKE_MODULE, pair_cause(_metadata, self->r, &self->out));
}

/* Answers SELECT with an INFO whose @offset is @value. */
struct info_lie {
	unsigned int offset;
	uint8_t value[4];
	unsigned int len;
};

static void lie_in_info(void *ctx, struct rig_xchg *x)
{
	const struct info_lie *lie = ctx;

	if (x->cmd[1] == PDT1_INS_SELECT && x->rsp_len == PDT1_SELECT_RSP_LEN + 2)
		memcpy(x->rsp + 18 + lie->offset, lie->value, lie->len);
}

static void see_info(struct __test_metadata *_metadata, struct rig *r, struct info_lie lie,
		     int state, int cause)
{
	rig_module_hook(&r->mod, lie_in_info, &lie);
	ASSERT_EQ(0, rig_insert(r));
	EXPECT_EQ(state, rig_settle(r));
	EXPECT_EQ(cause, rig_cause(r));
	rig_remove(r);
	rig_module_hook(&r->mod, NULL, NULL);
}

RIG_TEST(lies_in_info_are_told_apart)
{
	ASSERT_EQ(0, rig_use_host(self->r, 0));
	see_info(_metadata, self->r, (struct info_lie){ PDT1_INFO_OFF_VERSION, { 2 }, 1 },
		 SMPAIR_STATE_UNSUPPORTED, SMPAIR_CAUSE_BAD_INFO);
	see_info(_metadata, self->r, (struct info_lie){ PDT1_INFO_OFF_MAXC, { 0, 135 }, 2 },
		 SMPAIR_STATE_UNSUPPORTED, SMPAIR_CAUSE_BAD_INFO);
	see_info(_metadata, self->r, (struct info_lie){ PDT1_INFO_OFF_MAXR, { 0, 145 }, 2 },
		 SMPAIR_STATE_UNSUPPORTED, SMPAIR_CAUSE_BAD_INFO);
	see_info(_metadata, self->r, (struct info_lie){ PDT1_INFO_OFF_MAXM, { 0, 0, 1, 255 }, 4 },
		 SMPAIR_STATE_UNSUPPORTED, SMPAIR_CAUSE_BAD_INFO);
	see_info(_metadata, self->r,
		 (struct info_lie){ PDT1_INFO_OFF_STATE,
				    { PDT1_INFO_PERSONALISED | PDT1_INFO_FATAL }, 1 },
		 SMPAIR_STATE_UNSERVICEABLE, SMPAIR_CAUSE_FATAL);
	see_info(_metadata, self->r, (struct info_lie){ PDT1_INFO_OFF_STATE, { 0 }, 1 },
		 SMPAIR_STATE_UNSERVICEABLE, SMPAIR_CAUSE_VIRGIN);
	see_info(_metadata, self->r,
		 (struct info_lie){ PDT1_INFO_OFF_STATE,
				    { PDT1_INFO_PERSONALISED | PDT1_INFO_FROZEN }, 1 },
		 SMPAIR_STATE_UNSERVICEABLE, SMPAIR_CAUSE_FROZEN);
}

/* Replaces what OPEN brings by ones. */
static void noise_in_open(void *ctx, struct rig_xchg *x)
{
	unsigned int *seen = ctx;

	if (x->rsp_len && x->cmd[1] == PDT1_INS_SELECT)
		++*seen;
	if (x->rsp_len && x->cmd[1] == PDT1_INS_OPEN)
		memset(x->rsp, 0xff, x->rsp_len - 2);
}

RIG_TEST(open_answer_of_noise_raises_the_alarm)
{
	unsigned int seen = 0;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	rig_module_hook(&self->r->mod, noise_in_open, &seen);
	rig_remove(self->r);
	ASSERT_EQ(0, rig_insert(self->r));
	EXPECT_EQ(SMPAIR_STATE_ALARM, rig_settle(self->r));
	EXPECT_GE(seen, 1);
}

/* A module that holds the keys and misuses them: each further part is the first one again. */
static void endless(void *ctx, struct rig_xchg *x)
{
	struct rig *r = ctx;

	if (!x->rsp_len && x->cmd[1] == PDT1_INS_ENVELOPE && x->cmd[2] == PDT1_ENV_FETCH)
		r->mod.m->session.out_sent = 0;
}

RIG_TEST(endless_answer_ends_at_the_modules_own_limit)
{
	uint8_t msg[1000] = { APP_ECHO }, *answer = malloc(65536);
	unsigned int before;

	ASSERT_NE(NULL, answer);
	RIG_REMAKE({ perso.maxc = 1024; perso.maxr = 146; perso.maxm = 2048; });
	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	rig_module_hook(&self->r->mod, endless, self->r);
	before = self->r->mod.commands;
	EXPECT_EQ(-EMSGSIZE, rig_exchange(self->r, msg, sizeof(msg), answer, 65536));
	EXPECT_LT(self->r->mod.commands - before, 30);
	rig_module_hook(&self->r->mod, NULL, NULL);
	EXPECT_TRUE(rig_echo(self->r, 900));
	free(answer);
}

TEST_HARNESS_MAIN
