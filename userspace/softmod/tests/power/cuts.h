/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loops: every scenario, with a fault at every operation of the flash, and
 * with a second cut at every operation of what follows.
 */
#ifndef SOFTMOD_TESTS_POWER_CUTS_H
#define SOFTMOD_TESTS_POWER_CUTS_H

#include "softmod/tests/power/flash.h"
#include "softmod/tests/power/oracle.h"
#include "softmod/tests/power/scenario.h"

/**
 * enum second - what a second cut hits
 * @SECOND_NONE: there is only one fault
 * @SECOND_RECOVERY: the power-up after the first
 * @SECOND_REPEAT: the scenario, done again after the power-up
 */
enum second {
	SECOND_NONE,
	SECOND_RECOVERY,
	SECOND_REPEAT,
};

/**
 * struct cut - one run of one scenario
 * @scenario: which
 * @room: bytes left in the half in use, 0 for as many as there are: with few,
 *	the journal moves to the other half within the scenario
 * @unstable: cuts leave bits that read as they like
 * @fault: what happens
 * @k: to which operation of the scenario
 * @part: how much of that is done, as for flash_order()
 * @second: where another cut happens
 * @k2: at which operation
 * @part2: and how much is done
 */
struct cut {
	const struct scenario *scenario;
	unsigned int room;
	bool unstable;
	enum flash_fault fault;
	unsigned int k;
	unsigned int part;
	enum second second;
	unsigned int k2;
	unsigned int part2;
};

/**
 * struct cut_count - what was tried
 * @points: single cuts, each at its own operation of its own scenario
 * @pairs: pairs of cuts
 * @faults: operations that failed, or only seemed to succeed
 * @runs: all of these, each with several outcomes
 */
struct cut_count {
	unsigned long points;
	unsigned long pairs;
	unsigned long faults;
	unsigned long runs;
};

/**
 * struct cut_result - the first property that did not hold
 * @violated: which, HOLDS when all did
 * @detail: what was seen
 * @cut: in which run
 */
struct cut_result {
	enum property violated;
	char detail[120];
	struct cut cut;
};

/* Seeds beside the outcomes "nothing", "everything" and "the first half" */
extern unsigned int cut_seeds;

/* Each runs @s and stops at the first violation. The first three fault or cut
 * at every operation once; the last cuts at every operation and then at every
 * operation of what follows. Return: true when all properties held.
 */
bool cuts_single(const struct scenario *s, unsigned int room, bool unstable,
		 struct cut_count *count, struct cut_result *result);
bool cuts_fault(const struct scenario *s, unsigned int room,
		enum flash_fault fault, struct cut_count *count,
		struct cut_result *result);
bool cuts_double(const struct scenario *s, unsigned int room, bool unstable,
		 enum second second, struct cut_count *count,
		 struct cut_result *result);

/* One run, as cut_format() wrote it */
bool cut_replay(const char *text, struct cut_result *result);

/* "SCENARIO:room:unstable:fault:k:part:second:k2:part2" */
void cut_format(const struct cut *cut, char *text, size_t size);

#endif /* SOFTMOD_TESTS_POWER_CUTS_H */
