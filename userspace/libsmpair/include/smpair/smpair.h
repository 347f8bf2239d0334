/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Client of the generic netlink family "smpair": one function per operation,
 * outcomes, agents, and events that survive an overrun.
 *
 * Functions return 0 or a negative errno unless they say otherwise. After an
 * error, smpair_client_extack() gives the driver's own words, where it had any.
 * A client belongs to one thread at a time. Every wait is bounded.
 */
#ifndef SMPAIR_SMPAIR_H
#define SMPAIR_SMPAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/smpair.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes for a name, its NUL included. */
#define SMPAIR_NAME_SIZE	32
#define SMPAIR_RECEIPT_LEN	40

/* A module's report to the centre, and its MAC. */
#define SMPAIR_REPORT_LEN	52

/* Is the attribute, as in SMPAIR_A_DEV_SLOT, present in this structure? */
#define SMPAIR_HAS(info, attr)	(((info)->present >> (attr)) & 1)

struct smpair_client;
struct smpair_watch;

/**
 * struct smpair_dev_info - one module link
 * @present: Bits SMPAIR_A_DEV_*: which fields the driver reported. Of the
 *	others, all are zero.
 * @id: Number of the link, as in smpair0.
 * @state: enum smpair_state.
 * @cause: enum smpair_cause.
 * @name: Name of the device.
 * @transport: Name of the transport.
 * @module_id: MID; only for callers with CAP_NET_ADMIN.
 * @domain: Domain of the module.
 * @slots: Slots in the module.
 * @slots_free: Free slots.
 * @pin_policy: enum smpair_pin_policy.
 * @evict_policy: enum smpair_evict_policy.
 * @tries_left: PIN tries left.
 * @tries_max: PIN tries after a right PIN.
 * @max_message: Longest application message in bytes.
 * @index: Pairing index N.
 * @slot: Slot of this host.
 * @generation: MHKey generation of the pairing.
 * @session_age: Seconds since the session keys were made.
 * @session_commands: Envelopes sent in this session.
 * @rekeys: Sessions that the driver replaced by itself since insertion.
 */
struct smpair_dev_info {
	uint64_t present;
	uint32_t id;
	uint32_t state;
	uint32_t cause;
	char name[SMPAIR_NAME_SIZE];
	char transport[SMPAIR_NAME_SIZE];
	uint8_t module_id[SMPAIR_ID_LEN];
	uint32_t domain;
	uint32_t slots;
	uint32_t slots_free;
	uint32_t pin_policy;
	uint32_t evict_policy;
	uint32_t tries_left;
	uint32_t tries_max;
	uint32_t max_message;
	uint32_t index;
	uint32_t slot;
	uint32_t generation;
	uint32_t session_age;
	uint32_t session_commands;
	uint32_t rekeys;
};

/**
 * struct smpair_slot_info - one slot, from the copy of the last verification
 * @present: Bits SMPAIR_A_SLOT_*.
 * @dev_id: Number of the link.
 * @index: Index of the slot.
 * @flags: enum smpair_slot_flags.
 * @activity: Activity counter after ageing.
 * @paired_at: Pairing index N at which the slot was written.
 * @sid: Pseudonym of the paired host.
 */
struct smpair_slot_info {
	uint64_t present;
	uint32_t dev_id;
	uint32_t index;
	uint32_t flags;
	uint32_t activity;
	uint32_t paired_at;
	uint8_t sid[SMPAIR_SID_LEN];
};

/**
 * struct smpair_cy_info - one host cryptogram
 * @present: Bits SMPAIR_A_CY_INFO_*.
 * @domain: Its domain.
 * @generation: Its generation of k.
 */
struct smpair_cy_info {
	uint64_t present;
	uint32_t domain;
	uint32_t generation;
};

/* MHKey generations that host credentials may hold. */
#define SMPAIR_GENERATIONS_MAX	4

