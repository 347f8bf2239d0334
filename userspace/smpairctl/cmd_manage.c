// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A command of the management centre to a module, and its receipt back. Both
 * are opaque here: only the two ends can judge them.
 */
#include <jansson.h>
#include <stdio.h>

#include <smpair/id.h>

#include "domain/bytes.h"
#include "carry.h"
#include "out.h"
#include "outcome.h"

#define COMMAND_MIN	48

/* What the receipt claims; the centre will check its MAC. */
static int tell(const struct ctl *ctl, const struct smpair_outcome *outcome, struct carry_out *out)
{
	const uint8_t *r = outcome->receipt;
	char name[SMPAIR_NAME_SIZE], status[8], module[SMPAIR_ID_TEXT_SIZE];
	json_t *object = NULL;
	int err;

	ctl_dev_name(outcome->dev_id, name);
	snprintf(status, sizeof(status), "%02x%02x", r[2], r[3]);
	smpair_id_format(r + 4, module, sizeof(module));
	if (ctl->json) {
		object = out_object();
		out_set(object, "dev", json_string(name));
		out_set(object, "op", json_integer((json_int_t)outcome->op));
		out_set(object, "result", json_string("managed"));
		out_set(object, "receipt_status", json_string(status));
		out_set(object, "module_id", json_string(module));
		out_set(object, "sequence", json_integer(get_be32(r + 12)));
		out_set(object, "index", json_integer(get_be32(r + 16)));
		out_set(object, "tries_left", json_integer(r[20]));
	}
	err = carry_commit(ctl, out, r, sizeof(outcome->receipt), object);
	if (err) {
		json_decref(object);
		return err;
	}
	if (object)
		return out_json(object);
	fprintf(out->to_stdout ? stderr : stdout,
		"%s: command %u of module %s answered with %s; take %s to the centre\n", name,
		get_be32(r + 12), module, status, out->to_stdout ? "this receipt" : out->file.path);
	return SMPAIR_EXIT_DONE;
}

/* Returns the exit code; the receipt is committed to @out or dropped. */
static int run(struct ctl *ctl, const uint8_t *command, size_t len, struct carry_out *out)
{
	struct smpair_outcome outcome;
	char name[SMPAIR_NAME_SIZE];
	uint64_t op;
	int err;

	ctl_dev_name(ctl->dev, name);
	err = smpair_op_manage(ctl->client, ctl->dev, command, len, &op);
	if (!err)
		err = outcome_wait(ctl, op, &outcome);
	if (err || outcome.error || !SMPAIR_HAS(&outcome, SMPAIR_A_OP_RECEIPT)) {
		carry_drop(out);
		return err ? out_fail(ctl, err, name) : outcome_tell(ctl, &outcome, "managed");
	}
	return tell(ctl, &outcome, out);
}

int cmd_manage(struct ctl *ctl)
{
	uint8_t command[SMPAIR_MANAGE_MAX];
	struct carry_out out;
	size_t len;
	int err;

	err = carry_read(ctl, SMPAIR_TEXT_COMMAND, command, sizeof(command), &len);
	if (err)
		return err;
	if (len < COMMAND_MIN)
		return out_usage(ctl, "the command is shorter than 48 bytes; name the file that the centre made");
	err = ctl_connect(ctl);
	if (err)
		return err;
	/* The module answers a command once: no receipt may be lost. */
	err = carry_open(ctl, SMPAIR_TEXT_RECEIPT, &out);
	if (err)
		return err;
	return run(ctl, command, len, &out);
}
