/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Questions to the person at the terminal.
 */
#ifndef SMPAIRCTL_PROMPT_H
#define SMPAIRCTL_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "ctl.h"

/* A typed line; longer ones are no answer to any question. */
#define PROMPT_SIZE	128

int prompt_line(const char *question, bool echo, int64_t deadline, char *line, size_t size,
		size_t *len);
int prompt_fd(int fd, int64_t deadline, char *line, size_t size, size_t *len);

#endif /* SMPAIRCTL_PROMPT_H */
