// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Questions on a terminal whose other end the test holds. What becomes of an answer is
 * the request's business, so the functions that take it are these here.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "libsmpair/deadline.h"
#include "smpaird/console.h"
#include "smpaird/request.h"

/* Only a hang lasts that long. */
#define PATIENCE_MS	120000
#define LINE_MAX_LEN	128

static struct daemon the_daemon;
static struct request first, second;
static int person, slave;	/* ends of the terminal */
static char name[128];
static char answer[256];
static const char *answer_at;
static size_t answer_len;
static const struct request *answered;
static bool ask_again;

void request_question(const struct request *request, char question[REQUEST_QUESTION_SIZE])
{
	strcpy(question, request == &first ? "first question:" : "second question:");
}

bool request_asks_people(const struct request *request)
{
	return request->state == REQUEST_PEOPLE;
}

void request_typed(struct request *request, const char *text, size_t len)
{
	answered = request;
	answer_at = text;
	answer_len = len;
	assert_in_range(len, 0, sizeof(answer) - 1);
	memcpy(answer, text, len);
	answer[len] = '\0';
	the_daemon.loop.stop = true;
	if (ask_again)
		console_begin(the_daemon.console, request);
	else
		console_end(the_daemon.console, request);
}

static int begin(void **state)
{
	(void)state;
	memset(&the_daemon, 0, sizeof(the_daemon));
	memset(answer, 0, sizeof(answer));
	answered = NULL;
	ask_again = false;
	first = (struct request){ .state = REQUEST_PEOPLE, .next = &second };
	second = (struct request){ .state = REQUEST_PEOPLE };
	the_daemon.requests = &first;
	return loop_init(&the_daemon.loop) || openpty(&person, &slave, name, NULL, NULL) ||
	       console_open(&the_daemon.console, &the_daemon, name);
}

static int end(void **state)
{
	(void)state;
	console_close(the_daemon.console);
	loop_fini(&the_daemon.loop);
	close(slave);
	close(person);
	return 0;
}

static bool echoes(void)
{
	struct termios termios;

	assert_int_equal(tcgetattr(slave, &termios), 0);
	return termios.c_lflag & ECHO;
}

/*
 * What the terminal showed since it was last looked at: output arrives in its order, so
 * all of it is there when the mark is.
 */
static const char *shown(void)
{
	static char seen[1024];
	struct pollfd poller = { .fd = person, .events = POLLIN };
	size_t len = 0;
	ssize_t n;

	assert_int_equal(write(slave, "#", 1), 1);
	do {
		assert_int_equal(poll(&poller, 1, PATIENCE_MS), 1);
		n = read(person, seen + len, sizeof(seen) - 1 - len);
		assert_true(n > 0);
		len += (size_t)n;
	} while (seen[len - 1] != '#');
	seen[len - 1] = '\0';
	return seen;
}

#define SHOWS(text)	assert_non_null(strstr(shown(), text))

static void stop(void *arg)
{
	(void)arg;
	the_daemon.loop.stop = true;
}

/* Until there is an answer, or what was typed so far was read. */
static void run(int64_t patience_ms)
{
	struct loop_timer timer = { .fn = stop };

	the_daemon.loop.stop = false;
	loop_set(&the_daemon.loop, &timer, smpair_now() + patience_ms);
	assert_int_equal(loop_run(&the_daemon.loop), 0);
	loop_clear(&the_daemon.loop, &timer);
}

static void type(const char *text)
{
	assert_int_equal(write(person, text, strlen(text)), strlen(text));
	run(PATIENCE_MS);
}

/* Types when nobody is asked, and lets the daemon read all of it. */
static void type_in_vain(const char *text)
{
	int64_t deadline = smpair_now() + PATIENCE_MS;
	int left;

	assert_int_equal(write(person, text, strlen(text)), strlen(text));
	do {
		assert_true(smpair_now() < deadline);
		run(1);
		assert_int_equal(ioctl(slave, FIONREAD, &left), 0);
	} while (left || !strstr(shown(), "\n"));
}

static void answer_reaches_the_request_unseen(void **state)
{
	(void)state;
	console_begin(the_daemon.console, &first);
	SHOWS("first question: ");
	assert_false(echoes());
	type("12345678\n");
	assert_ptr_equal(answered, &first);
	assert_string_equal(answer, "12345678");
	assert_null(strstr(shown(), "1234"));
}

static void what_was_typed_is_forgotten(void **state)
{
	static const char nothing[8];

	(void)state;
	console_begin(the_daemon.console, &first);
	type("12345678\n");
	assert_memory_equal(answer_at, nothing, sizeof(nothing));
}

