// SPDX-License-Identifier: GPL-2.0-or-later
/* Commands, receipts and reports, with a module simulated by its keys. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "centre/order.h"
#include "centre/tests/fixture.h"
#include "domain/bytes.h"
#include "domain/kdf.h"
#include "domain/keys.h"
#include "domain/pin.h"

#define NOW	INT64_C(1800000000)

static const uint8_t mid[8] = { 2, 1, 0, 0, 0, 0, 0x56, 0x78 };
static const uint8_t sn[8] = { 1, 1, 0, 0, 0, 0, 0x12, 0x34 };

/* What the module is; the centre's knowledge of it is compared with this. */
static struct card {
	uint32_t n;
	uint32_t mseq;
	uint8_t ft[8];
	uint8_t mpin, mmgt;
	uint16_t version;
	uint8_t state;
} card;

static void kmg_of(uint8_t mmgt, uint8_t kmg[32])
{
	uint8_t master[32];

	memset(master, FIXTURE_MMGT(mmgt), sizeof(master));
	domain_kmg(&domain_mac_library, master, mid, kmg);
}

static void sign(uint8_t mmgt, const char *label, const void *data, size_t len,
		 uint8_t mac[16])
{
	uint8_t kmg[32], key[32], hash[32];

	kmg_of(mmgt, kmg);
	domain_kdf(&domain_mac_library, kmg, label, NULL, 0, key, 32);
	domain_mac_library.hmac(&domain_mac_library, key, data, len, hash);
	memcpy(mac, hash, 16);
}

static void card_receipt(const struct store_command *command, uint16_t sw,
			 uint8_t out[DOMAIN_RECEIPT_LEN])
{
	memset(out, 0, DOMAIN_RECEIPT_LEN);
	out[0] = 1;
	out[1] = command->op;
	put_be16(out + 2, sw);
	memcpy(out + 4, mid, 8);
	put_be32(out + 12, command->seq);
	put_be32(out + 16, card.n);
	out[20] = 5;
	sign(card.mmgt, PDT1_LABEL_MR, out, PDT1_RECEIPT_LEN,
	     out + PDT1_RECEIPT_LEN);
	card.mseq = command->seq;
}

static void card_report(const uint8_t nonce[16], uint8_t out[DOMAIN_REPORT_LEN])
{
	uint8_t covered[16 + PDT1_REPORT_LEN];

	memset(out, 0, DOMAIN_REPORT_LEN);
	memcpy(out, mid, 8);
	put_be32(out + 8, card.n);
	put_be32(out + 12, card.mseq);
	memcpy(out + 20, card.ft, 8);
	out[28] = 4;
	out[30] = 8;
	put_be16(out + 32, card.version);
	out[34] = PDT1_INFO_PERSONALISED | card.state;
	memcpy(covered, nonce, 16);
	memcpy(covered + 16, out, PDT1_REPORT_LEN);
	sign(card.mmgt, PDT1_LABEL_RP, covered, sizeof(covered),
	     out + PDT1_REPORT_LEN);
}

static struct domain domain;

static void start(void)
{
	card = (struct card) { .mpin = 1, .mmgt = 1, .version = 1 };
	memset(card.ft, 0x99, 8);
	fixture_add_module(mid, PDT1_PIN_INDEXED);
	fixture_add_host(sn, 3);
	fixture_ok(domain_load(&domain, fix.domain_path, &fix.error));
}

static struct store_module known(void)
{
	struct store_module module;

	assert_int_equal(store_get_module(fix.store, mid, &module, &fix.error), 1);
	return module;
}

static int make(const struct order *order, struct store_command *command)
{
	int err;

	fixture_ok(store_begin(fix.store, &fix.error));
	err = order_make(fix.store, fix.provider, &domain, mid, order, "olga",
			 NOW, command, &fix.error);
	if (err)
		store_rollback(fix.store);
	else
		fixture_ok(store_commit(fix.store, &fix.error));
	return err;
}

static int bring(const uint8_t *data, size_t len, struct domain_receipt *receipt)
{
	int err;

	fixture_ok(store_begin(fix.store, &fix.error));
	err = order_receipt(fix.store, fix.provider, mid, data, len, "agent", NOW,
			    receipt, &fix.error);
	fixture_ok(store_commit(fix.store, &fix.error));
	return err;
}

