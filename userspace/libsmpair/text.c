// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The text form of what is carried by hand:
 *
 *   smpair command of 53 bytes
 *   1: 0101 0001 0201 0000 0000 5678 0000 0001 / 66
 *   2: ffff ffff e0e0 e0e0 e0e0 e0e0 e0e0 e0e0 / 12
 *   ...
 *
 * Sixteen bytes a line. The check digits are those of identifiers, ISO/IEC 7064
 * MOD 97-10, over the number that the line's own number and its bytes make, so
 * that a wrong digit, two that changed places and a line in the wrong place are
 * told by the line they are in. The first line tells where the end is.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <smpair/text.h>

#define MARK		"smpair "
#define LINE_BYTES	16

static const char *const kind_names[SMPAIR_TEXT_KINDS] = {
	[SMPAIR_TEXT_COMMAND] = "command",
	[SMPAIR_TEXT_RECEIPT] = "receipt",
	[SMPAIR_TEXT_NONCE] = "nonce",
	[SMPAIR_TEXT_REPORT] = "report",
};

static unsigned int check_digits(unsigned int number, const uint8_t *bytes, size_t len)
{
	unsigned int d = number % 97;
	size_t i;

	for (i = 0; i < len; i++)
		d = (d * 256 + bytes[i]) % 97;
	return 98 - d * 100 % 97;
}

/**
 * smpair_text_is() - Whether data is the text form of something.
 * @data: What was read from a file.
 * @len: Its bytes.
 *
 * Return: True where it starts as such texts do, after any blanks.
 */
bool smpair_text_is(const void *data, size_t len)
{
	const char *p = data;

	while (len && isspace((unsigned char)*p)) {
		p++;
		len--;
	}
	return len >= strlen(MARK) && !memcmp(p, MARK, strlen(MARK));
}

/**
 * smpair_text_kind_name() - The word for a kind.
 * @kind: enum smpair_text_kind.
 *
 * Return: One English word, or "unknown".
 */
const char *smpair_text_kind_name(enum smpair_text_kind kind)
{
	return (unsigned int)kind < SMPAIR_TEXT_KINDS ? kind_names[kind] : "unknown";
}

struct writer {
	char *p;
	size_t left;
};

__attribute__((format(printf, 2, 3)))
static void put(struct writer *w, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(w->p, w->left, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= w->left) {
		w->left = 0;
		return;
	}
	w->p += n;
	w->left -= (size_t)n;
}

/**
 * smpair_text_format() - Write something as text.
 * @kind: What it is.
 * @content: @len bytes.
 * @len: 1 to %SMPAIR_TEXT_CONTENT_MAX.
 * @text: Receives lines, the last one ended as well, and a NUL.
 * @size: Bytes at @text; %SMPAIR_TEXT_SIZE is enough for any content.
 *
 * Return: 0, or -EMSGSIZE where @len is out of range or @size too small.
 */
int smpair_text_format(enum smpair_text_kind kind, const void *content, size_t len,
		       char *text, size_t size)
{
	struct writer w = { text, size };
	const uint8_t *bytes = content;
	unsigned int number = 1;
	size_t i, n;

	if (!len || len > SMPAIR_TEXT_CONTENT_MAX)
		return -EMSGSIZE;
	put(&w, MARK "%s of %zu bytes\n", smpair_text_kind_name(kind), len);
	for (; len; bytes += n, len -= n, number++) {
		n = len < LINE_BYTES ? len : LINE_BYTES;
		put(&w, "%u:", number);
		for (i = 0; i < n; i++)
			put(&w, "%s%02x", i % 2 ? "" : " ", bytes[i]);
		put(&w, " / %02u\n", check_digits(number, bytes, n));
	}
	return w.left ? 0 : -EMSGSIZE;
}

struct reader {
	const char *p;
	const char *end;
};

static void skip_blanks(struct reader *r)
{
	while (r->p < r->end && isspace((unsigned char)*r->p))
		r->p++;
}

static bool take(struct reader *r, const char *word)
{
	size_t len = strlen(word);

	skip_blanks(r);
	if ((size_t)(r->end - r->p) < len || memcmp(r->p, word, len))
		return false;
	r->p += len;
	return true;
}

/* A decimal number of at most five digits. */
static bool take_number(struct reader *r, unsigned int *value)
{
	int digits;

	skip_blanks(r);
	*value = 0;
	for (digits = 0; r->p < r->end && *r->p >= '0' && *r->p <= '9'; digits++, r->p++) {
		if (digits == 5)
			return false;
		*value = *value * 10 + (unsigned int)(*r->p - '0');
	}
	return digits;
}

static int hex_digit(struct reader *r)
{
	char c;

	skip_blanks(r);
	if (r->p == r->end)
		return -1;
	c = *r->p++;
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int read_head(struct reader *r, enum smpair_text_kind kind, unsigned int *len)
{
	unsigned int i;

	if (!take(r, MARK))
		return -EINVAL;
	for (i = 0; i < SMPAIR_TEXT_KINDS; i++)
		if (take(r, kind_names[i]))
			break;
	if (i == SMPAIR_TEXT_KINDS || !take(r, "of") || !take_number(r, len) || !take(r, "bytes"))
		return -EINVAL;
	return i == kind ? 0 : -EMEDIUMTYPE;
}

static int read_line(struct reader *r, unsigned int number, uint8_t *bytes, size_t n)
{
	unsigned int seen, check;
	int high, low;
	size_t i;

	if (!take_number(r, &seen) || seen != number || !take(r, ":"))
		return -EINVAL;
	for (i = 0; i < n; i++) {
		high = hex_digit(r);
		low = high < 0 ? -1 : hex_digit(r);
		if (low < 0)
			return -EINVAL;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	if (!take(r, "/") || !take_number(r, &check))
		return -EINVAL;
	return check == check_digits(number, bytes, n) ? 0 : -EBADMSG;
}

/**
 * smpair_text_parse() - Read something from its text.
 * @text: The text; blanks and line ends may be anywhere between its words and
 *	digits, and letters may be capitals.
 * @text_len: Its bytes.
 * @kind: What it must be.
 * @content: Receives it.
 * @size: Bytes at @content.
 * @len: Receives how many it has.
 * @line: Receives the number of the line that is wrong, as it is numbered in
 *	the text; 0 for the first line, which has no number.
 *
 * Return: 0; -EMEDIUMTYPE where the text is of another kind, -EMSGSIZE where
 * its content is empty or exceeds @size, -EINVAL where a line has another form,
 * is missing or too much, -EBADMSG where its check digits are wrong.
 */
int smpair_text_parse(const char *text, size_t text_len, enum smpair_text_kind kind,
		      void *content, size_t size, size_t *len, unsigned int *line)
{
	struct reader r = { text, text + text_len };
	uint8_t *bytes = content;
	unsigned int total;
	size_t n, left;
	int err;

	*line = 0;
	err = read_head(&r, kind, &total);
	if (err)
		return err;
	if (!total || total > size)
		return -EMSGSIZE;
	for (left = total; left; left -= n, bytes += n) {
		n = left < LINE_BYTES ? left : LINE_BYTES;
		++*line;
		err = read_line(&r, *line, bytes, n);
		if (err)
			return err;
	}
	skip_blanks(&r);
	if (r.p != r.end) {
		++*line;
		return -EINVAL;
	}
	*len = total;
	return 0;
}
