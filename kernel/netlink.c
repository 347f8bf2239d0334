// SPDX-License-Identifier: GPL-2.0
/*
 * The operations and events of the netlink family; tables are in genl.c.
 *
 * Generic netlink holds a semaphore of its own across each handler, and whoever
 * (un)registers any family waits for it. No handler sleeps on a module, an agent
 * or a person: what talks to a module becomes an operation in the queue of its
 * link, and what a handler tells of a link comes from the link's view.
 */
#include <linux/capability.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <net/net_namespace.h>
#include "agent.h"
#include "genl.h"
#include "hostkey.h"
#include "netlink.h"

/*
 * Guards smpair_asked and @orphan of each operation. It also orders what a socket
 * gets to see: a handler holds it from submitting an operation until the reply
 * with its id is sent, and OP_DONE is sent under it, so that a fast operation
 * never reports before its id is known. Nothing under it waits for a module.
 * Taken inside dev->lock.
 */
static DEFINE_MUTEX(smpair_asked_lock);
static LIST_HEAD(smpair_asked);		/* operations whose outcome is to be sent, referenced */

/* A module belongs to the host, not to a network. */
static int check_init_net(const struct genl_info *info)
{
	if (net_eq(genl_info_net(info), &init_net))
		return 0;
	GENL_SET_ERR_MSG(info, "Modules belong to the host; ask in the initial network namespace");
	return -EOPNOTSUPP;
}

static int no_memory(const struct genl_info *info)
{
	GENL_SET_ERR_MSG(info, "Out of memory; nothing was done, try again later");
	return -ENOMEM;
}

/* Operations without a policy: the core does not look at attributes. */
static int check_no_attrs(const struct genl_info *info)
{
	if (!nlmsg_attrlen(info->nlhdr, GENL_HDRLEN))
		return 0;
	GENL_SET_ERR_MSG(info, "This operation takes no attributes; send it without");
	return -EINVAL;
}

/* The link that attribute @attr names, referenced, or ERR_PTR */
static struct smpair_dev *get_dev(const struct genl_info *info, int attr)
{
	struct smpair_dev *dev;
	int ret;

	ret = check_init_net(info);
	if (ret)
		return ERR_PTR(ret);
	if (GENL_REQ_ATTR_CHECK(info, attr)) {
		GENL_SET_ERR_MSG(info, "Say which module: give its number as listed by dev-get");
		return ERR_PTR(-EINVAL);
	}
	dev = smpair_dev_get_by_id(nla_get_u32(info->attrs[attr]));
	if (!dev) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[attr],
				    "No such module; list those present with dev-get");
		return ERR_PTR(-ENODEV);
	}
	return dev;
}

/* Readers of 64-bit attributes copy them out, so that no padding is needed. */
static int put_u64(struct sk_buff *skb, int attr, u64 value)
{
	return nla_put(skb, attr, sizeof(value), &value);
}

/* What everybody may know of a link; all that events carry */
static int put_dev_public(struct sk_buff *skb, const struct smpair_dev *dev,
			  const struct smpair_dev_view *view)
{
	if (nla_put_u32(skb, SMPAIR_A_DEV_ID, dev->id) ||
	    nla_put_string(skb, SMPAIR_A_DEV_NAME, dev_name(&dev->dev)) ||
	    nla_put_string(skb, SMPAIR_A_DEV_TRANSPORT, dev->transport) ||
	    nla_put_u32(skb, SMPAIR_A_DEV_STATE, view->state) ||
	    nla_put_u32(skb, SMPAIR_A_DEV_CAUSE, view->cause))
		return -EMSGSIZE;
	return 0;
}

static int put_dev_info(struct sk_buff *skb, const struct smpair_info *info, bool admin)
{
	if (admin && nla_put(skb, SMPAIR_A_DEV_MODULE_ID, sizeof(info->mid), info->mid))
		return -EMSGSIZE;
	if (nla_put_u32(skb, SMPAIR_A_DEV_DOMAIN, info->domain) ||
	    nla_put_u32(skb, SMPAIR_A_DEV_SLOTS, info->slots) ||
	    nla_put_u32(skb, SMPAIR_A_DEV_SLOTS_FREE, info->slots_free) ||
	    nla_put_u32(skb, SMPAIR_A_DEV_PIN_POLICY, info->pin_policy) ||
	    nla_put_u32(skb, SMPAIR_A_DEV_EVICT_POLICY, info->evict_policy) ||
	    nla_put_u32(skb, SMPAIR_A_DEV_TRIES_LEFT, info->ptc) ||
	    nla_put_u32(skb, SMPAIR_A_DEV_TRIES_MAX, info->ptc_max) ||
	    nla_put_u32(skb, SMPAIR_A_DEV_MAX_MESSAGE,
			min_t(u32, info->maxm, SMPAIR_MESSAGE_MAX)))
		return -EMSGSIZE;
	return 0;
}

