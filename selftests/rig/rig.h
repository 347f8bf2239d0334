/* SPDX-License-Identifier: GPL-2.0 */
/* A host, a module and the wire between them: what most tests start from. */
#ifndef RIG_RIG_H
#define RIG_RIG_H

#include <sys/types.h>

#include "domain.h"
#include "module.h"
#include "smpair/smpair.h"

#define RIG_NO_DEV	0xffffffffU
#define RIG_PATIENCE_MS	60000	/* for a slow emulated machine; never asserted on */

/**
 * struct rig - one host, one module
 * @client: netlink client, with events of group monitor
 * @mod: module
 * @host: credentials in use
 * @dev: link number while inserted, else RIG_NO_DEV
 */
struct rig {
	struct smpair_client *client;
	struct rig_module mod;
	struct rig_host host;
	uint32_t dev;
};

/* NULL, or why this machine cannot run the tests */
const char *rig_missing(void);

int rig_init(struct rig *rig, const struct sm_perso *perso);	/* module made, not inserted */
void rig_exit(struct rig *rig);		/* may be called twice */
/* Opens the client: part of rig_init(), and anew after the driver was loaded again. */
int rig_connect(struct rig *rig);

int rig_insert(struct rig *rig);	/* and learns rig->dev; 0 or -errno */
void rig_remove(struct rig *rig);	/* waits until the link is gone */
/* Load, replace or clear credentials, and wait until an inserted module was told. */
int rig_use_host(struct rig *rig, unsigned int number);
int rig_load_host(struct rig *rig);	/* rig->host as the test made it */
int rig_clear_host(struct rig *rig);

/* Forgets the events of links that came in unread. */
void rig_drain_events(struct rig *rig);

/* Waits for a state; returns the state seen last. */
int rig_wait_state(struct rig *rig, enum smpair_state state);
/* The state once it is none of probing and opening */
int rig_settle(struct rig *rig);
int rig_cause(struct rig *rig);

/**
 * struct rig_pairing - how to answer the request of a pairing
 * @flags: SMPAIR_PAIR_*, besides OWN_AGENT
 * @pin: eight digits to type, or NULL for the right ones
 * @consent: to an eviction
 * @answer: what the agent says
 * @seen: what the agent was asked; valid when @asked
 * @asked: a request came
 * @before_answer: called between ACCEPT and DONE; may be NULL
 */
struct rig_pairing {
	unsigned int flags;
	const char *pin;
	bool consent;
	enum smpair_answer answer;
	struct smpair_request seen;
	bool asked;
	void (*before_answer)(struct rig *rig);
};

/* Pairs as its own agent; 0 and *out, or -errno of the request itself. */
int rig_pair_with(struct rig *rig, struct rig_pairing *how, struct smpair_outcome *out);
int rig_pair(struct rig *rig, struct smpair_outcome *out);	/* right PIN, consent given */
/* Inserts if need be, pairs @host with the right PIN; true when paired. */
bool rig_make_pairing(struct rig *rig, unsigned int host);

typedef int (*rig_op)(struct smpair_client *client, uint32_t dev, uint64_t *op);
int rig_do(struct rig *rig, rig_op op, struct smpair_outcome *out);
int rig_manage_op(struct rig *rig, uint8_t op, uint32_t seq, const void *body, uint16_t len,
		  struct smpair_outcome *out);

/* One message over /dev/smpairN: bytes of the answer or -errno */
ssize_t rig_exchange(struct rig *rig, const void *msg, size_t len, void *answer, size_t size);
/* True when an echo comes back right */
bool rig_echo(struct rig *rig, size_t len);
int rig_open_node(uint32_t dev, int flags);

unsigned int rig_count_devs(struct smpair_client *client);

#endif /* RIG_RIG_H */
