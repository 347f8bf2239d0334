// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "centre/offer.h"

/**
 * offer_judge() - Is an agent given a command?
 * @command: The command, of which there is no receipt.
 * @agent: Who asks, on behalf of the module.
 * @now: Seconds since 1970.
 * @lease: For how many seconds a command is the agent's that was given it.
 * @wait: Receives for how many more where it is another's.
 *
 * A module takes a number once, so that giving a command again does no harm; but it
 * refuses the second time, and the first agent's receipt says more than that.
 *
 * Return: The judgement.
 */
enum offer offer_judge(const struct store_command *command, const char *agent, int64_t now,
		       uint32_t lease, uint32_t *wait)
{
	int64_t since = now - command->handed_at;

	/* A clock that was put back makes no lease longer. */
	if (command->offers && since >= 0 && since < lease) {
		if (!strcmp(command->handed_to, agent))
			return OFFER_SAME;
		*wait = (uint32_t)(lease - since);
		return OFFER_WAIT;
	}
	/* While it may have taken another management key the module can be told
	 * nothing else: this is asked until there is an answer.
	 */
	if (command->offers >= OFFERS_MAX && command->op != PDT1_OP_SET_KMG)
		return OFFER_GIVE_UP;
	return OFFER_NEW;
}
