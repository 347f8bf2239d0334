// SPDX-License-Identifier: GPL-2.0-or-later
/* States, order of checks, PIN limits, sessions, the centre's commands. */
#include <string.h>

#include "softmod/app.h"
#include "softmod/core/bytes.h"
#include "softmod/core/slot.h"
#include "softmod/tests/host.h"

#define ANY	PDT1_MANAGE_NEXP_ANY

static struct test_port tp;
static struct sm_module m;
static uint8_t buf[SM_RESPONSE_MAX];
static const uint8_t wrong_pin[8] = { '0', '0', '0', '0', '0', '0', '0', '0' };

static void fresh(const struct sm_perso *perso)
{
	test_module(&tp, &m, perso, &softmod_app);
}

static void fresh_default(void)
{
	const struct sm_perso p = test_perso();

	fresh(&p);
}

static const uint8_t *info(void)
{
	static uint8_t rsp[SM_RESPONSE_MAX];
	size_t n;

	assert_int_equal(test_apdu(&m, PDT1_INS_GET_INFO, 0, 0, NULL, 0, rsp,
				   &n), PDT1_SW_OK);
	assert_int_equal(n, PDT1_INFO_LEN);
	return rsp;
}

static uint16_t select_aid(const uint8_t *aid, size_t len)
{
	size_t n;

	return test_apdu(&m, PDT1_INS_SELECT, 4, 0, aid, len, buf, &n);
}

static uint16_t select_app(void)
{
	static const uint8_t aid[] = PDT1_AID;

	return select_aid(aid, sizeof(aid));
}

/* An application message in one envelope; inner status word */
static uint16_t message(struct host *h, const void *data, size_t len,
			size_t *n)
{
	uint8_t more = 0;
	uint16_t outer, sw;

	sw = host_envelope(&m, h, PDT1_ENV_APPLICATION, &more, data, len, buf,
			   n, &outer);
	assert_int_equal(outer, PDT1_SW_OK);
	return sw;
}

/* ---- NVM writes ---- */

static void writes_per_power_up_pairing_and_verification(void **state)
{
	struct host h;
	uint64_t w;

	(void)state;
	fresh_default();
	assert_int_equal(m.store.nvm.writes, 1);
	host_init(&h, 1, 1, 3);
	host_pair(&m, &h);
	assert_int_equal(m.store.nvm.writes, 1 + 4);
	test_cycle(&tp, &m);
	assert_int_equal(m.store.nvm.writes, 1);
	host_verify(&m, &h);
	assert_int_equal(m.store.nvm.writes, 2);

	w = m.store.nvm.writes;
	assert_int_equal(host_open(&m, &h, 0), PDT1_SW_OK);
	assert_int_equal(host_begin(&m, &h), PDT1_SW_OK);
	assert_int_equal(m.store.nvm.writes, w);
}

static void count_mode_1_writes_every_sixteenth(void **state)
{
	struct sm_perso p = test_perso();
	struct host h;
	uint64_t w;
	int i;

	(void)state;
	p.count_mode = 1;
	fresh(&p);
	host_init(&h, 1, 1, 3);
	host_pair(&m, &h);
	w = m.store.nvm.writes;
	for (i = 0; i < 15; i++)
		host_verify(&m, &h);
	assert_int_equal(m.store.nvm.writes, w);
	assert_int_equal(m.store.act[0].cpt, 16);
	host_verify(&m, &h);
	assert_int_equal(m.store.nvm.writes, w + 1);

	test_cycle(&tp, &m);
	assert_int_equal(m.store.act[0].cpt, 17);
	w = m.store.nvm.writes;
	host_verify(&m, &h);
	assert_int_equal(m.store.nvm.writes, w + 1);
}

/* ---- section 9 ---- */

enum setup { S_VIRGIN, S_FATAL, S_FROZEN, S_IDLE, S_PAIRING, S_OPENED,
	     S_SESSION, S_COUNT };

enum act { A_OPEN, A_OPEN_UNKNOWN, A_BEGIN, A_CONFIRM, A_CONFIRM_BAD,
	   A_ENVELOPE, A_ENVELOPE_BAD, A_MANAGE, A_MANAGE_BAD, A_SELECT,
	   A_SELECT_OTHER, A_RESET, A_INFO, A_REPORT, A_INNER, A_COUNT };

struct outcome {
	uint16_t sw;
	enum sm_state state;
};

#define NO(s)	{ PDT1_SW_STATE, s }

static const struct outcome table[S_COUNT][A_COUNT] = {
	[S_VIRGIN] = { NO(SM_VIRGIN), NO(SM_VIRGIN), NO(SM_VIRGIN), NO(SM_VIRGIN), NO(SM_VIRGIN),
		NO(SM_VIRGIN), NO(SM_VIRGIN), NO(SM_VIRGIN), NO(SM_VIRGIN), { 0x9000, SM_VIRGIN },
		{ 0x6a82, SM_VIRGIN }, { 0x9000, SM_VIRGIN }, { 0x9000, SM_VIRGIN },
		NO(SM_VIRGIN), NO(SM_VIRGIN) },
	[S_FATAL] = { NO(SM_FATAL), NO(SM_FATAL), NO(SM_FATAL), NO(SM_FATAL), NO(SM_FATAL),
		NO(SM_FATAL), NO(SM_FATAL), NO(SM_FATAL), NO(SM_FATAL), { 0x9000, SM_FATAL },
		{ 0x6a82, SM_FATAL }, { 0x9000, SM_FATAL }, { 0x9000, SM_FATAL },
		NO(SM_FATAL), NO(SM_FATAL) },
	[S_FROZEN] = { NO(SM_IDLE), NO(SM_IDLE), NO(SM_IDLE), NO(SM_IDLE),
		NO(SM_IDLE), NO(SM_IDLE), NO(SM_IDLE), { 0x9000, SM_IDLE },
		{ 0x6982, SM_IDLE }, { 0x9000, SM_IDLE }, { 0x6a82, SM_IDLE },
		{ 0x9000, SM_IDLE }, { 0x9000, SM_IDLE }, { 0x9000, SM_IDLE },
		NO(SM_IDLE) },
	[S_IDLE] = { { 0x9000, SM_OPENED }, { 0x6a88, SM_IDLE },
		{ 0x9000, SM_PAIRING }, NO(SM_IDLE), NO(SM_IDLE), NO(SM_IDLE),
		NO(SM_IDLE), { 0x9000, SM_IDLE }, { 0x6982, SM_IDLE },
		{ 0x9000, SM_IDLE }, { 0x6a82, SM_IDLE }, { 0x9000, SM_IDLE },
		{ 0x9000, SM_IDLE }, { 0x9000, SM_IDLE }, NO(SM_IDLE) },
	[S_PAIRING] = { { 0x9000, SM_OPENED }, { 0x6a88, SM_IDLE },
		{ 0x9000, SM_PAIRING }, { 0x9000, SM_SESSION },
		{ 0x6982, SM_IDLE }, NO(SM_IDLE), NO(SM_IDLE),
		{ 0x9000, SM_IDLE }, { 0x6982, SM_IDLE }, { 0x9000, SM_IDLE },
		{ 0x6a82, SM_IDLE }, { 0x9000, SM_IDLE },
		{ 0x9000, SM_PAIRING }, { 0x9000, SM_PAIRING }, NO(SM_IDLE) },
	[S_OPENED] = { { 0x9000, SM_OPENED }, { 0x6a88, SM_IDLE },
		{ 0x9000, SM_PAIRING }, NO(SM_OPENED), NO(SM_OPENED),
		{ 0x9000, SM_SESSION }, { 0x6982, SM_IDLE },
		{ 0x9000, SM_IDLE }, { 0x6982, SM_IDLE }, { 0x9000, SM_IDLE },
		{ 0x6a82, SM_IDLE }, { 0x9000, SM_IDLE },
		{ 0x9000, SM_OPENED }, { 0x9000, SM_OPENED }, NO(SM_OPENED) },
	[S_SESSION] = { { 0x9000, SM_OPENED }, { 0x6a88, SM_IDLE },
		{ 0x9000, SM_PAIRING }, NO(SM_SESSION), NO(SM_SESSION),
		{ 0x9000, SM_SESSION }, { 0x6982, SM_IDLE },
		{ 0x9000, SM_SESSION }, { 0x6982, SM_SESSION },
		{ 0x9000, SM_IDLE }, { 0x6a82, SM_IDLE }, { 0x9000, SM_IDLE },
		{ 0x9000, SM_SESSION }, { 0x9000, SM_SESSION },
		NO(SM_SESSION) },
};

static struct host paired, newcomer;

static void set_up(enum setup s)
{
	struct sm_meta meta;

	fresh_default();
	host_init(&paired, 1, 1, 3);
	host_init(&newcomer, 2, 1, 3);
	host_pair(&m, &paired);
	sm_reset(&m);

	switch (s) {
	case S_VIRGIN:
		test_port_init(&tp);
		assert_int_equal(sm_power_up(&m, &tp.port, &softmod_app),
				 SM_EVIRGIN);
		break;
	case S_FATAL:
		tp.flash[40] ^= 1;
		assert_int_equal(sm_power_up(&m, &tp.port, &softmod_app),
				 SM_EDAMAGED);
		break;
	case S_FROZEN:
		meta = m.store.meta;
		meta.frozen = true;
		assert_int_equal(sm_store_meta(&m.store, &meta), 0);
		break;
	case S_PAIRING:
		assert_int_equal(host_begin(&m, &newcomer), PDT1_SW_OK);
		break;
	case S_OPENED:
		assert_int_equal(host_open(&m, &paired, 0), PDT1_SW_OK);
		break;
	case S_SESSION:
		host_verify(&m, &paired);
		break;
	default:
		break;
	}
}

