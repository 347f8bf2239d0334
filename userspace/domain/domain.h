/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DOMAIN_DOMAIN_H
#define DOMAIN_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/smpair_proto.h>

#include "domain/json.h"

/* Generations of one key that a domain file keeps. */
#define DOMAIN_GENERATIONS	8

/**
 * struct domain_generation - One generation of a key.
 * @number: 1 to 65535.
 * @key: The key.
 */
struct domain_generation {
	uint16_t number;
	uint8_t key[PDT1_KEY_LEN];
};

/**
 * struct domain_generations - The generations of one key, oldest first.
 * @count: How many.
 * @of: Ascending in their numbers.
 */
struct domain_generations {
	unsigned int count;
	struct domain_generation of[DOMAIN_GENERATIONS];
};

/**
 * struct domain - All secrets of a domain.
 * @dom: Its number.
 * @k: Keys shared with modules.
 * @mhkey: Keys shared with hosts.
 * @mpin: Masters of the modules' PIN keys; none where the centre keeps them
 *	elsewhere.
 * @mmgt: Masters of the modules' management keys; likewise.
 */
struct domain {
	uint32_t dom;
	struct domain_generations k;
	struct domain_generations mhkey;
	struct domain_generations mpin;
	struct domain_generations mmgt;
};

int domain_load(struct domain *domain, const char *path,
		struct domain_error *error);
int domain_store(const struct domain *domain, const char *path, bool replace,
		 struct domain_error *error);
void domain_wipe(struct domain *domain);

int domain_read_generations(const struct domain_json *json, const char *list,
			    const char *number,
			    struct domain_generations *generations);
int domain_read_masters(const struct domain_json *json, const char *name,
			struct domain_generations *generations);
const struct domain_generation *
domain_newest_generation(const struct domain_generations *generations);
const struct domain_generation *
domain_find_generation(const struct domain_generations *generations,
		       uint16_t number);

#endif /* DOMAIN_DOMAIN_H */
