/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands and answers between the dispatcher and the handlers (section 5). */
#ifndef SOFTMOD_CORE_APDU_H
#define SOFTMOD_CORE_APDU_H

#include "softmod/core/module.h"

/**
 * struct sm_command - a parsed command
 * @cla: class
 * @ins: instruction
 * @p1: parameter 1
 * @p2: parameter 2
 * @data: data field, NULL when there is none
 * @len: its bytes
 */
struct sm_command {
	uint8_t cla;
	uint8_t ins;
	uint8_t p1;
	uint8_t p2;
	const uint8_t *data;
	size_t len;
};

/**
 * struct sm_response - an answer under construction
 * @data: where its data goes; SM_MAXR bytes
 * @len: bytes so far
 */
struct sm_response {
	uint8_t *data;
	size_t len;
};

/**
 * sm_maxc() - largest data field of a command
 * @m: module
 *
 * Return: bytes.
 */
uint16_t sm_maxc(const struct sm_module *m);

/**
 * sm_maxr() - largest data field of an answer
 * @m: module
 *
 * Return: bytes.
 */
uint16_t sm_maxr(const struct sm_module *m);

/**
 * sm_maxm() - largest reassembled message
 * @m: module
 *
 * Return: bytes.
 */
uint32_t sm_maxm(const struct sm_module *m);

#endif /* SOFTMOD_CORE_APDU_H */
