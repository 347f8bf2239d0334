// SPDX-License-Identifier: GPL-2.0
/*
 * Many use the driver at once: while a test takes links, credentials and sessions
 * through their changes, others read, talk, operate and answer on both processors. What
 * each gets to see must be of one piece; make check-kcsan looks at how they get it.
 */
#include "crowd/act.h"
#include "rig/fixture.h"
#include "rig/setting.h"

#define MEMBERS	4

/*
 * How often each of the others at least comes by, unless CROWD_ROUNDS in the environment
 * says; half as many changes they get to see
 */
#define ROUNDS	12

/* A guard against hangs on a slow emulated machine that is watched, not an expectation */
#define CROWD_TIMEOUT	1800

FIXTURE(crowd) {
	struct rig rig;
	struct rig *r;
	struct smpair_outcome out;
	struct member member[MEMBERS];
	unsigned int members;
	unsigned int cycles;
	unsigned int rounds;
};

FIXTURE_SETUP(crowd)
{
	const char *missing = rig_missing(), *rounds = getenv("CROWD_ROUNDS");

	self->rounds = rounds ? strtoul(rounds, NULL, 10) : ROUNDS;
	self->r = &self->rig;
	self->rig.mod.fd = -1;
	if (missing)
		SKIP(return, "%s", missing);
	ASSERT_EQ(0, rig_init(self->r, NULL));
}

FIXTURE_TEARDOWN(crowd)
{
	unsigned int i;

	for (i = 0; i < self->members; i++)
		EXPECT_EQ(0, member_stop(&self->member[i]));
	rig_exit(self->r);
}

/* The teardown waits for everybody. */
#define JOIN(act) \
	ASSERT_EQ(0, member_start(&self->member[self->members++], self->r, act))

static bool all_done(const struct member *members, unsigned int count, unsigned int rounds)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (!member_is_done(&members[i], rounds))
			return false;
	return true;
}

#define MEANWHILE(least)						\
	while (self->cycles++ < (least) / 2 ||				\
	       !all_done(self->member, self->members, least))

#define CROWD_TEST(name) TEST_F_TIMEOUT(crowd, name, CROWD_TIMEOUT)

/* A life of a pairing, over and over */
static void pair_and_unpair(struct __test_metadata *_metadata, struct rig *r)
{
	struct smpair_outcome out;

	ASSERT_EQ(0, rig_pair(r, &out));
	ASSERT_EQ(SMPAIR_CAUSE_NONE, out.cause);
	ASSERT_TRUE(rig_echo(r, 50));
	ASSERT_EQ(0, rig_do(r, smpair_op_unpair, &out));
	ASSERT_EQ(SMPAIR_CAUSE_NONE, out.cause);
}

static void insert_unpaired(struct __test_metadata *_metadata, struct rig *r)
{
	ASSERT_EQ(0, rig_use_host(r, 0));
	ASSERT_EQ(0, rig_insert(r));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_wait_state(r, SMPAIR_STATE_UNPAIRED));
}

CROWD_TEST(attributes_are_whole_while_a_module_pairs_talks_and_unpairs)
{
	insert_unpaired(_metadata, self->r);
	JOIN(act_read_attributes);
	MEANWHILE(self->rounds)
		pair_and_unpair(_metadata, self->r);
}

CROWD_TEST(descriptions_are_of_one_state_while_a_module_pairs_talks_and_unpairs)
{
	insert_unpaired(_metadata, self->r);
	JOIN(act_watch_link);
	JOIN(act_chatter);
	MEANWHILE(self->rounds)
		pair_and_unpair(_metadata, self->r);
}

CROWD_TEST(agents_come_and_go_while_one_answers)
{
	insert_unpaired(_metadata, self->r);
	JOIN(act_be_agent);
	JOIN(act_be_agent);
	MEANWHILE(self->rounds)
		pair_and_unpair(_metadata, self->r);
}

CROWD_TEST(everybody_gets_the_own_answers_while_sessions_are_replaced)
{
	unsigned long rekey = setting_read_number(ACT_REKEY_PARAM);

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	JOIN(act_talk);
	JOIN(act_talk);
	JOIN(act_tune);
	JOIN(act_read_attributes);
	MEANWHILE(self->rounds)
		EXPECT_TRUE(rig_echo(self->r, 50));
	EXPECT_EQ(0, member_stop(&self->member[2]));
	EXPECT_EQ(0, setting_write_number(ACT_REKEY_PARAM, rekey));
}

CROWD_TEST(operations_of_two_programs_each_end_once)
{
	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	JOIN(act_operate);
	JOIN(act_operate);
	JOIN(act_talk);
	JOIN(act_watch_link);
	/* A round has two operations, of several commands each. */
	MEANWHILE(self->rounds / 6) {
		ASSERT_EQ(0, rig_do(self->r, smpair_op_close, &self->out));
		ASSERT_EQ(0, rig_do(self->r, smpair_op_open, &self->out));
	}
}

CROWD_TEST(links_come_and_go_while_they_are_listed_and_opened)
{
	JOIN(act_list_links);
	JOIN(act_list_links);
	JOIN(act_be_agent);
	MEANWHILE(self->rounds) {
		ASSERT_EQ(0, rig_insert(self->r));
		rig_remove(self->r);
	}
}

CROWD_TEST(credentials_change_while_they_are_read_and_used)
{
	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	JOIN(act_read_host);
	JOIN(act_read_host);
	JOIN(act_talk);
	JOIN(act_watch_link);
	MEANWHILE(self->rounds) {
		ASSERT_EQ(0, rig_clear_host(self->r));
		ASSERT_EQ(0, rig_load_host(self->r));
		ASSERT_EQ(SMPAIR_STATE_PAIRED, rig_wait_state(self->r, SMPAIR_STATE_PAIRED));
	}
}

TEST_HARNESS_MAIN
