/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The things that happen to a module and that a cut may hit. */
#ifndef SOFTMOD_TESTS_POWER_SCENARIO_H
#define SOFTMOD_TESTS_POWER_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct scenario - one thing that happens
 * @name: of it
 * @op: MANAGE operation that it is about, 0 for none
 * @prepare: leads up to it
 * @run: does it; this is what a fault hits
 * @again: does it once more after power came back, NULL when it is not repeated
 */
struct scenario {
	const char *name;
	uint8_t op;
	void (*prepare)(void);
	void (*run)(void);
	void (*again)(void);
};

extern const struct scenario scenarios[];
extern const size_t scenario_count;

/* NULL when there is none of that name */
const struct scenario *scenario_find(const char *name);

#endif /* SOFTMOD_TESTS_POWER_SCENARIO_H */
