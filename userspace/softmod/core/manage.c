// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "softmod/core/bytes.h"
#include "softmod/core/kdf.h"
#include "softmod/core/manage.h"
#include "softmod/core/pin.h"
#include "softmod/core/session.h"
#include "softmod/core/slot.h"

/* Fields of the header, and of the receipt up to the sequence number */
#define HEADER_OP	1
#define HEADER_LENGTH	2
#define HEADER_MID	4
#define HEADER_SEQ	12
#define HEADER_NEXP	16

/* A command that is authentic and in sequence */
struct order {
	uint8_t op;
	uint32_t seq;
	const uint8_t *body;
	size_t len;
};

/* An operation checks its preconditions first; what it refuses changes nothing
 * but the sequence number. What it adds to META is written together with the
 * sequence number, the rest afterwards.
 */
struct operation {
	uint8_t op;
	uint8_t body_len;
	uint16_t (*check)(const struct sm_module *m, const uint8_t *body);
	void (*amend)(struct sm_module *m, const uint8_t *body,
		      struct sm_meta *meta);
	int (*apply)(struct sm_module *m, const uint8_t *body);
};

static uint16_t unblock_check(const struct sm_module *m, const uint8_t *body)
{
	return body[0] >= 1 && body[0] <= m->store.cfg.ptc_max ?
	       PDT1_SW_OK : PDT1_SW_DATA;
}

static void unblock_amend(struct sm_module *m, const uint8_t *body,
			  struct sm_meta *meta)
{
	(void)m;
	meta->ptc = body[0];
	meta->wt = 0;
}

static int unblock_apply(struct sm_module *m, const uint8_t *body)
{
	(void)body;
	m->wrong_pins = 0;
	return 0;
}

static uint16_t revoke_check(const struct sm_module *m, const uint8_t *body)
{
	return m->store.deny.count == PDT1_DENY_MAX &&
	       !sm_store_denied(&m->store, body) ? PDT1_SW_FULL : PDT1_SW_OK;
}

static int revoke_apply(struct sm_module *m, const uint8_t *body)
{
	struct sm_deny deny = m->store.deny;
	uint8_t slot = sm_slot_find(&m->store, body);

	if (!sm_store_denied(&m->store, body)) {
		memcpy(deny.sn[deny.count++], body, PDT1_ID_LEN);
		if (sm_store_deny(&m->store, &deny))
			return SM_EIO;
	}
	return slot == PDT1_SLOT_NONE ? 0 : sm_slot_free(m, slot);
}

static int unrevoke_apply(struct sm_module *m, const uint8_t *body)
{
	struct sm_deny deny = m->store.deny;
	uint8_t i;

	if (!sm_store_denied(&m->store, body))
		return 0;
	for (i = 0; !sm_equal(deny.sn[i], body, PDT1_ID_LEN); i++)
		;
	deny.count--;
	memcpy(deny.sn[i], deny.sn[deny.count], PDT1_ID_LEN);
	memset(deny.sn[deny.count], 0, PDT1_ID_LEN);
	return sm_store_deny(&m->store, &deny);
}

static uint16_t set_slots_check(const struct sm_module *m, const uint8_t *body)
{
	uint8_t i;

	if (body[0] < 1 || body[0] > PDT1_SLOTS_MAX)
		return PDT1_SW_DATA;
	for (i = body[0]; i < PDT1_SLOTS_MAX; i++)
		if (m->store.slot[i].used)
			return PDT1_SW_STATE;
	return PDT1_SW_OK;
}

static int set_slots_apply(struct sm_module *m, const uint8_t *body)
{
	struct sm_cfg cfg = m->store.cfg;

	if (cfg.slots == body[0])
		return 0;
	cfg.slots = body[0];
	return sm_store_cfg(&m->store, &cfg);
}

static uint16_t free_slot_check(const struct sm_module *m, const uint8_t *body)
{
	return body[0] < m->store.cfg.slots ? PDT1_SW_OK : PDT1_SW_DATA;
}

static int free_slot_apply(struct sm_module *m, const uint8_t *body)
{
	return sm_slot_free(m, body[0]);
}

static uint16_t pin_slot_check(const struct sm_module *m, const uint8_t *body)
{
	if (body[0] >= m->store.cfg.slots || body[1] > 1)
		return PDT1_SW_DATA;
	return m->store.slot[body[0]].used ? PDT1_SW_OK : PDT1_SW_STATE;
}