/**
 * struct smpair_host_info - the host credentials, without secrets
 * @present: Bits SMPAIR_A_HOST_*.
 * @host_id: SN.
 * @generation_count: Entries used in @generation.
 * @generation: MHKey generations held.
 * @cy_count: Entries used in @cy.
 * @cy: Host cryptograms held.
 */
struct smpair_host_info {
	uint64_t present;
	uint8_t host_id[SMPAIR_ID_LEN];
	unsigned int generation_count;
	uint32_t generation[SMPAIR_GENERATIONS_MAX];
	unsigned int cy_count;
	struct smpair_cy_info cy[SMPAIR_CY_MAX];
};

/**
 * struct smpair_outcome - how an operation ended
 * @present: Bits SMPAIR_A_OP_*.
 * @op: Operation id.
 * @dev_id: Number of the link.
 * @error: 0, or a positive errno.
 * @cause: enum smpair_cause.
 * @status_word: Status word of the module where it decided the outcome.
 * @plan: enum smpair_plan.
 * @slot: Slot that was, or would be, taken.
 * @tries_left: PIN tries left.
 * @index: Pairing index N as the module last reported it.
 * @request_code: Request code for the centre, below 1000000.
 * @pin_policy: enum smpair_pin_policy.
 * @module_id: MID, authenticated.
 * @host_id: SN.
 * @receipt: Receipt of a management command.
 * @report: Report for the management centre.
 */
struct smpair_outcome {
	uint64_t present;
	uint64_t op;
	uint32_t dev_id;
	uint32_t error;
	uint32_t cause;
	uint32_t status_word;
	uint32_t plan;
	uint32_t slot;
	uint32_t tries_left;
	uint32_t index;
	uint32_t request_code;
	uint32_t pin_policy;
	uint8_t module_id[SMPAIR_ID_LEN];
	uint8_t host_id[SMPAIR_ID_LEN];
	uint8_t receipt[SMPAIR_RECEIPT_LEN];
	uint8_t report[SMPAIR_REPORT_LEN];
};

/**
 * struct smpair_request - what an agent is asked
 * @present: Bits SMPAIR_A_REQ_*.
 * @id: Request id, for smpair_request_done().
 * @op: Operation that waits for the answer.
 * @dev_id: Number of the link.
 * @module_id: MID, authenticated.
 * @host_id: SN.
 * @index: Pairing index N.
 * @request_code: Request code for the centre, below 1000000.
 * @pin_policy: enum smpair_pin_policy.
 * @plan: enum smpair_plan.
 * @slot: Slot that would be taken.
 * @tries_left: PIN tries left.
 * @deadline_ms: Milliseconds left to answer.
 */
struct smpair_request {
	uint64_t present;
	uint64_t id;
	uint64_t op;
	uint32_t dev_id;
	uint8_t module_id[SMPAIR_ID_LEN];
	uint8_t host_id[SMPAIR_ID_LEN];
	uint32_t index;
	uint32_t request_code;
	uint32_t pin_policy;
	uint32_t plan;
	uint32_t slot;
	uint32_t tries_left;
	uint32_t deadline_ms;
};

/**
 * struct smpair_agent_info - how an agent stands among the others
 * @present: Bits SMPAIR_A_AGENT_*.
 * @priority: Its own priority.
 * @highest: Highest priority of any agent.
 */
struct smpair_agent_info {
	uint64_t present;
	uint32_t priority;
	uint32_t highest;
};

/* Options of smpair_op_pair(). */
#define SMPAIR_PAIR_PLAN_ONLY	0x1	/* stop after PAIR BEGIN */
#define SMPAIR_PAIR_OWN_AGENT	0x2	/* this client answers the request */
#define SMPAIR_PAIR_AGAIN	0x4	/* although the pairing exists */

/* smpair_op_wait(): a request waits for this client. */
#define SMPAIR_WAIT_REQUEST	1

