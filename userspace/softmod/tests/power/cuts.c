// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "softmod/tests/power/cuts.h"
#include "softmod/tests/power/world.h"

unsigned int cut_seeds = 3;

static unsigned int parts(void)
{
	return FLASH_BITS + cut_seeds;
}

static void write_something(void)
{
	const struct sm_act act = world.m.store.act[31];

	if (sm_store_act(&world.m.store, 31, &act))
		oracle_violated(&world.oracle, MODULE_RECOVERS,
				"flash without a fault fails");
}

/* Leaves less than @room bytes at the end of the half in use */
static void fill_half(unsigned int room)
{
	while (FLASH_SIZE / 2 - world.m.store.nvm.tail >= room + 22 &&
	       world.oracle.violated == HOLDS)
		write_something();
}

/* Where there is little room, both halves have been used before. */
static void prepare(const struct scenario *s, unsigned int room,
		    bool unstable)
{
	int i;

	s->prepare();
	for (i = 0; room && i < 2; i++) {
		fill_half(1);
		write_something();
	}
	if (room)
		fill_half(room);
	world.flash.unstable = unstable;
	world_save();
}

/* Which of the two faults happened: 0, 1 or 2 */
static int run(const struct cut *c)
{
	int hit;

	world_restore();
	flash_order(&world.flash, c->k, c->fault, c->part);
	c->scenario->run();
	hit = world.flash.hit;
	if (!hit || c->second == SECOND_NONE) {
		world_power();
	} else if (c->second == SECOND_RECOVERY) {
		if (!world_power_with_fault(c->k2, FLASH_CUT, c->part2)) {
			hit++;
			world_power();
		}
	} else {
		world_power();
		flash_order(&world.flash, c->k2, FLASH_CUT, c->part2);
		c->scenario->again();
		hit += world.flash.hit;
		world_power();
	}
	/* An order that was never reached must not hit what comes now */
	world.flash.fault_at = 0;
	return hit;
}

/* Runs @c, and lets life go on in one of several runs. Returns the number of
 * faults that happened, -1 when a property did not hold.
 */
static int judge(const struct cut *c, struct cut_count *count,
		 struct cut_result *result)
{
	int hit = run(c);

	count->runs++;
	/* What was seen once must be there again */
	if (c->unstable)
		world_power();
	world_probe();
	if ((c->k + c->k2) % parts() == c->part)
		world_go_on();
	if (world.oracle.violated == HOLDS)
		return hit;

	result->violated = world.oracle.violated;
	memcpy(result->detail, world.oracle.detail, sizeof(result->detail));
	result->cut = *c;
	return -1;
}

/* All outcomes of one fault. Returns as judge(). */
static int outcomes(struct cut *c, struct cut_count *count,
		    struct cut_result *result)
{
	int hit = 0;

	for (c->part = 0; c->part < parts() && hit >= 0; c->part++) {
		c->part2 = (c->part + c->k + c->k2) % parts();
		hit = judge(c, count, result);
	}
	return hit;
}

bool cuts_single(const struct scenario *s, unsigned int room, bool unstable,
		 struct cut_count *count, struct cut_result *result)
{
	struct cut c = { .scenario = s, .room = room, .unstable = unstable };
	int hit;

	prepare(s, room, unstable);
	for (c.k = 1; (hit = outcomes(&c, count, result)) > 0; c.k++)
		count->points++;
	return !hit;
}

bool cuts_fault(const struct scenario *s, unsigned int room,
		enum flash_fault fault, struct cut_count *count,
		struct cut_result *result)
{
	struct cut c = { .scenario = s, .room = room, .fault = fault };
	unsigned int ops;
	int hit = 0;

	prepare(s, room, false);
	s->run();
	ops = world.flash.ops;
	world_restore();
	ops -= world.flash.ops;
	for (c.k = 1; c.k <= ops && hit >= 0; c.k++) {
		hit = outcomes(&c, count, result);
		count->faults++;
	}
	return hit >= 0;
}

bool cuts_double(const struct scenario *s, unsigned int room, bool unstable,
		 enum second second, struct cut_count *count,
		 struct cut_result *result)
{
	struct cut c = {
		.scenario = s,
		.room = room,
		.unstable = unstable,
		.second = second,
	};
	int hit;

	prepare(s, room, unstable);
	for (c.k = 1;; c.k++) {
		for (c.k2 = 1; (hit = outcomes(&c, count, result)) > 1;
		     c.k2++)
			count->pairs++;
		if (hit < 1)
			return !hit;
	}
}

void cut_format(const struct cut *c, char *text, size_t size)
{
	snprintf(text, size, "%s:%u:%d:%d:%u:%u:%d:%u:%u", c->scenario->name,
		 c->room, c->unstable, c->fault, c->k, c->part, c->second,
		 c->k2, c->part2);
}

bool cut_replay(const char *text, struct cut_result *result)
{
	struct cut_count count = { 0 };
	unsigned int unstable, fault, second;
	struct cut c = { 0 };
	char name[64];
	int fields;

	fields = sscanf(text, "%63[^:]:%u:%u:%u:%u:%u:%u:%u:%u", name, &c.room,
			&unstable, &fault, &c.k, &c.part, &second, &c.k2,
			&c.part2);
	assert_int_equal(fields, 9);
	c.scenario = scenario_find(name);
	assert_non_null(c.scenario);
	c.unstable = unstable;
	c.fault = fault;
	c.second = second;
	prepare(c.scenario, c.room, c.unstable);
	return judge(&c, &count, result) >= 0;
}
