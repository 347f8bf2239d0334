// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The register of modules and hosts: init, import, modules, hosts.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <smpair/id.h>

#include "centre/centre.h"
#include "centre/provider.h"
#include "domain/domain.h"
#include "domain/json.h"
#include "domain/policy.h"

/* The number of a domain whose MPIN the kernel holds is in the file as well. */
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

/**
 * centre_init() - Make the database for a domain.
 * @centre: --db, --domain, --mac.
 *
 * Return: As all verbs.
 */
int centre_init(struct centre *centre)
{
	struct store_domain domain = { 0 };
	struct provider provider;
	int err;

	if (!centre->args->domain)
		return domain_fail(&centre->error, -EDOM,
				   "--domain is missing; name the domain file");
	err = read_dom(centre->args->domain, &domain.dom, &centre->error);
	if (err)
		return err;
	err = provider_open(&provider, centre->args->mac, centre->args->domain,
			    &centre->error);
	if (err)
		return err;
	err = provider_check(&provider, domain.mpin_check, &centre->error);
	provider_close(&provider);
	if (err)
		return err;
	/* Later runs may start in another folder. */
	domain.path = realpath(centre->args->domain, NULL);
	if (!domain.path)
		return domain_fail(&centre->error, -errno, "%s: %s",
				   centre->args->domain, strerror(errno));
	err = store_create(centre->args->db, &domain, &centre->error);
	if (!err)
		printf("%s: centre of domain %u\n", centre->args->db, domain.dom);
	store_domain_free(&domain);
	return err;
}

static int check_dom(const struct domain_json *json, uint32_t expected)
{
	uint64_t dom;
	int ret;

	ret = domain_json_uint(json, "dom", 0, UINT32_MAX, &dom);
	if (!ret)
		return domain_json_missing(json, "dom");
	if (ret > 0 && dom != expected)
		return domain_fail(json->error, -EINVAL,
				   "%s belongs to domain %u and this centre serves domain %u; use the database of the other domain",
				   json->where, (unsigned int)dom, expected);
	return ret < 0 ? ret : 0;
}

static int read_module(const struct domain_json *json, struct store_module *module)
{
	static const char *const names[] = {
		"smpair", "v", "MID", "dom", "FT0", "N", "cfg", NULL
	};
	struct domain_json cfg;
	const char *policy;
	uint64_t value;
	int ret;

	ret = domain_json_kind(json, "module");
	if (!ret)
		ret = domain_json_names(json, names);
	if (ret)
		return ret;
	ret = domain_json_id(json, "MID", module->mid);
	if (ret <= 0)
		return ret ? ret : domain_json_missing(json, "MID");
	ret = domain_json_hex(json, "FT0", module->ft, PDT1_FT_LEN);
	if (ret <= 0)
		return ret ? ret : domain_json_missing(json, "FT0");
	ret = domain_json_uint(json, "N", 0, PDT1_N_LAST, &value);
	if (ret <= 0)
		return ret ? ret : domain_json_missing(json, "N");
	module->n = (uint32_t)value;

	ret = domain_json_object(json, "cfg", &cfg);
	if (ret <= 0)
		return ret ? ret : domain_json_missing(json, "cfg");
	ret = domain_json_uint(&cfg, "PTCmax", 1, PDT1_PTC_MAX, &value);
	if (ret <= 0)
		return ret ? ret : domain_json_missing(&cfg, "PTCmax");
	module->ptc_max = (uint8_t)value;
	ret = domain_json_text(&cfg, "pinPolicy", &policy);
	if (ret <= 0)
		return ret ? ret : domain_json_missing(&cfg, "pinPolicy");
	ret = domain_pin_policy(policy);
	if (ret < 0)
		return domain_fail(json->error, -EINVAL,
				   "%s: pinPolicy must be none, module, pair or indexed",
				   cfg.where);
	module->pin_policy = (uint8_t)ret;
	return 0;
}

static int import_module(struct centre *centre, const struct domain_json *json,
			 FILE *told)
{
	struct store_module module = { 0 }, old;
	char text[SMPAIR_ID_TEXT_SIZE];
	int ret;

	ret = read_module(json, &module);
	if (ret)
		return ret;
	smpair_id_format(module.mid, text, sizeof(text));
	ret = store_get_module(centre->store, module.mid, &old, &centre->error);
	if (ret < 0)
		return ret;
	if (!ret) {
		ret = store_add_module(centre->store, &module, &centre->error);
		if (!ret)
			ret = centre_done(centre, "import", module.mid, NULL,
					  "registered", NULL);
		if (!ret)
			fprintf(told, "module %s: registered\n", text);
		return ret;
	}
	if (old.n0 != module.n || memcmp(old.ft0, module.ft, PDT1_FT_LEN) ||
	    old.pin_policy != module.pin_policy || old.ptc_max != module.ptc_max)
		return domain_fail(&centre->error, -EEXIST,
				   "%s: module %s is registered with other values; provision a changed module under a new identifier, or its PINs repeat",
				   json->where, text);
	fprintf(told, "module %s: registered already\n", text);
	return 0;
}

