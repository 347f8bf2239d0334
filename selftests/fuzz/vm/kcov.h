/* SPDX-License-Identifier: GPL-2.0 */
/* Which code of the kernel this thread has run. */
#ifndef FUZZ_VM_KCOV_H
#define FUZZ_VM_KCOV_H

#include <stdbool.h>

int kcov_open(void);		/* 0 or -errno; for the calling thread */
void kcov_start(void);		/* from here on, for one input */
unsigned int kcov_stop(void);	/* steps from one block to another not seen before */
unsigned int kcov_blocks(void);	/* blocks seen so far */

#endif /* FUZZ_VM_KCOV_H */
