// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel as MAC provider. Where AF_ALG is absent the refusal is the test,
 * and the comparison with the library is skipped.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/socket.h>
#include <sys/stat.h>

#include <keyutils.h>

#include "centre/provider.h"
#include "centre/tests/fixture.h"
#include "domain/kdf.h"
#include "domain/pin.h"
#include "domain/keys.h"

static const uint8_t mid[8] = { 2, 1, 0, 0, 0, 0, 0x56, 0x78 };

static key_serial_t add(const char *type, const char *name)
{
	uint8_t mpin[32];

	memset(mpin, FIXTURE_MPIN(1), sizeof(mpin));
	return add_key(type, name, mpin, sizeof(mpin), KEY_SPEC_PROCESS_KEYRING);
}

/* Ends the test with a reason unless the kernel computes with @serial. */
static void need_kernel(struct provider **provider, key_serial_t serial)
{
	char spec[32];

	if (serial < 0) {
		print_message("# skipped: no key retention service: %s\n",
			      strerror(errno));
		skip();
	}
	snprintf(spec, sizeof(spec), "kernel:%d", serial);
	if (!provider_open(provider, spec, "", &fix.error))
		return;
	print_message("# skipped: %s\n", fix.error.text);
	skip();
}

/* What a provider derives, and what is computed with it, against the file's. */
static void agree(struct provider *provider)
{
	const uint8_t sn[8] = { 1, 1, 0, 0, 0, 0, 0x12, 0x34 };
	const uint8_t ft[8] = { 0x99 };
	uint8_t kpin[2][32], next[2][8], check[2][8];
	const struct domain_mac *mac;
	struct provider *p, *file;
	char pin[2][8];
	uint32_t code[2];
	int i;

	fixture_ok(provider_open(&file, "file", fix.domain_path, &fix.error));
	for (i = 0; i < 2; i++) {
		p = i ? provider : file;
		mac = provider_mac(p);
		fixture_ok(provider_kpin(p, 1, mid, kpin[i], &fix.error));
		fixture_ok(provider_check(p, MASTER_MPIN, 1, check[i], &fix.error));
		fixture_ok(domain_pin(mac, kpin[i], PDT1_PIN_INDEXED, sn, 9, pin[i]));
		fixture_ok(domain_request_code(mac, kpin[i], PDT1_PIN_INDEXED,
					       mid, sn, 9, ft, &code[i]));
		fixture_ok(domain_fork_tag(mac, kpin[i], ft, sn, 9, next[i]));
	}
	provider_close(file);
	assert_memory_equal(kpin[0], kpin[1], 32);
	assert_memory_equal(check[0], check[1], 8);
	assert_memory_equal(pin[0], pin[1], 8);
	assert_memory_equal(next[0], next[1], 8);
	assert_int_equal(code[0], code[1]);
}

static void kernel_and_library_agree_on_every_derivation(void **state)
{
	struct provider *provider;
	uint8_t kmg[32];

	(void)state;
	need_kernel(&provider, add("user", "smpair-test-user"));
	agree(provider);
	assert_int_equal(provider_newest(provider, MASTER_MPIN), 1);
	assert_int_equal(provider_newest(provider, MASTER_MMGT), 0);
	assert_int_equal(provider_kmg(provider, 1, mid, kmg, &fix.error), -ENOKEY);
	provider_close(provider);
}

static void kernel_keys_are_named_by_master_and_generation(void **state)
{
	key_serial_t key = add("user", "smpair-test-user");
	struct provider *provider;
	char spec[96];
	uint8_t kmg[32];

	(void)state;
	need_kernel(&provider, key);
	provider_close(provider);
	snprintf(spec, sizeof(spec), "kernel:mpin.1=%d,mmgt.7=%d,mpin.300=%d", key,
		 key, key);
	fixture_ok(provider_open(&provider, spec, "", &fix.error));
	assert_int_equal(provider_newest(provider, MASTER_MPIN), 300);
	assert_int_equal(provider_newest(provider, MASTER_MMGT), 7);
	fixture_ok(provider_kmg(provider, 7, mid, kmg, &fix.error));
	agree(provider);
	provider_close(provider);
}

