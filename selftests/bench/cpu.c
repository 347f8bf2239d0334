// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include "cpu.h"

#include <sched.h>
#include <stdio.h>

#define UNBOUND_CPUS	"/sys/devices/virtual/workqueue/cpumask"

static char former[512];

static bool put_mask(const char *mask)
{
	FILE *f = fopen(UNBOUND_CPUS, "we");
	bool ok;

	if (!f)
		return false;
	ok = fputs(mask, f) >= 0;
	return !fclose(f) && ok;
}

bool cpu_use_one(void)
{
	FILE *f = fopen(UNBOUND_CPUS, "re");
	cpu_set_t one;
	bool ok;

	if (!f)
		return false;
	ok = fgets(former, sizeof(former), f);
	fclose(f);
	if (!ok || !put_mask("1"))
		return false;
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (!sched_setaffinity(0, sizeof(one), &one))
		return true;
	put_mask(former);
	return false;
}

void cpu_restore(void)
{
	put_mask(former);
}
