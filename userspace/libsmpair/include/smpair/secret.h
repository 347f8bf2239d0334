/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory for secrets: locked, kept out of core dumps and of child processes,
 * fenced by unreadable pages, and wiped when it is freed.
 */
#ifndef SMPAIR_SECRET_H
#define SMPAIR_SECRET_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Most bytes that one buffer may hold: what a logon key may hold. */
#define SMPAIR_SECRET_MAX	32767

struct smpair_secret;

int smpair_secret_new(size_t size, struct smpair_secret **secret);
uint8_t *smpair_secret_data(struct smpair_secret *secret);
size_t smpair_secret_size(const struct smpair_secret *secret);
int smpair_secret_trim(struct smpair_secret *secret, size_t size);
void smpair_secret_free(struct smpair_secret *secret);

#ifdef __cplusplus
}
#endif

#endif /* SMPAIR_SECRET_H */