static u32 session_age(const struct smpair_dev_view *view)
{
	s64 age = ktime_divns(ktime_sub(ktime_get_boottime(), view->session_born),
			      NSEC_PER_SEC);

	return clamp_t(s64, age, 0, U32_MAX);
}

static int put_dev(struct sk_buff *skb, struct smpair_dev *dev, bool admin)
{
	struct smpair_dev_view view;
	int ret;

	smpair_dev_view_get(dev, &view);

	ret = put_dev_public(skb, dev, &view);
	if (!ret && view.info_valid)
		ret = put_dev_info(skb, &view.info, admin);
	if (ret)
		return ret;
	if (view.n_known && nla_put_u32(skb, SMPAIR_A_DEV_INDEX, view.n))
		return -EMSGSIZE;
	if (view.paired &&
	    (nla_put_u32(skb, SMPAIR_A_DEV_SLOT, view.slot) ||
	     nla_put_u32(skb, SMPAIR_A_DEV_GENERATION, view.m)))
		return -EMSGSIZE;
	if (view.session_live &&
	    (nla_put_u32(skb, SMPAIR_A_DEV_SESSION_AGE, session_age(&view)) ||
	     nla_put_u32(skb, SMPAIR_A_DEV_SESSION_COMMANDS, view.session_commands)))
		return -EMSGSIZE;
	return nla_put_u32(skb, SMPAIR_A_DEV_REKEYS, view.rekeys);
}

/* An empty reply for reply_send(), or NULL with a text: out of memory */
static struct sk_buff *reply_new(struct genl_info *info, void **hdr)
{
	struct sk_buff *rsp;

	rsp = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (rsp) {
		*hdr = genlmsg_put_reply(rsp, info, &smpair_nl_family, 0, info->genlhdr->cmd);
		if (*hdr)
			return rsp;
	}
	nlmsg_free(rsp);
	no_memory(info);
	return NULL;
}

/* Sends a reply unless filling it failed with @ret; used up in any case */
static int reply_send(struct sk_buff *rsp, void *hdr, struct genl_info *info, int ret)
{
	if (ret) {
		nlmsg_free(rsp);
		return ret;
	}
	genlmsg_end(rsp, hdr);
	return genlmsg_reply(rsp, info);
}

/**
 * smpair_nl_dev_get_doit - describe one link
 * @skb: request
 * @info: parsed request
 *
 * Anyone may ask; the module's identifier is for CAP_NET_ADMIN.
 *
 * Return: 0 or a negative errno, with a text.
 */
int smpair_nl_dev_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct smpair_dev *dev;
	struct sk_buff *rsp;
	void *hdr;
	int ret;

	dev = get_dev(info, SMPAIR_A_DEV_ID);
	if (IS_ERR(dev))
		return PTR_ERR(dev);

	ret = -ENOMEM;
	rsp = reply_new(info, &hdr);
	if (rsp)
		ret = reply_send(rsp, hdr, info,
				 put_dev(rsp, dev, netlink_capable(skb, CAP_NET_ADMIN)));
	smpair_dev_put(dev);
	return ret;
}

/**
 * struct smpair_dev_dump - where a dump of links goes on
 * @id: first link not reported yet
 */
struct smpair_dev_dump {
	unsigned long id;
};

/**
 * smpair_nl_dev_get_dumpit - describe all links
 * @skb: part of the answer
 * @cb: state of the dump
 *
 * Return: 0 at the end, -EMSGSIZE where it goes on, or another negative errno.
 */
int smpair_nl_dev_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct smpair_dev_dump *dump = (struct smpair_dev_dump *)cb->ctx;
	const struct genl_info *info = genl_info_dump(cb);
	/* Of the socket that started the dump, whoever reads it */
	bool admin = netlink_capable(cb->skb, CAP_NET_ADMIN);
	struct smpair_dev *dev;
	void *hdr;
	int ret;

	NL_ASSERT_DUMP_CTX_FITS(struct smpair_dev_dump);

	ret = check_init_net(info) ?: check_no_attrs(info);
	if (ret)
		return ret;

	while ((dev = smpair_dev_next(&dump->id))) {
		hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				  &smpair_nl_family, NLM_F_MULTI, SMPAIR_CMD_DEV_GET);
		ret = hdr ? put_dev(skb, dev, admin) : -EMSGSIZE;
		smpair_dev_put(dev);
		if (ret) {
			genlmsg_cancel(skb, hdr);
			return ret;
		}
		genlmsg_end(skb, hdr);
		dump->id++;
	}
	return 0;
}

