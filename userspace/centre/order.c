// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Making commands to modules, and taking receipts and reports (protocol, section
 * 13).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "centre/order.h"
#include "centre/states.h"
#include "domain/bytes.h"
#include "domain/secret.h"

const struct order_kind order_kinds[] = {
	{ PDT1_OP_UNBLOCK_PIN, "unblock-pin", ORDER_TRIES },
	{ PDT1_OP_REVOKE_HOST, "revoke-host", ORDER_HOST },
	{ PDT1_OP_UNREVOKE_HOST, "unrevoke-host", ORDER_HOST },
	{ PDT1_OP_SET_SLOTS, "set-slots", ORDER_SLOTS },
	{ PDT1_OP_SET_POLICY, "set-policy", ORDER_POLICY },
	{ PDT1_OP_PUT_K, "put-k", ORDER_GENERATION },
	{ PDT1_OP_DEL_K, "del-k", ORDER_GENERATION },
	{ PDT1_OP_SET_MMIN, "set-mmin", ORDER_GENERATION },
	{ PDT1_OP_SET_KPIN, "set-kpin", ORDER_GENERATION },
	{ PDT1_OP_SET_KMG, "set-kmg", ORDER_GENERATION },
	{ PDT1_OP_FREE_SLOT, "free-slot", ORDER_SLOT },
	{ PDT1_OP_PIN_SLOT, "pin-slot", ORDER_SLOT | ORDER_PINNED },
	{ PDT1_OP_FREEZE, "freeze", 0 },
	{ PDT1_OP_UNFREEZE, "unfreeze", 0 },
	{ PDT1_OP_SET_FT, "set-ft", ORDER_FT },
};

const size_t order_kind_count = sizeof(order_kinds) / sizeof(order_kinds[0]);

/* Fields of the body of SET_POLICY */
#define POLICY_PIN	0
#define POLICY_PTC_MAX	2
#define POLICY_VERSION	8

const struct order_kind *order_find(const char *name)
{
	size_t i;

	for (i = 0; i < order_kind_count; i++)
		if (!strcmp(order_kinds[i].name, name))
			return &order_kinds[i];
	return NULL;
}

static const struct order_kind *order_of(uint8_t op)
{
	size_t i;

	for (i = 0; i < order_kind_count; i++)
		if (order_kinds[i].op == op)
			return &order_kinds[i];
	return NULL;
}

/**
 * order_name() - Name of an operation.
 * @op: PDT1_OP_*.
 *
 * Return: The name, or "unknown".
 */
const char *order_name(uint8_t op)
{
	const struct order_kind *kind = order_of(op);

	return kind ? kind->name : "unknown";
}

/**
 * order_result_text() - What a result in a receipt means, and what to do.
 * @sw: The result.
 *
 * Return: The text.
 */
const char *order_result_text(uint16_t sw)
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
		return "the module is not in a state for it; look at its slots and its version";
	}
	return "the module reports a status that has no meaning here; compare the versions of both";
}

struct making {
	struct store *store;
	struct provider *provider;
	const struct domain *domain;
	const struct order *order;
	const struct order_kind *kind;
	struct store_module *module;
	struct domain_manage cmd;
	struct domain_error *error;
};

static int range(struct making *m, const char *name, unsigned int value,
		 unsigned int min, unsigned int max)
{
	if (value >= min && value <= max)
		return 0;
	return domain_fail(m->error, -EDOM, "%s must be %u to %u", name, min, max);
}

static void put_u8(struct making *m, uint8_t value)
{
	m->cmd.body[m->cmd.body_len++] = value;
}

static void put_u16(struct making *m, uint16_t value)
{
	put_be16(m->cmd.body + m->cmd.body_len, value);
	m->cmd.body_len += 2;
}

static void put_bytes(struct making *m, const void *bytes, size_t len)
{
	memcpy(m->cmd.body + m->cmd.body_len, bytes, len);
	m->cmd.body_len = (uint8_t)(m->cmd.body_len + len);
}

