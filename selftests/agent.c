// SPDX-License-Identifier: GPL-2.0
/* Agents that are absent, that die, that compete, that come late. */
#include <unistd.h>

#include <keyutils.h>

#include "rig/fixture.h"
#include "smpair/key.h"

static void insert_unpaired(struct __test_metadata *_metadata, struct rig *r)
{
	ASSERT_EQ(0, rig_use_host(r, 0));
	ASSERT_EQ(0, rig_insert(r));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(r));
}

/* Another socket, as another program would have. */
static struct smpair_client *agent(struct __test_metadata *_metadata, uint32_t priority)
{
	struct smpair_client *client = NULL;

	ASSERT_EQ(0, smpair_client_open(&client));
	smpair_client_set_timeout(client, RIG_PATIENCE_MS);
	ASSERT_EQ(0, smpair_events_join(client, SMPAIR_EVENTS_AGENTS));
	ASSERT_EQ(0, smpair_agent_register(client, priority));
	return client;
}

/* Accepts as soon as something is offered. */
static int accept_soon(struct smpair_client *client, struct smpair_request *req)
{
	unsigned int i;
	int err = -ENOENT;

	for (i = 0; i < RIG_PATIENCE_MS / 10; i++) {
		err = smpair_request_accept(client, req);
		if (err != -ENOENT)
			break;
		usleep(10000);
	}
	return err;
}

static int answer_right(struct rig *r, struct smpair_client *client,
			const struct smpair_request *req)
{
	char pin[8];
	int32_t key;
	int err;

	rig_pin(&r->mod.perso, &r->host, req->index, pin);
	err = smpair_key_add_pin(pin, &key);
	return err ? err : smpair_request_done(client, req->id, SMPAIR_ANSWER_ACCEPTED, key, false);
}

RIG_TEST(without_any_agent_the_operation_fails_at_once)
{
	uint64_t op;

	insert_unpaired(_metadata, self->r);
	ASSERT_EQ(0, smpair_op_pair(self->r->client, self->r->dev, 0, 0, &op));
	ASSERT_EQ(0, smpair_op_wait(self->r->client, op, RIG_PATIENCE_MS, &self->out));
	EXPECT_EQ(ESRCH, self->out.error);
	EXPECT_EQ(SMPAIR_CAUSE_NO_AGENT, self->out.cause);
	ASSERT_EQ(0, rig_pair(self->r, &self->out));
	EXPECT_EQ(0, self->out.error);
}

RIG_TEST(registered_agent_answers_for_another_program)
{
	struct smpair_client *a;
	struct smpair_request req;
	uint64_t op;

	insert_unpaired(_metadata, self->r);
	a = agent(_metadata, 1);
	ASSERT_EQ(0, smpair_op_pair(self->r->client, self->r->dev, 0, 0, &op));
	ASSERT_EQ(0, accept_soon(a, &req));
	EXPECT_EQ(op, req.op);
	EXPECT_GT(req.deadline_ms, 0);
	ASSERT_EQ(0, answer_right(self->r, a, &req));
	ASSERT_EQ(0, smpair_op_wait(self->r->client, op, RIG_PATIENCE_MS, &self->out));
	EXPECT_EQ(0, self->out.error);
	smpair_client_close(a);
}

RIG_TEST(request_of_an_agent_that_died_moves_to_the_next_one)
{
	struct smpair_client *a, *b;
	struct smpair_request req;
	uint64_t op;

	insert_unpaired(_metadata, self->r);
	a = agent(_metadata, 5);
	b = agent(_metadata, 1);
	ASSERT_EQ(0, smpair_op_pair(self->r->client, self->r->dev, 0, 0, &op));
	ASSERT_EQ(0, accept_soon(a, &req));
	EXPECT_EQ(-ENOENT, smpair_request_accept(b, &req));
	smpair_client_close(a);
	ASSERT_EQ(0, accept_soon(b, &req));
	EXPECT_EQ(op, req.op);
	ASSERT_EQ(0, answer_right(self->r, b, &req));
	ASSERT_EQ(0, smpair_op_wait(self->r->client, op, RIG_PATIENCE_MS, &self->out));
	EXPECT_EQ(0, self->out.error);
	smpair_client_close(b);
}

