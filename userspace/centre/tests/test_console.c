// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "centre/console/form.h"
#include "centre/console/html.h"
#include "centre/console/lockout.h"
#include "centre/console/password.h"
#include "centre/console/session.h"

/* ---- escaping ---- */

static void what_has_a_meaning_in_html_is_escaped(void **state)
{
	struct html html = { 0 };

	(void)state;
	html_raw(&html, "<p>");
	html_text(&html, "a<b>&\"'\n\x7f\x01\xc3\xa4z");
	assert_string_equal(html.text, "<p>a&lt;b&gt;&amp;&quot;&#39;   \xc3\xa4z");
	html_end(&html);
	assert_null(html.text);
}

static void formatted_text_is_escaped_too(void **state)
{
	struct html html = { 0 };

	(void)state;
	html_format(&html, "%s|%d", "<&>", -1);
	assert_string_equal(html.text, "&lt;&amp;&gt;|-1");
	html_end(&html);
}

static void a_long_page_grows_and_an_endless_one_fails(void **state)
{
	struct html html = { 0 };
	char text[1001];
	int i;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (i = 0; i < 100; i++)
		html_text(&html, text);
	assert_false(html.failed);
	assert_int_equal(html.len, 100000);
	assert_int_equal(strlen(html.text), 100000);
	for (i = 0; i < 1000; i++)
		html_text(&html, text);
	assert_true(html.failed);
	assert_true(html.len < HTML_MAX);
	html_end(&html);
}

/* ---- forms ---- */

static int decode(struct form *form, const char *text)
{
	static char body[512];

	assert_true(strlen(text) < sizeof(body));
	/* Right up to its end, so that reading on is seen. */
	strcpy(body + sizeof(body) - 1 - strlen(text), text);
	return form_decode(form, body + sizeof(body) - 1 - strlen(text), strlen(text));
}

static void a_form_is_decoded(void **state)
{
	struct form form;

	(void)state;
	assert_int_equal(decode(&form, "a=1&b+c=x%20y%2Bz+&d=&e=%3d"), 0);
	assert_int_equal(form.count, 4);
	assert_string_equal(form_get(&form, "a"), "1");
	assert_string_equal(form_get(&form, "b c"), "x y+z ");
	assert_string_equal(form_get(&form, "d"), "");
	assert_string_equal(form_get(&form, "e"), "=");
	assert_null(form_get(&form, "f"));
	assert_int_equal(decode(&form, ""), 0);
	assert_int_equal(form.count, 0);
}

static void what_is_no_form_is_refused(void **state)
{
	static const char *const bad[] = {
		"a", "=b", "&", "a=1&", "&a=1", "a=1&&b=2", "a=%", "a=%1", "a=%g0", "a=%0g",
		"a=%00", "%00=a", "a=1&a=2", "a=1&%61=2",
		"a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1&i=1&j=1&k=1&l=1&m=1",
	};
	struct form form;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (decode(&form, bad[i]) != -EINVAL)
			fail_msg("\"%s\" was decoded", bad[i]);
}

/* ---- lock-out ---- */

static void the_fifth_wrong_password_locks_out_and_each_more_doubles_it(void **state)
{
	struct lockout lockout = { 0 };
	int64_t now = 1000000, expected = LOCKOUT_FIRST;
	int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		lockout_add(&lockout, now);
		assert_int_equal(lockout_wait(&lockout, now), 0);
	}
	for (i = 0; i < 40; i++) {
		lockout_add(&lockout, now);
		assert_int_equal(lockout_wait(&lockout, now), expected);
		assert_int_equal(lockout_wait(&lockout, now + expected - 1), 1);
		assert_int_equal(lockout_wait(&lockout, now + expected), 0);
		now += expected;
		expected = expected * 2 < LOCKOUT_LAST ? expected * 2 : LOCKOUT_LAST;
	}
}

static void wrong_passwords_of_long_ago_are_forgotten(void **state)
{
	struct lockout lockout = { .wrong = 9, .last = 1000 };

	(void)state;
	lockout_add(&lockout, 1000 + LOCKOUT_MEMORY);
	assert_int_equal(lockout.wrong, 10);
	lockout_add(&lockout, 1000 + 2 * LOCKOUT_MEMORY + 1);
	assert_int_equal(lockout.wrong, 1);
}

static void a_clock_set_back_prolongs_no_lock_out(void **state)
{
	struct lockout lockout = { .wrong = 5, .last = 1000000 };

	(void)state;
	assert_int_equal(lockout_wait(&lockout, 10), LOCKOUT_FIRST);
}

/* ---- sessions ---- */

static struct sessions sessions;
static const struct store_operator operator = { .name = "olga", .role = "operator" };

static int fresh(void **state)
{
	(void)state;
	memset(&sessions, 0, sizeof(sessions));
	return 0;
}

static struct session *begin(uint8_t seed, int64_t now)
{
	uint8_t random[2 * SESSION_TOKEN_LEN];

	memset(random, seed, sizeof(random));
	random[SESSION_TOKEN_LEN] = (uint8_t)~seed;
	return session_begin(&sessions, &operator, random, now);
}

