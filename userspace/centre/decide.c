// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Deciding on requests for PINs (protocol, section 11).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "centre/decide.h"
#include "centre/states.h"
#include "domain/pin.h"
#include "domain/secret.h"

#define DAY	86400

struct decision {
	struct store *store;
	struct provider *provider;
	const struct decide_request *request;
	struct domain_error *error;

	struct store_module module;
	struct rule_facts facts;
	struct states states;
	uint32_t known_n;
};

static int count_issue(const uint8_t sn[PDT1_ID_LEN], void *arg)
{
	struct decision *d = arg;

	d->facts.issued_hosts++;
	d->facts.issued_to_host |= !memcmp(sn, d->request->sn, PDT1_ID_LEN);
	return 0;
}

static int collect_pair(struct decision *d)
{
	const struct decide_request *request = d->request;
	struct rule_facts *facts = &d->facts;
	const struct rule_terms *terms = &facts->terms;
	int64_t starts, ends;
	int ret;

	ret = store_find_terms(d->store, request->mid, request->sn,
			       &facts->terms, d->error);
	facts->terms.hotline |= request->hotline;
	if (!ret && terms->need_subscription) {
		ret = store_get_subscription(d->store, request->mid, &starts,
					     &ends, d->error);
		facts->subscribed = ret > 0 && starts <= request->now &&
				    request->now < ends;
		ret = ret < 0 ? ret : 0;
	}
	/* Counting is left out where nobody asks for it. */
	if (!ret && (terms->hosts_per_module || terms->modules_per_host ||
		     terms->changes))
		ret = store_count_hosts(d->store, request->mid, request->sn,
					&facts->hosts, &facts->known_pair,
					d->error);
	if (!ret && terms->modules_per_host)
		ret = store_count_modules(d->store, request->sn, request->mid,
					  &facts->modules, d->error);
	if (!ret && terms->changes)
		ret = store_count_changes(d->store, request->mid, request->sn,
					  request->now - (int64_t)terms->change_days * DAY,
					  &facts->changes, d->error);
	return ret;
}

/* All that collect() looks up whatever the terms say, so that a database on a
 * server is waited for once. What fails here fails there again.
 */
static void collect_ahead(struct decision *d)
{
	const struct decide_request *request = d->request;
	struct store_replay replay;
	struct store_module module;
	struct store_host host;
	struct rule_terms terms;
	unsigned int count;
	bool denied;

	if (!store_ahead(d->store))
		return;
	if (request->key)
		store_get_replay(d->store, request->actor, request->key,
				 &replay, d->error);
	store_get_module(d->store, request->mid, &module, d->error);
	store_get_host(d->store, request->sn, &host, d->error);
	store_is_denied(d->store, request->mid, request->sn, &denied, d->error);
	store_get_wrong(d->store, request->mid, request->sn, &count, d->error);
	store_count_issued(d->store, request->mid, request->now - DAY, &count,
			   d->error);
	store_find_terms(d->store, request->mid, request->sn, &terms, d->error);
	states_ahead(d->store, request->mid, request->n, d->error);
	audit_ahead(d->store, d->error);
	store_ahead_end(d->store);
}

static int collect(struct decision *d)
{
	const struct decide_request *request = d->request;
	struct rule_facts *facts = &d->facts;
	struct store_host host;
	int ret;

	ret = store_get_module(d->store, request->mid, &d->module, d->error);
	if (ret < 0)
		return ret;
	facts->module_known = ret;
	ret = store_get_host(d->store, request->sn, &host, d->error);
	if (ret < 0)
		return ret;
	facts->host_known = ret;
	facts->n = request->n;
	facts->by_person = request->by_person;
	if (!facts->module_known || !facts->host_known)
		return 0;

	facts->module_denied = d->module.denied;
	facts->module_held = d->module.hold[0];
	facts->awaiting_report = d->module.awaiting;
	facts->host_denied = host.denied;
	facts->host_rights = host.rights;
	facts->policy = d->module.pin_policy;
	facts->stated_policy = request->policy < 0 ? facts->policy :
			       (uint8_t)request->policy;
	ret = store_is_denied(d->store, request->mid, request->sn,
			      &facts->pair_denied, d->error);
	if (!ret)
		ret = store_get_wrong(d->store, request->mid, request->sn,
				      &facts->wrong, d->error);
	if (!ret)
		ret = store_count_issued(d->store, request->mid,
					 request->now - DAY,
					 &facts->issues_today, d->error);
	if (!ret)
		ret = collect_pair(d);
	if (!ret)
		ret = store_each_issue(d->store, request->mid, d->module.n,
				       count_issue, d, d->error);
	if (!ret)
		ret = states_by_code(&d->states, d->store, d->provider,
				     &d->module, request->sn, request->n,
				     request->code, d->error);
	facts->states = d->states.of;
	facts->state_count = d->states.count;
	return ret;
}

