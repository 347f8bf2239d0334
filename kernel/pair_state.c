// SPDX-License-Identifier: GPL-2.0
/*
 * The transition table of the pairing state machine, and the names of states
 * and causes.
 */
#include <linux/array_size.h>
#include <linux/kernel.h>
#include "pair_state.h"

#define TO(state, action) { SMPAIR_STATE_##state, SMPAIR_ACTION_##action }
#define ON(event) [SMPAIR_EVENT_##event]

/*
 * A pair that is not listed is refused. A module is probed again from every
 * state, since insertion and resume ask nobody; alarm is left in this way, and
 * by new host credentials, only.
 */
static const struct smpair_step table[SMPAIR_STATE_COUNT][SMPAIR_EVENT_COUNT] = {
	[SMPAIR_STATE_PROBING] = {
		ON(PROBE)		= TO(PROBING, PROBE),
		ON(UNSUPPORTED)		= TO(UNSUPPORTED, FORGET),
		ON(UNSERVICEABLE)	= TO(UNSERVICEABLE, FORGET),
		ON(IDENTIFIED)		= TO(IDENTIFIED, NONE),
		ON(OPEN)		= TO(OPENING, OPEN),
		ON(SUSPEND)		= TO(PROBING, FORGET),
	},
	[SMPAIR_STATE_UNSUPPORTED] = {
		ON(PROBE)		= TO(PROBING, PROBE),
		ON(OPEN)		= TO(PROBING, PROBE),
		ON(SUSPEND)		= TO(UNSUPPORTED, NONE),
	},
	[SMPAIR_STATE_UNSERVICEABLE] = {
		ON(PROBE)		= TO(PROBING, PROBE),
		ON(OPEN)		= TO(PROBING, PROBE),
		ON(SUSPEND)		= TO(UNSERVICEABLE, NONE),
	},
	[SMPAIR_STATE_IDENTIFIED] = {
		ON(PROBE)		= TO(PROBING, PROBE),
		ON(UNSERVICEABLE)	= TO(UNSERVICEABLE, FORGET),
		ON(OPEN)		= TO(OPENING, OPEN),
		ON(HOST_SET)		= TO(OPENING, OPEN),
		ON(HOST_CLEARED)	= TO(IDENTIFIED, FORGET),
		ON(SUSPEND)		= TO(IDENTIFIED, FORGET),
	},
	[SMPAIR_STATE_OPENING] = {
		ON(PROBE)		= TO(PROBING, PROBE),
		ON(UNSERVICEABLE)	= TO(UNSERVICEABLE, FORGET),
		ON(VERIFIED)		= TO(PAIRED, NONE),
		ON(RESTRICTED)		= TO(RESTRICTED, NONE),
		ON(NOT_PAIRED)		= TO(UNPAIRED, FORGET),
		ON(NO_VERDICT)		= TO(IDENTIFIED, WIPE),
		ON(ALARM)		= TO(ALARM, FORGET),
		ON(LOST)		= TO(CLOSED, WIPE),
		ON(HOST_SET)		= TO(OPENING, OPEN),
		ON(HOST_CLEARED)	= TO(IDENTIFIED, FORGET),
		ON(SUSPEND)		= TO(IDENTIFIED, FORGET),
	},
	[SMPAIR_STATE_UNPAIRED] = {
		ON(PROBE)		= TO(PROBING, PROBE),
		ON(UNSERVICEABLE)	= TO(UNSERVICEABLE, FORGET),
		ON(OPEN)		= TO(OPENING, OPEN),
		ON(PAIR)		= TO(PAIRING, WIPE),
		ON(HOST_SET)		= TO(OPENING, OPEN),
		ON(HOST_CLEARED)	= TO(IDENTIFIED, FORGET),
		ON(SUSPEND)		= TO(UNPAIRED, FORGET),
	},
	[SMPAIR_STATE_PAIRING] = {
		ON(PROBE)		= TO(PROBING, PROBE),
		ON(UNSERVICEABLE)	= TO(UNSERVICEABLE, FORGET),
		ON(VERIFIED)		= TO(PAIRED, NONE),
		ON(RESTRICTED)		= TO(RESTRICTED, NONE),
		ON(NOT_PAIRED)		= TO(UNPAIRED, FORGET),
		ON(ALARM)		= TO(ALARM, FORGET),
		ON(PAIR_ENDED)		= TO(UNPAIRED, FORGET),
		ON(PAIR_KEPT)		= TO(CLOSED, WIPE),
		ON(LOST)		= TO(CLOSED, WIPE),
		ON(HOST_SET)		= TO(OPENING, OPEN),
		ON(HOST_CLEARED)	= TO(IDENTIFIED, FORGET),
		ON(SUSPEND)		= TO(IDENTIFIED, FORGET),
	},
	[SMPAIR_STATE_PAIRED] = {
		ON(PROBE)		= TO(PROBING, PROBE),
		ON(UNSERVICEABLE)	= TO(UNSERVICEABLE, FORGET),
		ON(OPEN)		= TO(OPENING, OPEN),
		ON(RESTRICTED)		= TO(RESTRICTED, NONE),
		ON(NOT_PAIRED)		= TO(UNPAIRED, FORGET),
		ON(NO_VERDICT)		= TO(CLOSED, WIPE),
		ON(ALARM)		= TO(ALARM, FORGET),
		ON(PAIR)		= TO(PAIRING, WIPE),
		ON(CLOSE)		= TO(CLOSED, WIPE),
		ON(LOST)		= TO(CLOSED, WIPE),
		ON(UNPAIRED)		= TO(UNPAIRED, FORGET),
		ON(HOST_SET)		= TO(OPENING, OPEN),
		ON(HOST_CLEARED)	= TO(IDENTIFIED, FORGET),
		ON(SUSPEND)		= TO(CLOSED, FORGET),
	},
	[SMPAIR_STATE_RESTRICTED] = {
		ON(PROBE)		= TO(PROBING, PROBE),
		ON(UNSERVICEABLE)	= TO(UNSERVICEABLE, FORGET),
		ON(OPEN)		= TO(OPENING, OPEN),
		ON(PAIR)		= TO(PAIRING, WIPE),
		ON(CLOSE)		= TO(RESTRICTED, WIPE),
		ON(LOST)		= TO(RESTRICTED, WIPE),
		ON(UNPAIRED)		= TO(UNPAIRED, FORGET),
		ON(HOST_SET)		= TO(OPENING, OPEN),
		ON(HOST_CLEARED)	= TO(IDENTIFIED, FORGET),
		ON(SUSPEND)		= TO(RESTRICTED, FORGET),
	},
	[SMPAIR_STATE_CLOSED] = {
		ON(PROBE)		= TO(PROBING, PROBE),
		ON(UNSERVICEABLE)	= TO(UNSERVICEABLE, FORGET),
		ON(OPEN)		= TO(OPENING, OPEN),
		ON(PAIR)		= TO(PAIRING, WIPE),
		ON(CLOSE)		= TO(CLOSED, WIPE),
		ON(HOST_SET)		= TO(OPENING, OPEN),
		ON(HOST_CLEARED)	= TO(IDENTIFIED, FORGET),
		ON(SUSPEND)		= TO(CLOSED, FORGET),
	},
	[SMPAIR_STATE_ALARM] = {
		ON(PROBE)		= TO(PROBING, PROBE),
		ON(HOST_SET)		= TO(OPENING, OPEN),
		ON(HOST_CLEARED)	= TO(IDENTIFIED, FORGET),
		ON(SUSPEND)		= TO(ALARM, NONE),
	},
};

