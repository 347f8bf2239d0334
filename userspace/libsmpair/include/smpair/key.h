/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Secrets on their way to the driver: logon keys of the kernel's key retention
 * service, which user space can make but never read.
 */
#ifndef SMPAIR_KEY_H
#define SMPAIR_KEY_H

#include <stddef.h>
#include <stdint.h>

#include <smpair/pin.h>
#include <smpair/secret.h>

#ifdef __cplusplus
extern "C" {
#endif

int smpair_key_add_pin(const char pin[SMPAIR_PIN_LEN], int32_t *serial);
int smpair_key_add_host(struct smpair_secret *payload, int32_t *serial);
int smpair_key_find(const char *name, int32_t *serial);
int smpair_key_drop(int32_t serial);

int smpair_hostkey_read(const char *path, struct smpair_secret **payload);
int smpair_hostkey_check(const uint8_t *payload, size_t len, uint8_t id[8]);

#ifdef __cplusplus
}
#endif

#endif /* SMPAIR_KEY_H */
