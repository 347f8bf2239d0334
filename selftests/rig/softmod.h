/* SPDX-License-Identifier: GPL-2.0 */
/* The software module as a process of its own, led by its control channel. */
#ifndef RIG_SOFTMOD_H
#define RIG_SOFTMOD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * struct rig_softmod - a running smpair-softmod
 * @pid: the process, 0 when there is none
 * @socket: its control socket
 */
struct rig_softmod {
	pid_t pid;
	char socket[64];
};

/**
 * struct rig_wire - what "fault" of the control channel tells
 * @inserted: the module is in the reader
 * @armed: an order waits for its message
 * @hits: messages changed so far
 * @refused: errno with which the driver refused the latest one
 * @commands: messages from the driver so far
 * @answers: messages to it
 */
struct rig_wire {
	bool inserted;
	bool armed;
	unsigned long hits;
	int refused;
	unsigned long commands;
	unsigned long answers;
};

/* Starts it on @image, outside the reader; 0 or -errno, -ETIME included. */
int rig_softmod_start(struct rig_softmod *sm, const char *image);
void rig_softmod_stop(struct rig_softmod *sm);
/* One verb; 0, -EREMOTEIO when it was refused, -errno. @answer may be NULL. */
int rig_softmod_ctl(struct rig_softmod *sm, const char *line, char *answer, size_t size);
/*
 * Gives a fault order, or none with NULL, and learns the counters. Whatever was
 * on its way through the module before has passed when this returns, unless a
 * fault holds it back.
 */
int rig_softmod_fault(struct rig_softmod *sm, const char *order, struct rig_wire *wire);

#endif /* RIG_SOFTMOD_H */
