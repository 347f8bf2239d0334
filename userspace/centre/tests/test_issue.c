// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Issuing PINs against a database, with a module simulated by its state.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "centre/issue.h"
#include "domain/keys.h"
#include "domain/pin.h"

#define NOW	INT64_C(1800000000)
#define HOSTS	10

static char folder[] = "/tmp/smpair-issue-XXXXXX";
static char path[64];
static const uint8_t mpin[32] = { 0x55 };
static const uint8_t mid[8] = { 2, 1, 0, 0, 0, 0, 0x56, 0x78 };
static struct provider provider = { .mac = &domain_mac_library, .mpin = mpin };
static struct store *store;
static struct domain_error error;

/* The module's side: what it shows to a host, and what a pairing changes. */
struct card {
	uint8_t policy;
	uint32_t n;
	uint8_t ft[8];
};

static void host_sn(unsigned int i, uint8_t sn[8])
{
	memset(sn, 0, 8);
	sn[0] = 1;
	sn[7] = (uint8_t)i;
}

static void kpin_of_card(uint8_t kpin[32])
{
	assert_int_equal(domain_kpin(&domain_mac_library, mpin, mid, kpin), 0);
}

static uint32_t card_code(const struct card *card, unsigned int host)
{
	uint8_t kpin[32], sn[8];
	uint32_t code;

	kpin_of_card(kpin);
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

	kpin_of_card(kpin);
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

static enum rule_cause ask_code(const struct card *card, unsigned int host,
				uint32_t code, int64_t now,
				struct issue_answer *answer)
{
	struct issue_request request = {
		.n = card->n, .code = code, .policy = card->policy,
	};

	memcpy(request.mid, mid, 8);
	host_sn(host, request.sn);
	memset(answer, 0, sizeof(*answer));
	if (issue_pin(store, &provider, &request, now, 0, answer, &error))
		fail_msg("%s", error.text);
	return answer->cause;
}

static enum rule_cause ask(const struct card *card, unsigned int host)
{
	struct issue_answer answer;

	return ask_code(card, host, card_code(card, host), NOW, &answer);
}

static enum rule_cause ask_and_pair(struct card *card, unsigned int host,
				    int64_t now)
{
	struct issue_answer answer;
	enum rule_cause cause;

	cause = ask_code(card, host, card_code(card, host), now, &answer);
	if (cause == RULE_ISSUED)
		card_pair(card, host, answer.pin);
	return cause;
}

static void known(uint32_t n, const uint8_t ft[8], const char *hold)
{
	struct store_module module;

	assert_int_equal(store_get_module(store, mid, &module, &error), 1);
	assert_int_equal(module.n, n);
	assert_memory_equal(module.ft, ft, 8);
	assert_string_equal(module.hold, hold);
}

static struct card start(uint8_t policy)
{
	struct store_domain domain = { .dom = 1, .path = path };
	struct store_module module = { .ptc_max = 5, .pin_policy = policy };
	struct store_host host = { .rights = 3 };
	struct card card = { .policy = policy };
	unsigned int i;

	memset(card.ft, 0x99, 8);
	memcpy(module.mid, mid, 8);
	memcpy(module.ft, card.ft, 8);
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, &error), 0);
	assert_int_equal(store_add_module(store, &module, &error), 0);
	for (i = 0; i < HOSTS; i++) {
		host_sn(i, host.sn);
		assert_int_equal(store_add_host(store, &host, &error), 0);
	}
	return card;
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
	struct issue_answer first, second;

	(void)state;
	ask_code(&card, 1, card_code(&card, 1), NOW, &first);
	ask_code(&card, 1, card_code(&card, 1), NOW, &second);
	assert_memory_equal(first.pin, second.pin, 8);
	known(0, card.ft, "");
}

static void the_host_that_used_its_pin_is_found_among_eight(void **state)
{
	struct card card = start(PDT1_PIN_INDEXED);
	struct issue_answer answer, last;
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
	assert_int_equal(ask(&copy, 3), RULE_CLONE);
	known(1, at_1.ft, "clone");
}

static void a_fork_is_found_when_both_copies_moved_on(void **state)
{
	struct card card = start(PDT1_PIN_INDEXED), copy;
	struct issue_answer first, second;

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
	assert_int_equal(store_set_hold(store, mid, NULL, &error), 0);
	assert_int_equal(ask(&card, 3), RULE_ISSUED);
}

static void three_wrong_codes_hold_one_requester_only(void **state)
{
	struct card card = start(PDT1_PIN_INDEXED);
	struct issue_answer answer;
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
	assert_int_equal(store_set_wrong(store, mid, sn, 0, &error), 0);
	assert_int_equal(ask(&card, 1), RULE_ISSUED);
}

static void a_right_code_starts_the_count_afresh(void **state)
{
	struct card card = start(PDT1_PIN_INDEXED);
	struct issue_answer answer;
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
	assert_int_equal(ask(&copy, 2), RULE_CLONE);
	known(51, card.ft, "clone");
}

