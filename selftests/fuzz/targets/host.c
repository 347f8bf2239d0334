// SPDX-License-Identifier: GPL-2.0
/*
 * The driver's judgement of everything that a module sends: command.c and what is
 * below it, with the real module at the other end. The module turns hostile where
 * the input says so. It can send any bytes; and, since it holds keys, also bytes
 * that are authentic and wrong: the text is bent before it is sealed.
 */
#include <linux/kref.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "input.h"
#include "kernel/command.h"
#include "kernel/pair_state.h"
#include "shim/random.h"
#include "softmod/app.h"
#include "softmod/core/bytes.h"
#include "softmod/core/kdf.h"
#include "softmod/port/crypto_mbedtls.h"
#include "softmod/tests/host.h"

#define STEPS_MAX	12
#define MESSAGE_MAX	1500

ktime_t shim_time;

/* How the next answer is bent inside the module */
static struct bend {
	bool seal, transcript;
	u8 count, at[4], with[4];
} bend;

enum start {
	START_UNPAIRED,
	START_PAIRED,
	START_FULL,
	START_RESTRICTED,
	START_FROZEN,
	START_VIRGIN,
	START_COUNT,
};

static struct world {
	struct test_port tp;
	struct sm_module m;
} world, starts[START_COUNT];

static struct sm_port crypto;
static struct host self;
static struct smpair_host *hosts[3];
static struct smpair_dev dev;
static struct input in;
static size_t rsp_used;

static void bend_text(u8 *text, size_t len)
{
	u8 i;

	for (i = 0; len && i < bend.count; i++)
		text[bend.at[i] % len] ^= bend.with[i];
}

static int bent_seal(void *ctx, const uint8_t key[32], const uint8_t nonce[12],
		     const void *ad, size_t ad_len, const void *text, size_t len,
		     uint8_t *out)
{
	uint8_t *copy = memcpy(malloc(len + 1), text, len);
	int ret;

	if (bend.seal)
		bend_text(copy, len);
	ret = crypto.gcm_seal(ctx, key, nonce, ad, ad_len, copy, len, out);
	free(copy);
	return ret;
}

/* R0 of OPEN, before MACm is made of it */
static int bent_sha256(void *ctx, const struct sm_part *parts, size_t n, uint8_t out[32])
{
	if (bend.transcript && n == 5 && parts[0].len == 9 &&
	    !memcmp(parts[0].data, PDT1_CTX_SESSION, 9))
		bend_text((u8 *)parts[4].data, parts[4].len);
	return crypto.sha256(ctx, parts, n, out);
}

static void take_bend(void)
{
	u8 i;

	bend.count = take8(&in) % 5;
	for (i = 0; i < bend.count; i++) {
		bend.at[i] = take8(&in);
		bend.with[i] = take8(&in);
	}
}

static void keep(enum start start)
{
	world.tp.port.gcm_seal = bent_seal;
	world.tp.port.sha256 = bent_sha256;
	sm_power_up(&world.m, &world.tp.port, &softmod_app);
	starts[start] = world;
}

static void manage(u8 op, const void *body, size_t len)
{
	uint16_t result;

	WANT(centre_manage(&world.m, op, world.m.store.meta.mseq + 1, PDT1_MANAGE_NEXP_ANY,
			   body, len, &result) == PDT1_SW_OK);
}

