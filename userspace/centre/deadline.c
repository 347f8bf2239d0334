// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <sys/socket.h>

#include "centre/deadline.h"

/**
 * struct deadline - Connections and who ends them.
 * @lock: Guards all below.
 * @wake: @stop was set.
 * @stop: The thread is to end.
 * @thread: Looks once a second.
 * @seconds: How long a connection may complete no request.
 * @all: The connections, a ring.
 */
struct deadline {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
	pthread_t thread;
	unsigned int seconds;
	struct deadline_entry all;
};

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

/* The owner of the socket sees that it ended, and closes it. */
static void end_late(struct deadline *d)
{
	const time_t before = now() - (time_t)d->seconds;
	struct deadline_entry *entry;

	for (entry = d->all.next; entry != &d->all; entry = entry->next)
		if (entry->since < before)
			shutdown(entry->socket, SHUT_RDWR);
}

static void *watch(void *arg)
{
	struct deadline *d = arg;
	struct timespec until;

	pthread_mutex_lock(&d->lock);
	while (!d->stop) {
		end_late(d);
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec++;
		pthread_cond_timedwait(&d->wake, &d->lock, &until);
	}
	pthread_mutex_unlock(&d->lock);
	return NULL;
}

/**
 * deadline_start() - Begin.
 * @deadline: Receives it; ended with deadline_stop().
 * @seconds: How long a connection may complete no request.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int deadline_start(struct deadline **deadline, unsigned int seconds,
		   struct domain_error *error)
{
	struct deadline *d = calloc(1, sizeof(*d));
	int err;

	if (!d)
		return domain_fail(error, -ENOMEM, "out of memory");
	d->seconds = seconds;
	d->all.next = &d->all;
	d->all.prev = &d->all;
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->wake, NULL);
	err = -pthread_create(&d->thread, NULL, watch, d);
	if (err) {
		free(d);
		return domain_fail(error, err, "no thread: %s", strerror(-err));
	}
	*deadline = d;
	return 0;
}

/**
 * deadline_add() - Watch a connection.
 * @deadline: The deadline.
 * @entry: The connection, until deadline_remove().
 * @socket: Its socket, open as long.
 */
void deadline_add(struct deadline *deadline, struct deadline_entry *entry, int socket)
{
	pthread_mutex_lock(&deadline->lock);
	entry->socket = socket;
	entry->since = now();
	entry->next = &deadline->all;
	entry->prev = deadline->all.prev;
	entry->prev->next = entry;
	deadline->all.prev = entry;
	pthread_mutex_unlock(&deadline->lock);
}

/**
 * deadline_renew() - A connection completed a request.
 * @deadline: The deadline.
 * @entry: The connection.
 */
void deadline_renew(struct deadline *deadline, struct deadline_entry *entry)
{
	pthread_mutex_lock(&deadline->lock);
	entry->since = now();
	pthread_mutex_unlock(&deadline->lock);
}

/**
 * deadline_remove() - A connection is about to be closed.
 * @deadline: The deadline.
 * @entry: The connection.
 */
void deadline_remove(struct deadline *deadline, struct deadline_entry *entry)
{
	pthread_mutex_lock(&deadline->lock);
	entry->prev->next = entry->next;
	entry->next->prev = entry->prev;
	pthread_mutex_unlock(&deadline->lock);
}

/**
 * deadline_stop() - End; there are no connections any more.
 * @deadline: The deadline.
 */
void deadline_stop(struct deadline *deadline)
{
	pthread_mutex_lock(&deadline->lock);
	deadline->stop = true;
	pthread_cond_signal(&deadline->wake);
	pthread_mutex_unlock(&deadline->lock);
	pthread_join(deadline->thread, NULL);
	pthread_cond_destroy(&deadline->wake);
	pthread_mutex_destroy(&deadline->lock);
	free(deadline);
}
