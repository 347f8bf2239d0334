// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "softmod/core/bytes.h"
#include "softmod/core/slot.h"

#define COUNT_INTERVAL	16	/* count mode 1: verifications per write */

uint32_t sm_slot_clock(const struct sm_store *store)
{
	uint32_t t = 0;
	uint8_t i;

	for (i = 0; i < PDT1_SLOTS_MAX; i++)
		if (store->act[i].t_last > t)
			t = store->act[i].t_last;
	return t;
}

static uint32_t clock_next(const struct sm_store *store)
{
	uint32_t t = sm_slot_clock(store);

	return t == UINT32_MAX ? t : t + 1;
}

/* The activity record of a slot, as it counts: nothing when it is stale. */
static struct sm_act act_of(const struct sm_store *store, uint8_t i)
{
	struct sm_act act = { .n_s = store->slot[i].n_s };

	if (store->act[i].n_s == store->slot[i].n_s)
		act = store->act[i];
	return act;
}

uint16_t sm_slot_activity(const struct sm_store *store, uint8_t i)
{
	struct sm_act act = act_of(store, i);
	uint32_t age = (sm_slot_clock(store) - act.t_last) / store->cfg.ageing;

	if (age >= 16)
		return 0;
	return (uint16_t)(act.cpt >> age);
}

uint8_t sm_slot_count(const struct sm_store *store, bool used)
{
	uint8_t count = 0;
	uint8_t i;

	for (i = 0; i < store->cfg.slots; i++)
		if (store->slot[i].used == used)
			count++;
	return count;
}

uint8_t sm_slot_find(const struct sm_store *store,
		     const uint8_t sn[PDT1_ID_LEN])
{
	uint8_t i;

	for (i = 0; i < PDT1_SLOTS_MAX; i++)
		if (store->slot[i].used &&
		    sm_equal(store->slot[i].sn, sn, PDT1_ID_LEN))
			return i;
	return PDT1_SLOT_NONE;
}

/* Should @a leave before @b? Lowest index wins a complete tie. */
static bool less_active(const struct sm_store *store, uint8_t a, uint8_t b)
{
	uint16_t eff_a = sm_slot_activity(store, a);
	uint16_t eff_b = sm_slot_activity(store, b);
	struct sm_act act_a = act_of(store, a);
	struct sm_act act_b = act_of(store, b);

	if (eff_a != eff_b)
		return eff_a < eff_b;
	if (act_a.t_last != act_b.t_last)
		return act_a.t_last < act_b.t_last;
	if (store->slot[a].n_s != store->slot[b].n_s)
		return store->slot[a].n_s < store->slot[b].n_s;
	return a < b;
}

static uint8_t newest(const struct sm_store *store)
{
	uint8_t best = PDT1_SLOT_NONE;
	uint8_t i;

	for (i = 0; i < store->cfg.slots; i++)
		if (store->slot[i].used &&
		    (best == PDT1_SLOT_NONE ||
		     store->slot[i].n_s > store->slot[best].n_s))
			best = i;
	return best;
}

static uint8_t victim(const struct sm_store *store)
{
	uint8_t spared = newest(store);
	uint8_t best = PDT1_SLOT_NONE;
	uint8_t i;

	for (i = 0; i < store->cfg.slots; i++) {
		if (!store->slot[i].used || store->slot[i].pinned ||
		    i == spared)
			continue;
		if (best == PDT1_SLOT_NONE || less_active(store, i, best))
			best = i;
	}
	/* The newest pairing goes only where nothing else may */
	if (best == PDT1_SLOT_NONE && spared != PDT1_SLOT_NONE &&
	    !store->slot[spared].pinned)
		best = spared;
	return best;
}

static bool eviction_permitted(const struct sm_cfg *cfg, uint16_t rights)
{
	if (!(rights & PDT1_RIGHT_EVICT))
		return false;
	switch (cfg->evict_policy) {
	case PDT1_EVICT_ACTIVITY:
		return true;
	case PDT1_EVICT_APPROVED:
		return cfg->pin_policy == PDT1_PIN_PAIR ||
		       cfg->pin_policy == PDT1_PIN_INDEXED;
	default:
		return false;
	}
}

uint8_t sm_slot_choose(const struct sm_store *store,
		       const uint8_t sn[PDT1_ID_LEN], uint16_t rights,
		       uint8_t *flags)
{
	uint8_t i = sm_slot_find(store, sn);

	if (i != PDT1_SLOT_NONE) {
		*flags = PDT1_E1_SAME;
		return i;
	}

	*flags = PDT1_E1_FREE;
	for (i = 0; i < store->cfg.slots; i++)
		if (!store->slot[i].used)
			return i;

	*flags = PDT1_E1_EVICT;
	i = victim(store);
	if (i == PDT1_SLOT_NONE || !eviction_permitted(&store->cfg, rights))
		return PDT1_SLOT_NONE;
	*flags |= PDT1_E1_EVICT_OK;
	return i;
}

void sm_slot_verified(struct sm_module *m, uint8_t i)
{
	struct sm_store *store = &m->store;
	uint16_t eff = sm_slot_activity(store, i);
	struct sm_act act = {
		.n_s = store->slot[i].n_s,
		.cpt = eff == UINT16_MAX ? eff : (uint16_t)(eff + 1),
		.t_last = clock_next(store),
	};

	if (store->cfg.count_mode && m->verifications[i]++ % COUNT_INTERVAL) {
		store->act[i] = act;
		return;
	}
	if (sm_store_act(store, i, &act))
		m->write_failed = true;
}

int sm_slot_start_count(struct sm_module *m, uint8_t i)
{
	const struct sm_act act = {
		.n_s = m->store.slot[i].n_s,
		.cpt = 1,
		.t_last = clock_next(&m->store),
	};
	int err = sm_store_act(&m->store, i, &act);

	if (!err)
		m->verifications[i] = 1;
	return err;
}

int sm_slot_free(struct sm_module *m, uint8_t i)
{
	const struct sm_slot empty = { .n_s = m->store.slot[i].n_s };
	int err;

	if (!m->store.slot[i].used)
		return 0;
	err = sm_store_slot(&m->store, i, &empty);
	if (err)
		m->write_failed = true;
	return err;
}
