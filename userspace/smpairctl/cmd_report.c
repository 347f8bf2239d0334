// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A module's report to the management centre, under a nonce that the centre
 * drew. Only the centre can judge it.
 */
#include <jansson.h>
#include <stdio.h>

#include <smpair/id.h>

#include "domain/bytes.h"
#include "carry.h"
#include "out.h"
#include "outcome.h"

/* What the report claims; the centre will check its MAC. */
static int tell(const struct ctl *ctl, const struct smpair_outcome *outcome, struct carry_out *out)
{
	const uint8_t *r = outcome->report;
	char name[SMPAIR_NAME_SIZE], module[SMPAIR_ID_TEXT_SIZE];
	json_t *object = NULL;
	int err;

	ctl_dev_name(outcome->dev_id, name);
	smpair_id_format(r, module, sizeof(module));
	if (ctl->json) {
		object = out_object();
		out_set(object, "dev", json_string(name));
		out_set(object, "op", json_integer((json_int_t)outcome->op));
		out_set(object, "result", json_string("reported"));
		out_set(object, "module_id", json_string(module));
		out_set(object, "index", json_integer(get_be32(r + 8)));
		out_set(object, "sequence", json_integer(get_be32(r + 12)));
		out_set(object, "tries_left", json_integer(r[28]));
		out_set(object, "slots", json_integer(r[30]));
		out_set(object, "slots_used", json_integer(r[31]));
	}
	err = carry_commit(ctl, out, r, sizeof(outcome->report), object);
	if (err) {
		json_decref(object);
		return err;
	}
	if (object)
		return out_json(object);
	fprintf(out->to_stdout ? stderr : stdout,
		"%s: module %s reports N %u; take %s to the centre\n", name, module,
		get_be32(r + 8), out->to_stdout ? "this report" : out->file.path);
	return SMPAIR_EXIT_DONE;
}

int cmd_report(struct ctl *ctl)
{
	uint8_t nonce[SMPAIR_NONCE_LEN];
	struct smpair_outcome outcome;
	char name[SMPAIR_NAME_SIZE];
	struct carry_out out;
	uint64_t op;
	size_t len;
	int err;

	err = carry_read(ctl, SMPAIR_TEXT_NONCE, nonce, sizeof(nonce), &len);
	if (err)
		return err;
	if (len != sizeof(nonce))
		return out_usage(ctl, "a nonce has 16 bytes; name the file that the centre made");
	err = ctl_connect(ctl);
	if (err)
		return err;
	err = carry_open(ctl, SMPAIR_TEXT_REPORT, &out);
	if (err)
		return err;
	ctl_dev_name(ctl->dev, name);
	err = smpair_op_report(ctl->client, ctl->dev, nonce, &op);
	if (!err)
		err = outcome_wait(ctl, op, &outcome);
	if (err || outcome.error || !SMPAIR_HAS(&outcome, SMPAIR_A_OP_REPORT)) {
		carry_drop(&out);
		return err ? out_fail(ctl, err, name) : outcome_tell(ctl, &outcome, "reported");
	}
	return tell(ctl, &outcome, &out);
}
