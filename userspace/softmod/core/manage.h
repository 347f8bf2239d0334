/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MANAGE: the centre's word to the module (section 13). */
#ifndef SOFTMOD_CORE_MANAGE_H
#define SOFTMOD_CORE_MANAGE_H

#include "softmod/core/apdu.h"

/**
 * sm_manage_clear() - whether the clear header is well-formed
 * @cmd: command of at least PDT1_MANAGE_MIN_LEN bytes
 *
 * Return: true when it is.
 */
bool sm_manage_clear(const struct sm_command *cmd);

/**
 * sm_manage() - MANAGE
 * @m: module
 * @cmd: well-formed command
 * @rsp: receives the receipt
 *
 * Return: status word; the result of the command is in the receipt.
 */
uint16_t sm_manage(struct sm_module *m, const struct sm_command *cmd,
		   struct sm_response *rsp);

#endif /* SOFTMOD_CORE_MANAGE_H */
