/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_NETLINK_H
#define SHIM_LINUX_NETLINK_H

#include_next <linux/netlink.h>

struct netlink_ext_ack {
	const char *msg;
};

#define NL_SET_ERR_MSG(extack, text) \
	do { if (extack) (extack)->msg = (text); } while (0)

#endif /* SHIM_LINUX_NETLINK_H */
