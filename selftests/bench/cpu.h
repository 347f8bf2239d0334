/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Everything on one CPU: the program, the module's thread and the driver's work
 * items. What is measured then is work and context switches, and not how long an
 * idle CPU takes to wake up, which in an emulated machine is most of the time.
 */
#ifndef BENCH_CPU_H
#define BENCH_CPU_H

#include <stdbool.h>

bool cpu_use_one(void);		/* before threads start; false: nothing was changed */
void cpu_restore(void);

#endif /* BENCH_CPU_H */
