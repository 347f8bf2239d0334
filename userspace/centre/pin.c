// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <smpair/pin.h>

#include "centre/centre.h"
#include "centre/issue.h"
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

/* An identifier that cannot be one is kept in the log as it was typed. */
static int refuse_check_digits(struct centre *centre, const char *typed)
{
	const struct store_decision decision = {
		.at = time(NULL), .uid = getuid(), .verb = "pin",
		.result = "refused", .cause = rule_texts[RULE_CHECK_DIGITS].name,
		.detail = typed,
	};
	int err;

	err = store_add_decision(centre->store, &decision, &centre->error);
	if (err)
		return err;
	tell_refusal(RULE_CHECK_DIGITS, 0);
	return -ECANCELED;
}

static int parse_request(struct centre *centre, struct issue_request *request)
{
	const struct centre_args *args = centre->args;
	uint64_t n;
	int err;

	if (args->damm && args->plain)
		return domain_fail(&centre->error, -EDOM,
				   "--plain prints the eight digits only; leave --damm out");
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

	err = centre_id(centre, "module", args->module, request->mid);
	if (err == -EBADMSG)
		return refuse_check_digits(centre, args->module);
	if (err)
		return err;
	err = centre_id(centre, "host", args->host, request->sn);
	if (err == -EBADMSG)
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

/**
 * centre_pin() - Decide on a request for a PIN and print it.
 * @centre: --module, --host, --index, --request-code, --policy, --damm,
 *	--plain, --mac, --domain.
 *
 * Return: As all verbs.
 */
int centre_pin(struct centre *centre)
{
	struct issue_answer answer = { 0 };
	struct issue_request request = { 0 };
	struct provider provider;
	int err;

	err = parse_request(centre, &request);
	if (err)
		return err;
	err = centre_open_provider(centre, &provider);
	if (err)
		return err;
	err = issue_pin(centre->store, &provider, &request, time(NULL), getuid(),
			&answer, &centre->error);
	provider_close(&provider);
	if (err)
		return err;
	if (answer.cause != RULE_ISSUED) {
		tell_refusal(answer.cause, answer.attempts_left);
		return -ECANCELED;
	}
	err = print_pin(centre, answer.pin);
	explicit_bzero(&answer, sizeof(answer));
	return err;
}
