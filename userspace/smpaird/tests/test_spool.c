// SPDX-License-Identifier: GPL-2.0-or-later
/* What is kept on disk; that it is delivered is tested with a real centre. */
#include <dirent.h>
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

#include "smpaird/spool.h"

static struct loop loop;
static struct conf conf;
static struct spool spool;
static struct domain_error error;

static int begin(void **state)
{
	(void)state;
	strcpy(conf.state, "/tmp/smpaird-spool.XXXXXX");
	conf.timeout = 5;
	/* Without a centre nothing is tried. */
	conf.url[0] = '\0';
	return !mkdtemp(conf.state) || loop_init(&loop) ||
	       spool_open(&spool, &loop, &conf, &error);
}

static int end(void **state)
{
	char command[2 * PATH_MAX];

	(void)state;
	spool_close(&spool);
	loop_fini(&loop);
	snprintf(command, sizeof(command), "rm -r '%s'", conf.state);
	return system(command);
}

static void a_message_is_there_after_a_restart(void **state)
{
	(void)state;
	assert_int_equal(spool_add(&spool, "POST", "/v1/confirmations", "{}", &error), 0);
	assert_int_equal(spool_add(&spool, "POST", "/v1/confirmations", "{}", &error), 0);
	spool_close(&spool);
	assert_int_equal(spool_open(&spool, &loop, &conf, &error), 0);
	assert_int_equal(spool.waiting, 2);
	assert_int_equal(spool.last, 2);
}

static void a_message_is_for_its_owner_only(void **state)
{
	char name[SPOOL_NAME_SIZE];
	struct stat st;

	(void)state;
	assert_int_equal(spool_add(&spool, "POST", "/v1/confirmations", "{}", &error), 0);
	snprintf(name, sizeof(name), "%s/%016x.json", spool.path, 1);
	assert_int_equal(stat(name, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void a_full_queue_refuses_and_says_so(void **state)
{
	(void)state;
	spool.waiting = SPOOL_MAX;
	assert_int_equal(spool_add(&spool, "POST", "/v1/confirmations", "{}", &error), -ENOSPC);
	assert_non_null(strstr(error.text, "find out why"));
}

static void files_of_others_are_no_messages(void **state)
{
	static const char *const names[] = { "0000000000000001.json.77.new", "x", "1.json",
					     "000000000000000g.json" };
	char name[SPOOL_NAME_SIZE + 16];
	size_t i;
	FILE *file;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(name, sizeof(name), "%s/%s", spool.path, names[i]);
		file = fopen(name, "w");
		assert_non_null(file);
		fclose(file);
	}
	spool_close(&spool);
	assert_int_equal(spool_open(&spool, &loop, &conf, &error), 0);
	assert_int_equal(spool.waiting, 0);
}

static void waiting_doubles_up_to_a_quarter_of_an_hour(void **state)
{
	unsigned int delay = 0, before, i;

	(void)state;
	for (i = 0; i < 20; i++) {
		before = delay;
		delay = spool_next_delay(delay);
		assert_in_range(delay, before ? before : 1, 900);
	}
	assert_int_equal(delay, 900);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_message_is_there_after_a_restart, begin, end),
		cmocka_unit_test_setup_teardown(a_message_is_for_its_owner_only, begin, end),
		cmocka_unit_test_setup_teardown(a_full_queue_refuses_and_says_so, begin, end),
		cmocka_unit_test_setup_teardown(files_of_others_are_no_messages, begin, end),
		cmocka_unit_test(waiting_doubles_up_to_a_quarter_of_an_hour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