/**
 * struct smpair_slot_dump - where a dump of slots goes on
 * @row: first row not reported yet
 */
struct smpair_slot_dump {
	unsigned int row;
};

static u32 slot_flags(u8 wire)
{
	u32 flags = 0;

	if (wire & PDT1_SLOT_USED)
		flags |= SMPAIR_SLOT_FLAGS_USED;
	if (wire & PDT1_SLOT_PINNED)
		flags |= SMPAIR_SLOT_FLAGS_PINNED;
	if (wire & PDT1_SLOT_SELF)
		flags |= SMPAIR_SLOT_FLAGS_SELF;
	return flags;
}

static int put_slot(struct sk_buff *skb, u32 dev_id, const struct smpair_slot_copy *slot)
{
	if (nla_put_u32(skb, SMPAIR_A_SLOT_DEV_ID, dev_id) ||
	    nla_put_u32(skb, SMPAIR_A_SLOT_INDEX, slot->index) ||
	    nla_put_u32(skb, SMPAIR_A_SLOT_FLAGS, slot_flags(slot->flags)) ||
	    nla_put_u32(skb, SMPAIR_A_SLOT_ACTIVITY, slot->activity) ||
	    nla_put_u32(skb, SMPAIR_A_SLOT_PAIRED_AT, slot->n_s) ||
	    nla_put(skb, SMPAIR_A_SLOT_SID, sizeof(slot->sid), slot->sid))
		return -EMSGSIZE;
	return 0;
}

/**
 * smpair_nl_slot_get_dumpit - list the slots of a module as last read
 * @skb: part of the answer
 * @cb: state of the dump
 *
 * A copy that changes between two parts marks the dump NLM_F_DUMP_INTR.
 *
 * Return: 0 at the end, -EMSGSIZE where it goes on, or another negative errno.
 */
int smpair_nl_slot_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct smpair_slot_dump *dump = (struct smpair_slot_dump *)cb->ctx;
	struct smpair_dev_view view;
	struct smpair_dev *dev;
	int ret = 0;
	void *hdr;

	NL_ASSERT_DUMP_CTX_FITS(struct smpair_slot_dump);

	dev = get_dev(genl_info_dump(cb), SMPAIR_A_SLOT_DEV_ID);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	smpair_dev_view_get(dev, &view);
	/* Zero would mean that there is nothing to compare with. */
	cb->seq = view.slot_seq ?: UINT_MAX;

	while (dump->row < view.slot_count) {
		ret = -EMSGSIZE;
		hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				  &smpair_nl_family, NLM_F_MULTI, SMPAIR_CMD_SLOT_GET);
		if (!hdr)
			break;
		genl_dump_check_consistent(cb, hdr);
		ret = put_slot(skb, dev->id, &view.slots[dump->row]);
		if (ret) {
			genlmsg_cancel(skb, hdr);
			break;
		}
		genlmsg_end(skb, hdr);
		dump->row++;
	}
	smpair_dev_put(dev);
	return ret;
}

/* Credentials of the whole host ask for more than those of its network. */
static int check_host_admin(struct sk_buff *skb, const struct genl_info *info)
{
	int ret;

	ret = check_init_net(info);
	if (ret)
		return ret;
	if (netlink_capable(skb, CAP_SYS_ADMIN))
		return 0;
	GENL_SET_ERR_MSG(info, "Host credentials need CAP_SYS_ADMIN too; run this as root");
	return -EPERM;
}

/**
 * smpair_nl_host_set_doit - load or replace the host credentials
 * @skb: request
 * @info: parsed request
 *
 * Return: 0 or a negative errno, with a text.
 */
int smpair_nl_host_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	u8 (*cy)[PDT1_CY_LEN];
	unsigned int count = 0;
	struct nlattr *attr;
	int rem, ret;

	ret = check_host_admin(skb, info);
	if (ret)
		return ret;
	if (GENL_REQ_ATTR_CHECK(info, SMPAIR_A_HOST_KEY)) {
		GENL_SET_ERR_MSG(info, "Give the serial of the key that holds the host secrets");
		return -EINVAL;
	}

	cy = kmalloc_array(SMPAIR_CY_MAX, sizeof(*cy), GFP_KERNEL);
	if (!cy)
		return no_memory(info);
	ret = -EINVAL;
	/* The policy vouches for the length of each. */
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != SMPAIR_A_HOST_CY)
			continue;
		if (count == SMPAIR_CY_MAX) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "More than 8 host cryptograms; give those in use");
			goto out_free;
		}
		memcpy(cy[count++], nla_data(attr), sizeof(*cy));
	}
	if (!count) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, SMPAIR_A_HOST_CY);
		GENL_SET_ERR_MSG(info, "Give 1 to 8 host cryptograms, as issued with the secrets");
		goto out_free;
	}

	ret = smpair_host_load(nla_get_s32(info->attrs[SMPAIR_A_HOST_KEY]),
			       (const u8 (*)[PDT1_CY_LEN])cy, count, info->extack);
	if (!ret)
		smpair_dev_for_each(smpair_pair_host_changed);
	else if (ret == -ENOMEM)
		no_memory(info);