static int hold_request(struct decision *d, struct decide_answer *answer)
{
	const struct decide_request *request = d->request;
	struct store_request held = {
		.n = request->n, .code = request->code,
		.policy = request->policy, .at = request->now,
		.state = STORE_REQUEST_WAITING,
	};
	struct store_request old;
	int ret;

	ret = store_expire_requests(d->store, request->now - DECIDE_HELD_SECONDS,
				    d->error);
	if (ret)
		return ret;
	/* Asking again while a person thinks makes no second request. */
	ret = store_find_request(d->store, request->mid, request->sn, &old,
				 d->error);
	if (ret < 0)
		return ret;
	if (ret && old.n == request->n && old.code == request->code &&
	    !strcmp(old.actor, request->actor)) {
		memcpy(answer->request_id, old.id, sizeof(old.id));
		return 0;
	}
	if (ret) {
		ret = store_decide_request(d->store, old.id, STORE_REQUEST_GONE,
					   "superseded", request->actor,
					   request->now, d->error);
		if (ret)
			return ret;
	}
	ret = domain_random(held.id, sizeof(held.id), d->error);
	if (ret)
		return ret;
	memcpy(held.mid, request->mid, PDT1_ID_LEN);
	memcpy(held.sn, request->sn, PDT1_ID_LEN);
	snprintf(held.actor, sizeof(held.actor), "%s", request->actor);
	snprintf(held.cause, sizeof(held.cause), "%s",
		 rule_texts[RULE_HOTLINE].name);
	memcpy(answer->request_id, held.id, sizeof(held.id));
	return store_add_request(d->store, &held, d->error);
}

/* What a right request code shows of the module, whatever else is decided. */
static int learn(struct decision *d, const struct rule_state *state)
{
	struct store_module *module = &d->module;
	int err;

	err = states_move(&d->states, d->store, module, state, d->request->n,
			  d->error);
	module->seen = d->request->now;
	if (!err)
		err = store_set_module(d->store, module, d->error);
	if (!err && d->facts.wrong)
		err = store_set_wrong(d->store, d->request->mid, d->request->sn,
				      0, d->error);
	return err;
}

static int issue(struct decision *d, const struct rule_state *state,
		 struct decide_answer *answer)
{
	const struct decide_request *request = d->request;
	struct store_pairing pairing = {
		.n = request->n, .state = STORE_PAIRING_ISSUED,
		.at = request->now,
	};
	int err;

	memcpy(pairing.mid, request->mid, PDT1_ID_LEN);
	memcpy(pairing.sn, request->sn, PDT1_ID_LEN);
	err = store_add_pairing(d->store, &pairing, d->error);
	if (!err)
		err = states_pin(&d->states, d->provider, &d->module, state,
				 request->sn, request->n, answer->pin, d->error);
	return err;
}

static int apply(struct decision *d, const struct rule_verdict *verdict,
		 struct decide_answer *answer)
{
	struct store_module *module = &d->module;
	const struct decide_request *request = d->request;
	int err;

