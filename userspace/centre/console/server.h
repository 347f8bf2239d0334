/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HTTPS for the operator console.
 */
#ifndef CENTRE_CONSOLE_SERVER_H
#define CENTRE_CONSOLE_SERVER_H

#include "centre/console/console.h"
#include "centre/tls.h"

struct MHD_Daemon *console_start(struct console *console, const struct tls_files *files,
				 int listener, struct domain_error *error);

#endif /* CENTRE_CONSOLE_SERVER_H */