static void a_session_is_found_by_its_cookie_alone(void **state)
{
	const struct session *session = begin(7, 100);
	char id[SESSION_TOKEN_SIZE];

	(void)state;
	strcpy(id, session->id);
	assert_string_not_equal(session->id, session->csrf);
	assert_ptr_equal(session_find(&sessions, id, 100), session);
	assert_null(session_find(&sessions, session->csrf, 100));
	assert_null(session_find(&sessions, NULL, 100));
	assert_null(session_find(&sessions, "", 100));
	id[SESSION_TOKEN_SIZE - 2] ^= 1;
	assert_null(session_find(&sessions, id, 100));
	id[SESSION_TOKEN_SIZE - 2] = '\0';
	assert_null(session_find(&sessions, id, 100));
}

static void an_empty_token_is_equal_to_nothing(void **state)
{
	(void)state;
	assert_false(session_token_equal("", ""));
	assert_false(session_token_equal(NULL, ""));
}

static void a_session_that_idles_ends(void **state)
{
	char id[SESSION_TOKEN_SIZE];

	(void)state;
	strcpy(id, begin(7, 100)->id);
	assert_non_null(session_find(&sessions, id, 100 + SESSION_IDLE));
	assert_non_null(session_find(&sessions, id, 100 + 2 * SESSION_IDLE));
	assert_null(session_find(&sessions, id, 101 + 3 * SESSION_IDLE));
	assert_null(session_find(&sessions, id, 100));
}

static void a_session_in_use_ends_after_the_longest_time(void **state)
{
	char id[SESSION_TOKEN_SIZE];
	int64_t now;

	(void)state;
	strcpy(id, begin(7, 100)->id);
	for (now = 100; now <= 100 + SESSION_LONGEST; now += SESSION_IDLE)
		assert_non_null(session_find(&sessions, id, now));
	assert_null(session_find(&sessions, id, 101 + SESSION_LONGEST));
}

static void one_session_too_many_ends_the_one_unused_longest(void **state)
{
	char id[SESSIONS][SESSION_TOKEN_SIZE];
	int i;

	(void)state;
	for (i = 0; i < SESSIONS; i++)
		strcpy(id[i], begin((uint8_t)(i + 1), 100 + i)->id);
	assert_non_null(session_find(&sessions, id[0], 300));
	begin(SESSIONS + 1, 301);
	assert_null(session_find(&sessions, id[1], 302));
	for (i = 0; i < SESSIONS; i++)
		if (i != 1)
			assert_non_null(session_find(&sessions, id[i], 302));
}

static void nothing_of_an_ended_session_is_left(void **state)
{
	static const struct session none;
	struct session *session = begin(7, 100);

	(void)state;
	session_end(session);
	assert_memory_equal(session, &none, sizeof(none));
}

/* ---- passwords ---- */

static void only_the_password_fits_its_hash(void **state)
{
	char hash[PASSWORD_HASH_SIZE], other[PASSWORD_HASH_SIZE];
	struct domain_error error;

	(void)state;
	assert_int_equal(password_hash("twelve bytes", hash, &error), 0);
	assert_int_equal(password_hash("twelve bytes", other, &error), 0);
	assert_string_not_equal(hash, other);
	assert_memory_equal(hash, "$y$", 3);
	assert_true(password_fits("twelve bytes", hash));
	assert_false(password_fits("twelve byteS", hash));
	assert_false(password_fits("", hash));
	assert_false(password_fits("twelve bytes", ""));
	assert_false(password_fits("twelve bytes", "*0"));
	/* Of another method than yescrypt */
	assert_false(password_fits("twelve bytes",
				   "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/"));
}

static void passwords_of_a_wrong_length_are_not_taken(void **state)
{
	char hash[PASSWORD_HASH_SIZE], text[PASSWORD_MAX + 2];
	struct domain_error error;

	(void)state;
	assert_int_equal(password_hash("eleven byte", hash, &error), -EINVAL);
	memset(text, 'x', sizeof(text));
	text[PASSWORD_MAX + 1] = '\0';
	assert_int_equal(password_hash(text, hash, &error), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_has_a_meaning_in_html_is_escaped),
		cmocka_unit_test(formatted_text_is_escaped_too),
		cmocka_unit_test(a_long_page_grows_and_an_endless_one_fails),
		cmocka_unit_test(a_form_is_decoded),
		cmocka_unit_test(what_is_no_form_is_refused),
		cmocka_unit_test(the_fifth_wrong_password_locks_out_and_each_more_doubles_it),
		cmocka_unit_test(wrong_passwords_of_long_ago_are_forgotten),
		cmocka_unit_test(a_clock_set_back_prolongs_no_lock_out),
		cmocka_unit_test_setup(a_session_is_found_by_its_cookie_alone, fresh),
		cmocka_unit_test(an_empty_token_is_equal_to_nothing),
		cmocka_unit_test_setup(a_session_that_idles_ends, fresh),
		cmocka_unit_test_setup(a_session_in_use_ends_after_the_longest_time, fresh),
		cmocka_unit_test_setup(one_session_too_many_ends_the_one_unused_longest, fresh),
		cmocka_unit_test_setup(nothing_of_an_ended_session_is_left, fresh),
		cmocka_unit_test(only_the_password_fits_its_hash),
		cmocka_unit_test(passwords_of_a_wrong_length_are_not_taken),
	};

	return cmocka_run_group_tests_name("centre console", tests, NULL, NULL);
}