	if (verdict->hold_module) {
		snprintf(module->hold, sizeof(module->hold), "%s",
			 rule_texts[verdict->cause].name);
		return store_set_module(d->store, module, d->error);
	}
	if (verdict->count_wrong)
		return store_set_wrong(d->store, request->mid, request->sn,
				       d->facts.wrong + 1, d->error);
	if (!verdict->state || answer->result == RULE_RESULT_REFUSED)
		return 0;
	err = learn(d, verdict->state);
	if (err)
		return err;
	return answer->result == RULE_RESULT_HELD ?
	       hold_request(d, answer) : issue(d, verdict->state, answer);
}

static const char *result_text(enum rule_result result)
{
	switch (result) {
	case RULE_RESULT_ISSUED:
		return "issued";
	case RULE_RESULT_HELD:
		return "held";
	default:
		return "refused";
	}
}

static int record(struct decision *d, const struct decide_answer *answer)
{
	const struct decide_request *request = d->request;
	struct audit_row row = {
		.at = request->now, .actor = request->actor, .action = "pin",
		.mid = request->mid, .sn = request->sn, .has_n = true,
		.n = request->n, .has_known_n = d->facts.module_known,
		.known_n = d->known_n, .result = result_text(answer->result),
		.cause = rule_texts[answer->cause].name,
	};

	return audit_append(d->store, &row, d->error);
}

/* 1 where the request was answered before: @answer says so again. */
static int repeat(struct decision *d, struct decide_answer *answer)
{
	const struct decide_request *request = d->request;
	struct store_replay replay;
	uint8_t kpin[PDT1_KEY_LEN];
	int ret;

	if (!request->key)
		return 0;
	ret = store_get_replay(d->store, request->actor, request->key, &replay,
			       d->error);
	if (ret <= 0)
		return ret;
	if (memcmp(replay.digest, request->digest, sizeof(replay.digest)))
		return domain_fail(d->error, -EEXIST,
				   "this idempotency key was used for another request");
	while (answer->cause < RULE_CAUSES &&
	       strcmp(rule_texts[answer->cause].name, replay.cause))
		answer->cause++;
	answer->result = rule_result(answer->cause);
	answer->attempts_left = replay.attempts_left;
	if (answer->cause != RULE_ISSUED)
		return 1;
	ret = store_get_module(d->store, request->mid, &d->module, d->error);
	if (ret > 0)
		ret = provider_kpin(d->provider, d->module.mpin, request->mid,
				    kpin, d->error);
	if (!ret)
		ret = domain_pin(provider_mac(d->provider), kpin,
				 d->module.pin_policy, request->sn, request->n,
				 answer->pin);
	explicit_bzero(kpin, sizeof(kpin));
	return ret < 0 ? ret : 1;
}

static int remember(struct decision *d, const struct decide_answer *answer)
{
	const struct decide_request *request = d->request;
	struct store_replay replay = { .attempts_left = answer->attempts_left };

	/* One that is held is asked for by its number. */
	if (!request->key || answer->result == RULE_RESULT_HELD)
		return 0;
	memcpy(replay.digest, request->digest, sizeof(replay.digest));
	snprintf(replay.cause, sizeof(replay.cause), "%s",
		 rule_texts[answer->cause].name);
	return store_add_replay(d->store, request->actor, request->key, &replay,
				request->now, d->error);
}

static int decide(struct decision *d, struct decide_answer *answer)
{
	struct rule_verdict verdict;
	unsigned int wrong;
	int err;

	err = collect(d);
	if (!err)
		err = audit_find_end(d->store, d->error);
	if (err)
		return err;
	d->known_n = d->module.n;
	verdict = rule_judge(&d->facts);
	answer->cause = verdict.cause;
	answer->result = rule_result(verdict.cause);
	wrong = d->facts.wrong + verdict.count_wrong;
	answer->attempts_left = wrong < RULES_ATTEMPTS ? RULES_ATTEMPTS - wrong :
							 0;
	err = apply(d, &verdict, answer);
	if (!err)
		err = record(d, answer);
	return err ? err : remember(d, answer);
}

