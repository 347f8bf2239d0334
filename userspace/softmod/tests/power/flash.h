/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NOR flash behind a write buffer, for tests. Programming clears bits, erasing
 * sets them, and either survives a power cut for certain only once a sync has
 * returned. Programs, erases and syncs are counted; a fault can be ordered for
 * any of them. What a fault leaves is decided bit by bit by a number, so that
 * the same number gives the same damage again.
 */
#ifndef SOFTMOD_TESTS_POWER_FLASH_H
#define SOFTMOD_TESTS_POWER_FLASH_H

#include <stdbool.h>
#include <stdint.h>

#define FLASH_SIZE	(2 * 8192)
#define FLASH_BLOCK	2048

/**
 * enum flash_fault - what happens to one operation
 * @FLASH_CUT: the power goes: of this operation, and of all that was not
 *	synced, a part is there; nothing works until flash_power()
 * @FLASH_ERROR: a part is done, and the caller learns that it failed
 * @FLASH_SILENT: a part is done, and the caller is told that all is well. A
 *	sync cannot fail like this: nothing could be built on such flash
 */
enum flash_fault {
	FLASH_CUT,
	FLASH_ERROR,
	FLASH_SILENT,
};

/* How much is done of what a fault hits; larger numbers: a random part, each
 * number another one.
 */
enum flash_part {
	FLASH_NOTHING,
	FLASH_ALL,
	FLASH_HALF,	/* the first half of its bytes */
	FLASH_BITS,
};

/**
 * struct flash - the flash, and what is to go wrong with it
 * @cells: what reads see
 * @durable: what a power cut leaves at least
 * @weak: bits that a cut left between two levels: they read as they like until
 *	they are programmed or erased
 * @dirty_from: first byte that may differ between @cells and @durable
 * @dirty_to: the one behind the last
 * @ops: programs, erases and syncs so far
 * @fault_at: the one that goes wrong, counted from 1; 0 for none
 * @fault: how
 * @part: how much of it is done
 * @unstable: cuts leave weak bits
 * @hit: the fault has happened
 * @dead: the power is gone
 * @misuse: what the user did that flash cannot do, NULL for nothing
 * @rng: state of the generator behind random parts and weak bits
 */
struct flash {
	uint8_t cells[FLASH_SIZE];
	uint8_t durable[FLASH_SIZE];
	uint8_t weak[FLASH_SIZE];
	uint32_t dirty_from;
	uint32_t dirty_to;
	unsigned int ops;
	unsigned int fault_at;
	enum flash_fault fault;
	unsigned int part;
	bool unstable;
	bool hit;
	bool dead;
	const char *misuse;
	uint32_t rng;
};

/* All erased, power on */
void flash_init(struct flash *f);

/**
 * flash_order() - let a coming operation go wrong
 * @f: flash
 * @k: which one, 1 for the next; 0 takes the order back
 * @fault: how
 * @part: how much of it is done, enum flash_part or more
 */
void flash_order(struct flash *f, unsigned int k, enum flash_fault fault,
		 unsigned int part);

/* Power off, if it is not already, and on again. Takes an order back. */
void flash_power(struct flash *f);

/* Of struct sm_port; 0 or -1 */
int flash_read(struct flash *f, uint32_t off, void *buf, uint32_t len);
int flash_program(struct flash *f, uint32_t off, const void *buf,
		  uint32_t len);
int flash_erase(struct flash *f, uint32_t off);
int flash_sync(struct flash *f);

#endif /* SOFTMOD_TESTS_POWER_FLASH_H */
