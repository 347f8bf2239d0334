/* SPDX-License-Identifier: GPL-2.0 */
/* The machine's TPM 2.0, as far as it seals data for keys of type trusted. */
#ifndef RIG_TPM_H
#define RIG_TPM_H

#include <stddef.h>
#include <stdint.h>

#define RIG_TPM_PARENT		0x81000001	/* the storage key, made when it is missing */
#define RIG_TPM_DATA_MAX	128
#define RIG_TPM_SEALED_MAX	1024

/*
 * Seals @len bytes, at most RIG_TPM_DATA_MAX, without a password. @sealed gets the private
 * and the public part, both with their lengths. Returns the length of both, or -errno:
 * -ENOENT without a TPM, -EIO when it refuses.
 */
int rig_tpm_seal(const void *data, size_t len, uint8_t sealed[RIG_TPM_SEALED_MAX]);

#endif /* RIG_TPM_H */
