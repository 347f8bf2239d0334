/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the database keeps for the service. As in store.h, functions report into
 * the error they are given and return a negative errno then.
 */
#ifndef CENTRE_STORE_SERVICE_H
#define CENTRE_STORE_SERVICE_H

#include "centre/store.h"

#define STORE_FINGERPRINT_LEN	32
#define STORE_DIGEST_LEN	32
#define STORE_HELD_ID_LEN	16
/* Bytes for a client's name, its NUL included. */
#define STORE_NAME_SIZE		65

/**
 * struct store_client - Who may ask.
 * @fingerprint: SHA-256 of the certificate.
 * @name: For people and the log.
 * @role: "agent", "operator", "supervisor" or "auditor".
 */
struct store_client {
	uint8_t fingerprint[STORE_FINGERPRINT_LEN];
	char name[STORE_NAME_SIZE];
	char role[16];
};

/**
 * struct store_replay - An answer that a repeated request gets again.
 * @digest: SHA-256 of the request.
 * @cause: What was decided.
 * @attempts_left: Wrong request codes left then.
 */
struct store_replay {
	uint8_t digest[STORE_DIGEST_LEN];
	char cause[32];
	unsigned int attempts_left;
};

/**
 * struct store_held - A request that waits for an operator.
 * @id: Its number, random.
 * @client: Name of who asked.
 * @mid: The module.
 * @sn: The host.
 * @n: Pairing index.
 * @code: Request code.
 * @at: When.
 */
struct store_held {
	uint8_t id[STORE_HELD_ID_LEN];
	char client[STORE_NAME_SIZE];
	uint8_t mid[PDT1_ID_LEN];
	uint8_t sn[PDT1_ID_LEN];
	uint32_t n;
	uint32_t code;
	int64_t at;
};

bool store_good_name(const char *name);

int store_get_client(struct store *store,
		     const uint8_t fingerprint[STORE_FINGERPRINT_LEN],
		     struct store_client *client, struct domain_error *error);
int store_add_client(struct store *store, const struct store_client *client,
		     struct domain_error *error);
int store_remove_client(struct store *store, const char *name,
			struct domain_error *error);
int store_each_client(struct store *store,
		      int (*visit)(const struct store_client *client, void *arg),
		      void *arg, struct domain_error *error);

int store_get_replay(struct store *store, const char *client, const char *key,
		     struct store_replay *replay, struct domain_error *error);
int store_add_replay(struct store *store, const char *client, const char *key,
		     const struct store_replay *replay, int64_t now,
		     struct domain_error *error);

int store_add_held(struct store *store, const struct store_held *held,
		   struct domain_error *error);
int store_get_held(struct store *store, const uint8_t id[STORE_HELD_ID_LEN],
		   struct store_held *held, struct domain_error *error);
int store_each_held(struct store *store,
		    int (*visit)(const struct store_held *held, void *arg),
		    void *arg, struct domain_error *error);
int store_drop_held(struct store *store, int64_t before,
		    struct domain_error *error);

int store_set_confirmation(struct store *store, const uint8_t mid[PDT1_ID_LEN],
			   uint32_t n, const uint8_t sn[PDT1_ID_LEN],
			   const char *result, int64_t now,
			   struct domain_error *error);

#endif /* CENTRE_STORE_SERVICE_H */
