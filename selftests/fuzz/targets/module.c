// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands to the module's core, from one with a live session on. The input is a
 * list of steps: raw bytes, or what only somebody with keys can make, bent before
 * it is sealed. Everything random is the same in each run.
 */
#include "input.h"
#include "oracle.h"
#include "softmod/app.h"
#include "softmod/core/apdu.h"
#include "softmod/core/bytes.h"
#include "softmod/core/kdf.h"
#include "softmod/port/crypto_mbedtls.h"
#include "softmod/tests/host.h"

#define HOSTS		4
#define STEPS_MAX	48
#define MESSAGE_MAX	1024

enum step {
	STEP_RAW,
	STEP_CLEAR,
	STEP_ENVELOPE,
	STEP_BEGIN,
	STEP_CONFIRM,
	STEP_OPEN,
	STEP_VERIFY,
	STEP_MANAGE,
	STEP_REWRAP,
	STEP_RESET,
	STEP_CYCLE,
	STEP_CUT,
	STEP_BENT_CONFIRM,
	STEP_SELECT,
	STEP_LAST_NUMBER,
	STEP_FLAKY,
	STEP_COUNT,
};

/* Kinds of module: all policies, the smallest limits, few slots and 32 */
static const struct {
	uint8_t slots, pin, evict, count_mode, pin_first;
	uint16_t maxc, maxr;
	uint32_t maxm;
	uint32_t n;
} kinds[] = {
	{ 8, PDT1_PIN_INDEXED, PDT1_EVICT_APPROVED, 0, 0, 0, 0, 0, 0 },
	{ 2, PDT1_PIN_PAIR, PDT1_EVICT_APPROVED, 1, 1, 136, 146, 512, 5 },
	{ 3, PDT1_PIN_NONE, PDT1_EVICT_ACTIVITY, 0, 0, 200, 146, 600, 0 },
	{ 2, PDT1_PIN_MODULE, PDT1_EVICT_NEVER, 0, 0, 136, 300, 512, 0xfffffffd },
	{ 32, PDT1_PIN_INDEXED, PDT1_EVICT_ACTIVITY, 1, 0, 300, 200, 1024, 9 },
};

#define KINDS	(sizeof(kinds) / sizeof(kinds[0]))

/* Everything that a step can change */
static struct world {
	struct test_port tp;
	struct sm_module m;
	struct host host[HOSTS];
} world, start[KINDS];

static struct sm_port crypto;
static uint8_t rsp[SM_RESPONSE_MAX];

static void make_start(unsigned int kind)
{
	struct sm_perso perso = test_perso();
	unsigned int i;

	perso.slots = kinds[kind].slots;
	perso.pin_policy = kinds[kind].pin;
	perso.evict_policy = kinds[kind].evict;
	perso.count_mode = kinds[kind].count_mode;
	perso.pin_first = kinds[kind].pin_first;
	perso.maxc = kinds[kind].maxc;
	perso.maxr = kinds[kind].maxr;
	perso.maxm = kinds[kind].maxm;
	perso.n = kinds[kind].n;
	test_module(&world.tp, &world.m, &perso, &softmod_app);
	for (i = 0; i < HOSTS; i++)
		host_init(&world.host[i], i + 1, 1, (uint16_t)i);
	host_pair(&world.m, &world.host[0]);
	/* One is full: whoever comes next needs a victim. */
	for (i = 1; perso.slots == 3 && i < perso.slots; i++)
		host_pair(&world.m, &world.host[i]);
	start[kind] = world;
}

static void send(const uint8_t *cmd, size_t len)
{
	size_t rsp_len;

	WANT(!sm_apdu(&world.m, cmd, len, rsp, sizeof(rsp), &rsp_len));
	oracle_answer(&world.m, rsp, rsp_len);
}

static void step_raw(struct input *in)
{
	uint8_t cmd[MESSAGE_MAX];
	size_t len = take_length(in, sizeof(cmd));
	uint8_t *exact = malloc(len + 1);

	/* As short as the command, so that each byte beyond it is seen */
	take(in, exact + 1, len);
	send(exact + 1, len);
	free(exact);
}

