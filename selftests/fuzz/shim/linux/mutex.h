/* SPDX-License-Identifier: GPL-2.0 */
/* One thread: a mutex only tells whether it is taken in the right order. */
#ifndef SHIM_LINUX_MUTEX_H
#define SHIM_LINUX_MUTEX_H

#include <linux/types.h>
#include <stdlib.h>

struct mutex {
	bool held;
};

#define DEFINE_MUTEX(name)	struct mutex name

static inline void mutex_init(struct mutex *mutex)
{
	mutex->held = false;
}

static inline void mutex_destroy(struct mutex *mutex)
{
	if (mutex->held)
		abort();
}

static inline void mutex_lock(struct mutex *mutex)
{
	if (mutex->held)
		abort();
	mutex->held = true;
}

static inline void mutex_unlock(struct mutex *mutex)
{
	if (!mutex->held)
		abort();
	mutex->held = false;
}

#define lockdep_assert_held(mutex) \
	do { if (!(mutex)->held) abort(); } while (0)

#endif /* SHIM_LINUX_MUTEX_H */
