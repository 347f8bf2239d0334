// SPDX-License-Identifier: GPL-2.0
/* The centre's commands and reports through the driver, one operation after the other. */
#include "rig/fixture.h"
#include "rig/oracle.h"

/* Carries an operation that the module accepts; the result in its receipt. */
static uint16_t obey(struct __test_metadata *_metadata, struct rig *r, uint8_t op, uint32_t seq,
		     const void *body, uint16_t len)
{
	struct smpair_outcome out;

	ASSERT_EQ(0, rig_manage_op(r, op, seq, body, len, &out));
	EXPECT_EQ(0, out.error);
	EXPECT_EQ(SMPAIR_CAUSE_NONE, out.cause);
	ASSERT_TRUE(SMPAIR_HAS(&out, SMPAIR_A_OP_RECEIPT));
	EXPECT_EQ(op, out.receipt[1]);
	return (uint16_t)(out.receipt[2] << 8 | out.receipt[3]);
}

static int describe(struct rig *r, struct smpair_dev_info *info)
{
	return smpair_dev_get(r->client, r->dev, info);
}

RIG_TEST(every_operation_comes_back_with_its_own_receipt)
{
	static const struct {
		uint8_t op, len;
		const char *body;
		uint16_t sw;
	} cases[] = {
		{ PDT1_OP_UNBLOCK_PIN, 1, "\3", PDT1_SW_OK },
		{ PDT1_OP_UNBLOCK_PIN, 1, "\20", PDT1_SW_DATA },
		{ PDT1_OP_REVOKE_HOST, 8, "\1\1\0\0\0\0\1\1", PDT1_SW_OK },
		{ PDT1_OP_UNREVOKE_HOST, 8, "\1\1\0\0\0\0\1\1", PDT1_SW_OK },
		{ PDT1_OP_SET_SLOTS, 1, "\2", PDT1_SW_OK },
		{ PDT1_OP_SET_SLOTS, 1, "\41", PDT1_SW_DATA },
		{ PDT1_OP_SET_POLICY, 10, "\3\2\5\100\0\0\0\0\0\2", PDT1_SW_OK },
		{ PDT1_OP_SET_POLICY, 10, "\3\2\5\100\0\0\0\0\0\2", PDT1_SW_STATE },
		{ PDT1_OP_PUT_K, 34, "\0\2abcdefghijklmnopqrstuvwxyz012345", PDT1_SW_OK },
		{ PDT1_OP_PUT_K, 34, "\0\0abcdefghijklmnopqrstuvwxyz012345", PDT1_SW_DATA },
		{ PDT1_OP_DEL_K, 2, "\0\2", PDT1_SW_OK },
		{ PDT1_OP_DEL_K, 2, "\0\2", PDT1_SW_NO_REFERENCE },
		{ PDT1_OP_SET_MMIN, 2, "\0\1", PDT1_SW_OK },
		{ PDT1_OP_PIN_SLOT, 2, "\0\1", PDT1_SW_OK },
		{ PDT1_OP_PIN_SLOT, 2, "\1\1", PDT1_SW_STATE },
		{ PDT1_OP_SET_KPIN, 32, "abcdefghijklmnopqrstuvwxyz012345", PDT1_SW_OK },
		{ PDT1_OP_SET_FT, 8, "forktag8", PDT1_SW_OK },
		{ PDT1_OP_FREEZE, 0, "", PDT1_SW_OK },
		{ PDT1_OP_UNFREEZE, 0, "", PDT1_SW_OK },
		{ PDT1_OP_FREE_SLOT, 1, "\0", PDT1_SW_OK },
		{ PDT1_OP_SET_KMG, 32, "abcdefghijklmnopqrstuvwxyz012345", PDT1_SW_OK },
	};
	unsigned int i;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		EXPECT_EQ(cases[i].sw, obey(_metadata, self->r, cases[i].op, i + 1, cases[i].body,
					    cases[i].len))
			TH_LOG("case %u", i);
}

