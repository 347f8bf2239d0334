// SPDX-License-Identifier: GPL-2.0
/*
 * The messages of OPEN, PAIR BEGIN and PAIR CONFIRM (sections 6 and 7), and of
 * REWRAP (section 8).
 *
 * This file decides what is authentic. What to do about an authentic message that
 * the host does not like is decided by the state machine.
 */
#include <linux/err.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "crypto.h"
#include "handshake.h"

#define HANDSHAKE_AD_LEN	4
#define PDC_AD_LEN		(sizeof(PDT1_CTX_PDC) - 1 + sizeof(u16) + PDT1_ID_LEN)
#define PART_LABEL(s)		{ s, sizeof(s) - 1 }

/* Associated data: direction and command */
static const u8 e1_ad[HANDSHAKE_AD_LEN] = { 0x52, PDT1_INS_PAIR_BEGIN };
static const u8 e2_ad[HANDSHAKE_AD_LEN] = { 0x43, PDT1_INS_PAIR_CONFIRM };
static const u8 e3_ad[HANDSHAKE_AD_LEN] = { 0x52, PDT1_INS_PAIR_CONFIRM };

/* E1 and E2 are the first under their keys; E3 is the second under that of E1. */
static const u8 nonce_0[PDT1_NONCE_LEN];
static const u8 nonce_1[PDT1_NONCE_LEN] = { [PDT1_NONCE_LEN - 1] = 1 };

/* H(label | u16 |a| | a | u16 |b| | b) */
static int transcript(const char *label, const u8 *a, u16 a_len, const u8 *b, u16 b_len,
		      u8 out[PDT1_HASH_LEN])
{
	__be16 a_be = cpu_to_be16(a_len), b_be = cpu_to_be16(b_len);
	const struct smpair_part parts[] = {
		{ label, strlen(label) },
		{ &a_be, sizeof(a_be) },
		{ a, a_len },
		{ &b_be, sizeof(b_be) },
		{ b, b_len },
	};

	return smpair_sha256(parts, ARRAY_SIZE(parts), out);
}

/* EXT(salt, secret | other) */
static int extract_two(const u8 salt[PDT1_HASH_LEN], const u8 secret[PDT1_KEY_LEN],
		       const u8 other[PDT1_KEY_LEN], u8 out[PDT1_KEY_LEN])
{
	u8 ikm[2 * PDT1_KEY_LEN];
	int ret;

	memcpy(ikm, secret, PDT1_KEY_LEN);
	memcpy(ikm + PDT1_KEY_LEN, other, PDT1_KEY_LEN);
	ret = smpair_extract(salt, ikm, sizeof(ikm), out);
	memzero_explicit(ikm, sizeof(ikm));
	return ret;
}

/* "PDT1 PDC" | u16 m | SN */
static void pdc_ad(u8 ad[PDC_AD_LEN], u16 m, const u8 sn[PDT1_ID_LEN])
{
	struct smpair_buf buf;

	smpair_buf_init(&buf, ad, PDC_AD_LEN);
	smpair_put(&buf, PDT1_CTX_PDC, sizeof(PDT1_CTX_PDC) - 1);
	smpair_put_u16(&buf, m);
	smpair_put(&buf, sn, PDT1_ID_LEN);
}

/* Wraps @pairing, whose m is that of @gen, for its slot. */
static int pdc_seal(const struct smpair_host_gen *gen, const u8 sn[PDT1_ID_LEN],
		    const struct smpair_pairing *pairing, u8 pdc[PDT1_PDC_LEN])
{
	u8 plain[PDT1_PDC_PLAIN_LEN];
	u8 ad[PDC_AD_LEN];
	struct smpair_buf buf;
	int ret;

	pdc_ad(ad, gen->m, sn);
	smpair_buf_init(&buf, plain, sizeof(plain));
	smpair_put(&buf, pairing->ka, PDT1_KEY_LEN);
	smpair_put(&buf, pairing->mid, PDT1_ID_LEN);
	smpair_put_u32(&buf, pairing->n_s);
	smpair_put_u8(&buf, pairing->slot);
	smpair_put_u8(&buf, 0);
	smpair_put_u16(&buf, 0);
	ret = smpair_seal(gen->kw, ad, sizeof(ad), plain, sizeof(plain), pdc);
	memzero_explicit(plain, sizeof(plain));
	return ret;
}