out_free:
	kfree(cy);
	return ret;
}

/**
 * smpair_nl_host_clear_doit - wipe the host credentials; sessions end
 * @skb: request
 * @info: parsed request
 *
 * Return: 0 or a negative errno, with a text.
 */
int smpair_nl_host_clear_doit(struct sk_buff *skb, struct genl_info *info)
{
	int ret;

	ret = check_host_admin(skb, info) ?: check_no_attrs(info);
	if (ret)
		return ret;
	smpair_host_clear();
	smpair_dev_for_each(smpair_pair_host_changed);
	return 0;
}

static int put_host(struct sk_buff *skb, const struct smpair_host *host)
{
	struct nlattr *nest;
	unsigned int i;

	if (nla_put(skb, SMPAIR_A_HOST_HOST_ID, sizeof(host->sn), host->sn))
		return -EMSGSIZE;
	for (i = 0; i < host->gen_count; i++)
		if (nla_put_u32(skb, SMPAIR_A_HOST_GENERATION, host->gen[i].m))
			return -EMSGSIZE;
	for (i = 0; i < host->cy_count; i++) {
		nest = nla_nest_start(skb, SMPAIR_A_HOST_CY_INFO);
		if (!nest ||
		    nla_put_u32(skb, SMPAIR_A_CY_INFO_DOMAIN, host->cy[i].domain) ||
		    nla_put_u32(skb, SMPAIR_A_CY_INFO_GENERATION, host->cy[i].g))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

/**
 * smpair_nl_host_get_doit - describe the host credentials, without secrets
 * @skb: request
 * @info: parsed request
 *
 * Return: 0 or a negative errno, with a text.
 */
int smpair_nl_host_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct smpair_host *host;
	struct sk_buff *rsp;
	void *hdr;
	int ret;

	ret = check_init_net(info) ?: check_no_attrs(info);
	if (ret)
		return ret;
	host = smpair_host_get();
	if (!host) {
		GENL_SET_ERR_MSG(info, "No host credentials are loaded; load them with host-set");
		return -ENOKEY;
	}

	ret = -ENOMEM;
	rsp = reply_new(info, &hdr);
	if (rsp)
		ret = reply_send(rsp, hdr, info, put_host(rsp, host));
	smpair_host_put(host);
	return ret;
}

/* Why an operation was not taken, with the next action */
static int refuse_op(const struct genl_info *info, int ret)
{
	switch (ret) {
	case -ENODEV:
		GENL_SET_ERR_MSG(info, "The module was removed; insert it again");
		break;
	case -EBUSY:
		GENL_SET_ERR_MSG(info,
				 "A pairing or 16 other operations are under way; wait for op-done");
		break;
	default:
		GENL_SET_ERR_MSG(info, "The operation could not be queued; try again later");
		break;
	}
	return ret;
}

static struct sk_buff *build_op_reply(const struct smpair_op *op, struct genl_info *info)
{
	struct sk_buff *rsp;
	void *hdr;

	rsp = reply_new(info, &hdr);
	if (!rsp)
		return NULL;
	if (nla_put_u32(rsp, SMPAIR_A_OP_DEV_ID, op->dev->id) ||
	    put_u64(rsp, SMPAIR_A_OP_ID, op->id)) {
		nlmsg_free(rsp);
		return NULL;
	}
	genlmsg_end(rsp, hdr);
	return rsp;
}

/* Queues @op and replies with its id; the list of asked operations takes a reference. */
static int submit_op(struct smpair_op *op, struct genl_info *info)
{
	struct sk_buff *rsp;
	int ret;

	/* All that can fail for want of memory comes before the operation begins. */
	op->report = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!op->report)
		return no_memory(info);
	rsp = build_op_reply(op, info);
	if (!rsp)
		return -ENOMEM;

	mutex_lock(&smpair_asked_lock);
	ret = smpair_op_submit(op);
	if (ret) {
		mutex_unlock(&smpair_asked_lock);
		nlmsg_free(rsp);
		return refuse_op(info, ret);
	}
	refcount_inc(&op->refs);
	list_add_tail(&op->asked, &smpair_asked);
	ret = genlmsg_reply(rsp, info);
	mutex_unlock(&smpair_asked_lock);
	return ret;
}

