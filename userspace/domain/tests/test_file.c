// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

#include <cmocka.h>

#include "domain/file.h"
#include "domain/secret.h"

static char folder[] = "/tmp/smpair-file-XXXXXX";
static char path[64];
static struct domain_error error;

static void expect(const char *contents)
{
	uint8_t *data;
	size_t len;

	assert_int_equal(domain_file_read(path, true, 100, &data, &len, &error), 0);
	assert_int_equal(len, strlen(contents));
	assert_memory_equal(data, contents, len);
	domain_secret_free(data);
}

static void a_secret_file_gets_mode_0600_and_is_kept(void **state)
{
	struct stat st;

	(void)state;
	umask(0);
	assert_int_equal(domain_file_write(path, 0600, false, "old", 3, &error), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(domain_file_write(path, 0600, false, "new", 3, &error),
			 -EEXIST);
	assert_non_null(strstr(error.text, "not overwritten"));
	expect("old");
	assert_int_equal(domain_file_write(path, 0600, true, "newer", 5, &error), 0);
	expect("newer");
}

static void a_link_in_place_of_the_file_is_not_followed(void **state)
{
	char target[80];
	struct stat st;

	(void)state;
	snprintf(target, sizeof(target), "%s/target", folder);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(domain_file_write(path, 0600, false, "x", 1, &error),
			 -EEXIST);
	assert_int_equal(domain_file_write(path, 0600, true, "x", 1, &error), 0);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(access(target, F_OK), -1);
}

static void an_abandoned_file_leaves_nothing(void **state)
{
	struct domain_new_file file;
	char temp[128];
	int fd;

	(void)state;
	assert_int_equal(domain_new_file_begin(&file, path, &error), 0);
	snprintf(temp, sizeof(temp), "%s", file.temp);
	fd = open(temp, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	close(fd);
	domain_new_file_end(&file);
	assert_int_equal(access(temp, F_OK), -1);
	assert_int_equal(access(path, F_OK), -1);
}

static void a_secret_that_others_can_read_is_refused(void **state)
{
	static const mode_t open_modes[] = { 0640, 0604, 0620, 0602, 0644 };
	uint8_t *data;
	size_t len, i;

	(void)state;
	assert_int_equal(domain_file_write(path, 0600, false, "x", 1, &error), 0);
	for (i = 0; i < sizeof(open_modes) / sizeof(open_modes[0]); i++) {
		assert_int_equal(chmod(path, open_modes[i]), 0);
		assert_int_equal(domain_file_read(path, true, 100, &data, &len,
						  &error), -EPERM);
		assert_non_null(strstr(error.text, "0600"));
		assert_int_equal(domain_file_read(path, false, 100, &data, &len,
						  &error), 0);
		domain_secret_free(data);
	}
}

static void what_is_no_file_or_too_long_is_refused_at_once(void **state)
{
	uint8_t *data;
	size_t len;

	(void)state;
	assert_int_equal(domain_file_read(folder, false, 100, &data, &len, &error),
			 -EINVAL);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(domain_file_read(path, true, 100, &data, &len, &error),
			 -EINVAL);
	unlink(path);
	assert_int_equal(domain_file_read(path, true, 100, &data, &len, &error),
			 -ENOENT);
	assert_int_equal(domain_file_write(path, 0600, false, "1234", 4, &error), 0);
	assert_int_equal(domain_file_read(path, true, 3, &data, &len, &error),
			 -EFBIG);
	assert_int_equal(domain_file_read(path, true, 4, &data, &len, &error), 0);
	domain_secret_free(data);
	assert_int_equal(domain_file_write("/nonexistent/x", 0600, false, "", 0,
					   &error), -ENOENT);
}

static int make(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/secret", folder);
	return 0;
}

static int empty(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static int drop(void **state)
{
	(void)state;
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_secret_file_gets_mode_0600_and_is_kept, empty),
		cmocka_unit_test_teardown(a_link_in_place_of_the_file_is_not_followed, empty),
		cmocka_unit_test_teardown(an_abandoned_file_leaves_nothing, empty),
		cmocka_unit_test_teardown(a_secret_that_others_can_read_is_refused, empty),
		cmocka_unit_test_teardown(what_is_no_file_or_too_long_is_refused_at_once, empty),
	};

	return cmocka_run_group_tests_name("domain-file", tests, make, drop);
}
