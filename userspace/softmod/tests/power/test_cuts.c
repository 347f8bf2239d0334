// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Power cuts and failing flash, at every operation of every scenario.
 *
 * POWERCUT_SEEDS=N tries N random outcomes of each cut; POWERCUT=RUN repeats
 * one run that failed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "softmod/core/bytes.h"
#include "softmod/tests/power/cuts.h"
#include "softmod/tests/power/life.h"
#include "softmod/tests/power/world.h"

/* Bytes left in the journal: it moves at the first write or at a later one */
static const unsigned int rooms[] = { 0, 1, 40, 210, 250 };
#define ROOMS	(sizeof(rooms) / sizeof(rooms[0]))

static struct cut_count total;

static void expect(bool held, const struct cut_result *r)
{
	char text[128];

	if (held)
		return;
	cut_format(&r->cut, text, sizeof(text));
	fail_msg("%s: %s; again with POWERCUT='%s'",
		 property_name(r->violated), r->detail, text);
}

static void report(const struct cut_count *before)
{
	print_message("# %lu cut points, %lu pairs of cuts, %lu failing operations in %lu runs\n",
		      total.points - before->points,
		      total.pairs - before->pairs,
		      total.faults - before->faults,
		      total.runs - before->runs);
}

static const char *replayed(void)
{
	const char *text = getenv("POWERCUT");

	return text && *text ? text : NULL;
}

static void the_run_of_the_environment_holds(void **state)
{
	struct cut_result r;

	(void)state;
	expect(cut_replay(replayed(), &r), &r);
}

static void each_manage_command_is_cut(void **state)
{
	unsigned int op;
	size_t i;

	(void)state;
	for (op = PDT1_OP_UNBLOCK_PIN; op <= PDT1_OP_SET_FT; op++) {
		bool known = op == 0x0d;	/* there is none */

		for (i = 0; i < scenario_count; i++)
			known |= scenarios[i].op == op;
		if (!known)
			fail_msg("no scenario for operation %02x", op);
	}
}

static void cut_at_every_operation(void **state)
{
	struct cut_count before = total;
	struct cut_result r;
	size_t i, j;

	(void)state;
	for (i = 0; i < scenario_count; i++)
		for (j = 0; j < ROOMS; j++)
			expect(cuts_single(&scenarios[i], rooms[j], false,
					   &total, &r), &r);
	assert_true(total.points > scenario_count * ROOMS);
	report(&before);
}

/* What was being written may read as it likes until it is written again. */
static void cut_that_leaves_unstable_bits(void **state)
{
	struct cut_count before = total;
	struct cut_result r;
	size_t i;

	(void)state;
	for (i = 0; i < scenario_count; i++) {
		expect(cuts_single(&scenarios[i], 0, true, &total, &r), &r);
		expect(cuts_single(&scenarios[i], 210, true, &total, &r), &r);
	}
	expect(cuts_double(scenario_find("pair"), 0, true, SECOND_RECOVERY,
			   &total, &r), &r);
	expect(cuts_double(scenario_find("wrong PIN"), 0, true,
			   SECOND_RECOVERY, &total, &r), &r);
	report(&before);
}

static void cut_twice(enum second second)
{
	struct cut_count before = total;
	struct cut_result r;
	size_t i;

	for (i = 0; i < scenario_count; i++)
		if (second == SECOND_RECOVERY || scenarios[i].again)
			expect(cuts_double(&scenarios[i], 0, false, second,
					   &total, &r), &r);
	assert_true(total.pairs > before.pairs);
	report(&before);
}

static void second_cut_at_every_operation_of_the_recovery(void **state)
{
	(void)state;
	cut_twice(SECOND_RECOVERY);
}

static void second_cut_at_every_operation_of_the_repetition(void **state)
{
	(void)state;
	cut_twice(SECOND_REPEAT);
}

static void two_cuts_while_the_journal_moves(void **state)
{
	struct cut_count before = total;
	struct cut_result r;

	(void)state;
	expect(cuts_double(scenario_find("pair with eviction"), 210, false,
			   SECOND_RECOVERY, &total, &r), &r);
	expect(cuts_double(scenario_find("wrong PIN"), 1, false,
			   SECOND_RECOVERY, &total, &r), &r);
	report(&before);
}

static void fail_everywhere(enum flash_fault fault)
{
	struct cut_count before = total;
	struct cut_result r;
	size_t i, j;

	for (i = 0; i < scenario_count; i++)
		for (j = 0; j < ROOMS; j += 2)
			expect(cuts_fault(&scenarios[i], rooms[j], fault,
					  &total, &r), &r);
	report(&before);
}

static void every_operation_fails(void **state)
{
	(void)state;
	fail_everywhere(FLASH_ERROR);
}

static void every_operation_only_seems_to_succeed(void **state)
{
	(void)state;
	fail_everywhere(FLASH_SILENT);
}

static void holds(void)
{
	if (world.oracle.violated != HOLDS)
		fail_msg("%s: %s", property_name(world.oracle.violated),
			 world.oracle.detail);
}

/* However often somebody cuts the power, he cannot guess for nothing. */
static void cuts_never_give_tries_back(void **state)
{
	const struct sm_perso p = test_perso();
	unsigned int i, verdicts = 0;

	(void)state;
	world_start(&p);
	for (i = 0; i < 60 && world_begin(2); i++) {
		flash_order(&world.flash, 1 + i % 5, FLASH_CUT,
			    i % (FLASH_BITS + 3));
		world_confirm(2, false);
		verdicts += world.oracle.answered &&
			    (E3_SW(&world.host[2]) & PDT1_SW_PIN_WRONG_MASK) ==
			    PDT1_SW_PIN_WRONG;
		world_power();
		holds();
	}
	assert_int_equal(i, 60);
	assert_true(world.oracle.judged > 0);
	assert_true(world.oracle.judged <= 5);
	assert_true(verdicts <= 5);
	assert_int_equal(world.oracle.before.meta.ptc, 0);
}

static void random_life_with_cuts(void **state)
{
	const struct sm_perso p = test_perso();
	unsigned int i, cuts = 0;

	(void)state;
	world_start(&p);
	for (i = 0; i < 4000; i++) {
		flash_order(&world.flash, life_draw(4) ? 0 : 1 + life_draw(12),
			    FLASH_CUT, life_draw(50));
		life_step();
		cuts += world.flash.hit;
		if (world.flash.dead || !life_draw(3)) {
			world_power();
			holds();
			world_probe();
		}
		holds();
	}
	print_message("# %u cuts in a life of %u pairings\n", cuts,
		      world.oracle.before.meta.n);
	assert_true(cuts > 100);
	assert_true(world.oracle.before.meta.n > 100);
}

#define T(f)	cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_manage_command_is_cut),
		T(cut_at_every_operation),
		T(cut_that_leaves_unstable_bits),
		T(second_cut_at_every_operation_of_the_recovery),
		T(second_cut_at_every_operation_of_the_repetition),
		T(two_cuts_while_the_journal_moves),
		T(every_operation_fails),
		T(every_operation_only_seems_to_succeed),
		T(cuts_never_give_tries_back),
		T(random_life_with_cuts),
	};

	const struct CMUnitTest again[] = {
		T(the_run_of_the_environment_holds),
	};

	if (getenv("POWERCUT_SEEDS"))
		cut_seeds = (unsigned int)atoi(getenv("POWERCUT_SEEDS"));
	if (replayed())
		return cmocka_run_group_tests_name("softmod power cut", again,
						   NULL, NULL);
	return cmocka_run_group_tests_name("softmod power cuts", tests, NULL,
					   NULL);
}
