/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CENTRE_REQUEST_CODE_H
#define CENTRE_REQUEST_CODE_H

#include <stdbool.h>
#include <stdint.h>

bool request_code_parse(const char *text, uint32_t *code);

#endif /* CENTRE_REQUEST_CODE_H */