/* A new operation on the link that the request names, or ERR_PTR */
static struct smpair_op *alloc_op(struct genl_info *info, enum smpair_op_kind kind)
{
	struct smpair_dev *dev;
	struct smpair_op *op;

	dev = get_dev(info, SMPAIR_A_OP_DEV_ID);
	if (IS_ERR(dev))
		return ERR_CAST(dev);
	op = smpair_op_alloc(dev, kind, info->snd_portid);
	smpair_dev_put(dev);
	return op ?: ERR_PTR(no_memory(info));
}

/* Operations that need nothing but their link */
static int simple_op(struct genl_info *info, enum smpair_op_kind kind)
{
	struct smpair_op *op;
	int ret;

	op = alloc_op(info, kind);
	if (IS_ERR(op))
		return PTR_ERR(op);
	ret = submit_op(op, info);
	smpair_op_put(op);
	return ret;
}

/**
 * smpair_nl_open_doit - verify the pairing now and open a new session
 * @skb: request
 * @info: parsed request
 *
 * Return: 0 or a negative errno, with a text.
 */
int smpair_nl_open_doit(struct sk_buff *skb, struct genl_info *info)
{
	return simple_op(info, SMPAIR_OP_OPEN);
}

/**
 * smpair_nl_close_doit - end the session and wipe its keys
 * @skb: request
 * @info: parsed request
 *
 * Return: 0 or a negative errno, with a text.
 */
int smpair_nl_close_doit(struct sk_buff *skb, struct genl_info *info)
{
	return simple_op(info, SMPAIR_OP_CLOSE);
}

/**
 * smpair_nl_unpair_doit - free the slot of this host
 * @skb: request
 * @info: parsed request
 *
 * Return: 0 or a negative errno, with a text.
 */
int smpair_nl_unpair_doit(struct sk_buff *skb, struct genl_info *info)
{
	return simple_op(info, SMPAIR_OP_UNPAIR);
}

/**
 * smpair_nl_pair_doit - pair this host with a module
 * @skb: request
 * @info: parsed request
 *
 * Return: 0 or a negative errno, with a text.
 */
int smpair_nl_pair_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *timeout;
	struct smpair_op *op;
	int ret;

	op = alloc_op(info, SMPAIR_OP_PAIR);
	if (IS_ERR(op))
		return PTR_ERR(op);
	op->plan_only = nla_get_flag(info->attrs[SMPAIR_A_OP_PLAN_ONLY]);
	op->own_agent = nla_get_flag(info->attrs[SMPAIR_A_OP_OWN_AGENT]);
	op->again = nla_get_flag(info->attrs[SMPAIR_A_OP_AGAIN]);
	timeout = info->attrs[SMPAIR_A_OP_TIMEOUT];
	op->timeout = timeout ? nla_get_u32(timeout) : SMPAIR_REQUEST_TIMEOUT_DEFAULT;
	ret = submit_op(op, info);
	smpair_op_put(op);
	return ret;
}

/**
 * smpair_nl_manage_doit - carry a command of the management centre to a module
 * @skb: request
 * @info: parsed request
 *
 * Return: 0 or a negative errno, with a text.
 */
int smpair_nl_manage_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *command;
	struct smpair_op *op;
	int ret;

	op = alloc_op(info, SMPAIR_OP_MANAGE);
	if (IS_ERR(op))
		return PTR_ERR(op);

	ret = -EINVAL;
	if (GENL_REQ_ATTR_CHECK(info, SMPAIR_A_OP_COMMAND)) {
		GENL_SET_ERR_MSG(info, "Give the command that the management centre made");
		goto out_put;
	}
	command = info->attrs[SMPAIR_A_OP_COMMAND];
	if (nla_len(command) < PDT1_MANAGE_MIN_LEN || nla_len(command) > SMPAIR_MANAGE_MAX) {
		NL_SET_ERR_MSG_ATTR(info->extack, command,
				    "A command has 48 to 4096 bytes; give it as the centre made it");
		goto out_put;
	}
	op->command = nla_memdup(command, GFP_KERNEL);
	if (!op->command) {
		ret = no_memory(info);
		goto out_put;
	}
	op->command_len = nla_len(command);
	ret = submit_op(op, info);
out_put:
	smpair_op_put(op);
	return ret;
}

/**
 * smpair_nl_report_doit - ask a module for a report to the management centre
 * @skb: request
 * @info: parsed request
 *
 * Return: 0 or a negative errno, with a text.
 */
