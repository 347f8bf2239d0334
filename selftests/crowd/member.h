/* SPDX-License-Identifier: GPL-2.0 */
/* Threads that each do one thing to the driver, over and over, while a test does others. */
#ifndef CROWD_MEMBER_H
#define CROWD_MEMBER_H

#include <pthread.h>
#include <stdatomic.h>

#include "rig/rig.h"

struct member;

/* One round; 0 or -errno, with member->what for the words. */
typedef int (*member_act)(struct member *member);

/**
 * struct member - one such thread
 * @act: what it does; NULL: never started
 * @rig: host and module of the test; only @dev of it changes meanwhile
 * @client: its own netlink client
 * @fd: for @act, which opens it; -1 before; closed in the end
 * @thread: runs @act
 * @stop: it is to end
 * @rounds: finished
 * @err: what ended it early
 * @what: what it was doing then
 */
struct member {
	member_act act;
	const struct rig *rig;
	struct smpair_client *client;
	int fd;
	pthread_t thread;
	atomic_bool stop;
	atomic_uint rounds;
	atomic_int err;
	const char *what;
};

int member_start(struct member *member, const struct rig *rig, member_act act);
/* Whether it came by so many times, or gave up */
bool member_is_done(const struct member *member, unsigned int rounds);
/* Ends it; what ended it early, or 0. May be called twice, and when it was never started. */
int member_stop(struct member *member);

#endif /* CROWD_MEMBER_H */
