// SPDX-License-Identifier: LGPL-2.1-or-later
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <smpair/secret.h>

/*
 * Layout: guard page | header and data | guard page. An overrun ends at a
 * guard instead of in someone else's memory.
 */
struct smpair_secret {
	size_t size;
	size_t mapped;		/* bytes between the guards */
	uint8_t data[];
};

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/**
 * smpair_secret_new() - Allocate memory for a secret.
 * @size: Bytes, 1 to %SMPAIR_SECRET_MAX.
 * @secret: Receives the buffer, all zero; free it with smpair_secret_free().
 *
 * The memory is locked (never swapped), absent from core dumps, and reads as
 * zero in a forked child. A system that cannot give that gets an error instead
 * of weaker memory.
 *
 * Return: 0, or -EINVAL for @size, -ENOMEM or -EPERM where the limit on locked
 * memory (RLIMIT_MEMLOCK) is reached.
 */
int smpair_secret_new(size_t size, struct smpair_secret **secret)
{
	size_t page = page_size(), mapped;
	struct smpair_secret *s;
	uint8_t *map;
	int err;

	if (!size || size > SMPAIR_SECRET_MAX)
		return -EINVAL;

	mapped = (sizeof(*s) + size + page - 1) / page * page;
	map = mmap(NULL, mapped + 2 * page, PROT_NONE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return -errno;

	s = (struct smpair_secret *)(map + page);
	/* mlock2(), since the sanitizers turn mlock() into nothing. */
	if (mprotect(s, mapped, PROT_READ | PROT_WRITE) ||
	    madvise(s, mapped, MADV_DONTDUMP) ||
	    madvise(s, mapped, MADV_WIPEONFORK) ||
	    mlock2(s, mapped, 0)) {
		err = -errno;
		munmap(map, mapped + 2 * page);
		return err;
	}
	s->size = size;
	s->mapped = mapped;
	*secret = s;
	return 0;
}

/**
 * smpair_secret_data() - The bytes of a secret.
 * @secret: From smpair_secret_new().
 *
 * Return: Its memory, smpair_secret_size() bytes, valid until it is freed.
 */
uint8_t *smpair_secret_data(struct smpair_secret *secret)
{
	return secret->data;
}

/**
 * smpair_secret_size() - How long a secret is.
 * @secret: From smpair_secret_new().
 *
 * Return: Bytes.
 */
size_t smpair_secret_size(const struct smpair_secret *secret)
{
	return secret->size;
}

/**
 * smpair_secret_trim() - Shorten a secret; what is cut off is wiped.
 * @secret: From smpair_secret_new().
 * @size: New size in bytes, at most the present one.
 *
 * Return: 0, or -EINVAL where @size is larger than the present size.
 */
int smpair_secret_trim(struct smpair_secret *secret, size_t size)
{
	if (size > secret->size)
		return -EINVAL;
	explicit_bzero(secret->data + size, secret->size - size);
	secret->size = size;
	return 0;
}

/**
 * smpair_secret_free() - Wipe and release a secret.
 * @secret: From smpair_secret_new(), or NULL.
 */
void smpair_secret_free(struct smpair_secret *secret)
{
	size_t page = page_size(), mapped;

	if (!secret)
		return;
	mapped = secret->mapped;
	explicit_bzero(secret, mapped);
	munmap((uint8_t *)secret - page, mapped + 2 * page);
}