static void a_logon_key_serves_though_nobody_can_read_it(void **state)
{
	struct provider *provider;
	key_serial_t key = add("logon", "smpair:test-logon");
	uint8_t payload[32];

	(void)state;
	need_kernel(&provider, key);
	assert_int_equal(keyctl_read(key, (char *)payload, sizeof(payload)), -1);
	agree(provider);
	provider_close(provider);
}

static void a_key_that_is_gone_is_named(void **state)
{
	struct provider *provider;
	key_serial_t key = add("user", "smpair-test-gone");
	char spec[32];

	(void)state;
	need_kernel(&provider, key);
	provider_close(provider);
	assert_int_equal(keyctl_revoke(key), 0);
	snprintf(spec, sizeof(spec), "kernel:%d", key);
	assert_true(provider_open(&provider, spec, "", &fix.error) < 0);
	assert_non_null(strstr(fix.error.text, "add the master to a keyring"));
}

static void an_absent_af_alg_is_told_with_the_way_out(void **state)
{
	struct provider *provider;
	int fd;

	(void)state;
	fd = socket(AF_ALG, SOCK_SEQPACKET, 0);
	if (fd >= 0) {
		close(fd);
		print_message("# skipped: this kernel has AF_ALG\n");
		skip();
	}
	assert_true(provider_open(&provider, "kernel:1", "", &fix.error) < 0);
	assert_non_null(strstr(fix.error.text, "use --mac file"));
}

static void wrong_provider_names_are_wrong_usage(void **state)
{
	static const char * const bad[] = {
		"", "kernel", "kernel:", "kernel:0", "kernel:-1", "kernel:x",
		"kernel:2147483648", "File", "file:1",
		"library", "kernel:mpin.0=1", "kernel:mpin.65536=1", "kernel:mpin.x=1",
		"kernel:mpin.01=1", "kernel:kpin.1=1", "kernel:mpin.1=", "pkcs11",
		"pkcs11:", "pkcs11:module=/x", "pkcs11:module=x;token=t;pin-file=/p",
		"pkcs11:module=/x;token=t;pin-file=p", "pkcs11:module=/x;token=t",
		"pkcs11:module=/x;token=t;pin-file=", "pkcs11:slot=1;token=t;pin-file=/p",
		"pkcs11:module=/x;module=/y;token=t;pin-file=/p",
	};
	struct provider *provider;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(provider_open(&provider, bad[i], "", &fix.error), -EDOM);
}

static void the_file_provider_wants_a_private_file_with_masters(void **state)
{
	struct provider *provider;
	uint8_t kpin[2][32], kmg[32];

	(void)state;
	assert_int_equal(chmod(fix.domain_path, 0640), 0);
	assert_true(provider_open(&provider, "file", fix.domain_path, &fix.error) < 0);
	assert_non_null(strstr(fix.error.text, "mode is 0640"));
	assert_int_equal(chmod(fix.domain_path, 0600), 0);
	fixture_ok(provider_open(&provider, "file", fix.domain_path, &fix.error));
	/* Generations live side by side. */
	assert_int_equal(provider_newest(provider, MASTER_MPIN), 2);
	fixture_ok(provider_kpin(provider, 1, mid, kpin[0], &fix.error));
	fixture_ok(provider_kpin(provider, 2, mid, kpin[1], &fix.error));
	assert_memory_not_equal(kpin[0], kpin[1], 32);
	fixture_ok(provider_kmg(provider, 2, mid, kmg, &fix.error));
	assert_int_equal(provider_kpin(provider, 3, mid, kpin[0], &fix.error), -ENOKEY);
	fixture_ok(provider_ready(provider, &fix.error));
	provider_close(provider);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernel_and_library_agree_on_every_derivation),
		cmocka_unit_test(kernel_keys_are_named_by_master_and_generation),
		cmocka_unit_test(a_logon_key_serves_though_nobody_can_read_it),
		cmocka_unit_test(a_key_that_is_gone_is_named),
		cmocka_unit_test(an_absent_af_alg_is_told_with_the_way_out),
		cmocka_unit_test(the_file_provider_wants_a_private_file_with_masters),
		cmocka_unit_test(wrong_provider_names_are_wrong_usage),
	};

	return cmocka_run_group_tests_name("centre-mac", tests, fixture_make,
					   fixture_remove);
}
