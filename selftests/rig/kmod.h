/* SPDX-License-Identifier: GPL-2.0 */
/* Kernel modules from the tree that the running program was built in. */
#ifndef RIG_KMOD_H
#define RIG_KMOD_H

#include <stdbool.h>

/* @name as in /proc/modules; those of kernel/tests/ too */
bool rig_kmod_exists(const char *name);
int rig_kmod_load(const char *name, const char *options);	/* 0 or -errno */
/* 0; -EWOULDBLOCK while it is used, by an open file or by another module; -errno */
int rig_kmod_unload(const char *name);
int rig_kmod_users(const char *name);	/* references to it, or -errno */

#endif /* RIG_KMOD_H */
