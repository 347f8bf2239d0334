/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SMPAIRCTL_HEX_H
#define SMPAIRCTL_HEX_H

#include <stddef.h>
#include <stdint.h>

int hex_parse(const char *text, size_t text_len, uint8_t *bytes, size_t size, size_t *len);

#endif /* SMPAIRCTL_HEX_H */
