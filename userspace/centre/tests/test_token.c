// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Masters in a real token, SoftHSM's, against the published vectors and the file
 * provider. The token is put there by the verb that operators use.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>
#include <jansson.h>

#include "centre/provider.h"
#include "centre/token.h"
#include "domain/pin.h"
#include "domain/tests/command.h"

#define VECTORS	"selftests/vectors/pdt1.json"
#define CENTRE	PROGRAMS "/smpair-centre"
#define MODULE	"/usr/lib/softhsm/libsofthsm2.so"
#define PIN	"4711-0815"

static const uint8_t other_mid[8] = { 2, 1, 0, 0, 0, 0, 0, 9 };
static json_t *vectors;
static char spec[288], token_spec[256];
static struct domain_error error;

static void ok(int err)
{
	if (err)
		fail_msg("%d: %s", err, error.text);
}

static void unhex(const json_t *object, const char *name, uint8_t *out, size_t len)
{
	const char *text = json_string_value(json_object_get(object, name));
	size_t i;

	assert_non_null(text);
	assert_int_equal(strlen(text), 2 * len);
	for (i = 0; i < len; i++)
		assert_int_equal(sscanf(text + 2 * i, "%2hhx", &out[i]), 1);
}

/* The published masters are generation 1; generation 2 differs. */
static int write_domain(const char *name, const char *mpin, const char *mmgt)
{
	json_t *domain;
	int err;

	domain = json_pack("{s:s, s:i, s:i, s:[{s:i, s:s}], s:[{s:i, s:s}], s:[{s:i, s:s}, {s:i, s:s}], s:[{s:i, s:s}, {s:i, s:s}]}",
			   "smpair", "domain", "v", 1, "dom", 1,
			   "k", "g", 1, "k", KEY("11"), "MHKey", "m", 1, "MHKey", KEY("22"),
			   "MPIN", "g", 1, "MPIN", mpin, "g", 2, "MPIN", KEY("a2"),
			   "MMGT", "g", 1, "MMGT", mmgt, "g", 2, "MMGT", KEY("b2"));
	err = json_dump_file(domain, name, 0) || chmod(name, 0600);
	json_decref(domain);
	return err;
}

static int make(void **state)
{
	const json_t *module;
	char folder[128];

	vectors = json_load_file(VECTORS, 0, NULL);
	module = json_object_get(vectors, "module");
	if (!vectors || command_folder_make(state) || !getcwd(folder, sizeof(folder)) ||
	    write_domain("domain.json",
			 json_string_value(json_object_get(module, "MPIN")),
			 json_string_value(json_object_get(module, "MMGT"))))
		return -1;
	snprintf(token_spec, sizeof(token_spec),
		 "module=" MODULE ";token=centre;pin-file=%s/pin", folder);
	snprintf(spec, sizeof(spec), "pkcs11:%s", token_spec);
	command_run("echo directories.tokendir = %s/tokens >softhsm.conf", folder);
	strcat(folder, "/softhsm.conf");
	setenv("SOFTHSM2_CONF", folder, 1);
	return 0;
}

static int remove_all(void **state)
{
	json_decref(vectors);
	return command_folder_remove(state);
}

static int import(const char *domain)
{
	return command_run(CENTRE " import-masters --domain %s --mac '%s'", domain, spec);
}

/* A token with both generations of both masters. */
static int fresh(void **state)
{
	(void)state;
	if (command_run("rm -rf tokens away && mkdir tokens && "
			"printf '" PIN "\\n' >pin && chmod 600 pin && "
			"softhsm2-util --init-token --free --label centre --pin " PIN
			" --so-pin 12345678"))
		return -1;
	return import("domain.json");
}

static struct provider *open_token(void)
{
	struct provider *provider;

	ok(provider_open(&provider, spec, "", &error));
	return provider;
}

static void published_pins_are_computed_in_the_token(void **state)
{
	struct provider *provider = open_token();
	const json_t *module = json_object_get(vectors, "module"), *row;
	uint8_t mid[8], sn[8], kpin[32], key[32];
	unsigned int pins = 0;
	const char *text;
	char pin[8];
	size_t i;

	(void)state;
	unhex(module, "MID", mid, 8);
	ok(provider_kpin(provider, 1, mid, kpin, &error));
	unhex(module, "KPIN", key, 32);
	assert_memory_equal(kpin, key, 32);
	json_array_foreach(json_object_get(vectors, "pins"), i, row) {
		text = json_string_value(json_object_get(row, "pin"));
		if (!text)
			continue;
		unhex(row, "SN", sn, 8);
		ok(domain_pin(provider_mac(provider), kpin,
			      (uint8_t)json_integer_value(json_object_get(row, "policy")), sn,
			      (uint32_t)json_integer_value(json_object_get(row, "N")), pin));
		assert_memory_equal(pin, text, 8);
		pins++;
	}
	assert_true(pins > 10);
	ok(provider_kmg(provider, 1, mid, kpin, &error));
	unhex(module, "KMG", key, 32);
	assert_memory_equal(kpin, key, 32);
	provider_close(provider);
}

