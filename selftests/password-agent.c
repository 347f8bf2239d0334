// SPDX-License-Identifier: GPL-2.0
/*
 * password-agent: the terminal of a system with systemd. Waits until somebody asks in
 * /run/systemd/ask-password, prints the question's message, and answers with the first
 * line of standard input; without one it cancels. "systemd-tty-ask-password-agent"
 * itself reads such questions in userspace/smpaird/tests/test_askpass.c; the guest has
 * none.
 */
#include <err.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define QUESTIONS	"/run/systemd/ask-password/ask.*"
#define PATIENCE_S	120	/* only a hang lasts that long */

/* Fills in where the answer goes and prints the message, if somebody asks. */
static bool read_question(struct sockaddr_un *sun)
{
	char line[1024];
	glob_t found;
	FILE *file;

	if (glob(QUESTIONS, 0, NULL, &found))
		return false;
	file = fopen(found.gl_pathv[0], "r");
	globfree(&found);
	/* It may be taken back at any time. */
	if (!file)
		return false;
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "Message=", 8))
			puts(line + 8);
		else if (!strncmp(line, "Socket=", 7) && strlen(line + 7) < sizeof(sun->sun_path))
			strcpy(sun->sun_path, line + 7);
	}
	fclose(file);
	return sun->sun_path[0];
}

int main(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	char answer[128] = "+";
	unsigned int i;
	size_t len;
	int fd;

	for (i = 0; !read_question(&sun); i++) {
		if (i == PATIENCE_S * 10)
			errx(1, "nobody asks");
		usleep(100000);
	}
	/* Strings end with a NUL, which is sent; a cancellation is a sign alone. */
	if (fgets(answer + 1, sizeof(answer) - 1, stdin)) {
		answer[strcspn(answer, "\n")] = '\0';
		len = strlen(answer) + 1;
	} else {
		answer[0] = '-';
		len = 1;
	}
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || sendto(fd, answer, len, 0, (struct sockaddr *)&sun, sizeof(sun)) < 0)
		err(1, "%s", sun.sun_path);
	return 0;
}
