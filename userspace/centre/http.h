/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HTTPS for the interface.
 */
#ifndef CENTRE_HTTP_H
#define CENTRE_HTTP_H

#include <microhttpd.h>

#include "centre/service.h"

/**
 * struct http_files - What TLS needs, as PEM texts.
 * @cert: The centre's certificate, with what leads up to its authority.
 * @key: Its private key.
 * @ca: The authority of clients.
 */
struct http_files {
	char *cert;
	char *key;
	char *ca;
};

/* TLS 1.3 and nothing older. */
#define HTTP_PRIORITIES	"NORMAL:-VERS-ALL:+VERS-TLS1.3"

struct MHD_Daemon *http_start(struct service *service, const struct http_files *files,
			      int listener, struct domain_error *error);

#endif /* CENTRE_HTTP_H */
