// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "softmod/core/bytes.h"
#include "softmod/port/crypto_mbedtls.h"
#include "softmod/tests/power/model.h"
#include "softmod/tests/testport.h"

static void prf(const uint8_t *key, const struct sm_part *parts, size_t n,
		uint8_t out[PDT1_HASH_LEN])
{
	struct sm_port port;

	crypto_mbedtls_init(&port);
	assert_int_equal(port.hmac(NULL, key, parts, n, out), 0);
}

/* KDF(key, label, ctx, 32): one block of HKDF-Expand is enough */
static void derive(const uint8_t *key, const char *label, const void *ctx,
		   size_t len, uint8_t out[PDT1_KEY_LEN])
{
	const uint8_t label_len = (uint8_t)strlen(label);
	const uint8_t ctx_len[] = { (uint8_t)(len >> 8), (uint8_t)len };
	const uint8_t tail[] = { 0, PDT1_KEY_LEN, 1 };
	const struct sm_part parts[] = {
		{ "PDT1", 4 }, { &label_len, 1 }, { label, label_len },
		{ ctx_len, 2 }, { ctx, len }, { tail, 3 },
	};

	prf(key, parts, 6, out);
}

void model_pin(const struct model *m, const uint8_t sn[PDT1_ID_LEN],
	       uint32_t n, uint8_t pin[PDT1_PIN_LEN])
{
	static const char *const label[] = {
		NULL, "pin-module", "pin-pair", "pin-indexed",
	};
	uint8_t policy = m->settings.pin_policy;
	uint8_t key[PDT1_KEY_LEN], mac[PDT1_HASH_LEN], counter[8] = { 0 };
	const struct sm_part part = { counter, sizeof(counter) };
	uint32_t code;
	int i;

	memset(pin, 0, PDT1_PIN_LEN);
	if (policy == PDT1_PIN_NONE)
		return;
	if (policy == PDT1_PIN_INDEXED)
		sm_put32(counter + 4, n);
	derive(m->keys.kpin, label[policy], sn,
	       policy == PDT1_PIN_MODULE ? 0 : PDT1_ID_LEN, key);
	prf(key, &part, 1, mac);
	code = (sm_get32(mac + (mac[31] & 15)) & 0x7fffffff) % 100000000;
	for (i = 7; i >= 0; i--) {
		pin[i] = (uint8_t)('0' + code % 10);
		code /= 10;
	}
}

static size_t entry_size;

static int by_bytes(const void *a, const void *b)
{
	static const uint8_t none[64];
	bool a_none = !memcmp(a, none, entry_size);
	bool b_none = !memcmp(b, none, entry_size);

	/* unused entries last */
	if (a_none || b_none)
		return a_none - b_none;
	return memcmp(a, b, entry_size);
}

void model_sort(void *set, size_t count, size_t size)
{
	entry_size = size;
	qsort(set, count, size, by_bytes);
}

static void sort_keys(struct model *m)
{
	model_sort(m->keys.k, PDT1_K_GENERATIONS, sizeof(m->keys.k[0]));
}

static void sort_denied(struct model *m)
{
	model_sort(m->denied, PDT1_DENY_MAX, PDT1_ID_LEN);
}

void model_init(struct model *m, const struct sm_perso *p)
{
	int i;

	memset(m, 0, sizeof(*m));
	m->meta.n = p->n;
	m->meta.ptc = p->ptc_max;
	memcpy(m->meta.ft, p->ft, PDT1_FT_LEN);
	m->settings = (struct model_settings){
		.pin_policy = p->pin_policy,
		.evict_policy = p->evict_policy,
		.slots = p->slots,
		.ptc_max = p->ptc_max,
		.ageing = p->ageing,
		.count_mode = p->count_mode,
		.pin_first = p->pin_first,
		.m_min = p->m_min,
		.version = p->version,
	};
	memcpy(m->keys.kpin, p->kpin, PDT1_KEY_LEN);
	memcpy(m->keys.kmg, p->kmg, PDT1_KEY_LEN);
	for (i = 0; i < p->k_count; i++) {
		m->keys.k[i].g = p->k[i].g;
		memcpy(m->keys.k[i].key, p->k[i].k, PDT1_KEY_LEN);
	}
	sort_keys(m);
}

