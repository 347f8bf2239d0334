// SPDX-License-Identifier: GPL-2.0
#include "kcov.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <linux/kcov.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#define TRACE_WORDS	(1UL << 18)
#define SEEN_BITS	18

static unsigned long *trace;
static int fd = -1;

static uint8_t edges[1 << (SEEN_BITS - 3)], blocks[1 << (SEEN_BITS - 3)];
static unsigned int block_count;

int kcov_open(void)
{
	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	fd = open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, KCOV_INIT_TRACE, TRACE_WORDS))
		return -errno;
	trace = mmap(NULL, TRACE_WORDS * sizeof(*trace), PROT_READ | PROT_WRITE, MAP_SHARED,
		     fd, 0);
	if (trace == MAP_FAILED)
		return -errno;
	return ioctl(fd, KCOV_ENABLE, KCOV_TRACE_PC) ? -errno : 0;
}

void kcov_start(void)
{
	__atomic_store_n(&trace[0], 0, __ATOMIC_RELAXED);
}

static bool note(uint8_t *seen, uint64_t what)
{
	uint64_t bit = what * 0x9e3779b97f4a7c15ULL >> (64 - SEEN_BITS);
	bool new = !(seen[bit >> 3] >> (bit & 7) & 1);

	seen[bit >> 3] |= 1 << (bit & 7);
	return new;
}

unsigned int kcov_stop(void)
{
	unsigned long count = __atomic_load_n(&trace[0], __ATOMIC_RELAXED), i;
	unsigned int new = 0;
	uint64_t before = 0;

	for (i = 1; i <= count && i < TRACE_WORDS; i++) {
		block_count += note(blocks, trace[i]);
		new += note(edges, trace[i] ^ before << 1);
		before = trace[i];
	}
	return new;
}

unsigned int kcov_blocks(void)
{
	return block_count;
}
