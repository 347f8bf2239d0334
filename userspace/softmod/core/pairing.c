// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "softmod/core/bytes.h"
#include "softmod/core/kdf.h"
#include "softmod/core/pairing.h"
#include "softmod/core/pin.h"
#include "softmod/core/random.h"
#include "softmod/core/session.h"
#include "softmod/core/slot.h"

/* Fields of BEGIN's data */
#define BEGIN_RH	2
#define BEGIN_CY	18
#define BEGIN_XH	102

/* Fields of E1 and E2 */
#define E1_N		8
#define E1_POLICY	12
#define E1_PTC		13
#define E1_FLAGS	14
#define E1_SLOT		15
#define E1_RQ		16
#define E1_M_MIN	20
#define E1_KA		24
#define E2_OPT		8
#define E2_M		10
#define E2_TK		12
#define E2_PDC		44

/* Associated data of the three messages: direction, INS, P1, P2 */
static const uint8_t ad_e1[4] = { 'R', PDT1_INS_PAIR_BEGIN, 0, 0 };
static const uint8_t ad_e2[4] = { 'C', PDT1_INS_PAIR_CONFIRM, 0, 0 };
static const uint8_t ad_e3[4] = { 'R', PDT1_INS_PAIR_CONFIRM, 0, 0 };

/* What a host's cryptogram holds, once opened */
struct cryptogram {
	uint8_t sn[PDT1_ID_LEN];
	uint8_t as[PDT1_KEY_LEN];
	uint16_t rights;
};

static const uint8_t *find_k(const struct sm_keys *keys, const uint8_t *cy)
{
	int i;

	if (sm_get32(cy + PDT1_CY_OFF_DOM) != keys->dom)
		return NULL;
	for (i = 0; i < keys->count; i++)
		if (keys->k[i].g == sm_get16(cy + PDT1_CY_OFF_G))
			return keys->k[i].key;
	return NULL;
}

static uint16_t open_cryptogram(const struct sm_module *m, const uint8_t *cy,
				struct cryptogram *out)
{
	const struct sm_port *port = &m->port;
	const uint8_t *k = find_k(&m->store.keys, cy);
	const uint8_t *sealed = cy + PDT1_CY_HEADER_LEN;
	uint8_t plain[PDT1_CY_BODY_LEN];
	uint16_t sw = PDT1_SW_CRYPTO;
	uint8_t key[PDT1_KEY_LEN];

	if (!k)
		return PDT1_SW_NO_REFERENCE;
	if (sm_kdf(port, k, PDT1_LABEL_CY, NULL, 0, key, sizeof(key)))
		return SM_SW_PLATFORM;

	/* The tag covers version and type: only an authentic cryptogram of
	 * another kind can still differ there.
	 */
	if (!port->gcm_open(port->ctx, key, sealed, cy, PDT1_CY_HEADER_LEN,
			    sealed + PDT1_NONCE_LEN,
			    PDT1_CY_BODY_LEN + PDT1_TAG_LEN, plain) &&
	    cy[0] == PDT1_CY_VERSION && cy[1] == PDT1_CY_TYPE) {
		memcpy(out->sn, plain, PDT1_ID_LEN);
		memcpy(out->as, plain + 8, PDT1_KEY_LEN);
		out->rights = sm_get16(plain + 44);
		sw = PDT1_SW_OK;
	}
	sm_wipe(plain, sizeof(plain));
	sm_wipe(key, sizeof(key));
	return sw;
}

/* T1, and the keys of the handshake from it */
static int derive_handshake(struct sm_module *m, const struct sm_command *cmd,
			    const uint8_t *r1, const uint8_t *as,
			    const uint8_t *dh)
{
	const struct sm_port *port = &m->port;
	struct sm_pairing *p = &m->pairing;
	uint8_t prkp[PDT1_KEY_LEN];
	uint8_t c_len[2], r_len[2];
	const struct sm_part transcript[] = {
		SM_TEXT(PDT1_CTX_PAIR),
		{ c_len, sizeof(c_len) },
		{ cmd->data, cmd->len },
		{ r_len, sizeof(r_len) },
		{ r1, PDT1_R1_LEN },
	};
	const struct sm_part secrets[] = {
		{ as, PDT1_KEY_LEN },
		{ dh, PDT1_X25519_LEN },
	};
	int err;

	sm_put16(c_len, (uint16_t)cmd->len);
	sm_put16(r_len, PDT1_R1_LEN);
	if (port->sha256(port->ctx, transcript, 5, p->t1) ||
	    port->hmac(port->ctx, p->t1, secrets, 2, prkp))
		return SM_EIO;

	err = sm_kdf(port, prkp, PDT1_LABEL_PM, NULL, 0, p->kpm,
		     sizeof(p->kpm));
	if (!err)
		err = sm_kdf(port, prkp, PDT1_LABEL_PH, NULL, 0, p->kph,
			     sizeof(p->kph));
	if (!err)
		err = sm_kdf(port, prkp, PDT1_LABEL_EXP, NULL, 0, p->xp,
			     sizeof(p->xp));
	sm_wipe(prkp, sizeof(prkp));
	return err;
}

