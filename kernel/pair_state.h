/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pairing state machine as a pure function: no input, no output, no
 * allocation. pair.c feeds it events and performs what it asks for.
 */
#ifndef _SMPAIR_PAIR_STATE_H
#define _SMPAIR_PAIR_STATE_H

#include <linux/types.h>
#include <uapi/linux/smpair.h>

#define SMPAIR_STATE_COUNT	(SMPAIR_STATE_ALARM + 1)
#define SMPAIR_CAUSE_COUNT	(SMPAIR_CAUSE_NO_MEMORY + 1)

/**
 * enum smpair_event - what happened to a module
 * @SMPAIR_EVENT_PROBE: inserted, resumed, or its link must be started afresh
 * @SMPAIR_EVENT_UNSUPPORTED: it does not answer as a PDT1 module
 * @SMPAIR_EVENT_UNSERVICEABLE: INFO says frozen, virgin or fatal
 * @SMPAIR_EVENT_IDENTIFIED: INFO is good, and there are no host credentials
 * @SMPAIR_EVENT_OPEN: the pairing is to be verified
 * @SMPAIR_EVENT_VERIFIED: the first envelope came back valid
 * @SMPAIR_EVENT_RESTRICTED: the same, in a session that is good for REWRAP only
 * @SMPAIR_EVENT_NOT_PAIRED: OPEN was answered 6A88 in all generations
 * @SMPAIR_EVENT_NO_VERDICT: the link failed before there was a conclusion
 * @SMPAIR_EVENT_ALARM: a cryptographic check failed
 * @SMPAIR_EVENT_PAIR: BEGIN is to be sent
 * @SMPAIR_EVENT_PAIR_ENDED: pairing ended without one; there was none before
 * @SMPAIR_EVENT_PAIR_KEPT: pairing ended without a new one; the former stands
 * @SMPAIR_EVENT_CLOSE: the session was ended on purpose
 * @SMPAIR_EVENT_LOST: the session was lost
 * @SMPAIR_EVENT_UNPAIRED: the module freed the slot of this host
 * @SMPAIR_EVENT_HOST_SET: host credentials were loaded or replaced
 * @SMPAIR_EVENT_HOST_CLEARED: host credentials were cleared
 * @SMPAIR_EVENT_SUSPEND: the system is about to sleep
 * @SMPAIR_EVENT_COUNT: number of events
 */
enum smpair_event {
	SMPAIR_EVENT_PROBE,
	SMPAIR_EVENT_UNSUPPORTED,
	SMPAIR_EVENT_UNSERVICEABLE,
	SMPAIR_EVENT_IDENTIFIED,
	SMPAIR_EVENT_OPEN,
	SMPAIR_EVENT_VERIFIED,
	SMPAIR_EVENT_RESTRICTED,
	SMPAIR_EVENT_NOT_PAIRED,
	SMPAIR_EVENT_NO_VERDICT,
	SMPAIR_EVENT_ALARM,
	SMPAIR_EVENT_PAIR,
	SMPAIR_EVENT_PAIR_ENDED,
	SMPAIR_EVENT_PAIR_KEPT,
	SMPAIR_EVENT_CLOSE,
	SMPAIR_EVENT_LOST,
	SMPAIR_EVENT_UNPAIRED,
	SMPAIR_EVENT_HOST_SET,
	SMPAIR_EVENT_HOST_CLEARED,
	SMPAIR_EVENT_SUSPEND,
	SMPAIR_EVENT_COUNT,
};

/**
 * enum smpair_action - what a transition asks for
 * @SMPAIR_ACTION_REFUSE: the event means nothing in this state; nothing changes
 * @SMPAIR_ACTION_NONE: the new state is all
 * @SMPAIR_ACTION_PROBE: reset, SELECT, INFO
 * @SMPAIR_ACTION_OPEN: OPEN in all generations, then GET SLOTS
 * @SMPAIR_ACTION_WIPE: wipe the session
 * @SMPAIR_ACTION_FORGET: wipe the session and the cached pairing
 */
enum smpair_action {
	SMPAIR_ACTION_REFUSE,
	SMPAIR_ACTION_NONE,
	SMPAIR_ACTION_PROBE,
	SMPAIR_ACTION_OPEN,
	SMPAIR_ACTION_WIPE,
	SMPAIR_ACTION_FORGET,
};

/**
 * struct smpair_step - one transition
 * @state: enum smpair_state to enter
 * @action: enum smpair_action to perform then
 */
struct smpair_step {
	u8 state;
	u8 action;
};

struct smpair_step smpair_state_next(enum smpair_state state, enum smpair_event event);
const char *smpair_state_name(u32 state);
const char *smpair_cause_name(u32 cause);
int smpair_cause_errno(u32 cause);

#endif /* _SMPAIR_PAIR_STATE_H */
