/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a module remembers, as seen from inside and from outside. */
#ifndef SOFTMOD_TESTS_POWER_OBSERVE_H
#define SOFTMOD_TESTS_POWER_OBSERVE_H

#include "softmod/tests/host.h"
#include "softmod/tests/power/model.h"

/* From the records that a module has loaded */
void observe_store(struct model *seen, const struct sm_store *store);

#define SIGHTING_HOSTS	8

/* What hosts and the centre learn through the protocol */
struct sighting {
	uint32_t n;
	uint32_t mseq;
	uint32_t clock;
	uint8_t ft[PDT1_FT_LEN];
	uint8_t ptc;
	uint8_t slots;
	uint8_t used;
	uint16_t version;
	bool frozen;
	struct {
		bool paired;
		uint16_t m;
		uint8_t ka[PDT1_KEY_LEN];
		uint32_t n_s;
		uint8_t slot;
	} host[SIGHTING_HOSTS];
};

/**
 * observe_wire() - ask a module what it remembers
 * @seen: filled in
 * @m: module, for test_apdu()
 * @kmg: under which its report must verify
 * @hosts: each tries to open a session; @count of them, at most SIGHTING_HOSTS
 * @count: how many
 *
 * Return: false when an answer is missing, malformed or not authentic.
 */
bool observe_wire(struct sighting *seen, struct sm_module *m,
		  const uint8_t kmg[PDT1_KEY_LEN], const struct host *hosts,
		  int count);

/* What observe_wire() should see of a module in state @m. Of two entries for
 * one host, as during a REWRAP, the one whose generation is right is paired.
 */
void sighting_of(struct sighting *s, const struct model *m,
		 const struct host *hosts, int count);

/* Names what two sightings differ in, NULL when they are equal */
const char *sighting_difference(const struct sighting *a,
				const struct sighting *b);

#endif /* SOFTMOD_TESTS_POWER_OBSERVE_H */
