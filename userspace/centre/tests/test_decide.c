// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Decisions against a database, with a module simulated by its state.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "centre/decide.h"
#include "centre/tests/fixture.h"
#include "domain/keys.h"
#include "domain/pin.h"

#define NOW	INT64_C(1800000000)
#define HOSTS	10

static const uint8_t mid[8] = { 2, 1, 0, 0, 0, 0, 0x56, 0x78 };

/* The module's side: what it shows to a host, and what a pairing changes. */
struct card {
	uint8_t policy;
	uint8_t mpin;
	uint32_t n;
	uint8_t ft[8];
};

static void host_sn(unsigned int i, uint8_t sn[8])
{
	memset(sn, 0, 8);
	sn[0] = 1;
	sn[7] = (uint8_t)i;
}

static void kpin_of_card(const struct card *card, uint8_t kpin[32])
{
	uint8_t mpin[32];

	memset(mpin, FIXTURE_MPIN(card->mpin), sizeof(mpin));
	assert_int_equal(domain_kpin(&domain_mac_library, mpin, mid, kpin), 0);
}

static uint32_t card_code(const struct card *card, unsigned int host)
{
	uint8_t kpin[32], sn[8];
	uint32_t code;

	kpin_of_card(card, kpin);
	host_sn(host, sn);
	assert_int_equal(domain_request_code(&domain_mac_library, kpin,
					     card->policy, mid, sn, card->n,
					     card->ft, &code), 0);
	return code;
}

static void card_pair(struct card *card, unsigned int host, const char pin[8])
{
	uint8_t kpin[32], sn[8];
	char expected[8];

	kpin_of_card(card, kpin);
	host_sn(host, sn);
	assert_int_equal(domain_pin(&domain_mac_library, kpin, card->policy, sn,
				    card->n, expected), 0);
	assert_memory_equal(pin, expected, 8);
	if (card->policy == PDT1_PIN_INDEXED)
		assert_int_equal(domain_fork_tag(&domain_mac_library, kpin,
						 card->ft, sn, card->n,
						 card->ft), 0);
	card->n++;
}

static struct decide_request request_of(const struct card *card, unsigned int host,
					uint32_t code, int64_t now)
{
	struct decide_request request = {
		.n = card->n, .code = code, .policy = card->policy,
		.actor = "agent", .now = now,
	};

	memcpy(request.mid, mid, 8);
	host_sn(host, request.sn);
	return request;
}

struct deciding {
	const struct decide_request *request;
	struct decide_answer *answer;
};

static void decide(void *arg)
{
	struct deciding *d = arg;

	fixture_ok(decide_pin(fix.store, fix.provider, d->request, d->answer,
			      &fix.error));
}

static enum rule_cause ask_request(const struct decide_request *request,
				   struct decide_answer *answer)
{
	struct deciding d = { request, answer };

	fixture_change(decide, &d);
	assert_int_equal(answer->result, rule_result(answer->cause));
	return answer->cause;
}

static enum rule_cause ask_code(const struct card *card, unsigned int host,
				uint32_t code, int64_t now,
				struct decide_answer *answer)
{
	struct decide_request request = request_of(card, host, code, now);

	return ask_request(&request, answer);
}

static enum rule_cause ask(const struct card *card, unsigned int host)
{
	struct decide_answer answer;

	return ask_code(card, host, card_code(card, host), NOW, &answer);
}

static enum rule_cause ask_and_pair(struct card *card, unsigned int host,
				    int64_t now)
{
	struct decide_answer answer;
	enum rule_cause cause;

	cause = ask_code(card, host, card_code(card, host), now, &answer);
	if (cause == RULE_ISSUED)
		card_pair(card, host, answer.pin);
	return cause;
}

static void known(uint32_t n, const uint8_t ft[8], const char *hold)
{
	struct store_module module;

	assert_int_equal(store_get_module(fix.store, mid, &module, &fix.error), 1);
	assert_int_equal(module.n, n);
	assert_memory_equal(module.ft, ft, 8);
	assert_string_equal(module.hold, hold);
}

static struct card start(uint8_t policy)
{
	struct card card = { .policy = policy, .mpin = 1 };
	uint8_t sn[8];
	unsigned int i;

	memset(card.ft, 0x99, 8);
	fixture_add_module(mid, policy);
	for (i = 0; i < HOSTS; i++) {
		host_sn(i, sn);
		fixture_add_host(sn, PDT1_RIGHT_LIST);
	}
	return card;
}

