// SPDX-License-Identifier: GPL-2.0
/*
 * The commands of the protocol: built, carried, judged. What a status word
 * means to the host is decided here and nowhere else (sections 5 to 8, 12 to
 * 14); what follows from it is pair.c's.
 */
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "apdu.h"
#include "command.h"

/**
 * smpair_errno_cause() - what a failed exchange means
 * @error: negative errno of the link or of an envelope
 *
 * Return: the cause.
 */
enum smpair_cause smpair_errno_cause(int error)
{
	switch (error) {
	case -ENODEV:
		return SMPAIR_CAUSE_GONE;
	case -ETIMEDOUT:
		return SMPAIR_CAUSE_TIMEOUT;
	case -ENOMEM:
		return SMPAIR_CAUSE_NO_MEMORY;
	case -ECONNRESET:
	case -EBADMSG:
	case -EKEYEXPIRED:
		return SMPAIR_CAUSE_SESSION_LOST;
	default:
		return SMPAIR_CAUSE_LINK_ERROR;
	}
}

static void wipe_rsp(struct smpair_dev *dev, size_t len)
{
	memzero_explicit(dev->rsp, len);
}

static void cmd_init(struct smpair_dev *dev, struct smpair_buf *buf)
{
	lockdep_assert_held(&dev->lock);
	smpair_buf_init(buf, dev->cmd, SMPAIR_COMMAND_MAX);
}

/*
 * Carries the command in @buf. After 0 the response is in dev->rsp, *rsp_len
 * bytes that the caller wipes, with @data, @len and @sw pointing into it.
 */
static int carry(struct smpair_dev *dev, struct smpair_buf *buf, size_t *rsp_len,
		 const u8 **data, size_t *len, u16 *sw)
{
	int ret;

	ret = smpair_link_transmit(dev, buf, rsp_len);
	if (ret)
		return ret;
	ret = smpair_apdu_parse(dev->rsp, *rsp_len, data, len, sw);
	if (ret)
		wipe_rsp(dev, *rsp_len);
	return ret;
}

/**
 * smpair_info_cause() - what INFO says about the module's fitness
 * @info: INFO
 *
 * Return: SMPAIR_CAUSE_NONE, VIRGIN, FATAL or FROZEN.
 */
enum smpair_cause smpair_info_cause(const struct smpair_info *info)
{
	if (info->state & PDT1_INFO_FATAL)
		return SMPAIR_CAUSE_FATAL;
	if (!(info->state & PDT1_INFO_PERSONALISED))
		return SMPAIR_CAUSE_VIRGIN;
	if (info->state & PDT1_INFO_FROZEN)
		return SMPAIR_CAUSE_FROZEN;
	return SMPAIR_CAUSE_NONE;
}

/* What INFO says, and for those without dev->lock how long a message may be. */
static void take_info(struct smpair_dev *dev, const struct smpair_info *info)
{
	dev->info = *info;
	dev->info_valid = true;
	WRITE_ONCE(dev->max_message, min_t(u32, info->maxm, SMPAIR_MESSAGE_MAX));
}

/*
 * SELECT, which ends handshake and session in the module, and fills dev->info.
 * NOT_PDT1, BAD_INFO, or why the link failed.
 */
static enum smpair_cause select_application(struct smpair_dev *dev)
{
	enum smpair_cause cause = SMPAIR_CAUSE_NONE;
	struct smpair_info info;
	struct smpair_buf buf;
	size_t rsp_len, len;
	const u8 *data;
	int ret;
	u16 sw;

	cmd_init(dev, &buf);
	ret = smpair_select_build(&buf) ?: carry(dev, &buf, &rsp_len, &data, &len, &sw);
	if (ret)
		return smpair_errno_cause(ret);

	if (sw != PDT1_SW_OK)
		cause = SMPAIR_CAUSE_NOT_PDT1;
	else if (smpair_select_parse(data, len, &info))
		cause = SMPAIR_CAUSE_BAD_INFO;
	if (!cause)
		take_info(dev, &info);
	wipe_rsp(dev, rsp_len);
	return cause;
}

/**
 * smpair_cmd_info() - GET INFO, which changes nothing in any state of the module
 * @dev: link; dev->info is filled
 *
 * Return: SMPAIR_CAUSE_NONE, BAD_INFO, LINK_ERROR, or why the link failed.
 */