static int pin_slot_apply(struct sm_module *m, const uint8_t *body)
{
	struct sm_slot slot = m->store.slot[body[0]];
	int err = 0;

	if (slot.pinned != body[1]) {
		slot.pinned = body[1];
		err = sm_store_slot(&m->store, body[0], &slot);
	}
	sm_wipe(&slot, sizeof(slot));
	return err;
}

/* Fields of SET_POLICY */
#define POLICY_PIN	0
#define POLICY_EVICT	1
#define POLICY_TRIES	2
#define POLICY_AGEING	3
#define POLICY_COUNT	4
#define POLICY_FIRST	5
#define POLICY_RFU	6
#define POLICY_VERSION	8
#define POLICY_LEN	10

static struct sm_cfg set_policy_result(const struct sm_module *m,
				       const uint8_t *body)
{
	struct sm_cfg cfg = m->store.cfg;

	cfg.pin_policy = body[POLICY_PIN];
	cfg.evict_policy = body[POLICY_EVICT];
	cfg.ptc_max = body[POLICY_TRIES];
	cfg.ageing = body[POLICY_AGEING];
	cfg.count_mode = body[POLICY_COUNT];
	cfg.pin_first = body[POLICY_FIRST];
	cfg.version = sm_get16(body + POLICY_VERSION);
	return cfg;
}

static uint16_t set_policy_check(const struct sm_module *m, const uint8_t *body)
{
	const struct sm_cfg cfg = set_policy_result(m, body);

	if (!sm_cfg_valid(&cfg) || sm_get16(body + POLICY_RFU))
		return PDT1_SW_DATA;
	return cfg.version > m->store.cfg.version ? PDT1_SW_OK : PDT1_SW_STATE;
}

static void set_policy_amend(struct sm_module *m, const uint8_t *body,
			     struct sm_meta *meta)
{
	(void)m;
	if (meta->ptc > body[POLICY_TRIES])
		meta->ptc = body[POLICY_TRIES];
}

static int set_policy_apply(struct sm_module *m, const uint8_t *body)
{
	const struct sm_cfg cfg = set_policy_result(m, body);

	return sm_store_cfg(&m->store, &cfg);
}

/* Where generation @g of k is, or the number of generations. */
static uint8_t k_find(const struct sm_keys *keys, uint16_t g)
{
	uint8_t i;

	for (i = 0; i < keys->count; i++)
		if (keys->k[i].g == g)
			break;
	return i;
}

static uint16_t put_k_check(const struct sm_module *m, const uint8_t *body)
{
	const struct sm_keys *keys = &m->store.keys;

	if (!sm_get16(body))
		return PDT1_SW_DATA;
	return k_find(keys, sm_get16(body)) == PDT1_K_GENERATIONS ?
	       PDT1_SW_FULL : PDT1_SW_OK;
}

static int put_k_apply(struct sm_module *m, const uint8_t *body)
{
	struct sm_keys keys = m->store.keys;
	uint8_t i = k_find(&keys, sm_get16(body));
	int err;

	if (i == keys.count)
		keys.count++;
	keys.k[i].g = sm_get16(body);
	memcpy(keys.k[i].key, body + 2, PDT1_KEY_LEN);
	err = sm_store_keys(&m->store, &keys);
	sm_wipe(&keys, sizeof(keys));
	return err;
}

/* The last generation stays: without any the module could never pair again. */
static uint16_t del_k_check(const struct sm_module *m, const uint8_t *body)
{
	const struct sm_keys *keys = &m->store.keys;

	if (k_find(keys, sm_get16(body)) == keys->count)
		return PDT1_SW_NO_REFERENCE;
	return keys->count > 1 ? PDT1_SW_OK : PDT1_SW_STATE;
}

static int del_k_apply(struct sm_module *m, const uint8_t *body)
{
	struct sm_keys keys = m->store.keys;
	uint8_t i = k_find(&keys, sm_get16(body));
	int err;

	keys.count--;
	keys.k[i] = keys.k[keys.count];
	sm_wipe(&keys.k[keys.count], sizeof(keys.k[0]));
	err = sm_store_keys(&m->store, &keys);
	sm_wipe(&keys, sizeof(keys));
	return err;
}

static int set_mmin_apply(struct sm_module *m, const uint8_t *body)
{
	struct sm_cfg cfg = m->store.cfg;

	cfg.m_min = sm_get16(body);
	return sm_store_cfg(&m->store, &cfg);
}