static uint16_t envelope_now(bool good)
{
	const uint8_t echo[2] = { APP_ECHO, 1 };
	struct host copy = paired;
	uint8_t more = 0;
	uint16_t outer;
	size_t n;

	if (!good)
		copy.h2m[0] ^= 1;
	if (m.state != SM_OPENED && m.state != SM_SESSION)
		memset(copy.h2m, 0, sizeof(copy.h2m));
	host_envelope(&m, &copy, PDT1_ENV_APPLICATION, &more, echo, 2, buf, &n,
		      &outer);
	return outer;
}

static uint16_t act(enum act a)
{
	static const uint8_t other[] = { 0xa0, 0, 0, 0, 3 };
	uint8_t data[PDT1_E2_LEN] = { 0 };
	struct host stranger;
	uint8_t pin[8];
	uint16_t result;
	size_t n;

	switch (a) {
	case A_OPEN:
		return host_open(&m, &paired, 0);
	case A_OPEN_UNKNOWN:
		host_init(&stranger, 77, 1, 3);
		return host_open(&m, &stranger, 0);
	case A_BEGIN:
		host_init(&stranger, 78, 1, 3);
		return host_begin(&m, &stranger);
	case A_CONFIRM:
		if (m.state == SM_PAIRING) {
			host_pin(&m, &newcomer, pin);
			return host_confirm(&m, &newcomer, pin, 0);
		}
		/* fall through */
	case A_CONFIRM_BAD:
		return test_apdu(&m, PDT1_INS_PAIR_CONFIRM, 0, 0, data,
				 sizeof(data), buf, &n);
	case A_ENVELOPE:
		return envelope_now(true);
	case A_ENVELOPE_BAD:
		return envelope_now(false);
	case A_MANAGE:
		return centre_manage(&m, PDT1_OP_UNBLOCK_PIN, 1, ANY, "\5", 1,
				     &result);
	case A_MANAGE_BAD:
		data[0] = 1;
		return test_apdu(&m, PDT1_INS_MANAGE, 0, 0, data,
				 PDT1_MANAGE_MIN_LEN, buf, &n);
	case A_SELECT:
		return select_app();
	case A_SELECT_OTHER:
		return select_aid(other, sizeof(other));
	case A_RESET:
		sm_reset(&m);
		return PDT1_SW_OK;
	case A_INFO:
		info();
		return PDT1_SW_OK;
	case A_REPORT:
		return test_apdu(&m, PDT1_INS_GET_INFO, 1, 0, data, 16, buf,
				 &n);
	default:
		return test_apdu(&m, PDT1_INS_CLOSE, 0, 0, NULL, 0, buf, &n);
	}
}

static void every_state_answers_every_command(void **state)
{
	int s, a;

	(void)state;
	for (s = 0; s < S_COUNT; s++) {
		for (a = 0; a < A_COUNT; a++) {
			const struct outcome *want = &table[s][a];
			uint16_t sw;

			set_up(s);
			sw = act(a);
			if (sw != want->sw || m.state != want->state)
				fail_msg("state %d, command %d: %04x in state %d, not %04x in %d",
					 s, a, sw, m.state, want->sw,
					 want->state);
		}
	}
}

static void session_ends_when_its_slot_is_freed(void **state)
{
	uint16_t result;

	(void)state;
	set_up(S_SESSION);
	assert_int_equal(centre_manage(&m, PDT1_OP_FREE_SLOT, 1, ANY, "\0", 1,
				       &result), PDT1_SW_OK);
	assert_int_equal(result, PDT1_SW_OK);
	assert_int_equal(m.state, SM_IDLE);

	set_up(S_SESSION);
	assert_int_equal(centre_manage(&m, PDT1_OP_REVOKE_HOST, 1, ANY,
				       paired.sn, 8, &result), PDT1_SW_OK);
	assert_int_equal(m.state, SM_IDLE);
	assert_false(m.store.slot[0].used);
}

/* ---- section 5 ---- */

static void checks_come_in_order(void **state)
{
	uint8_t cmd[5 + PDT1_OPEN_LEN + 1] = { 0x81, 0x99, 1, 1, 10 };
	struct sm_meta meta;

	(void)state;
	set_up(S_IDLE);
	meta = m.store.meta;
	meta.frozen = true;
	assert_int_equal(sm_store_meta(&m.store, &meta), 0);

	/* Everything is wrong; mend one thing after the other */
	cmd[5] = 2;
	cmd[6] = 0xff;
	assert_int_equal(test_raw(&m, cmd, 15), PDT1_SW_CHANNEL);
	cmd[0] = 0x84;
	assert_int_equal(test_raw(&m, cmd, 15), PDT1_SW_CLA);
	cmd[0] = PDT1_CLA;
	assert_int_equal(test_raw(&m, cmd, 15), PDT1_SW_INS);
	cmd[1] = PDT1_INS_OPEN;
	assert_int_equal(test_raw(&m, cmd, 15), PDT1_SW_P1P2);
	cmd[2] = 0;
	assert_int_equal(test_raw(&m, cmd, 15), PDT1_SW_P1P2);
	cmd[3] = 0;
	assert_int_equal(test_raw(&m, cmd, 15), PDT1_SW_STATE);
	meta.frozen = false;
	assert_int_equal(sm_store_meta(&m.store, &meta), 0);
	assert_int_equal(test_raw(&m, cmd, 15), PDT1_SW_SUITE);
	cmd[5] = 1;
	assert_int_equal(test_raw(&m, cmd, 15), PDT1_SW_LENGTH);
	cmd[4] = PDT1_OPEN_LEN;
	assert_int_equal(test_raw(&m, cmd, 5 + PDT1_OPEN_LEN), PDT1_SW_DATA);
	cmd[6] = 0;
	assert_int_equal(test_raw(&m, cmd, 5 + PDT1_OPEN_LEN),
			 PDT1_SW_NO_REFERENCE);
}

static void classes_are_told_apart(void **state)
{
	unsigned int cla;

	(void)state;
	fresh_default();
	for (cla = 0; cla < 256; cla++) {
		uint8_t cmd[4] = { (uint8_t)cla, PDT1_INS_GET_INFO, 0, 0 };
		uint16_t want = PDT1_SW_CLA;

		if (cla == 0x80)
			want = PDT1_SW_OK;
		else if (cla != 0xff && (cla & 0x40))
			want = PDT1_SW_CHANNEL;
		else if (!(cla & 0x60) && (cla & 3))
			want = PDT1_SW_CHANNEL;
		assert_int_equal(test_raw(&m, cmd, sizeof(cmd)), want);
	}
}

static void malformed_commands_keep_a_pending_pairing(void **state)
{
	static const struct {
		uint8_t len;
		uint8_t cmd[12];
		uint16_t sw;
	} bad[] = {
		{ 0, { 0 }, PDT1_SW_LENGTH },
		{ 1, { 0x80 }, PDT1_SW_LENGTH },
		{ 2, { 0x80, 0x12 }, PDT1_SW_LENGTH },
		{ 3, { 0x80, 0x12, 0 }, PDT1_SW_LENGTH },
		{ 4, { 0x80, 0x12, 0, 0 }, PDT1_SW_LENGTH },
		{ 4, { 0x80, 0x13, 0, 0 }, PDT1_SW_INS },
		{ 4, { 0x80, 0xa4, 4, 0 }, PDT1_SW_INS },
		{ 4, { 0x00, 0x10, 0, 0 }, PDT1_SW_CLA },
		{ 4, { 0x00, 0xa4, 0, 0 }, PDT1_SW_P1P2 },
		{ 4, { 0x80, 0x18, 3, 0 }, PDT1_SW_P1P2 },
		{ 4, { 0x80, 0x18, 0, 2 }, PDT1_SW_P1P2 },
		{ 4, { 0x80, 0x18, 2, 1 }, PDT1_SW_P1P2 },
		{ 4, { 0x80, 0x18, 0, 0 }, PDT1_SW_LENGTH },
		{ 4, { 0x80, 0x1e, 0, 0 }, PDT1_SW_LENGTH },
		{ 4, { 0x80, 0x20, 0, 0 }, PDT1_SW_LENGTH },
		{ 6, { 0x80, 0x22, 0, 0, 1, 7 }, PDT1_SW_LENGTH },
		{ 6, { 0x80, 0x12, 0, 0, 1, 2 }, PDT1_SW_SUITE },
		{ 6, { 0x80, 0x12, 0, 0, 9, 1 }, PDT1_SW_LENGTH },
		{ 9, { 0x80, 0x12, 0, 0, 2, 1, 0, 0, 0 }, PDT1_SW_LENGTH },
		{ 6, { 0x80, 0x12, 0, 0, 0, 1 }, PDT1_SW_LENGTH },
		{ 8, { 0x80, 0x12, 0, 0, 0, 0, 0, 1 }, PDT1_SW_LENGTH },
		{ 8, { 0x80, 0x12, 0, 0, 0, 0, 1, 2 }, PDT1_SW_SUITE },
		{ 8, { 0x80, 0x12, 0, 0, 0, 0xff, 0xff, 1 }, PDT1_SW_LENGTH },
		{ 6, { 0x80, 0x10, 0, 0, 1, 1 }, PDT1_SW_LENGTH },
		{ 4, { 0x80, 0x10, 1, 0 }, PDT1_SW_LENGTH },
		{ 4, { 0x80, 0x16, 0, 0 }, PDT1_SW_LENGTH },
	};
	uint8_t manage[4 + 1 + PDT1_MANAGE_MIN_LEN] = { 0x80, 0x1e, 0, 0, 48,
							2, 1, 0, 0 };
	uint8_t begin[5 + PDT1_BEGIN_LEN] = { 0x80, 0x14, 0, 0, 134, 1, 1 };
	uint8_t pin[8];
	size_t i;

	(void)state;
	set_up(S_PAIRING);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint16_t sw = test_raw(&m, bad[i].cmd, bad[i].len);

		if (sw != bad[i].sw || m.state != SM_PAIRING)
			fail_msg("command %zu: %04x in state %d", i, sw,
				 m.state);
	}
	assert_int_equal(test_raw(&m, manage, sizeof(manage)), PDT1_SW_DATA);
	manage[5] = 1;
	manage[8] = 1;
	assert_int_equal(test_raw(&m, manage, sizeof(manage)), PDT1_SW_DATA);
	assert_int_equal(test_raw(&m, begin, sizeof(begin)), PDT1_SW_DATA);
	assert_int_equal(m.state, SM_PAIRING);

	host_pin(&m, &newcomer, pin);
	assert_int_equal(host_confirm(&m, &newcomer, pin, 0), PDT1_SW_OK);
	assert_int_equal(E3_SW(&newcomer), PDT1_SW_OK);
}