int smpair_nl_report_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct smpair_op *op;
	int ret = -EINVAL;

	op = alloc_op(info, SMPAIR_OP_REPORT);
	if (IS_ERR(op))
		return PTR_ERR(op);
	if (GENL_REQ_ATTR_CHECK(info, SMPAIR_A_OP_NONCE)) {
		GENL_SET_ERR_MSG(info, "Give the 16 bytes of nonce that the centre drew");
		goto out_put;
	}
	nla_memcpy(op->nonce, info->attrs[SMPAIR_A_OP_NONCE], sizeof(op->nonce));
	ret = submit_op(op, info);
out_put:
	smpair_op_put(op);
	return ret;
}

/**
 * smpair_nl_pair_cancel_doit - cancel the pairing of a module
 * @skb: request
 * @info: parsed request
 *
 * Return: 0 or a negative errno, with a text.
 */
int smpair_nl_pair_cancel_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct smpair_dev *dev;
	int ret;

	dev = get_dev(info, SMPAIR_A_OP_DEV_ID);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	ret = smpair_pair_cancel(dev);
	if (ret)
		GENL_SET_ERR_MSG(info,
				 "No pairing is under way on this module; start one with pair");
	smpair_dev_put(dev);
	return ret;
}

/**
 * smpair_nl_agent_register_doit - offer the asking socket as an agent
 * @skb: request
 * @info: parsed request
 *
 * Return: 0 or a negative errno, with a text.
 */
int smpair_nl_agent_register_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *priority = info->attrs[SMPAIR_A_AGENT_PRIORITY];
	int ret;

	ret = check_init_net(info);
	if (ret)
		return ret;
	ret = smpair_agent_register(info->snd_portid, priority ? nla_get_u32(priority) : 0);
	return ret ? no_memory(info) : 0;
}

/**
 * smpair_nl_agent_get_doit - tell the asking socket how it stands among the agents
 * @skb: request
 * @info: parsed request
 *
 * Return: 0 or a negative errno, with a text.
 */
int smpair_nl_agent_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	u32 priority, highest;
	struct sk_buff *rsp;
	void *hdr;
	int ret;

	ret = check_init_net(info) ?: check_no_attrs(info);
	if (ret)
		return ret;
	ret = smpair_agent_standing(info->snd_portid, &priority, &highest);
	if (ret) {
		NL_SET_ERR_MSG(info->extack, "This socket is no agent; use agent-register first");
		return ret;
	}
	rsp = reply_new(info, &hdr);
	if (!rsp)
		return -ENOMEM;
	return reply_send(rsp, hdr, info,
			  nla_put_u32(rsp, SMPAIR_A_AGENT_PRIORITY, priority) ?:
			  nla_put_u32(rsp, SMPAIR_A_AGENT_HIGHEST, highest));
}

static int put_offer(struct sk_buff *skb, const struct smpair_req_offer *offer)
{
	const struct smpair_req_info *req = &offer->info;

	if (put_u64(skb, SMPAIR_A_REQ_ID, offer->id) ||
	    nla_put_u32(skb, SMPAIR_A_REQ_DEV_ID, req->dev_id) ||
	    put_u64(skb, SMPAIR_A_REQ_OP_ID, req->op_id) ||
	    nla_put(skb, SMPAIR_A_REQ_MODULE_ID, sizeof(req->mid), req->mid) ||
	    nla_put(skb, SMPAIR_A_REQ_HOST_ID, sizeof(req->sn), req->sn) ||
	    nla_put_u32(skb, SMPAIR_A_REQ_INDEX, req->n) ||
	    nla_put_u32(skb, SMPAIR_A_REQ_REQUEST_CODE, req->request_code) ||
	    nla_put_u32(skb, SMPAIR_A_REQ_PIN_POLICY, req->pin_policy) ||
	    nla_put_u32(skb, SMPAIR_A_REQ_PLAN, req->plan) ||
	    nla_put_u32(skb, SMPAIR_A_REQ_SLOT, req->slot) ||
	    nla_put_u32(skb, SMPAIR_A_REQ_TRIES_LEFT, req->tries) ||
	    nla_put_u32(skb, SMPAIR_A_REQ_DEADLINE_MS, offer->deadline_ms))
		return -EMSGSIZE;
	return 0;
}

/**
 * smpair_nl_req_accept_doit - take the oldest request offered to the asking socket
 * @skb: request
 * @info: parsed request
 *
 * Return: 0 or a negative errno, with a text.
 */
int smpair_nl_req_accept_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct smpair_req_offer offer;
	struct sk_buff *rsp;
	void *hdr;
	int ret;

	ret = check_init_net(info) ?: check_no_attrs(info);
	if (ret)
		return ret;
	rsp = reply_new(info, &hdr);
	if (!rsp)
		return -ENOMEM;
	ret = smpair_req_accept(info->snd_portid, &offer, info->extack);
	if (ret) {
		nlmsg_free(rsp);
		return ret;
	}
	/* An agent that did not get the reply would sit on the request unawares. */
	ret = reply_send(rsp, hdr, info, put_offer(rsp, &offer));
	if (ret)
		smpair_req_release(offer.id, info->snd_portid);
	return ret;
}

