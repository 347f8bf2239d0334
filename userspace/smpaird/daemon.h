/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's parts and what they share. One thread.
 */
#ifndef SMPAIRD_DAEMON_H
#define SMPAIRD_DAEMON_H

#include <smpair/smpair.h>

#include "smpaird/conf.h"
#include "smpaird/loop.h"
#include "smpaird/socket.h"
#include "smpaird/spool.h"

struct console;
struct link;
struct request;

/**
 * struct daemon - the daemon
 * @conf: Configuration in force.
 * @loop: Where it waits.
 * @spool: What the centre has to be told.
 * @socket: Front ends.
 * @console: Terminal to ask on, or NULL.
 * @client: Connection to the driver, or NULL while it is not loaded.
 * @watch: Waits for the driver while @client is NULL.
 * @redial: Tries again where neither works.
 * @links: Modules that are there.
 * @requests: Requests in hand, oldest first.
 * @displaced: Another agent of a higher priority gets the requests.
 */
struct daemon {
	struct conf conf;
	struct loop loop;
	struct spool spool;
	struct socket_server socket;
	struct console *console;
	struct smpair_client *client;
	struct smpair_watch *watch;
	struct loop_timer redial;
	struct link *links;
	struct request *requests;
	bool displaced;
};

/* driver.c */
void driver_start(struct daemon *daemon);
void driver_stop(struct daemon *daemon);

#endif /* SMPAIRD_DAEMON_H */