static void all_forms_of_le_are_accepted(void **state)
{
	static const uint8_t plain[] = { 0x80, 0x10, 0, 0 };
	static const uint8_t le[] = { 0x80, 0x10, 0, 0, 0 };
	static const uint8_t small[] = { 0x80, 0x10, 0, 0, 8 };
	static const uint8_t extended[] = { 0x80, 0x10, 0, 0, 0, 0, 0 };
	uint8_t report[4 + 3 + 16 + 2] = { 0x80, 0x10, 1, 0 };

	(void)state;
	fresh_default();
	assert_int_equal(test_raw(&m, plain, sizeof(plain)), PDT1_SW_OK);
	assert_int_equal(test_raw(&m, le, sizeof(le)), PDT1_SW_OK);
	assert_int_equal(test_raw(&m, small, sizeof(small)), PDT1_SW_OK);
	assert_int_equal(test_raw(&m, extended, sizeof(extended)), PDT1_SW_OK);

	report[4] = 16;
	assert_int_equal(test_raw(&m, report, 21), PDT1_SW_OK);
	assert_int_equal(test_raw(&m, report, 22), PDT1_SW_OK);
	assert_int_equal(test_raw(&m, report, 23), PDT1_SW_LENGTH);
	report[4] = 0;
	report[6] = 16;
	assert_int_equal(test_raw(&m, report, 23), PDT1_SW_OK);
	assert_int_equal(test_raw(&m, report, 24), PDT1_SW_LENGTH);
	assert_int_equal(test_raw(&m, report, 25), PDT1_SW_OK);
}

static void data_longer_than_maxc_is_refused(void **state)
{
	struct sm_perso p = test_perso();
	static uint8_t data[137];
	size_t n;

	(void)state;
	p.maxc = 136;
	fresh(&p);
	assert_int_equal(test_apdu(&m, PDT1_INS_MANAGE, 0, 0, data, 137, buf,
				   &n), PDT1_SW_LENGTH);
	assert_int_equal(test_apdu(&m, PDT1_INS_MANAGE, 0, 0, data, 136, buf,
				   &n), PDT1_SW_DATA);
}

static void select_answers_as_specified(void **state)
{
	static const uint8_t head[] = { 0x6f, 0x3c, 0x84, 0x0a };
	static const uint8_t aid[] = PDT1_AID;
	static const uint8_t tail[] = { 0xa5, 0x2e, 0x80, 0x2c };
	size_t n;

	(void)state;
	fresh_default();
	assert_int_equal(test_apdu(&m, PDT1_INS_SELECT, 4, 0, aid, sizeof(aid),
				   buf, &n), PDT1_SW_OK);
	assert_int_equal(n, PDT1_SELECT_RSP_LEN);
	assert_memory_equal(buf, head, 4);
	assert_memory_equal(buf + 4, aid, 10);
	assert_memory_equal(buf + 14, tail, 4);
	assert_memory_equal(buf + 18, info(), PDT1_INFO_LEN);
	assert_int_equal(select_aid(aid, 9), PDT1_SW_NOT_FOUND);
}

/* ---- sections 7, 8 and 11 ---- */

static uint16_t try_pin(struct host *h, const uint8_t *pin)
{
	assert_int_equal(host_begin(&m, h), PDT1_SW_OK);
	assert_int_equal(host_confirm(&m, h, pin, 0), PDT1_SW_OK);
	return E3_SW(h);
}

static void three_wrong_pins_per_power_up_five_in_all(void **state)
{
	struct host h;
	uint64_t w;
	uint8_t pin[8];

	(void)state;
	fresh_default();
	host_init(&h, 1, 1, 3);
	assert_int_equal(try_pin(&h, wrong_pin), 0x63c4);
	assert_int_equal(try_pin(&h, wrong_pin), 0x63c3);
	sm_reset(&m);
	assert_int_equal(select_app(), PDT1_SW_OK);
	assert_int_equal(try_pin(&h, wrong_pin), 0x63c2);
	assert_int_equal(E3_PTC(&h), 2);
	assert_int_equal(E3_N(&h), 0);

	/* From now on nothing is written, and the right PIN does not help */
	sm_reset(&m);
	assert_int_equal(select_app(), PDT1_SW_OK);
	w = m.store.nvm.writes;
	host_pin(&m, &h, pin);
	assert_int_equal(try_pin(&h, pin), PDT1_SW_BLOCKED);
	assert_true(E1_FL(&h) & PDT1_E1_REINSERT);
	assert_int_equal(m.store.nvm.writes, w);

	test_cycle(&tp, &m);
	assert_int_equal(try_pin(&h, wrong_pin), 0x63c1);
	assert_false(E1_FL(&h) & PDT1_E1_REINSERT);
	assert_false(info()[1] & PDT1_INFO_PIN_BLOCKED);
	assert_int_equal(try_pin(&h, wrong_pin), 0x63c0);
	assert_true(info()[1] & PDT1_INFO_PIN_BLOCKED);
	test_cycle(&tp, &m);
	assert_int_equal(try_pin(&h, pin), PDT1_SW_BLOCKED);
	assert_int_equal(E1_PTC(&h), 0);
}

static void right_pin_restores_the_tries(void **state)
{
	struct host h;
	uint8_t pin[8];

	(void)state;
	fresh_default();
	host_init(&h, 1, 1, 3);
	assert_int_equal(try_pin(&h, wrong_pin), 0x63c4);
	host_pin(&m, &h, pin);
	assert_int_equal(try_pin(&h, pin), PDT1_SW_OK);
	assert_int_equal(E3_PTC(&h), 5);
	assert_int_equal(m.store.meta.wt, 1);
}

static void hundred_wrong_pins_block_until_unblocked(void **state)
{
	struct sm_meta meta;
	struct host h;
	uint8_t pin[8];
	uint16_t result;

	(void)state;
	fresh_default();
	host_init(&h, 1, 1, 3);
	meta = m.store.meta;
	meta.wt = 99;
	assert_int_equal(sm_store_meta(&m.store, &meta), 0);
	assert_int_equal(try_pin(&h, wrong_pin), 0x63c0);
	host_pin(&m, &h, pin);
	assert_int_equal(try_pin(&h, pin), PDT1_SW_BLOCKED);
	assert_true(info()[1] & PDT1_INFO_PIN_BLOCKED);

	assert_int_equal(centre_manage(&m, PDT1_OP_UNBLOCK_PIN, 1, ANY, "\3",
				       1, &result), PDT1_SW_OK);
	assert_int_equal(result, PDT1_SW_OK);
	assert_int_equal(m.store.meta.wt, 0);
	assert_int_equal(m.store.meta.ptc, 3);
	assert_int_equal(try_pin(&h, pin), PDT1_SW_OK);
}

static void unblocking_clears_the_count_of_this_power_up(void **state)
{
	uint16_t result;
	struct host h;
	uint8_t pin[8];
	int i;

	(void)state;
	fresh_default();
	host_init(&h, 1, 1, 3);
	for (i = 0; i < 3; i++)
		try_pin(&h, wrong_pin);
	assert_int_equal(centre_manage(&m, PDT1_OP_UNBLOCK_PIN, 1, ANY, "\5",
				       1, &result), PDT1_SW_OK);
	host_pin(&m, &h, pin);
	assert_int_equal(try_pin(&h, pin), PDT1_SW_OK);
}

static void costless_refusals_write_nothing(void **state)
{
	static const uint8_t letters[8] = "1234567x";
	struct sm_perso p = test_perso();
	struct host h, other;
	uint8_t e2[PDT1_E2_LEN], pin[8];
	uint64_t w;
	size_t n;

	(void)state;
	p.m_min = 2;
	p.slots = 1;
	fresh(&p);
	host_init(&h, 1, 2, 3);
	w = m.store.nvm.writes;

	/* a wrong tag */
	assert_int_equal(host_begin(&m, &h), PDT1_SW_OK);
	host_pin(&m, &h, pin);
	host_seal_e2(&h, pin, 0, e2);
	e2[5] ^= 1;
	assert_int_equal(test_apdu(&m, PDT1_INS_PAIR_CONFIRM, 0, 0, e2,
				   sizeof(e2), buf, &n), PDT1_SW_CRYPTO);
	assert_int_equal(m.state, SM_IDLE);
	/* a PIN that is none */
	assert_int_equal(try_pin(&h, letters), PDT1_SW_DATA);
	/* too old a generation */
	host_init(&other, 2, 1, 3);
	assert_int_equal(try_pin(&other, wrong_pin), PDT1_SW_STATE);
	assert_int_equal(m.store.nvm.writes, w);

	/* an eviction without consent, and without the right to one */
	host_pair(&m, &h);
	w = m.store.nvm.writes;
	host_init(&other, 2, 2, 3);
	assert_int_equal(try_pin(&other, wrong_pin), PDT1_SW_FULL);
	host_init(&other, 2, 2, 0);
	assert_int_equal(host_begin(&m, &other), PDT1_SW_OK);
	assert_int_equal(E1_FL(&other) & 0xf, PDT1_E1_EVICT);
	assert_int_equal(E1_SLOT(&other), PDT1_SLOT_NONE);
	assert_int_equal(host_confirm(&m, &other, wrong_pin, 1), PDT1_SW_OK);
	assert_int_equal(E3_SW(&other), PDT1_SW_FULL);
	assert_int_equal(m.store.nvm.writes, w);
}

