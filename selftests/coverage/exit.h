/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Put before every kselftest and unit test by make coverage: the harness ends each of
 * its cases with _exit(), and unit tests the children that they fork, which would lose
 * what these have counted. Includes nothing, as the sources have yet to say which
 * interfaces they want.
 */
void __gcov_dump(void);
void _Exit(int status) __attribute__((noreturn));

static inline void __attribute__((noreturn)) exit_with_counts(int status)
{
	__gcov_dump();
	_Exit(status);
}

#define _exit exit_with_counts
