// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What operators allow: rule, rules, subscribe.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <smpair/id.h>

#include "centre/centre.h"

#define MANY		1000000
#define CHANGE_DAYS	30

struct change {
	int module_issuer;
	int host_issuer;
	struct rule_terms terms;
};

static int read_issuer(struct centre *centre, const char *option,
		       const char *text, int *issuer)
{
	uint64_t value;
	int err;

	*issuer = -1;
	if (!text)
		return 0;
	err = centre_number(centre, option, text, 0, UINT16_MAX, &value);
	*issuer = (int)value;
	return err;
}

static int read_limit(struct centre *centre, const char *option,
		      const char *text, unsigned int *limit)
{
	uint64_t value = 0;
	int err;

	err = text ? centre_number(centre, option, text, 0, MANY, &value) : 0;
	*limit = (unsigned int)value;
	return err;
}

static int read_rights(struct centre *centre, uint16_t *rights)
{
	const char *text = centre->args->need_rights;

	*rights = 0;
	if (!text)
		return 0;
	if (!strcmp(text, "evict"))
		*rights = PDT1_RIGHT_EVICT;
	else if (!strcmp(text, "list"))
		*rights = PDT1_RIGHT_LIST;
	else if (!strcmp(text, "evict,list"))
		*rights = PDT1_RIGHT_EVICT | PDT1_RIGHT_LIST;
	else
		return domain_fail(&centre->error, -EDOM,
				   "--need-rights takes evict, list or evict,list");
	return 0;
}

static int read_delivery(struct centre *centre, bool *hotline)
{
	const char *text = centre->args->delivery;

	*hotline = text && !strcmp(text, "hotline");
	if (text && !*hotline && strcmp(text, "automatic"))
		return domain_fail(&centre->error, -EDOM,
				   "--delivery takes automatic or hotline");
	return 0;
}

static int read_terms(struct centre *centre, struct rule_terms *terms)
{
	const struct centre_args *args = centre->args;
	uint64_t days = CHANGE_DAYS;
	int err;

	terms->allowed = !args->forbid;
	terms->need_subscription = args->need_subscription;
	err = read_delivery(centre, &terms->hotline);
	if (!err)
		err = read_rights(centre, &terms->need_rights);
	if (!err)
		err = read_limit(centre, "hosts-per-module",
				 args->hosts_per_module,
				 &terms->hosts_per_module);
	if (!err)
		err = read_limit(centre, "modules-per-host",
				 args->modules_per_host,
				 &terms->modules_per_host);
	if (!err)
		err = read_limit(centre, "changes", args->changes,
				 &terms->changes);
	if (!err && args->change_days)
		err = centre_number(centre, "change-days", args->change_days, 1,
				    3660, &days);
	terms->change_days = (unsigned int)days;
	return err;
}

static int change_terms(struct centre *centre, void *arg)
{
	const struct change *c = arg;
	char detail[64];
	int err;

	err = centre->args->remove ?
	      store_remove_terms(centre->store, c->module_issuer,
				 c->host_issuer, &centre->error) :
	      store_set_terms(centre->store, c->module_issuer, c->host_issuer,
			      &c->terms, &centre->error);
	snprintf(detail, sizeof(detail), "module issuer %d, host issuer %d",
		 c->module_issuer, c->host_issuer);
	return err ? err : centre_done(centre, "rule", NULL, NULL,
				       centre->args->remove ? "removed" : "set",
				       detail);
}

static void print_issuer(const char *what, int issuer)
{
	if (issuer < 0)
		printf("%s any  ", what);
	else
		printf("%s %d  ", what, issuer);
}

static int print_terms(int module_issuer, int host_issuer,
		       const struct rule_terms *terms, void *arg)
{
	bool *for_all = arg;

	*for_all |= module_issuer < 0 && host_issuer < 0;
	print_issuer("module issuer", module_issuer);
	print_issuer("host issuer", host_issuer);
	printf("%s", !terms->allowed ? "forbidden" : terms->hotline ? "hotline" :
	       "automatic");
	if (terms->need_subscription)
		printf("  needs subscription");
	if (terms->need_rights)
		printf("  needs rights%s%s",
		       terms->need_rights & PDT1_RIGHT_EVICT ? " evict" : "",
		       terms->need_rights & PDT1_RIGHT_LIST ? " list" : "");
	if (terms->hosts_per_module)
		printf("  hosts per module %u", terms->hosts_per_module);
	if (terms->modules_per_host)
		printf("  modules per host %u", terms->modules_per_host);
	if (terms->changes)
		printf("  changes %u in %u days", terms->changes,
		       terms->change_days);
	putchar('\n');
	return 0;
}

/**
 * centre_rule() - Say what is allowed for modules of one issuer with hosts of
 *	another; without an issuer, for any that has no rule of its own.
 * @centre: --module-issuer, --host-issuer, --remove, --forbid, --delivery,
 *	--need-subscription, --need-rights, --hosts-per-module,
 *	--modules-per-host, --changes, --change-days.
 *
 * Return: As all verbs.
 */
int centre_rule(struct centre *centre)
{
	struct change c = { .module_issuer = -1 };
	bool ignored = false;
	int err;

	err = read_issuer(centre, "module-issuer", centre->args->module_issuer,
			  &c.module_issuer);
	if (!err)
		err = read_issuer(centre, "host-issuer",
				  centre->args->host_issuer, &c.host_issuer);
	if (!err)
		err = read_terms(centre, &c.terms);
	if (!err)
		err = centre_change(centre, change_terms, &c);
	if (!err && centre->args->remove)
		puts("the rule is removed; what is allowed now is shown by: rules");
	else if (!err)
		print_terms(c.module_issuer, c.host_issuer, &c.terms, &ignored);
	return err;
}

/**
 * centre_rules() - List what is allowed.
 * @centre: The run.
 *
 * Return: As all verbs.
 */
int centre_rules(struct centre *centre)
{
	bool for_all = false;
	int err;

	err = store_each_terms(centre->store, print_terms, &for_all,
			       &centre->error);
	if (!err && !for_all)
		puts("all others: forbidden, since no rule is for them; allow them with: rule");
	return err;
}

struct subscription {
	int64_t from;
	int64_t until;
};

static int set_subscription(struct centre *centre, void *arg)
{
	const struct subscription *s = arg;
	struct store_module module;
	int err;

	err = centre_need_module(centre, &module);
	if (!err)
		err = centre->args->remove ?
		      store_end_subscription(centre->store, module.mid,
					     &centre->error) :
		      store_set_subscription(centre->store, module.mid, s->from,
					     s->until, &centre->error);
	return err ? err : centre_done(centre, "subscribe", module.mid, NULL,
				       centre->args->remove ? "ended" : "set",
				       centre->args->until);
}

/**
 * centre_subscribe() - Give a module a time in which it may be paired.
 * @centre: --module, --from, --until, --remove.
 *
 * Return: As all verbs.
 */
int centre_subscribe(struct centre *centre)
{
	const struct centre_args *args = centre->args;
	struct subscription s = { .from = time(NULL) };
	int err = 0;

	if (!args->remove) {
		if (args->from)
			err = centre_time(centre, "from", args->from, &s.from);
		if (!err)
			err = centre_time(centre, "until", args->until, &s.until);
		if (!err && s.until <= s.from)
			err = domain_fail(&centre->error, -EDOM,
					  "--until must be later than --from");
	}
	return err ? err : centre_change(centre, set_subscription, &s);
}
