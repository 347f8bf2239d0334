/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests to user space: a PIN, consent to an eviction. The model is a leased
 * upcall: offered, accepted by one socket, and completed exactly once, by an
 * answer, its deadline, cancel or removal; the COMPLETED bit alone decides.
 */
#ifndef _SMPAIR_AGENT_H
#define _SMPAIR_AGENT_H

#include <linux/list.h>
#include <linux/types.h>
#include <uapi/linux/smpair.h>
#include <uapi/linux/smpair_proto.h>

struct netlink_ext_ack;
struct smpair_dev;
struct smpair_op;
struct smpair_req;

/**
 * struct smpair_nl_sock - what the driver keeps for one netlink socket
 * Filled in by agent.c; lives as long as the socket.
 */
struct smpair_nl_sock {
	struct list_head node;		/* in the list of agents */
	struct list_head accepted;	/* requests that this socket took */
	u32 portid;
	u32 priority;
	bool registered;
};

/**
 * struct smpair_req_info - what an agent is told; copied at submit
 */
struct smpair_req_info {
	u32 dev_id;
	u64 op_id;
	u8 mid[PDT1_ID_LEN];
	u8 sn[PDT1_ID_LEN];
	u32 n;
	u32 request_code;
	u32 pin_policy;
	u32 plan;
	u32 slot;
	u32 tries;
};

/**
 * struct smpair_answer_data - how a request ended
 * @cause: SMPAIR_CAUSE_NONE when answered; else AGENT_TIMEOUT, AGENT_LOST, DECLINED,
 *	CENTRE_REFUSED, CENTRE_UNREACHABLE, CANCELLED
 * @pin: eight digits, valid where @has_pin; the receiver wipes it
 */
struct smpair_answer_data {
	u32 cause;
	bool has_pin;
	bool consent;
	u8 pin[PDT1_PIN_LEN];
};

/*
 * smpair_req_submit: offers a request and returns at once. @done is called exactly
 * once, in process context, without locks of agent.c held, and may take dev->queue_lock;
 * it copies and wipes what it needs of the answer.
 * @own_portid: not 0: offered to that socket alone.
 * Returns the request (one reference for the caller) or ERR_PTR(-ESRCH) when no agent
 * is registered, -EAGAIN (too many requests), -ENOMEM.
 */
struct smpair_req *smpair_req_submit(const struct smpair_req_info *info, u32 own_portid,
				     u32 timeout_s,
				     void (*done)(void *ctx, struct smpair_answer_data *answer),
				     void *ctx);
/*
 * Withdraws a request. On return @done has been called or never will be (true: it was
 * withdrawn before completion and @done is not called). May sleep.
 */
bool smpair_req_cancel(struct smpair_req *req);
void smpair_req_put(struct smpair_req *req);

int smpair_agent_init(void);
void smpair_agent_exit(void);

#endif /* _SMPAIR_AGENT_H */
