// SPDX-License-Identifier: GPL-2.0
#include "loopback.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/smpair_proto.h>
#include "clock.h"

#define FRAME		2	/* vpcd's length before each message */
#define COMMAND_LEN	(FRAME + 5)
#define ANSWER_LEN	(FRAME + PDT1_INFO_LEN + 2)
#define COUNT		2000

static bool connected_pair(int fd[2])
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	socklen_t len = sizeof(addr);

	fd[0] = socket(AF_INET, SOCK_STREAM, 0);
	fd[1] = -1;
	if (!bind(listener, (struct sockaddr *)&addr, len) && !listen(listener, 1) &&
	    !getsockname(listener, (struct sockaddr *)&addr, &len) &&
	    !connect(fd[0], (struct sockaddr *)&addr, len))
		fd[1] = accept(listener, NULL, NULL);
	close(listener);
	return fd[1] >= 0 &&
	       !setsockopt(fd[0], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) &&
	       !setsockopt(fd[1], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

static bool take(int fd, uint8_t *buf, size_t len)
{
	return recv(fd, buf, len, MSG_WAITALL) == (ssize_t)len;
}

static void answer(int fd)
{
	uint8_t buf[ANSWER_LEN] = { 0 };

	while (take(fd, buf, COMMAND_LEN) && send(fd, buf, ANSWER_LEN, 0) == ANSWER_LEN)
		;
	_exit(0);
}

static double round_trips(int fd)
{
	uint8_t buf[ANSWER_LEN] = { 0 };
	uint64_t start = clock_ns();
	int i;

	for (i = 0; i < COUNT; i++)
		if (send(fd, buf, COMMAND_LEN, 0) != COMMAND_LEN || !take(fd, buf, ANSWER_LEN))
			return 0;
	return (clock_ns() - start) / 1e3 / COUNT;
}

double loopback_us(void)
{
	struct rounds rounds = { 0 };
	int fd[2], i;
	pid_t child;

	if (!connected_pair(fd))
		return 0;
	child = fork();
	if (!child) {
		close(fd[0]);
		answer(fd[1]);
	}
	close(fd[1]);
	for (i = 0; child > 0 && i < BENCH_ROUNDS; i++)
		rounds_add(&rounds, round_trips(fd[0]));
	close(fd[0]);
	if (child > 0)
		waitpid(child, NULL, 0);
	return rounds_median(&rounds);
}
