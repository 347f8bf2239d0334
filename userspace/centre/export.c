// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the centre knows, one JSON object a line, as centre_import() takes it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "centre/centre.h"
#include "domain/json.h"
#include "domain/policy.h"

struct exporting {
	struct centre *centre;
	FILE *out;
	uint64_t count;
};

/* Takes @object. */
static int put(struct exporting *e, json_t *object)
{
	int err;

	if (!object)
		return domain_fail(&e->centre->error, -ENOMEM, "out of memory");
	json_object_set_new(object, "v", json_integer(1));
	json_object_set_new(object, "dom",
			    json_integer((json_int_t)e->centre->domain.dom));
	err = json_dumpf(object, e->out, JSON_COMPACT);
	json_decref(object);
	e->count++;
	if (err || fputc('\n', e->out) == EOF)
		return domain_fail(&e->centre->error, -EIO,
				   "the export could not be written");
	return 0;
}

/* As smpair-provision describes one, at the state where it is now. */
static int put_module(const struct store_module *module, void *arg)
{
	return put(arg, json_pack("{s:s,s:o,s:o,s:I,s:{s:i,s:i},s:{s:s,s:i,s:i}}",
				  "smpair", "module",
				  "MID", domain_json_from_id(module->mid),
				  "FT0", domain_json_from_hex(module->ft,
							      PDT1_FT_LEN),
				  "N", (json_int_t)module->n,
				  "masters", "MPIN", (int)module->mpin,
				  "MMGT", (int)module->mmgt,
				  "cfg", "pinPolicy",
				  domain_pin_policies[module->pin_policy],
				  "PTCmax", (int)module->ptc_max,
				  "version", (int)module->version));
}

static int put_host(const struct store_host *host, void *arg)
{
	return put(arg, json_pack("{s:s,s:o,s:i,s:I}", "smpair", "host",
				  "SN", domain_json_from_id(host->sn),
				  "rights", (int)host->rights,
				  "CYID", (json_int_t)host->cyid));
}

static int put_deny(const struct store_deny *deny, void *arg)
{
	json_t *object = json_pack("{s:s,s:s}", "smpair", "deny", "reason",
				   deny->reason);

	if (deny->mid)
		json_object_set_new(object, "MID", domain_json_from_id(deny->mid));
	if (deny->sn)
		json_object_set_new(object, "SN", domain_json_from_id(deny->sn));
	return put(arg, object);
}

static int put_terms(int module_issuer, int host_issuer,
		     const struct rule_terms *terms, void *arg)
{
	json_t *object;

	object = json_pack("{s:s,s:i,s:i,s:i,s:i,s:I,s:I,s:I,s:I}",
			   "smpair", "rule", "allowed", terms->allowed,
			   "hotline", terms->hotline,
			   "need_subscription", terms->need_subscription,
			   "need_rights", (int)terms->need_rights,
			   "hosts_per_module",
			   (json_int_t)terms->hosts_per_module,
			   "modules_per_host",
			   (json_int_t)terms->modules_per_host,
			   "changes", (json_int_t)terms->changes,
			   "change_days", (json_int_t)terms->change_days);
	if (module_issuer >= 0)
		json_object_set_new(object, "module_issuer",
				    json_integer(module_issuer));
	if (host_issuer >= 0)
		json_object_set_new(object, "host_issuer",
				    json_integer(host_issuer));
	return put(arg, object);
}

static int put_pairing(const struct store_pairing *pairing, void *arg)
{
	return put(arg, json_pack("{s:s,s:o,s:o,s:I,s:i,s:I}",
				  "smpair", "pairing",
				  "MID", domain_json_from_id(pairing->mid),
				  "SN", domain_json_from_id(pairing->sn),
				  "N", (json_int_t)pairing->n,
				  "state", (int)pairing->state,
				  "at", (json_int_t)pairing->at));
}

/* What belongs to one module: after the hosts, which it may refer to. */
static int put_rest(const struct store_module *module, void *arg)
{
	struct exporting *e = arg;
	int64_t starts, ends;
	int ret;

	ret = store_get_subscription(e->centre->store, module->mid, &starts,
				     &ends, &e->centre->error);
	if (ret > 0)
		ret = put(e, json_pack("{s:s,s:o,s:I,s:I}",
				       "smpair", "subscription",
				       "MID", domain_json_from_id(module->mid),
				       "starts", (json_int_t)starts,
				       "ends", (json_int_t)ends));
	if (!ret)
		ret = store_each_pairing(e->centre->store, module->mid, NULL, 0,
					 put_pairing, e, &e->centre->error);
	return ret;
}

static int export_all(struct centre *centre, void *arg)
{
	struct exporting *e = arg;
	char detail[48];
	int err;

	err = store_each_module(centre->store, NULL, put_module, e,
				&centre->error);
	if (!err)
		err = store_each_host(centre->store, NULL, put_host, e,
				      &centre->error);
	if (!err)
		err = store_each_deny(centre->store, NULL, NULL, 0, put_deny, e,
				      &centre->error);
	if (!err)
		err = store_each_terms(centre->store, put_terms, e,
				       &centre->error);
	if (!err)
		err = store_each_module(centre->store, NULL, put_rest, e,
					&centre->error);
	snprintf(detail, sizeof(detail), "%" PRIu64 " objects", e->count);
	return err ? err : centre_done(centre, "export", NULL, NULL, "register",
				       detail);
}

/**
 * centre_export() - Write what is known of modules and hosts, for another centre.
 * @centre: --out.
 *
 * Commands, requests and the audit trail stay: the other centre begins its own.
 *
 * Return: As all verbs.
 */
int centre_export(struct centre *centre)
{
	struct exporting e = { .centre = centre };
	int err;

	err = centre_out_open(centre, &e.out);
	if (err)
		return err;
	err = centre_change(centre, export_all, &e);
	return centre_out_close(centre, e.out, err);
}
