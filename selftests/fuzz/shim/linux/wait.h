/* SPDX-License-Identifier: GPL-2.0 */
/* A wait is where the other side gets its turn: the target that waits defines it. */
#ifndef SHIM_LINUX_WAIT_H
#define SHIM_LINUX_WAIT_H

#include <linux/errno.h>
#include <linux/types.h>

typedef struct { int unused; } wait_queue_head_t;

#define init_waitqueue_head(wait)	((wait)->unused = 0)

/* Lets the other side do one thing; false: it does nothing more in time. */
bool shim_wait(void);

#define wait_event_idle_timeout(wait, condition, timeout) \
	do { (void)(timeout); } while (!(condition) && shim_wait())
#define wait_event_interruptible(wait, condition) \
	({ \
		int wait_ = 0; \
		while (!(condition) && !wait_) \
			wait_ = shim_wait() ? 0 : -ERESTARTSYS; \
		wait_; \
	})
#define wake_up_all(wait)			((void)(wait))
#define wake_up_interruptible_poll(wait, mask)	((void)(wait))

#endif /* SHIM_LINUX_WAIT_H */
