// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands to modules, receipts and reports at the command line: manage,
 * commands, receipt, nonce, report.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <smpair/names.h>
#include <smpair/text.h>

#include "centre/centre.h"
#include "centre/order_json.h"
#include "domain/policy.h"
#include "domain/secret.h"

struct making {
	const struct order_kind *kind;
	struct order order;
	struct domain domain;
	struct store_command command;
};

static int read_u8(struct centre *centre, const char *option, const char *text,
		   unsigned int min, unsigned int max, uint8_t *out)
{
	uint64_t value = 0;
	int err = centre_number(centre, option, text, min, max, &value);

	*out = (uint8_t)value;
	return err;
}

static int read_evict(struct centre *centre, uint8_t *evict)
{
	const char *text = centre->args->evict;

	for (*evict = 0; *evict <= PDT1_EVICT_APPROVED; ++*evict)
		if (text && !strcmp(text, smpair_evict_policy_name(*evict)))
			return 0;
	return domain_fail(&centre->error, -EDOM,
			   "--evict takes never, activity or approved");
}

static int read_policy(struct centre *centre, struct order_policy *policy)
{
	const struct centre_args *args = centre->args;
	uint64_t settings = 0;
	int pin, err;

	pin = args->policy ? domain_pin_policy(args->policy) : -1;
	if (pin < 0)
		return domain_fail(&centre->error, -EDOM,
				   "--policy takes none, module, pair or indexed");
	policy->pin = (uint8_t)pin;
	policy->pin_first = args->pin_first;
	policy->count = args->count && !strcmp(args->count, "sparse");
	if (!args->count || (!policy->count && strcmp(args->count, "each")))
		return domain_fail(&centre->error, -EDOM,
				   "--count takes each or sparse");
	err = read_evict(centre, &policy->evict);
	if (!err)
		err = read_u8(centre, "tries", args->tries, 1, PDT1_PTC_MAX,
			      &policy->tries);
	if (!err)
		err = read_u8(centre, "ageing", args->ageing, 1, UINT8_MAX,
			      &policy->ageing);
	if (!err)
		err = centre_number(centre, "settings", args->settings, 1,
				    UINT16_MAX, &settings);
	policy->version = (uint16_t)settings;
	return err;
}

static int read_tag(struct centre *centre, uint8_t ft[PDT1_FT_LEN])
{
	const char *text = centre->args->fork_tag;
	unsigned int i, byte;

	if (!text)
		return 0;
	if (strlen(text) != 2 * PDT1_FT_LEN ||
	    strspn(text, "0123456789abcdefABCDEF") != 2 * PDT1_FT_LEN)
		return domain_fail(&centre->error, -EDOM,
				   "--fork-tag takes 16 hexadecimal digits");
	for (i = 0; i < PDT1_FT_LEN; i++) {
		sscanf(text + 2 * i, "%2x", &byte);
		ft[i] = (uint8_t)byte;
	}
	return 0;
}

static int read_generation(struct centre *centre, struct order *order)
{
	uint64_t value = 0;
	int err = centre_number(centre, "generation", centre->args->generation,
				1, UINT16_MAX, &value);

	order->generation = (uint16_t)value;
	return err;
}

/* What an operation does not take is refused, so that no typing error makes
 * another command than was meant.
 */
static int check_uses(struct centre *centre, const struct order_kind *kind)
{
	const struct centre_args *args = centre->args;
	const struct {
		bool given;
		unsigned int uses;
	} options[] = {
		{ args->tries, ORDER_TRIES | ORDER_POLICY },
		{ args->host, ORDER_HOST },
		{ args->slots, ORDER_SLOTS },
		{ args->slot, ORDER_SLOT },
		{ args->on || args->off, ORDER_PINNED },
		{ args->generation, ORDER_GENERATION },
		{ args->policy || args->evict || args->ageing || args->count ||
		  args->pin_first || args->settings, ORDER_POLICY },
		{ args->fork_tag, ORDER_FT },
	};
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (options[i].given && !(options[i].uses & kind->uses))
			return domain_fail(&centre->error, -EDOM,
					   "an option does not belong to --op %s; see smpair-centre(8)",
					   kind->name);
	return 0;
}