static void release(void *arg)
{
	struct store_module module;

	(void)arg;
	assert_int_equal(store_get_module(fix.store, mid, &module, &fix.error), 1);
	module.hold[0] = '\0';
	fixture_ok(store_set_module(fix.store, &module, &fix.error));
}

static void forgive(void *arg)
{
	fixture_ok(store_set_wrong(fix.store, mid, arg, 0, &fix.error));
}

static void indexed_pins_follow_the_module(void **state)
{
	struct card card = start(PDT1_PIN_INDEXED);
	uint8_t before[8];
	unsigned int i;

	(void)state;
	for (i = 0; i < 6; i++) {
		memcpy(before, card.ft, 8);
		assert_int_equal(ask_and_pair(&card, i % 3, NOW), RULE_ISSUED);
		/* The centre learns of the pairing by the next request. */
		known(i, before, "");
	}
	assert_int_equal(ask(&card, 7), RULE_ISSUED);
	known(6, card.ft, "");
}

static void a_pin_is_issued_again_while_nobody_pairs(void **state)
{
	struct card card = start(PDT1_PIN_INDEXED);
	struct decide_answer first, second;

	(void)state;
	ask_code(&card, 1, card_code(&card, 1), NOW, &first);
	ask_code(&card, 1, card_code(&card, 1), NOW, &second);
	assert_memory_equal(first.pin, second.pin, 8);
	known(0, card.ft, "");
}

static void the_host_that_used_its_pin_is_found_among_eight(void **state)
{
	struct card card = start(PDT1_PIN_INDEXED);
	struct decide_answer answer, last;
	unsigned int i;

	(void)state;
	for (i = 0; i < 8; i++)
		assert_int_equal(ask_code(&card, i, card_code(&card, i), NOW,
					  i == 5 ? &last : &answer), RULE_ISSUED);
	assert_int_equal(ask(&card, 8), RULE_TOO_MANY_HOSTS);
	card_pair(&card, 5, last.pin);
	assert_int_equal(ask(&card, 8), RULE_ISSUED);
	known(1, card.ft, "");
}

static void an_older_copy_is_found_and_holds_the_module(void **state)
{
	struct card card = start(PDT1_PIN_INDEXED), copy = card, at_1;

	(void)state;
	assert_int_equal(ask_and_pair(&card, 1, NOW), RULE_ISSUED);
	at_1 = card;
	assert_int_equal(ask_and_pair(&card, 2, NOW), RULE_ISSUED);
	assert_int_equal(ask(&copy, 3), RULE_ROLLBACK);
	known(1, at_1.ft, "rollback");
}

static void a_fork_is_found_when_both_copies_moved_on(void **state)
{
	struct card card = start(PDT1_PIN_INDEXED), copy;
	struct decide_answer first, second;

	(void)state;
	copy = card;
	assert_int_equal(ask_code(&card, 1, card_code(&card, 1), NOW, &first),
			 RULE_ISSUED);
	assert_int_equal(ask_code(&copy, 2, card_code(&copy, 2), NOW, &second),
			 RULE_ISSUED);
	card_pair(&card, 1, first.pin);
	card_pair(&copy, 2, second.pin);
	assert_int_equal(ask(&card, 3), RULE_ISSUED);
	assert_int_equal(ask(&copy, 3), RULE_CLONE);
	known(1, card.ft, "clone");
	assert_int_equal(ask(&card, 3), RULE_MODULE_HELD);
	fixture_change(release, NULL);
	assert_int_equal(ask(&card, 3), RULE_ISSUED);
}

static void three_wrong_codes_hold_one_requester_only(void **state)
{
	struct card card = start(PDT1_PIN_INDEXED);
	struct decide_answer answer;
	uint32_t wrong = (card_code(&card, 1) + 1) % PDT1_RQ_MODULUS;
	uint8_t sn[8];

	(void)state;
	assert_int_equal(ask_code(&card, 1, wrong, NOW, &answer), RULE_REQUEST_CODE);
	assert_int_equal(answer.attempts_left, 2);
	assert_int_equal(ask_code(&card, 1, wrong, NOW, &answer), RULE_REQUEST_CODE);
	assert_int_equal(answer.attempts_left, 1);
	assert_int_equal(ask_code(&card, 1, wrong, NOW, &answer),
			 RULE_REQUEST_CODE_LAST);
	assert_int_equal(answer.attempts_left, 0);
	assert_int_equal(ask(&card, 1), RULE_REQUESTER_HELD);
	assert_int_equal(ask(&card, 2), RULE_ISSUED);

	host_sn(1, sn);
	fixture_change(forgive, sn);
	assert_int_equal(ask(&card, 1), RULE_ISSUED);
}

