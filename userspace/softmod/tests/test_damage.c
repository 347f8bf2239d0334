// SPDX-License-Identifier: GPL-2.0-or-later
/* Damaged flash and impossible records, and what personalisation accepts. */
#include <string.h>

#include "softmod/app.h"
#include "softmod/core/bytes.h"
#include "softmod/core/crc.h"
#include "softmod/tests/host.h"

#define HALF		(TEST_FLASH_SIZE / 2)
#define HOSTS		2

static struct test_port tp;
static struct sm_module m;
static struct host host[HOSTS];

/* A sound module, to begin each damage with */
static struct {
	struct test_port tp;
	struct sm_module m;
} before;

static void save(void)
{
	before.tp = tp;
	before.m = m;
}

static void restore(void)
{
	tp = before.tp;
	m = before.m;
}

static void start(uint8_t slots)
{
	struct sm_perso p = test_perso();
	uint32_t i;

	p.slots = slots;
	test_module(&tp, &m, &p, &softmod_app);
	for (i = 0; i < HOSTS; i++)
		host_init(&host[i], i + 1, 1, 3);
	host_pair(&m, &host[0]);
	host_pair(&m, &host[1]);
	sm_reset(&m);
}

static void power_up(void)
{
	sm_power_down(&m);
	test_port_restore(&tp);
	assert_int_equal(sm_power_up(&m, &tp.port, &softmod_app), 0);
}

/* Leaves less than @room bytes at the end of the half in use */
static void fill_journal(uint32_t room)
{
	const struct sm_act act = m.store.act[31];

	while (HALF - m.store.nvm.tail >= room + 22)
		assert_int_equal(sm_store_act(&m.store, 31, &act), 0);
}

