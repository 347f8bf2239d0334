/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A port for tests: flash in memory that can lose power at a chosen operation,
 * and randomness that a test may fix.
 */
#ifndef SOFTMOD_TESTS_TESTPORT_H
#define SOFTMOD_TESTS_TESTPORT_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "softmod/core/module.h"
#include "softmod/core/perso.h"

#define TEST_FLASH_SIZE		(2 * 8192)
#define TEST_FLASH_BLOCK	2048

/* What the operation under way has done when the power goes */
enum test_torn {
	TORN_NOTHING,
	TORN_PREFIX,
	TORN_BITS,	/* a random half of the bits that would change */
	TORN_ALL,	/* everything, but nobody learns */
	TORN_COUNT,
};

struct test_port {
	struct sm_port port;
	uint8_t flash[TEST_FLASH_SIZE];
	unsigned int ops;	/* programs and erases so far */
	unsigned int cut_at;	/* fail at this one, counted from 1; 0 never */
	enum test_torn torn;
	bool dead;		/* power is gone since the cut */
	bool flaky;		/* only that operation fails */
	bool silent;		/* and says that it did not */
	unsigned int reads;	/* of flash, so far */
	unsigned int no_read_at;	/* fail at this one, counted from 1; 0 never */
	unsigned int macs;	/* HMACs so far */
	unsigned int no_mac_at;
	uint32_t seed;
	bool stuck_rng;
	bool broken_rng;
	bool fixed;		/* draw these: */
	uint8_t rm[16];
	uint8_t xm[32];
};

void test_port_init(struct test_port *tp);
void test_port_cut(struct test_port *tp, unsigned int at, enum test_torn torn);
void test_port_restore(struct test_port *tp);

/* A module with MID 0201…5678 of the vectors' domain, 8 slots, policy indexed */
struct sm_perso test_perso(void);

/* Erases, personalises and powers up */
void test_module(struct test_port *tp, struct sm_module *m,
		 const struct sm_perso *perso, const struct sm_app *app);

/* Power off and on again */
void test_cycle(struct test_port *tp, struct sm_module *m);

/* Carries a command to a module and its answer, of at most SM_RESPONSE_MAX
 * bytes, back. Returns anything but 0 when no answer came.
 */
typedef int (*test_transmit_fn)(struct sm_module *m, const uint8_t *cmd,
				size_t len, uint8_t *rsp, size_t *rsp_len);

/* Replaces the call of sm_apdu() that carries commands; NULL restores it */
void test_transmit(test_transmit_fn fn);

#define TEST_NO_ANSWER	0

/* One command in extended form; returns the status word, or TEST_NO_ANSWER,
 * data to @rsp
 */
uint16_t test_apdu(struct sm_module *m, uint8_t ins, uint8_t p1, uint8_t p2,
		   const void *data, size_t len, uint8_t *rsp,
		   size_t *rsp_len);

/* One command as it is */
uint16_t test_raw(struct sm_module *m, const void *cmd, size_t len);

/* Buffer of SM_RESPONSE_MAX bytes for answers nobody looks at */
extern uint8_t test_scratch[SM_RESPONSE_MAX];

#endif /* SOFTMOD_TESTS_TESTPORT_H */
