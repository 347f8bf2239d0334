/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module as a thing in the hand: image, link, insertion, power, counters. */
#ifndef SOFTMOD_CARD_H
#define SOFTMOD_CARD_H

#include "softmod/core/module.h"
#include "softmod/link/link.h"
#include "softmod/port/nvm_file.h"

/**
 * struct card_counters - what people measure
 * @nvm_writes: records committed
 * @traffic: commands and bytes
 */
struct card_counters {
	uint64_t nvm_writes;
	struct sm_counters traffic;
};

/**
 * struct card - one software module
 * @image: its flash
 * @link: how the reader reaches it
 * @port: platform, below @module
 * @inserted: it is in the reader
 * @dead: power was cut; only removal and insertion bring it back
 * @start: counters since the program started, up to the last power-down
 * @insertion: counters since the last insertion, up to the last power-down
 * @module: the module; off unless powered
 * @rsp: answer under construction
 */
struct card {
	struct nvm_file image;
	struct link link;
	struct sm_port port;
	bool inserted;
	bool dead;
	struct card_counters start;
	struct card_counters insertion;
	struct sm_module module;
	uint8_t rsp[SM_RESPONSE_MAX];
};

/**
 * card_insert() - put the module into the reader
 * @card: removed module
 *
 * Return: 0 or a negative errno: -EALREADY when it is inserted; else of the
 * link.
 */
int card_insert(struct card *card);

/**
 * card_remove() - pull the module out, whatever it is doing
 * @card: module
 *
 * Return: 0 or -EALREADY when it is removed.
 */
int card_remove(struct card *card);

/**
 * card_reset() - warm reset by hand
 * @card: module
 *
 * Return: 0, or -ENODEV when the module has no power.
 */
int card_reset(struct card *card);

/**
 * card_serve() - handle what has arrived on the link
 * @card: inserted module
 *
 * Return: 0, or a negative errno when the link broke; the module is then
 * removed.
 */
int card_serve(struct card *card);

/**
 * card_count() - counters including the running power-up
 * @card: module
 * @start: receives those since the program started
 * @insertion: receives those since insertion
 */
void card_count(const struct card *card, struct card_counters *start,
		struct card_counters *insertion);

#endif /* SOFTMOD_CARD_H */
