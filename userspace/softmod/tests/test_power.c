// SPDX-License-Identifier: GPL-2.0-or-later
/* Power cut at every write, damaged images, and the image file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "softmod/app.h"
#include "softmod/core/bytes.h"
#include "softmod/core/crc.h"
#include "softmod/core/slot.h"
#include "softmod/port/linux.h"
#include "softmod/tests/host.h"

#define HALF		(TEST_FLASH_SIZE / 2)
#define ANY		PDT1_MANAGE_NEXP_ANY
#define HOSTS		4

static struct test_port tp;
static struct sm_module m;
static struct host host[HOSTS];

/* Everything, before what a scenario does */
static struct {
	struct test_port tp;
	struct sm_module m;
	struct host host[HOSTS];
} before;

static struct sm_store after;

static void save(void)
{
	before.tp = tp;
	before.m = m;
	memcpy(before.host, host, sizeof(host));
}

static void restore(void)
{
	tp = before.tp;
	m = before.m;
	memcpy(host, before.host, sizeof(host));
}

/* ---- scenarios: what is set up, and what the cut hits ---- */

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

static void begin(void)
{
	assert_int_equal(host_begin(&m, &host[2]), PDT1_SW_OK);
}

static void prepare_pair(void)
{
	start(4);
	begin();
}

static void prepare_pair_evict(void)
{
	start(2);
	begin();
	assert_true(E1_FL(&host[2]) & PDT1_E1_EVICT_OK);
}

static void prepare_pair_again(void)
{
	start(4);
	host[2] = host[0];
	begin();
	assert_true(E1_FL(&host[2]) & PDT1_E1_SAME);
}

static void prepare_open(void)
{
	start(4);
	assert_int_equal(host_open(&m, &host[0], 0), PDT1_SW_OK);
}

static void prepare_session(void)
{
	start(4);
	host_verify(&m, &host[0]);
}

static void prepare_idle(void)
{
	start(4);
}

static void confirm(const uint8_t *pin)
{
	uint16_t sw = host_confirm(&m, &host[2], pin, PDT1_E2_OPT_EVICT);

	/* A verdict is given only once the try is durably spent */
	if (sw == PDT1_SW_OK && (E3_SW(&host[2]) & 0xfff0) == 0x63c0)
		assert_int_equal(m.store.meta.ptc,
				 before.m.store.meta.ptc - 1);
}

static void do_pair(void)
{
	uint8_t pin[8];

	host_pin(&m, &host[2], pin);
	confirm(pin);
}

static void do_wrong_pin(void)
{
	confirm((const uint8_t *)"99999999");
}

static void inner(uint8_t ins)
{
	const uint8_t cmd[4] = { PDT1_CLA, ins, 0, 0 };
	static uint8_t rsp[SM_RESPONSE_MAX];
	uint8_t more = 0;
	uint16_t outer;
	size_t n;

	host_envelope(&m, &host[0], PDT1_ENV_INNER, &more, cmd, 4, rsp, &n,
		      &outer);
}

static void do_verify(void)
{
	inner(PDT1_INS_GET_INFO);
}

static void do_unpair(void)
{
	inner(PDT1_INS_UNPAIR);
}

static void do_rewrap(void)
{
	host_rewrap(&m, &host[0], 2);
}

static void do_revoke(void)
{
	uint16_t result;

	centre_manage(&m, PDT1_OP_REVOKE_HOST, 1, ANY, host[0].sn, 8, &result);
}

static void do_unblock(void)
{
	uint16_t result;

	centre_manage(&m, PDT1_OP_UNBLOCK_PIN, 1, ANY, "\2", 1, &result);
}

static void do_set_slots(void)
{
	uint16_t result;

	centre_manage(&m, PDT1_OP_SET_SLOTS, 1, ANY, "\5", 1, &result);
}

static void do_pin_slot(void)
{
	uint16_t result;

	centre_manage(&m, PDT1_OP_PIN_SLOT, 1, ANY, "\1\1", 2, &result);
}

