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

void domain_tell(struct domain_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * domain_fail() - Say why something was refused.
 * @error: Receives the text, cut where it is too long.
 * @code: Negative errno to hand on.
 * @...: Format and arguments as for printf(); no final full stop or newline.
 *
 * A macro, so that whoever reads the caller, a program too, sees what it returns.
 *
 * Return: @code.
 */
#define domain_fail(error, code, ...) ({ \
	int domain_code = (code); \
	domain_tell(error, __VA_ARGS__); \
	domain_code; \
})

#endif /* DOMAIN_ERROR_H */
