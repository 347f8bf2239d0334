/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_RANDOM_H
#define SHIM_RANDOM_H

/* Which of the following draws fails, counted from 1; 0: none */
extern unsigned int shim_random_fail;

/* From here on the same random bytes follow as after each other call. */
void shim_random_reset(void);

#endif /* SHIM_RANDOM_H */
