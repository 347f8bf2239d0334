// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * URIs that name clients: one form of each, and none of what has several.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "centre/uri.h"

static void one_form_is_made_of_what_means_the_same(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "urn:example:gateway-1", "urn:example:gateway-1" },
		{ "URN:Example:Gateway-1", "urn:example:Gateway-1" },
		{ "spiffe://fleet.example/Gateway/1", "spiffe://fleet.example/Gateway/1" },
		{ "SPIFFE://Fleet.EXAMPLE:8443/Gateway/1", "spiffe://fleet.example:8443/Gateway/1" },
		{ "https://example.org", "https://example.org" },
		{ "urn:uuid:F81D4FAE-7dec", "urn:uuid:F81D4FAE-7dec" },
		{ "tag:fleet@example.org,2026:a/b", "tag:fleet@example.org,2026:a/b" },
		{ "x:y", "x:y" },
		{ "urn:example:a/..b/...", "urn:example:a/..b/..." },
		{ "spiffe://host/.a/.b1", "spiffe://host/.a/.b1" },
		{ "spiffe://a-host_1/b", "spiffe://a-host_1/b" },
		{ "H2+x.y-z:a", "h2+x.y-z:a" },
		{ "x:a-._~!$&'()*+,;=:@/b", "x:a-._~!$&'()*+,;=:@/b" },
	};
	char text[URI_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(uri_read(rows[i].in, strlen(rows[i].in), text));
		assert_string_equal(text, rows[i].out);
		/* And stays as it is. */
		assert_true(uri_read(rows[i].out, strlen(rows[i].out), text));
		assert_string_equal(text, rows[i].out);
	}
}

static void what_has_several_forms_or_readers_is_refused(void **state)
{
	static const char *const rows[] = {
		"", ":", "x:", ":y", "1x:y", "x", "gateway-1", "/gateway-1", "//host/a",
		"urn:", "urn:example", "urn:example:", "urn::a", "urn:ex.ample:a",
		"spiffe://", "spiffe:///a", "spiffe:/a", "spiffe:/ab", "spiffe://host/", "spiffe://host//a",
		"spiffe://host/a/", "spiffe://host/./a", "spiffe://host/a/..", "spiffe://host:/a",
		"x_y:z", "spiffe://ho%73t/a", "spiffe://user@host/a", "spiffe://host/%61", "spiffe://host/a?b",
		"spiffe://host/a#b", "urn:example:a%20b", "urn:example:a b", "urn:example:a\n",
		"urn:example:\xc3\xa4", "urn:example:a/../b", "urn:example:a\\b", " urn:example:a",
		"spiffe://[::1]/a", "x:a//b", "x:a/",
	};
	char text[URI_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (uri_read(rows[i], strlen(rows[i]), text))
			fail_msg("%s was taken for %s", rows[i], text);
}

static void length_is_bounded_and_nothing_hides_behind_a_nul(void **state)
{
	char in[URI_SIZE + 1], text[URI_SIZE];

	(void)state;
	memset(in, 'a', sizeof(in));
	memcpy(in, "urn:example:", 12);
	assert_true(uri_read(in, URI_SIZE - 1, text));
	assert_int_equal(strlen(text), URI_SIZE - 1);
	assert_false(uri_read(in, URI_SIZE, text));
	assert_false(uri_read(in, URI_SIZE + 1, text));
	assert_false(uri_read("urn:example:a\0b", 15, text));
	assert_false(uri_read("urn:example:a\0", 14, text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_form_is_made_of_what_means_the_same),
		cmocka_unit_test(what_has_several_forms_or_readers_is_refused),
		cmocka_unit_test(length_is_bounded_and_nothing_hides_behind_a_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
