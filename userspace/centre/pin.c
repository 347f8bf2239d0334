// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <smpair/pin.h>

#include "centre/centre.h"
#include "centre/decide.h"
#include "centre/request_code.h"
#include "domain/number.h"
#include "domain/policy.h"

static int parse_policy(struct centre *centre, int *policy)
{
	*policy = -1;
	if (!centre->args->policy)
		return 0;
	*policy = domain_pin_policy(centre->args->policy);
	if (*policy < 0)
		return domain_fail(&centre->error, -EDOM,
				   "--policy takes none, module, pair or indexed");
	return 0;
}

static int parse_code(struct centre *centre, uint32_t *code)
{
	if (request_code_parse(centre->args->request_code, code))
		return 0;
	return domain_fail(&centre->error, -EDOM,
			   "--request-code takes the six digits that the host shows, leading zeros included");
}

static void tell_refusal(enum rule_cause cause, unsigned int attempts_left)
{
	const struct rule_text *text = &rule_texts[cause];

	fprintf(stderr, "smpair-centre: refused: %s: %s\n", text->name, text->what);
	if (cause == RULE_REQUEST_CODE)
		fprintf(stderr, "attempts left: %u\n", attempts_left);
	fprintf(stderr, "next: %s\n", text->next);
}

static int record_check_digits(struct centre *centre, void *arg)
{
	struct audit_row row = {
		.at = time(NULL), .actor = centre->actor, .action = "pin",
		.result = "refused", .cause = rule_texts[RULE_CHECK_DIGITS].name,
		.detail = arg,
	};

	return audit_append(centre->store, &row, &centre->error);
}

/* An identifier that cannot be one is kept in the trail as it was typed. */
static int refuse_check_digits(struct centre *centre, const char *typed)
{
	int err;

	err = centre_change(centre, record_check_digits, (void *)typed);
	if (err)
		return err;
	tell_refusal(RULE_CHECK_DIGITS, 0);
	return -ECANCELED;
}

static int parse_request(struct centre *centre, struct decide_request *request,
			 bool dry)
{
	const struct centre_args *args = centre->args;
	uint64_t n;
	int err;

	if (!args->index)
		return domain_fail(&centre->error, -EDOM,
				   "--index is missing; take it from the host's display");
	err = domain_number("index", args->index, 0, UINT32_MAX, &n,
			    &centre->error);
	if (!err)
		err = parse_code(centre, &request->code);
	if (!err)
		err = parse_policy(centre, &request->policy);
	if (err)
		return err;
	request->n = (uint32_t)n;
	request->actor = centre->actor;
	request->by_person = !dry;
	request->now = time(NULL);

	err = centre_id(centre, "module", args->module, request->mid);
	if (err == -EBADMSG && !dry)
		return refuse_check_digits(centre, args->module);
	if (err)
		return err;
	err = centre_id(centre, "host", args->host, request->sn);
	if (err == -EBADMSG && !dry)
		return refuse_check_digits(centre, args->host);
	return err;
}

/* Not by way of stdio, whose buffer would keep the PIN. */
static int print_pin(struct centre *centre, const char pin[PDT1_PIN_LEN])
{
	char line[16];
	int len, err = 0;

	if (centre->args->plain)
		len = snprintf(line, sizeof(line), "%.8s\n", pin);
	else if (centre->args->damm)
		len = snprintf(line, sizeof(line), "%.4s %.4s %c\n", pin, pin + 4,
			       smpair_pin_check_digit(pin));
	else
		len = snprintf(line, sizeof(line), "%.4s %.4s\n", pin, pin + 4);
	if (write(STDOUT_FILENO, line, (size_t)len) != len)
		err = domain_fail(&centre->error, -EIO,
				  "the PIN is issued but could not be printed; repeat the command");
	explicit_bzero(line, sizeof(line));
	return err;
}

struct asking {
	struct decide_request request;
	struct decide_answer answer;
};

static int ask(struct centre *centre, void *arg)
{
	struct asking *asking = arg;

	return decide_pin(centre->store, centre->provider, &asking->request,
			  &asking->answer, &centre->error);
}

/**
 * centre_pin() - Decide on a request for a PIN and print it.
 * @centre: --module, --host, --index, --request-code, --policy, --damm,
 *	--plain.
 *
 * Return: As all verbs.
 */
int centre_pin(struct centre *centre)
{
	struct asking asking = { .answer = { .cause = RULE_ISSUED } };
	int err;

	if (centre->args->damm && centre->args->plain)
		return domain_fail(&centre->error, -EDOM,
				   "--plain prints the eight digits only; leave --damm out");
	err = parse_request(centre, &asking.request, false);
	if (!err)
		err = centre_change(centre, ask, &asking);
	if (!err && asking.answer.result == RULE_RESULT_ISSUED) {
		err = print_pin(centre, asking.answer.pin);
	} else if (!err) {
		tell_refusal(asking.answer.cause, asking.answer.attempts_left);
		err = -ECANCELED;
	}
	explicit_bzero(&asking, sizeof(asking));
	return err;
}

static void tell_rule(enum rule_cause cause, bool passed, void *arg)
{
	(void)arg;
	printf("%-18s %s\n", rule_texts[cause].name, passed ? "passes" :
	       rule_result(cause) == RULE_RESULT_HELD ? "holds" : "refuses");
}

/**
 * centre_check() - Tell which rule would decide on a request; a dry run.
 * @centre: --module, --host, --index, --request-code, --policy.
 *
 * Return: As all verbs; -ECANCELED where the request would be refused.
 */
int centre_check(struct centre *centre)
{
	struct decide_request request = { .policy = -1 };
	enum rule_cause cause;
	int err;

	err = parse_request(centre, &request, true);
	if (err)
		return err;
	err = decide_check(centre->store, centre->provider, &request, tell_rule,
			   NULL, &cause, &centre->error);
	if (err)
		return err;
	if (cause == RULE_ISSUED) {
		puts("a PIN would be issued");
		return 0;
	}
	printf("would be %s: %s: %s\nnext: %s\n",
	       rule_result(cause) == RULE_RESULT_HELD ? "held for a person" :
	       "refused", rule_texts[cause].name, rule_texts[cause].what,
	       rule_texts[cause].next);
	return rule_result(cause) == RULE_RESULT_HELD ? 0 : -ECANCELED;
}
