/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether an agent is given a command that another, or the same, was given before.
 * Pure: the time is an argument.
 */
#ifndef CENTRE_OFFER_H
#define CENTRE_OFFER_H

#include "centre/store.h"

/* How often agents are given a command of which no receipt comes. */
#define OFFERS_MAX	5

enum offer {
	OFFER_NEW,	/* to be given, and counted */
	OFFER_SAME,	/* to be given: the agent has it, and lost it or asks again */
	OFFER_WAIT,	/* another agent has it, whose receipt may be on its way */
	OFFER_GIVE_UP,	/* given too often */
};

enum offer offer_judge(const struct store_command *command, const char *agent, int64_t now,
		       uint32_t lease, uint32_t *wait);

#endif /* CENTRE_OFFER_H */
