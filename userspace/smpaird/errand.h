/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the centre wants of a module: its commands are carried there, and receipts
 * and reports back.
 */
#ifndef SMPAIRD_ERRAND_H
#define SMPAIRD_ERRAND_H

#include "smpaird/api.h"
#include "smpaird/centre.h"
#include "smpaird/loop.h"

struct link;

enum errand_phase {
	ERRAND_IDLE,
	ERRAND_FETCHING,	/* the centre is asked for commands */
	ERRAND_CARRYING,	/* a command is with the module */
	ERRAND_ASKING,		/* the centre is asked for a nonce */
	ERRAND_REPORTING,	/* the module is asked for a report */
};

/**
 * struct errand - errands between the centre and a module
 * @link: The module.
 * @phase: What is being done.
 * @call: Call to the centre under way, or NULL.
 * @due: Begins the next one.
 * @delay: Seconds until the next try after one that failed, 0 where none did.
 * @commands: What the centre wants the module to do, or NULL.
 * @count: How many.
 * @at: The one that is carried.
 * @op: Operation of the driver under way.
 * @report: A report is to be brought.
 * @nonce: For that.
 */
struct errand {
	struct link *link;
	enum errand_phase phase;
	struct centre_call *call;
	struct loop_timer due;
	unsigned int delay;
	struct api_command *commands;
	size_t count;
	size_t at;
	uint64_t op;
	bool report;
	uint8_t nonce[SMPAIR_NONCE_LEN];
};

void errand_begin(struct errand *errand, struct link *link);
void errand_outcome(struct errand *errand);
void errand_end(struct errand *errand);

#endif /* SMPAIRD_ERRAND_H */
