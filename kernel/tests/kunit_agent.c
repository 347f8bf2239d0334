// SPDX-License-Identifier: GPL-2.0
/*
 * Arbitration of requests: who is offered one, who may answer, and that each
 * ends exactly once however its answer, its deadline, cancel and the loss of its
 * agent meet. The netlink side is played here; keys are real.
 */
#include <keys/user-type.h>
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/key-type.h>
#include <linux/kthread.h>
#include <linux/random.h>
#include "../agent.c"

#define AGENT		11	/* port IDs */
#define OTHER_AGENT	12
#define OWN_SOCKET	13
#define STRANGER	14

#define LONG_S		3600	/* a deadline that no test meets */
#define PATIENCE	(300 * HZ)

/* How often requests and changes were announced, and the error that the former gives */
static atomic_t announced, changes;
static int announce_error;

int smpair_netlink_req_ready(u32 portid)
{
	atomic_inc(&announced);
	return announce_error;
}

void smpair_netlink_agent_change(void)
{
	atomic_inc(&changes);
}

/**
 * struct outcome - what the submitter of a request was told
 * @done: completed by the callback when it is about to return
 * @calls: how often it was called
 * @linger_ms: how long it takes
 * @answer: copy of what it was given
 */
struct outcome {
	struct completion done;
	atomic_t calls;
	unsigned int linger_ms;
	struct smpair_answer_data answer;
};

static void told(void *ctx, struct smpair_answer_data *answer)
{
	struct outcome *outcome = ctx;

	atomic_inc(&outcome->calls);
	outcome->answer = *answer;
	if (outcome->linger_ms)
		msleep(outcome->linger_ms);
	complete(&outcome->done);
}

static struct smpair_req *submit(struct kunit *test, struct outcome *outcome, u32 plan,
				 u32 own_portid, u32 timeout_s)
{
	const struct smpair_req_info info = { .dev_id = 1, .op_id = 2, .plan = plan };

	*outcome = (struct outcome){};
	init_completion(&outcome->done);
	return smpair_req_submit(&info, own_portid, timeout_s, told, outcome);
}

static void expect_outcome(struct kunit *test, struct outcome *outcome, u32 cause)
{
	KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&outcome->done, PATIENCE), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&outcome->calls), 1);
	KUNIT_EXPECT_EQ(test, outcome->answer.cause, cause);
	KUNIT_EXPECT_EQ(test, smpair_req_count, 0);
}

static u64 accept(struct kunit *test, u32 portid)
{
	struct netlink_ext_ack extack = {};
	struct smpair_req_offer offer = {};
	int ret;

	ret = smpair_req_accept(portid, &offer, &extack);
	KUNIT_EXPECT_EQ(test, !ret, !extack._msg);
	if (ret)
		KUNIT_EXPECT_EQ(test, ret, -ENOENT);
	return ret ? 0 : offer.id;
}

static int answer(struct kunit *test, u64 id, u32 portid, const struct smpair_req_reply *reply)
{
	struct netlink_ext_ack extack = {};
	int ret;

	ret = smpair_req_answer(id, portid, reply, &extack);
	KUNIT_EXPECT_EQ(test, !ret, !extack._msg);
	return ret;
}

static const struct smpair_req_reply agreed = { .answer = SMPAIR_ANSWER_ACCEPTED, .consent = true };

static struct key *pin_key(struct kunit *test, const char *digits)
{
	struct key *key;

	key = key_alloc(&key_type_logon, "smpair:kunit", GLOBAL_ROOT_UID, GLOBAL_ROOT_GID,
			current_cred(), KEY_USR_ALL, KEY_ALLOC_NOT_IN_QUOTA, NULL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(key));
	KUNIT_ASSERT_EQ(test, key_instantiate_and_link(key, digits, strlen(digits), NULL, NULL),
			0);
	return key;
}

