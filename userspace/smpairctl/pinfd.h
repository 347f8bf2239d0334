/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The option --pin-fd.
 */
#ifndef SMPAIRCTL_PINFD_H
#define SMPAIRCTL_PINFD_H

#include "ctl.h"

extern const struct smpair_error_info pinfd_unreadable;

int pinfd_get(const struct ctl *ctl, int *fd);

#endif /* SMPAIRCTL_PINFD_H */