/* A command in clear of the length that it must have, or of another */
static void step_clear(struct input *in)
{
	static const struct {
		uint8_t ins;
		uint16_t len;
	} known[] = {
		{ PDT1_INS_GET_INFO, 0 }, { PDT1_INS_GET_INFO, PDT1_REPORT_NONCE_LEN },
		{ PDT1_INS_OPEN, PDT1_OPEN_LEN }, { PDT1_INS_PAIR_BEGIN, PDT1_BEGIN_LEN },
		{ PDT1_INS_PAIR_CONFIRM, PDT1_E2_LEN }, { PDT1_INS_ENVELOPE, PDT1_TAG_LEN },
		{ PDT1_INS_MANAGE, PDT1_MANAGE_MIN_LEN }, { PDT1_INS_UNPAIR, 0 },
		{ PDT1_INS_REWRAP, PDT1_REWRAP_LEN }, { PDT1_INS_CLOSE, 0 },
	};
	uint8_t cmd[7 + MESSAGE_MAX] = { PDT1_CLA };
	uint8_t pick = take8(in), more = take8(in);
	size_t len = known[pick % 10].len;

	cmd[1] = known[pick % 10].ins;
	cmd[2] = more & 3;
	cmd[3] = more >> 2 & 1;
	if (more & 0x80)
		len = take_length(in, MESSAGE_MAX);
	if (len) {
		sm_put16(cmd + 5, (uint16_t)len);
		take(in, cmd + 7, len);
		/* Past the suite and the version, where most inputs would stop */
		if (!(more & 0x40))
			cmd[7] = 1;
	}
	send(cmd, len ? 7 + len : 4);
}

static void step_envelope(struct input *in, struct host *h)
{
	uint8_t text[MESSAGE_MAX], kind = take8(in), more = kind >> 2 & 1;
	static const uint8_t inner[] = {
		PDT1_INS_GET_INFO, PDT1_INS_UNPAIR, PDT1_INS_GET_SLOTS,
		PDT1_INS_REWRAP, PDT1_INS_CLOSE,
	};
	size_t len, off = 0, room = sm_maxc(&world.m) - PDT1_TAG_LEN, got;
	uint16_t outer;

	if (room > sizeof(text))
		room = sizeof(text);
	if (kind & 0x80) {
		text[0] = PDT1_CLA;
		text[1] = inner[take8(in) % 5];
		text[2] = 0;
		text[3] = 0;
		off = 4;
		room = text[1] == PDT1_INS_REWRAP && kind & 0x40 ? 4 + PDT1_REWRAP_LEN : room;
	}
	if (kind & 0x20)
		len = room - off;
	else
		len = take_length(in, room - off);
	take(in, text + off, len);
	host_envelope(&world.m, h, kind & 3, &more, text, off + len, rsp, &got, &outer);
}

/* Who works the PIN out is not the module: nothing fails meanwhile. */
static void right_pin(struct host *h, uint8_t pin[8])
{
	unsigned int macs = world.tp.macs, no_mac_at = world.tp.no_mac_at;

	world.tp.no_mac_at = 0;
	host_pin(&world.m, h, pin);
	world.tp.macs = macs;
	world.tp.no_mac_at = no_mac_at;
}

static void step_confirm(struct input *in, struct host *h)
{
	uint8_t kind = take8(in), pin[8];

	memset(pin, 0, sizeof(pin));
	if ((kind & 3) < 3 && world.m.store.cfg.pin_policy != PDT1_PIN_NONE)
		right_pin(h, pin);
	if ((kind & 3) == 1)
		pin[7] = (uint8_t)('0' + (pin[7] - '0' + 1) % 10);
	if ((kind & 3) == 2)
		pin[kind >> 5] = take8(in);
	host_confirm(&world.m, h, pin, kind >> 2 & 3);
}

/* E2 with some bytes of its plaintext changed; the session that may follow is
 * nobody's.
 */
static void step_bent_confirm(struct input *in, struct host *h)
{
	static const uint8_t ad[4] = { 'C', PDT1_INS_PAIR_CONFIRM, 0, 0 };
	static const uint8_t nonce[12];
	uint8_t cmd[7 + PDT1_E2_LEN] = { PDT1_CLA, PDT1_INS_PAIR_CONFIRM };
	uint8_t plain[PDT1_E2_PLAIN_LEN];
	uint8_t pin[8] = { 0 }, at, count = take8(in) % 8;

	if (world.m.store.cfg.pin_policy != PDT1_PIN_NONE)
		right_pin(h, pin);
	host_seal_e2(h, pin, PDT1_E2_OPT_EVICT, cmd + 7);
	WANT(!crypto.gcm_open(NULL, h->kph, nonce, ad, 4, cmd + 7, PDT1_E2_LEN, plain));
	while (count--) {
		at = take8(in) % PDT1_E2_PLAIN_LEN;
		plain[at] ^= take8(in);
	}
	/* A host that can find its slot must be able to open its PDC. */
	plain[12] ^= 0x80;
	WANT(!crypto.gcm_seal(NULL, h->kph, nonce, ad, 4, plain, sizeof(plain), cmd + 7));
	sm_put16(cmd + 5, PDT1_E2_LEN);
	send(cmd, sizeof(cmd));
}