static int read_order(struct centre *centre, struct making *m)
{
	const struct centre_args *args = centre->args;
	struct order *order = &m->order;
	unsigned int uses = m->kind->uses;
	uint64_t expect = 0;
	int err;

	order->op = m->kind->op;
	err = check_uses(centre, m->kind);
	if (!err && uses & ORDER_TRIES)
		err = read_u8(centre, "tries", args->tries, 1, PDT1_PTC_MAX,
			      &order->tries);
	if (!err && uses & ORDER_HOST)
		err = centre_id(centre, "host", args->host, order->sn);
	if (!err && uses & ORDER_SLOTS)
		err = read_u8(centre, "slots", args->slots, 1, PDT1_SLOTS_MAX,
			      &order->slots);
	if (!err && uses & ORDER_SLOT)
		err = read_u8(centre, "slot", args->slot, 0, PDT1_SLOTS_MAX - 1,
			      &order->slot);
	if (!err && uses & ORDER_PINNED && args->on == args->off)
		err = domain_fail(&centre->error, -EDOM,
				  "pin-slot takes --on or --off");
	order->pinned = args->on;
	if (!err && uses & ORDER_GENERATION)
		err = read_generation(centre, order);
	if (!err && uses & ORDER_POLICY)
		err = read_policy(centre, &order->policy);
	if (!err && uses & ORDER_FT)
		err = read_tag(centre, order->ft);
	if (!err && args->expect_index)
		err = centre_number(centre, "expect-index", args->expect_index,
				    0, PDT1_MANAGE_NEXP_ANY - 1, &expect);
	order->has_expect = args->expect_index;
	order->expect = (uint32_t)expect;
	return err;
}

static int make(struct centre *centre, void *arg)
{
	struct making *m = arg;
	struct store_module module;
	int err;

	err = centre_need_module(centre, &module);
	return err ? err :
	       order_make(centre->store, centre->provider, &m->domain,
			  module.mid, &m->order, centre->actor, time(NULL),
			  &m->command, &centre->error);
}

static int complain_op(struct centre *centre)
{
	char names[256] = "";
	size_t i, len = 0;

	for (i = 0; i < order_kind_count; i++)
		len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s",
					i ? ", " : "", order_kinds[i].name);
	return domain_fail(&centre->error, -EDOM, "--op takes one of %s", names);
}

static int hand_over(struct centre *centre, const struct making *m)
{
	const char *out = centre->args->out;
	char why[sizeof(centre->error.text)];
	int err;

	if (!out) {
		printf("command %u, %s, for module %s is queued; an agent carries it\n",
		       m->command.seq, m->kind->name, centre->args->module);
		return 0;
	}
	err = centre_write(centre, SMPAIR_TEXT_COMMAND, m->command.data,
			   m->command.data_len);
	if (!err) {
		fprintf(strcmp(out, "-") ? stdout : stderr,
			"%s: command %u, %s, for module %s\n", out,
			m->command.seq, m->kind->name, centre->args->module);
		return 0;
	}
	snprintf(why, sizeof(why), "%.400s", centre->error.text);
	return domain_fail(&centre->error, err,
			   "%s; command %u is queued all the same, for agents to carry",
			   why, m->command.seq);
}

/**
 * centre_manage() - Make a command to a module, and queue it.
 * @centre: --module, --op and what it takes, --expect-index; --out, where it is to
 *	be carried by hand as well.
 *
 * The sequence number is taken before the file exists: a number that no module
 * ever sees does no harm, one that is used twice would.
 *
 * Return: As all verbs.
 */
int centre_manage(struct centre *centre)
{
	struct making m = { .kind = NULL };
	int err;

	if (centre->args->op)
		m.kind = order_find(centre->args->op);
	if (!m.kind)
		return complain_op(centre);
	/* Nor is a command made that is asked for once more under another name. */
	err = centre_out_is_new(centre);
	if (!err)
		err = read_order(centre, &m);
	if (!err && m.kind->op == PDT1_OP_PUT_K)
		err = domain_load(&m.domain, centre_domain_path(centre),
				  &centre->error);
	if (!err)
		err = centre_change(centre, make, &m);
	if (!err)
		err = hand_over(centre, &m);
	explicit_bzero(&m, sizeof(m));
	return err;
}

static int print_command(const struct store_command *command, void *arg)
{
	(void)arg;
	printf("%10u  %-13s  by %s  %s", command->seq, order_name(command->op),
	       command->actor, order_state(command));
	if (command->offers)
		printf(" (attempts: %u, last to %s)", command->offers, command->handed_to);
	putchar('\n');
	return 0;
}

/**
 * centre_commands() - List the commands of a module of which nothing is known yet.
 * @centre: --module.
 *
 * Return: As all verbs.
 */