static int read_host(const struct domain_json *json, struct store_host *host)
{
	static const char *const names[] = {
		"smpair", "v", "SN", "dom", "rights", "CYID", "CY", NULL
	};
	uint64_t value;
	int ret;

	ret = domain_json_kind(json, "host");
	if (!ret)
		ret = domain_json_names(json, names);
	if (ret)
		return ret;
	ret = domain_json_id(json, "SN", host->sn);
	if (ret <= 0)
		return ret ? ret : domain_json_missing(json, "SN");
	ret = domain_json_uint(json, "rights", 0, UINT16_MAX, &value);
	if (ret <= 0)
		return ret ? ret : domain_json_missing(json, "rights");
	host->rights = (uint16_t)value;
	ret = domain_json_uint(json, "CYID", 0, UINT32_MAX, &value);
	if (ret <= 0)
		return ret ? ret : domain_json_missing(json, "CYID");
	host->cyid = (uint32_t)value;
	return 0;
}

static int import_host(struct centre *centre, const struct domain_json *json,
		       FILE *told)
{
	struct store_host host = { 0 }, old;
	char text[SMPAIR_ID_TEXT_SIZE];
	int ret;

	ret = read_host(json, &host);
	if (ret)
		return ret;
	smpair_id_format(host.sn, text, sizeof(text));
	ret = store_get_host(centre->store, host.sn, &old, &centre->error);
	if (ret < 0)
		return ret;
	if (!ret) {
		ret = store_add_host(centre->store, &host, &centre->error);
		if (!ret)
			ret = centre_done(centre, "import", NULL, host.sn,
					  "registered", NULL);
		if (!ret)
			fprintf(told, "host %s: registered\n", text);
		return ret;
	}
	if (old.rights != host.rights || old.cyid != host.cyid)
		return domain_fail(&centre->error, -EEXIST,
				   "%s: host %s is registered with other values; provision a changed host under a new identifier",
				   json->where, text);
	fprintf(told, "host %s: registered already\n", text);
	return 0;
}

static int import_file(struct centre *centre, const char *path, uint32_t dom,
		       FILE *told)
{
	struct domain_json json;
	const char *kind = "";
	int err;

	err = domain_json_load(&json, path, false, &centre->error);
	if (err)
		return err;
	err = domain_json_text(&json, "smpair", &kind);
	if (err >= 0)
		err = check_dom(&json, dom);
	if (err)
		goto drop;
	if (!strcmp(kind, "module"))
		err = import_module(centre, &json, told);
	else if (!strcmp(kind, "host"))
		err = import_host(centre, &json, told);
	else
		err = domain_fail(&centre->error, -EINVAL,
				  "%s is neither a module nor a host file of smpair-provision; name module-ID.json or host-ID.json",
				  path);
drop:
	json_decref(json.object);
	return err;
}

/**
 * centre_import() - Register the modules and hosts of files, all or none.
 * @centre: The files.
 *
 * Return: As all verbs.
 */
int centre_import(struct centre *centre)
{
	struct store_domain domain;
	char *text = NULL;
	size_t size;
	FILE *told;
	int err, i;

	if (!centre->args->operand_count)
		return domain_fail(&centre->error, -EDOM,
				   "no file is named; name module-ID.json and host-ID.json files");
	err = store_get_domain(centre->store, &domain, &centre->error);
	if (err)
		return err;
	/* Nothing is registered, and nothing told, before all of it is. */
	told = open_memstream(&text, &size);
	if (!told) {
		domain_fail(&centre->error, -ENOMEM, "out of memory");
		err = -ENOMEM;
		goto free;
	}
	err = store_begin(centre->store, &centre->error);
	if (err)
		goto free;
	for (i = 0; !err && i < centre->args->operand_count; i++)
		err = import_file(centre, centre->args->operands[i], domain.dom,
				  told);
	if (err)
		store_rollback(centre->store);
	else
		err = store_commit(centre->store, &centre->error);
free:
	if (told)
		fclose(told);
	if (!err)
		fputs(text, stdout);
	free(text);
	store_domain_free(&domain);
	return err;
}

static int print_module(const struct store_module *module, void *arg)
{
	char text[SMPAIR_ID_TEXT_SIZE];

	(void)arg;
	smpair_id_format(module->mid, text, sizeof(text));
	printf("%-24s  %-7s  N %u%s%s%s\n", text,
	       domain_pin_policies[module->pin_policy], module->n,
	       module->denied ? "  denied" : "",
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
	return store_each_module(centre->store, print_module, NULL,
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
	return store_each_host(centre->store, print_host, NULL, &centre->error);
}
