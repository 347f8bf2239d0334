// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Questions on a pseudo-terminal. The parent is the person, the child asks.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "smpairctl/prompt.h"

#define MINUTE_MS	60000

/* Exit codes of the child. */
enum { AS_TYPED, OTHERWISE };

static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

struct session {
	int master;
	int slave;		/* keeps the terminal alive when the child has ended */
	pid_t child;
	char seen[512];
};

static void ask(struct session *s, bool echo, int64_t limit_ms, int expected_err,
		const char *expected)
{
	char name[128], line[32];
	size_t len;
	int err;

	memset(s, 0, sizeof(*s));
	s->child = forkpty(&s->master, name, NULL, NULL);
	assert_true(s->child >= 0);
	if (!s->child) {
		struct rlimit none = { 0 };
		size_t i;

		setrlimit(RLIMIT_CORE, &none);
		/* Whoever runs the tests may ignore some, as nohup does. */
		for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
			signal(signals[i], SIG_DFL);
		err = prompt_line("PIN: ", echo, ctl_now() + limit_ms, line, sizeof(line), &len);
		if (err != expected_err)
			_exit(OTHERWISE);
		if (!err && (len != strlen(expected) || strncmp(line, expected, len)))
			_exit(OTHERWISE);
		_exit(AS_TYPED);
	}
	s->slave = open(name, O_RDWR | O_NOCTTY);
	assert_true(s->slave >= 0);
}

/* Collects what appears on the terminal until @text does. */
static void see(struct session *s, const char *text)
{
	struct pollfd pfd = { .fd = s->master, .events = POLLIN };
	size_t len = strlen(s->seen);

	while (!strstr(s->seen, text)) {
		ssize_t n;

		assert_int_equal(poll(&pfd, 1, MINUTE_MS), 1);
		n = read(s->master, s->seen + len, sizeof(s->seen) - 1 - len);
		assert_true(n > 0);
		len += (size_t)n;
	}
}

static void type(struct session *s, const char *text)
{
	assert_int_equal(write(s->master, text, strlen(text)), strlen(text));
}

static bool echoes(const struct session *s)
{
	struct termios now;

	assert_int_equal(tcgetattr(s->slave, &now), 0);
	return now.c_lflag & ECHO;
}

static int end(struct session *s)
{
	int status;

	assert_int_equal(waitpid(s->child, &status, 0), s->child);
	assert_true(echoes(s));
	close(s->master);
	close(s->slave);
	return status;
}

static void a_secret_is_read_and_never_shown(void **state)
{
	struct session s;
	int status;

	(void)state;
	ask(&s, false, MINUTE_MS, 0, "1234 5678");
	see(&s, "PIN: ");
	assert_false(echoes(&s));
	type(&s, "1234 5678\n");
	see(&s, "PIN: \r\n");
	status = end(&s);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), AS_TYPED);
	assert_null(strstr(s.seen, "1234"));
}

static void an_open_question_shows_what_is_typed(void **state)
{
	struct session s;
	int status;

	(void)state;
	ask(&s, true, MINUTE_MS, 0, "yes");
	see(&s, "PIN: ");
	assert_true(echoes(&s));
	type(&s, "yes\n");
	see(&s, "yes");
	status = end(&s);
	assert_int_equal(WEXITSTATUS(status), AS_TYPED);
}

static void the_terminal_is_restored_before_a_signal_ends_the_program(void **state)
{
	struct session s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		int status;

		ask(&s, false, MINUTE_MS, 0, "");
		see(&s, "PIN: ");
		assert_false(echoes(&s));
		kill(s.child, signals[i]);
		status = end(&s);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), signals[i]);
	}
}

static void the_question_returns_after_a_stop(void **state)
{
	struct session s;
	int status;

	(void)state;
	ask(&s, false, MINUTE_MS, 0, "12345678");
	see(&s, "PIN: ");
	/*
	 * The child leads its session, whose stop signals from the terminal
	 * the kernel drops as of an orphaned group; the settings still must
	 * come back, and the question with them.
	 */
	kill(s.child, SIGTSTP);
	s.seen[0] = '\0';
	see(&s, "PIN: ");
	assert_false(echoes(&s));
	type(&s, "12345678\n");
	status = end(&s);
	assert_int_equal(WEXITSTATUS(status), AS_TYPED);
}

static void a_deadline_ends_the_question(void **state)
{
	struct session s;
	int status;

	(void)state;
	ask(&s, false, 1, -ETIMEDOUT, NULL);
	status = end(&s);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), AS_TYPED);
}

static void a_line_beyond_the_buffer_is_refused(void **state)
{
	struct session s;
	int status;

	(void)state;
	ask(&s, false, MINUTE_MS, -EMSGSIZE, NULL);
	see(&s, "PIN: ");
	type(&s, "1234567890123456789012345678901234567890\n");
	status = end(&s);
	assert_int_equal(WEXITSTATUS(status), AS_TYPED);
}

static void a_descriptor_gives_one_line_and_keeps_the_rest(void **state)
{
	char line[16], rest[8] = "";
	size_t len;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "12345678\nrest", 13), 13);
	assert_int_equal(prompt_fd(fds[0], ctl_now() + MINUTE_MS, line, sizeof(line), &len), 0);
	assert_int_equal(len, 8);
	assert_memory_equal(line, "12345678", 8);
	assert_int_equal(read(fds[0], rest, 4), 4);
	assert_string_equal(rest, "rest");

	/* Nothing comes: the wait is bounded. */
	assert_int_equal(prompt_fd(fds[0], ctl_now() + 1, line, sizeof(line), &len), -ETIMEDOUT);
	/* The end of the stream ends the line. */
	assert_int_equal(write(fds[1], "87654321", 8), 8);
	close(fds[1]);
	assert_int_equal(prompt_fd(fds[0], ctl_now() + MINUTE_MS, line, sizeof(line), &len), 0);
	assert_int_equal(len, 8);
	assert_int_equal(prompt_fd(fds[0], ctl_now() + MINUTE_MS, line, sizeof(line), &len), 0);
	assert_int_equal(len, 0);
	close(fds[0]);
	assert_int_equal(prompt_fd(-1, ctl_now() + 1, line, sizeof(line), &len), -ETIMEDOUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secret_is_read_and_never_shown),
		cmocka_unit_test(an_open_question_shows_what_is_typed),
		cmocka_unit_test(the_terminal_is_restored_before_a_signal_ends_the_program),
		cmocka_unit_test(the_question_returns_after_a_stop),
		cmocka_unit_test(a_deadline_ends_the_question),
		cmocka_unit_test(a_line_beyond_the_buffer_is_refused),
		cmocka_unit_test(a_descriptor_gives_one_line_and_keeps_the_rest),
	};

	return cmocka_run_group_tests_name("prompt", tests, NULL, NULL);
}