/**
 * decide_pin() - Decide on a request for a PIN.
 * @store: The database, in a transaction; audit_start() was called.
 * @provider: Who computes.
 * @request: The request.
 * @answer: Receives the decision.
 * @error: Receives the reason of a failure.
 *
 * A request that is repeated under its key is answered as before, and nothing is
 * decided anew.
 *
 * Return: 0, also for a refusal; -EEXIST where the key was used for another
 * request; or another negative errno. The transaction is to be undone unless it
 * is 0.
 */
int decide_pin(struct store *store, struct provider *provider,
	       const struct decide_request *request,
	       struct decide_answer *answer, struct domain_error *error)
{
	struct decision d = {
		.store = store, .provider = provider, .request = request,
		.error = error,
	};
	int ret;

	memset(answer, 0, sizeof(*answer));
	collect_ahead(&d);
	ret = repeat(&d, answer);
	if (!ret)
		ret = decide(&d, answer);
	states_wipe(&d.states);
	if (ret < 0)
		explicit_bzero(answer->pin, sizeof(answer->pin));
	return ret < 0 ? ret : 0;
}

/**
 * decide_check() - Tell how a request would fare; a dry run.
 * @store: The database; nothing is changed or recorded.
 * @provider: Who computes.
 * @request: The request.
 * @tell: Called for each rule in the order in which they are looked at.
 * @arg: For @tell.
 * @cause: Receives what would decide.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int decide_check(struct store *store, struct provider *provider,
		 const struct decide_request *request,
		 void (*tell)(enum rule_cause cause, bool passed, void *arg),
		 void *arg, enum rule_cause *cause, struct domain_error *error)
{
	struct decision d = {
		.store = store, .provider = provider, .request = request,
		.error = error,
	};
	int err;

	err = collect(&d);
	if (!err) {
		rule_explain(&d.facts, tell, arg);
		*cause = rule_judge(&d.facts).cause;
	}
	states_wipe(&d.states);
	return err;
}

static int need_request(struct store *store,
			const uint8_t id[STORE_REQUEST_ID_LEN],
			struct store_request *held, struct domain_error *error)
{
	int ret = store_get_request(store, id, held, error);

	if (!ret)
		return domain_fail(error, -ENOENT,
				   "there is no such request; ask for the PIN anew");
	return ret < 0 ? ret : 0;
}

/**
 * decide_fetch() - Ask what became of a request that was held.
 * @store: The database, in a transaction.
 * @provider: Who computes.
 * @id: The request.
 * @actor: Who asks; nobody but who made the request may.
 * @now: Seconds since 1970.
 * @answer: Receives the decision. A released request is decided anew as by a
 *	person: the module may have moved on since.
 * @error: Receives the reason of a failure.
 *
 * Return: 0; -ENOENT where there is no such request of this actor; -ECANCELED
 * where it is of no use any more, because a person refused it or the module moved
 * on; or another negative errno. In all these cases nothing was changed.
 */
int decide_fetch(struct store *store, struct provider *provider,
		 const uint8_t id[STORE_REQUEST_ID_LEN], const char *actor,
		 int64_t now, struct decide_answer *answer,
		 struct domain_error *error)
{
	struct decide_request again;
	struct store_module module;
	struct store_request held;
	int err;

	memset(answer, 0, sizeof(*answer));
	err = need_request(store, id, &held, error);
	if (!err && strcmp(held.actor, actor))
		err = domain_fail(error, -ENOENT,
				  "there is no such request; ask for the PIN anew");
	if (err)
		return err;
	err = store_get_module(store, held.mid, &module, error);
	if (err < 0)
		return err;
	if (held.state == STORE_REQUEST_WAITING &&
	    (module.n > held.n || held.at < now - DECIDE_HELD_SECONDS))
		held.state = STORE_REQUEST_GONE;
	if (held.state == STORE_REQUEST_REFUSED ||
	    held.state == STORE_REQUEST_GONE)
		return domain_fail(error, -ECANCELED,
				   held.state == STORE_REQUEST_GONE ?
				   "the module moved on, or nobody answered in time" :
				   "an operator refused the request; ask why");
	if (held.state == STORE_REQUEST_WAITING) {
		answer->result = RULE_RESULT_HELD;
		answer->cause = RULE_HOTLINE;
		memcpy(answer->request_id, held.id, sizeof(held.id));
		return 0;
	}
	again = (struct decide_request) {
		.n = held.n, .code = held.code, .policy = held.policy,
		.actor = actor, .by_person = true, .now = now,
	};
	memcpy(again.mid, held.mid, PDT1_ID_LEN);
	memcpy(again.sn, held.sn, PDT1_ID_LEN);
	err = decide_pin(store, provider, &again, answer, error);
	if (!err && answer->result == RULE_RESULT_ISSUED &&
	    held.state == STORE_REQUEST_RELEASED)
		err = store_decide_request(store, held.id, STORE_REQUEST_ISSUED,
					   held.cause, held.decided_by,
					   held.decided_at, error);
	if (err)
		explicit_bzero(answer->pin, sizeof(answer->pin));
	return err;
}

