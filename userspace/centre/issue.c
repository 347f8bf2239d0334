// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Issuing a PIN: collects what the centre knows, lets the rules judge, and
 * records the decision, in one transaction (protocol, section 11).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "centre/issue.h"
#include "domain/keys.h"
#include "domain/pin.h"
#include "domain/secret.h"

#define DAY	86400

/* The current state, one for each host with a PIN, and former ones: at one
 * index a module was in one state, and its copies in one per other host.
 */
#define STATES_MAX	(2 + 2 * RULES_HOSTS_PER_INDEX)

struct issue {
	struct store *store;
	const struct provider *provider;
	const struct issue_request *request;
	struct domain_error *error;

	struct store_module module;
	uint8_t kpin[PDT1_KEY_LEN];
	struct rule_facts facts;
	struct rule_state states[STATES_MAX];
	uint8_t ft[STATES_MAX][PDT1_FT_LEN];
	size_t state_count;
};

static int computing(struct issue *issue, int err)
{
	return err ? domain_fail(issue->error, err, "computing with MPIN: %s",
				 strerror(-err)) : 0;
}

static int add_state(struct issue *issue, enum rule_state_kind kind, uint32_t n,
		     const uint8_t ft[PDT1_FT_LEN])
{
	const struct issue_request *request = issue->request;
	struct rule_state *state = &issue->states[issue->state_count];
	uint32_t code;
	int err;

	if (issue->state_count == STATES_MAX)
		return domain_fail(issue->error, -EOVERFLOW,
				   "more states of the module are kept than can be; restore the database from its backup");
	if (!rule_state_applies(issue->module.pin_policy, kind, n, request->n))
		return 0;
	err = domain_request_code(issue->provider->mac, issue->kpin,
				  issue->module.pin_policy, request->mid,
				  request->sn, request->n, ft, &code);
	if (err)
		return computing(issue, err);
	state->kind = kind;
	state->n = n;
	state->fits = code == request->code;
	memcpy(issue->ft[issue->state_count++], ft, PDT1_FT_LEN);
	return 0;
}

static int add_next(const uint8_t sn[PDT1_ID_LEN], void *arg)
{
	struct issue *issue = arg;
	uint8_t ft[PDT1_FT_LEN];
	uint32_t n = issue->module.n;
	int err;

	issue->facts.issued_hosts++;
	issue->facts.issued_to_host |= !memcmp(sn, issue->request->sn,
					       PDT1_ID_LEN);
	err = domain_fork_tag(issue->provider->mac, issue->kpin,
			      issue->module.ft, sn, n, ft);
	if (err)
		return computing(issue, err);
	return add_state(issue, RULE_STATE_NEXT, n + 1, ft);
}

static int add_former(const uint8_t ft[PDT1_FT_LEN], void *arg)
{
	struct issue *issue = arg;

	return add_state(issue, RULE_STATE_FORMER, issue->request->n, ft);
}

static int collect(struct issue *issue, int64_t now)
{
	const struct issue_request *request = issue->request;
	struct rule_facts *facts = &issue->facts;
	struct store_host host;
	int ret;

	ret = store_get_module(issue->store, request->mid, &issue->module,
			       issue->error);
	if (ret < 0)
		return ret;
	facts->module_known = ret;
	ret = store_get_host(issue->store, request->sn, &host, issue->error);
	if (ret < 0)
		return ret;
	facts->host_known = ret;
	facts->n = request->n;
	facts->states = issue->states;
	if (!facts->module_known || !facts->host_known)
		return 0;

	facts->module_denied = issue->module.denied;
	facts->module_held = issue->module.hold[0];
	facts->host_denied = host.denied;
	facts->policy = issue->module.pin_policy;
	facts->stated_policy = request->policy < 0 ? facts->policy :
			       (uint8_t)request->policy;
	ret = store_get_pair_denied(issue->store, request->mid, request->sn,
				    &facts->pair_denied, issue->error);
	if (!ret)
		ret = store_get_wrong(issue->store, request->mid, request->sn,
				      &facts->wrong, issue->error);
	if (!ret)
		ret = store_count_issued(issue->store, request->mid, now - DAY,
					 &facts->issues_today, issue->error);
	if (ret)
		return ret;

	ret = domain_kpin(issue->provider->mac, issue->provider->mpin,
			  request->mid, issue->kpin);
	if (ret)
		return computing(issue, ret);
	ret = add_state(issue, RULE_STATE_CURRENT, issue->module.n,
			issue->module.ft);
	if (!ret)
		ret = store_each_issue(issue->store, request->mid,
				       issue->module.n, add_next, issue,
				       issue->error);
	if (!ret)
		ret = store_each_former(issue->store, request->mid, request->n,
					add_former, issue, issue->error);
	facts->state_count = issue->state_count;
	return ret;
}

