/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a module remembers, and what each command makes of it, written from
 * the protocol (sections 4, 7, 8, 10, 11, 13) and not from the module's code:
 * the states that a power cut may leave, in order.
 */
#ifndef SOFTMOD_TESTS_POWER_MODEL_H
#define SOFTMOD_TESTS_POWER_MODEL_H

#include <linux/smpair_proto.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "softmod/core/perso.h"

/* A pairing; all zero but @n_s when the slot is free */
struct model_slot {
	bool used;
	bool pinned;
	uint8_t sn[PDT1_ID_LEN];
	uint32_t n_s;
	uint16_t m;
	uint16_t rights;
	uint8_t ka[PDT1_KEY_LEN];
};

struct model_activity {
	uint32_t n_s;
	uint16_t cpt;
	uint32_t t_last;
};

/* Counters and marks that one record holds together */
struct model_meta {
	uint32_t n;
	uint8_t ptc;
	uint16_t wt;
	uint32_t mseq;
	uint8_t ft[PDT1_FT_LEN];
	bool frozen;
};

struct model_settings {
	uint8_t pin_policy;
	uint8_t evict_policy;
	uint8_t slots;
	uint8_t ptc_max;
	uint8_t ageing;
	uint8_t count_mode;
	uint8_t pin_first;
	uint16_t m_min;
	uint16_t version;
};

/* Generations of k and hosts refused are sets: unused entries are zero, the
 * others sorted.
 */
struct model_keys {
	uint8_t kpin[PDT1_KEY_LEN];
	uint8_t kmg[PDT1_KEY_LEN];
	struct {
		uint16_t g;
		uint8_t key[PDT1_KEY_LEN];
	} k[PDT1_K_GENERATIONS];
};

struct model {
	struct model_meta meta;
	struct model_settings settings;
	struct model_keys keys;
	uint8_t denied[PDT1_DENY_MAX][PDT1_ID_LEN];
	struct model_slot slot[PDT1_SLOTS_MAX];
	struct model_activity activity[PDT1_SLOTS_MAX];
};

enum action_kind {
	ACTION_NONE,
	ACTION_PAIR,	/* CONFIRM with the right PIN, or where none is asked */
	ACTION_GUESS,	/* CONFIRM with a wrong PIN */
	ACTION_VERIFY,	/* first envelope of a session */
	ACTION_UNPAIR,
	ACTION_REWRAP,
	ACTION_MANAGE,
};

/**
 * struct action - one command that writes
 * @kind: which
 * @sn: host, but for MANAGE
 * @rights: of the host, for PAIR
 * @m: generation of the host's key, for PAIR and REWRAP
 * @ka: pairing key, for PAIR and REWRAP
 * @op: for MANAGE
 * @seq: for MANAGE
 * @len: bytes in @body
 * @body: for MANAGE
 */
struct action {
	enum action_kind kind;
	uint8_t sn[PDT1_ID_LEN];
	uint16_t rights;
	uint16_t m;
	uint8_t ka[PDT1_KEY_LEN];
	uint8_t op;
	uint32_t seq;
	size_t len;
	uint8_t body[64];
};

#define MODEL_STATES_MAX	3

/**
 * struct model_path - the states through which a command leads
 * @state: as it was first, done last
 * @count: how many
 * @result: status word of the receipt, for MANAGE
 */
struct model_path {
	struct model state[MODEL_STATES_MAX];
	int count;
	uint16_t result;
};

/* A new module */
void model_init(struct model *m, const struct sm_perso *perso);

/* What @a does to @m */
void model_path(const struct model *m, const struct action *a,
		struct model_path *path);

/* The slot that @sn has, or PDT1_SLOT_NONE */
uint8_t model_find(const struct model *m, const uint8_t sn[PDT1_ID_LEN]);

bool model_denied(const struct model *m, const uint8_t sn[PDT1_ID_LEN]);

/* Largest t_last */
uint32_t model_clock(const struct model *m);

/* PIN for the next pairing with @sn when @n pairings were made */
void model_pin(const struct model *m, const uint8_t sn[PDT1_ID_LEN],
	       uint32_t n, uint8_t pin[PDT1_PIN_LEN]);

/* Puts a set into the order of struct model: entries of @size bytes */
void model_sort(void *set, size_t count, size_t size);

/* Names what @a and @b differ in, NULL when they are equal */
const char *model_difference(const struct model *a, const struct model *b);

#endif /* SOFTMOD_TESTS_POWER_MODEL_H */
