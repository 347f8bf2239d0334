/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's own fault injection: allocations and copies from and to user
 * space that fail at a place of the test's choice. Documentation/fault-injection
 * of the kernel tells how it works.
 */
#ifndef RIG_FAULTINJ_H
#define RIG_FAULTINJ_H

#include <stdbool.h>

#define FAULTINJ_MAX	2000	/* more than any operation has places to fail at */

/* NULL, or why this kernel cannot do it */
const char *faultinj_task_missing(void);	/* faults of the calling thread */
const char *faultinj_module_missing(void);	/* faults of a kernel module, in any thread */
/* Puts the knobs where the functions below expect them, and nothing fails. */
bool faultinj_setup(void);

/*
 * Fails the @nth allocation or copy of the calling thread from now on; with
 * @module only allocations count that have its code among their callers.
 */
bool faultinj_task_arm(const char *module, unsigned int nth);
/* Nothing fails any more; true if something has. */
bool faultinj_task_disarm(void);

/*
 * Fails the @nth slab allocation from now on that has code of kernel module
 * @module among its callers, in whichever thread: work items included.
 */
bool faultinj_module_arm(const char *module, unsigned int nth);
/*
 * True if it has failed. Otherwise @allocate is called, which does something
 * harmless that allocates in the module, until the kernel's count is known.
 */
bool faultinj_module_disarm(void (*allocate)(void *ctx), void *ctx);

/* Memory that nobody points to, shown; -1 when it cannot be told. Takes seconds. */
int faultinj_leaks(void);

#endif /* RIG_FAULTINJ_H */
