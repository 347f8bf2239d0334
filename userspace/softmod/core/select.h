/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SOFTMOD_CORE_SELECT_H
#define SOFTMOD_CORE_SELECT_H

#include "softmod/core/apdu.h"

/**
 * sm_select() - SELECT: end what runs, recover where needed, say who this is
 * @m: module
 * @cmd: well-formed command
 * @rsp: answer
 *
 * Return: status word.
 */
uint16_t sm_select(struct sm_module *m, const struct sm_command *cmd,
		   struct sm_response *rsp);

#endif /* SOFTMOD_CORE_SELECT_H */
