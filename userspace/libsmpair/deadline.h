/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Deadlines on the monotonic clock, in milliseconds.
 */
#ifndef LIBSMPAIR_DEADLINE_H
#define LIBSMPAIR_DEADLINE_H

#include <limits.h>
#include <stdint.h>
#include <time.h>

static inline int64_t smpair_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static inline int64_t smpair_deadline(unsigned int timeout_ms)
{
	return smpair_now() + timeout_ms;
}

/* What is left, in the form that poll() takes. */
static inline int smpair_left(int64_t deadline)
{
	int64_t left = deadline - smpair_now();

	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

#endif /* LIBSMPAIR_DEADLINE_H */
