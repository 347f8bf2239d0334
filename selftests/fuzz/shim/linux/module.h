/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_MODULE_H
#define SHIM_LINUX_MODULE_H

#include <linux/types.h>
#include <stdio.h>

struct kernel_param;

struct kernel_param_ops {
	int (*get)(char *buf, const struct kernel_param *kp);
};

struct kernel_param {
	const struct kernel_param_ops *ops;
	void *arg;
};

#define THIS_MODULE			NULL
#define MODULE_DESCRIPTION(text)	extern int module_unused_
#define MODULE_LICENSE(text)		extern int module_unused_
#define MODULE_PARM_DESC(name, text)	extern int module_unused_
#define module_param(name, type, perm)	extern int module_unused_
#define module_param_cb(name, ops, arg, perm) \
	extern const struct kernel_param shim_param_##name; \
	const struct kernel_param shim_param_##name = { (ops), (arg) }

#define sysfs_emit(buf, ...)		snprintf(buf, 4096, __VA_ARGS__)

#endif /* SHIM_LINUX_MODULE_H */
