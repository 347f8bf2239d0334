// SPDX-License-Identifier: GPL-2.0
/* One test for each claim of the method; see Documentation/security-model.rst. */
#include "rig/fixture.h"
#include "rig/oracle.h"

static const char wrong_pin[] = "00000000";

RIG_TEST(claim1_verify_else_search_slot_send_cryptogram_pair_and_store)
{
	ASSERT_EQ(0, rig_use_host(self->r, 0));
	ASSERT_EQ(0, rig_insert(self->r));
	/* verification comes first, and says: not paired */
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
	EXPECT_EQ(SMPAIR_CAUSE_NOT_PAIRED, rig_cause(self->r));
	ASSERT_EQ(0, rig_pair(self->r, &self->out));
	EXPECT_EQ(0, self->out.error);
	EXPECT_TRUE(self->out.plan & SMPAIR_PLAN_FREE);
	EXPECT_EQ(0, self->out.slot);
	ASSERT_EQ(SMPAIR_STATE_PAIRED, rig_wait_state(self->r, SMPAIR_STATE_PAIRED));
	EXPECT_TRUE(rig_echo(self->r, 100));
	/* stored: from now on verification alone does */
	rig_remove(self->r);
	ASSERT_EQ(0, rig_insert(self->r));
	EXPECT_EQ(SMPAIR_STATE_PAIRED, rig_settle(self->r));
	EXPECT_TRUE(rig_echo(self->r, 100));
}

/* Remembers the candidate KA in E1's plaintext; only the wire length is visible here. */
struct seen_pdc {
	uint8_t pdc[PDT1_PDC_LEN];
	bool seen;
};

static void watch_open(void *ctx, struct rig_xchg *x)
{
	struct seen_pdc *s = ctx;

	if (x->rsp_len == PDT1_OPEN_RSP_LEN + 2 && x->cmd[1] == PDT1_INS_OPEN) {
		memcpy(s->pdc, x->rsp + 54, PDT1_PDC_LEN);
		s->seen = true;
	}
}

/* Opens the PDC that the module handed out, with the host's keys and the oracle. */
static bool open_pdc(const struct rig_host *host, const uint8_t *pdc, uint8_t plain[48])
{
	uint8_t ad[8 + 2 + 8], tk[32], kw[32];

	memcpy(ad, PDT1_CTX_PDC, 8);
	ad[8] = host->m[0] >> 8;
	ad[9] = host->m[0];
	rig_host_sn(host, ad + 10);
	rig_host_wrap(host, host->m[0], tk, kw);
	return oracle_open(kw, pdc, ad, sizeof(ad), pdc + 12, PDT1_PDC_LEN - 12, plain);
}

static void capture_pdc(struct __test_metadata *_metadata, struct rig *r, struct seen_pdc *s)
{
	memset(s, 0, sizeof(*s));
	rig_module_hook(&r->mod, watch_open, s);
	rig_remove(r);
	ASSERT_EQ(0, rig_insert(r));
	ASSERT_EQ(SMPAIR_STATE_PAIRED, rig_settle(r));
	rig_module_hook(&r->mod, NULL, NULL);
	ASSERT_TRUE(s->seen);
}

RIG_TEST(claim2_pairing_key_depends_on_host_identifier_and_on_module_data)
{
	struct seen_pdc first, second, other;
	uint8_t a[48], b[48], c[48];

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	capture_pdc(_metadata, self->r, &first);
	ASSERT_TRUE(open_pdc(&self->r->host, first.pdc, a));
	/* another host, same module */
	ASSERT_EQ(0, rig_use_host(self->r, 1));
	ASSERT_TRUE(rig_make_pairing(self->r, 1));
	capture_pdc(_metadata, self->r, &second);
	ASSERT_TRUE(open_pdc(&self->r->host, second.pdc, b));
	EXPECT_NE(0, memcmp(a, b, 32));
	/* same host, another module */
	rig_remove(self->r);
	RIG_REMAKE(rig_perso_init(&perso, 2));
	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	capture_pdc(_metadata, self->r, &other);
	ASSERT_TRUE(open_pdc(&self->r->host, other.pdc, c));
	EXPECT_NE(0, memcmp(a, c, 32));
}

RIG_TEST(claim3_slot_data_is_stored_in_the_module_encrypted_under_the_hosts_key)
{
	struct seen_pdc s;
	uint8_t plain[48];
	struct rig_host stranger;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	capture_pdc(_metadata, self->r, &s);
	/* the host's key opens it: KA, MID, N_s 1, slot 0 */
	ASSERT_TRUE(open_pdc(&self->r->host, s.pdc, plain));
	EXPECT_EQ(0, memcmp(plain + 32, self->r->mod.perso.mid, 8));
	EXPECT_EQ(1, plain[43]);
	EXPECT_EQ(0, plain[44]);
	/* another MHKey generation does not */
	stranger = self->r->host;
	stranger.m[0] = 2;
	EXPECT_FALSE(open_pdc(&stranger, s.pdc, plain));
	/* the host kept nothing: with fresh credentials it gets KA back without a PIN */
	ASSERT_EQ(0, rig_clear_host(self->r));
	rig_remove(self->r);
	ASSERT_EQ(0, rig_use_host(self->r, 0));
	ASSERT_EQ(0, rig_insert(self->r));
	EXPECT_EQ(SMPAIR_STATE_PAIRED, rig_settle(self->r));
	EXPECT_TRUE(rig_echo(self->r, 32));
}