static void a_right_code_starts_the_count_afresh(void **state)
{
	struct card card = start(PDT1_PIN_INDEXED);
	struct decide_answer answer;
	uint32_t right = card_code(&card, 1), wrong = (right + 1) % 1000000;
	int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		assert_int_equal(ask_code(&card, 1, wrong, NOW, &answer),
				 RULE_REQUEST_CODE);
		assert_int_equal(ask_code(&card, 1, wrong, NOW, &answer),
				 RULE_REQUEST_CODE);
		assert_int_equal(ask_code(&card, 1, right, NOW, &answer),
				 RULE_ISSUED);
	}
}

static void ten_pins_a_day_then_the_next_day(void **state)
{
	struct card card = start(PDT1_PIN_INDEXED);
	int i;

	(void)state;
	for (i = 0; i < 10; i++)
		assert_int_equal(ask_and_pair(&card, 1, NOW + i), RULE_ISSUED);
	assert_int_equal(ask_and_pair(&card, 1, NOW + 86399), RULE_DAILY_LIMIT);
	assert_int_equal(ask_and_pair(&card, 1, NOW + 86400), RULE_ISSUED);
	assert_int_equal(ask_and_pair(&card, 1, NOW + 86400), RULE_DAILY_LIMIT);
	/* A clock that was put back does not open the gate. */
	assert_int_equal(ask_and_pair(&card, 1, NOW - 86400), RULE_DAILY_LIMIT);
}

static void other_policies_accept_an_index_that_grew(void **state)
{
	struct card card = start(PDT1_PIN_PAIR), copy;

	(void)state;
	assert_int_equal(ask_and_pair(&card, 1, NOW), RULE_ISSUED);
	copy = card;
	assert_int_equal(ask(&card, 2), RULE_ISSUED);
	card.n += 50;
	assert_int_equal(ask(&card, 2), RULE_ISSUED);
	known(51, card.ft, "");
	/* This index was seen and left. */
	assert_int_equal(ask(&copy, 2), RULE_ROLLBACK);
	known(51, card.ft, "rollback");
}

static void a_policy_without_pin_never_issues_one(void **state)
{
	struct card card = start(PDT1_PIN_NONE);

	(void)state;
	assert_int_equal(ask(&card, 1), RULE_NO_PIN);
}

struct denial {
	const uint8_t *mid;
	const uint8_t *sn;
	bool denied;
};

static void set_denial(void *arg)
{
	const struct denial *d = arg;
	const struct store_deny deny = {
		.mid = d->mid, .sn = d->sn, .reason = "", .actor = "test",
	};

	fixture_ok(d->denied ? store_add_deny(fix.store, &deny, &fix.error) :
		   store_remove_deny(fix.store, d->mid, d->sn, &fix.error));
}

static void set_denied(const uint8_t *module, const uint8_t *sn, bool denied)
{
	struct denial d = { module, sn, denied };

	fixture_change(set_denial, &d);
}

static void denied_and_unknown_get_nothing(void **state)
{
	struct card card = start(PDT1_PIN_INDEXED);
	uint8_t sn[8];

	(void)state;
	host_sn(1, sn);
	assert_int_equal(ask(&card, HOSTS), RULE_UNKNOWN_HOST);
	set_denied(mid, sn, true);
	assert_int_equal(ask(&card, 1), RULE_PAIR_DENIED);
	assert_int_equal(ask(&card, 2), RULE_ISSUED);
	set_denied(mid, sn, false);
	set_denied(NULL, sn, true);
	assert_int_equal(ask(&card, 1), RULE_HOST_DENIED);
	set_denied(NULL, sn, false);
	set_denied(mid, NULL, true);
	assert_int_equal(ask(&card, 1), RULE_MODULE_DENIED);
	set_denied(mid, NULL, false);
	assert_int_equal(ask(&card, 1), RULE_ISSUED);
}

static int count_rows(const struct audit_row *row, void *arg)
{
	(void)row;
	++*(unsigned int *)arg;
	return 0;
}