static void policy_none_wants_eight_zero_bytes(void **state)
{
	struct sm_perso p = test_perso();
	static const uint8_t zero[8];
	struct host h;

	(void)state;
	p.pin_policy = PDT1_PIN_NONE;
	fresh(&p);
	host_init(&h, 1, 1, 3);
	assert_int_equal(try_pin(&h, wrong_pin), PDT1_SW_DATA);
	assert_int_equal(try_pin(&h, zero), PDT1_SW_OK);
	assert_int_equal(m.store.nvm.writes, 1 + 3);
}

static void lost_e3_after_success_is_recovered_by_open(void **state)
{
	static uint8_t lost[SM_RESPONSE_MAX];
	struct host h;
	uint8_t e2[PDT1_E2_LEN], pin[8];
	size_t n;

	(void)state;
	fresh_default();
	host_init(&h, 1, 1, 3);
	assert_int_equal(host_begin(&m, &h), PDT1_SW_OK);
	host_pin(&m, &h, pin);
	host_seal_e2(&h, pin, 0, e2);
	assert_int_equal(test_apdu(&m, PDT1_INS_PAIR_CONFIRM, 0, 0, e2,
				   sizeof(e2), lost, &n), PDT1_SW_OK);
	host_verify(&m, &h);
}

static void lost_e3_after_a_wrong_pin_shows_in_the_tries(void **state)
{
	static uint8_t lost[SM_RESPONSE_MAX];
	struct host h;
	uint8_t e2[PDT1_E2_LEN];
	uint8_t before;
	size_t n;

	(void)state;
	fresh_default();
	host_init(&h, 1, 1, 3);
	assert_int_equal(host_begin(&m, &h), PDT1_SW_OK);
	before = E1_PTC(&h);
	host_seal_e2(&h, wrong_pin, 0, e2);
	assert_int_equal(test_apdu(&m, PDT1_INS_PAIR_CONFIRM, 0, 0, e2,
				   sizeof(e2), lost, &n), PDT1_SW_OK);
	assert_int_equal(host_open(&m, &h, 0), PDT1_SW_NO_REFERENCE);
	assert_int_equal(host_begin(&m, &h), PDT1_SW_OK);
	assert_int_equal(E1_PTC(&h), before - 1);
}

static void pin_of_an_index_that_passed_is_wrong(void **state)
{
	struct host a, b;
	uint8_t stale[8];

	(void)state;
	fresh_default();
	host_init(&a, 1, 1, 3);
	host_init(&b, 2, 1, 3);
	host_pin(&m, &a, stale);
	host_pair(&m, &b);
	assert_int_equal(try_pin(&a, stale), 0x63c4);
}

static void cryptograms_are_checked(void **state)
{
	struct host h, bad;
	int i;

	(void)state;
	fresh_default();
	host_init(&h, 1, 1, 3);
	for (i = 0; i < PDT1_CY_LEN; i++) {
		uint16_t want = i >= 2 && i < 8 ? PDT1_SW_NO_REFERENCE :
						  PDT1_SW_CRYPTO;

		bad = h;
		bad.cy[i] ^= 1;
		assert_int_equal(host_begin(&m, &bad), want);
		assert_int_equal(m.state, SM_IDLE);
	}
}

static void low_order_points_abort(void **state)
{
	static const uint8_t points[3][32] = {
		{ 0 },
		{ 1 },
		{ 0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae,
		  0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
		  0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd,
		  0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00 },
	};
	uint8_t c[PDT1_OPEN_LEN], text[59], mac[32];
	const struct sm_part part = { text, sizeof(text) };
	struct host h;
	size_t n;
	int i;

	(void)state;
	fresh_default();
	host_init(&h, 1, 1, 3);
	host_pair(&m, &h);
	for (i = 0; i < 3; i++) {
		assert_int_equal(host_begin(&m, &h), PDT1_SW_OK);
		memcpy(h.begin + 102, points[i], 32);
		assert_int_equal(test_apdu(&m, PDT1_INS_PAIR_BEGIN, 0, 0,
					   h.begin, PDT1_BEGIN_LEN, buf, &n),
				 PDT1_SW_DATA);
		assert_int_equal(m.state, SM_IDLE);

		memset(c, 0, sizeof(c));
		c[0] = 1;
		memcpy(c + 18, points[i], 32);
		memcpy(text, "PDT1 open", 9);
		memcpy(text + 9, c, 50);
		assert_int_equal(tp.port.hmac(&tp, h.tk, &part, 1, mac), 0);
		memcpy(c + 50, mac, 8);
		assert_int_equal(test_apdu(&m, PDT1_INS_OPEN, 0, 0, c,
					   sizeof(c), buf, &n), PDT1_SW_DATA);
		assert_int_equal(m.state, SM_IDLE);
	}
}

static void stuck_generator_repeats_nothing(void **state)
{
	uint8_t ka[32], e1[PDT1_E1_LEN];
	struct host h;

	(void)state;
	fresh_default();
	tp.stuck_rng = true;
	host_init(&h, 1, 1, 3);
	assert_int_equal(host_begin(&m, &h), PDT1_SW_OK);
	memcpy(ka, h.ka, 32);
	memcpy(e1, h.e1_sealed, sizeof(e1));
	assert_int_equal(host_begin(&m, &h), PDT1_SW_OK);
	assert_memory_not_equal(ka, h.ka, 32);
	assert_memory_not_equal(e1, h.e1_sealed, sizeof(e1));
	test_cycle(&tp, &m);
	assert_int_equal(host_begin(&m, &h), PDT1_SW_OK);
	assert_memory_not_equal(ka, h.ka, 32);
}

static void broken_generator_refuses(void **state)
{
	(void)state;
	set_up(S_IDLE);
	tp.broken_rng = true;
	assert_int_equal(host_begin(&m, &newcomer), SM_SW_PLATFORM);
	assert_int_equal(host_open(&m, &paired, 0), SM_SW_PLATFORM);
	assert_int_equal(m.state, SM_IDLE);
}

static void last_index_is_never_passed(void **state)
{
	struct sm_perso p = test_perso();
	struct host h;

	(void)state;
	p.n = PDT1_N_LAST - 1;
	fresh(&p);
	host_init(&h, 1, 1, 3);
	host_pair(&m, &h);
	host_init(&h, 2, 1, 3);
	assert_int_equal(host_begin(&m, &h), PDT1_SW_OK);
	assert_int_equal(E1_FL(&h) & PDT1_E1_REFUSED, PDT1_E1_REFUSED);
	assert_int_equal(host_confirm(&m, &h, wrong_pin, 0), PDT1_SW_OK);
	assert_int_equal(E3_SW(&h), PDT1_SW_STATE);
	assert_int_equal(m.store.meta.n, PDT1_N_LAST);
}

/* ---- section 10 ---- */

static void fill(struct host *h, int count, uint16_t rights)
{
	int i;

	for (i = 0; i < count; i++) {
		host_init(&h[i], (uint32_t)(i + 1), 1, rights);
		host_pair(&m, &h[i]);
	}
}

static uint8_t planned(uint32_t serial)
{
	struct host h;

	host_init(&h, serial, 1, 3);
	assert_int_equal(host_begin(&m, &h), PDT1_SW_OK);
	return E1_SLOT(&h);
}

static void least_active_is_evicted_and_newest_spared(void **state)
{
	struct sm_perso p = test_perso();
	struct host h[3], d;

	(void)state;
	p.slots = 3;
	fresh(&p);
	fill(h, 3, 3);
	/* equal counts: the oldest verification goes */
	assert_int_equal(planned(9), 0);
	host_verify(&m, &h[0]);
	assert_int_equal(planned(9), 1);
	host_verify(&m, &h[1]);
	/* the newest has the smallest count now, and is spared */
	assert_int_equal(sm_slot_activity(&m.store, 2), 1);
	assert_int_equal(planned(9), 0);
	host_verify(&m, &h[0]);
	assert_int_equal(planned(9), 1);

	host_init(&d, 9, 1, 3);
	host_pair(&m, &d);
	assert_int_equal(host_open(&m, &h[1], 0), PDT1_SW_NO_REFERENCE);
	host_verify(&m, &h[0]);
	host_verify(&m, &h[2]);
	host_verify(&m, &d);
	/* 2 is no longer the newest */
	assert_int_equal(planned(10), 2);
}

static void pinned_slots_are_never_victims(void **state)
{
	struct sm_perso p = test_perso();
	struct host h[3];
	uint16_t result;

	(void)state;
	p.slots = 3;
	p.pin_first = 1;
	fresh(&p);
	fill(h, 3, 3);
	assert_true(m.store.slot[0].pinned);
	assert_false(m.store.slot[1].pinned);
	assert_int_equal(planned(9), 1);
	assert_int_equal(centre_manage(&m, PDT1_OP_PIN_SLOT, 1, ANY, "\1\1", 2,
				       &result), PDT1_SW_OK);
	assert_int_equal(result, PDT1_SW_OK);
	/* only the newest is left */
	assert_int_equal(planned(9), 2);
	assert_int_equal(centre_manage(&m, PDT1_OP_PIN_SLOT, 2, ANY, "\2\1", 2,
				       &result), PDT1_SW_OK);
	assert_int_equal(planned(9), PDT1_SLOT_NONE);

	/* the same host keeps its slot and its pin */
	host_pair(&m, &h[1]);
	assert_int_equal(m.store.slot[1].n_s, 4);
	assert_true(m.store.slot[1].pinned);

	/* leaving unpins */
	assert_int_equal(host_inner(&m, &h[1], PDT1_INS_UNPAIR), PDT1_SW_OK);
	assert_false(m.store.slot[1].pinned);
	assert_int_equal(m.store.slot[1].n_s, 4);
	assert_int_equal(planned(9), 1);
}

