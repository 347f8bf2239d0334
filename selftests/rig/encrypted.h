/* SPDX-License-Identifier: GPL-2.0 */
/* Host secrets in a key of type encrypted. */
#ifndef RIG_ENCRYPTED_H
#define RIG_ENCRYPTED_H

#include <stdint.h>

#include "domain.h"

/* Adds it to the process keyring; its serial or -errno, -ENODEV without the type */
int32_t rig_encrypted_key(const struct rig_host *host);

#endif /* RIG_ENCRYPTED_H */
