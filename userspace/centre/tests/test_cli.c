// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * smpair-centre from its command line, on files that smpair-provision made.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

#include <cmocka.h>

#include "domain/bytes.h"
#include "domain/kdf.h"
#include "domain/keys.h"
#include "domain/manage.h"
#include "domain/pin.h"
#include "domain/tests/command.h"

#define PROVISION	PROGRAMS "/smpair-provision"
#define CENTRE		PROGRAMS "/smpair-centre"

/* Domain and module of the published vectors. */
#define MODULE	"--module 513-22136-41"
#define HOST	"--host 257-4660-20"
#define OTHER	"--host 257-4661-17"

static const uint8_t mid[8] = { 2, 1, 0, 0, 0, 0, 0x56, 0x78 };
static const uint8_t sn[8] = { 1, 1, 0, 0, 0, 0, 0x12, 0x34 };
static uint8_t kpin[32], kmg[32];

static void expect(int status, const char *says, const char *format, ...)
{
	char args[1024];
	va_list list;
	int got;

	va_start(list, format);
	vsnprintf(args, sizeof(args), format, list);
	va_end(list);
	got = command_run(CENTRE " --db db %s", args);
	if (got != status ||
	    (!strstr(command_err, says) && !strstr(command_out, says)))
		fail_msg("\"%s\" gives %d, \"%s%s\", not %d, \"%s\"", args, got,
			 command_out, command_err, status, says);
}

static void expect_refusal(const char *cause, const char *format, ...)
{
	char args[512], says[64];
	va_list list;

	va_start(list, format);
	vsnprintf(args, sizeof(args), format, list);
	va_end(list);
	snprintf(says, sizeof(says), "refused: %s: ", cause);
	expect(4, says, "%s", args);
	assert_non_null(strstr(command_err, "\nnext: "));
	assert_string_equal(command_out, "");
	expect(0, cause, "log");
}

static int prepare(void **state)
{
	uint8_t master[32];

	if (command_folder_make(state))
		return -1;
	memset(master, 0x55, sizeof(master));
	domain_kpin(&domain_mac_library, master, mid, kpin);
	memset(master, 0x66, sizeof(master));
	domain_kmg(&domain_mac_library, master, mid, kmg);
	command_write("domain.from", 0600, "{\"MPIN\":\"" KEY("55")
		      "\",\"MMGT\":\"" KEY("66") "\"}");
	command_write("module.from", 0600, "{\"MID\":\"0201000000005678\","
		      "\"FT0\":\"9999999999999999\"}");
	return command_run(PROVISION " domain --out . --from domain.from") ||
	       command_run(PROVISION " module --domain domain.json --out . --from module.from") ||
	       command_run(PROVISION " host --domain domain.json --out . --id 257-4660-20") ||
	       command_run(PROVISION " host --domain domain.json --out . --issuer 257 --serial 4661");
}

static int fresh(void **state)
{
	(void)state;
	return command_run("rm -f db db-wal db-shm *.cmd *.rcpt") ||
	       command_run(CENTRE " --db db init --domain domain.json") ||
	       command_run(CENTRE " --db db import module-*.json host-*.json");
}

static void published_pin_is_printed_in_each_form(void **state)
{
	(void)state;
	expect(0, "", "pin " MODULE " " HOST " --index 0 --request-code 569537");
	assert_string_equal(command_out, "0199 7531\n");
	expect(0, "", "pin " MODULE " " HOST " --index 0 --request-code 569537 --plain");
	assert_string_equal(command_out, "01997531\n");
	expect(0, "", "pin " MODULE " " HOST
	       " --index 0 --request-code '569 537' --policy indexed --damm");
	assert_int_equal(strlen(command_out), 12);
	assert_int_equal(strncmp(command_out, "0199 7531 ", 10), 0);
	expect(0, "issued", "log " MODULE);
	assert_null(strstr(command_out, "0199"));
}

