/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	netlink/specs/smpair.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_SMPAIR_GEN_H
#define _LINUX_SMPAIR_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/smpair.h>

int smpair_nl_dev_get_doit(struct sk_buff *skb, struct genl_info *info);
int smpair_nl_dev_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int smpair_nl_slot_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int smpair_nl_host_set_doit(struct sk_buff *skb, struct genl_info *info);
int smpair_nl_host_clear_doit(struct sk_buff *skb, struct genl_info *info);
int smpair_nl_host_get_doit(struct sk_buff *skb, struct genl_info *info);
int smpair_nl_open_doit(struct sk_buff *skb, struct genl_info *info);
int smpair_nl_close_doit(struct sk_buff *skb, struct genl_info *info);
int smpair_nl_pair_doit(struct sk_buff *skb, struct genl_info *info);
int smpair_nl_pair_cancel_doit(struct sk_buff *skb, struct genl_info *info);
int smpair_nl_unpair_doit(struct sk_buff *skb, struct genl_info *info);
int smpair_nl_manage_doit(struct sk_buff *skb, struct genl_info *info);
int smpair_nl_agent_register_doit(struct sk_buff *skb, struct genl_info *info);
int smpair_nl_agent_get_doit(struct sk_buff *skb, struct genl_info *info);
int smpair_nl_req_accept_doit(struct sk_buff *skb, struct genl_info *info);
int smpair_nl_req_done_doit(struct sk_buff *skb, struct genl_info *info);
int smpair_nl_report_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	SMPAIR_NLGRP_MONITOR,
	SMPAIR_NLGRP_AGENTS,
};

extern struct genl_family smpair_nl_family;

#endif /* _LINUX_SMPAIR_GEN_H */
