// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "softmod/app.h"
#include "softmod/core/bytes.h"
#include "softmod/tests/curve.h"
#include "softmod/tests/power/observe.h"
#include "softmod/tests/power/world.h"

struct world world;

/* Without the buffers at the end of the module, which are empty between
 * commands
 */
#define SAVED	(offsetof(struct world, m) + offsetof(struct sm_module, scratch))

static uint8_t saved[SAVED];

static struct test_port *const tp = &world.tp;
static struct flash *const flash = &world.flash;
static struct oracle *const oracle = &world.oracle;
static int (*real_hmac)(void *ctx, const uint8_t key[32],
			const struct sm_part *parts, size_t n,
			uint8_t out[32]);

void world_save(void)
{
	memcpy(saved, &world, SAVED);
}

void world_restore(void)
{
	memcpy(&world, saved, SAVED);
}

static int port_read(void *ctx, uint32_t off, void *buf, uint32_t len)
{
	(void)ctx;
	return flash_read(flash, off, buf, len);
}

static int port_program(void *ctx, uint32_t off, const void *buf, uint32_t len)
{
	(void)ctx;
	return flash_program(flash, off, buf, len);
}

static int port_erase(void *ctx, uint32_t off)
{
	(void)ctx;
	return flash_erase(flash, off);
}

static int port_sync(void *ctx)
{
	(void)ctx;
	return flash_sync(flash);
}

/* Nothing else in the module is a MAC over a counter of eight bytes alone: this
 * is its own PIN, and next it compares.
 */
static int port_hmac(void *ctx, const uint8_t key[32],
		     const struct sm_part *parts, size_t n, uint8_t out[32])
{
	if (n == 1 && parts[0].len == 8)
		oracle_compared(oracle);
	return real_hmac(ctx, key, parts, n, out);
}

/* What a module without power says reaches nobody. */
static int call(struct sm_module *m, const uint8_t *cmd, size_t len,
		uint8_t *rsp, size_t *rsp_len)
{
	if (flash->dead)
		return -1;
	assert_int_equal(sm_apdu(m, cmd, len, rsp, SM_RESPONSE_MAX, rsp_len),
			 0);
	return flash->dead ? -1 : 0;
}

static test_transmit_fn carrier;

static int transmit(struct sm_module *m, const uint8_t *cmd, size_t len,
		    uint8_t *rsp, size_t *rsp_len)
{
	int err = carrier(m, cmd, len, rsp, rsp_len);

	world.lost = err;
	return err;
}

static void check_flash(void)
{
	if (flash->misuse)
		oracle_violated(oracle, FLASH_IS_USED_AS_FLASH, flash->misuse);
}

static void look(int err)
{
	static struct model seen;
	char detail[40];

	check_flash();
	if (err) {
		snprintf(detail, sizeof(detail), "power-up returned %d", err);
		oracle_violated(oracle, MODULE_RECOVERS, detail);
		return;
	}
	observe_store(&seen, &world.m.store);
	oracle_seen(oracle, &seen, world.m.store.boot);
}

static int power_up(void)
{
	sm_power_down(&world.m);
	flash_power(flash);
	world.wrong_pins = 0;
	return sm_power_up(&world.m, &tp->port, &softmod_app);
}

void world_power(void)
{
	look(power_up());
}

bool world_power_with_fault(unsigned int k, enum flash_fault fault,
			    unsigned int part)
{
	int err;

	sm_power_down(&world.m);
	flash_power(flash);
	world.wrong_pins = 0;
	flash_order(flash, k, fault, part);
	err = sm_power_up(&world.m, &tp->port, &softmod_app);
	check_flash();
	if (flash->dead || (flash->hit && err == SM_EIO))
		return false;
	look(err);
	return !err;
}

static void meet_hosts(const struct sm_perso *perso, test_transmit_fn fn)
{
	struct model m;
	uint32_t i;

	carrier = fn;
	test_transmit(transmit);
	for (i = 0; i < WORLD_HOSTS; i++)
		host_init(&world.host[i], i + 1, 1, WORLD_RIGHTS);
	memset(&world.host[WORLD_HOSTS], 0,
	       WORLD_HOSTS * sizeof(world.host[0]));
	model_init(&m, perso);
	oracle_init(oracle, &m);
}

