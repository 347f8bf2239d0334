/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The module's records (section 4): what they hold, their form in the journal,
 * and a copy of each in memory that changes only once the journal has.
 */
#ifndef SOFTMOD_CORE_STORE_H
#define SOFTMOD_CORE_STORE_H

#include <linux/smpair_proto.h>
#include <stdbool.h>
#include <stdint.h>

#include "softmod/core/nvm.h"

/**
 * struct sm_meta - record META
 * @n: pairings made so far
 * @ptc: PIN tries left
 * @wt: wrong PINs since the last UNBLOCK_PIN
 * @mseq: sequence number of the last MANAGE command
 * @ft: fork tag
 * @frozen: only MANAGE, GET INFO, GET REPORT and SELECT answer
 */
struct sm_meta {
	uint32_t n;
	uint8_t ptc;
	uint16_t wt;
	uint32_t mseq;
	uint8_t ft[PDT1_FT_LEN];
	bool frozen;
};

/**
 * struct sm_cfg - record CFG; members as in struct sm_perso
 * @pin_policy: PDT1_PIN_*
 * @evict_policy: PDT1_EVICT_*
 * @slots: slots in use, 1 to 32
 * @ptc_max: PIN tries after a success
 * @ageing: verifications that halve a count
 * @count_mode: 1 counts in memory and writes every sixteenth
 * @pin_first: pin the slot of the first pairing
 * @m_min: oldest accepted generation of MHKey
 * @version: of the settings
 * @maxc: largest command data field
 * @maxr: largest response data field
 * @maxm: largest message
 */
struct sm_cfg {
	uint8_t pin_policy;
	uint8_t evict_policy;
	uint8_t slots;
	uint8_t ptc_max;
	uint8_t ageing;
	uint8_t count_mode;
	uint8_t pin_first;
	uint16_t m_min;
	uint16_t version;
	uint16_t maxc;
	uint16_t maxr;
	uint32_t maxm;
};

/**
 * struct sm_keys - record KEYS
 * @mid: identifier
 * @dom: domain
 * @km: the module's own secret
 * @kpin: PIN secret
 * @kmg: management secret
 * @count: generations of k held
 * @k: the generations
 * @k.g: number
 * @k.key: key
 */
struct sm_keys {
	uint8_t mid[PDT1_ID_LEN];
	uint32_t dom;
	uint8_t km[PDT1_KEY_LEN];
	uint8_t kpin[PDT1_KEY_LEN];
	uint8_t kmg[PDT1_KEY_LEN];
	uint8_t count;
	struct {
		uint16_t g;
		uint8_t key[PDT1_KEY_LEN];
	} k[PDT1_K_GENERATIONS];
};

/**
 * struct sm_deny - record DENY
 * @count: hosts on the list
 * @sn: their identifiers
 */
struct sm_deny {
	uint8_t count;
	uint8_t sn[PDT1_DENY_MAX][PDT1_ID_LEN];
};

/**
 * struct sm_slot - record SLOT_i
 * @used: holds a pairing
 * @pinned: never chosen for eviction
 * @sn: host
 * @n_s: index of the pairing; a freed slot keeps it
 * @rights: of the host, from its cryptogram
 * @ka: pairing key
 * @tk: key by which the host finds its slot
 * @m: generation of MHKey that wraps @pdc
 * @pdc: pairing cryptogram
 */
struct sm_slot {
	bool used;
	bool pinned;
	uint8_t sn[PDT1_ID_LEN];
	uint32_t n_s;
	uint16_t rights;
	uint8_t ka[PDT1_KEY_LEN];
	uint8_t tk[PDT1_KEY_LEN];
	uint16_t m;
	uint8_t pdc[PDT1_PDC_LEN];
};

/**
 * struct sm_act - record ACT_i
 * @n_s: pairing it counts; of no value where the slot's differs
 * @cpt: activity counter
 * @t_last: value of the module's activity clock at the last verification
 */
struct sm_act {
	uint32_t n_s;
	uint16_t cpt;
	uint32_t t_last;
};

/**
 * struct sm_store - all records of one module
 * @nvm: the journal
 * @boot: power-ups so far
 * @meta: META
 * @cfg: CFG
 * @keys: KEYS
 * @deny: DENY
 * @slot: SLOT_0 to SLOT_31
 * @act: ACT_0 to ACT_31
 */
struct sm_store {
	struct sm_nvm nvm;
	uint32_t boot;
	struct sm_meta meta;
	struct sm_cfg cfg;
	struct sm_keys keys;
	struct sm_deny deny;
	struct sm_slot slot[PDT1_SLOTS_MAX];
	struct sm_act act[PDT1_SLOTS_MAX];
};

/**
 * sm_store_load() - mount the journal and read all records
 * @store: filled in; wiped on failure
 * @port: platform
 *
 * Return: 0, SM_EVIRGIN, SM_EDAMAGED or SM_EIO. Nothing is written.
 */
int sm_store_load(struct sm_store *store, const struct sm_port *port);

/**
 * sm_cfg_valid() - whether settings are in range
 * @cfg: settings
 *
 * Return: true when they are.
 */
bool sm_cfg_valid(const struct sm_cfg *cfg);

/**
 * sm_keys_valid() - whether the generations of k are 1 to 4, distinct, not 0
 * @keys: keys
 *
 * Return: true when they are.
 */
bool sm_keys_valid(const struct sm_keys *keys);

/* Each writes one record and, on success only, updates the copy in @store.
 * Return: 0, SM_EINVAL or SM_EIO.
 */
int sm_store_boot(struct sm_store *store, uint32_t boot);
int sm_store_meta(struct sm_store *store, const struct sm_meta *meta);
int sm_store_cfg(struct sm_store *store, const struct sm_cfg *cfg);
int sm_store_keys(struct sm_store *store, const struct sm_keys *keys);
int sm_store_deny(struct sm_store *store, const struct sm_deny *deny);
int sm_store_slot(struct sm_store *store, uint8_t i,
		  const struct sm_slot *slot);
int sm_store_act(struct sm_store *store, uint8_t i, const struct sm_act *act);

/**
 * sm_store_denied() - whether a host is on the deny list
 * @store: records
 * @sn: host
 *
 * Return: true when it is.
 */
bool sm_store_denied(const struct sm_store *store,
		     const uint8_t sn[PDT1_ID_LEN]);

#endif /* SOFTMOD_CORE_STORE_H */
