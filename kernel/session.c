// SPDX-License-Identifier: GPL-2.0
/*
 * Session keys and envelopes (sections 6 and 12).
 *
 * A nonce is never transmitted: both sides count. Once a number was taken for a
 * command, nothing tells for sure how far the module's count has gone unless its
 * answer verifies; so every failure ends the session, and none is repeated.
 */
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/unaligned.h>
#include "session.h"

#define ENVELOPE_AD_LEN		4
#define DIRECTION_KEY_LEN	(PDT1_KEY_LEN + PDT1_NONCE_LEN)

/* First byte of associated data */
#define FROM_HOST		0x43
#define FROM_MODULE		0x52

static struct smpair_aead *derive_direction(const u8 *prks, const char *label, u8 *iv)
{
	u8 okm[DIRECTION_KEY_LEN];
	struct smpair_aead *aead;
	int ret;

	ret = smpair_kdf(prks, label, NULL, 0, okm, sizeof(okm));
	if (ret)
		return ERR_PTR(ret);

	aead = smpair_aead_alloc(okm);
	memcpy(iv, okm + PDT1_KEY_LEN, PDT1_NONCE_LEN);
	memzero_explicit(okm, sizeof(okm));
	return aead;
}

/**
 * smpair_session_init() - derive the keys of a session
 * @session: session, live or all zero; what it held is wiped
 * @prks: PRKs of the handshake
 *
 * Context: Process context, may sleep.
 * Return: 0; -ENOMEM, -ENOENT from smpair_aead_alloc(), or the error of an
 * algorithm's implementation: then there is no session.
 */
int smpair_session_init(struct smpair_session *session, const u8 prks[PDT1_KEY_LEN])
{
	struct smpair_aead *aead;

	smpair_session_wipe(session);

	aead = derive_direction(prks, PDT1_LABEL_M2H, session->iv_m2h);
	if (IS_ERR(aead))
		goto fail;
	session->m2h = aead;

	aead = derive_direction(prks, PDT1_LABEL_H2M, session->iv_h2m);
	if (IS_ERR(aead))
		goto fail;
	session->h2m = aead;

	memcpy(session->prks, prks, PDT1_KEY_LEN);
	session->born = ktime_get_boottime();
	return 0;

fail:
	smpair_session_wipe(session);
	return PTR_ERR(aead);
}

/**
 * smpair_session_wipe() - end a session
 * @session: session; all zero afterwards, which is no session
 *
 * Context: Process context.
 */
void smpair_session_wipe(struct smpair_session *session)
{
	smpair_aead_free(session->h2m);
	smpair_aead_free(session->m2h);
	memzero_explicit(session, sizeof(*session));
}

/**
 * smpair_session_expired() - whether a session is due for replacement
 * @session: live session
 * @max_commands: commands after which it is
 * @max_seconds: age at which it is, suspend included
 *
 * Context: Any.
 * Return: true if either limit is reached.
 */
bool smpair_session_expired(const struct smpair_session *session, u32 max_commands,
			    u32 max_seconds)
{
	ktime_t age = ktime_sub(ktime_get_boottime(), session->born);

	return session->n >= max_commands || ktime_to_ms(age) >= (s64)max_seconds * MSEC_PER_SEC;
}

/* iv XOR u96 n */
static void envelope_nonce(u8 nonce[PDT1_NONCE_LEN], const u8 iv[PDT1_NONCE_LEN], u32 n)
{
	u8 *low = nonce + PDT1_NONCE_LEN - sizeof(u32);

	memcpy(nonce, iv, PDT1_NONCE_LEN);
	put_unaligned_be32(get_unaligned_be32(low) ^ n, low);
}

/* A response is bound to P1 and P2 of its command. */
static void envelope_ad(u8 ad[ENVELOPE_AD_LEN], u8 direction, const struct smpair_envelope *env)
{
	ad[0] = direction;
	ad[1] = PDT1_INS_ENVELOPE;
	ad[2] = env->p1;
	ad[3] = env->p2;
}

/**
 * smpair_envelope_init() - take a message for its way through envelopes
 * @env: envelope
 * @session: live session
 * @info: the module's limits
 * @type: PDT1_ENV_APPLICATION or PDT1_ENV_INNER
 * @msg: message; must outlive @env
 * @msg_len: its length
 * @answer: memory for the answer; must outlive @env
 * @answer_size: its size
 *
 * Context: Any.
 */
void smpair_envelope_init(struct smpair_envelope *env, struct smpair_session *session,
			  const struct smpair_info *info, u8 type,
			  const void *msg, size_t msg_len, void *answer, size_t answer_size)
{
	*env = (struct smpair_envelope){
		.session = session,
		.type = type,
		.msg = msg,
		.msg_len = msg_len,
		.answer = answer,
		.answer_size = answer_size,
		.chunk = info->maxc - PDT1_ENV_OVERHEAD_CMD,
		.limit = info->maxm,
	};
}