static int body_policy(struct making *m)
{
	const struct order_policy *p = &m->order->policy;
	int err;

	err = range(m, "the PIN policy", p->pin, 0, PDT1_PIN_INDEXED);
	if (!err)
		err = range(m, "the eviction policy", p->evict, 0,
			    PDT1_EVICT_APPROVED);
	if (!err)
		err = range(m, "tries", p->tries, 1, PDT1_PTC_MAX);
	if (!err)
		err = range(m, "ageing", p->ageing, 1, UINT8_MAX);
	if (!err)
		err = range(m, "the count mode", p->count, 0, 1);
	if (!err && p->version <= m->module->version)
		err = domain_fail(m->error, -EDOM,
				  "version %u does not grow; the module has %u, take a greater one",
				  p->version, m->module->version);
	put_u8(m, p->pin);
	put_u8(m, p->evict);
	put_u8(m, p->tries);
	put_u8(m, p->ageing);
	put_u8(m, p->count);
	put_u8(m, p->pin_first);
	put_u16(m, 0);
	put_u16(m, p->version);
	/* Who changes what PINs are must know where the module is, and gives
	 * none before it told how that went.
	 */
	if (p->pin != m->module->pin_policy) {
		m->module->awaiting = true;
		if (!m->order->has_expect)
			m->cmd.nexp = m->module->n;
	}
	return err;
}

static int body_k(struct making *m)
{
	uint16_t g = m->order->generation;
	const struct domain_generation *k;

	k = m->domain ? domain_find_generation(&m->domain->k, g) : NULL;
	if (!k)
		return domain_fail(m->error, -ENOKEY,
				   "generation %u of k is not in the domain file; add it with smpair-provision k, or name the right file with --domain",
				   g);
	put_u16(m, g);
	put_bytes(m, k->key, PDT1_KEY_LEN);
	return 0;
}

static int body_key(struct making *m, enum master kind)
{
	uint16_t g = m->order->generation;
	uint8_t key[PDT1_KEY_LEN];
	int err;

	err = kind == MASTER_MPIN ?
	      provider_kpin(m->provider, g, m->module->mid, key, m->error) :
	      provider_kmg(m->provider, g, m->module->mid, key, m->error);
	if (!err)
		put_bytes(m, key, sizeof(key));
	explicit_bzero(key, sizeof(key));
	return err;
}

static int body_tag(struct making *m)
{
	static const uint8_t none[PDT1_FT_LEN];
	uint8_t ft[PDT1_FT_LEN];
	int err = 0;

	memcpy(ft, m->order->ft, sizeof(ft));
	if (!memcmp(ft, none, sizeof(ft)))
		err = domain_random(ft, sizeof(ft), m->error);
	put_bytes(m, ft, sizeof(ft));
	return err;
}

static int make_body(struct making *m)
{
	const struct order *order = m->order;
	int err = 0;

	switch (order->op) {
	case PDT1_OP_UNBLOCK_PIN:
		err = range(m, "tries", order->tries, 1, m->module->ptc_max);
		put_u8(m, order->tries);
		break;
	case PDT1_OP_REVOKE_HOST:
	case PDT1_OP_UNREVOKE_HOST:
		/* Any host: a module may have to refuse one that this centre
		 * never knew.
		 */
		put_bytes(m, order->sn, PDT1_ID_LEN);
		break;
	case PDT1_OP_SET_SLOTS:
		err = range(m, "slots", order->slots, 1, PDT1_SLOTS_MAX);
		put_u8(m, order->slots);
		break;
	case PDT1_OP_SET_POLICY:
		err = body_policy(m);
		break;
	case PDT1_OP_PUT_K:
		err = body_k(m);
		break;
	case PDT1_OP_DEL_K:
	case PDT1_OP_SET_MMIN:
		err = range(m, "the generation", order->generation, 1, UINT16_MAX);
		put_u16(m, order->generation);
		break;
	case PDT1_OP_SET_KPIN:
		err = body_key(m, MASTER_MPIN);
		break;
	case PDT1_OP_SET_KMG:
		err = body_key(m, MASTER_MMGT);
		break;
	case PDT1_OP_FREE_SLOT:
	case PDT1_OP_PIN_SLOT:
		err = range(m, "slot", order->slot, 0, PDT1_SLOTS_MAX - 1);
		put_u8(m, order->slot);
		if (order->op == PDT1_OP_PIN_SLOT)
			put_u8(m, order->pinned);
		break;
	case PDT1_OP_FREEZE:
	case PDT1_OP_UNFREEZE:
		break;
	case PDT1_OP_SET_FT:
		err = body_tag(m);
		break;
	}
	return err;
}

