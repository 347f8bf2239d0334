// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "centre/limit.h"

static const struct limit_rule rule = { 5, 1000 };
static struct limits limits;

static int fresh(void **state)
{
	(void)state;
	memset(&limits, 0, sizeof(limits));
	limits.seed = 42;
	return 0;
}

static void a_burst_passes_and_the_next_waits(void **state)
{
	uint64_t key = limit_key(&limits, 'm', "a", 1);
	int i;

	(void)state;
	for (i = 0; i < 5; i++)
		assert_int_equal(limit_take(&limits, key, &rule, 1000), 0);
	assert_true(limit_take(&limits, key, &rule, 1000) > 0);
}

static void tokens_come_back_one_by_one(void **state)
{
	uint64_t key = limit_key(&limits, 'm', "a", 1);
	int i;

	(void)state;
	for (i = 0; i < 5; i++)
		limit_take(&limits, key, &rule, 1000);
	assert_int_equal(limit_take(&limits, key, &rule, 2000), 0);
	assert_true(limit_take(&limits, key, &rule, 2000) > 0);
}

static void who_keeps_asking_waits_longer_up_to_a_bound(void **state)
{
	uint64_t key = limit_key(&limits, 'm', "a", 1);
	uint32_t wait = 0, before;
	int i;

	(void)state;
	for (i = 0; i < 100; i++) {
		before = wait;
		wait = limit_take(&limits, key, &rule, 1000);
		if (i > 5 && i < 9)
			assert_true(wait > before);
	}
	assert_in_range(wait, 5, 11);
	assert_int_equal(limit_take(&limits, key, &rule, 1000 + 11000), 0);
}

static void kinds_and_names_have_buckets_of_their_own(void **state)
{
	uint64_t module = limit_key(&limits, 'm', "a", 1);
	int i;

	(void)state;
	assert_int_not_equal(module, limit_key(&limits, 'h', "a", 1));
	assert_int_not_equal(module, limit_key(&limits, 'm', "b", 1));
	for (i = 0; i < 9; i++)
		limit_take(&limits, module, &rule, 1000);
	assert_int_equal(limit_take(&limits, limit_key(&limits, 'h', "a", 1), &rule, 1000), 0);
}

static void a_flood_of_names_does_not_empty_a_bucket_in_use(void **state)
{
	uint64_t key = limit_key(&limits, 'm', "a", 1);
	uint32_t i;

	(void)state;
	for (i = 0; i < 9; i++)
		limit_take(&limits, key, &rule, 1000);
	for (i = 0; i < 2 * LIMIT_BUCKETS; i++)
		limit_take(&limits, limit_key(&limits, 'm', &i, sizeof(i)), &rule, 1000);
	assert_true(limit_take(&limits, key, &rule, 1000) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_burst_passes_and_the_next_waits, fresh),
		cmocka_unit_test_setup(tokens_come_back_one_by_one, fresh),
		cmocka_unit_test_setup(who_keeps_asking_waits_longer_up_to_a_bound, fresh),
		cmocka_unit_test_setup(kinds_and_names_have_buckets_of_their_own, fresh),
		cmocka_unit_test_setup(a_flood_of_names_does_not_empty_a_bucket_in_use, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
