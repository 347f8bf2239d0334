/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is signed in. Kept in memory alone: a restart signs everybody out. Pure:
 * times and random bytes are arguments.
 */
#ifndef CENTRE_CONSOLE_SESSION_H
#define CENTRE_CONSOLE_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "centre/console/store_console.h"

#define SESSIONS		64
#define SESSION_TOKEN_LEN	32
/* Bytes for a token in hexadecimal digits, with its NUL. */
#define SESSION_TOKEN_SIZE	(2 * SESSION_TOKEN_LEN + 1)
/* Seconds without a request, and in all, that end a session. */
#define SESSION_IDLE		(15 * 60)
#define SESSION_LONGEST		(8 * 3600)

/**
 * struct session - Somebody who is signed in.
 * @id: What the cookie says; empty where the place is free.
 * @csrf: What the forms of this session say.
 * @operator: Who, as at sign-in.
 * @since: When the session began, in seconds of a clock that does not go back.
 * @seen: When the last request came.
 * @notice: What the next page tells first, or empty.
 */
struct session {
	char id[SESSION_TOKEN_SIZE];
	char csrf[SESSION_TOKEN_SIZE];
	struct store_operator operator;
	int64_t since;
	int64_t seen;
	char notice[160];
};

/**
 * struct sessions - All of them.
 * @session: In no order.
 */
struct sessions {
	struct session session[SESSIONS];
};

void session_token(const uint8_t random[SESSION_TOKEN_LEN], char token[SESSION_TOKEN_SIZE]);
bool session_token_equal(const char *token, const char *other);
struct session *session_begin(struct sessions *sessions, const struct store_operator *operator,
			      const uint8_t random[2 * SESSION_TOKEN_LEN], int64_t now);
struct session *session_find(struct sessions *sessions, const char *id, int64_t now);
void session_end(struct session *session);

#endif /* CENTRE_CONSOLE_SESSION_H */