static int pdc_unseal(const struct smpair_host_gen *gen, const u8 sn[PDT1_ID_LEN],
		      const u8 pdc[PDT1_PDC_LEN], struct smpair_pairing *pairing)
{
	struct smpair_reader reader;
	u8 plain[PDT1_PDC_PLAIN_LEN];
	u8 ad[PDC_AD_LEN];
	int ret;

	pdc_ad(ad, gen->m, sn);
	ret = smpair_unseal(gen->kw, ad, sizeof(ad), pdc, PDT1_PDC_LEN, plain);
	if (ret)
		return ret;

	smpair_reader_init(&reader, plain, sizeof(plain));
	memcpy(pairing->ka, smpair_get(&reader, PDT1_KEY_LEN), PDT1_KEY_LEN);
	memcpy(pairing->mid, smpair_get(&reader, PDT1_ID_LEN), PDT1_ID_LEN);
	pairing->n_s = smpair_get_u32(&reader);
	pairing->slot = smpair_get_u8(&reader);
	pairing->m = gen->m;
	pairing->valid = true;
	memzero_explicit(plain, sizeof(plain));
	return 0;
}

/**
 * smpair_open_build() - build OPEN
 * @open: handshake; the caller ends it with smpair_open_wipe()
 * @gen: MHKey generation to try; must outlive @open
 * @cached: pairing kept from before, or NULL; used if valid and of generation @gen:
 *	then the module need not send the PDC
 * @apdu: builder
 *
 * Context: Process context, may sleep.
 * Return: 0; -EMSGSIZE: it does not fit @apdu; -ENOMEM, -ERESTARTSYS, or the error of
 * an algorithm's implementation.
 */
int smpair_open_build(struct smpair_open *open, const struct smpair_host_gen *gen,
		      const struct smpair_pairing *cached, struct smpair_buf *apdu)
{
	const struct smpair_part parts[] = {
		PART_LABEL(PDT1_CTX_OPEN),
		{ open->c, PDT1_OPEN_C0_LEN },
	};
	u8 ht[PDT1_HASH_LEN];
	u8 *rh, *xh;
	int ret;

	open->gen = gen;
	open->cached = cached && cached->valid && cached->m == gen->m;
	open->c[0] = PDT1_SUITE;
	open->c[1] = open->cached ? PDT1_OPEN_FLAG_NO_PDC : 0;
	rh = open->c + 2;
	xh = rh + PDT1_RAND_LEN;
	ret = smpair_random(rh, PDT1_RAND_LEN) ?:
	      smpair_x25519_generate(open->secret, xh) ?:
	      smpair_prf(gen->tk, PDT1_KEY_LEN, parts, ARRAY_SIZE(parts), ht);
	if (ret)
		return ret;

	memcpy(open->c + PDT1_OPEN_C0_LEN, ht, PDT1_HT_LEN);
	memzero_explicit(ht, sizeof(ht));
	return smpair_apdu_build(apdu, PDT1_CLA, PDT1_INS_OPEN, 0, 0, open->c, sizeof(open->c),
				 true);
}

/* PRKs and MACm of an answer: -EBADMSG if the module does not know KA */
static int open_prove(const struct smpair_open *open, const u8 ka[PDT1_KEY_LEN],
		      const u8 xm[PDT1_X25519_LEN], const u8 *r0, size_t r0_len,
		      const u8 macm[PDT1_MACM_LEN], u8 prks[PDT1_KEY_LEN])
{
	u8 dh[PDT1_X25519_LEN], ts[PDT1_HASH_LEN], expected[PDT1_MACM_LEN];
	int ret;

	ret = smpair_x25519(open->secret, xm, dh);
	if (ret)
		return -EBADMSG;

	ret = transcript(PDT1_CTX_SESSION, open->c, sizeof(open->c), r0, r0_len, ts) ?:
	      extract_two(ts, ka, dh, prks) ?:
	      smpair_kdf(prks, PDT1_LABEL_MM, NULL, 0, expected, sizeof(expected));
	if (!ret && !smpair_equal(expected, macm, PDT1_MACM_LEN))
		ret = -EBADMSG;
	memzero_explicit(dh, sizeof(dh));
	memzero_explicit(expected, sizeof(expected));
	return ret;
}

static enum smpair_cause fault_cause(int ret, enum smpair_cause bad)
{
	return ret == -EBADMSG ? bad : SMPAIR_CAUSE_NO_MEMORY;
}