static void answer_reaches_the_submitter_once(struct kunit *test)
{
	struct key *key = pin_key(test, "12345678");
	const struct smpair_req_reply reply = {
		.answer = SMPAIR_ANSWER_ACCEPTED, .has_pin_key = true, .pin_key = key->serial,
	};
	struct outcome outcome;
	struct smpair_req *req;
	u64 id;

	req = submit(test, &outcome, SMPAIR_PLAN_PIN, 0, LONG_S);
	KUNIT_ASSERT_FALSE(test, IS_ERR(req));
	id = accept(test, AGENT);
	KUNIT_EXPECT_NE(test, id, 0);
	KUNIT_EXPECT_EQ(test, accept(test, AGENT), 0);
	KUNIT_EXPECT_EQ(test, answer(test, id, AGENT, &reply), 0);
	expect_outcome(test, &outcome, SMPAIR_CAUSE_NONE);
	KUNIT_EXPECT_TRUE(test, outcome.answer.has_pin);
	KUNIT_EXPECT_FALSE(test, outcome.answer.consent);
	KUNIT_EXPECT_MEMEQ(test, outcome.answer.pin, "12345678", PDT1_PIN_LEN);

	KUNIT_EXPECT_EQ(test, answer(test, id, AGENT, &agreed), -ESTALE);
	KUNIT_EXPECT_FALSE(test, smpair_req_cancel(req));
	/* The request has no copy of the PIN left. */
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(&req->answer, 0, sizeof(req->answer)), NULL);
	smpair_req_put(req);
	key_put(key);
}

static const struct {
	const char *name;
	u32 answer;
	u32 cause;
} refusals[] = {
	{ "declined", SMPAIR_ANSWER_DECLINED, SMPAIR_CAUSE_DECLINED },
	{ "centre refused", SMPAIR_ANSWER_CENTRE_REFUSED, SMPAIR_CAUSE_CENTRE_REFUSED },
	{ "centre unreachable", SMPAIR_ANSWER_CENTRE_UNREACHABLE, SMPAIR_CAUSE_CENTRE_UNREACHABLE },
};

KUNIT_ARRAY_PARAM_DESC(refusal, refusals, name);

static void refusal_reaches_the_submitter(struct kunit *test)
{
	const typeof(refusals[0]) *param = test->param_value;
	const struct smpair_req_reply reply = { .answer = param->answer };
	struct outcome outcome;
	struct smpair_req *req;

	req = submit(test, &outcome, SMPAIR_PLAN_PIN, 0, LONG_S);
	KUNIT_ASSERT_FALSE(test, IS_ERR(req));
	KUNIT_EXPECT_EQ(test, answer(test, accept(test, AGENT), AGENT, &reply), 0);
	expect_outcome(test, &outcome, param->cause);
	KUNIT_EXPECT_FALSE(test, outcome.answer.has_pin);
	smpair_req_put(req);
}

static void deadline_ends_a_request_even_if_accepted(struct kunit *test)
{
	struct outcome outcome;
	struct smpair_req *req;
	u64 id;

	req = submit(test, &outcome, 0, 0, 1);
	KUNIT_ASSERT_FALSE(test, IS_ERR(req));
	id = accept(test, AGENT);
	expect_outcome(test, &outcome, SMPAIR_CAUSE_AGENT_TIMEOUT);
	KUNIT_EXPECT_EQ(test, answer(test, id, AGENT, &agreed), -ESTALE);
	KUNIT_EXPECT_FALSE(test, smpair_req_cancel(req));
	smpair_req_put(req);
}

static void cancelled_request_calls_nobody(struct kunit *test)
{
	struct outcome outcome;
	struct smpair_req *req;
	u64 id;

	req = submit(test, &outcome, 0, 0, LONG_S);
	KUNIT_ASSERT_FALSE(test, IS_ERR(req));
	id = accept(test, AGENT);
	KUNIT_EXPECT_TRUE(test, smpair_req_cancel(req));
	KUNIT_EXPECT_EQ(test, answer(test, id, AGENT, &agreed), -ESTALE);
	flush_workqueue(smpair_agent_wq);
	KUNIT_EXPECT_EQ(test, atomic_read(&outcome.calls), 0);
	KUNIT_EXPECT_EQ(test, smpair_req_count, 0);
	/* Neither completion nor the deadline holds it any longer. */
	KUNIT_EXPECT_EQ(test, refcount_read(&req->refs), 1);
	smpair_req_put(req);
}

static void cancel_that_is_too_late_waits_for_the_callback(struct kunit *test)
{
	struct outcome outcome;
	struct smpair_req *req;

	req = submit(test, &outcome, 0, 0, LONG_S);
	KUNIT_ASSERT_FALSE(test, IS_ERR(req));
	outcome.linger_ms = 100;
	KUNIT_EXPECT_EQ(test, answer(test, accept(test, AGENT), AGENT, &agreed), 0);
	KUNIT_EXPECT_FALSE(test, smpair_req_cancel(req));
	KUNIT_EXPECT_TRUE(test, completion_done(&outcome.done));
	KUNIT_EXPECT_TRUE(test, outcome.answer.consent);
	smpair_req_put(req);
}