static const struct scenario {
	const char *name;
	void (*prepare)(void);
	void (*run)(void);
} scenarios[] = {
	{ "pair", prepare_pair, do_pair },
	{ "pair with eviction", prepare_pair_evict, do_pair },
	{ "pair again", prepare_pair_again, do_pair },
	{ "wrong PIN", prepare_pair, do_wrong_pin },
	{ "verification", prepare_open, do_verify },
	{ "unpair", prepare_session, do_unpair },
	{ "rewrap", prepare_session, do_rewrap },
	{ "revoke", prepare_idle, do_revoke },
	{ "unblock", prepare_idle, do_unblock },
	{ "set slots", prepare_idle, do_set_slots },
	{ "pin slot", prepare_idle, do_pin_slot },
};

/* ---- the oracle ---- */

static bool same_slot(const struct sm_slot *a, const struct sm_slot *b)
{
	return a->used == b->used && a->pinned == b->pinned &&
	       a->n_s == b->n_s && a->rights == b->rights && a->m == b->m &&
	       sm_equal(a->sn, b->sn, 8) && sm_equal(a->ka, b->ka, 32) &&
	       sm_equal(a->tk, b->tk, 32) && sm_equal(a->pdc, b->pdc, 76);
}

static bool same_act(const struct sm_act *a, const struct sm_act *b)
{
	return a->n_s == b->n_s && a->cpt == b->cpt && a->t_last == b->t_last;
}

static bool same_meta(const struct sm_meta *a, const struct sm_meta *b)
{
	return a->n == b->n && a->ptc == b->ptc && a->wt == b->wt &&
	       a->mseq == b->mseq && sm_equal(a->ft, b->ft, 8);
}

/* Old, new, or one try spent; the index moves together with a slot. */
static const char *judge_meta(const struct sm_meta *old)
{
	struct sm_meta spent = *old;

	spent.ptc--;
	spent.wt++;
	if (same_meta(&m.store.meta, old) ||
	    same_meta(&m.store.meta, &after.meta) ||
	    same_meta(&m.store.meta, &spent))
		return NULL;
	return "META is neither old nor new";
}

static const char *judge(void)
{
	const struct sm_store *old = &before.m.store;
	const struct sm_store *now = &m.store;
	int changed = 0;
	int paired = 0;
	int i;

	for (i = 0; i < PDT1_SLOTS_MAX; i++) {
		bool is_old = same_slot(&now->slot[i], &old->slot[i]);

		if (!is_old && !same_slot(&now->slot[i], &after.slot[i]))
			return "a slot is neither old nor new";
		if (!is_old)
			changed++;
		if (!is_old && now->slot[i].used &&
		    now->slot[i].n_s != old->slot[i].n_s)
			paired++;
		if (!same_act(&now->act[i], &old->act[i]) &&
		    !same_act(&now->act[i], &after.act[i]))
			return "an activity record is neither old nor new";
		if (now->slot[i].used && now->act[i].n_s != now->slot[i].n_s)
			return "a pairing is not counted";
		if (now->slot[i].used &&
		    sm_store_denied(now, now->slot[i].sn))
			return "a denied host has a slot";
	}
	if (changed > 1)
		return "more than one slot changed";
	if (now->meta.n != old->meta.n + (uint32_t)paired)
		return "N does not follow the slots";
	if (now->deny.count != old->deny.count &&
	    now->deny.count != after.deny.count)
		return "the deny list is neither old nor new";
	if (now->cfg.slots != old->cfg.slots &&
	    now->cfg.slots != after.cfg.slots)
		return "the settings are neither old nor new";
	return judge_meta(&old->meta);
}

static void power_up(void)
{
	sm_power_down(&m);
	test_port_restore(&tp);
	assert_int_equal(sm_power_up(&m, &tp.port, &softmod_app), 0);
}

/* Remembers the state before the scenario, and finds out that after it */
static void learn(const struct scenario *s)
{
	save();
	s->run();
	assert_false(tp.dead);
	power_up();
	after = m.store;
}

/* Leaves less than @room bytes at the end of the half in use */
static void fill_journal(uint32_t room)
{
	const struct sm_act act = m.store.act[31];

	while (HALF - m.store.nvm.tail >= room + 22)
		assert_int_equal(sm_store_act(&m.store, 31, &act), 0);
}

