/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Session keys and their end; OPEN (section 6). */
#ifndef SOFTMOD_CORE_SESSION_H
#define SOFTMOD_CORE_SESSION_H

#include "softmod/core/apdu.h"

/**
 * sm_idle() - end handshake and session, wiping both
 * @m: module that is personalised
 */
void sm_idle(struct sm_module *m);

/**
 * sm_session_start() - derive the keys of a session
 * @m: module, in SM_IDLE; its session's @prks is set, the rest wiped
 * @slot: slot of the host
 *
 * Return: 0 or SM_EIO.
 */
int sm_session_start(struct sm_module *m, uint8_t slot);

/**
 * sm_open() - OPEN: find the host's slot and answer with session keys agreed
 * @m: module
 * @cmd: well-formed command
 * @rsp: answer
 *
 * Return: status word.
 */
uint16_t sm_open(struct sm_module *m, const struct sm_command *cmd,
		 struct sm_response *rsp);

#endif /* SOFTMOD_CORE_SESSION_H */
