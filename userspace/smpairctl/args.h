/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line, read by the table of verbs.
 */
#ifndef SMPAIRCTL_ARGS_H
#define SMPAIRCTL_ARGS_H

#include <stdio.h>

#include "ctl.h"

#define ARGS_ERROR_SIZE	160

enum args_result {
	ARGS_RUN,
	ARGS_HELP,
	ARGS_VERSION,
	ARGS_COMPLETION,
	ARGS_ERROR,
};

enum args_result args_parse(struct ctl *ctl, int argc, char * const argv[],
			    char error[ARGS_ERROR_SIZE]);
int args_number(const char *text, uint32_t min, uint32_t max, uint32_t *value);
void args_help(const struct ctl_verb *verb, FILE *to);

#endif /* SMPAIRCTL_ARGS_H */
