/* SPDX-License-Identifier: GPL-2.0 */
/* Time, which stands still unless a target moves shim_time. */
#ifndef SHIM_LINUX_KTIME_H
#define SHIM_LINUX_KTIME_H

#include <linux/types.h>

typedef s64 ktime_t;

#define MSEC_PER_SEC	1000

extern ktime_t shim_time;	/* milliseconds */

#define ktime_sub(a, b)		((a) - (b))
#define ktime_to_ms(t)		(t)

#endif /* SHIM_LINUX_KTIME_H */
