// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "softmod/core/bytes.h"
#include "softmod/core/error.h"
#include "softmod/core/store.h"

#define ID_BOOT		0x01
#define ID_META		0x02
#define ID_CFG		0x03
#define ID_KEYS		0x04
#define ID_DENY		0x05
#define ID_SLOT		0x20	/* + index */
#define ID_ACT		0x40	/* + index */

#define BOOT_LEN	4
#define META_LEN	20
#define CFG_LEN		19
#define KEYS_LEN	(8 + 4 + 3 * 32 + 1 + PDT1_K_GENERATIONS * 34)
#define DENY_LEN	(1 + PDT1_DENY_MAX * PDT1_ID_LEN)
#define SLOT_LEN	(1 + 1 + 8 + 4 + 2 + 32 + 32 + 2 + PDT1_PDC_LEN)
#define ACT_LEN		10

static int read_exact(const struct sm_store *store, uint8_t id, uint8_t *buf,
		      uint16_t len)
{
	uint16_t got;
	int err = sm_nvm_read(&store->nvm, id, buf, len, &got);

	if (!err && got != len)
		err = SM_EDAMAGED;
	return err;
}

/* A record that every personalised module has */
static int read_required(const struct sm_store *store, uint8_t id,
			 uint8_t *buf, uint16_t len)
{
	int err = read_exact(store, id, buf, len);

	return err == SM_ENOENT ? SM_EDAMAGED : err;
}

static void meta_encode(const struct sm_meta *meta, uint8_t *p)
{
	sm_put32(p, meta->n);
	p[4] = meta->ptc;
	sm_put16(p + 5, meta->wt);
	sm_put32(p + 7, meta->mseq);
	memcpy(p + 11, meta->ft, PDT1_FT_LEN);
	p[19] = meta->frozen;
}

static bool meta_decode(struct sm_meta *meta, const uint8_t *p)
{
	meta->n = sm_get32(p);
	meta->ptc = p[4];
	meta->wt = sm_get16(p + 5);
	meta->mseq = sm_get32(p + 7);
	memcpy(meta->ft, p + 11, PDT1_FT_LEN);
	meta->frozen = p[19];
	return meta->ptc <= PDT1_PTC_MAX && p[19] <= 1;
}

static void cfg_encode(const struct sm_cfg *cfg, uint8_t *p)
{
	p[0] = cfg->pin_policy;
	p[1] = cfg->evict_policy;
	p[2] = cfg->slots;
	p[3] = cfg->ptc_max;
	p[4] = cfg->ageing;
	p[5] = cfg->count_mode;
	p[6] = cfg->pin_first;
	sm_put16(p + 7, cfg->m_min);
	sm_put16(p + 9, cfg->version);
	sm_put16(p + 11, cfg->maxc);
	sm_put16(p + 13, cfg->maxr);
	sm_put32(p + 15, cfg->maxm);
}

bool sm_cfg_valid(const struct sm_cfg *cfg)
{
	return cfg->pin_policy <= PDT1_PIN_INDEXED &&
	       cfg->evict_policy <= PDT1_EVICT_APPROVED &&
	       cfg->slots >= 1 && cfg->slots <= PDT1_SLOTS_MAX &&
	       cfg->ptc_max >= 1 && cfg->ptc_max <= PDT1_PTC_MAX &&
	       cfg->ageing >= 1 && cfg->count_mode <= 1 &&
	       cfg->pin_first <= 1 && cfg->maxc >= PDT1_MAXC_MIN &&
	       cfg->maxr >= PDT1_MAXR_MIN && cfg->maxm >= PDT1_MAXM_MIN;
}

static bool cfg_decode(struct sm_cfg *cfg, const uint8_t *p)
{
	cfg->pin_policy = p[0];
	cfg->evict_policy = p[1];
	cfg->slots = p[2];
	cfg->ptc_max = p[3];
	cfg->ageing = p[4];
	cfg->count_mode = p[5];
	cfg->pin_first = p[6];
	cfg->m_min = sm_get16(p + 7);
	cfg->version = sm_get16(p + 9);
	cfg->maxc = sm_get16(p + 11);
	cfg->maxr = sm_get16(p + 13);
	cfg->maxm = sm_get32(p + 15);
	return sm_cfg_valid(cfg);
}

