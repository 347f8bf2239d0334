/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pairing and verification (protocol 6, 7) over a link that belongs to the
 * attacker: he reads, keeps, drops, repeats, reorders and forwards everything,
 * and makes every message for which he knows the keys. Cryptography is perfect.
 *
 * One honest host A, one module. The attacker has A's cryptogram, and is a
 * genuine host B of the domain with PINs for B. At any moment k may leak to him,
 * and later the secrets of host A too.
 *
 * Terms are numbers. A share, together with the 16 random bytes beside it, is the
 * number of the handshake that made it; the attacker has one of his own, NOBODY.
 * A pairing key is the number of the module's BEGIN that derived it from KM and
 * fresh random bytes. What a message contains is found under the number of the
 * handshake it belongs to, and what it takes to read or make one is what the
 * predicates below say.
 */
#include "property.pml"

/* Scenes */
#define ROLLBACK	1	/* COUNTER_BACK: the module's counter is put back once */

#ifndef SCENE
#define SCENE 0
#endif

#ifdef SMALL
#define HOST_MAX	2	/* handshakes that the host begins */
#define MODULE_MAX	2	/* handshakes that the module answers */
#elif SCENE == ROLLBACK
#define HOST_MAX	2
#define MODULE_MAX	3
#else
#define HOST_MAX	3
#define MODULE_MAX	3
#endif
#define PTC_MAX		2
#define TYPED_MAX	1	/* wrong PINs that A's user types */

/* Mutants */
#define E1_UNVERIFIED	1	/* PIN_ASKED: the host believes any E1 */
#define NO_AS		2	/* PIN_SECRET DATA_SECRET: the pairing keys do not need AS */
#define NO_DH		3	/* KA_SECRET: the pairing keys do not need a fresh exchange */
#define E3_UNVERIFIED	4	/* KA_AGREED: the host believes any E3 */
#define KA_ALONE	5	/* HOST_ONCE MODULE_ONCE SESSION_AGREED: session keys are KA's */
#define NO_SESSION_DH	6	/* PAST_CLOSED: session keys need no fresh exchange */
#define KEPT		7	/* TRY_OWNED: a wrong PIN does not end the handshake */
#define NOISE		8	/* TRY_OWNED: a CONFIRM that does not verify costs a try */
#define SENT_AGAIN	9	/* TRY_OWNED: after a lost E3 the PIN is sent again anyway */
#define STALE		10	/* TRY_OWNED: the PIN is sent though N has moved on */
#define NOT_HELD	11	/* NOT_REPLACED: E1 says still paired, the host pairs all the same */
#define NO_N_CHECK	12	/* COUNTER_BACK: N is not compared with the N of the pairing */
#define FIXED_KA	13	/* KA_AGREED: KA of E1 is not bound to its handshake */

/* Witnesses */
#define PAIRED		1	/* reached: the host has paired */
#define VERIFIED	2	/* reached: and verified the pairing later */
#define E3_LOST_PAIRED	3	/* reached: E3 was lost, OPEN told that it had happened */
#define E3_LOST_AGAIN	4	/* reached: E3 was lost, and the same PIN went out again */
#define E3_LOST_WRONG	5	/* reached: E3 was lost, the counter told of a wrong PIN */
#define HELD_STILL	6	/* reached: 6A88 was forged, E1 told so */
#define PIN_TAKEN	7	/* reached: who has k and sits on the link gets the PIN */
#define EVICTED		8	/* reached: host B took the slot */
#define BY_CACHE	9	/* reached: verified with the cached KA */

#define NOBODY	0
#define A	1
#define B	2
#define NONE	255
#define WRONG	254

/* Leaks */
#define OF_K	1		/* k, hence AS of every cryptogram */
#define OF_HOST	2		/* HS and MHKey of A, hence TK and KW */
byte leak;