/**
 * smpair_nl_req_done_doit - answer a request that the asking socket accepted
 * @skb: request
 * @info: parsed request
 *
 * Return: 0 or a negative errno, with a text.
 */
int smpair_nl_req_done_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *key = info->attrs[SMPAIR_A_REQ_PIN_KEY];
	struct smpair_req_reply reply = {};
	int ret;

	ret = check_init_net(info);
	if (ret)
		return ret;
	if (GENL_REQ_ATTR_CHECK(info, SMPAIR_A_REQ_ID)) {
		GENL_SET_ERR_MSG(info, "Say which request: give id from the reply to req-accept");
		return -EINVAL;
	}
	if (GENL_REQ_ATTR_CHECK(info, SMPAIR_A_REQ_ANSWER)) {
		GENL_SET_ERR_MSG(info, "Give an answer: accepted, declined, or the centre's word");
		return -EINVAL;
	}
	reply.answer = nla_get_u32(info->attrs[SMPAIR_A_REQ_ANSWER]);
	reply.has_pin_key = key;
	reply.pin_key = key ? nla_get_s32(key) : 0;
	reply.consent = nla_get_flag(info->attrs[SMPAIR_A_REQ_CONSENT]);
	ret = smpair_req_answer(nla_get_u64(info->attrs[SMPAIR_A_REQ_ID]), info->snd_portid,
				&reply, info->extack);
	return ret == -ENOMEM ? no_memory(info) : ret;
}

/**
 * smpair_netlink_notify - tell group monitor of a link
 * @dev: link; its view is up to date
 * @cmd: SMPAIR_CMD_DEV_ADD_NTF, _DEL_NTF or _CHANGE_NTF
 *
 * Listeners that cannot be told for want of memory learn that they missed something.
 *
 * Context: Process context; dev->lock may be held.
 */
void smpair_netlink_notify(struct smpair_dev *dev, u8 cmd)
{
	struct smpair_dev_view view;
	struct sk_buff *skb;
	void *hdr;

	if (!genl_has_listeners(&smpair_nl_family, &init_net, SMPAIR_NLGRP_MONITOR))
		return;
	smpair_dev_view_get(dev, &view);

	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb)
		goto err_overrun;
	hdr = genlmsg_put(skb, 0, 0, &smpair_nl_family, 0, cmd);
	if (!hdr || put_dev_public(skb, dev, &view))
		goto err_free;
	genlmsg_end(skb, hdr);
	genlmsg_multicast(&smpair_nl_family, skb, 0, SMPAIR_NLGRP_MONITOR, GFP_KERNEL);
	return;

err_free:
	nlmsg_free(skb);
err_overrun:
	genl_set_err(&smpair_nl_family, &init_net, 0, SMPAIR_NLGRP_MONITOR, -ENOBUFS);
}

static int put_result(struct sk_buff *skb, const struct smpair_op *op)
{
	const struct smpair_op_result *result = &op->result;

	if (nla_put_u32(skb, SMPAIR_A_OP_DEV_ID, op->dev->id) ||
	    put_u64(skb, SMPAIR_A_OP_ID, op->id) ||
	    nla_put_u32(skb, SMPAIR_A_OP_ERROR, result->error) ||
	    nla_put_u32(skb, SMPAIR_A_OP_CAUSE, result->cause))
		return -EMSGSIZE;
	if (result->has_sw && nla_put_u32(skb, SMPAIR_A_OP_STATUS_WORD, result->sw))
		return -EMSGSIZE;
	if (result->has_slot && nla_put_u32(skb, SMPAIR_A_OP_SLOT, result->slot))
		return -EMSGSIZE;
	if (result->has_tries && nla_put_u32(skb, SMPAIR_A_OP_TRIES_LEFT, result->tries))
		return -EMSGSIZE;
	if (result->has_offer &&
	    (nla_put_u32(skb, SMPAIR_A_OP_PLAN, result->plan) ||
	     nla_put_u32(skb, SMPAIR_A_OP_INDEX, result->n) ||
	     nla_put_u32(skb, SMPAIR_A_OP_REQUEST_CODE, result->request_code) ||
	     nla_put_u32(skb, SMPAIR_A_OP_PIN_POLICY, result->pin_policy) ||
	     nla_put(skb, SMPAIR_A_OP_MODULE_ID, sizeof(result->mid), result->mid) ||
	     nla_put(skb, SMPAIR_A_OP_HOST_ID, sizeof(result->sn), result->sn)))
		return -EMSGSIZE;
	if (result->has_receipt &&
	    nla_put(skb, SMPAIR_A_OP_RECEIPT, sizeof(result->receipt), result->receipt))
		return -EMSGSIZE;
	if (result->has_report &&
	    nla_put(skb, SMPAIR_A_OP_REPORT, sizeof(result->report), result->report))
		return -EMSGSIZE;
	return 0;
}

