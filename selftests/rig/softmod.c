// SPDX-License-Identifier: GPL-2.0
#include "softmod.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_S	60	/* for a slow emulated machine; never asserted on */
#define ANSWER_MAX	1024

static int dial(const struct rig_softmod *sm)
{
	const struct timeval timeout = { .tv_sec = PATIENCE_S };
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return -errno;
	strcpy(sun.sun_path, sm->socket);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	if (!connect(fd, (struct sockaddr *)&sun, sizeof(sun)))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

int rig_softmod_start(struct rig_softmod *sm, const char *image)
{
	int fd, tries;

	snprintf(sm->socket, sizeof(sm->socket), "/tmp/rig-%d.sock", getpid());
	sm->pid = fork();
	if (sm->pid < 0)
		return -errno;
	if (!sm->pid) {
		fd = open("/dev/null", O_RDWR);
		if (fd >= 0)
			dup2(fd, STDOUT_FILENO);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execlp("smpair-softmod", "smpair-softmod", "run", "--image", image,
		       "--link", "virt", "--control", sm->socket, "--removed", NULL);
		_exit(127);
	}
	for (tries = 0; tries < PATIENCE_S * 50; tries++) {
		fd = dial(sm);
		if (fd >= 0) {
			close(fd);
			return 0;
		}
		if (waitpid(sm->pid, NULL, WNOHANG) == sm->pid) {
			sm->pid = 0;
			return -ECHILD;
		}
		usleep(20000);
	}
	return -ETIME;
}

void rig_softmod_stop(struct rig_softmod *sm)
{
	if (sm->pid <= 0)
		return;
	if (rig_softmod_ctl(sm, "stop", NULL, 0))
		kill(sm->pid, SIGKILL);
	waitpid(sm->pid, NULL, 0);
	sm->pid = 0;
	unlink(sm->socket);
}

int rig_softmod_ctl(struct rig_softmod *sm, const char *line, char *answer, size_t size)
{
	char text[ANSWER_MAX + 1], request[128];
	size_t have = 0;
	ssize_t n = 1;
	int fd = dial(sm);

	if (fd < 0)
		return fd;
	snprintf(request, sizeof(request), "%s\n", line);
	if (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0)
		n = -1;
	while (n > 0 && have < ANSWER_MAX) {
		n = recv(fd, text + have, ANSWER_MAX - have, 0);
		if (n > 0)
			have += n;
	}
	close(fd);
	text[have] = 0;
	if (n < 0 || !have)
		return -EIO;
	if (answer)
		snprintf(answer, size, "%s", text);
	if (strstr(text, "\"ok\":true"))
		return 0;
	printf("# module refuses \"%s\": %s", line, text);
	return -EREMOTEIO;
}

/* The number or truth value of a member */
static unsigned long member(const char *json, const char *name)
{
	char key[32];
	const char *at;

	snprintf(key, sizeof(key), "\"%s\":", name);
	at = strstr(json, key);
	if (!at)
		return 0;
	at += strlen(key);
	return !strncmp(at, "true", 4) ? 1 : strtoul(at, NULL, 10);
}

int rig_softmod_fault(struct rig_softmod *sm, const char *order, struct rig_wire *wire)
{
	char line[96], text[ANSWER_MAX + 1];
	int err;

	/* The module takes turns between link and channel: after two requests all has passed. */
	snprintf(line, sizeof(line), "fault%s%s", order ? " " : "", order ? order : "");
	err = rig_softmod_ctl(sm, line, NULL, 0);
	if (!err)
		err = rig_softmod_ctl(sm, "fault", text, sizeof(text));
	if (err)
		return err;
	*wire = (struct rig_wire){
		.inserted = member(text, "inserted"),
		.armed = member(text, "armed"),
		.hits = member(text, "hits"),
		.refused = member(text, "refused"),
		.commands = member(text, "commands"),
		.answers = member(text, "answers"),
	};
	return 0;
}
