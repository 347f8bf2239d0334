/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_ATOMIC_H
#define SHIM_LINUX_ATOMIC_H

typedef struct { int count; } atomic_t;

#define ATOMIC_INIT(value)	{ value }
#define atomic_inc(a)		((a)->count++)
#define atomic_read(a)		((a)->count)

#endif /* SHIM_LINUX_ATOMIC_H */