static unsigned int rows(void)
{
	const struct audit_filter all = { .mid = NULL };
	unsigned int count = 0;

	fixture_ok(audit_each(fix.store, &all, count_rows, &count, &fix.error));
	return count;
}

static void set_generation(void *arg)
{
	struct store_module module;

	assert_int_equal(store_get_module(fix.store, mid, &module, &fix.error), 1);
	module.mpin = *(uint16_t *)arg;
	fixture_ok(store_set_module(fix.store, &module, &fix.error));
}

static void a_failing_provider_issues_and_records_nothing(void **state)
{
	struct card card = start(PDT1_PIN_INDEXED);
	struct decide_request request = request_of(&card, 1, card_code(&card, 1),
						   NOW);
	struct decide_answer answer;
	static const char none[8];
	uint16_t g = 3;

	(void)state;
	fixture_change(set_generation, &g);
	fixture_ok(store_begin(fix.store, &fix.error));
	assert_int_equal(decide_pin(fix.store, fix.provider, &request, &answer,
				    &fix.error), -ENOKEY);
	store_rollback(fix.store);
	assert_memory_equal(answer.pin, none, 8);
	assert_int_equal(rows(), 0);
	g = 1;
	fixture_change(set_generation, &g);
	assert_int_equal(ask(&card, 1), RULE_ISSUED);
	assert_int_equal(rows(), 1);
}

/* ---- terms ---- */

static void set_terms(void *arg)
{
	fixture_ok(store_set_terms(fix.store, -1, -1, arg, &fix.error));
}

static void confirm(const struct card *card, unsigned int host, uint32_t n)
{
	uint8_t sn[8];

	(void)card;
	host_sn(host, sn);
	fixture_ok(store_begin(fix.store, &fix.error));
	fixture_ok(decide_confirm(fix.store, mid, sn, n, "paired", "agent", NOW,
				  &fix.error));
	fixture_ok(store_commit(fix.store, &fix.error));
}

#define ALLOWED .allowed = true, .change_days = 30

static void terms_limit_the_hosts_of_a_module(void **state)
{
	struct rule_terms terms = { ALLOWED, .hosts_per_module = 2 };
	struct card card = start(PDT1_PIN_INDEXED);

	(void)state;
	fixture_change(set_terms, &terms);
	assert_int_equal(ask_and_pair(&card, 1, NOW), RULE_ISSUED);
	confirm(&card, 1, 0);
	assert_int_equal(ask_and_pair(&card, 2, NOW), RULE_ISSUED);
	/* As the agent says, or as the next request shows. */
	confirm(&card, 2, 1);
	assert_int_equal(ask(&card, 3), RULE_HOSTS_PER_MODULE);
	assert_int_equal(ask_and_pair(&card, 1, NOW), RULE_ISSUED);
}

static void terms_limit_how_often_a_module_moves(void **state)
{
	struct rule_terms terms = { ALLOWED, .changes = 2 };
	struct card card = start(PDT1_PIN_INDEXED);

	(void)state;
	fixture_change(set_terms, &terms);
	assert_int_equal(ask_and_pair(&card, 1, NOW), RULE_ISSUED);
	assert_int_equal(ask_and_pair(&card, 2, NOW + 86400), RULE_ISSUED);
	assert_int_equal(ask_and_pair(&card, 3, NOW + 2 * 86400),
			 RULE_HOST_CHANGES);
	/* Once the first change is out of the 30 days there is room again. */
	assert_int_equal(ask_and_pair(&card, 3, NOW + 30 * 86400), RULE_ISSUED);
}

static void subscribe(void *arg)
{
	const int64_t *times = arg;

	fixture_ok(store_set_subscription(fix.store, mid, times[0], times[1],
					  &fix.error));
}

static void terms_need_a_subscription_that_runs(void **state)
{
	struct rule_terms terms = { ALLOWED, .need_subscription = true };
	struct card card = start(PDT1_PIN_INDEXED);
	int64_t times[2] = { NOW + 10, NOW + 20 };
	struct decide_answer answer;

	(void)state;
	fixture_change(set_terms, &terms);
	assert_int_equal(ask(&card, 1), RULE_SUBSCRIPTION);
	fixture_change(subscribe, times);
	assert_int_equal(ask(&card, 1), RULE_SUBSCRIPTION);
	assert_int_equal(ask_code(&card, 1, card_code(&card, 1), NOW + 10,
				  &answer), RULE_ISSUED);
	assert_int_equal(ask_code(&card, 1, card_code(&card, 1), NOW + 20,
				  &answer), RULE_SUBSCRIPTION);
}