/* The module's side of the chain, from the published fork tags. */
static void the_chain_of_fork_tags_is_followed_across_runs(void **state)
{
	uint8_t ft[8];
	uint32_t n, code;
	char pin[8];

	(void)state;
	memset(ft, 0x99, sizeof(ft));
	for (n = 0; n < 4; n++) {
		domain_request_code(&domain_mac_library, kpin, PDT1_PIN_INDEXED,
				    mid, sn, n, ft, &code);
		domain_pin(&domain_mac_library, kpin, PDT1_PIN_INDEXED, sn, n, pin);
		expect(0, "", "pin " MODULE " " HOST
		       " --index %u --request-code %06u --plain", n, code);
		assert_memory_equal(command_out, pin, 8);
		domain_fork_tag(&domain_mac_library, kpin, ft, sn, n, ft);
	}
	expect(0, "N 3", "modules");
	/* The request of index 0 once more: a former state. */
	expect_refusal("rollback", "pin " MODULE " " HOST
		       " --index 0 --request-code 569537");
	expect(0, "on hold: rollback", "modules");
	expect_refusal("module-held", "pin " MODULE " " HOST
		       " --index 3 --request-code %06u", code);
	expect(0, "released", "release " MODULE);
	expect(0, "", "pin " MODULE " " HOST " --index 3 --request-code %06u", code);
}

static void every_refusal_is_told_recorded_and_leads_on(void **state)
{
	int i;

	(void)state;
	expect_refusal("check-digits", "pin --module 513-22136-42 " HOST
		       " --index 0 --request-code 569537");
	expect(0, "513-22136-42", "log");
	expect_refusal("check-digits", "pin " MODULE
		       " --host 257-4660-21 --index 0 --request-code 569537");
	expect_refusal("unknown-module", "pin --module 1-1000-67 " HOST
		       " --index 0 --request-code 569537");
	expect_refusal("unknown-host", "pin " MODULE
		       " --host 1-1000-67 --index 0 --request-code 569537");
	expect_refusal("policy-differs", "pin " MODULE " " HOST
		       " --index 0 --request-code 569537 --policy pair");
	expect_refusal("index-end", "pin " MODULE " " HOST
		       " --index 4294967294 --request-code 569537");

	expect(0, "denied", "deny " MODULE);
	expect_refusal("module-denied", "pin " MODULE " " HOST
		       " --index 0 --request-code 569537");
	expect(0, "allowed", "allow " MODULE);
	expect(0, "denied", "deny " HOST);
	expect_refusal("host-denied", "pin " MODULE " " HOST
		       " --index 0 --request-code 569537");
	expect(0, "allowed", "allow " HOST);
	expect(0, "denied", "deny " MODULE " " HOST);
	expect_refusal("pair-denied", "pin " MODULE " " HOST
		       " --index 0 --request-code 569537");
	expect(0, "allowed", "allow " MODULE " " HOST);
	expect(0, "on hold", "hold " MODULE);
	expect_refusal("module-held", "pin " MODULE " " HOST
		       " --index 0 --request-code 569537");
	expect(0, "released", "release " MODULE);

	expect_refusal("request-code", "pin " MODULE " " HOST
		       " --index 0 --request-code 569538");
	assert_int_equal(command_run(CENTRE " --db db pin " MODULE " " HOST
				     " --index 1 --request-code 569537"), 4);
	assert_non_null(strstr(command_err, "attempts left: 1"));
	expect_refusal("request-code-last", "pin " MODULE " " HOST
		       " --index 0 --request-code 000000");
	expect_refusal("requester-held", "pin " MODULE " " HOST
		       " --index 0 --request-code 569537");
	expect(0, "released", "release " MODULE " " HOST);

	for (i = 0; i < 10; i++)
		expect(0, "0199 7531", "pin " MODULE " " HOST
		       " --index 0 --request-code 569537");
	expect_refusal("daily-limit", "pin " MODULE " " HOST
		       " --index 0 --request-code 569537");
}

static void import_is_all_or_nothing_and_may_be_repeated(void **state)
{
	(void)state;
	expect(0, "registered already", "import module-513-22136-41.json");
	assert_int_equal(command_run("sed 's/\"N\": 0/\"N\": 1/' "
				     "module-513-22136-41.json >changed.json"), 0);
	expect(1, "registered with other values", "import changed.json");
	assert_int_equal(command_run("sed 's/\"dom\": 1/\"dom\": 2/' "
				     "module-513-22136-41.json >changed.json"), 0);
	expect(1, "belongs to domain 2", "import changed.json");
	expect(1, "neither a module nor a host", "import domain.json");

	assert_int_equal(command_run(PROVISION
			 " host --domain domain.json --out . --id 1-1000-67 --force"), 0);
	command_write("bad.json", 0600, "{\"smpair\":\"host\",\"v\":1,\"dom\":1}");
	expect(1, "SN is missing", "import host-1-1000-67.json bad.json");
	assert_string_equal(command_out, "");
	assert_int_equal(command_run(CENTRE " --db db hosts"), 0);
	assert_null(strstr(command_out, "1-1000-67"));
	assert_int_equal(unlink("host-1-1000-67.json"), 0);
}