/**
 * smpair_envelope_next() - build the next command of a message
 * @env: envelope
 * @apdu: builder over kmalloc memory, empty
 *
 * The command takes the session's next number: it is sent once, or the session
 * is wiped.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EKEYEXPIRED: no numbers left; -EMSGSIZE: the message exceeds MAXM, or
 * the command does not fit @apdu; or the error of the cipher's implementation.
 */
int smpair_envelope_next(struct smpair_envelope *env, struct smpair_buf *apdu)
{
	struct smpair_session *session = env->session;
	size_t left = env->msg_len - env->sent;
	size_t len = 0;
	u8 nonce[PDT1_NONCE_LEN];
	u8 ad[ENVELOPE_AD_LEN];
	u8 *room;

	if (session->n >= PDT1_SESSION_COMMANDS_MAX)
		return -EKEYEXPIRED;
	if (env->msg_len > env->limit)
		return -EMSGSIZE;

	env->p1 = PDT1_ENV_FETCH;
	env->p2 = 0;
	if (!env->fetching) {
		len = min(left, env->chunk);
		env->p1 = env->type;
		env->p2 = left > len ? PDT1_ENV_MORE : 0;
	}

	room = smpair_apdu_frame(apdu, PDT1_CLA, PDT1_INS_ENVELOPE, env->p1, env->p2,
				 len + PDT1_TAG_LEN, true);
	if (!room)
		return -EMSGSIZE;

	if (len)
		memcpy(room, env->msg + env->sent, len);
	env->sent += len;
	env->n = session->n++;
	envelope_nonce(nonce, session->iv_h2m, env->n);
	envelope_ad(ad, FROM_HOST, env);
	return smpair_aead_encrypt(session->h2m, nonce, ad, sizeof(ad), room, len);
}

/* What a verified answer means for the message */
static int take_answer(struct smpair_envelope *env, u16 sw, bool more, const u8 *data, size_t len)
{
	if (env->p2 & PDT1_ENV_MORE) {
		if (more || len)
			return -EPROTO;
		/* An inner error on a chunk: the module dropped what it had collected. */
		env->sw = sw;
		return sw == PDT1_SW_OK;
	}

	/* Each part carries the final status word; a part that ends nothing brings data. */
	if ((env->fetching && sw != env->sw) || (more && !len))
		return -EPROTO;
	if (len > env->answer_size - env->answer_len || len > env->limit - env->answer_len)
		return -EMSGSIZE;

	if (len)
		memcpy(env->answer + env->answer_len, data, len);
	env->answer_len += len;
	env->sw = sw;
	env->fetching = more;
	return more;
}

/**
 * smpair_envelope_feed() - take the response to the last command
 * @env: envelope
 * @rsp: response APDU in kmalloc memory; decrypted in place, the caller wipes it
 * @len: its length
 *
 * Context: Process context, may sleep.
 * Return: 1: call smpair_envelope_next() again; 0: env->sw and the answer are final;
 * -ECONNRESET: outer status word not 9000, a link event; -EBADMSG: does not verify;
 * -EPROTO: malformed or out of order; -EMSGSIZE: the answer exceeds its memory or
 * MAXM; or the error of the cipher's implementation. On any error the caller wipes
 * the session: the message may have been executed.
 */
int smpair_envelope_feed(struct smpair_envelope *env, u8 *rsp, size_t len)
{
	struct smpair_session *session = env->session;
	u8 nonce[PDT1_NONCE_LEN];
	u8 ad[ENVELOPE_AD_LEN];
	const u8 *data;
	size_t sealed;
	u16 sw;
	int ret;

	ret = smpair_apdu_parse(rsp, len, &data, &sealed, &sw);
	if (ret)
		return ret;
	if (sw != PDT1_SW_OK)
		return -ECONNRESET;
	if (sealed < PDT1_ENV_OVERHEAD_RSP)
		return -EPROTO;

	/* The data stands at the start of the response. */
	envelope_nonce(nonce, session->iv_m2h, env->n);
	envelope_ad(ad, FROM_MODULE, env);
	ret = smpair_aead_decrypt(session->m2h, nonce, ad, sizeof(ad), rsp, sealed);
	if (ret)
		return ret;

	return take_answer(env, get_unaligned_be16(rsp), rsp[sizeof(u16)] & PDT1_ENV_MORE,
			   rsp + PDT1_ENV_RSP_HEADER_LEN, sealed - PDT1_ENV_OVERHEAD_RSP);
}
