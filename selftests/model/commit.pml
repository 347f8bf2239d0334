/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CONFIRM, UNPAIR and recovery inside the module (protocol 8), with power that
 * fails, or a memory that fails, at every write.
 *
 * A record is old or new after a cut. A write that is reported as failed leaves
 * either too: the journal drops it with the next write, but a mount before that
 * finds it. All hosts guess PINs as they like. Every pairing needs a PIN.
 */
#include "property.pml"

#define HOSTS		3
#define SLOTS		2
#define N_LAST		3	/* pairings until the module refuses for good */
#define PTC_MAX		3
#define WT_MAX		5
#define WRONG_MAX	2	/* wrong PINs in one power-up */

/* Mutants */
#define COMPARE_FIRST		1	/* TRY_PAID: the try is spent after the comparison */
#define NO_TRY			2	/* TRY_PAID: W1 is left out */
#define META_FIRST		3	/* WHOLE: W3 before W2 */
#define N_KEPT			4	/* N_UNIQUE: W3 does not advance N */
#define NO_ROLL_FORWARD		5	/* NEVER_FATAL: recovery does not repeat W3 */
#define SERVE_AFTER_FAILURE	6	/* N_UNIQUE: a failed W3 or W4 does not block */
#define ANSWER_EARLY		7	/* DURABLE: E3 leaves before W3 */
#define TRIES_AT_POWER_UP	8	/* TRIES_SHRINK: power-up gives the tries back */
#define FORK_TAG_KEPT		9	/* FORK_TAG: recovery repeats W3 without the fork tag */
#define NO_ACTIVITY		10	/* ONE_SLOT: recovery does not repeat W4 */
#define FRESH_SLOT		11	/* ONE_SLOT: a host that is there gets a second slot */
#define WT_FORGIVEN		12	/* TRY_PAID: a success clears WT */

/* Witnesses */
#define PAIRED_TWICE		1	/* reached: one pairing after the other */
#define ROLLED_FORWARD		2	/* reached: recovery repeats W3 */
#define BLOCKED_BY_TRIES	3	/* reached: no tries left */
#define BLOCKED_BY_TOTAL	4	/* reached: too many wrong PINs in all */
#define FAILED_WRITE_SURVIVES	5	/* reached: what a failed write left is found at mount */
#define EVICTED			6	/* reached: a pairing replaces that of another host */
#define LAST_INDEX		7	/* reached: N at its end */

#define DONE	0
#define FAILED	1
#define CUT	2

typedef Meta { byte n; byte ptc; byte wt; byte ft };
typedef Slot { byte sn; byte ns };

/* The memory, and the module's copy of it */
Meta f_meta, meta;
Slot f_slot[SLOTS], slot[SLOTS];
byte f_act[SLOTS], act[SLOTS];		/* N_s of the activity records */
bool limbo;				/* one record differs: a failed write is there */

byte wrong;				/* wrong PINs since power-up */
bool blocked;

/* What happened, as somebody sees it who sees everything */
byte g_n;				/* pairings that were committed */
byte g_ft;				/* the hosts of them, as digits */
Slot g_slot[SLOTS];
byte g_wrong;				/* wrong comparisons since the last success */
byte g_total;				/* all of them */

/* A change of a slot that is in the memory, and that the module knows nothing of */
bool pending;
byte p_at, p_sn, p_ns;

/* Scratch; all zero where a state matters */
byte i, j, sn, at, at_sn, at_ns, res, ahead;
bool right;
Meta next;

#define chain(ft, sn)	((ft) * (HOSTS + 1) + (sn))

#define copy_slots(to, from)						\
	to[0].sn = from[0].sn; to[0].ns = from[0].ns;			\
	to[1].sn = from[1].sn; to[1].ns = from[1].ns
#define copy_meta(to, from)						\
	to.n = from.n; to.ptc = from.ptc; to.wt = from.wt; to.ft = from.ft

/* The journal drops a failed record before it writes the next one. */
inline settle()
{
	if
	:: limbo ->
		if
		:: res = CUT
		:: MUST(N_UNIQUE, f_meta.n <= meta.n);
		   copy_meta(f_meta, meta);
		   copy_slots(f_slot, slot);
		   f_act[0] = act[0]; f_act[1] = act[1];
		   limbo = false;
		   pending = false; p_at = 0; p_sn = 0; p_ns = 0
		fi
	:: else
	fi
}

inline outcome(landed)
{
	if
	:: res = DONE; landed = true
	:: res = FAILED
	:: res = FAILED; landed = true; limbo = true
	:: res = CUT
	:: res = CUT; landed = true
	fi
}

/* Writes META{next}. */
inline write_meta()
{
	bool landed;

	res = DONE;
	settle();
	if
	:: res == DONE ->
		outcome(landed);
		if
		:: landed ->
			MUST(N_UNIQUE, next.n >= f_meta.n);
			MUST(TRIES_SHRINK, next.ptc <= f_meta.ptc || next.n > f_meta.n);
			copy_meta(f_meta, next)
		:: else
		fi;
		if
		:: res == DONE -> copy_meta(meta, next)
		:: else
		fi
	:: else
	fi;
	landed = false;
	next.n = 0; next.ptc = 0; next.wt = 0; next.ft = 0
}

