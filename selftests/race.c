// SPDX-License-Identifier: GPL-2.0
/*
 * The race matrix: every disturbance strikes in every situation. A cell ends with
 * nothing left of the former module and with a driver that pairs the next one.
 */
#include "kselftest_harness.h"
#include "race/race.h"
#include "softmod/app.h"

/* A guard against hangs on a slow emulated machine, not an expectation. */
#define CELL_TIMEOUT 300

FIXTURE(race) {
	struct race race;
};

FIXTURE_SETUP(race)
{
	const char *missing = rig_missing();

	race_prepare(&self->race);
	if (missing)
		SKIP(return, "%s", missing);
}

FIXTURE_TEARDOWN(race)
{
	race_exit(&self->race);
}

static bool is_gone(const struct disturbance *d)
{
	return d->kind == RACE_CLOSE || d->kind == RACE_UNLOAD;
}

/* How the operation under way ends */
static enum smpair_cause outcome(const struct disturbance *d, const struct situation *s)
{
	switch (d->kind) {
	case RACE_KILL_AGENT:
		return s->agent_killed;
	case RACE_KILL_HELPER:
		return s->helper_killed;
	case RACE_SUSPEND:
		return s->suspended;
	case RACE_RESET:
		return SMPAIR_CAUSE_NONE;
	default:
		return SMPAIR_CAUSE_GONE;
	}
}

/* The state that a link which is still there comes to */
static enum smpair_state end_state(const struct disturbance *d, const struct situation *s)
{
	if (s->pairs)
		return outcome(d, s) ? SMPAIR_STATE_UNPAIRED : SMPAIR_STATE_PAIRED;
	return s->held || d->kind == RACE_SUSPEND ? s->rest : s->state;
}

/* What is read after a message that was under way: one byte, or why not */
static ssize_t answer(const struct disturbance *d)
{
	switch (d->kind) {
	case RACE_RESET:
		return -ECONNRESET;
	case RACE_SUSPEND:
		return -ETIMEDOUT;
	case RACE_KILL_AGENT:
		return 1;
	default:
		return -ENODEV;
	}
}

static ssize_t say(struct rig *rig)
{
	static const uint8_t msg[] = { APP_ECHO, 1 };
	uint8_t back[8];

	return rig_exchange(rig, msg, sizeof(msg), back, sizeof(back));
}

/* The link answers as its state demands, and can be paired where it is not. */
static void expect_service(struct __test_metadata *_metadata, struct rig *rig,
			   enum smpair_state state)
{
	struct smpair_outcome out;

	switch (state) {
	case SMPAIR_STATE_UNSUPPORTED:
		EXPECT_EQ(-EPROTONOSUPPORT, say(rig));
		break;
	case SMPAIR_STATE_UNSERVICEABLE:
		EXPECT_EQ(-EPERM, say(rig));
		break;
	case SMPAIR_STATE_IDENTIFIED:
		EXPECT_EQ(-ENOKEY, say(rig));
		break;
	case SMPAIR_STATE_RESTRICTED:
	case SMPAIR_STATE_ALARM:
		EXPECT_EQ(-EKEYREJECTED, say(rig));
		break;
	case SMPAIR_STATE_UNPAIRED:
		EXPECT_EQ(-ENOKEY, say(rig));
		ASSERT_EQ(0, rig_pair(rig, &out));
		EXPECT_EQ(SMPAIR_CAUSE_NONE, out.cause);
		EXPECT_TRUE(rig_echo(rig, 50));
		break;
	default:
		EXPECT_TRUE(rig_echo(rig, 50));
	}
}

static void expect_end(struct __test_metadata *_metadata, struct race *race, uint32_t dev,
		       const struct disturbance *d, const struct situation *s)
{
	struct smpair_outcome out;

	if (race->op) {
		ASSERT_EQ(0, smpair_op_wait(race->rig.client, race->op, RIG_PATIENCE_MS, &out));
		EXPECT_EQ(outcome(d, s), out.cause);
		EXPECT_EQ(outcome(d, s) == SMPAIR_CAUSE_NONE, out.error == 0);
	}
	if (race->dump.fd >= 0) {
		EXPECT_EQ(0, dump_finish(&race->dump));
		EXPECT_EQ(!is_gone(d), race->dump.last == dev);
	}
	if (s->exchanges && !race->with_helper) {
		race_drop_files(race);
		EXPECT_EQ(answer(d), race->got);
	}
}

static void run_cell(struct __test_metadata *_metadata, struct race *race,
		     const struct disturbance *d, const struct situation *s)
{
	const char *missing = d->missing ? d->missing() : NULL;
	uint32_t dev;

	if (missing)
		SKIP(return, "%s", missing);
	ASSERT_EQ(0, race_init(race, d->kind));
	ASSERT_EQ(0, s->enter(race));
	ASSERT_EQ(s->state, rig_wait_state(&race->rig, s->state));
	dev = race->rig.dev;

	ASSERT_EQ(0, d->strike(race, s));
	if (s->go_on && outcome(d, s) == SMPAIR_CAUSE_NONE)
		ASSERT_EQ(0, s->go_on(race));
	expect_end(_metadata, race, dev, d, s);
	if (!is_gone(d)) {
		/* Nothing was under way by which the driver could have noticed. */
		if (d->kind == RACE_RESET && s->state == SMPAIR_STATE_PAIRED && !s->held)
			EXPECT_EQ(-ECONNRESET, say(&race->rig));
		EXPECT_EQ(end_state(d, s), rig_wait_state(&race->rig, end_state(d, s)));
		expect_service(_metadata, &race->rig, end_state(d, s));
	}
	race_exit(race);
	EXPECT_EQ(NULL, race_left())
		TH_LOG("left: %s", race_left());
	EXPECT_EQ(NULL, race_unusable())
		TH_LOG("unusable");
}

#define CELL(s, d)						\
	TEST_F_TIMEOUT(race, d##_while_##s, CELL_TIMEOUT)	\
	{							\
		run_cell(_metadata, &self->race,		\
			 &disturbances[AT_##d], &situations[AT_##s]);	\
	}
#define ROW(d, ...) SITUATIONS(CELL, d)

DISTURBANCES(ROW)

/* A state that is added to the machine must be added here. */
TEST(every_state_of_the_machine_is_among_the_situations)
{
	bool seen[SMPAIR_STATE_ALARM + 1] = { false };
	unsigned int i;

	for (i = 0; i < SITUATION_COUNT; i++)
		seen[situations[i].state] = true;
	for (i = SMPAIR_STATE_PROBING; i <= SMPAIR_STATE_ALARM; i++)
		EXPECT_TRUE(seen[i]) TH_LOG("state %u", i);
}

TEST_HARNESS_MAIN
