/* SPDX-License-Identifier: GPL-2.0 */
/* A bare round trip over TCP on this machine: what vpcd's link costs by itself. */
#ifndef BENCH_LOOPBACK_H
#define BENCH_LOOPBACK_H

/* Microseconds for a GET INFO and its answer as vpcd frames them, median; 0 on failure */
double loopback_us(void);

#endif /* BENCH_LOOPBACK_H */