/**
 * decide_release() - A person lets the agent have the PIN, or refuses it.
 * @store: The database, in a transaction.
 * @id: The request.
 * @release: Let it have the PIN.
 * @reason: Why, or NULL.
 * @actor: Who decides.
 * @now: Seconds since 1970.
 * @error: Receives the reason of a failure.
 *
 * Return: 0; -ENOENT where there is no such request; -EALREADY where it was
 * decided; -EPERM where the actor made the request; or another negative errno.
 */
int decide_release(struct store *store, const uint8_t id[STORE_REQUEST_ID_LEN],
		   bool release, const char *reason, const char *actor,
		   int64_t now, struct domain_error *error)
{
	struct store_request held;
	struct audit_row row = {
		.at = now, .actor = actor, .has_n = true,
		.action = release ? "request-release" : "request-refuse",
		.result = "done", .cause = "operator", .detail = reason,
	};
	int err;

	err = need_request(store, id, &held, error);
	if (err)
		return err;
	if (held.state != STORE_REQUEST_WAITING)
		return domain_fail(error, -EALREADY,
				   "the request was decided already; look at its history");
	if (!strcmp(held.actor, actor))
		return domain_fail(error, -EPERM,
				   "nobody decides on their own request; ask another operator");
	err = store_decide_request(store, id, release ? STORE_REQUEST_RELEASED :
				   STORE_REQUEST_REFUSED,
				   release ? "released" : "refused", actor, now,
				   error);
	row.mid = held.mid;
	row.sn = held.sn;
	row.n = held.n;
	return err ? err : audit_append(store, &row, error);
}

/**
 * decide_confirm() - An agent tells how a pairing went.
 * @store: The database, in a transaction.
 * @mid: The module.
 * @sn: The host.
 * @n: Index that the PIN was issued for.
 * @result: "paired", or in one word why not.
 * @actor: Who tells.
 * @now: Seconds since 1970.
 * @error: Receives the reason of a failure.
 *
 * No agent is believed for what the module must prove: a confirmation changes
 * what people see, not index and fork tag. Repeating it is harmless.
 *
 * Return: 0; -ENOENT where no such PIN was issued; or another negative errno.
 */
int decide_confirm(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		   const uint8_t sn[PDT1_ID_LEN], uint32_t n, const char *result,
		   const char *actor, int64_t now, struct domain_error *error)
{
	bool paired = !strcmp(result, "paired");
	struct store_pairing pairing;
	struct audit_row row = {
		.at = now, .actor = actor, .action = "confirm", .mid = mid,
		.sn = sn, .has_n = true, .n = n, .result = "done",
		.cause = result,
	};
	int ret;

	ret = store_get_pairing(store, mid, n, sn, &pairing, error);
	if (!ret)
		return domain_fail(error, -ENOENT,
				   "no PIN was issued for this module, host and index; confirm to the centre that issued it");
	if (ret < 0)
		return ret;
	if (paired && pairing.state != STORE_PAIRING_ISSUED)
		return 0;
	if (paired)
		ret = store_set_pairing(store, mid, n, sn,
					STORE_PAIRING_CONFIRMED, error);
	return ret < 0 ? ret : audit_append(store, &row, error);
}
