// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where a new password comes from.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "centre/console/password.h"

/**
 * password_read() - Read a password up to the end of the line or of the file.
 * @fd: From where.
 * @password: Receives it; the caller wipes it.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int password_read(int fd, char password[PASSWORD_MAX + 1], struct domain_error *error)
{
	size_t len = 0;
	ssize_t got;

	/* Byte by byte: what follows the line is not ours to take. */
	for (;;) {
		got = read(fd, password + len, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return domain_fail(error, -errno, "the password cannot be read: %s",
					   strerror(errno));
		if (!got || password[len] == '\n')
			break;
		if (!password[len] || ++len > PASSWORD_MAX)
			return domain_fail(error, -EINVAL,
					   "a password is one line of up to %d bytes",
					   PASSWORD_MAX);
	}
	password[len] = '\0';
	return 0;
}

static int ask_once(int tty, const char *prompt, char password[PASSWORD_MAX + 1],
		    struct domain_error *error)
{
	int err;

	if (write(tty, prompt, strlen(prompt)) < 0)
		return domain_fail(error, -errno, "/dev/tty: %s", strerror(errno));
	err = password_read(tty, password, error);
	if (write(tty, "\n", 1) < 0 && !err)
		err = domain_fail(error, -errno, "/dev/tty: %s", strerror(errno));
	return err;
}

/**
 * password_ask() - Ask for a password twice, at the terminal and without echo.
 * @password: Receives it; the caller wipes it.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int password_ask(char password[PASSWORD_MAX + 1], struct domain_error *error)
{
	struct termios before, silent;
	char again[PASSWORD_MAX + 1];
	int tty, err;

	tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (tty < 0 || tcgetattr(tty, &before)) {
		if (tty >= 0)
			close(tty);
		return domain_fail(error, -ENOTTY,
				   "there is no terminal to ask for the password; give it with --password-fd");
	}
	silent = before;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	/* An interruption would leave the terminal without echo. */
	silent.c_lflag &= ~(tcflag_t)ISIG;
	tcsetattr(tty, TCSAFLUSH, &silent);
	err = ask_once(tty, "Password: ", password, error);
	if (!err)
		err = ask_once(tty, "Again: ", again, error);
	if (!err && strcmp(password, again))
		err = domain_fail(error, -EINVAL,
				  "the two passwords differ; repeat the command");
	tcsetattr(tty, TCSAFLUSH, &before);
	close(tty);
	explicit_bzero(again, sizeof(again));
	return err;
}
