/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A module and a copy of its memory, made at any moment, before the centre
 * (protocol 11, policy indexed). The holder takes either to any host, asks the
 * centre for PINs, and uses PINs again where they fit.
 *
 * A fork tag is the list of the hosts that paired, as digits: two histories have
 * one tag only if they are one. A request code that does not fit is not guessed.
 */
#include "property.pml"

#define HOSTS	2
#define N_LAST	3

/* Mutants */
#define TAG_WITHOUT_SN	1	/* ONE_HISTORY: the fork tag does not depend on the host */
#define CODE_WITHOUT_FT	2	/* ONE_HISTORY: the request code does not depend on the tag */
#define NOT_BOUND	3	/* ONE_HISTORY: N* + 1 is believed whatever its tag says */
#define NO_MEMORY	4	/* FORMER_HELD: the centre forgets former states */
#define HOLD_IGNORED	5	/* FORMER_HELD: a PIN is issued while the module is on hold */
#define TAG_KEPT	6	/* ONE_HISTORY: pairing does not move the tag */

/* Witnesses */
#define FORKED		1	/* reached: module and copy have different histories */
#define TWINS		2	/* reached: both paired with one host at one N, and stay alike */
#define HELD		3	/* reached: a former state shows up, the module is held */
#define REFUSED		4	/* reached: a fork is refused */
#define FAR		5	/* reached: as many pairings as there are */

#define digits(tag, sn)	((tag) * (HOSTS + 1) + (sn))
#define chain(tag, sn)	(IS(TAG_KEPT) -> 0 : digits(tag, (IS(TAG_WITHOUT_SN) -> 1 : sn)))
#define TAGS		27

/* The two; what really happened to them in @past */
byte n[2], ft[2], past[2];
bool copied;

/* The centre, and by @past_star and @left what it ought to know */
byte n_star, ft_star, past_star;
bool issued[HOSTS + 1];		/* at N* */
bool former[TAGS];		/* the N of a tag is the number of its digits */
bool left[TAGS];
bool hold;

/* The holder's PINs, by N and host */
bool pin[N_LAST * (HOSTS + 1)];
bool served[2];			/* he got one after the histories had parted */

byte c, sn;

#define pin_of(index, sn)	pin[(index) * (HOSTS + 1) + (sn)]

/* The older history is the beginning of the other. */
#define begins(a, b)	(a == b || a == b / 3 || a == b / 9 || a == 0)
#define parted		(!begins(past[0], past[1]) && !begins(past[1], past[0]))

#define code_fits(tag)	(IS(CODE_WITHOUT_FT) || ft[c] == tag)

inline issue()
{
	MUST(FORMER_HELD, !hold && !left[past[c]]);
	if
	:: copied && parted ->
		served[c] = true;
		MUST(ONE_HISTORY, !served[1 - c])
	:: else
	fi;
	issued[sn] = true;
	pin_of(n[c], sn) = true
}

inline advance()
{
	former[ft_star] = true;
	left[past_star] = true;
	n_star++;
	ft_star = ft[c];
	past_star = past[c];
	issued[1] = false;
	issued[2] = false
}

active proctype world()
{
end:
	do
	:: atomic {
		!copied ->
		n[1] = n[0]; ft[1] = ft[0]; past[1] = past[0]; copied = true
	   }
	/* A host shows the centre the request code of one of the two. */
	:: atomic {
		if
		:: c = 0
		:: copied -> c = 1
		fi;
		select(sn : 1 .. HOSTS);
		if
		:: n[c] == N_LAST -> REACHED(FAR)
		:: n[c] < N_LAST && hold && !IS(HOLD_IGNORED)
		:: n[c] < N_LAST && (!hold || IS(HOLD_IGNORED)) ->
			if
			:: n[c] == n_star && code_fits(ft_star) -> issue()
			:: n[c] == n_star + 1 && (IS(NOT_BOUND) ||
			   (issued[1] && code_fits(chain(ft_star, 1))) ||
			   (issued[2] && code_fits(chain(ft_star, 2)))) ->
				advance();
				issue()
			:: n[c] < n_star && former[ft[c]] && !IS(NO_MEMORY) ->
				hold = true;
				REACHED(HELD)
			:: else ->
				MUST(FORMER_HELD, !left[past[c]]);
				REACHED(REFUSED)
			fi
		fi;
		c = 0; sn = 0
	   }
	/* A host pairs with one of the two. */
	:: atomic {
		if
		:: c = 0
		:: copied -> c = 1
		fi;
		select(sn : 1 .. HOSTS);
		if
		:: n[c] < N_LAST && pin_of(n[c], sn) ->
			ft[c] = chain(ft[c], sn);
			past[c] = digits(past[c], sn);
			n[c]++;
			if
			:: copied && parted -> REACHED(FORKED)
			:: copied && past[0] == past[1] -> REACHED(TWINS)
			:: else
			fi
		:: else
		fi;
		c = 0; sn = 0
	   }
	od
}
