/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens before the first command after power-up (section 8). */
#ifndef SOFTMOD_CORE_RECOVERY_H
#define SOFTMOD_CORE_RECOVERY_H

#include "softmod/core/module.h"

/**
 * sm_recover() - read the records, finish what a cut left, set the state
 * @m: module; handshake and session are already ended
 * @count: whether this power-up is still to be counted in BOOT
 *
 * A module found damaged is left as it is.
 *
 * Return: 0, SM_EVIRGIN, SM_EDAMAGED, or SM_EIO when flash failed.
 */
int sm_recover(struct sm_module *m, bool count);

#endif /* SOFTMOD_CORE_RECOVERY_H */
