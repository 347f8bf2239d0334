// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Registering modules and hosts from what smpair-provision made, and all that an
 * export of another centre holds: import.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <smpair/id.h>

#include "centre/centre.h"
#include "domain/json.h"
#include "domain/policy.h"

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

/* Generations of the masters that the module's keys follow from. */
static int read_masters(const struct domain_json *json, struct store_module *module)
{
	static const char *const names[] = { "MPIN", "MMGT", NULL };
	struct domain_json masters;
	uint64_t mpin = 1, mmgt = 1;
	int ret;

	ret = domain_json_object(json, "masters", &masters);
	if (ret > 0)
		ret = domain_json_names(&masters, names);
	if (!ret && json_object_get(json->object, "masters"))
		ret = domain_json_uint(&masters, "MPIN", 1, UINT16_MAX, &mpin);
	if (ret > 0)
		ret = domain_json_uint(&masters, "MMGT", 1, UINT16_MAX, &mmgt);
	module->mpin = (uint16_t)mpin;
	module->mmgt = (uint16_t)mmgt;
	return ret < 0 ? ret : 0;
}

static int read_module(const struct domain_json *json, struct store_module *module)
{
	static const char *const names[] = {
		"smpair", "v", "MID", "dom", "FT0", "N", "masters", "cfg", NULL
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

	ret = read_masters(json, module);
	if (ret)
		return ret;
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
	/* Further settings are for the module alone. */
	ret = domain_json_uint(&cfg, "version", 0, UINT16_MAX, &value);
	module->version = ret > 0 ? (uint16_t)value : 0;
	return ret < 0 ? ret : 0;
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
	    old.pin_policy != module.pin_policy || old.ptc_max != module.ptc_max ||
	    old.mpin != module.mpin || old.mmgt != module.mmgt)
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

/* What a centre knows beside: lines of an export. */

static int import_deny(struct centre *centre, const struct domain_json *json,
		       FILE *told)
{
	static const char *const names[] = {
		"smpair", "v", "dom", "MID", "SN", "reason", NULL
	};
	uint8_t mid[PDT1_ID_LEN], sn[PDT1_ID_LEN];
	struct store_deny deny = {
		.actor = centre->actor, .at = time(NULL), .reason = "",
	};
	int ret;

	ret = domain_json_names(json, names);
	if (!ret)
		ret = domain_json_id(json, "MID", mid);
	if (ret < 0)
		return ret;
	deny.mid = ret ? mid : NULL;
	ret = domain_json_id(json, "SN", sn);
	if (ret < 0)
		return ret;
	deny.sn = ret ? sn : NULL;
	if (!deny.mid && !deny.sn)
		return domain_json_missing(json, "MID or SN");
	ret = domain_json_text(json, "reason", &deny.reason);
	if (ret >= 0)
		ret = store_add_deny(centre->store, &deny, &centre->error);
	if (!ret)
		ret = centre_done(centre, "import", deny.mid, deny.sn, "denied",
				  deny.reason);
	fprintf(told, "denial\n");
	return ret;
}

static int need_uint(const struct domain_json *json, const char *name,
		     uint64_t max, uint64_t *value)
{
	int ret = domain_json_uint(json, name, 0, max, value);

	return ret > 0 ? 0 : ret ? ret : domain_json_missing(json, name);
}

static int issuer(const struct domain_json *json, const char *name, int *value)
{
	uint64_t got = 0;
	int ret = domain_json_uint(json, name, 0, UINT16_MAX, &got);

	*value = ret > 0 ? (int)got : -1;
	return ret < 0 ? ret : 0;
}

static int import_terms(struct centre *centre, const struct domain_json *json,
			FILE *told)
{
	static const char *const names[] = {
		"smpair", "v", "dom", "module_issuer", "host_issuer", "allowed",
		"hotline", "need_subscription", "need_rights",
		"hosts_per_module", "modules_per_host", "changes", "change_days",
		NULL
	};
	uint64_t n[8] = { 0 };
	struct rule_terms terms;
	int module = -1, host = -1, ret, i;

	ret = domain_json_names(json, names);
	if (!ret)
		ret = issuer(json, "module_issuer", &module);
	if (!ret)
		ret = issuer(json, "host_issuer", &host);
	for (i = 0; i < 8 && !ret; i++)
		ret = need_uint(json, names[5 + i], i < 3 ? 1 : i == 3 ? UINT16_MAX :
				i == 7 ? 3660 : 1000000, &n[i]);
	if (ret)
		return ret;
	terms = (struct rule_terms) {
		.allowed = n[0], .hotline = n[1], .need_subscription = n[2],
		.need_rights = (uint16_t)n[3],
		.hosts_per_module = (unsigned int)n[4],
		.modules_per_host = (unsigned int)n[5],
		.changes = (unsigned int)n[6], .change_days = (unsigned int)n[7],
	};
	ret = store_set_terms(centre->store, module, host, &terms,
			      &centre->error);
	if (!ret)
		ret = centre_done(centre, "import", NULL, NULL, "rule", NULL);
	fprintf(told, "rule\n");
	return ret;
}

static int import_subscription(struct centre *centre,
			       const struct domain_json *json, FILE *told)
{
	static const char *const names[] = {
		"smpair", "v", "dom", "MID", "starts", "ends", NULL
	};
	uint64_t starts = 0, ends = 0;
	uint8_t mid[PDT1_ID_LEN];
	int ret;

	ret = domain_json_names(json, names);
	if (!ret)
		ret = domain_json_id(json, "MID", mid);
	if (!ret)
		ret = domain_json_missing(json, "MID");
	if (ret > 0)
		ret = need_uint(json, "starts", INT64_MAX, &starts);
	if (!ret)
		ret = need_uint(json, "ends", INT64_MAX, &ends);
	if (!ret)
		ret = store_set_subscription(centre->store, mid, (int64_t)starts,
					     (int64_t)ends, &centre->error);
	if (!ret)
		ret = centre_done(centre, "import", mid, NULL, "subscription",
				  NULL);
	fprintf(told, "subscription\n");
	return ret;
}

static int import_pairing(struct centre *centre, const struct domain_json *json,
			  FILE *told)
{
	static const char *const names[] = {
		"smpair", "v", "dom", "MID", "SN", "N", "state", "at", NULL
	};
	struct store_pairing pairing = { 0 };
	uint64_t n = 0, state = 0, at = 0;
	int ret;

	ret = domain_json_names(json, names);
	if (!ret)
		ret = domain_json_id(json, "MID", pairing.mid);
	if (ret > 0)
		ret = domain_json_id(json, "SN", pairing.sn);
	if (!ret)
		ret = domain_json_missing(json, "MID or SN");
	if (ret > 0)
		ret = need_uint(json, "N", UINT32_MAX, &n);
	if (!ret)
		ret = need_uint(json, "state", STORE_PAIRING_SUPERSEDED, &state);
	if (!ret)
		ret = need_uint(json, "at", INT64_MAX, &at);
	if (ret)
		return ret;
	pairing.n = (uint32_t)n;
	pairing.state = (enum store_pairing_state)state;
	pairing.at = (int64_t)at;
	ret = store_add_pairing(centre->store, &pairing, &centre->error);
	if (!ret)
		ret = centre_done(centre, "import", pairing.mid, pairing.sn,
				  "pairing", NULL);
	fprintf(told, "pairing\n");
	return ret;
}

static const struct {
	const char *kind;
	int (*import)(struct centre *centre, const struct domain_json *json,
		      FILE *told);
} kinds[] = {
	{ "module", import_module },
	{ "host", import_host },
	{ "deny", import_deny },
	{ "rule", import_terms },
	{ "subscription", import_subscription },
	{ "pairing", import_pairing },
};

static int import_object(struct centre *centre, const struct domain_json *json,
			 FILE *told)
{
	const char *kind = "";
	size_t i;
	int err;

	err = domain_json_text(json, "smpair", &kind);
	if (err >= 0)
		err = check_dom(json, centre->domain.dom);
	for (i = 0; !err && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].kind, kind))
			return kinds[i].import(centre, json, told);
	return err ? err :
	       domain_fail(&centre->error, -EINVAL,
			   "%s is neither a module nor a host file of smpair-provision, nor an export; name module-ID.json or host-ID.json",
			   json->where);
}

