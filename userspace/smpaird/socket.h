/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Front ends: a Unix socket of packets, each one JSON object. A PIN comes in a
 * descriptor beside the packet, never in it. smpaird(8) describes the packets.
 */
#ifndef SMPAIRD_SOCKET_H
#define SMPAIRD_SOCKET_H

#include <stdbool.h>

struct daemon;
struct domain_error;

#define SOCKET_CLIENTS_MAX	16
#define SOCKET_PACKET_MAX	65536

/**
 * struct socket_client - a front end
 * @server: The socket.
 * @fd: Its connection, -1 where the entry is free.
 * @watches: It is told of every change.
 */
struct socket_client {
	struct socket_server *server;
	int fd;
	bool watches;
};

/**
 * struct socket_server - the socket
 * @daemon: The daemon.
 * @fd: Where front ends connect, -1 before socket_open().
 * @clients: Who is connected.
 */
struct socket_server {
	struct daemon *daemon;
	int fd;
	struct socket_client clients[SOCKET_CLIENTS_MAX];
};

int socket_open(struct socket_server *server, struct daemon *daemon, struct domain_error *error);
void socket_close(struct socket_server *server);
void socket_changed(struct socket_server *server);

#endif /* SMPAIRD_SOCKET_H */
