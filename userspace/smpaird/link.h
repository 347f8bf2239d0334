/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Modules that are there, and what is done for each: the centre's errands are run,
 * a pairing is begun, its end is told to the centre.
 */
#ifndef SMPAIRD_LINK_H
#define SMPAIRD_LINK_H

#include "smpaird/daemon.h"
#include "smpaird/errand.h"

enum link_phase {
	LINK_SEEN,	/* nothing done for this insertion */
	LINK_SERVED,	/* the first errands of the centre are run */
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
 * @errand: What the centre wants of it.
 * @tried: A pairing was begun since the module was last found unpaired.
 * @unblocked: It has PIN tries again, as the errand that ends shows.
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
	struct errand errand;
	bool tried;
	bool unblocked;
	bool answered;
	struct smpair_request asked;
};

void link_seen(struct daemon *daemon, const struct smpair_dev_info *dev);
void link_left(struct daemon *daemon, uint32_t id);
void link_left_all(struct daemon *daemon);
void link_answered(struct daemon *daemon, const struct smpair_request *asked);
void link_outcomes(struct daemon *daemon);

/* For the errands. */
void link_tell_centre(struct link *link, const char *method, const char *path, char *body);
bool link_takes_errands(const struct link *link);
void link_errand_done(struct link *link);

#endif /* SMPAIRD_LINK_H */
