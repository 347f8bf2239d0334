// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <smpair/text.h>

/* 98 - D * 100 % 97, where D is int("01" "01010001020100000000567800000001", 16),
 * int("02" "ffa0", 16) and int("01" "ffa0", 16), as python3 computes it
 */
#define LINE1	"05"
#define LINE2	"31"
#define LINE1A	"20"

static uint8_t content[SMPAIR_TEXT_CONTENT_MAX], back[SMPAIR_TEXT_CONTENT_MAX];
static char text[SMPAIR_TEXT_SIZE];

static int parse(const char *t, enum smpair_text_kind kind, unsigned int *line)
{
	size_t len;

	return smpair_text_parse(t, strlen(t), kind, back, sizeof(back), &len, line);
}

static void every_length_of_every_kind_comes_back(void **state)
{
	unsigned int line, kind;
	size_t len, got, i;

	(void)state;
	for (i = 0; i < sizeof(content); i++)
		content[i] = (uint8_t)(i * 37 + 11);
	for (kind = 0; kind < SMPAIR_TEXT_KINDS; kind++) {
		for (len = 1; len <= sizeof(content); len += len < 100 ? 1 : 333) {
			assert_int_equal(smpair_text_format(kind, content, len, text,
							    sizeof(text)), 0);
			assert_true(smpair_text_is(text, strlen(text)));
			assert_int_equal(smpair_text_parse(text, strlen(text), kind, back,
							   sizeof(back), &got, &line), 0);
			assert_int_equal(got, len);
			assert_memory_equal(back, content, len);
		}
	}
	assert_int_equal(smpair_text_format(0, content, sizeof(content), text, sizeof(text)), 0);
	assert_int_equal(smpair_text_format(0, content, 0, text, sizeof(text)), -EMSGSIZE);
	assert_int_equal(smpair_text_format(0, content, sizeof(content) + 1, text,
					    sizeof(text)), -EMSGSIZE);
	assert_int_equal(smpair_text_format(0, content, 16, text, 60), -EMSGSIZE);
}

static void the_text_is_the_one_that_is_documented(void **state)
{
	static const uint8_t sample[18] = { 1, 1, 0, 1, 2, 1, 0, 0, 0, 0, 0x56, 0x78, 0, 0, 0, 1,
					    0xff, 0xa0 };
	unsigned int line;

	(void)state;
	assert_int_equal(smpair_text_format(SMPAIR_TEXT_COMMAND, sample, sizeof(sample), text,
					    sizeof(text)), 0);
	assert_string_equal(text, "smpair command of 18 bytes\n"
			    "1: 0101 0001 0201 0000 0000 5678 0000 0001 / " LINE1 "\n"
			    "2: ffa0 / " LINE2 "\n");
	/* as somebody might paste it */
	assert_int_equal(parse("\r\n  smpair command of 18 bytes\r\n"
			       "1:0101000102010000 000056780000 0001/" LINE1 "\r\n"
			       "\t2: FF A0 / " LINE2 "\r\n\r\n", SMPAIR_TEXT_COMMAND, &line), 0);
	assert_memory_equal(back, sample, sizeof(sample));
}

static void a_wrong_digit_is_told_by_its_line(void **state)
{
	static const char digits[] = "0123456789abcdef";
	unsigned int line, wrong, i;
	char *p, old;

	(void)state;
	for (i = 0; i < 40; i++)
		content[i] = (uint8_t)(i * 91 + 3);
	assert_int_equal(smpair_text_format(SMPAIR_TEXT_RECEIPT, content, 40, text, sizeof(text)),
			 0);
	wrong = 0;
	for (p = strchr(text, '\n') + 1; *p; p++) {
		if (p[-1] == '\n') {
			wrong++;
			p = strchr(p, ':');
			continue;
		}
		if (!strchr(digits, *p))
			continue;
		old = *p;
		for (i = 0; i < 16; i++) {
			*p = digits[i];
			line = 0;
			if (*p == old)
				continue;
			/* a letter in the check digits is no number */
			assert_true(parse(text, SMPAIR_TEXT_RECEIPT, &line) < 0);
			assert_int_equal(line, wrong);
		}
		*p = old;
		/* neighbours that changed places */
		if (strchr(digits, p[1]) && p[1] != old) {
			*p = p[1];
			p[1] = old;
			assert_int_equal(parse(text, SMPAIR_TEXT_RECEIPT, &line), -EBADMSG);
			p[1] = *p;
			*p = old;
		}
	}
	assert_int_equal(wrong, 3);
	assert_int_equal(parse(text, SMPAIR_TEXT_RECEIPT, &line), 0);
}

static void malformed_texts_are_refused_with_the_line(void **state)
{
	static const struct {
		const char *text;
		int err;
		unsigned int line;
	} cases[] = {
		{ "", -EINVAL, 0 },
		{ "smpair", -EINVAL, 0 },
		{ "smpair letter of 2 bytes", -EINVAL, 0 },
		{ "smpair command of 2", -EINVAL, 0 },
		{ "smpair command of x bytes", -EINVAL, 0 },
		{ "smpair command of 000002 bytes\n1: ffa0 / 05", -EINVAL, 0 },
		{ "smpair command of 0 bytes\n", -EMSGSIZE, 0 },
		{ "smpair command of 4097 bytes\n", -EMSGSIZE, 0 },
		{ "smpair receipt of 2 bytes\n1: ffa0 / 05", -EMEDIUMTYPE, 0 },
		{ "smpair command of 2 bytes", -EINVAL, 1 },
		{ "smpair command of 2 bytes\n2: ffa0 / " LINE2, -EINVAL, 1 },
		{ "smpair command of 2 bytes\n1 ffa0 / 05", -EINVAL, 1 },
		{ "smpair command of 2 bytes\n1: ffa / 05", -EINVAL, 1 },
		{ "smpair command of 2 bytes\n1: ffag / 05", -EINVAL, 1 },
		{ "smpair command of 2 bytes\n1: ffa0", -EINVAL, 1 },
		{ "smpair command of 2 bytes\n1: ffa0 /", -EINVAL, 1 },
		{ "smpair command of 2 bytes\n1: ffa0 / " LINE2, -EBADMSG, 1 },
		{ "smpair command of 2 bytes\n1: ffa0 / " LINE1A " x", -EINVAL, 2 },
	};
	unsigned int line;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (parse(cases[i].text, SMPAIR_TEXT_COMMAND, &line) != cases[i].err)
			fail_msg("case %zu", i);
		if (line != cases[i].line)
			fail_msg("case %zu: line %u", i, line);
	}
	assert_int_equal(parse("smpair command of 2 bytes\n1: ffa0 / " LINE1A, 0, &line), 0);
	assert_false(smpair_text_is("\1\1smpair ", 9));
	assert_false(smpair_text_is("smpair", 6));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_of_every_kind_comes_back),
		cmocka_unit_test(the_text_is_the_one_that_is_documented),
		cmocka_unit_test(a_wrong_digit_is_told_by_its_line),
		cmocka_unit_test(malformed_texts_are_refused_with_the_line),
	};

	return cmocka_run_group_tests_name("libsmpair text", tests, NULL, NULL);
}
