/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tests of the driver's protocol engine, for a front end to run: KUnit's where
 * the kernel has KUnit, otherwise one that writes TAP to the log.
 */
#ifndef _SMPAIR_TESTS_ENGINE_H
#define _SMPAIR_TESTS_ENGINE_H

/**
 * struct engine_test - one test
 * @name: what it proves
 * @run: runs it; may sleep
 */
struct engine_test {
	const char *name;
	void (*run)(void);
};

extern const struct engine_test engine_tests[];
extern const unsigned int engine_test_count;

/* Around each test: memory for commands and answers. 0 or -ENOMEM */
int engine_setup(void);
void engine_teardown(void);

/* The front end's: the test that runs has failed, as @condition is false. */
void engine_unexpected(const char *function, int line, const char *condition);

#endif /* _SMPAIR_TESTS_ENGINE_H */