static void keys_encode(const struct sm_keys *keys, uint8_t *p)
{
	int i;

	memset(p, 0, KEYS_LEN);
	memcpy(p, keys->mid, PDT1_ID_LEN);
	sm_put32(p + 8, keys->dom);
	memcpy(p + 12, keys->km, PDT1_KEY_LEN);
	memcpy(p + 44, keys->kpin, PDT1_KEY_LEN);
	memcpy(p + 76, keys->kmg, PDT1_KEY_LEN);
	p[108] = keys->count;
	for (i = 0, p += 109; i < keys->count; i++, p += 34) {
		sm_put16(p, keys->k[i].g);
		memcpy(p + 2, keys->k[i].key, PDT1_KEY_LEN);
	}
}

bool sm_keys_valid(const struct sm_keys *keys)
{
	int i, j;

	if (keys->count < 1 || keys->count > PDT1_K_GENERATIONS)
		return false;
	for (i = 0; i < keys->count; i++) {
		if (!keys->k[i].g)
			return false;
		for (j = 0; j < i; j++)
			if (keys->k[i].g == keys->k[j].g)
				return false;
	}
	return true;
}

static bool keys_decode(struct sm_keys *keys, const uint8_t *p)
{
	int i;

	memcpy(keys->mid, p, PDT1_ID_LEN);
	keys->dom = sm_get32(p + 8);
	memcpy(keys->km, p + 12, PDT1_KEY_LEN);
	memcpy(keys->kpin, p + 44, PDT1_KEY_LEN);
	memcpy(keys->kmg, p + 76, PDT1_KEY_LEN);
	keys->count = p[108];
	if (keys->count > PDT1_K_GENERATIONS)
		return false;
	for (i = 0, p += 109; i < keys->count; i++, p += 34) {
		keys->k[i].g = sm_get16(p);
		memcpy(keys->k[i].key, p + 2, PDT1_KEY_LEN);
	}
	return sm_keys_valid(keys);
}

static void slot_encode(const struct sm_slot *slot, uint8_t *p)
{
	p[0] = slot->used;
	p[1] = slot->pinned;
	memcpy(p + 2, slot->sn, PDT1_ID_LEN);
	sm_put32(p + 10, slot->n_s);
	sm_put16(p + 14, slot->rights);
	memcpy(p + 16, slot->ka, PDT1_KEY_LEN);
	memcpy(p + 48, slot->tk, PDT1_KEY_LEN);
	sm_put16(p + 80, slot->m);
	memcpy(p + 82, slot->pdc, PDT1_PDC_LEN);
}

static bool slot_decode(struct sm_slot *slot, const uint8_t *p)
{
	slot->used = p[0];
	slot->pinned = p[1];
	memcpy(slot->sn, p + 2, PDT1_ID_LEN);
	slot->n_s = sm_get32(p + 10);
	slot->rights = sm_get16(p + 14);
	memcpy(slot->ka, p + 16, PDT1_KEY_LEN);
	memcpy(slot->tk, p + 48, PDT1_KEY_LEN);
	slot->m = sm_get16(p + 80);
	memcpy(slot->pdc, p + 82, PDT1_PDC_LEN);
	return p[0] <= 1 && p[1] <= p[0];
}

static int load_fixed(struct sm_store *store, uint8_t *buf)
{
	int err;

	err = read_required(store, ID_BOOT, buf, BOOT_LEN);
	if (err)
		return err;
	store->boot = sm_get32(buf);

	err = read_required(store, ID_META, buf, META_LEN);
	if (err)
		return err;
	if (!meta_decode(&store->meta, buf))
		return SM_EDAMAGED;

	err = read_required(store, ID_CFG, buf, CFG_LEN);
	if (err)
		return err;
	if (!cfg_decode(&store->cfg, buf))
		return SM_EDAMAGED;

	err = read_required(store, ID_KEYS, buf, KEYS_LEN);
	if (err)
		return err;
	if (!keys_decode(&store->keys, buf))
		return SM_EDAMAGED;

	err = read_required(store, ID_DENY, buf, DENY_LEN);
	if (err)
		return err;
	if (buf[0] > PDT1_DENY_MAX)
		return SM_EDAMAGED;
	store->deny.count = buf[0];
	memcpy(store->deny.sn, buf + 1, sizeof(store->deny.sn));
	return 0;
}

