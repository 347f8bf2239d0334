// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <stdlib.h>

#include "centre/mac.h"
#include "centre/provider.h"
#include "domain/kdf.h"

/* A label that the protocol does not use. */
#define LABEL_CHECK	"centre-check"

static const struct mac_ops *const backends[] = {
	&mac_file, &mac_kernel, &mac_pkcs11,
};

#define BACKENDS	(sizeof(backends) / sizeof(backends[0]))

struct provider {
	const struct mac_ops *ops;
	struct mac *mac;
};

/* A master as domain_kdf() takes it. */
struct held {
	struct domain_mac mac;
	struct provider *provider;
	enum master kind;
	uint16_t generation;
	struct domain_error *error;
};

const char *master_name(enum master kind)
{
	return kind == MASTER_MPIN ? "MPIN" : "MMGT";
}

/**
 * provider_open() - Open what holds the masters.
 * @provider: Receives it; ended with provider_close().
 * @spec: "file", "kernel:…" or "pkcs11:…", as smpair-centre(8) describes them.
 * @domain_path: Domain file, for "file".
 * @error: Receives the reason of a refusal.
 *
 * Call it after the last fork(): a token does not know the child of a process.
 *
 * Return: 0, -EDOM for wrong usage, or another negative errno.
 */
int provider_open(struct provider **provider, const char *spec,
		  const char *domain_path, struct domain_error *error)
{
	struct provider *p;
	const char *rest;
	size_t i, len;
	int err;

	for (i = 0; i < BACKENDS; i++) {
		len = strlen(backends[i]->name);
		rest = spec + len;
		if (!strncmp(spec, backends[i]->name, len) &&
		    (!*rest || *rest == ':'))
			break;
	}
	if (i == BACKENDS)
		return domain_fail(error, -EDOM,
				   "--mac takes file, kernel:MASTER=SERIAL,... or pkcs11:module=PATH;token=LABEL;pin-file=PATH");
	p = calloc(1, sizeof(*p));
	if (!p)
		return domain_fail(error, -ENOMEM, "out of memory");
	p->ops = backends[i];
	err = p->ops->open(&p->mac, *rest ? rest + 1 : rest, domain_path, error);
	if (err) {
		free(p);
		return err;
	}
	*provider = p;
	return 0;
}

/**
 * provider_close() - Forget the masters.
 * @provider: The provider, or NULL.
 */
void provider_close(struct provider *provider)
{
	if (!provider)
		return;
	provider->ops->close(provider->mac);
	free(provider);
}

/**
 * provider_has() - Whether a generation of a master is there.
 * @provider: The provider.
 * @kind: Which master.
 * @generation: 1 to 65535.
 *
 * Return: True where it is, or was when the provider last saw its token.
 */
bool provider_has(const struct provider *provider, enum master kind,
		  uint16_t generation)
{
	return provider->ops->has(provider->mac, kind, generation);
}

/**
 * provider_newest() - The generation of a master for what is new.
 * @provider: The provider.
 * @kind: Which master.
 *
 * Return: The generation, 0 where there is none.
 */
uint16_t provider_newest(const struct provider *provider, enum master kind)
{
	return provider->ops->newest(provider->mac, kind);
}

/**
 * mac_label() - Read the name of a generation of a master.
 * @text: "mpin.1", "mmgt.2" …; not ended by a NUL.
 * @len: Its bytes.
 * @kind: Receives the master.
 * @generation: Receives the generation, 1 to 65535.
 *
 * Return: 0 or -EINVAL.
 */
int mac_label(const char *text, size_t len, enum master *kind,
	      uint16_t *generation)
{
	unsigned int value = 0;
	size_t i;

	if (len < 6 || len > 10 || text[5] == '0')
		return -EINVAL;
	if (!memcmp(text, "mpin.", 5))
		*kind = MASTER_MPIN;
	else if (!memcmp(text, "mmgt.", 5))
		*kind = MASTER_MMGT;
	else
		return -EINVAL;
	for (i = 5; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -EINVAL;
		value = value * 10 + (unsigned int)(text[i] - '0');
	}
	if (!value || value > UINT16_MAX)
		return -EINVAL;
	*generation = (uint16_t)value;
	return 0;
}

static int held_hmac(const struct domain_mac *mac, const uint8_t *key,
		     const void *data, size_t len, uint8_t out[PDT1_HASH_LEN])
{
	const struct held *held = (const struct held *)mac;
	int err;

	if (key)
		return domain_mac_library.hmac(&domain_mac_library, key, data,
					       len, out);
	err = held->provider->ops->hmac(held->provider->mac, held->kind,
					held->generation, data, len, out,
					held->error);
	if (err)
		explicit_bzero(out, PDT1_HASH_LEN);
	return err;
}

