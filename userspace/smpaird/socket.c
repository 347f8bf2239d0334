// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <smpair/secret.h>

#include "smpaird/log.h"
#include "smpaird/request.h"
#include "smpaird/socket.h"
#include "smpaird/status.h"

#define REQUEST_MAX	1024
#define PIN_TEXT_MAX	128

static void drop(struct socket_client *client)
{
	loop_remove_fd(&client->server->daemon->loop, client->fd);
	close(client->fd);
	client->fd = -1;
}

/* A front end that does not read is one too many. */
static void send_object(struct socket_client *client, json_t *object)
{
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

	json_decref(object);
	if (!text || send(client->fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		drop(client);
	free(text);
}

static void refuse(struct socket_client *client, const char *code, const char *text)
{
	send_object(client, json_pack("{s:i, s:s, s:s}", "v", 1, "error", code, "text", text));
}

/*
 * What was written into the descriptor before it was sent. Returns the secret,
 * or NULL with the reason.
 */
static struct smpair_secret *read_pin(int fd, size_t *len, const char **why)
{
	struct smpair_secret *secret;
	int flags = fcntl(fd, F_GETFL);
	ssize_t n;
	char *text;

	*why = "out of memory";
	if (smpair_secret_new(PIN_TEXT_MAX, &secret))
		return NULL;
	*why = "the PIN cannot be read from the descriptor";
	*len = 0;
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK))
		goto fail;
	text = (char *)smpair_secret_data(secret);
	while ((n = read(fd, text + *len, PIN_TEXT_MAX - *len)) > 0)
		*len += (size_t)n;
	if (n < 0 || *len == PIN_TEXT_MAX)
		goto fail;
	while (*len && (text[*len - 1] == '\n' || text[*len - 1] == '\r'))
		(*len)--;
	return secret;
fail:
	smpair_secret_free(secret);
	return NULL;
}

static void answer(struct socket_client *client, const json_t *object, int pin_fd)
{
	const json_t *id = json_object_get(object, "id");
	const char *decision = json_string_value(json_object_get(object, "decision"));
	bool consent = json_is_true(json_object_get(object, "consent"));
	struct smpair_secret *pin = NULL;
	struct request *request;
	const char *why;
	size_t len = 0;

	if (!json_is_integer(id) || json_integer_value(id) < 0 || !decision ||
	    (strcmp(decision, "accept") && strcmp(decision, "decline"))) {
		refuse(client, "usage", "answer takes id and decision, accept or decline");
		return;
	}
	request = request_find(client->server->daemon, (uint64_t)json_integer_value(id));
	if (!request) {
		refuse(client, "no-request", "there is no such request; list those that are pending");
		return;
	}
	if (!strcmp(decision, "decline")) {
		request_declined(request);
		send_object(client, json_pack("{s:i}", "v", 1));
		return;
	}
	if (pin_fd >= 0) {
		pin = read_pin(pin_fd, &len, &why);
		if (!pin) {
			refuse(client, "bad-pin", why);
			return;
		}
	}
	if (request_answer(request, pin ? (char *)smpair_secret_data(pin) : NULL, len, consent,
			   &why))
		refuse(client, "bad-answer", why);
	else
		send_object(client, json_pack("{s:i}", "v", 1));
	smpair_secret_free(pin);
}

static void obey(struct socket_client *client, const json_t *object, int pin_fd)
{
	const char *verb = json_string_value(json_object_get(object, "verb"));
	struct daemon *daemon = client->server->daemon;

	if (!verb || json_integer_value(json_object_get(object, "v")) != 1) {
		refuse(client, "usage", "a packet is an object with v 1 and a verb");
	} else if (!strcmp(verb, "status")) {
		send_object(client, status_of(daemon));
	} else if (!strcmp(verb, "pending")) {
		send_object(client, json_pack("{s:i, s:o}", "v", 1, "pending",
					      status_pending(daemon)));
	} else if (!strcmp(verb, "watch")) {
		client->watches = true;
		send_object(client, status_of(daemon));
	} else if (!strcmp(verb, "answer")) {
		answer(client, object, pin_fd);
	} else {
		refuse(client, "usage", "the verbs are status, pending, watch and answer");
	}
}

/* The first descriptor that came along; others are closed. */
static int take_descriptor(struct msghdr *msg)
{
	struct cmsghdr *cmsg;
	int found = -1, fd;
	size_t i, count;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		count = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < count; i++) {
			memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof(int), sizeof(fd));
			if (found < 0)
				found = fd;
			else
				close(fd);
		}
	}
	return found;
}