enum smpair_cause smpair_cmd_info(struct smpair_dev *dev)
{
	enum smpair_cause cause = SMPAIR_CAUSE_NONE;
	struct smpair_info info;
	struct smpair_buf buf;
	size_t rsp_len, len;
	const u8 *data;
	int ret;
	u16 sw;

	cmd_init(dev, &buf);
	ret = smpair_apdu_build(&buf, PDT1_CLA, PDT1_INS_GET_INFO, PDT1_P1_INFO, 0, NULL, 0, true);
	if (!ret)
		ret = carry(dev, &buf, &rsp_len, &data, &len, &sw);
	if (ret)
		return smpair_errno_cause(ret);

	if (sw != PDT1_SW_OK)
		cause = SMPAIR_CAUSE_LINK_ERROR;
	else if (smpair_info_parse(data, len, &info))
		cause = SMPAIR_CAUSE_BAD_INFO;
	else
		take_info(dev, &info);
	wipe_rsp(dev, rsp_len);
	return cause;
}

/**
 * smpair_cmd_probe() - reset, SELECT, INFO
 * @dev: link; dev->info is filled
 *
 * Return: SMPAIR_CAUSE_NONE, NOT_PDT1, BAD_INFO, VIRGIN, FATAL, FROZEN, or why
 * the link failed.
 */
enum smpair_cause smpair_cmd_probe(struct smpair_dev *dev)
{
	u8 atr[SMPAIR_ATR_MAX];
	enum smpair_cause cause;
	size_t atr_len;
	int ret;

	dev->info_valid = false;
	WRITE_ONCE(dev->max_message, 0);
	ret = smpair_link_reset(dev, atr, &atr_len);
	if (ret)
		return smpair_errno_cause(ret);
	cause = select_application(dev);
	if (cause)
		return cause;
	return smpair_info_cause(&dev->info);
}

/*
 * After 6985 to OPEN or BEGIN: a module that is frozen, virgin or fatal says so
 * in INFO. One whose memory failed in mid-write recovers at SELECT (section 8);
 * then, and only then, *again is set once.
 */
static enum smpair_cause refused_state(struct smpair_dev *dev, bool *again)
{
	enum smpair_cause cause;

	cause = smpair_cmd_info(dev);
	if (!cause)
		cause = smpair_info_cause(&dev->info);
	if (cause || *again)
		return cause ?: SMPAIR_CAUSE_LINK_ERROR;

	cause = select_application(dev);
	if (!cause)
		cause = smpair_info_cause(&dev->info);
	*again = !cause;
	return cause;
}

/* One OPEN under one generation. NOT_PAIRED: 6A88; *sw tells 6985 apart. */
static enum smpair_cause open_one(struct smpair_dev *dev, const struct smpair_host_gen *gen,
				  const struct smpair_pairing *cached, bool *restricted, u16 *sw)
{
	enum smpair_cause cause = SMPAIR_CAUSE_NONE;
	struct smpair_pairing pairing = { };
	struct smpair_open *open;
	struct smpair_buf buf;
	size_t rsp_len, len;
	const u8 *data;
	int ret;

	*sw = 0;
	open = kzalloc(sizeof(*open), GFP_KERNEL);
	if (!open)
		return SMPAIR_CAUSE_NO_MEMORY;

	cmd_init(dev, &buf);
	ret = smpair_open_build(open, gen, cached, &buf) ?:
	      carry(dev, &buf, &rsp_len, &data, &len, sw);
	if (ret) {
		cause = smpair_errno_cause(ret);
		goto out;
	}

	if (*sw == PDT1_SW_OK) {
		if (cached)
			pairing = *cached;
		ret = smpair_open_parse(open, dev->host->sn, dev->info.mid, data, len,
					&pairing, &dev->n, restricted, &dev->session, &cause);
		if (!ret) {
			dev->n_known = true;
			dev->pairing = pairing;
		}
	} else if (*sw == PDT1_SW_NO_REFERENCE) {
		cause = SMPAIR_CAUSE_NOT_PAIRED;
	} else {
		cause = SMPAIR_CAUSE_LINK_ERROR;
	}
	wipe_rsp(dev, rsp_len);
out:
	memzero_explicit(&pairing, sizeof(pairing));
	smpair_open_wipe(open);
	kfree_sensitive(open);
	return cause;
}

