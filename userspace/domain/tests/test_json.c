// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a domain file may be wrong in: each fault is refused, by file and field,
 * and no value of the file is quoted.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "domain/domain.h"
#include "domain/secret.h"

#define KEY	"5ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2"
#define HEAD	"{\"smpair\":\"domain\",\"v\":1,"
#define K	"\"k\":[{\"g\":1,\"k\":\"" KEY "\"}],"
#define MHKEY	"\"MHKey\":[{\"m\":1,\"MHKey\":\"" KEY "\"}],"
#define MASTERS	"\"MPIN\":\"" KEY "\",\"MMGT\":\"" KEY "\""
#define GOOD	HEAD "\"dom\":7," K MHKEY MASTERS "}"

static char path[] = "/tmp/smpair-json-XXXXXX";

static int load_text(const char *text, size_t len, struct domain_error *error)
{
	struct domain domain;
	int fd, err;

	fd = open(path, O_WRONLY | O_TRUNC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
	error->text[0] = '\0';
	err = domain_load(&domain, path, error);
	domain_wipe(&domain);
	return err;
}

static void a_good_file_is_read(void **state)
{
	struct domain_error error;
	struct domain domain;

	(void)state;
	assert_int_equal(load_text(GOOD, strlen(GOOD), &error), 0);
	assert_int_equal(domain_load(&domain, path, &error), 0);
	assert_int_equal(domain.dom, 7);
	assert_int_equal(domain.k.count, 1);
	assert_int_equal(domain.mhkey.of[0].number, 1);
	assert_int_equal(domain.mpin.of[0].key[31], 0xc2);
	assert_int_equal(domain.mpin.of[0].number, 1);
	assert_true(domain.mpin.count == 1 && domain.mmgt.count == 1);
	domain_wipe(&domain);
}

static void masters_have_generations(void **state)
{
	static const char text[] = HEAD "\"dom\":7," K MHKEY "\"MPIN\":[{\"g\":2,\"MPIN\":\""
		KEY "\"},{\"g\":5,\"MPIN\":\"" KEY "\"}],\"MMGT\":\"" KEY "\"}";
	struct domain_error error;
	struct domain domain;
	int round;

	(void)state;
	assert_int_equal(load_text(text, strlen(text), &error), 0);
	for (round = 0; round < 2; round++) {
		assert_int_equal(domain_load(&domain, path, &error), 0);
		assert_int_equal(domain.mpin.count, 2);
		assert_int_equal(domain.mpin.of[0].number, 2);
		assert_int_equal(domain_newest_generation(&domain.mpin)->number, 5);
		assert_int_equal(domain.mmgt.count, 1);
		assert_int_equal(domain_store(&domain, path, true, &error), 0);
		domain_wipe(&domain);
	}
	assert_null(domain_newest_generation(&domain.mpin));
}

static void every_fault_is_refused_by_its_name(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "", "the end of the file is missing" },
		{ "[]", "does not hold an object" },
		{ "{}", "not a domain file" },
		{ HEAD "\"dom\":7," K MHKEY MASTERS, "the end of the file" },
		{ HEAD "\"dom\":7," K MHKEY "\"MPIN\":\"" KEY,
		  "the end of the file" },
		{ GOOD "x", "follows the end" },
		{ HEAD "\"dom\":7,\"dom\":8," K MHKEY MASTERS "}",
		  "appears twice" },
		{ HEAD "\"dom\":7," K MHKEY "\"MPIN\":\"" KEY "\"," MASTERS "}",
		  "appears twice" },
		{ HEAD "\"dom\":7," K MHKEY MASTERS ",\"mpin\":\"\"}",
		  "\"mpin\" is unknown" },
		{ HEAD K MHKEY MASTERS "}", "dom is missing" },
		{ HEAD "\"dom\":4294967296," K MHKEY MASTERS "}",
		  "dom must be an integer from 0 to 4294967295" },
		{ HEAD "\"dom\":-1," K MHKEY MASTERS "}", "dom must be" },
		{ HEAD "\"dom\":1.0," K MHKEY MASTERS "}", "dom must be" },
		{ HEAD "\"dom\":\"7\"," K MHKEY MASTERS "}", "dom must be" },
		{ HEAD "\"dom\":99999999999999999999," K MHKEY MASTERS "}",
		  "a number that is too large" },
		{ HEAD "\"dom\":1e999," K MHKEY MASTERS "}",
		  "a number that is too large" },
		{ HEAD "\"dom\":07," K MHKEY MASTERS "}", "syntax error" },
		{ HEAD "\"dom\":NaN," K MHKEY MASTERS "}", "syntax error" },
		{ HEAD "\"dom\":7,\"k\":[]," MHKEY MASTERS "}",
		  "k must be a list of 1 to 8" },
		{ HEAD "\"dom\":7,\"k\":{}," MHKEY MASTERS "}",
		  "k must be a list" },
		{ HEAD "\"dom\":7,\"k\":[7]," MHKEY MASTERS "}",
		  "k[0] must be an object" },
		{ HEAD "\"dom\":7,\"k\":[{\"g\":0,\"k\":\"" KEY "\"}]," MHKEY
		  MASTERS "}", "k[0]: g must be an integer from 1 to 65535" },
		{ HEAD "\"dom\":7,\"k\":[{\"g\":1}]," MHKEY MASTERS "}",
		  "k[0]: k is missing" },
		{ HEAD "\"dom\":7,\"k\":[{\"g\":1,\"k\":\"" KEY "\"},{\"g\":1,\"k\":\""
		  KEY "\"}]," MHKEY MASTERS "}", "k[1]: g is not greater" },
		{ HEAD "\"dom\":7," K MHKEY "\"MPIN\":\"" KEY "00\",\"MMGT\":\"" KEY
		  "\"}", "MPIN has 66 characters; it must have 64" },
		{ HEAD "\"dom\":7," K MHKEY "\"MPIN\":\"x" KEY "\"}",
		  "MPIN has 65" },
		{ HEAD "\"dom\":7," K MHKEY "\"MPIN\":7}",
		  "MPIN must be a string" },
		{ HEAD "\"dom\":7," K MHKEY "\"MMGT\":\"zz\"}", "MMGT has 2" },
		{ HEAD "\"dom\":7," K MHKEY "\"MPIN\":[]}", "MPIN must be a list" },
		{ HEAD "\"dom\":7," K MHKEY "\"MPIN\":[{\"MPIN\":\"" KEY "\"}]}",
		  "MPIN[0]: g is missing" },
		{ HEAD "\"dom\":7," K MHKEY "\"MPIN\":\"\xff\xfe\"}",
		  "not UTF-8" },
		{ HEAD "\"dom\":7," K MHKEY "\"MPIN\":\"\\u0000\"}", "a NUL" },
		{ "{\"smpair\":\"host\",\"v\":1}", "not a domain file" },
		{ "{\"smpair\":\"domain\",\"v\":2}", "format 2" },
	};
	struct domain_error error;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (!load_text(bad[i].text, strlen(bad[i].text), &error))
			fail_msg("accepted: %s", bad[i].text);
		if (!strstr(error.text, bad[i].says))
			fail_msg("\"%s\" does not say \"%s\"", error.text,
				 bad[i].says);
		assert_non_null(strstr(error.text, path));
		assert_null(strstr(error.text, "5ec2e7"));
	}
}

