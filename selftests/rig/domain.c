// SPDX-License-Identifier: GPL-2.0
#include "domain.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/smpair_proto.h>
#include "oracle.h"
#include "smpair/key.h"

static void put16(uint8_t *p, uint16_t v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static void mhkey(uint16_t m, uint8_t key[32])
{
	memset(key, 0x20 + m, 32);
}

static void hs(const struct rig_host *host, uint8_t key[32])
{
	memset(key, 0xa0 + host->number, 32);
}

void rig_host_init(struct rig_host *host, unsigned int number)
{
	*host = (struct rig_host){
		.number = number, .rights = PDT1_RIGHT_EVICT | PDT1_RIGHT_LIST,
		.domain = RIG_DOMAIN, .g = RIG_G, .k_fill = RIG_K_FILL,
		.m = { 1 }, .m_count = 1,
	};
}

void rig_host_sn(const struct rig_host *host, uint8_t sn[8])
{
	static const uint8_t base[8] = { 0x01, 0x01, 0, 0, 0, 0, 0x12, 0x00 };

	memcpy(sn, base, sizeof(base));
	sn[7] = host->number;
}

size_t rig_host_payload(const struct rig_host *host, uint8_t payload[48 + 4 * 34])
{
	unsigned int i;

	memset(payload, 0, 48);
	memcpy(payload, "SMPH", 4);
	payload[4] = 1;
	payload[5] = host->m_count;
	rig_host_sn(host, payload + 8);
	hs(host, payload + 16);
	for (i = 0; i < host->m_count; i++) {
		put16(payload + 48 + 34 * i, host->m[i]);
		mhkey(host->m[i], payload + 50 + 34 * i);
	}
	return 48 + 34 * host->m_count;
}

void rig_host_cy(const struct rig_host *host, uint8_t cy[SMPAIR_CY_LEN])
{
	uint8_t header[8] = { PDT1_CY_VERSION, PDT1_CY_TYPE };
	uint8_t nonce[12], k[32], key[32], secret[32], body[PDT1_CY_BODY_LEN] = { 0 }, ctx[14];

	put16(header + PDT1_CY_OFF_G, host->g);
	put32(header + PDT1_CY_OFF_DOM, host->domain);
	memset(nonce, 0xc0 + host->number, sizeof(nonce));
	memset(k, host->k_fill, sizeof(k));
	oracle_kdf(k, PDT1_LABEL_CY, NULL, 0, key, 32);

	put32(ctx, host->domain);
	put16(ctx + 4, host->g);
	rig_host_sn(host, ctx + 6);
	hs(host, secret);
	rig_host_sn(host, body);
	oracle_kdf(secret, PDT1_LABEL_AS, ctx, sizeof(ctx), body + 8, 32);
	put32(body + 40, host->number + 1);
	put16(body + 44, host->rights);
	memcpy(cy, header, sizeof(header));
	oracle_seal(key, nonce, header, sizeof(header), body, sizeof(body), cy + sizeof(header));
}

void rig_host_wrap(const struct rig_host *host, uint16_t m, uint8_t tk[32], uint8_t kw[32])
{
	uint8_t ctx[10 + 32], key[32], x[32], w[32];

	put16(ctx, m);
	rig_host_sn(host, ctx + 2);
	mhkey(m, key);
	oracle_kdf(key, PDT1_LABEL_MHKEY, ctx, 10, x, 32);
	memcpy(ctx + 10, x, 32);
	hs(host, key);
	oracle_kdf(key, PDT1_LABEL_WRAP, ctx, sizeof(ctx), w, 32);
	oracle_kdf(w, PDT1_LABEL_TAG, NULL, 0, tk, 32);
	oracle_kdf(w, PDT1_LABEL_PDC, NULL, 0, kw, 32);
}

int rig_host_load(struct smpair_client *client, const struct rig_host *host)
{
	uint8_t payload[48 + 4 * 34], cy[1][SMPAIR_CY_LEN];
	size_t len = rig_host_payload(host, payload);
	struct smpair_secret *secret;
	int32_t key;
	int err;

	rig_host_cy(host, cy[0]);
	err = smpair_secret_new(len, &secret);
	if (err)
		return err;
	memcpy(smpair_secret_data(secret), payload, len);
	err = smpair_key_add_host(secret, &key);
	smpair_secret_free(secret);
	if (err)
		return err;
	err = smpair_host_set(client, key, cy, 1);
	smpair_key_drop(key);
	return err;
}

void rig_perso_init(struct sm_perso *perso, unsigned int number)
{
	static const uint8_t mid[8] = { 0x02, 0x01, 0, 0, 0, 0, 0x56, 0x00 };
	uint8_t master[32];

	*perso = (struct sm_perso){
		.dom = RIG_DOMAIN, .k_count = 1, .pin_policy = PDT1_PIN_INDEXED,
		.evict_policy = PDT1_EVICT_APPROVED, .slots = 4, .ptc_max = PDT1_PTC_DEFAULT,
		.ageing = PDT1_AGEING_DEFAULT, .version = 1,
	};
	memcpy(perso->mid, mid, sizeof(mid));
	perso->mid[7] = number;
	memset(perso->km, 0x40 + number, 32);
	memset(perso->ft, 0x90 + number, 8);
	perso->k[0].g = RIG_G;
	memset(perso->k[0].k, RIG_K_FILL, 32);
	memset(master, 0x55, sizeof(master));
	oracle_kdf(master, PDT1_LABEL_KPIN, perso->mid, 8, perso->kpin, 32);
	memset(master, 0x66, sizeof(master));
	oracle_kdf(master, PDT1_LABEL_KMG, perso->mid, 8, perso->kmg, 32);
}

void rig_pin(const struct sm_perso *perso, const struct rig_host *host, uint32_t n,
	     char pin[PDT1_PIN_LEN])
{
	uint8_t key[32], counter[8] = { 0 }, mac[32], sn[8];
	char text[PDT1_PIN_LEN + 1];

	rig_host_sn(host, sn);
	switch (perso->pin_policy) {
	case PDT1_PIN_MODULE:
		oracle_kdf(perso->kpin, PDT1_LABEL_PIN_MODULE, NULL, 0, key, 32);
		break;
	case PDT1_PIN_PAIR:
		oracle_kdf(perso->kpin, PDT1_LABEL_PIN_PAIR, sn, 8, key, 32);
		break;
	default:
		oracle_kdf(perso->kpin, PDT1_LABEL_PIN_INDEXED, sn, 8, key, 32);
		put32(counter + 4, n);
	}
	oracle_hmac(key, counter, sizeof(counter), mac);
	snprintf(text, sizeof(text), "%08u", oracle_truncate(mac) % PDT1_PIN_MODULUS);
	memcpy(pin, text, PDT1_PIN_LEN);
}

uint32_t rig_request_code(const struct sm_perso *perso, const struct rig_host *host, uint32_t n,
			  const uint8_t ft[8])
{
	uint8_t in[8 + 1 + 8 + 8 + 4 + 8], mac[32];

	memcpy(in, PDT1_CTX_REQUEST, 8);
	in[8] = perso->pin_policy;
	memcpy(in + 9, perso->mid, 8);
	rig_host_sn(host, in + 17);
	put32(in + 25, n);
	memcpy(in + 29, ft, 8);
	oracle_hmac(perso->kpin, in, sizeof(in), mac);
	return oracle_truncate(mac) % PDT1_RQ_MODULUS;
}

size_t rig_manage(const struct sm_perso *perso, uint8_t op, uint32_t seq, const void *body,
		  uint16_t body_len, uint8_t *out)
{
	uint8_t key[32], nonce[12];

	memset(nonce, 0xe0 + seq, sizeof(nonce));
	out[0] = PDT1_MANAGE_VERSION;
	out[1] = op;
	put16(out + 2, body_len);
	memcpy(out + 4, perso->mid, 8);
	put32(out + 12, seq);
	put32(out + 16, PDT1_MANAGE_NEXP_ANY);
	oracle_kdf(perso->kmg, PDT1_LABEL_MC, NULL, 0, key, 32);
	oracle_seal(key, nonce, out, PDT1_MANAGE_HEADER_LEN, body, body_len,
		    out + PDT1_MANAGE_HEADER_LEN);
	return PDT1_MANAGE_HEADER_LEN + body_len + PDT1_SEAL_OVERHEAD;
}
