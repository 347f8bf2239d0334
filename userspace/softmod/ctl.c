// SPDX-License-Identifier: GPL-2.0-or-later
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "softmod/control.h"
#include "softmod/ctl.h"

#define TIMEOUT_S	30

static int reach(const char *path)
{
	const struct timeval timeout = { .tv_sec = TIMEOUT_S };
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(sun.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun))) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

/* Words with blanks between them, and a newline; its length, 0: too long */
static size_t join(char *line, size_t size, char *const *word, int words)
{
	size_t have = 0;
	int i, len;

	for (i = 0; i < words; i++) {
		len = snprintf(line + have, size - have, "%s%c", word[i],
			       i + 1 < words ? ' ' : '\n');
		if (len < 0 || (size_t)len >= size - have)
			return 0;
		have += (size_t)len;
	}
	return have;
}

int ctl_request(const char *path, char *const *word, int words)
{
	char answer[CONTROL_ANSWER + 1];
	char line[CONTROL_LINE];
	size_t len, have = 0;
	ssize_t n;
	int fd;

	len = join(line, sizeof(line), word, words);
	if (!len) {
		warnx("the request is too long");
		return 1;
	}
	fd = reach(path);
	if (fd < 0) {
		warn("%s: cannot reach the module; is it running?", path);
		return 1;
	}

	n = send(fd, line, len, MSG_NOSIGNAL);
	while (n > 0 && have < CONTROL_ANSWER) {
		n = recv(fd, answer + have, CONTROL_ANSWER - have, 0);
		if (n > 0)
			have += (size_t)n;
	}
	if (n < 0)
		warn("%s", path);
	close(fd);
	answer[have] = 0;
	if (n < 0 || !strchr(answer, '\n')) {
		warnx("%s: no answer", path);
		return 1;
	}
	fputs(answer, stdout);
	if (fflush(stdout))
		return 1;
	return strstr(answer, "\"ok\":true") ? 0 : 1;
}
