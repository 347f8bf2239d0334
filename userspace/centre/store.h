/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The centre's database. Every function reports into the error it is given and
 * returns a negative errno then.
 */
#ifndef CENTRE_STORE_H
#define CENTRE_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <linux/smpair_proto.h>

#include "domain/error.h"

/* Bytes of a value derived from MPIN by which a wrong master is noticed. */
#define STORE_CHECK_LEN	8

struct store;

/**
 * struct store_domain - The domain that a database serves.
 * @dom: Its number.
 * @path: Name of its file; freed by store_domain_free().
 * @mpin_check: Check value of its MPIN.
 */
struct store_domain {
	uint32_t dom;
	char *path;
	uint8_t mpin_check[STORE_CHECK_LEN];
};

/**
 * struct store_module - A registered module.
 * @mid: Its identifier.
 * @pin_policy: PDT1_PIN_*.
 * @ptc_max: PIN tries that it starts with.
 * @n0: Pairing index when it was registered.
 * @ft0: Fork tag when it was registered.
 * @n: Last known pairing index.
 * @ft: Fork tag at @n.
 * @seq: Sequence number of the last command made for it.
 * @denied: No PIN is issued.
 * @hold: Cause of a hold; empty where there is none.
 */
struct store_module {
	uint8_t mid[PDT1_ID_LEN];
	uint8_t pin_policy;
	uint8_t ptc_max;
	uint32_t n0;
	uint8_t ft0[PDT1_FT_LEN];
	uint32_t n;
	uint8_t ft[PDT1_FT_LEN];
	uint32_t seq;
	bool denied;
	char hold[32];
};

/**
 * struct store_host - A registered host.
 * @sn: Its identifier.
 * @rights: PDT1_RIGHT_*.
 * @cyid: Number of its cryptograms in logs.
 * @denied: No PIN is issued.
 */
struct store_host {
	uint8_t sn[PDT1_ID_LEN];
	uint16_t rights;
	uint32_t cyid;
	bool denied;
};

/**
 * struct store_decision - A line of the log.
 * @at: When.
 * @uid: Who, as the operating system sees it.
 * @verb: What was asked.
 * @mid: Module, or NULL.
 * @sn: Host, or NULL.
 * @has_n: Whether @n counts.
 * @n: Pairing index.
 * @has_known_n: Whether @known_n counts; never without @has_n.
 * @known_n: The index that the centre knew then.
 * @result: "done", "issued" or "refused".
 * @cause: Why.
 * @detail: More, or NULL.
 * @client: Who asked over the network, or NULL.
 */
struct store_decision {
	int64_t at;
	uint32_t uid;
	const char *verb;
	const uint8_t *mid;
	const uint8_t *sn;
	bool has_n;
	uint32_t n;
	bool has_known_n;
	uint32_t known_n;
	const char *result;
	const char *cause;
	const char *detail;
	const char *client;
};

int store_create(const char *path, const struct store_domain *domain,
		 struct domain_error *error);
int store_open(struct store **store, const char *path,
	       struct domain_error *error);
void store_close(struct store *store);

int store_begin(struct store *store, struct domain_error *error);
int store_commit(struct store *store, struct domain_error *error);
void store_rollback(struct store *store);

int store_get_domain(struct store *store, struct store_domain *domain,
		     struct domain_error *error);
void store_domain_free(struct store_domain *domain);

int store_get_module(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		     struct store_module *module, struct domain_error *error);
int store_add_module(struct store *store, const struct store_module *module,
		     struct domain_error *error);
int store_set_state(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		    uint32_t n, const uint8_t ft[PDT1_FT_LEN],
		    struct domain_error *error);
int store_set_hold(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		   const char *cause, struct domain_error *error);
int store_each_module(struct store *store,
		      int (*visit)(const struct store_module *module, void *arg),
		      void *arg, struct domain_error *error);

int store_get_host(struct store *store, const uint8_t sn[PDT1_ID_LEN],
		   struct store_host *host, struct domain_error *error);
int store_add_host(struct store *store, const struct store_host *host,
		   struct domain_error *error);
int store_each_host(struct store *store,
		    int (*visit)(const struct store_host *host, void *arg),
		    void *arg, struct domain_error *error);

int store_set_denied(struct store *store, const uint8_t *mid, const uint8_t *sn,
		     bool denied, struct domain_error *error);
int store_get_pair_denied(struct store *store, const uint8_t mid[PDT1_ID_LEN],
			  const uint8_t sn[PDT1_ID_LEN], bool *denied,
			  struct domain_error *error);

int store_add_issue(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		    uint32_t n, const uint8_t sn[PDT1_ID_LEN],
		    struct domain_error *error);
int store_each_issue(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		     uint32_t n,
		     int (*visit)(const uint8_t sn[PDT1_ID_LEN], void *arg),
		     void *arg, struct domain_error *error);
int store_count_issued(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		       int64_t since, unsigned int *count,
		       struct domain_error *error);

int store_add_former(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		     uint32_t n, const uint8_t ft[PDT1_FT_LEN],
		     struct domain_error *error);
int store_each_former(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		      uint32_t n,
		      int (*visit)(const uint8_t ft[PDT1_FT_LEN], void *arg),
		      void *arg, struct domain_error *error);

int store_get_wrong(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		    const uint8_t sn[PDT1_ID_LEN], unsigned int *wrong,
		    struct domain_error *error);
int store_set_wrong(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		    const uint8_t sn[PDT1_ID_LEN], unsigned int wrong,
		    struct domain_error *error);

int store_add_command(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		      uint32_t seq, uint8_t op, struct domain_error *error);
int store_get_command(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		      uint32_t seq, uint8_t *op, int *sw,
		      struct domain_error *error);
int store_set_command_result(struct store *store, const uint8_t mid[PDT1_ID_LEN],
			     uint32_t seq, uint16_t sw,
			     struct domain_error *error);

int store_add_decision(struct store *store, const struct store_decision *decision,
		       struct domain_error *error);
int store_each_decision(struct store *store, const uint8_t *mid,
			const uint8_t *sn,
			int (*visit)(const struct store_decision *decision,
				     void *arg),
			void *arg, struct domain_error *error);

#endif /* CENTRE_STORE_H */