static void counts_age_and_saturate(void **state)
{
	struct sm_perso p = test_perso();
	struct sm_act a = { .cpt = 100 };
	struct host h[3];

	(void)state;
	p.slots = 3;
	p.ageing = 4;
	fresh(&p);
	fill(h, 3, 3);

	a.n_s = 1;
	a.t_last = 3;
	assert_int_equal(sm_store_act(&m.store, 0, &a), 0);
	assert_int_equal(sm_slot_activity(&m.store, 0), 100);
	a = (struct sm_act){ .n_s = 3, .cpt = 7, .t_last = 6 };
	assert_int_equal(sm_store_act(&m.store, 2, &a), 0);
	assert_int_equal(sm_slot_activity(&m.store, 0), 100);
	a.t_last = 7;
	assert_int_equal(sm_store_act(&m.store, 2, &a), 0);
	assert_int_equal(sm_slot_activity(&m.store, 0), 50);
	a.t_last = 3 + 4 * 15;
	assert_int_equal(sm_store_act(&m.store, 2, &a), 0);
	assert_int_equal(sm_slot_activity(&m.store, 0), 100 >> 15);
	a.t_last = 3 + 4 * 16;
	assert_int_equal(sm_store_act(&m.store, 2, &a), 0);
	assert_int_equal(sm_slot_activity(&m.store, 0), 0);

	/* a stale record counts for nothing, but its time still runs */
	a = (struct sm_act){ .n_s = 99, .cpt = 9, .t_last = UINT32_MAX };
	assert_int_equal(sm_store_act(&m.store, 1, &a), 0);
	assert_int_equal(sm_slot_activity(&m.store, 1), 0);
	assert_int_equal(sm_slot_clock(&m.store), UINT32_MAX);
	host_verify(&m, &h[1]);
	assert_int_equal(m.store.act[1].t_last, UINT32_MAX);
	assert_int_equal(m.store.act[1].cpt, 1);

	a = (struct sm_act){ .n_s = 2, .cpt = UINT16_MAX,
			     .t_last = UINT32_MAX };
	assert_int_equal(sm_store_act(&m.store, 1, &a), 0);
	host_verify(&m, &h[1]);
	assert_int_equal(m.store.act[1].cpt, UINT16_MAX);
}

static void eviction_follows_the_policy(void **state)
{
	static const struct {
		uint8_t evict, pin;
		bool permitted;
	} cases[] = {
		{ PDT1_EVICT_NEVER, PDT1_PIN_INDEXED, false },
		{ PDT1_EVICT_ACTIVITY, PDT1_PIN_NONE, true },
		{ PDT1_EVICT_ACTIVITY, PDT1_PIN_MODULE, true },
		{ PDT1_EVICT_APPROVED, PDT1_PIN_NONE, false },
		{ PDT1_EVICT_APPROVED, PDT1_PIN_MODULE, false },
		{ PDT1_EVICT_APPROVED, PDT1_PIN_PAIR, true },
		{ PDT1_EVICT_APPROVED, PDT1_PIN_INDEXED, true },
	};
	struct host h;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sm_perso p = test_perso();

		p.slots = 1;
		p.evict_policy = cases[i].evict;
		p.pin_policy = cases[i].pin;
		fresh(&p);
		fill(&h, 1, 3);
		if (cases[i].permitted)
			assert_int_equal(planned(9), 0);
		else
			assert_int_equal(planned(9), PDT1_SLOT_NONE);
	}
}

/* ---- deny list ---- */

static void denied_hosts_stay_out(void **state)
{
	struct host h;
	uint16_t result;
	uint8_t pin[8];

	(void)state;
	fresh_default();
	host_init(&h, 1, 1, 3);
	host_pair(&m, &h);
	assert_int_equal(centre_manage(&m, PDT1_OP_REVOKE_HOST, 1, ANY, h.sn,
				       8, &result), PDT1_SW_OK);
	assert_int_equal(result, PDT1_SW_OK);
	assert_int_equal(host_open(&m, &h, 0), PDT1_SW_NO_REFERENCE);
	assert_int_equal(host_begin(&m, &h), PDT1_SW_OK);
	assert_true(E1_FL(&h) & PDT1_E1_REFUSED);
	host_pin(&m, &h, pin);
	assert_int_equal(host_confirm(&m, &h, pin, 0), PDT1_SW_OK);
	assert_int_equal(E3_SW(&h), PDT1_SW_STATE);
	assert_int_equal(m.store.meta.ptc, 5);

	test_cycle(&tp, &m);
	assert_int_equal(centre_manage(&m, PDT1_OP_UNREVOKE_HOST, 2, ANY, h.sn,
				       8, &result), PDT1_SW_OK);
	host_pair(&m, &h);
}

static void deny_list_has_an_end(void **state)
{
	uint8_t sn[8] = { 7 };
	uint16_t result;
	uint32_t i;

	(void)state;
	fresh_default();
	for (i = 0; i < PDT1_DENY_MAX; i++) {
		sn[7] = (uint8_t)i;
		assert_int_equal(centre_manage(&m, PDT1_OP_REVOKE_HOST, i + 1,
					       ANY, sn, 8, &result),
				 PDT1_SW_OK);
		assert_int_equal(result, PDT1_SW_OK);
	}
	sn[7] = 200;
	assert_int_equal(centre_manage(&m, PDT1_OP_REVOKE_HOST, 33, ANY, sn, 8,
				       &result), PDT1_SW_OK);
	assert_int_equal(result, PDT1_SW_FULL);
	sn[7] = 31;
	assert_int_equal(centre_manage(&m, PDT1_OP_REVOKE_HOST, 34, ANY, sn, 8,
				       &result), PDT1_SW_OK);
	assert_int_equal(result, PDT1_SW_OK);
	sn[7] = 0;
	assert_int_equal(centre_manage(&m, PDT1_OP_UNREVOKE_HOST, 35, ANY, sn,
				       8, &result), PDT1_SW_OK);
	assert_int_equal(m.store.deny.count, 31);
	assert_int_equal(centre_manage(&m, PDT1_OP_UNREVOKE_HOST, 36, ANY, sn,
				       8, &result), PDT1_SW_OK);
	assert_int_equal(result, PDT1_SW_OK);
	test_cycle(&tp, &m);
	assert_int_equal(m.store.deny.count, 31);
	assert_int_equal(m.store.meta.mseq, 36);
}

/* ---- section 12 ---- */

static uint16_t chunk(struct host *h, uint8_t type, uint8_t more,
		      const void *data, size_t len, size_t *n, uint8_t *rf)
{
	uint16_t outer, sw;

	*rf = more;
	sw = host_envelope(&m, h, type, rf, data, len, buf, n, &outer);
	assert_int_equal(outer, PDT1_SW_OK);
	return sw;
}

static void session_of(struct host *h, const struct sm_perso *p)
{
	fresh(p);
	host_init(h, 1, 1, 3);
	host_pair(&m, h);
}

static void long_messages_go_both_ways(void **state)
{
	static uint8_t whole[SM_MAXM], back[SM_MAXM];
	struct sm_perso p = test_perso();
	size_t sent = 0, got = 0, n, i;
	struct host h;
	uint8_t rf;
	uint16_t sw;

	(void)state;
	p.maxc = 300;
	p.maxr = 200;
	p.maxm = 5000;
	session_of(&h, &p);
	for (i = 1; i < p.maxm; i++)
		whole[i] = (uint8_t)(i * 7);

	while (p.maxm - sent > 284) {
		assert_int_equal(chunk(&h, 0, 1, whole + sent, 284, &n, &rf),
				 PDT1_SW_OK);
		assert_int_equal(n, 0);
		assert_int_equal(rf, 0);
		sent += 284;
	}
	sw = chunk(&h, 0, 0, whole + sent, p.maxm - sent, &n, &rf);
	for (;;) {
		assert_int_equal(sw, PDT1_SW_OK);
		assert_true(n <= 200 - PDT1_ENV_OVERHEAD_RSP);
		memcpy(back + got, buf, n);
		got += n;
		if (!rf)
			break;
		sw = chunk(&h, 2, 0, NULL, 0, &n, &rf);
	}
	assert_int_equal(got, p.maxm - 1);
	assert_memory_equal(back, whole + 1, got);
	assert_int_equal(chunk(&h, 2, 0, NULL, 0, &n, &rf), PDT1_SW_STATE);
}

static void chaining_has_limits(void **state)
{
	static uint8_t data[600];
	static const uint8_t close_cmd[4] = { PDT1_CLA, PDT1_INS_CLOSE };
	struct sm_perso p = test_perso();
	struct host h;
	uint8_t rf;
	size_t n;
	int i;

	(void)state;
	p.maxm = 512;
	session_of(&h, &p);
	/* one byte too many, chained or not */
	assert_int_equal(chunk(&h, 0, 0, data, 512, &n, &rf), PDT1_SW_OK);
	assert_int_equal(n, 511);
	assert_int_equal(chunk(&h, 0, 0, data, 513, &n, &rf), PDT1_SW_LENGTH);
	assert_int_equal(chunk(&h, 0, 1, data, 512, &n, &rf), PDT1_SW_OK);
	assert_int_equal(chunk(&h, 0, 0, data, 1, &n, &rf), PDT1_SW_LENGTH);
	/* what was collected is gone */
	assert_int_equal(chunk(&h, 0, 0, data, 2, &n, &rf), PDT1_SW_OK);
	assert_int_equal(n, 1);
	/* another type in between */
	assert_int_equal(chunk(&h, 0, 1, data, 9, &n, &rf), PDT1_SW_OK);
	assert_int_equal(chunk(&h, 1, 0, close_cmd, 4, &n, &rf),
			 PDT1_SW_STATE);
	assert_int_equal(chunk(&h, 0, 0, data, 2, &n, &rf), PDT1_SW_OK);
	assert_int_equal(n, 1);
	assert_int_equal(chunk(&h, 0, 1, data, 9, &n, &rf), PDT1_SW_OK);
	assert_int_equal(chunk(&h, 2, 0, NULL, 0, &n, &rf), PDT1_SW_STATE);
	assert_int_equal(chunk(&h, 0, 0, data, 2, &n, &rf), PDT1_SW_OK);
	assert_int_equal(n, 1);
	/* endless empty chunks cost nothing */
	for (i = 0; i < 1000; i++)
		assert_int_equal(chunk(&h, 0, 1, NULL, 0, &n, &rf),
				 PDT1_SW_OK);
	assert_int_equal(chunk(&h, 0, 0, data, 2, &n, &rf), PDT1_SW_OK);
	assert_int_equal(n, 1);
	assert_int_equal(m.state, SM_SESSION);
}