static void only_who_accepted_may_answer(struct kunit *test)
{
	struct outcome outcome;
	struct smpair_req *req;
	u64 id;

	KUNIT_ASSERT_EQ(test, smpair_agent_register(OTHER_AGENT, 0), 0);
	req = submit(test, &outcome, 0, 0, LONG_S);
	KUNIT_ASSERT_FALSE(test, IS_ERR(req));
	KUNIT_EXPECT_EQ(test, answer(test, req->id, AGENT, &agreed), -EPERM);
	id = accept(test, AGENT);
	KUNIT_EXPECT_EQ(test, answer(test, id, OTHER_AGENT, &agreed), -EPERM);
	KUNIT_EXPECT_EQ(test, answer(test, id + 1, AGENT, &agreed), -ENOENT);
	KUNIT_EXPECT_EQ(test, answer(test, 0, AGENT, &agreed), -ENOENT);

	/* Given back, it is for the other one too. */
	smpair_req_release(id, OTHER_AGENT);
	KUNIT_EXPECT_EQ(test, accept(test, OTHER_AGENT), 0);
	smpair_req_release(id, AGENT);
	KUNIT_EXPECT_EQ(test, accept(test, OTHER_AGENT), id);
	KUNIT_EXPECT_EQ(test, answer(test, id, AGENT, &agreed), -EPERM);
	KUNIT_EXPECT_EQ(test, answer(test, id, OTHER_AGENT, &agreed), 0);
	expect_outcome(test, &outcome, SMPAIR_CAUSE_NONE);
	smpair_req_put(req);
}

static void contradictory_answer_leaves_the_request_open(struct kunit *test)
{
	struct key *good = pin_key(test, "12345678"), *bad = pin_key(test, "1234567x");
	struct smpair_req_reply reply = {
		.answer = SMPAIR_ANSWER_ACCEPTED, .has_pin_key = true, .pin_key = good->serial,
	};
	struct smpair_req_reply refusal = { .answer = SMPAIR_ANSWER_DECLINED, .consent = true };
	struct outcome outcome;
	struct smpair_req *req;
	u64 id;

	/* A PIN where none is needed */
	req = submit(test, &outcome, 0, 0, LONG_S);
	KUNIT_ASSERT_FALSE(test, IS_ERR(req));
	id = accept(test, AGENT);
	KUNIT_EXPECT_EQ(test, answer(test, id, AGENT, &reply), -EINVAL);
	KUNIT_EXPECT_EQ(test, key_validate(good), 0);
	KUNIT_EXPECT_TRUE(test, smpair_req_cancel(req));
	smpair_req_put(req);

	/* None where it is, one that is malformed, none at all, a refusal with more to it */
	req = submit(test, &outcome, SMPAIR_PLAN_PIN, 0, LONG_S);
	KUNIT_ASSERT_FALSE(test, IS_ERR(req));
	id = accept(test, AGENT);
	KUNIT_EXPECT_EQ(test, answer(test, id, AGENT, &agreed), -EINVAL);
	reply.pin_key = bad->serial;
	KUNIT_EXPECT_EQ(test, answer(test, id, AGENT, &reply), -EINVAL);
	reply.pin_key = -1;
	KUNIT_EXPECT_EQ(test, answer(test, id, AGENT, &reply), -EINVAL);
	KUNIT_EXPECT_EQ(test, answer(test, id, AGENT, &refusal), -EINVAL);
	refusal.consent = false;
	refusal.has_pin_key = true;
	KUNIT_EXPECT_EQ(test, answer(test, id, AGENT, &refusal), -EINVAL);
	KUNIT_EXPECT_EQ(test, atomic_read(&outcome.calls), 0);

	reply.pin_key = good->serial;
	KUNIT_EXPECT_EQ(test, answer(test, id, AGENT, &reply), 0);
	expect_outcome(test, &outcome, SMPAIR_CAUSE_NONE);
	smpair_req_put(req);
	key_put(good);
	key_put(bad);
}

