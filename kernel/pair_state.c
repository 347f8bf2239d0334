// SPDX-License-Identifier: GPL-2.0
/*
 * The transition table of the pairing state machine, and the names of states
 * and causes.
 */
#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include "pair_state.h"

#define STEP(event, state, action) \
	[SMPAIR_EVENT_##event] = { SMPAIR_STATE_##state, SMPAIR_ACTION_##action }

/*
 * A pair that is not listed is refused. A module is probed again from every
 * state, since insertion and resume ask nobody; alarm is left in this way, and
 * by new host credentials, only.
 */
static const struct smpair_step table[SMPAIR_STATE_COUNT][SMPAIR_EVENT_COUNT] = {
	[SMPAIR_STATE_PROBING] = {
		STEP(PROBE, PROBING, PROBE),
		STEP(UNSUPPORTED, UNSUPPORTED, FORGET),
		STEP(UNSERVICEABLE, UNSERVICEABLE, FORGET),
		STEP(IDENTIFIED, IDENTIFIED, NONE),
		STEP(OPEN, OPENING, OPEN),
		STEP(SUSPEND, PROBING, FORGET),
	},
	[SMPAIR_STATE_UNSUPPORTED] = {
		STEP(PROBE, PROBING, PROBE),
		STEP(OPEN, PROBING, PROBE),
		STEP(SUSPEND, UNSUPPORTED, NONE),
	},
	[SMPAIR_STATE_UNSERVICEABLE] = {
		STEP(PROBE, PROBING, PROBE),
		STEP(OPEN, PROBING, PROBE),
		STEP(SUSPEND, UNSERVICEABLE, NONE),
	},
	[SMPAIR_STATE_IDENTIFIED] = {
		STEP(PROBE, PROBING, PROBE),
		STEP(UNSERVICEABLE, UNSERVICEABLE, FORGET),
		STEP(OPEN, OPENING, OPEN),
		STEP(HOST_SET, OPENING, OPEN),
		STEP(HOST_CLEARED, IDENTIFIED, FORGET),
		STEP(SUSPEND, IDENTIFIED, FORGET),
	},
	[SMPAIR_STATE_OPENING] = {
		STEP(PROBE, PROBING, PROBE),
		STEP(UNSERVICEABLE, UNSERVICEABLE, FORGET),
		STEP(VERIFIED, PAIRED, NONE),
		STEP(RESTRICTED, RESTRICTED, NONE),
		STEP(NOT_PAIRED, UNPAIRED, FORGET),
		STEP(NO_VERDICT, IDENTIFIED, WIPE),
		STEP(ALARM, ALARM, FORGET),
		STEP(LOST, CLOSED, WIPE),
		STEP(HOST_SET, OPENING, OPEN),
		STEP(HOST_CLEARED, IDENTIFIED, FORGET),
		STEP(SUSPEND, IDENTIFIED, FORGET),
	},
	[SMPAIR_STATE_UNPAIRED] = {
		STEP(PROBE, PROBING, PROBE),
		STEP(UNSERVICEABLE, UNSERVICEABLE, FORGET),
		STEP(OPEN, OPENING, OPEN),
		STEP(PAIR, PAIRING, WIPE),
		STEP(HOST_SET, OPENING, OPEN),
		STEP(HOST_CLEARED, IDENTIFIED, FORGET),
		STEP(SUSPEND, UNPAIRED, FORGET),
	},
	[SMPAIR_STATE_PAIRING] = {
		STEP(PROBE, PROBING, PROBE),
		STEP(UNSERVICEABLE, UNSERVICEABLE, FORGET),
		STEP(VERIFIED, PAIRED, NONE),
		STEP(RESTRICTED, RESTRICTED, NONE),
		STEP(NOT_PAIRED, UNPAIRED, FORGET),
		STEP(ALARM, ALARM, FORGET),
		STEP(PAIR_ENDED, UNPAIRED, FORGET),
		STEP(PAIR_KEPT, CLOSED, WIPE),
		STEP(LOST, CLOSED, WIPE),
		STEP(HOST_SET, OPENING, OPEN),
		STEP(HOST_CLEARED, IDENTIFIED, FORGET),
		STEP(SUSPEND, IDENTIFIED, FORGET),
	},
	[SMPAIR_STATE_PAIRED] = {
		STEP(PROBE, PROBING, PROBE),
		STEP(UNSERVICEABLE, UNSERVICEABLE, FORGET),
		STEP(OPEN, OPENING, OPEN),
		STEP(RESTRICTED, RESTRICTED, NONE),
		STEP(NOT_PAIRED, UNPAIRED, FORGET),
		STEP(NO_VERDICT, CLOSED, WIPE),
		STEP(ALARM, ALARM, FORGET),
		STEP(PAIR, PAIRING, WIPE),
		STEP(CLOSE, CLOSED, WIPE),
		STEP(LOST, CLOSED, WIPE),
		STEP(UNPAIRED, UNPAIRED, FORGET),
		STEP(HOST_SET, OPENING, OPEN),
		STEP(HOST_CLEARED, IDENTIFIED, FORGET),
		STEP(SUSPEND, CLOSED, FORGET),
	},
	[SMPAIR_STATE_RESTRICTED] = {
		STEP(PROBE, PROBING, PROBE),
		STEP(UNSERVICEABLE, UNSERVICEABLE, FORGET),
		STEP(OPEN, OPENING, OPEN),
		STEP(PAIR, PAIRING, WIPE),
		STEP(CLOSE, RESTRICTED, WIPE),
		STEP(LOST, RESTRICTED, WIPE),
		STEP(UNPAIRED, UNPAIRED, FORGET),
		STEP(HOST_SET, OPENING, OPEN),
		STEP(HOST_CLEARED, IDENTIFIED, FORGET),
		STEP(SUSPEND, RESTRICTED, FORGET),
	},
	[SMPAIR_STATE_CLOSED] = {
		STEP(PROBE, PROBING, PROBE),
		STEP(UNSERVICEABLE, UNSERVICEABLE, FORGET),
		STEP(OPEN, OPENING, OPEN),
		STEP(PAIR, PAIRING, WIPE),
		STEP(CLOSE, CLOSED, WIPE),
		STEP(HOST_SET, OPENING, OPEN),
		STEP(HOST_CLEARED, IDENTIFIED, FORGET),
		STEP(SUSPEND, CLOSED, FORGET),
	},
	[SMPAIR_STATE_ALARM] = {
		STEP(PROBE, PROBING, PROBE),
		STEP(HOST_SET, OPENING, OPEN),
		STEP(HOST_CLEARED, IDENTIFIED, FORGET),
		STEP(SUSPEND, ALARM, NONE),
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

#define CAUSE(cause, name, error) \
	[SMPAIR_CAUSE_##cause] = { name, error }

static const struct {
	const char *name;
	int error;
} causes[] = {
	CAUSE(NONE, "none", 0),
	CAUSE(NOT_PDT1, "not-pdt1", EPROTONOSUPPORT),
	CAUSE(BAD_INFO, "bad-info", EPROTONOSUPPORT),
	CAUSE(FROZEN, "frozen", EPERM),
	CAUSE(VIRGIN, "virgin", EPERM),
	CAUSE(FATAL, "fatal", EPERM),
	CAUSE(NOT_PAIRED, "not-paired", ENOKEY),
	CAUSE(RESTRICTED, "restricted", EKEYREJECTED),
	CAUSE(NO_HOST, "no-host", ENOKEY),
	CAUSE(FOREIGN_DOMAIN, "foreign-domain", EKEYREJECTED),
	CAUSE(CY_REJECTED, "cy-rejected", EKEYREJECTED),
	CAUSE(FAKE_MODULE, "fake-module", EKEYREJECTED),
	CAUSE(REFUSED, "refused", EPERM),
	CAUSE(REINSERT, "reinsert", EAGAIN),
	CAUSE(PIN_BLOCKED, "pin-blocked", EPERM),
	CAUSE(FULL, "full", ENOSPC),
	CAUSE(NO_CONSENT, "no-consent", EPERM),
	CAUSE(STILL_HELD, "still-held", EEXIST),
	CAUSE(OLD_MHKEY, "old-mhkey", EKEYEXPIRED),
	CAUSE(BAD_PDC, "bad-pdc", EKEYREJECTED),
	CAUSE(BAD_MAC, "bad-mac", EKEYREJECTED),
	CAUSE(ROLLBACK, "rollback", EKEYREJECTED),
	CAUSE(WRONG_MODULE, "wrong-module", EKEYREJECTED),
	CAUSE(PIN_WRONG, "pin-wrong", EACCES),
	CAUSE(PIN_MALFORMED, "pin-malformed", EINVAL),
	CAUSE(PIN_STALE, "pin-stale", ESTALE),
	CAUSE(MODULE_MEMORY, "module-memory", EIO),
	CAUSE(CONFIRM_LOST, "confirm-lost", EIO),
	CAUSE(LINK_ERROR, "link-error", EIO),
	CAUSE(TIMEOUT, "timeout", ETIMEDOUT),
	CAUSE(SESSION_LOST, "session-lost", ECONNRESET),
	CAUSE(UNSTABLE, "unstable", ENOTCONN),
	CAUSE(MODULE_REFUSED, "module-refused", EREMOTEIO),
	CAUSE(GONE, "gone", ENODEV),
	CAUSE(CANCELLED, "cancelled", ECANCELED),
	CAUSE(NO_AGENT, "no-agent", ESRCH),
	CAUSE(AGENT_TIMEOUT, "agent-timeout", ETIMEDOUT),
	CAUSE(AGENT_LOST, "agent-lost", EPIPE),
	CAUSE(DECLINED, "declined", ECANCELED),
	CAUSE(CENTRE_REFUSED, "centre-refused", EACCES),
	CAUSE(CENTRE_UNREACHABLE, "centre-unreachable", EHOSTUNREACH),
	CAUSE(HOST_CHANGED, "host-changed", ESTALE),
	CAUSE(SUSPENDED, "suspended", EAGAIN),
	CAUSE(NO_MEMORY, "no-memory", ENOMEM),
};

static_assert(ARRAY_SIZE(causes) == SMPAIR_CAUSE_COUNT);

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
	return cause < ARRAY_SIZE(causes) ? causes[cause].name : "unknown";
}

/**
 * smpair_cause_errno() - the error that stands for a cause
 * @cause: enum smpair_cause
 *
 * Return: a positive errno; 0 for SMPAIR_CAUSE_NONE.
 */
int smpair_cause_errno(u32 cause)
{
	return cause < ARRAY_SIZE(causes) ? causes[cause].error : EIO;
}