static void other_commands_drop_a_pending_answer(void **state)
{
	static uint8_t data[400];
	struct sm_perso p = test_perso();
	uint16_t result;
	struct host h;
	uint8_t rf;
	size_t n;

	(void)state;
	p.maxr = 200;
	session_of(&h, &p);
	assert_int_equal(chunk(&h, 0, 0, data, 400, &n, &rf), PDT1_SW_OK);
	assert_int_equal(rf, 1);
	/* MANAGE leaves it alone */
	assert_int_equal(centre_manage(&m, PDT1_OP_UNBLOCK_PIN, 1, ANY, "\5",
				       1, &result), PDT1_SW_OK);
	assert_int_equal(chunk(&h, 2, 0, NULL, 0, &n, &rf), PDT1_SW_OK);
	assert_int_equal(rf, 1);
	assert_int_equal(n, 181);
	assert_int_equal(host_inner(&m, &h, PDT1_INS_GET_INFO), PDT1_SW_OK);
	assert_int_equal(chunk(&h, 2, 0, NULL, 0, &n, &rf), PDT1_SW_STATE);
}

static void replayed_and_reordered_envelopes_end_the_session(void **state)
{
	const uint8_t echo[2] = { APP_ECHO, 1 };
	struct host h, old;
	uint8_t more = 0;
	uint16_t outer;
	size_t n;

	(void)state;
	set_up(S_SESSION);
	h = paired;
	old = h;
	assert_int_equal(message(&h, echo, 2, &n), PDT1_SW_OK);
	host_envelope(&m, &old, 0, &more, echo, 2, buf, &n, &outer);
	assert_int_equal(outer, PDT1_SW_CRYPTO);
	assert_int_equal(m.state, SM_IDLE);

	set_up(S_SESSION);
	h = paired;
	h.n++;
	host_envelope(&m, &h, 0, &more, echo, 2, buf, &n, &outer);
	assert_int_equal(outer, PDT1_SW_CRYPTO);
	assert_int_equal(m.state, SM_IDLE);
}

static void sessions_end_after_their_last_command(void **state)
{
	const uint8_t echo[2] = { APP_ECHO, 1 };
	uint8_t more = 0;
	uint16_t outer;
	size_t n;

	(void)state;
	set_up(S_SESSION);
	m.session.n = PDT1_SESSION_COMMANDS_MAX - 1;
	paired.n = m.session.n;
	assert_int_equal(message(&paired, echo, 2, &n), PDT1_SW_OK);
	host_envelope(&m, &paired, 0, &more, echo, 2, buf, &n, &outer);
	assert_int_equal(outer, PDT1_SW_STATE);
	assert_int_equal(m.state, SM_IDLE);
}

static void only_the_first_envelope_is_a_verification(void **state)
{
	const uint8_t echo[2] = { APP_ECHO, 1 };
	uint64_t w;
	size_t n;

	(void)state;
	set_up(S_IDLE);
	w = m.store.nvm.writes;
	assert_int_equal(host_open(&m, &paired, 0), PDT1_SW_OK);
	assert_int_equal(host_open(&m, &paired, 1), PDT1_SW_OK);
	assert_int_equal(m.store.nvm.writes, w);
	assert_int_equal(message(&paired, echo, 2, &n), PDT1_SW_OK);
	assert_int_equal(message(&paired, echo, 2, &n), PDT1_SW_OK);
	assert_int_equal(m.store.nvm.writes, w + 1);
	assert_int_equal(m.store.act[0].cpt, 2);
}

static void verification_stands_when_it_cannot_be_counted(void **state)
{
	const uint8_t echo[2] = { APP_ECHO, 1 };
	size_t n;

	(void)state;
	set_up(S_OPENED);
	test_port_cut(&tp, 1, TORN_PREFIX);
	tp.flaky = true;
	assert_int_equal(message(&paired, echo, 2, &n), PDT1_SW_OK);
	assert_int_equal(m.store.act[0].cpt, 1);
	host_verify(&m, &paired);
	assert_int_equal(m.store.act[0].cpt, 2);
}

static void inner_commands_are_checked(void **state)
{
	static const struct {
		uint8_t len;
		uint8_t cmd[6];
		uint16_t sw;
	} bad[] = {
		{ 3, { 0x80, 0x10, 0 }, PDT1_SW_LENGTH },
		{ 4, { 0x00, 0x10, 0, 0 }, PDT1_SW_CLA },
		{ 4, { 0x80, 0x12, 0, 0 }, PDT1_SW_INS },
		{ 4, { 0x80, 0x10, 1, 0 }, PDT1_SW_P1P2 },
		{ 5, { 0x80, 0x1a, 0, 0, 0 }, PDT1_SW_LENGTH },
		{ 4, { 0x80, 0x20, 0, 0 }, PDT1_SW_LENGTH },
	};
	uint8_t rf;
	size_t n, i;

	(void)state;
	set_up(S_SESSION);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(chunk(&paired, 1, 0, bad[i].cmd, bad[i].len,
				       &n, &rf), bad[i].sw);
	assert_int_equal(chunk(&paired, 1, 0, "\x80\x10\0\0", 4, &n, &rf),
			 PDT1_SW_OK);
	assert_int_equal(n, PDT1_INFO_LEN);
	assert_memory_equal(buf, info(), PDT1_INFO_LEN);
	assert_int_equal(host_inner(&m, &paired, PDT1_INS_CLOSE), PDT1_SW_OK);
	assert_int_equal(m.state, SM_IDLE);
	host_verify(&m, &paired);
	assert_int_equal(host_inner(&m, &paired, PDT1_INS_UNPAIR), PDT1_SW_OK);
	assert_int_equal(m.state, SM_IDLE);
	assert_int_equal(host_open(&m, &paired, 0), PDT1_SW_NO_REFERENCE);
}

static void slots_are_listed_by_right(void **state)
{
	static const uint8_t cmd[4] = { PDT1_CLA, PDT1_INS_GET_SLOTS };
	struct host all, own;
	uint8_t rf;
	size_t n;

	(void)state;
	fresh_default();
	host_init(&all, 1, 1, PDT1_RIGHT_LIST);
	host_init(&own, 2, 1, PDT1_RIGHT_EVICT);
	host_pair(&m, &all);
	host_pair(&m, &own);
	assert_int_equal(chunk(&own, 1, 0, cmd, 4, &n, &rf), PDT1_SW_OK);
	assert_int_equal(n, 13);
	assert_int_equal(buf[0], 1);
	assert_int_equal(buf[1], 1);
	assert_int_equal(buf[2], PDT1_SLOT_USED | PDT1_SLOT_SELF);

	host_verify(&m, &all);
	assert_int_equal(chunk(&all, 1, 0, cmd, 4, &n, &rf), PDT1_SW_OK);
	assert_int_equal(n, 25);
	assert_int_equal(buf[0], 2);
	assert_int_equal(buf[2], PDT1_SLOT_USED | PDT1_SLOT_SELF);
	assert_int_equal(sm_get16(buf + 3), 2);
	assert_int_equal(buf[14], PDT1_SLOT_USED);
	assert_int_equal(sm_get32(buf + 17), 2);
}

static void old_generations_are_restricted_until_rewrapped(void **state)
{
	static const uint8_t slots[4] = { PDT1_CLA, PDT1_INS_GET_SLOTS };
	const uint8_t echo[2] = { APP_ECHO, 1 };
	struct sm_cfg cfg;
	struct host h;
	uint8_t rf;
	size_t n;

	(void)state;
	set_up(S_IDLE);
	cfg = m.store.cfg;
	cfg.m_min = 3;
	assert_int_equal(sm_store_cfg(&m.store, &cfg), 0);
	h = paired;
	assert_int_equal(host_open(&m, &h, 0), PDT1_SW_OK);
	assert_int_equal(h.fl, PDT1_OPEN_FL_RESTRICTED);
	assert_int_equal(host_inner(&m, &h, PDT1_INS_GET_INFO), PDT1_SW_OK);
	assert_int_equal(m.store.act[0].cpt, 2);
	assert_int_equal(message(&h, echo, 2, &n), PDT1_SW_STATE);
	assert_int_equal(chunk(&h, 0, 1, echo, 2, &n, &rf), PDT1_SW_STATE);
	assert_int_equal(chunk(&h, 1, 0, slots, 4, &n, &rf), PDT1_SW_STATE);
	assert_int_equal(host_rewrap(&m, &h, 2), PDT1_SW_STATE);
	assert_int_equal(host_rewrap(&m, &h, 3), PDT1_SW_OK);
	assert_int_equal(message(&h, echo, 2, &n), PDT1_SW_OK);
	assert_int_equal(host_rewrap(&m, &h, 3), PDT1_SW_OK);
	assert_int_equal(host_rewrap(&m, &h, 1), PDT1_SW_STATE);

	assert_int_equal(host_open(&m, &paired, 0), PDT1_SW_NO_REFERENCE);
	host_verify(&m, &h);
	assert_int_equal(h.fl, 0);
	assert_int_equal(m.store.slot[0].n_s, 1);
	assert_int_equal(m.store.meta.n, 1);
}

/* ---- section 13 ---- */