RIG_TEST(frozen_module_is_told_at_once_and_works_again_when_unfrozen)
{
	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	EXPECT_EQ(PDT1_SW_OK, obey(_metadata, self->r, PDT1_OP_FREEZE, 1, "", 0));
	EXPECT_EQ(SMPAIR_STATE_UNSERVICEABLE, rig_settle(self->r));
	EXPECT_EQ(SMPAIR_CAUSE_FROZEN, rig_cause(self->r));
	EXPECT_FALSE(rig_echo(self->r, 10));
	ASSERT_EQ(0, rig_do(self->r, smpair_op_open, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_FROZEN, self->out.cause);

	/* over a power cycle too */
	rig_remove(self->r);
	ASSERT_EQ(0, rig_insert(self->r));
	EXPECT_EQ(SMPAIR_STATE_UNSERVICEABLE, rig_settle(self->r));
	EXPECT_EQ(SMPAIR_CAUSE_FROZEN, rig_cause(self->r));
	EXPECT_EQ(PDT1_SW_OK, obey(_metadata, self->r, PDT1_OP_UNFREEZE, 2, "", 0));
	EXPECT_EQ(SMPAIR_STATE_PAIRED, rig_settle(self->r));
	EXPECT_TRUE(rig_echo(self->r, 10));
}

RIG_TEST(new_policy_shows_at_once)
{
	struct smpair_dev_info info;

	ASSERT_EQ(0, rig_use_host(self->r, 0));
	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
	EXPECT_EQ(PDT1_SW_OK, obey(_metadata, self->r, PDT1_OP_SET_POLICY, 1,
				   "\2\1\3\11\1\1\0\0\0\7", 10));
	ASSERT_EQ(0, describe(self->r, &info));
	EXPECT_EQ(SMPAIR_PIN_POLICY_PAIR, info.pin_policy);
	EXPECT_EQ(SMPAIR_EVICT_POLICY_ACTIVITY, info.evict_policy);
	EXPECT_EQ(3, info.tries_left);
	EXPECT_EQ(3, info.tries_max);
	EXPECT_EQ(PDT1_SW_OK, obey(_metadata, self->r, PDT1_OP_SET_SLOTS, 2, "\3", 1));
	ASSERT_EQ(0, describe(self->r, &info));
	EXPECT_EQ(3, info.slots);

	/* and counts in the next pairing */
	self->r->mod.perso.pin_policy = PDT1_PIN_PAIR;
	EXPECT_TRUE(rig_make_pairing(self->r, 0));
}

static uint32_t pair_under(struct __test_metadata *_metadata, struct rig *r, uint16_t g,
			   uint8_t k_fill)
{
	struct smpair_outcome out;

	rig_host_init(&r->host, 0);
	r->host.g = g;
	r->host.k_fill = k_fill;
	ASSERT_EQ(0, rig_load_host(r));
	/* The driver asks the module after the credentials were taken. */
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_wait_state(r, SMPAIR_STATE_UNPAIRED));
	ASSERT_EQ(0, rig_pair(r, &out));
	return out.cause;
}

