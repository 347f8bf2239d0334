/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MANAGE (protocol 13): the centre, a module whose power or memory fails at any
 * write, and a carrier that keeps, repeats, reorders and drops commands and
 * receipts as he likes, but cannot make any.
 *
 * Records and failed writes are as in commit.pml. The operations stand for all:
 * one whose effect is in META, one that takes two more records, one that takes
 * it back.
 */
#include "property.pml"

#define SEQ_LAST	3	/* commands that the centre makes, one after the other */
#define SEQ_FAR		5	/* and one whose number is a mistake */
#define WINDOW		3	/* of sequence numbers */
#define N_LAST		1

#define UNBLOCK		1
#define REVOKE		2
#define UNREVOKE	3

#define ANY		255	/* Nexp */

/* Mutants */
#define EFFECT_FIRST	1	/* AT_MOST_ONCE: the effect is written before MSEQ */
#define MSEQ_IN_RAM	2	/* AT_MOST_ONCE: MSEQ is not written */
#define EQUAL_TAKEN	3	/* AT_MOST_ONCE: MSEQ itself is accepted again */
#define ANY_ORDER	4	/* IN_ORDER: only a repetition of the last is refused */
#define NO_WINDOW	5	/* WINDOW_KEPT: any later number is accepted */
#define NO_NEXP		6	/* NEXP_KEPT: Nexp is not compared */
#define OLD_RECEIPT	7	/* RECEIPT_TRUE: the centre takes any receipt for the last */
#define EARLY_RECEIPT	8	/* RECEIPT_TRUE: the receipt precedes the effect */
#define NO_CLEANING	9	/* REVOKED_OUT: recovery frees no slot of a denied host */
#define SLOT_FIRST	10	/* REVOKED_OUT: the slot is freed, the list left alone */
#define SAME_NUMBER	11	/* CENTRE_ENDS: what was consumed is sent again as it was */

/* Witnesses */
#define CONSUMED_UNDONE	1	/* reached: consumed, then power failed before the effect */
#define SECOND_TRY	2	/* reached: a second command did what the first did not */
#define REPLAY_REFUSED	3	/* reached: a repetition was refused */
#define TOO_FAR		4	/* reached: a number beyond the window was refused */
#define OTHER_INDEX	5	/* reached: N had moved on */
#define BACK_IN		6	/* reached: revoked, restored, paired */

#define DONE	0
#define FAILED	1
#define CUT	2

#define META	1
#define DENY	2
#define SLOT	3

/* The memory, and the module's copy */
byte f_mseq, mseq, f_n, n;
bool f_tries, tries, f_deny, deny;
bool f_slot = true, slot = true;
bool limbo;

/* On the way, for ever */
byte cmd_op[SEQ_FAR + 1], cmd_nexp[SEQ_FAR + 1];
bool receipt[SEQ_FAR + 1];

/* The centre */
byte last;			/* newest command */
bool waiting;			/* for its receipt */
bool again;			/* it repeats one that was consumed */
bool known_out;			/* it holds a receipt that the host is revoked */
bool good;			/* nothing fails any more */

/* What happened */
byte begun[SEQ_FAR + 1];	/* times that a command took effect, or began to */
bool complete[SEQ_FAR + 1];
byte newest;			/* latest number that took effect */
byte pend_seq;			/* a META in the memory that the module knows nothing of */

byte res, s, op;
bool landed;

inline settle()
{
	if
	:: limbo ->
		if
		:: !good -> res = CUT
		:: f_mseq = mseq; f_n = n; f_tries = tries; f_deny = deny; f_slot = slot;
		   limbo = false; pend_seq = 0
		fi
	:: else
	fi
}

/* What becomes of one write */
inline outcome()
{
	landed = false;
	if
	:: res = DONE; landed = true
	:: !good -> res = FAILED
	:: !good -> res = FAILED; landed = true; limbo = true
	:: !good -> res = CUT
	:: !good -> res = CUT; landed = true
	fi
}

