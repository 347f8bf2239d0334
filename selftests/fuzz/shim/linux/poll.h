/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_POLL_H
#define SHIM_LINUX_POLL_H

#include <linux/types.h>
#include <sys/epoll.h>

typedef struct { int unused; } poll_table;

#define poll_wait(file, wait, table)	((void)(table))

#endif /* SHIM_LINUX_POLL_H */