static uint32_t rnd(uint32_t below)
{
	static uint32_t seed = 12345;

	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

static void refuse(const char *what)
{
	static uint8_t flash[TEST_FLASH_SIZE];
	static uint8_t rsp[SM_RESPONSE_MAX];
	static const uint8_t aid[] = PDT1_AID;
	size_t n;
	int err;

	memcpy(flash, tp.flash, sizeof(flash));
	err = sm_power_up(&m, &tp.port, &softmod_app);
	if (err != SM_EDAMAGED)
		fail_msg("%s: %d", what, err);
	assert_int_equal(test_apdu(&m, PDT1_INS_SELECT, 4, 0, aid, sizeof(aid),
				   rsp, &n), PDT1_SW_OK);
	assert_int_equal(rsp[18 + 1] & PDT1_INFO_FATAL, PDT1_INFO_FATAL);
	sm_reset(&m);
	assert_int_equal(host_begin(&m, &host[0]), PDT1_SW_STATE);
	assert_int_equal(m.state, SM_FATAL);
	/* its bytes stay */
	assert_memory_equal(flash, tp.flash, sizeof(flash));
}

static void damaged_records_are_fatal_and_left_alone(void **state)
{
	uint32_t last, tail, off;

	(void)state;
	start(4);
	tail = m.store.nvm.tail;
	last = m.store.nvm.offset[0x41];	/* ACT_1, written by W4 */
	assert_int_equal(last + 22, tail);
	save();
	for (off = 0; off < last; off++) {
		restore();
		tp.flash[off] ^= (uint8_t)(1 << rnd(8));
		refuse("a flipped bit in a record");
	}
	for (off = tail + 400; off < HALF; off += 97) {
		restore();
		tp.flash[off] = 0;
		refuse("a cleared byte behind the journal");
	}
}

static void damage_after_compaction_never_brings_the_past_back(void **state)
{
	uint32_t off;
	int i;

	(void)state;
	start(4);
	fill_journal(1);
	for (i = 0; i < 3; i++)
		power_up();
	assert_true(m.store.nvm.area == 1);
	save();
	for (off = 0; off < 28; off++) {
		restore();
		tp.flash[HALF + off] ^= (uint8_t)(1 << rnd(8));
		refuse("a damaged header");
	}
}

static void truncated_images_are_fatal_and_left_alone(void **state)
{
	uint32_t size;

	(void)state;
	start(4);
	save();
	for (size = 0; size < TEST_FLASH_SIZE; size += 256) {
		restore();
		tp.port.flash_size = size;
		refuse("a truncated image");
	}
}

static void set_header(uint32_t off, uint8_t value)
{
	tp.flash[off] = value;
	sm_put32(tp.flash + 24, sm_crc32(0, tp.flash, 24));
}

static void other_formats_and_geometries_are_refused(void **state)
{
	(void)state;
	start(4);
	save();
	set_header(7, 2);		/* needs a later reader */
	refuse("min_format");
	restore();
	set_header(5, 0);		/* format 0 */
	refuse("format");
	restore();
	set_header(10, 0x80);		/* region size */
	refuse("size");
	restore();
	set_header(14, 0x10);		/* block size */
	refuse("block");
	/* a later format that this reader can still read */
	restore();
	set_header(5, 2);
	assert_int_equal(sm_power_up(&m, &tp.port, &softmod_app), 0);
}

static void arbitrary_images_never_mount(void **state)
{
	int i;

	(void)state;
	start(4);
	save();
	for (i = 0; i < 3000; i++) {
		uint32_t at = rnd(TEST_FLASH_SIZE - 600);
		uint32_t len = 1 + rnd(600);

		restore();
		at = i % 2 ? rnd(before.m.store.nvm.tail - 400) : 0;
		if (!(i % 2))
			len = TEST_FLASH_SIZE;
		while (len--)
			tp.flash[at++] = (uint8_t)rnd(256);
		assert_int_not_equal(sm_power_up(&m, &tp.port, &softmod_app),
				     0);
	}
}

static void impossible_records_are_fatal(void **state)
{
	struct sm_slot s;

	(void)state;
	start(4);
	save();
	s = m.store.slot[0];
	s.n_s = m.store.meta.n + 2;
	assert_int_equal(sm_store_slot(&m.store, 0, &s), 0);
	refuse("N_s above N+1");

	restore();
	s = (struct sm_slot){ .n_s = m.store.meta.n + 2 };
	assert_int_equal(sm_store_slot(&m.store, 3, &s), 0);
	refuse("N_s above N+1 in a free slot");

	restore();
	s = m.store.slot[0];
	s.n_s = m.store.meta.n + 1;
	assert_int_equal(sm_store_slot(&m.store, 0, &s), 0);
	assert_int_equal(sm_store_slot(&m.store, 2, &s), 0);
	refuse("two slots with N+1");

	/* and one that recovery can put right */
	restore();
	assert_int_equal(sm_store_slot(&m.store, 0, &s), 0);
	power_up();
	assert_int_equal(m.store.meta.n, 3);
	assert_int_equal(m.store.act[0].n_s, 3);
}

static void denied_host_in_a_slot_is_freed_at_power_up(void **state)
{
	struct sm_deny deny = { .count = 1 };

	(void)state;
	start(4);
	memcpy(deny.sn[0], host[1].sn, 8);
	assert_int_equal(sm_store_deny(&m.store, &deny), 0);
	power_up();
	assert_true(m.store.slot[0].used);
	assert_false(m.store.slot[1].used);
}

/* ---- personalisation ---- */

static void personalisation_is_checked(void **state)
{
	struct sm_perso good = test_perso();
	struct sm_perso p;

	(void)state;
#define REFUSE(member, value) do {					\
		test_port_init(&tp);					\
		p = good;						\
		p.member = value;					\
		assert_int_equal(sm_personalise(&tp.port, &p), SM_EINVAL); \
		assert_int_equal(sm_power_up(&m, &tp.port, &softmod_app), \
				 SM_EVIRGIN);				\
	} while (0)
	REFUSE(slots, 0);
	REFUSE(slots, 33);
	REFUSE(ptc_max, 0);
	REFUSE(ptc_max, 16);
	REFUSE(ageing, 0);
	REFUSE(count_mode, 2);
	REFUSE(pin_first, 2);
	REFUSE(pin_policy, 4);
	REFUSE(evict_policy, 3);
	REFUSE(k_count, 0);
	REFUSE(k_count, 5);
	REFUSE(k_count, 2);		/* the second has number 0 */
	REFUSE(maxc, 135);
	REFUSE(maxr, 145);
	REFUSE(maxm, 511);
	REFUSE(maxm, SM_MAXM + 1);
	REFUSE(n, 0xffffffff);

	assert_int_equal(sm_personalise(&tp.port, &good), 0);
	assert_int_equal(sm_personalise(&tp.port, &good), SM_EEXIST);
	assert_int_equal(sm_power_up(&m, &tp.port, &softmod_app), 0);

	tp.port.flash_size = 4096;
	assert_int_equal(sm_personalise(&tp.port, &good), SM_EIO);
}

static void cut_personalisation_is_never_half_a_module(void **state)
{
	const struct sm_perso p = test_perso();
	unsigned int k;
	int torn;

	(void)state;
	for (torn = 0; torn < TORN_COUNT; torn++) {
		for (k = 1;; k++) {
			test_port_init(&tp);
			test_port_cut(&tp, k, torn);
			if (!sm_personalise(&tp.port, &p))
				break;
			test_port_restore(&tp);
			/* the last write is the header */
			if (k == 6 && torn == TORN_ALL)
				continue;
			assert_int_not_equal(sm_power_up(&m, &tp.port,
							 &softmod_app), 0);
		}
		assert_int_equal(k, 7);
	}
}

#define T(f)	cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(damaged_records_are_fatal_and_left_alone),
		T(damage_after_compaction_never_brings_the_past_back),
		T(truncated_images_are_fatal_and_left_alone),
		T(other_formats_and_geometries_are_refused),
		T(arbitrary_images_never_mount),
		T(impossible_records_are_fatal),
		T(denied_host_in_a_slot_is_freed_at_power_up),
		T(personalisation_is_checked),
		T(cut_personalisation_is_never_half_a_module),
	};

	return cmocka_run_group_tests_name("softmod damage", tests, NULL,
					   NULL);
}
