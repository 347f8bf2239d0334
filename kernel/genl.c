// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	netlink/specs/smpair.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "genl.h"

#include <uapi/linux/smpair.h>

/* SMPAIR_CMD_DEV_GET - do */
static const struct nla_policy smpair_dev_get_nl_policy[SMPAIR_A_DEV_ID + 1] = {
	[SMPAIR_A_DEV_ID] = { .type = NLA_U32, },
};

/* SMPAIR_CMD_SLOT_GET - dump */
static const struct nla_policy smpair_slot_get_nl_policy[SMPAIR_A_SLOT_DEV_ID + 1] = {
	[SMPAIR_A_SLOT_DEV_ID] = { .type = NLA_U32, },
};

/* SMPAIR_CMD_HOST_SET - do */
static const struct nla_policy smpair_host_set_nl_policy[SMPAIR_A_HOST_CY + 1] = {
	[SMPAIR_A_HOST_KEY] = { .type = NLA_S32, },
	[SMPAIR_A_HOST_CY] = NLA_POLICY_EXACT_LEN(SMPAIR_CY_LEN),
};

/* SMPAIR_CMD_OPEN - do */
static const struct nla_policy smpair_open_nl_policy[SMPAIR_A_OP_DEV_ID + 1] = {
	[SMPAIR_A_OP_DEV_ID] = { .type = NLA_U32, },
};

/* SMPAIR_CMD_CLOSE - do */
static const struct nla_policy smpair_close_nl_policy[SMPAIR_A_OP_DEV_ID + 1] = {
	[SMPAIR_A_OP_DEV_ID] = { .type = NLA_U32, },
};

/* SMPAIR_CMD_PAIR - do */
static const struct nla_policy smpair_pair_nl_policy[SMPAIR_A_OP_TIMEOUT + 1] = {
	[SMPAIR_A_OP_DEV_ID] = { .type = NLA_U32, },
	[SMPAIR_A_OP_PLAN_ONLY] = { .type = NLA_FLAG, },
	[SMPAIR_A_OP_OWN_AGENT] = { .type = NLA_FLAG, },
	[SMPAIR_A_OP_AGAIN] = { .type = NLA_FLAG, },
	[SMPAIR_A_OP_TIMEOUT] = NLA_POLICY_RANGE(NLA_U32, 1, SMPAIR_REQUEST_TIMEOUT_MAX),
};

/* SMPAIR_CMD_PAIR_CANCEL - do */
static const struct nla_policy smpair_pair_cancel_nl_policy[SMPAIR_A_OP_DEV_ID + 1] = {
	[SMPAIR_A_OP_DEV_ID] = { .type = NLA_U32, },
};

/* SMPAIR_CMD_UNPAIR - do */
static const struct nla_policy smpair_unpair_nl_policy[SMPAIR_A_OP_DEV_ID + 1] = {
	[SMPAIR_A_OP_DEV_ID] = { .type = NLA_U32, },
};

/* SMPAIR_CMD_MANAGE - do */
static const struct nla_policy smpair_manage_nl_policy[SMPAIR_A_OP_COMMAND + 1] = {
	[SMPAIR_A_OP_DEV_ID] = { .type = NLA_U32, },
	[SMPAIR_A_OP_COMMAND] = { .type = NLA_BINARY, },
};

/* SMPAIR_CMD_AGENT_REGISTER - do */
static const struct nla_policy smpair_agent_register_nl_policy[SMPAIR_A_AGENT_PRIORITY + 1] = {
	[SMPAIR_A_AGENT_PRIORITY] = { .type = NLA_U32, },
};

/* SMPAIR_CMD_REQ_DONE - do */
static const struct nla_policy smpair_req_done_nl_policy[SMPAIR_A_REQ_CONSENT + 1] = {
	[SMPAIR_A_REQ_ID] = { .type = NLA_U64, },
	[SMPAIR_A_REQ_ANSWER] = NLA_POLICY_MAX(NLA_U32, 3),
	[SMPAIR_A_REQ_PIN_KEY] = { .type = NLA_S32, },
	[SMPAIR_A_REQ_CONSENT] = { .type = NLA_FLAG, },
};

