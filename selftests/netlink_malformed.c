// SPDX-License-Identifier: GPL-2.0
/* Whatever netlink hands in wrongly gets a specific error and a text. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include <keyutils.h>
#include <linux/smpair.h>

#include "kselftest_harness.h"
#include "rig/rawgenl.h"

#define NO_SUCH_DEV 0x7ffffff0U

/* Each operation that names a module, with the attribute that names it. */
static const struct {
	uint8_t cmd;
	uint16_t dev_attr;
	uint16_t flags;
} dev_ops[] = {
	{ SMPAIR_CMD_DEV_GET, SMPAIR_A_DEV_ID, 0 },
	{ SMPAIR_CMD_SLOT_GET, SMPAIR_A_SLOT_DEV_ID, NLM_F_DUMP },
	{ SMPAIR_CMD_OPEN, SMPAIR_A_OP_DEV_ID, 0 },
	{ SMPAIR_CMD_CLOSE, SMPAIR_A_OP_DEV_ID, 0 },
	{ SMPAIR_CMD_PAIR, SMPAIR_A_OP_DEV_ID, 0 },
	{ SMPAIR_CMD_PAIR_CANCEL, SMPAIR_A_OP_DEV_ID, 0 },
	{ SMPAIR_CMD_UNPAIR, SMPAIR_A_OP_DEV_ID, 0 },
};

static const uint8_t bare_ops[] = {
	SMPAIR_CMD_HOST_CLEAR, SMPAIR_CMD_HOST_GET, SMPAIR_CMD_REQ_ACCEPT,
};

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

FIXTURE(nl) {
	struct raw_sock s;
	struct raw_msg m;
};

FIXTURE_SETUP(nl)
{
	int err = raw_open(&self->s);

	if (err == -ENOENT)
		SKIP(return, "generic netlink family smpair is absent; load smpair.ko");
	ASSERT_EQ(0, err);
	if (geteuid() != 0)
		SKIP(return, "needs root");
}

FIXTURE_TEARDOWN(nl)
{
	raw_close(&self->s);
}

TEST_F(nl, missing_module_number_is_refused_with_text)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(dev_ops); i++) {
		raw_start(&self->s, &self->m, dev_ops[i].cmd, dev_ops[i].flags);
		EXPECT_EQ(-EINVAL, raw_talk(&self->s, &self->m)) TH_LOG("cmd %u", dev_ops[i].cmd);
		EXPECT_NE('\0', self->s.extack[0]) TH_LOG("cmd %u", dev_ops[i].cmd);
	}
}

TEST_F(nl, unknown_module_is_refused_with_text)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(dev_ops); i++) {
		raw_start(&self->s, &self->m, dev_ops[i].cmd, dev_ops[i].flags);
		raw_put_u32(&self->m, dev_ops[i].dev_attr, NO_SUCH_DEV);
		EXPECT_EQ(-ENODEV, raw_talk(&self->s, &self->m)) TH_LOG("cmd %u", dev_ops[i].cmd);
		EXPECT_NE('\0', self->s.extack[0]) TH_LOG("cmd %u", dev_ops[i].cmd);
	}
}

TEST_F(nl, unknown_attribute_is_refused_by_every_operation)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(dev_ops); i++) {
		raw_start(&self->s, &self->m, dev_ops[i].cmd, dev_ops[i].flags);
		raw_put_u32(&self->m, dev_ops[i].dev_attr, NO_SUCH_DEV);
		raw_put_u32(&self->m, 200, 1);
		EXPECT_EQ(-EINVAL, raw_talk(&self->s, &self->m)) TH_LOG("cmd %u", dev_ops[i].cmd);
		EXPECT_NE('\0', self->s.extack[0]) TH_LOG("cmd %u", dev_ops[i].cmd);
	}
	for (i = 0; i < ARRAY_LEN(bare_ops); i++) {
		raw_start(&self->s, &self->m, bare_ops[i], 0);
		raw_put_u32(&self->m, 200, 1);
		EXPECT_EQ(-EINVAL, raw_talk(&self->s, &self->m)) TH_LOG("cmd %u", bare_ops[i]);
		EXPECT_NE('\0', self->s.extack[0]) TH_LOG("cmd %u", bare_ops[i]);
	}
}

TEST_F(nl, attribute_of_wrong_size_is_refused)
{
	const uint16_t half = 1;
	size_t i;

	for (i = 0; i < ARRAY_LEN(dev_ops); i++) {
		raw_start(&self->s, &self->m, dev_ops[i].cmd, dev_ops[i].flags);
		raw_put(&self->m, dev_ops[i].dev_attr, &half, sizeof(half));
		EXPECT_NE(0, raw_talk(&self->s, &self->m)) TH_LOG("cmd %u", dev_ops[i].cmd);
		EXPECT_NE('\0', self->s.extack[0]) TH_LOG("cmd %u", dev_ops[i].cmd);
	}
}

