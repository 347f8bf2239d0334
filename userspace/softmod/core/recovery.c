// SPDX-License-Identifier: GPL-2.0-or-later
#include "softmod/core/bytes.h"
#include "softmod/core/pairing.h"
#include "softmod/core/recovery.h"
#include "softmod/core/slot.h"

/* Records that no order of cuts can produce mean damage. One slot may be ahead
 * of META by one pairing; it is returned in @ahead, else PDT1_SLOT_NONE.
 */
static int check(const struct sm_store *store, uint8_t *ahead)
{
	uint32_t n = store->meta.n;
	uint8_t i;

	*ahead = PDT1_SLOT_NONE;
	for (i = 0; i < PDT1_SLOTS_MAX; i++) {
		const struct sm_slot *slot = &store->slot[i];

		if (slot->n_s <= n)
			continue;
		if (slot->n_s - n > 1 || !slot->used ||
		    *ahead != PDT1_SLOT_NONE)
			return SM_EDAMAGED;
		*ahead = i;
	}
	return 0;
}

static int finish(struct sm_module *m, uint8_t ahead)
{
	const struct sm_store *store = &m->store;
	uint8_t i;

	if (ahead != PDT1_SLOT_NONE &&
	    sm_pair_account(m, store->slot[ahead].sn))
		return SM_EIO;

	for (i = 0; i < PDT1_SLOTS_MAX; i++) {
		const struct sm_slot *slot = &store->slot[i];

		if (!slot->used)
			continue;
		if (store->act[i].n_s != slot->n_s &&
		    sm_slot_start_count(m, i))
			return SM_EIO;
		if (sm_store_denied(store, slot->sn) && sm_slot_free(m, i))
			return SM_EIO;
	}
	return 0;
}

int sm_recover(struct sm_module *m, bool count)
{
	uint64_t compactions = m->store.nvm.compactions;
	uint64_t writes = m->store.nvm.writes;
	struct sm_store *store = &m->store;
	uint8_t ahead;
	int err;

	m->boot_pending = count;
	m->blocked = false;
	m->write_failed = false;

	err = sm_store_load(store, &m->port);
	if (err) {
		m->state = err == SM_EVIRGIN ? SM_VIRGIN : SM_FATAL;
		return err;
	}
	store->nvm.writes = writes;
	store->nvm.compactions = compactions;

	err = check(store, &ahead);
	if (err) {
		m->state = SM_FATAL;
		return err;
	}

	m->state = SM_IDLE;
	if (count) {
		if (store->boot == UINT32_MAX ||
		    sm_store_boot(store, store->boot + 1)) {
			m->write_failed = true;
			return SM_EIO;
		}
		m->boot_pending = false;
	}
	if (finish(m, ahead)) {
		m->blocked = true;
		m->write_failed = true;
		return SM_EIO;
	}
	return 0;
}
