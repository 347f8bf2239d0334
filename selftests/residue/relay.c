// SPDX-License-Identifier: GPL-2.0
#include "relay.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "rig/link.h"

static void put(int fd, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	for (; len; p += n, len -= n) {
		n = write(fd, p, len);
		if (n < 0) {
			perror("# relay");
			exit(1);
		}
	}
}

static void get(int fd, void *data, size_t len)
{
	char *p = data;
	ssize_t n;

	for (; len; p += n, len -= n) {
		n = read(fd, p, len);
		if (n <= 0) {
			printf("# relay: the module outside is gone\n");
			exit(1);
		}
	}
}

static void carry_out(struct relay *relay)
{
	static uint8_t event[RIG_EVENT_MAX];
	ssize_t len = read(relay->fd, event, sizeof(event));

	if (len > 0)
		put(relay->port, event, len);
}

static void carry_in(struct relay *relay)
{
	static uint8_t event[RIG_EVENT_MAX];
	struct smpair_virt_event *head = (void *)event;

	get(relay->port, head, sizeof(*head));
	if (head->len > sizeof(event) - sizeof(*head))
		exit(1);
	get(relay->port, head + 1, head->len);
	/* A refusal means that the driver does not wait for it any more. */
	if (!relay->deaf && write(relay->fd, event, sizeof(*head) + head->len) < 0)
		printf("# relay: answer refused\n");
}

static void *carry(void *arg)
{
	struct relay *relay = arg;
	struct pollfd pfd[3] = {
		{ .fd = relay->wake[0], .events = POLLIN },
		{ .fd = relay->fd, .events = POLLIN },
		{ .fd = relay->port, .events = POLLIN },
	};

	for (;;) {
		if (poll(pfd, 3, -1) < 0 && errno != EINTR)
			exit(1);
		if (pfd[0].revents)
			return NULL;
		if (pfd[1].revents & POLLIN)
			carry_out(relay);
		if (pfd[2].revents & POLLIN)
			carry_in(relay);
	}
}

int relay_insert(struct relay *relay)
{
	/* Tells the module that it has power. */
	static const struct smpair_virt_event power = { .type = SMPAIR_VIRT_ATTACH };

	if (pipe(relay->wake))
		return -errno;
	relay->deaf = false;
	put(relay->port, &power, sizeof(power));
	relay->fd = rig_link_attach();
	if (relay->fd < 0)
		return relay->fd;
	return -pthread_create(&relay->thread, NULL, carry, relay);
}

void relay_remove(struct relay *relay)
{
	close(relay->wake[1]);
	pthread_join(relay->thread, NULL);
	close(relay->wake[0]);
	close(relay->fd);
	relay->fd = -1;
}