static void an_export_is_taken_under_any_name_and_overwrites_nothing(void **state)
{
	(void)state;
	expect(0, "", "export --out e.json");
	expect(1, "e.json exists and is not overwritten", "export --out e.json");
	expect(1, "e.json exists and is not overwritten",
	       "audit export --format csv --out e.json");
	expect(0, "", "log");
	assert_null(strstr(command_out, "csv"));
	assert_int_equal(command_run(CENTRE " --db two init --domain domain.json"), 0);
	assert_int_equal(command_run(CENTRE " --db two import e.json"), 0);
	assert_int_equal(command_run(CENTRE " --db two modules"), 0);
	assert_non_null(strstr(command_out, "513-22136-41"));
	/* A copy that is not made is not in the trail. */
	expect(1, "e.json exists and is not overwritten", "backup --out e.json");
	expect(0, "", "log");
	assert_null(strstr(command_out, "backup"));
	assert_int_equal(unlink("e.json"), 0);
	assert_int_equal(command_run("rm -f two*"), 0);
}

static void rules_tell_what_they_allow_and_what_is_left(void **state)
{
	(void)state;
	expect(0, "module issuer 513  host issuer any  hotline",
	       "rule --module-issuer 513 --delivery hotline");
	expect(0, "module issuer 513  host issuer any  hotline", "rules");
	assert_null(strstr(command_out, "all others"));
	expect(1, "there is no rule for just these issuers; list them with: rules",
	       "rule --module-issuer 514 --remove");
	expect(0, "removed", "rule --remove");
	expect(0, "all others: forbidden, since no rule is for them", "rules");
	expect(0, "module issuer any  host issuer any  automatic", "rule");
	expect(0, "removed", "rule --module-issuer 513 --remove");
}

static void a_wrong_or_open_domain_file_issues_nothing(void **state)
{
	(void)state;
	assert_int_equal(command_run(PROVISION " domain --out other --force"), 0);
	expect(1, "other/domain.json does not hold generation 1 of the MPIN of domain 1",
	       "pin " MODULE " " HOST
	       " --index 0 --request-code 569537 --domain other/domain.json");
	assert_int_equal(chmod("domain.json", 0640), 0);
	expect(1, "holds secrets and its mode is 0640", "pin " MODULE " " HOST
	       " --index 0 --request-code 569537");
	assert_int_equal(chmod("domain.json", 0600), 0);
	expect(1, "exists and is not overwritten", "init --domain domain.json");
}

static void an_older_generation_that_was_exchanged_is_noticed(void **state)
{
	(void)state;
	assert_int_equal(command_run("cp domain.json two.json && " PROVISION
				     " mpin --domain two.json"), 0);
	expect(0, "", "pin " MODULE " " HOST
	       " --index 0 --request-code 569537 --domain two.json");
	assert_int_equal(command_run("sed -i s/" KEY("55") "/" KEY("77") "/ two.json"), 0);
	expect(1, "does not hold generation 1 of the MPIN of domain 1",
	       "pin " MODULE " " HOST
	       " --index 0 --request-code 569537 --domain two.json");
}

/* What the module would answer. */
static void write_receipt(const char *name, uint8_t op, uint32_t seq, uint16_t sw)
{
	uint8_t data[DOMAIN_RECEIPT_LEN] = { PDT1_MANAGE_VERSION, op };
	uint8_t key[32], hash[32];
	FILE *file;

	put_be16(data + 2, sw);
	memcpy(data + 4, mid, 8);
	put_be32(data + 12, seq);
	data[20] = 5;
	domain_kdf(&domain_mac_library, kmg, PDT1_LABEL_MR, NULL, 0, key, 32);
	domain_mac_library.hmac(&domain_mac_library, key, data, PDT1_RECEIPT_LEN,
				hash);
	memcpy(data + PDT1_RECEIPT_LEN, hash, PDT1_RECEIPT_MAC_LEN);
	file = fopen(name, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, sizeof(data), file), sizeof(data));
	assert_int_equal(fclose(file), 0);
}

