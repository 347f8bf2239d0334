// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "softmod/core/bytes.h"
#include "softmod/port/crypto_mbedtls.h"
#include "softmod/tests/testport.h"

uint8_t test_scratch[SM_RESPONSE_MAX];

static struct sm_app current_app;
static struct sm_port mbedtls;

static uint8_t next_byte(struct test_port *tp)
{
	tp->seed = tp->seed * 1103515245 + 12345;
	return (uint8_t)(tp->seed >> 16);
}

static int test_random(void *ctx, void *buf, size_t len)
{
	struct test_port *tp = ctx;
	uint8_t *p = buf;

	if (tp->broken_rng)
		return -1;
	while (len--)
		*p++ = tp->stuck_rng ? 0 : next_byte(tp);
	return 0;
}

/* Hedged draws are MACs over "rm" or "xm" and 40 more bytes: fix those. */
static int test_hmac(void *ctx, const uint8_t key[32],
		     const struct sm_part *parts, size_t n, uint8_t out[32])
{
	struct test_port *tp = ctx;

	if (++tp->macs == tp->no_mac_at)
		return -1;
	if (tp->fixed && n == 3 && parts[0].len == 2 && parts[1].len == 8 &&
	    parts[2].len == 32) {
		if (!memcmp(parts[0].data, "rm", 2)) {
			memcpy(out, tp->rm, 16);
			memset(out + 16, 0, 16);
			return 0;
		}
		if (!memcmp(parts[0].data, "xm", 2)) {
			memcpy(out, tp->xm, 32);
			return 0;
		}
	}
	return mbedtls.hmac(ctx, key, parts, n, out);
}

static int test_read(void *ctx, uint32_t off, void *buf, uint32_t len)
{
	struct test_port *tp = ctx;

	if (tp->dead || ++tp->reads == tp->no_read_at)
		return -1;
	assert_true(off <= tp->port.flash_size &&
		    len <= tp->port.flash_size - off);
	memcpy(buf, tp->flash + off, len);
	return 0;
}

/* Moves @cell to @target as far as the cut allows */
static void tear(struct test_port *tp, uint8_t *cell, const uint8_t *target,
		 uint32_t len)
{
	uint32_t i;

	for (i = 0; i < len; i++) {
		uint8_t want = target[i];

		switch (tp->torn) {
		case TORN_NOTHING:
			continue;
		case TORN_PREFIX:
			if (i >= len / 2)
				continue;
			break;
		case TORN_BITS:
			want = (uint8_t)(cell[i] ^
					 ((cell[i] ^ want) & next_byte(tp)));
			break;
		default:
			break;
		}
		cell[i] = want;
	}
}

static int change(struct test_port *tp, uint32_t off, const uint8_t *target,
		  uint32_t len)
{
	if (tp->dead)
		return -1;
	assert_true(off <= tp->port.flash_size &&
		    len <= tp->port.flash_size - off);
	if (++tp->ops == tp->cut_at) {
		tear(tp, tp->flash + off, target, len);
		tp->dead = !tp->flaky;
		return tp->silent ? 0 : -1;
	}
	memcpy(tp->flash + off, target, len);
	return 0;
}

static int test_program(void *ctx, uint32_t off, const void *buf, uint32_t len)
{
	struct test_port *tp = ctx;
	uint8_t target[1024];
	const uint8_t *in = buf;
	uint32_t i;

	assert_true(len <= sizeof(target));
	for (i = 0; i < len; i++) {
		target[i] = tp->flash[off + i] & in[i];
		/* The core programs erased bytes once, or clears them, or
		 * programs them again with what they hold
		 */
		assert_true(tp->flash[off + i] == 0xff || in[i] == 0 ||
			    in[i] == tp->flash[off + i]);
	}
	return change(tp, off, target, len);
}

static int test_erase(void *ctx, uint32_t off)
{
	struct test_port *tp = ctx;
	uint8_t target[TEST_FLASH_BLOCK];

	assert_int_equal(off % TEST_FLASH_BLOCK, 0);
	memset(target, 0xff, sizeof(target));
	return change(tp, off, target, sizeof(target));
}

static int test_sync(void *ctx)
{
	struct test_port *tp = ctx;

	return tp->dead ? -1 : 0;
}

void test_port_init(struct test_port *tp)
{
	memset(tp, 0, sizeof(*tp));
	memset(tp->flash, 0xff, sizeof(tp->flash));
	tp->seed = 1;
	crypto_mbedtls_init(&mbedtls);
	tp->port = mbedtls;
	tp->port.ctx = tp;
	tp->port.random = test_random;
	tp->port.hmac = test_hmac;
	tp->port.flash_read = test_read;
	tp->port.flash_program = test_program;
	tp->port.flash_erase = test_erase;
	tp->port.flash_sync = test_sync;
	tp->port.flash_size = TEST_FLASH_SIZE;
	tp->port.flash_block = TEST_FLASH_BLOCK;
}