/* Writes SLOT_at{at_sn, at_ns}; done, it is the commit point. */
inline write_slot()
{
	bool landed;

	res = DONE;
	settle();
	if
	:: res == DONE ->
		outcome(landed);
		if
		:: landed -> f_slot[at].sn = at_sn; f_slot[at].ns = at_ns
		:: else
		fi;
		if
		:: res == DONE ->
			slot[at].sn = at_sn; slot[at].ns = at_ns;
			committed(at, at_sn, at_ns)
		:: res != DONE && landed ->
			pending = true; p_at = at; p_sn = at_sn; p_ns = at_ns
		:: else
		fi
	:: else
	fi;
	landed = false
}

inline write_act(which)
{
	bool landed;

	res = DONE;
	settle();
	if
	:: res == DONE ->
		outcome(landed);
		if
		:: landed -> f_act[which] = slot[which].ns
		:: else
		fi;
		if
		:: res == DONE -> act[which] = slot[which].ns
		:: else
		fi
	:: else
	fi;
	landed = false
}

/* A slot has changed for good. */
inline committed(at_, sn_, ns_)
{
	if
	:: sn_ ->
		MUST(N_UNIQUE, ns_ == g_n + 1);
		g_n++;
		g_ft = chain(g_ft, sn_);
		g_wrong = 0
	:: else
	fi;
	g_slot[at_].sn = sn_;
	g_slot[at_].ns = ns_
}

/* W3, from @sn that was paired */
inline account(sn_)
{
	next.n = meta.n + (IS(N_KEPT) -> 0 : 1);
	next.ptc = PTC_MAX;
	next.wt = (IS(WT_FORGIVEN) -> 0 : (meta.wt -> meta.wt - 1 : 0));
	next.ft = chain(meta.ft, sn_);
	write_meta()
}

/* Nothing is between two commands but what is between two commands. */
inline rest()
{
	MUST(WHOLE, f_meta.n == g_n);
	MUST(WHOLE, f_slot[0].sn == g_slot[0].sn && f_slot[0].ns == g_slot[0].ns);
	MUST(WHOLE, f_slot[1].sn == g_slot[1].sn && f_slot[1].ns == g_slot[1].ns);
	MUST(FORK_TAG, f_meta.ft == g_ft);
	MUST(ONE_SLOT, f_slot[0].sn == 0 || f_slot[0].sn != f_slot[1].sn);
	MUST(ONE_SLOT, f_slot[0].sn == 0 || f_act[0] == f_slot[0].ns);
	MUST(ONE_SLOT, f_slot[1].sn == 0 || f_act[1] == f_slot[1].ns)
}

/* The PIN is wrong, and the holder has learnt that. */
inline compare_wrong()
{
	wrong++;
	g_wrong++;
	g_total++;
	MUST(TRY_PAID, g_wrong <= PTC_MAX);
	MUST(TRY_PAID, g_total <= WT_MAX);
	MUST(TRY_PAID, wrong <= WRONG_MAX)
}

/* E3 with 9000 leaves: whatever happens next, this must be in the memory. */
inline answer()
{
	MUST(DURABLE, !limbo && f_slot[at].sn == sn && f_slot[at].ns == g_n);
	MUST(DURABLE, f_meta.n == g_n && f_act[at] == f_slot[at].ns);
	if
	:: g_n == 2 -> REACHED(PAIRED_TWICE)
	:: else
	fi
}