TEST_F(nl, agent_timeout_out_of_range_is_refused)
{
	const uint32_t bad[] = { 0, SMPAIR_REQUEST_TIMEOUT_MAX + 1, UINT32_MAX };
	size_t i;

	for (i = 0; i < ARRAY_LEN(bad); i++) {
		raw_start(&self->s, &self->m, SMPAIR_CMD_PAIR, 0);
		raw_put_u32(&self->m, SMPAIR_A_OP_DEV_ID, NO_SUCH_DEV);
		raw_put_u32(&self->m, SMPAIR_A_OP_TIMEOUT, bad[i]);
		EXPECT_EQ(-ERANGE, raw_talk(&self->s, &self->m));
		EXPECT_NE('\0', self->s.extack[0]);
	}
}

TEST_F(nl, management_command_of_wrong_length_is_refused)
{
	static const uint8_t blob[SMPAIR_MANAGE_MAX + 1];
	const uint16_t bad[] = { 0, 47, SMPAIR_MANAGE_MAX + 1 };
	size_t i;

	for (i = 0; i < ARRAY_LEN(bad); i++) {
		raw_start(&self->s, &self->m, SMPAIR_CMD_MANAGE, 0);
		raw_put_u32(&self->m, SMPAIR_A_OP_DEV_ID, NO_SUCH_DEV);
		raw_put(&self->m, SMPAIR_A_OP_COMMAND, blob, bad[i]);
		EXPECT_NE(0, raw_talk(&self->s, &self->m)) TH_LOG("length %u", bad[i]);
		EXPECT_NE('\0', self->s.extack[0]) TH_LOG("length %u", bad[i]);
	}
}

TEST_F(nl, report_without_a_nonce_of_sixteen_bytes_is_refused)
{
	static const uint8_t nonce[SMPAIR_NONCE_LEN + 1];
	const uint16_t bad[] = { 0, 1, SMPAIR_NONCE_LEN - 1, SMPAIR_NONCE_LEN + 1 };
	size_t i;

	for (i = 0; i < ARRAY_LEN(bad); i++) {
		raw_start(&self->s, &self->m, SMPAIR_CMD_REPORT, 0);
		raw_put_u32(&self->m, SMPAIR_A_OP_DEV_ID, NO_SUCH_DEV);
		raw_put(&self->m, SMPAIR_A_OP_NONCE, nonce, bad[i]);
		EXPECT_NE(0, raw_talk(&self->s, &self->m)) TH_LOG("length %u", bad[i]);
		EXPECT_NE('\0', self->s.extack[0]) TH_LOG("length %u", bad[i]);
	}
}

TEST_F(nl, answer_to_nobody_is_refused)
{
	raw_start(&self->s, &self->m, SMPAIR_CMD_REQ_DONE, 0);
	raw_put_u64(&self->m, SMPAIR_A_REQ_ID, 0xfffffffffffffff0ULL);
	raw_put_u32(&self->m, SMPAIR_A_REQ_ANSWER, SMPAIR_ANSWER_DECLINED);
	EXPECT_EQ(-ENOENT, raw_talk(&self->s, &self->m));
	EXPECT_NE('\0', self->s.extack[0]);

	raw_start(&self->s, &self->m, SMPAIR_CMD_REQ_DONE, 0);
	raw_put_u64(&self->m, SMPAIR_A_REQ_ID, 1);
	raw_put_u32(&self->m, SMPAIR_A_REQ_ANSWER, SMPAIR_ANSWER_CENTRE_UNREACHABLE + 1);
	EXPECT_EQ(-ERANGE, raw_talk(&self->s, &self->m));
	EXPECT_NE('\0', self->s.extack[0]);
}

TEST_F(nl, accepting_when_nothing_waits_is_refused)
{
	raw_start(&self->s, &self->m, SMPAIR_CMD_REQ_ACCEPT, 0);
	EXPECT_EQ(-ENOENT, raw_talk(&self->s, &self->m));
	EXPECT_NE('\0', self->s.extack[0]);
}

/* Sends HOST_SET with a key of @type that holds @payload, and one or more CYs. */
static int host_set(struct raw_sock *s, struct raw_msg *m, const char *type,
		    const void *payload, size_t len, unsigned int cys, uint16_t cy_len)
{
	uint8_t cy[SMPAIR_CY_LEN + 8] = { 1, 1, 0, 1, 0, 0, 0, 1 };
	key_serial_t key = add_key(type, "smpair:malformed", payload, len,
				   KEY_SPEC_PROCESS_KEYRING);
	unsigned int i;
	int err;

	if (key < 0)
		return -errno;
	raw_start(s, m, SMPAIR_CMD_HOST_SET, 0);
	raw_put(m, SMPAIR_A_HOST_KEY, &key, sizeof(key));
	for (i = 0; i < cys; i++) {
		cy[3] = i + 1;
		raw_put(m, SMPAIR_A_HOST_CY, cy, cy_len);
	}
	err = raw_talk(s, m);
	keyctl_revoke(key);
	return err;
}

