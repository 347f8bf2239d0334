// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "smpaird/conf.h"

static char folder[] = "/tmp/smpaird-conf.XXXXXX";
static char path[64], key[64];
static struct conf conf;
static struct domain_error error;

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/conf", folder);
	snprintf(key, sizeof(key), "%s/key", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(path);
	unlink(key);
	return rmdir(folder);
}

static int read_text(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	error.text[0] = '\0';
	return conf_read(&conf, path, &error);
}

static void an_empty_file_denies_everything(void **state)
{
	const uint8_t module[8] = { 2, 1 };

	(void)state;
	assert_int_equal(read_text("# nothing\n"), 0);
	assert_int_equal(conf.priority, 100);
	assert_string_equal(conf.socket, "/run/smpaird/socket");
	assert_int_equal(conf_find(&conf, module)->policy, CONF_DENY);
}

static void an_issuers_own_section_comes_before_that_of_all_others(void **state)
{
	const uint8_t own[8] = { 2, 1 }, other[8] = { 2, 2 };

	(void)state;
	assert_int_equal(read_text("[issuer *]\npolicy = deny\n[issuer 513]\npolicy = ask\n"
				   "evict = yes\n"), 0);
	assert_int_equal(conf_find(&conf, own)->policy, CONF_ASK);
	assert_int_equal(conf_find(&conf, own)->evict, CONF_EVICT_YES);
	assert_int_equal(conf_find(&conf, other)->policy, CONF_DENY);
	assert_int_equal(conf_find(&conf, other)->evict, CONF_EVICT_ASK);
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
	static const struct {
		const char *text;
		const char *says;
	} rows[] = {
		{ "[agent]\nprioriti = 1\n", ":2: prioriti in [agent] is no setting" },
		{ "[agent]\npriority = -1\n", "must be a number from 0 to 4294967295" },
		{ "[agent]\npriority = 4294967296\n", "must be a number" },
		{ "[agent]\npair = maybe\n", "must be no or yes" },
		{ "[agent]\nsocket = here\n", "must be a path that begins with /" },
		{ "[issuer 70000]\npolicy = ask\n", "must be a number from 0 to 65535, or *" },
		{ "[issuer 01]\npolicy = ask\n", "must be a number from 0 to 65535, or *" },
		{ "[issuer 1]\npolicy = ask\n[agent]\npair = no\n[issuer 1]\nevict = no\n",
		  ":6: the issuer in [issuer 1] has a section already" },
		{ "[issuer 1]\npolicy = maybe\n", "must be deny or ask or auto" },
		{ "[centre]\ntimeout = 0\n", "must be a number from 1 to 120" },
		{ "[centre]\npoll = 86401\n", "must be a number from 0 to 86400" },
		{ "[elsewhere]\nx = 1\n", "is no setting" },
		{ "[agent\n", ":1: neither a [section] nor NAME = VALUE" },
		{ "[issuer 1]\npolicy = auto\n", "policy auto needs a centre" },
		{ "[centre]\nurl = http://c\n", "must begin with https://" },
		{ "[centre]\nurl = https://c http://d\n", "must begin with https://" },
		{ "[centre]\nurl = https://1 https://2 https://3 https://4 https://5\n"
		  "url = https://6 https://7 https://8 https://9\n",
		  "takes up to 8 addresses" },
		{ "[centre]\nurl = https://c\nca = /a\n", "needs ca, cert and key" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(read_text(rows[i].text), -EINVAL);
		if (!strstr(error.text, rows[i].says))
			fail_msg("\"%s\" is answered \"%s\"", rows[i].text, error.text);
	}
}

static void a_private_key_that_others_can_read_is_refused(void **state)
{
	char text[512];
	FILE *file = fopen(key, "w");

	(void)state;
	assert_non_null(file);
	fclose(file);
	snprintf(text, sizeof(text), "[centre]\nurl = https://c\nca = /a\ncert = /b\nkey = %s\n",
		 key);
	chmod(key, 0644);
	assert_int_equal(read_text(text), -EPERM);
	assert_non_null(strstr(error.text, "chmod 600"));
	chmod(key, 0600);
	assert_int_equal(read_text(text), 0);
}

static void centres_are_kept_in_the_order_of_the_file(void **state)
{
	char text[512];
	FILE *file = fopen(key, "w");

	(void)state;
	assert_non_null(file);
	fclose(file);
	chmod(key, 0600);
	snprintf(text, sizeof(text),
		 "[centre]\nurl = https://c:1  https://b:2\nurl = https://a:3\nca = /a\ncert = /b\nkey = %s\n",
		 key);
	assert_int_equal(read_text(text), 0);
	assert_int_equal(conf.centre_count, 3);
	assert_string_equal(conf.centre[0], "https://c:1");
	assert_string_equal(conf.centre[1], "https://b:2");
	assert_string_equal(conf.centre[2], "https://a:3");
}

static void a_file_that_is_not_there_is_told_so(void **state)
{
	(void)state;
	assert_int_equal(conf_read(&conf, "/nowhere/smpaird.conf", &error), -ENOENT);
	assert_non_null(strstr(error.text, "/nowhere/smpaird.conf"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_file_denies_everything),
		cmocka_unit_test(an_issuers_own_section_comes_before_that_of_all_others),
		cmocka_unit_test(what_is_wrong_is_told_with_its_line),
		cmocka_unit_test(a_private_key_that_others_can_read_is_refused),
		cmocka_unit_test(centres_are_kept_in_the_order_of_the_file),
		cmocka_unit_test(a_file_that_is_not_there_is_told_so),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
