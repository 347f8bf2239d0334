/* SPDX-License-Identifier: GPL-2.0-or-later */
/* smpair-softmod as a process behind a reader that the test plays. */
#ifndef SOFTMOD_TESTS_POWER_PROCESS_H
#define SOFTMOD_TESTS_POWER_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sm_module;

/* Listens for modules; ends the test when it cannot */
void process_listen(void);

/* Starts the program @path on @image, and powers the module */
void process_start(const char *path, const char *image);

/* Lets SIGKILL strike @us microseconds from now, at least 1 */
void process_kill_after(unsigned int us);

/* Waits until the process is gone; true when SIGKILL was the reason */
bool process_wait(void);

/* For world_start_outside(): not 0 once the process is gone */
int process_transmit(struct sm_module *m, const uint8_t *cmd, size_t len,
		     uint8_t *rsp, size_t *rsp_len);

#endif /* SOFTMOD_TESTS_POWER_PROCESS_H */
