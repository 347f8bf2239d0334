/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Slots, activity counters, ageing and the choice of a victim (protocol 10).
 *
 * Time is what the counters know of it: a verification makes every other slot
 * older by one. An age is kept only up to where it has cleared every counter;
 * the order of the last verifications is kept beside it, since it breaks ties.
 *
 * For safety hosts, centre and user do what they like. For SETTLES, some slots
 * are held by hosts that never come back, with counters as high as they get,
 * and as many hosts as there are slots want to be paired.
 */
#include "property.pml"

#define SLOTS		3
#define HOSTS		3	/* that come and go, numbered from 1 */
#define CPT_MAX		3
#define AGEING		1	/* A */
#define AGE_MAX		(2 * AGEING)	/* CPT_MAX >> 2 is 0 */

/* Mutants */
#define PINNED_TAKEN	1	/* PINNED_KEPT: the victim may be pinned */
#define PIN_LOST	2	/* PINNED_KEPT: pairing again unpins a slot */
#define NOT_SPARED	3	/* NEWEST_SPARED: the newest pairing may be the victim */
#define MOST_ACTIVE	4	/* LEAST_ACTIVE: the busiest slot goes */
#define NO_RIGHT	5	/* EVICTION_AGREED: the host's right is not looked at */
#define NO_CONSENT	6	/* EVICTION_AGREED: the user is not asked */
#define NO_APPROVAL	7	/* EVICTION_AGREED: the PIN policy is not looked at */
#define EVICT_FIRST	8	/* ROOM_FIRST: a victim is taken while a slot is free */
#define SECOND_SLOT	9	/* ROOM_FIRST: a host that is there gets another slot */
#define NO_AGEING	10	/* SETTLES: counters never fade */

/* Witnesses */
#define EVICTION	1	/* reached: a slot changes hands */
#define TABLE_PINNED	2	/* reached: all slots pinned, a newcomer is refused */
#define ONLY_NEWEST	3	/* reached: the newest goes, since all others are pinned */
#define TIE		4	/* reached: equal counters, the older verification goes */

#define NONE		255

typedef Row { byte sn; bool pinned; byte cpt; byte age; byte seen; byte born };

Row slot[SLOTS];
bool paired_before;
bool evicted;			/* by the last step */

/* The request: the slot of the host or NONE, and what it brings along */
byte sn, own;
bool right, consent;
/* As the centre has set them by then */
byte evict_policy;		/* 0 never, 1 by activity, 2 if the centre approved */
bool approved;			/* PIN policy pair or indexed */
bool pin_first;

byte i, k, free, chosen, spared;
bool pinned_before;

#define eff(s)	(IS(NO_AGEING) -> slot[s].cpt : (slot[s].age >= AGE_MAX -> 0 : \
		 slot[s].cpt >> (slot[s].age / AGEING)))
#define used(s)	(slot[s].sn != 0)

/* Whether @a leaves before @b; no two slots were last seen at one time. */
#define less_active(a, b) \
	(eff(a) < eff(b) || (eff(a) == eff(b) && slot[a].seen < slot[b].seen))

/* The order of the others stays. */
inline last_seen(s)
{
	for (k : 0 .. SLOTS - 1) {
		if
		:: slot[k].seen > slot[s].seen -> slot[k].seen--
		:: else
		fi
	}
	slot[s].seen = SLOTS - 1;
	k = 0
}

inline last_born(s)
{
	for (k : 0 .. SLOTS - 1) {
		if
		:: slot[k].born > slot[s].born -> slot[k].born--
		:: else
		fi
	}
	slot[s].born = SLOTS - 1;
	k = 0
}

inline tick(s)
{
	for (k : 0 .. SLOTS - 1) {
		if
		:: slot[k].age < AGE_MAX -> slot[k].age++
		:: else
		fi
	}
	slot[s].age = 0;
	last_seen(s)
}

inline verify(s)
{
	k = eff(s);
	slot[s].cpt = (k < CPT_MAX -> k + 1 : CPT_MAX);
	tick(s)
}

inline find_free()
{
	free = NONE;
	for (i : 0 .. SLOTS - 1) {
		if
		:: slot[i].sn == 0 && free == NONE -> free = i
		:: else
		fi
	}
	i = 0
}

inline find_victim()
{
	spared = NONE; chosen = NONE;
	for (i : 0 .. SLOTS - 1) {
		if
		:: used(i) && (spared == NONE || slot[i].born > slot[spared].born) -> spared = i
		:: else
		fi
	}
	for (i : 0 .. SLOTS - 1) {
		if
		:: !used(i) || (slot[i].pinned && !IS(PINNED_TAKEN)) -> skip
		:: i == spared && !IS(NOT_SPARED) -> skip
		:: else ->
			if
			:: chosen == NONE -> chosen = i
			:: chosen != NONE && !IS(MOST_ACTIVE) && less_active(i, chosen) -> chosen = i
			:: chosen != NONE && IS(MOST_ACTIVE) && less_active(chosen, i) -> chosen = i
			:: else
			fi
		fi
	}
	i = 0;
	if
	:: chosen == NONE && spared != NONE && !slot[spared].pinned -> chosen = spared
	:: else
	fi
}