static void token_and_file_agree_on_every_generation(void **state)
{
	struct provider *token = open_token(), *file;
	uint8_t a[32], b[32], first[32] = { 0 };
	uint16_t generation;

	(void)state;
	ok(provider_open(&file, "file", "domain.json", &error));
	assert_int_equal(provider_newest(token, MASTER_MPIN), 2);
	assert_int_equal(provider_newest(token, MASTER_MMGT), 2);
	for (generation = 1; generation <= 2; generation++) {
		ok(provider_kpin(token, generation, other_mid, a, &error));
		ok(provider_kpin(file, generation, other_mid, b, &error));
		assert_memory_equal(a, b, 32);
		assert_memory_not_equal(a, first, 32);
		memcpy(first, a, 32);
		ok(provider_kmg(token, generation, other_mid, a, &error));
		ok(provider_kmg(file, generation, other_mid, b, &error));
		assert_memory_equal(a, b, 32);
		ok(provider_check(token, MASTER_MMGT, generation, a, &error));
		ok(provider_check(file, MASTER_MMGT, generation, b, &error));
		assert_memory_equal(a, b, MASTER_CHECK_LEN);
	}
	assert_int_equal(provider_kpin(token, 3, other_mid, a, &error), -ENOKEY);
	provider_close(token);
	provider_close(file);
}

/* The token by itself, for looking behind the centre's back. */
static void connect_token(struct token *token, struct token_key *keys, unsigned int *count)
{
	memset(token, 0, sizeof(*token));
	ok(token_load(token, token_spec, &error));
	ok(token_connect(token, true, &error));
	ok(token_keys(token, keys, 8, count, &error));
}

static void imported_masters_cannot_be_read_out_of_the_token(void **state)
{
	CK_BBOOL yes[4], extractable;
	CK_KEY_TYPE type;
	CK_ATTRIBUTE wanted[] = {
		{ CKA_SENSITIVE, &yes[0], 1 }, { CKA_PRIVATE, &yes[1], 1 },
		{ CKA_TOKEN, &yes[2], 1 }, { CKA_SIGN, &yes[3], 1 },
		{ CKA_EXTRACTABLE, &extractable, 1 },
		{ CKA_KEY_TYPE, &type, sizeof(type) },
	};
	uint8_t value[64];
	CK_ATTRIBUTE secret = { CKA_VALUE, value, sizeof(value) };
	struct token_key keys[8];
	struct token token;
	unsigned int count, i;

	(void)state;
	connect_token(&token, keys, &count);
	assert_int_equal(count, 4);
	for (i = 0; i < count; i++) {
		memset(yes, 0, sizeof(yes));
		extractable = CK_TRUE;
		assert_int_equal(token.p11->C_GetAttributeValue(token.session, keys[i].handle,
								wanted, 6), CKR_OK);
		assert_true(yes[0] && yes[1] && yes[2] && yes[3] && !extractable);
		assert_int_equal(type, CKK_GENERIC_SECRET);
		assert_int_equal(token.p11->C_GetAttributeValue(token.session, keys[i].handle,
								&secret, 1),
				 CKR_ATTRIBUTE_SENSITIVE);
	}
	token_unload(&token);
}

static void put(struct token *token, const char *label, CK_BBOOL sensitive,
		CK_BBOOL extractable, CK_BBOOL sign)
{
	CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	CK_KEY_TYPE type = CKK_GENERIC_SECRET;
	CK_BBOOL yes = CK_TRUE;
	uint8_t value[32] = { 1 };
	CK_ATTRIBUTE attributes[] = {
		{ CKA_CLASS, &class, sizeof(class) }, { CKA_KEY_TYPE, &type, sizeof(type) },
		{ CKA_TOKEN, &yes, 1 }, { CKA_PRIVATE, &yes, 1 },
		{ CKA_SENSITIVE, &sensitive, 1 }, { CKA_EXTRACTABLE, &extractable, 1 },
		{ CKA_SIGN, &sign, 1 }, { CKA_LABEL, (void *)label, strlen(label) },
		{ CKA_VALUE, value, sizeof(value) },
	};
	CK_OBJECT_HANDLE handle;

	assert_int_equal(token->p11->C_CreateObject(token->session, attributes, 9, &handle),
			 CKR_OK);
}

