// SPDX-License-Identifier: GPL-2.0
/*
 * Prints the transition table of the driver for driver.pml. It is linked with
 * kernel/pair_state.c itself, so that the model cannot have another table than
 * the driver.
 */
#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../kernel/pair_state.h"

#define NAME(event) \
	[SMPAIR_EVENT_##event] = #event

static const char * const events[] = {
	NAME(PROBE),
	NAME(UNSUPPORTED),
	NAME(UNSERVICEABLE),
	NAME(IDENTIFIED),
	NAME(OPEN),
	NAME(VERIFIED),
	NAME(RESTRICTED),
	NAME(NOT_PAIRED),
	NAME(NO_VERDICT),
	NAME(ALARM),
	NAME(PAIR),
	NAME(PAIR_ENDED),
	NAME(PAIR_KEPT),
	NAME(CLOSE),
	NAME(LOST),
	NAME(UNPAIRED),
	NAME(HOST_SET),
	NAME(HOST_CLEARED),
	NAME(SUSPEND),
};

static_assert(ARRAY_SIZE(events) == SMPAIR_EVENT_COUNT);

static void print_defines(void)
{
	unsigned int i;

	printf("#define STATES\t%u\n#define EVENTS\t%u\n", SMPAIR_STATE_COUNT, SMPAIR_EVENT_COUNT);
	for (i = 0; i < SMPAIR_STATE_COUNT; i++)
		printf("#define STATE_%s\t%u\n", smpair_state_name(i), i);
	for (i = 0; i < SMPAIR_EVENT_COUNT; i++) {
		if (!events[i]) {
			fprintf(stderr, "table: event %u has no name\n", i);
			exit(1);
		}
		printf("#define %s\t%u\n", events[i], i);
	}
	printf("#define ACTION_REFUSE\t%u\n", SMPAIR_ACTION_REFUSE);
	printf("#define ACTION_NONE\t%u\n", SMPAIR_ACTION_NONE);
	printf("#define ACTION_PROBE\t%u\n", SMPAIR_ACTION_PROBE);
	printf("#define ACTION_OPEN\t%u\n", SMPAIR_ACTION_OPEN);
	printf("#define ACTION_WIPE\t%u\n", SMPAIR_ACTION_WIPE);
	printf("#define ACTION_FORGET\t%u\n", SMPAIR_ACTION_FORGET);
}

static void print_array(const char *name, bool action)
{
	unsigned int s, e;

	printf("hidden byte %s[STATES * EVENTS] = {", name);
	for (s = 0; s < SMPAIR_STATE_COUNT; s++) {
		for (e = 0; e < SMPAIR_EVENT_COUNT; e++) {
			struct smpair_step step = smpair_state_next(s, e);

			printf("%s%u", s || e ? ", " : " ", action ? step.action : step.state);
		}
	}
	printf(" };\n");
}

int main(void)
{
	print_defines();
	print_array("table_state", false);
	print_array("table_action", true);
	return 0;
}
