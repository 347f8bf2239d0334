// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Operations on a module. The driver answers at once with a number and tells
 * the outcome when it is known.
 */
#include <errno.h>
#include <string.h>

#include "client.h"
#include "deadline.h"

static int take_started(uint8_t cmd, const struct smpair_attrs *attrs, void *arg)
{
	(void)cmd;
	return smpair_parse_op_started(attrs, arg);
}

static int start(struct smpair_client *client, struct nl_msg *msg, uint64_t *op)
{
	int err;

	/* The driver counts from 1. */
	*op = 0;
	err = smpair_transact(client, msg, 0, take_started, op);
	return !err && !*op ? -EBADMSG : err;
}

static int start_simple(struct smpair_client *client, uint8_t cmd, uint32_t dev, uint64_t *op)
{
	struct nl_msg *msg = smpair_request_new(client, cmd);

	if (msg)
		nla_put_u32(msg, SMPAIR_A_OP_DEV_ID, dev);
	return start(client, msg, op);
}

/**
 * smpair_op_open() - Verify the pairing now and open a new session.
 * @client: From smpair_client_open().
 * @dev: Number of the link.
 * @op: Receives the operation, for smpair_op_wait().
 *
 * Return: 0, -EPERM without CAP_NET_ADMIN, -ENODEV, -EBUSY, or an error of the
 * exchange with the driver (-ETIMEDOUT, -EBADMSG, -EPFNOSUPPORT, -ECONNRESET).
 */
int smpair_op_open(struct smpair_client *client, uint32_t dev, uint64_t *op)
{
	return start_simple(client, SMPAIR_CMD_OPEN, dev, op);
}

/**
 * smpair_op_close() - End the session and wipe its keys.
 * @client: From smpair_client_open().
 * @dev: Number of the link.
 * @op: Receives the operation, for smpair_op_wait().
 *
 * Return: As smpair_op_open().
 */
int smpair_op_close(struct smpair_client *client, uint32_t dev, uint64_t *op)
{
	return start_simple(client, SMPAIR_CMD_CLOSE, dev, op);
}

/**
 * smpair_op_unpair() - Free the slot of this host in the module.
 * @client: From smpair_client_open().
 * @dev: Number of the link.
 * @op: Receives the operation, for smpair_op_wait().
 *
 * Return: As smpair_op_open().
 */
int smpair_op_unpair(struct smpair_client *client, uint32_t dev, uint64_t *op)
{
	return start_simple(client, SMPAIR_CMD_UNPAIR, dev, op);
}

/**
 * smpair_op_pair() - Pair this host with a module (protocol, section 7).
 * @client: From smpair_client_open().
 * @dev: Number of the link.
 * @flags: %SMPAIR_PAIR_PLAN_ONLY, %SMPAIR_PAIR_OWN_AGENT, %SMPAIR_PAIR_AGAIN.
 * @agent_seconds: How long the agent may take, 1 to
 *	%SMPAIR_REQUEST_TIMEOUT_MAX; 0 for the driver's default.
 * @op: Receives the operation, for smpair_op_wait().
 *
 * Return: As smpair_op_open().
 */
int smpair_op_pair(struct smpair_client *client, uint32_t dev, unsigned int flags,
		   unsigned int agent_seconds, uint64_t *op)
{
	struct nl_msg *msg = smpair_request_new(client, SMPAIR_CMD_PAIR);

	if (msg) {
		nla_put_u32(msg, SMPAIR_A_OP_DEV_ID, dev);
		if (flags & SMPAIR_PAIR_PLAN_ONLY)
			nla_put_flag(msg, SMPAIR_A_OP_PLAN_ONLY);
		if (flags & SMPAIR_PAIR_OWN_AGENT)
			nla_put_flag(msg, SMPAIR_A_OP_OWN_AGENT);
		if (flags & SMPAIR_PAIR_AGAIN)
			nla_put_flag(msg, SMPAIR_A_OP_AGAIN);
		if (agent_seconds)
			nla_put_u32(msg, SMPAIR_A_OP_TIMEOUT, agent_seconds);
	}
	return start(client, msg, op);
}

