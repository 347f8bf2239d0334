// SPDX-License-Identifier: GPL-2.0
/*
 * The pairing state machine: each event in each state, and what must hold for
 * every transition whatever the table says.
 */
#include <kunit/test.h>
#include <linux/bitops.h>
#include <linux/string.h>
#include "../pair_state.c"

/*
 * What each event does in each state, written down a second time and the other
 * way round: an event a line, a state a column. A cell is the state entered, by
 * the letter of its column, and the action; a dot is a refusal.
 */
static const char columns[] = "psviouPaRcA";
static const char actions[] = ".-POWF";

struct row {
	const char *event;
	const char *cells;
};

static const struct row rows[] = {
	/*                    p  s  v  i  o  u  P  a  R  c  A */
	{ "probe",           "pP pP pP pP pP pP pP pP pP pP pP" },
	{ "unsupported",     "sF .  .  .  .  .  .  .  .  .  . " },
	{ "unserviceable",   "vF .  .  vF vF vF vF vF vF vF . " },
	{ "identified",      "i- .  .  .  .  .  .  .  .  .  . " },
	{ "open",            "oO pP pP oO .  oO .  oO oO oO . " },
	{ "verified",        ".  .  .  .  a- .  a- .  .  .  . " },
	{ "restricted",      ".  .  .  .  R- .  R- R- .  .  . " },
	{ "not paired",      ".  .  .  .  uF .  uF uF .  .  . " },
	{ "no verdict",      ".  .  .  .  iW .  .  cW .  .  . " },
	{ "alarm",           ".  .  .  .  AF .  AF AF .  .  . " },
	{ "pair",            ".  .  .  .  .  PW .  PW PW PW . " },
	{ "pair ended",      ".  .  .  .  .  .  uF .  .  .  . " },
	{ "pair kept",       ".  .  .  .  .  .  cW .  .  .  . " },
	{ "close",           ".  .  .  .  .  .  .  cW RW cW . " },
	{ "lost",            ".  .  .  .  cW .  cW cW RW .  . " },
	{ "unpaired",        ".  .  .  .  .  .  .  uF uF .  . " },
	{ "host set",        ".  .  .  oO oO oO oO oO oO oO oO" },
	{ "host cleared",    ".  .  .  iF iF iF iF iF iF iF iF" },
	{ "suspend",         "pF s- v- iF iF uF iF cF RF cF A-" },
};

static_assert(sizeof(columns) - 1 == SMPAIR_STATE_COUNT);
static_assert(sizeof(actions) - 1 == SMPAIR_ACTION_FORGET + 1);
static_assert(ARRAY_SIZE(rows) == SMPAIR_EVENT_COUNT);