static void make_starts(void)
{
	struct sm_perso perso = test_perso();
	struct host other;
	unsigned int i;

	perso.slots = 2;
	perso.m_min = 1;
	test_module(&world.tp, &world.m, &perso, &softmod_app);
	keep(START_UNPAIRED);
	host_pair(&world.m, &self);
	keep(START_PAIRED);

	perso.m_min = 2;
	perso.pin_policy = PDT1_PIN_NONE;
	test_module(&world.tp, &world.m, &perso, &softmod_app);
	for (i = 0; i < 2; i++) {
		host_init(&other, 100 + i, 2, 0);
		host_pair(&world.m, &other);
	}
	keep(START_FULL);

	/* Paired under generation 1, which is below m_min after a new personality. */
	world = starts[START_PAIRED];
	world.m.store.cfg.m_min = 2;
	WANT(!sm_store_cfg(&world.m.store, &world.m.store.cfg));
	keep(START_RESTRICTED);

	world = starts[START_PAIRED];
	world.m.store.meta.frozen = true;
	WANT(!sm_store_meta(&world.m.store, &world.m.store.meta));
	keep(START_FROZEN);

	test_port_init(&world.tp);
	keep(START_VIRGIN);
}

/* Credentials of this host: generation 1, both, and 2 with a strange domain first */
static void make_host(unsigned int which)
{
	static const u8 gens[3][2] = { { 1, 0 }, { 1, 2 }, { 2, 0 } };
	u8 payload[SMPAIR_HOST_HEADER_LEN + 2 * SMPAIR_HOST_ENTRY_LEN] = { 'S', 'M', 'P', 'H', 1 };
	u8 cy[3][PDT1_CY_LEN], *p = payload + SMPAIR_HOST_HEADER_LEN;
	unsigned int i;

	payload[5] = gens[which][1] ? 2 : 1;
	memcpy(payload + 8, self.sn, sizeof(self.sn));
	memset(payload + 16, 0x33, 32);
	for (i = 0; i < payload[5]; i++, p += SMPAIR_HOST_ENTRY_LEN) {
		sm_put16(p, gens[which][i]);
		memset(p + 2, 0x22 + gens[which][i], 32);
	}
	for (i = 0; i < 3; i++)
		memcpy(cy[i], self.cy, PDT1_CY_LEN);
	/* One of a generation that the module lacks, one of another domain */
	cy[1][PDT1_CY_OFF_G + 1] = 9;
	cy[2][PDT1_CY_OFF_DOM] = 7;
	hosts[which] = smpair_host_create(payload, (size_t)(p - payload), cy, which + 1, NULL);
	WANT(hosts[which] && (long)hosts[which] > 0);
}

/* A sealed answer of any text, in a session that the module has */
static size_t forge(const struct sm_session *s, const u8 *cmd, u8 *rsp)
{
	u8 ad[4] = { 'R', PDT1_INS_ENVELOPE, cmd[2], cmd[3] }, nonce[12], text[512];
	size_t len = take_length(&in, sizeof(text));

	take(&in, text, len);
	sm_nonce(s->m2h + PDT1_KEY_LEN, s->n, nonce);
	WANT(!crypto.gcm_seal(NULL, s->m2h, nonce, ad, 4, text, len, rsp));
	sm_put16(rsp + len + PDT1_TAG_LEN, PDT1_SW_OK);
	return len + PDT1_TAG_LEN + 2;
}

static int bad_link(u8 which)
{
	static const int errors[] = { -ENODEV, -ETIMEDOUT, -EIO, -ENOMEM, -EMSGSIZE };

	return errors[which % ARRAY_SIZE(errors)];
}