/**
 * smpair_netlink_op_done - report the outcome of an operation to the socket that asked
 * @op: operation whose result is final; submitted, and not reported before
 *
 * The reply with the id of the operation has been sent before. A socket whose
 * buffer is full learns from ENOBUFS that it missed something.
 *
 * Context: Process context; dev->lock may be held. Not from smpair_op_submit().
 */
void smpair_netlink_op_done(struct smpair_op *op)
{
	struct sk_buff *skb = op->report;
	void *hdr;
	int ret;

	/* There is room for more than any outcome has. */
	hdr = genlmsg_put(skb, 0, 0, &smpair_nl_family, 0, SMPAIR_CMD_OP_DONE);
	ret = hdr ? put_result(skb, op) : -EMSGSIZE;
	WARN_ON_ONCE(ret);

	mutex_lock(&smpair_asked_lock);
	list_del(&op->asked);
	/* The number of a closed socket may by now be that of somebody else's. */
	if (!ret && !op->orphan) {
		genlmsg_end(skb, hdr);
		op->report = NULL;
		genlmsg_unicast(&init_net, skb, op->portid);
	}
	mutex_unlock(&smpair_asked_lock);

	smpair_op_put(op);
}

/* An event without content, for one socket, or where @portid is 0 for group agents */
static int send_event(u8 cmd, u32 portid)
{
	struct sk_buff *skb;
	void *hdr;

	skb = genlmsg_new(0, GFP_KERNEL);
	if (!skb) {
		/* Agents learn that they missed something. */
		if (!portid)
			genl_set_err(&smpair_nl_family, &init_net, 0, SMPAIR_NLGRP_AGENTS,
				     -ENOBUFS);
		return -ENOMEM;
	}
	hdr = genlmsg_put(skb, 0, 0, &smpair_nl_family, 0, cmd);
	if (!hdr) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	if (portid)
		return genlmsg_unicast(&init_net, skb, portid);
	return genlmsg_multicast(&smpair_nl_family, skb, 0, SMPAIR_NLGRP_AGENTS, GFP_KERNEL);
}

/**
 * smpair_netlink_req_ready - announce that a request waits, without saying which
 * @portid: the one socket it is offered to, or 0 for group agents
 *
 * Context: Process context, without locks of netlink.
 * Return: 0 or a negative errno; -ECONNREFUSED: there is no such socket.
 */
int smpair_netlink_req_ready(u32 portid)
{
	return send_event(SMPAIR_CMD_REQ_READY, portid);
}

/**
 * smpair_netlink_agent_change - announce that agents came, went or changed
 *
 * Context: Process context, without locks of netlink.
 */
void smpair_netlink_agent_change(void)
{
	send_event(SMPAIR_CMD_AGENT_CHANGE, 0);
}

/* A socket closed: it was perhaps an agent, perhaps waits for operations. */
static int socket_event(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct netlink_notify *notify = data;
	struct smpair_op *op;

	if (event != NETLINK_URELEASE || notify->protocol != NETLINK_GENERIC ||
	    !net_eq(notify->net, &init_net))
		return NOTIFY_DONE;

	mutex_lock(&smpair_asked_lock);
	list_for_each_entry(op, &smpair_asked, asked)
		if (op->portid == notify->portid)
			op->orphan = true;
	mutex_unlock(&smpair_asked_lock);
	smpair_agent_closed(notify->portid);
	return NOTIFY_OK;
}

static struct notifier_block smpair_socket_notifier = {
	.notifier_call = socket_event,
};

/**
 * smpair_netlink_init - register the family
 *
 * Context: Module init, last: requests come in from here on.
 * Return: 0 or a negative errno.
 */
int smpair_netlink_init(void)
{
	int ret;

	ret = netlink_register_notifier(&smpair_socket_notifier);
	if (ret)
		return ret;
	ret = genl_register_family(&smpair_nl_family);
	if (ret)
		netlink_unregister_notifier(&smpair_socket_notifier);
	return ret;
}

/**
 * smpair_netlink_exit - unregister the family; no handler runs afterwards
 *
 * Context: Module exit, first. Transports hold references to this kernel module,
 *	so there are no links, thus no operations and events, any more.
 */
void smpair_netlink_exit(void)
{
	genl_unregister_family(&smpair_nl_family);
	netlink_unregister_notifier(&smpair_socket_notifier);
}