/* The host's handshakes */
typedef Mine {
	bool open;		/* OPEN, else BEGIN */
	byte peer;		/* whose share it took, a number of the module's or NOBODY */
	byte ka;
	bool e2;		/* CONFIRM was sent */
	byte pin;		/* the N it is for, or WRONG */
	bool paired;		/* E3 said so, and verified */
	bool env;		/* the first envelope was sent */
	bool early;		/* before anything leaked */
};

/* The module's */
typedef Yours {
	bool open;
	byte cy;		/* A or B */
	byte peer;		/* whose share it was given */
	byte ka;
	byte n;
	byte ptc;
	bool same;		/* E1: this host is paired already */
	bool paired;		/* E3 sent: 9000 */
	bool refused;		/* E3 sent: 63Cx */
};

Mine h[HOST_MAX + 1];
Yours m[MODULE_MAX + 1];
byte hn, mn;

/* The attacker knows these pairing keys, and has seen the PDC of these. */
bool known[MODULE_MAX + 1];
bool pdc_seen[MODULE_MAX + 1];

/* The module */
#define IDLE	0
#define PAIRING	1
#define OPENED	2
#define SESSION	3
byte state, cur;
byte n, ptc = PTC_MAX;
byte slot = NONE;		/* KA in the slot of A */
byte back;

/* What happened */
byte typed;			/* wrong PINs by A's user */
byte burnt;			/* tries lost by A's handshakes */
byte commits[HOST_MAX + 1], seen[HOST_MAX + 1], believed[MODULE_MAX + 1];

byte x, y, s;			/* scratch */

#define as_known(cy)		(cy == B || leak >= OF_K || IS(NO_AS))
#define dh_known(a, b)		(a == NOBODY || b == NOBODY)
#define kp_known(cy, a, b)	(as_known(cy) && (dh_known(a, b) || IS(NO_DH)))
#define ka_known(ka)		(ka == NOBODY || known[ka])
#define tk_known		(leak >= OF_HOST)

/* Pairing keys of A's handshake i and the module's j are the same ones. */
#define same_pairing(i, j) \
	(!h[i].open && !m[j].open && m[j].cy == A && m[j].peer == i && h[i].peer == j)
/* Session keys; T2 covers E1, E2 and E3, and T1 and TS the shares. */
#define same_session(i, j) \
	(h[i].ka == m[j].ka && \
	 (h[i].open -> m[j].open && (IS(KA_ALONE) || (m[j].peer == i && h[i].peer == j)) : \
		       same_pairing(i, j) && m[j].paired))
#define session_known(i) \
	(ka_known(h[i].ka) && \
	 (h[i].open -> (dh_known(i, h[i].peer) || IS(KA_ALONE) || IS(NO_SESSION_DH)) : \
		       kp_known(A, i, h[i].peer)))
/* N_s of the pairing whose key is ka */
#define index_of(ka)	(ka == NOBODY -> 0 : m[ka].n + 1)

/* What the attacker can read with the keys that he has now */
inline learn()
{
	for (s : 1 .. MODULE_MAX) {
		if
		:: s <= mn && !m[s].open &&
		   (kp_known(m[s].cy, m[s].peer, s) || (pdc_seen[s] && leak >= OF_HOST)) ->
			known[s] = true
		:: else
		fi
	}
	for (s : 1 .. HOST_MAX) {
		if
		:: s <= hn && h[s].e2 && (h[s].early || h[s].peer != NOBODY) ->
			MUST(PIN_SECRET, !kp_known(A, s, h[s].peer))
		:: else
		fi;
		if
		:: s <= hn && h[s].paired && (h[s].early || h[s].peer != NOBODY) &&
		   leak < OF_HOST ->
			MUST(KA_SECRET, !ka_known(h[s].ka))
		:: else
		fi;
		if
		:: s <= hn && h[s].env && (h[s].early || h[s].peer != NOBODY) ->
			MUST(PAST_CLOSED, !session_known(s))
		:: else
		fi;
		if
		:: s <= hn && h[s].e2 && kp_known(A, s, h[s].peer) -> REACHED(PIN_TAKEN)
		:: else
		fi
	}
	s = 0
}