static int activity_of_self(struct rig *r)
{
	struct smpair_slot_info *list;
	size_t i, count;
	int activity = -1;

	if (smpair_slot_list(r->client, r->dev, &list, &count))
		return -1;
	for (i = 0; i < count; i++)
		if (list[i].flags & SMPAIR_SLOT_FLAGS_SELF)
			activity = list[i].activity;
	free(list);
	return activity;
}

RIG_TEST(claim4_activity_counter_grows_with_verifications_and_chooses_the_slot_to_replace)
{
	struct rig_pairing how = { .consent = true };
	int before, i;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	before = activity_of_self(self->r);
	ASSERT_GE(before, 1);
	for (i = 0; i < 3; i++) {
		rig_remove(self->r);
		ASSERT_EQ(0, rig_insert(self->r));
		ASSERT_EQ(SMPAIR_STATE_PAIRED, rig_settle(self->r));
	}
	EXPECT_EQ(before + 3, activity_of_self(self->r));
	/* fill the table; host 1 in slot 1 is verified once more than host 2 in slot 2 */
	ASSERT_TRUE(rig_make_pairing(self->r, 1));
	rig_remove(self->r);
	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_PAIRED, rig_settle(self->r));
	ASSERT_TRUE(rig_make_pairing(self->r, 2));
	ASSERT_TRUE(rig_make_pairing(self->r, 3));
	/* the fifth: least active is slot 2 or the newest, and the newest is spared */
	ASSERT_EQ(0, rig_use_host(self->r, 4));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_wait_state(self->r, SMPAIR_STATE_UNPAIRED));
	ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
	EXPECT_EQ(0, self->out.error);
	ASSERT_TRUE(how.asked);
	EXPECT_TRUE(how.seen.plan & SMPAIR_PLAN_EVICT);
	EXPECT_EQ(2, how.seen.slot);
	EXPECT_EQ(2, self->out.slot);
}

RIG_TEST(claim5_pairing_needs_a_pin_that_the_module_verifies)
{
	struct rig_pairing how = { .pin = wrong_pin };

	ASSERT_EQ(0, rig_use_host(self->r, 0));
	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
	ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_PIN_WRONG, self->out.cause);
	EXPECT_EQ(4, self->out.tries_left);
	EXPECT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
	ASSERT_EQ(0, rig_pair(self->r, &self->out));
	EXPECT_EQ(0, self->out.error);
}

RIG_TEST(claim6_pin_belongs_to_the_module)
{
	char first[8], second[8], other[8];
	struct rig_host host0, host1;
	struct sm_perso two;

	RIG_REMAKE(perso.pin_policy = PDT1_PIN_MODULE);
	rig_host_init(&host0, 0);
	rig_host_init(&host1, 1);
	rig_pin(&self->r->mod.perso, &host0, 0, first);
	rig_pin(&self->r->mod.perso, &host1, 7, second);
	rig_perso_init(&two, 2);
	two.pin_policy = PDT1_PIN_MODULE;
	rig_pin(&two, &host0, 0, other);
	EXPECT_EQ(0, memcmp(first, second, 8));
	EXPECT_NE(0, memcmp(first, other, 8));
	/* the module agrees, for two hosts */
	EXPECT_TRUE(rig_make_pairing(self->r, 0));
	EXPECT_TRUE(rig_make_pairing(self->r, 1));
}

RIG_TEST(claim7_each_pairing_has_another_pin)
{
	struct rig_pairing how = { .consent = true };
	char pin[9] = "";

	RIG_REMAKE(perso.pin_policy = PDT1_PIN_PAIR);
	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	rig_pin(&self->r->mod.perso, &self->r->host, 0, pin);
	/* the PIN of host 0 does not pair host 1 */
	ASSERT_EQ(0, rig_use_host(self->r, 1));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_wait_state(self->r, SMPAIR_STATE_UNPAIRED));
	how.pin = pin;
	ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_PIN_WRONG, self->out.cause);
	ASSERT_EQ(0, rig_pair(self->r, &self->out));
	EXPECT_EQ(0, self->out.error);
}

RIG_TEST(claim8_pin_follows_from_both_identifiers_as_the_centre_calculates_it)
{
	struct rig_pairing how = { .consent = true };
	uint8_t sn[8];

	RIG_REMAKE(perso.pin_policy = PDT1_PIN_PAIR);
	ASSERT_EQ(0, rig_use_host(self->r, 3));
	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
	ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
	EXPECT_EQ(0, self->out.error);
	/* what the agent was told is what the centre needs */
	ASSERT_TRUE(how.asked);
	rig_host_sn(&self->r->host, sn);
	EXPECT_EQ(0, memcmp(how.seen.host_id, sn, 8));
	EXPECT_EQ(0, memcmp(how.seen.module_id, self->r->mod.perso.mid, 8));
	EXPECT_EQ(rig_request_code(&self->r->mod.perso, &self->r->host, 0, self->r->mod.perso.ft),
		  how.seen.request_code);
}

RIG_TEST(claim9_pin_also_follows_from_the_index_that_the_module_stores)
{
	struct rig_pairing how = { .consent = true };
	char first[9] = "";

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	rig_pin(&self->r->mod.perso, &self->r->host, 0, first);
	ASSERT_EQ(0, rig_do(self->r, smpair_op_unpair, &self->out));
	ASSERT_EQ(0, self->out.error);
	/* N is 1 now: the PIN of N 0 is worth nothing, over a power cycle too */
	rig_remove(self->r);
	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
	how.pin = first;
	ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_PIN_WRONG, self->out.cause);
	EXPECT_EQ(1, how.seen.index);
	how.pin = NULL;
	ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
	EXPECT_EQ(0, self->out.error);
}

TEST_HARNESS_MAIN