/* A command of the centre: in sequence with any body, or with its header bent
 * before it is sealed.
 */
static void step_manage(struct input *in)
{
	uint8_t cmd[7 + PDT1_MANAGE_MIN_LEN + 256] = { PDT1_CLA, PDT1_INS_MANAGE };
	static const uint8_t bodies[] = {
		0, 1, 8, 8, 1, 10, 34, 2, 2, 32, 32, 1, 2, 0, 0, 0, 8,
	};
	uint8_t op = take8(in), how = take8(in), key[32], body[256];
	uint8_t *header = cmd + 7;
	size_t len = op < sizeof(bodies) ? bodies[op] : 0;

	if (how & 1)
		len = take_length(in, 255);
	take(in, body, len);
	header[0] = PDT1_MANAGE_VERSION;
	header[1] = op;
	sm_put16(header + 2, (uint16_t)len);
	memcpy(header + 4, world.m.store.keys.mid, 8);
	sm_put32(header + 12, world.m.store.meta.mseq + (how & 2 ? take32(in) : 1));
	sm_put32(header + 16, how & 4 ? PDT1_MANAGE_NEXP_ANY :
		 world.m.store.meta.n + (how & 8 ? 1 : 0));
	if (how & 16)
		header[take8(in) % PDT1_MANAGE_HEADER_LEN] ^= take8(in);
	memset(header + 20, op, 12);
	WANT(!sm_kdf(&crypto, world.m.store.keys.kmg, "mc", NULL, 0, key, sizeof(key)));
	WANT(!crypto.gcm_seal(NULL, key, header + 20, header, 20, body, len, header + 32));
	if (how & 32)
		header[20 + take8(in) % (len + 28)] ^= 1;
	sm_put16(cmd + 5, (uint16_t)(PDT1_MANAGE_MIN_LEN + len));
	send(cmd, 7 + PDT1_MANAGE_MIN_LEN + len);
}

/* The host's session is the module's, up to its number */
static bool live(const struct host *h)
{
	const struct sm_session *s = &world.m.session;

	return (world.m.state == SM_OPENED || world.m.state == SM_SESSION) &&
	       h->n == s->n && !memcmp(h->h2m, s->h2m, sizeof(h->h2m)) &&
	       s->n < PDT1_SESSION_COMMANDS_MAX;
}

/* OPEN; the PDC may be left out where the host's KA is the one of its slot. */
static void step_open(struct input *in, struct host *h)
{
	uint8_t flags = take8(in) & PDT1_OPEN_FLAG_NO_PDC, i;

	for (i = 0; flags && i < PDT1_SLOTS_MAX; i++) {
		const struct sm_slot *slot = &world.m.store.slot[i];

		if (slot->used && !memcmp(slot->sn, h->sn, 8) &&
		    memcmp(slot->ka, h->ka, sizeof(h->ka)))
			flags = 0;
	}
	host_open(&world.m, h, flags);
}

static void power_cycle(void)
{
	static const uint8_t info[] = { PDT1_CLA, PDT1_INS_GET_INFO, 0, 0 };
	size_t len;

	sm_power_down(&world.m);
	/* Nobody is there. */
	sm_reset(&world.m);
	WANT(sm_apdu(&world.m, info, sizeof(info), rsp, sizeof(rsp), &len) == SM_EOFF && !len);
	test_port_restore(&world.tp);
	WANT(!sm_power_up(&world.m, &world.tp.port, &softmod_app));
}

/* Power comes back while the flash fails once: little is answered until it does. */
static void power_up_flaky(uint8_t how)
{
	int err;

	sm_power_down(&world.m);
	test_port_restore(&world.tp);
	world.tp.flaky = true;
	test_port_cut(&world.tp, 1 + how % 8, how >> 4 & 3);
	err = sm_power_up(&world.m, &world.tp.port, &softmod_app);
	WANT(!err || (err == SM_EIO && (world.m.boot_pending || world.m.blocked)));
}

/* A later write of flash, read of it or MAC fails, once. */
static void step_flaky(uint8_t how)
{
	switch (how & 0xc0) {
	case 0x40:
		world.tp.no_mac_at = world.tp.macs + 1 + how % 64;
		break;
	case 0xc0:
		world.tp.no_read_at = world.tp.reads + 1 + how % 64;
		break;
	default:
		world.tp.flaky = true;
		world.tp.silent = how >> 7;
		test_port_cut(&world.tp, 1 + how % 16, how >> 4 & 3);
		break;
	}
}

