// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <smpair/id.h>
#include <smpair/secret.h>

#include "smpaird/log.h"
#include "smpaird/request.h"

#define FOLDER		"/run/systemd/ask-password"
#define ANSWER_SIZE	128

/*
 * Only root may answer. Returns the length of the packet, 0 for what is no
 * answer.
 */
static size_t receive(int fd, char *answer)
{
	union {
		char buf[CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { .iov_base = answer, .iov_len = ANSWER_SIZE };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.buf, .msg_controllen = sizeof(control.buf),
	};
	struct cmsghdr *cmsg;
	struct ucred cred;
	ssize_t len;

	len = recvmsg(fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (len <= 0 || msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
		return 0;
	cmsg = CMSG_FIRSTHDR(&msg);
	if (!cmsg || cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_CREDENTIALS)
		return 0;
	memcpy(&cred, CMSG_DATA(cmsg), sizeof(cred));
	return cred.uid ? 0 : (size_t)len;
}

static void take_answer(void *arg)
{
	struct askpass *ask = arg;
	struct request *request = ask->request;
	struct smpair_secret *secret;
	char *answer;
	size_t len;

	if (smpair_secret_new(ANSWER_SIZE, &secret)) {
		request_declined(request);
		return;
	}
	answer = (char *)smpair_secret_data(secret);
	len = receive(ask->fd, answer);
	if (len && answer[0] == '+') {
		/* Strings, each with its NUL; the first is the one to use. */
		len = strnlen(answer + 1, len - 1);
		askpass_end(ask);
		request_typed(request, answer + 1, len);
	} else if (len && answer[0] == '-') {
		askpass_end(ask);
		request_declined(request);
	}
	smpair_secret_free(secret);
}

static int bind_socket(struct askpass *ask)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int one = 1;

	ask->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ask->fd < 0)
		return -errno;
	strcpy(sun.sun_path, ask->path);
	if (setsockopt(ask->fd, SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)) ||
	    bind(ask->fd, (struct sockaddr *)&sun, sizeof(sun)))
		return -errno;
	return 0;
}

/* The message is one line of ASCII; the values in it are ours. */
static int write_question(struct askpass *ask)
{
	const struct request *request = ask->request;
	char question[REQUEST_QUESTION_SIZE], module[SMPAIR_ID_TEXT_SIZE], temp[PATH_MAX];
	FILE *file;
	int fd, err = 0;

	request_question(request, question);
	smpair_id_format(request->asked.module_id, module, sizeof(module));
	/* Agents look at names that begin with "ask." only. */
	snprintf(temp, sizeof(temp), "%s/tmp.smpair-%" PRIu64, FOLDER, request->asked.id);
	unlink(temp);
	fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	file = fdopen(fd, "w");
	if (!file) {
		close(fd);
		unlink(temp);
		return -ENOMEM;
	}
	fprintf(file,
		"[Ask]\nPID=%ld\nSocket=%s\nAcceptCached=0\nEcho=0\nNotAfter=%" PRId64 "\n"
		"Id=smpair:%s\nMessage=%s\n",
		(long)getpid(), ask->path, request->deadline_at * 1000, module, question);
	if (fflush(file) || ferror(file))
		err = -EIO;
	fclose(file);
	if (!err && rename(temp, ask->file))
		err = -errno;
	if (err)
		unlink(temp);
	return err;
}

/**
 * askpass_begin() - Ask.
 * @ask: The question; asked anew where it stands already.
 * @request: What it is about.
 *
 * The answer reaches request_typed() or request_declined().
 *
 * Return: 0, -ENOENT where the system has no password agents, or another
 * negative errno.
 */
int askpass_begin(struct askpass *ask, struct request *request)
{
	int err;

	askpass_end(ask);
	if (access(FOLDER, W_OK))
		return -errno;
	ask->request = request;
	snprintf(ask->file, sizeof(ask->file), FOLDER "/ask.smpair-%" PRIu64, request->asked.id);
	snprintf(ask->path, sizeof(ask->path), FOLDER "/sck.smpair-%" PRIu64, request->asked.id);
	unlink(ask->path);
	err = bind_socket(ask);
	if (!err)
		err = loop_add_fd(&request->daemon->loop, ask->fd, take_answer, ask);
	if (!err)
		err = write_question(ask);
	if (err)
		askpass_end(ask);
	return err;
}

/**
 * askpass_end() - Ask no longer.
 * @ask: The question; it need not stand.
 */
void askpass_end(struct askpass *ask)
{
	if (!ask->request)
		return;
	/* Agents notice that the file went away. */
	unlink(ask->file);
	loop_remove_fd(&ask->request->daemon->loop, ask->fd);
	if (ask->fd >= 0)
		close(ask->fd);
	unlink(ask->path);
	ask->request = NULL;
}
