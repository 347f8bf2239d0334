// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "softmod/core/bytes.h"
#include "softmod/core/inner.h"
#include "softmod/core/kdf.h"
#include "softmod/core/report.h"
#include "softmod/core/slot.h"

static uint16_t get_info(struct sm_module *m, const uint8_t *data,
			 struct sm_response *rsp, bool *end)
{
	(void)data;
	(void)end;
	return sm_get_info(m, NULL, rsp);
}

static uint16_t unpair(struct sm_module *m, const uint8_t *data,
		       struct sm_response *rsp, bool *end)
{
	(void)data;
	(void)rsp;
	if (sm_slot_free(m, m->session.slot))
		return PDT1_SW_MEMORY;
	*end = true;
	return PDT1_SW_OK;
}

static int slot_row(const struct sm_module *m, uint8_t i, uint8_t *p)
{
	const struct sm_slot *slot = &m->store.slot[i];
	const struct sm_part parts[] = {
		SM_TEXT(PDT1_CTX_SID),
		{ slot->sn, PDT1_ID_LEN },
	};
	uint8_t mac[PDT1_HASH_LEN];

	if (m->port.hmac(m->port.ctx, m->store.keys.km, parts, 2, mac))
		return SM_EIO;
	p[0] = i;
	p[1] = PDT1_SLOT_USED;
	if (slot->pinned)
		p[1] |= PDT1_SLOT_PINNED;
	if (i == m->session.slot)
		p[1] |= PDT1_SLOT_SELF;
	sm_put16(p + 2, sm_slot_activity(&m->store, i));
	sm_put32(p + 4, slot->n_s);
	memcpy(p + 8, mac, PDT1_SID_LEN);
	return 0;
}

/* One row for each used slot, or only the host's own without the right */
static uint16_t get_slots(struct sm_module *m, const uint8_t *data,
			  struct sm_response *rsp, bool *end)
{
	const struct sm_store *store = &m->store;
	bool all = store->slot[m->session.slot].rights & PDT1_RIGHT_LIST;
	uint8_t *p = rsp->data + 1;
	uint8_t count = 0;
	uint8_t i;

	(void)data;
	(void)end;
	for (i = 0; i < store->cfg.slots; i++) {
		if (!store->slot[i].used || (!all && i != m->session.slot))
			continue;
		if (slot_row(m, i, p))
			return SM_SW_PLATFORM;
		p += PDT1_GET_SLOTS_ROW_LEN;
		count++;
	}
	rsp->data[0] = count;
	rsp->len = (size_t)(p - rsp->data);
	return PDT1_SW_OK;
}

static uint16_t rewrap(struct sm_module *m, const uint8_t *data,
		       struct sm_response *rsp, bool *end)
{
	struct sm_slot slot = m->store.slot[m->session.slot];
	uint16_t m_new = sm_get16(data);
	uint16_t sw = PDT1_SW_OK;

	(void)rsp;
	(void)end;
	if (m_new < slot.m || m_new < m->store.cfg.m_min) {
		sw = PDT1_SW_STATE;
		goto out;
	}

	slot.m = m_new;
	if (sm_kdf(&m->port, m->session.prks, PDT1_LABEL_KA_REWRAP, data, 2,
		   slot.ka, sizeof(slot.ka))) {
		sw = SM_SW_PLATFORM;
		goto out;
	}
	memcpy(slot.tk, data + 2, PDT1_KEY_LEN);
	memcpy(slot.pdc, data + 2 + PDT1_KEY_LEN, PDT1_PDC_LEN);
	if (sm_store_slot(&m->store, m->session.slot, &slot)) {
		m->write_failed = true;
		sw = PDT1_SW_MEMORY;
		goto out;
	}
	m->session.restricted = false;
out:
	sm_wipe(&slot, sizeof(slot));
	return sw;
}

static uint16_t close_session(struct sm_module *m, const uint8_t *data,
			      struct sm_response *rsp, bool *end)
{
	(void)m;
	(void)data;
	(void)rsp;
	*end = true;
	return PDT1_SW_OK;
}

static const struct {
	uint8_t ins;
	uint8_t data_len;
	bool unrestricted_only;
	uint16_t (*run)(struct sm_module *m, const uint8_t *data,
			struct sm_response *rsp, bool *end);
} commands[] = {
	{ PDT1_INS_GET_INFO, 0, false, get_info },
	{ PDT1_INS_UNPAIR, 0, false, unpair },
	{ PDT1_INS_GET_SLOTS, 0, true, get_slots },
	{ PDT1_INS_REWRAP, PDT1_REWRAP_LEN, false, rewrap },
	{ PDT1_INS_CLOSE, 0, false, close_session },
};

uint16_t sm_inner(struct sm_module *m, const uint8_t *msg, size_t len,
		  struct sm_response *rsp, bool *end)
{
	size_t i;

	if (len < 4)
		return PDT1_SW_LENGTH;
	if (msg[0] != PDT1_CLA)
		return PDT1_SW_CLA;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (commands[i].ins != msg[1])
			continue;
		if (msg[2] || msg[3])
			return PDT1_SW_P1P2;
		if (len - 4 != commands[i].data_len)
			return PDT1_SW_LENGTH;
		if (m->session.restricted && commands[i].unrestricted_only)
			return PDT1_SW_STATE;
		return commands[i].run(m, msg + 4, rsp, end);
	}
	return PDT1_SW_INS;
}