static void highest_priority_is_served_alone(struct kunit *test)
{
	struct outcome outcome;
	struct smpair_req *req;

	KUNIT_ASSERT_EQ(test, smpair_agent_register(OTHER_AGENT, 1), 0);
	req = submit(test, &outcome, 0, 0, LONG_S);
	KUNIT_ASSERT_FALSE(test, IS_ERR(req));
	KUNIT_EXPECT_EQ(test, accept(test, AGENT), 0);
	KUNIT_EXPECT_EQ(test, accept(test, STRANGER), 0);

	/* A socket that registers again changes its priority, and does not multiply. */
	flush_workqueue(smpair_agent_wq);
	atomic_set(&announced, 0);
	KUNIT_ASSERT_EQ(test, smpair_agent_register(AGENT, 2), 0);
	flush_workqueue(smpair_agent_wq);
	KUNIT_EXPECT_EQ(test, atomic_read(&announced), 1);
	KUNIT_EXPECT_EQ(test, accept(test, OTHER_AGENT), 0);
	KUNIT_EXPECT_EQ(test, accept(test, AGENT), req->id);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&smpair_agents), 2);
	KUNIT_EXPECT_TRUE(test, smpair_req_cancel(req));
	smpair_req_put(req);
}

static void agents_learn_how_they_stand(struct kunit *test)
{
	u32 priority, highest;

	flush_workqueue(smpair_agent_wq);
	atomic_set(&changes, 0);
	KUNIT_ASSERT_EQ(test, smpair_agent_register(OTHER_AGENT, 7), 0);
	flush_workqueue(smpair_agent_wq);
	KUNIT_EXPECT_EQ(test, atomic_read(&changes), 1);
	KUNIT_EXPECT_EQ(test, smpair_agent_standing(AGENT, &priority, &highest), 0);
	KUNIT_EXPECT_EQ(test, priority, 0);
	KUNIT_EXPECT_EQ(test, highest, 7);
	KUNIT_EXPECT_EQ(test, smpair_agent_standing(STRANGER, &priority, &highest), -ENOENT);

	smpair_agent_closed(STRANGER);
	flush_workqueue(smpair_agent_wq);
	KUNIT_EXPECT_EQ(test, atomic_read(&changes), 1);
	smpair_agent_closed(OTHER_AGENT);
	flush_workqueue(smpair_agent_wq);
	KUNIT_EXPECT_EQ(test, atomic_read(&changes), 2);
	KUNIT_EXPECT_EQ(test, smpair_agent_standing(AGENT, &priority, &highest), 0);
	KUNIT_EXPECT_EQ(test, highest, 0);
}

static void request_of_a_lost_agent_goes_to_another(struct kunit *test)
{
	struct outcome outcome;
	struct smpair_req *req;
	u64 id;

	KUNIT_ASSERT_EQ(test, smpair_agent_register(OTHER_AGENT, 0), 0);
	req = submit(test, &outcome, 0, 0, LONG_S);
	KUNIT_ASSERT_FALSE(test, IS_ERR(req));
	id = accept(test, AGENT);
	flush_workqueue(smpair_agent_wq);
	atomic_set(&announced, 0);
	smpair_agent_closed(AGENT);
	flush_workqueue(smpair_agent_wq);
	KUNIT_EXPECT_EQ(test, atomic_read(&announced), 1);
	KUNIT_EXPECT_EQ(test, accept(test, OTHER_AGENT), id);

	/* A stranger that closes changes nothing; the last agent takes all with it. */
	smpair_agent_closed(STRANGER);
	KUNIT_EXPECT_EQ(test, atomic_read(&outcome.calls), 0);
	smpair_agent_closed(OTHER_AGENT);
	expect_outcome(test, &outcome, SMPAIR_CAUSE_AGENT_LOST);
	smpair_req_put(req);
}

static void own_request_is_for_its_socket_alone(struct kunit *test)
{
	struct outcome own_outcome, outcome;
	struct smpair_req *own, *req;

	own = submit(test, &own_outcome, 0, OWN_SOCKET, LONG_S);
	KUNIT_ASSERT_FALSE(test, IS_ERR(own));
	KUNIT_EXPECT_EQ(test, accept(test, AGENT), 0);
	req = submit(test, &outcome, 0, 0, LONG_S);
	KUNIT_ASSERT_FALSE(test, IS_ERR(req));
	KUNIT_EXPECT_EQ(test, accept(test, OWN_SOCKET), own->id);
	KUNIT_EXPECT_EQ(test, accept(test, OWN_SOCKET), 0);
	KUNIT_EXPECT_EQ(test, accept(test, AGENT), req->id);

	/* Each is lost with its own. */
	smpair_agent_closed(AGENT);
	KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&outcome.done, PATIENCE), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&own_outcome.calls), 0);
	smpair_agent_closed(OWN_SOCKET);
	expect_outcome(test, &own_outcome, SMPAIR_CAUSE_AGENT_LOST);
	smpair_req_put(own);
	smpair_req_put(req);
}

