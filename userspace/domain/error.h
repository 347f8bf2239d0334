/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why something was refused, in words for the person who can act on it: what
 * is wrong, then what to do. Never holds a value that may be secret.
 */
#ifndef DOMAIN_ERROR_H
#define DOMAIN_ERROR_H

struct domain_error {
	char text[512];
};

int domain_fail(struct domain_error *error, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif /* DOMAIN_ERROR_H */
