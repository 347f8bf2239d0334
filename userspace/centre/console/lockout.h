/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long an account or an address waits after wrong passwords. Pure: times are
 * arguments, in seconds since 1970, since a lock-out outlives the program.
 */
#ifndef CENTRE_CONSOLE_LOCKOUT_H
#define CENTRE_CONSOLE_LOCKOUT_H

#include <stdint.h>

/* Wrong passwords that lock out. */
#define LOCKOUT_WRONG		5
/* The first wait, which doubles with each wrong password more, up to the last. */
#define LOCKOUT_FIRST		60
#define LOCKOUT_LAST		3600
/* Wrong passwords are forgotten so long after the last one. */
#define LOCKOUT_MEMORY		86400

/**
 * struct lockout - Wrong passwords so far.
 * @wrong: How many.
 * @last: When the last one was.
 */
struct lockout {
	unsigned int wrong;
	int64_t last;
};

int64_t lockout_wait(const struct lockout *lockout, int64_t now);
void lockout_add(struct lockout *lockout, int64_t now);

#endif /* CENTRE_CONSOLE_LOCKOUT_H */
