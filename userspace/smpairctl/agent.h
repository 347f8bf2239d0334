/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Talking to smpaird.
 */
#ifndef SMPAIRCTL_AGENT_H
#define SMPAIRCTL_AGENT_H

#include <jansson.h>

#include "ctl.h"

/**
 * struct agent - a connection to the agent
 * @ctl: The invocation.
 * @path: Its socket.
 * @fd: The connection.
 */
struct agent {
	const struct ctl *ctl;
	const char *path;
	int fd;
};

int agent_connect(struct ctl *ctl, struct agent *agent);
int agent_ask(struct agent *agent, json_t *packet, int pin_fd, json_t **answer);
void agent_disconnect(struct agent *agent);

#endif /* SMPAIRCTL_AGENT_H */
