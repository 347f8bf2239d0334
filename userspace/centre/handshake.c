// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether an address may connect once more, before anything is computed for it.
 */
#include <netinet/in.h>

#include "centre/handshake.h"
#include "centre/service.h"

/* What somebody gets as a whole is one name: a network, under IPv6. */
#define NETWORK_BYTES	8

/**
 * handshake_allowed() - MHD_AcceptPolicyCallback of all listeners with TLS.
 * @service: The struct service.
 * @address: Who connects.
 * @len: Bytes at @address.
 *
 * Return: %MHD_NO to close the connection at once: there is nobody to tell how
 * long to wait yet.
 */
enum MHD_Result handshake_allowed(void *service, const struct sockaddr *address,
				  socklen_t len)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
	struct service *s = service;
	const void *id;
	size_t id_len;

	if (address->sa_family == AF_INET && len >= sizeof(*in)) {
		id = &in->sin_addr;
		id_len = sizeof(in->sin_addr);
	} else if (address->sa_family == AF_INET6 && len >= sizeof(*in6)) {
		id = &in6->sin6_addr;
		id_len = NETWORK_BYTES;
		if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
			id = &in6->sin6_addr.s6_addr[12];
			id_len = sizeof(in->sin_addr);
		}
	} else {
		return MHD_NO;
	}
	if (!limiter_take(s->limiter, LIMIT_ADDRESS, id, id_len))
		return MHD_YES;
	atomic_fetch_add(&s->counts.handshakes_limited, 1);
	return MHD_NO;
}
