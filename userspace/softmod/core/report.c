// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "softmod/core/bytes.h"
#include "softmod/core/kdf.h"
#include "softmod/core/pin.h"
#include "softmod/core/report.h"
#include "softmod/core/slot.h"

static uint8_t state_byte(const struct sm_module *m)
{
	uint8_t state = 0;

	/* Records that could not be read say nothing about who this is */
	if (m->store.keys.count)
		state |= PDT1_INFO_PERSONALISED;
	if (m->state == SM_FATAL)
		state |= PDT1_INFO_FATAL;
	else if (m->store.keys.count && !sm_pin_tries(&m->store))
		state |= PDT1_INFO_PIN_BLOCKED;
	if (m->store.meta.frozen)
		state |= PDT1_INFO_FROZEN;
	return state;
}

void sm_info(const struct sm_module *m, uint8_t info[PDT1_INFO_LEN])
{
	const struct sm_store *store = &m->store;
	int i;

	memset(info, 0, PDT1_INFO_LEN);
	info[PDT1_INFO_OFF_VERSION] = PDT1_INFO_VERSION;
	info[PDT1_INFO_OFF_STATE] = state_byte(m);
	memcpy(info + PDT1_INFO_OFF_MID, store->keys.mid, PDT1_ID_LEN);
	sm_put32(info + PDT1_INFO_OFF_DOM, store->keys.dom);
	info[PDT1_INFO_OFF_SLOTS] = store->cfg.slots;
	info[PDT1_INFO_OFF_FREE] = sm_slot_count(store, false);
	info[PDT1_INFO_OFF_PIN_POLICY] = store->cfg.pin_policy;
	info[PDT1_INFO_OFF_EVICT_POLICY] = store->cfg.evict_policy;
	info[PDT1_INFO_OFF_PTC] = sm_pin_tries(store);
	info[PDT1_INFO_OFF_PTC_MAX] = store->cfg.ptc_max;
	sm_put16(info + PDT1_INFO_OFF_MAXC, sm_maxc(m));
	sm_put16(info + PDT1_INFO_OFF_MAXR, sm_maxr(m));
	sm_put32(info + PDT1_INFO_OFF_MAXM, sm_maxm(m));
	for (i = 0; i < store->keys.count; i++)
		sm_put16(info + PDT1_INFO_OFF_G + 2 * i, store->keys.k[i].g);
	sm_put16(info + PDT1_INFO_OFF_M_MIN, store->cfg.m_min);
}

uint16_t sm_get_info(struct sm_module *m, const struct sm_command *cmd,
		     struct sm_response *rsp)
{
	(void)cmd;
	sm_info(m, rsp->data);
	rsp->len = PDT1_INFO_LEN;
	return PDT1_SW_OK;
}

uint16_t sm_get_report(struct sm_module *m, const struct sm_command *cmd,
		       struct sm_response *rsp)
{
	const struct sm_store *store = &m->store;
	const struct sm_port *port = &m->port;
	uint8_t *r = rsp->data;
	const struct sm_part parts[] = {
		{ cmd->data, PDT1_REPORT_NONCE_LEN },
		{ r, PDT1_REPORT_LEN },
	};
	uint8_t key[PDT1_KEY_LEN];
	uint8_t mac[PDT1_HASH_LEN];
	int err;

	memset(r, 0, PDT1_REPORT_LEN);
	memcpy(r, store->keys.mid, PDT1_ID_LEN);
	sm_put32(r + 8, store->meta.n);
	sm_put32(r + 12, store->meta.mseq);
	sm_put32(r + 16, sm_slot_clock(store));
	memcpy(r + 20, store->meta.ft, PDT1_FT_LEN);
	r[28] = sm_pin_tries(store);
	r[30] = store->cfg.slots;
	r[31] = sm_slot_count(store, true);
	sm_put16(r + 32, store->cfg.version);
	r[34] = state_byte(m);

	err = sm_kdf(port, store->keys.kmg, PDT1_LABEL_RP, NULL, 0, key,
		     sizeof(key));
	if (!err && port->hmac(port->ctx, key, parts, 2, mac))
		err = SM_EIO;
	if (!err) {
		memcpy(r + PDT1_REPORT_LEN, mac, PDT1_REPORT_MAC_LEN);
		rsp->len = PDT1_REPORT_LEN + PDT1_REPORT_MAC_LEN;
	}
	sm_wipe(key, sizeof(key));
	sm_wipe(mac, sizeof(mac));
	return err ? SM_SW_PLATFORM : PDT1_SW_OK;
}
