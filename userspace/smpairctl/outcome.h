/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How operations ended, and what pairing would do.
 */
#ifndef SMPAIRCTL_OUTCOME_H
#define SMPAIRCTL_OUTCOME_H

#include <jansson.h>
#include <stdio.h>

#include "ctl.h"

/**
 * struct offer - what the module offers in its answer to PAIR BEGIN
 * @module_id: identifier of the module, SMPAIR_ID_LEN bytes; borrowed
 * @host_id: identifier of this host, as long; borrowed
 * @index: pairing index
 * @request_code: request code, six decimal digits
 * @pin_policy: enum smpair_pin_policy
 * @plan: enum smpair_plan
 * @slot: slot that the pairing takes
 * @tries_left: wrong PINs that the module still takes
 *
 * The same for a plan and for an agent.
 */
struct offer {
	const uint8_t *module_id;
	const uint8_t *host_id;
	uint32_t index;
	uint32_t request_code;
	uint32_t pin_policy;
	uint32_t plan;
	uint32_t slot;
	uint32_t tries_left;
};

bool offer_from_outcome(struct offer *offer, const struct smpair_outcome *outcome);
void offer_from_request(struct offer *offer, const struct smpair_request *request);
void offer_print(const struct offer *offer, const struct smpair_slot_info *victim, FILE *to);
void offer_to_json(const struct offer *offer, const struct smpair_slot_info *victim,
		   json_t *object);

const struct smpair_error_info *outcome_info(const struct smpair_outcome *outcome);
int outcome_wait(struct ctl *ctl, uint64_t op, struct smpair_outcome *outcome);
int outcome_tell(const struct ctl *ctl, const struct smpair_outcome *outcome, const char *done);
int outcome_run(struct ctl *ctl, int (*start)(struct smpair_client *, uint32_t, uint64_t *),
		const char *done);

#endif /* SMPAIRCTL_OUTCOME_H */
