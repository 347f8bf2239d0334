// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One packet there and one back, as smpaird(8) describes them. A PIN travels in
 * a descriptor beside the packet.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent.h"
#include "out.h"

#define SOCKET_DEFAULT	"/run/smpaird/socket"
#define ANSWER_MAX	65536
#define WAIT_MS		10000

static const struct smpair_error_info no_agent = {
	"no-agent", "smpaird does not run here, or listens elsewhere",
	"start it, or name its socket with \"--socket\"", SMPAIR_EXIT_STATE,
};

static const struct smpair_error_info no_access = {
	"permission", "smpaird may not be used by this user",
	"repeat it as root, or as a member of the group in smpaird.conf", SMPAIR_EXIT_PERMISSION,
};

static const struct smpair_error_info no_sense = {
	"bad-message", "smpaird's answer cannot be understood",
	"bring smpaird and smpairctl to the same version", SMPAIR_EXIT_OTHER,
};

static const struct smpair_error_info refused = {
	"refused", "smpaird refuses the answer", "correct it", SMPAIR_EXIT_USAGE,
};

/* Returns 0 or the exit code, with the error told. */
int agent_connect(struct ctl *ctl, struct agent *agent)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	agent->ctl = ctl;
	agent->path = ctl_value(ctl, "socket");
	if (!agent->path)
		agent->path = SOCKET_DEFAULT;
	if (strlen(agent->path) >= sizeof(sun.sun_path))
		return out_usage(ctl, "the name of the socket is too long");
	strcpy(sun.sun_path, agent->path);
	agent->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (agent->fd < 0)
		return out_fail(ctl, -errno, agent->path);
	if (!connect(agent->fd, (struct sockaddr *)&sun, sizeof(sun)))
		return 0;
	close(agent->fd);
	return out_error(ctl, errno == EACCES ? &no_access : &no_agent, NULL, agent->path);
}

static int send_packet(int fd, const char *text, int pin_fd)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec iov = { .iov_base = (void *)text, .iov_len = strlen(text) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cmsg;

	if (pin_fd >= 0) {
		msg.msg_control = control.buf;
		msg.msg_controllen = sizeof(control.buf);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &pin_fd, sizeof(int));
	}
	return sendmsg(fd, &msg, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int receive(struct agent *agent, json_t **answer)
{
	struct pollfd pfd = { .fd = agent->fd, .events = POLLIN };
	char *text = malloc(ANSWER_MAX);
	ssize_t len;
	int ready;

	*answer = NULL;
	if (!text)
		return -ENOMEM;
	ready = poll(&pfd, 1, (int)ctl_left(agent->ctl, WAIT_MS));
	if (ready > 0) {
		len = recv(agent->fd, text, ANSWER_MAX, 0);
		if (len > 0)
			*answer = json_loadb(text, (size_t)len, JSON_REJECT_DUPLICATES, NULL);
	}
	free(text);
	if (!ready)
		return -ETIMEDOUT;
	return json_is_object(*answer) ? 0 : -EBADMSG;
}

/*
 * agent_ask() - One packet there and one back.
 * @packet: What to ask; consumed.
 * @pin_fd: Descriptor with the PIN, or -1.
 * @answer: Receives the answer, where 0 is returned.
 *
 * Returns 0 or the exit code, with the error told.
 */
int agent_ask(struct agent *agent, json_t *packet, int pin_fd, json_t **answer)
{
	const struct ctl *ctl = agent->ctl;
	struct smpair_error_info info = refused;
	char *text = packet ? json_dumps(packet, JSON_COMPACT) : NULL;
	int err = -ENOMEM, ret;

	json_decref(packet);
	if (text)
		err = send_packet(agent->fd, text, pin_fd);
	free(text);
	if (!err)
		err = receive(agent, answer);
	if (err == -EBADMSG) {
		json_decref(*answer);
		return out_error(ctl, &no_sense, NULL, agent->path);
	}
	if (err)
		return out_fail(ctl, err, agent->path);
	if (!json_object_get(*answer, "error"))
		return 0;
	if (json_string_value(json_object_get(*answer, "error")))
		info.name = json_string_value(json_object_get(*answer, "error"));
	if (json_string_value(json_object_get(*answer, "text")))
		info.text = json_string_value(json_object_get(*answer, "text"));
	ret = out_error(ctl, &info, NULL, NULL);
	json_decref(*answer);
	return ret;
}

void agent_disconnect(struct agent *agent)
{
	close(agent->fd);
}
