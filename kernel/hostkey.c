// SPDX-License-Identifier: GPL-2.0
/*
 * Host credentials (section 3), and PINs, from keys of the key retention service.
 *
 * The payload of a key is read once. What is kept of it is derived: AS for each
 * host cryptogram, TK and KW for each MHKey generation; HS and the MHKeys are
 * forgotten before the credentials can be used.
 */
#include <keys/encrypted-type.h>
#include <keys/trusted-type.h>
#include <keys/user-type.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/key.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "apdu.h"
#include "crypto.h"
#include "hostkey.h"

#define PAYLOAD_MAX	(SMPAIR_HOST_HEADER_LEN + SMPAIR_MHKEY_MAX * SMPAIR_HOST_ENTRY_LEN)

static DEFINE_MUTEX(current_lock);
static struct smpair_host *current_host;	/* under current_lock, owns a reference */

/* X and W of one generation, which only TK and KW outlive */
static int derive_gen(struct smpair_host_gen *gen, const u8 *hs, const u8 *mhkey, const u8 *sn)
{
	u8 ctx[sizeof(u16) + PDT1_ID_LEN + PDT1_KEY_LEN];
	u8 *x = ctx + sizeof(u16) + PDT1_ID_LEN;
	u8 w[PDT1_KEY_LEN];
	int ret;

	put_unaligned_be16(gen->m, ctx);
	memcpy(ctx + sizeof(u16), sn, PDT1_ID_LEN);
	ret = smpair_kdf(mhkey, PDT1_LABEL_MHKEY, ctx, sizeof(u16) + PDT1_ID_LEN, x,
			 PDT1_KEY_LEN) ?:
	      smpair_kdf(hs, PDT1_LABEL_WRAP, ctx, sizeof(ctx), w, sizeof(w)) ?:
	      smpair_kdf(w, PDT1_LABEL_TAG, NULL, 0, gen->tk, sizeof(gen->tk)) ?:
	      smpair_kdf(w, PDT1_LABEL_PDC, NULL, 0, gen->kw, sizeof(gen->kw));
	memzero_explicit(ctx, sizeof(ctx));
	memzero_explicit(w, sizeof(w));
	return ret;
}

/* Reads the generations and leaves @host->gen sorted, highest m first. */
static int parse_gens(struct smpair_host *host, struct smpair_reader *reader, const u8 *hs,
		      struct netlink_ext_ack *extack)
{
	struct smpair_host_gen *gens = host->gen;
	unsigned int i, at;
	const u8 *mhkey;
	int ret;
	u16 m;

	for (i = 0; i < host->gen_count; i++) {
		m = smpair_get_u16(reader);
		mhkey = smpair_get(reader, PDT1_KEY_LEN);
		if (!mhkey)
			return -EINVAL;

		for (at = 0; at < i && gens[at].m > m; at++)
			;
		if (at < i && gens[at].m == m) {
			NL_SET_ERR_MSG(extack,
				       "host key repeats an MHKey generation; provision it again");
			return -EINVAL;
		}
		memmove(&gens[at + 1], &gens[at], (i - at) * sizeof(*gens));
		gens[at].m = m;
		ret = derive_gen(&gens[at], hs, mhkey, host->sn);
		if (ret)
			return ret;
	}
	return 0;
}

static int parse_cy(struct smpair_host *host, const u8 *wire, const u8 *hs,
		    struct netlink_ext_ack *extack)
{
	struct smpair_host_cy *cy = &host->cy[host->cy_count];
	u8 ctx[sizeof(u32) + sizeof(u16) + PDT1_ID_LEN];
	unsigned int i;