static const struct smpair_host_gen *find_gen(const struct smpair_host *host, u16 m)
{
	unsigned int i;

	for (i = 0; i < host->gen_count; i++)
		if (host->gen[i].m == m)
			return &host->gen[i];
	return NULL;
}

/* OPEN with the cached pairing first, then in all generations, highest first. */
static enum smpair_cause open_all(struct smpair_dev *dev, bool *restricted, u16 *sw)
{
	const struct smpair_host *host = dev->host;
	const struct smpair_host_gen *known = NULL;
	enum smpair_cause cause;
	unsigned int i;

	if (dev->pairing.valid)
		known = find_gen(host, dev->pairing.m);
	if (known) {
		cause = open_one(dev, known, &dev->pairing, restricted, sw);
		/* A cached key proves nothing about the module: only the PDC's counts. */
		if (cause == SMPAIR_CAUSE_BAD_MAC) {
			memzero_explicit(&dev->pairing, sizeof(dev->pairing));
			cause = open_one(dev, known, NULL, restricted, sw);
		}
		if (cause != SMPAIR_CAUSE_NOT_PAIRED)
			return cause;
	}
	memzero_explicit(&dev->pairing, sizeof(dev->pairing));

	for (i = 0; i < host->gen_count; i++) {
		if (&host->gen[i] == known)
			continue;
		cause = open_one(dev, &host->gen[i], NULL, restricted, sw);
		if (cause != SMPAIR_CAUSE_NOT_PAIRED)
			return cause;
	}
	return SMPAIR_CAUSE_NOT_PAIRED;
}

/**
 * smpair_cmd_open() - OPEN: new session keys, if the module holds a pairing of this host
 * @dev: link; on success dev->session, dev->pairing and dev->n are filled
 * @restricted: set where the session is good for REWRAP, UNPAIR, CLOSE and INFO only
 *
 * The host has not been verified by the module before the first envelope.
 *
 * Return: SMPAIR_CAUSE_NONE; NO_HOST; NOT_PAIRED; BAD_PDC, BAD_MAC, ROLLBACK,
 * WRONG_MODULE; FROZEN, VIRGIN, FATAL; or why the link failed.
 */
enum smpair_cause smpair_cmd_open(struct smpair_dev *dev, bool *restricted)
{
	enum smpair_cause cause;
	bool again = false;
	u16 sw;

	lockdep_assert_held(&dev->lock);
	*restricted = false;
	smpair_session_wipe(&dev->session);
	if (!dev->host)
		return SMPAIR_CAUSE_NO_HOST;

	cause = open_all(dev, restricted, &sw);
	if (cause == SMPAIR_CAUSE_LINK_ERROR && sw == PDT1_SW_STATE) {
		cause = refused_state(dev, &again);
		if (again)
			cause = open_all(dev, restricted, &sw);
	}
	return cause;
}

/**
 * smpair_session_lose() - wipe a session that ended in an unplanned way, and count it
 * @dev: link
 *
 * Context: dev->lock held.
 */
void smpair_session_lose(struct smpair_dev *dev)
{
	lockdep_assert_held(&dev->lock);
	smpair_session_wipe(&dev->session);
	if (dev->lost < SMPAIR_LOST_MAX)
		dev->lost++;
}

/**
 * smpair_cmd_envelope() - one message through the session, and its answer
 * @dev: link with an open session
 * @type: PDT1_ENV_APPLICATION or PDT1_ENV_INNER
 * @msg: message
 * @len: its length, at most MAXM
 * @answer: memory for the answer
 * @size: its size
 * @answer_len: set to the length of the answer
 * @sw: set to the inner status word
 *
 * Whatever fails leaves the number of the last command in doubt: the session is
 * wiped, and the message is never sent again.
 *
 * Return: 0 with an authentic @sw; -ECONNRESET: outer status not 9000; -EBADMSG:
 * does not verify; -EPROTO: malformed; -EMSGSIZE: the answer exceeds @size or
 * MAXM; -EKEYEXPIRED: no numbers left; -ENODEV, -ETIMEDOUT, -EIO, -ENOMEM.
 */