static void take_step(enum step step, struct input *in, struct host *h)
{
	static const uint8_t select[] = { 0, 0xa4, 4, 0, 10,
		0xf0, 0x50, 0x44, 0x54, 0x2d, 0x50, 0x41, 0x49, 0x52, 0x01 };
	uint8_t byte;

	switch (step) {
	case STEP_RAW:
		step_raw(in);
		break;
	case STEP_CLEAR:
		step_clear(in);
		break;
	case STEP_ENVELOPE:
		step_envelope(in, h);
		break;
	case STEP_BEGIN:
		host_begin(&world.m, h);
		break;
	case STEP_CONFIRM:
		step_confirm(in, h);
		break;
	case STEP_BENT_CONFIRM:
		step_bent_confirm(in, h);
		break;
	case STEP_OPEN:
		step_open(in, h);
		break;
	case STEP_VERIFY:
		if (live(h))
			host_inner(&world.m, h, PDT1_INS_GET_INFO);
		break;
	case STEP_MANAGE:
		step_manage(in);
		break;
	case STEP_REWRAP:
		byte = take8(in);
		if (live(h))
			host_rewrap(&world.m, h, byte % 5);
		break;
	case STEP_RESET:
		sm_reset(&world.m);
		break;
	case STEP_CYCLE:
		byte = take8(in);
		if (byte & 0x80)
			power_up_flaky(byte);
		else
			power_cycle();
		break;
	case STEP_CUT:
		byte = take8(in);
		test_port_cut(&world.tp, 1 + byte % 32, byte >> 6);
		break;
	case STEP_FLAKY:
		step_flaky(take8(in));
		break;
	case STEP_SELECT:
		send(select, sizeof(select));
		break;
	case STEP_LAST_NUMBER:
		if (live(h)) {
			world.m.session.n = PDT1_SESSION_COMMANDS_MAX - 1;
			h->n = world.m.session.n;
		}
		break;
	default:
		break;
	}
}

/* What no step may do */
static void check(enum step step, enum sm_state before, uint32_t n, uint8_t ptc)
{
	const struct sm_store *store = &world.m.store;
	uint8_t key[PDT1_KEY_LEN];

	/* Keys of the protocol are none of an application's. */
	WANT(sm_app_key(&world.m, PDT1_LABEL_KA_REWRAP, key) == SM_EINVAL);
	if (world.m.boot_pending)
		return;
	/* Records that could not be read are those of no module, until a reset. */
	if (world.m.state == SM_FATAL) {
		WANT(before == SM_FATAL ||
		     (world.tp.no_read_at && world.tp.reads >= world.tp.no_read_at));
		return;
	}
	WANT(world.m.state >= SM_IDLE && world.m.state <= SM_SESSION);
	WANT(store->meta.n >= n);
	WANT(store->meta.ptc <= ptc || store->meta.n > n || step == STEP_MANAGE);
	WANT(world.m.state < SM_OPENED || store->slot[world.m.session.slot].used);
	WANT(world.m.state <= SM_IDLE || !store->meta.frozen);
	WANT(world.m.session.collected <= sm_maxm(&world.m));
	WANT(world.m.session.out_sent <= world.m.session.out_len &&
	     world.m.session.out_len <= sm_maxm(&world.m));
	oracle_records(store);
	oracle_hosts(store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	unsigned int kind, steps;

	if (!start[0].m.state) {
		crypto_mbedtls_init(&crypto);
		for (kind = 0; kind < KINDS; kind++)
			make_start(kind);
	}
	world = start[take8(&in) % KINDS];

	for (steps = 0; in.left && steps < STEPS_MAX; steps++) {
		uint8_t byte = take8(&in);
		enum step step = byte % STEP_COUNT;
		uint32_t n = world.m.store.meta.n;
		uint8_t ptc = world.m.store.meta.ptc;
		enum sm_state before = world.m.state;

		take_step(step, &in, &world.host[byte / STEP_COUNT % HOSTS]);
		if (world.tp.dead)
			power_cycle();
		check(step, before, n, ptc);
	}
	/* Whatever happened: with power back, memory and flash agree. */
	power_cycle();
	oracle_records(&world.m.store);
	oracle_hosts(&world.m.store);
	oracle_flash(&world.m);
	return 0;
}
