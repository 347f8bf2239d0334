/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The two axes of the race matrix: a situation, in which the driver is held, and
 * a disturbance, which happens then.
 */
#ifndef RACE_RACE_H
#define RACE_RACE_H

#include <pthread.h>

#include "dump.h"
#include "peer.h"
#include "rig/hold.h"
#include "rig/rig.h"

/* A cell is made for each of these with each disturbance. */
#define SITUATIONS(X, ...)					\
	X(probing, __VA_ARGS__)					\
	X(unsupported, __VA_ARGS__)				\
	X(unserviceable, __VA_ARGS__)				\
	X(identified, __VA_ARGS__)				\
	X(opening, __VA_ARGS__)					\
	X(opening_sends_its_first_envelope, __VA_ARGS__)	\
	X(unpaired, __VA_ARGS__)				\
	X(pairing_begins, __VA_ARGS__)				\
	X(pairing_has_a_queued_request, __VA_ARGS__)		\
	X(pairing_awaits_the_answer, __VA_ARGS__)		\
	X(pairing_awaits_confirm, __VA_ARGS__)			\
	X(paired, __VA_ARGS__)					\
	X(restricted, __VA_ARGS__)				\
	X(closed, __VA_ARGS__)					\
	X(alarmed, __VA_ARGS__)					\
	X(a_dump_is_half_read, __VA_ARGS__)			\
	X(a_reader_waits, __VA_ARGS__)				\
	X(a_writer_waits, __VA_ARGS__)

#define DISTURBANCES(X, ...)					\
	X(device_closed, __VA_ARGS__)				\
	X(module_reset, __VA_ARGS__)				\
	X(agent_killed, __VA_ARGS__)				\
	X(helper_killed, __VA_ARGS__)				\
	X(suspend_to_freezer, __VA_ARGS__)			\
	X(suspend_to_devices, __VA_ARGS__)			\
	X(driver_unloaded, __VA_ARGS__)

#define RACE_INDEX(name, ...) AT_##name,
enum { SITUATIONS(RACE_INDEX) SITUATION_COUNT };
enum { DISTURBANCES(RACE_INDEX) DISTURBANCE_COUNT };

enum disturbance_kind {
	RACE_CLOSE,
	RACE_RESET,
	RACE_KILL_AGENT,
	RACE_KILL_HELPER,
	RACE_SUSPEND,
	RACE_UNLOAD,
};

/**
 * struct race - one cell while it runs
 * @rig: host and module
 * @hold: the command that waits at the module
 * @agent: registered agent, a process of its own
 * @helper: the process that is in the middle of something; only for RACE_KILL_HELPER
 * @with_helper: @helper, and not this process, does what the situation is about
 * @with_suspend: the system is going to sleep
 * @op: what this process asked for; 0 without
 * @dump: for the dump
 * @node: /dev/smpairN of the thread that exchanges a message, or -1
 * @user: that thread
 * @using: it runs
 * @got: length of the answer that it got, or -errno
 * @virt_timeout: the transport's timeout as it was
 */
struct race {
	struct rig rig;
	struct hold hold;
	struct peer agent;
	struct peer helper;
	bool with_helper;
	bool with_suspend;
	uint64_t op;
	struct dump dump;
	int node;
	pthread_t user;
	bool using;
	ssize_t got;
	char virt_timeout[16];
};

/**
 * struct situation - where the driver is
 * @enter: brings it there; 0 or -errno
 * @state: state of the link then
 * @rest: state that a fresh look at the module leads to, a pairing under way apart
 * @pairs: the operation under way is a pairing
 * @held: a command waits at the module
 * @exchanges: it is a message
 * @go_on: what the agent does for the pairing to succeed; 0 or -errno; NULL: nothing more
 * @agent_killed: how the operation ends when the agent is killed
 * @helper_killed: the same when the helper is, though nobody is told
 * @suspended: how it ends when the system suspends
 */
struct situation {
	int (*enter)(struct race *race);
	enum smpair_state state;
	enum smpair_state rest;
	bool pairs;
	bool held;
	bool exchanges;
	int (*go_on)(struct race *race);
	enum smpair_cause agent_killed;
	enum smpair_cause helper_killed;
	enum smpair_cause suspended;
};

/**
 * struct disturbance - what happens
 * @kind: what
 * @missing: NULL, or why it cannot happen here
 * @strike: makes it happen, and lets a held command go on; 0 or -errno
 *
 * Afterwards the module is still there, or, after RACE_CLOSE and RACE_UNLOAD, is not.
 */
struct disturbance {
	enum disturbance_kind kind;
	const char *(*missing)(void);
	int (*strike)(struct race *race, const struct situation *situation);
};

/* Indexed by AT_ and the name */
extern const struct situation situations[SITUATION_COUNT];
extern const struct disturbance disturbances[DISTURBANCE_COUNT];

void race_prepare(struct race *race);	/* race_exit() may be called from here on */
int race_init(struct race *race, enum disturbance_kind kind);	/* 0 or -errno */
void race_drop_files(struct race *race);	/* node and dump; waits for the thread */
void race_exit(struct race *race);		/* may be called twice */

/* After race_exit(): NULL, or what the driver still has that it should not */
const char *race_left(void);
/* With a module and a host that nobody knows yet: NULL, or what does not work */
const char *race_unusable(void);

#endif /* RACE_RACE_H */
