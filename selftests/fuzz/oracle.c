// SPDX-License-Identifier: GPL-2.0-or-later
#include "input.h"
#include "oracle.h"
#include "softmod/core/apdu.h"
#include "softmod/core/bytes.h"

void oracle_records(const struct sm_store *store)
{
	unsigned int ahead = 0, i;

	WANT(sm_cfg_valid(&store->cfg));
	WANT(sm_keys_valid(&store->keys));
	WANT(store->meta.ptc <= PDT1_PTC_MAX);
	WANT(store->deny.count <= PDT1_DENY_MAX);
	for (i = 0; i < PDT1_SLOTS_MAX; i++) {
		const struct sm_slot *slot = &store->slot[i];

		WANT(!slot->pinned || slot->used);
		/* Between the commit of a pairing and its account only */
		WANT(slot->n_s <= store->meta.n + 1 || store->meta.n == UINT32_MAX);
		ahead += slot->used && slot->n_s == store->meta.n + 1;
	}
	WANT(ahead <= 1);
}

void oracle_hosts(const struct sm_store *store)
{
	unsigned int i, j;

	for (i = 0; i < PDT1_SLOTS_MAX; i++)
		for (j = 0; j < i; j++)
			WANT(!store->slot[i].used || !store->slot[j].used ||
			     memcmp(store->slot[i].sn, store->slot[j].sn, PDT1_ID_LEN));
}

static bool same_slot(const struct sm_slot *a, const struct sm_slot *b)
{
	return a->used == b->used && a->pinned == b->pinned && a->n_s == b->n_s &&
	       a->rights == b->rights && a->m == b->m &&
	       !memcmp(a->sn, b->sn, sizeof(a->sn)) &&
	       !memcmp(a->ka, b->ka, sizeof(a->ka)) &&
	       !memcmp(a->tk, b->tk, sizeof(a->tk)) &&
	       !memcmp(a->pdc, b->pdc, sizeof(a->pdc));
}

void oracle_flash(const struct sm_module *m)
{
	const struct sm_store *store = &m->store;
	static struct sm_store flash;
	unsigned int i;

	WANT(!sm_store_load(&flash, &m->port));
	WANT(flash.boot == store->boot);
	WANT(flash.meta.n == store->meta.n && flash.meta.ptc == store->meta.ptc &&
	     flash.meta.wt == store->meta.wt && flash.meta.mseq == store->meta.mseq &&
	     flash.meta.frozen == store->meta.frozen &&
	     !memcmp(flash.meta.ft, store->meta.ft, PDT1_FT_LEN));
	WANT(flash.cfg.slots == store->cfg.slots &&
	     flash.cfg.pin_policy == store->cfg.pin_policy &&
	     flash.cfg.evict_policy == store->cfg.evict_policy &&
	     flash.cfg.ptc_max == store->cfg.ptc_max &&
	     flash.cfg.m_min == store->cfg.m_min &&
	     flash.cfg.version == store->cfg.version);
	WANT(flash.keys.count == store->keys.count &&
	     !memcmp(flash.keys.mid, store->keys.mid, PDT1_ID_LEN) &&
	     !memcmp(flash.keys.km, store->keys.km, PDT1_KEY_LEN) &&
	     !memcmp(flash.keys.kpin, store->keys.kpin, PDT1_KEY_LEN) &&
	     !memcmp(flash.keys.kmg, store->keys.kmg, PDT1_KEY_LEN));
	for (i = 0; i < flash.keys.count; i++)
		WANT(flash.keys.k[i].g == store->keys.k[i].g &&
		     !memcmp(flash.keys.k[i].key, store->keys.k[i].key, PDT1_KEY_LEN));
	WANT(flash.deny.count == store->deny.count &&
	     !memcmp(flash.deny.sn, store->deny.sn, sizeof(flash.deny.sn)));
	for (i = 0; i < PDT1_SLOTS_MAX; i++) {
		WANT(same_slot(&flash.slot[i], &store->slot[i]));
		/* Mode 1 counts in memory between two writes */
		WANT(store->cfg.count_mode ||
		     (flash.act[i].n_s == store->act[i].n_s &&
		      flash.act[i].cpt == store->act[i].cpt &&
		      flash.act[i].t_last == store->act[i].t_last));
	}
}

void oracle_answer(const struct sm_module *m, const uint8_t *rsp, size_t len)
{
	WANT(len >= 2 && len <= SM_RESPONSE_MAX);
	WANT(len - 2 <= sm_maxr(m) || !m->store.keys.count);
	WANT(sm_get16(rsp + len - 2) == PDT1_SW_OK || len == 2);
}
