// SPDX-License-Identifier: GPL-2.0
/* Host credentials: missing, replaced, cleared, of other key types, of several generations. */
#include <keyutils.h>

#include "rig/encrypted.h"
#include "rig/fixture.h"
#include "rig/trusted.h"
#include "smpair/key.h"

RIG_TEST(credentials_loaded_after_insertion_start_the_verification)
{
	ASSERT_EQ(0, rig_insert(self->r));
	EXPECT_EQ(SMPAIR_STATE_IDENTIFIED, rig_settle(self->r));
	ASSERT_EQ(0, rig_use_host(self->r, 0));
	EXPECT_EQ(SMPAIR_STATE_UNPAIRED, rig_wait_state(self->r, SMPAIR_STATE_UNPAIRED));
}

RIG_TEST(clearing_credentials_ends_the_session)
{
	uint8_t msg[2] = { APP_ECHO, 1 }, answer[8];

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	ASSERT_EQ(0, rig_clear_host(self->r));
	EXPECT_EQ(SMPAIR_STATE_IDENTIFIED, rig_wait_state(self->r, SMPAIR_STATE_IDENTIFIED));
	EXPECT_EQ(-ENOKEY, rig_exchange(self->r, msg, 2, answer, sizeof(answer)));
}

RIG_TEST(pairing_without_credentials_is_refused)
{
	struct rig_pairing how = { 0 };

	ASSERT_EQ(0, rig_insert(self->r));
	EXPECT_EQ(SMPAIR_STATE_IDENTIFIED, rig_settle(self->r));
	ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_NO_HOST, self->out.cause);
	EXPECT_FALSE(how.asked);
}

RIG_TEST(host_get_describes_without_secrets)
{
	struct smpair_host_info info;
	uint8_t sn[8];

	EXPECT_GT(0, smpair_host_get(self->r->client, &info));
	rig_host_init(&self->r->host, 0);
	self->r->host.m[0] = 3;
	self->r->host.m[1] = 7;
	self->r->host.m_count = 2;
	ASSERT_EQ(0, rig_load_host(self->r));
	ASSERT_EQ(0, smpair_host_get(self->r->client, &info));
	rig_host_sn(&self->r->host, sn);
	EXPECT_EQ(0, memcmp(sn, info.host_id, 8));
	ASSERT_EQ(2, info.generation_count);
	EXPECT_EQ(7, info.generation[0]);
	EXPECT_EQ(3, info.generation[1]);
	ASSERT_EQ(1, info.cy_count);
	EXPECT_EQ(RIG_DOMAIN, info.cy[0].domain);
	EXPECT_EQ(RIG_G, info.cy[0].generation);
}

RIG_TEST(revoked_key_is_refused)
{
	uint8_t payload[48 + 4 * 34], cy[1][SMPAIR_CY_LEN];
	size_t len;
	int32_t key;

	rig_host_init(&self->r->host, 0);
	len = rig_host_payload(&self->r->host, payload);
	rig_host_cy(&self->r->host, cy[0]);
	key = add_key("logon", "smpair:revoked", payload, len, KEY_SPEC_PROCESS_KEYRING);
	ASSERT_GT(key, 0);
	ASSERT_EQ(0, keyctl_revoke(key));
	EXPECT_EQ(-EKEYREVOKED, smpair_host_set(self->r->client, key, cy, 1));
	EXPECT_NE('\0', smpair_client_extack(self->r->client)[0]);
}

RIG_TEST(encrypted_key_is_accepted)
{
	uint8_t cy[1][SMPAIR_CY_LEN];
	int32_t key;

	rig_host_init(&self->r->host, 0);
	rig_host_cy(&self->r->host, cy[0]);
	key = rig_encrypted_key(&self->r->host);
	if (key == -ENODEV || key == -ENOPKG)
		SKIP(return, "this kernel has no encrypted keys");
	ASSERT_GT(key, 0) TH_LOG("add_key: %s", strerror(-key));
	ASSERT_EQ(0, smpair_host_set(self->r->client, key, cy, 1));
	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
	ASSERT_EQ(0, rig_pair(self->r, &self->out));
	EXPECT_EQ(0, self->out.error);
}

/* NULL, or why there is no such key */
static const char *trusted_missing(int32_t key)
{
	if (key == -ENOENT)
		return "this machine has no TPM";
	return key == -ENODEV ? "this kernel has no trusted keys" : NULL;
}

RIG_TEST(trusted_key_is_accepted)
{
	uint8_t cy[1][SMPAIR_CY_LEN], payload[48 + 4 * 34], shown[4096];
	const char *missing;
	size_t len;
	int32_t key;
	long n;

	rig_host_init(&self->r->host, 0);
	rig_host_cy(&self->r->host, cy[0]);
	key = rig_trusted_key(&self->r->host);
	missing = trusted_missing(key);
	if (missing)
		SKIP(return, "%s", missing);
	ASSERT_GT(key, 0) TH_LOG("%s", strerror(-key));

	/* What user space can read is what the TPM sealed. */
	n = keyctl_read(key, (char *)shown, sizeof(shown));
	ASSERT_GT(n, 0);
	len = rig_host_payload(&self->r->host, payload);
	EXPECT_EQ(NULL, memmem(shown, (size_t)n, payload, len));

	ASSERT_EQ(0, smpair_host_set(self->r->client, key, cy, 1));
	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
	ASSERT_EQ(0, rig_pair(self->r, &self->out));
	EXPECT_EQ(0, self->out.error);
	EXPECT_TRUE(rig_echo(self->r, 10));
}