/**
 * smpair_state_next() - one step of the state machine
 * @state: where the module is
 * @event: what happened
 *
 * Return: the state to enter and the action to perform then; with
 * SMPAIR_ACTION_REFUSE the state is @state.
 */
struct smpair_step smpair_state_next(enum smpair_state state, enum smpair_event event)
{
	struct smpair_step step = table[state][event];

	if (step.action == SMPAIR_ACTION_REFUSE)
		step.state = state;
	return step;
}

static const char * const state_names[] = {
	[SMPAIR_STATE_PROBING]		= "probing",
	[SMPAIR_STATE_UNSUPPORTED]	= "unsupported",
	[SMPAIR_STATE_UNSERVICEABLE]	= "unserviceable",
	[SMPAIR_STATE_IDENTIFIED]	= "identified",
	[SMPAIR_STATE_OPENING]		= "opening",
	[SMPAIR_STATE_UNPAIRED]		= "unpaired",
	[SMPAIR_STATE_PAIRING]		= "pairing",
	[SMPAIR_STATE_PAIRED]		= "paired",
	[SMPAIR_STATE_RESTRICTED]	= "restricted",
	[SMPAIR_STATE_CLOSED]		= "closed",
	[SMPAIR_STATE_ALARM]		= "alarm",
};
static_assert(ARRAY_SIZE(state_names) == SMPAIR_STATE_COUNT);