/*
 * The module moved on: keep the state that it left, and under the indexed
 * policy those in which only copies of it can be, since each other host that
 * got a PIN leads to another fork tag.
 */
static int advance(struct issue *issue, const struct rule_state *to)
{
	const uint8_t *mid = issue->request->mid;
	const struct rule_state *state;
	size_t i;
	int err;

	err = store_add_former(issue->store, mid, issue->module.n,
			       issue->module.ft, issue->error);
	for (i = 0; !err && i < issue->state_count; i++) {
		state = &issue->states[i];
		if (state != to && state->kind == RULE_STATE_NEXT)
			err = store_add_former(issue->store, mid, state->n,
					       issue->ft[i], issue->error);
	}
	if (!err)
		err = store_set_state(issue->store, mid, issue->request->n,
				      issue->ft[to - issue->states],
				      issue->error);
	return err;
}

static int apply(struct issue *issue, const struct rule_verdict *verdict)
{
	const struct issue_request *request = issue->request;
	int err;

	if (verdict->hold_module)
		return store_set_hold(issue->store, request->mid,
				      rule_texts[verdict->cause].name,
				      issue->error);
	if (verdict->count_wrong)
		return store_set_wrong(issue->store, request->mid, request->sn,
				       issue->facts.wrong + 1, issue->error);
	if (verdict->cause != RULE_ISSUED)
		return 0;

	err = store_set_wrong(issue->store, request->mid, request->sn, 0,
			      issue->error);
	if (!err && request->n != issue->module.n)
		err = advance(issue, verdict->state);
	if (!err && issue->module.pin_policy == PDT1_PIN_INDEXED)
		err = store_add_issue(issue->store, request->mid, request->n,
				      request->sn, issue->error);
	return err;
}

/* What the rules say, done and remembered. */
static int carry_out(struct issue *issue, const struct rule_verdict *verdict,
		     int64_t now, struct issue_answer *answer)
{
	const struct issue_request *request = issue->request;
	struct store_held held = { .n = request->n, .code = request->code, .at = now };
	int err;

	if (verdict->cause != RULE_ISSUED || !request->hotline) {
		err = apply(issue, verdict);
		if (err || verdict->cause != RULE_ISSUED)
			return err;
		return computing(issue, domain_pin(issue->provider->mac, issue->kpin,
						   issue->module.pin_policy,
						   request->sn, request->n,
						   answer->pin));
	}
	err = domain_random(held.id, sizeof(held.id), issue->error);
	if (err)
		return err;
	snprintf(held.client, sizeof(held.client), "%s", request->client);
	memcpy(held.mid, request->mid, sizeof(held.mid));
	memcpy(held.sn, request->sn, sizeof(held.sn));
	answer->held = true;
	memcpy(answer->id, held.id, sizeof(held.id));
	return store_add_held(issue->store, &held, issue->error);
}

static int remember(struct issue *issue, int64_t now, const struct issue_answer *answer)
{
	struct store_replay replay = { .attempts_left = answer->attempts_left };
	const struct issue_request *request = issue->request;

	/* One that is held is asked for by its number. */
	if (!request->key || answer->held)
		return 0;
	memcpy(replay.digest, request->digest, sizeof(replay.digest));
	snprintf(replay.cause, sizeof(replay.cause), "%s", rule_texts[answer->cause].name);
	return store_add_replay(issue->store, request->client, request->key, &replay,
				now, issue->error);
}

