/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pairing state machine of the driver. The transition table is the driver's
 * own (table.h is made from kernel/pair_state.c); around it is what pair.c,
 * exchange.c and pm.c do with it, one event or operation after the other, as the
 * work item and dev->lock have it. Module, link and user answer as they like.
 */
#include "property.pml"
#include "table.h"

/* Mutants; of the table unless said otherwise */
#define NO_SUSPEND	1	/* ASLEEP_EMPTY: paired knows no SUSPEND */
#define LOST_KEPT	2	/* KEYS_GONE: LOST leaves the session where it is */
#define PAIRED_AT_ONCE	3	/* PAIRED_PROVEN: opening takes IDENTIFIED for VERIFIED */
#define ALARM_REOPENED	4	/* ALARM_STAYS: OPEN is taken in alarm */
#define STUCK		5	/* WAY_OUT: unserviceable knows no PROBE */
#define OUTSIDE		6	/* DEFINED: one step leads to a state that is none */
#define SILENT		7	/* DEFINED: a refused event changes the state */
#define KEPT_BY_CLEAR	8	/* HOST_OBEYED: closed stays when credentials are cleared */
#define WAITS_ON	9	/* PAIRING_OWNED: pair.c keeps a pairing while MANAGE moves the state */
#define PROBE_FORGETS	10	/* PAIRING_OWNED: pair.c probes without ending the pairing */
#define REMOVED_LATE	11	/* REMOVED_EMPTY: pair.c ends no pairing at removal */

/* Witnesses */
#define PAIRED		1	/* reached: paired, with a session */
#define PAIRED_BY_PIN	2	/* reached: by a pairing that waited for its PIN */
#define FAILED_KEPT	3	/* reached: a pairing failed, the former one stands */
#define FROZEN_WAITING	4	/* reached: MANAGE froze a module while a pairing waited */
#define REOPENED	5	/* reached: a lost session was opened again */
#define IN_ALARM	6	/* reached: alarm */
#define IN_RESTRICTED	7	/* reached: restricted */

#define next_state(s, e)						\
	(IS(OUTSIDE) && s == STATE_closed && e == CLOSE -> STATES :	\
	 (IS(SILENT) && s == STATE_alarm && e == PAIR -> STATE_paired :	\
	  (IS(PAIRED_AT_ONCE) && s == STATE_opening && e == NO_VERDICT -> STATE_paired : \
	   (IS(ALARM_REOPENED) && s == STATE_alarm && e == OPEN -> STATE_opening : \
	    table_state[(s) * EVENTS + (e)]))))
#define next_action(s, e)						\
	(IS(NO_SUSPEND) && s == STATE_paired && e == SUSPEND -> ACTION_REFUSE : \
	 (IS(STUCK) && s == STATE_unserviceable && e == PROBE -> ACTION_REFUSE : \
	  (IS(LOST_KEPT) && s == STATE_paired && e == LOST -> ACTION_NONE : \
	   (IS(KEPT_BY_CLEAR) && s == STATE_closed && e == HOST_CLEARED -> ACTION_REFUSE : \
	    (IS(ALARM_REOPENED) && s == STATE_alarm && e == OPEN -> ACTION_OPEN : \
	     table_action[(s) * EVENTS + (e)])))))

byte state = STATE_probing;
bool host;			/* credentials are loaded */
bool session;			/* keys of a session */
bool proven;			/* its first envelope came back valid */
bool cached;			/* KA of a pairing */
bool waiting;			/* a pairing waits for its agent */
bool was_paired;
bool lost;			/* closed because the session was lost */
bool asleep, removed;
bool started;			/* the table was looked through */

byte e, s, a;			/* scratch */

#define has_pairing \
	(state == STATE_paired || state == STATE_closed || state == STATE_restricted)

inline wipe()
{
	session = false; proven = false
}

inline forget()
{
	wipe();
	cached = false
}

/* OPEN and the first envelopes: whatever fails may leave anything behind. */
inline verify()
{
	if
	:: !host -> e = NO_VERDICT
	:: host -> e = VERIFIED; session = true; proven = true; cached = true
	:: host -> e = RESTRICTED; session = true; proven = true; cached = true
	:: host -> fail()
	:: host -> session = true; proven = false; cached = true; fail()
	:: host -> cached = true; fail()
	fi
}

