// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "softmod/core/report.h"
#include "softmod/core/select.h"

uint16_t sm_select(struct sm_module *m, const struct sm_command *cmd,
		   struct sm_response *rsp)
{
	static const uint8_t aid[PDT1_AID_LEN] = PDT1_AID;
	uint8_t *p = rsp->data;

	sm_reset(m);
	if (m->boot_pending && m->state == SM_IDLE)
		return PDT1_SW_STATE;
	if (cmd->len != sizeof(aid) || memcmp(cmd->data, aid, sizeof(aid)))
		return PDT1_SW_NOT_FOUND;

	*p++ = 0x6f;		/* FCI template */
	*p++ = 0x3c;
	*p++ = 0x84;		/* DF name */
	*p++ = sizeof(aid);
	memcpy(p, aid, sizeof(aid));
	p += sizeof(aid);
	*p++ = 0xa5;		/* proprietary information */
	*p++ = 0x2e;
	*p++ = 0x80;
	*p++ = PDT1_INFO_LEN;
	sm_info(m, p);
	rsp->len = PDT1_SELECT_RSP_LEN;
	return PDT1_SW_OK;
}