void test_port_cut(struct test_port *tp, unsigned int at, enum test_torn torn)
{
	tp->cut_at = at ? tp->ops + at : 0;
	tp->torn = torn;
}

void test_port_restore(struct test_port *tp)
{
	tp->cut_at = 0;
	tp->no_read_at = 0;
	tp->no_mac_at = 0;
	tp->dead = false;
	tp->flaky = false;
	tp->silent = false;
}

struct sm_perso test_perso(void)
{
	static const uint8_t mid[8] = { 2, 1, 0, 0, 0, 0, 0x56, 0x78 };
	static const uint8_t kpin[32] = {
		0x42, 0x25, 0x35, 0x34, 0xc4, 0x30, 0xea, 0x19,
		0x49, 0x2f, 0x48, 0xb4, 0x66, 0x69, 0x8e, 0x3d,
		0x5c, 0xb0, 0x35, 0xe7, 0xfd, 0xe2, 0x5f, 0xd8,
		0x1d, 0xed, 0x1d, 0x24, 0x2d, 0xbd, 0x1d, 0xe1,
	};
	static const uint8_t kmg[32] = {
		0xa1, 0x19, 0x92, 0x2f, 0x12, 0x7d, 0x62, 0xd9,
		0x4a, 0x76, 0x9b, 0x2d, 0xb2, 0x42, 0x6b, 0x55,
		0xfd, 0x80, 0x00, 0xcb, 0xd7, 0xa8, 0x4b, 0x0e,
		0xf9, 0x76, 0x20, 0x6d, 0xf9, 0x15, 0x23, 0x4a,
	};
	struct sm_perso p = {
		.dom = 1,
		.k_count = 1,
		.pin_policy = PDT1_PIN_INDEXED,
		.evict_policy = PDT1_EVICT_APPROVED,
		.slots = 8,
		.ptc_max = PDT1_PTC_DEFAULT,
		.ageing = PDT1_AGEING_DEFAULT,
		.m_min = 1,
		.version = 1,
	};

	memcpy(p.mid, mid, sizeof(mid));
	memset(p.km, 0x44, sizeof(p.km));
	memcpy(p.kpin, kpin, sizeof(kpin));
	memcpy(p.kmg, kmg, sizeof(kmg));
	memset(p.ft, 0x99, sizeof(p.ft));
	p.k[0].g = 1;
	memset(p.k[0].k, 0x11, sizeof(p.k[0].k));
	return p;
}

void test_module(struct test_port *tp, struct sm_module *m,
		 const struct sm_perso *perso, const struct sm_app *app)
{
	test_port_init(tp);
	assert_int_equal(sm_personalise(&tp->port, perso), 0);
	current_app = *app;
	assert_int_equal(sm_power_up(m, &tp->port, app), 0);
}

void test_cycle(struct test_port *tp, struct sm_module *m)
{
	sm_power_down(m);
	test_port_restore(tp);
	assert_int_equal(sm_power_up(m, &tp->port, &current_app), 0);
}

static int direct(struct sm_module *m, const uint8_t *cmd, size_t len,
		  uint8_t *rsp, size_t *rsp_len)
{
	assert_int_equal(sm_apdu(m, cmd, len, rsp, SM_RESPONSE_MAX, rsp_len),
			 0);
	return 0;
}

static test_transmit_fn transmit = direct;

void test_transmit(test_transmit_fn fn)
{
	transmit = fn ? fn : direct;
}

uint16_t test_apdu(struct sm_module *m, uint8_t ins, uint8_t p1, uint8_t p2,
		   const void *data, size_t len, uint8_t *rsp,
		   size_t *rsp_len)
{
	static uint8_t cmd[SM_COMMAND_MAX];
	size_t n = 4;
	uint16_t sw;

	cmd[0] = ins == PDT1_INS_SELECT ? PDT1_CLA_ISO : PDT1_CLA;
	cmd[1] = ins;
	cmd[2] = p1;
	cmd[3] = p2;
	if (len) {
		cmd[4] = 0;
		sm_put16(cmd + 5, (uint16_t)len);
		memcpy(cmd + 7, data, len);
		n = 7 + len;
	}
	if (transmit(m, cmd, n, rsp, rsp_len))
		return TEST_NO_ANSWER;
	assert_true(*rsp_len >= 2);
	*rsp_len -= 2;
	sw = sm_get16(rsp + *rsp_len);
	if (sw != PDT1_SW_OK)
		assert_int_equal(*rsp_len, 0);
	return sw;
}

uint16_t test_raw(struct sm_module *m, const void *cmd, size_t len)
{
	size_t rsp_len;

	assert_int_equal(sm_apdu(m, cmd, len, test_scratch,
				 sizeof(test_scratch), &rsp_len), 0);
	assert_true(rsp_len >= 2);
	return sm_get16(test_scratch + rsp_len - 2);
}
