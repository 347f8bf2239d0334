/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the centre keeps, by name. A struct store is one connection: it belongs
 * to one thread at a time. The service has one that writes, behind writer.h, and
 * one for each thread that only reads.
 *
 * Functions report into the error that they are given and return a negative
 * errno then, those of db.h. "Looks up" returns 1, or 0 where there is nothing.
 * Whatever changes something needs a transaction of store_begin().
 *
 * Identifiers are 8 bytes, fork tags 8, times seconds since 1970 in UTC. Texts
 * are UTF-8. Nothing here is secret: no key and no PIN is ever kept, only values
 * from which nobody gets back to one.
 */
#ifndef CENTRE_STORE_H
#define CENTRE_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <linux/smpair_proto.h>

#include "centre/buckets.h"
#include "centre/master.h"
#include "centre/rules.h"
#include "centre/uri.h"
#include "domain/error.h"
#include "domain/manage.h"

#define STORE_ACTOR_MAX		96	/* bytes of a name with its NUL */
#define STORE_CAUSE_MAX		32
#define STORE_REQUEST_ID_LEN	16
#define STORE_DIGEST_LEN	32
#define STORE_FINGERPRINT_LEN	32
#define STORE_NAME_SIZE	65

struct db;
struct store;

enum store_mode {
	STORE_WRITE,
	STORE_READ,	/* sees one state from store_begin_read() on */
};

/**
 * struct store_domain - The domain that a database serves.
 * @dom: Its number.
 * @path: Name of its file; freed by store_domain_free().
 * @mac: Where its masters are, for provider_open(); freed likewise.
 */
struct store_domain {
	uint32_t dom;
	char *path;
	char *mac;
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
 * @mseq: Highest sequence number that it is known to have used.
 * @mpin: Generation of MPIN that its KPIN follows from.
 * @mmgt: Generation of MMGT that its KMG follows from.
 * @version: Version of its settings as it last told; 0 for unknown.
 * @tries: PIN tries left as it last told; -1 for unknown.
 * @frozen: It is frozen, as far as is known.
 * @awaiting: No PIN before the next report.
 * @seen: When it last told something; 0 for never.
 * @denied: It is denied.
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
	uint32_t mseq;
	uint16_t mpin;
	uint16_t mmgt;
	uint16_t version;
	int tries;
	bool frozen;
	bool awaiting;
	int64_t seen;
	bool denied;
	char hold[STORE_CAUSE_MAX];
};

/**
 * struct store_host - A registered host.
 * @sn: Its identifier.
 * @rights: PDT1_RIGHT_*.
 * @cyid: Number of its cryptograms in logs.
 * @denied: It is denied.
 */
struct store_host {
	uint8_t sn[PDT1_ID_LEN];
	uint16_t rights;
	uint32_t cyid;
	bool denied;
};

/**
 * struct store_page - One page of a listing.
 * @after: Only what comes after this, 8 bytes; NULL for the first page.
 * @tail: Only identifiers whose serial ends in these decimal digits; NULL for
 *	all.
 * @limit: Rows at most; 0 for all.
 */
struct store_page {
	const uint8_t *after;
	const char *tail;
	unsigned int limit;
};

int store_create(const char *url, const struct store_domain *domain,
		 struct domain_error *error);
void store_discard(const char *url);
int store_open(struct store **store, const char *url, enum store_mode mode,
	       struct domain_error *error);
int store_ping(struct store *store, struct domain_error *error);
int store_check(struct store *store, struct domain_error *error);
int store_backup(struct store *store, const char *path,
		 struct domain_error *error);
int store_restore(const char *backup, const char *path,
		  struct domain_error *error);
void store_close(struct store *store);
struct db *store_db(struct store *store);