static void expect_no_provider(int err, const char *says)
{
	struct provider *provider;
	int got;

	got = provider_open(&provider, spec, "", &error);
	if (!got)
		fail_msg("opened, though: %s", says);
	if (got != err || !strstr(error.text, says))
		fail_msg("%d \"%s\", not %d \"%s\"", got, error.text, err, says);
}

static void a_key_that_could_leave_the_token_is_refused(void **state)
{
	static const struct {
		CK_BBOOL sensitive, extractable, sign;
	} rows[] = { { 0, 0, 1 }, { 1, 1, 1 }, { 1, 0, 0 } };
	struct token_key keys[8];
	struct token token;
	unsigned int count;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(fresh(state), 0);
		connect_token(&token, keys, &count);
		put(&token, "mpin.3", rows[i].sensitive, rows[i].extractable, rows[i].sign);
		token_unload(&token);
		expect_no_provider(-EPERM, "key mpin.3");
	}
}

static void a_master_that_is_there_twice_is_refused(void **state)
{
	struct token_key keys[8];
	struct token token;
	unsigned int count;

	(void)state;
	connect_token(&token, keys, &count);
	put(&token, "mmgt.2", 1, 0, 1);
	token_unload(&token);
	expect_no_provider(-EEXIST, "generation 2 of MMGT twice");
}

