/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing HTML into memory: what is not part of the program is escaped here, and
 * nowhere else.
 */
#ifndef CENTRE_CONSOLE_HTML_H
#define CENTRE_CONSOLE_HTML_H

#include <stdbool.h>
#include <stddef.h>

/* No page is longer than this. */
#define HTML_MAX	(1024 * 1024)

/**
 * struct html - A page that is being written.
 * @text: What was written, with a NUL after it; from domain_secret_alloc(), since
 *	there may be a PIN in it. NULL before the first byte.
 * @len: Bytes at @text.
 * @size: Bytes allocated.
 * @failed: Memory was short or the page too long; what came after is missing.
 */
struct html {
	char *text;
	size_t len;
	size_t size;
	bool failed;
};

void html_raw(struct html *html, const char *markup);
void html_text(struct html *html, const char *text);
void html_format(struct html *html, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void html_end(struct html *html);

#endif /* CENTRE_CONSOLE_HTML_H */
