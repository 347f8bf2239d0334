// SPDX-License-Identifier: GPL-2.0-or-later
#include "softmod/core/apdu.h"
#include "softmod/core/bytes.h"
#include "softmod/core/envelope.h"
#include "softmod/core/manage.h"
#include "softmod/core/pairing.h"
#include "softmod/core/report.h"
#include "softmod/core/select.h"
#include "softmod/core/session.h"

#if (SM_MAXC) < PDT1_MAXC_MIN || SM_MAXC > 65535
#error "SM_MAXC must be 136 to 65535"
#endif
#if (SM_MAXR) < PDT1_MAXR_MIN || SM_MAXR > 65535
#error "SM_MAXR must be 146 to 65535"
#endif
#if SM_MAXM < PDT1_MAXM_MIN
#error "SM_MAXM must be 512 or more"
#endif

#define TO_MAXC	0xffffffff	/* length limited by MAXC only */

enum {
	ALWAYS	= 1,	/* answers in every state */
	FROZEN	= 2,	/* answers while frozen */
	SUITE	= 4,	/* first byte of data is the suite */
	KEEPS	= 8,	/* does not end a pending pairing by itself */
	INNER	= 16,	/* refused outside an envelope */
};

/* One row per command that may come in clear */
struct row {
	uint8_t ins;
	uint8_t p1;
	uint8_t p2;
	uint8_t flags;
	uint32_t len_min;
	uint32_t len_max;
	bool (*clear)(const struct sm_command *cmd);
	bool (*state)(enum sm_state state);
	uint16_t (*run)(struct sm_module *m, const struct sm_command *cmd,
			struct sm_response *rsp);
};

static bool open_clear(const struct sm_command *cmd)
{
	return !(cmd->data[1] & ~PDT1_OPEN_FLAG_NO_PDC);
}

static bool begin_clear(const struct sm_command *cmd)
{
	return cmd->data[1] == 0;
}

static bool in_pairing(enum sm_state state)
{
	return state == SM_PAIRING;
}

static bool in_session(enum sm_state state)
{
	return state == SM_OPENED || state == SM_SESSION;
}

static const struct row select_row = {
	PDT1_INS_SELECT, PDT1_P1_SELECT_BY_NAME, 0, ALWAYS, 0, TO_MAXC, NULL,
	NULL, sm_select,
};

#define ENVELOPE(p1, p2, max) \
	{ PDT1_INS_ENVELOPE, p1, p2, 0, PDT1_TAG_LEN, max, NULL, in_session, \
	  sm_envelope }
#define INNER_ONLY(ins, min, max) \
	{ ins, 0, 0, INNER, min, max, NULL, NULL, NULL }

static const struct row rows[] = {
	{ PDT1_INS_GET_INFO, PDT1_P1_INFO, 0, ALWAYS | KEEPS, 0, 0, NULL, NULL,
	  sm_get_info },
	{ PDT1_INS_GET_INFO, PDT1_P1_REPORT, 0, FROZEN | KEEPS,
	  PDT1_REPORT_NONCE_LEN, PDT1_REPORT_NONCE_LEN, NULL, NULL,
	  sm_get_report },
	{ PDT1_INS_OPEN, 0, 0, SUITE, PDT1_OPEN_LEN, PDT1_OPEN_LEN, open_clear,
	  NULL, sm_open },
	{ PDT1_INS_PAIR_BEGIN, 0, 0, SUITE, PDT1_BEGIN_LEN, PDT1_BEGIN_LEN,
	  begin_clear, NULL, sm_pair_begin },
	{ PDT1_INS_PAIR_CONFIRM, 0, 0, KEEPS, PDT1_E2_LEN, PDT1_E2_LEN, NULL,
	  in_pairing, sm_pair_confirm },
	ENVELOPE(PDT1_ENV_APPLICATION, 0, TO_MAXC),
	ENVELOPE(PDT1_ENV_APPLICATION, PDT1_ENV_MORE, TO_MAXC),
	ENVELOPE(PDT1_ENV_INNER, 0, TO_MAXC),
	ENVELOPE(PDT1_ENV_INNER, PDT1_ENV_MORE, TO_MAXC),
	ENVELOPE(PDT1_ENV_FETCH, 0, PDT1_TAG_LEN),
	{ PDT1_INS_MANAGE, 0, 0, FROZEN, PDT1_MANAGE_MIN_LEN, TO_MAXC,
	  sm_manage_clear, NULL, sm_manage },
	INNER_ONLY(PDT1_INS_UNPAIR, 0, 0),
	INNER_ONLY(PDT1_INS_GET_SLOTS, 0, 0),
	INNER_ONLY(PDT1_INS_REWRAP, PDT1_REWRAP_LEN, PDT1_REWRAP_LEN),
	INNER_ONLY(PDT1_INS_CLOSE, 0, 0),
};

static uint16_t least(uint16_t a, uint16_t b)
{
	return a && a < b ? a : b;
}

uint16_t sm_maxc(const struct sm_module *m)
{
	return least(m->store.cfg.maxc, least(m->port.link_maxc, SM_MAXC));
}

uint16_t sm_maxr(const struct sm_module *m)
{
	return least(m->store.cfg.maxr, least(m->port.link_maxr, SM_MAXR));
}