int centre_commands(struct centre *centre)
{
	struct store_module module;
	int err;

	err = centre_need_module(centre, &module);
	return err ? err :
	       store_each_open_command(centre->store, module.mid, 0,
				       print_command, NULL, &centre->error);
}

struct taking {
	uint8_t data[DOMAIN_REPORT_LEN + 1];
	size_t len;
	struct domain_receipt receipt;
	struct domain_report report;
	enum rule_cause cause;
};

static int read_one(struct centre *centre, enum smpair_text_kind kind,
		    struct taking *t)
{
	if (centre->args->operand_count != 1)
		return domain_fail(&centre->error, -EDOM,
				   "name the one file that holds the %s",
				   smpair_text_kind_name(kind));
	return centre_read(centre, centre->args->operands[0], kind, t->data,
			   sizeof(t->data), &t->len);
}

static int take_receipt(struct centre *centre, void *arg)
{
	struct taking *t = arg;
	struct store_module module;
	int err;

	err = centre_need_module(centre, &module);
	return err ? err :
	       order_receipt(centre->store, centre->provider, module.mid,
			     t->data, t->len, centre->actor, time(NULL),
			     &t->receipt, &centre->error);
}

/**
 * centre_receipt() - Check and record a module's receipt.
 * @centre: --module; the file.
 *
 * Return: As all verbs; -ECANCELED where the module refused the command.
 */
int centre_receipt(struct centre *centre)
{
	struct taking t;
	int err;

	err = read_one(centre, SMPAIR_TEXT_RECEIPT, &t);
	if (!err)
		err = centre_change(centre, take_receipt, &t);
	if (err)
		return err;
	printf("module %s: command %u: %s (status %04X, N %u, PIN tries %u)\n",
	       centre->args->module, t.receipt.seq,
	       order_result_text(t.receipt.sw), t.receipt.sw, t.receipt.n,
	       t.receipt.ptc);
	return t.receipt.sw == PDT1_SW_OK ? 0 : -ECANCELED;
}

static int draw_nonce(struct centre *centre, void *arg)
{
	struct store_module module;
	int err;

	err = centre_need_module(centre, &module);
	return err ? err : order_nonce(centre->store, module.mid, centre->actor,
				       time(NULL), arg, &centre->error);
}

/**
 * centre_nonce() - Draw the nonce that a module's report answers to.
 * @centre: --module, --out.
 *
 * Return: As all verbs.
 */
int centre_nonce(struct centre *centre)
{
	uint8_t nonce[PDT1_REPORT_NONCE_LEN];
	int err;

	if (!centre->args->out)
		return domain_fail(&centre->error, -EDOM,
				   "--out is missing; name a file for the nonce, or - to show it as text");
	err = centre_change(centre, draw_nonce, nonce);
	return err ? err : centre_write(centre, SMPAIR_TEXT_NONCE, nonce,
					sizeof(nonce));
}

static int take_report(struct centre *centre, void *arg)
{
	struct taking *t = arg;
	struct store_module module;
	int err;

	err = centre_need_module(centre, &module);
	return err ? err :
	       order_report(centre->store, centre->provider, module.mid, NULL,
			    t->data, t->len, centre->actor, time(NULL), &t->cause,
			    &t->report, &centre->error);
}

/**
 * centre_report() - Check a module's report, and take from it where the module is.
 * @centre: --module; the file.
 *
 * Return: As all verbs; -ECANCELED where the module is on hold for what it
 * reports.
 */
int centre_report(struct centre *centre)
{
	struct taking t;
	int err;

	err = read_one(centre, SMPAIR_TEXT_REPORT, &t);
	if (!err)
		err = centre_change(centre, take_report, &t);
	if (err)
		return err;
	printf("module %s: N %u, last command %u, PIN tries %u, %u of %u slots used, settings %u%s%s\n",
	       centre->args->module, t.report.n, t.report.mseq, t.report.ptc,
	       t.report.used, t.report.slots, t.report.version,
	       t.report.state & PDT1_INFO_FROZEN ? ", frozen" : "",
	       t.report.state & PDT1_INFO_FATAL ? ", damaged" : "");
	if (t.cause == RULE_ISSUED)
		return 0;
	fprintf(stderr, "smpair-centre: refused: %s: %s\nnext: %s\n",
		rule_texts[t.cause].name, rule_texts[t.cause].what,
		rule_texts[t.cause].next);
	return -ECANCELED;
}