active proctype module()
{
	meta.ptc = PTC_MAX;
	f_meta.ptc = PTC_MAX;

idle:
	atomic {
		i = 0; j = 0; sn = 0; res = 0; ahead = 0; right = false;
		at = 0; at_sn = 0; at_ns = 0;
		if
		:: !limbo && !blocked -> rest()
		:: else
		fi;
		if
		:: goto power_up		/* power fails between two commands */
		:: limbo || blocked -> goto recovery	/* reset or SELECT */
		:: !blocked -> skip
		fi;
		if
		:: meta.n >= N_LAST -> REACHED(LAST_INDEX)
		:: else -> select(sn : 1 .. HOSTS); goto confirm
		fi;
		goto unpair
	}

unpair:
	atomic {
		if
		:: slot[0].sn -> at = 0
		:: slot[1].sn -> at = 1
		:: else -> goto idle
		fi;
		at_sn = 0; at_ns = slot[at].ns;
		write_slot();
		if
		:: res == CUT -> goto power_up
		:: else -> goto idle
		fi
	}

confirm:
	/* An authentic E2: slot chosen, PIN in it right or wrong */
	atomic {
		if
		:: IS(FRESH_SLOT) -> skip
		:: !IS(FRESH_SLOT) && slot[0].sn == sn -> at = 0; goto chosen
		:: !IS(FRESH_SLOT) && slot[1].sn == sn -> at = 1; goto chosen
		:: !IS(FRESH_SLOT) && slot[0].sn != sn && slot[1].sn != sn
		fi;
		if
		:: slot[0].sn == 0 -> at = 0
		:: slot[0].sn && slot[1].sn == 0 -> at = 1
		:: slot[0].sn && slot[1].sn -> at = 0; REACHED(EVICTED)
		:: slot[0].sn && slot[1].sn -> at = 1
		fi;
chosen:
		if
		:: right = true
		:: right = false
		fi;
		if
		:: meta.ptc == 0 -> REACHED(BLOCKED_BY_TRIES); goto idle
		:: meta.wt >= WT_MAX -> REACHED(BLOCKED_BY_TOTAL); goto idle
		:: wrong >= WRONG_MAX -> goto idle
		:: else
		fi;

		/* W1 */
		if
		:: IS(COMPARE_FIRST) && !right -> compare_wrong()
		:: else
		fi;
		if
		:: !IS(NO_TRY) ->
			copy_meta(next, meta);
			next.ptc--;
			next.wt++;
			write_meta();
			if
			:: res == CUT -> goto power_up
			:: res == FAILED -> goto idle	/* 6581 */
			:: else
			fi
		:: else
		fi;
		if
		:: !right && !IS(COMPARE_FIRST) -> compare_wrong(); goto idle
		:: !right && IS(COMPARE_FIRST) -> goto idle
		:: right
		fi;

		if
		:: IS(META_FIRST) ->
			account(sn);
			if
			:: res == CUT -> goto power_up
			:: res == FAILED -> blocked = true; goto idle
			:: else
			fi
		:: else
		fi;

		/* W2 */
		at_sn = sn; at_ns = meta.n + (IS(META_FIRST) -> 0 : 1);
		write_slot();
		if
		:: res == CUT -> goto power_up
		:: res == FAILED -> goto idle		/* 6581 */
		:: else
		fi;
		if
		:: IS(ANSWER_EARLY) -> answer()
		:: else
		fi;

		/* W3 */
		if
		:: !IS(META_FIRST) ->
			account(sn);
			if
			:: res == CUT -> goto power_up
			:: res == FAILED && !IS(SERVE_AFTER_FAILURE) -> blocked = true; goto idle
			:: res == FAILED && IS(SERVE_AFTER_FAILURE) -> goto idle
			:: else
			fi
		:: else
		fi;

		/* W4 */
		write_act(at);
		if
		:: res == CUT -> goto power_up
		:: res == FAILED && !IS(SERVE_AFTER_FAILURE) -> blocked = true; goto idle
		:: res == FAILED && IS(SERVE_AFTER_FAILURE) -> goto idle
		:: else
		fi;
		answer();
		goto idle
	}

power_up:
	wrong = 0;
	blocked = false;

recovery:
	/* Read everything; what a failed write left counts from now on. */
	atomic {
		if
		:: limbo -> REACHED(FAILED_WRITE_SURVIVES)
		:: else
		fi;
		limbo = false; blocked = false;
		copy_meta(meta, f_meta);
		copy_slots(slot, f_slot);
		act[0] = f_act[0]; act[1] = f_act[1];
		if
		:: pending -> committed(p_at, p_sn, p_ns)
		:: else
		fi;
		pending = false; p_at = 0; p_sn = 0; p_ns = 0;
		at = 0; at_sn = 0; at_ns = 0; sn = 0; right = false;
		if
		:: IS(TRIES_AT_POWER_UP) ->
			copy_meta(next, meta);
			next.ptc = PTC_MAX;
			write_meta();
			if
			:: res == CUT -> goto power_up
			:: else
			fi
		:: else
		fi;

		/* Damage that no cut can make? */
		ahead = SLOTS;
		for (i : 0 .. SLOTS - 1) {
			if
			:: slot[i].ns > meta.n ->
				MUST(NEVER_FATAL, slot[i].ns == meta.n + 1 && slot[i].sn &&
						  ahead == SLOTS);
				ahead = i
			:: else
			fi
		}
		i = 0;
		if
		:: ahead < SLOTS && !IS(NO_ROLL_FORWARD) ->
			REACHED(ROLLED_FORWARD);
			if
			:: IS(FORK_TAG_KEPT) -> account(0)
			:: else -> account(slot[ahead].sn)
			fi;
			if
			:: res == CUT -> goto power_up
			:: res == FAILED -> blocked = true; goto idle
			:: else
			fi
		:: else
		fi;
		for (j : 0 .. SLOTS - 1) {
			if
			:: slot[j].sn && act[j] != slot[j].ns && !IS(NO_ACTIVITY) ->
				write_act(j);
				if
				:: res == CUT -> goto power_up
				:: res == FAILED -> blocked = true; goto idle
				:: else
				fi
			:: else
			fi
		}
		goto idle
	}
}
