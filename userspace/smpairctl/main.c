// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * smpairctl: pairs removable security modules with this host.
 */
#include <stdio.h>
#include <sys/prctl.h>

#include "args.h"
#include "completion.h"
#include "out.h"

int main(int argc, char *argv[])
{
	char error[ARGS_ERROR_SIZE];
	struct ctl ctl = { 0 };
	int ret;

	/* No core dump and no debugger of the same user gets at a PIN. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);

	switch (args_parse(&ctl, argc, argv, error)) {
	case ARGS_HELP:
		args_help(ctl.verb, stdout);
		return SMPAIR_EXIT_DONE;
	case ARGS_VERSION:
		puts("smpairctl " SMPAIR_VERSION);
		return SMPAIR_EXIT_DONE;
	case ARGS_COMPLETION:
		completion_write(stdout);
		return SMPAIR_EXIT_DONE;
	case ARGS_ERROR:
		return out_usage(&ctl, error);
	case ARGS_RUN:
		break;
	}

	if (ctl.timeout_s)
		ctl.deadline = ctl_now() + (int64_t)ctl.timeout_s * 1000;
	ret = ctl.verb->run(&ctl);
	smpair_client_close(ctl.client);
	if (fflush(stdout) || ferror(stdout)) {
		fputs("smpairctl: standard output cannot be written\n", stderr);
		if (!ret)
			ret = SMPAIR_EXIT_OTHER;
	}
	return ret;
}