/* What is kept of a body: a key is told by its generation. */
static void keep_body(const struct making *m, struct store_command *command)
{
	switch (m->order->op) {
	case PDT1_OP_PUT_K:
	case PDT1_OP_SET_KPIN:
	case PDT1_OP_SET_KMG:
		put_be16(command->body, m->order->generation);
		command->body_len = 2;
		break;
	default:
		memcpy(command->body, m->cmd.body, m->cmd.body_len);
		command->body_len = m->cmd.body_len;
	}
}

static int need_module(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		       struct store_module *module, struct domain_error *error)
{
	int ret = store_get_module(store, mid, module, error);

	if (!ret)
		return domain_fail(error, -ENOENT,
				   "the module is not registered here; import its module-ID.json");
	return ret < 0 ? ret : 0;
}

/* The module has one KMG at a time: what is sealed before it takes another one
 * would be useless after.
 */
static int find_kmg(const struct store_command *command, void *arg)
{
	(void)arg;
	return command->op == PDT1_OP_SET_KMG;
}

static int seal(struct making *m, struct store_command *command)
{
	uint8_t kmg[PDT1_KEY_LEN], nonce[PDT1_NONCE_LEN];
	int ret;

	ret = store_each_open_command(m->store, m->module->mid, 0, find_kmg,
				      NULL, m->error);
	if (ret > 0)
		return domain_fail(m->error, -EBUSY,
				   "the module was told to take another management key and has not answered; carry that receipt first, or take a report");
	if (!ret)
		ret = provider_kmg(m->provider, m->module->mmgt, m->module->mid,
				   kmg, m->error);
	if (ret)
		return ret;
	ret = domain_random(nonce, sizeof(nonce), m->error);
	if (!ret)
		command->data_len = domain_manage_seal(&m->cmd, kmg, nonce,
						       command->data);
	explicit_bzero(kmg, sizeof(kmg));
	return ret;
}

/* A host that a module is told to refuse gets no PIN for it either; without this
 * the centre would contradict its own command.
 */
static int follow_rule(struct making *m, const char *actor, int64_t now)
{
	const struct store_deny deny = {
		.mid = m->module->mid, .sn = m->order->sn,
		.reason = "revoke-host", .actor = actor, .at = now,
	};

	if (m->order->op == PDT1_OP_REVOKE_HOST)
		return store_add_deny(m->store, &deny, m->error);
	if (m->order->op == PDT1_OP_UNREVOKE_HOST)
		return store_remove_deny(m->store, m->module->mid, m->order->sn,
					 m->error);
	return 0;
}

static int keep(struct making *m, struct store_command *command,
		const char *actor, int64_t now)
{
	const struct order_kind *kind = m->kind;
	char detail[64];
	struct audit_row row = {
		.at = now, .actor = actor, .action = "manage",
		.mid = m->module->mid, .result = "done", .cause = kind->name,
		.detail = detail,
		.sn = kind->uses & ORDER_HOST ? m->order->sn : NULL,
	};
	int err;

	m->module->seq = command->seq;
	err = store_set_module(m->store, m->module, m->error);
	if (!err)
		err = store_add_command(m->store, command, m->error);
	if (!err)
		err = follow_rule(m, actor, now);
	if (kind->uses & ORDER_GENERATION)
		snprintf(detail, sizeof(detail), "command %u, generation %u",
			 command->seq, m->order->generation);
	else
		snprintf(detail, sizeof(detail), "command %u", command->seq);
	return err ? err : audit_append(m->store, &row, m->error);
}

