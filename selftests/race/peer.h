/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Other processes, which can be killed: one that does what it is told through a
 * pipe (an agent, a reader of dumps), and smpairctl.
 */
#ifndef RACE_PEER_H
#define RACE_PEER_H

#include <sys/types.h>

#include "rig/rig.h"

/**
 * struct peer - a process
 * @pid: 0 while there is none
 * @to: what it reads, or -1
 * @from: what it says
 */
struct peer {
	pid_t pid;
	int to;
	int from;
};

enum peer_task {
	PEER_REGISTER,		/* as an agent */
	PEER_AWAIT_REQUEST,	/* until one is offered */
	PEER_ACCEPT,		/* it, as soon as it is offered */
	PEER_ANSWER,		/* it, with the right PIN */
	PEER_DUMP,		/* start a dump of all links, and read the first part */
};

/* Before the module is inserted: the process inherits what is open. 0 or -errno */
int peer_start(struct peer *peer, const struct rig *rig);
int peer_ask(struct peer *peer, enum peer_task task);	/* waits; 0 or -errno */
/* smpairctl with these arguments; @input is on its descriptor 3, which stays open. 0 or -errno */
int peer_smpairctl(struct peer *peer, const char *input, const char * const argv[]);
int peer_await_word(struct peer *peer);		/* of smpairctl; 0 or -ETIME */
/* Until it tells of links that come; for "smpairctl monitor". 0 or -errno */
int peer_await_monitor(struct peer *peer);
void peer_kill(struct peer *peer);		/* SIGKILL, and it is gone; nothing without one */

#endif /* RACE_PEER_H */
