/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests to user space: a PIN, consent to an eviction. The model is a leased
 * upcall: offered, accepted by one socket, and completed exactly once, by an
 * answer, its deadline, cancel or removal; the COMPLETED bit alone decides.
 */
#ifndef _SMPAIR_AGENT_H
#define _SMPAIR_AGENT_H

#include <linux/types.h>
#include <uapi/linux/smpair.h>
#include <uapi/linux/smpair_proto.h>

struct netlink_ext_ack;
struct smpair_req;

/**
 * struct smpair_req_info - what an agent is told; copied at submit
 * @dev_id: link
 * @op_id: operation that waits for the answer
 * @mid: module, from the authenticated E1
 * @sn: host
 * @n: pairing index
 * @request_code: what the centre checks before it gives a PIN
 * @pin_policy: enum smpair_pin_policy
 * @plan: enum smpair_plan bits
 * @slot: slot that would be taken
 * @tries: PIN tries left
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
 *	CENTRE_REFUSED, CENTRE_UNREACHABLE
 * @has_pin: @pin is valid
 * @consent: the user agrees to the eviction in the plan
 * @pin: eight digits, valid where @has_pin; wiped after @done returned
 */
struct smpair_answer_data {
	u32 cause;
	bool has_pin;
	bool consent;
	u8 pin[PDT1_PIN_LEN];
};

/* Called once per request, from a work item, without locks of agent.c held */
typedef void (*smpair_req_done_t)(void *ctx, struct smpair_answer_data *answer);

/* For the pairing machine */
struct smpair_req *smpair_req_submit(const struct smpair_req_info *info, u32 own_portid,
				     u32 timeout_s, smpair_req_done_t done, void *ctx);
bool smpair_req_cancel(struct smpair_req *req);
void smpair_req_put(struct smpair_req *req);

/**
 * struct smpair_req_offer - an accepted request
 * @id: never reused while the driver is loaded
 * @info: what is asked
 * @deadline_ms: milliseconds left to answer
 */
struct smpair_req_offer {
	u64 id;
	struct smpair_req_info info;
	u32 deadline_ms;
};

/**
 * struct smpair_req_reply - an agent's answer as it came
 * @answer: enum smpair_answer
 * @pin_key: serial of a logon key, where @has_pin_key
 * @has_pin_key: @pin_key was given
 * @consent: eviction is agreed to
 */
struct smpair_req_reply {
	u32 answer;
	s32 pin_key;
	bool has_pin_key;
	bool consent;
};

/* For the netlink handlers; @portid is the asking socket */
int smpair_agent_register(u32 portid, u32 priority);
int smpair_agent_standing(u32 portid, u32 *priority, u32 *highest);
void smpair_agent_closed(u32 portid);
int smpair_req_accept(u32 portid, struct smpair_req_offer *offer,
		      struct netlink_ext_ack *extack);
void smpair_req_release(u64 id, u32 portid);
int smpair_req_answer(u64 id, u32 portid, const struct smpair_req_reply *reply,
		      struct netlink_ext_ack *extack);

int smpair_agent_init(void);
void smpair_agent_exit(void);

#endif /* _SMPAIR_AGENT_H */
