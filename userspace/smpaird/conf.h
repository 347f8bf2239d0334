/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration file, smpaird.conf(5).
 */
#ifndef SMPAIRD_CONF_H
#define SMPAIRD_CONF_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/un.h>

#include "domain/error.h"

#define CONF_ISSUERS_MAX	64
#define CONF_URL_SIZE		256
/* Centres that share a database. */
#define CONF_CENTRES_MAX	8
#define CONF_STATE_SIZE		1000

enum conf_policy {
	CONF_DENY,	/* decline */
	CONF_ASK,	/* ask people */
	CONF_AUTO,	/* ask the centre */
};

enum conf_evict {
	CONF_EVICT_NO,
	CONF_EVICT_ASK,
	CONF_EVICT_YES,
};

/**
 * struct conf_issuer - what is done with the modules of one issuer
 * @issuer: First two bytes of the MID.
 * @any: For the issuers without a section of their own instead.
 * @policy: Who is asked.
 * @evict: Whether the pairing of another host may be replaced.
 * @fallback: Ask people where the centre cannot be reached.
 */
struct conf_issuer {
	uint16_t issuer;
	bool any;
	enum conf_policy policy;
	enum conf_evict evict;
	bool fallback;
};

/**
 * struct conf - the configuration
 * @priority: Of this agent; requests go to the highest one.
 * @pair: Start a pairing when a module appears that is not paired.
 * @ask_password: Ask through the system's password agents.
 * @state: Folder for what was not delivered yet.
 * @socket: Where smpairctl and other front ends connect.
 * @group: Group that may use @socket; empty for root and the daemon's user.
 * @console: Terminal to ask on; empty for none.
 * @url: Addresses of the centre, as they were given, with spaces between; empty for
 *	none.
 * @centre: The same, one by one.
 * @centre_count: How many.
 * @ca: The centre's certificate authority.
 * @cert: Certificate of this host.
 * @key: Private key of this host.
 * @timeout: Seconds that one transfer may take.
 * @poll: Seconds after which the centre is asked again for what it wants of a module
 *	that stays; 0 for never.
 * @issuer: Sections of issuers.
 * @issuer_count: How many.
 */
struct conf {
	uint32_t priority;
	bool pair;
	bool ask_password;
	char state[CONF_STATE_SIZE];
	char socket[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char group[64];
	char console[PATH_MAX];
	char url[CONF_CENTRES_MAX * CONF_URL_SIZE];
	char centre[CONF_CENTRES_MAX][CONF_URL_SIZE];
	unsigned int centre_count;
	char ca[PATH_MAX];
	char cert[PATH_MAX];
	char key[PATH_MAX];
	unsigned int timeout;
	unsigned int poll;
	struct conf_issuer issuer[CONF_ISSUERS_MAX];
	unsigned int issuer_count;
};

int conf_read(struct conf *conf, const char *path, struct domain_error *error);
const struct conf_issuer *conf_find(const struct conf *conf, const uint8_t module_id[8]);

#endif /* SMPAIRD_CONF_H */