static void terms_need_rights_and_issuers(void **state)
{
	struct rule_terms terms = { ALLOWED, .need_rights = PDT1_RIGHT_EVICT };
	struct card card = start(PDT1_PIN_INDEXED);

	(void)state;
	fixture_change(set_terms, &terms);
	assert_int_equal(ask(&card, 1), RULE_RIGHTS);
	terms = (struct rule_terms) { ALLOWED, .need_rights = PDT1_RIGHT_LIST };
	fixture_change(set_terms, &terms);
	assert_int_equal(ask(&card, 1), RULE_ISSUED);
	terms.allowed = false;
	fixture_change(set_terms, &terms);
	assert_int_equal(ask(&card, 1), RULE_ISSUERS);
	/* What is said of these two issuers goes before what is said of all. */
	terms.allowed = true;
	fixture_ok(store_begin(fix.store, &fix.error));
	fixture_ok(store_set_terms(fix.store, 0x201, 0x100, &terms, &fix.error));
	fixture_ok(store_commit(fix.store, &fix.error));
	assert_int_equal(ask(&card, 1), RULE_ISSUED);
}

/* ---- delivery ---- */

static void a_hotline_request_waits_for_another_person(void **state)
{
	struct rule_terms terms = { ALLOWED, .hotline = true };
	struct card card = start(PDT1_PIN_INDEXED);
	struct decide_answer answer, again, fetched;
	struct decide_request request;

	(void)state;
	fixture_change(set_terms, &terms);
	request = request_of(&card, 1, card_code(&card, 1), NOW);
	assert_int_equal(ask_request(&request, &answer), RULE_HOTLINE);
	assert_int_equal(ask_request(&request, &again), RULE_HOTLINE);
	assert_memory_equal(answer.request_id, again.request_id,
			    STORE_REQUEST_ID_LEN);

	fixture_ok(store_begin(fix.store, &fix.error));
	fixture_ok(decide_fetch(fix.store, fix.provider, answer.request_id,
				"agent", NOW, &fetched, &fix.error));
	assert_int_equal(fetched.result, RULE_RESULT_HELD);
	assert_int_equal(decide_fetch(fix.store, fix.provider,
				      answer.request_id, "other", NOW, &fetched,
				      &fix.error), -ENOENT);
	assert_int_equal(decide_release(fix.store, answer.request_id, true, NULL,
					"agent", NOW, &fix.error), -EPERM);
	fixture_ok(decide_release(fix.store, answer.request_id, true, NULL,
				  "olga", NOW, &fix.error));
	assert_int_equal(decide_release(fix.store, answer.request_id, false, NULL,
					"olga", NOW, &fix.error), -EALREADY);
	fixture_ok(decide_fetch(fix.store, fix.provider, answer.request_id,
				"agent", NOW, &fetched, &fix.error));
	assert_int_equal(fetched.result, RULE_RESULT_ISSUED);
	fixture_ok(store_commit(fix.store, &fix.error));
	card_pair(&card, 1, fetched.pin);

	/* A person who asks gets it at once. */
	request = request_of(&card, 2, card_code(&card, 2), NOW);
	request.by_person = true;
	assert_int_equal(ask_request(&request, &answer), RULE_ISSUED);
}

static void a_refused_or_forgotten_request_is_of_no_use(void **state)
{
	struct rule_terms terms = { ALLOWED, .hotline = true };
	struct card card = start(PDT1_PIN_INDEXED);
	struct decide_answer answer, fetched;
	struct decide_request request;

	(void)state;
	fixture_change(set_terms, &terms);
	request = request_of(&card, 1, card_code(&card, 1), NOW);
	assert_int_equal(ask_request(&request, &answer), RULE_HOTLINE);
	fixture_ok(store_begin(fix.store, &fix.error));
	assert_int_equal(decide_fetch(fix.store, fix.provider, answer.request_id,
				      "agent", NOW + DECIDE_HELD_SECONDS + 1,
				      &fetched, &fix.error), -ECANCELED);
	fixture_ok(decide_release(fix.store, answer.request_id, false, "no",
				  "olga", NOW, &fix.error));
	assert_int_equal(decide_fetch(fix.store, fix.provider, answer.request_id,
				      "agent", NOW, &fetched, &fix.error),
			 -ECANCELED);
	fixture_ok(store_commit(fix.store, &fix.error));
}