inline write1(f_var, var, value)
{
	res = DONE;
	settle();
	if
	:: res == DONE ->
		outcome();
		if
		:: landed -> f_var = value
		:: else
		fi;
		if
		:: res == DONE -> var = value
		:: else
		fi;
		landed = false
	:: else
	fi
}

/* META{mseq = seq}, with the effect of UNBLOCK */
inline write_meta(seq, amend)
{
	res = DONE;
	settle();
	if
	:: res == DONE ->
		outcome();
		if
		:: landed && !IS(MSEQ_IN_RAM) -> f_mseq = seq
		:: else
		fi;
		if
		:: landed && amend -> f_tries = true
		:: else
		fi;
		if
		:: res == DONE -> mseq = seq
		:: else
		fi;
		if
		:: res == DONE && amend -> tries = true; begin(seq); complete[seq] = true
		:: res != DONE && landed && amend -> pend_seq = seq
		:: else
		fi;
		landed = false
	:: else
	fi
}

inline begin(seq)
{
	begun[seq]++;
	MUST(AT_MOST_ONCE, begun[seq] == 1);
	MUST(IN_ORDER, seq >= newest);
	MUST(NEXP_KEPT, cmd_nexp[seq] == ANY || cmd_nexp[seq] == n);
	newest = (seq > newest -> seq : newest)
}

#define accepted(seq) \
	((IS(EQUAL_TAKEN) -> seq >= mseq : (IS(ANY_ORDER) -> seq != mseq : seq > mseq)) && \
	 (IS(NO_WINDOW) || seq <= mseq + WINDOW) && \
	 (IS(NO_NEXP) || cmd_nexp[seq] == ANY || cmd_nexp[seq] == n))

active proctype module()
{
idle:
	atomic {
		s = 0; op = 0; res = 0;
		if
		:: !good -> goto power_up
		:: limbo -> goto recovery
		/* the host pairs */
		:: !good && !deny && n < N_LAST && !limbo ->
			MUST(REVOKED_OUT, !known_out);
			if
			:: newest && begun[newest] && cmd_op[newest] == UNREVOKE ->
				REACHED(BACK_IN)
			:: else
			fi;
			n++; f_n = n; slot = true; f_slot = true; goto idle
		/* or opens a session */
		:: !good && slot && !deny ->
			MUST(REVOKED_OUT, !known_out);
			goto idle
		:: last ->
			if
			:: good -> s = last
			:: !good -> select(s : 1 .. SEQ_FAR)
			fi;
			if
			:: cmd_op[s]
			:: else -> goto idle
			fi
		fi;
		if
		:: !accepted(s) ->
			if
			:: s <= mseq -> REACHED(REPLAY_REFUSED)
			:: s > mseq + WINDOW -> REACHED(TOO_FAR)
			:: else -> REACHED(OTHER_INDEX)
			fi;
			goto idle
		:: else
		fi;

		op = cmd_op[s];
		MUST(WINDOW_KEPT, s <= mseq || s - mseq <= WINDOW);
		if
		:: IS(EARLY_RECEIPT) -> receipt[s] = true
		:: else
		fi;
		if
		:: !IS(EFFECT_FIRST) ->
			write_meta(s, op == UNBLOCK);
			if
			:: res == CUT -> goto power_up
			:: res == FAILED -> goto idle	/* 6581 */
			:: else
			fi
		:: else
		fi;
		if
		:: op == REVOKE ->
			begin(s);
			if
			:: !IS(SLOT_FIRST) ->
				write1(f_deny, deny, true);
				if
				:: res == CUT -> REACHED(CONSUMED_UNDONE); goto power_up
				:: res == FAILED -> goto idle
				:: else
				fi
			:: else
			fi;
			if
			:: slot ->
				write1(f_slot, slot, false);
				if
				:: res == CUT -> goto power_up
				:: res == FAILED -> goto idle
				:: else
				fi
			:: else
			fi;
			complete[s] = true
		:: op == UNREVOKE ->
			begin(s);
			if
			:: deny ->
				write1(f_deny, deny, false);
				if
				:: res == CUT -> goto power_up
				:: res == FAILED -> goto idle
				:: else
				fi
			:: else
			fi;
			complete[s] = true
		:: op == UNBLOCK && IS(EFFECT_FIRST) ->
			begin(s);
			write1(f_tries, tries, true);
			if
			:: res == CUT -> goto power_up
			:: res == FAILED -> goto idle
			:: else
			fi;
			complete[s] = true
		:: else
		fi;
		if
		:: IS(EFFECT_FIRST) ->
			write_meta(s, false);
			if
			:: res == CUT -> goto power_up
			:: res == FAILED -> goto idle
			:: else
			fi
		:: else
		fi;
		receipt[s] = true;
		goto idle
	}

power_up:
recovery:
	atomic {
		if
		:: pend_seq -> begin(pend_seq); complete[pend_seq] = true; pend_seq = 0
		:: else
		fi;
		limbo = false;
		mseq = f_mseq; n = f_n; tries = f_tries; deny = f_deny; slot = f_slot;
		if
		:: slot && deny && !IS(NO_CLEANING) ->
			write1(f_slot, slot, false);
			if
			:: res == CUT -> goto power_up
			:: res == FAILED -> goto idle
			:: else
			fi
		:: else
		fi;
		MUST(REVOKED_OUT, !(f_slot && f_deny));
		goto idle
	}
}

