// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Host credentials: the key payload with the host's secrets, and the host
 * cryptograms that modules read.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/memops.h>

#include "domain/bytes.h"
#include "domain/file.h"
#include "domain/keys.h"
#include "domain/number.h"
#include "domain/secret.h"
#include "provision/identity.h"
#include "provision/output.h"

/* Key payload: magic, version, count, u16 0, SN, HS, then u16 m and MHKey for
 * each generation.
 */
#define PAYLOAD_MAGIC		"SMPH"
#define PAYLOAD_VERSION		1
#define PAYLOAD_HEADER		48
#define PAYLOAD_GENERATION	34
#define PAYLOAD_GENERATIONS	4
#define PAYLOAD_MAX	(PAYLOAD_HEADER + PAYLOAD_GENERATIONS * PAYLOAD_GENERATION)

struct host {
	uint8_t sn[PDT1_ID_LEN];
	uint8_t hs[PDT1_KEY_LEN];
	uint32_t cyid;
	uint16_t rights;
	struct domain_generations mhkey;
};

static int parse_rights(const char *text, uint16_t *rights,
			struct domain_error *error)
{
	size_t len;

	for (*rights = 0; *text; text += len + !!text[len]) {
		len = strcspn(text, ",");
		if (len == 5 && !strncmp(text, "evict", len))
			*rights |= PDT1_RIGHT_EVICT;
		else if (len == 4 && !strncmp(text, "list", len))
			*rights |= PDT1_RIGHT_LIST;
		else
			return domain_fail(error, -EDOM,
					   "--rights takes evict, list, or evict,list");
	}
	return 0;
}

static int take(const struct domain *domain, uint64_t m, struct host *host,
		struct domain_error *error)
{
	const struct domain_generation *generation;

	generation = domain_find_generation(&domain->mhkey, (uint16_t)m);
	if (!generation)
		return domain_fail(error, -ENOENT,
				   "the domain has no generation %u of MHKey; add it with smpair-provision mhkey, or name another",
				   (unsigned int)m);
	if (domain_find_generation(&host->mhkey, (uint16_t)m))
		return domain_fail(error, -EINVAL,
				   "generation %u of MHKey is named twice; name it once",
				   (unsigned int)m);
	if (host->mhkey.count == PAYLOAD_GENERATIONS)
		return domain_fail(error, -EINVAL,
				   "a host holds at most %d generations of MHKey; name fewer",
				   PAYLOAD_GENERATIONS);
	host->mhkey.of[host->mhkey.count++] = *generation;
	return 0;
}

static int parse_mhkey(const char *text, const struct domain *domain,
		       struct host *host, struct domain_error *error)
{
	char number[8];
	uint64_t m;
	size_t len;
	int err;

	do {
		len = strcspn(text, ",");
		if (len >= sizeof(number))
			len = sizeof(number) - 1;
		memcpy(number, text, len);
		number[len] = '\0';
		err = domain_number("mhkey", number, 1, UINT16_MAX, &m, error);
		if (!err)
			err = take(domain, m, host, error);
		text += len;
	} while (!err && *text++ == ',');
	return err;
}

/* Stated generations must be the domain's: other hosts' modules share them. */
static int take_stated(const struct domain_json *from,
		       const struct domain_generations *stated,
		       const struct domain *domain, struct host *host)
{
	const struct domain_generation *mine;
	unsigned int i;
	int err;

	for (i = 0; i < stated->count; i++) {
		err = take(domain, stated->of[i].number, host, from->error);
		if (err)
			return err;
		mine = &host->mhkey.of[host->mhkey.count - 1];
		if (!memeql_sec(mine->key, stated->of[i].key, PDT1_KEY_LEN))
			return domain_fail(from->error, -EINVAL,
					   "%s: MHKey of generation %u is not the one of the domain file; correct one of them",
					   from->where, mine->number);
	}
	return 0;
}

static int read_from(const struct domain_json *from, const struct domain *domain,
		     const struct provision_args *args, struct host *host,
		     bool *has_hs, bool *has_cyid)
{
	static const char *const names[] = {
		"SN", "dom", "HS", "MHKey", "rights", "CYID", NULL
	};
	struct domain_generations stated = { 0 };
	uint64_t n;
	int ret;

	ret = domain_json_names(from, names);
	if (!ret)
		ret = identity_domain(from, domain);
	if (ret)
		return ret;
	ret = domain_json_hex(from, "HS", host->hs, PDT1_KEY_LEN);
	if (ret < 0)
		return ret;
	*has_hs = ret;
	ret = domain_json_uint(from, "CYID", 0, UINT32_MAX, &n);
	if (ret < 0)
		return ret;
	*has_cyid = ret;
	if (ret)
		host->cyid = (uint32_t)n;

	ret = domain_json_uint(from, "rights", 0,
			       PDT1_RIGHT_EVICT | PDT1_RIGHT_LIST, &n);
	if (ret > 0 && args->rights)
		ret = domain_fail(from->error, -EDOM,
				  "--rights is also stated as rights in %s; state it once",
				  from->where);
	if (ret < 0)
		return ret;
	if (ret)
		host->rights = (uint16_t)n;

	ret = domain_read_generations(from, "MHKey", "m", &stated);
	if (ret > 0 && args->mhkey)
		ret = domain_fail(from->error, -EDOM,
				  "--mhkey is also stated as MHKey in %s; state it once",
				  from->where);
	if (ret > 0)
		ret = take_stated(from, &stated, domain, host);
	explicit_bzero(&stated, sizeof(stated));
	return ret < 0 ? ret : 0;
}