static int answer(const u8 *cmd, size_t len, u8 *rsp, size_t *rsp_len)
{
	static const u16 words[] = {
		0x9000, 0x6a88, 0x6985, 0x6982, 0x6a81, 0x6a80, 0x6581, 0x6700, 0x6d00,
		0x6983, 0x63c2, 0x6a82, 0x6a84, 0x6f00,
	};
	const struct sm_session session = world.m.session;
	u8 how = take8(&in), bytes[256];
	size_t got, i;

	memset(&bend, 0, sizeof(bend));
	if (how == 0x87 || how == 0x88) {
		bend.seal = how == 0x87;
		bend.transcript = how == 0x88;
		take_bend();
	}
	if (how == 0x84)
		return bad_link(take8(&in));
	WANT(!sm_apdu(&world.m, cmd, len, rsp, SM_RESPONSE_MAX, rsp_len));
	memset(&bend, 0, sizeof(bend));

	switch (how) {
	case 0x80:
		*rsp_len = 2 + take_length(&in, MESSAGE_MAX);
		take(&in, rsp, *rsp_len);
		break;
	case 0x81:
		for (i = take8(&in) & 7; i; i--) {
			got = take16(&in) % *rsp_len;
			rsp[got] ^= take8(&in);
		}
		break;
	case 0x82:
		*rsp_len -= take8(&in) % (*rsp_len - 1);
		break;
	case 0x83:
		got = take_length(&in, sizeof(bytes));
		take(&in, bytes, got);
		memmove(rsp + *rsp_len - 2 + got, rsp + *rsp_len - 2, 2);
		memcpy(rsp + *rsp_len - 2, bytes, got);
		*rsp_len += got;
		break;
	case 0x85:
		*rsp_len = 2;
		sm_put16(rsp, words[take8(&in) % ARRAY_SIZE(words)]);
		break;
	case 0x86:
		if (cmd[1] == PDT1_INS_ENVELOPE)
			*rsp_len = forge(&session, cmd, rsp);
		break;
	case 0x89:		/* answered, and lost on the way back */
		return bad_link(take8(&in));
	case 0x8a:		/* the longest that a link carries */
		memset(rsp, 0x5a, SMPAIR_RESPONSE_MAX);
		*rsp_len = SMPAIR_RESPONSE_MAX;
		break;
	}
	return 0;
}

int smpair_link_transmit(struct smpair_dev *link, struct smpair_buf *cmd, size_t *rsp_len)
{
	static u8 rsp[SMPAIR_RESPONSE_MAX];
	u8 *exact;
	int ret;

	WANT(link == &dev && cmd->data == dev.cmd && cmd->size == SMPAIR_COMMAND_MAX);
	lockdep_assert_held(&link->lock);
	*rsp_len = 0;
	if (cmd->error)
		return -EMSGSIZE;
	/* In memory that ends with the command, all of it written */
	WANT(cmd->len >= 4 && cmd->len <= cmd->size);
	exact = memcpy(malloc(cmd->len), cmd->data, cmd->len);
	memzero_explicit(cmd->data, cmd->len);
	ret = answer(exact, cmd->len, rsp, rsp_len);
	free(exact);
	if (ret)
		*rsp_len = 0;
	memcpy(dev.rsp, rsp, *rsp_len);
	if (*rsp_len > rsp_used)
		rsp_used = *rsp_len;
	return ret;
}

int smpair_link_reset(struct smpair_dev *link, u8 *atr, size_t *atr_len)
{
	u8 how = take8(&in);

	lockdep_assert_held(&link->lock);
	if (how == 0x84)
		return bad_link(take8(&in));
	sm_reset(&world.m);
	*atr_len = 2 + how % (SMPAIR_ATR_MAX - 1);
	take(&in, atr, *atr_len);
	return 0;
}

static void judge(enum smpair_cause cause)
{
	WANT(cause < SMPAIR_CAUSE_COUNT);
	WANT(strcmp(smpair_cause_name(cause), "unknown"));
	WANT(!cause == !smpair_cause_errno(cause));
}

static void step_open(void)
{
	bool restricted;
	enum smpair_cause cause = smpair_cmd_open(&dev, &restricted);

	judge(cause);
	WANT(!cause == smpair_session_live(&dev.session));
	if (cause)
		return;
	/* Only who holds KA gets this far: both ends have one session. */
	WANT(world.m.state == SM_OPENED);
	WANT(!memcmp(dev.session.prks, world.m.session.prks, PDT1_KEY_LEN));
	WANT(dev.pairing.valid && dev.n_known && dev.n >= dev.pairing.n_s);
	WANT(!memcmp(dev.pairing.mid, dev.info.mid, PDT1_ID_LEN));
}

