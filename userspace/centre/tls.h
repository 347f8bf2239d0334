/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all listeners with TLS have in common.
 */
#ifndef CENTRE_TLS_H
#define CENTRE_TLS_H

#include <microhttpd.h>

#include "centre/service.h"

/**
 * struct tls_files - What TLS needs, as PEM texts.
 * @cert: The centre's certificate, with what leads up to its authority.
 * @key: Its private key.
 * @ca: The authority of clients.
 */
struct tls_files {
	char *cert;
	char *key;
	char *ca;
};

/**
 * struct tls_site - What is served by one listener.
 * @name: For messages.
 * @threads: MHD_USE_* flags: who answers.
 * @connections: At most.
 * @connections_per_address: At most.
 * @service: Whose limits on connecting count.
 * @request: Answers.
 * @completed: Frees what @request keeps of a request.
 * @cls: For both; outlives the daemon.
 * @more: Further options, up to %MHD_OPTION_END.
 */
struct tls_site {
	const char *name;
	unsigned int threads;
	unsigned int connections;
	unsigned int connections_per_address;
	struct service *service;
	MHD_AccessHandlerCallback request;
	MHD_RequestCompletedCallback completed;
	void *cls;
	const struct MHD_OptionItem *more;
};

struct MHD_Daemon *tls_start(const struct tls_site *site, const struct tls_files *files,
			     int listener, struct domain_error *error);

#endif /* CENTRE_TLS_H */
