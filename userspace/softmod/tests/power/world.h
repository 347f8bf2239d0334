/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A module on flash that loses power, hosts, the centre, and the oracle that
 * hears all they say. Each call is one thing that somebody does.
 */
#ifndef SOFTMOD_TESTS_POWER_WORLD_H
#define SOFTMOD_TESTS_POWER_WORLD_H

#include "softmod/tests/host.h"
#include "softmod/tests/power/flash.h"
#include "softmod/tests/power/oracle.h"

#define WORLD_HOSTS	4
#define WORLD_RIGHTS	(PDT1_RIGHT_EVICT | PDT1_RIGHT_LIST)

/**
 * struct world - everything there is
 * @tp: platform of the module; what callbacks get, so it comes first
 * @flash: the module's flash
 * @oracle: what it may be
 * @outside: the module is elsewhere, and only seen through the protocol
 * @lost: no answer came to the last command
 * @wrong_pins: wrong PINs since power-up; the third is the last that is judged
 * @host: hosts; entries from WORLD_HOSTS on are what they become by REWRAP
 * @m: the module
 */
struct world {
	struct test_port tp;
	struct flash flash;
	struct oracle oracle;
	bool outside;
	bool lost;
	unsigned int wrong_pins;
	struct host host[2 * WORLD_HOSTS];
	struct sm_module m;
};

extern struct world world;

/* A new module, powered up; nobody is paired */
void world_start(const struct sm_perso *perso);

/* A new module that lies elsewhere, reached by @transmit */
void world_start_outside(const struct sm_perso *perso,
			 test_transmit_fn transmit);

/* Keeps the present world, and brings it back as often as wanted */
void world_save(void);
void world_restore(void);

/* BEGIN by host @i; false when the module refused */
bool world_begin(int i);

/* CONFIRM by host @i with the right PIN, or a wrong one, after world_begin() */
void world_confirm(int i, bool right);

/* OPEN by host @i, and the first envelope in what it opened. Like the others,
 * nothing is wrong when no answer comes.
 */
void world_open(int i);
void world_verify(int i);

/* UNPAIR and REWRAP in the session of host @i; generation 2 */
void world_unpair(int i);
void world_rewrap(int i);

/* MANAGE with the next sequence number */
void world_manage(uint8_t op, const void *body, size_t len);

/* Power off and on; the oracle looks at what came back. */
void world_power(void);

/* The same, while a fault that is ordered for the power-up happens; false when
 * the module did not come up.
 */
bool world_power_with_fault(unsigned int k, enum flash_fault fault,
			    unsigned int part);

/* Asks the module through the protocol what it remembers, which must be the
 * one state that is certain
 */
void world_probe(void);

/* The same for a module that lies elsewhere and has just come back: the oracle
 * looks at it, as far as it can be seen.
 */
void world_sight(void);

/* Host 3 pairs, if it may: an interrupted past must not get in its way */
void world_go_on(void);

#endif /* SOFTMOD_TESTS_POWER_WORLD_H */
