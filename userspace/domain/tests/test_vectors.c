// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The values of selftests/vectors/pdt1.json that the domain's side makes.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "domain/kdf.h"
#include "domain/keys.h"
#include "domain/manage.h"
#include "domain/pin.h"

#define VECTORS	"selftests/vectors/pdt1.json"

static const struct domain_mac *const mac = &domain_mac_library;
static json_t *vectors;

static size_t hex(const json_t *object, const char *name, uint8_t *out, size_t size)
{
	const char *text = json_string_value(json_object_get(object, name));
	size_t i, len;

	assert_non_null(text);
	len = strlen(text) / 2;
	assert_true(len <= size);
	for (i = 0; i < len; i++)
		assert_int_equal(sscanf(text + 2 * i, "%2hhx", &out[i]), 1);
	return len;
}

static uint32_t number(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	assert_true(json_is_integer(value));
	return (uint32_t)json_integer_value(value);
}

static json_t *list(const char *name)
{
	json_t *array = json_object_get(vectors, name);

	assert_true(json_array_size(array) > 0);
	return array;
}

static void kpin_of_module(uint8_t kpin[32])
{
	const json_t *module = json_object_get(vectors, "module");
	uint8_t mpin[32], mid[8];

	hex(module, "MPIN", mpin, sizeof(mpin));
	hex(module, "MID", mid, sizeof(mid));
	assert_int_equal(domain_kpin(mac, mpin, mid, kpin), 0);
}

static void kdf_gives_the_published_outputs(void **state)
{
	uint8_t key[32], context[256], expected[256], out[256];
	size_t i, context_len, len;
	const char *label;
	json_t *v;

	(void)state;
	json_array_foreach(list("kdf"), i, v) {
		hex(v, "key", key, sizeof(key));
		context_len = hex(v, "context", context, sizeof(context));
		len = hex(v, "output", expected, sizeof(expected));
		assert_int_equal(len, number(v, "length"));
		label = json_string_value(json_object_get(v, "label"));
		assert_int_equal(domain_kdf(mac, key, label, context, context_len,
					    out, len), 0);
		assert_memory_equal(out, expected, len);
	}
}

static void kdf_refuses_lengths_that_have_no_encoding(void **state)
{
	uint8_t key[32] = { 0 }, out[256], context[257] = { 0 };

	(void)state;
	assert_int_equal(domain_kdf(mac, key, "12345678901234567890123456789012",
				    NULL, 0, out, 32), -EINVAL);
	assert_int_equal(domain_kdf(mac, key, "a", context, sizeof(context), out,
				    32), -EINVAL);
	assert_int_equal(domain_kdf(mac, key, "a", NULL, 0, out, 0), -EINVAL);
	assert_int_equal(domain_kdf(mac, key, "a", NULL, 0, out, 256), -EINVAL);
}

static void library_provider_without_key_says_so_and_wipes(void **state)
{
	uint8_t out[32], zero[32] = { 0 }, mid[8] = { 0 };

	(void)state;
	memset(out, 0xaa, sizeof(out));
	assert_int_equal(domain_kpin(mac, NULL, mid, out), -ENOKEY);
	assert_memory_equal(out, zero, sizeof(out));
}

static void host_cryptograms_match(void **state)
{
	uint8_t k[32], hs[32], nonce[12], as[32], expected[84], out[84];
	struct domain_cy cy;
	size_t i;
	json_t *v;

	(void)state;
	json_array_foreach(list("hosts"), i, v) {
		hex(v, "k", k, sizeof(k));
		hex(v, "HS", hs, sizeof(hs));
		hex(v, "SN", cy.sn, sizeof(cy.sn));
		hex(v, "AS", as, sizeof(as));
		hex(v, "cy_nonce", nonce, sizeof(nonce));
		assert_int_equal(hex(v, "CY", expected, sizeof(expected)), 84);
		cy.dom = number(v, "dom");
		cy.g = (uint16_t)number(v, "g");
		cy.cyid = number(v, "cyid");
		cy.rights = (uint16_t)number(v, "rights");

		domain_as(hs, cy.dom, cy.g, cy.sn, cy.as);
		assert_memory_equal(cy.as, as, sizeof(as));
		domain_cy_seal(&cy, k, nonce, out);
		assert_memory_equal(out, expected, sizeof(expected));
	}
}

static void module_keys_follow_from_the_masters(void **state)
{
	const json_t *module = json_object_get(vectors, "module");
	uint8_t mmgt[32], mid[8], expected[32], out[32];

	(void)state;
	kpin_of_module(out);
	hex(module, "KPIN", expected, sizeof(expected));
	assert_memory_equal(out, expected, sizeof(expected));

	hex(module, "MMGT", mmgt, sizeof(mmgt));
	hex(module, "MID", mid, sizeof(mid));
	assert_int_equal(domain_kmg(&domain_mac_library, mmgt, mid, out), 0);
	hex(module, "KMG", expected, sizeof(expected));
	assert_memory_equal(out, expected, sizeof(expected));
}

static void pins_and_request_codes_match(void **state)
{
	const json_t *module = json_object_get(vectors, "module");
	uint8_t kpin[32], mid[8], sn[8], ft[8], policy;
	const char *expected;
	char pin[8], code[7];
	uint32_t n, rq;
	size_t i;
	json_t *v;

	(void)state;
	kpin_of_module(kpin);
	hex(module, "MID", mid, sizeof(mid));
	hex(module, "FT0", ft, sizeof(ft));
	json_array_foreach(list("pins"), i, v) {
		hex(v, "SN", sn, sizeof(sn));
		n = number(v, "N");
		policy = (uint8_t)number(v, "policy");

		assert_int_equal(domain_request_code(mac, kpin, policy, mid, sn,
						     n, ft, &rq), 0);
		snprintf(code, sizeof(code), "%06u", rq);
		assert_string_equal(code,
				    json_string_value(json_object_get(v, "request_code")));

		expected = json_string_value(json_object_get(v, "pin"));
		if (!expected) {
			assert_int_equal(domain_pin(mac, kpin, policy, sn, n, pin),
					 -EINVAL);
			continue;
		}
		assert_int_equal(domain_pin(mac, kpin, policy, sn, n, pin), 0);
		assert_memory_equal(pin, expected, sizeof(pin));
	}
}