/* Where the pairing would go, and the key it would have */
static int plan(struct sm_module *m, const uint8_t *rh, const uint8_t *rm)
{
	const struct sm_store *store = &m->store;
	struct sm_pairing *p = &m->pairing;
	uint8_t ctx[8 + 8 + 4 + 1 + 16 + 16];

	p->slot = sm_slot_choose(store, p->sn, p->rights, &p->flags);
	if (sm_store_denied(store, p->sn) || store->meta.n >= PDT1_N_LAST)
		p->flags |= PDT1_E1_REFUSED;
	if (m->wrong_pins >= PDT1_WRONG_PER_POWER_UP)
		p->flags |= PDT1_E1_REINSERT;
	if (store->cfg.pin_policy != PDT1_PIN_NONE)
		p->flags |= PDT1_E1_PIN;

	memset(p->ka, 0, sizeof(p->ka));
	if (p->slot == PDT1_SLOT_NONE || (p->flags & PDT1_E1_REFUSED))
		return 0;

	memcpy(ctx, store->keys.mid, PDT1_ID_LEN);
	memcpy(ctx + 8, p->sn, PDT1_ID_LEN);
	sm_put32(ctx + 16, store->meta.n + 1);
	ctx[20] = p->slot;
	memcpy(ctx + 21, rm, PDT1_RAND_LEN);
	memcpy(ctx + 37, rh, PDT1_RAND_LEN);
	return sm_kdf(&m->port, store->keys.km, PDT1_LABEL_KA, ctx,
		      sizeof(ctx), p->ka, sizeof(p->ka));
}

static int seal_e1(struct sm_module *m)
{
	const struct sm_store *store = &m->store;
	const struct sm_port *port = &m->port;
	struct sm_pairing *p = &m->pairing;
	uint8_t plain[PDT1_E1_PLAIN_LEN] = { 0 };
	uint8_t nonce[PDT1_NONCE_LEN];
	uint32_t rq;
	int err;

	err = sm_request_code(port, store, p->sn, &rq);
	if (err)
		return err;

	memcpy(plain, store->keys.mid, PDT1_ID_LEN);
	sm_put32(plain + E1_N, store->meta.n);
	plain[E1_POLICY] = store->cfg.pin_policy;
	plain[E1_PTC] = sm_pin_tries(store);
	plain[E1_FLAGS] = p->flags;
	plain[E1_SLOT] = p->slot;
	sm_put32(plain + E1_RQ, rq);
	sm_put16(plain + E1_M_MIN, store->cfg.m_min);
	memcpy(plain + E1_KA, p->ka, PDT1_KEY_LEN);

	sm_nonce(NULL, 0, nonce);
	if (port->gcm_seal(port->ctx, p->kpm, nonce, ad_e1, sizeof(ad_e1),
			   plain, sizeof(plain), p->e1))
		err = SM_EIO;
	sm_wipe(plain, sizeof(plain));
	return err;
}

static int begin(struct sm_module *m, const struct sm_command *cmd,
		 const struct cryptogram *cy, struct sm_response *rsp)
{
	struct sm_pairing *p = &m->pairing;
	uint8_t dh[PDT1_X25519_LEN];
	int err;

	memcpy(p->sn, cy->sn, PDT1_ID_LEN);
	p->rights = cy->rights;

	err = sm_draw_share(m, cmd->data + BEGIN_XH, rsp->data,
			    rsp->data + PDT1_RAND_LEN, dh);
	if (!err)
		err = derive_handshake(m, cmd, rsp->data, cy->as, dh);
	if (!err)
		err = plan(m, cmd->data + BEGIN_RH, rsp->data);
	if (!err)
		err = seal_e1(m);
	if (!err) {
		memcpy(rsp->data + PDT1_R1_LEN, p->e1, PDT1_E1_LEN);
		rsp->len = PDT1_BEGIN_RSP_LEN;
	}
	sm_wipe(dh, sizeof(dh));
	return err;
}

