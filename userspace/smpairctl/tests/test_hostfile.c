// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "smpairctl/hex.h"
#include "smpairctl/hostfile.h"

#define CY	"01010001000000010102030405060708090a0b0c" \
		"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff" \
		"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define HEAD	"{\"smpair\":\"host\",\"v\":1,\"SN\":\"257-4660-20\",\"CY\":"
#define LIST	"[\"" CY "\"]}"

static const char *parse(const char *text, struct hostfile *host)
{
	return hostfile_parse(text, strlen(text), host);
}

static void a_host_is_read(void **state)
{
	static const uint8_t sn[8] = { 1, 1, 0, 0, 0, 0, 0x12, 0x34 };
	struct hostfile host;

	(void)state;
	assert_null(parse(HEAD LIST, &host));
	assert_memory_equal(host.id, sn, sizeof(sn));
	assert_int_equal(host.cy_count, 1);
	assert_int_equal(host.cy[0][3], 1);
	assert_int_equal(host.cy[0][83], 0xff);
	assert_null(parse(HEAD "[\"" CY "\",\"" CY "\"]}", &host));
	assert_int_equal(host.cy_count, 2);
}

static void each_wrong_file_is_refused_with_a_reason(void **state)
{
	static const char * const bad[] = {
		"", "[]", "null", "not JSON", HEAD, HEAD LIST "x",
		"{\"smpair\":\"module\",\"v\":1,\"SN\":\"257-4660-20\",\"CY\":" LIST,
		"{\"smpair\":\"host\",\"v\":2,\"SN\":\"257-4660-20\",\"CY\":" LIST,
		"{\"smpair\":\"host\",\"v\":\"1\",\"SN\":\"257-4660-20\",\"CY\":" LIST,
		"{\"smpair\":\"host\",\"SN\":\"257-4660-20\",\"CY\":" LIST,
		"{\"smpair\":\"host\",\"v\":1,\"SN\":\"257-4660-21\",\"CY\":" LIST,
		"{\"smpair\":\"host\",\"v\":1,\"SN\":257,\"CY\":" LIST,
		"{\"smpair\":\"host\",\"v\":1,\"CY\":" LIST,
		"{\"smpair\":\"host\",\"smpair\":\"host\",\"v\":1,\"SN\":\"257-4660-20\","
			"\"CY\":" LIST,
		HEAD "[]}", HEAD "{}}", HEAD "\"" CY "\"}", HEAD "[1]}", HEAD "[\"\"]}",
		HEAD "[\"00\"]}", HEAD "[\"" CY "00\"]}", HEAD "[\"" CY "0\"]}",
		HEAD "[\"\\u0000" CY "\"]}",
	};
	struct hostfile host;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (!parse(bad[i], &host))
			fail_msg("accepted: %s", bad[i]);
}

static void more_cryptograms_than_the_driver_takes_are_refused(void **state)
{
	char text[4096] = HEAD "[";
	struct hostfile host;
	int i;

	(void)state;
	for (i = 0; i < SMPAIR_CY_MAX; i++) {
		strcat(text, i ? ",\"" : "\"");
		strcat(text, CY "\"");
	}
	strcat(text, "]}");
	assert_null(parse(text, &host));
	assert_int_equal(host.cy_count, SMPAIR_CY_MAX);
	strcpy(text + strlen(text) - 2, ",\"" CY "\"]}");
	assert_non_null(parse(text, &host));
}

static void hexadecimal_is_pairs_of_digits_within_bounds(void **state)
{
	uint8_t bytes[4] = { 0 };
	size_t len = 99;

	(void)state;
	assert_int_equal(hex_parse("00fFaB", 6, bytes, 4, &len), 0);
	assert_int_equal(len, 3);
	assert_int_equal(bytes[1], 0xff);
	assert_int_equal(bytes[2], 0xab);
	assert_int_equal(hex_parse("", 0, bytes, 4, &len), 0);
	assert_int_equal(len, 0);
	assert_int_not_equal(hex_parse("0", 1, bytes, 4, &len), 0);
	assert_int_not_equal(hex_parse("0g", 2, bytes, 4, &len), 0);
	assert_int_not_equal(hex_parse("0x", 2, bytes, 4, &len), 0);
	assert_int_not_equal(hex_parse("@A", 2, bytes, 4, &len), 0);
	assert_int_not_equal(hex_parse("0011223344", 10, bytes, 4, &len), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_is_read),
		cmocka_unit_test(each_wrong_file_is_refused_with_a_reason),
		cmocka_unit_test(more_cryptograms_than_the_driver_takes_are_refused),
		cmocka_unit_test(hexadecimal_is_pairs_of_digits_within_bounds),
	};

	return cmocka_run_group_tests_name("hostfile", tests, NULL, NULL);
}