TEST_F(nl, host_credentials_that_are_malformed_are_refused)
{
	/* magic, version 1, one generation, SN 513-22136, HS, m 1, MHKey */
	uint8_t good[82] = { 'S', 'M', 'P', 'H', 1, 1, 0, 0, 2, 1, 0, 0, 0, 0, 0x56, 0x78 };
	uint8_t bad[48 + 2 * 34];
	int32_t serial = 0x7ffffff0;

	good[49] = 1;

	raw_start(&self->s, &self->m, SMPAIR_CMD_HOST_SET, 0);
	raw_put(&self->m, SMPAIR_A_HOST_KEY, &serial, sizeof(serial));
	EXPECT_NE(0, raw_talk(&self->s, &self->m));
	EXPECT_NE('\0', self->s.extack[0]);

	EXPECT_NE(0, host_set(&self->s, &self->m, "logon", good, sizeof(good), 0, SMPAIR_CY_LEN));
	EXPECT_NE('\0', self->s.extack[0]);
	EXPECT_NE(0, host_set(&self->s, &self->m, "logon", good, sizeof(good),
			      SMPAIR_CY_MAX + 1, SMPAIR_CY_LEN));
	EXPECT_NE('\0', self->s.extack[0]);
	EXPECT_NE(0, host_set(&self->s, &self->m, "logon", good, sizeof(good), 1,
			      SMPAIR_CY_LEN - 1));
	EXPECT_NE('\0', self->s.extack[0]);
	EXPECT_NE(0, host_set(&self->s, &self->m, "user", good, sizeof(good), 1, SMPAIR_CY_LEN));
	EXPECT_NE('\0', self->s.extack[0]);
	EXPECT_NE(0, host_set(&self->s, &self->m, "logon", good, sizeof(good) - 1, 1,
			      SMPAIR_CY_LEN));
	EXPECT_NE('\0', self->s.extack[0]);

	memcpy(bad, good, sizeof(good));
	bad[0] = 'X';
	EXPECT_NE(0, host_set(&self->s, &self->m, "logon", bad, sizeof(good), 1, SMPAIR_CY_LEN));
	EXPECT_NE('\0', self->s.extack[0]);
	memcpy(bad, good, sizeof(good));
	bad[4] = 2;
	EXPECT_NE(0, host_set(&self->s, &self->m, "logon", bad, sizeof(good), 1, SMPAIR_CY_LEN));
	EXPECT_NE('\0', self->s.extack[0]);
	/* two entries of one generation */
	memcpy(bad, good, sizeof(good));
	memcpy(bad + sizeof(good), good + 48, 34);
	bad[5] = 2;
	EXPECT_NE(0, host_set(&self->s, &self->m, "logon", bad, sizeof(bad), 1, SMPAIR_CY_LEN));
	EXPECT_NE('\0', self->s.extack[0]);
}

TEST_F(nl, another_network_namespace_sees_no_modules)
{
	struct raw_sock s;

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, raw_open(&s));
	raw_start(&s, &self->m, SMPAIR_CMD_DEV_GET, 0);
	raw_put_u32(&self->m, SMPAIR_A_DEV_ID, 0);
	EXPECT_EQ(-EOPNOTSUPP, raw_talk(&s, &self->m));
	EXPECT_NE('\0', s.extack[0]);
	raw_start(&s, &self->m, SMPAIR_CMD_DEV_GET, NLM_F_DUMP);
	EXPECT_EQ(-EOPNOTSUPP, raw_talk(&s, &self->m));
	raw_start(&s, &self->m, SMPAIR_CMD_HOST_GET, 0);
	EXPECT_EQ(-EOPNOTSUPP, raw_talk(&s, &self->m));
	EXPECT_NE('\0', s.extack[0]);
	raw_close(&s);
}

TEST_F(nl, random_messages_leave_the_family_working)
{
	unsigned int i, j, seed = 20260101;

	for (i = 0; i < 3000; i++) {
		uint8_t noise[128];
		unsigned int attrs = rand_r(&seed) % 5;

		raw_start(&self->s, &self->m, rand_r(&seed) % (SMPAIR_CMD_MAX + 3),
			  rand_r(&seed) % 4 ? 0 : NLM_F_DUMP);
		for (j = 0; j < attrs; j++) {
			size_t k, len = rand_r(&seed) % sizeof(noise);

			for (k = 0; k < len; k++)
				noise[k] = rand_r(&seed);
			raw_put(&self->m, rand_r(&seed) % 24, noise, len);
		}
		raw_talk(&self->s, &self->m);
	}
	raw_start(&self->s, &self->m, SMPAIR_CMD_DEV_GET, NLM_F_DUMP);
	EXPECT_EQ(0, raw_talk(&self->s, &self->m));
}

TEST_HARNESS_MAIN