/**
 * smpair_open_parse() - judge the answer to OPEN
 * @open: handshake
 * @sn: SN of this host
 * @mid: MID of INFO
 * @data: data of the answer whose status word was 9000
 * @len: its length
 * @pairing: in: where the PDC was left out, the pairing given to smpair_open_build();
 *	out: the authenticated pairing; unchanged on failure
 * @n: set to the module's pairing index
 * @restricted: set to whether the module restricts the session
 * @session: live or all zero; holds the new session's keys on success
 * @cause: set on failure, else SMPAIR_CAUSE_NONE
 *
 * The order is that of section 6: PDC, MACm, N, and only then the identity.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EPROTO: LINK_ERROR, a wrong length or, though authentic, bits that
 * nobody defined; -EBADMSG: BAD_PDC or BAD_MAC; -EKEYREJECTED: ROLLBACK or WRONG_MODULE;
 * another negative errno: NO_MEMORY.
 */
int smpair_open_parse(struct smpair_open *open, const u8 sn[PDT1_ID_LEN],
		      const u8 mid[PDT1_ID_LEN], const u8 *data, size_t len,
		      struct smpair_pairing *pairing, u32 *n, bool *restricted,
		      struct smpair_session *session, enum smpair_cause *cause)
{
	struct smpair_pairing found = {};
	const u8 *xm, *pdc = NULL, *macm;
	struct smpair_reader reader;
	u8 prks[PDT1_KEY_LEN];
	u8 flags, zero;
	u32 index;
	int ret;

	smpair_reader_init(&reader, data, len);
	smpair_get(&reader, PDT1_RAND_LEN);
	flags = smpair_get_u8(&reader);
	zero = smpair_get_u8(&reader);
	index = smpair_get_u32(&reader);
	xm = smpair_get(&reader, PDT1_X25519_LEN);
	if (!open->cached)
		pdc = smpair_get(&reader, PDT1_PDC_LEN);
	macm = smpair_get(&reader, PDT1_MACM_LEN);
	if (!smpair_reader_done(&reader)) {
		*cause = SMPAIR_CAUSE_LINK_ERROR;
		return -EPROTO;
	}

	if (open->cached) {
		found = *pairing;
	} else {
		ret = pdc_unseal(open->gen, sn, pdc, &found);
		if (ret) {
			*cause = fault_cause(ret, SMPAIR_CAUSE_BAD_PDC);
			goto wipe;
		}
	}
	ret = open_prove(open, found.ka, xm, data, len - PDT1_MACM_LEN, macm, prks);
	if (ret) {
		*cause = fault_cause(ret, SMPAIR_CAUSE_BAD_MAC);
		goto wipe;
	}
	if (zero || flags & ~PDT1_OPEN_FL_RESTRICTED) {
		*cause = SMPAIR_CAUSE_LINK_ERROR;
		ret = -EPROTO;
		goto wipe;
	}
	if (index < found.n_s) {
		*cause = SMPAIR_CAUSE_ROLLBACK;
		ret = -EKEYREJECTED;
		goto wipe;
	}
	if (memcmp(found.mid, mid, PDT1_ID_LEN)) {
		*cause = SMPAIR_CAUSE_WRONG_MODULE;
		ret = -EKEYREJECTED;
		goto wipe;
	}
	ret = smpair_session_init(session, prks);
	if (ret) {
		*cause = SMPAIR_CAUSE_NO_MEMORY;
		goto wipe;
	}

	*pairing = found;
	*n = index;
	*restricted = flags & PDT1_OPEN_FL_RESTRICTED;
	*cause = SMPAIR_CAUSE_NONE;
wipe:
	memzero_explicit(&found, sizeof(found));
	memzero_explicit(prks, sizeof(prks));
	memzero_explicit(open->secret, sizeof(open->secret));
	return ret;
}

/**
 * smpair_open_wipe() - end an OPEN
 * @open: handshake
 *
 * Context: Any.
 */
void smpair_open_wipe(struct smpair_open *open)
{
	memzero_explicit(open, sizeof(*open));
}

/**
 * smpair_begin_build() - build PAIR BEGIN
 * @pair: handshake; what it held is wiped; the caller ends it with smpair_pair_wipe()
 * @cy: host cryptogram; must outlive @pair
 * @apdu: builder
 *
 * Context: Process context, may sleep.
 * Return: 0; -EMSGSIZE: it does not fit @apdu; -ERESTARTSYS, or the error of an
 * algorithm's implementation.
 */
