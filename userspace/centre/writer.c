// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "centre/writer.h"

struct writer {
	struct store *store;
	pthread_t thread;
	pthread_mutex_t lock;	/* everything below */
	pthread_cond_t come;	/* a job came, or the end */
	struct writer_job *first;
	struct writer_job **last;
	bool stopping;
	struct writer_counters counters;
};

/* Jobs that share a transaction, in the order in which they came. */
struct group {
	struct writer_job *jobs[WRITER_GROUP_MAX];
	unsigned int count;
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static struct writer_job *take(struct writer *w, bool wait)
{
	struct writer_job *job;

	pthread_mutex_lock(&w->lock);
	while (wait && !w->first && !w->stopping)
		pthread_cond_wait(&w->come, &w->lock);
	job = w->first;
	if (job) {
		w->first = job->next;
		if (!w->first)
			w->last = &w->first;
		w->counters.queued--;
	}
	pthread_mutex_unlock(&w->lock);
	return job;
}

/* Inside a transaction: the job's changes are all there, or none. */
static int run_marked(struct writer *w, struct writer_job *job)
{
	int err;

	err = store_save(w->store, &job->error);
	if (err)
		return err;
	err = job->run(w->store, job);
	if (!err)
		err = store_release(w->store, &job->error);
	if (err)
		store_back(w->store);
	return err;
}

static int run_alone(struct writer *w, struct writer_job *job)
{
	int err;

	err = store_begin(w->store, &job->error);
	if (err)
		return err;
	err = job->run(w->store, job);
	if (err)
		store_rollback(w->store);
	else
		err = store_commit(w->store, &job->error);
	return err;
}

/* One member that the database refuses only at the end, or a disk that is full
 * for all of them but not for one: each gets its own result.
 */
static void replay(struct writer *w, struct group *group)
{
	unsigned int i;

	for (i = 0; i < group->count; i++)
		group->jobs[i]->result = run_alone(w, group->jobs[i]);
}

/* The server went away and did not say whether all of it is durable. Doing it
 * again might do it twice: whoever asked has to look.
 */
static void doubt(struct group *group, const struct domain_error *error)
{
	unsigned int i;

	for (i = 0; i < group->count; i++) {
		struct writer_job *job = group->jobs[i];

		if (!job->result)
			job->result = domain_fail(&job->error, -ENOTCONN, "%s",
						  error->text);
	}
}

static bool run_group(struct writer *w, struct group *group)
{
	int64_t end = now_ns() + WRITER_GROUP_NS;
	struct writer_job *job = group->jobs[0];
	struct domain_error error;
	unsigned int kept = 0;
	int err;

	err = store_begin(w->store, &error);
	if (err) {
		job->result = domain_fail(&job->error, err, "%s", error.text);
		return true;
	}
	for (;;) {
		job->result = run_marked(w, job);
		kept += !job->result;
		/* Those that wait have another try with another connection. */
		if (job->result == -ENOTCONN ||
		    group->count == WRITER_GROUP_MAX || now_ns() >= end)
			break;
		job = take(w, false);
		if (!job)
			break;
		group->jobs[group->count++] = job;
	}
	if (!kept) {
		store_rollback(w->store);
		return true;
	}
	err = store_commit(w->store, &error);
	if (err == -ENOTCONN)
		doubt(group, &error);
	return !err || err == -ENOTCONN;
}

static void finish(struct writer *w, struct group *group, bool replayed)
{
	uint64_t failed = 0;
	unsigned int i;

	for (i = 0; i < group->count; i++)
		failed += group->jobs[i]->result < 0;
	pthread_mutex_lock(&w->lock);
	w->counters.jobs += group->count;
	w->counters.failed += failed;
	w->counters.groups++;
	w->counters.replays += replayed;
	pthread_mutex_unlock(&w->lock);
	/* A job may be gone once it is done. */
	for (i = 0; i < group->count; i++)
		group->jobs[i]->done(group->jobs[i]);
}

static void *writer_main(void *arg)
{
	struct group group;
	struct writer *w = arg;
	bool whole;

	/* What came before the end is done before it. */
	while ((group.jobs[0] = take(w, true))) {
		group.count = 1;
		whole = run_group(w, &group);
		if (!whole)
			replay(w, &group);
		finish(w, &group, !whole);
	}
	return NULL;
}

/**
 * writer_start() - Start the thread.
 * @writer: Receives it; ended with writer_stop().
 * @store: Open for writing, audit_start() was called; the thread's alone until
 *	writer_stop() returns.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int writer_start(struct writer **writer, struct store *store,
		 struct domain_error *error)
{
	struct writer *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return domain_fail(error, -ENOMEM, "out of memory");
	w->store = store;
	w->last = &w->first;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->come, NULL);
	err = pthread_create(&w->thread, NULL, writer_main, w);
	if (err) {
		free(w);
		return domain_fail(error, -err, "starting a thread: %s",
				   strerror(err));
	}
	*writer = w;
	return 0;
}

/**
 * writer_submit() - Hand a job over.
 * @writer: The writer.
 * @job: The job.
 *
 * Returns at once. Any thread.
 *
 * Return: 0; -EAGAIN where %WRITER_QUEUE_MAX jobs wait, -ESHUTDOWN after
 * writer_stop() was called. @done is not called then.
 */
int writer_submit(struct writer *writer, struct writer_job *job)
{
	int err = 0;

	job->next = NULL;
	pthread_mutex_lock(&writer->lock);
	if (writer->stopping) {
		err = -ESHUTDOWN;
	} else if (writer->counters.queued >= WRITER_QUEUE_MAX) {
		err = -EAGAIN;
	} else {
		*writer->last = job;
		writer->last = &job->next;
		writer->counters.queued++;
		pthread_cond_signal(&writer->come);
	}
	pthread_mutex_unlock(&writer->lock);
	return err;
}

struct waiting {
	struct writer_job job;
	struct writer_job *inner;
	sem_t done;
};

static int waiting_run(struct store *store, struct writer_job *job)
{
	struct waiting *waiting = (struct waiting *)job;
	int err = waiting->inner->run(store, waiting->inner);

	if (err)
		job->error = waiting->inner->error;
	return err;
}

static void waiting_done(struct writer_job *job)
{
	struct waiting *waiting = (struct waiting *)job;

	sem_post(&waiting->done);
}

/**
 * writer_run() - Hand a job over and wait for its result.
 * @writer: The writer.
 * @job: The job; its @done is not called.
 *
 * Sleeps. Any thread but the writer's.
 *
 * Return: The result, or as writer_submit().
 */
int writer_run(struct writer *writer, struct writer_job *job)
{
	struct waiting waiting = {
		.job = { .run = waiting_run, .done = waiting_done },
		.inner = job,
	};
	int err;

	sem_init(&waiting.done, 0, 0);
	err = writer_submit(writer, &waiting.job);
	if (!err) {
		while (sem_wait(&waiting.done))
			;	/* a signal came */
		err = waiting.job.result;
		job->result = err;
		job->error = waiting.job.error;
	}
	sem_destroy(&waiting.done);
	return err;
}

/**
 * writer_count() - What a writer did, for metrics. Any thread.
 * @writer: The writer.
 * @counters: Receives it.
 */
void writer_count(struct writer *writer, struct writer_counters *counters)
{
	pthread_mutex_lock(&writer->lock);
	*counters = writer->counters;
	pthread_mutex_unlock(&writer->lock);
}

/**
 * writer_stop() - Do what waits, and end the thread.
 * @writer: The writer; gone afterwards. The store is the caller's again.
 */
void writer_stop(struct writer *writer)
{
	pthread_mutex_lock(&writer->lock);
	writer->stopping = true;
	pthread_cond_signal(&writer->come);
	pthread_mutex_unlock(&writer->lock);
	pthread_join(writer->thread, NULL);
	pthread_cond_destroy(&writer->come);
	pthread_mutex_destroy(&writer->lock);
	free(writer);
}