static void manage_commands_are_used_once(void **state)
{
	struct sm_perso p = test_perso();
	uint16_t result;

	(void)state;
	fresh_default();
	assert_int_equal(centre_manage(&m, 1, 10, 0, "\5", 1, &result),
			 PDT1_SW_OK);
	assert_int_equal(centre_manage(&m, 1, 10, 0, "\5", 1, &result),
			 PDT1_SW_STATE);
	assert_int_equal(centre_manage(&m, 1, 9, 0, "\5", 1, &result),
			 PDT1_SW_STATE);
	assert_int_equal(centre_manage(&m, 1, 11 + 65536, 0, "\5", 1, &result),
			 PDT1_SW_STATE);
	assert_int_equal(centre_manage(&m, 1, 11, 1, "\5", 1, &result),
			 PDT1_SW_STATE);
	assert_int_equal(m.store.meta.mseq, 10);
	assert_int_equal(centre_manage(&m, 1, 10 + 65536, ANY, "\5", 1,
				       &result), PDT1_SW_OK);
	assert_int_equal(m.store.meta.mseq, 10 + 65536);

	p.mid[7] ^= 1;
	fresh(&p);
	assert_int_equal(centre_manage(&m, 1, 1, ANY, "\5", 1, &result),
			 PDT1_SW_STATE);
	p = test_perso();
	p.kmg[0] ^= 1;
	fresh(&p);
	assert_int_equal(centre_manage(&m, 1, 1, ANY, "\5", 1, &result),
			 PDT1_SW_CRYPTO);
}

static void refused_operations_get_a_receipt(void **state)
{
	static const struct {
		uint8_t op, len;
		const char *body;
		uint16_t sw;
	} cases[] = {
		{ 0x01, 1, "\0", PDT1_SW_DATA },
		{ 0x01, 1, "\6", PDT1_SW_DATA },
		{ 0x01, 2, "\5\5", PDT1_SW_DATA },
		{ 0x01, 0, "", PDT1_SW_DATA },
		{ 0x04, 1, "\0", PDT1_SW_DATA },
		{ 0x04, 1, "\41", PDT1_SW_DATA },
		{ 0x04, 1, "\1", PDT1_SW_STATE },
		{ 0x04, 1, "\40", PDT1_SW_OK },
		{ 0x04, 1, "\2", PDT1_SW_OK },
		{ 0x0b, 1, "\2", PDT1_SW_DATA },
		{ 0x0c, 2, "\0\2", PDT1_SW_DATA },
		{ 0x0c, 2, "\0\1", PDT1_SW_OK },
		{ 0x0b, 1, "\0", PDT1_SW_OK },
		{ 0x0b, 1, "\0", PDT1_SW_OK },
		{ 0x0c, 2, "\0\1", PDT1_SW_STATE },
		{ 0x04, 1, "\1", PDT1_SW_STATE },
		{ 0x05, 10, "\4\2\5\100\0\0\0\0\0\2", PDT1_SW_DATA },
		{ 0x05, 10, "\3\3\5\100\0\0\0\0\0\2", PDT1_SW_DATA },
		{ 0x05, 10, "\3\2\0\100\0\0\0\0\0\2", PDT1_SW_DATA },
		{ 0x05, 10, "\3\2\20\100\0\0\0\0\0\2", PDT1_SW_DATA },
		{ 0x05, 10, "\3\2\5\0\0\0\0\0\0\2", PDT1_SW_DATA },
		{ 0x05, 10, "\3\2\5\100\2\0\0\0\0\2", PDT1_SW_DATA },
		{ 0x05, 10, "\3\2\5\100\0\2\0\0\0\2", PDT1_SW_DATA },
		{ 0x05, 10, "\3\2\5\100\0\0\1\0\0\2", PDT1_SW_DATA },
		{ 0x05, 9, "\3\2\5\100\0\0\0\0\0", PDT1_SW_DATA },
		{ 0x05, 10, "\3\2\5\100\0\0\0\0\0\0", PDT1_SW_STATE },
		{ 0x06, 34, "\0\0kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk", PDT1_SW_DATA },
		{ 0x06, 33, "\0\2kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk", PDT1_SW_DATA },
		{ 0x07, 2, "\0\7", PDT1_SW_NO_REFERENCE },
		{ 0x08, 1, "\1", PDT1_SW_DATA },
		{ 0x09, 31, "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk", PDT1_SW_DATA },
		{ 0x0a, 33, "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk", PDT1_SW_DATA },
		{ 0x0e, 1, "\0", PDT1_SW_DATA },
		{ 0x0f, 1, "\0", PDT1_SW_DATA },
		{ 0x10, 7, "fffffff", PDT1_SW_DATA },
		{ 0x0d, 0, "", PDT1_SW_DATA },
		{ 0x77, 0, "", PDT1_SW_DATA },
	};
	struct host h[2];
	uint16_t result;
	uint32_t i;

	(void)state;
	fresh_default();
	fill(h, 2, 3);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(centre_manage(&m, cases[i].op, i + 1, ANY,
					       cases[i].body, cases[i].len,
					       &result), PDT1_SW_OK);
		if (result != cases[i].sw)
			fail_msg("case %u: %04x", i, result);
		assert_int_equal(m.store.meta.mseq, i + 1);
	}
	assert_int_equal(m.store.cfg.slots, 2);
	assert_false(m.store.meta.frozen);
}

static uint16_t obey(uint8_t op, const void *body, size_t len)
{
	uint16_t result;

	assert_int_equal(centre_manage(&m, op, m.store.meta.mseq + 1, ANY, body,
				       len, &result), PDT1_SW_OK);
	return result;
}

static void a_policy_counts_from_the_next_pairing_and_never_adds_tries(void **state)
{
	const uint8_t fewer[] = { 0, 0, 2, 8, 1, 1, 0, 0, 0, 9 };
	const uint8_t more[] = { 0, 0, 7, 8, 1, 1, 0, 0, 0, 10 };
	struct host h;

	(void)state;
	fresh_default();
	assert_int_equal(m.store.meta.ptc, 5);
	assert_int_equal(obey(PDT1_OP_SET_POLICY, fewer, sizeof(fewer)),
			 PDT1_SW_OK);
	assert_int_equal(m.store.meta.ptc, 2);
	assert_int_equal(m.store.cfg.ptc_max, 2);
	assert_int_equal(m.store.cfg.version, 9);
	assert_int_equal(obey(PDT1_OP_SET_POLICY, fewer, sizeof(fewer)),
			 PDT1_SW_STATE);
	assert_int_equal(obey(PDT1_OP_SET_POLICY, more, sizeof(more)),
			 PDT1_SW_OK);
	assert_int_equal(m.store.meta.ptc, 2);
	host_init(&h, 1, 1, 3);
	assert_int_equal(host_begin(&m, &h), PDT1_SW_OK);
	assert_false(E1_FL(&h) & PDT1_E1_PIN);
}

static void generations_of_k_are_replaced_added_and_removed(void **state)
{
	uint8_t body[34] = { 0, 2 };
	uint16_t g;

	(void)state;
	fresh_default();
	for (g = 2; m.store.keys.count < PDT1_K_GENERATIONS; g++) {
		body[1] = (uint8_t)g;
		memset(body + 2, g, 32);
		assert_int_equal(obey(PDT1_OP_PUT_K, body, 34), PDT1_SW_OK);
	}
	body[1] = 99;
	assert_int_equal(obey(PDT1_OP_PUT_K, body, 34), PDT1_SW_FULL);
	body[1] = 2;
	memset(body + 2, 0xee, 32);
	assert_int_equal(obey(PDT1_OP_PUT_K, body, 34), PDT1_SW_OK);
	assert_int_equal(m.store.keys.count, PDT1_K_GENERATIONS);
	while (m.store.keys.count > 1) {
		sm_put16(body, m.store.keys.k[0].g);
		assert_int_equal(obey(PDT1_OP_DEL_K, body, 2), PDT1_SW_OK);
		assert_int_equal(obey(PDT1_OP_DEL_K, body, 2),
				 PDT1_SW_NO_REFERENCE);
	}
	sm_put16(body, m.store.keys.k[0].g);
	assert_int_equal(obey(PDT1_OP_DEL_K, body, 2), PDT1_SW_STATE);
}

static void a_raised_m_min_restricts_old_pairings_until_rewrap(void **state)
{
	struct host h;

	(void)state;
	fresh_default();
	host_init(&h, 1, 1, 3);
	host_pair(&m, &h);
	assert_int_equal(obey(PDT1_OP_SET_MMIN, "\0\2", 2), PDT1_SW_OK);
	/* The running session goes on. */
	assert_int_equal(m.state, SM_SESSION);
	assert_false(m.session.restricted);
	assert_int_equal(host_open(&m, &h, 0), PDT1_SW_OK);
	assert_true(m.session.restricted);
}

static void a_frozen_module_obeys_the_centre_only(void **state)
{
	static uint8_t rsp[SM_RESPONSE_MAX];
	static const uint8_t nonce[16];
	struct host h;
	size_t n;

	(void)state;
	fresh_default();
	host_init(&h, 1, 1, 3);
	host_pair(&m, &h);
	assert_int_equal(obey(PDT1_OP_FREEZE, "", 0), PDT1_SW_OK);
	assert_int_equal(m.state, SM_IDLE);
	assert_int_equal(host_open(&m, &h, 0), PDT1_SW_STATE);
	assert_int_equal(host_begin(&m, &h), PDT1_SW_STATE);
	sm_reset(&m);
	assert_int_equal(host_open(&m, &h, 0), PDT1_SW_STATE);
	assert_int_equal(test_apdu(&m, PDT1_INS_GET_INFO, 1, 0, nonce, 16, rsp,
				   &n), PDT1_SW_OK);
	assert_true(rsp[34] & PDT1_INFO_FROZEN);
	assert_int_equal(obey(PDT1_OP_FREEZE, "", 0), PDT1_SW_OK);
	assert_int_equal(obey(PDT1_OP_UNFREEZE, "", 0), PDT1_SW_OK);
	assert_int_equal(host_open(&m, &h, 0), PDT1_SW_OK);
}

static void a_new_kmg_counts_after_its_receipt(void **state)
{
	uint8_t kmg[32];
	uint16_t result;

	(void)state;
	fresh_default();
	memset(kmg, 0x67, sizeof(kmg));
	/* The test's centre checks the receipt with the former KMG. */
	assert_int_equal(centre_manage(&m, PDT1_OP_SET_KMG, 1, ANY, kmg,
				       sizeof(kmg), &result), PDT1_SW_OK);
	assert_int_equal(result, PDT1_SW_OK);
	assert_memory_equal(m.store.keys.kmg, kmg, sizeof(kmg));
}