	if (wire[0] != PDT1_CY_VERSION || wire[1] != PDT1_CY_TYPE) {
		NL_SET_ERR_MSG(extack,
			       "host cryptogram of another version or type; get one made for PDT1");
		return -EINVAL;
	}
	cy->g = get_unaligned_be16(wire + PDT1_CY_OFF_G);
	cy->domain = get_unaligned_be32(wire + PDT1_CY_OFF_DOM);
	if (!cy->g) {
		NL_SET_ERR_MSG(extack,
			       "host cryptogram names key generation 0; get a new one");
		return -EINVAL;
	}
	for (i = 0; i < host->cy_count; i++) {
		if (host->cy[i].g == cy->g && host->cy[i].domain == cy->domain) {
			NL_SET_ERR_MSG(extack,
				       "two host cryptograms for one domain and generation; give one");
			return -EINVAL;
		}
	}
	memcpy(cy->cy, wire, PDT1_CY_LEN);
	host->cy_count++;

	put_unaligned_be32(cy->domain, ctx);
	put_unaligned_be16(cy->g, ctx + sizeof(u32));
	memcpy(ctx + sizeof(u32) + sizeof(u16), host->sn, PDT1_ID_LEN);
	return smpair_kdf(hs, PDT1_LABEL_AS, ctx, sizeof(ctx), cy->as, sizeof(cy->as));
}

static int parse_payload(struct smpair_host *host, const u8 *payload, size_t len,
			 const u8 cy[][PDT1_CY_LEN], unsigned int cy_count,
			 struct netlink_ext_ack *extack)
{
	const u8 *magic, *sn, *hs;
	struct smpair_reader reader;
	unsigned int i;
	u8 version;
	u16 zero;
	int ret;

	smpair_reader_init(&reader, payload, len);
	magic = smpair_get(&reader, sizeof(SMPAIR_HOST_MAGIC) - 1);
	version = smpair_get_u8(&reader);
	host->gen_count = smpair_get_u8(&reader);
	zero = smpair_get_u16(&reader);
	sn = smpair_get(&reader, PDT1_ID_LEN);
	hs = smpair_get(&reader, PDT1_KEY_LEN);
	if (reader.error || memcmp(magic, SMPAIR_HOST_MAGIC, sizeof(SMPAIR_HOST_MAGIC) - 1)) {
		NL_SET_ERR_MSG(extack,
			       "key does not hold host secrets; give one made by smpair-provision");
		return -EINVAL;
	}
	if (version != SMPAIR_HOST_VERSION || zero) {
		NL_SET_ERR_MSG(extack,
			       "host key of another version; provision it for this driver");
		return -EINVAL;
	}
	if (!host->gen_count || host->gen_count > SMPAIR_MHKEY_MAX ||
	    len != SMPAIR_HOST_HEADER_LEN + host->gen_count * SMPAIR_HOST_ENTRY_LEN) {
		NL_SET_ERR_MSG(extack,
			       "host key is cut short or damaged; load it again from its file");
		return -EINVAL;
	}
	if (!cy_count || cy_count > SMPAIR_CY_MAX) {
		NL_SET_ERR_MSG(extack, "give between one and eight host cryptograms");
		return -EINVAL;
	}

	memcpy(host->sn, sn, PDT1_ID_LEN);
	ret = parse_gens(host, &reader, hs, extack);
	for (i = 0; !ret && i < cy_count; i++)
		ret = parse_cy(host, cy[i], hs, extack);
	return ret;
}

/**
 * smpair_host_create() - derive host credentials
 * @payload: payload of a host key: "SMPH" | 01 | u8 count | u16 0 | SN 8 | HS 32 |
 *	count * (u16 m | MHKey 32)
 * @len: its length
 * @cy: host cryptograms
 * @cy_count: their number, 1 to SMPAIR_CY_MAX
 * @extack: told what is wrong and what to do; may be NULL
 *
 * Context: Process context, may sleep.
 * Return: credentials with one reference, for smpair_host_put(); ERR_PTR(-EINVAL):
 * payload or a cryptogram malformed; ERR_PTR(-ENOMEM).
 */
struct smpair_host *smpair_host_create(const u8 *payload, size_t len,
				       const u8 cy[][PDT1_CY_LEN], unsigned int cy_count,
				       struct netlink_ext_ack *extack)
{
	struct smpair_host *host;
	int ret;

	host = kzalloc(sizeof(*host), GFP_KERNEL);
	if (!host)
		return ERR_PTR(-ENOMEM);

