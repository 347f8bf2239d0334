// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "centre/uri.h"

#define LETTERS		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS		"0123456789"
/* What can be written in one way only: no %, no query and no fragment. */
#define PLAIN		LETTERS DIGITS "-._~!$&'()*+,;=:@"

static void lower(char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		text[i] = (char)tolower((unsigned char)text[i]);
}

/* Segments with something in them that is no step to elsewhere. */
static bool is_path(const char *path)
{
	size_t len;

	for (; *path; path += len) {
		path++;
		len = strcspn(path, "/");
		if (!len || len != strspn(path, PLAIN) ||
		    (path[0] == '.' && (len == 1 || (len == 2 && path[1] == '.'))))
			return false;
	}
	return true;
}

/* What follows "//". */
static bool read_authority(char *text)
{
	size_t len = strcspn(text, "/");

	if (!len || len != strspn(text, LETTERS DIGITS "-._:") || text[len - 1] == ':')
		return false;
	lower(text, len);
	return is_path(text + len);
}

/* What follows "urn:". */
static bool read_name(char *text)
{
	size_t len = strcspn(text, ":");

	if (!len || len != strspn(text, LETTERS DIGITS "-") || text[len] != ':' || !text[len + 1])
		return false;
	lower(text, len);
	return true;
}

/**
 * uri_read() - Bring a URI into the one form that is compared and kept.
 * @bytes: The URI.
 * @len: How many; there is no NUL among them.
 * @text: Receives it, with scheme, authority and the name space of a URN in lower
 *	case (RFC 5280, section 7.4; RFC 8141, section 3.1).
 *
 * Return: Whether it is one that can name somebody. What could be written in
 * several ways, or means something else to each reader, cannot: characters that
 * are escaped, queries, fragments, names of users, and paths with empty segments,
 * "." or "..".
 */
bool uri_read(const void *bytes, size_t len, char text[URI_SIZE])
{
	size_t scheme, first;
	char *rest;

	if (!len || len >= URI_SIZE || memchr(bytes, '\0', len))
		return false;
	memcpy(text, bytes, len);
	text[len] = '\0';
	scheme = strspn(text, LETTERS DIGITS "+.-");
	rest = text + scheme + 1;
	if (text[scheme] != ':' || !strchr(LETTERS, text[0]) || !*rest)
		return false;
	lower(text, scheme);
	if (rest[0] == '/')
		return rest[1] == '/' && read_authority(rest + 2);
	first = strcspn(rest, "/");
	if (strspn(rest, PLAIN) != first || !is_path(rest + first))
		return false;
	return strncmp(text, "urn:", 4) || read_name(rest);
}