/* Makes a command that the module carries out, and brings its receipt. */
static struct store_command obey(struct order order)
{
	uint8_t data[DOMAIN_RECEIPT_LEN];
	struct domain_receipt receipt;
	struct store_command command;

	fixture_ok(make(&order, &command));
	card_receipt(&command, PDT1_SW_OK, data);
	fixture_ok(bring(data, sizeof(data), &receipt));
	return command;
}

static enum rule_cause report(void)
{
	uint8_t nonce[16], data[DOMAIN_REPORT_LEN];
	struct domain_report read;
	enum rule_cause cause;

	fixture_ok(store_begin(fix.store, &fix.error));
	fixture_ok(order_nonce(fix.store, mid, "olga", NOW, nonce, &fix.error));
	card_report(nonce, data);
	fixture_ok(order_report(fix.store, fix.provider, mid, NULL, data,
				sizeof(data), "agent", NOW, &cause, &read,
				&fix.error));
	fixture_ok(store_commit(fix.store, &fix.error));
	return cause;
}

static void every_operation_has_the_body_of_the_protocol(void **state)
{
	static const struct {
		struct order order;
		size_t len;
		const char *body;
	} cases[] = {
		{ { .op = 0x01, .tries = 5 }, 1, "\5" },
		{ { .op = 0x02, .sn = "12345678" }, 8, "12345678" },
		{ { .op = 0x03, .sn = "12345678" }, 8, "12345678" },
		{ { .op = 0x04, .slots = 32 }, 1, "\40" },
		{ { .op = 0x05, .policy = { 3, 2, 5, 64, 1, true, 258 } }, 10,
		  "\3\2\5\100\1\1\0\0\1\2" },
		{ { .op = 0x06, .generation = 2 }, 34,
		  "\x00\x02\x12\x12\x12\x12\x12\x12\x12\x12\x12\x12\x12\x12\x12\x12\x12\x12"
		  "\x12\x12\x12\x12\x12\x12\x12\x12\x12\x12\x12\x12\x12\x12\x12\x12" },
		{ { .op = 0x07, .generation = 258 }, 2, "\1\2" },
		{ { .op = 0x08, .generation = 258 }, 2, "\1\2" },
		{ { .op = 0x0b, .slot = 31 }, 1, "\37" },
		{ { .op = 0x0c, .slot = 1, .pinned = true }, 2, "\1\1" },
		{ { .op = 0x0e }, 0, "" },
		{ { .op = 0x0f }, 0, "" },
		{ { .op = 0x10, .ft = "forktag8" }, 8, "forktag8" },
		{ { .op = 0x09, .generation = 2 }, 32, NULL },
		{ { .op = 0x0a, .generation = 2 }, 32, NULL },
	};
	uint8_t want[34], master[32], kmg[32], key[32], sealed[128];
	struct store_command command;
	size_t i;

	(void)state;
	start();
	kmg_of(1, kmg);
	domain_kdf(&domain_mac_library, kmg, PDT1_LABEL_MC, NULL, 0, key, 32);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct order *o = &cases[i].order;

		fixture_ok(make(o, &command));
		if (cases[i].body) {
			memcpy(want, cases[i].body, cases[i].len);
		} else if (o->op == 0x09) {
			memset(master, FIXTURE_MPIN(2), 32);
			domain_kpin(&domain_mac_library, master, mid, want);
		} else {
			kmg_of(2, want);
		}
		assert_int_equal(command.seq, i + 1);
		assert_int_equal(command.data_len, 48 + cases[i].len);
		/* The same nonce over the same body gives the same command. */
		domain_manage_seal(&(struct domain_manage) {
			.op = o->op, .mid = { 2, 1, 0, 0, 0, 0, 0x56, 0x78 },
			.seq = command.seq, .nexp = command.nexp,
			.body_len = 0 }, kmg, command.data + 20, sealed);
		assert_memory_equal(command.data + 4, mid, 8);
		if (cases[i].len) {
			struct domain_manage cmd = {
				.op = o->op, .seq = command.seq,
				.nexp = command.nexp,
				.body_len = (uint8_t)cases[i].len,
			};

			memcpy(cmd.mid, mid, 8);
			memcpy(cmd.body, want, cases[i].len);
			domain_manage_seal(&cmd, kmg, command.data + 20, sealed);
		}
		if (memcmp(sealed, command.data, command.data_len))
			fail_msg("op %02x", o->op);
		if (o->op == 0x05)
			card.version = 0;
	}
	assert_int_equal(order_kind_count, 15);
}