void world_start(const struct sm_perso *perso)
{
	test_port_init(tp);
	tp->port.flash_read = port_read;
	tp->port.flash_program = port_program;
	tp->port.flash_erase = port_erase;
	tp->port.flash_sync = port_sync;
	tp->port.flash_size = FLASH_SIZE;
	tp->port.flash_block = FLASH_BLOCK;
	tp->port.x25519 = curve_x25519;
	real_hmac = tp->port.hmac;
	tp->port.hmac = port_hmac;

	flash_init(flash);
	assert_int_equal(sm_personalise(&tp->port, perso), 0);
	world.outside = false;
	meet_hosts(perso, call);
	world_power();
}

void world_start_outside(const struct sm_perso *perso,
			 test_transmit_fn transmit_fn)
{
	flash_init(flash);
	world.outside = true;
	meet_hosts(perso, transmit_fn);
}

/* Host @i with the generation of its key that its pairing has */
static struct host *host_of(int i)
{
	const struct model *m = &oracle->before;
	uint8_t slot = model_find(m, world.host[i].sn);

	if (slot != PDT1_SLOT_NONE && m->slot[slot].m != world.host[i].m)
		i += WORLD_HOSTS;
	return &world.host[i];
}

static struct action action_of(const struct host *h, enum action_kind kind)
{
	struct action a = {
		.kind = kind,
		.rights = WORLD_RIGHTS,
		.m = h->m,
	};

	memcpy(a.sn, h->sn, PDT1_ID_LEN);
	memcpy(a.ka, h->ka, PDT1_KEY_LEN);
	return a;
}

bool world_begin(int i)
{
	return host_begin(&world.m, &world.host[i]) == PDT1_SW_OK;
}

/* Nothing is judged any more, so nothing may change */
static void blocked(void)
{
	static const struct action nothing;
	const struct model_meta *meta = &oracle->before.meta;

	if (meta->ptc && meta->wt < PDT1_WT_MAX &&
	    world.wrong_pins < PDT1_WRONG_PER_POWER_UP)
		oracle_violated(oracle, ANSWERS_FIT_THE_STATE,
				"a PIN was refused although tries are left");
	oracle_sent(oracle, &nothing);
}

static void verdict(const struct host *h, enum action_kind kind)
{
	uint16_t sw = E3_SW(h);
	bool wrong = (sw & PDT1_SW_PIN_WRONG_MASK) == PDT1_SW_PIN_WRONG;

	if (sw == PDT1_SW_MEMORY)
		return;
	if (wrong && world.outside)
		oracle_compared(oracle);
	if (wrong)
		world.wrong_pins++;
	if (sw == PDT1_SW_BLOCKED)
		blocked();
	if (sw == PDT1_SW_OK && kind == ACTION_GUESS)
		oracle_violated(oracle, ANSWERS_FIT_THE_STATE,
				"a wrong PIN was accepted");
	if (wrong && kind == ACTION_PAIR)
		oracle_violated(oracle, ANSWERS_FIT_THE_STATE,
				"the right PIN was refused");
	oracle_answered(oracle, 0);
	if (E3_PTC(h) != oracle->before.meta.ptc)
		oracle_violated(oracle, ANSWERS_FIT_THE_STATE,
				"another number of tries in E3");
	if (E3_N(h) != oracle->before.meta.n)
		oracle_violated(oracle, ANSWERS_FIT_THE_STATE,
				"another N in E3");
}

void world_confirm(int i, bool right)
{
	struct host *h = &world.host[i];
	struct action a = action_of(h, right ? ACTION_PAIR : ACTION_GUESS);
	uint8_t pin[PDT1_PIN_LEN];

	model_pin(&oracle->before, h->sn, E1_N(h), pin);
	if (!right)
		pin[0] = pin[0] == '0' ? '1' : '0';
	oracle_sent(oracle, &a);
	if (host_confirm(&world.m, h, pin, PDT1_E2_OPT_EVICT) == PDT1_SW_OK)
		verdict(h, a.kind);
}

void world_open(int i)
{
	if (host_open(&world.m, host_of(i), 0) != PDT1_SW_OK && !world.lost)
		oracle_violated(oracle, ANSWERS_FIT_THE_STATE,
				"a paired host cannot open a session");
}

static void inner(int i, enum action_kind kind, uint8_t ins)
{
	struct host *h = host_of(i);
	struct action a = action_of(h, kind);

	oracle_sent(oracle, &a);
	if (host_inner(&world.m, h, ins) != PDT1_SW_OK)
		return;
	/* A verification stands even if it could not be counted (section 6) */
	if (kind == ACTION_VERIFY && flash->hit)
		return;
	oracle_answered(oracle, 0);
}

void world_verify(int i)
{
	inner(i, ACTION_VERIFY, PDT1_INS_GET_INFO);
}