/* An export: one object a line. */
static int import_lines(struct centre *centre, const char *path, FILE *in, FILE *told)
{
	struct domain_json json;
	unsigned long number = 0;
	char where[256], *line = NULL;
	size_t size = 0;
	ssize_t len;
	int err = 0;

	while (!err && (len = getline(&line, &size, in)) > 0) {
		number++;
		if (line[0] == '\n')
			continue;
		snprintf(where, sizeof(where), "%.200s:%lu", path, number);
		err = domain_json_parse(&json, where, line, (size_t)len,
					&centre->error);
		if (err)
			break;
		err = import_object(centre, &json, told);
		json_decref(json.object);
	}
	free(line);
	return err;
}

/* A whole object in the first line, and more in the next. */
static bool is_export(FILE *in)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	bool is;

	len = getline(&line, &size, in);
	is = len > 2 && line[0] == '{' && line[len - 2] == '}' && getc(in) == '{';
	free(line);
	rewind(in);
	return is;
}

static int import_file(struct centre *centre, const char *path, FILE *told)
{
	FILE *in = fopen(path, "re");
	struct domain_json json;
	int err;

	if (!in)
		return domain_fail(&centre->error, -errno, "%s: %s", path,
				   strerror(errno));
	if (is_export(in)) {
		err = import_lines(centre, path, in, told);
		fclose(in);
		return err;
	}
	fclose(in);
	err = domain_json_load(&json, path, false, &centre->error);
	if (err)
		return err;
	err = import_object(centre, &json, told);
	json_decref(json.object);
	return err;
}

static int import_all(struct centre *centre, void *arg)
{
	int err = 0, i;

	for (i = 0; !err && i < centre->args->operand_count; i++)
		err = import_file(centre, centre->args->operands[i], arg);
	return err;
}

/**
 * centre_import() - Register what files hold, all or none.
 * @centre: The files: of smpair-provision, or exports.
 *
 * Return: As all verbs.
 */
int centre_import(struct centre *centre)
{
	char *text = NULL;
	size_t size;
	FILE *told;
	int err;

	if (!centre->args->operand_count)
		return domain_fail(&centre->error, -EDOM,
				   "no file is named; name module-ID.json and host-ID.json files");
	/* Nothing is registered, and nothing told, before all of it is. */
	told = open_memstream(&text, &size);
	if (!told)
		return domain_fail(&centre->error, -ENOMEM, "out of memory");
	err = centre_change(centre, import_all, told);
	fclose(told);
	if (!err)
		fputs(text, stdout);
	free(text);
	return err;
}
