// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "out.h"
#include "outcome.h"

/* The slowest operation of a module over the slowest link, with room. */
#define OPERATION_MS	60000

/*
 * outcome_info() - What to tell about an outcome: by its cause, or where the
 *	driver names none by its errno.
 */
const struct smpair_error_info *outcome_info(const struct smpair_outcome *outcome)
{
	if (outcome->cause != SMPAIR_CAUSE_NONE)
		return smpair_cause_info(outcome->cause);
	return smpair_errno_info((int)(outcome->error & INT32_MAX));
}

/*
 * outcome_wait() - Wait for an operation that asks nothing.
 *
 * Return: 0 or a negative errno.
 */
int outcome_wait(struct ctl *ctl, uint64_t op, struct smpair_outcome *outcome)
{
	return smpair_op_wait(ctl->client, op, ctl_left(ctl, OPERATION_MS), outcome);
}

/*
 * outcome_tell() - Tell how an operation ended.
 * @done: One word for success.
 *
 * Return: The exit code.
 */
int outcome_tell(const struct ctl *ctl, const struct smpair_outcome *outcome, const char *done)
{
	const struct smpair_error_info *info = outcome_info(outcome);
	bool failed = outcome->error && info->exit != SMPAIR_EXIT_DONE;
	bool already = outcome->error == EALREADY && outcome->cause == SMPAIR_CAUSE_NONE;
	char name[SMPAIR_NAME_SIZE], status[8];
	struct offer offer;
	json_t *object;

	ctl_dev_name(outcome->dev_id, name);
	if (ctl->json) {
		object = out_object();
		out_set(object, "dev", json_string(name));
		out_set(object, "op", json_integer((json_int_t)outcome->op));
		out_set(object, "result", json_string(failed ? "failed" :
							    already ? "already" : done));
		if (failed)
			out_set(object, "error", out_error_object(info, NULL, NULL));
		if (SMPAIR_HAS(outcome, SMPAIR_A_OP_STATUS_WORD)) {
			snprintf(status, sizeof(status), "%04x", outcome->status_word & 0xffff);
			out_set(object, "status_word", json_string(status));
		}
		if (offer_from_outcome(&offer, outcome)) {
			offer_to_json(&offer, NULL, object);
		} else {
			if (SMPAIR_HAS(outcome, SMPAIR_A_OP_SLOT))
				out_set(object, "slot", json_integer(outcome->slot));
			if (SMPAIR_HAS(outcome, SMPAIR_A_OP_INDEX))
				out_set(object, "index", json_integer(outcome->index));
		}
		if (SMPAIR_HAS(outcome, SMPAIR_A_OP_TRIES_LEFT))
			out_set(object, "tries_left", json_integer(outcome->tries_left));
		if (out_json(object))
			return SMPAIR_EXIT_OTHER;
	} else if (failed) {
		out_error(ctl, info, NULL, name);
		if (SMPAIR_HAS(outcome, SMPAIR_A_OP_TRIES_LEFT))
			fprintf(stderr, "  tries left: %u\n", outcome->tries_left);
		if (SMPAIR_HAS(outcome, SMPAIR_A_OP_STATUS_WORD))
			fprintf(stderr, "  status word: %04x\n", outcome->status_word & 0xffff);
	} else {
		printf("%s: %s%s", name, already ? "already " : "", done);
		if (SMPAIR_HAS(outcome, SMPAIR_A_OP_SLOT))
			printf(", slot %u", outcome->slot);
		putchar('\n');
	}
	return failed ? info->exit : SMPAIR_EXIT_DONE;
}

/*
 * outcome_run() - All of a verb that starts an operation and waits for it.
 *
 * Return: The exit code.
 */
int outcome_run(struct ctl *ctl, int (*start)(struct smpair_client *, uint32_t, uint64_t *),
		const char *done)
{
	struct smpair_outcome outcome;
	char name[SMPAIR_NAME_SIZE];
	uint64_t op;
	int err;

	ctl_dev_name(ctl->dev, name);
	err = ctl_connect(ctl);
	if (err)
		return err;
	err = start(ctl->client, ctl->dev, &op);
	if (!err)
		err = outcome_wait(ctl, op, &outcome);
	if (err)
		return out_fail(ctl, err, name);
	return outcome_tell(ctl, &outcome, done);
}