int smpair_begin_build(struct smpair_pair *pair, const struct smpair_host_cy *cy,
		       struct smpair_buf *apdu)
{
	u8 *rh, *wire, *xh;
	int ret;

	smpair_pair_wipe(pair);
	pair->cy = cy;
	pair->c1[0] = PDT1_SUITE;
	rh = pair->c1 + 2;
	wire = rh + PDT1_RAND_LEN;
	xh = wire + PDT1_CY_LEN;
	ret = smpair_random(rh, PDT1_RAND_LEN) ?: smpair_x25519_generate(pair->secret, xh);
	if (ret)
		return ret;

	memcpy(wire, cy->cy, PDT1_CY_LEN);
	return smpair_apdu_build(apdu, PDT1_CLA, PDT1_INS_PAIR_BEGIN, 0, 0, pair->c1,
				 sizeof(pair->c1), true);
}

static int pair_derive(struct smpair_pair *pair, const u8 *r1)
{
	u8 dh[PDT1_X25519_LEN], prkp[PDT1_KEY_LEN];
	int ret;

	ret = smpair_x25519(pair->secret, r1 + PDT1_RAND_LEN, dh);
	memzero_explicit(pair->secret, sizeof(pair->secret));
	if (ret)
		return -EBADMSG;

	ret = transcript(PDT1_CTX_PAIR, pair->c1, sizeof(pair->c1), r1, PDT1_R1_LEN, pair->t1) ?:
	      extract_two(pair->t1, pair->cy->as, dh, prkp) ?:
	      smpair_kdf(prkp, PDT1_LABEL_PM, NULL, 0, pair->kpm, sizeof(pair->kpm)) ?:
	      smpair_kdf(prkp, PDT1_LABEL_PH, NULL, 0, pair->kph, sizeof(pair->kph)) ?:
	      smpair_kdf(prkp, PDT1_LABEL_EXP, NULL, 0, pair->xp, sizeof(pair->xp));
	memzero_explicit(dh, sizeof(dh));
	memzero_explicit(prkp, sizeof(prkp));
	return ret;
}

/**
 * smpair_begin_parse() - verify the answer to PAIR BEGIN
 * @pair: handshake; @pair->e1 is authentic on success
 * @data: data of the answer whose status word was 9000
 * @len: its length
 *
 * Context: Process context, may sleep.
 * Return: 0; -EPROTO: wrong length; -EBADMSG: E1 does not verify, the module does not
 * hold the domain's key; -ENOMEM, or the error of an algorithm's implementation.
 */
int smpair_begin_parse(struct smpair_pair *pair, const u8 *data, size_t len)
{
	struct smpair_e1 *e1 = &pair->e1;
	u8 plain[PDT1_E1_PLAIN_LEN];
	struct smpair_reader reader;
	int ret;

	if (len != PDT1_BEGIN_RSP_LEN)
		return -EPROTO;

	memcpy(pair->e1_wire, data + PDT1_R1_LEN, PDT1_E1_LEN);
	ret = pair_derive(pair, data) ?:
	      smpair_decrypt_once(pair->kpm, nonce_0, e1_ad, sizeof(e1_ad), pair->e1_wire,
				  PDT1_E1_LEN, plain);
	if (ret)
		return ret;

	smpair_reader_init(&reader, plain, sizeof(plain));
	memcpy(e1->mid, smpair_get(&reader, PDT1_ID_LEN), PDT1_ID_LEN);
	e1->n = smpair_get_u32(&reader);
	e1->pin_policy = smpair_get_u8(&reader);
	e1->ptc = smpair_get_u8(&reader);
	e1->flags = smpair_get_u8(&reader);
	e1->slot = smpair_get_u8(&reader);
	e1->request_code = smpair_get_u32(&reader);
	e1->m_min = smpair_get_u16(&reader);
	smpair_get_u16(&reader);
	memcpy(e1->ka, smpair_get(&reader, PDT1_KEY_LEN), PDT1_KEY_LEN);
	memzero_explicit(plain, sizeof(plain));
	return 0;
}

