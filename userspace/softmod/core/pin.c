// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "softmod/core/bytes.h"
#include "softmod/core/error.h"
#include "softmod/core/kdf.h"
#include "softmod/core/pin.h"

/* Dynamic truncation of RFC 4226 over a 32-byte MAC */
static uint32_t truncate(const uint8_t mac[PDT1_HASH_LEN])
{
	return sm_get32(mac + (mac[PDT1_HASH_LEN - 1] & 15)) & 0x7fffffff;
}

static int pin_key(const struct sm_port *port, const struct sm_store *store,
		   const uint8_t sn[PDT1_ID_LEN], uint8_t key[PDT1_KEY_LEN])
{
	const uint8_t *kpin = store->keys.kpin;

	switch (store->cfg.pin_policy) {
	case PDT1_PIN_MODULE:
		return sm_kdf(port, kpin, PDT1_LABEL_PIN_MODULE, NULL, 0, key,
			      PDT1_KEY_LEN);
	case PDT1_PIN_PAIR:
		return sm_kdf(port, kpin, PDT1_LABEL_PIN_PAIR, sn, PDT1_ID_LEN,
			      key, PDT1_KEY_LEN);
	case PDT1_PIN_INDEXED:
		return sm_kdf(port, kpin, PDT1_LABEL_PIN_INDEXED, sn,
			      PDT1_ID_LEN, key, PDT1_KEY_LEN);
	default:
		return SM_EINVAL;
	}
}

int sm_pin(const struct sm_port *port, const struct sm_store *store,
	   const uint8_t sn[PDT1_ID_LEN], uint8_t pin[PDT1_PIN_LEN])
{
	uint8_t counter[8] = { 0 };
	const struct sm_part part = { counter, sizeof(counter) };
	uint8_t key[PDT1_KEY_LEN];
	uint8_t mac[PDT1_HASH_LEN];
	uint32_t value;
	int err, i;

	if (store->cfg.pin_policy == PDT1_PIN_INDEXED)
		sm_put32(counter + 4, store->meta.n);

	err = pin_key(port, store, sn, key);
	if (!err && port->hmac(port->ctx, key, &part, 1, mac))
		err = SM_EIO;
	if (!err) {
		value = truncate(mac) % PDT1_PIN_MODULUS;
		for (i = PDT1_PIN_LEN - 1; i >= 0; i--, value /= 10)
			pin[i] = (uint8_t)('0' + value % 10);
		sm_wipe(&value, sizeof(value));
	}

	sm_wipe(key, sizeof(key));
	sm_wipe(mac, sizeof(mac));
	return err;
}

uint8_t sm_pin_tries(const struct sm_store *store)
{
	return store->meta.wt >= PDT1_WT_MAX ? 0 : store->meta.ptc;
}

int sm_request_code(const struct sm_port *port, const struct sm_store *store,
		    const uint8_t sn[PDT1_ID_LEN], uint32_t *rq)
{
	uint8_t n[4];
	const struct sm_part parts[] = {
		SM_TEXT(PDT1_CTX_REQUEST),
		{ &store->cfg.pin_policy, 1 },
		{ store->keys.mid, PDT1_ID_LEN },
		{ sn, PDT1_ID_LEN },
		{ n, sizeof(n) },
		{ store->meta.ft, PDT1_FT_LEN },
	};
	uint8_t mac[PDT1_HASH_LEN];

	sm_put32(n, store->meta.n);
	if (port->hmac(port->ctx, store->keys.kpin, parts, 6, mac))
		return SM_EIO;
	*rq = truncate(mac) % PDT1_RQ_MODULUS;
	sm_wipe(mac, sizeof(mac));
	return 0;
}

int sm_fork_tag(const struct sm_port *port, const struct sm_store *store,
		const uint8_t sn[PDT1_ID_LEN], uint8_t ft[PDT1_FT_LEN])
{
	uint8_t n[4];
	const struct sm_part parts[] = {
		SM_TEXT(PDT1_CTX_FORK_TAG),
		{ store->meta.ft, PDT1_FT_LEN },
		{ sn, PDT1_ID_LEN },
		{ n, sizeof(n) },
	};
	uint8_t mac[PDT1_HASH_LEN];

	if (store->cfg.pin_policy != PDT1_PIN_INDEXED) {
		memcpy(ft, store->meta.ft, PDT1_FT_LEN);
		return 0;
	}

	sm_put32(n, store->meta.n + 1);
	if (port->hmac(port->ctx, store->keys.kpin, parts, 4, mac))
		return SM_EIO;
	memcpy(ft, mac, PDT1_FT_LEN);
	sm_wipe(mac, sizeof(mac));
	return 0;
}
