// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Answering requests for a PIN or for consent. Accepted requests belong to the
 * client that accepted them; closing it gives them back.
 */
#include <errno.h>

#include "client.h"

/**
 * smpair_agent_register() - Offer this client as an agent.
 * @client: From smpair_client_open(); closing it withdraws the offer.
 * @priority: Requests go to the agents of the highest priority first.
 *
 * To learn of requests, join %SMPAIR_EVENTS_AGENTS; join before registering,
 * and try smpair_request_accept() once after it.
 *
 * Return: 0, -EPERM without CAP_NET_ADMIN, or an error of the exchange with
 * the driver.
 */
int smpair_agent_register(struct smpair_client *client, uint32_t priority)
{
	struct nl_msg *msg = smpair_request_new(client, SMPAIR_CMD_AGENT_REGISTER);

	if (msg)
		nla_put_u32(msg, SMPAIR_A_AGENT_PRIORITY, priority);
	return smpair_transact(client, msg, 0, NULL, NULL);
}

static int take_agent(uint8_t cmd, const struct smpair_attrs *attrs, void *arg)
{
	(void)cmd;
	return smpair_parse_agent(attrs, arg);
}

/**
 * smpair_agent_get() - How this client stands among the agents.
 * @client: A registered agent.
 * @info: Receives its priority, and the highest one of any agent: above its own,
 *	requests go to another agent until that one leaves.
 *
 * %SMPAIR_EVENT_AGENTS announces that the answer may have changed.
 *
 * Return: 0, -ENOENT where @client is not registered, -EPERM without
 * CAP_NET_ADMIN, or an error of the exchange with the driver.
 */
int smpair_agent_get(struct smpair_client *client, struct smpair_agent_info *info)
{
	int err;

	info->present = 0;
	err = smpair_transact(client, smpair_request_new(client, SMPAIR_CMD_AGENT_GET), 0,
			      take_agent, info);
	return !err && !info->present ? -EBADMSG : err;
}

static int take_request(uint8_t cmd, const struct smpair_attrs *attrs, void *arg)
{
	(void)cmd;
	return smpair_parse_request(attrs, arg);
}

/**
 * smpair_request_accept() - Take the oldest request offered to this client.
 * @client: A registered agent, or the client that started the pairing with
 *	%SMPAIR_PAIR_OWN_AGENT.
 * @request: Receives what is asked.
 *
 * Return: 0, -ENOENT where nothing is offered, -EPERM without CAP_NET_ADMIN,
 * or an error of the exchange with the driver.
 */
int smpair_request_accept(struct smpair_client *client, struct smpair_request *request)
{
	int err;

	request->present = 0;
	err = smpair_transact(client, smpair_request_new(client, SMPAIR_CMD_REQ_ACCEPT), 0,
			      take_request, request);
	return !err && !request->present ? -EBADMSG : err;
}

/**
 * smpair_request_done() - Answer a request.
 * @client: The client that accepted it.
 * @id: The request.
 * @answer: How it was answered.
 * @pin_key: Serial number of a logon key with the PIN, which the driver
 *	invalidates; 0 for none.
 * @consent: The user agrees to the eviction in the plan.
 *
 * Return: 0, -ENOENT where the request is no longer open (its deadline passed,
 * it was cancelled, the module left), -ENOKEY or -EKEYREJECTED for the key, or
 * an error of the exchange with the driver.
 */
int smpair_request_done(struct smpair_client *client, uint64_t id, enum smpair_answer answer,
			int32_t pin_key, bool consent)
{
	struct nl_msg *msg = smpair_request_new(client, SMPAIR_CMD_REQ_DONE);

	if (msg) {
		nla_put_u64(msg, SMPAIR_A_REQ_ID, id);
		nla_put_u32(msg, SMPAIR_A_REQ_ANSWER, (uint32_t)answer);
		if (pin_key)
			nla_put_s32(msg, SMPAIR_A_REQ_PIN_KEY, pin_key);
		if (consent)
			nla_put_flag(msg, SMPAIR_A_REQ_CONSENT);
	}
	return smpair_transact(client, msg, 0, NULL, NULL);
}