uint8_t model_find(const struct model *m, const uint8_t sn[PDT1_ID_LEN])
{
	uint8_t i;

	for (i = 0; i < PDT1_SLOTS_MAX; i++)
		if (m->slot[i].used && !memcmp(m->slot[i].sn, sn, PDT1_ID_LEN))
			return i;
	return PDT1_SLOT_NONE;
}

bool model_denied(const struct model *m, const uint8_t sn[PDT1_ID_LEN])
{
	int i;

	for (i = 0; i < PDT1_DENY_MAX; i++)
		if (!memcmp(m->denied[i], sn, PDT1_ID_LEN))
			return true;
	return false;
}

/* ---- activity and choice of a slot (section 10) ---- */

uint32_t model_clock(const struct model *m)
{
	uint32_t t = 0;
	int i;

	for (i = 0; i < PDT1_SLOTS_MAX; i++)
		if (m->activity[i].t_last > t)
			t = m->activity[i].t_last;
	return t;
}

static uint32_t effective(const struct model *m, uint8_t i)
{
	uint32_t a = (model_clock(m) - m->activity[i].t_last) /
		     m->settings.ageing;

	return a >= 16 ? 0 : m->activity[i].cpt >> a;
}

/* Smallest (eff, t_last, N_s, index) but for the newest pairing, if it can be
 * helped
 */
static uint8_t victim(const struct model *m)
{
	uint8_t newest = PDT1_SLOT_NONE, best = PDT1_SLOT_NONE;
	uint8_t i;

	for (i = 0; i < m->settings.slots; i++)
		if (m->slot[i].used && (newest == PDT1_SLOT_NONE ||
					m->slot[i].n_s > m->slot[newest].n_s))
			newest = i;
	for (i = 0; i < m->settings.slots; i++) {
		uint32_t x[3], y[3];
		int j = 0;

		if (!m->slot[i].used || m->slot[i].pinned || i == newest)
			continue;
		if (best == PDT1_SLOT_NONE) {
			best = i;
			continue;
		}
		x[0] = effective(m, i);
		x[1] = m->activity[i].t_last;
		x[2] = m->slot[i].n_s;
		y[0] = effective(m, best);
		y[1] = m->activity[best].t_last;
		y[2] = m->slot[best].n_s;
		while (j < 2 && x[j] == y[j])
			j++;
		if (x[j] < y[j])
			best = i;
	}
	if (best == PDT1_SLOT_NONE && newest != PDT1_SLOT_NONE &&
	    !m->slot[newest].pinned)
		return newest;
	return best;
}

static uint8_t choose(const struct model *m, const struct action *a)
{
	uint8_t i = model_find(m, a->sn);
	uint8_t policy = m->settings.pin_policy;

	if (i != PDT1_SLOT_NONE)
		return i;
	for (i = 0; i < m->settings.slots; i++)
		if (!m->slot[i].used)
			return i;
	if (!(a->rights & PDT1_RIGHT_EVICT) || m->settings.evict_policy == 0 ||
	    (m->settings.evict_policy == 2 && policy != PDT1_PIN_PAIR &&
	     policy != PDT1_PIN_INDEXED))
		return PDT1_SLOT_NONE;
	return victim(m);
}

/* ---- what hosts do ---- */

static struct model *next_state(struct model_path *path)
{
	struct model *last = &path->state[path->count - 1];

	assert_true(path->count < MODEL_STATES_MAX);
	path->state[path->count++] = *last;
	return last + 1;
}

static void spend(struct model *m)
{
	m->meta.ptc--;
	m->meta.wt++;
}

static bool asks_pin(const struct model *m)
{
	return m->settings.pin_policy != PDT1_PIN_NONE;
}

