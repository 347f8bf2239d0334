/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Operations on a module, and the pairing state machine that orders them.
 */
#ifndef _SMPAIR_PAIR_H
#define _SMPAIR_PAIR_H

#include <linux/refcount.h>
#include "link.h"
#include "pair_state.h"

enum smpair_op_kind {
	SMPAIR_OP_OPEN,
	SMPAIR_OP_CLOSE,
	SMPAIR_OP_PAIR,
	SMPAIR_OP_UNPAIR,
	SMPAIR_OP_MANAGE,
	SMPAIR_OP_REPORT,
};

/**
 * struct smpair_op_result - what OP_DONE reports; each has_ member marks others as present
 * @error: 0 or a positive errno
 * @cause: enum smpair_cause
 * @has_sw: @sw decided the outcome
 * @has_offer: @plan, @n, @request_code, @pin_policy, @mid and @sn are from an authentic E1
 * @has_slot: @slot
 * @has_tries: @tries
 * @has_receipt: @receipt
 * @has_report: @report
 * @sw: status word
 * @plan: enum smpair_plan bits
 * @n: pairing index
 * @request_code: RQ
 * @pin_policy: enum smpair_pin_policy
 * @mid: module
 * @sn: host
 * @slot: slot that was, or would be, taken
 * @tries: PIN tries left
 * @receipt: the centre's receipt and its MAC
 * @report: report to the centre and its MAC
 */
struct smpair_op_result {
	int error;
	u32 cause;
	bool has_sw, has_offer, has_slot, has_tries, has_receipt, has_report;
	u16 sw;
	u32 plan;
	u32 n;
	u32 request_code;
	u32 pin_policy;
	u8 mid[PDT1_ID_LEN];
	u8 sn[PDT1_ID_LEN];
	u32 slot;
	u32 tries;
	u8 receipt[PDT1_RECEIPT_LEN + PDT1_RECEIPT_MAC_LEN];
	u8 report[PDT1_REPORT_LEN + PDT1_REPORT_MAC_LEN];
};

/**
 * struct smpair_op - one operation asked for over netlink
 * @node: in dev->queue
 * @asked: in the list of netlink.c until OP_DONE is sent; private to it
 * @orphan: the socket that asked was closed; private to netlink.c
 * @refs: references
 * @id: never reused while the driver is loaded
 * @kind: what to do
 * @dev: link, referenced
 * @portid: socket that asked, for OP_DONE and own_agent
 * @plan_only: PAIR: stop after BEGIN
 * @own_agent: PAIR: requests go to @portid alone
 * @again: PAIR: although paired
 * @timeout: PAIR: seconds for the agent
 * @command: MANAGE: the blob, owned
 * @command_len: its length
 * @nonce: REPORT: from the centre
 * @result: filled before completion
 * @report: room for OP_DONE, owned; made before the operation begins, so that its
 *	outcome is told whatever happens
 */
struct smpair_op {
	struct list_head node;
	struct list_head asked;
	bool orphan;
	refcount_t refs;
	u64 id;
	enum smpair_op_kind kind;
	struct smpair_dev *dev;
	u32 portid;
	bool plan_only;
	bool own_agent;
	bool again;
	u32 timeout;
	u8 *command;
	size_t command_len;
	u8 nonce[PDT1_REPORT_NONCE_LEN];
	struct smpair_op_result result;
	struct sk_buff *report;
};

struct smpair_op *smpair_op_alloc(struct smpair_dev *dev, enum smpair_op_kind kind, u32 portid);
void smpair_op_put(struct smpair_op *op);
int smpair_op_submit(struct smpair_op *op);
int smpair_pair_cancel(struct smpair_dev *dev);

/* Events from elsewhere; cheap, any context that may take a spinlock */
void smpair_pair_host_changed(struct smpair_dev *dev);	/* credentials loaded, replaced, cleared */
void smpair_pair_probe(struct smpair_dev *dev);		/* inserted, resumed, link failed */
void smpair_pair_reopen(struct smpair_dev *dev);	/* session lost */
void smpair_pair_suspend(struct smpair_dev *dev);	/* wipes; process context */
void smpair_pair_stop(struct smpair_dev *dev);		/* removal: fails, wipes; process context */

void smpair_pair_setup(struct smpair_dev *dev);
int smpair_pair_init(void);
void smpair_pair_exit(void);

/* With dev->lock held: the state machine, for pair.c and exchange.c */
void smpair_drive(struct smpair_dev *dev, enum smpair_event event, enum smpair_cause cause);
enum smpair_event smpair_open_event(enum smpair_cause cause);

#endif /* _SMPAIR_PAIR_H */
