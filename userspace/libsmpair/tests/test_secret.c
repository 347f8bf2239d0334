// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <keyutils.h>
#include <smpair/key.h>
#include <smpair/secret.h>

static struct smpair_secret *make(size_t size)
{
	struct smpair_secret *secret;

	assert_int_equal(smpair_secret_new(size, &secret), 0);
	return secret;
}

static void sizes_are_bounded(void **state)
{
	struct smpair_secret *secret;

	(void)state;
	assert_int_equal(smpair_secret_new(0, &secret), -EINVAL);
	assert_int_equal(smpair_secret_new(SMPAIR_SECRET_MAX + 1, &secret), -EINVAL);
	secret = make(SMPAIR_SECRET_MAX);
	assert_int_equal(smpair_secret_size(secret), SMPAIR_SECRET_MAX);
	assert_int_equal(smpair_secret_data(secret)[SMPAIR_SECRET_MAX - 1], 0);
	smpair_secret_free(secret);
	smpair_secret_free(NULL);
}

/* The kernel's own account of the pages: locked, and not in a core dump. */
static void memory_is_locked_and_out_of_core_dumps(void **state)
{
	struct smpair_secret *secret = make(100);
	uintptr_t data = (uintptr_t)smpair_secret_data(secret);
	int inside = 0, seen = 0;
	char line[512];
	FILE *smaps;

	(void)state;
	smaps = fopen("/proc/self/smaps", "r");
	assert_non_null(smaps);
	while (fgets(line, sizeof(line), smaps)) {
		uintptr_t from, to;

		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR, &from, &to) == 2)
			inside = data >= from && data < to;
		if (inside && !strncmp(line, "VmFlags:", 8)) {
			assert_non_null(strstr(line, " lo"));
			assert_non_null(strstr(line, " dd"));
			assert_non_null(strstr(line, " wf"));
			seen = 1;
		}
	}
	fclose(smaps);
	smpair_secret_free(secret);
	if (!seen)
		skip();		/* a kernel without /proc/PID/smaps flags */
}

static void a_forked_child_sees_nothing(void **state)
{
	struct smpair_secret *secret = make(16);
	int status;
	pid_t pid;

	(void)state;
	memset(smpair_secret_data(secret), 0x5a, 16);
	pid = fork();
	if (!pid) {
		size_t i;

		for (i = 0; i < 16; i++)
			if (smpair_secret_data(secret)[i])
				_exit(1);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
	smpair_secret_free(secret);
}

static void an_overrun_ends_at_the_guard(void **state)
{
	struct smpair_secret *secret = make(16);
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	if (!pid) {
		volatile uint8_t *data = smpair_secret_data(secret);
		struct rlimit none = { 0 };
		size_t i;

		setrlimit(RLIMIT_CORE, &none);
		signal(SIGSEGV, SIG_DFL);
		for (i = 0; i < 65536 * 2; i++)
			data[i] = 1;
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSEGV);
	smpair_secret_free(secret);
}

static void trimming_wipes_what_it_cuts_off(void **state)
{
	struct smpair_secret *secret = make(16);
	uint8_t *data = smpair_secret_data(secret);
	size_t i;

	(void)state;
	memset(data, 0x5a, 16);
	assert_int_equal(smpair_secret_trim(secret, 17), -EINVAL);
	assert_int_equal(smpair_secret_trim(secret, 4), 0);
	assert_int_equal(smpair_secret_size(secret), 4);
	for (i = 0; i < 16; i++)
		assert_int_equal(data[i], i < 4 ? 0x5a : 0);
	smpair_secret_free(secret);
}

#define PAYLOAD_LEN	(48 + 2 * 34)

static void make_payload(uint8_t payload[PAYLOAD_LEN])
{
	static const uint8_t head[16] = {
		'S', 'M', 'P', 'H', 1, 2, 0, 0, 1, 1, 0, 0, 0, 0, 0x12, 0x34,
	};

	memset(payload, 0x77, PAYLOAD_LEN);
	memcpy(payload, head, sizeof(head));
	payload[48] = 0;
	payload[49] = 1;
	payload[82] = 0;
	payload[83] = 2;
}

static void each_wrong_form_of_host_secrets_is_refused(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} changes[] = {
		{ 0, 's' }, { 3, 'X' }, { 4, 0 }, { 4, 2 }, { 5, 0 }, { 5, 1 }, { 5, 3 },
		{ 5, 5 }, { 5, 255 }, { 6, 1 }, { 7, 1 }, { 83, 1 },
	};
	uint8_t payload[PAYLOAD_LEN], id[8];
	size_t i;

	(void)state;
	make_payload(payload);
	assert_int_equal(smpair_hostkey_check(payload, sizeof(payload), id), 0);
	assert_memory_equal(id, payload + 8, 8);
	for (i = 0; i < sizeof(payload); i++)
		assert_int_equal(smpair_hostkey_check(payload, i, id), -EBADMSG);
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		make_payload(payload);
		payload[changes[i].at] = changes[i].value;
		assert_int_equal(smpair_hostkey_check(payload, sizeof(payload), id), -EBADMSG);
	}
}

