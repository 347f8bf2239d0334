// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "hex.h"

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* 0, -EINVAL for anything but pairs of digits, -EMSGSIZE beyond @size. */
int hex_parse(const char *text, size_t text_len, uint8_t *bytes, size_t size, size_t *len)
{
	size_t i;

	if (text_len % 2)
		return -EINVAL;
	if (text_len / 2 > size)
		return -EMSGSIZE;
	for (i = 0; i < text_len; i += 2) {
		if (digit(text[i]) < 0 || digit(text[i + 1]) < 0)
			return -EINVAL;
		bytes[i / 2] = (uint8_t)(digit(text[i]) << 4 | digit(text[i + 1]));
	}
	*len = text_len / 2;
	return 0;
}
