// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <smpair/pin.h>

static int parse(const char *text, char pin[SMPAIR_PIN_LEN])
{
	memset(pin, '?', SMPAIR_PIN_LEN);
	return smpair_pin_parse(text, strlen(text), pin);
}

static void grouping_is_ignored(void **state)
{
	static const char * const good[] = {
		"12345678", "1234 5678", "12 34 56 78", "1234-5678", " 1234 5678 ",
		"12345678\n", "1234 5678\r\n",
	};
	char pin[SMPAIR_PIN_LEN];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(parse(good[i], pin), 0);
		assert_memory_equal(pin, "12345678", SMPAIR_PIN_LEN);
	}
	assert_int_equal(parse("0000 0000", pin), 0);
	assert_memory_equal(pin, "00000000", SMPAIR_PIN_LEN);
}

static void anything_else_is_refused_and_wiped(void **state)
{
	static const struct {
		const char *text;
		int err;
	} bad[] = {
		{ "", -EMSGSIZE }, { "\n", -EMSGSIZE }, { "1234567", -EMSGSIZE },
		{ "1234 567", -EMSGSIZE }, { "1234567890", -EMSGSIZE },
		{ "1234567a", -EINVAL }, { "+1234567", -EINVAL },
		{ "12345678\n\n", -EINVAL }, { "1234\n5678", -EINVAL },
		{ "\t12345678", -EINVAL },
		/* Arabic-Indic digits are digits to people, not to a module. */
		{ "\xd9\xa1\xd9\xa2\xd9\xa3\xd9\xa4", -EINVAL },
	};
	static const char zero[SMPAIR_PIN_LEN];
	char pin[SMPAIR_PIN_LEN];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (parse(bad[i].text, pin) != bad[i].err)
			fail_msg("\"%s\" is not refused with %d", bad[i].text,
				 bad[i].err);
		assert_memory_equal(pin, zero, SMPAIR_PIN_LEN);
	}
	assert_int_equal(smpair_pin_parse("1234\0005678", 9, pin), -EINVAL);
}

/* 572 → 4 is the worked example of Damm's dissertation; zeros in front of it
 * do not change it.
 */
static void check_digit_agrees_with_the_published_example(void **state)
{
	(void)state;
	assert_int_equal(smpair_pin_check_digit("00000572"), '4');
	assert_int_equal(smpair_pin_check_digit("00000000"), '0');
	assert_int_equal(smpair_pin_check_digit("0000057x"), '\0');
}

static void one_wrong_digit_or_one_swap_is_always_caught(void **state)
{
	const char *digits = "90817263";
	char text[SMPAIR_PIN_LEN + 2], typed[SMPAIR_PIN_LEN + 2];
	char pin[SMPAIR_PIN_LEN];
	size_t i;
	char c;

	(void)state;
	snprintf(text, sizeof(text), "%s%c", digits,
		 smpair_pin_check_digit(digits));
	assert_int_equal(parse(text, pin), 0);
	assert_memory_equal(pin, digits, SMPAIR_PIN_LEN);

	for (i = 0; text[i]; i++) {
		for (c = '0'; c <= '9'; c++) {
			strcpy(typed, text);
			typed[i] = c;
			if (c != text[i])
				assert_int_equal(parse(typed, pin), -EBADMSG);
		}
		if (!text[i + 1] || text[i] == text[i + 1])
			continue;
		strcpy(typed, text);
		typed[i] = text[i + 1];
		typed[i + 1] = text[i];
		assert_int_equal(parse(typed, pin), -EBADMSG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grouping_is_ignored),
		cmocka_unit_test(anything_else_is_refused_and_wiped),
		cmocka_unit_test(check_digit_agrees_with_the_published_example),
		cmocka_unit_test(one_wrong_digit_or_one_swap_is_always_caught),
	};

	return cmocka_run_group_tests_name("pin", tests, NULL, NULL);
}