static void what_was_typed_wrong_is_forgotten_when_it_is_asked_again(void **state)
{
	static const char nothing[7];

	(void)state;
	ask_again = true;
	console_begin(the_daemon.console, &first);
	SHOWS("first question: ");
	type("1234567\n");
	assert_memory_equal(answer_at, nothing, sizeof(nothing));
	SHOWS("first question: ");
	assert_false(echoes());
	ask_again = false;
	type("12345678\n");
	assert_string_equal(answer, "12345678");
}

static void next_question_follows_and_then_the_terminal_is_as_before(void **state)
{
	(void)state;
	console_begin(the_daemon.console, &first);
	SHOWS("first question: ");
	console_begin(the_daemon.console, &second);
	assert_string_equal(shown(), "");
	first.state = REQUEST_DONE;
	type("12345678\n");
	SHOWS("second question: ");
	assert_false(echoes());
	second.state = REQUEST_DONE;
	type("87654321\n");
	assert_ptr_equal(answered, &second);
	assert_string_equal(answer, "87654321");
	assert_true(echoes());
}

static void question_of_another_request_is_not_ended(void **state)
{
	(void)state;
	console_begin(the_daemon.console, &first);
	SHOWS("first question: ");
	console_end(the_daemon.console, &second);
	assert_string_equal(shown(), "");
	assert_false(echoes());
}

static void withdrawn_question_gives_the_terminal_back(void **state)
{
	(void)state;
	second.state = REQUEST_CENTRE;
	console_begin(the_daemon.console, &first);
	SHOWS("first question: ");
	console_end(the_daemon.console, &first);
	assert_true(echoes());
	/* It is nobody's answer. */
	type_in_vain("12345678\n");
	assert_null(answered);
}

static void what_is_too_long_is_cut_and_no_pin(void **state)
{
	char line[2 * LINE_MAX_LEN];

	(void)state;
	memset(line, '1', sizeof(line));
	line[sizeof(line) - 2] = '\n';
	line[sizeof(line) - 1] = '\0';
	console_begin(the_daemon.console, &first);
	second.state = REQUEST_CENTRE;
	type(line);
	assert_int_equal(answer_len, LINE_MAX_LEN);
	/* The rest of it is no further answer. */
	answered = NULL;
	type_in_vain("\n");
	assert_null(answered);
}

static void terminal_that_goes_away_is_not_used_any_more(void **state)
{
	(void)state;
	console_begin(the_daemon.console, &first);
	SHOWS("first question: ");
	/* End of input at the start of a line, as of Ctrl-D */
	assert_int_equal(write(person, "\x04", 1), 1);
	while (the_daemon.console)
		run(1);
	assert_true(echoes());
	/* As where there never was one */
	console_begin(the_daemon.console, &second);
	console_end(the_daemon.console, &second);
	console_close(the_daemon.console);
}

static void closing_gives_the_terminal_back_amid_a_question(void **state)
{
	(void)state;
	console_begin(the_daemon.console, &first);
	assert_false(echoes());
	console_close(the_daemon.console);
	the_daemon.console = NULL;
	assert_true(echoes());
}

static void what_is_no_terminal_is_refused(void **state)
{
	struct console *console = NULL;
	int fd;

	(void)state;
	assert_int_equal(console_open(&console, &the_daemon, "/dev/null"), -ENOTTY);
	assert_int_equal(console_open(&console, &the_daemon, "/nowhere"), -ENOENT);
	/* None of these is waited for: the loop does not run. */
	for (fd = 1000; !loop_add_fd(&the_daemon.loop, fd, stop, NULL); fd++)
		;
	assert_int_equal(console_open(&console, &the_daemon, name), -EMFILE);
	assert_null(console);
}

int main(void)
{
#define TEST(test)	cmocka_unit_test_setup_teardown(test, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(answer_reaches_the_request_unseen),
		TEST(what_was_typed_is_forgotten),
		TEST(what_was_typed_wrong_is_forgotten_when_it_is_asked_again),
		TEST(next_question_follows_and_then_the_terminal_is_as_before),
		TEST(question_of_another_request_is_not_ended),
		TEST(withdrawn_question_gives_the_terminal_back),
		TEST(what_is_too_long_is_cut_and_no_pin),
		TEST(terminal_that_goes_away_is_not_used_any_more),
		TEST(closing_gives_the_terminal_back_amid_a_question),
		TEST(what_is_no_terminal_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
