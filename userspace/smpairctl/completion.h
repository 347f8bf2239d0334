/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SMPAIRCTL_COMPLETION_H
#define SMPAIRCTL_COMPLETION_H

#include <stdio.h>

void completion_write(FILE *to);

#endif /* SMPAIRCTL_COMPLETION_H */