struct file {
	char dir[32];
	char path[64];
};

static int make_file(void **state)
{
	static struct file file;
	uint8_t payload[PAYLOAD_LEN];
	int fd;

	make_payload(payload);
	strcpy(file.dir, "/tmp/smpair-test-XXXXXX");
	if (!mkdtemp(file.dir))
		return -1;
	snprintf(file.path, sizeof(file.path), "%s/host.key", file.dir);
	fd = open(file.path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || write(fd, payload, sizeof(payload)) != (ssize_t)sizeof(payload))
		return -1;
	close(fd);
	*state = &file;
	return 0;
}

static int remove_file(void **state)
{
	struct file *file = *state;

	unlink(file->path);
	return rmdir(file->dir);
}

static void a_private_key_file_is_read(void **state)
{
	struct file *file = *state;
	struct smpair_secret *payload;
	uint8_t expected[PAYLOAD_LEN];

	make_payload(expected);
	assert_int_equal(smpair_hostkey_read(file->path, &payload), 0);
	assert_int_equal(smpair_secret_size(payload), PAYLOAD_LEN);
	assert_memory_equal(smpair_secret_data(payload), expected, PAYLOAD_LEN);
	smpair_secret_free(payload);
}

static void a_key_file_that_others_may_touch_is_refused(void **state)
{
	static const mode_t modes[] = { 0640, 0604, 0620, 0602, 0610, 0601, 0644, 0666 };
	struct smpair_secret *payload = NULL;
	struct file *file = *state;
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		assert_int_equal(chmod(file->path, modes[i]), 0);
		assert_int_equal(smpair_hostkey_read(file->path, &payload), -EKEYREJECTED);
		assert_null(payload);
	}
}

static void what_is_no_file_of_its_own_is_refused(void **state)
{
	struct smpair_secret *payload = NULL;
	struct file *file = *state;
	char other[80];

	snprintf(other, sizeof(other), "%s.link", file->path);
	assert_int_equal(symlink(file->path, other), 0);
	assert_int_equal(smpair_hostkey_read(other, &payload), -ELOOP);
	unlink(other);
	assert_int_equal(mkfifo(other, 0600), 0);
	assert_int_equal(smpair_hostkey_read(other, &payload), -EINVAL);
	unlink(other);
	assert_int_equal(smpair_hostkey_read(file->dir, &payload), -EINVAL);
	assert_int_equal(smpair_hostkey_read(other, &payload), -ENOENT);
	assert_null(payload);
}

static void a_key_file_of_the_wrong_length_is_refused(void **state)
{
	struct smpair_secret *payload = NULL;
	struct file *file = *state;
	off_t len;

	for (len = PAYLOAD_LEN - 1; len >= 0; len -= 13) {
		assert_int_equal(truncate(file->path, len), 0);
		assert_int_equal(smpair_hostkey_read(file->path, &payload), -EBADMSG);
	}
	assert_int_equal(truncate(file->path, 1 << 20), 0);
	assert_int_equal(smpair_hostkey_read(file->path, &payload), -EBADMSG);
	assert_null(payload);
}

static void a_pin_that_is_no_pin_makes_no_key(void **state)
{
	int32_t serial = 0;

	(void)state;
	assert_int_equal(smpair_key_add_pin("1234567x", &serial), -EINVAL);
	assert_int_equal(serial, 0);
}

