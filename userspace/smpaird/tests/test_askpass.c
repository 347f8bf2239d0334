// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Questions to password agents, in a /run of its own: those of systemd read and answer
 * them, and what nobody may answer is sent by hand. What becomes of an answer is the
 * request's business, so the functions that take it are these here.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include <smpair/id.h>

#include "libsmpair/deadline.h"
#include "smpaird/request.h"

#define FOLDER		"/run/systemd/ask-password"
#define TTY_AGENT	"/usr/bin/systemd-tty-ask-password-agent"
#define REPLY		"/lib/systemd/systemd-reply-password"
#define QUESTION	"PIN to pair the module (index 0):"
#define NOBODY		65534
/* For programs that answer: only a hang lasts that long. */
#define PATIENCE_MS	120000

static struct daemon the_daemon;

static struct request request = {
	.daemon = &the_daemon,
	.asked = { .id = 7, .module_id = { 2, 1, 0, 0, 0x56, 0x78, 0, 4 } },
};

static char typed[256];
static size_t typed_len;
static unsigned int answers, refusals;
static const char *no_folder;

void request_question(const struct request *asked, char question[REQUEST_QUESTION_SIZE])
{
	(void)asked;
	strcpy(question, QUESTION);
}

void request_typed(struct request *asked, const char *text, size_t len)
{
	assert_ptr_equal(asked, &request);
	assert_in_range(len, 0, sizeof(typed) - 1);
	memcpy(typed, text, len);
	typed[len] = '\0';
	typed_len = len;
	answers++;
	the_daemon.loop.stop = true;
}

void request_declined(struct request *asked)
{
	assert_ptr_equal(asked, &request);
	refusals++;
	the_daemon.loop.stop = true;
}

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return good;
}

/* Root of a world of its own: whoever runs the tests need not be root. */
static bool become_root(void)
{
	char user[64], group[64];

	snprintf(user, sizeof(user), "0 %u 1", geteuid());
	snprintf(group, sizeof(group), "0 %u 1", getegid());
	return !unshare(CLONE_NEWUSER) && write_text("/proc/self/setgroups", "deny") &&
	       write_text("/proc/self/uid_map", user) && write_text("/proc/self/gid_map", group);
}

static int make_folder(void **state)
{
	(void)state;
	if ((geteuid() && !become_root()) || unshare(CLONE_NEWNS) ||
	    mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", "/run", "tmpfs", 0, NULL) ||
	    mkdir("/run/systemd", 0755) || mkdir(FOLDER, 0755))
		no_folder = "this user gets no mount namespace, and so no /run to ask in";
	return 0;
}

static int begin(void **state)
{
	(void)state;
	answers = 0;
	refusals = 0;
	memset(typed, 0, sizeof(typed));
	the_daemon.loop.stop = false;
	request.deadline_at = smpair_now() + PATIENCE_MS;
	return loop_init(&the_daemon.loop);
}

static int end(void **state)
{
	(void)state;
	askpass_end(&request.askpass);
	loop_fini(&the_daemon.loop);
	return 0;
}

static void ask(void)
{
	if (no_folder) {
		print_message("%s\n", no_folder);
		skip();
	}
	assert_int_equal(askpass_begin(&request.askpass, &request), 0);
}

static unsigned int files(void)
{
	struct dirent *entry;
	unsigned int count = 0;
	DIR *dir = opendir(FOLDER);

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

static void stop(void *arg)
{
	struct loop *loop = arg;

	loop->stop = true;
}

/* Until there is an answer, or what arrived so far was looked at. */
static void run(int64_t patience_ms)
{
	struct loop_timer timer = { .fn = stop, .arg = &the_daemon.loop };

	the_daemon.loop.stop = false;
	loop_set(&the_daemon.loop, &timer, smpair_now() + patience_ms);
	assert_int_equal(loop_run(&the_daemon.loop), 0);
	loop_clear(&the_daemon.loop, &timer);
}

static void send_packet(const void *packet, size_t len, bool with_file)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct iovec iov = { .iov_base = (void *)(uintptr_t)packet, .iov_len = len };
	struct msghdr msg = {
		.msg_name = &sun, .msg_namelen = sizeof(sun), .msg_iov = &iov, .msg_iovlen = 1,
	};
	struct cmsghdr *cmsg;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	strcpy(sun.sun_path, request.askpass.path);
	if (with_file) {
		msg.msg_control = control.buf;
		msg.msg_controllen = sizeof(control.buf);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	}
	assert_int_equal(sendmsg(fd, &msg, 0), len);
	close(fd);
}

/* @packet is a literal; its NUL is sent, as agents do. */
#define SEND(packet)	send_packet(packet, sizeof(packet), false)

static void assert_the_question_stands(void)
{
	run(0);
	assert_int_equal(answers + refusals, 0);
	assert_ptr_equal(request.askpass.request, &request);
	assert_int_equal(access(request.askpass.file, R_OK), 0);
}

