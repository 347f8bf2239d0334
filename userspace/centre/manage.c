// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands to modules and their receipts (protocol, section 13).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "centre/centre.h"
#include "domain/bytes.h"
#include "domain/domain.h"
#include "domain/file.h"
#include "domain/keys.h"
#include "domain/manage.h"
#include "domain/number.h"
#include "domain/secret.h"

struct build {
	struct centre *centre;
	const struct store_module *module;
	struct domain_manage cmd;
};

static int number(struct build *build, const char *option, const char *text,
		  uint64_t min, uint64_t max)
{
	struct domain_manage *cmd = &build->cmd;
	uint64_t value;
	int err;

	if (!text)
		return domain_fail(&build->centre->error, -EDOM,
				   "--%s is missing", option);
	err = domain_number(option, text, min, max, &value,
			    &build->centre->error);
	if (!err)
		cmd->body[cmd->body_len++] = (uint8_t)value;
	return err;
}

static int build_tries(struct build *build)
{
	return number(build, "tries", build->centre->args->tries, 1,
		      build->module->ptc_max);
}

/* Any host: a module may have to refuse one that this centre never knew. */
static int build_host(struct build *build)
{
	int err;

	err = centre_id(build->centre, "host", build->centre->args->host,
			build->cmd.body);
	build->cmd.body_len = PDT1_ID_LEN;
	return err;
}

static int build_slots(struct build *build)
{
	return number(build, "slots", build->centre->args->slots, 1,
		      PDT1_SLOTS_MAX);
}

static int build_slot(struct build *build)
{
	return number(build, "slot", build->centre->args->slot, 0,
		      PDT1_SLOTS_MAX - 1);
}

static int build_pin_slot(struct build *build)
{
	const struct centre_args *args = build->centre->args;
	int err;

	if (args->on == args->off)
		return domain_fail(&build->centre->error, -EDOM,
				   "pin-slot takes --on or --off");
	err = build_slot(build);
	build->cmd.body[build->cmd.body_len++] = args->on;
	return err;
}

enum {
	USES_TRIES = 1,
	USES_HOST = 2,
	USES_SLOTS = 4,
	USES_SLOT = 8,
	USES_SWITCH = 16,
};

static const struct op {
	const char *name;
	uint8_t op;
	unsigned int uses;
	int (*build)(struct build *build);
} ops[] = {
	{ "unblock-pin", PDT1_OP_UNBLOCK_PIN, USES_TRIES, build_tries },
	{ "revoke-host", PDT1_OP_REVOKE_HOST, USES_HOST, build_host },
	{ "unrevoke-host", PDT1_OP_UNREVOKE_HOST, USES_HOST, build_host },
	{ "set-slots", PDT1_OP_SET_SLOTS, USES_SLOTS, build_slots },
	{ "free-slot", PDT1_OP_FREE_SLOT, USES_SLOT, build_slot },
	{ "pin-slot", PDT1_OP_PIN_SLOT, USES_SLOT | USES_SWITCH, build_pin_slot },
};

static const struct op *find_op(const char *name)
{
	size_t i;

	for (i = 0; name && i < sizeof(ops) / sizeof(ops[0]); i++)
		if (!strcmp(ops[i].name, name))
			return &ops[i];
	return NULL;
}

static int check_uses(struct centre *centre, const struct op *op)
{
	const struct centre_args *args = centre->args;
	unsigned int given;

	given = (args->tries ? USES_TRIES : 0) | (args->host ? USES_HOST : 0) |
		(args->slots ? USES_SLOTS : 0) | (args->slot ? USES_SLOT : 0) |
		(args->on || args->off ? USES_SWITCH : 0);
	if (given & ~op->uses)
		return domain_fail(&centre->error, -EDOM,
				   "an option does not belong to --op %s; see smpair-centre(8)",
				   op->name);
	return 0;
}