uint16_t sm_pair_begin(struct sm_module *m, const struct sm_command *cmd,
		       struct sm_response *rsp)
{
	struct cryptogram cy;
	uint16_t sw;
	int err;

	sm_idle(m);
	sw = open_cryptogram(m, cmd->data + BEGIN_CY, &cy);
	if (sw != PDT1_SW_OK)
		return sw;

	err = begin(m, cmd, &cy, rsp);
	sm_wipe(&cy, sizeof(cy));
	if (err) {
		sm_idle(m);
		return err == SM_EINVAL ? PDT1_SW_DATA : SM_SW_PLATFORM;
	}
	m->state = SM_PAIRING;
	return PDT1_SW_OK;
}

/* Step 2: refusals that cost nothing */
static uint16_t check_request(const struct sm_module *m, const uint8_t *e2)
{
	const struct sm_pairing *p = &m->pairing;
	uint8_t wrong = 0;
	int i;

	if ((p->flags & PDT1_E1_REFUSED) ||
	    sm_get16(e2 + E2_M) < m->store.cfg.m_min)
		return PDT1_SW_STATE;
	if ((p->flags & PDT1_E1_EVICT) &&
	    (!(p->flags & PDT1_E1_EVICT_OK) ||
	     !(e2[E2_OPT] & PDT1_E2_OPT_EVICT)))
		return PDT1_SW_FULL;

	for (i = 0; i < PDT1_PIN_LEN; i++) {
		if (p->flags & PDT1_E1_PIN)
			wrong |= e2[i] < '0' || e2[i] > '9';
		else
			wrong |= e2[i];
	}
	return wrong ? PDT1_SW_DATA : PDT1_SW_OK;
}

/* Steps 3 and 4: the try is spent, durably, before the PIN is looked at */
static uint16_t check_pin(struct sm_module *m, const uint8_t *pin)
{
	struct sm_meta meta = m->store.meta;
	uint8_t own[PDT1_PIN_LEN];
	bool right;

	if (!sm_pin_tries(&m->store) ||
	    m->wrong_pins >= PDT1_WRONG_PER_POWER_UP)
		return PDT1_SW_BLOCKED;

	meta.ptc--;
	meta.wt++;
	if (sm_store_meta(&m->store, &meta))
		return PDT1_SW_MEMORY;

	if (sm_pin(&m->port, &m->store, m->pairing.sn, own))
		return SM_SW_PLATFORM;
	right = sm_equal(own, pin, sizeof(own));
	sm_wipe(own, sizeof(own));
	if (right)
		return PDT1_SW_OK;

	m->wrong_pins++;
	return PDT1_SW_PIN_WRONG | sm_pin_tries(&m->store);
}

/* Step 5: the commit point */
static int store_slot(struct sm_module *m, const uint8_t *e2)
{
	const struct sm_pairing *p = &m->pairing;
	const struct sm_store *store = &m->store;
	struct sm_slot slot = {
		.used = true,
		.n_s = store->meta.n + 1,
		.rights = p->rights,
		.m = sm_get16(e2 + E2_M),
	};
	int err;

	if (p->flags & PDT1_E1_SAME)
		slot.pinned = store->slot[p->slot].pinned;
	else
		slot.pinned = store->cfg.pin_first && store->meta.n == 0;
	memcpy(slot.sn, p->sn, PDT1_ID_LEN);
	memcpy(slot.ka, p->ka, PDT1_KEY_LEN);
	memcpy(slot.tk, e2 + E2_TK, PDT1_KEY_LEN);
	memcpy(slot.pdc, e2 + E2_PDC, PDT1_PDC_LEN);

	err = sm_store_slot(&m->store, p->slot, &slot);
	sm_wipe(&slot, sizeof(slot));
	return err;
}

int sm_pair_account(struct sm_module *m, const uint8_t sn[PDT1_ID_LEN])
{
	const struct sm_store *store = &m->store;
	struct sm_meta meta = store->meta;
	int err;

	err = sm_fork_tag(&m->port, store, sn, meta.ft);
	if (err)
		return err;
	meta.n++;
	if (store->cfg.pin_policy != PDT1_PIN_NONE) {
		meta.ptc = store->cfg.ptc_max;
		if (meta.wt)
			meta.wt--;
	}
	return sm_store_meta(&m->store, &meta);
}