static int set_kpin_apply(struct sm_module *m, const uint8_t *body)
{
	struct sm_keys keys = m->store.keys;
	int err;

	memcpy(keys.kpin, body, PDT1_KEY_LEN);
	err = sm_store_keys(&m->store, &keys);
	sm_wipe(&keys, sizeof(keys));
	return err;
}

static int set_kmg_apply(struct sm_module *m, const uint8_t *body)
{
	struct sm_keys keys = m->store.keys;
	int err;

	memcpy(keys.kmg, body, PDT1_KEY_LEN);
	err = sm_store_keys(&m->store, &keys);
	sm_wipe(&keys, sizeof(keys));
	return err;
}

static void freeze_amend(struct sm_module *m, const uint8_t *body,
			 struct sm_meta *meta)
{
	(void)m;
	(void)body;
	meta->frozen = true;
}

static void unfreeze_amend(struct sm_module *m, const uint8_t *body,
			   struct sm_meta *meta)
{
	(void)m;
	(void)body;
	meta->frozen = false;
}

static void set_ft_amend(struct sm_module *m, const uint8_t *body,
			 struct sm_meta *meta)
{
	(void)m;
	memcpy(meta->ft, body, PDT1_FT_LEN);
}

static const struct operation operations[] = {
	{ PDT1_OP_UNBLOCK_PIN, 1, unblock_check, unblock_amend,
	  unblock_apply },
	{ PDT1_OP_REVOKE_HOST, PDT1_ID_LEN, revoke_check, NULL, revoke_apply },
	{ PDT1_OP_UNREVOKE_HOST, PDT1_ID_LEN, NULL, NULL, unrevoke_apply },
	{ PDT1_OP_SET_SLOTS, 1, set_slots_check, NULL, set_slots_apply },
	{ PDT1_OP_SET_POLICY, POLICY_LEN, set_policy_check, set_policy_amend,
	  set_policy_apply },
	{ PDT1_OP_PUT_K, 2 + PDT1_KEY_LEN, put_k_check, NULL, put_k_apply },
	{ PDT1_OP_DEL_K, 2, del_k_check, NULL, del_k_apply },
	{ PDT1_OP_SET_MMIN, 2, NULL, NULL, set_mmin_apply },
	{ PDT1_OP_SET_KPIN, PDT1_KEY_LEN, NULL, NULL, set_kpin_apply },
	{ PDT1_OP_SET_KMG, PDT1_KEY_LEN, NULL, NULL, set_kmg_apply },
	{ PDT1_OP_FREE_SLOT, 1, free_slot_check, NULL, free_slot_apply },
	{ PDT1_OP_PIN_SLOT, 2, pin_slot_check, NULL, pin_slot_apply },
	{ PDT1_OP_FREEZE, 0, NULL, freeze_amend, NULL },
	{ PDT1_OP_UNFREEZE, 0, NULL, unfreeze_amend, NULL },
	{ PDT1_OP_SET_FT, PDT1_FT_LEN, NULL, set_ft_amend, NULL },
};

static const struct operation *find_operation(const struct order *order)
{
	size_t i;

	for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (operations[i].op == order->op &&
		    operations[i].body_len == order->len)
			return &operations[i];
	return NULL;
}

bool sm_manage_clear(const struct sm_command *cmd)
{
	return cmd->data[0] == PDT1_MANAGE_VERSION &&
	       sm_get16(cmd->data + HEADER_LENGTH) ==
	       cmd->len - PDT1_MANAGE_MIN_LEN;
}

/* Authenticates the command and leaves its body in @m->scratch. */
static uint16_t authenticate(struct sm_module *m, const struct sm_command *cmd,
			     struct order *order)
{
	const uint8_t *sealed = cmd->data + PDT1_MANAGE_HEADER_LEN;
	const struct sm_store *store = &m->store;
	const struct sm_port *port = &m->port;
	uint32_t nexp = sm_get32(cmd->data + HEADER_NEXP);
	uint8_t key[PDT1_KEY_LEN];
	int err;

	if (sm_kdf(port, store->keys.kmg, PDT1_LABEL_MC, NULL, 0, key,
		   sizeof(key)))
		return SM_SW_PLATFORM;
	err = port->gcm_open(port->ctx, key, sealed, cmd->data,
			     PDT1_MANAGE_HEADER_LEN, sealed + PDT1_NONCE_LEN,
			     cmd->len - PDT1_MANAGE_HEADER_LEN -
			     PDT1_NONCE_LEN, m->scratch);
	sm_wipe(key, sizeof(key));
	if (err)
		return PDT1_SW_CRYPTO;

