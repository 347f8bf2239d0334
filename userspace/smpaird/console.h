/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A terminal on which people are asked, one question at a time.
 */
#ifndef SMPAIRD_CONSOLE_H
#define SMPAIRD_CONSOLE_H

#include "smpaird/daemon.h"

int console_open(struct console **console, struct daemon *daemon, const char *path);
void console_close(struct console *console);
void console_begin(struct console *console, struct request *request);
void console_end(struct console *console, struct request *request);

#endif /* SMPAIRD_CONSOLE_H */
