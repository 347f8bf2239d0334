/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SMPAIRCTL_HOST_TELL_H
#define SMPAIRCTL_HOST_TELL_H

#include "ctl.h"

int host_tell(struct ctl *ctl);

#endif /* SMPAIRCTL_HOST_TELL_H */