static void offered_pairing(const struct smpair_pair *pair, struct smpair_pairing *pairing)
{
	memcpy(pairing->ka, pair->e1.ka, PDT1_KEY_LEN);
	memcpy(pairing->mid, pair->e1.mid, PDT1_ID_LEN);
	pairing->n_s = pair->e1.n + 1;
	pairing->slot = pair->e1.slot;
	pairing->m = pair->gen->m;
	pairing->valid = true;
}

/**
 * smpair_confirm_build() - build PAIR CONFIRM
 * @pair: handshake whose E1 the state machine accepted
 * @sn: SN of this host
 * @gen: MHKey generation that will wrap the pairing; must outlive @pair
 * @pin: eight ASCII digits, or NULL where no PIN is required
 * @consent: whether the user consents to the eviction of another pairing
 * @apdu: builder
 *
 * A handshake takes one CONFIRM: its key and nonce are used up by it.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EALREADY: CONFIRM was built before; -EMSGSIZE: it does not fit @apdu;
 * -ENOMEM, -ERESTARTSYS, or the error of an algorithm's implementation.
 */
int smpair_confirm_build(struct smpair_pair *pair, const u8 sn[PDT1_ID_LEN],
			 const struct smpair_host_gen *gen, const u8 *pin, bool consent,
			 struct smpair_buf *apdu)
{
	static const u8 no_pin[PDT1_PIN_LEN];
	u8 pdc[PDT1_PDC_LEN], plain[PDT1_E2_PLAIN_LEN];
	struct smpair_pairing pairing = {};
	struct smpair_buf buf;
	int ret;

	if (pair->gen)
		return -EALREADY;
	pair->gen = gen;

	offered_pairing(pair, &pairing);
	ret = pdc_seal(gen, sn, &pairing, pdc);
	memzero_explicit(&pairing, sizeof(pairing));
	if (ret)
		return ret;

	smpair_buf_init(&buf, plain, sizeof(plain));
	smpair_put(&buf, pin ?: no_pin, PDT1_PIN_LEN);
	smpair_put_u8(&buf, consent ? PDT1_E2_OPT_EVICT : 0);
	smpair_put_u8(&buf, 0);
	smpair_put_u16(&buf, gen->m);
	smpair_put(&buf, gen->tk, PDT1_KEY_LEN);
	smpair_put(&buf, pdc, sizeof(pdc));
	ret = smpair_encrypt_once(pair->kph, nonce_0, e2_ad, sizeof(e2_ad), plain, sizeof(plain),
				  pair->e2_wire);
	memzero_explicit(plain, sizeof(plain));
	memzero_explicit(pair->kph, sizeof(pair->kph));
	if (ret)
		return ret;

	return smpair_apdu_build(apdu, PDT1_CLA, PDT1_INS_PAIR_CONFIRM, 0, 0, pair->e2_wire,
				 sizeof(pair->e2_wire), true);
}

/* PRKs of the session that CONFIRM opens */
static int confirm_session(const struct smpair_pair *pair, const u8 e3_wire[PDT1_E3_LEN],
			   struct smpair_session *session)
{
	const struct smpair_part parts[] = {
		PART_LABEL(PDT1_CTX_PAIR_SESSION),
		{ pair->t1, sizeof(pair->t1) },
		{ pair->e1_wire, sizeof(pair->e1_wire) },
		{ pair->e2_wire, sizeof(pair->e2_wire) },
		{ e3_wire, PDT1_E3_LEN },
	};
	u8 t2[PDT1_HASH_LEN], prks[PDT1_KEY_LEN];
	int ret;

	ret = smpair_sha256(parts, ARRAY_SIZE(parts), t2) ?:
	      extract_two(t2, pair->e1.ka, pair->xp, prks) ?:
	      smpair_session_init(session, prks);
	memzero_explicit(prks, sizeof(prks));
	return ret;
}

/**
 * smpair_confirm_parse() - verify the verdict on a pairing
 * @pair: handshake
 * @data: data of the answer whose outer status word was 9000
 * @len: its length
 * @e3: the verdict, authentic on success
 * @pairing: where the verdict is 9000, the new pairing
 * @session: live or all zero; where the verdict is 9000, holds the new session's keys
 *
 * Whether slot and index of an authentic verdict agree with E1 is for the caller.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EPROTO: wrong length; -EBADMSG: E3 does not verify; -ENOMEM, or the error
 * of an algorithm's implementation. On any error whether the module is paired is in
 * doubt: OPEN tells.
 */