/* ---- repeating ---- */

static void a_repeated_request_is_decided_once(void **state)
{
	static const uint8_t digest[32] = { 1 }, other[32] = { 2 };
	struct card card = start(PDT1_PIN_INDEXED);
	struct decide_answer first, second;
	struct decide_request request;

	(void)state;
	request = request_of(&card, 1, card_code(&card, 1), NOW);
	request.key = "key-of-a-request";
	request.digest = digest;
	assert_int_equal(ask_request(&request, &first), RULE_ISSUED);
	assert_int_equal(ask_request(&request, &second), RULE_ISSUED);
	assert_memory_equal(first.pin, second.pin, 8);
	assert_int_equal(rows(), 1);
	request.digest = other;
	fixture_ok(store_begin(fix.store, &fix.error));
	assert_int_equal(decide_pin(fix.store, fix.provider, &request, &second,
				    &fix.error), -EEXIST);
	store_rollback(fix.store);
}

/* ---- the dry run ---- */

struct told {
	enum rule_cause refused;
	unsigned int count;
};

static void tell(enum rule_cause cause, bool passed, void *arg)
{
	struct told *told = arg;

	told->count++;
	if (!passed && told->refused == RULE_ISSUED)
		told->refused = cause;
}

static void a_dry_run_names_the_rule_and_changes_nothing(void **state)
{
	struct card card = start(PDT1_PIN_INDEXED);
	struct decide_request request;
	struct told told = { RULE_ISSUED, 0 };
	enum rule_cause cause;
	uint8_t sn[8];

	(void)state;
	request = request_of(&card, 1, card_code(&card, 1), NOW);
	fixture_ok(decide_check(fix.store, fix.provider, &request, tell, &told,
				&cause, &fix.error));
	assert_int_equal(cause, RULE_ISSUED);
	assert_int_equal(told.refused, RULE_ISSUED);
	assert_true(told.count > 15);
	host_sn(1, sn);
	set_denied(NULL, sn, true);
	fixture_ok(decide_check(fix.store, fix.provider, &request, tell, &told,
				&cause, &fix.error));
	assert_int_equal(cause, RULE_HOST_DENIED);
	assert_int_equal(told.refused, RULE_HOST_DENIED);
	assert_int_equal(rows(), 0);
}

/* Neither the PIN nor its digits in any grouping. */
static void the_database_holds_no_pin(void **state)
{
	struct card card = start(PDT1_PIN_INDEXED);
	struct decide_answer answer;
	char pin[PDT1_PIN_LEN + 1] = "";

	(void)state;
	assert_int_equal(ask_code(&card, 1, card_code(&card, 1), NOW, &answer),
			 RULE_ISSUED);
	memcpy(pin, answer.pin, PDT1_PIN_LEN);
	assert_false(testdb_holds(pin));
	/* It would be found, as this is. */
	assert_true(testdb_holds("issued"));
}

#define T(name)	cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(indexed_pins_follow_the_module),
		T(a_pin_is_issued_again_while_nobody_pairs),
		T(the_host_that_used_its_pin_is_found_among_eight),
		T(an_older_copy_is_found_and_holds_the_module),
		T(a_fork_is_found_when_both_copies_moved_on),
		T(three_wrong_codes_hold_one_requester_only),
		T(a_right_code_starts_the_count_afresh),
		T(ten_pins_a_day_then_the_next_day),
		T(other_policies_accept_an_index_that_grew),
		T(a_policy_without_pin_never_issues_one),
		T(denied_and_unknown_get_nothing),
		T(a_failing_provider_issues_and_records_nothing),
		T(terms_limit_the_hosts_of_a_module),
		T(terms_limit_how_often_a_module_moves),
		T(terms_need_a_subscription_that_runs),
		T(terms_need_rights_and_issuers),
		T(a_hotline_request_waits_for_another_person),
		T(a_refused_or_forgotten_request_is_of_no_use),
		T(a_repeated_request_is_decided_once),
		T(a_dry_run_names_the_rule_and_changes_nothing),
		T(the_database_holds_no_pin),
	};

	return cmocka_run_group_tests_name("centre-decide", tests, fixture_make,
					   fixture_remove);
}