int smpair_cmd_envelope(struct smpair_dev *dev, u8 type, const void *msg, size_t len,
			void *answer, size_t size, size_t *answer_len, u16 *sw)
{
	struct smpair_envelope env;
	struct smpair_buf buf;
	size_t rsp_len;
	int ret;

	lockdep_assert_held(&dev->lock);
	*answer_len = 0;
	*sw = 0;
	smpair_envelope_init(&env, &dev->session, &dev->info, type, msg, len, answer, size);
	do {
		cmd_init(dev, &buf);
		ret = smpair_envelope_next(&env, &buf) ?:
		      smpair_link_transmit(dev, &buf, &rsp_len);
		if (ret)
			break;
		ret = smpair_envelope_feed(&env, dev->rsp, rsp_len);
		wipe_rsp(dev, rsp_len);
	} while (ret > 0);

	if (ret) {
		if (ret == -EMSGSIZE)
			smpair_session_wipe(&dev->session);
		else
			smpair_session_lose(dev);
		return ret;
	}
	*answer_len = env.answer_len;
	*sw = env.sw;
	return 0;
}

/**
 * smpair_cmd_inner() - one inner command without an answer
 * @dev: link with an open session
 * @ins: PDT1_INS_*
 * @data: its data, or NULL
 * @len: length of @data, at most PDT1_REWRAP_LEN
 * @sw: set to the inner status word
 *
 * Return: SMPAIR_CAUSE_NONE with an authentic 9000; MODULE_REFUSED with another
 * authentic status; else the session is lost, and the cause says how.
 */
enum smpair_cause smpair_cmd_inner(struct smpair_dev *dev, u8 ins, const void *data,
				   size_t len, u16 *sw)
{
	u8 msg[4 + PDT1_REWRAP_LEN];
	struct smpair_buf buf;
	size_t answer_len;
	u8 answer[1];
	int ret;

	smpair_buf_init(&buf, msg, sizeof(msg));
	smpair_put_u8(&buf, PDT1_CLA);
	smpair_put_u8(&buf, ins);
	smpair_put_u16(&buf, 0);
	smpair_put(&buf, data, len);
	if (WARN_ON_ONCE(buf.error))
		return SMPAIR_CAUSE_LINK_ERROR;

	ret = smpair_cmd_envelope(dev, PDT1_ENV_INNER, msg, buf.len, answer, sizeof(answer),
				  &answer_len, sw);
	memzero_explicit(msg, sizeof(msg));
	if (ret)
		return smpair_errno_cause(ret);
	return *sw == PDT1_SW_OK ? SMPAIR_CAUSE_NONE : SMPAIR_CAUSE_MODULE_REFUSED;
}

/**
 * smpair_cmd_slots() - GET SLOTS into dev->slots
 * @dev: link with an open session
 *
 * Return: as smpair_cmd_inner(); LINK_ERROR also where an authentic answer is malformed.
 */
enum smpair_cause smpair_cmd_slots(struct smpair_dev *dev)
{
	static const u8 msg[4] = { PDT1_CLA, PDT1_INS_GET_SLOTS, 0, 0 };
	u8 rows[1 + PDT1_SLOTS_MAX * PDT1_GET_SLOTS_ROW_LEN];
	struct smpair_reader reader;
	struct smpair_slot_copy *slot;
	unsigned int count, i;
	const u8 *sid;
	size_t len;
	int ret;
	u16 sw;

	ret = smpair_cmd_envelope(dev, PDT1_ENV_INNER, msg, sizeof(msg), rows, sizeof(rows),
				  &len, &sw);
	if (ret)
		return smpair_errno_cause(ret);
	if (sw != PDT1_SW_OK)
		return SMPAIR_CAUSE_MODULE_REFUSED;

	smpair_reader_init(&reader, rows, len);
	count = smpair_get_u8(&reader);
	if (reader.error || count > PDT1_SLOTS_MAX ||
	    len != 1 + count * PDT1_GET_SLOTS_ROW_LEN) {
		smpair_session_lose(dev);
		return SMPAIR_CAUSE_LINK_ERROR;
	}
	for (i = 0; i < count; i++) {
		slot = &dev->slots[i];
		slot->index = smpair_get_u8(&reader);
		slot->flags = smpair_get_u8(&reader);
		slot->activity = smpair_get_u16(&reader);
		slot->n_s = smpair_get_u32(&reader);
		sid = smpair_get(&reader, PDT1_SID_LEN);
		memcpy(slot->sid, sid, PDT1_SID_LEN);
	}
	dev->slot_count = count;
	dev->slot_seq++;
	return SMPAIR_CAUSE_NONE;
}

