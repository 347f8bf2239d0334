/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SMPAIR_PM_H
#define _SMPAIR_PM_H

#include <linux/types.h>

bool smpair_pm_asleep(void);
int smpair_pm_init(void);
void smpair_pm_exit(void);

#endif /* _SMPAIR_PM_H */
