// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * smpair-provision from its command line.
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
#include <jansson.h>

#include "domain/tests/command.h"

#define PROVISION	PROGRAMS "/smpair-provision"

/* The domain, host and module of the published vectors. */
#define DOMAIN	"{\"dom\":1,\"k\":[{\"g\":1,\"k\":\"" KEY("11") "\"}]," \
	"\"MHKey\":[{\"m\":1,\"MHKey\":\"" KEY("22") "\"},{\"m\":2,\"MHKey\":\"" \
	KEY("24") "\"}],\"MPIN\":\"" KEY("55") "\",\"MMGT\":\"" KEY("66") "\"}"
#define HOST	"{\"SN\":\"257-4660-20\",\"HS\":\"" KEY("33") \
	"\",\"rights\":3,\"CYID\":7}"
#define MODULE	"{\"MID\":\"0201000000005678\",\"dom\":1,\"KM\":\"" KEY("44") \
	"\",\"KPIN\":\"42253534c430ea19492f48b466698e3d5cb035e7fde25fd81ded1d242dbd1de1\"," \
	"\"KMG\":\"a119922f127d62d94a769b2db2426b55fd8000cbd7a84b0ef976206df915234a\"," \
	"\"FT0\":\"9999999999999999\",\"N\":5,\"cfg\":{\"pinPolicy\":\"pair\",\"S\":4}}"

static void expect(int status, const char *says, const char *format, ...)
{
	char command[1024];
	va_list args;
	int got;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	got = command_run(PROVISION " %s", command);
	if (got != status || !strstr(status ? command_err : command_out, says))
		fail_msg("\"%s\" gives %d, \"%s%s\", not %d, \"%s\"", command, got,
			 command_out, command_err, status, says);
}

static void make_vector_domain(void)
{
	command_write("from.json", 0600, DOMAIN);
	expect(0, "", "domain --out v --from from.json --force");
}

static unsigned int mode_of(const char *name)
{
	struct stat st;

	assert_int_equal(stat(name, &st), 0);
	return st.st_mode & 07777;
}

static void random_domain_host_and_module_are_made(void **state)
{
	char a[4096], b[4096];

	(void)state;
	expect(0, "domain 7", "domain --out a --domain 7");
	expect(0, "domain 7", "domain --out b --domain 7");
	command_read("a/domain.json", a, sizeof(a));
	command_read("b/domain.json", b, sizeof(b));
	assert_string_not_equal(a, b);
	assert_int_equal(mode_of("a"), 0700);
	assert_int_equal(mode_of("a/domain.json"), 0600);

	expect(0, "257-4660-20\n",
	       "host --domain a/domain.json --out a --id 257-4660-20 --print-id");
	expect(0, "513-22136-41\n",
	       "module --domain a/domain.json --out a --issuer 513 --serial 22136 --print-id");
	assert_int_equal(mode_of("a/host-257-4660-20.key"), 0600);
	assert_int_equal(mode_of("a/module-513-22136-41.img"), 0600);
	assert_int_equal(mode_of("a/module-513-22136-41.json"), 0600);
	assert_int_equal(command_run("ls a/*.new"), 2);
}

static void nothing_is_overwritten_without_force(void **state)
{
	static const char * const names[] = {
		"a/domain.json", "a/host-257-4660-20.key",
		"a/host-257-4660-20.json", "a/module-513-22136-41.img",
		"a/module-513-22136-41.json",
	};
	static char before[5][262144], after[262144];
	size_t i, len;

	(void)state;
	for (i = 0; i < 5; i++)
		command_read(names[i], before[i], sizeof(before[i]));
	expect(1, "a/domain.json exists", "domain --out a");
	expect(1, "a/host-257-4660-20.key exists",
	       "host --domain a/domain.json --out a --id 257-4660-20");
	expect(1, "a/module-513-22136-41.img exists",
	       "module --domain a/domain.json --out a --id 513-22136-41");
	assert_int_equal(unlink("a/host-257-4660-20.key"), 0);
	expect(1, "a/host-257-4660-20.json exists",
	       "host --domain a/domain.json --out a --id 257-4660-20");
	assert_int_equal(access("a/host-257-4660-20.key", F_OK), -1);
	for (i = 0; i < 5; i++) {
		if (i == 1)
			continue;
		len = command_read(names[i], after, sizeof(after));
		assert_memory_equal(after, before[i], len);
	}
	expect(0, "", "module --domain a/domain.json --out a --id 513-22136-41 --force");
	len = command_read(names[3], after, sizeof(after));
	assert_true(memcmp(after, before[3], len));
}