static int collect(const struct provision_args *args, const struct domain *domain,
		   struct host *host, struct domain_error *error)
{
	bool has_hs = false, has_cyid = false;
	struct domain_json from = { 0 };
	unsigned int i;
	int err;

	if (args->from) {
		err = domain_json_load(&from, args->from, true, error);
		if (err)
			return err;
		err = read_from(&from, domain, args, host, &has_hs, &has_cyid);
		if (err)
			goto drop;
	}
	err = identity_choose(args, args->from ? &from : NULL, "SN", host->sn,
			      error);
	if (!err && args->rights)
		err = parse_rights(args->rights, &host->rights, error);
	if (!err && args->mhkey)
		err = parse_mhkey(args->mhkey, domain, host, error);
	if (!err && !has_hs)
		err = domain_random(host->hs, PDT1_KEY_LEN, error);
	if (!err && !has_cyid)
		err = domain_random(&host->cyid, sizeof(host->cyid), error);
	if (err || host->mhkey.count)
		goto drop;

	/* The newest ones, as many as fit. */
	i = domain->mhkey.count > PAYLOAD_GENERATIONS ?
	    domain->mhkey.count - PAYLOAD_GENERATIONS : 0;
	for (; !err && i < domain->mhkey.count; i++)
		err = take(domain, domain->mhkey.of[i].number, host, error);
drop:
	json_decref(from.object);
	return err;
}

static int write_payload(const struct host *host, const char *path, bool force,
			 struct domain_error *error)
{
	uint8_t payload[PAYLOAD_MAX] = PAYLOAD_MAGIC, *p;
	unsigned int i;
	int err;

	payload[4] = PAYLOAD_VERSION;
	payload[5] = (uint8_t)host->mhkey.count;
	memcpy(payload + 8, host->sn, PDT1_ID_LEN);
	memcpy(payload + 16, host->hs, PDT1_KEY_LEN);
	p = payload + PAYLOAD_HEADER;
	for (i = 0; i < host->mhkey.count; i++, p += PAYLOAD_GENERATION) {
		put_be16(p, host->mhkey.of[i].number);
		memcpy(p + 2, host->mhkey.of[i].key, PDT1_KEY_LEN);
	}
	err = domain_file_write(path, 0600, force, payload, (size_t)(p - payload),
				error);
	explicit_bzero(payload, sizeof(payload));
	return err;
}

static int write_info(const struct host *host, const struct domain *domain,
		      const char *path, bool force, struct domain_error *error)
{
	uint8_t out[PDT1_CY_LEN], nonce[PDT1_NONCE_LEN];
	struct domain_cy cy = {
		.dom = domain->dom, .cyid = host->cyid, .rights = host->rights,
	};
	const struct domain_generation *k;
	json_t *list = json_array();
	unsigned int i;
	int err = 0;

	memcpy(cy.sn, host->sn, PDT1_ID_LEN);
	for (i = domain->k.count; !err && i-- > 0;) {
		k = &domain->k.of[i];
		err = domain_random(nonce, sizeof(nonce), error);
		if (err)
			break;
		cy.g = k->number;
		domain_as(host->hs, cy.dom, cy.g, cy.sn, cy.as);
		domain_cy_seal(&cy, k->key, nonce, out);
		if (json_array_append_new(list, domain_json_from_hex(out,
								     sizeof(out))))
			err = domain_fail(error, -ENOMEM, "out of memory");
	}
	explicit_bzero(&cy, sizeof(cy));
	if (err) {
		json_decref(list);
		return err;
	}
	return domain_json_write(json_pack("{s:s,s:i,s:o,s:I,s:i,s:I,s:o}",
					   "smpair", "host", "v", 1,
					   "SN", domain_json_from_id(host->sn),
					   "dom", (json_int_t)domain->dom,
					   "rights", (int)host->rights,
					   "CYID", (json_int_t)host->cyid,
					   "CY", list),
				 path, 0600, force, error);
}

/**
 * provision_host() - Make host credentials; what is not stated is random.
 * @args: --domain, --out, --id or --issuer and --serial, --rights, --mhkey,
 *	--from, --force, --print-id.
 * @error: Receives the reason of a refusal.
 *
 * Return: 0, -EDOM for wrong usage, or another negative errno.
 */
int provision_host(const struct provision_args *args,
		   struct domain_error *error)
{
	char *secret = NULL, *info = NULL;
	struct host host = { 0 };
	struct domain domain;
	int err;

	err = output_begin(args, &domain, error);
	if (err)
		return err;
	err = collect(args, &domain, &host, error);
	if (!err)
		err = output_path(args, "host", host.sn, "key", &secret, error);
	if (!err)
		err = output_path(args, "host", host.sn, "json", &info, error);
	if (!err)
		err = write_payload(&host, secret, args->force, error);
	if (!err)
		err = write_info(&host, &domain, info, args->force, error);
	if (!err)
		output_made(args, "host", host.sn, secret, info);
	explicit_bzero(&host, sizeof(host));
	domain_wipe(&domain);
	free(secret);
	free(info);
	return err;
}
