/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the next page of a listing begins, as a text that nobody else can make.
 */
#ifndef CENTRE_CURSOR_H
#define CENTRE_CURSOR_H

#include <stddef.h>
#include <stdint.h>

#define CURSOR_KEY_LEN	32
#define CURSOR_MAX	24	/* bytes of a position */
#define CURSOR_SCOPE	5	/* texts that a cursor is bound to */
#define CURSOR_SIZE	64	/* bytes of a text, with its NUL */

/**
 * struct cursor - A position in a listing.
 * @len: Bytes of @at.
 * @at: The key of the last row that was shown.
 */
struct cursor {
	size_t len;
	uint8_t at[CURSOR_MAX];
};

void cursor_write(const struct cursor *cursor, const uint8_t key[CURSOR_KEY_LEN],
		  const char *const scope[], char text[CURSOR_SIZE]);
int cursor_read(struct cursor *cursor, const uint8_t key[CURSOR_KEY_LEN],
		const char *const scope[], const char *text);

#endif /* CENTRE_CURSOR_H */
