// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "softmod/core/bytes.h"
#include "softmod/core/kdf.h"
#include "softmod/core/random.h"
#include "softmod/core/session.h"

/* Fields of OPEN's data */
#define OPEN_FLAGS	1
#define OPEN_XH		18
#define OPEN_HT		PDT1_OPEN_C0_LEN

void sm_idle(struct sm_module *m)
{
	sm_wipe(m->message, m->session.collected);
	sm_wipe(m->answer, m->session.out_len);
	sm_wipe(&m->pairing, sizeof(m->pairing));
	sm_wipe(&m->session, sizeof(m->session));
	m->state = SM_IDLE;
}

int sm_session_start(struct sm_module *m, uint8_t slot)
{
	struct sm_session *s = &m->session;
	int err;

	s->slot = slot;
	err = sm_kdf(&m->port, s->prks, PDT1_LABEL_H2M, NULL, 0, s->h2m,
		     sizeof(s->h2m));
	if (!err)
		err = sm_kdf(&m->port, s->prks, PDT1_LABEL_M2H, NULL, 0,
			     s->m2h, sizeof(s->m2h));
	return err;
}

/* Looks at every slot in the same way, so that time tells nothing about which
 * one matched. A free slot costs a MAC under a key that matches nobody.
 */
static int find_slot(const struct sm_module *m, const struct sm_command *cmd,
		     uint8_t *slot)
{
	const struct sm_part parts[] = {
		SM_TEXT(PDT1_CTX_OPEN),
		{ cmd->data, PDT1_OPEN_C0_LEN },
	};
	const struct sm_store *store = &m->store;
	uint8_t mac[PDT1_HASH_LEN];
	uint8_t i;

	*slot = PDT1_SLOT_NONE;
	for (i = 0; i < store->cfg.slots; i++) {
		const struct sm_slot *s = &store->slot[i];
		const uint8_t *key = s->used ? s->tk : store->keys.km;
		bool match;

		if (m->port.hmac(m->port.ctx, key, parts, 2, mac))
			return SM_EIO;
		match = sm_equal(mac, cmd->data + OPEN_HT, PDT1_HT_LEN);
		match &= s->used;
		match &= !sm_store_denied(store, s->sn);
		if (match && *slot == PDT1_SLOT_NONE)
			*slot = i;
	}
	sm_wipe(mac, sizeof(mac));
	return 0;
}

/* PRKs = EXT(TS, KA | DH) with TS over the command and R0 */
static int derive_root(struct sm_module *m, const struct sm_command *cmd,
		       const uint8_t *r0, size_t r0_len, const uint8_t *ka,
		       const uint8_t *dh)
{
	const struct sm_port *port = &m->port;
	uint8_t ts[PDT1_HASH_LEN];
	uint8_t c_len[2], r_len[2];
	const struct sm_part transcript[] = {
		SM_TEXT(PDT1_CTX_SESSION),
		{ c_len, sizeof(c_len) },
		{ cmd->data, cmd->len },
		{ r_len, sizeof(r_len) },
		{ r0, r0_len },
	};
	const struct sm_part secrets[] = {
		{ ka, PDT1_KEY_LEN },
		{ dh, PDT1_X25519_LEN },
	};

	sm_put16(c_len, (uint16_t)cmd->len);
	sm_put16(r_len, (uint16_t)r0_len);
	if (port->sha256(port->ctx, transcript, 5, ts) ||
	    port->hmac(port->ctx, ts, secrets, 2, m->session.prks))
		return SM_EIO;
	return 0;
}

/* Writes R0 | MACm and leaves the session's keys behind. */
static int answer(struct sm_module *m, const struct sm_command *cmd,
		  uint8_t i, uint8_t *r, size_t *len)
{
	const struct sm_slot *slot = &m->store.slot[i];
	bool restricted = slot->m < m->store.cfg.m_min;
	uint8_t dh[PDT1_X25519_LEN];
	size_t r0_len = 54;
	int err;

	err = sm_draw_share(m, cmd->data + OPEN_XH, r, r + 22, dh);
	if (err)
		goto out;

	r[16] = restricted ? PDT1_OPEN_FL_RESTRICTED : 0;
	r[17] = 0;
	sm_put32(r + 18, m->store.meta.n);
	if (!(cmd->data[OPEN_FLAGS] & PDT1_OPEN_FLAG_NO_PDC)) {
		memcpy(r + r0_len, slot->pdc, PDT1_PDC_LEN);
		r0_len += PDT1_PDC_LEN;
	}

	err = derive_root(m, cmd, r, r0_len, slot->ka, dh);
	if (!err)
		err = sm_kdf(&m->port, m->session.prks, PDT1_LABEL_MM, NULL, 0,
			     r + r0_len, PDT1_MACM_LEN);
	if (!err)
		err = sm_session_start(m, i);
	m->session.restricted = restricted;
	*len = r0_len + PDT1_MACM_LEN;
out:
	sm_wipe(dh, sizeof(dh));
	return err;
}

uint16_t sm_open(struct sm_module *m, const struct sm_command *cmd,
		 struct sm_response *rsp)
{
	uint8_t slot;
	int err;

	sm_idle(m);
	if (find_slot(m, cmd, &slot))
		return SM_SW_PLATFORM;
	if (slot == PDT1_SLOT_NONE)
		return PDT1_SW_NO_REFERENCE;

	err = answer(m, cmd, slot, rsp->data, &rsp->len);
	if (err) {
		rsp->len = 0;
		sm_idle(m);
		return err == SM_EINVAL ? PDT1_SW_DATA : SM_SW_PLATFORM;
	}
	m->state = SM_OPENED;
	return PDT1_SW_OK;
}