/* Cut at operation @k, and again at @k2 of the recovery (0 for not). Returns
 * how many of the two cuts happened.
 */
static int cut_run(const struct scenario *s, unsigned int k, unsigned int k2,
		   enum test_torn torn)
{
	const char *fault;

	restore();
	test_port_cut(&tp, k, torn);
	s->run();
	if (!tp.dead)
		return 0;
	sm_power_down(&m);
	test_port_restore(&tp);
	if (k2) {
		test_port_cut(&tp, k2, torn);
		sm_power_up(&m, &tp.port, &softmod_app);
		if (!tp.dead)
			return 1;
	}
	power_up();
	fault = judge();
	if (fault)
		fail_msg("%s, cut at %u and %u, torn %d: %s", s->name, k, k2,
			 torn, fault);
	return 2;
}

static void cut_everywhere(const struct scenario *s, uint32_t room, bool twice)
{
	unsigned int k, k2, cuts = 0;
	int torn;

	s->prepare();
	if (room)
		fill_journal(room);
	learn(s);

	for (torn = 0; torn < TORN_COUNT; torn++) {
		for (k = 1; cut_run(s, k, 0, torn); k++) {
			cuts++;
			for (k2 = 1; twice && cut_run(s, k, k2, torn) == 2;
			     k2++)
				cuts++;
		}
		assert_true(k > 1);
	}
	assert_true(cuts >= TORN_COUNT);
}

static void cut_at_any_write_leaves_old_or_new(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
		cut_everywhere(&scenarios[i], 0, true);
}

/* The same while the journal moves, at the first write or at a later one */
static void cut_during_compaction_leaves_old_or_new(void **state)
{
	static const uint32_t rooms[] = { 1, 40, 210, 250 };
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
		for (j = 0; j < sizeof(rooms) / sizeof(rooms[0]); j++)
			cut_everywhere(&scenarios[i], rooms[j], false);
}

static void two_cuts_during_compaction_leave_old_or_new(void **state)
{
	(void)state;
	cut_everywhere(&scenarios[1], 210, true);
}

static void cut_while_powering_up_is_harmless(void **state)
{
	unsigned int k;
	int torn;

	(void)state;
	for (torn = 0; torn < TORN_COUNT; torn++) {
		for (k = 1;; k++) {
			start(4);
			fill_journal(k % 2 ? 1 : 100);
			save();
			after = m.store;
			sm_power_down(&m);
			test_port_cut(&tp, k, torn);
			sm_power_up(&m, &tp.port, &softmod_app);
			if (!tp.dead)
				break;
			power_up();
			assert_null(judge());
			assert_true(m.store.boot > before.m.store.boot);
		}
		assert_true(k > 1);
	}
}

static void pairing_that_survived_a_cut_works(void **state)
{
	unsigned int k;

	(void)state;
	prepare_pair();
	learn(&scenarios[0]);
	for (k = 1; cut_run(&scenarios[0], k, 0, TORN_BITS); k++) {
		uint16_t sw = host_open(&m, &host[2], 0);

		/* W1, W2: not paired; W3, W4: paired */
		assert_int_equal(sw, k <= 2 ? PDT1_SW_NO_REFERENCE :
					      PDT1_SW_OK);
		assert_int_equal(m.store.meta.n, k <= 2 ? 2 : 3);
		assert_int_equal(m.store.meta.ptc, k == 2 ? 4 : 5);
		assert_int_equal(m.store.meta.wt, k == 2 ? 1 : 0);
	}
	assert_int_equal(k, 5);
}

/* However often the power is cut, the PIN cannot be tried for nothing. */
static void cuts_never_give_tries_back(void **state)
{
	unsigned int i, verdicts = 0;

	(void)state;
	start(4);
	for (i = 0; i < 60; i++) {
		uint8_t tries = m.store.meta.ptc;

		if (host_begin(&m, &host[2]) != PDT1_SW_OK)
			break;
		test_port_cut(&tp, 1 + i % 3, (enum test_torn)(i % TORN_COUNT));
		if (host_confirm(&m, &host[2], (const uint8_t *)"99999999",
				 0) == PDT1_SW_OK &&
		    (E3_SW(&host[2]) & 0xfff0) == 0x63c0)
			verdicts++;
		power_up();
		assert_true(m.store.meta.ptc <= tries);
	}
	assert_true(verdicts <= 5);
	assert_true(verdicts > 0);
	assert_int_equal(m.store.meta.ptc, 0);
}