static void a_new_kpin_and_fork_tag_change_the_request_code(void **state)
{
	uint8_t key[32], ft[8];
	struct host h;
	uint32_t rq;

	(void)state;
	fresh_default();
	host_init(&h, 1, 1, 3);
	assert_int_equal(host_begin(&m, &h), PDT1_SW_OK);
	rq = E1_RQ(&h);
	memset(ft, 0x98, sizeof(ft));
	assert_int_equal(obey(PDT1_OP_SET_FT, ft, sizeof(ft)), PDT1_SW_OK);
	assert_int_equal(m.state, SM_IDLE);
	assert_memory_equal(m.store.meta.ft, ft, sizeof(ft));
	assert_int_equal(host_begin(&m, &h), PDT1_SW_OK);
	assert_int_not_equal(E1_RQ(&h), rq);
	rq = E1_RQ(&h);
	memset(key, 0x57, sizeof(key));
	assert_int_equal(obey(PDT1_OP_SET_KPIN, key, sizeof(key)), PDT1_SW_OK);
	assert_int_equal(host_begin(&m, &h), PDT1_SW_OK);
	assert_int_not_equal(E1_RQ(&h), rq);
}

/* ---- flash that fails ---- */

static void failure_after_the_commit_waits_for_recovery(void **state)
{
	static const uint8_t nonce[16];
	unsigned int w;
	size_t n;

	(void)state;
	for (w = 1; w <= 4; w++) {
		uint16_t want_outer = w <= 2 ? PDT1_SW_OK : PDT1_SW_MEMORY;
		uint8_t pin[8];

		set_up(S_PAIRING);
		host_pin(&m, &newcomer, pin);
		test_port_cut(&tp, w, TORN_BITS);
		tp.flaky = true;
		assert_int_equal(host_confirm(&m, &newcomer, pin, 0),
				 want_outer);
		assert_int_equal(m.state, SM_IDLE);
		if (w <= 2) {
			assert_int_equal(E3_SW(&newcomer), PDT1_SW_MEMORY);
			continue;
		}
		info();
		assert_int_equal(host_open(&m, &newcomer, 0), PDT1_SW_STATE);
		assert_int_equal(test_apdu(&m, PDT1_INS_GET_INFO, 1, 0, nonce,
					   16, buf, &n), PDT1_SW_STATE);
		assert_int_equal(select_app(), PDT1_SW_OK);
		host_verify(&m, &newcomer);
		assert_int_equal(m.store.meta.n, 2);
		assert_int_equal(m.store.meta.ptc, 5);
		assert_int_equal(m.store.meta.wt, 0);
	}
}

static void uncounted_power_up_answers_get_info_only(void **state)
{
	(void)state;
	set_up(S_IDLE);
	sm_power_down(&m);
	tp.cut_at = tp.ops + 1;
	tp.flaky = true;
	assert_int_equal(sm_power_up(&m, &tp.port, &softmod_app), SM_EIO);
	info();
	assert_int_equal(host_open(&m, &paired, 0), PDT1_SW_STATE);
	assert_int_equal(host_begin(&m, &newcomer), PDT1_SW_STATE);
	/* the write works again */
	assert_int_equal(select_app(), PDT1_SW_OK);
	host_verify(&m, &paired);

	sm_power_down(&m);
	tp.cut_at = tp.ops + 1;
	tp.flaky = true;
	assert_int_equal(sm_power_up(&m, &tp.port, &softmod_app), SM_EIO);
	tp.cut_at = tp.ops + 1;
	assert_int_equal(select_app(), PDT1_SW_STATE);
	info();
}

/* ---- the application ---- */

static void application_does_what_it_says(void **state)
{
	uint8_t key[32], mac[32];
	const uint8_t hmac[4] = { APP_HMAC, 'a', 'b', 'c' };
	const struct sm_part part = { hmac + 1, 3 };
	uint8_t first[16];
	size_t n;

	(void)state;
	set_up(S_SESSION);
	assert_int_equal(message(&paired, "\0hello", 6, &n), PDT1_SW_OK);
	assert_int_equal(n, 5);
	assert_memory_equal(buf, "hello", 5);
	assert_int_equal(message(&paired, "\0", 1, &n), PDT1_SW_OK);
	assert_int_equal(n, 0);

	assert_int_equal(message(&paired, "\1\0\20", 3, &n), PDT1_SW_OK);
	assert_int_equal(n, 16);
	memcpy(first, buf, 16);
	assert_int_equal(message(&paired, "\1\0\20", 3, &n), PDT1_SW_OK);
	assert_memory_not_equal(first, buf, 16);
	assert_int_equal(message(&paired, "\1\0", 2, &n), PDT1_SW_LENGTH);

	assert_int_equal(message(&paired, hmac, 4, &n), PDT1_SW_OK);
	assert_int_equal(n, 32);
	assert_int_equal(sm_app_key(&m, "app-hmac", key), 0);
	assert_int_equal(tp.port.hmac(&tp, key, &part, 1, mac), 0);
	assert_memory_equal(mac, buf, 32);
	assert_int_equal(sm_app_key(&m, "ka", key), SM_EINVAL);

	assert_int_equal(message(&paired, NULL, 0, &n), PDT1_SW_DATA);
	assert_int_equal(message(&paired, "\3", 1, &n), PDT1_SW_INS);
}

static void random_beyond_maxm_is_refused(void **state)
{
	struct sm_perso p = test_perso();
	struct host h;
	size_t n;

	(void)state;
	p.maxm = 512;
	session_of(&h, &p);
	assert_int_equal(message(&h, "\1\2\0", 3, &n), PDT1_SW_OK);
	assert_int_equal(n, 512);
	assert_int_equal(message(&h, "\1\2\1", 3, &n), PDT1_SW_DATA);
}

static void module_without_power_answers_nothing(void **state)
{
	size_t n;

	(void)state;
	fresh_default();
	assert_int_equal(sm_apdu(&m, buf, 4, buf, 100, &n), SM_EINVAL);
	sm_power_down(&m);
	assert_int_equal(sm_apdu(&m, buf, 4, buf, sizeof(buf), &n), SM_EOFF);
	assert_int_equal(n, 0);
}

static void secrets_are_gone_after_power_down(void **state)
{
	const uint8_t *p = (const uint8_t *)&m;
	size_t i;

	(void)state;
	set_up(S_SESSION);
	sm_power_down(&m);
	for (i = 0; i < sizeof(m); i++)
		if (p[i])
			fail_msg("byte %zu of the module is left", i);
}

static void link_limits_show_in_info(void **state)
{
	const struct sm_perso p = test_perso();

	(void)state;
	test_port_init(&tp);
	assert_int_equal(sm_personalise(&tp.port, &p), 0);
	tp.port.link_maxc = 1000;
	tp.port.link_maxr = 900;
	assert_int_equal(sm_power_up(&m, &tp.port, &softmod_app), 0);
	assert_int_equal(sm_get16(info() + PDT1_INFO_OFF_MAXC), 1000);
	assert_int_equal(sm_get16(info() + PDT1_INFO_OFF_MAXR), 900);
	assert_int_equal(sm_get32(info() + PDT1_INFO_OFF_MAXM), SM_MAXM);
}

#define T(f)	cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(writes_per_power_up_pairing_and_verification),
		T(count_mode_1_writes_every_sixteenth),
		T(every_state_answers_every_command),
		T(session_ends_when_its_slot_is_freed),
		T(checks_come_in_order),
		T(classes_are_told_apart),
		T(malformed_commands_keep_a_pending_pairing),
		T(all_forms_of_le_are_accepted),
		T(data_longer_than_maxc_is_refused),
		T(select_answers_as_specified),
		T(three_wrong_pins_per_power_up_five_in_all),
		T(right_pin_restores_the_tries),
		T(hundred_wrong_pins_block_until_unblocked),
		T(unblocking_clears_the_count_of_this_power_up),
		T(costless_refusals_write_nothing),
		T(policy_none_wants_eight_zero_bytes),
		T(lost_e3_after_success_is_recovered_by_open),
		T(lost_e3_after_a_wrong_pin_shows_in_the_tries),
		T(pin_of_an_index_that_passed_is_wrong),
		T(cryptograms_are_checked),
		T(low_order_points_abort),
		T(stuck_generator_repeats_nothing),
		T(broken_generator_refuses),
		T(last_index_is_never_passed),
		T(least_active_is_evicted_and_newest_spared),
		T(pinned_slots_are_never_victims),
		T(counts_age_and_saturate),
		T(eviction_follows_the_policy),
		T(denied_hosts_stay_out),
		T(deny_list_has_an_end),
		T(long_messages_go_both_ways),
		T(chaining_has_limits),
		T(other_commands_drop_a_pending_answer),
		T(replayed_and_reordered_envelopes_end_the_session),
		T(sessions_end_after_their_last_command),
		T(only_the_first_envelope_is_a_verification),
		T(verification_stands_when_it_cannot_be_counted),
		T(inner_commands_are_checked),
		T(slots_are_listed_by_right),
		T(old_generations_are_restricted_until_rewrapped),
		T(manage_commands_are_used_once),
		T(a_policy_counts_from_the_next_pairing_and_never_adds_tries),
		T(generations_of_k_are_replaced_added_and_removed),
		T(a_raised_m_min_restricts_old_pairings_until_rewrap),
		T(a_frozen_module_obeys_the_centre_only),
		T(a_new_kmg_counts_after_its_receipt),
		T(a_new_kpin_and_fork_tag_change_the_request_code),
		T(refused_operations_get_a_receipt),
		T(failure_after_the_commit_waits_for_recovery),
		T(uncounted_power_up_answers_get_info_only),
		T(application_does_what_it_says),
		T(random_beyond_maxm_is_refused),
		T(module_without_power_answers_nothing),
		T(secrets_are_gone_after_power_down),
		T(link_limits_show_in_info),
	};

	return cmocka_run_group_tests_name("softmod protocol", tests, NULL,
					   NULL);
}
