// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl.h"
#include "outcome.h"

int cmd_unpair(struct ctl *ctl)
{
	return outcome_run(ctl, smpair_op_unpair, "unpaired");
}