int store_begin(struct store *store, struct domain_error *error);
int store_begin_read(struct store *store, struct domain_error *error);
int store_commit(struct store *store, struct domain_error *error);
void store_rollback(struct store *store);
int store_save(struct store *store, struct domain_error *error);
int store_release(struct store *store, struct domain_error *error);
void store_back(struct store *store);
bool store_ahead(struct store *store);
void store_ahead_end(struct store *store);

/* The domain, and values by which wrong masters are noticed. */
int store_get_domain(struct store *store, struct store_domain *domain,
		     struct domain_error *error);
void store_domain_free(struct store_domain *domain);
int store_get_master(struct store *store, enum master kind, uint16_t generation,
		     uint8_t check[MASTER_CHECK_LEN], struct domain_error *error);
int store_add_master(struct store *store, enum master kind, uint16_t generation,
		     const uint8_t check[MASTER_CHECK_LEN],
		     struct domain_error *error);

/* Modules and hosts. */
int store_get_module(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		     struct store_module *module, struct domain_error *error);
int store_add_module(struct store *store, const struct store_module *module,
		     struct domain_error *error);
int store_set_module(struct store *store, const struct store_module *module,
		     struct domain_error *error);
int store_await_all(struct store *store, struct domain_error *error);
int store_each_module(struct store *store, const struct store_page *page,
		      int (*visit)(const struct store_module *module, void *arg),
		      void *arg, struct domain_error *error);

int store_get_host(struct store *store, const uint8_t sn[PDT1_ID_LEN],
		   struct store_host *host, struct domain_error *error);
int store_add_host(struct store *store, const struct store_host *host,
		   struct domain_error *error);
int store_each_host(struct store *store, const struct store_page *page,
		    int (*visit)(const struct store_host *host, void *arg),
		    void *arg, struct domain_error *error);

/* Who may pair: denials, terms, subscriptions. */

/**
 * struct store_deny - A denial.
 * @mid: Module, or NULL for any.
 * @sn: Host, or NULL for any; not both are NULL.
 * @reason: Why; may be empty.
 * @actor: Who denied.
 * @at: When.
 */
struct store_deny {
	const uint8_t *mid;
	const uint8_t *sn;
	const char *reason;
	const char *actor;
	int64_t at;
};

int store_add_deny(struct store *store, const struct store_deny *deny,
		   struct domain_error *error);
int store_remove_deny(struct store *store, const uint8_t *mid, const uint8_t *sn,
		      struct domain_error *error);
int store_is_denied(struct store *store, const uint8_t *mid, const uint8_t *sn,
		    bool *denied, struct domain_error *error);
int store_each_deny(struct store *store, const uint8_t *after_mid,
		    const uint8_t *after_sn, unsigned int limit,
		    int (*visit)(const struct store_deny *deny, void *arg),
		    void *arg, struct domain_error *error);

/* Issuers in terms; -1 is any. */
int store_find_terms(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		     const uint8_t sn[PDT1_ID_LEN], struct rule_terms *terms,
		     struct domain_error *error);
int store_set_terms(struct store *store, int module_issuer, int host_issuer,
		    const struct rule_terms *terms, struct domain_error *error);
int store_remove_terms(struct store *store, int module_issuer, int host_issuer,
		       struct domain_error *error);
int store_each_terms(struct store *store,
		     int (*visit)(int module_issuer, int host_issuer,
				  const struct rule_terms *terms, void *arg),
		     void *arg, struct domain_error *error);

int store_get_subscription(struct store *store, const uint8_t mid[PDT1_ID_LEN],
			   int64_t *starts, int64_t *ends,
			   struct domain_error *error);
int store_set_subscription(struct store *store, const uint8_t mid[PDT1_ID_LEN],
			   int64_t starts, int64_t ends,
			   struct domain_error *error);
int store_end_subscription(struct store *store, const uint8_t mid[PDT1_ID_LEN],
			   struct domain_error *error);

/* Pairings. */
enum store_pairing_state {
	STORE_PAIRING_ISSUED,		/* a PIN was given */
	STORE_PAIRING_CONFIRMED,	/* an agent says that it happened */
	STORE_PAIRING_PROVED,		/* a later request code or report shows it */
	STORE_PAIRING_SUPERSEDED,	/* did not happen, or is no more */
};