/**
 * provider_derive() - KDF of the protocol under a master.
 * @provider: The provider.
 * @kind: Which master.
 * @generation: Which generation.
 * @label: ASCII, at most 31 characters.
 * @context: @context_len bytes.
 * @context_len: At most %DOMAIN_KDF_CONTEXT_MAX.
 * @out: Receives @out_len bytes; wiped on error.
 * @out_len: 1 to 32.
 * @error: Receives the reason of a failure.
 *
 * May wait for a token.
 *
 * Return: 0; -ENOKEY where the generation is not there; -EAGAIN where the token
 * is away and may come back; or another negative errno.
 */
int provider_derive(struct provider *provider, enum master kind,
		    uint16_t generation, const char *label, const void *context,
		    size_t context_len, uint8_t *out, size_t out_len,
		    struct domain_error *error)
{
	const struct held held = {
		.mac = { held_hmac }, .provider = provider, .kind = kind,
		.generation = generation, .error = error,
	};

	if (!provider_has(provider, kind, generation)) {
		explicit_bzero(out, out_len);
		return domain_fail(error, -ENOKEY,
				   "generation %u of %s is not there; name a domain file or --mac that holds it",
				   generation, master_name(kind));
	}
	return domain_kdf(&held.mac, NULL, label, context, context_len, out,
			  out_len);
}

/**
 * provider_kpin() - A module's PIN key.
 * @provider: The provider.
 * @generation: Of MPIN.
 * @mid: The module.
 * @kpin: Receives 32 bytes; the caller wipes them.
 * @error: Receives the reason of a failure.
 *
 * Return: As provider_derive().
 */
int provider_kpin(struct provider *provider, uint16_t generation,
		  const uint8_t mid[PDT1_ID_LEN], uint8_t kpin[PDT1_KEY_LEN],
		  struct domain_error *error)
{
	return provider_derive(provider, MASTER_MPIN, generation,
			       PDT1_LABEL_KPIN, mid, PDT1_ID_LEN, kpin,
			       PDT1_KEY_LEN, error);
}

/**
 * provider_kmg() - A module's management key.
 * @provider: The provider.
 * @generation: Of MMGT.
 * @mid: The module.
 * @kmg: Receives 32 bytes; the caller wipes them.
 * @error: Receives the reason of a failure.
 *
 * Return: As provider_derive().
 */
int provider_kmg(struct provider *provider, uint16_t generation,
		 const uint8_t mid[PDT1_ID_LEN], uint8_t kmg[PDT1_KEY_LEN],
		 struct domain_error *error)
{
	return provider_derive(provider, MASTER_MMGT, generation,
			       PDT1_LABEL_KMG, mid, PDT1_ID_LEN, kmg,
			       PDT1_KEY_LEN, error);
}

/**
 * provider_check() - The value by which a wrong master is noticed.
 * @provider: The provider.
 * @kind: Which master.
 * @generation: Which generation.
 * @check: Receives 8 bytes, from which nobody gets back to the master.
 * @error: Receives the reason of a failure.
 *
 * Return: As provider_derive().
 */
int provider_check(struct provider *provider, enum master kind,
		   uint16_t generation, uint8_t check[MASTER_CHECK_LEN],
		   struct domain_error *error)
{
	return provider_derive(provider, kind, generation, LABEL_CHECK, NULL, 0,
			       check, MASTER_CHECK_LEN, error);
}

/**
 * provider_mac() - Who computes with keys that follow from the masters.
 * @provider: The provider.
 *
 * Return: What domain_pin() and its like take; valid as long as the program.
 */
const struct domain_mac *provider_mac(const struct provider *provider)
{
	return provider->ops->derived;
}

/**
 * provider_ready() - Whether a PIN could be computed now.
 * @provider: The provider.
 * @error: Receives the reason where not.
 *
 * Computes with the newest MPIN. A token that went away is looked for, so that
 * asking again after a while is all that it takes.
 *
 * Return: As provider_derive().
 */
int provider_ready(struct provider *provider, struct domain_error *error)
{
	uint8_t check[MASTER_CHECK_LEN];
	int err;

	err = provider_check(provider, MASTER_MPIN,
			     provider_newest(provider, MASTER_MPIN), check,
			     error);
	explicit_bzero(check, sizeof(check));
	return err;
}
