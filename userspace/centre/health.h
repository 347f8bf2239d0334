/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For those who watch over the service, without TLS and apart from it.
 */
#ifndef CENTRE_HEALTH_H
#define CENTRE_HEALTH_H

#include <microhttpd.h>

#include "centre/service.h"

struct MHD_Daemon *health_start(struct service *service, int listener,
				struct domain_error *error);

#endif /* CENTRE_HEALTH_H */
