/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_TIMEKEEPING_H
#define SHIM_LINUX_TIMEKEEPING_H

#include <linux/ktime.h>

static inline ktime_t ktime_get_boottime(void)
{
	return shim_time;
}

#endif /* SHIM_LINUX_TIMEKEEPING_H */
