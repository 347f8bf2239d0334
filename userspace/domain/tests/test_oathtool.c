// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An independent program computes the same PINs: TOTP whose step is one second
 * is HOTP, with the time as the counter.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "domain/pin.h"

static const struct domain_mac *const mac = &domain_mac_library;
static const uint8_t kpin[32] = { 0x4b, 0x50, 0x49, 0x4e };

static void oathtool(const uint8_t key[32], uint64_t counter, char pin[9])
{
	char command[256];
	size_t i, used;
	FILE *out;

	used = (size_t)snprintf(command, sizeof(command),
				"oathtool --totp=sha256 -s 1 --digits=8 --now=@%llu ",
				(unsigned long long)counter);
	for (i = 0; i < 32; i++)
		used += (size_t)snprintf(command + used, sizeof(command) - used,
					 "%02x", key[i]);
	out = popen(command, "r");
	assert_non_null(out);
	assert_int_equal(fread(pin, 1, 8, out), 8);
	assert_int_equal(fgetc(out), '\n');
	assert_int_equal(pclose(out), 0);
	pin[8] = '\0';
}

static void agree(uint8_t policy, const uint8_t sn[8], uint32_t n)
{
	char pin[9] = "", expected[9];
	uint64_t counter;
	uint8_t key[32];

	assert_int_equal(domain_pin_key(mac, kpin, policy, sn, n, key, &counter), 0);
	assert_int_equal(domain_pin(mac, kpin, policy, sn, n, pin), 0);
	oathtool(key, counter, expected);
	assert_string_equal(pin, expected);
}

static void skip_without_oathtool(void)
{
	if (!system("command -v oathtool >/dev/null"))
		return;
	print_message("# skipped: oathtool is not installed\n");
	skip();
}

static void oathtool_agrees_under_every_policy(void **state)
{
	static const uint32_t indices[] = {
		0, 1, 2, 9, 10, 255, 256, 65535, 0x7fffffff, 0x80000000, 0xfffffffe
	};
	uint8_t sn[8] = { 1, 1, 0, 0, 0, 0, 0x12, 0x34 };
	size_t i;

	(void)state;
	skip_without_oathtool();
	agree(PDT1_PIN_MODULE, sn, 0);
	for (sn[7] = 0; sn[7] < 8; sn[7]++)
		agree(PDT1_PIN_PAIR, sn, 3);
	for (i = 0; i < sizeof(indices) / sizeof(indices[0]); i++)
		agree(PDT1_PIN_INDEXED, sn, indices[i]);
}

static void oathtool_agrees_on_leading_zeros(void **state)
{
	uint8_t sn[8] = { 1, 1, 0, 0, 0, 0, 0x12, 0x34 };
	unsigned int found[4] = { 0 }, zeros;
	char pin[8];
	uint32_t n;

	(void)state;
	skip_without_oathtool();
	/* One in ten has a zero in front, one in a thousand has three. */
	for (n = 0; n < 20000; n++) {
		assert_int_equal(domain_pin(mac, kpin, PDT1_PIN_INDEXED, sn, n,
					    pin), 0);
		for (zeros = 0; zeros < 3 && pin[zeros] == '0'; zeros++)
			;
		if (zeros && found[zeros]++ < 5)
			agree(PDT1_PIN_INDEXED, sn, n);
	}
	assert_true(found[1] && found[2] && found[3]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(oathtool_agrees_under_every_policy),
		cmocka_unit_test(oathtool_agrees_on_leading_zeros),
	};

	return cmocka_run_group_tests_name("domain-oathtool", tests, NULL, NULL);
}