inline make(what, index)
{
	cmd_op[last + 1] = what;
	cmd_nexp[last + 1] = index;
	last++;
	waiting = true
}

#define numbers_left	(last < SEQ_LAST)

active proctype centre()
{
	byte what;

end:
	do
	:: atomic {
		!waiting && numbers_left ->
		if
		:: what = UNBLOCK
		:: what = REVOKE
		:: what = UNREVOKE; known_out = false
		fi;
		again = false;
		if
		:: make(what, ANY)
		:: make(what, n)
		fi;
		what = 0
	   }
	/* By mistake, a number far beyond; the carrier keeps that command too. */
	:: atomic {
		!good && !cmd_op[SEQ_FAR] ->
		cmd_op[SEQ_FAR] = UNBLOCK; cmd_nexp[SEQ_FAR] = ANY
	   }
	/* The receipt of the newest command, or one that a careless centre takes for it */
	:: atomic {
		waiting && (receipt[last] || (IS(OLD_RECEIPT) && receipt[1])) ->
		MUST(RECEIPT_TRUE, begun[last] == 1 && complete[last]);
		if
		:: cmd_op[last] == REVOKE ->
			MUST(RECEIPT_TRUE, f_deny && !f_slot && deny && !slot);
			known_out = true
		:: cmd_op[last] == UNREVOKE -> MUST(RECEIPT_TRUE, !f_deny)
		:: cmd_op[last] == UNBLOCK -> MUST(RECEIPT_TRUE, f_tries)
		fi;
		if
		:: again -> REACHED(SECOND_TRY)
		:: else
		fi;
		waiting = false
	   }
	/* No receipt: a report tells MSEQ. Consumed, or bound to an N that is gone */
	:: atomic {
		waiting && numbers_left && !receipt[last] &&
		(mseq >= last || (cmd_nexp[last] != ANY && cmd_nexp[last] != n)) ->
		again = true;
		if
		:: !IS(SAME_NUMBER) -> make(cmd_op[last], ANY)
		:: else
		fi
	   }
	/* The operator turns to something else; the carrier still has that command. */
	:: atomic {
		!good && waiting && mseq < last -> waiting = false
	   }
#ifdef LIVENESS
	/* From here on nothing fails and the carrier is honest. */
	:: atomic {
		!good && waiting && numbers_left && mseq <= last && f_mseq <= last -> good = true
	   }
#endif
	od
}

#ifdef LIVENESS
ltl CENTRE_ENDS { [] (good -> <> !waiting) }
#endif