/**
 * order_make() - Make a command and queue it.
 * @store: The database, in a transaction; audit_start() was called.
 * @provider: Who computes.
 * @domain: Holds k, for put-k; may be NULL for the others.
 * @mid: The module.
 * @order: What it is told to do.
 * @actor: Who gives it.
 * @now: Seconds since 1970.
 * @command: Receives it as it was kept; @data is what is carried.
 * @error: Receives the reason of a failure.
 *
 * A command has to leave only once the transaction is durable: a number that no
 * module ever sees does no harm, one that is used twice would.
 *
 * Return: 0; -EDOM for a value out of range; -ENOENT where the module is not
 * registered; -ENOKEY; -EBUSY while the module is between two management keys;
 * -ERANGE where its numbers are used up; or another negative errno.
 */
int order_make(struct store *store, struct provider *provider,
	       const struct domain *domain, const uint8_t mid[PDT1_ID_LEN],
	       const struct order *order, const char *actor, int64_t now,
	       struct store_command *command, struct domain_error *error)
{
	struct store_module module;
	struct making m = {
		.store = store, .provider = provider, .domain = domain,
		.order = order, .kind = order_of(order->op), .module = &module,
		.error = error,
	};
	int err;

	if (!m.kind)
		return domain_fail(error, -EDOM, "there is no such operation");
	memset(command, 0, sizeof(*command));
	err = need_module(store, mid, &module, error);
	if (err)
		return err;
	if (module.seq == UINT32_MAX)
		return domain_fail(error, -ERANGE,
				   "the sequence numbers of the module are used up; replace the module");
	m.cmd.op = order->op;
	memcpy(m.cmd.mid, mid, PDT1_ID_LEN);
	m.cmd.seq = (module.seq > module.mseq ? module.seq : module.mseq) + 1;
	m.cmd.nexp = order->has_expect ? order->expect : PDT1_MANAGE_NEXP_ANY;
	err = make_body(&m);
	if (!err) {
		memcpy(command->mid, mid, PDT1_ID_LEN);
		command->seq = m.cmd.seq;
		command->op = order->op;
		command->nexp = m.cmd.nexp;
		command->sw = -1;
		command->at = now;
		snprintf(command->actor, sizeof(command->actor), "%s", actor);
		keep_body(&m, command);
		err = seal(&m, command);
	}
	explicit_bzero(m.cmd.body, sizeof(m.cmd.body));
	return err ? err : keep(&m, command, actor, now);
}

static int check_receipt(struct provider *provider,
			 const struct store_module *module, const uint8_t *data,
			 size_t len, struct domain_receipt *receipt,
			 struct domain_error *error)
{
	uint8_t kmg[PDT1_KEY_LEN];
	int err;

	/* Under the key that authenticated the command, which the module has as
	 * far as is known: a set-kmg is answered before it counts.
	 */
	err = provider_kmg(provider, module->mmgt, module->mid, kmg, error);
	if (err)
		return err;
	err = domain_receipt_check(data, len, kmg, receipt);
	explicit_bzero(kmg, sizeof(kmg));
	switch (err) {
	case 0:
		return 0;
	case -EMSGSIZE:
		return domain_fail(error, err,
				   "a receipt has %d bytes and this has %zu; give what the host wrote",
				   DOMAIN_RECEIPT_LEN, len);
	case -EPROTO:
		return domain_fail(error, err,
				   "the receipt is of an unknown version; use the program that made the command");
	}
	return domain_fail(error, -EBADMSG,
			   "this is not a receipt of the module, or was changed; carry it over again, or name the right module");
}

static void take_policy(struct store_module *module,
			const struct store_command *command)
{
	const uint8_t *body = command->body;

	if (command->body_len <= POLICY_VERSION + 1)
		return;
	module->pin_policy = body[POLICY_PIN];
	module->ptc_max = body[POLICY_PTC_MAX];
	module->version = get_be16(body + POLICY_VERSION);
}

/* What the module is now that it did what it was told. A report that came in
 * between has told the rest already.
 */
static int take_effect(struct store *store, struct store_module *module,
		       const struct store_command *command,
		       struct domain_error *error)
{
	const uint8_t *body = command->body;
	uint32_t newest;
	int err;

