// SPDX-License-Identifier: GPL-2.0-or-later
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include <sqlite3.h>

#include "centre/checkpoint.h"

struct checkpoint {
	sqlite3 *handle;	/* the thread's alone */
	pthread_t thread;
	pthread_mutex_t lock;	/* everything below */
	pthread_cond_t come;	/* it was asked for, or the end */
	bool asked;
	bool stopping;
};

static bool wait_for_asking(struct checkpoint *c)
{
	bool stopping;

	pthread_mutex_lock(&c->lock);
	while (!c->asked && !c->stopping)
		pthread_cond_wait(&c->come, &c->lock);
	c->asked = false;
	stopping = c->stopping;
	pthread_mutex_unlock(&c->lock);
	return !stopping;
}

/* What fails here is tried again, at the latest by the connection that writes. */
static void *checkpoint_main(void *arg)
{
	struct checkpoint *c = arg;

	while (wait_for_asking(c))
		sqlite3_wal_checkpoint_v2(c->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return NULL;
}

/* A connection knows of a journal once it has read. */
static bool connect_to(struct checkpoint *c, const char *file)
{
	return sqlite3_open_v2(file, &c->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
			       NULL) == SQLITE_OK &&
	       sqlite3_exec(c->handle, "SELECT count(*) FROM sqlite_schema", NULL, NULL,
			    NULL) == SQLITE_OK;
}

/**
 * checkpoint_start() - Start a thread with a connection of its own.
 * @file: The database, in WAL mode.
 *
 * May sleep.
 *
 * Return: It, for checkpoint_stop(); NULL where there is no memory, thread or
 * connection left.
 */
struct checkpoint *checkpoint_start(const char *file)
{
	struct checkpoint *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->come, NULL);
	if (connect_to(c, file) && !pthread_create(&c->thread, NULL, checkpoint_main, c))
		return c;
	sqlite3_close(c->handle);
	free(c);
	return NULL;
}

/**
 * checkpoint_ask() - Have the journal copied back as far as it goes.
 * @checkpoint: The thread.
 *
 * Returns at once. Nobody is kept from reading or writing meanwhile.
 */
void checkpoint_ask(struct checkpoint *checkpoint)
{
	pthread_mutex_lock(&checkpoint->lock);
	checkpoint->asked = true;
	pthread_cond_signal(&checkpoint->come);
	pthread_mutex_unlock(&checkpoint->lock);
}

/**
 * checkpoint_stop() - End the thread, after what it is at.
 * @checkpoint: The thread; gone afterwards. May be NULL.
 */
void checkpoint_stop(struct checkpoint *checkpoint)
{
	if (!checkpoint)
		return;
	pthread_mutex_lock(&checkpoint->lock);
	checkpoint->stopping = true;
	pthread_cond_signal(&checkpoint->come);
	pthread_mutex_unlock(&checkpoint->lock);
	pthread_join(checkpoint->thread, NULL);
	sqlite3_close(checkpoint->handle);
	pthread_cond_destroy(&checkpoint->come);
	pthread_mutex_destroy(&checkpoint->lock);
	free(checkpoint);
}
