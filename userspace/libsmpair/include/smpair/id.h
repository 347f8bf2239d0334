/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Identifiers of modules and hosts as people read them: ISSUER-SERIAL-CC.
 */
#ifndef SMPAIR_ID_H
#define SMPAIR_ID_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Longest text, "65535-281474976710655-49", with its terminating NUL. */
#define SMPAIR_ID_TEXT_SIZE	25

int smpair_id_parse(const char *text, uint8_t id[8]);
int smpair_id_format(const uint8_t id[8], char *buf, size_t size);

#ifdef __cplusplus
}
#endif

#endif /* SMPAIR_ID_H */