static void stated_host_has_the_published_payload_and_fields(void **state)
{
	uint8_t payload[256];
	json_t *info;
	size_t i;

	(void)state;
	make_vector_domain();
	command_write("host.json", 0600, HOST);
	expect(0, "host 257-4660-20", "host --domain v/domain.json --out v --from host.json");
	assert_int_equal(command_read("v/host-257-4660-20.key", payload,
				      sizeof(payload)), 48 + 2 * 34);
	assert_memory_equal(payload, "SMPH\1\2\0\0\1\1\0\0\0\0\x12\x34", 16);
	for (i = 0; i < 32; i++) {
		assert_int_equal(payload[16 + i], 0x33);
		assert_int_equal(payload[50 + i], 0x22);
		assert_int_equal(payload[84 + i], 0x24);
	}
	assert_memory_equal(payload + 48, "\0\1", 2);
	assert_memory_equal(payload + 82, "\0\2", 2);

	info = json_load_file("v/host-257-4660-20.json", 0, NULL);
	assert_non_null(info);
	assert_string_equal(json_string_value(json_object_get(info, "SN")),
			    "257-4660-20");
	assert_int_equal(json_integer_value(json_object_get(info, "rights")), 3);
	assert_int_equal(json_integer_value(json_object_get(info, "CYID")), 7);
	assert_int_equal(json_array_size(json_object_get(info, "CY")), 1);
	assert_int_equal(json_string_length(json_array_get(json_object_get(info, "CY"), 0)),
			 2 * 84);
	json_decref(info);
}

static void stated_module_is_what_the_centre_is_told(void **state)
{
	json_t *info, *cfg;

	(void)state;
	make_vector_domain();
	command_write("module.json", 0600, MODULE);
	expect(0, "module 513-22136-41",
	       "module --domain v/domain.json --out v --from module.json --ageing 9");
	info = json_load_file("v/module-513-22136-41.json", 0, NULL);
	assert_non_null(info);
	cfg = json_object_get(info, "cfg");
	assert_string_equal(json_string_value(json_object_get(info, "FT0")),
			    "9999999999999999");
	assert_int_equal(json_integer_value(json_object_get(info, "N")), 5);
	assert_string_equal(json_string_value(json_object_get(cfg, "pinPolicy")),
			    "pair");
	assert_int_equal(json_integer_value(json_object_get(cfg, "S")), 4);
	assert_int_equal(json_integer_value(json_object_get(cfg, "A")), 9);
	assert_int_equal(json_integer_value(json_object_get(cfg, "PTCmax")), 5);
	json_decref(info);
}

