// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Masters in a PKCS#11 token.
 *
 * A token that goes away, for a moment or because its server was restarted, makes
 * calls fail with -EAGAIN; each later call looks for it again, at most once a
 * second.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "centre/mac.h"
#include "centre/provider.h"
#include "centre/token.h"

#define MASTERS_MAX	32
#define RETRY_S		1

struct mac {
	pthread_mutex_t lock;	/* everything below: one session, one signer */
	struct token token;
	time_t tried;		/* when it was last found to be away, or 0 */
	/* Stays while the token is away: it says what will be there. */
	unsigned int count;
	struct token_key keys[MASTERS_MAX];
};

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static int look_again(struct mac *mac, struct domain_error *error)
{
	unsigned int count;
	int err;

	err = token_connect(&mac->token, false, error);
	if (err)
		return err;
	err = token_keys(&mac->token, mac->keys, MASTERS_MAX, &count, error);
	/* Half a list would be worse than the old one. */
	if (!err && !count)
		err = domain_fail(error, -ENOKEY,
				  "token %s holds no key mpin.1; put the masters there with import-masters",
				  mac->token.label);
	if (err)
		token_disconnect(&mac->token);
	else
		mac->count = count;
	return err;
}

static int reconnect(struct mac *mac, struct domain_error *error)
{
	int err;

	if (mac->tried && now() - mac->tried < RETRY_S)
		return domain_fail(error, -EAGAIN,
				   "token %s is away; it is looked for every second",
				   mac->token.label);
	err = look_again(mac, error);
	mac->tried = err ? now() : 0;
	return err;
}

static const struct token_key *find(const struct mac *mac, enum master kind,
				    uint16_t generation)
{
	unsigned int i;

	for (i = 0; i < mac->count; i++)
		if (mac->keys[i].kind == kind &&
		    mac->keys[i].generation == generation)
			return &mac->keys[i];
	return NULL;
}

static bool pkcs11_has(const struct mac *mac, enum master kind,
		       uint16_t generation)
{
	struct mac *m = (struct mac *)mac;
	bool has;

	pthread_mutex_lock(&m->lock);
	has = find(mac, kind, generation);
	pthread_mutex_unlock(&m->lock);
	return has;
}

static uint16_t pkcs11_newest(const struct mac *mac, enum master kind)
{
	struct mac *m = (struct mac *)mac;
	uint16_t newest = 0;
	unsigned int i;

	pthread_mutex_lock(&m->lock);
	for (i = 0; i < mac->count; i++)
		if (mac->keys[i].kind == kind &&
		    mac->keys[i].generation > newest)
			newest = mac->keys[i].generation;
	pthread_mutex_unlock(&m->lock);
	return newest;
}

static int locked_hmac(struct mac *mac, enum master kind, uint16_t generation,
		       const void *data, size_t len, uint8_t out[PDT1_HASH_LEN],
		       struct domain_error *error)
{
	const struct token_key *key;
	CK_RV rv = CKR_OK;
	int err, tries;

	/* A session that went stale is opened anew, once, at no loss. */
	for (tries = 0; tries < 2; tries++) {
		err = token_connected(&mac->token) ? 0 : reconnect(mac, error);
		if (err)
			return err;
		key = find(mac, kind, generation);
		if (!key)
			return domain_fail(error, -ENOKEY,
					   "token %s lost generation %u of %s; put it back",
					   mac->token.label, generation,
					   master_name(kind));
		rv = token_hmac(&mac->token, key->handle, data, len, out);
		if (rv == CKR_OK)
			return 0;
		token_disconnect(&mac->token);
	}
	mac->tried = now();
	return token_refuse(&mac->token, "computing", rv, error);
}

static int pkcs11_hmac(struct mac *mac, enum master kind, uint16_t generation,
		       const void *data, size_t len, uint8_t out[PDT1_HASH_LEN],
		       struct domain_error *error)
{
	int err;

	pthread_mutex_lock(&mac->lock);
	err = locked_hmac(mac, kind, generation, data, len, out, error);
	pthread_mutex_unlock(&mac->lock);
	return err;
}

static void pkcs11_close(struct mac *mac)
{
	token_unload(&mac->token);
	pthread_mutex_destroy(&mac->lock);
	free(mac);
}

static int pkcs11_open(struct mac **out, const char *spec,
		       const char *domain_path, struct domain_error *error)
{
	struct mac *mac = calloc(1, sizeof(*mac));
	int err;

	(void)domain_path;
	if (!mac)
		return domain_fail(error, -ENOMEM, "out of memory");
	pthread_mutex_init(&mac->lock, NULL);
	err = token_load(&mac->token, spec, error);
	if (!err)
		err = reconnect(mac, error);
	if (err)
		pkcs11_close(mac);
	else
		*out = mac;
	return err;
}

const struct mac_ops mac_pkcs11 = {
	.name = TOKEN_SCHEME,
	.derived = &domain_mac_library,
	.open = pkcs11_open,
	.close = pkcs11_close,
	.has = pkcs11_has,
	.newest = pkcs11_newest,
	.hmac = pkcs11_hmac,
};
