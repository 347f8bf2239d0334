// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory that holds secrets, and where they come from.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>

#include "domain/secret.h"

/* Size of an allocation, kept in front of it for the wipe. */
#define HEADER	_Alignof(max_align_t)

/**
 * domain_no_core_dumps() - Keep secrets out of core dumps and debuggers.
 *
 * Called first in main(). A failure leaves the process as it was started, which
 * is no reason to refuse work.
 */
void domain_no_core_dumps(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
}

/**
 * domain_random() - Random bytes from the kernel.
 * @buf: Receives @len bytes; wiped on error.
 * @len: Bytes wanted.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int domain_random(void *buf, size_t len, struct domain_error *error)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = getrandom((char *)buf + done, len - done, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			n = -errno;
			explicit_bzero(buf, len);
			return domain_fail(error, (int)n,
					   "the kernel gave no random bytes: %s",
					   strerror((int)-n));
		}
		done += (size_t)n;
	}
	return 0;
}

/**
 * domain_secret_alloc() - Allocate memory that is wiped when it is freed.
 * @size: Bytes.
 *
 * Return: Memory for domain_secret_free(), or NULL.
 */
void *domain_secret_alloc(size_t size)
{
	char *p;

	if (size > SIZE_MAX - HEADER)
		return NULL;
	p = malloc(HEADER + size);
	if (!p)
		return NULL;
	memcpy(p, &size, sizeof(size));
	return p + HEADER;
}

/**
 * domain_secret_free() - Wipe and free.
 * @p: From domain_secret_alloc(), or NULL.
 */
void domain_secret_free(void *p)
{
	size_t size;
	char *start;

	if (!p)
		return;
	start = (char *)p - HEADER;
	memcpy(&size, start, sizeof(size));
	explicit_bzero(start, HEADER + size);
	free(start);
}