static int seal_e3(struct sm_module *m, uint16_t sw, uint8_t *e3)
{
	const struct sm_port *port = &m->port;
	uint8_t plain[PDT1_E3_PLAIN_LEN];
	uint8_t nonce[PDT1_NONCE_LEN];

	sm_put16(plain, sw);
	plain[2] = sm_pin_tries(&m->store);
	plain[3] = m->pairing.slot;
	sm_put32(plain + 4, m->store.meta.n);
	sm_nonce(NULL, 1, nonce);
	return port->gcm_seal(port->ctx, m->pairing.kpm, nonce, ad_e3,
			      sizeof(ad_e3), plain, sizeof(plain), e3) ?
	       SM_EIO : 0;
}

/* The handshake becomes a session: T2 covers all that was said */
static int enter_session(struct sm_module *m, const struct sm_command *cmd,
			 const uint8_t *e3)
{
	const struct sm_port *port = &m->port;
	const struct sm_pairing *p = &m->pairing;
	uint8_t prks[PDT1_KEY_LEN];
	uint8_t t2[PDT1_HASH_LEN];
	const struct sm_part transcript[] = {
		SM_TEXT(PDT1_CTX_PAIR_SESSION),
		{ p->t1, sizeof(p->t1) },
		{ p->e1, sizeof(p->e1) },
		{ cmd->data, PDT1_E2_LEN },
		{ e3, PDT1_E3_LEN },
	};
	const struct sm_part secrets[] = {
		{ p->ka, PDT1_KEY_LEN },
		{ p->xp, PDT1_KEY_LEN },
	};
	uint8_t slot = p->slot;
	int err;

	if (port->sha256(port->ctx, transcript, 5, t2) ||
	    port->hmac(port->ctx, t2, secrets, 2, prks))
		return SM_EIO;

	sm_idle(m);
	memcpy(m->session.prks, prks, sizeof(prks));
	sm_wipe(prks, sizeof(prks));
	err = sm_session_start(m, slot);
	if (!err)
		m->state = SM_SESSION;
	return err;
}

/* Steps 2 to 7. SM_SW_PLATFORM, or 6581 with @m->blocked, when nothing
 * trustworthy can be said inside E3.
 */
static uint16_t decide(struct sm_module *m, const uint8_t *e2)
{
	uint16_t sw = check_request(m, e2);

	if (sw == PDT1_SW_OK && (m->pairing.flags & PDT1_E1_PIN))
		sw = check_pin(m, e2);
	if (sw == PDT1_SW_OK && store_slot(m, e2))
		sw = PDT1_SW_MEMORY;
	if (sw == PDT1_SW_MEMORY)
		m->write_failed = true;
	if (sw != PDT1_SW_OK)
		return sw;

	if (sm_pair_account(m, m->pairing.sn) ||
	    sm_slot_start_count(m, m->pairing.slot)) {
		m->blocked = true;
		m->write_failed = true;
		return PDT1_SW_MEMORY;
	}
	return PDT1_SW_OK;
}

uint16_t sm_pair_confirm(struct sm_module *m, const struct sm_command *cmd,
			 struct sm_response *rsp)
{
	const struct sm_port *port = &m->port;
	uint8_t e2[PDT1_E2_PLAIN_LEN];
	uint8_t nonce[PDT1_NONCE_LEN];
	uint16_t sw, outer = PDT1_SW_OK;
	int err;

	sm_nonce(NULL, 0, nonce);
	if (port->gcm_open(port->ctx, m->pairing.kph, nonce, ad_e2,
			   sizeof(ad_e2), cmd->data, cmd->len, e2)) {
		sm_idle(m);
		return PDT1_SW_CRYPTO;
	}

	sw = decide(m, e2);
	sm_wipe(e2, sizeof(e2));
	if (m->blocked || sw == SM_SW_PLATFORM) {
		sm_idle(m);
		return sw;
	}

	err = seal_e3(m, sw, rsp->data);
	if (!err && sw == PDT1_SW_OK)
		err = enter_session(m, cmd, rsp->data);
	if (err)
		outer = SM_SW_PLATFORM;
	else
		rsp->len = PDT1_E3_LEN;
	if (err || sw != PDT1_SW_OK)
		sm_idle(m);
	return outer;
}
