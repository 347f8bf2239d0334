// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a pairing and the sleep of the system, over and over: each time works
 * as the first, and nothing is left of it. SOAK_CYCLES and SOAK_SUSPENDS in the
 * environment say how often; SOAK_SLEEP=mem lets the system sleep for real, where
 * somebody outside wakes it.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest.h"
#include "rig/rig.h"
#include "rig/setting.h"
#include "soak/census.h"

#define CYCLES		50
#define SUSPENDS	5
#define WARM_UP		20	/* until everything that is made once was made */

/*
 * What may be more than before although nothing leaks, since the kernel itself lives on
 * meanwhile: a fraction of what one forgotten object a cycle would be.
 */
#define OBJECTS_SLACK	20
#define PAGES_SLACK_KB	1024
#define OWN_SLACK_KB	512

#define PM_TEST		"/sys/power/pm_test"
/* The guest has two. */
#define PROCESSOR_1	"/sys/devices/system/cpu/cpu1/online"
#define PM_STATE	"/sys/power/state"

static unsigned int count_of(const char *name, unsigned int otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoul(text, NULL, 10) : otherwise;
}

static bool cycle(struct rig *rig)
{
	struct smpair_outcome out;
	bool good = rig_make_pairing(rig, 0) && rig_echo(rig, 100) &&
		    !rig_do(rig, smpair_op_unpair, &out) && !out.error;

	rig_remove(rig);
	rig_drain_events(rig);
	return good;
}

/* Returns how many went well. */
static unsigned int repeat(struct rig *rig, unsigned int count, bool (*once)(struct rig *rig))
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (!once(rig))
			break;
		if (i && !(i % 1000))
			ksft_print_msg("%u of %u\n", i, count);
	}
	return i;
}

/* The system sleeps and wakes; the pairing is verified anew. */
static bool suspend(struct rig *rig)
{
	const char *state = getenv("SOAK_SLEEP") ?: "freeze";
	int err = setting_write(PM_STATE, state);

	if (err)
		ksft_print_msg("cannot sleep: %d\n", err);
	rig_drain_events(rig);
	return !err && rig_wait_state(rig, SMPAIR_STATE_PAIRED) == SMPAIR_STATE_PAIRED &&
	       rig_echo(rig, 100);
}

/*
 * Sleep takes all processors but one away, and 6.12 stumbles over that now and then
 * ("Dying CPU not properly vacated!"). What is counted here is what the driver does,
 * so they go once.
 */
static int leave_one_processor(void)
{
	return access(PROCESSOR_1, F_OK) ? 0 : setting_write(PROCESSOR_1, "0");
}

/* NULL, or why the system cannot sleep here */
static const char *suspend_missing(void)
{
	if (getenv("SOAK_SLEEP"))
		return NULL;
	if (access(PM_TEST, W_OK))
		return "the kernel is built without CONFIG_PM_DEBUG; \"make soak\" sleeps for real";
	return setting_write("/sys/module/suspend/parameters/pm_test_delay", "0") ||
	       setting_write(PM_TEST, "devices") ? "pm_test refuses the level devices" : NULL;
}

/* Runs @once that often between two counts, and reports three results. */
static void soak(struct rig *rig, const char *what, unsigned int count,
		 bool (*once)(struct rig *rig))
{
	static struct census before, after;
	unsigned int good;

	ksft_test_result(repeat(rig, WARM_UP, once) == WARM_UP && !census_take(&before),
			 "first_%s_work\n", what);
	good = repeat(rig, count, once);
	if (good != count)
		ksft_print_msg("%u of %u\n", good, count);
	ksft_test_result(good == count && !census_take(&after), "all_%s_work\n", what);
	ksft_print_msg("%u %s; pages %ld kB, then %ld kB; this process %ld kB, then %ld kB\n",
		       good, what, before.pages_kb, after.pages_kb, before.own_kb, after.own_kb);
	ksft_test_result(census_same_objects(&before, &after, OBJECTS_SLACK),
			 "%s_leave_no_slab_objects\n", what);
	ksft_test_result(after.pages_kb - before.pages_kb <= PAGES_SLACK_KB,
			 "%s_leave_no_pages\n", what);
	ksft_test_result(after.own_kb - before.own_kb <= OWN_SLACK_KB,
			 "%s_leave_no_memory_of_library_and_module\n", what);
}

static void skip(const char *what, const char *why)
{
	ksft_print_msg("%s\n", why);
	ksft_test_result_skip("first_%s_work\n", what);
	ksft_print_msg("%s\n", why);
	ksft_test_result_skip("all_%s_work\n", what);
	ksft_print_msg("%s\n", why);
	ksft_test_result_skip("%s_leave_no_slab_objects\n", what);
	ksft_print_msg("%s\n", why);
	ksft_test_result_skip("%s_leave_no_pages\n", what);
	ksft_print_msg("%s\n", why);
	ksft_test_result_skip("%s_leave_no_memory_of_library_and_module\n", what);
}

int main(void)
{
	const char *missing = rig_missing() ?: census_missing();
	struct rig rig;

	ksft_print_header();
	if (missing)
		ksft_exit_skip("%s\n", missing);
	ksft_set_plan(10);
	if (rig_init(&rig, NULL))
		ksft_exit_fail_msg("no rig can be made\n");
	soak(&rig, "cycles", count_of("SOAK_CYCLES", CYCLES), cycle);

	missing = suspend_missing();
	if (missing)
		skip("suspends", missing);
	else if (leave_one_processor())
		ksft_exit_fail_msg("the other processors cannot be switched off\n");
	else if (!rig_make_pairing(&rig, 0))
		ksft_exit_fail_msg("no pairing before the suspends\n");
	else
		soak(&rig, "suspends", count_of("SOAK_SUSPENDS", SUSPENDS), suspend);
	setting_write(PM_TEST, "none");
	setting_write(PROCESSOR_1, "1");
	rig_exit(&rig);
	ksft_finished();
}
