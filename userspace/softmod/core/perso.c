// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "softmod/core/bytes.h"
#include "softmod/core/config.h"
#include "softmod/core/error.h"
#include "softmod/core/perso.h"
#include "softmod/core/store.h"

static int fill(struct sm_store *store, const struct sm_perso *p)
{
	struct sm_meta *meta = &store->meta;
	struct sm_keys *keys = &store->keys;
	struct sm_cfg *cfg = &store->cfg;
	int i;

	if (p->k_count > PDT1_K_GENERATIONS || p->n > PDT1_N_LAST)
		return SM_EINVAL;
#if SM_MAXC < 65535
	if (p->maxc > SM_MAXC)
		return SM_EINVAL;
#endif
#if SM_MAXR < 65535
	if (p->maxr > SM_MAXR)
		return SM_EINVAL;
#endif
	if (p->maxm > SM_MAXM)
		return SM_EINVAL;

	meta->n = p->n;
	meta->ptc = p->ptc_max;
	memcpy(meta->ft, p->ft, PDT1_FT_LEN);

	cfg->pin_policy = p->pin_policy;
	cfg->evict_policy = p->evict_policy;
	cfg->slots = p->slots;
	cfg->ptc_max = p->ptc_max;
	cfg->ageing = p->ageing;
	cfg->count_mode = p->count_mode;
	cfg->pin_first = p->pin_first;
	cfg->m_min = p->m_min;
	cfg->version = p->version;
	cfg->maxc = p->maxc ? p->maxc : SM_MAXC;
	cfg->maxr = p->maxr ? p->maxr : SM_MAXR;
	cfg->maxm = p->maxm ? p->maxm : SM_MAXM;

	memcpy(keys->mid, p->mid, PDT1_ID_LEN);
	keys->dom = p->dom;
	memcpy(keys->km, p->km, PDT1_KEY_LEN);
	memcpy(keys->kpin, p->kpin, PDT1_KEY_LEN);
	memcpy(keys->kmg, p->kmg, PDT1_KEY_LEN);
	keys->count = p->k_count;
	for (i = 0; i < p->k_count; i++) {
		keys->k[i].g = p->k[i].g;
		memcpy(keys->k[i].key, p->k[i].k, PDT1_KEY_LEN);
	}
	return sm_cfg_valid(cfg) && sm_keys_valid(keys) ? 0 : SM_EINVAL;
}

static int write_records(struct sm_store *store)
{
	int err;

	err = sm_store_cfg(store, &store->cfg);
	if (!err)
		err = sm_store_keys(store, &store->keys);
	if (!err)
		err = sm_store_meta(store, &store->meta);
	if (!err)
		err = sm_store_deny(store, &store->deny);
	if (!err)
		err = sm_store_boot(store, 0);
	return err;
}

int sm_personalise(const struct sm_port *port, const struct sm_perso *perso)
{
	struct sm_store store;
	int err;

	memset(&store, 0, sizeof(store));
	err = sm_nvm_format_begin(&store.nvm, port);
	if (!err)
		err = fill(&store, perso);
	if (!err)
		err = write_records(&store);
	if (!err)
		err = sm_nvm_format_end(&store.nvm);

	sm_wipe(&store, sizeof(store));
	return err;
}