static void own_socket_that_is_gone_already_is_noticed(struct kunit *test)
{
	struct outcome outcome;
	struct smpair_req *req;

	announce_error = -ECONNREFUSED;
	req = submit(test, &outcome, 0, OWN_SOCKET, LONG_S);
	KUNIT_ASSERT_FALSE(test, IS_ERR(req));
	expect_outcome(test, &outcome, SMPAIR_CAUSE_AGENT_LOST);
	smpair_req_put(req);
}

static void request_that_nobody_can_be_told_of_is_withdrawn(struct kunit *test)
{
	struct outcome outcome;
	struct smpair_req *req;

	announce_error = -ENOMEM;
	req = submit(test, &outcome, 0, 0, LONG_S);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(req), -ENOMEM);
	KUNIT_EXPECT_EQ(test, smpair_req_count, 0);
	KUNIT_EXPECT_EQ(test, accept(test, AGENT), 0);
	flush_workqueue(smpair_agent_wq);
	KUNIT_EXPECT_EQ(test, atomic_read(&outcome.calls), 0);
}

static void requests_are_bounded_and_need_an_agent(struct kunit *test)
{
	struct smpair_req *reqs[SMPAIR_REQ_MAX], *req;
	struct outcome *outcomes;
	unsigned int i;

	outcomes = kunit_kcalloc(test, SMPAIR_REQ_MAX + 1, sizeof(*outcomes), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, outcomes);
	for (i = 0; i < SMPAIR_REQ_MAX; i++) {
		reqs[i] = submit(test, &outcomes[i], 0, 0, LONG_S);
		KUNIT_ASSERT_FALSE(test, IS_ERR(reqs[i]));
	}
	req = submit(test, &outcomes[i], 0, 0, LONG_S);
	KUNIT_EXPECT_PTR_EQ(test, req, ERR_PTR(-EAGAIN));

	/* The oldest first */
	KUNIT_EXPECT_EQ(test, accept(test, AGENT), reqs[0]->id);
	for (i = 0; i < SMPAIR_REQ_MAX; i++) {
		KUNIT_EXPECT_TRUE(test, smpair_req_cancel(reqs[i]));
		smpair_req_put(reqs[i]);
	}

	smpair_agent_closed(AGENT);
	req = submit(test, outcomes, 0, 0, LONG_S);
	KUNIT_EXPECT_PTR_EQ(test, req, ERR_PTR(-ESRCH));
}

/*
 * The race for a request, by tasks that start at the same time
 */
#define ROUNDS		200

enum racer {
	RACER_ANSWER,
	RACER_DEADLINE,
	RACER_CANCEL,
	RACER_LOSS,
	RACERS,
};

struct race {
	struct completion start[RACERS], end[RACERS];
	struct task_struct *task[RACERS];
	struct smpair_req *req;
	bool cancelled;
	int answered;
	u64 id;
	bool over;
};

struct racer_arg {
	struct race *race;
	enum racer racer;
};

static void run_racer(struct race *race, enum racer racer)
{
	struct netlink_ext_ack extack = {};

	switch (racer) {
	case RACER_ANSWER:
		race->answered = smpair_req_answer(race->id, AGENT, &agreed, &extack);
		break;
	case RACER_DEADLINE:
		/*
		 * Its reference goes with it, unless somebody who cancels it at this
		 * moment finds nothing to cancel, and keeps it from being queued.
		 */
		if (cancel_delayed_work(&race->req->timeout) &&
		    !queue_delayed_work(smpair_agent_wq, &race->req->timeout, 0))
			smpair_req_put(race->req);
		break;
	case RACER_CANCEL:
		race->cancelled = smpair_req_cancel(race->req);
		break;
	default:
		smpair_agent_closed(AGENT);
		break;
	}
}

static bool registered(u32 portid)
{
	bool found;

	spin_lock(&smpair_agent_lock);
	found = agent_find(portid);
	spin_unlock(&smpair_agent_lock);
	return found;
}

static int racer_thread(void *data)
{
	struct racer_arg *arg = data;
	struct race *race = arg->race;

	for (;;) {
		wait_for_completion(&race->start[arg->racer]);
		if (race->over)
			break;
		udelay(get_random_u32_below(200));
		run_racer(race, arg->racer);
		complete(&race->end[arg->racer]);
	}
	/* Not through code that may be unloaded the moment the test ends */
	kthread_complete_and_exit(&race->end[arg->racer], 0);
}