static void keys_are_kept_by_their_generation_only(void **state)
{
	struct order order = { .op = PDT1_OP_SET_KPIN, .generation = 2 };
	struct store_command command;

	(void)state;
	start();
	fixture_ok(make(&order, &command));
	assert_int_equal(store_get_command(fix.store, mid, 1, &command, &fix.error), 1);
	assert_int_equal(command.body_len, 2);
	assert_int_equal(command.body[1], 2);
}

static void values_out_of_range_make_no_command(void **state)
{
	static const struct order bad[] = {
		{ .op = 0x01, .tries = 0 }, { .op = 0x01, .tries = 6 },
		{ .op = 0x04, .slots = 0 }, { .op = 0x04, .slots = 33 },
		{ .op = 0x05, .policy = { 4, 2, 5, 64, 0, false, 9 } },
		{ .op = 0x05, .policy = { 3, 3, 5, 64, 0, false, 9 } },
		{ .op = 0x05, .policy = { 3, 2, 0, 64, 0, false, 9 } },
		{ .op = 0x05, .policy = { 3, 2, 16, 64, 0, false, 9 } },
		{ .op = 0x05, .policy = { 3, 2, 5, 0, 0, false, 9 } },
		{ .op = 0x05, .policy = { 3, 2, 5, 64, 2, false, 9 } },
		{ .op = 0x05, .policy = { 3, 2, 5, 64, 0, false, 1 } },
		{ .op = 0x06, .generation = 3 }, { .op = 0x07, .generation = 0 },
		{ .op = 0x09, .generation = 3 }, { .op = 0x0a, .generation = 0 },
		{ .op = 0x0b, .slot = 32 }, { .op = 0x0c, .slot = 32 },
		{ .op = 0x0d }, { .op = 0x11 },
	};
	struct store_command command;
	size_t i;

	(void)state;
	start();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (!make(&bad[i], &command))
			fail_msg("case %zu", i);
	assert_int_equal(known().seq, 0);
}

static void receipts_are_believed_once_and_only_if_authentic(void **state)
{
	struct order order = { .op = PDT1_OP_FREEZE };
	uint8_t data[DOMAIN_RECEIPT_LEN];
	struct domain_receipt receipt;
	struct store_command command;

	(void)state;
	start();
	fixture_ok(make(&order, &command));
	card_receipt(&command, PDT1_SW_OK, data);
	data[3] ^= 1;
	assert_int_equal(bring(data, sizeof(data), &receipt), -EBADMSG);
	data[3] ^= 1;
	assert_int_equal(bring(data, sizeof(data) - 1, &receipt), -EMSGSIZE);
	assert_false(known().frozen);
	fixture_ok(bring(data, sizeof(data), &receipt));
	assert_true(known().frozen);
	assert_int_equal(known().mseq, 1);
	/* A later unfreeze is not undone by the first receipt brought again. */
	obey((struct order) { .op = PDT1_OP_UNFREEZE });
	assert_false(known().frozen);
	fixture_ok(bring(data, sizeof(data), &receipt));
	assert_false(known().frozen);
	/* One for a command that this centre never made. */
	command.seq = 77;
	card_receipt(&command, PDT1_SW_OK, data);
	assert_int_equal(bring(data, sizeof(data), &receipt), -ENOENT);
}

static void a_refused_command_changes_nothing_here_either(void **state)
{
	struct order order = {
		.op = PDT1_OP_SET_KPIN, .generation = 2,
	};
	uint8_t data[DOMAIN_RECEIPT_LEN];
	struct domain_receipt receipt;
	struct store_command command;

	(void)state;
	start();
	fixture_ok(make(&order, &command));
	card_receipt(&command, PDT1_SW_STATE, data);
	fixture_ok(bring(data, sizeof(data), &receipt));
	assert_int_equal(receipt.sw, PDT1_SW_STATE);
	assert_int_equal(known().mpin, 1);
}