static void each_hazard_in_a_stated_file_is_named(void **state)
{
	static const struct {
		const char *verb, *text, *says;
	} bad[] = {
		{ "host", "{\"SN\":\"257-4660-21\"}", "SN has wrong check digits" },
		{ "host", "{\"SN\":\"257-04660-20\"}", "SN is no identifier" },
		{ "host", "{\"SN\":\"65536-1-00\"}", "SN is out of range" },
		{ "host", "{\"SN\":\"01010000000012\"}", "SN has 14 characters" },
		{ "host", "{\"SN\":7}", "SN must be a string" },
		{ "host", "{\"HS\":\"33\"}", "HS has 2 characters; it must have 64" },
		{ "host", "{\"hs\":\"33\"}", "\"hs\" is unknown" },
		{ "host", "{\"dom\":2}", "dom is not 1" },
		{ "host", "{\"rights\":4}", "rights must be an integer from 0 to 3" },
		{ "host", "{\"rights\":1,\"rights\":3}", "appears twice" },
		{ "host", "{\"CYID\":4294967296}", "CYID must be" },
		{ "host", "{\"CYID\":1e400}", "a number that is too large" },
		{ "host", "{\"MHKey\":[{\"m\":1,\"MHKey\":\"" KEY("23") "\"}]}",
		  "generation 1 is not the one of the domain" },
		{ "host", "{\"MHKey\":[{\"m\":3,\"MHKey\":\"" KEY("22") "\"}]}",
		  "no generation 3 of MHKey" },
		{ "module", "{\"KM\":\"" KEY("4g") "\"}", "KM must have 64 hex" },
		{ "module", "{\"KPIN\":\"" KEY("42") "\"}", "KPIN does not follow" },
		{ "module", "{\"KMG\":\"" KEY("42") "\"}", "KMG does not follow" },
		{ "module", "{\"FT0\":\"99\"}", "FT0 has 2" },
		{ "module", "{\"N\":4294967295}", "N must be" },
		{ "module", "{\"k\":[{\"g\":1,\"k\":\"" KEY("12") "\"}]}",
		  "k of generation 1 is not in the domain" },
		{ "module", "{\"k\":[{\"g\":2,\"k\":\"" KEY("11") "\"}]}",
		  "k of generation 2 is not in the domain" },
		{ "module", "{\"cfg\":{\"S\":33}}", "cfg: S must be an integer from 1 to 32" },
		{ "module", "{\"cfg\":{\"slots\":3}}", "cfg: the name \"slots\" is unknown" },
		{ "module", "{\"cfg\":{\"pinPolicy\":\"never\"}}",
		  "pinPolicy must be none, module, pair or indexed" },
		{ "module", "{\"cfg\":{\"pinPolicy\":3}}", "pinPolicy must be a string" },
		{ "module", "{\"cfg\":[]}", "cfg must be an object" },
		{ "module", "{\"cfg\":{\"m_min\":3}}", "m_min 3 is above 2" },
		{ "module", "{\"cfg\":{\"PTCmax\":0}}", "PTCmax must be" },
		{ "module", "{\"MID\":\"513-22136-41\"", "the end of the file is missing" },
		{ "module", "{\"MID\":\"\xc3\x28\"}", "not UTF-8" },
	};
	size_t i;

	(void)state;
	make_vector_domain();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		command_write("from.json", 0600, bad[i].text);
		expect(1, bad[i].says,
		       "%s --domain v/domain.json --out bad --from from.json",
		       bad[i].verb);
	}
	/* Nothing was left behind. */
	assert_int_equal(command_run("rmdir bad"), 0);
}

static void secrets_that_others_can_read_are_refused(void **state)
{
	(void)state;
	make_vector_domain();
	command_write("host.json", 0644, HOST);
	expect(1, "host.json holds secrets and its mode is 0644",
	       "host --domain v/domain.json --out w --from host.json");
	assert_int_equal(chmod("v/domain.json", 0640), 0);
	expect(1, "v/domain.json holds secrets",
	       "host --domain v/domain.json --out w");
	assert_int_equal(chmod("v/domain.json", 0600), 0);
}

#define MASTER_32	"0123456789abcdef0123456789abcdef"
#define ENCRYPT	"encrypt --key v/host-257-4660-20.key --master smpair-kmk " \
	"--master-key master --out v"

static void host_secrets_are_encrypted_in_the_kernels_form(void **state)
{
	static const char start[] = "default user:smpair-kmk 116 ";
	const char *blob = "v/host-257-4660-20.blob";
	char first[1024], second[1024];
	size_t len;

	(void)state;
	make_vector_domain();
	command_write("host.json", 0600, HOST);
	expect(0, "", "host --domain v/domain.json --out v --from host.json --force");
	command_write("master", 0600, MASTER_32);
	expect(0, blob, ENCRYPT);
	assert_int_equal(mode_of(blob), 0600);
	len = command_read(blob, first, sizeof(first));
	assert_memory_equal(first, start, strlen(start));
	/* iv, its zero, the payload in blocks of 16, MAC; and no newline */
	assert_int_equal(len, strlen(start) + 2 * (16 + 1 + 128 + 32));
	first[len] = '\0';
	assert_int_equal(strspn(first + strlen(start), "0123456789abcdef"), len - strlen(start));
	assert_null(strstr(first, KEY("33")));

	expect(1, "exists", ENCRYPT);
	expect(0, "257-4660-20\n", ENCRYPT " --force --print-id");
	assert_int_equal(command_read(blob, second, sizeof(second)), len);
	assert_memory_not_equal(first + strlen(start), second + strlen(start), 32);
}