static void commands_count_up_and_their_receipts_are_recorded(void **state)
{
	uint8_t command[128];

	(void)state;
	expect(0, "command 1", "manage " MODULE " --op unblock-pin --tries 5 --out a.cmd");
	assert_int_equal(command_read("a.cmd", command, sizeof(command)), 49);
	assert_memory_equal(command, "\1\1\0\1\2\1\0\0\0\0\x56\x78\0\0\0\1\xff\xff\xff\xff", 20);
	expect(0, "command 2", "manage " MODULE " --op revoke-host " OTHER " --out b.cmd");
	assert_int_equal(command_read("b.cmd", command, sizeof(command)), 56);
	expect(0, "command 3", "manage " MODULE " --op pin-slot --slot 1 --on --out c.cmd");
	expect(0, "command 4", "manage " MODULE " --op set-slots --slots 6 --out d.cmd");
	expect(0, "command 5", "manage " MODULE " --op free-slot --slot 0 --out e.cmd");
	/* The file is not overwritten. */
	expect(1, "a.cmd exists", "manage " MODULE " --op free-slot --slot 0 --out a.cmd");
	/* Nothing was made, which agents would carry. */
	expect(0, "command 6", "manage " MODULE " --op unrevoke-host " OTHER " --out f.cmd");
	expect(1, "command 7 is queued all the same",
	       "manage " MODULE " --op free-slot --slot 0 --out none/g.cmd");
	expect(0, "command 8, free-slot, for module 513-22136-41 is queued; an agent carries it",
	       "manage " MODULE " --op free-slot --slot 0");

	write_receipt("a.rcpt", PDT1_OP_UNBLOCK_PIN, 1, PDT1_SW_OK);
	expect(0, "command 1: done", "receipt " MODULE " a.rcpt");
	expect(0, "command 1: done", "receipt " MODULE " a.rcpt");
	write_receipt("b.rcpt", PDT1_OP_SET_SLOTS, 4, PDT1_SW_STATE);
	expect(4, "not in a state for it", "receipt " MODULE " b.rcpt");
	write_receipt("c.rcpt", PDT1_OP_SET_SLOTS, 5, PDT1_SW_OK);
	expect(1, "made no command 5 of that kind", "receipt " MODULE " c.rcpt");
	write_receipt("d.rcpt", PDT1_OP_SET_SLOTS, 50, PDT1_SW_OK);
	expect(1, "made no command 50", "receipt " MODULE " d.rcpt");
	assert_int_equal(command_run("head -c 39 a.rcpt >e.rcpt"), 0);
	expect(1, "a receipt has 40 bytes and this has 39", "receipt " MODULE " e.rcpt");
	assert_int_equal(command_run("tr '\\220' '\\221' <a.rcpt >f.rcpt"), 0);
	expect(1, "or was changed", "receipt " MODULE " f.rcpt");
	expect(0, "command 1, unblock-pin, status 9000", "log");
}

static void a_host_revoked_at_a_module_gets_no_pin_for_it(void **state)
{
	(void)state;
	expect(0, "", "manage " MODULE " --op revoke-host " HOST " --out a.cmd");
	expect_refusal("pair-denied", "pin " MODULE " " HOST
		       " --index 0 --request-code 569537");
	expect(0, "", "manage " MODULE " --op unrevoke-host " HOST " --out b.cmd");
	expect(0, "0199 7531", "pin " MODULE " " HOST
	       " --index 0 --request-code 569537");
}

