/* SPDX-License-Identifier: GPL-2.0 */
/* Carries a virtual link out of the guest: what passes is what passes on the wire. */
#ifndef RESIDUE_RELAY_H
#define RESIDUE_RELAY_H

#include <pthread.h>
#include <stdbool.h>

/**
 * struct relay - a module outside, inserted or not
 * @port: the guest's port behind which the module is
 * @fd: /dev/smpair_virt, or -1
 * @wake: a pipe; closed to end the thread
 * @thread: carries events both ways
 * @deaf: answers are not carried any more
 */
struct relay {
	int port;
	int fd;
	int wake[2];
	pthread_t thread;
	volatile bool deaf;
};

int relay_insert(struct relay *relay);		/* 0 or -errno */
void relay_remove(struct relay *relay);

#endif /* RESIDUE_RELAY_H */
