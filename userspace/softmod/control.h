/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control channel: a Unix socket that takes one line with a verb and
 * answers with one line of JSON.
 */
#ifndef SOFTMOD_CONTROL_H
#define SOFTMOD_CONTROL_H

#include <poll.h>

#include "softmod/card.h"

#define CONTROL_CLIENTS		8
#define CONTROL_LINE		64	/* longest request, bytes */
#define CONTROL_ANSWER		1024	/* longest answer, bytes */
#define CONTROL_POLLFDS		(1 + CONTROL_CLIENTS)

/**
 * struct control - the listening side
 * @fd: listening socket, -1 when there is none
 * @path: its name
 * @stop: a client asked the program to end
 * @client: those who have not sent their line yet
 */
struct control {
	int fd;
	const char *path;
	bool stop;
	struct {
		int fd;
		size_t have;
		char line[CONTROL_LINE];
	} client[CONTROL_CLIENTS];
};

/**
 * control_open() - listen
 * @ctl: filled in
 * @path: socket to create, mode 0600, or NULL for no control channel. One that
 *	nobody listens on any more is replaced
 *
 * Return: 0 or a negative errno; -EADDRINUSE when somebody listens there.
 */
int control_open(struct control *ctl, const char *path);

/**
 * control_close() - stop listening and remove the socket
 * @ctl: open channel
 */
void control_close(struct control *ctl);

/**
 * control_pollfds() - what to wait for
 * @ctl: channel
 * @pfd: CONTROL_POLLFDS entries, filled in; unused ones have fd -1
 */
void control_pollfds(const struct control *ctl, struct pollfd *pfd);

/**
 * control_serve() - handle what has arrived
 * @ctl: channel
 * @pfd: as control_pollfds() filled in and poll() answered
 * @card: the module to act on
 */
void control_serve(struct control *ctl, const struct pollfd *pfd,
		   struct card *card);

/**
 * control_execute() - execute one request
 * @card: module
 * @line: verb and argument
 * @answer: receives a JSON object, CONTROL_ANSWER bytes
 *
 * Return: true when the program shall end.
 */
bool control_execute(struct card *card, const char *line, char *answer);

#endif /* SOFTMOD_CONTROL_H */
