/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is done with one request of the driver: a function from (state, event) to
 * (state, action) without side effects.
 */
#ifndef SMPAIRD_REQUEST_STATE_H
#define SMPAIRD_REQUEST_STATE_H

enum request_state {
	REQUEST_NEW,		/* accepted, nothing done yet */
	REQUEST_CONSENT,	/* people are asked whether another pairing may be replaced */
	REQUEST_CENTRE,		/* the centre was asked */
	REQUEST_HELD,		/* the centre waits for its operator; people are asked too */
	REQUEST_PEOPLE,		/* people are asked */
	REQUEST_DONE,		/* answered, or nothing left to answer */
	REQUEST_STATES
};

enum request_event {
	REQUEST_EVENT_DENY,	/* policy: decline */
	REQUEST_EVENT_ASK,	/* policy: people */
	REQUEST_EVENT_AUTO,	/* policy: the centre */
	REQUEST_EVENT_CONSENT,	/* policy: the centre, once people agree to an eviction */
	REQUEST_EVENT_ISSUED,	/* the centre gave a PIN */
	REQUEST_EVENT_HELD,	/* the centre: a person has to act */
	REQUEST_EVENT_REFUSED,	/* the centre: no */
	REQUEST_EVENT_AWAY,	/* the centre cannot be reached, and nobody else is to be asked */
	REQUEST_EVENT_FALLBACK,	/* the centre cannot be reached, people are asked instead */
	REQUEST_EVENT_TYPED,	/* a person gave a PIN or consent */
	REQUEST_EVENT_DECLINED,	/* a person said no, or nobody is there to be asked */
	REQUEST_EVENT_DEADLINE,	/* the driver's deadline is near */
	REQUEST_EVENT_STOP,	/* the agent ends */
	REQUEST_EVENT_GONE,	/* the driver has no such request any more */
	REQUEST_EVENTS
};

enum request_action {
	REQUEST_NOTHING,
	REQUEST_ASK_CENTRE,
	REQUEST_ASK_CONSENT,
	REQUEST_ASK_PEOPLE,	/* the centre is no longer asked */
	REQUEST_ASK_BOTH,	/* people, and the centre again after a while */
	REQUEST_POLL,		/* the centre again after a while */
	REQUEST_ACCEPT,		/* answer with the PIN or the consent */
	REQUEST_DECLINE,
	REQUEST_TELL_REFUSED,	/* answer: the centre refused */
	REQUEST_TELL_AWAY,	/* answer: the centre cannot be reached */
	REQUEST_FORGET,		/* nothing to answer */
};

/**
 * struct request_step - where an event leads
 * @state: State afterwards.
 * @action: What is done.
 */
struct request_step {
	enum request_state state;
	enum request_action action;
};

struct request_step request_next(enum request_state state, enum request_event event);

#endif /* SMPAIRD_REQUEST_STATE_H */
