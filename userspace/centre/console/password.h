/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CENTRE_CONSOLE_PASSWORD_H
#define CENTRE_CONSOLE_PASSWORD_H

#include <stdbool.h>

#include "domain/error.h"

/* Bytes that a password has; more than the most cannot be typed anyway. */
#define PASSWORD_MIN	12
#define PASSWORD_MAX	256
/* Bytes for a hash, with its NUL. */
#define PASSWORD_HASH_SIZE	128

int password_read(int fd, char password[PASSWORD_MAX + 1], struct domain_error *error);
int password_ask(char password[PASSWORD_MAX + 1], struct domain_error *error);
int password_hash(const char *password, char hash[PASSWORD_HASH_SIZE],
		  struct domain_error *error);
bool password_fits(const char *password, const char *hash);

#endif /* CENTRE_CONSOLE_PASSWORD_H */
