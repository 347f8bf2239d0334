// SPDX-License-Identifier: GPL-2.0
#include "count.h"

#include <stdio.h>

/* Records committed since power-up; the module is at rest when this is called. */
static size_t writes(const struct rig *rig)
{
	return rig->mod.m->store.nvm.writes;
}

bool counts_right(const struct counts *counts)
{
	size_t i;

	for (i = 0; i < counts->count; i++)
		if (counts->list[i].value != counts->list[i].wanted)
			return false;
	return true;
}

void counts_add(struct counts *counts, const char *name, size_t value, size_t wanted)
{
	struct count *c = &counts->list[counts->count];

	if (counts->count == COUNT_MAX)
		return;
	*c = (struct count){ .value = value, .wanted = wanted };
	snprintf(c->name, sizeof(c->name), "%s", name);
	counts->count++;
}

const char *count_pairing(struct counts *counts, struct rig *rig, struct tape *tape)
{
	struct smpair_outcome out;
	struct tape_sum sum;
	size_t before;

	if (rig_use_host(rig, 0) || rig_insert(rig) || rig_settle(rig) != SMPAIR_STATE_UNPAIRED)
		return "the module was not found unpaired";
	before = writes(rig);
	counts_add(counts, "NVM writes of a power-up", before, 1);

	tape_clear(tape);
	if (rig_pair(rig, &out) || out.error ||
	    rig_wait_state(rig, SMPAIR_STATE_PAIRED) != SMPAIR_STATE_PAIRED)
		return "the pairing failed";
	sum = tape_sum(tape, PDT1_INS_PAIR_BEGIN, PDT1_INS_PAIR_CONFIRM);
	counts->pair_data = sum.data;
	counts_add(counts, "round trips of a pairing", sum.trips, 2);
	counts_add(counts, "bytes of a pairing", sum.apdu, 430);
	counts_add(counts, "NVM writes of a pairing", writes(rig) - before, 4);
	return NULL;
}

/* Waits for the events until the inserted module is paired; learns its number. */
static bool wait_paired(struct rig *rig)
{
	struct smpair_event ev;

	while (!smpair_events_next(rig->client, RIG_PATIENCE_MS, &ev)) {
		if (ev.type == SMPAIR_EVENT_ADD)
			rig->dev = ev.dev.id;
		if (ev.type == SMPAIR_EVENT_DEL || ev.dev.id != rig->dev)
			continue;
		if (ev.dev.state == SMPAIR_STATE_PAIRED)
			return true;
		if (ev.dev.state != SMPAIR_STATE_PROBING && ev.dev.state != SMPAIR_STATE_OPENING)
			return false;
	}
	return false;
}

const char *count_arrival(struct counts *counts, struct arrival *arrival, struct rig *rig,
			  struct tape *tape)
{
	struct smpair_event ev;
	struct tape_sum sum;
	uint64_t start, ns;

	rig_remove(rig);
	while (!smpair_events_next(rig->client, 1, &ev))
		;	/* of the link that is gone */
	tape_clear(tape);
	start = clock_ns();
	if (rig_module_insert(&rig->mod) || !wait_paired(rig))
		return "the module was not recognised when it came back";
	ns = clock_ns() - start;
	rounds_add(&arrival->total, ns / 1e6);
	rounds_add(&arrival->work, tape_work_ns(tape) / 1e6);
	if (arrival->trips)
		return NULL;

	arrival->trips = tape_count(tape);
	sum = tape_sum(tape, PDT1_INS_OPEN, PDT1_INS_OPEN);
	counts->open_data = sum.data;
	counts_add(counts, "round trips of an OPEN", sum.trips, 1);
	counts_add(counts, "bytes of an OPEN", sum.apdu, 212);
	counts_add(counts, "NVM writes of power-up and verification", writes(rig), 2);
	return NULL;
}

const char *count_open(struct counts *counts, struct rig *rig, struct tape *tape)
{
	struct smpair_outcome out;
	struct tape_sum sum;
	size_t before;

	if (rig_do(rig, smpair_op_close, &out) || out.error)
		return "the session could not be closed";
	tape_clear(tape);
	before = writes(rig);
	if (rig_do(rig, smpair_op_open, &out) || out.error ||
	    rig_wait_state(rig, SMPAIR_STATE_PAIRED) != SMPAIR_STATE_PAIRED)
		return "the session could not be opened again";
	sum = tape_sum(tape, PDT1_INS_OPEN, PDT1_INS_OPEN);
	counts->cached_data = sum.data;
	counts_add(counts, "round trips of an OPEN with KA cached", sum.trips, 1);
	counts_add(counts, "bytes of an OPEN with KA cached", sum.apdu, 136);
	counts_add(counts, "NVM writes of a verification", writes(rig) - before, 1);
	return NULL;
}
