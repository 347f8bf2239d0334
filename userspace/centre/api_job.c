// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <time.h>

#include <nettle/sha2.h>

#include "centre/api_job.h"

/**
 * api_digest() - Tell one request from another.
 * @call: The request.
 * @digest: Receives SHA-256 of its path and body.
 */
void api_digest(const struct api_call *call, uint8_t digest[STORE_DIGEST_LEN])
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, strlen(call->path) + 1, (const uint8_t *)call->path);
	sha256_update(&ctx, call->len, (const uint8_t *)call->body);
	sha256_digest(&ctx, STORE_DIGEST_LEN, digest);
}

/* 1 where it was done before, 0 where not, or a negative errno. */
static int repeat(struct store *store, struct api_job *job, struct domain_error *error)
{
	struct store_replay replay;
	int ret;

	if (!job->call->key)
		return 0;
	ret = store_get_replay(store, job->call->client.name, job->call->key, &replay, error);
	if (ret > 0 && memcmp(replay.digest, job->digest, sizeof(replay.digest)))
		return domain_fail(error, -EEXIST,
				   "this idempotency key was used for another request");
	if (ret > 0)
		job->value = replay.attempts_left;
	return ret;
}

static int remember(struct store *store, struct api_job *job, struct domain_error *error)
{
	struct store_replay replay = { .cause = "done", .attempts_left = job->value };

	if (!job->call->key)
		return 0;
	memcpy(replay.digest, job->digest, sizeof(replay.digest));
	return store_add_replay(store, job->call->client.name, job->call->key, &replay, job->now,
				error);
}

static int run(struct store *store, struct writer_job *writer_job)
{
	struct api_job *job = (struct api_job *)writer_job;
	int ret;

	ret = repeat(store, job, &writer_job->error);
	job->repeated = ret > 0;
	if (ret)
		return ret < 0 ? ret : 0;
	ret = job->act(store, job, &writer_job->error);
	return ret ? ret : remember(store, job, &writer_job->error);
}

/**
 * api_run() - Make a change, unless it was made before under the same key.
 * @call: The request.
 * @job: The change; @act and what it needs are set.
 *
 * Return: 0 where it is durable, -EEXIST where the key was used for another
 * request and @act does not return that; or what @act returned.
 */
int api_run(struct api_call *call, struct api_job *job)
{
	job->job.run = run;
	job->call = call;
	job->now = time(NULL);
	api_digest(call, job->digest);
	return writer_run(call->service->writer, &job->job);
}

/**
 * api_job_failed() - Tell why a change was not made.
 * @call: The request.
 * @reply: Receives the problem.
 * @err: From api_run().
 * @job: The change.
 */
void api_job_failed(struct api_call *call, struct api_reply *reply, int err,
		    const struct api_job *job)
{
	switch (err) {
	case -EEXIST:
		api_problem(reply, 409, "idempotency-key-used",
			    "this Idempotency-Key was used for another request",
			    "make a new key for a new request");
		return;
	case -ENOENT:
		api_problem(reply, 404, "unknown", "what is named is not registered here",
			    "compare the identifiers with the labels");
		break;
	case -EPERM:
		api_problem(reply, 403, "role", "this certificate's role may not do that",
			    "let a supervisor do it");
		break;
	case -EDOM:
		api_problem(reply, 400, "bad-request", "a member of the body is missing or wrong",
			    "correct the member that is named in detail");
		break;
	default:
		api_failed(call, reply, err, &job->job.error);
		return;
	}
	json_object_set_new(reply->object, "detail", json_string(job->job.error.text));
}