static int load_slots(struct sm_store *store, uint8_t *buf)
{
	uint8_t i;
	int err;

	for (i = 0; i < PDT1_SLOTS_MAX; i++) {
		err = read_exact(store, ID_SLOT + i, buf, SLOT_LEN);
		if (!err && !slot_decode(&store->slot[i], buf))
			err = SM_EDAMAGED;
		if (err && err != SM_ENOENT)
			return err;

		err = read_exact(store, ID_ACT + i, buf, ACT_LEN);
		if (err == SM_ENOENT)
			continue;
		if (err)
			return err;
		store->act[i].n_s = sm_get32(buf);
		store->act[i].cpt = sm_get16(buf + 4);
		store->act[i].t_last = sm_get32(buf + 6);
	}
	return 0;
}

int sm_store_load(struct sm_store *store, const struct sm_port *port)
{
	uint8_t buf[SM_NVM_PAYLOAD_MAX];
	int err;

	sm_wipe(store, sizeof(*store));
	err = sm_nvm_mount(&store->nvm, port);
	if (!err)
		err = load_fixed(store, buf);
	if (!err)
		err = load_slots(store, buf);

	sm_wipe(buf, sizeof(buf));
	if (err)
		sm_wipe(store, sizeof(*store));
	return err;
}

static int write_wipe(struct sm_store *store, uint8_t id, uint8_t *buf,
		      uint16_t len)
{
	int err = sm_nvm_write(&store->nvm, id, buf, len);

	sm_wipe(buf, len);
	return err;
}

int sm_store_boot(struct sm_store *store, uint32_t boot)
{
	uint8_t buf[BOOT_LEN];
	int err;

	sm_put32(buf, boot);
	err = write_wipe(store, ID_BOOT, buf, sizeof(buf));
	if (!err)
		store->boot = boot;
	return err;
}

int sm_store_meta(struct sm_store *store, const struct sm_meta *meta)
{
	uint8_t buf[META_LEN];
	int err;

	meta_encode(meta, buf);
	err = write_wipe(store, ID_META, buf, sizeof(buf));
	if (!err)
		store->meta = *meta;
	return err;
}

int sm_store_cfg(struct sm_store *store, const struct sm_cfg *cfg)
{
	uint8_t buf[CFG_LEN];
	int err;

	if (!sm_cfg_valid(cfg))
		return SM_EINVAL;
	cfg_encode(cfg, buf);
	err = write_wipe(store, ID_CFG, buf, sizeof(buf));
	if (!err)
		store->cfg = *cfg;
	return err;
}

int sm_store_keys(struct sm_store *store, const struct sm_keys *keys)
{
	uint8_t buf[KEYS_LEN];
	int err;

	if (!sm_keys_valid(keys))
		return SM_EINVAL;
	keys_encode(keys, buf);
	err = write_wipe(store, ID_KEYS, buf, sizeof(buf));
	if (!err)
		store->keys = *keys;
	return err;
}

int sm_store_deny(struct sm_store *store, const struct sm_deny *deny)
{
	uint8_t buf[DENY_LEN];
	int err;

	buf[0] = deny->count;
	memcpy(buf + 1, deny->sn, sizeof(deny->sn));
	err = write_wipe(store, ID_DENY, buf, sizeof(buf));
	if (!err)
		store->deny = *deny;
	return err;
}

int sm_store_slot(struct sm_store *store, uint8_t i,
		  const struct sm_slot *slot)
{
	uint8_t buf[SLOT_LEN];
	int err;

	slot_encode(slot, buf);
	err = write_wipe(store, (uint8_t)(ID_SLOT + i), buf, sizeof(buf));
	if (!err)
		store->slot[i] = *slot;
	return err;
}

int sm_store_act(struct sm_store *store, uint8_t i, const struct sm_act *act)
{
	uint8_t buf[ACT_LEN];
	int err;

	sm_put32(buf, act->n_s);
	sm_put16(buf + 4, act->cpt);
	sm_put32(buf + 6, act->t_last);
	err = write_wipe(store, (uint8_t)(ID_ACT + i), buf, sizeof(buf));
	if (!err)
		store->act[i] = *act;
	return err;
}

bool sm_store_denied(const struct sm_store *store,
		     const uint8_t sn[PDT1_ID_LEN])
{
	uint8_t i;

	for (i = 0; i < store->deny.count; i++)
		if (sm_equal(store->deny.sn[i], sn, PDT1_ID_LEN))
			return true;
	return false;
}
