/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forms as browsers send them, application/x-www-form-urlencoded.
 */
#ifndef CENTRE_CONSOLE_FORM_H
#define CENTRE_CONSOLE_FORM_H

#include <stddef.h>

#define FORM_FIELDS	12

/**
 * struct form - A decoded form; names and values are in the body that was decoded.
 * @count: Fields.
 * @name: Their names.
 * @value: Their values.
 */
struct form {
	size_t count;
	const char *name[FORM_FIELDS];
	const char *value[FORM_FIELDS];
};

int form_decode(struct form *form, char *body, size_t len);
const char *form_get(const struct form *form, const char *name);

#endif /* CENTRE_CONSOLE_FORM_H */