/*
 * REWRAP under the newest generation. The cached key is forgotten first: until
 * the answer is in, nobody knows which of the two the slot holds (section 8).
 */
static enum smpair_cause rewrap(struct smpair_dev *dev, bool *restricted)
{
	const struct smpair_host_gen *gen = &dev->host->gen[0];
	struct smpair_pairing old, renewed = { };
	enum smpair_cause cause;
	u8 data[PDT1_REWRAP_LEN];
	u16 sw;

	old = dev->pairing;
	memzero_explicit(&dev->pairing, sizeof(dev->pairing));

	if (smpair_rewrap_build(&dev->session, dev->host->sn, &old, gen, data, &renewed)) {
		/* Nothing was sent. */
		dev->pairing = old;
		cause = SMPAIR_CAUSE_NO_MEMORY;
		goto out;
	}
	cause = smpair_cmd_inner(dev, PDT1_INS_REWRAP, data, sizeof(data), &sw);
	if (!cause) {
		dev->pairing = renewed;
		*restricted = false;
	} else if (cause == SMPAIR_CAUSE_MODULE_REFUSED && sw != PDT1_SW_MEMORY) {
		/* Refused before anything was written */
		dev->pairing = old;
	} else if (cause == SMPAIR_CAUSE_MODULE_REFUSED) {
		smpair_session_lose(dev);
		cause = SMPAIR_CAUSE_MODULE_MEMORY;
	}
out:
	memzero_explicit(data, sizeof(data));
	memzero_explicit(&old, sizeof(old));
	memzero_explicit(&renewed, sizeof(renewed));
	return cause;
}

/*
 * The first envelopes of a session. Whichever goes first completes the positive
 * verification; a restricted session takes neither GET SLOTS nor application data.
 */
static enum smpair_cause greet(struct smpair_dev *dev, bool *restricted, bool may_rewrap)
{
	bool newer = dev->pairing.valid && dev->host->gen[0].m > dev->pairing.m;
	enum smpair_cause cause;
	u8 info[PDT1_INFO_LEN];
	static const u8 msg[4] = { PDT1_CLA, PDT1_INS_GET_INFO, 0, 0 };
	size_t len;
	int ret;
	u16 sw;

	if (*restricted && newer && may_rewrap) {
		cause = rewrap(dev, restricted);
		if (cause && !smpair_session_live(&dev->session))
			return cause;
		newer = false;
	}
	if (*restricted) {
		ret = smpair_cmd_envelope(dev, PDT1_ENV_INNER, msg, sizeof(msg), info,
					  sizeof(info), &len, &sw);
		return ret ? smpair_errno_cause(ret) : SMPAIR_CAUSE_NONE;
	}

	cause = smpair_cmd_slots(dev);
	if (cause)
		return cause;
	if (newer && may_rewrap) {
		cause = rewrap(dev, restricted);
		if (cause && !smpair_session_live(&dev->session))
			return cause;
	}
	return SMPAIR_CAUSE_NONE;
}

/**
 * smpair_cmd_verify() - OPEN where no session is open, then its first envelopes
 * @dev: link; a session that CONFIRM made is used as it is
 *
 * A lost session is opened anew, up to the third lost in a row.
 *
 * Return: as smpair_cmd_open(); RESTRICTED; UNSTABLE; MODULE_REFUSED.
 */
enum smpair_cause smpair_cmd_verify(struct smpair_dev *dev)
{
	bool restricted = false, may_rewrap = true;
	enum smpair_cause cause;

	for (;;) {
		if (!smpair_session_live(&dev->session)) {
			cause = smpair_cmd_open(dev, &restricted);
			if (cause)
				return cause;
		}
		cause = greet(dev, &restricted, may_rewrap);
		if (!cause)
			return restricted ? SMPAIR_CAUSE_RESTRICTED : SMPAIR_CAUSE_NONE;
		if (cause == SMPAIR_CAUSE_GONE || cause == SMPAIR_CAUSE_NO_MEMORY ||
		    smpair_session_live(&dev->session))
			return cause;
		if (dev->lost >= SMPAIR_LOST_MAX)
			return SMPAIR_CAUSE_UNSTABLE;
		/* If REWRAP was what failed, the new OPEN shows what the slot holds. */
		may_rewrap = false;
	}
}

