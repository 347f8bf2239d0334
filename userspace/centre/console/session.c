// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include <nettle/base16.h>
#include <nettle/memops.h>

#include "centre/console/session.h"

/**
 * session_token() - Write random bytes as a token.
 * @random: The bytes.
 * @token: Receives the text.
 */
void session_token(const uint8_t random[SESSION_TOKEN_LEN], char token[SESSION_TOKEN_SIZE])
{
	base16_encode_update(token, SESSION_TOKEN_LEN, random);
	token[SESSION_TOKEN_SIZE - 1] = '\0';
}

/**
 * session_token_equal() - Compare tokens in a time that tells nothing of them.
 * @token: One that somebody sent, or NULL.
 * @other: The right one; an empty one is equal to nothing.
 *
 * Return: Whether they are equal.
 */
bool session_token_equal(const char *token, const char *other)
{
	return token && strlen(token) == SESSION_TOKEN_SIZE - 1 &&
	       strlen(other) == SESSION_TOKEN_SIZE - 1 &&
	       memeql_sec(token, other, SESSION_TOKEN_SIZE - 1);
}

static bool ended(const struct session *session, int64_t now)
{
	return !session->id[0] || now - session->seen > SESSION_IDLE ||
	       now - session->since > SESSION_LONGEST;
}

/**
 * session_begin() - Sign somebody in.
 * @sessions: All sessions; where there is no place the one unused longest ends.
 * @operator: Who.
 * @random: Fresh random bytes.
 * @now: The time.
 *
 * Return: The session, valid until others begin.
 */
struct session *session_begin(struct sessions *sessions, const struct store_operator *operator,
			      const uint8_t random[2 * SESSION_TOKEN_LEN], int64_t now)
{
	struct session *place = &sessions->session[0];
	size_t i;

	for (i = 0; i < SESSIONS && !ended(place, now); i++)
		if (ended(&sessions->session[i], now) ||
		    sessions->session[i].seen < place->seen)
			place = &sessions->session[i];
	session_end(place);
	session_token(random, place->id);
	session_token(random + SESSION_TOKEN_LEN, place->csrf);
	place->operator = *operator;
	place->since = now;
	place->seen = now;
	return place;
}

/**
 * session_find() - Whose cookie is this? Counts as a request.
 * @sessions: All sessions.
 * @id: What the cookie says, or NULL.
 * @now: The time.
 *
 * Return: The session, or NULL where there is none, or none any more.
 */
struct session *session_find(struct sessions *sessions, const char *id, int64_t now)
{
	struct session *found = NULL;
	size_t i;

	for (i = 0; i < SESSIONS; i++)
		if (session_token_equal(id, sessions->session[i].id))
			found = &sessions->session[i];
	if (found && ended(found, now)) {
		session_end(found);
		return NULL;
	}
	if (found)
		found->seen = now;
	return found;
}

/**
 * session_end() - Sign somebody out.
 * @session: The session.
 */
void session_end(struct session *session)
{
	explicit_bzero(session, sizeof(*session));
}
