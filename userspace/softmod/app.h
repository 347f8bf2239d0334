/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The application behind the envelope. The first byte of a message says what
 * is wanted: echo, random bytes, or a MAC under a key of the module.
 */
#ifndef SOFTMOD_APP_H
#define SOFTMOD_APP_H

#include "softmod/core/module.h"

#define APP_ECHO	0x00	/* rest of the message, back as it is */
#define APP_RANDOM	0x01	/* u16 count: so many random bytes */
#define APP_HMAC	0x02	/* HMAC-SHA-256 of the rest of the message */

#define APP_KEY_LABEL	"app-hmac"

extern const struct sm_app softmod_app;

#endif /* SOFTMOD_APP_H */