/**
 * struct store_pairing - A pairing for which a PIN was issued.
 * @mid: Module.
 * @sn: Host.
 * @n: Index that the PIN was issued for.
 * @state: What is known of it.
 * @at: When the PIN was first issued.
 */
struct store_pairing {
	uint8_t mid[PDT1_ID_LEN];
	uint8_t sn[PDT1_ID_LEN];
	uint32_t n;
	enum store_pairing_state state;
	int64_t at;
};

int store_add_pairing(struct store *store, const struct store_pairing *pairing,
		      struct domain_error *error);
int store_get_pairing(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		      uint32_t n, const uint8_t sn[PDT1_ID_LEN],
		      struct store_pairing *pairing, struct domain_error *error);
int store_set_pairing(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		      uint32_t n, const uint8_t sn[PDT1_ID_LEN],
		      enum store_pairing_state state, struct domain_error *error);
int store_prove_pairing(struct store *store, const uint8_t mid[PDT1_ID_LEN],
			uint32_t n, const uint8_t sn[PDT1_ID_LEN],
			struct domain_error *error);
int store_end_pairings(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		       const uint8_t sn[PDT1_ID_LEN], struct domain_error *error);
int store_each_pairing(struct store *store, const uint8_t *mid, const uint8_t *sn,
		       unsigned int limit,
		       int (*visit)(const struct store_pairing *pairing,
				    void *arg),
		       void *arg, struct domain_error *error);
int store_each_issue(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		     uint32_t n,
		     int (*visit)(const uint8_t sn[PDT1_ID_LEN], void *arg),
		     void *arg, struct domain_error *error);
int store_count_issued(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		       int64_t since, unsigned int *count,
		       struct domain_error *error);
int store_count_hosts(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		      const uint8_t sn[PDT1_ID_LEN], unsigned int *count,
		      bool *known, struct domain_error *error);
int store_count_modules(struct store *store, const uint8_t sn[PDT1_ID_LEN],
			const uint8_t mid[PDT1_ID_LEN], unsigned int *count,
			struct domain_error *error);
int store_count_changes(struct store *store, const uint8_t mid[PDT1_ID_LEN],
			const uint8_t sn[PDT1_ID_LEN], int64_t since,
			unsigned int *count, struct domain_error *error);

/* States that a module is in no more; @mpin: generation of MPIN that its PIN key
 * followed from; @copy: only a copy can be in it.
 */
int store_add_former(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		     uint32_t n, const uint8_t ft[PDT1_FT_LEN], uint16_t mpin,
		     bool copy, struct domain_error *error);
int store_each_former(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		      uint32_t n,
		      int (*visit)(const uint8_t ft[PDT1_FT_LEN], uint16_t mpin,
				   bool copy, void *arg),
		      void *arg, struct domain_error *error);

/* Wrong request codes of a requester since the last right one. */
int store_get_wrong(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		    const uint8_t sn[PDT1_ID_LEN], unsigned int *wrong,
		    struct domain_error *error);
int store_set_wrong(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		    const uint8_t sn[PDT1_ID_LEN], unsigned int wrong,
		    struct domain_error *error);

/* Requests that wait for a person. */
enum store_request_state {
	STORE_REQUEST_WAITING,
	STORE_REQUEST_RELEASED,		/* the agent may fetch the PIN */
	STORE_REQUEST_ISSUED,
	STORE_REQUEST_REFUSED,
	STORE_REQUEST_GONE,		/* the module moved on */
};

/**
 * struct store_request - A request for a PIN that a person decides on.
 * @id: Random.
 * @mid: Module.
 * @sn: Host.
 * @n: Pairing index that the host showed.
 * @code: Request code.
 * @policy: PIN policy that the host showed, or -1.
 * @actor: Who asked.
 * @at: When.
 * @state: What became of it.
 * @cause: Name of the rule that holds or refused it.
 * @decided_by: Who decided, or empty.
 * @decided_at: When.
 */