static void assert_typed(const char *wanted)
{
	assert_string_equal(typed, wanted);
	assert_int_equal(typed_len, strlen(wanted));
}

static void assert_nothing_is_asked(void)
{
	assert_null(request.askpass.request);
	assert_int_equal(files(), 0);
}

static void question_says_what_agents_have_to_know(void **state)
{
	char text[1024], wanted[1024], module[SMPAIR_ID_TEXT_SIZE];
	ssize_t len;
	int fd;

	(void)state;
	ask();
	smpair_id_format(request.asked.module_id, module, sizeof(module));
	assert_string_equal(request.askpass.file, FOLDER "/ask.smpair-7");
	fd = open(request.askpass.file, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	assert_true(len > 0);
	text[len] = '\0';
	snprintf(wanted, sizeof(wanted),
		 "[Ask]\nPID=%ld\nSocket=" FOLDER "/sck.smpair-7\nAcceptCached=0\nEcho=0\n"
		 "NotAfter=%lld\nId=smpair:%s\nMessage=" QUESTION "\n",
		 (long)getpid(), (long long)request.deadline_at * 1000, module);
	assert_string_equal(text, wanted);
	/* The question and its socket */
	assert_int_equal(files(), 2);
}

static void answer_is_taken_and_the_question_goes(void **state)
{
	(void)state;
	ask();
	SEND("+12345678");
	run(PATIENCE_MS);
	assert_int_equal(answers, 1);
	assert_typed("12345678");
	assert_nothing_is_asked();
}

static void first_of_several_answers_is_taken(void **state)
{
	(void)state;
	ask();
	SEND("+12345678\0other");
	run(PATIENCE_MS);
	assert_typed("12345678");
}

static void answer_without_its_nul_is_taken_as_far_as_it_goes(void **state)
{
	(void)state;
	ask();
	send_packet("+12345678", 9, false);
	run(PATIENCE_MS);
	assert_typed("12345678");
}

static void empty_answer_is_passed_on_as_empty(void **state)
{
	(void)state;
	ask();
	SEND("+");
	run(PATIENCE_MS);
	assert_int_equal(answers, 1);
	assert_typed("");
}

static void cancelled_question_is_declined(void **state)
{
	(void)state;
	ask();
	SEND("-");
	run(PATIENCE_MS);
	assert_int_equal(refusals, 1);
	assert_nothing_is_asked();
}

static void what_is_no_answer_leaves_the_question(void **state)
{
	static const char longer[200] = "+12345678";

	(void)state;
	ask();
	SEND("12345678");
	assert_the_question_stands();
	send_packet("", 0, false);
	assert_the_question_stands();
	SEND(longer);
	assert_the_question_stands();
	send_packet("+12345678", 10, true);
	assert_the_question_stands();
	SEND("+12345678");
	run(PATIENCE_MS);
	assert_int_equal(answers, 1);
}

static void only_root_may_answer(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	ask();
	/* Even a file that everybody may write to is no invitation. */
	assert_int_equal(chmod(request.askpass.path, 0666), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		if (setuid(NOBODY))
			_exit(77);
		SEND("+12345678");
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		print_message("there is no second user in the user namespace of this test\n");
		skip();
	}
	assert_int_equal(status, 0);
	assert_the_question_stands();
}

static void asking_anew_replaces_the_question(void **state)
{
	(void)state;
	ask();
	ask();
	assert_int_equal(files(), 2);
	SEND("+12345678");
	run(PATIENCE_MS);
	assert_int_equal(answers, 1);
}

static void what_a_killed_agent_left_is_replaced(void **state)
{
	(void)state;
	ask();
	/* As after SIGKILL: the files stay, and one that was not yet in its place. */
	assert_int_equal(mknod(FOLDER "/tmp.smpair-7", S_IFREG | 0644, 0), 0);
	loop_remove_fd(&the_daemon.loop, request.askpass.fd);
	close(request.askpass.fd);
	request.askpass.request = NULL;
	ask();
	assert_int_equal(files(), 2);
	SEND("+12345678");
	run(PATIENCE_MS);
	assert_int_equal(answers, 1);
	assert_nothing_is_asked();
}

static void ending_takes_the_question_back_and_may_be_repeated(void **state)
{
	(void)state;
	ask();
	askpass_end(&request.askpass);
	assert_nothing_is_asked();
	askpass_end(&request.askpass);
	assert_nothing_is_asked();
}

/* Something else in the place of each file in turn */
static void a_question_that_cannot_be_put_leaves_nothing(void **state)
{
	static const char *const places[] = {
		FOLDER "/sck.smpair-7", FOLDER "/tmp.smpair-7", FOLDER "/ask.smpair-7",
	};
	size_t i;

	(void)state;
	ask();
	askpass_end(&request.askpass);
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		assert_int_equal(mkdir(places[i], 0755), 0);
		assert_true(askpass_begin(&request.askpass, &request) < 0);
		assert_null(request.askpass.request);
		assert_int_equal(files(), 1);
		assert_int_equal(rmdir(places[i]), 0);
	}
}