static void request_ends_once_whoever_comes_first(struct kunit *test)
{
	unsigned int round, i, by_answer = 0, by_deadline = 0, by_cancel = 0, by_loss = 0;
	struct racer_arg args[RACERS];
	struct outcome *outcome;
	struct race *race;

	race = kunit_kzalloc(test, sizeof(*race), GFP_KERNEL);
	outcome = kunit_kzalloc(test, sizeof(*outcome), GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, race && outcome);
	for (i = 0; i < RACERS; i++) {
		init_completion(&race->start[i]);
		init_completion(&race->end[i]);
		args[i] = (struct racer_arg){ race, i };
		race->task[i] = kthread_run(racer_thread, &args[i], "smpair_racer/%u", i);
		KUNIT_ASSERT_FALSE(test, IS_ERR(race->task[i]));
	}

	for (round = 0; round < ROUNDS; round++) {
		if (!registered(AGENT))
			KUNIT_EXPECT_EQ(test, smpair_agent_register(AGENT, 0), 0);
		race->req = submit(test, outcome, 0, 0, LONG_S);
		if (IS_ERR(race->req)) {
			KUNIT_FAIL(test, "round %u: %pe", round, race->req);
			break;
		}
		race->id = accept(test, AGENT);
		for (i = 0; i < RACERS; i++)
			complete(&race->start[i]);
		for (i = 0; i < RACERS; i++)
			wait_for_completion(&race->end[i]);
		flush_workqueue(smpair_agent_wq);

		KUNIT_EXPECT_EQ(test, atomic_read(&outcome->calls) + race->cancelled, 1);
		KUNIT_EXPECT_EQ(test, !race->answered, atomic_read(&outcome->calls) &&
				outcome->answer.cause == SMPAIR_CAUSE_NONE);
		KUNIT_EXPECT_EQ(test, smpair_req_count, 0);
		KUNIT_EXPECT_TRUE(test, list_empty(&smpair_reqs));
		KUNIT_EXPECT_EQ(test, refcount_read(&race->req->refs), 1);
		by_cancel += race->cancelled;
		by_answer += !race->answered;
		by_deadline += outcome->answer.cause == SMPAIR_CAUSE_AGENT_TIMEOUT;
		by_loss += outcome->answer.cause == SMPAIR_CAUSE_AGENT_LOST;
		smpair_req_put(race->req);
	}
	race->over = true;
	for (i = 0; i < RACERS; i++) {
		complete(&race->start[i]);
		wait_for_completion(&race->end[i]);
	}
	kunit_info(test, "ended by answer %u, deadline %u, cancel %u, loss %u times", by_answer,
		   by_deadline, by_cancel, by_loss);
	KUNIT_EXPECT_EQ(test, by_answer + by_deadline + by_cancel + by_loss, round);
}

static int agent_test_init(struct kunit *test)
{
	announce_error = 0;
	return smpair_agent_init() ?: smpair_agent_register(AGENT, 0);
}

static void agent_test_exit(struct kunit *test)
{
	smpair_agent_exit();
}

static struct kunit_case agent_cases[] = {
	KUNIT_CASE(answer_reaches_the_submitter_once),
	KUNIT_CASE_PARAM(refusal_reaches_the_submitter, refusal_gen_params),
	KUNIT_CASE(deadline_ends_a_request_even_if_accepted),
	KUNIT_CASE(cancelled_request_calls_nobody),
	KUNIT_CASE(cancel_that_is_too_late_waits_for_the_callback),
	KUNIT_CASE(only_who_accepted_may_answer),
	KUNIT_CASE(contradictory_answer_leaves_the_request_open),
	KUNIT_CASE(highest_priority_is_served_alone),
	KUNIT_CASE(agents_learn_how_they_stand),
	KUNIT_CASE(request_of_a_lost_agent_goes_to_another),
	KUNIT_CASE(own_request_is_for_its_socket_alone),
	KUNIT_CASE(own_socket_that_is_gone_already_is_noticed),
	KUNIT_CASE(request_that_nobody_can_be_told_of_is_withdrawn),
	KUNIT_CASE(requests_are_bounded_and_need_an_agent),
	KUNIT_CASE(request_ends_once_whoever_comes_first),
	{}
};

static struct kunit_suite agent_suite = {
	.name = "smpair_agent",
	.init = agent_test_init,
	.exit = agent_test_exit,
	.test_cases = agent_cases,
};

kunit_test_suite(agent_suite);
