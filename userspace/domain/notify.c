// SPDX-License-Identifier: GPL-2.0-or-later
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "domain/notify.h"

static void tell_socket(const char *state)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path ? strlen(path) : 0;
	int fd;

	if (!len || len >= sizeof(sun.sun_path))
		return;
	memcpy(sun.sun_path, path, len);
	/* An abstract address is written with @ for its NUL. */
	if (sun.sun_path[0] == '@')
		sun.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&sun,
	       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	close(fd);
}

/* Once, since whoever waits at the other end learns of its end as well. */
static void tell_descriptor(void)
{
	static const char ready[] = "ready\n";
	const char *name = getenv("READY_FD");
	char *end;
	long fd;

	if (!name)
		return;
	fd = strtol(name, &end, 10);
	if (end == name || *end || fd <= STDERR_FILENO || fd > INT_MAX)
		return;
	/* Nobody may be there any more: SIGPIPE is ignored by all who call this. */
	if (write((int)fd, ready, sizeof(ready) - 1) < 0)
		return;
	close((int)fd);
	unsetenv("READY_FD");
}

/**
 * notify() - Tell the service manager, where there is one that wants to know.
 * @state: Such as "READY=1".
 *
 * It is told at NOTIFY_SOCKET, as systemd prescribes. An init script can do without a
 * socket: the descriptor READY_FD gets one line when the state is "READY=1", and is closed.
 */
void notify(const char *state)
{
	tell_socket(state);
	if (!strcmp(state, "READY=1"))
		tell_descriptor();
}
