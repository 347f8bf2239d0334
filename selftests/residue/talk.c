// SPDX-License-Identifier: GPL-2.0
#include "talk.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORTS	"/dev/virtio-ports"
#define MASK	0x5a

int talk_port(const char *name)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), PORTS "/%s", name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

void talk_say(FILE *peer, const char *word)
{
	if (dprintf(fileno(peer), "%s\n", word) < 0) {
		printf("Bail out! the peer is gone\n");
		exit(1);
	}
}

void talk_hear(FILE *peer, char answer[TALK_ANSWER_MAX])
{
	if (!fgets(answer, TALK_ANSWER_MAX, peer)) {
		printf("Bail out! the peer is gone\n");
		exit(1);
	}
	answer[strcspn(answer, "\n")] = '\0';
}

void talk_ask(FILE *peer, const char *word, char answer[TALK_ANSWER_MAX])
{
	talk_say(peer, word);
	talk_hear(peer, answer);
}

static uint8_t digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : c - 'a' + 10;
}

struct smpair_secret *talk_unmask(const char *hex, size_t before)
{
	size_t len = strspn(hex, "0123456789abcdef") / 2, i;
	struct smpair_secret *secret;
	volatile uint8_t *data;

	if (!len || smpair_secret_new(before + len, &secret)) {
		printf("Bail out! no secret in what the peer said\n");
		exit(1);
	}
	data = smpair_secret_data(secret) + before;
	for (i = 0; i < len; i++)
		data[i] = (digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1])) ^ MASK;
	return secret;
}
