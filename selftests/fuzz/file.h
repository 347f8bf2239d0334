/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System calls on files, one of which goes wrong: fstat(), flock(), read(),
 * pread(), pwrite(), fsync() and fdatasync() of the program are counted.
 */
#ifndef FUZZ_FILE_H
#define FUZZ_FILE_H

#include <stdbool.h>

enum file_fault {
	FILE_FAILS,		/* with EIO */
	FILE_INTERRUPTED,	/* with EINTR, before anything is done */
	FILE_SHORT,		/* half of what was asked is transferred */
	FILE_END,		/* nothing is transferred, as at the end of a file */
	FILE_FOREIGN,		/* fstat() tells an owner who is neither root nor the caller */
	FILE_FAULTS,
};

/* From here on the call number @at, counted from 1, goes wrong; 0 for none. It
 * does not where the fault is none of that call's.
 */
void file_fault(unsigned int at, enum file_fault fault);

/* Nothing goes wrong any more. Return: whether something did. */
bool file_fault_end(void);

#endif /* FUZZ_FILE_H */
