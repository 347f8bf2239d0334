// SPDX-License-Identifier: GPL-2.0-or-later
#define _GNU_SOURCE /* accept4() */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "softmod/capabilities.h"
#include "softmod/control.h"

static int bind_private(int fd, const struct sockaddr_un *sun)
{
	mode_t old = umask(0177);
	int err = bind(fd, (const struct sockaddr *)sun, sizeof(*sun)) ?
		  -errno : 0;

	umask(old);
	return err;
}

/* A socket whose owner is gone refuses connections; so do other files. */
static bool is_stale(const struct sockaddr_un *sun)
{
	struct stat st;
	bool stale;
	int fd;

	if (lstat(sun->sun_path, &st) || !S_ISSOCK(st.st_mode))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	stale = connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) &&
		errno == ECONNREFUSED;
	close(fd);
	return stale;
}

int control_open(struct control *ctl, const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int err, i;

	memset(ctl, 0, sizeof(*ctl));
	ctl->fd = -1;
	for (i = 0; i < CONTROL_CLIENTS; i++)
		ctl->client[i].fd = -1;
	if (!path)
		return 0;
	if (!*path || strlen(path) >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	strcpy(sun.sun_path, path);

	ctl->fd = socket(AF_UNIX,
			 SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ctl->fd < 0)
		return -errno;
	err = bind_private(ctl->fd, &sun);
	if (err == -EADDRINUSE && is_stale(&sun)) {
		unlink(path);
		err = bind_private(ctl->fd, &sun);
	}
	if (!err && listen(ctl->fd, CONTROL_CLIENTS)) {
		err = -errno;
		unlink(path);
	}
	if (err) {
		close(ctl->fd);
		ctl->fd = -1;
		return err;
	}
	ctl->path = path;
	return 0;
}

static void drop_client(struct control *ctl, int i)
{
	close(ctl->client[i].fd);
	ctl->client[i].fd = -1;
}

void control_close(struct control *ctl)
{
	int i;

	for (i = 0; i < CONTROL_CLIENTS; i++)
		if (ctl->client[i].fd >= 0)
			drop_client(ctl, i);
	if (ctl->fd < 0)
		return;
	unlink(ctl->path);
	close(ctl->fd);
	ctl->fd = -1;
}

void control_pollfds(const struct control *ctl, struct pollfd *pfd)
{
	int i;

	for (i = 0; i < CONTROL_POLLFDS; i++) {
		pfd[i].fd = i ? ctl->client[i - 1].fd : ctl->fd;
		pfd[i].events = POLLIN;
		pfd[i].revents = 0;
	}
}

static void fail(char *answer, const char *why)
{
	snprintf(answer, CONTROL_ANSWER,
		 "{\"v\":1,\"ok\":false,\"error\":\"%s\"}", why);
}

static void succeed(char *answer, const struct card *card)
{
	snprintf(answer, CONTROL_ANSWER,
		 "{\"v\":1,\"ok\":true,\"inserted\":%s,\"dead\":%s}",
		 card->inserted ? "true" : "false",
		 card->dead ? "true" : "false");
}

static int print_counters(char *to, size_t size,
			  const struct card_counters *c)
{
	return snprintf(to, size,
			"{\"nvm_writes\":%" PRIu64 ",\"apdus\":%" PRIu64
			",\"bytes_in\":%" PRIu64 ",\"bytes_out\":%" PRIu64 "}",
			c->nvm_writes, c->traffic.apdus, c->traffic.bytes_in,
			c->traffic.bytes_out);
}

static void counters(char *answer, const struct card *card)
{
	struct card_counters start, insertion;
	char a[256], b[256];

	card_count(card, &start, &insertion);
	print_counters(a, sizeof(a), &start);
	print_counters(b, sizeof(b), &insertion);
	snprintf(answer, CONTROL_ANSWER,
		 "{\"v\":1,\"ok\":true,\"inserted\":%s,\"dead\":%s,"
		 "\"since_start\":%s,\"since_insertion\":%s}",
		 card->inserted ? "true" : "false",
		 card->dead ? "true" : "false", a, b);
}

static void insert(struct card *card, char *answer)
{
	char why[160];
	int err = card_insert(card);

	if (!err) {
		succeed(answer, card);
	} else if (err == -EALREADY) {
		fail(answer, "the module is inserted already");
	} else {
		snprintf(why, sizeof(why), "cannot reach the reader: %s",
			 strerror(-err));
		fail(answer, why);
	}
}

static void cut(struct card *card, const char *arg, char *answer)
{
	char *end;
	unsigned long long k;

	errno = 0;
	k = arg ? strtoull(arg, &end, 10) : 0;
	if (!arg || *arg < '0' || *arg > '9' || *end || errno) {
		fail(answer, "cut needs a number: 1 for the next write, 0 to take an order back");
		return;
	}
	nvm_file_cut(&card->image, k);
	succeed(answer, card);
}

static void fault(struct card *card, char *order, char *answer)
{
	struct fault *f = &card->link.fault;
	const char *wrong = NULL;

	if (order && !strcmp(order, "off"))
		fault_disarm(f);
	else if (order)
		wrong = fault_arm(f, order);
	if (wrong) {
		fail(answer, wrong);
		return;
	}
	snprintf(answer, CONTROL_ANSWER,
		 "{\"v\":1,\"ok\":true,\"inserted\":%s,\"dead\":%s,"
		 "\"armed\":%s,\"hits\":%" PRIu64 ",\"refused\":%d,"
		 "\"commands\":%" PRIu64 ",\"answers\":%" PRIu64 "}",
		 card->inserted ? "true" : "false",
		 card->dead ? "true" : "false",
		 f->kind == FAULT_NONE ? "false" : "true", f->hits, f->refused,
		 f->passed[FAULT_COMMAND], f->passed[FAULT_ANSWER]);
}

bool control_execute(struct card *card, const char *line, char *answer)
{
	char copy[CONTROL_LINE];
	char *save = NULL;
	bool stop = false;
	const char *verb;
	char *arg;

	snprintf(copy, sizeof(copy), "%s", line);
	verb = strtok_r(copy, " \t\r", &save);
	if (!verb)
		verb = "";
	arg = strtok_r(NULL, "\r", &save);
	if (arg)
		arg += strspn(arg, " \t");
	if (arg && !*arg)
		arg = NULL;

	if (arg && strcmp(verb, "cut") && strcmp(verb, "fault")) {
		fail(answer, "only cut and fault take arguments");
	} else if (!strcmp(verb, "insert")) {
		insert(card, answer);
	} else if (!strcmp(verb, "remove")) {
		if (card_remove(card))
			fail(answer, "the module is removed already");
		else
			succeed(answer, card);
	} else if (!strcmp(verb, "reset")) {
		if (card_reset(card))
			fail(answer, "the module has no power; insert it");
		else
			succeed(answer, card);
	} else if (!strcmp(verb, "cut")) {
		cut(card, arg, answer);
	} else if (!strcmp(verb, "fault")) {
		fault(card, arg, answer);
	} else if (!strcmp(verb, "counters")) {
		counters(answer, card);
	} else if (!strcmp(verb, "capabilities")) {
		snprintf(answer, CONTROL_ANSWER, "%s", capabilities());
	} else if (!strcmp(verb, "stop")) {
		succeed(answer, card);
		stop = true;
	} else {
		fail(answer, "unknown verb; see capabilities");
	}
	return stop;
}

static void accept_client(struct control *ctl)
{
	int fd = accept4(ctl->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	int i;

	if (fd < 0)
		return;
	for (i = 0; i < CONTROL_CLIENTS; i++) {
		if (ctl->client[i].fd >= 0)
			continue;
		ctl->client[i].fd = fd;
		ctl->client[i].have = 0;
		return;
	}
	close(fd);
}

static void serve_client(struct control *ctl, int i, struct card *card)
{
	char *line = ctl->client[i].line;
	char answer[CONTROL_ANSWER + 1];
	size_t have = ctl->client[i].have;
	char *end;
	ssize_t n;

	n = recv(ctl->client[i].fd, line + have, CONTROL_LINE - 1 - have, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		drop_client(ctl, i);
		return;
	}
	have += (size_t)n;
	ctl->client[i].have = have;
	line[have] = 0;
	end = strchr(line, '\n');
	if (!end && have < CONTROL_LINE - 1)
		return;

	if (end) {
		*end = 0;
		ctl->stop = control_execute(card, line, answer);
	} else {
		fail(answer, "the request is too long");
	}
	/* An answer fits the socket's empty buffer: it is sent, or the client
	 * is gone.
	 */
	strcat(answer, "\n");
	send(ctl->client[i].fd, answer, strlen(answer), MSG_NOSIGNAL);
	drop_client(ctl, i);
}

void control_serve(struct control *ctl, const struct pollfd *pfd,
		   struct card *card)
{
	int i;

	for (i = 0; i < CONTROL_CLIENTS && !ctl->stop; i++)
		if (ctl->client[i].fd >= 0 && pfd[i + 1].revents &&
		    pfd[i + 1].fd == ctl->client[i].fd)
			serve_client(ctl, i, card);
	if (pfd[0].fd >= 0 && pfd[0].revents)
		accept_client(ctl);
}
