// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "softmod/core/bytes.h"
#include "softmod/core/envelope.h"
#include "softmod/core/inner.h"
#include "softmod/core/kdf.h"
#include "softmod/core/session.h"
#include "softmod/core/slot.h"

static void drop_collected(struct sm_module *m)
{
	sm_wipe(m->message, m->session.collected);
	m->session.collected = 0;
	m->session.collecting = false;
}

static void drop_answer(struct sm_module *m)
{
	sm_wipe(m->answer, m->session.out_len);
	m->session.out_len = 0;
	m->session.out_sent = 0;
	m->session.out_pending = false;
}

/* The next part of the answer, after room for the header in @rsp */
static uint16_t send_part(struct sm_module *m, struct sm_response *rsp,
			  uint8_t *rf)
{
	struct sm_session *s = &m->session;
	uint32_t room = sm_maxr(m) - PDT1_ENV_OVERHEAD_RSP;
	uint32_t part = s->out_len - s->out_sent;
	uint16_t sw = s->out_sw;

	if (part > room)
		part = room;
	memcpy(rsp->data + PDT1_ENV_RSP_HEADER_LEN, m->answer + s->out_sent,
	       part);
	rsp->len = PDT1_ENV_RSP_HEADER_LEN + part;
	s->out_sent += part;
	s->out_pending = s->out_sent < s->out_len;
	*rf = s->out_pending ? PDT1_ENV_MORE : 0;
	if (!s->out_pending)
		drop_answer(m);
	return sw;
}

static uint16_t execute(struct sm_module *m, uint8_t type, const uint8_t *msg,
			size_t len, bool *end)
{
	struct sm_response answer = { m->answer, 0 };
	size_t app_len = 0;
	uint16_t sw;

	if (type == PDT1_ENV_INNER) {
		sw = sm_inner(m, msg, len, &answer, end);
	} else {
		sw = m->app.message(m->app.ctx, m, msg, len, m->answer,
				    sm_maxm(m), &app_len);
		answer.len = app_len;
	}
	if (answer.len > sm_maxm(m)) {
		sm_wipe(m->answer, sizeof(m->answer));
		answer.len = 0;
		sw = PDT1_SW_LENGTH;
	}
	m->session.out_len = (uint32_t)answer.len;
	m->session.out_sw = sw;
	return sw;
}

/* One authentic envelope. The answer's data goes behind its header. */
static uint16_t process(struct sm_module *m, const struct sm_command *cmd,
			size_t len, struct sm_response *rsp, uint8_t *rf,
			bool *end)
{
	struct sm_session *s = &m->session;
	const uint8_t *msg = m->scratch;
	uint8_t type = cmd->p1;

	if (type == PDT1_ENV_FETCH) {
		drop_collected(m);
		return s->out_pending ? send_part(m, rsp, rf) : PDT1_SW_STATE;
	}

	drop_answer(m);
	if ((s->collecting && type != s->collect_type) ||
	    (s->restricted && type == PDT1_ENV_APPLICATION)) {
		drop_collected(m);
		return PDT1_SW_STATE;
	}
	if (len > sm_maxm(m) - s->collected) {
		drop_collected(m);
		return PDT1_SW_LENGTH;
	}

	if (s->collecting || cmd->p2 & PDT1_ENV_MORE) {
		memcpy(m->message + s->collected, m->scratch, len);
		s->collected += (uint32_t)len;
		s->collecting = true;
		s->collect_type = type;
		if (cmd->p2 & PDT1_ENV_MORE)
			return PDT1_SW_OK;
		msg = m->message;
		len = s->collected;
	}

	execute(m, type, msg, len, end);
	drop_collected(m);
	return send_part(m, rsp, rf);
}

static int open_command(struct sm_module *m, const struct sm_command *cmd)
{
	const uint8_t ad[4] = { 'C', PDT1_INS_ENVELOPE, cmd->p1, cmd->p2 };
	const struct sm_session *s = &m->session;
	uint8_t nonce[PDT1_NONCE_LEN];

	sm_nonce(s->h2m + PDT1_KEY_LEN, s->n, nonce);
	return m->port.gcm_open(m->port.ctx, s->h2m, nonce, ad, sizeof(ad),
				cmd->data, cmd->len, m->scratch) ?
	       SM_EBADMAC : 0;
}

/* Seals in place: the header and the data are already in @rsp. */
static int seal_answer(struct sm_module *m, const struct sm_command *cmd,
		       uint16_t sw, uint8_t rf, struct sm_response *rsp)
{
	const uint8_t ad[4] = { 'R', PDT1_INS_ENVELOPE, cmd->p1, cmd->p2 };
	const struct sm_session *s = &m->session;
	uint8_t nonce[PDT1_NONCE_LEN];

	sm_put16(rsp->data, sw);
	rsp->data[2] = rf;
	sm_nonce(s->m2h + PDT1_KEY_LEN, s->n, nonce);
	if (m->port.gcm_seal(m->port.ctx, s->m2h, nonce, ad, sizeof(ad),
			     rsp->data, rsp->len, rsp->data)) {
		sm_wipe(rsp->data, rsp->len);
		return SM_EIO;
	}
	rsp->len += PDT1_TAG_LEN;
	return 0;
}

uint16_t sm_envelope(struct sm_module *m, const struct sm_command *cmd,
		     struct sm_response *rsp)
{
	size_t len = cmd->len - PDT1_TAG_LEN;
	uint8_t rf = 0;
	bool end = false;
	uint16_t sw;
	int err;

	if (m->session.n >= PDT1_SESSION_COMMANDS_MAX) {
		sm_idle(m);
		return PDT1_SW_STATE;
	}
	if (open_command(m, cmd)) {
		sm_idle(m);
		return PDT1_SW_CRYPTO;
	}
	if (m->state == SM_OPENED) {
		m->state = SM_SESSION;
		sm_slot_verified(m, m->session.slot);
	}

	rsp->len = PDT1_ENV_RSP_HEADER_LEN;
	sw = process(m, cmd, len, rsp, &rf, &end);
	sm_wipe(m->scratch, len);
	err = seal_answer(m, cmd, sw, rf, rsp);
	m->session.n++;
	if (err)
		rsp->len = 0;
	if (err || end)
		sm_idle(m);
	return err ? SM_SW_PLATFORM : PDT1_SW_OK;
}
