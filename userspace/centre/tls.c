// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "centre/handshake.h"
#include "centre/link.h"
#include "centre/tls.h"

/* TLS 1.3 and nothing older. Among ciphers and curves the other end's order counts: one
 * that has no AES in hardware asks for ChaCha20 first, and each sends the share of the
 * curve that it likes best. Nobody gets a ticket: there is no resumption.
 */
#define PRIORITIES	"NORMAL:-VERS-ALL:+VERS-TLS1.3"

/* Bounds against those who would hold connections or memory. */
#define HEADER_BYTES	16384
#define IDLE_SECONDS	30

/**
 * tls_start() - Serve something by HTTPS.
 * @site: What.
 * @files: Certificate and key; read until the daemon ends.
 * @listener: Listening socket, which the daemon owns from then on.
 * @error: Receives the reason of a failure.
 *
 * Return: The daemon, for MHD_stop_daemon(), or NULL.
 */
struct MHD_Daemon *tls_start(const struct tls_site *site, const struct tls_files *files,
			     int listener, struct domain_error *error)
{
	struct MHD_Daemon *daemon;

	daemon = MHD_start_daemon(MHD_USE_TLS | MHD_USE_ERROR_LOG | MHD_USE_ITC | site->threads, 0,
				  handshake_allowed, site->service, site->request, site->cls,
				  MHD_OPTION_LISTEN_SOCKET, listener,
				  MHD_OPTION_HTTPS_MEM_CERT, files->cert,
				  MHD_OPTION_HTTPS_MEM_KEY, files->key,
				  MHD_OPTION_HTTPS_PRIORITIES, PRIORITIES,
				  MHD_OPTION_STRICT_FOR_CLIENT, 1,
				  MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADER_BYTES,
				  MHD_OPTION_CONNECTION_LIMIT, site->connections,
				  MHD_OPTION_PER_IP_CONNECTION_LIMIT, site->connections_per_address,
				  MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)IDLE_SECONDS,
				  MHD_OPTION_NOTIFY_COMPLETED, site->completed, site->cls,
				  MHD_OPTION_NOTIFY_CONNECTION, link_changed, site->service,
				  MHD_OPTION_ARRAY, site->more, MHD_OPTION_END);
	if (!daemon)
		domain_fail(error, -EINVAL,
			    "%s cannot be served; see whether certificate and key belong together",
			    site->name);
	return daemon;
}
