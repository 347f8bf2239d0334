/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one place where the daemon waits: for descriptors, for times and for
 * transfers. One thread; callbacks run from loop_run() and must not block.
 */
#ifndef SMPAIRD_LOOP_H
#define SMPAIRD_LOOP_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#define LOOP_FDS_MAX	64

/**
 * struct loop_timer - something to do at a time
 * @next: In the list of those that are set.
 * @at: When, in milliseconds of the monotonic clock.
 * @set: It is in the list.
 * @fn: What to do; the timer is no longer set when it is called.
 * @arg: For @fn.
 */
struct loop_timer {
	struct loop_timer *next;
	int64_t at;
	bool set;
	void (*fn)(void *arg);
	void *arg;
};

/**
 * struct loop_fd - a descriptor that is waited for
 * @fd: The descriptor, -1 where the entry is free.
 * @fn: Called where it is readable, or at its end.
 * @arg: For @fn.
 */
struct loop_fd {
	int fd;
	void (*fn)(void *arg);
	void *arg;
};

/**
 * struct loop - what is waited for
 * @multi: Transfers.
 * @transfer_done: Called with each transfer that ended.
 * @fds: Descriptors.
 * @timers: Timers that are set, in no order.
 * @stop: Return from loop_run() as soon as the callbacks at hand are done.
 */
struct loop {
	CURLM *multi;
	void (*transfer_done)(CURL *easy, CURLcode result);
	struct loop_fd fds[LOOP_FDS_MAX];
	struct loop_timer *timers;
	bool stop;
};

int loop_init(struct loop *loop);
void loop_fini(struct loop *loop);
int loop_add_fd(struct loop *loop, int fd, void (*fn)(void *arg), void *arg);
void loop_remove_fd(struct loop *loop, int fd);
void loop_set(struct loop *loop, struct loop_timer *timer, int64_t at);
void loop_clear(struct loop *loop, struct loop_timer *timer);
int loop_run(struct loop *loop);

#endif /* SMPAIRD_LOOP_H */
