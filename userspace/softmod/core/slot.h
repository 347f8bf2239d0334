/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Choice of a slot, activity counters, ageing and eviction (section 10). */
#ifndef SOFTMOD_CORE_SLOT_H
#define SOFTMOD_CORE_SLOT_H

#include "softmod/core/module.h"

/**
 * sm_slot_clock() - the activity clock T
 * @store: records
 *
 * Return: the largest t_last of all records.
 */
uint32_t sm_slot_clock(const struct sm_store *store);

/**
 * sm_slot_activity() - a slot's activity count, aged
 * @store: records
 * @i: slot
 *
 * Return: eff, 0 for a count that belongs to an earlier pairing.
 */
uint16_t sm_slot_activity(const struct sm_store *store, uint8_t i);

/**
 * sm_slot_count() - number of slots in a state, below the configured number
 * @store: records
 * @used: state to count
 *
 * Return: how many.
 */
uint8_t sm_slot_count(const struct sm_store *store, bool used);

/**
 * sm_slot_choose() - where a pairing with a host would go
 * @store: records
 * @sn: host
 * @rights: its rights
 * @flags: receives one of PDT1_E1_SAME, PDT1_E1_FREE and PDT1_E1_EVICT, the
 *	last perhaps with PDT1_E1_EVICT_OK
 *
 * Return: index, or PDT1_SLOT_NONE when no eviction is permitted.
 */
uint8_t sm_slot_choose(const struct sm_store *store,
		       const uint8_t sn[PDT1_ID_LEN], uint16_t rights,
		       uint8_t *flags);

/**
 * sm_slot_verified() - count a positive verification
 * @m: module
 * @i: slot
 *
 * A count that cannot be written is lost; the verification stands.
 */
void sm_slot_verified(struct sm_module *m, uint8_t i);

/**
 * sm_slot_start_count() - first count of a new pairing (W4)
 * @m: module
 * @i: slot
 *
 * Return: 0 or SM_EIO.
 */
int sm_slot_start_count(struct sm_module *m, uint8_t i);

/**
 * sm_slot_free() - end a pairing
 * @m: module
 * @i: slot; nothing happens when it is free
 *
 * Return: 0 or SM_EIO.
 */
int sm_slot_free(struct sm_module *m, uint8_t i);

/**
 * sm_slot_find() - the slot of a host
 * @store: records
 * @sn: host
 *
 * Return: index of its used slot, PDT1_SLOT_NONE when there is none.
 */
uint8_t sm_slot_find(const struct sm_store *store,
		     const uint8_t sn[PDT1_ID_LEN]);

#endif /* SOFTMOD_CORE_SLOT_H */
