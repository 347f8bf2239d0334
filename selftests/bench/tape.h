/* SPDX-License-Identifier: GPL-2.0 */
/* What went over the link, and how long the far end worked on it. */
#ifndef BENCH_TAPE_H
#define BENCH_TAPE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../rig/module.h"

#define TAPE_MAX	32

/**
 * struct tape_entry - one command and its answer
 * @ins: instruction byte
 * @command: bytes of the command APDU
 * @command_data: of those, the data field
 * @answer: bytes of the answer APDU
 * @answer_data: of those, all but the status word
 */
struct tape_entry {
	uint8_t ins;
	size_t command;
	size_t command_data;
	size_t answer;
	size_t answer_data;
};

/**
 * struct tape - the first commands since tape_clear(), and the sum of all
 * @lock: guards the rest; the module's thread writes
 * @entry: the first TAPE_MAX commands
 * @count: commands, those without an entry included
 * @work_ns: time that the module itself took for them
 * @began: when the module got the command it works on
 */
struct tape {
	pthread_mutex_t lock;
	struct tape_entry entry[TAPE_MAX];
	size_t count;
	uint64_t work_ns;
	uint64_t began;
};

void tape_init(struct tape *tape, struct rig_module *mod);
void tape_clear(struct tape *tape);

/**
 * struct tape_sum - commands of some kinds, added up
 * @trips: round trips
 * @apdu: bytes of all APDUs
 * @data: bytes of their data fields
 */
struct tape_sum {
	size_t trips;
	size_t apdu;
	size_t data;
};

/* Adds up the commands with instruction @a or @b. */
struct tape_sum tape_sum(struct tape *tape, uint8_t a, uint8_t b);
size_t tape_count(struct tape *tape);
uint64_t tape_work_ns(struct tape *tape);
/* The only command since tape_clear(); false when there were more or none. */
bool tape_only(struct tape *tape, struct tape_entry *entry);

#endif /* BENCH_TAPE_H */
