// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "centre/buckets.h"
#include "centre/limiter.h"
#include "domain/secret.h"

/* Seconds between writes. */
#define WRITE_S		1
/* Writes after which rows are removed that say nothing any more. */
#define EXPIRE_EVERY	600
/* Each is asked for first, and the database is locked meanwhile. */
#define AT_ONCE		16

/**
 * struct limiter - The limits.
 * @lock: Guards @buckets and @stop.
 * @wake: @stop was set.
 * @stop: The thread is to end.
 * @thread: Writes.
 * @writer: Where to.
 * @buckets: The buckets.
 */
struct limiter {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
	pthread_t thread;
	struct writer *writer;
	struct buckets buckets;
};

/**
 * struct saving - Some buckets, as a job of the writer.
 * @job: The job; it may be run more than once.
 * @rules: What each scope allows.
 * @now: Milliseconds since 1970.
 * @of: The buckets as they are here.
 * @merged: The same as all centres know them, once it was run.
 * @count: How many.
 */
struct saving {
	struct writer_job job;
	const struct limit_rule *rules;
	int64_t now;
	struct bucket of[AT_ONCE];
	struct bucket merged[AT_ONCE];
	unsigned int count;
};

struct expiring {
	struct writer_job job;
	int64_t before;
};

/* Restarts and boots do not matter to this clock. */
static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int merge(struct store *store, struct saving *saving, unsigned int i)
{
	const struct limit_rule *rule = &saving->rules[saving->of[i].name.scope];
	struct bucket *merged = &saving->merged[i];
	int ret;

	*merged = saving->of[i];
	ret = store_get_limit(store, &merged->name, &merged->limit, &saving->job.error);
	if (ret < 0)
		return ret;
	if (!ret)
		limit_fill(&merged->limit, rule, saving->now);
	limit_merge(&merged->limit, &saving->of[i].limit, saving->of[i].taken, rule,
		    saving->now);
	return store_set_limit(store, &merged->name, &merged->limit, &saving->job.error);
}

static int run_saving(struct store *store, struct writer_job *job)
{
	struct saving *saving = (struct saving *)job;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < saving->count; i++)
		err = merge(store, saving, i);
	return err;
}

static int run_expiring(struct store *store, struct writer_job *job)
{
	const struct expiring *expiring = (struct expiring *)job;

	return store_expire_limits(store, expiring->before, &job->error);
}

static void told(const struct writer_job *job)
{
	fprintf(stderr, "<%d>limits are not kept: %s\n", LOG_WARNING, job->error.text);
}

/* All buckets that changed, some at a time: nobody who asks waits for long. */
static void save(struct limiter *limiter, bool all)
{
	struct saving saving = {
		.job = { .run = run_saving }, .rules = limiter->buckets.rules,
	};
	unsigned int from = 0, i;
	int err = 0;

	while (!err && from < BUCKETS) {
		saving.now = now_ms();
		pthread_mutex_lock(&limiter->lock);
		saving.count = buckets_changed(&limiter->buckets, all, saving.now,
					       &from, saving.of, AT_ONCE);
		pthread_mutex_unlock(&limiter->lock);
		if (!saving.count)
			break;
		err = writer_run(limiter->writer, &saving.job);
		pthread_mutex_lock(&limiter->lock);
		for (i = 0; i < saving.count; i++)
			if (err)
				buckets_not_merged(&limiter->buckets, &saving.of[i]);
			else
				buckets_merged(&limiter->buckets, &saving.merged[i]);
		pthread_mutex_unlock(&limiter->lock);
	}
	if (err)
		told(&saving.job);
}

static void expire(struct limiter *limiter)
{
	/* Who was blocked for the longest time when last asking is forgiven by now. */
	struct expiring expiring = {
		.job = { .run = run_expiring },
		.before = now_ms() - LIMIT_BLOCK_MAX_MS - LIMIT_FORGET_MS,
	};

	if (writer_run(limiter->writer, &expiring.job))
		told(&expiring.job);
}

static bool wait_for_stop(struct limiter *limiter)
{
	struct timespec until;
	bool stop;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WRITE_S;
	pthread_mutex_lock(&limiter->lock);
	while (!limiter->stop &&
	       !pthread_cond_timedwait(&limiter->wake, &limiter->lock, &until))
		;
	stop = limiter->stop;
	pthread_mutex_unlock(&limiter->lock);
	return stop;
}

static void *write_behind(void *arg)
{
	struct limiter *limiter = arg;
	unsigned int round = 0;

	while (!wait_for_stop(limiter)) {
		save(limiter, false);
		if (!(round++ % EXPIRE_EVERY))
			expire(limiter);
	}
	save(limiter, true);
	return NULL;
}

static int load_one(const struct bucket_name *name, const struct limit_bucket *limit,
		    void *arg)
{
	buckets_put(arg, name, limit, now_ms());
	return 0;
}

/**
 * limiter_start() - Begin, with what was there when it last ended.
 * @limiter: Receives it; ended with limiter_stop().
 * @store: Where buckets are read, now only.
 * @writer: Who writes them; outlives the limiter.
 * @rules: What each scope allows.
 * @error: Receives the reason of a failure.
 *
 * Buckets that are less than half full or blocked, or of which a quarter was taken, are
 * written within a second or two, all at the end: a crash gives back half a bucket at
 * most. What is written is what was taken; several centres on one database so learn of
 * each other's.
 *
 * Return: 0 or a negative errno.
 */
int limiter_start(struct limiter **limiter, struct store *store,
		  struct writer *writer,
		  const struct limit_rule rules[LIMIT_SCOPES],
		  struct domain_error *error)
{
	struct limiter *l = calloc(1, sizeof(*l));
	int err;

	if (!l)
		return domain_fail(error, -ENOMEM, "out of memory");
	l->writer = writer;
	memcpy(l->buckets.rules, rules, sizeof(l->buckets.rules));
	err = domain_random(&l->buckets.seed, sizeof(l->buckets.seed), error);
	if (!err)
		err = store_each_limit(store, load_one, &l->buckets, error);
	if (!err) {
		pthread_mutex_init(&l->lock, NULL);
		pthread_cond_init(&l->wake, NULL);
		err = -pthread_create(&l->thread, NULL, write_behind, l);
		if (err)
			domain_fail(error, err, "no thread: %s", strerror(-err));
	}
	if (err)
		free(l);
	else
		*limiter = l;
	return err;
}

/**
 * limiter_take() - May somebody ask once more?
 * @limiter: The limiter; any thread.
 * @scope: What asks.
 * @id: Who.
 * @len: Bytes at @id, at most %BUCKET_ID_MAX.
 *
 * Return: 0, or the seconds after which to ask again.
 */
uint32_t limiter_take(struct limiter *limiter, enum limit_scope scope,
		      const void *id, size_t len)
{
	struct bucket_name name;
	uint32_t wait;

	bucket_name(&name, scope, id, len);
	pthread_mutex_lock(&limiter->lock);
	wait = buckets_take(&limiter->buckets, &name, now_ms());
	pthread_mutex_unlock(&limiter->lock);
	return wait;
}

/**
 * limiter_stop() - End, and write all that matters.
 * @limiter: The limiter; nobody asks it any more.
 */
void limiter_stop(struct limiter *limiter)
{
	pthread_mutex_lock(&limiter->lock);
	limiter->stop = true;
	pthread_cond_signal(&limiter->wake);
	pthread_mutex_unlock(&limiter->lock);
	pthread_join(limiter->thread, NULL);
	pthread_cond_destroy(&limiter->wake);
	pthread_mutex_destroy(&limiter->lock);
	free(limiter);
}