static void step_verify(void)
{
	enum smpair_cause cause = smpair_cmd_verify(&dev);

	judge(cause);
	WANT(cause || smpair_session_live(&dev.session));
	WANT(dev.slot_count <= PDT1_SLOTS_MAX && dev.lost <= SMPAIR_LOST_MAX);
}

static void step_pair(u8 how)
{
	struct smpair_pair pair = { };
	struct smpair_e3 e3 = { };
	enum smpair_cause cause;
	u8 pin[PDT1_PIN_LEN];

	cause = smpair_cmd_begin(&dev, &pair);
	judge(cause);
	WANT(!smpair_session_live(&dev.session));
	if (!cause && !(how & 1)) {
		memset(pin, '0', sizeof(pin));
		if (!(how & 2) && world.m.store.cfg.pin_policy)
			host_pin(&world.m, &self, pin);
		cause = smpair_cmd_confirm(&dev, &pair, how & 4 ? NULL : pin, how & 8, &e3);
		judge(cause);
		WANT(cause || e3.slot == pair.e1.slot);
		WANT(!smpair_session_live(&dev.session) || (!cause && e3.sw == PDT1_SW_OK));
		/* The nonce of E2 is used up. */
		WANT(smpair_cmd_confirm(&dev, &pair, NULL, false, &e3) ==
		     SMPAIR_CAUSE_NO_MEMORY);
	}
	smpair_pair_wipe(&pair);
}

static void step_message(u8 how)
{
	size_t len = how & 1 ? take_length(&in, MESSAGE_MAX) : 4, answer_len, size;
	u8 *msg, *text;
	int ret;
	u16 sw;

	if (!smpair_session_live(&dev.session))
		return;
	size = how & 2 ? take_length(&in, 8192) : 8192;
	msg = calloc(1, len + 1);
	text = malloc(size + 1);
	take(&in, msg, how & 4 || len < 3 ? len : 3);
	ret = smpair_cmd_envelope(&dev, how & 8 ? PDT1_ENV_INNER : PDT1_ENV_APPLICATION, msg, len,
				  text, size, &answer_len, &sw);
	WANT(!ret == smpair_session_live(&dev.session));
	WANT(answer_len <= size && (!ret || !answer_len));
	/* All of the answer was written. */
	free(memcpy(malloc(answer_len + 1), text, answer_len));
	free(text);
	free(msg);
}

static void step_inner(u8 how)
{
	static const u8 known[] = { PDT1_INS_UNPAIR, PDT1_INS_CLOSE, PDT1_INS_GET_INFO, 0x55 };
	u16 sw;

	if (!smpair_session_live(&dev.session))
		return;
	if (how & 1)
		judge(smpair_cmd_slots(&dev));
	else
		judge(smpair_cmd_inner(&dev, known[how >> 1 & 3], NULL, 0, &sw));
}

static void step_manage(void)
{
	u8 blob[256], receipt[PDT1_RECEIPT_LEN + PDT1_RECEIPT_MAC_LEN];
	size_t len = take_length(&in, sizeof(blob));
	u16 sw;

	take(&in, blob, len);
	judge(smpair_cmd_manage(&dev, blob, len, receipt, &sw));
}

