// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Generations of keys side by side: the centre, real modules and hosts, which
 * pair by the PINs that the centre gives, before, while and after keys change.
 */
#include <string.h>

#include "centre/decide.h"
#include "centre/order.h"
#include "centre/tests/fixture.h"
#include "domain/keys.h"
#include "softmod/app.h"
#include "softmod/core/bytes.h"
#include "softmod/tests/host.h"

#define NOW	INT64_C(1800000000)
#define HOSTS	8

static struct domain domain;
static int64_t now;

/* A module, and the storage that it has. */
struct made {
	uint8_t mid[8];
	struct test_port tp;
	struct sm_module m;
};

static struct made old, new;

static void add_module(void *arg)
{
	fixture_ok(store_add_module(fix.store, arg, &fix.error));
}

/* As it comes from smpair-provision: keys of one generation of both masters. */
static void make(struct made *made, uint8_t serial, uint8_t generation)
{
	struct store_module row = {
		.pin_policy = PDT1_PIN_INDEXED, .ptc_max = PDT1_PTC_DEFAULT,
		.mpin = generation, .mmgt = generation, .version = 1, .tries = -1,
	};
	struct sm_perso perso = test_perso();
	uint8_t master[32];

	perso.mid[7] = serial;
	memcpy(made->mid, perso.mid, 8);
	memset(master, FIXTURE_MPIN(generation), sizeof(master));
	fixture_ok(domain_kpin(&domain_mac_library, master, made->mid, perso.kpin));
	memset(master, FIXTURE_MMGT(generation), sizeof(master));
	fixture_ok(domain_kmg(&domain_mac_library, master, made->mid, perso.kmg));
	perso.k_count = 1;
	perso.k[0].g = 1;
	memset(perso.k[0].k, FIXTURE_K(1), sizeof(perso.k[0].k));
	test_module(&made->tp, &made->m, &perso, &softmod_app);

	memcpy(row.mid, perso.mid, 8);
	memcpy(row.ft0, perso.ft, sizeof(row.ft0));
	memcpy(row.ft, perso.ft, sizeof(row.ft));
	fixture_change(add_module, &row);
}

static int start(void **state)
{
	unsigned int i;
	struct host h;

	if (fixture_open(state) || domain_load(&domain, fix.domain_path, &fix.error))
		return -1;
	now = NOW;
	make(&old, 1, 1);
	make(&new, 2, 2);
	for (i = 1; i <= HOSTS; i++) {
		host_init(&h, i, 1, 3);
		fixture_add_host(h.sn, 3);
	}
	return 0;
}

struct asking {
	struct decide_request request;
	struct decide_answer answer;
};

static void ask(void *arg)
{
	struct asking *a = arg;

	fixture_ok(decide_pin(fix.store, fix.provider, &a->request, &a->answer, &fix.error));
}

/* The whole way: what the host shows goes to the centre, its PIN to the module. */
static uint16_t pair(struct made *made, struct host *h)
{
	struct asking a = { .request = { .policy = PDT1_PIN_INDEXED, .actor = "agent" } };
	uint16_t sw;

	a.request.now = ++now;
	sw = host_begin(&made->m, h);
	if (sw != PDT1_SW_OK)
		return sw;
	memcpy(a.request.mid, made->mid, 8);
	memcpy(a.request.sn, h->sn, 8);
	a.request.n = E1_N(h);
	a.request.code = E1_RQ(h);
	fixture_change(ask, &a);
	if (a.answer.result != RULE_RESULT_ISSUED)
		fail_msg("%s", rule_texts[a.answer.cause].name);
	assert_int_equal(host_confirm(&made->m, h, (uint8_t *)a.answer.pin, 0), PDT1_SW_OK);
	return E3_SW(h);
}

static uint16_t pair_new_host(struct made *made, uint32_t serial)
{
	struct host h;

	host_init(&h, serial, 1, 3);
	return pair(made, &h);
}

struct telling {
	const struct made *made;
	struct order order;
	struct store_command command;
	uint8_t receipt[DOMAIN_RECEIPT_LEN];
	struct domain_receipt told;
};

static void order(void *arg)
{
	struct telling *t = arg;

	fixture_ok(order_make(fix.store, fix.provider, &domain, t->made->mid, &t->order,
			      "supervisor", ++now, &t->command, &fix.error));
}

static void take_receipt(void *arg)
{
	struct telling *t = arg;

	fixture_ok(order_receipt(fix.store, fix.provider, t->made->mid, t->receipt,
				 sizeof(t->receipt), "agent", ++now, &t->told, &fix.error));
}

/* A command made and carried out; its receipt is still on the way. */
static struct telling carry(struct made *made, uint8_t op, uint16_t generation)
{
	struct telling t = {
		.made = made, .order = { .op = op, .generation = generation, .tries = 3 },
	};
	static uint8_t rsp[SM_RESPONSE_MAX];
	size_t len;

	fixture_change(order, &t);
	assert_int_equal(test_apdu(&made->m, PDT1_INS_MANAGE, 0, 0, t.command.data,
				   t.command.data_len, rsp, &len), PDT1_SW_OK);
	assert_int_equal(len, DOMAIN_RECEIPT_LEN);
	memcpy(t.receipt, rsp, len);
	return t;
}

static void tell(struct made *made, uint8_t op, uint16_t generation)
{
	struct telling t = carry(made, op, generation);

	fixture_change(take_receipt, &t);
	assert_int_equal(t.told.sw, PDT1_SW_OK);
}