static void fork_tags_chain(void **state)
{
	uint8_t kpin[32], ft[8], sn[8], expected[8];
	size_t i;
	json_t *v;

	(void)state;
	kpin_of_module(kpin);
	hex(json_object_get(vectors, "module"), "FT0", ft, sizeof(ft));
	json_array_foreach(list("fork_tags"), i, v) {
		hex(v, "SN", sn, sizeof(sn));
		hex(v, "FT_after", expected, sizeof(expected));
		assert_int_equal(domain_fork_tag(mac, kpin, ft, sn,
						 number(v, "N"), ft), 0);
		assert_memory_equal(ft, expected, sizeof(expected));
	}
}

/* Commands after SET_KMG are under the new key. */
static void follow_key(const struct domain_manage *cmd, uint8_t kmg[32])
{
	if (cmd->op == PDT1_OP_SET_KMG)
		memcpy(kmg, cmd->body, 32);
}

static void commands_to_a_module_match_and_receipts_verify(void **state)
{
	uint8_t kmg[32], nonce[12], expected[128], out[DOMAIN_MANAGE_MAX];
	uint8_t answer[DOMAIN_RECEIPT_LEN + 1] = { 0 };
	struct domain_receipt receipt;
	struct domain_manage cmd;
	size_t i, len;
	json_t *v;

	(void)state;
	hex(json_object_get(vectors, "module"), "KMG", kmg, sizeof(kmg));
	json_array_foreach(list("manage"), i, v) {
		cmd.op = (uint8_t)number(v, "op");
		hex(v, "MID", cmd.mid, sizeof(cmd.mid));
		cmd.seq = number(v, "seq");
		cmd.nexp = number(v, "nexp");
		cmd.body_len = (uint8_t)hex(v, "body", cmd.body, sizeof(cmd.body));
		hex(v, "nonce", nonce, sizeof(nonce));
		len = hex(v, "data", expected, sizeof(expected));
		assert_int_equal(domain_manage_seal(&cmd, kmg, nonce, out), len);
		assert_memory_equal(out, expected, len);

		hex(v, "receipt", answer, PDT1_RECEIPT_LEN);
		hex(v, "mac", answer + PDT1_RECEIPT_LEN, PDT1_RECEIPT_MAC_LEN);
		assert_int_equal(domain_receipt_check(answer, DOMAIN_RECEIPT_LEN,
						      kmg, &receipt), 0);
		assert_int_equal(receipt.op, cmd.op);
		assert_int_equal(receipt.sw, PDT1_SW_OK);
		assert_int_equal(receipt.seq, cmd.seq);
		assert_int_equal(receipt.n, 1);
		assert_int_equal(receipt.ptc, 5);
		assert_memory_equal(receipt.mid, cmd.mid, sizeof(cmd.mid));
		follow_key(&cmd, kmg);
	}
}

static void receipts_with_any_bit_changed_are_refused(void **state)
{
	const json_t *v = json_array_get(list("manage"), 0);
	uint8_t kmg[32], answer[DOMAIN_RECEIPT_LEN + 1] = { 0 };
	struct domain_receipt receipt;
	size_t i;

	(void)state;
	hex(json_object_get(vectors, "module"), "KMG", kmg, sizeof(kmg));
	hex(v, "receipt", answer, PDT1_RECEIPT_LEN);
	hex(v, "mac", answer + PDT1_RECEIPT_LEN, PDT1_RECEIPT_MAC_LEN);
	for (i = 0; i < 8 * DOMAIN_RECEIPT_LEN; i++) {
		answer[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_int_equal(domain_receipt_check(answer, DOMAIN_RECEIPT_LEN,
						      kmg, &receipt), -EBADMSG);
		answer[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	assert_int_equal(domain_receipt_check(answer, DOMAIN_RECEIPT_LEN - 1, kmg,
					      &receipt), -EMSGSIZE);
	assert_int_equal(domain_receipt_check(answer, DOMAIN_RECEIPT_LEN + 1, kmg,
					      &receipt), -EMSGSIZE);
}

static int load(void **state)
{
	json_error_t fault;

	(void)state;
	vectors = json_load_file(VECTORS, JSON_REJECT_DUPLICATES, &fault);
	if (!vectors)
		print_error("%s: %s\n", VECTORS, fault.text);
	return vectors ? 0 : -1;
}

static int unload(void **state)
{
	(void)state;
	json_decref(vectors);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kdf_gives_the_published_outputs),
		cmocka_unit_test(kdf_refuses_lengths_that_have_no_encoding),
		cmocka_unit_test(library_provider_without_key_says_so_and_wipes),
		cmocka_unit_test(host_cryptograms_match),
		cmocka_unit_test(module_keys_follow_from_the_masters),
		cmocka_unit_test(pins_and_request_codes_match),
		cmocka_unit_test(fork_tags_chain),
		cmocka_unit_test(commands_to_a_module_match_and_receipts_verify),
		cmocka_unit_test(receipts_with_any_bit_changed_are_refused),
	};

	return cmocka_run_group_tests_name("domain", tests, load, unload);
}
