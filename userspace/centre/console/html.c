// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "centre/console/html.h"
#include "domain/secret.h"

#define FIRST_SIZE	4096
#define FORMAT_MAX	512

static bool reserve(struct html *html, size_t more)
{
	size_t size = html->size ? html->size : FIRST_SIZE;
	char *grown;

	if (html->failed || more >= HTML_MAX - html->len) {
		html->failed = true;
		return false;
	}
	while (size <= html->len + more)
		size *= 2;
	if (size == html->size)
		return true;
	grown = domain_secret_alloc(size);
	if (!grown) {
		html->failed = true;
		return false;
	}
	if (html->text)
		memcpy(grown, html->text, html->len);
	domain_secret_free(html->text);
	html->text = grown;
	html->size = size;
	return true;
}

static void append(struct html *html, const char *bytes, size_t len)
{
	if (!reserve(html, len))
		return;
	memcpy(html->text + html->len, bytes, len);
	html->len += len;
	html->text[html->len] = '\0';
}

/**
 * html_raw() - Write markup as it is.
 * @html: The page.
 * @markup: Part of the program, never of a request or of the database.
 */
void html_raw(struct html *html, const char *markup)
{
	append(html, markup, strlen(markup));
}

/**
 * html_text() - Write text, in an element or in an attribute between quotes.
 * @html: The page.
 * @text: Anything; control characters become spaces.
 */
void html_text(struct html *html, const char *text)
{
	size_t plain;

	while (*text) {
		for (plain = 0; (unsigned char)text[plain] >= ' ' && text[plain] != 127 &&
		     !strchr("&<>\"'", text[plain]); plain++)
			;
		append(html, text, plain);
		text += plain;
		switch (*text) {
		case '\0':
			return;
		case '&':
			html_raw(html, "&amp;");
			break;
		case '<':
			html_raw(html, "&lt;");
			break;
		case '>':
			html_raw(html, "&gt;");
			break;
		case '"':
			html_raw(html, "&quot;");
			break;
		case '\'':
			html_raw(html, "&#39;");
			break;
		default:
			html_raw(html, " ");
		}
		text++;
	}
}

/**
 * html_format() - Write text as printf() makes it, escaped.
 * @html: The page.
 * @format: For printf(); what is longer than 511 bytes is cut.
 */
void html_format(struct html *html, const char *format, ...)
{
	char text[FORMAT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	html_text(html, text);
	explicit_bzero(text, sizeof(text));
}

/**
 * html_end() - Wipe and free a page.
 * @html: The page; empty afterwards.
 */
void html_end(struct html *html)
{
	domain_secret_free(html->text);
	memset(html, 0, sizeof(*html));
}
