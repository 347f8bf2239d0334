// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "softmod/tests/power/process.h"
#include "softmod/tests/testport.h"

static int listener = -1;
static int reader = -1;
static char link_name[40];
static volatile pid_t child;

static void strike(int sig)
{
	(void)sig;
	kill(child, SIGKILL);
}

void process_listen(void)
{
	const struct sigaction action = { .sa_handler = strike };
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(sin);

	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&sin, len), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&sin, &len),
			 0);
	assert_int_equal(listen(listener, 1), 0);
	snprintf(link_name, sizeof(link_name), "vpcd:127.0.0.1:%u",
		 ntohs(sin.sin_port));
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
}

/* The timer may interrupt anything. Returns false at the end of the stream. */
static bool move_all(bool out, void *buf, size_t len)
{
	uint8_t *p = buf;

	while (len) {
		ssize_t n = out ? send(reader, p, len, MSG_NOSIGNAL) :
				  recv(reader, p, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

void process_start(const char *path, const char *image)
{
	static uint8_t power_on[] = { 0, 1, 1 };

	child = fork();
	assert_true(child >= 0);
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* Whoever forbids debuggers cannot be searched for leaks. */
		setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
		if (!freopen("/dev/null", "w", stdout))
			_exit(127);
		execl(path, path, "run", "--image", image, "--link",
		      link_name, (char *)NULL);
		_exit(127);
	}
	do
		reader = accept(listener, NULL, NULL);
	while (reader < 0 && errno == EINTR);
	assert_true(reader >= 0);
	assert_int_equal(fcntl(reader, F_SETFD, FD_CLOEXEC), 0);
	assert_true(move_all(true, power_on, sizeof(power_on)));
}

void process_kill_after(unsigned int us)
{
	const struct itimerval in = {
		.it_value = { us / 1000000, us % 1000000 },
	};

	assert_int_equal(setitimer(ITIMER_REAL, &in, NULL), 0);
}

bool process_wait(void)
{
	pid_t pid = child;
	int status;

	while (waitpid(pid, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	close(reader);
	reader = -1;
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

int process_transmit(struct sm_module *m, const uint8_t *cmd, size_t len,
		     uint8_t *rsp, size_t *rsp_len)
{
	uint8_t size[2] = { (uint8_t)(len >> 8), (uint8_t)len };
	static uint8_t copy[SM_COMMAND_MAX];

	(void)m;
	assert_true(len <= 65535);
	memcpy(copy, cmd, len);
	if (!move_all(true, size, 2) || !move_all(true, copy, len) ||
	    !move_all(false, size, 2))
		return -1;
	*rsp_len = (size_t)(size[0] << 8 | size[1]);
	assert_true(*rsp_len <= SM_RESPONSE_MAX);
	return move_all(false, rsp, *rsp_len) ? 0 : -1;
}