static void a_pin_key_is_made_and_can_be_dropped_twice(void **state)
{
	int32_t serial = 0, second = 0;
	int err;

	(void)state;
	err = smpair_key_add_pin("12345678", &serial);
	if (err == -ENOSYS || err == -EPERM)
		skip();		/* no key retention service here */
	assert_int_equal(err, 0);
	assert_int_equal(smpair_key_add_pin("12345678", &second), 0);
	assert_int_not_equal(serial, second);
	assert_int_equal(smpair_key_drop(serial), 0);
	assert_int_equal(smpair_key_drop(serial), 0);
	assert_int_equal(smpair_key_drop(second), 0);
}

static void names_of_no_key_with_host_secrets_are_refused(void **state)
{
	static const char * const malformed[] = {
		"", "0", "0x10", "12a", "12 ", "-1", "@u", "2147483648",
		"99999999999999999999999", "encrypted", "encrypted:",
	};
	static const char * const readable[] = {
		"user:a", "big_key:a", "keyring:a", "%user:a", ":a", "Logon:a",
	};
	int32_t serial = 0;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
		int err = smpair_key_find(malformed[i], &serial);

		if (err != -EINVAL)
			fail_msg("\"%s\": %d", malformed[i], err);
	}
	for (i = 0; i < sizeof(readable) / sizeof(readable[0]); i++)
		assert_int_equal(smpair_key_find(readable[i], &serial), -EKEYREJECTED);
	assert_int_equal(serial, 0);
}

static void keys_are_found_by_serial_and_by_description(void **state)
{
	int32_t serial = 0, found = 0;
	key_serial_t readable;
	char name[16];

	(void)state;
	serial = add_key("logon", "smpair:find", "x", 1, KEY_SPEC_PROCESS_KEYRING);
	if (serial < 0 && (errno == ENOSYS || errno == EPERM))
		skip();		/* no key retention service here */
	assert_true(serial > 0);
	assert_int_equal(smpair_key_find("logon:smpair:find", &found), 0);
	assert_int_equal(found, serial);
	snprintf(name, sizeof(name), "%d", serial);
	found = 0;
	assert_int_equal(smpair_key_find(name, &found), 0);
	assert_int_equal(found, serial);
	assert_int_equal(smpair_key_find("logon:smpair:found", &found), -ENOKEY);

	readable = add_key("user", "smpair-find", "x", 1, KEY_SPEC_PROCESS_KEYRING);
	assert_true(readable > 0);
	snprintf(name, sizeof(name), "%d", readable);
	assert_int_equal(smpair_key_find(name, &found), -EKEYREJECTED);
	assert_int_equal(keyctl_revoke(serial), 0);
	snprintf(name, sizeof(name), "%d", serial);
	assert_int_equal(smpair_key_find(name, &found), -EKEYREVOKED);
	assert_int_equal(smpair_key_find("logon:smpair:find", &found), -ENOKEY);
	assert_int_equal(found, serial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_bounded),
		cmocka_unit_test(memory_is_locked_and_out_of_core_dumps),
		cmocka_unit_test(a_forked_child_sees_nothing),
		cmocka_unit_test(an_overrun_ends_at_the_guard),
		cmocka_unit_test(trimming_wipes_what_it_cuts_off),
		cmocka_unit_test(each_wrong_form_of_host_secrets_is_refused),
		cmocka_unit_test_setup_teardown(a_private_key_file_is_read, make_file,
						remove_file),
		cmocka_unit_test_setup_teardown(a_key_file_that_others_may_touch_is_refused,
						make_file, remove_file),
		cmocka_unit_test_setup_teardown(what_is_no_file_of_its_own_is_refused,
						make_file, remove_file),
		cmocka_unit_test_setup_teardown(a_key_file_of_the_wrong_length_is_refused,
						make_file, remove_file),
		cmocka_unit_test(a_pin_that_is_no_pin_makes_no_key),
		cmocka_unit_test(a_pin_key_is_made_and_can_be_dropped_twice),
		cmocka_unit_test(names_of_no_key_with_host_secrets_are_refused),
		cmocka_unit_test(keys_are_found_by_serial_and_by_description),
	};

	return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}
