/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Modules that are there, and what is done for each: the centre's commands are
 * carried, a pairing is begun, its end is told to the centre.
 */
#ifndef SMPAIRD_LINK_H
#define SMPAIRD_LINK_H

#include "smpaird/api.h"
#include "smpaird/daemon.h"

enum link_phase {
	LINK_SEEN,	/* nothing done for this insertion */
	LINK_FETCHING,	/* the centre is asked for commands */
	LINK_CARRYING,	/* a command is with the module */
	LINK_READY,	/* all that the centre wanted was done, or cannot be */
};

/**
 * struct link - a module that is there
 * @next: In the daemon's list.
 * @daemon: The daemon.
 * @id: Number of the link.
 * @state: enum smpair_state.
 * @cause: enum smpair_cause.
 * @module_id: MID, where @has_module_id.
 * @has_module_id: INFO was read.
 * @phase: What is being done.
 * @call: Call to the centre under way, or NULL.
 * @commands: What the centre wants the module to do, or NULL.
 * @command_count: How many.
 * @command_at: The one that is carried.
 * @op: Operation that carries it.
 * @tried: A pairing was begun since the module was last found unpaired.
 * @answered: A request of it was answered and how it ended is not known yet.
 * @asked: That request.
 */
struct link {
	struct link *next;
	struct daemon *daemon;
	uint32_t id;
	uint32_t state;
	uint32_t cause;
	uint8_t module_id[SMPAIR_ID_LEN];
	bool has_module_id;
	enum link_phase phase;
	struct centre_call *call;
	struct api_command *commands;
	size_t command_count;
	size_t command_at;
	uint64_t op;
	bool tried;
	bool answered;
	struct smpair_request asked;
};

void link_seen(struct daemon *daemon, const struct smpair_dev_info *dev);
void link_left(struct daemon *daemon, uint32_t id);
void link_left_all(struct daemon *daemon);
void link_answered(struct daemon *daemon, const struct smpair_request *asked);
void link_outcomes(struct daemon *daemon);

#endif /* SMPAIRD_LINK_H */