RIG_TEST(last_agent_that_dies_after_accept_ends_the_operation)
{
	struct smpair_client *a;
	struct smpair_request req;
	uint64_t op;

	insert_unpaired(_metadata, self->r);
	a = agent(_metadata, 1);
	ASSERT_EQ(0, smpair_op_pair(self->r->client, self->r->dev, 0, 0, &op));
	ASSERT_EQ(0, accept_soon(a, &req));
	smpair_client_close(a);
	ASSERT_EQ(0, smpair_op_wait(self->r->client, op, RIG_PATIENCE_MS, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_AGENT_LOST, self->out.cause);
	EXPECT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
	ASSERT_EQ(0, rig_pair(self->r, &self->out));
	EXPECT_EQ(0, self->out.error);
	EXPECT_EQ(5, self->out.tries_left);
}

/* INFO of a module that an order of the centre has frozen */
static void say_frozen(void *ctx, struct rig_xchg *x)
{
	if (x->rsp_len > PDT1_INFO_OFF_STATE && x->cmd[1] == PDT1_INS_GET_INFO)
		x->rsp[PDT1_INFO_OFF_STATE] |= PDT1_INFO_FROZEN;
}

RIG_TEST(module_frozen_while_an_agent_thinks_ends_the_pairing_and_pairs_once_thawed)
{
	static const uint8_t tries = 5;
	struct smpair_client *a;
	struct smpair_request req;
	uint64_t op;

	insert_unpaired(_metadata, self->r);
	a = agent(_metadata, 1);
	ASSERT_EQ(0, smpair_op_pair(self->r->client, self->r->dev, 0, 0, &op));
	ASSERT_EQ(0, accept_soon(a, &req));

	rig_module_hook(&self->r->mod, say_frozen, NULL);
	ASSERT_EQ(0, rig_manage_op(self->r, PDT1_OP_UNBLOCK_PIN, 1, &tries, 1, &self->out));
	ASSERT_EQ(SMPAIR_STATE_UNSERVICEABLE, rig_settle(self->r));
	ASSERT_EQ(0, smpair_op_wait(self->r->client, op, RIG_PATIENCE_MS, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_FROZEN, self->out.cause);

	rig_module_hook(&self->r->mod, NULL, NULL);
	ASSERT_EQ(0, rig_manage_op(self->r, PDT1_OP_UNBLOCK_PIN, 2, &tries, 1, &self->out));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
	EXPECT_EQ(-ESTALE, answer_right(self->r, a, &req));
	ASSERT_EQ(0, rig_pair(self->r, &self->out));
	EXPECT_EQ(0, self->out.error);
	EXPECT_EQ(SMPAIR_STATE_PAIRED, rig_settle(self->r));
	smpair_client_close(a);
}

RIG_TEST(of_two_agents_only_the_one_that_accepted_may_answer)
{
	struct smpair_client *a, *b;
	struct smpair_request req, other;
	uint64_t op;

	insert_unpaired(_metadata, self->r);
	a = agent(_metadata, 1);
	b = agent(_metadata, 1);
	ASSERT_EQ(0, smpair_op_pair(self->r->client, self->r->dev, 0, 0, &op));
	ASSERT_EQ(0, accept_soon(a, &req));
	EXPECT_EQ(-ENOENT, smpair_request_accept(b, &other));
	EXPECT_EQ(-EPERM, smpair_request_done(b, req.id, SMPAIR_ANSWER_DECLINED, 0, false));
	EXPECT_NE('\0', smpair_client_extack(b)[0]);
	ASSERT_EQ(0, answer_right(self->r, a, &req));
	ASSERT_EQ(0, smpair_op_wait(self->r->client, op, RIG_PATIENCE_MS, &self->out));
	EXPECT_EQ(0, self->out.error);
	/* and once only */
	EXPECT_EQ(-ESTALE, smpair_request_done(a, req.id, SMPAIR_ANSWER_DECLINED, 0, false));
	smpair_client_close(a);
	smpair_client_close(b);
}

RIG_TEST(answer_after_the_deadline_is_refused)
{
	struct smpair_request req;
	uint64_t op;

	insert_unpaired(_metadata, self->r);
	ASSERT_EQ(0, smpair_op_pair(self->r->client, self->r->dev, SMPAIR_PAIR_OWN_AGENT, 1, &op));
	ASSERT_EQ(SMPAIR_WAIT_REQUEST,
		  smpair_op_wait(self->r->client, op, RIG_PATIENCE_MS, &self->out));
	ASSERT_EQ(0, smpair_request_accept(self->r->client, &req));
	ASSERT_EQ(0, smpair_op_wait(self->r->client, op, RIG_PATIENCE_MS, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_AGENT_TIMEOUT, self->out.cause);
	EXPECT_EQ(ETIMEDOUT, self->out.error);
	EXPECT_EQ(-ESTALE, answer_right(self->r, self->r->client, &req));
	EXPECT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
}

RIG_TEST(declined_request_ends_the_operation_with_the_agents_reason)
{
	static const struct {
		enum smpair_answer answer;
		enum smpair_cause cause;
	} each[] = {
		{ SMPAIR_ANSWER_DECLINED, SMPAIR_CAUSE_DECLINED },
		{ SMPAIR_ANSWER_CENTRE_REFUSED, SMPAIR_CAUSE_CENTRE_REFUSED },
		{ SMPAIR_ANSWER_CENTRE_UNREACHABLE, SMPAIR_CAUSE_CENTRE_UNREACHABLE },
	};
	unsigned int i;

	insert_unpaired(_metadata, self->r);
	for (i = 0; i < 3; i++) {
		struct rig_pairing how = { .answer = each[i].answer };

		ASSERT_EQ(0, rig_pair_with(self->r, &how, &self->out));
		EXPECT_EQ(each[i].cause, self->out.cause);
		EXPECT_NE(0, self->out.error);
	}
	ASSERT_EQ(0, rig_pair(self->r, &self->out));
	EXPECT_EQ(5, self->out.tries_left);
}

RIG_TEST(cancelled_pairing_ends_and_may_be_started_again)
{
	struct smpair_request req;
	uint64_t op;

	insert_unpaired(_metadata, self->r);
	EXPECT_EQ(-ENOENT, smpair_pair_cancel(self->r->client, self->r->dev));
	ASSERT_EQ(0, smpair_op_pair(self->r->client, self->r->dev, SMPAIR_PAIR_OWN_AGENT, 0, &op));
	ASSERT_EQ(SMPAIR_WAIT_REQUEST,
		  smpair_op_wait(self->r->client, op, RIG_PATIENCE_MS, &self->out));
	ASSERT_EQ(0, smpair_request_accept(self->r->client, &req));
	ASSERT_EQ(0, smpair_pair_cancel(self->r->client, self->r->dev));
	ASSERT_EQ(0, smpair_op_wait(self->r->client, op, RIG_PATIENCE_MS, &self->out));
	EXPECT_EQ(SMPAIR_CAUSE_CANCELLED, self->out.cause);
	ASSERT_EQ(0, rig_pair(self->r, &self->out));
	EXPECT_EQ(0, self->out.error);
}

static void bad_key(struct __test_metadata *_metadata, struct rig *r,
		    const struct smpair_request *req, const char *type, const char *payload,
		    size_t len)
{
	int32_t key = add_key(type, "smpair:pin-test", payload, len, KEY_SPEC_PROCESS_KEYRING);

	ASSERT_GT(key, 0);
	EXPECT_GT(0, smpair_request_done(r->client, req->id, SMPAIR_ANSWER_ACCEPTED, key, false));
	EXPECT_NE('\0', smpair_client_extack(r->client)[0]);
	keyctl_unlink(key, KEY_SPEC_PROCESS_KEYRING);
}

RIG_TEST(key_of_wrong_type_or_content_is_refused_and_may_be_corrected)
{
	struct smpair_request req;
	uint64_t op;

	insert_unpaired(_metadata, self->r);
	ASSERT_EQ(0, smpair_op_pair(self->r->client, self->r->dev, SMPAIR_PAIR_OWN_AGENT, 0, &op));
	ASSERT_EQ(SMPAIR_WAIT_REQUEST,
		  smpair_op_wait(self->r->client, op, RIG_PATIENCE_MS, &self->out));
	ASSERT_EQ(0, smpair_request_accept(self->r->client, &req));
	bad_key(_metadata, self->r, &req, "user", "12345678", 8);
	bad_key(_metadata, self->r, &req, "logon", "1234567", 7);
	bad_key(_metadata, self->r, &req, "logon", "123456789", 9);
	bad_key(_metadata, self->r, &req, "logon", "1234567a", 8);
	EXPECT_GT(0, smpair_request_done(self->r->client, req.id, SMPAIR_ANSWER_ACCEPTED,
					 0x7ffffff0, false));
	EXPECT_GT(0, smpair_request_done(self->r->client, req.id, SMPAIR_ANSWER_ACCEPTED,
					 0, false));
	/* no try was burnt, and the right key still counts */
	ASSERT_EQ(0, answer_right(self->r, self->r->client, &req));
	ASSERT_EQ(0, smpair_op_wait(self->r->client, op, RIG_PATIENCE_MS, &self->out));
	EXPECT_EQ(0, self->out.error);
	EXPECT_EQ(5, self->out.tries_left);
}

RIG_TEST(pin_key_is_invalid_after_use)
{
	struct smpair_request req;
	char pin[8];
	int32_t key;
	uint64_t op;

	insert_unpaired(_metadata, self->r);
	ASSERT_EQ(0, smpair_op_pair(self->r->client, self->r->dev, SMPAIR_PAIR_OWN_AGENT, 0, &op));
	ASSERT_EQ(SMPAIR_WAIT_REQUEST,
		  smpair_op_wait(self->r->client, op, RIG_PATIENCE_MS, &self->out));
	ASSERT_EQ(0, smpair_request_accept(self->r->client, &req));
	rig_pin(&self->r->mod.perso, &self->r->host, req.index, pin);
	ASSERT_EQ(0, smpair_key_add_pin(pin, &key));
	ASSERT_EQ(0, smpair_request_done(self->r->client, req.id, SMPAIR_ANSWER_ACCEPTED, key,
					 false));
	EXPECT_EQ(-1, keyctl_describe(key, NULL, 0));
	ASSERT_EQ(0, smpair_op_wait(self->r->client, op, RIG_PATIENCE_MS, &self->out));
	EXPECT_EQ(0, self->out.error);
}

/* Waits until the agents changed, then says how @client stands. */
static int standing_soon(struct smpair_client *client, struct smpair_agent_info *info)
{
	struct smpair_event event;
	int err;

	do {
		err = smpair_events_next(client, RIG_PATIENCE_MS, &event);
	} while (!err && event.type != SMPAIR_EVENT_AGENTS);
	return err ? err : smpair_agent_get(client, info);
}

RIG_TEST(displaced_agent_is_told_and_told_again_when_the_other_leaves)
{
	struct smpair_agent_info info;
	struct smpair_client *low, *high;
	struct smpair_request req;
	uint64_t op;

	EXPECT_EQ(-ENOENT, smpair_agent_get(self->r->client, &info));
	EXPECT_NE(NULL, smpair_client_extack(self->r->client));
	insert_unpaired(_metadata, self->r);
	low = agent(_metadata, 1);
	ASSERT_EQ(0, standing_soon(low, &info));
	EXPECT_EQ(1, info.priority);
	EXPECT_EQ(1, info.highest);

	high = agent(_metadata, 9);
	ASSERT_EQ(0, standing_soon(low, &info));
	EXPECT_EQ(1, info.priority);
	EXPECT_EQ(9, info.highest);
	ASSERT_EQ(0, smpair_op_pair(self->r->client, self->r->dev, 0, 0, &op));
	ASSERT_EQ(0, accept_soon(high, &req));
	EXPECT_EQ(-ENOENT, smpair_request_accept(low, &req));

	smpair_client_close(high);
	ASSERT_EQ(0, standing_soon(low, &info));
	EXPECT_EQ(1, info.highest);
	ASSERT_EQ(0, accept_soon(low, &req));
	EXPECT_EQ(0, answer_right(self->r, low, &req));
	smpair_client_close(low);
}

TEST_HARNESS_MAIN
