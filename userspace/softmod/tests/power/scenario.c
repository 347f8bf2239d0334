// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "softmod/tests/power/scenario.h"
#include "softmod/tests/power/world.h"

static void begin(int i)
{
	if (!world_begin(i))
		oracle_violated(&world.oracle, ANSWERS_FIT_THE_STATE,
				"a host cannot begin to pair");
}

static void pair(int i)
{
	begin(i);
	world_confirm(i, true);
}

static void guess(int i)
{
	begin(i);
	world_confirm(i, false);
}

/* Hosts 0 and 1 are paired, host 0 verified more often */
static void start(struct sm_perso p)
{
	world_start(&p);
	pair(0);
	pair(1);
	world_open(0);
	world_verify(0);
	sm_reset(&world.m);
}

static struct sm_perso slots(uint8_t n)
{
	struct sm_perso p = test_perso();

	p.slots = n;
	return p;
}

static void idle(void)
{
	start(slots(4));
}

static void open(void)
{
	idle();
	world_open(0);
}

static void session(void)
{
	open();
	world_verify(0);
}

static void begun(void)
{
	idle();
	begin(2);
}

static void begun_full(void)
{
	start(slots(2));
	begin(2);
}

static void begun_same(void)
{
	idle();
	begin(0);
}

static void begun_first(void)
{
	struct sm_perso p = slots(4);

	p.pin_first = 1;
	world_start(&p);
	begin(2);
}

static void begun_without_pin(void)
{
	struct sm_perso p = slots(4);

	p.pin_policy = PDT1_PIN_NONE;
	start(p);
	begin(2);
}

static void begun_after_wrong(void)
{
	idle();
	guess(2);
	guess(2);
	begin(2);
}

static void begun_last_try(void)
{
	struct sm_perso p = slots(4);

	p.ptc_max = 1;
	start(p);
	begin(2);
}

static void confirm(void)
{
	world_confirm(2, true);
}

static void pair_again(void)
{
	if (world_begin(2))
		world_confirm(2, true);
}

static void confirm_same(void)
{
	world_confirm(0, true);
}

static void pair_same_again(void)
{
	if (world_begin(0))
		world_confirm(0, true);
}

static void confirm_wrong(void)
{
	world_confirm(2, false);
}

static void guess_again(void)
{
	if (world_begin(2))
		world_confirm(2, false);
}

static void verify(void)
{
	world_verify(0);
}

static void unpair(void)
{
	world_unpair(0);
}

static void rewrap(void)
{
	world_rewrap(0);
}

/* The cut hits what happens between power and the first command. */
static void power_up(void)
{
	static const struct action nothing;

	oracle_sent(&world.oracle, &nothing);
	sm_power_down(&world.m);
	sm_power_up(&world.m, &world.tp.port, &world.m.app);
}

/* ---- what the centre orders ---- */

static const uint8_t k2[2 + PDT1_KEY_LEN] = { 0, 2, 0x12, 0x34 };
static const uint8_t key[PDT1_KEY_LEN] = { 0xca, 0xfe };

static void spent(void)
{
	idle();
	guess(2);
	guess(2);
}

static void revoked(void)
{
	idle();
	world_manage(PDT1_OP_REVOKE_HOST, world.host[1].sn, PDT1_ID_LEN);
}

static void two_k(void)
{
	idle();
	world_manage(PDT1_OP_PUT_K, k2, sizeof(k2));
}

static void frozen(void)
{
	idle();
	world_manage(PDT1_OP_FREEZE, NULL, 0);
}

static void pinned(void)
{
	idle();
	world_manage(PDT1_OP_PIN_SLOT, "\1\1", 2);
}

static void unblock(void)
{
	world_manage(PDT1_OP_UNBLOCK_PIN, "\5", 1);
}

static void revoke(void)
{
	world_manage(PDT1_OP_REVOKE_HOST, world.host[1].sn, PDT1_ID_LEN);
}

static void revoke_stranger(void)
{
	world_manage(PDT1_OP_REVOKE_HOST, world.host[2].sn, PDT1_ID_LEN);
}

static void unrevoke(void)
{
	world_manage(PDT1_OP_UNREVOKE_HOST, world.host[1].sn, PDT1_ID_LEN);
}

static void set_slots(void)
{
	world_manage(PDT1_OP_SET_SLOTS, "\5", 1);
}

static void set_slots_refused(void)
{
	world_manage(PDT1_OP_SET_SLOTS, "\1", 1);
}

static void set_policy(void)
{
	static const uint8_t body[] = {
		PDT1_PIN_PAIR, PDT1_EVICT_ACTIVITY, 3, 32, 0, 1, 0, 0, 0, 2,
	};

	world_manage(PDT1_OP_SET_POLICY, body, sizeof(body));
}