/* 1 where the request was answered before: @answer says so again. */
static int repeat(struct issue *issue, struct issue_answer *answer)
{
	const struct issue_request *request = issue->request;
	struct store_replay replay;
	int ret;

	if (!request->key)
		return 0;
	ret = store_get_replay(issue->store, request->client, request->key, &replay,
			       issue->error);
	if (ret <= 0)
		return ret;
	if (memcmp(replay.digest, request->digest, sizeof(replay.digest)))
		return domain_fail(issue->error, -EEXIST,
				   "this idempotency key was used for another request");
	for (answer->cause = 0; answer->cause < RULE_CAUSES; answer->cause++)
		if (!strcmp(rule_texts[answer->cause].name, replay.cause))
			break;
	answer->attempts_left = replay.attempts_left;
	if (answer->cause != RULE_ISSUED)
		return 1;
	ret = store_get_module(issue->store, request->mid, &issue->module, issue->error);
	if (!ret)
		ret = domain_fail(issue->error, -ENOENT, "the module is not registered any more");
	if (ret < 0)
		return ret;
	ret = computing(issue, domain_kpin(issue->provider->mac, issue->provider->mpin,
					   request->mid, issue->kpin));
	if (!ret)
		ret = computing(issue, domain_pin(issue->provider->mac, issue->kpin,
						  issue->module.pin_policy,
						  request->sn, request->n,
						  answer->pin));
	return ret ? ret : 1;
}

static int decide(struct issue *issue, int64_t now, uint32_t uid,
		  struct issue_answer *answer)
{
	const struct issue_request *request = issue->request;
	struct store_decision decision = {
		.at = now, .uid = uid, .verb = "pin", .mid = request->mid,
		.sn = request->sn, .has_n = true, .n = request->n,
		.client = request->client,
	};
	struct rule_verdict verdict;
	unsigned int wrong;
	int err;

	err = collect(issue, now);
	if (err)
		return err;
	decision.has_known_n = issue->facts.module_known;
	decision.known_n = issue->module.n;
	verdict = rule_judge(&issue->facts);
	answer->cause = verdict.cause;
	wrong = issue->facts.wrong + verdict.count_wrong;
	answer->attempts_left = wrong < RULES_ATTEMPTS ? RULES_ATTEMPTS - wrong : 0;
	err = carry_out(issue, &verdict, now, answer);
	if (err)
		return err;
	decision.result = verdict.cause != RULE_ISSUED ? "refused" :
			  answer->held ? "done" : "issued";
	decision.cause = answer->held ? "hotline" : rule_texts[verdict.cause].name;
	err = store_add_decision(issue->store, &decision, issue->error);
	return err ? err : remember(issue, now, answer);
}

/**
 * issue_pin() - Decide on a request, record the decision, compute the PIN.
 * @store: The database; no transaction is open.
 * @provider: Who computes.
 * @request: The request.
 * @now: Seconds since 1970.
 * @uid: Who asks.
 * @answer: Receives the decision, which is durable then.
 * @error: Receives the reason of a failure.
 *
 * A request that is repeated under its key is answered as before, and nothing is
 * decided anew.
 *
 * Return: 0, also for a refusal; -EEXIST where the key was used for another
 * request; or another negative errno; nothing was recorded then.
 */
int issue_pin(struct store *store, const struct provider *provider,
	      const struct issue_request *request, int64_t now, uint32_t uid,
	      struct issue_answer *answer, struct domain_error *error)
{
	struct issue issue = {
		.store = store, .provider = provider, .request = request,
		.error = error,
	};
	int ret;

	memset(answer, 0, sizeof(*answer));
	ret = store_begin(store, error);
	if (ret)
		return ret;
	ret = repeat(&issue, answer);
	if (!ret)
		ret = decide(&issue, now, uid, answer);
	if (ret >= 0)
		ret = store_commit(store, error);
	else
		store_rollback(store);
	explicit_bzero(issue.kpin, sizeof(issue.kpin));
	if (ret)
		explicit_bzero(answer->pin, sizeof(answer->pin));
	return ret;
}