active proctype attacker()
{
end:
	do
	:: atomic { leak < OF_K -> leak = OF_K; learn() }
	:: atomic { leak == OF_K -> leak = OF_HOST; learn() }
	od
}

/*
 * A share of the attacker, or one that A made for the same purpose. With another
 * share of A nobody could go on, which reset does to the handshake as well.
 */
inline take_share(for_open)
{
	select(x : 0 .. HOST_MAX);
	if
	:: x > hn || (x != NOBODY && h[x].open != for_open) -> x = NOBODY
	:: else
	fi
}

active proctype module()
{
end:
	do
	:: atomic { state != IDLE -> state = IDLE; cur = 0 }	/* reset, SELECT, anything else */

	/* BEGIN */
	:: atomic {
		mn < MODULE_MAX ->
		mn++;
		cur = mn;
		state = PAIRING;
		take_share(false);
		if
		:: m[cur].cy = A
		:: x == NOBODY -> m[cur].cy = B
		fi;
		m[cur].peer = x;
		m[cur].ka = cur;
		m[cur].n = n;
		m[cur].ptc = ptc;
		m[cur].same = (m[cur].cy == A && slot != NONE);
		x = 0;
		learn()
	   }

	/* CONFIRM that does not verify */
	:: atomic {
		state == PAIRING ->
		if
		:: IS(NOISE) && ptc > 0 && m[cur].cy == A ->
			ptc--; burnt++; MUST(TRY_OWNED, leak || burnt <= typed)
		:: else
		fi;
		state = IDLE; cur = 0
	   }

	/* CONFIRM from host A, first or repeated */
	:: atomic {
		state == PAIRING && m[cur].cy == A ->
		select(x : 1 .. HOST_MAX);
		if
		:: x <= hn && h[x].e2 && same_pairing(x, cur) && ptc > 0 ->
			if
			:: h[x].pin == n ->
				MUST(MODULE_ONCE, commits[x] == 0);
				commits[x]++;
				n++; ptc = PTC_MAX; slot = cur;
				m[cur].paired = true;
				state = SESSION
			:: else ->
				ptc--;
				burnt++;
				MUST(TRY_OWNED, leak || burnt <= typed);
				m[cur].refused = true;
				if
				:: !IS(KEPT) -> state = IDLE; cur = 0
				:: else
				fi
			fi
		:: else -> skip
		fi;
		x = 0
	   }

	/* CONFIRM by the attacker, who has the keys; A's PINs only if he read them */
	:: atomic {
		state == PAIRING && kp_known(m[cur].cy, m[cur].peer, cur) && ptc > 0 ->
		if
		:: m[cur].cy == B ->
			n++; ptc = PTC_MAX; m[cur].paired = true; state = SESSION;
			if
			:: slot != NONE -> slot = NONE; REACHED(EVICTED)
			:: skip
			fi
		:: ptc--; m[cur].refused = true; state = IDLE; cur = 0
		:: m[cur].cy == A && leak ->
			MUST(MODULE_ONCE, leak);
			n++; ptc = PTC_MAX; slot = cur; m[cur].paired = true; state = SESSION
		fi
	   }

	/* OPEN with a tag that A made for this share, or that the attacker can make */
	:: atomic {
		mn < MODULE_MAX && slot != NONE ->
		take_share(true);
		if
		:: x != NOBODY || tk_known ->
			mn++;
			cur = mn;
			state = OPENED;
			m[cur].open = true;
			m[cur].cy = A;
			m[cur].peer = x;
			m[cur].ka = slot;
			m[cur].n = n;
			pdc_seen[slot] = true;
			x = 0;
			learn()
		:: else -> state = IDLE; cur = 0; x = 0
		fi
	   }

	/* The first envelope */
	:: atomic {
		(state == OPENED || state == SESSION) && m[cur].cy == A ->
		select(x : 1 .. HOST_MAX);
		if
		:: x <= hn && h[x].env && same_session(x, cur) ->
			MUST(SESSION_AGREED, h[x].peer == cur && m[cur].peer == x);
			MUST(MODULE_ONCE, seen[x] == 0 || seen[x] == cur);
			seen[x] = cur;
			state = SESSION
		:: else -> state = IDLE; cur = 0
		fi;
		x = 0
	   }

#if SCENE == ROLLBACK
	:: atomic { !back && n > 0 && state == IDLE -> n--; back = true }
#endif
	od
}