	kref_init(&host->kref);
	ret = parse_payload(host, payload, len, cy, cy_count, extack);
	if (ret) {
		smpair_host_put(host);
		return ERR_PTR(ret);
	}
	return host;
}

static void host_release(struct kref *kref)
{
	kfree_sensitive(container_of(kref, struct smpair_host, kref));
}

/**
 * smpair_host_put() - drop a reference to credentials, wiping them with the last
 * @host: credentials, or NULL
 *
 * Context: Any.
 */
void smpair_host_put(struct smpair_host *host)
{
	if (host)
		kref_put(&host->kref, host_release);
}

/**
 * smpair_host_get() - the credentials in use
 *
 * Context: Process context, may sleep.
 * Return: credentials with a reference for the caller, or NULL: none are loaded.
 */
struct smpair_host *smpair_host_get(void)
{
	struct smpair_host *host;

	mutex_lock(&current_lock);
	host = current_host;
	if (host)
		kref_get(&host->kref);
	mutex_unlock(&current_lock);
	return host;
}

static void publish(struct smpair_host *host)
{
	mutex_lock(&current_lock);
	swap(host, current_host);
	mutex_unlock(&current_lock);
	smpair_host_put(host);
}

/**
 * smpair_host_clear() - forget the credentials in use
 *
 * Whoever holds a reference keeps them until it is dropped.
 *
 * Context: Process context, may sleep.
 */
void smpair_host_clear(void)
{
	publish(NULL);
}

static struct key *find_key(s32 serial, struct netlink_ext_ack *extack)
{
	key_ref_t ref;

	/* Negative numbers name the caller's keyrings, never a key with a secret. */
	if (serial <= 0) {
		NL_SET_ERR_MSG(extack, "not the serial number of a key; give a positive one");
		return ERR_PTR(-EINVAL);
	}
	ref = lookup_user_key(serial, 0, KEY_NEED_SEARCH);
	if (!IS_ERR(ref))
		return key_ref_to_ptr(ref);

	switch (PTR_ERR(ref)) {
	case -EACCES:
		NL_SET_ERR_MSG(extack,
			       "no search permission on the key; link it to a keyring you possess");
		break;
	case -EKEYEXPIRED:
	case -EKEYREVOKED:
		NL_SET_ERR_MSG(extack, "the key has expired or was revoked; load it again");
		break;
	case -ENOMEM:
		break;
	default:
		NL_SET_ERR_MSG(extack, "no such key; load it and give its serial number");
		break;
	}
	return ERR_CAST(ref);
}

/*
 * The secret in a key that only the kernel can read. Under key->sem; NULL when the
 * key was revoked meanwhile. @known tells whether the type is one that hides it.
 */
static const u8 *secret_locked(const struct key *key, size_t *len, bool *known)
{
	*known = true;
	if (key->type == &key_type_logon) {
		const struct user_key_payload *payload = user_key_payload_locked(key);

		*len = payload ? payload->datalen : 0;
		return payload ? payload->data : NULL;
	}
#if IS_REACHABLE(CONFIG_ENCRYPTED_KEYS)
	if (key->type == &key_type_encrypted) {
		const struct encrypted_key_payload *payload = key->payload.data[0];

		*len = payload ? payload->decrypted_datalen : 0;
		return payload ? payload->decrypted_data : NULL;
	}
#endif
#if IS_REACHABLE(CONFIG_TRUSTED_KEYS)
	if (key->type == &key_type_trusted) {
		const struct trusted_key_payload *payload = key->payload.data[0];

		*len = payload ? payload->key_len : 0;
		return payload ? payload->key : NULL;
	}
#endif
	*known = false;
	return NULL;
}

/* Copies the secret of a key, at most @size bytes; a longer one is refused. */
static int copy_secret(struct key *key, u8 *buf, size_t size, size_t *len,
		       struct netlink_ext_ack *extack)
{
	const u8 *secret;
	bool known;
	int ret = 0;

