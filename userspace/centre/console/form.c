// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "centre/console/form.h"

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In place, since nothing gets longer; NULL where an escape is none or a NUL. */
static char *unescape(char *text, size_t len)
{
	char *out = text, *end = text + len, *in;
	int high, low;

	for (in = text; in < end; in++) {
		if (*in == '+') {
			*out++ = ' ';
		} else if (*in != '%') {
			*out++ = *in;
		} else {
			high = end - in > 2 ? hex(in[1]) : -1;
			low = end - in > 2 ? hex(in[2]) : -1;
			if (high < 0 || low < 0)
				return NULL;
			*out++ = (char)(high << 4 | low);
			in += 2;
		}
		if (!out[-1])
			return NULL;
	}
	*out = '\0';
	return text;
}

static int add(struct form *form, char *pair, size_t len)
{
	char *equals = memchr(pair, '=', len), *name, *value;
	size_t name_len = equals ? (size_t)(equals - pair) : 0;

	if (!name_len || form->count == FORM_FIELDS)
		return -EINVAL;
	value = unescape(equals + 1, len - name_len - 1);
	name = unescape(pair, name_len);
	/* A name that comes twice might be read differently in two places. */
	if (!name || !value || form_get(form, name))
		return -EINVAL;
	form->name[form->count] = name;
	form->value[form->count++] = value;
	return 0;
}

/**
 * form_decode() - Decode a form.
 * @form: Receives the fields, which point into @body.
 * @body: The body, changed; has room for a NUL after it.
 * @len: Bytes at @body; 0 is a form without fields.
 *
 * Return: 0 or -EINVAL: no form, a name twice, or more than %FORM_FIELDS.
 */
int form_decode(struct form *form, char *body, size_t len)
{
	char *end = body + len, *and;
	int err = 0;

	memset(form, 0, sizeof(*form));
	while (len && !err) {
		and = memchr(body, '&', (size_t)(end - body));
		err = add(form, body, (size_t)((and ? and : end) - body));
		if (!and)
			break;
		body = and + 1;
	}
	return err;
}

/**
 * form_get() - Value of a field.
 * @form: The form.
 * @name: Its name.
 *
 * Return: The value, or NULL where there is no such field.
 */
const char *form_get(const struct form *form, const char *name)
{
	size_t i;

	for (i = 0; i < form->count; i++)
		if (!strcmp(form->name[i], name))
			return form->value[i];
	return NULL;
}