uint32_t sm_maxm(const struct sm_module *m)
{
	uint32_t maxm = m->store.cfg.maxm;

	return maxm && maxm < SM_MAXM ? maxm : SM_MAXM;
}

/* Finds the data field of a command whose header is complete. Le is accepted
 * in any form and ignored: answers have the length they have.
 */
static bool parse_data(const uint8_t *cmd, size_t len, struct sm_command *out)
{
	size_t lc;

	out->data = NULL;
	out->len = 0;
	if (len <= 5)
		return true;			/* no data; perhaps Le */
	if (cmd[4]) {
		lc = cmd[4];
		out->data = cmd + 5;
		out->len = lc;
		return len == 5 + lc || len == 6 + lc;
	}
	if (len == 7)
		return true;			/* extended Le */
	if (len < 7)
		return false;
	lc = sm_get16(cmd + 5);
	out->data = cmd + 7;
	out->len = lc;
	return lc && (len == 7 + lc || len == 9 + lc);
}

static uint16_t check_class(uint8_t cla, bool has_ins, uint8_t ins)
{
	if (cla == 0xff)
		return PDT1_SW_CLA;
	/* First interindustry coding with a channel, or the further one */
	if ((!(cla & 0x60) && cla & 0x03) || cla & 0x40)
		return PDT1_SW_CHANNEL;
	if (cla == PDT1_CLA)
		return PDT1_SW_OK;
	return cla == PDT1_CLA_ISO && (!has_ins || ins == PDT1_INS_SELECT) ?
	       PDT1_SW_OK : PDT1_SW_CLA;
}

/* CLA, INS, P1 and P2, as far as they are there */
static uint16_t find_row(const uint8_t *cmd, size_t len,
			 const struct row **found)
{
	bool known = false;
	uint16_t sw;
	size_t i;

	if (len < 1)
		return PDT1_SW_LENGTH;
	sw = check_class(cmd[0], len > 1, len > 1 ? cmd[1] : 0);
	if (sw != PDT1_SW_OK)
		return sw;
	if (len < 2)
		return PDT1_SW_LENGTH;

	if (cmd[0] == PDT1_CLA_ISO) {
		if (len < 4)
			return PDT1_SW_LENGTH;
		*found = &select_row;
		return cmd[2] == select_row.p1 && cmd[3] == select_row.p2 ?
		       PDT1_SW_OK : PDT1_SW_P1P2;
	}

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].ins != cmd[1])
			continue;
		known = true;
		if (len >= 4 && rows[i].p1 == cmd[2] && rows[i].p2 == cmd[3]) {
			*found = &rows[i];
			return PDT1_SW_OK;
		}
	}
	if (!known)
		return PDT1_SW_INS;
	return len < 4 ? PDT1_SW_LENGTH : PDT1_SW_P1P2;
}

static bool allowed(const struct sm_module *m, const struct row *row)
{
	if (row->flags & ALWAYS)
		return true;
	if (m->state == SM_VIRGIN || m->state == SM_FATAL ||
	    m->boot_pending || m->blocked)
		return false;
	return !m->store.meta.frozen || row->flags & FROZEN;
}

static uint16_t dispatch(struct sm_module *m, const uint8_t *apdu, size_t len,
			 struct sm_response *rsp)
{
	struct sm_command cmd = { 0 };
	const struct row *row = NULL;
	bool well_formed;
	uint16_t sw;

	sw = find_row(apdu, len, &row);
	if (sw != PDT1_SW_OK)
		return sw;
	cmd.cla = apdu[0];
	cmd.ins = apdu[1];
	cmd.p1 = apdu[2];
	cmd.p2 = apdu[3];
	well_formed = parse_data(apdu, len, &cmd);

	if (!allowed(m, row))
		return PDT1_SW_STATE;
	if (row->flags & SUITE && well_formed && cmd.len &&
	    cmd.data[0] != PDT1_SUITE)
		return PDT1_SW_SUITE;
	if (!well_formed || cmd.len > sm_maxc(m) || cmd.len < row->len_min ||
	    cmd.len > row->len_max)
		return PDT1_SW_LENGTH;
	if (row->clear && !row->clear(&cmd))
		return PDT1_SW_DATA;

	/* From here on a command has an effect, even one that is refused */
	if (m->state == SM_PAIRING && !(row->flags & (KEEPS | ALWAYS)))
		sm_idle(m);
	if (row->flags & INNER || (row->state && !row->state(m->state)))
		return PDT1_SW_STATE;
	return row->run(m, &cmd, rsp);
}

int sm_apdu(struct sm_module *m, const uint8_t *cmd, size_t len, uint8_t *rsp,
	    size_t size, size_t *rsp_len)
{
	struct sm_response r = { rsp, 0 };
	uint16_t sw;

	*rsp_len = 0;
	if (m->state == SM_OFF)
		return SM_EOFF;
	if (size < SM_RESPONSE_MAX)
		return SM_EINVAL;

	sw = dispatch(m, cmd, len, &r);
	sm_put16(rsp + r.len, sw);
	*rsp_len = r.len + 2;

	m->counters.apdus++;
	m->counters.bytes_in += len;
	m->counters.bytes_out += *rsp_len;
	return 0;
}