RIG_TEST(generations_of_k_decide_whose_cryptogram_is_known)
{
	uint8_t k2[34] = { 0, 2 };

	ASSERT_EQ(0, rig_insert(self->r));
	EXPECT_EQ(SMPAIR_CAUSE_FOREIGN_DOMAIN, pair_under(_metadata, self->r, 2, 0x12));
	memset(k2 + 2, 0x12, 32);
	EXPECT_EQ(PDT1_SW_OK, obey(_metadata, self->r, PDT1_OP_PUT_K, 1, k2, sizeof(k2)));
	EXPECT_EQ(SMPAIR_CAUSE_NONE, pair_under(_metadata, self->r, 2, 0x12));
	EXPECT_TRUE(rig_echo(self->r, 10));

	/* A generation that goes takes no pairing with it. */
	EXPECT_EQ(PDT1_SW_OK, obey(_metadata, self->r, PDT1_OP_DEL_K, 2, "\0\1", 2));
	EXPECT_TRUE(rig_echo(self->r, 10));
	ASSERT_EQ(0, rig_do(self->r, smpair_op_unpair, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_FOREIGN_DOMAIN,
		  pair_under(_metadata, self->r, RIG_G, RIG_K_FILL));
}

RIG_TEST(raised_mhkey_minimum_restricts_from_the_next_open_on)
{
	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	EXPECT_EQ(PDT1_SW_OK, obey(_metadata, self->r, PDT1_OP_SET_MMIN, 1, "\0\2", 2));
	EXPECT_TRUE(rig_echo(self->r, 10));
	ASSERT_EQ(0, rig_do(self->r, smpair_op_open, &self->out));
	EXPECT_EQ(SMPAIR_STATE_RESTRICTED, rig_settle(self->r));

	/* A host that holds the newer generation wraps its pairing anew. */
	self->r->host.m[0] = 2;
	self->r->host.m[1] = 1;
	self->r->host.m_count = 2;
	ASSERT_EQ(0, rig_load_host(self->r));
	EXPECT_EQ(SMPAIR_STATE_PAIRED, rig_wait_state(self->r, SMPAIR_STATE_PAIRED));
	EXPECT_TRUE(rig_echo(self->r, 10));
}

RIG_TEST(new_pin_key_takes_the_pin_of_the_new_key_only)
{
	uint8_t old[32], kpin[32];
	struct rig_pairing how = { .consent = true };
	char pin[PDT1_PIN_LEN + 1] = "";

	memset(kpin, 0x57, sizeof(kpin));
	memcpy(old, self->r->mod.perso.kpin, sizeof(old));
	ASSERT_EQ(0, rig_use_host(self->r, 0));
	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
	EXPECT_EQ(PDT1_SW_OK, obey(_metadata, self->r, PDT1_OP_SET_KPIN, 1, kpin, sizeof(kpin)));
	rig_pin(&self->r->mod.perso, &self->r->host, 0, pin);
	how.pin = pin;
	ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_PIN_WRONG, self->out.cause);
	memcpy(self->r->mod.perso.kpin, kpin, sizeof(kpin));
	ASSERT_EQ(0, rig_pair(self->r, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_NONE, self->out.cause);
}

RIG_TEST(new_management_key_is_the_one_that_counts_from_then_on)
{
	uint8_t kmg[32], tries = 4;

	memset(kmg, 0x67, sizeof(kmg));
	ASSERT_EQ(0, rig_insert(self->r));
	EXPECT_EQ(PDT1_SW_OK, obey(_metadata, self->r, PDT1_OP_SET_KMG, 1, kmg, sizeof(kmg)));
	ASSERT_EQ(0, rig_manage_op(self->r, PDT1_OP_UNBLOCK_PIN, 2, &tries, 1, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_MODULE_REFUSED, self->out.cause);
	EXPECT_EQ(PDT1_SW_CRYPTO, self->out.status_word);
	memcpy(self->r->mod.perso.kmg, kmg, sizeof(kmg));
	EXPECT_EQ(PDT1_SW_OK, obey(_metadata, self->r, PDT1_OP_UNBLOCK_PIN, 2, &tries, 1));
}

/* A report whose MAC is right, computed here by another implementation */
static const uint8_t *report(struct __test_metadata *_metadata, struct rig *r,
			     struct smpair_outcome *out)
{
	uint8_t in[PDT1_REPORT_NONCE_LEN + PDT1_REPORT_LEN], key[32], mac[32];
	static const uint8_t nonce[PDT1_REPORT_NONCE_LEN] = "sixteen bytes...";
	uint64_t op;

	ASSERT_EQ(0, smpair_op_report(r->client, r->dev, nonce, &op));
	ASSERT_EQ(0, smpair_op_wait(r->client, op, RIG_PATIENCE_MS, out));
	EXPECT_EQ(SMPAIR_CAUSE_NONE, out->cause);
	ASSERT_TRUE(SMPAIR_HAS(out, SMPAIR_A_OP_REPORT));
	memcpy(in, nonce, sizeof(nonce));
	memcpy(in + sizeof(nonce), out->report, PDT1_REPORT_LEN);
	oracle_kdf(r->mod.perso.kmg, PDT1_LABEL_RP, NULL, 0, key, sizeof(key));
	oracle_hmac(key, in, sizeof(in), mac);
	EXPECT_EQ(0, memcmp(mac, out->report + PDT1_REPORT_LEN, PDT1_REPORT_MAC_LEN));
	EXPECT_EQ(0, memcmp(r->mod.perso.mid, out->report, PDT1_ID_LEN));
	return out->report;
}

RIG_TEST(report_tells_the_centre_index_sequence_tries_and_state)
{
	const uint8_t *rep;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	EXPECT_EQ(PDT1_SW_OK, obey(_metadata, self->r, PDT1_OP_UNBLOCK_PIN, 7, "\2", 1));
	rep = report(_metadata, self->r, &self->out);
	EXPECT_EQ(1, rep[11]);
	EXPECT_EQ(7, rep[15]);
	EXPECT_EQ(2, rep[28]);
	EXPECT_EQ(1, rep[31]);
	EXPECT_EQ(PDT1_INFO_PERSONALISED, rep[34]);
	/* The session did not notice. */
	EXPECT_EQ(SMPAIR_STATE_PAIRED, rig_settle(self->r));
	EXPECT_TRUE(rig_echo(self->r, 10));

	EXPECT_EQ(PDT1_SW_OK, obey(_metadata, self->r, PDT1_OP_SET_FT, 8, "forktag8", 8));
	EXPECT_EQ(PDT1_SW_OK, obey(_metadata, self->r, PDT1_OP_FREEZE, 9, "", 0));
	rep = report(_metadata, self->r, &self->out);
	EXPECT_EQ(0, memcmp(rep + 20, "forktag8", 8));
	EXPECT_EQ(PDT1_INFO_PERSONALISED | PDT1_INFO_FROZEN, rep[34]);
}

/* Not for assertions of its own: what it finds is compared by the test. */
static struct smpair_outcome meanwhile;

static void report_meanwhile(struct rig *r)
{
	static const uint8_t nonce[PDT1_REPORT_NONCE_LEN];
	uint64_t op;

	if (!smpair_op_report(r->client, r->dev, nonce, &op))
		smpair_op_wait(r->client, op, RIG_PATIENCE_MS, &meanwhile);
}

RIG_TEST(report_while_a_pin_is_awaited_leaves_the_pairing_alone)
{
	struct rig_pairing how = { .consent = true, .before_answer = report_meanwhile };

	ASSERT_EQ(0, rig_use_host(self->r, 0));
	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
	ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_NONE, self->out.cause);
	EXPECT_EQ(0, meanwhile.error);
	EXPECT_TRUE(SMPAIR_HAS(&meanwhile, SMPAIR_A_OP_REPORT));
}

TEST_HARNESS_MAIN
