// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is typed is not echoed and is kept in locked memory. The terminal has its
 * own settings whenever no question stands.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <smpair/secret.h>

#include "smpaird/console.h"
#include "smpaird/log.h"
#include "smpaird/request.h"

#define LINE_SIZE	128

/**
 * struct console - the terminal
 * @daemon: The daemon.
 * @fd: The terminal.
 * @before: Its settings while nothing is asked.
 * @current: What is asked about, or NULL.
 * @line: What was typed, in locked memory.
 * @len: How much of it; %LINE_SIZE + 1 where it is too long.
 */
struct console {
	struct daemon *daemon;
	int fd;
	struct termios before;
	struct request *current;
	struct smpair_secret *line;
	size_t len;
};

static void print(struct console *console, const char *text)
{
	size_t len = strlen(text);
	ssize_t n;

	/* A terminal that takes nothing now must not stop the daemon. */
	while (len && (n = write(console->fd, text, len)) > 0) {
		text += n;
		len -= (size_t)n;
	}
}

static void forget(struct console *console)
{
	explicit_bzero(smpair_secret_data(console->line), LINE_SIZE);
	console->len = 0;
}

static void ask(struct console *console, struct request *request)
{
	char question[REQUEST_QUESTION_SIZE];
	struct termios during;

	if (!console->current)
		tcgetattr(console->fd, &console->before);
	during = console->before;
	during.c_lflag |= ICANON | ISIG;
	during.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	/* What was typed before the question was no answer to it. */
	tcsetattr(console->fd, TCSAFLUSH, &during);
	console->current = request;
	forget(console);
	request_question(request, question);
	print(console, "\r\n");
	print(console, question);
	print(console, " ");
}

/**
 * console_begin() - Ask, as soon as no other question stands.
 * @console: The terminal, or NULL.
 * @request: What it is about; asked anew where it stands already.
 *
 * The answer reaches request_typed().
 */
void console_begin(struct console *console, struct request *request)
{
	if (console && (!console->current || console->current == request))
		ask(console, request);
}

/**
 * console_end() - Ask no longer; the next question follows.
 * @console: The terminal, or NULL.
 * @request: What it is about; nothing happens where it was not asked.
 */
void console_end(struct console *console, struct request *request)
{
	struct request *next;

	if (!console || console->current != request)
		return;
	print(console, "\r\n");
	tcsetattr(console->fd, TCSAFLUSH, &console->before);
	console->current = NULL;
	forget(console);
	for (next = console->daemon->requests; next; next = next->next) {
		if (next == request || !request_asks_people(next))
			continue;
		ask(console, next);
		return;
	}
}

static void gone(struct console *console, const char *why)
{
	log_line(LOG_WARNING, "the console is not used any more: %s", why);
	console->daemon->console = NULL;
	console_close(console);
}

static void take_line(struct console *console)
{
	char *line = (char *)smpair_secret_data(console->line);
	size_t len = console->len;

	/* What is too long is no PIN, and is told so like any mistyped one. */
	if (console->current)
		request_typed(console->current, line, len > LINE_SIZE ? LINE_SIZE : len);
	forget(console);
}

static void typed(void *arg)
{
	struct console *console = arg;
	char *line = (char *)smpair_secret_data(console->line);
	ssize_t n;
	char c;

	n = read(console->fd, &c, 1);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		gone(console, n ? strerror(errno) : "end of input");
		return;
	}
	if (c == '\n') {
		take_line(console);
	} else if (console->len < LINE_SIZE) {
		line[console->len++] = c;
	} else {
		console->len = LINE_SIZE + 1;
	}
	explicit_bzero(&c, 1);
}

/**
 * console_open() - Use a terminal.
 * @console: Receives it; end it with console_close().
 * @daemon: The daemon.
 * @path: The terminal.
 *
 * Return: 0, -ENOTTY, or another negative errno.
 */
int console_open(struct console **console, struct daemon *daemon, const char *path)
{
	struct console *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	c->daemon = daemon;
	c->fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (c->fd < 0)
		err = -errno;
	else if (!isatty(c->fd))
		err = -ENOTTY;
	else
		err = smpair_secret_new(LINE_SIZE, &c->line);
	if (!err)
		err = loop_add_fd(&daemon->loop, c->fd, typed, c);
	if (err) {
		if (c->fd >= 0)
			close(c->fd);
		smpair_secret_free(c->line);
		free(c);
		return err;
	}
	*console = c;
	return 0;
}

/**
 * console_close() - Give the terminal back.
 * @console: The terminal, or NULL.
 */
void console_close(struct console *console)
{
	if (!console)
		return;
	if (console->current)
		tcsetattr(console->fd, TCSAFLUSH, &console->before);
	loop_remove_fd(&console->daemon->loop, console->fd);
	close(console->fd);
	smpair_secret_free(console->line);
	free(console);
}