static void a_new_management_key_counts_after_its_receipt(void **state)
{
	struct order freeze = { .op = PDT1_OP_FREEZE };
	struct order order = { .op = PDT1_OP_SET_KMG, .generation = 2 };
	uint8_t data[DOMAIN_RECEIPT_LEN];
	struct domain_receipt receipt;
	struct store_command command;

	(void)state;
	start();
	fixture_ok(make(&order, &command));
	/* In between nobody knows which key the module has. */
	assert_int_equal(make(&freeze, &command), -EBUSY);
	assert_int_equal(store_get_command(fix.store, mid, 1, &command, &fix.error), 1);
	card_receipt(&command, PDT1_SW_OK, data);
	fixture_ok(bring(data, sizeof(data), &receipt));
	assert_int_equal(known().mmgt, 2);
	card.mmgt = 2;
	obey(freeze);
	assert_true(known().frozen);
}

static void a_report_settles_a_lost_receipt_of_a_management_key(void **state)
{
	struct order order = { .op = PDT1_OP_SET_KMG, .generation = 2 };
	struct store_command command;

	(void)state;
	start();
	fixture_ok(make(&order, &command));
	card.mmgt = 2;
	card.mseq = 1;
	assert_int_equal(report(), RULE_ISSUED);
	assert_int_equal(known().mmgt, 2);
	assert_int_equal(store_get_command(fix.store, mid, 1, &command, &fix.error), 1);
	assert_true(command.lost);
}

static void a_new_policy_stops_pins_until_a_report(void **state)
{
	struct order order = {
		.op = PDT1_OP_SET_POLICY,
		.policy = { PDT1_PIN_PAIR, 2, 4, 64, 0, false, 2 },
	};
	uint8_t data[DOMAIN_RECEIPT_LEN];
	struct domain_receipt receipt;
	struct store_command command;

	(void)state;
	start();
	fixture_ok(make(&order, &command));
	assert_true(known().awaiting);
	/* The module must be where the centre knows it to be. */
	assert_int_equal(command.nexp, 0);
	/* A report from before it arrived settles nothing. */
	assert_int_equal(report(), RULE_ISSUED);
	assert_true(known().awaiting);
	card_receipt(&command, PDT1_SW_OK, data);
	fixture_ok(bring(data, sizeof(data), &receipt));
	assert_true(known().awaiting);
	assert_int_equal(known().pin_policy, PDT1_PIN_PAIR);
	card.version = 2;
	assert_int_equal(report(), RULE_ISSUED);
	assert_false(known().awaiting);
	assert_int_equal(known().version, 2);
	assert_int_equal(known().ptc_max, 4);
}

static void a_report_settles_a_lost_receipt_of_a_policy(void **state)
{
	struct order order = {
		.op = PDT1_OP_SET_POLICY,
		.policy = { PDT1_PIN_PAIR, 2, 4, 64, 0, false, 2 },
	};
	struct store_command command;

	(void)state;
	start();
	fixture_ok(make(&order, &command));
	card.mseq = 1;
	card.version = 2;
	assert_int_equal(report(), RULE_ISSUED);
	assert_false(known().awaiting);
	assert_int_equal(known().pin_policy, PDT1_PIN_PAIR);
}

static void a_new_fork_tag_is_taken_from_receipt_or_report(void **state)
{
	struct order order = { .op = PDT1_OP_SET_FT, .ft = "forktag8" };
	struct store_command command;

	(void)state;
	start();
	obey(order);
	assert_memory_equal(known().ft, "forktag8", 8);
	/* The receipt of the next one is lost. */
	memcpy(order.ft, "otherone", 8);
	memcpy(card.ft, "forktag8", 8);
	fixture_ok(make(&order, &command));
	memcpy(card.ft, "otherone", 8);
	card.mseq = command.seq;
	assert_int_equal(report(), RULE_ISSUED);
	assert_memory_equal(known().ft, "otherone", 8);
	/* Who shows the first one again was rolled back. */
	memset(card.ft, 0x99, 8);
	assert_int_equal(report(), RULE_ROLLBACK);
	assert_string_equal(known().hold, "rollback");
}