inline fail()
{
	if
	:: e = NOT_PAIRED
	:: e = NO_VERDICT
	:: e = ALARM
	:: e = LOST
	:: e = UNSERVICEABLE
	fi
}

inline probe()
{
	forget();
	if
	:: e = UNSUPPORTED
	:: e = UNSERVICEABLE
	:: host -> e = OPEN
	:: !host -> e = IDENTIFIED
	fi
}

/* smpair_drive() */
inline drive(event)
{
	e = event;
	do
	:: true ->
		a = next_action(state, e);
		if
		:: a == ACTION_REFUSE -> break
		:: a == ACTION_WIPE -> wipe()
		:: a == ACTION_FORGET -> forget()
		:: else
		fi;
		MUST(ALARM_STAYS, state != STATE_alarm || next_state(state, e) == STATE_alarm ||
				  e == PROBE || e == HOST_SET || e == HOST_CLEARED);
		MUST(PAIRED_PROVEN, next_state(state, e) != STATE_paired || e == VERIFIED ||
				    state == STATE_paired);
		lost = (e == LOST);
		state = next_state(state, e);
		if
		:: a == ACTION_PROBE -> probe()
		:: a == ACTION_OPEN -> wipe(); verify()
		:: else -> break
		fi
	od;
	e = 0; a = 0
}

/* finish(): what a pairing that ends without success leaves behind */
inline finish()
{
	waiting = false;
	if
	:: state == STATE_pairing ->
		if
		:: drive(ALARM)
		:: drive(UNSERVICEABLE)
		:: was_paired -> REACHED(FAILED_KEPT); drive(PAIR_KEPT)
		:: !was_paired -> drive(PAIR_ENDED)
		fi
	:: else
	fi;
	was_paired = false
}

/* conclude(): CONFIRM, perhaps OPEN to find out what became of it */
inline conclude()
{
	if
	:: session = true; cached = true;
	   verify();
	   s = e; drive(s); s = 0
	/* The former pairing stands, or does not. */
	:: session = true; cached = true; was_paired = true
	:: was_paired = false
	:: skip
	fi;
	finish()
}

/* Between two turns of the work item */
inline rest()
{
	MUST(PAIRED_PROVEN, state != STATE_paired || (session && proven));
	MUST(KEYS_GONE, !session || state == STATE_paired || state == STATE_restricted);
	MUST(KEYS_GONE, !cached || has_pairing || state == STATE_identified ||
			state == STATE_pairing);
	MUST(PAIRING_OWNED, waiting == (state == STATE_pairing));
	MUST(HOST_OBEYED, host || state == STATE_probing || state == STATE_unsupported ||
			  state == STATE_unserviceable || state == STATE_identified);
	MUST(HOST_OBEYED, host || (!session && !cached));
	MUST(ASLEEP_EMPTY, !asleep || (!session && !cached && !waiting))
}

/* Every state with every event, and the way out of every state */
inline look_through()
{
	for (s : 0 .. STATES - 1) {
		a = false;
		for (e : 0 .. EVENTS - 1) {
			MUST(DEFINED, next_state(s, e) < STATES && next_action(s, e) <= ACTION_FORGET);
			MUST(DEFINED, next_action(s, e) != ACTION_REFUSE || next_state(s, e) == s);
			a = a || next_state(s, e) != s
		}
		MUST(WAY_OUT, a);
		MUST(WAY_OUT, next_action(s, PROBE) == ACTION_PROBE &&
			      next_state(s, PROBE) == STATE_probing)
	}
	MUST(WAY_OUT, next_state(STATE_probing, OPEN) == STATE_opening &&
		      next_state(STATE_opening, VERIFIED) == STATE_paired);
	s = 0; e = 0; a = 0
}

