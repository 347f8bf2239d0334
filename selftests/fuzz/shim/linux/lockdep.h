/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_LOCKDEP_H
#define SHIM_LINUX_LOCKDEP_H

#include <linux/mutex.h>

#endif /* SHIM_LINUX_LOCKDEP_H */