static void what_cannot_be_encrypted_or_under_no_good_key_is_refused(void **state)
{
	static const struct {
		int status;
		const char *says;
		const char *args;
	} bad[] = {
		{ 2, "--key is missing", "--master m --master-key master" },
		{ 2, "--master-key is missing", "--key h --master m" },
		{ 2, "--master takes", "--key h --master-key master" },
		{ 2, "--master takes", "--key h --master-key master --master 'a b'" },
		{ 2, "--master takes",
		  "--key h --master-key master --master " MASTER_32 MASTER_32 "x" },
		{ 1, "holds secrets and its mode is 0644",
		  "--key h --master m --master-key open" },
		{ 1, "has 31 bytes; a master key has 32 to 128",
		  "--key h --master m --master-key short" },
		{ 1, "is longer than 128 bytes", "--key h --master m --master-key long" },
		{ 1, "holds secrets and its mode is 0640",
		  "--key shared --master m --master-key master" },
		{ 1, "does not hold host secrets", "--key master --master m --master-key master" },
		{ 1, "No such file", "--key none --master m --master-key master" },
	};
	size_t i;

	(void)state;
	make_vector_domain();
	expect(0, "", "host --domain v/domain.json --out v --id 257-4660-20 --force");
	assert_int_equal(command_run("cp v/host-257-4660-20.key h"), 0);
	assert_int_equal(command_run("install -m 640 h shared"), 0);
	command_write("master", 0600, MASTER_32);
	command_write("open", 0644, MASTER_32);
	command_write("short", 0600, &MASTER_32[1]);
	command_write("long", 0600, MASTER_32 MASTER_32 MASTER_32 MASTER_32 "x");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect(bad[i].status, bad[i].says, "encrypt --out e %s", bad[i].args);
	/* Nothing was left behind. */
	assert_int_equal(command_run("rmdir e"), 0);
}

static void generations_grow_and_retire(void **state)
{
	int i;

	(void)state;
	make_vector_domain();
	expect(0, "generation 3 of MHKey added", "mhkey --domain v/domain.json");
	command_write("g.json", 0600, "{\"g\":9,\"k\":\"" KEY("12") "\"}");
	expect(0, "generation 9 of k added", "k --domain v/domain.json --from g.json");
	expect(1, "g is not greater than 9", "k --domain v/domain.json --from g.json");
	for (i = 10; i < 16; i++)
		expect(0, "added", "k --domain v/domain.json");
	expect(1, "retire one with --retire 1", "k --domain v/domain.json");
	expect(0, "generation 1 of k retired", "k --domain v/domain.json --retire 1");
	expect(1, "has no generation 1", "k --domain v/domain.json --retire 1");
	expect(0, "generation 16 of k added", "k --domain v/domain.json");
	expect(1, "exists", "domain --out v");
	expect(0, "generation 2 of MPIN added", "mpin --domain v/domain.json");
	expect(0, "generation 2 of MMGT added", "mmgt --domain v/domain.json");
	expect(0, "generation 1 of MMGT retired", "mmgt --domain v/domain.json --retire 1");
	expect(1, "is the only one of MMGT", "mmgt --domain v/domain.json --retire 2");

	/* A module takes the four newest, a host one cryptogram for each. */
	expect(0, "", "module --domain v/domain.json --out g --id 513-22136-41");
	expect(0, "", "host --domain v/domain.json --out g --id 257-4660-20 --mhkey 3");
	assert_int_equal(command_run("stat -c %%s g/host-257-4660-20.key"), 0);
	assert_string_equal(command_out, "82\n");
	assert_int_equal(command_run("grep -c '\"0101' g/host-257-4660-20.json"), 0);
	assert_string_equal(command_out, "8\n");
	/* The centre learns which masters the module's keys follow from. */
	assert_int_equal(command_run("tr -d '[:space:]' <g/module-513-22136-41.json"), 0);
	assert_non_null(strstr(command_out, "\"masters\":{\"MPIN\":2,\"MMGT\":2}"));
	/* Newest generation first: 0x10. */
	assert_int_equal(command_run("grep -m1 '\"0101' g/host-257-4660-20.json"), 0);
	assert_non_null(strstr(command_out, "\"0101001000000001"));
	assert_int_equal(mode_of("v/domain.json"), 0600);
}

