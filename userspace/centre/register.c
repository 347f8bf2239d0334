// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The register of modules and hosts: init, modules, hosts, pairings.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <smpair/id.h>

#include "centre/audit.h"
#include "centre/centre.h"
#include "domain/domain.h"
#include "domain/policy.h"

/* The number of a domain whose masters are elsewhere is in the file as well. */
static int read_dom(const char *path, uint32_t *dom, struct domain_error *error)
{
	struct domain domain;
	int err;

	err = domain_load(&domain, path, error);
	if (!err)
		*dom = domain.dom;
	domain_wipe(&domain);
	return err;
}

static int record_init(struct centre *centre, void *arg)
{
	return centre_done(centre, "init", NULL, NULL, "made", arg);
}

/* The first rows of the trail are written before anybody relies on the file. */
static int begin(struct centre *centre)
{
	char detail[32];
	int err;

	err = store_open(&centre->store, centre->args->db, STORE_WRITE,
			 &centre->error);
	if (!err)
		err = centre_start(centre);
	snprintf(detail, sizeof(detail), "domain %u", centre->domain.dom);
	return err ? err : centre_change(centre, record_init, detail);
}

/**
 * centre_init() - Make the database for a domain.
 * @centre: --db, --domain, --mac.
 *
 * Return: As all verbs.
 */
int centre_init(struct centre *centre)
{
	const struct centre_args *args = centre->args;
	struct store_domain *domain = &centre->domain;
	int err;

	if (!args->domain)
		return domain_fail(&centre->error, -EDOM,
				   "--domain is missing; name the domain file");
	err = read_dom(args->domain, &domain->dom, &centre->error);
	if (err)
		return err;
	/* Later runs may start in another folder. */
	domain->path = realpath(args->domain, NULL);
	domain->mac = strdup(args->mac ? args->mac : "file");
	if (!domain->path || !domain->mac)
		return domain_fail(&centre->error, -errno, "%s: %s",
				   args->domain, strerror(errno));
	err = store_create(args->db, domain, &centre->error);
	if (err)
		return err;
	err = begin(centre);
	if (err)
		store_discard(args->db);
	else
		printf("%s: centre of domain %u\n", args->db, domain->dom);
	return err;
}

static int print_module(const struct store_module *module, void *arg)
{
	char text[SMPAIR_ID_TEXT_SIZE];

	(void)arg;
	smpair_id_format(module->mid, text, sizeof(text));
	printf("%-24s  %-7s  N %u%s%s%s%s%s\n", text,
	       domain_pin_policies[module->pin_policy], module->n,
	       module->denied ? "  denied" : "", module->frozen ? "  frozen" : "",
	       module->awaiting ? "  awaiting report" : "",
	       module->hold[0] ? "  on hold: " : "", module->hold);
	return 0;
}

/**
 * centre_modules() - List the modules.
 * @centre: The run.
 *
 * Return: As all verbs.
 */
int centre_modules(struct centre *centre)
{
	return store_each_module(centre->store, NULL, print_module, NULL,
				 &centre->error);
}

static int print_host(const struct store_host *host, void *arg)
{
	char text[SMPAIR_ID_TEXT_SIZE];

	(void)arg;
	smpair_id_format(host->sn, text, sizeof(text));
	printf("%-24s  CYID %u%s%s%s\n", text, host->cyid,
	       host->rights & PDT1_RIGHT_EVICT ? "  evict" : "",
	       host->rights & PDT1_RIGHT_LIST ? "  list" : "",
	       host->denied ? "  denied" : "");
	return 0;
}

/**
 * centre_hosts() - List the hosts.
 * @centre: The run.
 *
 * Return: As all verbs.
 */
int centre_hosts(struct centre *centre)
{
	return store_each_host(centre->store, NULL, print_host, NULL,
			       &centre->error);
}

static int print_pairing(const struct store_pairing *pairing, void *arg)
{
	static const char *const states[] = {
		"issued", "confirmed", "proved", "superseded",
	};
	char module[SMPAIR_ID_TEXT_SIZE], host[SMPAIR_ID_TEXT_SIZE];
	time_t seconds = pairing->at;
	char at[32] = "?";
	struct tm utc;

	(void)arg;
	smpair_id_format(pairing->mid, module, sizeof(module));
	smpair_id_format(pairing->sn, host, sizeof(host));
	if (gmtime_r(&seconds, &utc))
		strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", &utc);
	printf("%s  module %s  host %s  N %u  %s\n", at, module, host, pairing->n,
	       states[pairing->state]);
	return 0;
}

/**
 * centre_pairings() - List pairings for which a PIN was issued, newest first.
 * @centre: --module, --host.
 *
 * Return: As all verbs.
 */
int centre_pairings(struct centre *centre)
{
	const struct centre_args *args = centre->args;
	uint8_t mid[PDT1_ID_LEN], sn[PDT1_ID_LEN];
	int err = 0;

	if (!args->module && !args->host)
		return domain_fail(&centre->error, -EDOM,
				   "nobody is named; use --module ID, --host ID or both");
	if (args->module)
		err = centre_id(centre, "module", args->module, mid);
	if (!err && args->host)
		err = centre_id(centre, "host", args->host, sn);
	return err ? err :
	       store_each_pairing(centre->store, args->module ? mid : NULL,
				  args->host ? sn : NULL, 0, print_pairing, NULL,
				  &centre->error);
}