int smpair_confirm_parse(struct smpair_pair *pair, const u8 *data, size_t len,
			 struct smpair_e3 *e3, struct smpair_pairing *pairing,
			 struct smpair_session *session)
{
	u8 plain[PDT1_E3_PLAIN_LEN];
	struct smpair_reader reader;
	int ret;

	if (len != PDT1_E3_LEN)
		return -EPROTO;

	ret = smpair_decrypt_once(pair->kpm, nonce_1, e3_ad, sizeof(e3_ad), data, PDT1_E3_LEN,
				  plain);
	if (ret)
		return ret;

	smpair_reader_init(&reader, plain, sizeof(plain));
	e3->sw = smpair_get_u16(&reader);
	e3->ptc = smpair_get_u8(&reader);
	e3->slot = smpair_get_u8(&reader);
	e3->n = smpair_get_u32(&reader);
	if (e3->sw != PDT1_SW_OK)
		return 0;

	ret = confirm_session(pair, data, session);
	if (!ret)
		offered_pairing(pair, pairing);
	return ret;
}

/**
 * smpair_pair_wipe() - end a pairing handshake
 * @pair: handshake; all zero afterwards
 *
 * Context: Any.
 */
void smpair_pair_wipe(struct smpair_pair *pair)
{
	memzero_explicit(pair, sizeof(*pair));
}

/**
 * smpair_rewrap_build() - build the data of REWRAP
 * @session: running session
 * @sn: SN of this host
 * @old: pairing as the slot holds it
 * @gen: newer MHKey generation
 * @data: result, secret: it goes into an envelope only; wiped on failure
 * @renewed: the pairing once the module answered 9000; until then it may be either;
 *	all zero on failure
 *
 * Context: Process context, may sleep.
 * Return: 0, -ENOMEM, -ERESTARTSYS, or the error of an algorithm's implementation.
 */
int smpair_rewrap_build(struct smpair_session *session, const u8 sn[PDT1_ID_LEN],
			const struct smpair_pairing *old, const struct smpair_host_gen *gen,
			u8 data[PDT1_REWRAP_LEN], struct smpair_pairing *renewed)
{
	__be16 m = cpu_to_be16(gen->m);
	u8 pdc[PDT1_PDC_LEN];
	struct smpair_buf buf;
	int ret;

	*renewed = *old;
	renewed->m = gen->m;
	ret = smpair_kdf(session->prks, PDT1_LABEL_KA_REWRAP, &m, sizeof(m), renewed->ka,
			 PDT1_KEY_LEN) ?:
	      pdc_seal(gen, sn, renewed, pdc);
	if (ret) {
		memzero_explicit(renewed, sizeof(*renewed));
		memzero_explicit(data, PDT1_REWRAP_LEN);
		return ret;
	}

	smpair_buf_init(&buf, data, PDT1_REWRAP_LEN);
	smpair_put_u16(&buf, gen->m);
	smpair_put(&buf, gen->tk, PDT1_KEY_LEN);
	smpair_put(&buf, pdc, sizeof(pdc));
	return 0;
}

/* Whether @a is tried before @b; a domain other than INFO's goes last among equals. */
static bool cy_before(const struct smpair_host_cy *a, const struct smpair_host_cy *b,
		      const struct smpair_info *info)
{
	bool a_listed = false, b_listed = false;
	unsigned int i;

	for (i = 0; i < PDT1_K_GENERATIONS; i++) {
		a_listed |= info->g[i] == a->g;
		b_listed |= info->g[i] == b->g;
	}
	if (a_listed != b_listed)
		return a_listed;
	if (a->g != b->g)
		return a->g > b->g;
	return a->domain == info->domain && b->domain != info->domain;
}

/**
 * smpair_cy_order() - order in which host cryptograms are tried (section 3)
 * @host: credentials
 * @info: the module's INFO; its hint costs a round trip if it lies, no more
 * @order: indices into @host->cy, first to try first
 *
 * Context: Any.
 * Return: number of cryptograms.
 */
unsigned int smpair_cy_order(const struct smpair_host *host, const struct smpair_info *info,
			     u8 order[SMPAIR_CY_MAX])
{
	unsigned int i, at;

	for (i = 0; i < host->cy_count; i++) {
		for (at = i; at && cy_before(&host->cy[i], &host->cy[order[at - 1]], info); at--)
			order[at] = order[at - 1];
		order[at] = i;
	}
	return host->cy_count;
}
