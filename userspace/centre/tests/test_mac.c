// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel as MAC provider. Where AF_ALG is absent the refusal is the test,
 * and the comparison with the library is skipped.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/socket.h>

#include <cmocka.h>
#include <keyutils.h>

#include "centre/mac_kernel.h"
#include "centre/provider.h"
#include "domain/pin.h"
#include "domain/keys.h"

static const uint8_t mpin[32] = { 0x4d, 0x50, 0x49, 0x4e };
static const uint8_t mid[8] = { 2, 1, 0, 0, 0, 0, 0x56, 0x78 };
static struct domain_error error;

static key_serial_t add(const char *type, const char *name)
{
	return add_key(type, name, mpin, sizeof(mpin), KEY_SPEC_PROCESS_KEYRING);
}

/* Ends the test with a reason unless the kernel computes with @serial. */
static void need_kernel(struct mac_kernel *kernel, key_serial_t serial)
{
	if (serial < 0) {
		print_message("# skipped: no key retention service: %s\n",
			      strerror(errno));
		skip();
	}
	if (!mac_kernel_open(kernel, serial, &error))
		return;
	print_message("# skipped: %s\n", error.text);
	skip();
}

static void agree(const struct mac_kernel *kernel)
{
	uint8_t ours[32], theirs[32], data[100];
	size_t len;

	memset(data, 0x5a, sizeof(data));
	for (len = 1; len <= sizeof(data); len += 11) {
		assert_int_equal(domain_mac_library.hmac(&domain_mac_library, mpin,
							 data, len, ours), 0);
		assert_int_equal(kernel->mac.hmac(&kernel->mac, NULL, data, len,
						  theirs), 0);
		assert_memory_equal(ours, theirs, sizeof(ours));
		assert_int_equal(kernel->mac.hmac(&kernel->mac, mpin, data, len,
						  theirs), 0);
		assert_memory_equal(ours, theirs, sizeof(ours));
	}
}

static void kernel_and_library_agree_on_every_derivation(void **state)
{
	const uint8_t sn[8] = { 1, 1, 0, 0, 0, 0, 0x12, 0x34 };
	const uint8_t ft[8] = { 0x99 };
	uint8_t kpin[2][32], next[2][8];
	const struct domain_mac *mac;
	struct mac_kernel kernel;
	char pin[2][8];
	uint32_t code[2];
	int i;

	(void)state;
	need_kernel(&kernel, add("user", "smpair-test-user"));
	agree(&kernel);
	for (i = 0; i < 2; i++) {
		mac = i ? &kernel.mac : &domain_mac_library;
		assert_int_equal(domain_kpin(mac, i ? NULL : mpin, mid, kpin[i]), 0);
		assert_int_equal(domain_pin(mac, kpin[i], PDT1_PIN_INDEXED, sn, 9,
					    pin[i]), 0);
		assert_int_equal(domain_request_code(mac, kpin[i], PDT1_PIN_INDEXED,
						     mid, sn, 9, ft, &code[i]), 0);
		assert_int_equal(domain_fork_tag(mac, kpin[i], ft, sn, 9, next[i]),
				 0);
	}
	assert_memory_equal(kpin[0], kpin[1], 32);
	assert_memory_equal(pin[0], pin[1], 8);
	assert_memory_equal(next[0], next[1], 8);
	assert_int_equal(code[0], code[1]);
	mac_kernel_close(&kernel);
}

static void a_logon_key_serves_though_nobody_can_read_it(void **state)
{
	struct mac_kernel kernel;
	key_serial_t key = add("logon", "smpair:test-logon");
	uint8_t payload[32];

	(void)state;
	need_kernel(&kernel, key);
	assert_int_equal(keyctl_read(key, (char *)payload, sizeof(payload)), -1);
	agree(&kernel);
	mac_kernel_close(&kernel);
}

static void a_key_that_is_gone_is_named(void **state)
{
	struct mac_kernel kernel;
	key_serial_t key = add("user", "smpair-test-gone");

	(void)state;
	need_kernel(&kernel, key);
	mac_kernel_close(&kernel);
	assert_int_equal(keyctl_revoke(key), 0);
	assert_true(mac_kernel_open(&kernel, key, &error) < 0);
	assert_non_null(strstr(error.text, "add the master MPIN"));
}

static void an_absent_af_alg_is_told_with_the_way_out(void **state)
{
	struct provider provider;
	int fd;

	(void)state;
	fd = socket(AF_ALG, SOCK_SEQPACKET, 0);
	if (fd >= 0) {
		close(fd);
		print_message("# skipped: this kernel has AF_ALG\n");
		skip();
	}
	assert_true(provider_open(&provider, "kernel:1", "", &error) < 0);
	assert_non_null(strstr(error.text, "use --mac library"));
}

static void wrong_provider_names_are_wrong_usage(void **state)
{
	static const char * const bad[] = {
		"", "kernel", "kernel:", "kernel:0", "kernel:-1", "kernel:x",
		"kernel:2147483648", "Library", "library:1",
	};
	struct provider provider;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(provider_open(&provider, bad[i], "", &error), -EDOM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernel_and_library_agree_on_every_derivation),
		cmocka_unit_test(a_logon_key_serves_though_nobody_can_read_it),
		cmocka_unit_test(a_key_that_is_gone_is_named),
		cmocka_unit_test(an_absent_af_alg_is_told_with_the_way_out),
		cmocka_unit_test(wrong_provider_names_are_wrong_usage),
	};

	return cmocka_run_group_tests_name("centre-mac", tests, NULL, NULL);
}
