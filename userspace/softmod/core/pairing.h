/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PAIR BEGIN and PAIR CONFIRM (sections 7 and 8). */
#ifndef SOFTMOD_CORE_PAIRING_H
#define SOFTMOD_CORE_PAIRING_H

#include "softmod/core/apdu.h"

/**
 * sm_pair_begin() - PAIR BEGIN: say what a pairing would do; nothing persists
 * @m: module
 * @cmd: well-formed command
 * @rsp: answer
 *
 * Return: status word.
 */
uint16_t sm_pair_begin(struct sm_module *m, const struct sm_command *cmd,
		       struct sm_response *rsp);

/**
 * sm_pair_confirm() - PAIR CONFIRM: check the PIN and store the pairing
 * @m: module, in SM_PAIRING
 * @cmd: well-formed command
 * @rsp: answer
 *
 * Return: status word; the verdict is inside the answer.
 */
uint16_t sm_pair_confirm(struct sm_module *m, const struct sm_command *cmd,
			 struct sm_response *rsp);

/**
 * sm_pair_account() - write META after the slot of a pairing (W3)
 * @m: module
 * @sn: host that was paired
 *
 * Return: 0 or SM_EIO.
 */
int sm_pair_account(struct sm_module *m, const uint8_t sn[PDT1_ID_LEN]);

#endif /* SOFTMOD_CORE_PAIRING_H */
