// SPDX-License-Identifier: GPL-2.0
/* Who may do what: nobody without the capabilities of the initial user namespace. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/smpair.h>

#include "kselftest_harness.h"
#include "rig/rawgenl.h"

#define NOBODY 65534

static const struct {
	uint8_t cmd;
	uint16_t flags;
} admin_ops[] = {
	{ SMPAIR_CMD_SLOT_GET, NLM_F_DUMP }, { SMPAIR_CMD_HOST_SET, 0 },
	{ SMPAIR_CMD_HOST_CLEAR, 0 }, { SMPAIR_CMD_HOST_GET, 0 }, { SMPAIR_CMD_OPEN, 0 },
	{ SMPAIR_CMD_CLOSE, 0 }, { SMPAIR_CMD_PAIR, 0 }, { SMPAIR_CMD_PAIR_CANCEL, 0 },
	{ SMPAIR_CMD_UNPAIR, 0 }, { SMPAIR_CMD_MANAGE, 0 }, { SMPAIR_CMD_AGENT_REGISTER, 0 },
	{ SMPAIR_CMD_REQ_ACCEPT, 0 }, { SMPAIR_CMD_REQ_DONE, 0 }, { SMPAIR_CMD_REPORT, 0 },
};

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

FIXTURE(priv) {
	struct raw_sock s;
	struct raw_msg m;
};

FIXTURE_SETUP(priv)
{
	int err = raw_open(&self->s);

	if (err == -ENOENT)
		SKIP(return, "generic netlink family smpair is absent; load smpair.ko");
	ASSERT_EQ(0, err);
	raw_close(&self->s);
	if (geteuid() != 0)
		SKIP(return, "needs root, to drop it");
}

FIXTURE_TEARDOWN(priv)
{
	raw_close(&self->s);
}

TEST_F(priv, unprivileged_user_may_only_look)
{
	size_t i;

	ASSERT_EQ(0, setresuid(NOBODY, NOBODY, NOBODY));
	ASSERT_EQ(0, raw_open(&self->s));
	for (i = 0; i < ARRAY_LEN(admin_ops); i++) {
		raw_start(&self->s, &self->m, admin_ops[i].cmd, admin_ops[i].flags);
		EXPECT_EQ(-EPERM, raw_talk(&self->s, &self->m)) TH_LOG("cmd %u", admin_ops[i].cmd);
	}
	raw_start(&self->s, &self->m, SMPAIR_CMD_DEV_GET, NLM_F_DUMP);
	EXPECT_EQ(0, raw_talk(&self->s, &self->m));
}

TEST_F(priv, root_of_a_user_namespace_may_only_look)
{
	size_t i;

	ASSERT_EQ(0, setresuid(NOBODY, NOBODY, NOBODY));
	if (unshare(CLONE_NEWUSER))
		SKIP(return, "user namespaces are not available to unprivileged users");
	ASSERT_EQ(0, raw_open(&self->s));
	for (i = 0; i < ARRAY_LEN(admin_ops); i++) {
		raw_start(&self->s, &self->m, admin_ops[i].cmd, admin_ops[i].flags);
		EXPECT_EQ(-EPERM, raw_talk(&self->s, &self->m)) TH_LOG("cmd %u", admin_ops[i].cmd);
	}
}

TEST_F(priv, root_of_a_user_and_network_namespace_gets_nothing)
{
	size_t i;

	ASSERT_EQ(0, setresuid(NOBODY, NOBODY, NOBODY));
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		SKIP(return, "user namespaces are not available to unprivileged users");
	ASSERT_EQ(0, raw_open(&self->s));
	for (i = 0; i < ARRAY_LEN(admin_ops); i++) {
		raw_start(&self->s, &self->m, admin_ops[i].cmd, admin_ops[i].flags);
		EXPECT_EQ(-EPERM, raw_talk(&self->s, &self->m)) TH_LOG("cmd %u", admin_ops[i].cmd);
	}
	raw_start(&self->s, &self->m, SMPAIR_CMD_DEV_GET, NLM_F_DUMP);
	EXPECT_EQ(-EOPNOTSUPP, raw_talk(&self->s, &self->m));
}

TEST_F(priv, device_nodes_are_closed_to_other_users)
{
	ASSERT_EQ(0, setresuid(NOBODY, NOBODY, NOBODY));
	EXPECT_EQ(-1, open("/dev/smpair_virt", O_RDWR));
	EXPECT_EQ(EACCES, errno);
}

TEST_HARNESS_MAIN