static void pair(struct model *m, const struct action *a)
{
	uint8_t i = choose(m, a);
	struct model_slot slot = {
		.used = true,
		.n_s = m->meta.n + 1,
		.m = a->m,
		.rights = a->rights,
	};
	uint8_t n[4], mac[PDT1_HASH_LEN];
	const struct sm_part chain[] = {
		{ "PDT1 FT", 7 }, { m->meta.ft, PDT1_FT_LEN },
		{ a->sn, PDT1_ID_LEN }, { n, sizeof(n) },
	};

	memcpy(slot.sn, a->sn, PDT1_ID_LEN);
	memcpy(slot.ka, a->ka, PDT1_KEY_LEN);
	if (model_find(m, a->sn) == i)
		slot.pinned = m->slot[i].pinned;
	else
		slot.pinned = m->settings.pin_first && m->meta.n == 0;

	if (m->settings.pin_policy == PDT1_PIN_INDEXED) {
		sm_put32(n, slot.n_s);
		prf(m->keys.kpin, chain, 4, mac);
		memcpy(m->meta.ft, mac, PDT1_FT_LEN);
	}
	m->slot[i] = slot;
	m->activity[i] = (struct model_activity){
		.n_s = slot.n_s, .cpt = 1, .t_last = model_clock(m) + 1,
	};
	m->meta.n++;
	if (asks_pin(m)) {
		m->meta.ptc = m->settings.ptc_max;
		m->meta.wt--;
	}
}

static bool may_pair(const struct model *m, const struct action *a)
{
	return !m->meta.frozen && !model_denied(m, a->sn) &&
	       a->m >= m->settings.m_min &&
	       choose(m, a) != PDT1_SLOT_NONE;
}

static void confirm(struct model_path *path, const struct action *a)
{
	const struct model *old = &path->state[0];

	if (!may_pair(old, a))
		return;
	if (asks_pin(old)) {
		if (!old->meta.ptc || old->meta.wt >= PDT1_WT_MAX)
			return;
		spend(next_state(path));
	}
	if (a->kind == ACTION_PAIR)
		pair(next_state(path), a);
}

static void verify(struct model_path *path, const struct action *a)
{
	uint8_t i = model_find(&path->state[0], a->sn);
	struct model *m;
	uint32_t eff;

	if (i == PDT1_SLOT_NONE || path->state[0].meta.frozen)
		return;
	m = next_state(path);
	eff = effective(m, i);
	m->activity[i] = (struct model_activity){
		.n_s = m->slot[i].n_s,
		.cpt = (uint16_t)(eff == 65535 ? eff : eff + 1),
		.t_last = model_clock(m) + 1,
	};
}

static void release(struct model *m, uint8_t i)
{
	m->slot[i] = (struct model_slot){ .n_s = m->slot[i].n_s };
}

static void unpair(struct model_path *path, const struct action *a)
{
	uint8_t i = model_find(&path->state[0], a->sn);

	if (i != PDT1_SLOT_NONE)
		release(next_state(path), i);
}

static void rewrap(struct model_path *path, const struct action *a)
{
	uint8_t i = model_find(&path->state[0], a->sn);
	struct model *m;

	if (i == PDT1_SLOT_NONE)
		return;
	m = next_state(path);
	m->slot[i].m = a->m;
	memcpy(m->slot[i].ka, a->ka, PDT1_KEY_LEN);
}

/* ---- what the centre does (section 13) ---- */

static int count_denied(const struct model *m)
{
	static const uint8_t none[PDT1_ID_LEN];
	int i = 0;

	while (i < PDT1_DENY_MAX && memcmp(m->denied[i], none, PDT1_ID_LEN))
		i++;
	return i;
}

static int find_k(const struct model *m, uint16_t g)
{
	int i;

	for (i = 0; i < PDT1_K_GENERATIONS; i++)
		if (m->keys.k[i].g == g)
			return i;
	return -1;
}

static uint16_t policy_result(const struct model *m, const uint8_t *b)
{
	if (b[0] > 3 || b[1] > 2 || b[2] < 1 || b[2] > PDT1_PTC_MAX ||
	    b[3] < 1 || b[4] > 1 || b[5] > 1 || b[6] || b[7])
		return PDT1_SW_DATA;
	return sm_get16(b + 8) > m->settings.version ? PDT1_SW_OK :
						       PDT1_SW_STATE;
}

static uint16_t slots_result(const struct model *m, uint8_t slots)
{
	int i;

	if (slots < 1 || slots > PDT1_SLOTS_MAX)
		return PDT1_SW_DATA;
	for (i = slots; i < PDT1_SLOTS_MAX; i++)
		if (m->slot[i].used)
			return PDT1_SW_STATE;
	return PDT1_SW_OK;
}