/* Flash that claims success: only reading back tells */
static void tries_that_do_not_stick_give_no_verdict(void **state)
{
	int torn;

	(void)state;
	for (torn = 0; torn < TORN_ALL; torn++) {
		prepare_pair();
		test_port_cut(&tp, 1, torn);
		tp.flaky = true;
		tp.silent = true;
		assert_int_equal(host_confirm(&m, &host[2],
					      (const uint8_t *)"99999999", 0),
				 PDT1_SW_OK);
		assert_int_equal(E3_SW(&host[2]), PDT1_SW_MEMORY);
		power_up();
		assert_int_equal(m.store.meta.ptc, 5);
	}
}

/* A half that was not quite erased would look damaged later */
static void erase_that_does_not_work_is_noticed(void **state)
{
	int i;

	(void)state;
	start(4);
	for (i = 0; i < 2; i++) {
		/* once with the half that was used before */
		fill_journal(1);
		power_up();
	}
	fill_journal(1);
	test_port_cut(&tp, 1, TORN_PREFIX);
	tp.flaky = true;
	tp.silent = true;
	assert_int_equal(sm_store_boot(&m.store, 99), SM_EIO);
	assert_int_equal(sm_store_boot(&m.store, 100), 0);
	power_up();
	assert_int_equal(m.store.boot, 101);
}

static uint32_t rnd(uint32_t below)
{
	static uint32_t seed = 12345;

	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

static void random_life_with_cuts_keeps_the_invariants(void **state)
{
	uint32_t i, seq;

	(void)state;
	start(2);
	for (i = 0; i < 1500; i++) {
		struct sm_meta old = m.store.meta;
		uint32_t clock = sm_slot_clock(&m.store);
		struct host *h = &host[rnd(HOSTS)];
		uint8_t pin[8];
		uint16_t result;
		bool right = false;

		test_port_cut(&tp, rnd(4) ? 0 : 1 + rnd(6),
			      (enum test_torn)rnd(TORN_COUNT));
		switch (rnd(5)) {
		case 0:
			right = rnd(2);
			host_pin(&m, h, pin);
			if (!right)
				pin[0] = pin[0] == '0' ? '1' : '0';
			if (host_begin(&m, h) == PDT1_SW_OK)
				host_confirm(&m, h, pin, 1);
			break;
		case 1:
			h = &host[0];
			if (host_open(&m, h, 0) == PDT1_SW_OK)
				inner(rnd(8) ? PDT1_INS_GET_INFO :
					       PDT1_INS_UNPAIR);
			break;
		case 2:
			seq = m.store.meta.mseq + 1;
			if (!old.ptc || !rnd(4)) {
				centre_manage(&m, PDT1_OP_UNBLOCK_PIN, seq,
					      ANY, "\5", 1, &result);
				right = true;
			}
			break;
		default:
			break;
		}
		if (tp.dead || !rnd(3))
			power_up();
		assert_true(m.store.meta.n >= old.n);
		assert_true(m.store.meta.n <= old.n + 1);
		assert_true(m.store.meta.mseq >= old.mseq);
		assert_true(right || m.store.meta.ptc <= old.ptc);
		assert_true(sm_slot_clock(&m.store) >= clock);
	}
	assert_true(m.store.meta.n > 10);
}

/* ---- damage ---- */

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

/* ---- the image file ---- */

static char dir[] = "/tmp/smpair-test-XXXXXX";
static char path[64];

static void image_file_is_private_locked_and_never_repaired(void **state)
{
	const struct sm_perso p = test_perso();
	struct nvm_file f, g;
	struct sm_port port;
	struct stat st;

	(void)state;
	assert_int_equal(nvm_file_create(&f, path), 0);
	assert_int_equal(nvm_file_create(&g, path), -EEXIST);
	linux_port_init(&port, &f);
	assert_int_equal(sm_personalise(&port, &p), 0);
	assert_int_equal(nvm_file_open(&g, path), -EBUSY);
	assert_int_equal(sm_power_up(&m, &port, &softmod_app), 0);
	assert_int_equal(m.store.boot, 1);
	nvm_file_close(&f);

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, NVM_FILE_SIZE);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(nvm_file_open(&f, path), -EACCES);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(nvm_file_open(&f, dir), -EISDIR);

	assert_int_equal(truncate(path, NVM_FILE_SIZE - 4096), 0);
	assert_int_equal(nvm_file_open(&f, path), 0);
	linux_port_init(&port, &f);
	assert_int_equal(sm_power_up(&m, &port, &softmod_app), SM_EDAMAGED);
	nvm_file_close(&f);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, NVM_FILE_SIZE - 4096);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(nvm_file_open(&f, path), 0);
	linux_port_init(&port, &f);
	assert_int_equal(sm_power_up(&m, &port, &softmod_app), SM_EDAMAGED);
	nvm_file_close(&f);
	assert_int_equal(unlink(path), 0);
}

