/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside of a client: two sockets, so that events cannot push aside the answer
 * to a command.
 */
#ifndef LIBSMPAIR_CLIENT_H
#define LIBSMPAIR_CLIENT_H

#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "parse.h"

/* The driver's own limits, per module: 16 operations that wait and one that runs */
#define OUTCOMES_MAX	17

struct smpair_family {
	uint16_t id;
	int monitor;		/* multicast groups */
	int agents;
};

struct smpair_events;

struct smpair_client {
	struct nl_sock *sock;
	struct smpair_family family;
	unsigned int timeout_ms;
	uint32_t seq;
	char extack[SMPAIR_EXTACK_SIZE];

	/* What arrived for an operation that nobody waited for yet. */
	struct smpair_outcome outcomes[OUTCOMES_MAX];
	unsigned int outcome_count;
	bool request_ready;

	struct smpair_events *events;
};

/* One generic netlink reply; 0 or a negative errno that ends the exchange. */
typedef int (*smpair_reply_fn)(uint8_t cmd, const struct smpair_attrs *attrs, void *arg);
typedef int (*smpair_message_fn)(const struct nlmsghdr *nlh, void *arg);

int smpair_nl_errno(int nlerr);
int smpair_sock_open(struct nl_sock **sock);
int smpair_sock_receive(struct nl_sock *sock, int64_t deadline, smpair_message_fn fn, void *arg);
int smpair_family_resolve(struct smpair_family *family);

struct nl_msg *smpair_request_new(struct smpair_client *client, uint8_t cmd);
int smpair_transact(struct smpair_client *client, struct nl_msg *msg, int flags,
		    smpair_reply_fn fn, void *arg);
int smpair_client_receive(struct smpair_client *client, int64_t deadline);

void smpair_events_free(struct smpair_events *events);

#endif /* LIBSMPAIR_CLIENT_H */
