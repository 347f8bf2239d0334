// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>

#include "args.h"
#include "out.h"
#include "pinfd.h"

const struct smpair_error_info pinfd_unreadable = {
	"pin-fd", "the PIN cannot be read from the descriptor",
	"open the descriptor for reading before the program starts", SMPAIR_EXIT_USAGE
};

/*
 * pinfd_get() - Descriptor that the PIN is read from, -1 to ask at the terminal.
 *
 * Returns 0 or the exit code, with the error told.
 */
int pinfd_get(const struct ctl *ctl, int *fd)
{
	const char *text = ctl_value(ctl, "pin-fd");
	uint32_t number;

	*fd = -1;
	if (!text)
		return 0;
	if (args_number(text, 0, INT32_MAX, &number))
		return out_usage(ctl, "--pin-fd must be the number of a file descriptor");
	if (fcntl((int)number, F_GETFD) < 0)
		return out_error(ctl, &pinfd_unreadable, NULL, NULL);
	*fd = (int)number;
	return 0;
}