static uint16_t expected_result(const struct model *m, const struct action *a)
{
	const uint8_t *b = a->body;

	switch (a->op) {
	case PDT1_OP_UNBLOCK_PIN:
		return b[0] >= 1 && b[0] <= m->settings.ptc_max ?
		       PDT1_SW_OK : PDT1_SW_DATA;
	case PDT1_OP_REVOKE_HOST:
		return model_denied(m, b) || count_denied(m) < PDT1_DENY_MAX ?
		       PDT1_SW_OK : PDT1_SW_FULL;
	case PDT1_OP_SET_SLOTS:
		return slots_result(m, b[0]);
	case PDT1_OP_SET_POLICY:
		return policy_result(m, b);
	case PDT1_OP_PUT_K:
		return find_k(m, sm_get16(b)) >= 0 || find_k(m, 0) >= 0 ?
		       PDT1_SW_OK : PDT1_SW_FULL;
	case PDT1_OP_DEL_K:
		if (find_k(m, sm_get16(b)) < 0)
			return PDT1_SW_NO_REFERENCE;
		return m->keys.k[1].g ? PDT1_SW_OK : PDT1_SW_STATE;
	case PDT1_OP_PIN_SLOT:
		return m->slot[b[0]].used ? PDT1_SW_OK : PDT1_SW_STATE;
	default:
		return PDT1_SW_OK;
	}
}

/* What is committed together with the sequence number */
static void amend(struct model *m, const struct action *a)
{
	const uint8_t *b = a->body;

	m->meta.mseq = a->seq;
	switch (a->op) {
	case PDT1_OP_UNBLOCK_PIN:
		m->meta.ptc = b[0];
		m->meta.wt = 0;
		break;
	case PDT1_OP_SET_POLICY:
		if (m->meta.ptc > b[2])
			m->meta.ptc = b[2];
		break;
	case PDT1_OP_FREEZE:
		m->meta.frozen = true;
		break;
	case PDT1_OP_UNFREEZE:
		m->meta.frozen = false;
		break;
	case PDT1_OP_SET_FT:
		memcpy(m->meta.ft, b, PDT1_FT_LEN);
		break;
	}
}

static void deny(struct model *m, const uint8_t *sn)
{
	uint8_t i = model_find(m, sn);

	if (!model_denied(m, sn))
		memcpy(m->denied[count_denied(m)], sn, PDT1_ID_LEN);
	sort_denied(m);
	if (i != PDT1_SLOT_NONE)
		release(m, i);
}

static void admit(struct model *m, const uint8_t *sn)
{
	int i;

	for (i = 0; i < PDT1_DENY_MAX; i++)
		if (!memcmp(m->denied[i], sn, PDT1_ID_LEN))
			memset(m->denied[i], 0, PDT1_ID_LEN);
	sort_denied(m);
}

static void put_k(struct model *m, uint16_t g, const uint8_t *key)
{
	int i = find_k(m, g);

	if (i < 0)
		i = find_k(m, 0);
	m->keys.k[i].g = g;
	memcpy(m->keys.k[i].key, key, PDT1_KEY_LEN);
	sort_keys(m);
}

static void del_k(struct model *m, uint16_t g)
{
	memset(&m->keys.k[find_k(m, g)], 0, sizeof(m->keys.k[0]));
	sort_keys(m);
}

/* What may follow in a write of its own */
static void take_effect(struct model *m, const struct action *a)
{
	const uint8_t *b = a->body;

	switch (a->op) {
	case PDT1_OP_REVOKE_HOST:
		deny(m, b);
		break;
	case PDT1_OP_UNREVOKE_HOST:
		admit(m, b);
		break;
	case PDT1_OP_SET_SLOTS:
		m->settings.slots = b[0];
		break;
	case PDT1_OP_SET_POLICY:
		m->settings.pin_policy = b[0];
		m->settings.evict_policy = b[1];
		m->settings.ptc_max = b[2];
		m->settings.ageing = b[3];
		m->settings.count_mode = b[4];
		m->settings.pin_first = b[5];
		m->settings.version = sm_get16(b + 8);
		break;
	case PDT1_OP_PUT_K:
		put_k(m, sm_get16(b), b + 2);
		break;
	case PDT1_OP_DEL_K:
		del_k(m, sm_get16(b));
		break;
	case PDT1_OP_SET_MMIN:
		m->settings.m_min = sm_get16(b);
		break;
	case PDT1_OP_SET_KPIN:
		memcpy(m->keys.kpin, b, PDT1_KEY_LEN);
		break;
	case PDT1_OP_SET_KMG:
		memcpy(m->keys.kmg, b, PDT1_KEY_LEN);
		break;
	case PDT1_OP_FREE_SLOT:
		release(m, b[0]);
		break;
	case PDT1_OP_PIN_SLOT:
		m->slot[b[0]].pinned = b[1];
		break;
	}
}