	err = store_max_receipt(store, module->mid, command->op, &newest, error);
	if (err || command->seq < newest)
		return err;
	switch (command->op) {
	case PDT1_OP_REVOKE_HOST:
		return store_end_pairings(store, module->mid, body, error);
	case PDT1_OP_SET_POLICY:
		take_policy(module, command);
		return 0;
	case PDT1_OP_SET_KPIN:
		if (get_be16(body) == module->mpin)
			return 0;
		/* Whoever shows the old one was rolled back. */
		err = store_add_former(store, module->mid, module->n, module->ft,
				       module->mpin, false, error);
		module->mpin = get_be16(body);
		return err;
	case PDT1_OP_SET_FT:
		if (command->lost || !memcmp(module->ft, body, PDT1_FT_LEN))
			return 0;
		err = store_add_former(store, module->mid, module->n, module->ft,
				       module->mpin, false, error);
		memcpy(module->ft, body, PDT1_FT_LEN);
		return err;
	case PDT1_OP_SET_KMG:
		if (!command->lost)
			module->mmgt = get_be16(body);
		return 0;
	case PDT1_OP_FREEZE:
	case PDT1_OP_UNFREEZE:
		if (!command->lost)
			module->frozen = command->op == PDT1_OP_FREEZE;
		return 0;
	}
	return 0;
}

/**
 * order_receipt() - Take a module's receipt.
 * @store: The database, in a transaction; audit_start() was called.
 * @provider: Who computes.
 * @mid: The module.
 * @data: Receipt and MAC.
 * @len: Bytes at @data.
 * @actor: Who brings it.
 * @now: Seconds since 1970.
 * @receipt: Receives what it says.
 * @error: Receives the reason of a failure.
 *
 * A receipt that is brought again changes nothing.
 *
 * Return: 0, whatever the module answered; -ENOENT where the module is not
 * registered or was given no such command by this centre; -EMSGSIZE, -EPROTO,
 * -EBADMSG where it is no authentic receipt; or another negative errno.
 */
int order_receipt(struct store *store, struct provider *provider,
		  const uint8_t mid[PDT1_ID_LEN], const uint8_t *data, size_t len,
		  const char *actor, int64_t now, struct domain_receipt *receipt,
		  struct domain_error *error)
{
	struct store_command command;
	struct store_module module;
	char detail[64];
	struct audit_row row = {
		.at = now, .actor = actor, .action = "receipt", .mid = mid,
		.result = "done", .detail = detail,
	};
	int ret;

	ret = need_module(store, mid, &module, error);
	if (!ret)
		ret = check_receipt(provider, &module, data, len, receipt, error);
	if (ret)
		return ret;
	ret = store_get_command(store, mid, receipt->seq, &command, error);
	if (ret < 0)
		return ret;
	if (!ret || command.op != receipt->op)
		return domain_fail(error, -ENOENT,
				   "this database made no command %u of that kind for the module; use the database that made it",
				   receipt->seq);
	if (command.sw >= 0)
		return 0;
	ret = store_set_receipt(store, mid, receipt->seq, receipt->sw, data, error);
	if (!ret && receipt->sw == PDT1_SW_OK)
		ret = take_effect(store, &module, &command, error);
	if (receipt->seq > module.mseq) {
		module.mseq = receipt->seq;
		module.tries = receipt->ptc;
	}
	module.seen = now;
	if (!ret)
		ret = store_set_module(store, &module, error);
	snprintf(detail, sizeof(detail), "command %u, %s, status %04X",
		 receipt->seq, order_name(receipt->op), receipt->sw);
	row.cause = receipt->sw == PDT1_SW_OK ? "done" : "failed";
	row.has_n = true;
	row.n = receipt->n;
	return ret ? ret : audit_append(store, &row, error);
}

/**
 * order_nonce() - Draw the nonce of a report.
 * @store: The database, in a transaction; audit_start() was called.
 * @mid: The module.
 * @actor: Who asks.
 * @now: Seconds since 1970.
 * @nonce: Receives 16 bytes, good for %ORDER_NONCE_SECONDS.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, -ENOENT where the module is not registered, or another negative
 * errno.
 */