static void ignore(void *arg)
{
	(void)arg;
}

static void a_loop_that_is_full_asks_nobody(void **state)
{
	int fd;

	(void)state;
	ask();
	askpass_end(&request.askpass);
	/* None of these is waited for: the loop does not run. */
	for (fd = 1000; !loop_add_fd(&the_daemon.loop, fd, ignore, NULL); fd++)
		;
	assert_int_equal(askpass_begin(&request.askpass, &request), -EMFILE);
	assert_nothing_is_asked();
}

static void a_system_without_agents_is_told_apart(void **state)
{
	(void)state;
	ask();
	askpass_end(&request.askpass);
	assert_int_equal(rmdir(FOLDER), 0);
	assert_int_equal(askpass_begin(&request.askpass, &request), -ENOENT);
	assert_int_equal(mkdir(FOLDER, 0755), 0);
}

static void need(const char *program)
{
	if (access(program, X_OK)) {
		print_message("%s is missing; install systemd\n", program);
		skip();
	}
}

static void assert_success_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void the_systems_reply_program_answers(void **state)
{
	int pipes[2];
	pid_t pid;

	(void)state;
	need(REPLY);
	ask();
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		dup2(pipes[0], STDIN_FILENO);
		execl(REPLY, REPLY, "1", request.askpass.path, NULL);
		_exit(127);
	}
	assert_int_equal(write(pipes[1], "12345678\n", 9), 9);
	close(pipes[0]);
	close(pipes[1]);
	assert_success_of(pid);
	run(PATIENCE_MS);
	assert_int_equal(answers, 1);
	assert_typed("12345678");
}

/* What the terminal shows, until @wanted is in it; NULL: until it ends. */
static void read_terminal(int terminal, const char *wanted, char *text, size_t size)
{
	struct pollfd poller = { .fd = terminal, .events = POLLIN };
	size_t filled = strlen(text);
	ssize_t len;

	while (!wanted || !strstr(text, wanted)) {
		assert_int_equal(poll(&poller, 1, PATIENCE_MS), 1);
		len = read(terminal, text + filled, size - 1 - filled);
		/* A terminal that nobody has open any more ends with an error. */
		if (len <= 0)
			break;
		filled += (size_t)len;
		text[filled] = '\0';
	}
	if (wanted && !strstr(text, wanted))
		fail_msg("the terminal shows: %s", text);
}

/* The agent shows its question first, and then stops the echo. */
static void await_no_echo(int terminal)
{
	int64_t deadline = smpair_now() + PATIENCE_MS;
	struct termios termios;

	do {
		assert_int_equal(tcgetattr(terminal, &termios), 0);
		assert_true(smpair_now() < deadline);
		usleep(1000);
	} while (termios.c_lflag & ECHO);
}

/* It finds the question by itself, and asks on its terminal. */
static void the_systems_agent_asks_and_answers(void **state)
{
	char shown[4096] = "";
	int terminal;
	pid_t pid;

	(void)state;
	need(TTY_AGENT);
	ask();
	pid = forkpty(&terminal, NULL, NULL, NULL);
	assert_true(pid >= 0);
	if (!pid) {
		execl(TTY_AGENT, TTY_AGENT, "--query", NULL);
		_exit(127);
	}
	read_terminal(terminal, QUESTION, shown, sizeof(shown));
	await_no_echo(terminal);
	assert_int_equal(write(terminal, "12345678\r", 9), 9);
	run(PATIENCE_MS);
	read_terminal(terminal, NULL, shown, sizeof(shown));
	close(terminal);
	assert_success_of(pid);
	assert_int_equal(answers, 1);
	assert_typed("12345678");
	assert_null(strstr(shown, "12345678"));
	assert_nothing_is_asked();
}

int main(void)
{
#define TEST(name)	cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(question_says_what_agents_have_to_know),
		TEST(answer_is_taken_and_the_question_goes),
		TEST(first_of_several_answers_is_taken),
		TEST(answer_without_its_nul_is_taken_as_far_as_it_goes),
		TEST(empty_answer_is_passed_on_as_empty),
		TEST(cancelled_question_is_declined),
		TEST(what_is_no_answer_leaves_the_question),
		TEST(only_root_may_answer),
		TEST(asking_anew_replaces_the_question),
		TEST(what_a_killed_agent_left_is_replaced),
		TEST(ending_takes_the_question_back_and_may_be_repeated),
		TEST(a_question_that_cannot_be_put_leaves_nothing),
		TEST(a_loop_that_is_full_asks_nobody),
		TEST(a_system_without_agents_is_told_apart),
		TEST(the_systems_reply_program_answers),
		TEST(the_systems_agent_asks_and_answers),
	};

	return cmocka_run_group_tests(tests, make_folder, NULL);
}
