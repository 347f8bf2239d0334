/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a request changes, as a job of the writer that is done once for each
 * idempotency key.
 */
#ifndef CENTRE_API_JOB_H
#define CENTRE_API_JOB_H

#include "centre/api.h"

/**
 * struct api_job - A change. Embedded as first member in what it needs.
 * @job: For the writer.
 * @call: The request.
 * @act: Makes the change: 0, or a negative errno and nothing is changed. May set
 *	@value.
 * @now: When, seconds since 1970.
 * @digest: Of the request.
 * @value: What a repeated request needs to be answered as before.
 * @repeated: It was done before; @value is that of then.
 */
struct api_job {
	struct writer_job job;
	struct api_call *call;
	int (*act)(struct store *store, struct api_job *job, struct domain_error *error);
	int64_t now;
	uint8_t digest[STORE_DIGEST_LEN];
	uint32_t value;
	bool repeated;
};

void api_digest(const struct api_call *call, uint8_t digest[STORE_DIGEST_LEN]);
int api_run(struct api_call *call, struct api_job *job);
void api_job_failed(struct api_call *call, struct api_reply *reply, int err,
		    const struct api_job *job);

#endif /* CENTRE_API_JOB_H */