static const char * const cause_names[] = {
	[SMPAIR_CAUSE_NONE]			= "none",
	[SMPAIR_CAUSE_NOT_PDT1]			= "not-pdt1",
	[SMPAIR_CAUSE_BAD_INFO]			= "bad-info",
	[SMPAIR_CAUSE_FROZEN]			= "frozen",
	[SMPAIR_CAUSE_VIRGIN]			= "virgin",
	[SMPAIR_CAUSE_FATAL]			= "fatal",
	[SMPAIR_CAUSE_NOT_PAIRED]		= "not-paired",
	[SMPAIR_CAUSE_RESTRICTED]		= "restricted",
	[SMPAIR_CAUSE_NO_HOST]			= "no-host",
	[SMPAIR_CAUSE_FOREIGN_DOMAIN]		= "foreign-domain",
	[SMPAIR_CAUSE_CY_REJECTED]		= "cy-rejected",
	[SMPAIR_CAUSE_FAKE_MODULE]		= "fake-module",
	[SMPAIR_CAUSE_REFUSED]			= "refused",
	[SMPAIR_CAUSE_REINSERT]			= "reinsert",
	[SMPAIR_CAUSE_PIN_BLOCKED]		= "pin-blocked",
	[SMPAIR_CAUSE_FULL]			= "full",
	[SMPAIR_CAUSE_NO_CONSENT]		= "no-consent",
	[SMPAIR_CAUSE_STILL_HELD]		= "still-held",
	[SMPAIR_CAUSE_OLD_MHKEY]		= "old-mhkey",
	[SMPAIR_CAUSE_BAD_PDC]			= "bad-pdc",
	[SMPAIR_CAUSE_BAD_MAC]			= "bad-mac",
	[SMPAIR_CAUSE_ROLLBACK]			= "rollback",
	[SMPAIR_CAUSE_WRONG_MODULE]		= "wrong-module",
	[SMPAIR_CAUSE_PIN_WRONG]		= "pin-wrong",
	[SMPAIR_CAUSE_PIN_MALFORMED]		= "pin-malformed",
	[SMPAIR_CAUSE_PIN_STALE]		= "pin-stale",
	[SMPAIR_CAUSE_MODULE_MEMORY]		= "module-memory",
	[SMPAIR_CAUSE_CONFIRM_LOST]		= "confirm-lost",
	[SMPAIR_CAUSE_LINK_ERROR]		= "link-error",
	[SMPAIR_CAUSE_TIMEOUT]			= "timeout",
	[SMPAIR_CAUSE_SESSION_LOST]		= "session-lost",
	[SMPAIR_CAUSE_UNSTABLE]			= "unstable",
	[SMPAIR_CAUSE_MODULE_REFUSED]		= "module-refused",
	[SMPAIR_CAUSE_GONE]			= "gone",
	[SMPAIR_CAUSE_CANCELLED]		= "cancelled",
	[SMPAIR_CAUSE_NO_AGENT]			= "no-agent",
	[SMPAIR_CAUSE_AGENT_TIMEOUT]		= "agent-timeout",
	[SMPAIR_CAUSE_AGENT_LOST]		= "agent-lost",
	[SMPAIR_CAUSE_DECLINED]			= "declined",
	[SMPAIR_CAUSE_CENTRE_REFUSED]		= "centre-refused",
	[SMPAIR_CAUSE_CENTRE_UNREACHABLE]	= "centre-unreachable",
	[SMPAIR_CAUSE_HOST_CHANGED]		= "host-changed",
	[SMPAIR_CAUSE_SUSPENDED]		= "suspended",
	[SMPAIR_CAUSE_NO_MEMORY]		= "no-memory",
};
static_assert(ARRAY_SIZE(cause_names) == SMPAIR_CAUSE_COUNT);

/**
 * smpair_state_name() - name of a state, as the netlink specification spells it
 * @state: enum smpair_state
 *
 * Return: the name; "unknown" for values outside the enumeration.
 */
const char *smpair_state_name(u32 state)
{
	return state < ARRAY_SIZE(state_names) ? state_names[state] : "unknown";
}

/**
 * smpair_cause_name() - name of a cause, as the netlink specification spells it
 * @cause: enum smpair_cause
 *
 * Return: the name; "unknown" for values outside the enumeration.
 */
const char *smpair_cause_name(u32 cause)
{
	return cause < ARRAY_SIZE(cause_names) ? cause_names[cause] : "unknown";
}
