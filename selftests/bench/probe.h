/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Time spent inside functions of the driver, by kernel probes in a tracing
 * instance of their own. Probes cost time themselves; who prints these numbers
 * says how much.
 */
#ifndef BENCH_PROBE_H
#define BENCH_PROBE_H

#include <stdint.h>

enum probe_point {
	PROBE_EXCHANGE,		/* smpair_exchange(): all that a kernel user waits for */
	PROBE_TRANSMIT,		/* the transport, the module's own work included */
	PROBE_ENCRYPT,
	PROBE_DECRYPT,
	PROBE_POINTS,
};

/**
 * struct probe_times - time inside each function
 * @calls: complete calls seen
 * @ns: their duration, added up
 */
struct probe_times {
	uint64_t calls[PROBE_POINTS];
	uint64_t ns[PROBE_POINTS];
};

/* NULL, or why this kernel cannot be probed */
const char *probe_set_up(void);
void probe_start(void);
/* Stops and adds up; 0, or -EIO when calls were missed. */
int probe_stop(struct probe_times *times);
void probe_tear_down(void);

#endif /* BENCH_PROBE_H */
