/* SPDX-License-Identifier: GPL-2.0 */
/* User memory, of which shim_user_fault makes one access fail */
#ifndef SHIM_LINUX_UACCESS_H
#define SHIM_LINUX_UACCESS_H

#include <linux/types.h>
#include <string.h>

/* Which of the following accesses fails, counted from 1; 0: none */
extern unsigned int shim_user_fault;

static inline unsigned long shim_user_copy(void *to, const void *from, unsigned long len)
{
	if (shim_user_fault && !--shim_user_fault)
		return len;
	if (len)
		memcpy(to, from, len);
	return 0;
}

#define copy_from_user(to, from, len)	shim_user_copy(to, from, len)
#define copy_to_user(to, from, len)	shim_user_copy(to, from, len)

#endif /* SHIM_LINUX_UACCESS_H */