static void modules_of_two_generations_are_served_side_by_side(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 1; i <= 3; i++) {
		assert_int_equal(pair_new_host(&old, i), PDT1_SW_OK);
		assert_int_equal(pair_new_host(&new, i), PDT1_SW_OK);
	}
	tell(&old, PDT1_OP_UNBLOCK_PIN, 0);
	tell(&new, PDT1_OP_UNBLOCK_PIN, 0);
}

static void a_module_is_served_while_its_pin_key_changes(void **state)
{
	struct telling t;

	(void)state;
	assert_int_equal(pair_new_host(&old, 1), PDT1_SW_OK);
	t = carry(&old, PDT1_OP_SET_KPIN, 2);
	/* It has the new key, and the centre does not know yet. */
	assert_int_equal(pair_new_host(&old, 2), PDT1_SW_OK);
	fixture_change(take_receipt, &t);
	assert_int_equal(pair_new_host(&old, 3), PDT1_SW_OK);
	assert_int_equal(pair_new_host(&new, 3), PDT1_SW_OK);
}

static void a_module_that_paired_before_its_pin_key_changed_is_served(void **state)
{
	(void)state;
	assert_int_equal(pair_new_host(&old, 1), PDT1_SW_OK);
	assert_int_equal(pair_new_host(&old, 2), PDT1_SW_OK);
	/* The centre does not know yet which of them paired. */
	tell(&old, PDT1_OP_SET_KPIN, 2);
	assert_int_equal(pair_new_host(&old, 3), PDT1_SW_OK);
	assert_int_equal(pair_new_host(&old, 1), PDT1_SW_OK);
}

static void a_command_that_never_arrived_leaves_the_old_pin_key(void **state)
{
	struct telling t = {
		.made = &old, .order = { .op = PDT1_OP_SET_KPIN, .generation = 2 },
	};

	(void)state;
	fixture_change(order, &t);
	assert_int_equal(pair_new_host(&old, 1), PDT1_SW_OK);
	assert_int_equal(pair_new_host(&old, 2), PDT1_SW_OK);
}

static void commands_go_on_under_the_new_management_key(void **state)
{
	(void)state;
	tell(&old, PDT1_OP_UNBLOCK_PIN, 0);
	tell(&old, PDT1_OP_SET_KMG, 2);
	tell(&old, PDT1_OP_UNBLOCK_PIN, 0);
	tell(&old, PDT1_OP_SET_KPIN, 2);
	assert_int_equal(pair_new_host(&old, 1), PDT1_SW_OK);
}

static void hosts_of_both_generations_of_k_pair_until_one_is_deleted(void **state)
{
	struct host first, second;
	uint8_t k[32];

	(void)state;
	memset(k, FIXTURE_K(2), sizeof(k));
	host_init(&first, 1, 1, 3);
	host_init(&second, 2, 1, 3);
	host_cryptogram(&second, 2, 3, 2, k);
	assert_int_equal(pair(&old, &first), PDT1_SW_OK);
	assert_int_not_equal(pair(&old, &second), PDT1_SW_OK);
	tell(&old, PDT1_OP_PUT_K, 2);
	assert_int_equal(pair(&old, &second), PDT1_SW_OK);
	assert_int_equal(pair(&old, &first), PDT1_SW_OK);
	tell(&old, PDT1_OP_DEL_K, 1);
	assert_int_equal(pair(&old, &second), PDT1_SW_OK);
	assert_int_not_equal(pair(&old, &first), PDT1_SW_OK);
}

static void hosts_of_both_generations_of_mhkey_work_until_one_is_too_old(void **state)
{
	struct host first, second;

	(void)state;
	host_init(&first, 1, 1, 3);
	host_init(&second, 2, 2, 3);
	assert_int_equal(pair(&old, &first), PDT1_SW_OK);
	assert_int_equal(pair(&old, &second), PDT1_SW_OK);
	host_verify(&old.m, &first);
	host_verify(&old.m, &second);
	tell(&old, PDT1_OP_SET_MMIN, 2);
	/* Its session may renew its keys, and nothing else. */
	assert_int_equal(host_open(&old.m, &first, 0), PDT1_SW_OK);
	assert_int_equal(host_inner(&old.m, &first, PDT1_INS_GET_SLOTS), PDT1_SW_STATE);
	host_verify(&old.m, &second);
	assert_int_equal(host_inner(&old.m, &second, PDT1_INS_GET_SLOTS), PDT1_SW_OK);
	assert_int_not_equal(pair(&old, &first), PDT1_SW_OK);
	assert_int_equal(host_open(&old.m, &first, 0), PDT1_SW_OK);
	assert_int_equal(host_rewrap(&old.m, &first, 2), PDT1_SW_OK);
	host_verify(&old.m, &first);
	assert_int_equal(pair(&old, &first), PDT1_SW_OK);
}

#define T(name)	cmocka_unit_test_setup_teardown(name, start, fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(modules_of_two_generations_are_served_side_by_side),
		T(a_module_is_served_while_its_pin_key_changes),
		T(a_module_that_paired_before_its_pin_key_changed_is_served),
		T(a_command_that_never_arrived_leaves_the_old_pin_key),
		T(commands_go_on_under_the_new_management_key),
		T(hosts_of_both_generations_of_k_pair_until_one_is_deleted),
		T(hosts_of_both_generations_of_mhkey_work_until_one_is_too_old),
	};

	return cmocka_run_group_tests_name("centre-rotation", tests, fixture_make,
					   fixture_remove);
}
