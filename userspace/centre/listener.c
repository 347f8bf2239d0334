// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "centre/listener.h"

#define BACKLOG	128

/* "127.0.0.1:8443" or "[::1]:8443"; the host part is left in @host. */
static const char *split(const char *address, char host[64])
{
	const char *colon = strrchr(address, ':');
	size_t len = colon ? (size_t)(colon - address) : 0;

	if (!colon || !colon[1] || !len || len >= 64)
		return NULL;
	if (address[0] == '[' && address[len - 1] == ']') {
		address++;
		len -= 2;
	}
	memcpy(host, address, len);
	host[len] = '\0';
	return colon + 1;
}

static bool is_loopback(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)sa)->sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)sa)->sin6_addr);
}

/**
 * listener_open() - Listen.
 * @address: ADDRESS:PORT, an IPv6 address in brackets; no names are looked up.
 * @loopback_only: Other addresses than this machine's own are refused.
 * @error: Receives the reason of a failure.
 *
 * Return: The socket, or a negative errno.
 */
int listener_open(const char *address, bool loopback_only, struct domain_error *error)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *info = NULL;
	char host[64];
	const char *port = split(address, host);
	int fd, err = 0, one = 1;

	if (!port || getaddrinfo(host, port, &hints, &info))
		return domain_fail(error, -EDOM,
				   "%.80s is no address to listen on; write ADDRESS:PORT, such as 192.0.2.1:8443 or [::1]:8443",
				   address);
	if (loopback_only && !is_loopback(info->ai_addr)) {
		freeaddrinfo(info);
		return domain_fail(error, -EDOM,
				   "%.80s can be reached from elsewhere, and has no TLS; use an address of this machine alone, such as 127.0.0.1:9443",
				   address);
	}
	fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) ||
	    bind(fd, info->ai_addr, info->ai_addrlen) || listen(fd, BACKLOG))
		err = domain_fail(error, -errno, "%s: %s", address, strerror(errno));
	freeaddrinfo(info);
	if (err && fd >= 0)
		close(fd);
	return err ? err : fd;
}
