/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Errors for people and for scripts: a stable name, a sentence, one next
 * action, and the exit code of a program that ends for that reason.
 */
#ifndef SMPAIR_ERROR_H
#define SMPAIR_ERROR_H

#include <linux/smpair.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * enum smpair_exit - exit codes of the programs
 * @SMPAIR_EXIT_DONE: Done, or already so.
 * @SMPAIR_EXIT_OTHER: Anything that has no code of its own.
 * @SMPAIR_EXIT_USAGE: The command line or an input file is wrong.
 * @SMPAIR_EXIT_STATE: Not possible in the present state.
 * @SMPAIR_EXIT_POLICY: Refused by the module, the centre or the user.
 * @SMPAIR_EXIT_PIN: The PIN is wrong; a try was spent.
 * @SMPAIR_EXIT_BLOCKED: The module accepts no PIN now.
 * @SMPAIR_EXIT_NO_MODULE: No such module, or no driver.
 * @SMPAIR_EXIT_CENTRE: The management centre cannot be reached.
 * @SMPAIR_EXIT_PERMISSION: The caller lacks a privilege.
 * @SMPAIR_EXIT_TIMEOUT: A deadline passed.
 */
enum smpair_exit {
	SMPAIR_EXIT_DONE	= 0,
	SMPAIR_EXIT_OTHER	= 1,
	SMPAIR_EXIT_USAGE	= 2,
	SMPAIR_EXIT_STATE	= 3,
	SMPAIR_EXIT_POLICY	= 4,
	SMPAIR_EXIT_PIN		= 5,
	SMPAIR_EXIT_BLOCKED	= 6,
	SMPAIR_EXIT_NO_MODULE	= 7,
	SMPAIR_EXIT_CENTRE	= 8,
	SMPAIR_EXIT_PERMISSION	= 9,
	SMPAIR_EXIT_TIMEOUT	= 124,
};

/**
 * struct smpair_error_info - what to tell about one error
 * @name: Stable name, for scripts.
 * @text: What happened; no full stop.
 * @next: The one next action; empty only where there is nothing to do.
 * @exit: enum smpair_exit.
 */
struct smpair_error_info {
	const char *name;
	const char *text;
	const char *next;
	int exit;
};

const struct smpair_error_info *smpair_cause_info(unsigned int cause);
const struct smpair_error_info *smpair_errno_info(int err);
const struct smpair_error_info *smpair_exchange_info(int err);
const struct smpair_error_info *smpair_hostkey_info(int err);
const struct smpair_error_info *smpair_key_info(int err);
const struct smpair_error_info *smpair_node_info(int err);

#ifdef __cplusplus
}
#endif

#endif /* SMPAIR_ERROR_H */
