// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "centre/farewell.h"

/* Bounds against those who make use of this. */
#define SOCKETS_MAX	64
#define SECONDS_MAX	5
#define BYTES_MAX	(1024 * 1024)

/**
 * struct farewell - Sockets that are read until they end.
 * @lock: Guards all below but @thread and @wake.
 * @stop: The thread is to end.
 * @thread: Reads and closes; only it takes sockets out.
 * @wake: Eventfd: there is one more socket, or @stop was set.
 * @count: How many there are.
 * @all: The sockets, until when each is kept, and what may still come.
 */
struct farewell {
	pthread_mutex_t lock;
	bool stop;
	pthread_t thread;
	int wake;
	size_t count;
	struct {
		int socket;
		time_t until;
		size_t left;
	} all[SOCKETS_MAX];
};

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

/* Whether more may come of socket @i. */
static bool read_on(struct farewell *l, size_t i)
{
	ssize_t got;

	do {
		/* Discarded by the kernel: nothing is copied. */
		got = recv(l->all[i].socket, NULL, l->all[i].left, MSG_TRUNC | MSG_DONTWAIT);
		if (got > 0)
			l->all[i].left -= (size_t)got;
	} while (got > 0 && l->all[i].left);
	return got < 0 && (errno == EAGAIN || errno == EINTR) && now() < l->all[i].until;
}

static void *read_all(void *arg)
{
	struct pollfd fds[SOCKETS_MAX + 1];
	struct farewell *l = arg;
	size_t i, count;
	uint64_t woken;

	fds[0].fd = l->wake;
	fds[0].events = POLLIN;
	pthread_mutex_lock(&l->lock);
	while (!l->stop) {
		count = l->count;
		for (i = 0; i < count; i++) {
			fds[i + 1].fd = l->all[i].socket;
			fds[i + 1].events = POLLIN;
		}
		pthread_mutex_unlock(&l->lock);
		poll(fds, count + 1, count ? 1000 : -1);
		if (read(l->wake, &woken, sizeof(woken)) < 0 && errno != EAGAIN)
			abort();
		pthread_mutex_lock(&l->lock);
		/* From the end, since the last takes the place of who goes. */
		for (i = l->count; i-- > 0;) {
			if (read_on(l, i))
				continue;
			close(l->all[i].socket);
			l->all[i] = l->all[--l->count];
		}
	}
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

/**
 * farewell_start() - Begin.
 * @farewell: Receives it; ended with farewell_stop().
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int farewell_start(struct farewell **farewell, struct domain_error *error)
{
	struct farewell *l = calloc(1, sizeof(*l));
	int err;

	if (!l)
		return domain_fail(error, -ENOMEM, "out of memory");
	pthread_mutex_init(&l->lock, NULL);
	l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = l->wake < 0 ? -errno : -pthread_create(&l->thread, NULL, read_all, l);
	if (err) {
		if (l->wake >= 0)
			close(l->wake);
		free(l);
		return domain_fail(error, err, "no thread: %s", strerror(-err));
	}
	*farewell = l;
	return 0;
}

static void wake(struct farewell *l)
{
	const uint64_t one = 1;

	if (write(l->wake, &one, sizeof(one)) < 0 && errno != EAGAIN)
		abort();
}

/**
 * farewell_take() - The owner of a socket is about to close it.
 * @farewell: Who reads on.
 * @socket: All that is to be said to the other end was written. Stays the caller's,
 *	to be closed, but not to be shut down for reading.
 *
 * Does nothing where the other end has ended already, or too many are waited for.
 */
void farewell_take(struct farewell *farewell, int socket)
{
	char byte;
	ssize_t got = recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	if (!got || (got < 0 && errno != EAGAIN))
		return;
	pthread_mutex_lock(&farewell->lock);
	if (farewell->count < SOCKETS_MAX) {
		socket = fcntl(socket, F_DUPFD_CLOEXEC, 0);
		if (socket >= 0 && !shutdown(socket, SHUT_WR)) {
			farewell->all[farewell->count].socket = socket;
			farewell->all[farewell->count].until = now() + SECONDS_MAX;
			farewell->all[farewell->count++].left = BYTES_MAX;
			wake(farewell);
		} else if (socket >= 0) {
			close(socket);
		}
	}
	pthread_mutex_unlock(&farewell->lock);
}

/**
 * farewell_stop() - End; what is still waited for is closed.
 * @farewell: Nobody uses it any more.
 */
void farewell_stop(struct farewell *farewell)
{
	pthread_mutex_lock(&farewell->lock);
	farewell->stop = true;
	wake(farewell);
	pthread_mutex_unlock(&farewell->lock);
	pthread_join(farewell->thread, NULL);
	while (farewell->count)
		close(farewell->all[--farewell->count].socket);
	close(farewell->wake);
	pthread_mutex_destroy(&farewell->lock);
	free(farewell);
}
