/* SPDX-License-Identifier: GPL-2.0 */
/* Keys of type trusted, sealed by the machine's TPM. */
#ifndef RIG_TRUSTED_H
#define RIG_TRUSTED_H

#include <stdint.h>

#include "domain.h"

/*
 * Both add one to the process keyring. Its serial or -errno: -ENOENT without a TPM,
 * -ENODEV without the type.
 */
int32_t rig_trusted_key(const struct rig_host *host);	/* host secrets */
int32_t rig_trusted_random_key(void);			/* 32 bytes that nobody knows */

#endif /* RIG_TRUSTED_H */