static void client_ready(void *arg)
{
	union {
		char buf[CMSG_SPACE(4 * sizeof(int))];
		struct cmsghdr align;
	} control;
	char packet[REQUEST_MAX];
	struct iovec iov = { .iov_base = packet, .iov_len = sizeof(packet) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.buf, .msg_controllen = sizeof(control.buf),
	};
	struct socket_client *client = arg;
	json_t *object = NULL;
	ssize_t len;
	int pin_fd;

	len = recvmsg(client->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len <= 0) {
		drop(client);
		return;
	}
	pin_fd = take_descriptor(&msg);
	if (!(msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		object = json_loadb(packet, (size_t)len, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(object))
		obey(client, object, pin_fd);
	else
		refuse(client, "usage", "a packet is one JSON object of at most 1024 bytes");
	json_decref(object);
	if (pin_fd >= 0)
		close(pin_fd);
}

static void connected(void *arg)
{
	struct socket_server *server = arg;
	int fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	unsigned int i;

	if (fd < 0)
		return;
	for (i = 0; i < SOCKET_CLIENTS_MAX; i++)
		if (server->clients[i].fd < 0)
			break;
	if (i == SOCKET_CLIENTS_MAX ||
	    loop_add_fd(&server->daemon->loop, fd, client_ready, &server->clients[i])) {
		close(fd);
		return;
	}
	server->clients[i].fd = fd;
	server->clients[i].watches = false;
}

/* The group gets in, others do not. */
static int give_to_group(const char *path, const char *name, struct domain_error *error)
{
	const struct group *group;

	if (!*name)
		return 0;
	group = getgrnam(name);
	if (!group)
		return domain_fail(error, -ENOENT, "there is no group %s; create it, or change group in [agent]",
				   name);
	if (chown(path, (uid_t)-1, group->gr_gid) || chmod(path, 0660))
		return domain_fail(error, -errno, "%s: %s", path, strerror(errno));
	return 0;
}

/**
 * socket_open() - Let front ends connect.
 * @server: Filled.
 * @daemon: The daemon, with its configuration.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, -EADDRINUSE where another daemon is there, or another negative
 * errno.
 */
int socket_open(struct socket_server *server, struct daemon *daemon, struct domain_error *error)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	const char *path = daemon->conf.socket;
	mode_t old;
	int err, i;

	server->daemon = daemon;
	for (i = 0; i < SOCKET_CLIENTS_MAX; i++)
		server->clients[i] = (struct socket_client){ .server = server, .fd = -1 };
	server->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (server->fd < 0)
		return domain_fail(error, -errno, "socket: %s", strerror(errno));
	strcpy(sun.sun_path, path);
	if (!connect(server->fd, (struct sockaddr *)&sun, sizeof(sun))) {
		socket_close(server);
		return domain_fail(error, -EADDRINUSE, "%s is in use; another smpaird runs", path);
	}
	unlink(path);
	old = umask(0177);
	err = bind(server->fd, (struct sockaddr *)&sun, sizeof(sun)) ? -errno : 0;
	umask(old);
	if (!err && listen(server->fd, SOCKET_CLIENTS_MAX))
		err = -errno;
	if (!err)
		err = loop_add_fd(&daemon->loop, server->fd, connected, server);
	if (err)
		domain_fail(error, err, "%s: %s", path, strerror(-err));
	else
		err = give_to_group(path, daemon->conf.group, error);
	if (err)
		socket_close(server);
	return err;
}

/**
 * socket_close() - Send front ends away.
 * @server: The socket.
 */
void socket_close(struct socket_server *server)
{
	unsigned int i;

	if (server->fd < 0)
		return;
	for (i = 0; i < SOCKET_CLIENTS_MAX; i++)
		if (server->clients[i].fd >= 0)
			drop(&server->clients[i]);
	loop_remove_fd(&server->daemon->loop, server->fd);
	close(server->fd);
	server->fd = -1;
}

/**
 * socket_changed() - Tell those who watch.
 * @server: The socket.
 */
void socket_changed(struct socket_server *server)
{
	unsigned int i;

	for (i = 0; server->fd >= 0 && i < SOCKET_CLIENTS_MAX; i++)
		if (server->clients[i].fd >= 0 && server->clients[i].watches)
			send_object(&server->clients[i], status_of(server->daemon));
}
