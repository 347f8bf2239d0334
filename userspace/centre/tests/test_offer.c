// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who is given a command of which no receipt came.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "centre/offer.h"

#define T0	INT64_C(1800000000)
#define LEASE	120

static void offer_follows_from_who_has_it_since_when_and_how_often(void **state)
{
	static const struct {
		uint8_t op;
		uint32_t offers;
		const char *handed_to;
		int64_t since;	/* when it was given, before now */
		const char *agent;
		enum offer offer;
		uint32_t wait;
	} rows[] = {
		{ PDT1_OP_FREEZE, 0, "", T0, "one", OFFER_NEW, 0 },
		{ PDT1_OP_FREEZE, 0, "", 0, "one", OFFER_NEW, 0 },
		{ PDT1_OP_FREEZE, 1, "one", 0, "one", OFFER_SAME, 0 },
		{ PDT1_OP_FREEZE, 1, "one", 0, "two", OFFER_WAIT, LEASE },
		{ PDT1_OP_FREEZE, 1, "one", 1, "two", OFFER_WAIT, LEASE - 1 },
		{ PDT1_OP_FREEZE, 1, "one", LEASE - 1, "two", OFFER_WAIT, 1 },
		{ PDT1_OP_FREEZE, 1, "one", LEASE - 1, "on", OFFER_WAIT, 1 },
		{ PDT1_OP_FREEZE, 1, "on", LEASE - 1, "one", OFFER_WAIT, 1 },
		{ PDT1_OP_FREEZE, 1, "one", LEASE, "two", OFFER_NEW, 0 },
		{ PDT1_OP_FREEZE, 1, "one", LEASE, "one", OFFER_NEW, 0 },
		/* The clock was put back. */
		{ PDT1_OP_FREEZE, 1, "one", -1, "two", OFFER_NEW, 0 },
		{ PDT1_OP_FREEZE, 5, "one", LEASE - 1, "two", OFFER_WAIT, 1 },
		{ PDT1_OP_FREEZE, 5, "one", LEASE - 1, "one", OFFER_SAME, 0 },
		{ PDT1_OP_FREEZE, 4, "one", LEASE, "two", OFFER_NEW, 0 },
		{ PDT1_OP_FREEZE, 5, "one", LEASE, "one", OFFER_GIVE_UP, 0 },
		{ PDT1_OP_FREEZE, UINT32_MAX, "one", LEASE, "two", OFFER_GIVE_UP, 0 },
		{ PDT1_OP_SET_KPIN, 5, "one", LEASE, "two", OFFER_GIVE_UP, 0 },
		/* Nothing else can be told to the module before. */
		{ PDT1_OP_SET_KMG, 5, "one", LEASE, "two", OFFER_NEW, 0 },
		{ PDT1_OP_SET_KMG, 5, "one", 0, "two", OFFER_WAIT, LEASE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct store_command command = {
			.op = rows[i].op, .offers = rows[i].offers,
			.handed_at = T0 - rows[i].since,
		};
		uint32_t wait = 0;

		snprintf(command.handed_to, sizeof(command.handed_to), "%s", rows[i].handed_to);
		if (offer_judge(&command, rows[i].agent, T0, LEASE, &wait) != rows[i].offer ||
		    wait != rows[i].wait)
			fail_msg("row %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offer_follows_from_who_has_it_since_when_and_how_often),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
