// SPDX-License-Identifier: GPL-2.0
/*
 * The tests of the protocol engine as a KUnit suite.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "engine.h"

static struct kunit *running;

void engine_unexpected(const char *function, int line, const char *condition)
{
	KUNIT_FAIL(running, "%s:%d: %s", function, line, condition);
}

static const void *next_test(const void *previous, char *name)
{
	const struct engine_test *test = previous ? previous + sizeof(*test) : engine_tests;

	if (test == engine_tests + engine_test_count)
		return NULL;
	strscpy(name, test->name, KUNIT_PARAM_DESC_SIZE);
	return test;
}

static void engine(struct kunit *test)
{
	const struct engine_test *engine_test = test->param_value;

	running = test;
	KUNIT_ASSERT_EQ(test, engine_setup(), 0);
	engine_test->run();
	engine_teardown();
}

static struct kunit_case engine_cases[] = {
	KUNIT_CASE_PARAM(engine, next_test),
	{}
};

static struct kunit_suite engine_suite = {
	.name = "smpair_engine",
	.test_cases = engine_cases,
};

kunit_test_suite(engine_suite);
MODULE_DESCRIPTION("KUnit tests of smpair");
MODULE_LICENSE("GPL");