/* What the module's owner and the centre do meanwhile */
static void step_outside(u8 how)
{
	u8 byte = take8(&in);
	u8 body[2] = { 0, byte };

	switch (how & 7) {
	case 0:
		sm_power_down(&world.m);
		sm_power_up(&world.m, &world.tp.port, &softmod_app);
		break;
	case 1:
		if (world.m.state != SM_VIRGIN)
			manage(PDT1_OP_FREE_SLOT, body, 1);
		break;
	case 2:
		if (world.m.state == SM_SESSION && smpair_session_live(&dev.session)) {
			dev.session.n = PDT1_SESSION_COMMANDS_MAX - (byte & 1);
			world.m.session.n = dev.session.n;
		}
		break;
	case 3:
		shim_time += (s64)byte << 20;
		if (smpair_session_live(&dev.session))
			WANT(smpair_session_expired(&dev.session, byte, 60) ==
			     (dev.session.n >= byte ||
			      shim_time - dev.session.born >= 60 * MSEC_PER_SEC));
		break;
	case 4:
		shim_alloc_fail = 1 + byte % 16;
		break;
	case 5:
		shim_random_fail = 1 + byte % 4;
		break;
	case 6:
		memset(&dev.pairing, 0, sizeof(dev.pairing));
		break;
	case 7:
		smpair_session_wipe(&dev.session);
		dev.host = byte & 8 ? NULL : hosts[byte % 3];
		dev.lost = 0;
		break;
	}
}

static void step_state(u8 how)
{
	enum smpair_state state = how % SMPAIR_STATE_COUNT;
	enum smpair_event event = take8(&in) % SMPAIR_EVENT_COUNT;
	struct smpair_step step = smpair_state_next(state, event);

	WANT(step.state < SMPAIR_STATE_COUNT && step.action <= SMPAIR_ACTION_FORGET);
	WANT(step.action != SMPAIR_ACTION_REFUSE || step.state == state);
	WANT(strcmp(smpair_state_name(step.state), "unknown"));
	WANT(!strcmp(smpair_state_name(take32(&in) | 16), "unknown"));
	WANT(smpair_cause_errno(SMPAIR_CAUSE_COUNT) == EIO);
}

static void take_step(u8 byte)
{
	u8 how = byte >> 4;
	bool restricted;

	switch (byte & 15) {
	case 0:
		judge(smpair_cmd_probe(&dev));
		break;
	case 1:
	case 2:
		if (!dev.host)
			judge(smpair_cmd_open(&dev, &restricted));
		else
			step_verify();
		break;
	case 3:
		step_open();
		break;
	case 4:
	case 5:
		if (dev.host)
			step_pair(how);
		break;
	case 6:
	case 7:
		step_message(how);
		break;
	case 8:
		step_inner(how);
		break;
	case 9:
		step_manage();
		break;
	case 10:
		judge(smpair_cmd_info(&dev));
		break;
	case 11:
		step_state(how);
		break;
	default:
		step_outside(how);
		break;
	}
}

static void initialise(void)
{
	unsigned int i;

	crypto_mbedtls_init(&crypto);
	host_init(&self, 1, 1, 3);
	make_starts();
	for (i = 0; i < 3; i++)
		make_host(i);
	dev.cmd = calloc(1, SMPAIR_COMMAND_MAX);
	dev.rsp = calloc(1, SMPAIR_RESPONSE_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const u8 zero[SMPAIR_RESPONSE_MAX];
	unsigned int steps;
	u8 first;

	if (!dev.cmd)
		initialise();
	in = (struct input){ data, size };
	shim_random_reset();
	shim_random_fail = 0;
	shim_alloc_fail = 0;
	shim_time = 0;
	first = take8(&in);
	world = starts[first % START_COUNT];
	dev = (struct smpair_dev){ .cmd = dev.cmd, .rsp = dev.rsp };
	dev.host = hosts[first / START_COUNT % 3];
	rsp_used = 0;

	mutex_lock(&dev.lock);
	judge(smpair_cmd_probe(&dev));
	for (steps = 0; in.left && steps < STEPS_MAX; steps++) {
		take_step(take8(&in));
		/* Nothing of an answer stays behind. */
		WANT(!memcmp(dev.rsp, zero, rsp_used));
		rsp_used = 0;
	}
	smpair_session_wipe(&dev.session);
	mutex_unlock(&dev.lock);
	memset(dev.rsp, 0, SMPAIR_RESPONSE_MAX);
	memset(dev.cmd, 0, SMPAIR_COMMAND_MAX);
	return 0;
}