static int get_kmg(struct centre *centre, const uint8_t mid[PDT1_ID_LEN],
		   uint8_t kmg[PDT1_KEY_LEN])
{
	struct store_domain served;
	struct domain domain;
	const char *path;
	int err;

	err = centre_domain_path(centre, &served, &path);
	if (err)
		return err;
	err = domain_load(&domain, path, &centre->error);
	if (!err && domain.dom != served.dom)
		err = domain_fail(&centre->error, -EINVAL,
				  "%s is of domain %u and this centre serves domain %u; name the right file with --domain",
				  path, domain.dom, served.dom);
	else if (!err && !domain.has_mmgt)
		err = domain_fail(&centre->error, -ENOKEY,
				  "%s lacks MMGT; name the complete domain file with --domain",
				  path);
	if (!err)
		domain_kmg(domain.mmgt, mid, kmg);
	domain_wipe(&domain);
	store_domain_free(&served);
	return err;
}

/*
 * A host that a module is told to refuse gets no PIN for it either; without
 * this the centre would contradict its own command.
 */
static int follow_rule(struct centre *centre, const struct build *build)
{
	bool revoke = build->cmd.op == PDT1_OP_REVOKE_HOST;
	struct store_host host;
	int ret;

	if (!revoke && build->cmd.op != PDT1_OP_UNREVOKE_HOST)
		return 0;
	ret = store_get_host(centre->store, build->cmd.body, &host,
			     &centre->error);
	if (ret <= 0)
		return ret;
	return store_set_denied(centre->store, build->module->mid, host.sn,
				revoke, &centre->error);
}

static int record(struct centre *centre, const struct op *op, struct build *build)
{
	const uint8_t *mid = build->module->mid;
	char seq[24];
	int err;

	err = store_add_command(centre->store, mid, build->cmd.seq, op->op,
				&centre->error);
	if (!err)
		err = follow_rule(centre, build);
	snprintf(seq, sizeof(seq), "command %u", build->cmd.seq);
	if (!err)
		err = centre_done(centre, "manage", mid,
				  op->uses & USES_HOST ? build->cmd.body : NULL,
				  op->name, seq);
	return err;
}

static int seal(struct centre *centre, const struct domain_manage *cmd,
		uint8_t data[DOMAIN_MANAGE_MAX], size_t *len)
{
	uint8_t kmg[PDT1_KEY_LEN], nonce[PDT1_NONCE_LEN];
	int err;

	err = get_kmg(centre, cmd->mid, kmg);
	if (err)
		return err;
	err = domain_random(nonce, sizeof(nonce), &centre->error);
	if (!err)
		*len = domain_manage_seal(cmd, kmg, nonce, data);
	explicit_bzero(kmg, sizeof(kmg));
	return err;
}

/**
 * centre_manage() - Write a command to a module into a file.
 * @centre: --module, --op and what it takes, --out, --domain.
 *
 * The sequence number is taken before the file exists: a number that no module
 * ever sees does no harm, one that is used twice would.
 *
 * Return: As all verbs.
 */
int centre_manage(struct centre *centre)
{
	const struct op *op = find_op(centre->args->op);
	struct build build = { .centre = centre };
	uint8_t data[DOMAIN_MANAGE_MAX];
	struct store_module module;
	size_t len = 0;
	int err;

	if (!op)
		return domain_fail(&centre->error, -EDOM,
				   "--op takes unblock-pin, revoke-host, unrevoke-host, set-slots, free-slot or pin-slot");
	if (!centre->args->out)
		return domain_fail(&centre->error, -EDOM,
				   "--out is missing; name a file for the command");
	err = check_uses(centre, op);
	if (!err)
		err = store_begin(centre->store, &centre->error);
	if (err)
		return err;
	err = centre_need_module(centre, &module);
	if (err)
		goto undo;
	build.module = &module;
	err = op->build(&build);
	if (err)
		goto undo;
	build.cmd.op = op->op;
	memcpy(build.cmd.mid, module.mid, PDT1_ID_LEN);
	build.cmd.seq = module.seq + 1;
	build.cmd.nexp = PDT1_MANAGE_NEXP_ANY;
	if (!build.cmd.seq) {
		err = domain_fail(&centre->error, -ERANGE,
				  "the sequence numbers of the module are used up; replace the module");
		goto undo;
	}
	err = seal(centre, &build.cmd, data, &len);
	if (!err)
		err = record(centre, op, &build);
	if (err)
		goto undo;
	err = store_commit(centre->store, &centre->error);
	if (!err)
		err = domain_file_write(centre->args->out, 0644, false, data,
					len, &centre->error);
	if (!err)
		printf("%s: command %u, %s, for module %s\n", centre->args->out,
		       build.cmd.seq, op->name, centre->args->module);
	return err;
undo:
	store_rollback(centre->store);
	return err;
}

