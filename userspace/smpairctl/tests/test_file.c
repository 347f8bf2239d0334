// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files that are written, and what a power cut leaves of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "smpairctl/file.h"

static char dir[] = "/tmp/smpairctl-XXXXXX";
static char path[sizeof(dir) + 16];
static const uint8_t content[] = "receipt";

/* What was made durable; the first that fails, if any. */
static unsigned int files_synced, folders_synced;
static bool named_before_folder_synced, folder_fails;

/* In place of the C library's. */
int fsync(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	if (!S_ISDIR(st.st_mode)) {
		files_synced++;
		return 0;
	}
	folders_synced++;
	named_before_folder_synced = !access(path, F_OK);
	errno = EIO;
	return folder_fails ? -1 : 0;
}

static int make_folder(void **state)
{
	(void)state;
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/out", dir);
	files_synced = 0;
	folders_synced = 0;
	folder_fails = false;
	named_before_folder_synced = false;
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(path);
	/* Nothing else was left there. */
	return rmdir(dir);
}

static void expect_content(void)
{
	uint8_t got[sizeof(content) + 1];
	int fd = open(path, O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(read(fd, got, sizeof(got)), sizeof(content));
	assert_memory_equal(got, content, sizeof(content));
	close(fd);
}

static void a_written_file_and_its_name_are_durable(void **state)
{
	struct file_out out;

	(void)state;
	assert_int_equal(file_out_open(&out, path), 0);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(file_out_commit(&out, content, sizeof(content)), 0);
	expect_content();
	assert_int_equal(files_synced, 1);
	assert_int_equal(folders_synced, 1);
	assert_true(named_before_folder_synced);
}

static void a_name_without_a_folder_is_in_the_working_one(void **state)
{
	struct file_out out;
	char before[4096];

	(void)state;
	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chdir(dir), 0);
	assert_int_equal(file_out_open(&out, "out"), 0);
	assert_int_equal(file_out_commit(&out, content, sizeof(content)), 0);
	assert_int_equal(chdir(before), 0);
	expect_content();
	assert_int_equal(folders_synced, 1);
}

static void a_folder_that_cannot_be_synced_is_told(void **state)
{
	struct file_out out;

	(void)state;
	folder_fails = true;
	assert_int_equal(file_out_open(&out, path), 0);
	assert_int_equal(file_out_commit(&out, content, sizeof(content)), -EIO);
	/* What the module said once only is there all the same. */
	expect_content();
}

static void what_is_dropped_leaves_the_old_file(void **state)
{
	struct file_out out;

	(void)state;
	assert_int_equal(file_out_open(&out, path), 0);
	assert_int_equal(file_out_commit(&out, content, sizeof(content)), 0);
	assert_int_equal(file_out_open(&out, path), 0);
	file_out_drop(&out);
	expect_content();
}

static void what_is_no_file_is_written_as_it_is(void **state)
{
	struct file_out out;

	(void)state;
	assert_int_equal(file_out_open(&out, "/dev/null"), 0);
	assert_int_equal(file_out_commit(&out, content, sizeof(content)), 0);
	assert_int_equal(files_synced, 0);
	assert_int_equal(folders_synced, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_written_file_and_its_name_are_durable,
						make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(a_name_without_a_folder_is_in_the_working_one,
						make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(a_folder_that_cannot_be_synced_is_told,
						make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(what_is_dropped_leaves_the_old_file,
						make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(what_is_no_file_is_written_as_it_is,
						make_folder, remove_folder),
	};

	return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
