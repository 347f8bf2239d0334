/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A question to the system's password agents (systemd's "Password Agents"
 * interface): whoever has a terminal, a boot splash or a desktop answers.
 */
#ifndef SMPAIRD_ASKPASS_H
#define SMPAIRD_ASKPASS_H

#include <limits.h>

#include "smpaird/loop.h"

struct request;

/**
 * struct askpass - one question
 * @request: What it is about; NULL while nothing is asked.
 * @fd: Socket for the answer.
 * @file: The question.
 * @path: Where @fd is bound.
 */
struct askpass {
	struct request *request;
	int fd;
	char file[PATH_MAX];
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

int askpass_begin(struct askpass *ask, struct request *request);
void askpass_end(struct askpass *ask);

#endif /* SMPAIRD_ASKPASS_H */