static void name_of_row(const struct row *row, char *name)
{
	strscpy(name, row->event, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(row, rows, name_of_row);

static void event_in_every_state(struct kunit *test)
{
	const struct row *row = test->param_value;
	enum smpair_event event = row - rows;
	unsigned int state;

	KUNIT_ASSERT_EQ(test, strlen(row->cells), 3 * SMPAIR_STATE_COUNT - 1);
	for (state = 0; state < SMPAIR_STATE_COUNT; state++) {
		struct smpair_step step = smpair_state_next(state, event);
		const char *cell = row->cells + 3 * state;

		if (*cell == '.') {
			KUNIT_EXPECT_EQ_MSG(test, step.action, SMPAIR_ACTION_REFUSE,
					    "in state %s", smpair_state_name(state));
			KUNIT_EXPECT_EQ_MSG(test, step.state, state,
					    "in state %s", smpair_state_name(state));
			continue;
		}
		KUNIT_EXPECT_EQ_MSG(test, columns[step.state], cell[0],
				    "in state %s", smpair_state_name(state));
		KUNIT_EXPECT_EQ_MSG(test, actions[step.action], cell[1],
				    "in state %s", smpair_state_name(state));
	}
}

static bool may_have_session(unsigned int state)
{
	return state == SMPAIR_STATE_OPENING || state == SMPAIR_STATE_PAIRING ||
	       state == SMPAIR_STATE_PAIRED || state == SMPAIR_STATE_RESTRICTED;
}

/* PROBE and OPEN wipe the session before they talk to the module. */
static void no_session_outlives_its_state(struct kunit *test)
{
	unsigned int state, event;

	for (state = 0; state < SMPAIR_STATE_COUNT; state++) {
		for (event = 0; event < SMPAIR_EVENT_COUNT; event++) {
			struct smpair_step step = smpair_state_next(state, event);

			if (!may_have_session(state) || may_have_session(step.state))
				continue;
			KUNIT_EXPECT_TRUE_MSG(test, step.action == SMPAIR_ACTION_PROBE ||
					      step.action == SMPAIR_ACTION_WIPE ||
					      step.action == SMPAIR_ACTION_FORGET,
					      "event %u in state %s", event,
					      smpair_state_name(state));
		}
	}
}

/* All that is known of a pairing is gone once the module or the host is another. */
static void no_pairing_outlives_its_host(struct kunit *test)
{
	unsigned int state;

	for (state = 0; state < SMPAIR_STATE_COUNT; state++) {
		u8 action = smpair_state_next(state, SMPAIR_EVENT_HOST_CLEARED).action;

		KUNIT_EXPECT_TRUE_MSG(test, action == SMPAIR_ACTION_FORGET ||
				      (action == SMPAIR_ACTION_REFUSE && !may_have_session(state)),
				      "in state %s", smpair_state_name(state));
	}
}

static void only_verification_makes_paired(struct kunit *test)
{
	unsigned int state, event;

	for (state = 0; state < SMPAIR_STATE_COUNT; state++)
		for (event = 0; event < SMPAIR_EVENT_COUNT; event++)
			if (state != SMPAIR_STATE_PAIRED &&
			    smpair_state_next(state, event).state == SMPAIR_STATE_PAIRED)
				KUNIT_EXPECT_EQ(test, event, SMPAIR_EVENT_VERIFIED);
}

static void every_state_is_reached_and_left(struct kunit *test)
{
	unsigned long reached = BIT(SMPAIR_STATE_PROBING), before;
	unsigned int state, event;

	do {
		before = reached;
		for_each_set_bit(state, &before, SMPAIR_STATE_COUNT)
			for (event = 0; event < SMPAIR_EVENT_COUNT; event++)
				reached |= BIT(smpair_state_next(state, event).state);
	} while (reached != before);
	KUNIT_EXPECT_EQ(test, reached, GENMASK(SMPAIR_STATE_COUNT - 1, 0));

	for (state = 0; state < SMPAIR_STATE_COUNT; state++)
		KUNIT_EXPECT_EQ(test, smpair_state_next(state, SMPAIR_EVENT_PROBE).state,
				SMPAIR_STATE_PROBING);
}

static void names_differ(struct kunit *test)
{
	unsigned int i, j;

	for (i = 0; i < SMPAIR_STATE_COUNT; i++)
		for (j = 0; j <= SMPAIR_STATE_COUNT; j++)
			if (i != j)
				KUNIT_EXPECT_STRNEQ(test, smpair_state_name(i),
						    smpair_state_name(j));
	for (i = 0; i < SMPAIR_CAUSE_COUNT; i++)
		for (j = 0; j <= SMPAIR_CAUSE_COUNT; j++)
			if (i != j)
				KUNIT_EXPECT_STRNEQ(test, smpair_cause_name(i),
						    smpair_cause_name(j));
	KUNIT_EXPECT_STREQ(test, smpair_state_name(U32_MAX), "unknown");
	KUNIT_EXPECT_STREQ(test, smpair_cause_name(U32_MAX), "unknown");
}

static void every_cause_but_none_is_an_error(struct kunit *test)
{
	unsigned int cause;

	KUNIT_EXPECT_EQ(test, smpair_cause_errno(SMPAIR_CAUSE_NONE), 0);
	for (cause = 1; cause <= SMPAIR_CAUSE_COUNT; cause++)
		KUNIT_EXPECT_GT_MSG(test, smpair_cause_errno(cause), 0, "%s",
				    smpair_cause_name(cause));
}

static struct kunit_case state_cases[] = {
	KUNIT_CASE_PARAM(event_in_every_state, row_gen_params),
	KUNIT_CASE(no_session_outlives_its_state),
	KUNIT_CASE(no_pairing_outlives_its_host),
	KUNIT_CASE(only_verification_makes_paired),
	KUNIT_CASE(every_state_is_reached_and_left),
	KUNIT_CASE(names_differ),
	KUNIT_CASE(every_cause_but_none_is_an_error),
	{}
};

static struct kunit_suite state_suite = {
	.name = "smpair_state",
	.test_cases = state_cases,
};

kunit_test_suite(state_suite);