	down_read(&key->sem);
	secret = secret_locked(key, len, &known);
	if (!known) {
		NL_SET_ERR_MSG(extack,
			       "key of a type that user space can read; use type logon");
		ret = -EKEYREJECTED;
	} else if (!secret) {
		NL_SET_ERR_MSG(extack, "the key was revoked; load it again");
		ret = -EKEYREVOKED;
	} else if (*len > size) {
		NL_SET_ERR_MSG(extack, "the key is too long for its purpose; give another one");
		ret = -EINVAL;
	} else {
		memcpy(buf, secret, *len);
	}
	up_read(&key->sem);
	return ret;
}

/**
 * smpair_host_load() - take the credentials in use from a key
 * @serial: key of type logon, encrypted or trusted
 * @cy: host cryptograms
 * @cy_count: their number, 1 to SMPAIR_CY_MAX
 * @extack: told what is wrong and what to do; may be NULL
 *
 * The key is looked up with the credentials of the current task, which needs
 * search permission on it. On failure the credentials in use stay.
 *
 * Context: Process context of the task that asks, may sleep.
 * Return: 0; -EKEYREVOKED, -EKEYEXPIRED, -EACCES, -ENOKEY: the key cannot be used;
 * -EKEYREJECTED: a type whose content user space can read; -EINVAL: its content or a
 * cryptogram is malformed; -ENOMEM.
 */
int smpair_host_load(s32 serial, const u8 cy[][PDT1_CY_LEN], unsigned int cy_count,
		     struct netlink_ext_ack *extack)
{
	struct smpair_host *host;
	struct key *key;
	u8 *payload;
	size_t len;
	int ret;

	payload = kmalloc(PAYLOAD_MAX, GFP_KERNEL);
	if (!payload)
		return -ENOMEM;

	key = find_key(serial, extack);
	if (IS_ERR(key)) {
		ret = PTR_ERR(key);
		goto free_payload;
	}
	ret = copy_secret(key, payload, PAYLOAD_MAX, &len, extack);
	key_put(key);
	if (ret)
		goto free_payload;

	host = smpair_host_create(payload, len, cy, cy_count, extack);
	if (IS_ERR(host))
		ret = PTR_ERR(host);
	else
		publish(host);
free_payload:
	kfree_sensitive(payload);
	return ret;
}

/**
 * smpair_pin_load() - take a PIN from a key and invalidate the key
 * @serial: key of type logon that holds eight ASCII digits
 * @pin: result; wiped on failure
 * @extack: told what is wrong and what to do; may be NULL
 *
 * The key is looked up with the credentials of the current task, which needs
 * search permission on it. A key that holds no PIN is left alone: it may be one
 * given by mistake.
 *
 * Context: Process context of the task that asks, may sleep.
 * Return: 0; -EKEYREVOKED, -EKEYEXPIRED, -EACCES, -ENOKEY: the key cannot be used;
 * -EKEYREJECTED: another type; -EINVAL: not eight digits.
 */
int smpair_pin_load(s32 serial, u8 pin[PDT1_PIN_LEN], struct netlink_ext_ack *extack)
{
	bool digits = true;
	struct key *key;
	unsigned int i;
	size_t len;
	int ret;

	key = find_key(serial, extack);
	if (IS_ERR(key))
		return PTR_ERR(key);

	if (key->type != &key_type_logon) {
		NL_SET_ERR_MSG(extack, "a PIN is taken from a key of type logon only; use that");
		ret = -EKEYREJECTED;
		goto put_key;
	}
	ret = copy_secret(key, pin, PDT1_PIN_LEN, &len, extack);
	if (ret)
		goto put_key;

	/* No early exit: which character is wrong is nobody's business. */
	for (i = 0; i < PDT1_PIN_LEN && i < len; i++)
		digits &= pin[i] >= '0' && pin[i] <= '9';
	if (len != PDT1_PIN_LEN || !digits) {
		NL_SET_ERR_MSG(extack, "a PIN has exactly eight digits; store it in the key again");
		memzero_explicit(pin, PDT1_PIN_LEN);
		ret = -EINVAL;
		goto put_key;
	}
	key_invalidate(key);
put_key:
	key_put(key);
	return ret;
}