/* Groups of smpair_events_join(). */
#define SMPAIR_EVENTS_MONITOR	0x1U
#define SMPAIR_EVENTS_AGENTS	0x2U

enum smpair_event_type {
	SMPAIR_EVENT_ADD,
	SMPAIR_EVENT_DEL,
	SMPAIR_EVENT_CHANGE,
	SMPAIR_EVENT_REQUEST,
	SMPAIR_EVENT_AGENTS,
};

/**
 * struct smpair_event - one event
 * @type: enum smpair_event_type.
 * @resync: Events were lost before this one; it was found by comparison.
 * @dev: The link as it now is, or was last known for SMPAIR_EVENT_DEL; of
 *	@dev, only @id, @name, @transport, @state and @cause are meaningful.
 *	Zero for SMPAIR_EVENT_REQUEST and SMPAIR_EVENT_AGENTS.
 */
struct smpair_event {
	enum smpair_event_type type;
	bool resync;
	struct smpair_dev_info dev;
};

int smpair_client_open(struct smpair_client **client);
int smpair_client_open_wait(struct smpair_client **client, unsigned int timeout_ms);
void smpair_client_close(struct smpair_client *client);
void smpair_client_set_timeout(struct smpair_client *client, unsigned int timeout_ms);
const char *smpair_client_extack(const struct smpair_client *client);
int smpair_client_fd(const struct smpair_client *client);

int smpair_watch_open(struct smpair_watch **watch);
int smpair_watch_fd(const struct smpair_watch *watch);
int smpair_watch_next(struct smpair_watch *watch, unsigned int timeout_ms);
void smpair_watch_close(struct smpair_watch *watch);

int smpair_dev_get(struct smpair_client *client, uint32_t dev, struct smpair_dev_info *info);
int smpair_dev_list(struct smpair_client *client, struct smpair_dev_info **list, size_t *count);
int smpair_slot_list(struct smpair_client *client, uint32_t dev,
		     struct smpair_slot_info **list, size_t *count);

int smpair_host_set(struct smpair_client *client, int32_t key,
		    const uint8_t cy[][SMPAIR_CY_LEN], size_t count);
int smpair_host_clear(struct smpair_client *client);
int smpair_host_get(struct smpair_client *client, struct smpair_host_info *info);

int smpair_op_open(struct smpair_client *client, uint32_t dev, uint64_t *op);
int smpair_op_close(struct smpair_client *client, uint32_t dev, uint64_t *op);
int smpair_op_pair(struct smpair_client *client, uint32_t dev, unsigned int flags,
		   unsigned int agent_seconds, uint64_t *op);
int smpair_op_unpair(struct smpair_client *client, uint32_t dev, uint64_t *op);
int smpair_op_manage(struct smpair_client *client, uint32_t dev, const void *command,
		     size_t len, uint64_t *op);
int smpair_op_report(struct smpair_client *client, uint32_t dev,
		     const uint8_t nonce[SMPAIR_NONCE_LEN], uint64_t *op);
int smpair_op_wait(struct smpair_client *client, uint64_t op, unsigned int timeout_ms,
		   struct smpair_outcome *outcome);
int smpair_pair_cancel(struct smpair_client *client, uint32_t dev);

int smpair_agent_register(struct smpair_client *client, uint32_t priority);
int smpair_agent_get(struct smpair_client *client, struct smpair_agent_info *info);
int smpair_request_accept(struct smpair_client *client, struct smpair_request *request);
int smpair_request_done(struct smpair_client *client, uint64_t id, enum smpair_answer answer,
			int32_t pin_key, bool consent);

int smpair_events_join(struct smpair_client *client, unsigned int groups);
int smpair_events_fd(const struct smpair_client *client);
int smpair_events_next(struct smpair_client *client, unsigned int timeout_ms,
		       struct smpair_event *event);

#ifdef __cplusplus
}
#endif

#endif /* SMPAIR_SMPAIR_H */
