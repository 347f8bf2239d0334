/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SMPAIR_PM_H
#define _SMPAIR_PM_H

int smpair_pm_init(void);
void smpair_pm_exit(void);

#endif /* _SMPAIR_PM_H */
