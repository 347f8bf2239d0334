/* SPDX-License-Identifier: GPL-2.0 */
/* Messages through /dev/smpairN, and what their time is made of. */
#ifndef BENCH_SPEED_H
#define BENCH_SPEED_H

#include "../rig/rig.h"
#include "clock.h"
#include "count.h"
#include "gcm.h"
#include "tape.h"

#define SPEED_SIZES	4
#define SPEED_LARGEST	61440

/**
 * struct speed - messages of one size; times in microseconds for each
 * @size: bytes of a message; its answer, an echo, is one byte shorter
 * @exchange: write() to read(), nothing else being watched
 * @gcm: gcm(aes) of the same lengths through AF_ALG
 * @gcm_ratio: @exchange to @gcm
 * @total: write() to read() while functions of the driver are probed; of that:
 * @work: the module's own work
 * @link: the transport without it
 * @crypto: encryption and decryption in the driver
 * @driver: the rest of smpair_exchange()
 * @chardev: what is outside of it
 * @link_ratio: @total without @work, to @link
 * @adds: what @driver and @chardev add to @crypto and @link, 0.1 being ten per cent
 * @adds_kernel: the same without @chardev, for users in the kernel
 */
struct speed {
	size_t size;
	struct rounds exchange;
	struct rounds gcm;
	struct rounds gcm_ratio;
	struct rounds total;
	struct rounds work;
	struct rounds link;
	struct rounds crypto;
	struct rounds driver;
	struct rounds chardev;
	struct rounds link_ratio;
	struct rounds adds;
	struct rounds adds_kernel;
};

/**
 * struct bench_file - an open /dev/smpairN with room for messages
 * @fd: the file
 * @msg: message
 * @answer: its answer
 */
struct bench_file {
	int fd;
	uint8_t *msg;
	uint8_t *answer;
};

int speed_open(struct bench_file *file, uint32_t dev);	/* 0 or -errno */
void speed_close(struct bench_file *file);

/* Bytes that a message of @size grows by on its way; NULL, or what failed. */
const char *speed_overhead(struct counts *counts, struct bench_file *file, struct tape *tape,
			   size_t size);
/* One round each: with AF_ALG in turn, and with probes. NULL, or what failed. */
const char *speed_round(struct speed *speed, struct bench_file *file, struct gcm *gcm);
const char *speed_round_probed(struct speed *speed, struct bench_file *file,
			       struct tape *tape);
/* Microseconds of an AF_ALG pair whose messages are one byte; 0 when it failed */
double speed_gcm_floor(struct gcm *gcm);

#endif /* BENCH_SPEED_H */