int order_nonce(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		const char *actor, int64_t now,
		uint8_t nonce[PDT1_REPORT_NONCE_LEN], struct domain_error *error)
{
	struct audit_row row = {
		.at = now, .actor = actor, .action = "nonce", .mid = mid,
		.result = "done", .cause = "drawn",
	};
	struct store_module module;
	int err;

	err = need_module(store, mid, &module, error);
	if (!err)
		err = domain_random(nonce, PDT1_REPORT_NONCE_LEN, error);
	if (!err)
		err = store_add_nonce(store, mid, nonce, now, error);
	return err ? err : audit_append(store, &row, error);
}

struct reporting {
	struct store *store;
	struct provider *provider;
	struct store_module *module;
	const uint8_t *data;
	size_t len;
	uint8_t nonce[PDT1_REPORT_NONCE_LEN];
	struct domain_report *report;
	bool policy_open;	/* a change of the PIN policy is on its way */
	uint16_t mmgt[2];
	struct domain_error *error;
};

/* 1 where the report answers to this nonce. */
static int try_nonce(const uint8_t nonce[PDT1_REPORT_NONCE_LEN], void *arg)
{
	struct reporting *r = arg;
	uint8_t kmg[PDT1_KEY_LEN];
	int i, err = -EBADMSG;

	for (i = 0; i < 2 && err == -EBADMSG; i++) {
		if (i && r->mmgt[1] == r->mmgt[0])
			break;
		err = provider_kmg(r->provider, r->mmgt[i], r->module->mid, kmg,
				   r->error);
		if (err)
			return err;
		err = domain_report_check(r->data, r->len, nonce, kmg, r->report);
		if (!err)
			r->module->mmgt = r->mmgt[i];
	}
	explicit_bzero(kmg, sizeof(kmg));
	if (err)
		return 0;
	memcpy(r->nonce, nonce, sizeof(r->nonce));
	return 1;
}

static int pending_kmg(const struct store_command *command, void *arg)
{
	struct reporting *r = arg;

	if (command->op == PDT1_OP_SET_KMG && command->body_len == 2)
		r->mmgt[1] = get_be16(command->body);
	return 0;
}

static int check_report(struct reporting *r, const uint8_t *nonce, int64_t now)
{
	int ret;

	if (r->len != DOMAIN_REPORT_LEN)
		return domain_fail(r->error, -EMSGSIZE,
				   "a report has %d bytes and this has %zu; give what the host wrote",
				   DOMAIN_REPORT_LEN, r->len);
	/* A module that may have taken another management key reports under
	 * either.
	 */
	r->mmgt[0] = r->module->mmgt;
	r->mmgt[1] = r->module->mmgt;
	ret = store_each_open_command(r->store, r->module->mid, 0, pending_kmg,
				      r, r->error);
	if (ret)
		return ret;
	ret = nonce ? try_nonce(nonce, r) :
	      store_each_nonce(r->store, r->module->mid,
			       now - ORDER_NONCE_SECONDS, try_nonce, r, r->error);
	if (ret < 0)
		return ret;
	if (ret)
		ret = store_take_nonce(r->store, r->module->mid, r->nonce,
				       now - ORDER_NONCE_SECONDS, r->error);
	if (!ret)
		return domain_fail(r->error, -EBADMSG,
				   "this is not a report of the module to a nonce of the last ten minutes, or was changed; draw a new nonce and take the report again");
	return ret < 0 ? ret : 0;
}

/* Settings that came with a command show in the report by their version. */
static int find_policy(const struct store_command *command, void *arg)
{
	struct reporting *r = arg;

	if (command->op != PDT1_OP_SET_POLICY ||
	    command->body_len <= POLICY_VERSION + 1)
		return 0;
	if (get_be16(command->body + POLICY_VERSION) == r->report->version)
		take_policy(r->module, command);
	else if (command->seq > r->report->mseq &&
		 command->body[POLICY_PIN] != r->module->pin_policy)
		r->policy_open = true;
	return 0;
}