RIG_TEST(trusted_key_without_host_secrets_is_refused)
{
	uint8_t cy[1][SMPAIR_CY_LEN];
	const char *missing;
	int32_t key;

	rig_host_init(&self->r->host, 0);
	rig_host_cy(&self->r->host, cy[0]);
	key = rig_trusted_random_key();
	missing = trusted_missing(key);
	if (missing)
		SKIP(return, "%s", missing);
	ASSERT_GT(key, 0) TH_LOG("%s", strerror(-key));
	EXPECT_EQ(-EINVAL, smpair_host_set(self->r->client, key, cy, 1));
	EXPECT_NE('\0', smpair_client_extack(self->r->client)[0]);
}

RIG_TEST(key_of_type_user_is_refused)
{
	uint8_t payload[48 + 4 * 34], cy[1][SMPAIR_CY_LEN];
	size_t len;
	int32_t key;

	rig_host_init(&self->r->host, 0);
	len = rig_host_payload(&self->r->host, payload);
	rig_host_cy(&self->r->host, cy[0]);
	key = add_key("user", "smpair-readable", payload, len, KEY_SPEC_PROCESS_KEYRING);
	ASSERT_GT(key, 0);
	EXPECT_GT(0, smpair_host_set(self->r->client, key, cy, 1));
	EXPECT_NE('\0', smpair_client_extack(self->r->client)[0]);
}

RIG_TEST(older_generation_still_opens_and_is_rewrapped_to_the_newest)
{
	struct smpair_dev_info info;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	ASSERT_EQ(0, smpair_dev_get(self->r->client, self->r->dev, &info));
	EXPECT_EQ(1, info.generation);
	/* both generations: found under the old one, moved to the new one */
	self->r->host.m[1] = 2;
	self->r->host.m_count = 2;
	ASSERT_EQ(0, rig_load_host(self->r));
	ASSERT_EQ(SMPAIR_STATE_PAIRED, rig_wait_state(self->r, SMPAIR_STATE_PAIRED));
	EXPECT_TRUE(rig_echo(self->r, 10));
	/* the new one alone is enough from now on, without a PIN */
	self->r->host.m[0] = 2;
	self->r->host.m_count = 1;
	ASSERT_EQ(0, rig_load_host(self->r));
	rig_remove(self->r);
	ASSERT_EQ(0, rig_insert(self->r));
	EXPECT_EQ(SMPAIR_STATE_PAIRED, rig_settle(self->r));
	ASSERT_EQ(0, smpair_dev_get(self->r->client, self->r->dev, &info));
	EXPECT_EQ(2, info.generation);
	EXPECT_TRUE(rig_echo(self->r, 10));
}

RIG_TEST(pairing_below_the_modules_minimum_is_restricted)
{
	uint8_t msg[2] = { APP_ECHO, 1 }, answer[8];

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	self->r->mod.m->store.cfg.m_min = 2;
	ASSERT_EQ(0, rig_do(self->r, smpair_op_open, &self->out));
	EXPECT_EQ(SMPAIR_STATE_RESTRICTED, rig_settle(self->r));
	EXPECT_EQ(-EKEYREJECTED, rig_exchange(self->r, msg, 2, answer, sizeof(answer)));
	/* with the newer generation the driver renews it by itself */
	self->r->host.m[1] = 2;
	self->r->host.m_count = 2;
	ASSERT_EQ(0, rig_load_host(self->r));
	EXPECT_EQ(SMPAIR_STATE_PAIRED, rig_wait_state(self->r, SMPAIR_STATE_PAIRED));
	EXPECT_TRUE(rig_echo(self->r, 10));
}

RIG_TEST(host_with_too_old_generation_may_not_pair)
{
	struct rig_pairing how = { 0 };

	RIG_REMAKE(perso.m_min = 2);
	ASSERT_EQ(0, rig_use_host(self->r, 0));
	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
	ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_OLD_MHKEY, self->out.cause);
	EXPECT_FALSE(how.asked);
}

RIG_TEST(revoked_host_is_refused_and_its_pairing_is_gone)
{
	struct rig_pairing how = { 0 };
	uint8_t sn[8];

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	rig_host_sn(&self->r->host, sn);
	ASSERT_EQ(0, rig_manage_op(self->r, PDT1_OP_REVOKE_HOST, 1, sn, 8, &self->out));
	EXPECT_EQ(0, self->out.error);
	ASSERT_EQ(0, rig_do(self->r, smpair_op_open, &self->out));
	EXPECT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
	ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_REFUSED, self->out.cause);
	EXPECT_FALSE(how.asked);
	ASSERT_EQ(0, rig_manage_op(self->r, PDT1_OP_UNREVOKE_HOST, 2, sn, 8, &self->out));
	ASSERT_EQ(0, rig_pair(self->r, &self->out));
	EXPECT_EQ(0, self->out.error);
}

TEST_HARNESS_MAIN