static void image_file_behaves_as_flash(void **state)
{
	const struct sm_perso p = test_perso();
	uint8_t byte = 0x0f;
	struct nvm_file f;
	struct sm_port port;

	(void)state;
	assert_int_equal(nvm_file_create(&f, path), 0);
	assert_int_equal(nvm_file_program(&f, 7, &byte, 1), 0);
	byte = 0xf1;
	assert_int_equal(nvm_file_program(&f, 7, &byte, 1), 0);
	assert_int_equal(nvm_file_read(&f, 7, &byte, 1), 0);
	assert_int_equal(byte, 0x01);
	assert_int_equal(nvm_file_erase(&f, 7), -EIO);
	assert_int_equal(nvm_file_erase(&f, 0), 0);
	assert_int_equal(nvm_file_read(&f, 7, &byte, 1), 0);
	assert_int_equal(byte, 0xff);
	assert_int_equal(nvm_file_read(&f, NVM_FILE_SIZE, &byte, 1), -EIO);

	/* power fails in the middle of the second write from now */
	linux_port_init(&port, &f);
	assert_int_equal(sm_personalise(&port, &p), 0);
	nvm_file_cut(&f, 2);
	assert_int_equal(sm_power_up(&m, &port, &softmod_app), 0);
	assert_int_equal(sm_store_boot(&m.store, 2), SM_EIO);
	assert_true(f.dead);
	assert_int_equal(nvm_file_read(&f, 0, &byte, 1), -EIO);
	assert_int_equal(nvm_file_sync(&f), -EIO);
	nvm_file_restore(&f);
	assert_int_equal(sm_power_up(&m, &port, &softmod_app), 0);
	assert_int_equal(m.store.boot, 2);
	nvm_file_close(&f);
	assert_int_equal(unlink(path), 0);
}

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/image", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

#define T(f)	cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(cut_at_any_write_leaves_old_or_new),
		T(cut_during_compaction_leaves_old_or_new),
		T(two_cuts_during_compaction_leave_old_or_new),
		T(cut_while_powering_up_is_harmless),
		T(pairing_that_survived_a_cut_works),
		T(cuts_never_give_tries_back),
		T(tries_that_do_not_stick_give_no_verdict),
		T(erase_that_does_not_work_is_noticed),
		T(random_life_with_cuts_keeps_the_invariants),
		T(damaged_records_are_fatal_and_left_alone),
		T(damage_after_compaction_never_brings_the_past_back),
		T(truncated_images_are_fatal_and_left_alone),
		T(other_formats_and_geometries_are_refused),
		T(arbitrary_images_never_mount),
		T(impossible_records_are_fatal),
		T(denied_host_in_a_slot_is_freed_at_power_up),
		T(personalisation_is_checked),
		T(cut_personalisation_is_never_half_a_module),
		T(image_file_is_private_locked_and_never_repaired),
		T(image_file_behaves_as_flash),
	};

	return cmocka_run_group_tests_name("softmod power", tests, make_dir,
					   remove_dir);
}
