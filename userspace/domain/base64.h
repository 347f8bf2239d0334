/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DOMAIN_BASE64_H
#define DOMAIN_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of text, with its NUL, for @len bytes of data */
#define DOMAIN_BASE64_SIZE(len)	(((len) + 2) / 3 * 4 + 1)

void domain_base64_encode(const uint8_t *data, size_t len, char *text);
int domain_base64_decode(const char *text, uint8_t *data, size_t size, size_t *len);

#endif /* DOMAIN_BASE64_H */
