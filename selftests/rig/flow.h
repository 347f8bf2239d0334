/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The flows of messages between driver and module, for tests that disturb them:
 * each comes to its start from any state, makes one attempt, and judges what is
 * left: the error is one that the disturbance explains, no wrong answer counts,
 * no PIN is judged twice, driver and module agree, and the next attempt works.
 */
#ifndef RIG_FLOW_H
#define RIG_FLOW_H

#include "rig.h"

/**
 * struct stage - host, module, the disturbance, and how the latest attempt went
 * @rig: host; where the module is a process, its module part gives secrets only
 * @insert: puts the module in; 0 or -errno. Does not wait for the driver
 * @remove: takes it out if it is in; 0 or -errno
 * @calm: ends the disturbance, called when the messages of an attempt are over and
 *	before the test asks for more; may be NULL
 * @causes: what the disturbance explains, one bit for each enum smpair_cause
 * @errors: errno of an exchange or a request that it explains; ended by 0
 * @forges: it may make what only a hostile link would: alarms are right then
 * @doubles: it may end the session after an answer, so that the next message tells
 * @attach_late: the driver may learn of the module after @insert returned
 * @seq: sequence number of the latest management command
 * @generation: MHKey generation under which the host is paired before the attempt
 * @n: pairing index before the attempt
 * @kept: host whose pairing an eviction must spare
 * @error: 0 or a positive errno
 * @cause: enum smpair_cause; NONE with an error: the request was refused
 * @out: outcome, for flows that are an operation
 * @why: what is wrong
 */
struct stage {
	struct rig rig;
	int (*insert)(struct stage *st);
	int (*remove)(struct stage *st);
	void (*calm)(struct stage *st);
	uint64_t causes;
	int errors[8];
	bool forges;
	bool doubles;
	bool attach_late;
	uint32_t seq;
	unsigned int generation;
	unsigned int n;
	unsigned int kept;
	uint32_t error;
	uint32_t cause;
	struct smpair_outcome out;
	char why[200];
};

#define STAGE_CAUSE(name)	(1ULL << SMPAIR_CAUSE_##name)

/**
 * struct flow - messages with one purpose
 * @perso: how the module differs from the standard one; may be NULL
 * @prepare: from any state to the start; false with stage.why
 * @attempt: the messages under test
 * @judge: the state afterwards, and the next attempt; false with stage.why
 */
struct flow {
	void (*perso)(struct sm_perso *perso);
	bool (*prepare)(struct stage *st);
	void (*attempt)(struct stage *st);
	bool (*judge)(struct stage *st);
};

extern const struct flow insertion_unpaired, insertion_paired, open_in_all_generations, rewrap,
	pairing, wrong_pin, eviction, one_exchange, chained_exchange, exchange_with_rekey,
	unpairing, closing, management;

/* Host 0 is in use, nothing is inserted; the caller sets the disturbance. */
bool stage_open(struct stage *st, const struct flow *flow);
void stage_close(struct stage *st);
/* An attempt that says nothing was made; the next one starts from scratch. */
void stage_void(struct stage *st);
bool stage_no(struct stage *st, const char *text, ...) __attribute__((format(printf, 2, 3)));

#endif /* RIG_FLOW_H */
