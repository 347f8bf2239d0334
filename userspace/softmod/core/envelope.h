/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SOFTMOD_CORE_ENVELOPE_H
#define SOFTMOD_CORE_ENVELOPE_H

#include "softmod/core/apdu.h"

/**
 * sm_envelope() - ENVELOPE: open a message of the session, execute, answer
 * @m: module, in SM_OPENED or SM_SESSION
 * @cmd: well-formed command
 * @rsp: answer
 *
 * Return: outer status word; the meaningful one is inside the answer.
 */
uint16_t sm_envelope(struct sm_module *m, const struct sm_command *cmd,
		     struct sm_response *rsp);

#endif /* SOFTMOD_CORE_ENVELOPE_H */