static void wrong_usage_is_status_2_and_changes_nothing(void **state)
{
	static const struct {
		const char *args, *says;
	} bad[] = {
		{ "", "no verb" },
		{ "frobnicate", "unknown verb frobnicate" },
		{ "modules extra", "extra does not belong to modules" },
		{ "modules --index 1", "--index does not belong to modules" },
		{ "import", "no file is named" },
		{ "deny", "nobody is named" },
		{ "hold", "--module is missing" },
		{ "hold --module 513-22136", "--module takes ISSUER-SERIAL-CC" },
		{ "hold --module 65536-1-00", "out of range" },
		{ "pin " MODULE " " HOST " --request-code 569537", "--index is missing" },
		{ "pin " MODULE " " HOST " --index 0", "--request-code takes" },
		{ "pin " MODULE " " HOST " --index -1 --request-code 569537",
		  "--index takes a number" },
		{ "pin " MODULE " " HOST " --index 4294967296 --request-code 569537",
		  "--index takes a number" },
		{ "pin " MODULE " " HOST " --index 0 --request-code 56953",
		  "--request-code takes the six digits" },
		{ "pin " MODULE " " HOST " --index 0 --request-code 5695371",
		  "--request-code takes" },
		{ "pin " MODULE " " HOST " --index 0 --request-code 56a537",
		  "--request-code takes" },
		{ "pin " MODULE " --index 0 --request-code 569537", "--host is missing" },
		{ "pin " MODULE " " HOST " --index 0 --request-code 569537 --policy x",
		  "--policy takes" },
		{ "pin " MODULE " " HOST " --index 0 --request-code 569537 --damm --plain",
		  "leave --damm out" },
		{ "pin " MODULE " " HOST " --index 0 --request-code 569537 --mac x",
		  "--mac takes file" },
		{ "manage " MODULE " --out x.cmd", "--op takes" },
		{ "nonce " MODULE, "--out is missing" },
		{ "manage " MODULE " --op free-slot --out x.cmd", "--slot is missing" },
		{ "manage " MODULE " --op free-slot --slot 32 --out x.cmd",
		  "--slot takes a number from 0 to 31" },
		{ "manage " MODULE " --op free-slot --slot 1 --on --out x.cmd",
		  "does not belong to --op free-slot" },
		{ "manage " MODULE " --op pin-slot --slot 1 --out x.cmd",
		  "--on or --off" },
		{ "manage " MODULE " --op unblock-pin --tries 16 --out x.cmd",
		  "--tries takes a number from 1 to 15" },
		{ "manage " MODULE " --op unblock-pin --tries 6 --out x.cmd",
		  "tries must be 1 to 5" },
		{ "manage " MODULE " --op revoke-host --out x.cmd", "--host is missing" },
		{ "receipt " MODULE, "name the one file" },
	};
	char before[4096];
	size_t i;

	(void)state;
	expect(0, "", "log");
	strcpy(before, command_out);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect(2, bad[i].says, "%s", bad[i].args);
	assert_int_equal(access("x.cmd", F_OK), -1);
	expect(0, "", "log");
	assert_string_equal(command_out, before);
	expect(0, "command 1", "manage " MODULE " --op free-slot --slot 1 --out x.cmd");
}

static void help_needs_no_database(void **state)
{
	(void)state;
	assert_int_equal(command_run(CENTRE " --help"), 0);
	assert_non_null(strstr(command_out, "usage:"));
	assert_int_equal(command_run(CENTRE " --version"), 0);
	assert_int_equal(command_run(CENTRE), 2);
	assert_int_equal(command_run(CENTRE " --db none modules"), 1);
	assert_non_null(strstr(command_err, "init --domain FILE"));
	assert_int_equal(access("none", F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(published_pin_is_printed_in_each_form, fresh),
		cmocka_unit_test_setup(the_chain_of_fork_tags_is_followed_across_runs, fresh),
		cmocka_unit_test_setup(every_refusal_is_told_recorded_and_leads_on, fresh),
		cmocka_unit_test_setup(import_is_all_or_nothing_and_may_be_repeated, fresh),
		cmocka_unit_test_setup(a_wrong_or_open_domain_file_issues_nothing, fresh),
		cmocka_unit_test_setup(an_older_generation_that_was_exchanged_is_noticed, fresh),
		cmocka_unit_test_setup(rules_tell_what_they_allow_and_what_is_left, fresh),
		cmocka_unit_test_setup(an_export_is_taken_under_any_name_and_overwrites_nothing,
				       fresh),
		cmocka_unit_test_setup(commands_count_up_and_their_receipts_are_recorded, fresh),
		cmocka_unit_test_setup(a_host_revoked_at_a_module_gets_no_pin_for_it, fresh),
		cmocka_unit_test_setup(wrong_usage_is_status_2_and_changes_nothing, fresh),
		cmocka_unit_test(help_needs_no_database),
	};

	return cmocka_run_group_tests_name("centre-cli", tests, prepare,
					   command_folder_remove);
}