struct store_request {
	uint8_t id[STORE_REQUEST_ID_LEN];
	uint8_t mid[PDT1_ID_LEN];
	uint8_t sn[PDT1_ID_LEN];
	uint32_t n;
	uint32_t code;
	int policy;
	char actor[STORE_ACTOR_MAX];
	int64_t at;
	enum store_request_state state;
	char cause[STORE_CAUSE_MAX];
	char decided_by[STORE_ACTOR_MAX];
	int64_t decided_at;
};

int store_add_request(struct store *store, const struct store_request *request,
		      struct domain_error *error);
int store_get_request(struct store *store,
		      const uint8_t id[STORE_REQUEST_ID_LEN],
		      struct store_request *request, struct domain_error *error);
int store_find_request(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		       const uint8_t sn[PDT1_ID_LEN],
		       struct store_request *request, struct domain_error *error);
int store_decide_request(struct store *store,
			 const uint8_t id[STORE_REQUEST_ID_LEN],
			 enum store_request_state state, const char *cause,
			 const char *actor, int64_t at,
			 struct domain_error *error);
int store_expire_requests(struct store *store, int64_t before,
			  struct domain_error *error);
int store_each_request(struct store *store, int64_t after_at,
		       const uint8_t *after_id, unsigned int limit,
		       int (*visit)(const struct store_request *request,
				    void *arg),
		       void *arg, struct domain_error *error);

/* Commands to modules, receipts, reports. */

/**
 * struct store_command - A command to a module.
 * @mid: Module.
 * @seq: Sequence number.
 * @op: PDT1_OP_*.
 * @nexp: Index at which it is valid, or %PDT1_MANAGE_NEXP_ANY.
 * @body: What its receipt is understood with: the body where that is no secret,
 *	else the generation, u16.
 * @body_len: Bytes of @body.
 * @data: As it is carried; empty for commands of the first database format.
 * @data_len: Bytes of @data.
 * @sw: Result, or -1 where no receipt came.
 * @lost: The module used the number, and no receipt came.
 * @actor: Who gave it.
 * @at: When.
 * @offers: How often agents were given it.
 * @handed_to: The agent that was given it last, or empty.
 * @handed_at: When.
 * @given_up: It is given to none any more.
 */
struct store_command {
	uint8_t mid[PDT1_ID_LEN];
	uint32_t seq;
	uint8_t op;
	uint32_t nexp;
	uint8_t body[DOMAIN_MANAGE_BODY_MAX];
	size_t body_len;
	uint8_t data[DOMAIN_MANAGE_MAX];
	size_t data_len;
	int sw;
	bool lost;
	char actor[STORE_ACTOR_MAX];
	int64_t at;
	uint32_t offers;
	char handed_to[STORE_NAME_SIZE];
	int64_t handed_at;
	bool given_up;
};

int store_add_command(struct store *store, const struct store_command *command,
		      struct domain_error *error);
int store_get_command(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		      uint32_t seq, struct store_command *command,
		      struct domain_error *error);
int store_set_receipt(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		      uint32_t seq, uint16_t sw,
		      const uint8_t receipt[DOMAIN_RECEIPT_LEN],
		      struct domain_error *error);
int store_lose_commands(struct store *store, const uint8_t mid[PDT1_ID_LEN],
			uint32_t mseq, struct domain_error *error);
int store_each_unreceipted(struct store *store, const uint8_t mid[PDT1_ID_LEN],
			   int (*visit)(const struct store_command *command,
					void *arg),
			   void *arg, struct domain_error *error);
int store_has_offer(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		    struct domain_error *error);
int store_each_offer(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		     unsigned int limit,
		     int (*visit)(const struct store_command *command, void *arg),
		     void *arg, struct domain_error *error);