/**
 * smpair_cmd_begin() - PAIR BEGIN with each host cryptogram in turn
 * @dev: link with host credentials
 * @pair: handshake; on success pair->e1 is authentic
 *
 * Return: SMPAIR_CAUSE_NONE; FOREIGN_DOMAIN; CY_REJECTED; FAKE_MODULE; FROZEN,
 * VIRGIN, FATAL; or why the link failed.
 */
enum smpair_cause smpair_cmd_begin(struct smpair_dev *dev, struct smpair_pair *pair)
{
	enum smpair_cause cause;
	u8 order[SMPAIR_CY_MAX];
	unsigned int count, i;
	struct smpair_buf buf;
	size_t rsp_len, len;
	bool again = false;
	const u8 *data;
	int ret;
	u16 sw;

	lockdep_assert_held(&dev->lock);
	smpair_session_wipe(&dev->session);
	count = smpair_cy_order(dev->host, &dev->info, order);
	for (i = 0; i < count; ) {
		smpair_pair_wipe(pair);
		cmd_init(dev, &buf);
		ret = smpair_begin_build(pair, &dev->host->cy[order[i]], &buf) ?:
		      carry(dev, &buf, &rsp_len, &data, &len, &sw);
		if (ret)
			return smpair_errno_cause(ret);
		ret = sw == PDT1_SW_OK ? smpair_begin_parse(pair, data, len) : 0;
		wipe_rsp(dev, rsp_len);

		switch (sw) {
		case PDT1_SW_OK:
			if (ret == -EBADMSG)
				return SMPAIR_CAUSE_FAKE_MODULE;
			return ret ? smpair_errno_cause(ret) : SMPAIR_CAUSE_NONE;
		case PDT1_SW_NO_REFERENCE:
			i++;
			continue;
		case PDT1_SW_CRYPTO:
			return SMPAIR_CAUSE_CY_REJECTED;
		case PDT1_SW_STATE:
			if (again)
				return SMPAIR_CAUSE_LINK_ERROR;
			cause = refused_state(dev, &again);
			if (!again)
				return cause;
			continue;
		default:
			return SMPAIR_CAUSE_LINK_ERROR;
		}
	}
	return SMPAIR_CAUSE_FOREIGN_DOMAIN;
}

/**
 * smpair_cmd_confirm() - PAIR CONFIRM
 * @dev: link; on the verdict 9000 dev->pairing, dev->session and dev->n are filled
 * @pair: handshake from smpair_cmd_begin(), used up
 * @pin: eight digits, or NULL where no PIN is required
 * @consent: consent to the eviction in E1
 * @e3: the verdict
 *
 * Return: SMPAIR_CAUSE_NONE with an authentic @e3; CONFIRM_LOST without, after
 * SELECT or reset where a later command would otherwise be refused; GONE,
 * NO_MEMORY: nothing was sent.
 */
enum smpair_cause smpair_cmd_confirm(struct smpair_dev *dev, struct smpair_pair *pair,
				     const u8 *pin, bool consent, struct smpair_e3 *e3)
{
	struct smpair_pairing pairing = { };
	struct smpair_buf buf;
	size_t rsp_len, len;
	const u8 *data;
	int ret;
	u16 sw;
	u32 n;

	cmd_init(dev, &buf);
	ret = smpair_confirm_build(pair, dev->host->sn, &dev->host->gen[0], pin, consent, &buf);
	if (ret)
		return SMPAIR_CAUSE_NO_MEMORY;

	/* The slot's content is in doubt from here on. */
	memzero_explicit(&dev->pairing, sizeof(dev->pairing));
	ret = carry(dev, &buf, &rsp_len, &data, &len, &sw);
	if (ret == -ENODEV)
		return SMPAIR_CAUSE_GONE;
	if (ret) {
		if (smpair_cmd_probe(dev) == SMPAIR_CAUSE_GONE)
			return SMPAIR_CAUSE_GONE;
		return SMPAIR_CAUSE_CONFIRM_LOST;
	}

	if (sw == PDT1_SW_OK)
		ret = smpair_confirm_parse(pair, data, len, e3, &pairing, &dev->session);
	else
		ret = -EPROTO;
	wipe_rsp(dev, rsp_len);
	n = pair->e1.n;
	if (!ret && e3->sw == PDT1_SW_OK)
		n++;
	if (!ret && (e3->slot != pair->e1.slot || e3->n != n))
		ret = -EPROTO;
	if (!ret) {
		dev->info.ptc = e3->ptc;
		dev->n = e3->n;
		dev->n_known = true;
		if (e3->sw == PDT1_SW_OK)
			dev->pairing = pairing;
	} else {
		smpair_session_wipe(&dev->session);
		/* 6581: the module answers again when recovery has run (section 8). */
		if (sw == PDT1_SW_MEMORY && select_application(dev) == SMPAIR_CAUSE_GONE)
			ret = -ENODEV;
	}
	memzero_explicit(&pairing, sizeof(pairing));
	if (ret == -ENODEV)
		return SMPAIR_CAUSE_GONE;
	return ret ? SMPAIR_CAUSE_CONFIRM_LOST : SMPAIR_CAUSE_NONE;
}

