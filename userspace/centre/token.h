/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PKCS#11 token: finding it, signing in, and what the centre does with its
 * keys. One thread at a time.
 */
#ifndef CENTRE_TOKEN_H
#define CENTRE_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include <sys/types.h>

#include <p11-kit/pkcs11.h>

#include <linux/smpair_proto.h>

#include "centre/master.h"
#include "domain/error.h"

/* What provider_open() takes for a token begins with this and a colon. */
#define TOKEN_SCHEME	"pkcs11"

/**
 * struct token - A token. Zeroed before token_load().
 * @spec: Owns the texts below.
 * @path: Its PKCS#11 module.
 * @label: The token's name.
 * @pin_file: File with the user's PIN.
 * @p11: The module, loaded.
 * @process: Who called C_Initialize, or 0.
 * @open: There is a session, signed in.
 * @pin_refused: The PIN was refused; not to be tried again.
 * @session: The session.
 */
struct token {
	char *spec;
	const char *path;
	const char *label;
	const char *pin_file;
	CK_FUNCTION_LIST *p11;
	pid_t process;
	bool open;
	bool pin_refused;
	CK_SESSION_HANDLE session;
};

/**
 * struct token_key - A master in a token.
 * @kind: Which master.
 * @generation: Which generation, from its label.
 * @handle: Valid as long as the session.
 */
struct token_key {
	enum master kind;
	uint16_t generation;
	CK_OBJECT_HANDLE handle;
};

int token_load(struct token *token, const char *spec, struct domain_error *error);
void token_unload(struct token *token);
int token_connect(struct token *token, bool write, struct domain_error *error);
bool token_connected(const struct token *token);
void token_disconnect(struct token *token);
int token_keys(struct token *token, struct token_key *keys, unsigned int max,
	       unsigned int *count, struct domain_error *error);
CK_RV token_hmac(struct token *token, CK_OBJECT_HANDLE key, const void *data,
		 size_t len, uint8_t out[PDT1_HASH_LEN]);
int token_put(struct token *token, struct token_key *key,
	      const uint8_t value[PDT1_KEY_LEN], struct domain_error *error);
int token_refuse(const struct token *token, const char *what, CK_RV rv,
		 struct domain_error *error);

#endif /* CENTRE_TOKEN_H */