static void a_module_that_forgot_a_command_is_held(void **state)
{
	(void)state;
	start();
	obey((struct order) { .op = PDT1_OP_FREEZE });
	card.mseq = 0;
	assert_int_equal(report(), RULE_ROLLBACK);
	assert_string_equal(known().hold, "rollback");
}

static void a_module_with_pairings_nobody_asked_for_is_held(void **state)
{
	(void)state;
	start();
	card.n = 2;
	memset(card.ft, 0x77, 8);
	assert_int_equal(report(), RULE_FRAUD);
	assert_string_equal(known().hold, "fraud");
	assert_int_equal(known().n, 0);
}

static void a_report_proves_the_pairing_that_it_shows(void **state)
{
	struct store_pairing pairing = { .state = STORE_PAIRING_ISSUED, .at = NOW };
	uint8_t master[32], kpin[32];

	(void)state;
	start();
	memcpy(pairing.mid, mid, 8);
	memcpy(pairing.sn, sn, 8);
	fixture_ok(store_begin(fix.store, &fix.error));
	fixture_ok(store_add_pairing(fix.store, &pairing, &fix.error));
	fixture_ok(store_commit(fix.store, &fix.error));
	memset(master, FIXTURE_MPIN(1), 32);
	domain_kpin(&domain_mac_library, master, mid, kpin);
	domain_fork_tag(&domain_mac_library, kpin, card.ft, sn, 0, card.ft);
	card.n = 1;
	assert_int_equal(report(), RULE_ISSUED);
	assert_int_equal(known().n, 1);
	assert_memory_equal(known().ft, card.ft, 8);
	assert_int_equal(store_get_pairing(fix.store, mid, 0, sn, &pairing,
					   &fix.error), 1);
	assert_int_equal(pairing.state, STORE_PAIRING_PROVED);
}

static void nonces_are_good_once_and_for_ten_minutes(void **state)
{
	uint8_t nonce[16], data[DOMAIN_REPORT_LEN];
	struct domain_report read;
	enum rule_cause cause;

	(void)state;
	start();
	fixture_ok(store_begin(fix.store, &fix.error));
	fixture_ok(order_nonce(fix.store, mid, "olga", NOW, nonce, &fix.error));
	card_report(nonce, data);
	assert_int_equal(order_report(fix.store, fix.provider, mid, nonce, data,
				      sizeof(data), "agent",
				      NOW + ORDER_NONCE_SECONDS + 1, &cause,
				      &read, &fix.error), -EBADMSG);
	fixture_ok(store_commit(fix.store, &fix.error));
	fixture_ok(store_begin(fix.store, &fix.error));
	fixture_ok(order_nonce(fix.store, mid, "olga", NOW, nonce, &fix.error));
	card_report(nonce, data);
	fixture_ok(order_report(fix.store, fix.provider, mid, nonce, data,
				sizeof(data), "agent", NOW, &cause, &read,
				&fix.error));
	assert_int_equal(order_report(fix.store, fix.provider, mid, nonce, data,
				      sizeof(data), "agent", NOW, &cause, &read,
				      &fix.error), -EBADMSG);
	data[11] ^= 1;
	assert_int_equal(order_report(fix.store, fix.provider, mid, NULL, data,
				      sizeof(data), "agent", NOW, &cause, &read,
				      &fix.error), -EBADMSG);
	store_rollback(fix.store);
}

#define T(name)	cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_operation_has_the_body_of_the_protocol),
		T(keys_are_kept_by_their_generation_only),
		T(values_out_of_range_make_no_command),
		T(receipts_are_believed_once_and_only_if_authentic),
		T(a_refused_command_changes_nothing_here_either),
		T(a_new_management_key_counts_after_its_receipt),
		T(a_report_settles_a_lost_receipt_of_a_management_key),
		T(a_new_policy_stops_pins_until_a_report),
		T(a_report_settles_a_lost_receipt_of_a_policy),
		T(a_new_fork_tag_is_taken_from_receipt_or_report),
		T(a_module_that_forgot_a_command_is_held),
		T(a_module_with_pairings_nobody_asked_for_is_held),
		T(a_report_proves_the_pairing_that_it_shows),
		T(nonces_are_good_once_and_for_ten_minutes),
	};

	return cmocka_run_group_tests_name("centre-order", tests, fixture_make,
					   fixture_remove);
}
