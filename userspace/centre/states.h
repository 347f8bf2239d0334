/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The states (N, FT) that a module may be in, as far as the centre knows: what
 * request codes and reports are compared with (protocol, section 11).
 */
#ifndef CENTRE_STATES_H
#define CENTRE_STATES_H

#include "centre/provider.h"
#include "centre/rules.h"
#include "centre/store.h"

/* PIN keys under which a module may have paired last. */
#define STATES_TAGS	4

/* Under two generations of MPIN: two current states, and one for each host with a
 * PIN and each key under which it may have paired; and room for former ones of one
 * index, and those of copies.
 */
#define STATES_MAX	(2 * (2 + STATES_TAGS * RULES_HOSTS_PER_INDEX) + 64)

/* PIN keys that a module may show at one time, or has shown at one index. */
#define STATES_KEYS	(STATES_TAGS + 4)

/**
 * struct state_detail - What rules need not know of a state.
 * @ft: Fork tag.
 * @sn: %RULE_STATE_NEXT: the host whose pairing leads there.
 * @mpin: Generation of MPIN that it was computed under.
 */
struct state_detail {
	uint8_t ft[PDT1_FT_LEN];
	uint8_t sn[PDT1_ID_LEN];
	uint16_t mpin;
};

/**
 * struct states - Them all; may hold a PIN key: ended by states_wipe().
 * @count: How many.
 * @of: As rules take them.
 * @detail: More of each.
 * @kpin: The module's PIN keys, of each generation of MPIN that matters.
 * @mpin: These generations.
 * @keys: How many.
 */
struct states {
	size_t count;
	struct rule_state of[STATES_MAX];
	struct state_detail detail[STATES_MAX];
	uint8_t kpin[STATES_KEYS][PDT1_KEY_LEN];
	uint16_t mpin[STATES_KEYS];
	unsigned int keys;
};

void states_ahead(struct store *store, const uint8_t mid[PDT1_ID_LEN], uint32_t n,
		  struct domain_error *error);
int states_by_code(struct states *states, struct store *store,
		   struct provider *provider, const struct store_module *module,
		   const uint8_t sn[PDT1_ID_LEN], uint32_t n, uint32_t code,
		   struct domain_error *error);
int states_by_tag(struct states *states, struct store *store,
		  struct provider *provider, const struct store_module *module,
		  uint32_t n, const uint8_t ft[PDT1_FT_LEN],
		  struct domain_error *error);
int states_move(const struct states *states, struct store *store,
		struct store_module *module, const struct rule_state *to,
		uint32_t n, struct domain_error *error);
int states_pin(const struct states *states, struct provider *provider,
	       const struct store_module *module, const struct rule_state *state,
	       const uint8_t sn[PDT1_ID_LEN], uint32_t n, char pin[PDT1_PIN_LEN],
	       struct domain_error *error);
void states_wipe(struct states *states);

#endif /* CENTRE_STATES_H */