static int take_state(struct reporting *r, const struct states *states,
		      const struct rule_state *state)
{
	struct store_module *module = r->module;
	int err;

	if (state)
		return states_move(states, r->store, module, state,
				   r->report->n, r->error);
	/* Awaited: where the module is now is what it says. */
	err = store_add_former(r->store, module->mid, module->n, module->ft,
			       module->mpin, false, r->error);
	module->n = r->report->n;
	memcpy(module->ft, r->report->ft, PDT1_FT_LEN);
	return err;
}

static int judge_report(struct reporting *r, enum rule_cause *cause)
{
	struct store_module *module = r->module;
	const struct domain_report *report = r->report;
	struct rule_report facts = {
		.policy = module->pin_policy, .awaited = module->awaiting,
		.known_n = module->n, .n = report->n, .seq = report->mseq,
	};
	struct states states = { .count = 0 };
	struct rule_verdict verdict;
	int err;

	err = store_max_receipt(r->store, module->mid, -1, &facts.receipted,
				r->error);
	if (!err)
		err = states_by_tag(&states, r->store, r->provider, module,
				    report->n, report->ft, r->error);
	if (err)
		goto wipe;
	facts.states = states.of;
	facts.state_count = states.count;
	verdict = rule_judge_report(&facts);
	*cause = verdict.cause;
	if (verdict.hold_module) {
		if (!module->hold[0])
			snprintf(module->hold, sizeof(module->hold), "%s",
				 rule_texts[verdict.cause].name);
		goto wipe;
	}
	err = take_state(r, &states, verdict.state);
	if (!err)
		err = store_each_unreceipted(r->store, module->mid, find_policy,
					     r, r->error);
	module->awaiting = r->policy_open;
wipe:
	states_wipe(&states);
	return err;
}

/**
 * order_report() - Take a module's report.
 * @store: The database, in a transaction; audit_start() was called.
 * @provider: Who computes.
 * @mid: The module.
 * @nonce: What the report answers to, or NULL to find that out.
 * @data: Report and MAC.
 * @len: Bytes at @data.
 * @actor: Who brings it.
 * @now: Seconds since 1970.
 * @cause: Receives %RULE_ISSUED where nothing is wrong, else why the module is on
 *	hold now.
 * @report: Receives what it says.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 for an authentic report; -ENOENT where the module is not registered;
 * -EMSGSIZE, -EBADMSG where it is not authentic, or its nonce is too old or was
 * used; or another negative errno.
 */
int order_report(struct store *store, struct provider *provider,
		 const uint8_t mid[PDT1_ID_LEN], const uint8_t *nonce,
		 const uint8_t *data, size_t len, const char *actor, int64_t now,
		 enum rule_cause *cause, struct domain_report *report,
		 struct domain_error *error)
{
	struct store_module module;
	struct reporting r = {
		.store = store, .provider = provider, .module = &module,
		.data = data, .len = len, .report = report, .error = error,
	};
	char detail[64];
	struct audit_row row = {
		.at = now, .actor = actor, .action = "report", .mid = mid,
		.has_n = true, .detail = detail,
	};
	int err;

	*cause = RULE_ISSUED;
	err = need_module(store, mid, &module, error);
	if (!err)
		err = check_report(&r, nonce, now);
	if (!err)
		err = judge_report(&r, cause);
	if (err)
		return err;
	module.seen = now;
	module.frozen = report->state & PDT1_INFO_FROZEN;
	module.tries = report->ptc;
	module.version = report->version;
	if (*cause == RULE_ISSUED && report->mseq > module.mseq)
		module.mseq = report->mseq;
	err = store_set_module(store, &module, error);
	if (!err && *cause == RULE_ISSUED)
		err = store_lose_commands(store, mid, report->mseq, error);
	row.n = report->n;
	row.result = *cause == RULE_ISSUED ? "done" : "refused";
	row.cause = *cause == RULE_ISSUED ? "taken" : rule_texts[*cause].name;
	snprintf(detail, sizeof(detail), "last command %u", report->mseq);
	return err ? err : audit_append(store, &row, error);
}
