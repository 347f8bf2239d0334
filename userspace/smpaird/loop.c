// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "libsmpair/deadline.h"
#include "smpaird/loop.h"

/**
 * loop_init() - Begin to wait for nothing.
 * @loop: Filled.
 *
 * Return: 0 or -ENOMEM.
 */
int loop_init(struct loop *loop)
{
	unsigned int i;

	memset(loop, 0, sizeof(*loop));
	for (i = 0; i < LOOP_FDS_MAX; i++)
		loop->fds[i].fd = -1;
	loop->multi = curl_multi_init();
	return loop->multi ? 0 : -ENOMEM;
}

/**
 * loop_fini() - Forget everything that was waited for.
 * @loop: The loop; no transfer is left in it.
 */
void loop_fini(struct loop *loop)
{
	curl_multi_cleanup(loop->multi);
	loop->multi = NULL;
}

/**
 * loop_add_fd() - Wait for a descriptor.
 * @loop: The loop.
 * @fd: The descriptor; the caller removes it before closing it.
 * @fn: Called while it is readable.
 * @arg: For @fn.
 *
 * Return: 0, or -EMFILE where %LOOP_FDS_MAX are waited for already.
 */
int loop_add_fd(struct loop *loop, int fd, void (*fn)(void *arg), void *arg)
{
	unsigned int i;

	for (i = 0; i < LOOP_FDS_MAX; i++) {
		if (loop->fds[i].fd >= 0)
			continue;
		loop->fds[i] = (struct loop_fd){ .fd = fd, .fn = fn, .arg = arg };
		return 0;
	}
	return -EMFILE;
}

/**
 * loop_remove_fd() - Wait for a descriptor no longer.
 * @loop: The loop.
 * @fd: The descriptor; it need not be waited for.
 */
void loop_remove_fd(struct loop *loop, int fd)
{
	unsigned int i;

	for (i = 0; fd >= 0 && i < LOOP_FDS_MAX; i++)
		if (loop->fds[i].fd == fd)
			loop->fds[i].fd = -1;
}

/**
 * loop_clear() - Let a time pass without doing anything.
 * @loop: The loop.
 * @timer: The timer; it need not be set.
 */
void loop_clear(struct loop *loop, struct loop_timer *timer)
{
	struct loop_timer **at = &loop->timers;

	if (!timer->set)
		return;
	while (*at != timer)
		at = &(*at)->next;
	*at = timer->next;
	timer->set = false;
}

/**
 * loop_set() - Do something at a time.
 * @loop: The loop.
 * @timer: The timer, with what to do; set anew where it was set.
 * @at: When, in milliseconds of the monotonic clock.
 */
void loop_set(struct loop *loop, struct loop_timer *timer, int64_t at)
{
	loop_clear(loop, timer);
	timer->at = at;
	timer->next = loop->timers;
	timer->set = true;
	loop->timers = timer;
}

static int64_t next_time(const struct loop *loop)
{
	const struct loop_timer *timer;
	int64_t next = smpair_now() + 3600 * 1000;

	for (timer = loop->timers; timer; timer = timer->next)
		if (timer->at < next)
			next = timer->at;
	return next;
}

/* A callback may set and clear timers, so each search begins anew. */
static void run_timers(struct loop *loop)
{
	int64_t now = smpair_now();
	struct loop_timer *timer;

	do {
		for (timer = loop->timers; timer && timer->at > now; timer = timer->next)
			;
		if (timer) {
			loop_clear(loop, timer);
			timer->fn(timer->arg);
		}
	} while (timer);
}

static void run_transfers(struct loop *loop)
{
	struct CURLMsg *msg;
	int running, queued;

	curl_multi_perform(loop->multi, &running);
	while ((msg = curl_multi_info_read(loop->multi, &queued)))
		if (msg->msg == CURLMSG_DONE)
			loop->transfer_done(msg->easy_handle, msg->data.result);
}

/* A callback may remove the descriptor of another one, or put a new one there. */
static void run_fds(struct loop *loop, const struct curl_waitfd *waited, unsigned int count)
{
	unsigned int i, j;

	for (i = 0; i < count; i++) {
		if (!waited[i].revents)
			continue;
		for (j = 0; j < LOOP_FDS_MAX; j++)
			if (loop->fds[j].fd == waited[i].fd)
				break;
		if (j < LOOP_FDS_MAX)
			loop->fds[j].fn(loop->fds[j].arg);
	}
}

/**
 * loop_run() - Wait, and call back, until @loop->stop is set.
 * @loop: The loop.
 *
 * Return: 0, or -EIO where it is not possible to wait.
 */
int loop_run(struct loop *loop)
{
	struct curl_waitfd waited[LOOP_FDS_MAX];
	unsigned int i, count;
	CURLMcode err;

	while (!loop->stop) {
		for (i = count = 0; i < LOOP_FDS_MAX; i++)
			if (loop->fds[i].fd >= 0)
				waited[count++] = (struct curl_waitfd){
					.fd = loop->fds[i].fd, .events = CURL_WAIT_POLLIN,
				};
		err = curl_multi_poll(loop->multi, waited, count, smpair_left(next_time(loop)),
				      NULL);
		if (err)
			return -EIO;
		run_fds(loop, waited, count);
		run_timers(loop);
		run_transfers(loop);
	}
	return 0;
}
