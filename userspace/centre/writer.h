/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one thread that writes. Jobs of several threads share a transaction and
 * with it the wait for the disk: as many as are there when one ends, at most
 * WRITER_GROUP_MAX or as many as begin within WRITER_GROUP_NS.
 */
#ifndef CENTRE_WRITER_H
#define CENTRE_WRITER_H

#include <stdint.h>

#include "centre/store.h"

#define WRITER_GROUP_MAX	64
#define WRITER_GROUP_NS		20000000
/* Jobs that may wait; further ones are refused. */
#define WRITER_QUEUE_MAX	4096

struct writer;

/**
 * struct writer_job - Something to be done in a transaction. Embedded in what
 *	the caller needs; belongs to the writer from writer_submit() until @done.
 * @run: Called on the writer's thread inside a transaction that it must neither
 *	end nor mark. Returns 0, or a negative errno with a text in @error: what
 *	it changed is undone then, other jobs of the group are not touched. Called
 *	again where the group could not be made durable as a whole: it must start
 *	from the job's inputs each time.
 * @done: Called on the writer's thread once the result is final: @result 0 means
 *	durable; -ENOTCONN: the database went away, and it may be durable or not.
 *	Must not wait.
 * @error: Reason of a failure.
 * @result: What @run returned, or why it could not be made durable.
 * @next: Private.
 */
struct writer_job {
	int (*run)(struct store *store, struct writer_job *job);
	void (*done)(struct writer_job *job);
	struct domain_error error;
	int result;
	struct writer_job *next;
};

/**
 * struct writer_counters - What a writer did since it was started.
 * @jobs: Jobs that ended.
 * @failed: Of these, with a negative result.
 * @groups: Transactions that were made durable.
 * @replays: Groups that were done again job by job.
 * @queued: Jobs that wait now.
 */
struct writer_counters {
	uint64_t jobs;
	uint64_t failed;
	uint64_t groups;
	uint64_t replays;
	unsigned int queued;
};

int writer_start(struct writer **writer, struct store *store,
		 struct domain_error *error);
int writer_submit(struct writer *writer, struct writer_job *job);
int writer_run(struct writer *writer, struct writer_job *job);
void writer_count(struct writer *writer, struct writer_counters *counters);
void writer_stop(struct writer *writer);

#endif /* CENTRE_WRITER_H */