static void manage(struct model_path *path, const struct action *a)
{
	path->result = expected_result(&path->state[0], a);
	if (path->result != PDT1_SW_OK) {
		next_state(path)->meta.mseq = a->seq;
		return;
	}
	amend(next_state(path), a);
	take_effect(next_state(path), a);
	if (!model_difference(&path->state[1], &path->state[2]))
		path->count--;
}

void model_path(const struct model *m, const struct action *a,
		struct model_path *path)
{
	path->state[0] = *m;
	path->count = 1;
	path->result = 0;
	switch (a->kind) {
	case ACTION_NONE:
		break;
	case ACTION_PAIR:
	case ACTION_GUESS:
		confirm(path, a);
		break;
	case ACTION_VERIFY:
		verify(path, a);
		break;
	case ACTION_UNPAIR:
		unpair(path, a);
		break;
	case ACTION_REWRAP:
		rewrap(path, a);
		break;
	case ACTION_MANAGE:
		manage(path, a);
		break;
	}
}

/* ---- comparison ---- */

static bool same_slot(const struct model_slot *a, const struct model_slot *b)
{
	return a->used == b->used && a->pinned == b->pinned &&
	       a->n_s == b->n_s && a->m == b->m && a->rights == b->rights &&
	       !memcmp(a->sn, b->sn, PDT1_ID_LEN) &&
	       !memcmp(a->ka, b->ka, PDT1_KEY_LEN);
}

static bool same_settings(const struct model_settings *a,
			  const struct model_settings *b)
{
	return a->pin_policy == b->pin_policy &&
	       a->evict_policy == b->evict_policy && a->slots == b->slots &&
	       a->ptc_max == b->ptc_max && a->ageing == b->ageing &&
	       a->count_mode == b->count_mode &&
	       a->pin_first == b->pin_first && a->m_min == b->m_min &&
	       a->version == b->version;
}

static bool same_keys(const struct model_keys *a, const struct model_keys *b)
{
	int i;

	for (i = 0; i < PDT1_K_GENERATIONS; i++)
		if (a->k[i].g != b->k[i].g ||
		    memcmp(a->k[i].key, b->k[i].key, PDT1_KEY_LEN))
			return false;
	return !memcmp(a->kpin, b->kpin, PDT1_KEY_LEN) &&
	       !memcmp(a->kmg, b->kmg, PDT1_KEY_LEN);
}

const char *model_difference(const struct model *a, const struct model *b)
{
	const struct model_meta *x = &a->meta;
	const struct model_meta *y = &b->meta;
	int i;

	if (x->n != y->n)
		return "N";
	if (x->ptc != y->ptc)
		return "PTC";
	if (x->wt != y->wt)
		return "WT";
	if (x->mseq != y->mseq)
		return "MSEQ";
	if (memcmp(x->ft, y->ft, PDT1_FT_LEN))
		return "FT";
	if (x->frozen != y->frozen)
		return "frozen";
	if (!same_settings(&a->settings, &b->settings))
		return "settings";
	if (!same_keys(&a->keys, &b->keys))
		return "keys";
	if (memcmp(a->denied, b->denied, sizeof(a->denied)))
		return "deny list";
	for (i = 0; i < PDT1_SLOTS_MAX; i++) {
		if (!same_slot(&a->slot[i], &b->slot[i]))
			return "a slot";
		if (a->activity[i].n_s != b->activity[i].n_s ||
		    a->activity[i].cpt != b->activity[i].cpt ||
		    a->activity[i].t_last != b->activity[i].t_last)
			return "an activity record";
	}
	return NULL;
}
