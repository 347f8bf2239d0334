/* SPDX-License-Identifier: GPL-2.0-or-later */
/* INFO for everybody, and the report for the centre (section 5). */
#ifndef SOFTMOD_CORE_REPORT_H
#define SOFTMOD_CORE_REPORT_H

#include "softmod/core/apdu.h"

/**
 * sm_info() - INFO
 * @m: module
 * @info: receives it
 */
void sm_info(const struct sm_module *m, uint8_t info[PDT1_INFO_LEN]);

/* GET INFO and GET REPORT. Return: status word. */
uint16_t sm_get_info(struct sm_module *m, const struct sm_command *cmd,
		     struct sm_response *rsp);
uint16_t sm_get_report(struct sm_module *m, const struct sm_command *cmd,
		       struct sm_response *rsp);

#endif /* SOFTMOD_CORE_REPORT_H */