	order->op = cmd->data[HEADER_OP];
	order->seq = sm_get32(cmd->data + HEADER_SEQ);
	order->body = m->scratch;
	order->len = cmd->len - PDT1_MANAGE_MIN_LEN;

	if (!sm_equal(cmd->data + HEADER_MID, store->keys.mid, PDT1_ID_LEN) ||
	    order->seq <= store->meta.mseq ||
	    order->seq - store->meta.mseq > PDT1_MANAGE_SEQ_WINDOW ||
	    (nexp != PDT1_MANAGE_NEXP_ANY && nexp != store->meta.n)) {
		sm_wipe(m->scratch, order->len);
		return PDT1_SW_STATE;
	}
	return PDT1_SW_OK;
}

/* Returns the result for the receipt, 6581 when a write failed. */
static uint16_t execute(struct sm_module *m, const struct order *order)
{
	const struct operation *op = find_operation(order);
	struct sm_meta meta = m->store.meta;
	uint16_t sw = PDT1_SW_OK;

	if (!op)
		sw = PDT1_SW_DATA;
	else if (op->check)
		sw = op->check(m, order->body);

	meta.mseq = order->seq;
	if (sw == PDT1_SW_OK && op->amend)
		op->amend(m, order->body, &meta);
	if (sm_store_meta(&m->store, &meta))
		return PDT1_SW_MEMORY;
	if (sw == PDT1_SW_OK && op->apply && op->apply(m, order->body))
		return PDT1_SW_MEMORY;
	return sw;
}

/* @kmg: the key that authenticated the command, which may just have replaced it */
static uint16_t receipt(struct sm_module *m, const struct order *order,
			const uint8_t kmg[PDT1_KEY_LEN], uint16_t sw,
			struct sm_response *rsp)
{
	const struct sm_store *store = &m->store;
	const struct sm_port *port = &m->port;
	uint8_t *r = rsp->data;
	const struct sm_part part = { r, PDT1_RECEIPT_LEN };
	uint8_t mac[PDT1_HASH_LEN];
	uint8_t key[PDT1_KEY_LEN];
	int err;

	memset(r, 0, PDT1_RECEIPT_LEN);
	r[0] = PDT1_MANAGE_VERSION;
	r[1] = order->op;
	sm_put16(r + 2, sw);
	memcpy(r + 4, store->keys.mid, PDT1_ID_LEN);
	sm_put32(r + 12, order->seq);
	sm_put32(r + 16, store->meta.n);
	r[20] = sm_pin_tries(store);

	err = sm_kdf(port, kmg, PDT1_LABEL_MR, NULL, 0, key, sizeof(key));
	if (!err && port->hmac(port->ctx, key, &part, 1, mac))
		err = SM_EIO;
	if (!err) {
		memcpy(r + PDT1_RECEIPT_LEN, mac, PDT1_RECEIPT_MAC_LEN);
		rsp->len = PDT1_RECEIPT_LEN + PDT1_RECEIPT_MAC_LEN;
	}
	sm_wipe(key, sizeof(key));
	sm_wipe(mac, sizeof(mac));
	return err ? SM_SW_PLATFORM : PDT1_SW_OK;
}

uint16_t sm_manage(struct sm_module *m, const struct sm_command *cmd,
		   struct sm_response *rsp)
{
	uint8_t kmg[PDT1_KEY_LEN];
	struct order order;
	uint16_t sw;

	if (m->state == SM_OPENED)
		sm_idle(m);
	sw = authenticate(m, cmd, &order);
	if (sw != PDT1_SW_OK)
		return sw;

	memcpy(kmg, m->store.keys.kmg, sizeof(kmg));
	sw = execute(m, &order);
	sm_wipe(m->scratch, order.len);
	if (m->state == SM_SESSION &&
	    (m->store.meta.frozen || !m->store.slot[m->session.slot].used))
		sm_idle(m);
	if (sw == PDT1_SW_MEMORY)
		m->write_failed = true;
	else
		sw = receipt(m, &order, kmg, sw, rsp);
	sm_wipe(kmg, sizeof(kmg));
	return sw;
}