int store_set_offer(struct store *store, const struct store_command *command,
		    struct domain_error *error);
int store_max_receipt(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		      int op, uint32_t *seq, struct domain_error *error);
int store_each_open_command(struct store *store, const uint8_t mid[PDT1_ID_LEN],
			    unsigned int limit,
			    int (*visit)(const struct store_command *command,
					 void *arg),
			    void *arg, struct domain_error *error);

int store_each_command(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		       uint32_t before, unsigned int limit,
		       int (*visit)(const struct store_command *command,
				    void *arg),
		       void *arg, struct domain_error *error);

int store_add_nonce(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		    const uint8_t nonce[PDT1_REPORT_NONCE_LEN], int64_t at,
		    struct domain_error *error);
int store_take_nonce(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		     const uint8_t nonce[PDT1_REPORT_NONCE_LEN], int64_t since,
		     struct domain_error *error);
int store_each_nonce(struct store *store, const uint8_t mid[PDT1_ID_LEN],
		     int64_t since,
		     int (*visit)(const uint8_t nonce[PDT1_REPORT_NONCE_LEN],
				  void *arg),
		     void *arg, struct domain_error *error);

/* Who may ask over the network. */

bool store_good_name(const char *name);

/**
 * struct store_client - Who may ask.
 * @id: Its number, never given to anybody else.
 * @name: For people and the trail.
 * @role: "agent", "operator", "supervisor" or "auditor".
 * @uri: The URI in certificates that it is known by, as uri_read() gives it, or
 *	empty.
 * @not_before: Such certificates are refused if they are older, in seconds since
 *	1970.
 * @fingerprint: SHA-256 of the certificate that it is known by, where there is no
 *	@uri.
 */
struct store_client {
	int64_t id;
	char name[STORE_NAME_SIZE];
	char role[16];
	char uri[URI_SIZE];
	int64_t not_before;
	uint8_t fingerprint[STORE_FINGERPRINT_LEN];
};

int store_find_client(struct store *store,
		      const uint8_t fingerprint[STORE_FINGERPRINT_LEN],
		      const char *uri, struct store_client *client,
		      struct domain_error *error);
int store_get_client(struct store *store, const char *name,
		     struct store_client *client, struct domain_error *error);
int store_renew_client(struct store *store, const struct store_client *client,
		       struct domain_error *error);
int store_add_client(struct store *store, const struct store_client *client,
		     struct domain_error *error);
int store_remove_client(struct store *store, const char *name,
			struct domain_error *error);
int store_each_client(struct store *store,
		      int (*visit)(const struct store_client *client, void *arg),
		      void *arg, struct domain_error *error);

/* Buckets of requests, and answers to requests that may be repeated. */

int store_each_limit(struct store *store,
		     int (*visit)(const struct bucket_name *name,
				  const struct limit_bucket *limit, void *arg),
		     void *arg, struct domain_error *error);
int store_get_limit(struct store *store, const struct bucket_name *name,
		    struct limit_bucket *limit, struct domain_error *error);
int store_set_limit(struct store *store, const struct bucket_name *name,
		    const struct limit_bucket *limit, struct domain_error *error);
int store_expire_limits(struct store *store, int64_t before,
			struct domain_error *error);

/**
 * struct store_replay - An answer that a repeated request gets again.
 * @digest: SHA-256 of the request.
 * @cause: What was decided.
 * @attempts_left: Wrong request codes left then.
 */
struct store_replay {
	uint8_t digest[STORE_DIGEST_LEN];
	char cause[STORE_CAUSE_MAX];
	unsigned int attempts_left;
};

int store_get_replay(struct store *store, const char *client, const char *key,
		     struct store_replay *replay, struct domain_error *error);
int store_add_replay(struct store *store, const char *client, const char *key,
		     const struct store_replay *replay, int64_t now,
		     struct domain_error *error);

#endif /* CENTRE_STORE_H */