/* SMPAIR_CMD_REPORT - do */
static const struct nla_policy smpair_report_nl_policy[SMPAIR_A_OP_NONCE + 1] = {
	[SMPAIR_A_OP_DEV_ID] = { .type = NLA_U32, },
	[SMPAIR_A_OP_NONCE] = NLA_POLICY_EXACT_LEN(SMPAIR_NONCE_LEN),
};

/* Ops table for smpair */
static const struct genl_split_ops smpair_nl_ops[] = {
	{
		.cmd		= SMPAIR_CMD_DEV_GET,
		.doit		= smpair_nl_dev_get_doit,
		.policy		= smpair_dev_get_nl_policy,
		.maxattr	= SMPAIR_A_DEV_ID,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd	= SMPAIR_CMD_DEV_GET,
		.dumpit	= smpair_nl_dev_get_dumpit,
		.flags	= GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= SMPAIR_CMD_SLOT_GET,
		.dumpit		= smpair_nl_slot_get_dumpit,
		.policy		= smpair_slot_get_nl_policy,
		.maxattr	= SMPAIR_A_SLOT_DEV_ID,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= SMPAIR_CMD_HOST_SET,
		.doit		= smpair_nl_host_set_doit,
		.policy		= smpair_host_set_nl_policy,
		.maxattr	= SMPAIR_A_HOST_CY,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= SMPAIR_CMD_HOST_CLEAR,
		.doit	= smpair_nl_host_clear_doit,
		.flags	= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= SMPAIR_CMD_HOST_GET,
		.doit	= smpair_nl_host_get_doit,
		.flags	= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SMPAIR_CMD_OPEN,
		.doit		= smpair_nl_open_doit,
		.policy		= smpair_open_nl_policy,
		.maxattr	= SMPAIR_A_OP_DEV_ID,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SMPAIR_CMD_CLOSE,
		.doit		= smpair_nl_close_doit,
		.policy		= smpair_close_nl_policy,
		.maxattr	= SMPAIR_A_OP_DEV_ID,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SMPAIR_CMD_PAIR,
		.doit		= smpair_nl_pair_doit,
		.policy		= smpair_pair_nl_policy,
		.maxattr	= SMPAIR_A_OP_TIMEOUT,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SMPAIR_CMD_PAIR_CANCEL,
		.doit		= smpair_nl_pair_cancel_doit,
		.policy		= smpair_pair_cancel_nl_policy,
		.maxattr	= SMPAIR_A_OP_DEV_ID,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SMPAIR_CMD_UNPAIR,
		.doit		= smpair_nl_unpair_doit,
		.policy		= smpair_unpair_nl_policy,
		.maxattr	= SMPAIR_A_OP_DEV_ID,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SMPAIR_CMD_MANAGE,
		.doit		= smpair_nl_manage_doit,
		.policy		= smpair_manage_nl_policy,
		.maxattr	= SMPAIR_A_OP_COMMAND,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SMPAIR_CMD_AGENT_REGISTER,
		.doit		= smpair_nl_agent_register_doit,
		.policy		= smpair_agent_register_nl_policy,
		.maxattr	= SMPAIR_A_AGENT_PRIORITY,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= SMPAIR_CMD_AGENT_GET,
		.doit	= smpair_nl_agent_get_doit,
		.flags	= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= SMPAIR_CMD_REQ_ACCEPT,
		.doit	= smpair_nl_req_accept_doit,
		.flags	= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SMPAIR_CMD_REQ_DONE,
		.doit		= smpair_nl_req_done_doit,
		.policy		= smpair_req_done_nl_policy,
		.maxattr	= SMPAIR_A_REQ_CONSENT,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SMPAIR_CMD_REPORT,
		.doit		= smpair_nl_report_doit,
		.policy		= smpair_report_nl_policy,
		.maxattr	= SMPAIR_A_OP_NONCE,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
};

static const struct genl_multicast_group smpair_nl_mcgrps[] = {
	[SMPAIR_NLGRP_MONITOR] = { "monitor", },
	[SMPAIR_NLGRP_AGENTS] = { "agents", },
};

struct genl_family smpair_nl_family __ro_after_init = {
	.name		= SMPAIR_FAMILY_NAME,
	.version	= SMPAIR_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.split_ops	= smpair_nl_ops,
	.n_split_ops	= ARRAY_SIZE(smpair_nl_ops),
	.mcgrps		= smpair_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(smpair_nl_mcgrps),
};
