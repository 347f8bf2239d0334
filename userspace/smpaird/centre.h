/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls to the management centre: HTTPS with a certificate on both sides.
 */
#ifndef SMPAIRD_CENTRE_H
#define SMPAIRD_CENTRE_H

#include <stddef.h>
#include <stdint.h>

#include "smpaird/conf.h"
#include "smpaird/loop.h"

#define CENTRE_PATH_SIZE	128
#define CENTRE_KEY_SIZE		33

struct centre_call;

/**
 * struct centre_result - how a call ended
 * @status: HTTP status; 0 where the centre could not be reached.
 * @why: What went wrong where @status is 0.
 * @body: The body; wiped when the callback returns.
 * @len: Bytes at @body.
 * @retry_after: Seconds that the centre wants us to wait, 0 where it does not say.
 */
struct centre_result {
	long status;
	const char *why;
	const uint8_t *body;
	size_t len;
	unsigned int retry_after;
};

typedef void (*centre_done_fn)(void *arg, const struct centre_result *result);

/**
 * struct centre_order - a call to make
 * @method: "GET", "POST" or "PUT".
 * @path: Below the centre's address.
 * @body: JSON, or NULL; copied.
 * @key: Idempotency key, or NULL.
 * @deadline: Its end at the latest, in milliseconds of the monotonic clock.
 */
struct centre_order {
	const char *method;
	const char *path;
	const char *body;
	const char *key;
	int64_t deadline;
};

int centre_call(struct loop *loop, const struct conf *conf, const struct centre_order *order,
		centre_done_fn done, void *arg, struct centre_call **call);
void centre_cancel(struct centre_call *call);
void centre_transfer_done(CURL *easy, CURLcode result);
void centre_new_key(char key[CENTRE_KEY_SIZE]);

#endif /* SMPAIRD_CENTRE_H */
