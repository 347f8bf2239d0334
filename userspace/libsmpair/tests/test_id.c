// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include <smpair/id.h>

static void unhex(const char *hex, uint8_t *out, size_t len)
{
	size_t i;

	assert_int_equal(strlen(hex), 2 * len);
	for (i = 0; i < len; i++)
		assert_int_equal(sscanf(hex + 2 * i, "%2hhx", &out[i]), 1);
}

static void vectors_are_reproduced_both_ways(void **state)
{
	json_t *root, *list, *item;
	json_error_t error;
	size_t i;

	(void)state;
	root = json_load_file("selftests/vectors/pdt1.json", 0, &error);
	assert_non_null(root);
	list = json_object_get(root, "identities");
	assert_true(json_array_size(list) > 0);

	json_array_foreach(list, i, item) {
		const char *text = json_string_value(json_object_get(item, "text"));
		char buf[SMPAIR_ID_TEXT_SIZE];
		uint8_t id[8], parsed[8];

		unhex(json_string_value(json_object_get(item, "id")), id, 8);
		assert_int_equal(smpair_id_format(id, buf, sizeof(buf)), 0);
		assert_string_equal(buf, text);
		assert_int_equal(smpair_id_parse(text, parsed), 0);
		assert_memory_equal(parsed, id, 8);
	}
	json_decref(root);
}

static void expect(const char *text, int err)
{
	static const uint8_t untouched[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	uint8_t id[8];

	memcpy(id, untouched, 8);
	if (smpair_id_parse(text, id) != err)
		fail_msg("\"%s\" is not refused with %d", text, err);
	assert_memory_equal(id, untouched, 8);
}

static void other_formats_are_refused(void **state)
{
	static const char * const bad[] = {
		"", "-", "--", "257", "257-4660", "257-4660-", "257-4660-2",
		"257-4660-200", "257-4660-2a", "257--20", "-4660-20", "+257-4660-20",
		" 257-4660-20", "257-4660-20 ", "257-4660-20\n", "257 4660 20",
		"257-4660-20-1", "0x101-4660-20", "257-4660--20", "257-466o-20",
		"0257-4660-20", "257-04660-20", "00-0-98", "0-00-98", "-1-1-1",
		"00257-000000000004660-20", "99999-0xyz-00",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect(bad[i], -EINVAL);
}

static void numbers_beyond_their_fields_are_refused(void **state)
{
	(void)state;
	expect("65536-0-00", -ERANGE);
	expect("0-281474976710656-00", -ERANGE);
	expect("18446744073709551617-1-67", -ERANGE);
	expect("1-18446744073709552616-67", -ERANGE);
	expect("1-99999999999999999999999999999999999999999999-67", -ERANGE);
	expect("99999999999999999999999999999999-1-67", -ERANGE);
}

/* 97 check values, of which one is right; 00, 01 and 99 belong to no number. */
static void only_one_pair_of_check_digits_is_accepted(void **state)
{
	char text[SMPAIR_ID_TEXT_SIZE];
	unsigned int cc;
	uint8_t id[8];

	(void)state;
	for (cc = 0; cc < 100; cc++) {
		snprintf(text, sizeof(text), "257-4660-%02u", cc);
		if (cc == 20)
			assert_int_equal(smpair_id_parse(text, id), 0);
		else
			expect(text, -EBADMSG);
	}
}

static void each_typing_error_of_one_digit_is_caught(void **state)
{
	const char *good = "513-22136-41";
	char text[SMPAIR_ID_TEXT_SIZE];
	uint8_t id[8];
	size_t i;
	char c;

	(void)state;
	for (i = 0; good[i]; i++) {
		if (good[i] == '-')
			continue;
		for (c = '0'; c <= '9'; c++) {
			if (c == good[i])
				continue;
			strcpy(text, good);
			text[i] = c;
			assert_int_not_equal(smpair_id_parse(text, id), 0);
		}
	}
	for (i = 0; good[i + 1]; i++) {
		if (good[i] == '-' || good[i + 1] == '-' || good[i] == good[i + 1])
			continue;
		strcpy(text, good);
		text[i] = good[i + 1];
		text[i + 1] = good[i];
		assert_int_not_equal(smpair_id_parse(text, id), 0);
	}
}

static void short_buffers_are_never_overrun(void **state)
{
	const uint8_t id[8] = { 255, 255, 255, 255, 255, 255, 255, 255 };
	char buf[SMPAIR_ID_TEXT_SIZE + 1];
	size_t size;

	(void)state;
	for (size = 0; size < SMPAIR_ID_TEXT_SIZE; size++) {
		memset(buf, 'x', sizeof(buf));
		assert_int_equal(smpair_id_format(id, buf, size), -ENOSPC);
		if (size)
			assert_string_equal(buf, "");
		assert_int_equal(buf[size], 'x');
	}
	assert_int_equal(smpair_id_format(id, buf, size), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_are_reproduced_both_ways),
		cmocka_unit_test(other_formats_are_refused),
		cmocka_unit_test(numbers_beyond_their_fields_are_refused),
		cmocka_unit_test(only_one_pair_of_check_digits_is_accepted),
		cmocka_unit_test(each_typing_error_of_one_digit_is_caught),
		cmocka_unit_test(short_buffers_are_never_overrun),
	};

	return cmocka_run_group_tests_name("id", tests, NULL, NULL);
}
