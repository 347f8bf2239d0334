/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_JIFFIES_H
#define SHIM_LINUX_JIFFIES_H

#define msecs_to_jiffies(ms)	(ms)

#endif /* SHIM_LINUX_JIFFIES_H */