/**
 * smpair_cmd_manage() - carry a command of the management centre
 * @dev: link
 * @blob: header and sealed body
 * @len: its length
 * @receipt: the centre's receipt and its MAC
 * @sw: set to the outer status word
 *
 * Return: SMPAIR_CAUSE_NONE with a receipt; MODULE_MEMORY; MODULE_REFUSED with
 * @sw; LINK_ERROR also where the receipt has another length; or why the link failed.
 */
enum smpair_cause smpair_cmd_manage(struct smpair_dev *dev, const u8 *blob, size_t len,
				    u8 receipt[PDT1_RECEIPT_LEN + PDT1_RECEIPT_MAC_LEN], u16 *sw)
{
	enum smpair_cause cause = SMPAIR_CAUSE_NONE;
	struct smpair_buf buf;
	size_t rsp_len, data_len;
	const u8 *data;
	int ret;

	*sw = 0;
	cmd_init(dev, &buf);
	ret = smpair_apdu_build(&buf, PDT1_CLA, PDT1_INS_MANAGE, 0, 0, blob, len, true) ?:
	      carry(dev, &buf, &rsp_len, &data, &data_len, sw);
	if (ret)
		return smpair_errno_cause(ret);

	if (*sw == PDT1_SW_MEMORY)
		cause = SMPAIR_CAUSE_MODULE_MEMORY;
	else if (*sw != PDT1_SW_OK)
		cause = SMPAIR_CAUSE_MODULE_REFUSED;
	else if (data_len != PDT1_RECEIPT_LEN + PDT1_RECEIPT_MAC_LEN)
		cause = SMPAIR_CAUSE_LINK_ERROR;
	else
		memcpy(receipt, data, data_len);
	wipe_rsp(dev, rsp_len);

	/* As in smpair_cmd_confirm() */
	if (cause == SMPAIR_CAUSE_MODULE_MEMORY) {
		smpair_session_wipe(&dev->session);
		select_application(dev);
	}
	return cause;
}

/**
 * smpair_cmd_report() - GET REPORT, which changes nothing in any state of the module
 * @dev: link
 * @nonce: from the centre
 * @report: report and its MAC, which only the centre can check
 * @sw: set to the status word
 *
 * Return: SMPAIR_CAUSE_NONE with a report; MODULE_REFUSED with @sw; LINK_ERROR
 * also where the report has another length; or why the link failed.
 */
enum smpair_cause smpair_cmd_report(struct smpair_dev *dev, const u8 nonce[PDT1_REPORT_NONCE_LEN],
				    u8 report[PDT1_REPORT_LEN + PDT1_REPORT_MAC_LEN], u16 *sw)
{
	enum smpair_cause cause = SMPAIR_CAUSE_NONE;
	struct smpair_buf buf;
	size_t rsp_len, len;
	const u8 *data;
	int ret;

	*sw = 0;
	cmd_init(dev, &buf);
	ret = smpair_apdu_build(&buf, PDT1_CLA, PDT1_INS_GET_INFO, PDT1_P1_REPORT, 0, nonce,
				PDT1_REPORT_NONCE_LEN, true) ?:
	      carry(dev, &buf, &rsp_len, &data, &len, sw);
	if (ret)
		return smpair_errno_cause(ret);

	if (*sw != PDT1_SW_OK)
		cause = SMPAIR_CAUSE_MODULE_REFUSED;
	else if (len != PDT1_REPORT_LEN + PDT1_REPORT_MAC_LEN)
		cause = SMPAIR_CAUSE_LINK_ERROR;
	else
		memcpy(report, data, len);
	wipe_rsp(dev, rsp_len);
	return cause;
}