/* What the host sees in E1 */
byte e_n, e_ptc;
bool e_same;

active proctype host()
{
	byte i;			/* handshake */
	byte cached = NONE;
	bool use_cache;
	bool unpaired;		/* OPEN was answered 6A88 */
	bool again;		/* the user knows of a pairing and wants a new one */
	bool asked;		/* the PIN is there, for shown_n */
	byte shown_n, pin, ptc_then;
	bool sent, twice;	/* CONFIRM without an answer; a second one */

idle:
	atomic {
		i = 0; use_cache = false; asked = false; again = false; sent = false; twice = false;
		shown_n = 0; pin = 0; ptc_then = 0; e_n = 0; e_ptc = 0; e_same = false
	}
end_idle:
	if
	:: atomic { hn < HOST_MAX -> goto open }
	:: atomic { hn < HOST_MAX && unpaired -> goto pair }
	:: atomic { hn < HOST_MAX -> again = true; goto pair }
	fi;

pair:
	atomic {
		if
		:: hn == HOST_MAX -> goto idle
		:: else
		fi;
		hn++;
		i = hn
	}
	/* R1 and E1 */
	atomic {
		if
		:: goto idle
		:: select(y : 1 .. MODULE_MAX);
		   if
		   :: y <= mn && !m[y].open && m[y].cy == A && m[y].peer == i
		   :: else -> y = 0; goto idle
		   fi;
		   e_n = m[y].n; e_ptc = m[y].ptc; e_same = m[y].same;
		   h[i].ka = m[y].ka
		:: kp_known(A, i, NOBODY) || IS(E1_UNVERIFIED) ->
		   y = NOBODY;
		   e_n = n; e_ptc = PTC_MAX; e_same = false;
		   h[i].ka = NOBODY
		:: IS(FIXED_KA) ->
		   select(y : 1 .. MODULE_MAX);
		   if
		   :: y <= mn && !m[y].open && m[y].cy == A && m[y].peer == i
		   :: else -> y = 0; goto idle
		   fi;
		   e_n = m[y].n; e_ptc = m[y].ptc; e_same = m[y].same;
		   h[i].ka = NOBODY
		fi;
		h[i].peer = y;
		y = 0;

		if
		:: sent && e_ptc < ptc_then && !IS(SENT_AGAIN) ->
			REACHED(E3_LOST_WRONG);
			goto idle
		:: else
		fi;
		if
		:: e_ptc == 0 -> goto idle
		:: e_same && !again && !IS(NOT_HELD) -> REACHED(HELD_STILL); goto idle
		:: asked && e_n != shown_n && !IS(STALE) -> goto idle
		:: else
		fi;
		if
		:: !asked ->
			MUST(PIN_ASKED, leak || (h[i].peer != NOBODY && same_pairing(i, h[i].peer)));
			asked = true;
			shown_n = e_n;
			if
			:: pin = e_n
			:: typed < TYPED_MAX -> typed++; pin = WRONG
			fi
		:: else
		fi
	}
	if
	:: skip
	:: !sent -> goto pair		/* the person took long: a new handshake */
	fi;

	/* CONFIRM */
	atomic {
		if
		:: sent -> REACHED(E3_LOST_AGAIN); twice = true
		:: else
		fi;
		MUST(NOT_REPLACED, leak || again || !e_same);
		h[i].e2 = true;
		h[i].pin = pin;
		h[i].early = !leak;
		ptc_then = e_ptc;
		learn()
	}
	/* E3 */
	atomic {
		x = h[i].peer;
		if
		:: x != NOBODY && same_pairing(i, x) && m[x].paired && h[i].ka == m[x].ka -> x = 0
		:: x != NOBODY && IS(FIXED_KA) && same_pairing(i, x) && m[x].paired -> x = 0
		:: kp_known(A, i, x) || IS(E3_UNVERIFIED) -> x = 0
		:: x != NOBODY && same_pairing(i, x) && m[x].refused -> x = 0; goto idle
		:: x = 0; sent = true; goto open	/* lost, or does not verify */
		fi;
		h[i].paired = true;
		MUST(KA_AGREED, leak || (h[i].peer != NOBODY && m[h[i].peer].paired &&
					 h[i].ka == m[h[i].peer].ka));
		REACHED(PAIRED);
		goto envelope
	}

open:
	atomic {
		if
		:: hn == HOST_MAX -> goto idle
		:: else
		fi;
		hn++;
		i = hn;
		h[i].open = true;
		if
		:: cached != NONE -> use_cache = true
		:: use_cache = false
		fi
	}
	/* R0 */
	atomic {
		if
		:: goto idle			/* lost, or does not verify */
		:: unpaired = true; cached = NONE;	/* 6A88, forged or not */
		   if
		   :: sent && !twice -> goto pair
		   :: else -> goto idle
		   fi
		:: select(y : 1 .. MODULE_MAX);
		   if
		   :: y <= mn && m[y].open && (m[y].peer == i || IS(KA_ALONE)) &&
		      (!use_cache || m[y].ka == cached) -> h[i].ka = m[y].ka
		   :: else -> y = 0; goto idle
		   fi
		/* With a share of the attacker: he needs KA, in a PDC that A will open */
		:: select(y : 1 .. MODULE_MAX);
		   if
		   :: y <= mn && known[y] && (use_cache -> y == cached : pdc_seen[y]) ->
			h[i].ka = y; y = NOBODY
		   :: else -> y = 0; goto idle
		   fi
		:: leak >= OF_HOST && !use_cache -> h[i].ka = NOBODY; y = NOBODY
		fi;
		h[i].peer = y;
		if
		:: y != NOBODY && m[y].n < index_of(h[i].ka) && !IS(NO_N_CHECK) -> y = 0; goto idle
		:: else
		fi;
		if
		:: y != NOBODY ->
			MUST(COUNTER_BACK, m[y].n >= index_of(h[i].ka));
			believed[y]++;
			MUST(HOST_ONCE, believed[y] == 1)
		:: else
		fi;
		MUST(SESSION_AGREED, leak || (y != NOBODY && m[y].peer == i && m[y].ka == h[i].ka));
		y = 0;
		if
		:: sent && index_of(h[i].ka) != shown_n + 1 -> goto idle	/* the former pairing */
		:: sent && index_of(h[i].ka) == shown_n + 1 ->
			REACHED(E3_LOST_PAIRED);
			MUST(KA_AGREED, leak || m[h[i].ka].paired)
		:: else
		fi;
		goto envelope
	}

envelope:
	/* GET SLOTS, and its answer or none */
	atomic {
		h[i].env = true;
		h[i].early = !leak;
		MUST(DATA_SECRET, leak || !session_known(i));
		learn()
	}
	atomic {
		if
		:: goto idle
		:: seen[i] ->
			if
			:: h[i].open -> REACHED(VERIFIED)
			:: else
			fi;
			if
			:: h[i].open && use_cache -> REACHED(BY_CACHE)
			:: else
			fi;
			cached = h[i].ka;
			unpaired = false;
			goto idle
		fi
	}
}
