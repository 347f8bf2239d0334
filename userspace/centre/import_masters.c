// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The verb import-masters: from a domain file into a token.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <nettle/memops.h>

#include "centre/centre.h"
#include "centre/token.h"
#include "domain/domain.h"
#include "domain/mac.h"
#include "domain/secret.h"

#define MASTERS_MAX	(MASTER_KINDS * DOMAIN_GENERATIONS)

/* Both ways of computing the same are what shows that the token has this key. */
static int compare(struct token *token, const struct token_key *key,
		   const uint8_t value[PDT1_KEY_LEN], struct domain_error *error)
{
	static const char probe[] = "import-masters";
	uint8_t here[PDT1_HASH_LEN], there[PDT1_HASH_LEN];
	CK_RV rv;
	int err;

	err = domain_mac_library.hmac(&domain_mac_library, value, probe,
				      sizeof(probe), here);
	if (err)
		return domain_fail(error, err, "%s", strerror(-err));
	rv = token_hmac(token, key->handle, probe, sizeof(probe), there);
	if (rv != CKR_OK)
		err = token_refuse(token, "computing", rv, error);
	else if (!memeql_sec(here, there, sizeof(here)))
		err = domain_fail(error, -EEXIST,
				  "token %s holds another generation %u of %s than the domain file; remove the wrong one",
				  token->label, key->generation,
				  master_name(key->kind));
	explicit_bzero(here, sizeof(here));
	explicit_bzero(there, sizeof(there));
	return err;
}

static int import_one(struct token *token, const struct token_key *held,
		      unsigned int count, enum master kind,
		      const struct domain_generation *g, struct domain_error *error)
{
	struct token_key key = { .kind = kind, .generation = g->number };
	const char *done = "is there";
	unsigned int i;
	int err = 0;

	for (i = 0; i < count; i++)
		if (held[i].kind == kind && held[i].generation == g->number)
			break;
	if (i < count) {
		key = held[i];
	} else {
		err = token_put(token, &key, g->key, error);
		done = "put there";
	}
	if (!err)
		err = compare(token, &key, g->key, error);
	if (!err)
		printf("%s generation %u: %s\n", master_name(kind), g->number, done);
	return err;
}

static int import_all(struct token *token, const struct domain *domain,
		      struct domain_error *error)
{
	const struct domain_generations *of[MASTER_KINDS] = {
		[MASTER_MPIN] = &domain->mpin, [MASTER_MMGT] = &domain->mmgt,
	};
	struct token_key held[2 * MASTERS_MAX];
	unsigned int count, kind, i;
	int err;

	err = token_keys(token, held, 2 * MASTERS_MAX, &count, error);
	for (kind = 0; kind < MASTER_KINDS; kind++)
		for (i = 0; !err && i < of[kind]->count; i++)
			err = import_one(token, held, count, (enum master)kind,
					 &of[kind]->of[i], error);
	return err;
}

/**
 * centre_import_masters() - Put a domain's masters into a token.
 * @centre: --domain, --mac; there is no database.
 *
 * Every generation that the token lacks is put there, sensitive and not
 * extractable; those that it has are compared.
 *
 * Return: As all verbs.
 */
int centre_import_masters(struct centre *centre)
{
	const struct centre_args *args = centre->args;
	const char *spec = args->mac ? args->mac : "";
	struct token token = { 0 };
	struct domain *domain;
	int err;

	if (!args->domain || strncmp(spec, TOKEN_SCHEME ":", sizeof(TOKEN_SCHEME)))
		return domain_fail(&centre->error, -EDOM,
				   "name the complete domain file with --domain, and the token with --mac pkcs11:...");
	domain = domain_secret_alloc(sizeof(*domain));
	if (!domain)
		return domain_fail(&centre->error, -ENOMEM, "out of memory");
	err = domain_load(domain, args->domain, &centre->error);
	if (!err && !domain->mpin.count)
		err = domain_fail(&centre->error, -ENOKEY,
				  "%s lacks MPIN; name the complete domain file",
				  args->domain);
	if (!err)
		err = token_load(&token, spec + sizeof(TOKEN_SCHEME), &centre->error);
	if (!err)
		err = token_connect(&token, true, &centre->error);
	if (!err)
		err = import_all(&token, domain, &centre->error);
	token_unload(&token);
	domain_wipe(domain);
	domain_secret_free(domain);
	return err;
}
