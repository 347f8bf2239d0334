/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PINs as people say and type them: eight digits, grouped, with an optional
 * Damm check digit as the ninth.
 */
#ifndef SMPAIR_PIN_H
#define SMPAIR_PIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SMPAIR_PIN_LEN		8

char smpair_pin_check_digit(const char pin[SMPAIR_PIN_LEN]);
int smpair_pin_parse(const char *text, size_t len, char pin[SMPAIR_PIN_LEN]);

#ifdef __cplusplus
}
#endif

#endif /* SMPAIR_PIN_H */