static const char *sw_text(uint16_t sw)
{
	switch (sw) {
	case PDT1_SW_OK:
		return "done";
	case PDT1_SW_DATA:
		return "the module refuses the operation or its value; look at the value";
	case PDT1_SW_FULL:
		return "the module's list is full; remove an entry first";
	case PDT1_SW_NO_REFERENCE:
		return "the module does not hold what was named; look at the number";
	case PDT1_SW_STATE:
		return "the module is not in a state for it; look at its slots";
	}
	return "the module reports a status that has no meaning here; compare the versions of both";
}

static int check_receipt(struct centre *centre, const struct store_module *module,
			 const char *path, struct domain_receipt *receipt)
{
	uint8_t kmg[PDT1_KEY_LEN], *data;
	size_t len;
	int err;

	err = domain_file_read(path, false, DOMAIN_RECEIPT_LEN, &data, &len,
			       &centre->error);
	if (err)
		return err;
	err = get_kmg(centre, module->mid, kmg);
	if (err)
		goto free;
	switch (domain_receipt_check(data, len, kmg, receipt)) {
	case 0:
		/* KMG is of one module, and so is its receipt. */
		break;
	case -EMSGSIZE:
		err = domain_fail(&centre->error, -EMSGSIZE,
				  "%s has %zu bytes and a receipt has %d; name the file that the host wrote",
				  path, len, DOMAIN_RECEIPT_LEN);
		break;
	case -EPROTO:
		err = domain_fail(&centre->error, -EPROTO,
				  "%s is of an unknown version; use the program that made the command",
				  path);
		break;
	default:
		err = domain_fail(&centre->error, -EBADMSG,
				  "%s is not a receipt of module %s, or was changed; carry it over again, or name the right module",
				  path, centre->args->module);
	}
	explicit_bzero(kmg, sizeof(kmg));
free:
	domain_secret_free(data);
	return err;
}

static int record_receipt(struct centre *centre, const struct store_module *module,
			  const struct domain_receipt *receipt)
{
	char detail[48];
	uint8_t op;
	int sw, ret;

	ret = store_get_command(centre->store, module->mid, receipt->seq, &op, &sw,
				&centre->error);
	if (ret < 0)
		return ret;
	if (!ret || op != receipt->op)
		return domain_fail(&centre->error, -ENOENT,
				   "this database made no command %u of that kind for module %s; use the database that made it",
				   receipt->seq, centre->args->module);
	if (sw >= 0)
		return 0;
	ret = store_set_command_result(centre->store, module->mid, receipt->seq,
				       receipt->sw, &centre->error);
	snprintf(detail, sizeof(detail), "command %u, status %04X", receipt->seq,
		 receipt->sw);
	if (!ret)
		ret = centre_done(centre, "receipt", module->mid, NULL,
				  receipt->sw == PDT1_SW_OK ? "done" : "failed",
				  detail);
	return ret;
}

/**
 * centre_receipt() - Check and record a module's receipt.
 * @centre: --module, --domain; the file.
 *
 * Return: As all verbs; -ECANCELED where the module refused the command.
 */
int centre_receipt(struct centre *centre)
{
	struct domain_receipt receipt;
	struct store_module module;
	int err;

	if (centre->args->operand_count != 1)
		return domain_fail(&centre->error, -EDOM,
				   "name the one file that holds the receipt");
	err = store_begin(centre->store, &centre->error);
	if (err)
		return err;
	err = centre_need_module(centre, &module);
	if (!err)
		err = check_receipt(centre, &module, centre->args->operands[0],
				    &receipt);
	if (!err)
		err = record_receipt(centre, &module, &receipt);
	if (err) {
		store_rollback(centre->store);
		return err;
	}
	err = store_commit(centre->store, &centre->error);
	if (err)
		return err;
	printf("module %s: command %u: %s (status %04X, N %u, PIN tries %u)\n",
	       centre->args->module, receipt.seq, sw_text(receipt.sw), receipt.sw,
	       receipt.n, receipt.ptc);
	return receipt.sw == PDT1_SW_OK ? 0 : -ECANCELED;
}
