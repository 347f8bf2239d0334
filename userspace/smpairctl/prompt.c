// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The terminal's settings are put back before any signal acts: while a
 * question stands, signals arrive by a descriptor and not by surprise.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "file.h"
#include "prompt.h"

static int left(int64_t deadline)
{
	int64_t ms = deadline - ctl_now();

	return ms < 0 ? 0 : ms > INT_MAX ? INT_MAX : (int)ms;
}

/*
 * Reads up to a newline or the end. The newline is kept out. Returns 0,
 * -ETIMEDOUT, -EMSGSIZE, -EINTR where @signals has something to say, or the
 * error of read(2). Reads byte by byte, so as to take no more than a line from
 * a descriptor that belongs to somebody else.
 */
static int read_line(int fd, int signals, int64_t deadline, char *line, size_t size, size_t *len)
{
	struct pollfd pfds[2] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};
	bool too_long = false;
	ssize_t n;
	char c;

	*len = 0;
	for (;;) {
		n = poll(pfds, 2, left(deadline));
		if (n < 0 && errno != EINTR)
			return -errno;
		if (!n)
			return -ETIMEDOUT;
		if (n < 0)
			continue;
		if (pfds[1].revents)
			return -EINTR;
		n = read(fd, &c, 1);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (!n || (n > 0 && c == '\n'))
			break;
		if (n < 0)
			continue;
		if (*len == size)
			too_long = true;
		else
			line[(*len)++] = c;
	}
	explicit_bzero(&c, 1);
	return too_long ? -EMSGSIZE : 0;
}

/*
 * prompt_fd() - Read a line from a descriptor that the caller was given.
 *
 * Return: 0, -ETIMEDOUT, -EMSGSIZE, or the error of read(2).
 */
int prompt_fd(int fd, int64_t deadline, char *line, size_t size, size_t *len)
{
	int err = read_line(fd, -1, deadline, line, size, len);

	if (err)
		explicit_bzero(line, size);
	return err;
}

static int watch_signals(sigset_t *old)
{
	sigset_t watched;
	int fd;

	sigemptyset(&watched);
	sigaddset(&watched, SIGHUP);
	sigaddset(&watched, SIGINT);
	sigaddset(&watched, SIGQUIT);
	sigaddset(&watched, SIGTERM);
	sigaddset(&watched, SIGTSTP);
	fd = signalfd(-1, &watched, SFD_CLOEXEC);
	if (fd >= 0)
		sigprocmask(SIG_BLOCK, &watched, old);
	return fd;
}

static int ask_once(int tty, const char *question, bool echo, int64_t deadline, char *line,
		    size_t size, size_t *len)
{
	struct termios before, during;
	sigset_t old;
	int err, signals;

	if (tcgetattr(tty, &before))
		return -ENOTTY;
	signals = watch_signals(&old);
	if (signals < 0)
		return -errno;

	during = before;
	during.c_lflag |= ICANON | ISIG;
	if (!echo)
		during.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	/* What was typed before the question was no answer to it. */
	tcsetattr(tty, TCSAFLUSH, &during);
	file_write_fd(tty, (const uint8_t *)question, strlen(question));
	err = read_line(tty, signals, deadline, line, size, len);
	if (!echo || err)
		file_write_fd(tty, (const uint8_t *)"\n", 1);
	tcsetattr(tty, TCSAFLUSH, &before);

	close(signals);
	/* A signal that came acts here: the program ends, or stops for a while. */
	sigprocmask(SIG_SETMASK, &old, NULL);
	return err;
}

/*
 * prompt_line() - Ask the person at the terminal.
 * @echo: Show what is typed.
 * @deadline: In milliseconds of the monotonic clock.
 * @line: Receives the answer without its newline; wiped on error.
 *
 * Return: 0, -ENOTTY where there is no terminal, -ETIMEDOUT, -EMSGSIZE, or
 * the error of read(2).
 */
int prompt_line(const char *question, bool echo, int64_t deadline, char *line, size_t size,
		size_t *len)
{
	int err, tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (tty < 0)
		return -ENOTTY;
	do {
		err = ask_once(tty, question, echo, deadline, line, size, len);
	} while (err == -EINTR);
	close(tty);
	if (err)
		explicit_bzero(line, size);
	return err;
}