static void wrong_usage_is_status_2_and_names_the_option(void **state)
{
	static const struct {
		const char *args, *says;
	} bad[] = {
		{ "", "usage:" },
		{ "frobnicate", "usage:" },
		{ "domain", "--out is missing" },
		{ "domain --out x --slots 3", "--slots" },
		{ "domain --out x extra", "\"extra\" is no option" },
		{ "domain --out x --domain 4294967296", "--domain takes a number" },
		{ "domain --out x --domain -1", "--domain takes a number" },
		{ "host --out x", "--domain is missing" },
		{ "module --out x", "--domain is missing" },
		{ "host --domain v/domain.json --out x --id 257-4660-21",
		  "wrong check digits" },
		{ "host --domain v/domain.json --out x --id 257-04660-20",
		  "without leading zeros" },
		{ "host --domain v/domain.json --out x --id 257-281474976710656-00",
		  "out of range" },
		{ "host --domain v/domain.json --out x --id 257-4660-20 --serial 1",
		  "stated twice" },
		{ "host --domain v/domain.json --out x --issuer 65536",
		  "--issuer takes a number" },
		{ "host --domain v/domain.json --out x --rights admin",
		  "--rights takes evict" },
		{ "host --domain v/domain.json --out x --mhkey 1,x",
		  "--mhkey takes a number" },
		{ "host --domain v/domain.json --out x --mhkey ,",
		  "--mhkey takes a number" },
		{ "module --domain v/domain.json --out x --pin-policy maybe",
		  "--pin-policy takes none, module, pair or indexed" },
		{ "module --domain v/domain.json --out x --slots 0",
		  "--slots takes a number from 1 to 32" },
		{ "module --domain v/domain.json --out x --max-command 135",
		  "--max-command takes a number from 136" },
		{ "module --domain v/domain.json --out x --max-message 131073",
		  "--max-message takes a number from 512 to 131072" },
		{ "module --domain v/domain.json --out x --from module.json --slots 4",
		  "--slots is also stated as S" },
		{ "module --domain v/domain.json --out x --from module.json --id 513-22136-41",
		  "stated twice" },
		{ "k", "--domain is missing" },
		{ "k --domain v/domain.json --retire 1 --from x", "use one of them" },
		{ "k --domain v/domain.json --retire x", "--retire takes a number" },
	};
	size_t i;

	(void)state;
	make_vector_domain();
	command_write("module.json", 0600, MODULE);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect(2, bad[i].says, "%s", bad[i].args);
	assert_int_equal(command_run("find . -name '*.key' -path './x/*'"), 0);
	assert_string_equal(command_out, "");
}

static void random_identifiers_have_right_check_digits(void **state)
{
	int i;

	(void)state;
	make_vector_domain();
	for (i = 0; i < 5; i++) {
		expect(0, "1-", "host --domain v/domain.json --out r --print-id");
		expect(1, "exists", "host --domain v/domain.json --out r --id %.*s",
		       (int)strcspn(command_out, "\n"), command_out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_domain_host_and_module_are_made),
		cmocka_unit_test(nothing_is_overwritten_without_force),
		cmocka_unit_test(stated_host_has_the_published_payload_and_fields),
		cmocka_unit_test(stated_module_is_what_the_centre_is_told),
		cmocka_unit_test(each_hazard_in_a_stated_file_is_named),
		cmocka_unit_test(secrets_that_others_can_read_are_refused),
		cmocka_unit_test(host_secrets_are_encrypted_in_the_kernels_form),
		cmocka_unit_test(what_cannot_be_encrypted_or_under_no_good_key_is_refused),
		cmocka_unit_test(generations_grow_and_retire),
		cmocka_unit_test(wrong_usage_is_status_2_and_names_the_option),
		cmocka_unit_test(random_identifiers_have_right_check_digits),
	};

	return cmocka_run_group_tests_name("provision", tests,
					   command_folder_make,
					   command_folder_remove);
}
