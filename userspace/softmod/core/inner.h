/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands that exist only inside an envelope. */
#ifndef SOFTMOD_CORE_INNER_H
#define SOFTMOD_CORE_INNER_H

#include "softmod/core/apdu.h"

/* Answer of the longest inner command, GET SLOTS */
#define SM_INNER_RSP_MAX	(1 + PDT1_SLOTS_MAX * PDT1_GET_SLOTS_ROW_LEN)

/**
 * sm_inner() - execute an inner command
 * @m: module, in SM_SESSION
 * @msg: CLA, INS, P1, P2 and data, authentic
 * @len: bytes
 * @rsp: answer, with room for SM_INNER_RSP_MAX bytes
 * @end: set when the session ends after the answer
 *
 * Return: inner status word.
 */
uint16_t sm_inner(struct sm_module *m, const uint8_t *msg, size_t len,
		  struct sm_response *rsp, bool *end);

#endif /* SOFTMOD_CORE_INNER_H */
