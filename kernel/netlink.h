/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SMPAIR_NETLINK_H
#define _SMPAIR_NETLINK_H

#include "pair.h"

int smpair_netlink_init(void);
void smpair_netlink_exit(void);
/* Tells group monitor; @cmd is one of the DEV_*_NTF commands. Process context. */
void smpair_netlink_notify(struct smpair_dev *dev, u8 cmd);
/*
 * Sends OP_DONE to the asking socket; once for each operation that was submitted.
 * Process context, and never from within smpair_op_submit().
 */
void smpair_netlink_op_done(struct smpair_op *op);
/*
 * Announces a request: to one socket, or with portid 0 to group agents. Process context.
 * 0, or a negative errno; -ECONNREFUSED: there is no such socket.
 */
int smpair_netlink_req_ready(u32 portid);
void smpair_netlink_agent_change(void);

#endif /* _SMPAIR_NETLINK_H */