static void keys_of_others_in_the_token_do_not_matter(void **state)
{
	static const char * const labels[] = {
		"mpin", "mpin.0", "mpin.01", "mpin.65536", "kpin.1", "MPIN.3", "mpin.3 ",
		"a label that is longer than any of a master may be",
	};
	struct token_key keys[8];
	struct provider *provider;
	struct token token;
	unsigned int count, i;

	(void)state;
	connect_token(&token, keys, &count);
	for (i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		put(&token, labels[i], 0, 1, 0);
	token_unload(&token);
	provider = open_token();
	assert_int_equal(provider_newest(provider, MASTER_MPIN), 2);
	provider_close(provider);
}

static void importing_again_compares_and_tells_another_key(void **state)
{
	(void)state;
	assert_int_equal(import("domain.json"), 0);
	assert_string_equal(command_out, "MPIN generation 1: is there\nMPIN generation 2: is there\n"
			    "MMGT generation 1: is there\nMMGT generation 2: is there\n");
	assert_int_equal(write_domain("other.json", KEY("77"), KEY("66")), 0);
	assert_int_equal(import("other.json"), 1);
	assert_non_null(strstr(command_err, "another generation 1 of MPIN"));
	assert_int_equal(command_run(CENTRE " import-masters --domain domain.json --mac file"), 2);
	assert_int_equal(command_run(CENTRE " import-masters --mac '%s'", spec), 2);
}

static void an_empty_token_is_told_with_the_way_out(void **state)
{
	struct provider *provider;

	(void)state;
	assert_int_equal(command_run("rm -r tokens/* && softhsm2-util --init-token --free --label centre --pin "
				     PIN " --so-pin 12345678"), 0);
	assert_int_equal(provider_open(&provider, spec, "", &error), -ENOKEY);
	assert_non_null(strstr(error.text, "import-masters"));
}

static void wrong_pin_of_the_token_is_told_and_the_file_must_be_private(void **state)
{
	(void)state;
	command_write("pin", 0600, "0000-0000\n");
	expect_no_provider(-EACCES, "refuses the PIN");
	assert_null(strstr(error.text, "0000-0000"));
	command_write("pin", 0640, PIN);
	expect_no_provider(-EPERM, "0640");
	assert_null(strstr(error.text, PIN));
	assert_int_equal(unlink("pin"), 0);
	expect_no_provider(-ENOENT, "/pin");
}

/* More than a second passes, within which a token is not looked for again. */
static void let_it_look_again(void)
{
	const struct timespec wait = { .tv_sec = 2 };

	nanosleep(&wait, NULL);
}

static void a_lost_token_is_found_again_when_it_is_back(void **state)
{
	struct provider *provider = open_token();
	uint8_t before[32], after[32];
	int i;

	(void)state;
	ok(provider_kpin(provider, 1, other_mid, before, &error));
	for (i = 0; i < 2; i++) {
		ok(provider_ready(provider, &error));
		assert_int_equal(command_run("mv tokens away && mkdir tokens"), 0);
		assert_int_equal(provider_ready(provider, &error), -EAGAIN);
		assert_int_equal(provider_kpin(provider, 1, other_mid, after, &error), -EAGAIN);
		/* What the token will hold is known all the time. */
		assert_true(provider_has(provider, MASTER_MPIN, 2));
		assert_int_equal(command_run("rmdir tokens && mv away tokens"), 0);
		let_it_look_again();
		ok(provider_ready(provider, &error));
		ok(provider_kpin(provider, 1, other_mid, after, &error));
		assert_memory_equal(before, after, 32);
	}
	provider_close(provider);
}

static void a_pin_that_was_refused_is_never_tried_again(void **state)
{
	struct provider *provider = open_token();

	(void)state;
	assert_int_equal(command_run("mv tokens away && mkdir tokens"), 0);
	assert_int_equal(provider_ready(provider, &error), -EAGAIN);
	command_write("pin", 0600, "0000-0000");
	assert_int_equal(command_run("rmdir tokens && mv away tokens"), 0);
	let_it_look_again();
	assert_int_equal(provider_ready(provider, &error), -EACCES);
	command_write("pin", 0600, PIN);
	let_it_look_again();
	assert_int_equal(provider_ready(provider, &error), -EACCES);
	assert_non_null(strstr(error.text, "start anew"));
	provider_close(provider);
	provider_close(open_token());
}

static void a_forked_process_computes_with_the_token(void **state)
{
	struct provider *provider = open_token();
	uint8_t here[32], there[32];
	int pipes[2], status;
	pid_t child;

	(void)state;
	ok(provider_kpin(provider, 1, other_mid, here, &error));
	assert_int_equal(pipe(pipes), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		if (provider_kpin(provider, 1, other_mid, there, &error)) {
			print_error("# child: %s\n", error.text);
			_exit(1);
		}
		_exit(write(pipes[1], there, 32) != 32);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(read(pipes[0], there, 32), 32);
	assert_memory_equal(here, there, 32);
	close(pipes[0]);
	close(pipes[1]);
	/* The parent's session is its own still. */
	ok(provider_kpin(provider, 1, other_mid, there, &error));
	assert_memory_equal(here, there, 32);
	provider_close(provider);
}

static void a_forked_process_does_not_use_its_parents_session(void **state)
{
	struct token_key keys[8];
	struct token token;
	unsigned int count;
	int status;
	pid_t child;

	(void)state;
	connect_token(&token, keys, &count);
	assert_true(token_connected(&token));
	child = fork();
	assert_true(child >= 0);
	if (!child)
		_exit(token_connected(&token) || token_connect(&token, false, &error) ||
		      !token_connected(&token));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_true(token_connected(&token));
	token_unload(&token);
}

static void a_token_that_was_made_anew_is_used_without_a_refusal(void **state)
{
	struct provider *provider = open_token();
	uint8_t before[32], after[32];

	ok(provider_kpin(provider, 1, other_mid, before, &error));
	assert_int_equal(fresh(state), 0);
	ok(provider_kpin(provider, 1, other_mid, after, &error));
	assert_memory_equal(before, after, 32);
	provider_close(provider);
}

#define TEST(name)	cmocka_unit_test_setup(name, fresh)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(published_pins_are_computed_in_the_token),
		TEST(token_and_file_agree_on_every_generation),
		TEST(imported_masters_cannot_be_read_out_of_the_token),
		TEST(a_key_that_could_leave_the_token_is_refused),
		TEST(a_master_that_is_there_twice_is_refused),
		TEST(keys_of_others_in_the_token_do_not_matter),
		TEST(importing_again_compares_and_tells_another_key),
		TEST(an_empty_token_is_told_with_the_way_out),
		TEST(wrong_pin_of_the_token_is_told_and_the_file_must_be_private),
		TEST(a_lost_token_is_found_again_when_it_is_back),
		TEST(a_pin_that_was_refused_is_never_tried_again),
		TEST(a_forked_process_computes_with_the_token),
		TEST(a_forked_process_does_not_use_its_parents_session),
		TEST(a_token_that_was_made_anew_is_used_without_a_refusal),
	};

	return cmocka_run_group_tests_name("centre-token", tests, make, remove_all);
}