static void put_k(void)
{
	world_manage(PDT1_OP_PUT_K, k2, sizeof(k2));
}

static void replace_k(void)
{
	static const uint8_t body[2 + PDT1_KEY_LEN] = { 0, 2, 0x56 };

	world_manage(PDT1_OP_PUT_K, body, sizeof(body));
}

static void del_k(void)
{
	world_manage(PDT1_OP_DEL_K, "\0\2", 2);
}

static void set_mmin(void)
{
	world_manage(PDT1_OP_SET_MMIN, "\0\2", 2);
}

static void set_kpin(void)
{
	world_manage(PDT1_OP_SET_KPIN, key, sizeof(key));
}

static void set_kmg(void)
{
	world_manage(PDT1_OP_SET_KMG, key, sizeof(key));
}

static void free_slot(void)
{
	world_manage(PDT1_OP_FREE_SLOT, "\1", 1);
}

static void pin_slot(void)
{
	world_manage(PDT1_OP_PIN_SLOT, "\1\1", 2);
}

static void unpin_slot(void)
{
	world_manage(PDT1_OP_PIN_SLOT, "\1\0", 2);
}

static void freeze(void)
{
	world_manage(PDT1_OP_FREEZE, NULL, 0);
}

static void unfreeze(void)
{
	world_manage(PDT1_OP_UNFREEZE, NULL, 0);
}

static void set_ft(void)
{
	world_manage(PDT1_OP_SET_FT, "newtag!!", PDT1_FT_LEN);
}

const struct scenario scenarios[] = {
	{ "pair after wrong PINs", 0, begun_after_wrong, confirm, pair_again },
	{ "pair", 0, begun, confirm, pair_again },
	{ "pair with eviction", 0, begun_full, confirm, pair_again },
	{ "pair the first, pinned", 0, begun_first, confirm, pair_again },
	{ "pair without PIN", 0, begun_without_pin, confirm, pair_again },
	{ "pair with the last try", 0, begun_last_try, confirm, pair_again },
	{ "pair again", 0, begun_same, confirm_same, pair_same_again },
	{ "wrong PIN", 0, begun, confirm_wrong, guess_again },
	{ "wrong PIN, last try", 0, begun_last_try, confirm_wrong,
	  guess_again },
	{ "verify", 0, open, verify, NULL },
	{ "unpair", 0, session, unpair, NULL },
	{ "rewrap", 0, session, rewrap, NULL },
	{ "power-up", 0, idle, power_up, NULL },
	{ "unblock PIN", PDT1_OP_UNBLOCK_PIN, spent, unblock, unblock },
	{ "revoke a paired host", PDT1_OP_REVOKE_HOST, idle, revoke, revoke },
	{ "revoke a stranger", PDT1_OP_REVOKE_HOST, idle, revoke_stranger,
	  revoke_stranger },
	{ "unrevoke", PDT1_OP_UNREVOKE_HOST, revoked, unrevoke, unrevoke },
	{ "set slots", PDT1_OP_SET_SLOTS, idle, set_slots, set_slots },
	{ "set slots, refused", PDT1_OP_SET_SLOTS, idle, set_slots_refused,
	  set_slots_refused },
	{ "set policy", PDT1_OP_SET_POLICY, idle, set_policy, NULL },
	{ "put k", PDT1_OP_PUT_K, idle, put_k, put_k },
	{ "replace k", PDT1_OP_PUT_K, two_k, replace_k, replace_k },
	{ "delete k", PDT1_OP_DEL_K, two_k, del_k, NULL },
	{ "set m_min", PDT1_OP_SET_MMIN, idle, set_mmin, set_mmin },
	{ "set KPIN", PDT1_OP_SET_KPIN, idle, set_kpin, set_kpin },
	{ "set KMG", PDT1_OP_SET_KMG, idle, set_kmg, NULL },
	{ "free slot", PDT1_OP_FREE_SLOT, idle, free_slot, free_slot },
	{ "pin slot", PDT1_OP_PIN_SLOT, idle, pin_slot, pin_slot },
	{ "unpin slot", PDT1_OP_PIN_SLOT, pinned, unpin_slot, unpin_slot },
	{ "freeze", PDT1_OP_FREEZE, idle, freeze, freeze },
	{ "unfreeze", PDT1_OP_UNFREEZE, frozen, unfreeze, unfreeze },
	{ "set FT", PDT1_OP_SET_FT, idle, set_ft, set_ft },
};

const size_t scenario_count = sizeof(scenarios) / sizeof(scenarios[0]);

const struct scenario *scenario_find(const char *name)
{
	size_t i;

	for (i = 0; i < scenario_count; i++)
		if (!strcmp(scenarios[i].name, name))
			return &scenarios[i];
	return NULL;
}
