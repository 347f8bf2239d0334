// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "softmod/core/bytes.h"
#include "softmod/core/kdf.h"
#include "softmod/port/crypto_mbedtls.h"
#include "softmod/tests/power/observe.h"

static void observe_keys(struct model *seen, const struct sm_keys *keys)
{
	int i;

	memcpy(seen->keys.kpin, keys->kpin, PDT1_KEY_LEN);
	memcpy(seen->keys.kmg, keys->kmg, PDT1_KEY_LEN);
	for (i = 0; i < keys->count; i++) {
		seen->keys.k[i].g = keys->k[i].g;
		memcpy(seen->keys.k[i].key, keys->k[i].key, PDT1_KEY_LEN);
	}
	model_sort(seen->keys.k, PDT1_K_GENERATIONS, sizeof(seen->keys.k[0]));
}

static void observe_slot(struct model *seen, uint8_t i,
			 const struct sm_slot *slot, const struct sm_act *act)
{
	seen->slot[i].used = slot->used;
	seen->slot[i].pinned = slot->pinned;
	memcpy(seen->slot[i].sn, slot->sn, PDT1_ID_LEN);
	seen->slot[i].n_s = slot->n_s;
	seen->slot[i].m = slot->m;
	seen->slot[i].rights = slot->rights;
	memcpy(seen->slot[i].ka, slot->ka, PDT1_KEY_LEN);
	seen->activity[i].n_s = act->n_s;
	seen->activity[i].cpt = act->cpt;
	seen->activity[i].t_last = act->t_last;
}

void observe_store(struct model *seen, const struct sm_store *store)
{
	const struct sm_cfg *cfg = &store->cfg;
	uint8_t i;

	memset(seen, 0, sizeof(*seen));
	seen->meta.n = store->meta.n;
	seen->meta.ptc = store->meta.ptc;
	seen->meta.wt = store->meta.wt;
	seen->meta.mseq = store->meta.mseq;
	memcpy(seen->meta.ft, store->meta.ft, PDT1_FT_LEN);
	seen->meta.frozen = store->meta.frozen;
	seen->settings = (struct model_settings){
		.pin_policy = cfg->pin_policy,
		.evict_policy = cfg->evict_policy,
		.slots = cfg->slots,
		.ptc_max = cfg->ptc_max,
		.ageing = cfg->ageing,
		.count_mode = cfg->count_mode,
		.pin_first = cfg->pin_first,
		.m_min = cfg->m_min,
		.version = cfg->version,
	};
	observe_keys(seen, &store->keys);
	memcpy(seen->denied, store->deny.sn,
	       store->deny.count * sizeof(seen->denied[0]));
	model_sort(seen->denied, PDT1_DENY_MAX, PDT1_ID_LEN);
	for (i = 0; i < PDT1_SLOTS_MAX; i++)
		observe_slot(seen, i, &store->slot[i], &store->act[i]);
}

static bool get_report(struct sighting *seen, struct sm_module *m,
		       const uint8_t kmg[PDT1_KEY_LEN])
{
	static const uint8_t nonce[PDT1_REPORT_NONCE_LEN] = { 0x5a };
	static uint8_t r[SM_RESPONSE_MAX];
	const struct sm_part parts[] = {
		{ nonce, sizeof(nonce) }, { r, PDT1_REPORT_LEN },
	};
	uint8_t key[PDT1_KEY_LEN], mac[PDT1_HASH_LEN];
	struct sm_port port;
	size_t len;

	if (test_apdu(m, PDT1_INS_GET_INFO, PDT1_P1_REPORT, 0, nonce,
		      sizeof(nonce), r, &len) != PDT1_SW_OK ||
	    len != PDT1_REPORT_LEN + PDT1_REPORT_MAC_LEN)
		return false;
	crypto_mbedtls_init(&port);
	if (sm_kdf(&port, kmg, PDT1_LABEL_RP, NULL, 0, key, sizeof(key)) ||
	    port.hmac(NULL, key, parts, 2, mac) ||
	    memcmp(mac, r + PDT1_REPORT_LEN, PDT1_REPORT_MAC_LEN))
		return false;

	seen->n = sm_get32(r + 8);
	seen->mseq = sm_get32(r + 12);
	seen->clock = sm_get32(r + 16);
	memcpy(seen->ft, r + 20, PDT1_FT_LEN);
	seen->ptc = r[28];
	seen->slots = r[30];
	seen->used = r[31];
	seen->version = sm_get16(r + 32);
	seen->frozen = r[34] & PDT1_INFO_FROZEN;
	return true;
}

bool observe_wire(struct sighting *seen, struct sm_module *m,
		  const uint8_t kmg[PDT1_KEY_LEN], const struct host *hosts,
		  int count)
{
	int i;

	memset(seen, 0, sizeof(*seen));
	if (!get_report(seen, m, kmg))
		return false;
	for (i = 0; i < count && !seen->frozen; i++) {
		struct host h = hosts[i];
		uint16_t sw = host_open(m, &h, 0);

		if (sw == PDT1_SW_NO_REFERENCE)
			continue;
		if (sw != PDT1_SW_OK)
			return false;
		seen->host[i].paired = true;
		seen->host[i].m = h.m;
		memcpy(seen->host[i].ka, h.ka, PDT1_KEY_LEN);
		seen->host[i].n_s = h.n_s;
		seen->host[i].slot = h.slot;
	}
	return true;
}

void sighting_of(struct sighting *s, const struct model *m,
		 const struct host *hosts, int count)
{
	int i;

	memset(s, 0, sizeof(*s));
	s->n = m->meta.n;
	s->mseq = m->meta.mseq;
	s->clock = model_clock(m);
	memcpy(s->ft, m->meta.ft, PDT1_FT_LEN);
	s->ptc = m->meta.wt >= PDT1_WT_MAX ? 0 : m->meta.ptc;
	s->slots = m->settings.slots;
	s->version = m->settings.version;
	s->frozen = m->meta.frozen;
	for (i = 0; i < m->settings.slots; i++)
		s->used += m->slot[i].used;
	for (i = 0; i < count && !s->frozen; i++) {
		uint8_t slot = model_find(m, hosts[i].sn);

		if (slot == PDT1_SLOT_NONE || m->slot[slot].m != hosts[i].m)
			continue;
		s->host[i].paired = true;
		s->host[i].m = m->slot[slot].m;
		memcpy(s->host[i].ka, m->slot[slot].ka, PDT1_KEY_LEN);
		s->host[i].n_s = m->slot[slot].n_s;
		s->host[i].slot = slot;
	}
}

const char *sighting_difference(const struct sighting *a,
				const struct sighting *b)
{
	int i;

	if (a->n != b->n)
		return "N in the report";
	if (a->mseq != b->mseq)
		return "MSEQ in the report";
	if (a->clock != b->clock)
		return "T in the report";
	if (memcmp(a->ft, b->ft, PDT1_FT_LEN))
		return "FT in the report";
	if (a->ptc != b->ptc)
		return "PTC in the report";
	if (a->slots != b->slots || a->used != b->used)
		return "the slots in the report";
	if (a->version != b->version || a->frozen != b->frozen)
		return "the settings in the report";
	for (i = 0; i < SIGHTING_HOSTS; i++) {
		if (a->host[i].paired != b->host[i].paired)
			return "whether a host can open a session";
		if (a->host[i].m != b->host[i].m ||
		    a->host[i].n_s != b->host[i].n_s ||
		    a->host[i].slot != b->host[i].slot ||
		    memcmp(a->host[i].ka, b->host[i].ka, PDT1_KEY_LEN))
			return "the pairing that a host finds";
	}
	return NULL;
}
