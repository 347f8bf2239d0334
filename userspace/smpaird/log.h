/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines for the log: to standard error with the priority that the service
 * manager understands. No line holds a secret.
 */
#ifndef SMPAIRD_LOG_H
#define SMPAIRD_LOG_H

#include <syslog.h>

void log_line(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif /* SMPAIRD_LOG_H */