/* What is said of a victim, in other words than those that chose it. */
inline judge()
{
	MUST(PINNED_KEPT, !slot[chosen].pinned);
	MUST(EVICTION_AGREED, right && consent);
	MUST(EVICTION_AGREED, evict_policy == 1 || (evict_policy == 2 && approved));
	MUST(ROOM_FIRST, own == NONE && free == NONE);
	for (k : 0 .. SLOTS - 1) {
		if
		:: k != chosen && !slot[k].pinned ->
			/* There is another candidate. */
			MUST(NEWEST_SPARED, slot[chosen].born != SLOTS - 1);
			if
			:: slot[k].born != SLOTS - 1 ->
				MUST(LEAST_ACTIVE, eff(k) >= eff(chosen));
				if
				:: eff(k) == eff(chosen) ->
					REACHED(TIE);
					MUST(LEAST_ACTIVE, slot[k].seen > slot[chosen].seen)
				:: else
				fi
			:: else
			fi
		:: else
		fi
	}
	k = 0;
	if
	:: slot[chosen].born == SLOTS - 1 -> REACHED(ONLY_NEWEST)
	:: else
	fi
}

inline occupy(s)
{
	slot[s].pinned = (slot[s].sn == sn && !IS(PIN_LOST) -> slot[s].pinned :
			  pin_first && !paired_before);
	slot[s].sn = sn;
	slot[s].cpt = 1;
	paired_before = true;
	tick(s);
	last_born(s)
}

/* A host asks to pair. */
inline pair()
{
	evicted = false;
	find_free();
	if
	:: own != NONE && !IS(SECOND_SLOT) ->
		pinned_before = slot[own].pinned;
		occupy(own);
		MUST(PINNED_KEPT, slot[own].pinned == pinned_before);
		pinned_before = false
	:: (own == NONE || IS(SECOND_SLOT)) && free != NONE &&
	   !(IS(EVICT_FIRST) && used(0)) ->
		MUST(ROOM_FIRST, own == NONE);
		occupy(free)
	:: else ->
		find_victim();
		if
		:: chosen == NONE -> REACHED(TABLE_PINNED)
		:: chosen != NONE && (IS(NO_RIGHT) || right) && (IS(NO_CONSENT) || consent) &&
		   (evict_policy == 1 || (evict_policy == 2 && (IS(NO_APPROVAL) || approved))) ->
			judge();
			REACHED(EVICTION);
			slot[chosen].sn = 0;
			slot[chosen].pinned = false;
			occupy(chosen);
			evicted = true
		:: else
		fi
	fi;
	free = 0; chosen = 0; spared = 0
}

#ifdef LIVENESS

active proctype module()
{
	atomic {
		evict_policy = 1; right = true; consent = true;
		for (i : 0 .. SLOTS - 1) {
			slot[i].seen = i;
			slot[i].born = i;
			if
			:: slot[i].sn = HOSTS + 1; slot[i].cpt = CPT_MAX	/* gone for good */
			:: i > 0 -> skip
			fi
		}
		i = 0
	}
end:
	do
	:: atomic {
		select(sn : 1 .. HOSTS);
		own = NONE;
		for (i : 0 .. SLOTS - 1) {
			if
			:: slot[i].sn == sn -> own = i
			:: else
			fi
		}
		i = 0;
		if
		:: own == NONE -> pair()
		:: own != NONE -> verify(own); evicted = false
		fi;
		own = 0; sn = 0
	   }
	od
}

ltl SETTLES { <> [] !evicted }

#else

active proctype module()
{
	atomic {
		for (i : 0 .. SLOTS - 1) {
			slot[i].seen = i;
			slot[i].born = i
		}
		i = 0
	}
end:
	do
	:: atomic {
		/* Which host holds a slot does not matter, but whether it asks itself does. */
		sn = 1;
		if
		:: own = NONE
		:: used(0) -> own = 0
		:: used(1) -> own = 1
		:: used(2) -> own = 2
		fi;
		select(evict_policy : 0 .. 2);
		if
		:: right = true
		:: skip
		fi;
		if
		:: consent = true
		:: skip
		fi;
		if
		:: approved = true
		:: skip
		fi;
		if
		:: pin_first = true
		:: skip
		fi;
		pair();
		sn = 0; own = 0; evict_policy = 0;
		right = false; consent = false; approved = false; pin_first = false; evicted = false
	   }
	:: atomic { used(0) -> verify(0) }
	:: atomic { used(1) -> verify(1) }
	:: atomic { used(2) -> verify(2) }
	:: atomic {
		select(i : 0 .. SLOTS - 1);
		if
		:: used(i) -> slot[i].pinned = !slot[i].pinned		/* PIN_SLOT */
		:: used(i) -> slot[i].sn = 0; slot[i].pinned = false	/* UNPAIR */
		:: else
		fi;
		i = 0
	   }
	od
}

#endif