static void a_policy_without_pin_never_issues_one(void **state)
{
	struct card card = start(PDT1_PIN_NONE);

	(void)state;
	assert_int_equal(ask(&card, 1), RULE_NO_PIN);
}

static void denied_and_unknown_get_nothing(void **state)
{
	struct card card = start(PDT1_PIN_INDEXED);
	uint8_t sn[8];

	(void)state;
	host_sn(1, sn);
	assert_int_equal(ask(&card, HOSTS), RULE_UNKNOWN_HOST);
	assert_int_equal(store_set_denied(store, mid, sn, true, &error), 0);
	assert_int_equal(ask(&card, 1), RULE_PAIR_DENIED);
	assert_int_equal(ask(&card, 2), RULE_ISSUED);
	assert_int_equal(store_set_denied(store, mid, sn, false, &error), 0);
	assert_int_equal(store_set_denied(store, NULL, sn, true, &error), 0);
	assert_int_equal(ask(&card, 1), RULE_HOST_DENIED);
	assert_int_equal(store_set_denied(store, NULL, sn, false, &error), 0);
	assert_int_equal(store_set_denied(store, mid, NULL, true, &error), 0);
	assert_int_equal(ask(&card, 1), RULE_MODULE_DENIED);
	assert_int_equal(store_set_denied(store, mid, NULL, false, &error), 0);
	assert_int_equal(ask(&card, 1), RULE_ISSUED);
}

static int failing_hmac(const struct domain_mac *mac, const uint8_t *key,
			const void *data, size_t len, uint8_t out[32])
{
	(void)mac;
	(void)key;
	(void)data;
	(void)len;
	memset(out, 0, 32);
	return -5;
}

static int count_decisions(const struct store_decision *decision, void *arg)
{
	(void)decision;
	++*(int *)arg;
	return 0;
}

static void a_failing_provider_issues_and_records_nothing(void **state)
{
	static const struct domain_mac failing = { .hmac = failing_hmac };
	struct provider broken = { .mac = &failing };
	struct card card = start(PDT1_PIN_INDEXED);
	struct issue_request request = { .n = 0, .policy = -1 };
	struct issue_answer answer = { 0 };
	static const char none[8];
	int count = 0;

	(void)state;
	memcpy(request.mid, mid, 8);
	host_sn(1, request.sn);
	request.code = card_code(&card, 1);
	assert_int_equal(issue_pin(store, &broken, &request, NOW, 0, &answer,
				   &error), -5);
	assert_memory_equal(answer.pin, none, 8);
	assert_int_equal(store_each_decision(store, NULL, NULL, count_decisions,
					     &count, &error), 0);
	assert_int_equal(count, 0);
	/* No transaction is left open. */
	assert_int_equal(ask(&card, 1), RULE_ISSUED);
}

/* Neither the PIN nor its digits in any grouping. */
static void the_database_holds_no_pin(void **state)
{
	struct card card = start(PDT1_PIN_INDEXED);
	struct issue_answer answer;
	static uint8_t bytes[1 << 20];
	char name[80];
	size_t len, i;
	FILE *file;
	int wal;

	(void)state;
	assert_int_equal(ask_code(&card, 1, card_code(&card, 1), NOW, &answer),
			 RULE_ISSUED);
	for (wal = 0; wal < 2; wal++) {
		snprintf(name, sizeof(name), "%s%s", path, wal ? "-wal" : "");
		file = fopen(name, "r");
		assert_non_null(file);
		len = fread(bytes, 1, sizeof(bytes), file);
		fclose(file);
		assert_true(len > 8 && len < sizeof(bytes));
		for (i = 0; i + 8 <= len; i++)
			assert_true(memcmp(bytes + i, answer.pin, 8));
	}
}

static int make(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/centre.db", folder);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	store_close(store);
	return unlink(path);
}

static int drop(void **state)
{
	(void)state;
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(indexed_pins_follow_the_module, stop),
		cmocka_unit_test_teardown(a_pin_is_issued_again_while_nobody_pairs, stop),
		cmocka_unit_test_teardown(the_host_that_used_its_pin_is_found_among_eight, stop),
		cmocka_unit_test_teardown(an_older_copy_is_found_and_holds_the_module, stop),
		cmocka_unit_test_teardown(a_fork_is_found_when_both_copies_moved_on, stop),
		cmocka_unit_test_teardown(three_wrong_codes_hold_one_requester_only, stop),
		cmocka_unit_test_teardown(a_right_code_starts_the_count_afresh, stop),
		cmocka_unit_test_teardown(ten_pins_a_day_then_the_next_day, stop),
		cmocka_unit_test_teardown(other_policies_accept_an_index_that_grew, stop),
		cmocka_unit_test_teardown(a_policy_without_pin_never_issues_one, stop),
		cmocka_unit_test_teardown(denied_and_unknown_get_nothing, stop),
		cmocka_unit_test_teardown(a_failing_provider_issues_and_records_nothing, stop),
		cmocka_unit_test_teardown(the_database_holds_no_pin, stop),
	};

	return cmocka_run_group_tests_name("centre-issue", tests, make, drop);
}
