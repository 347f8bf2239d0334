/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HTTPS for the interface.
 */
#ifndef CENTRE_HTTP_H
#define CENTRE_HTTP_H

#include "centre/tls.h"

struct MHD_Daemon *http_start(struct service *service, const struct tls_files *files,
			      int listener, struct domain_error *error);

#endif /* CENTRE_HTTP_H */