void world_unpair(int i)
{
	inner(i, ACTION_UNPAIR, PDT1_INS_UNPAIR);
}

void world_rewrap(int i)
{
	struct host *new = &world.host[WORLD_HOSTS + i];
	struct host h = *host_of(i);
	struct action a = action_of(&h, ACTION_REWRAP);

	host_renew(&h, 2, new);
	a.m = 2;
	memcpy(a.ka, new->ka, PDT1_KEY_LEN);
	oracle_sent(oracle, &a);
	if (host_rewrap(&world.m, &h, 2) == PDT1_SW_OK)
		oracle_answered(oracle, 0);
}

void world_manage(uint8_t op, const void *body, size_t len)
{
	struct action a = {
		.kind = ACTION_MANAGE,
		.op = op,
		.seq = oracle->before.meta.mseq + 1,
		.len = len,
	};
	uint16_t result;

	assert_true(len <= sizeof(a.body));
	if (len)
		memcpy(a.body, body, len);
	oracle_sent(oracle, &a);
	if (centre_manage(&world.m, op, a.seq, PDT1_MANAGE_NEXP_ANY, body, len,
			  &result) != PDT1_SW_OK)
		return;
	oracle_answered(oracle, result);
	if (op == PDT1_OP_UNBLOCK_PIN && result == PDT1_SW_OK)
		world.wrong_pins = 0;
}

/* Both generations of a host that may be in a REWRAP */
static int all_hosts(struct host *hosts)
{
	int i, count = WORLD_HOSTS;

	memcpy(hosts, world.host, WORLD_HOSTS * sizeof(*hosts));
	for (i = WORLD_HOSTS; i < 2 * WORLD_HOSTS; i++)
		if (world.host[i].m)
			hosts[count++] = world.host[i];
	return count;
}

/* False, and a violation, when the module does not answer properly */
static bool ask(struct sighting *seen, const struct model *m,
		const struct host *hosts, int count)
{
	if (observe_wire(seen, &world.m, m->keys.kmg, hosts, count))
		return true;
	oracle_violated(oracle, ANSWERS_FIT_THE_STATE,
			"an answer is missing or not authentic");
	return false;
}

void world_probe(void)
{
	const struct model *m = &oracle->before;
	struct host hosts[2 * WORLD_HOSTS];
	struct sighting seen, expected;
	int count = all_hosts(hosts);
	const char *what;

	if (oracle->violated != HOLDS || !ask(&seen, m, hosts, count))
		return;
	sighting_of(&expected, m, hosts, count);
	what = sighting_difference(&seen, &expected);
	if (what)
		oracle_violated(oracle, ANSWERS_FIT_THE_STATE, what);
}

/* What the oracle makes of a sight that fits no state: what can be seen, laid
 * over the state before.
 */
static void judge_sight(const struct sighting *seen)
{
	static struct model m;

	m = oracle->before;
	m.meta.n = seen->n;
	m.meta.ptc = seen->ptc;
	m.meta.mseq = seen->mseq;
	memcpy(m.meta.ft, seen->ft, PDT1_FT_LEN);
	oracle_seen(oracle, &m, oracle->boot + 1);
	oracle_violated(oracle, OLD_OR_NEW,
			"sessions that hosts can open, slots, or T");
}

void world_sight(void)
{
	struct host hosts[2 * WORLD_HOSTS];
	struct sighting seen, expected;
	struct model_path *may = &oracle->may;
	int i, count = all_hosts(hosts);

	world.wrong_pins = 0;
	if (oracle->violated != HOLDS ||
	    !ask(&seen, &oracle->before, hosts, count))
		return;
	for (i = 0; i < may->count; i++) {
		static struct model state;

		state = may->state[i];
		sighting_of(&expected, &state, hosts, count);
		if (sighting_difference(&seen, &expected))
			continue;
		oracle_seen(oracle, &state, oracle->boot + 1);
		return;
	}
	judge_sight(&seen);
}

void world_go_on(void)
{
	const struct model *m = &oracle->before;
	bool tries = m->settings.pin_policy == PDT1_PIN_NONE || m->meta.ptc;

	if (oracle->violated != HOLDS || m->meta.frozen || !tries ||
	    world.host[3].m < m->settings.m_min)
		return;
	if (!world_begin(3)) {
		oracle_violated(oracle, ANSWERS_FIT_THE_STATE,
				"a host cannot begin to pair");
		return;
	}
	world_confirm(3, true);
	if (!oracle->answered)
		oracle_violated(oracle, ANSWERS_FIT_THE_STATE,
				"a host cannot pair");
	world_power();
	world_probe();
}
