/* SPDX-License-Identifier: GPL-2.0 */
/* A dump of all links of which the first part was read, and the rest was not. */
#ifndef RACE_DUMP_H
#define RACE_DUMP_H

#include <stdbool.h>
#include <stdint.h>

/* Links without a module: more than three parts of a dump have room for */
#define DUMP_LINKS	160

struct dump {
	int fd;
	uint32_t last;		/* link reported last */
	int links[DUMP_LINKS];
};

int dump_fill(struct dump *dump);	/* attaches the links; 0 or -errno */
int dump_begin(struct dump *dump);	/* reads the first part; 0 or -errno; it is not all */
int dump_finish(struct dump *dump);	/* reads the rest; 0 or -errno */
void dump_empty(struct dump *dump);	/* detaches the links */
void dump_close(struct dump *dump);

#endif /* RACE_DUMP_H */