/**
 * smpair_op_manage() - Carry a command of the management centre to a module.
 * @client: From smpair_client_open().
 * @dev: Number of the link.
 * @command: Header and sealed body (protocol, section 13).
 * @len: Bytes at @command, 48 to %SMPAIR_MANAGE_MAX.
 * @op: Receives the operation; its outcome carries the receipt.
 *
 * Return: As smpair_op_open(), or -EMSGSIZE for @len.
 */
int smpair_op_manage(struct smpair_client *client, uint32_t dev, const void *command,
		     size_t len, uint64_t *op)
{
	struct nl_msg *msg;

	if (len < 48 || len > SMPAIR_MANAGE_MAX)
		return -EMSGSIZE;
	msg = smpair_request_new(client, SMPAIR_CMD_MANAGE);
	if (msg) {
		nla_put_u32(msg, SMPAIR_A_OP_DEV_ID, dev);
		nla_put(msg, SMPAIR_A_OP_COMMAND, (int)len, command);
	}
	return start(client, msg, op);
}

/**
 * smpair_op_report() - Ask a module for a report to the management centre.
 * @client: From smpair_client_open().
 * @dev: Number of the link.
 * @nonce: Drawn by the centre (protocol, section 5).
 * @op: Receives the operation; its outcome carries the report.
 *
 * Return: As smpair_op_open().
 */
int smpair_op_report(struct smpair_client *client, uint32_t dev,
		     const uint8_t nonce[SMPAIR_NONCE_LEN], uint64_t *op)
{
	struct nl_msg *msg = smpair_request_new(client, SMPAIR_CMD_REPORT);

	if (msg) {
		nla_put_u32(msg, SMPAIR_A_OP_DEV_ID, dev);
		nla_put(msg, SMPAIR_A_OP_NONCE, SMPAIR_NONCE_LEN, nonce);
	}
	return start(client, msg, op);
}

/**
 * smpair_pair_cancel() - Cancel a pairing that waits for its agent.
 * @client: From smpair_client_open().
 * @dev: Number of the link.
 *
 * Return: 0, -ENOENT where no pairing waits, or as smpair_op_open().
 */
int smpair_pair_cancel(struct smpair_client *client, uint32_t dev)
{
	struct nl_msg *msg = smpair_request_new(client, SMPAIR_CMD_PAIR_CANCEL);

	if (msg)
		nla_put_u32(msg, SMPAIR_A_OP_DEV_ID, dev);
	return smpair_transact(client, msg, 0, NULL, NULL);
}

static bool take_outcome(struct smpair_client *client, uint64_t op,
			 struct smpair_outcome *outcome)
{
	unsigned int i;

	for (i = 0; i < client->outcome_count; i++) {
		if (client->outcomes[i].op != op)
			continue;
		*outcome = client->outcomes[i];
		client->outcome_count--;
		memmove(&client->outcomes[i], &client->outcomes[i + 1],
			sizeof(*outcome) * (client->outcome_count - i));
		return true;
	}
	return false;
}

/**
 * smpair_op_wait() - Wait for the outcome of an operation.
 * @client: The client that started it.
 * @op: The operation.
 * @timeout_ms: How long to wait, in milliseconds.
 * @outcome: Receives the outcome.
 *
 * The outcomes of the 16 operations that ended last are kept until they are
 * waited for.
 *
 * Return: 0 with @outcome filled; whether the operation succeeded is in there.
 * %SMPAIR_WAIT_REQUEST where a request waits for this client, once for each
 * announcement: use smpair_request_accept(), then wait again. -ETIMEDOUT;
 * -ENOBUFS where messages were lost and the outcome may be among them;
 * -EBADMSG where a message of the driver cannot be understood.
 */
int smpair_op_wait(struct smpair_client *client, uint64_t op, unsigned int timeout_ms,
		   struct smpair_outcome *outcome)
{
	int64_t deadline = smpair_deadline(timeout_ms);
	int err;

	for (;;) {
		if (take_outcome(client, op, outcome))
			return 0;
		if (client->request_ready) {
			client->request_ready = false;
			return SMPAIR_WAIT_REQUEST;
		}
		err = smpair_client_receive(client, deadline);
		if (err)
			return err;
	}
}