static void a_file_cut_anywhere_is_refused(void **state)
{
	struct domain_error error;
	size_t len;

	(void)state;
	for (len = 0; len < strlen(GOOD); len++) {
		if (!load_text(GOOD, len, &error))
			fail_msg("accepted when cut to %zu bytes", len);
		assert_null(strstr(error.text, "5ec2e7"));
	}
}

static void depth_and_size_are_bounded(void **state)
{
	struct domain_error error;
	char *text = malloc(100000);

	(void)state;
	assert_non_null(text);
	memset(text, '[', 60000);
	assert_true(load_text(text, 60000, &error) < 0);
	assert_non_null(strstr(error.text, "too many objects inside each other"));
	memset(text, ' ', 100000);
	assert_int_equal(load_text(text, 100000, &error), -EFBIG);
	free(text);
}

static void a_nul_byte_is_refused(void **state)
{
	char text[] = GOOD "\0";
	struct domain_error error;

	(void)state;
	assert_true(load_text(text, sizeof(text) - 1, &error) < 0);
	text[1] = '\0';
	assert_true(load_text(text, sizeof(text) - 2, &error) < 0);
}

static unsigned int memory_ends;	/* at this allocation, counted from 1; 0 never */

static void *alloc_until(size_t size)
{
	return memory_ends && !--memory_ends ? NULL : domain_secret_alloc(size);
}

/* Whatever cannot be written whole does not take the place of what is there. */
static void memory_that_ends_keeps_the_file(void **state)
{
	struct domain before, domain, after;
	struct domain_error error;
	unsigned int n, refused = 0;
	int err;

	(void)state;
	assert_int_equal(load_text(GOOD, strlen(GOOD), &error), 0);
	assert_int_equal(domain_load(&before, path, &error), 0);
	json_set_alloc_funcs(alloc_until, domain_secret_free);
	for (n = 1;; n++) {
		domain = before;
		domain.dom = before.dom + n;
		memory_ends = n;
		err = domain_store(&domain, path, true, &error);
		if (!err && memory_ends)
			break;
		memory_ends = 0;
		assert_int_equal(domain_load(&after, path, &error), 0);
		if (err) {
			refused++;
			assert_int_equal(err, -ENOMEM);
			assert_memory_equal(&after, &before, sizeof(after));
		} else {
			/* What failed was not needed. */
			assert_memory_equal(&after, &domain, sizeof(after));
			assert_int_equal(domain_store(&before, path, true, &error), 0);
		}
	}
	memory_ends = 0;
	json_set_alloc_funcs(domain_secret_alloc, domain_secret_free);
	assert_true(refused > 20);
	domain_wipe(&before);
	domain_wipe(&domain);
	domain_wipe(&after);
}

static int make(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	if (fd >= 0)
		close(fd);
	return fd < 0;
}

static int drop(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_file_is_read),
		cmocka_unit_test(masters_have_generations),
		cmocka_unit_test(every_fault_is_refused_by_its_name),
		cmocka_unit_test(a_file_cut_anywhere_is_refused),
		cmocka_unit_test(depth_and_size_are_bounded),
		cmocka_unit_test(a_nul_byte_is_refused),
		cmocka_unit_test(memory_that_ends_keeps_the_file),
	};

	return cmocka_run_group_tests_name("domain-json", tests, make, drop);
}