active proctype driver()
{
	atomic { look_through() }
end:
	do
	:: atomic {
		!removed ->
		removed = true;
		if
		:: waiting && !IS(REMOVED_LATE) -> finish()
		:: else
		fi;
		forget();
		MUST(REMOVED_EMPTY, !session && !cached && !waiting);
		state = STATE_probing; host = false; lost = false; asleep = false; waiting = false
	   }
	:: atomic {
		!removed && !asleep ->		/* suspend */
		asleep = true;
		if
		:: waiting -> finish()
		:: else
		fi;
		drive(SUSPEND); rest()
	   }
	:: atomic {
		asleep ->			/* resume */
		asleep = false; drive(PROBE); rest()
	   }
	:: atomic {
		!removed && !asleep ->		/* credentials loaded, replaced or cleared */
		if
		:: waiting -> finish()
		:: else
		fi;
		forget();
		if
		:: host = true; drive(HOST_SET)
		:: host = false; drive(HOST_CLEARED)
		fi;
		rest()
	   }
	:: atomic {
		!removed && !asleep ->		/* inserted, or started afresh */
		if
		:: waiting && !IS(PROBE_FORGETS) -> finish()
		:: else
		fi;
		drive(PROBE); rest()
	   }
	:: atomic {
		!removed && !asleep && state == STATE_closed && lost ->
		drive(OPEN);
		if
		:: state == STATE_paired -> REACHED(REOPENED)
		:: else
		fi;
		rest()
	   }
	:: atomic {
		!removed && !asleep && waiting ->	/* cancelled, or the agent has no PIN */
		finish(); rest()
	   }
	:: atomic {
		!removed && !asleep && waiting ->	/* the agent answers */
		conclude();
		if
		:: state == STATE_paired -> REACHED(PAIRED_BY_PIN)
		:: else
		fi;
		rest()
	   }
	/* Operations; only MANAGE is admitted beside a pairing. */
	:: atomic {
		!removed && !asleep && !waiting && host ->
		drive(OPEN); rest()
	   }
	:: atomic {
		!removed && !asleep && !waiting && has_pairing ->
		drive(CLOSE); rest()
	   }
	:: atomic {
		!removed && !asleep && !waiting && host ->
		if
		:: state == STATE_identified -> drive(OPEN)
		:: else
		fi;
		if
		:: has_pairing || state == STATE_unpaired ->
			was_paired = has_pairing;
			drive(PAIR);
			wipe();			/* BEGIN */
			if
			:: finish()
			:: waiting = true
			:: conclude()
			fi
		:: else
		fi;
		rest()
	   }
	:: atomic {
		!removed && !asleep && !waiting ->	/* UNPAIR */
		if
		:: !session -> drive(OPEN)
		:: else
		fi;
		if
		:: session ->
			cached = false;
			if
			:: drive(UNPAIRED)
			:: drive(OPEN)
			fi
		:: else
		fi;
		rest()
	   }
	:: atomic {
		!removed && !asleep && state != STATE_unsupported && state != STATE_probing ->
		/* MANAGE: INFO afterwards may say anything */
		if
		:: skip
		:: waiting && !IS(WAITS_ON) -> REACHED(FROZEN_WAITING); finish()
		:: !waiting || IS(WAITS_ON) -> drive(UNSERVICEABLE)
		:: state == STATE_unserviceable -> drive(PROBE)
		:: state == STATE_paired && session -> drive(OPEN)
		fi;
		rest()
	   }
	/* Exchanges */
	:: atomic {
		!removed && !asleep && (state == STATE_paired || state == STATE_closed ||
					state == STATE_identified) ->
		if
		:: session ->			/* rekey */
			wipe();
			if
			:: session = true; proven = true
			:: fail(); s = e; drive(s); s = 0
			:: session = true; drive(RESTRICTED)
			fi
		:: !session && host -> drive(OPEN)
		:: else
		fi;
		if
		:: state == STATE_paired ->
			REACHED(PAIRED);
			if
			:: skip
			:: drive(CLOSE)
			:: drive(LOST)
			fi
		:: else
		fi;
		if
		:: state == STATE_alarm -> REACHED(IN_ALARM)
		:: state == STATE_restricted -> REACHED(IN_RESTRICTED)
		:: else
		fi;
		rest()
	   }
	od
}
