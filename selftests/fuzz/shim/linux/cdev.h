/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_CDEV_H
#define SHIM_LINUX_CDEV_H

struct cdev { int unused; };

#endif /* SHIM_LINUX_CDEV_H */
