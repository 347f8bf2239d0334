/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Session keys, counters and envelopes (sections 6 and 12), without input or
 * output: the caller carries each command to the module and each answer back.
 */
#ifndef _SMPAIR_SESSION_H
#define _SMPAIR_SESSION_H

#include <linux/ktime.h>
#include "apdu.h"
#include "crypto.h"

/**
 * struct smpair_session - keys of one session
 * @h2m: AEAD host to module; NULL when there is no session
 * @m2h: AEAD module to host
 * @iv_h2m: base of the nonces
 * @iv_m2h: base of the nonces
 * @prks: PRKs, kept for REWRAP
 * @n: number of the next command
 * @born: boot time at which the keys were made
 */
struct smpair_session {
	struct smpair_aead *h2m;
	struct smpair_aead *m2h;
	u8 iv_h2m[PDT1_NONCE_LEN];
	u8 iv_m2h[PDT1_NONCE_LEN];
	u8 prks[PDT1_KEY_LEN];
	u32 n;
	ktime_t born;
};

int smpair_session_init(struct smpair_session *session, const u8 prks[PDT1_KEY_LEN]);
void smpair_session_wipe(struct smpair_session *session);	/* idempotent */

static inline bool smpair_session_live(const struct smpair_session *session)
{
	return session->h2m;
}

bool smpair_session_expired(const struct smpair_session *session, u32 max_commands,
			    u32 max_seconds);

/**
 * struct smpair_envelope - one message on its way through envelopes, and its answer
 * @session: used for the whole message
 * @type: PDT1_ENV_APPLICATION or PDT1_ENV_INNER
 * @msg: plaintext to send
 * @msg_len: its length
 * @sent: bytes of @msg carried so far
 * @answer: caller's memory for the answer
 * @answer_size: its size
 * @answer_len: bytes collected
 * @chunk: plaintext bytes that fit one command (MAXC - 16)
 * @limit: MAXM, bound of the answer
 * @fetching: the message is through, parts of the answer follow
 * @p1: P1 of the last command
 * @p2: P2 of the last command
 * @n: number of the last command
 * @sw: inner status word
 */
struct smpair_envelope {
	struct smpair_session *session;
	u8 type;
	const u8 *msg;
	size_t msg_len;
	size_t sent;
	u8 *answer;
	size_t answer_size;
	size_t answer_len;
	size_t chunk;
	size_t limit;
	bool fetching;
	u8 p1;
	u8 p2;
	u32 n;
	u16 sw;
};

void smpair_envelope_init(struct smpair_envelope *env, struct smpair_session *session,
			  const struct smpair_info *info, u8 type,
			  const void *msg, size_t msg_len, void *answer, size_t answer_size);
/* Builds the next command APDU. -EKEYEXPIRED: no numbers left, -EMSGSIZE, -ENOMEM */
int smpair_envelope_next(struct smpair_envelope *env, struct smpair_buf *apdu);
/*
 * Takes the response APDU (decrypted in place). 1: call next again; 0: done, env->sw and
 * the answer are final; -ECONNRESET: outer SW is not 9000 (link event, session is dead);
 * -EBADMSG: does not verify; -EPROTO: malformed; -EMSGSIZE: the answer exceeds the buffer
 * or MAXM. On any error the caller wipes the session.
 */
int smpair_envelope_feed(struct smpair_envelope *env, u8 *rsp, size_t len);

#endif /* _SMPAIR_SESSION_H */
