// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/stat.h>

#include <cmocka.h>

#include "centre/audit.h"
#include "centre/console/store_console.h"
#include "centre/db.h"
#include "centre/store.h"
#include "centre/tests/testdb.h"

static char folder[] = "/tmp/smpair-store-XXXXXX";
static char path[512];
static struct domain_error error;
static const struct store_domain domain = {
	.dom = 4294967295, .path = (char *)"/a/domain.json", .mac = (char *)"file",
};

static void refused(const char *says)
{
	struct store *store;

	assert_true(store_open(&store, path, STORE_WRITE, &error) < 0);
	if (!strstr(error.text, says))
		fail_msg("\"%s\" does not say \"%s\"", error.text, says);
}

static void a_new_file_is_private(void **state)
{
	struct stat st;

	(void)state;
	umask(0);
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void a_new_database_names_its_domain(void **state)
{
	struct store_domain read;
	struct store *store;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_create(path, &domain, &error), -EEXIST);

	assert_int_equal(store_open(&store, path, STORE_WRITE, &error), 0);
	assert_int_equal(store_get_domain(store, &read, &error), 0);
	assert_int_equal(read.dom, domain.dom);
	assert_string_equal(read.path, domain.path);
	assert_string_equal(read.mac, "file");
	store_domain_free(&read);
	store_close(store);
}

static void a_failed_creation_leaves_nothing(void **state)
{
	const struct store_domain bad = { .dom = 1, .path = NULL };

	(void)state;
	assert_true(store_create(path, &bad, &error) < 0);
	assert_int_equal(store_create(path, &domain, &error), 0);
}

static void a_newer_format_is_refused(void **state)
{
	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	testdb_sql(testdb_is_postgres() ?
		   "INSERT INTO migration VALUES (99, 'to come')" :
		   "PRAGMA user_version = 99");
	refused("format 99 and this program knows format");
}

static void run_file(const char *name)
{
	char file_name[80], text[16384];
	size_t len;
	FILE *file;

	snprintf(file_name, sizeof(file_name), "userspace/centre/schema/%s", name);
	file = fopen(file_name, "r");
	assert_non_null(file);
	len = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[len] = '\0';
	testdb_sql(text);
}

/* The files of the first formats, run as they were then. */
static void make_old(unsigned int format, const char *rows)
{
	static const char *const files[] = {
		"sqlite/001_offline.sql", "sqlite/002_service.sql", "sqlite/003_console.sql",
		"sqlite/004_foundation.sql",
	};
	unsigned int i;

	for (i = 0; i < format; i++)
		run_file(files[i]);
	testdb_sql(rows);
}

static int count_old(const struct audit_row *row, void *arg)
{
	static const char *const actors[] = { "uid 1000", "uid 7", "shop-1", "operator olga" };
	unsigned int *seen = arg;

	assert_true(*seen < 4);
	assert_int_equal(row->seq, *seen + 1);
	assert_string_equal(row->actor, actors[*seen]);
	assert_int_equal(row->has_known_n, row->seq == 4);
	assert_int_equal(row->known_n, row->seq == 4 ? 6 : 0);
	++*seen;
	return 0;
}

#define OLD_MODULE "INSERT INTO module VALUES (x'0201000000005678', 3, 5, 0, x'9999999999999999', 7, x'0102030405060708', 4, 1, 'clone');"
#define OLD_HOST "INSERT INTO host VALUES (x'0101000000001234', 3, 9, 0);"

static void databases_of_older_formats_are_brought_up_to_date(void **state)
{
	static const uint8_t mid[8] = { 2, 1, 0, 0, 0, 0, 0x56, 0x78 };
	static const uint8_t sn[8] = { 1, 1, 0, 0, 0, 0, 0x12, 0x34 };
	const struct audit_filter all = { .mid = NULL };
	struct store_pairing pairing;
	struct store_command command;
	struct store_module module;
	struct store_client client;
	struct store_operator operator;
	struct store_request held;
	struct store_host host;
	unsigned int format, seen;
	uint8_t check[8];
	bool denied;
	struct store *store;

	(void)state;
	for (format = 1; format <= 3; format++) {
		make_old(format,
			 "INSERT INTO domain VALUES (1, 5, '/d', x'0102030405060708');"
			 OLD_MODULE OLD_HOST
			 "INSERT INTO issue VALUES (x'0201000000005678', 7, x'0101000000001234');"
			 "INSERT INTO former VALUES (x'0201000000005678', 6, x'0807060504030201');"
			 "INSERT INTO denied_pair VALUES (x'0201000000005678', x'0101000000001234');"
			 "INSERT INTO command VALUES (x'0201000000005678', 4, 12, 36864);"
			 "INSERT INTO decision (at, uid, verb, result, cause) VALUES (1, 1000, 'pin', 'issued', 'issued'), (2, 7, 'hold', 'done', 'operator');");
		if (format >= 2)
			testdb_sql("INSERT INTO client VALUES (zeroblob(32), 'shop-1', 'agent');"
			    "INSERT INTO held VALUES (zeroblob(16), 'shop-1', x'0201000000005678', x'0101000000001234', 7, 42, 1);"
			    "INSERT INTO confirmation VALUES (x'0201000000005678', 7, x'0101000000001234', 'paired', 2);"
			    "INSERT INTO decision (at, uid, verb, result, cause, client) VALUES (3, 1, 'pin', 'done', 'hotline', 'shop-1')");
		if (format == 3)
			testdb_sql("INSERT INTO operator VALUES ('olga', 'operator', '*');"
			    "INSERT INTO decision (at, uid, verb, n, known_n, result, cause, client) VALUES (4, 1, 'pin', 7, 6, 'issued', 'issued', 'operator olga')");
		assert_int_equal(store_open(&store, path, STORE_READ, &error), 0);
		assert_int_equal(store_get_module(store, mid, &module, &error), 1);
		assert_int_equal(module.n, 7);
		assert_int_equal(module.mpin, 1);
		assert_int_equal(module.tries, -1);
		assert_true(module.denied);
		assert_string_equal(module.hold, "clone");
		assert_int_equal(store_get_host(store, sn, &host, &error), 1);
		assert_false(host.denied);
		assert_int_equal(store_is_denied(store, mid, sn, &denied, &error), 0);
		assert_true(denied);
		assert_int_equal(store_get_master(store, MASTER_MPIN, 1, check, &error), 1);
		assert_memory_equal(check, "\1\2\3\4\5\6\7\10", 8);
		assert_int_equal(store_get_pairing(store, mid, 7, sn, &pairing, &error), 1);
		assert_int_equal(pairing.state, format == 1 ? STORE_PAIRING_ISSUED :
						STORE_PAIRING_CONFIRMED);
		assert_int_equal(store_get_command(store, mid, 4, &command, &error), 1);
		assert_int_equal(command.sw, 0x9000);
		seen = 0;
		assert_int_equal(audit_each(store, &all, count_old, &seen, &error), 0);
		assert_int_equal(seen, format + 1);
		memset(client.fingerprint, 0, sizeof(client.fingerprint));
		assert_int_equal(store_find_client(store, client.fingerprint, NULL, &client,
						   &error), format >= 2);
		assert_int_equal(store_get_operator(store, "olga", &operator, &error),
				 format >= 3);
		memset(held.id, 0, sizeof(held.id));
		assert_int_equal(store_get_request(store, held.id, &held, &error),
				 format >= 2);
		store_close(store);
		store_discard(path);
	}
}

/* A text of one column, t, of all rows. */
#define ROWS(query)	"SELECT coalesce(group_concat(t, ' '), '') FROM (SELECT " query ")"

static void holds(struct store *store, const char *sql, const char *expected)
{
	struct db_rows *rows;

	assert_int_equal(db_first(store_db(store), &rows, &error, sql, ""), 1);
	assert_string_equal(db_text(rows, 0), expected);
	db_end(rows);
}

#define A "0201000000005678"
#define B "0201000000009999"
#define X "0101000000001234"
#define Y "0101000000004321"
#define FT "0102030405060708"

static void every_row_of_the_first_formats_is_taken_over(void **state)
{
	struct store *store;

	(void)state;
	make_old(3,
		 "INSERT INTO domain VALUES (1, 5, '/d', x'" FT "');"
		 OLD_MODULE OLD_HOST
		 "INSERT INTO module VALUES (x'" B "', 1, 4, 2, x'" FT "', 3, x'" FT "', 0, 0, "
		 "NULL);"
		 "INSERT INTO host VALUES (x'" Y "', 1, 8, 1);"
		 "INSERT INTO denied_pair VALUES (x'" B "', x'" X "');"
		 "INSERT INTO issue VALUES (x'" A "', 6, x'" X "'), (x'" A "', 7, x'" X "'), "
		 "(x'" A "', 7, x'" Y "'), (x'" B "', 2, x'" X "');"
		 "INSERT INTO confirmation VALUES (x'" A "', 7, x'" X "', 'paired', 2), "
		 "(x'" B "', 2, x'" X "', 'failed', 3);"
		 "INSERT INTO former VALUES (x'" A "', 6, x'" FT "');"
		 "INSERT INTO requester VALUES (x'" A "', x'" X "', 2);"
		 "INSERT INTO command VALUES (x'" A "', 3, 12, 36864), (x'" A "', 4, 1, NULL);"
		 "INSERT INTO client VALUES (zeroblob(32), 'shop-1', 'auditor');"
		 "INSERT INTO held VALUES (zeroblob(16), 'shop-1', x'" A "', x'" X "', 7, 42, 11);"
		 "INSERT INTO operator VALUES ('olga', 'operator', '*');"
		 "INSERT INTO decision (at, uid, verb, mid, sn, n, known_n, result, cause, "
		 "detail, client) VALUES (4, 1, 'pin', x'" A "', x'" X "', 7, 6, 'refused', "
		 "'rollback', 'why', 'shop-1');");
	assert_int_equal(store_open(&store, path, STORE_READ, &error), 0);
	holds(store, ROWS("dom || path || mac AS t FROM domain"),
	      "5/dfile");
	holds(store, ROWS("kind || ',' || generation || ',' || hex(check_value) AS t FROM master"),
	      "0,1," FT);
	holds(store, ROWS("pin_policy || ',' || ptc_max || ',' || n0 || ',' || n || ',' || seq "
			   "|| ',' || coalesce(hold, '-') || ',' || mpin || ',' || mmgt || ',' "
			   "|| version || ',' || coalesce(tries, '-') || ',' || frozen || ',' "
			   "|| awaiting || ',' || mseq || ',' || seen AS t FROM module ORDER BY "
			   "mid"),
	      "3,5,0,7,4,clone,1,1,0,-,0,0,0,0 1,4,2,3,0,-,1,1,0,-,0,0,0,0");
	holds(store, ROWS("hex(sn) || ',' || rights || ',' || cyid AS t FROM host ORDER BY sn"),
	      X ",3,9 " Y ",1,8");
	holds(store, ROWS("hex(mid) || ',' || hex(sn) || ',' || at AS t FROM deny ORDER BY mid, "
			   "sn"),
	      "," Y ",0 " A ",,0 " B "," X ",0");
	holds(store, ROWS("module_issuer || ',' || host_issuer || ',' || allowed || hotline || "
			   "need_subscription || need_rights || hosts_per_module || "
			   "modules_per_host || changes || change_days AS t FROM terms"),
	      "-1,-1,100000030");
	holds(store, ROWS("hex(mid) || ',' || n || ',' || hex(sn) || ',' || state || at AS t "
			   "FROM pairing ORDER BY mid, n, sn"),
	      A ",6," X ",00 " A ",7," X ",10 " A ",7," Y ",00 " B ",2," X ",00");
	holds(store, ROWS("hex(mid) || ',' || n || ',' || hex(ft) || ',' || mpin || copy AS t "
			   "FROM former"),
	      A ",6," FT ",10");
	holds(store, ROWS("hex(mid) || ',' || hex(sn) || ',' || wrong AS t FROM requester"),
	      A "," X ",2");
	holds(store, ROWS("hex(mid) || ',' || hex(sn) || ',' || n || ',' || code || ',' || "
			   "policy || ',' || actor || ',' || at || ',' || state || ',' || cause "
			   "|| length(id) AS t FROM pin_request"),
	      A "," X ",7,42,-1,shop-1,11,0,hotline16");
	holds(store, ROWS("seq || ',' || op || ',' || coalesce(sw, '-') || ',' || nexp || ',' "
			   "|| coalesce(data, '-') || ',' || lost || ',' || actor || ',' || at "
			   "|| ',' || offers || ',' || handed_to || ',' || handed_at || "
			   "given_up AS t FROM command ORDER BY seq"),
	      "3,12,36864,4294967295,-,0,,0,0,,00 4,1,-,4294967295,-,0,,0,0,,00");
	holds(store, ROWS("name || ',' || role || ',' || length(fingerprint) || coalesce(uri, "
			   "'-') || not_before AS t FROM client"),
	      "shop-1,auditor,32-0");
	holds(store, ROWS("name || role || hash AS t FROM operator"), "olgaoperator*");
	holds(store, ROWS("seq || ',' || at || ',' || actor || ',' || action || ',' || hex(mid) "
			   "|| ',' || hex(sn) || ',' || n || ',' || known_n || ',' || result || "
			   "',' || cause || ',' || detail || ',' || version || key_id || "
			   "length(mac) AS t FROM audit"),
	      "1,4,shop-1,pin," A "," X ",7,6,refused,rollback,why,000");
	store_close(store);
}

#undef ROWS
#undef A
#undef B
#undef X
#undef Y
#undef FT

/* The format that both kinds of database had first. */
static void make_foundation(const char *rows)
{
	if (testdb_is_postgres()) {
		testdb_sql("CREATE SCHEMA smpair_centre;"
			   "CREATE TABLE smpair_centre.migration (number BIGINT PRIMARY KEY, name TEXT NOT NULL, at TIMESTAMPTZ NOT NULL DEFAULT now());"
			   "INSERT INTO smpair_centre.migration VALUES (1, '001_foundation.sql')");
		run_file("postgres/001_foundation.sql");
		testdb_sql(rows);
	} else {
		make_old(4, rows);
		testdb_sql("PRAGMA user_version = 4");
	}
}

static int count_limit(const struct bucket_name *name, const struct limit_bucket *limit,
		       void *arg)
{
	unsigned int *seen = arg;

	(void)limit;
	assert_int_equal(name->scope, LIMIT_HOST);
	++*seen;
	return 0;
}

static int count_offer(const struct store_command *command, void *arg)
{
	unsigned int *seen = arg;

	assert_int_equal(command->seq, 4);
	++*seen;
	return 0;
}

static void clients_limits_and_commands_are_taken_over(void **state)
{
	static const uint8_t mid[8] = { 1 }, fingerprint[STORE_FINGERPRINT_LEN];
	struct store_command command;
	struct store_client client;
	unsigned int seen = 0, offers = 0;
	struct store *store;

	(void)state;
	make_foundation("INSERT INTO domain VALUES (1, 5, '/d', 'file');"
			"INSERT INTO client VALUES (zeroblob(32), 'shop-1', 'agent');"
			"INSERT INTO limit_state VALUES (1, zeroblob(32), 0, 0, 3, 9), (3, zeroblob(8), 0, 0, 3, 9)");
	if (testdb_is_postgres())
		testdb_sql("INSERT INTO module (mid, pin_policy, ptc_max, n0, ft0, n, ft) VALUES ('\\x0100000000000000', 3, 5, 0, zeroblob(8), 0, zeroblob(8));"
			   "INSERT INTO command (mid, seq, op, data) VALUES ('\\x0100000000000000', 4, 14, zeroblob(48)), ('\\x0100000000000000', 5, 14, NULL)");
	else
		testdb_sql("INSERT INTO module (mid, pin_policy, ptc_max, n0, ft0, n, ft) VALUES (x'0100000000000000', 3, 5, 0, zeroblob(8), 0, zeroblob(8));"
			   "INSERT INTO command (mid, seq, op, data) VALUES (x'0100000000000000', 4, 14, zeroblob(48)), (x'0100000000000000', 5, 14, NULL)");
	assert_int_equal(store_open(&store, path, STORE_READ, &error), 0);
	assert_int_equal(store_find_client(store, fingerprint, NULL, &client, &error), 1);
	assert_string_equal(client.name, "shop-1");
	assert_true(client.id > 0 && !client.uri[0] && !client.not_before);
	assert_int_equal(store_each_limit(store, count_limit, &seen, &error), 0);
	assert_int_equal(seen, 1);
	assert_int_equal(store_get_command(store, mid, 4, &command, &error), 1);
	assert_true(!command.offers && !command.given_up && !command.handed_to[0]);
	assert_int_equal(store_has_offer(store, mid, &error), 1);
	assert_int_equal(store_each_offer(store, mid, 9, count_offer, &offers, &error), 0);
	assert_int_equal(offers, 1);
	store_close(store);
}

static void client_is_found_by_either_and_two_are_told(void **state)
{
	struct store_client file = { .name = "file", .role = "agent", .fingerprint = { 1 } };
	struct store_client uri = { .name = "uri", .role = "agent", .uri = "urn:x:y" };
	struct store_client found, other = { .name = "other", .role = "agent", .uri = "urn:x:y" };
	static const uint8_t none[STORE_FINGERPRINT_LEN];
	struct store *store;
	int64_t id;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, STORE_WRITE, &error), 0);
	assert_int_equal(store_add_client(store, &file, &error), 0);
	assert_int_equal(store_add_client(store, &uri, &error), 0);
	assert_int_equal(store_add_client(store, &other, &error), -EEXIST);
	assert_int_equal(store_find_client(store, none, NULL, &found, &error), 0);
	assert_int_equal(store_find_client(store, none, "urn:x:Y", &found, &error), 0);
	assert_int_equal(store_find_client(store, file.fingerprint, "urn:x:y", &found, &error), 2);
	assert_int_equal(store_find_client(store, none, "urn:x:y", &found, &error), 1);
	assert_string_equal(found.name, "uri");
	found.not_before = 7;
	assert_int_equal(store_renew_client(store, &found, &error), 0);
	assert_int_equal(store_find_client(store, file.fingerprint, NULL, &found, &error), 1);
	assert_string_equal(found.name, "file");
	id = found.id;
	memcpy(found.uri, "urn:x:y", 8);
	assert_int_equal(store_renew_client(store, &found, &error), -EEXIST);
	assert_int_equal(store_get_client(store, "uri", &found, &error), 0);
	assert_true(found.not_before == 7 && found.id != id);
	/* Nobody gets the number of somebody else, whose limits go by it. */
	id = found.id;
	assert_int_equal(store_remove_client(store, "uri", &error), 0);
	assert_int_equal(store_add_client(store, &uri, &error), 0);
	assert_int_equal(store_get_client(store, "uri", &found, &error), 0);
	assert_true(found.id > id);
	assert_int_equal(store_get_client(store, "nobody", &found, &error), -ENOENT);
	store_close(store);
}

/* Whoever writes to it: a client known by nothing or by two things is nobody. */
static void the_database_itself_refuses_clients_that_make_no_sense(void **state)
{
	static const uint8_t bytes[STORE_FINGERPRINT_LEN];
	static const struct {
		const char *name, *role;
		size_t len;	/* of the fingerprint; 0 for none */
		const char *uri;
		int err;
	} rows[] = {
		{ "neither", "agent", 0, NULL, -EEXIST },
		{ "both", "agent", 32, "urn:x:y", -EEXIST },
		{ "short", "agent", 31, NULL, -EEXIST },
		{ "brief", "agent", 0, "x:", -EEXIST },
		{ "king", "king", 32, NULL, -EEXIST },
		{ "one", "agent", 32, NULL, 0 },
		{ "two", "agent", 0, "urn:x:y", 0 },
		{ "again", "agent", 32, NULL, -EEXIST },
		{ "again", "agent", 0, "urn:x:y", -EEXIST },
		{ "one", "agent", 0, "urn:x:z", -EEXIST },
		/* Nothing of those that were refused is in the way. */
		{ "again", "agent", 0, "urn:x:z", 0 },
	};
	struct store *store;
	size_t i;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, STORE_WRITE, &error), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (db_exec(store_db(store), &error,
			    "INSERT INTO client (name, role, fingerprint, uri) VALUES ($1, $2, $3, $4)",
			    "TTXT", rows[i].name, rows[i].role,
			    rows[i].len ? bytes : NULL, rows[i].len,
			    rows[i].uri) != rows[i].err)
			fail_msg("row %zu", i);
	store_close(store);
}

static void the_database_itself_refuses_offers_that_make_no_sense(void **state)
{
	static const struct {
		int64_t offers, given_up;
		int err;
	} rows[] = {
		{ -1, 0, -EEXIST }, { 0, 2, -EEXIST }, { 0, -1, -EEXIST },
		{ 0, 1, 0 }, { 0, 1, -EEXIST },
	};
	static const struct store_module module = {
		.pin_policy = 3, .ptc_max = 5, .mpin = 1, .mmgt = 1, .version = 1,
	};
	struct store *store;
	size_t i;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, STORE_WRITE, &error), 0);
	assert_int_equal(store_add_module(store, &module, &error), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (db_exec(store_db(store), &error,
			    "INSERT INTO command (mid, seq, op, offers, given_up) VALUES ($1, 1, 14, $2, $3)",
			    "BII", module.mid, rows[i].offers,
			    rows[i].given_up) != rows[i].err)
			fail_msg("row %zu", i);
	store_close(store);
}

static int list_offer(const struct store_command *command, void *arg)
{
	snprintf((char *)arg + strlen(arg), 64 - strlen(arg), " %u", command->seq);
	return 0;
}

static void offers_are_the_commands_that_may_reach_their_module_yet(void **state)
{
	/* What became of the commands of the first module; of the other's nothing. */
	static const struct {
		int sw;
		bool lost, given_up;
		uint32_t offers;
		const char *to;
		int64_t at;
	} rows[] = {
		{ 0x9000, false, false, 0, "", 0 },
		{ 0x6a80, false, false, 0, "", 0 },	/* lost at first */
		{ -1, true, false, 0, "", 0 },
		{ -1, false, false, 0, "", 0 },		/* without data */
		{ -1, false, true, 2, "one", 7 },
		{ -1, false, false, 1, "two", 8 },
		{ -1, false, false, 0, "", 0 },
	};
	static const char *const offers[] = { " 6 7", " 1 2 3 5 6 7" };
	static const uint8_t receipt[DOMAIN_RECEIPT_LEN];
	struct store_module module = {
		.pin_policy = 3, .ptc_max = 5, .mpin = 1, .mmgt = 1, .version = 1,
	};
	struct store_command command, given[] = {
		{ .seq = 5, .offers = 2, .handed_to = "one", .handed_at = 7, .given_up = true },
		{ .seq = 6, .offers = 1, .handed_to = "two", .handed_at = 8 },
	};
	struct store *store;
	char seen[64];
	uint32_t seq;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, STORE_WRITE, &error), 0);
	for (; module.mid[0] < 2; module.mid[0]++) {
		assert_int_equal(store_add_module(store, &module, &error), 0);
		assert_int_equal(store_has_offer(store, module.mid, &error), 0);
		for (seq = 1; seq <= 7; seq++) {
			command = (struct store_command){ .seq = seq, .op = PDT1_OP_FREEZE };
			memcpy(command.mid, module.mid, sizeof(command.mid));
			command.data_len = 1;
			assert_int_equal(store_add_command(store, &command, &error), 0);
		}
	}
	testdb_sql("UPDATE command SET data = NULL WHERE seq = 4");
	memset(module.mid, 0, sizeof(module.mid));
	assert_int_equal(store_set_receipt(store, module.mid, 1, 0x9000, receipt, &error), 0);
	assert_int_equal(store_lose_commands(store, module.mid, 2, &error), 0);
	assert_int_equal(store_set_receipt(store, module.mid, 2, 0x6a80, receipt, &error), 0);
	assert_int_equal(store_lose_commands(store, module.mid, 3, &error), 0);
	assert_int_equal(store_set_offer(store, &given[0], &error), 0);
	assert_int_equal(store_set_offer(store, &given[1], &error), 0);
	for (; module.mid[0] < 2; module.mid[0]++) {
		for (seq = 1; seq <= 7; seq++) {
			unsigned int row = module.mid[0] ? 6 : seq - 1;

			assert_int_equal(store_get_command(store, module.mid, seq, &command,
							   &error), 1);
			if (command.sw != rows[row].sw || command.lost != rows[row].lost ||
			    command.given_up != rows[row].given_up ||
			    command.offers != rows[row].offers ||
			    strcmp(command.handed_to, rows[row].to) ||
			    command.handed_at != rows[row].at)
				fail_msg("module %u, command %u", module.mid[0], seq);
		}
		seen[0] = '\0';
		assert_int_equal(store_each_offer(store, module.mid, 9, list_offer, seen,
						  &error), 0);
		assert_string_equal(seen, offers[module.mid[0]]);
		assert_int_equal(store_has_offer(store, module.mid, &error), 1);
	}
	store_close(store);
}

static void other_databases_and_files_are_refused(void **state)
{
	FILE *file;

	(void)state;
	refused("init --domain FILE");
	testdb_sql("CREATE TABLE t (x)");
	refused("not a database of smpair-centre");
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "%4096s", "no database");
	fclose(file);
	refused("not a sound database");
}

static void writers_exclude_each_other(void **state)
{
	struct store *one, *other;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&one, path, STORE_WRITE, &error), 0);
	assert_int_equal(store_open(&other, path, STORE_WRITE, &error), 0);
	assert_false(testdb_is_locked());
	assert_int_equal(store_begin(one, &error), 0);
	assert_int_equal(store_ping(one, &error), 0);
	assert_true(testdb_is_locked());
	/* A file is waited for too long to be waited for here. */
	if (testdb_is_postgres()) {
		assert_int_equal(store_begin(other, &error), 0);
		assert_int_equal(store_save(other, &error), 0);
		assert_int_equal(store_ping(other, &error), -EBUSY);
		store_back(other);
		assert_int_equal(store_commit(other, &error), -EBUSY);
	}
	assert_int_equal(store_commit(one, &error), 0);
	assert_int_equal(store_begin(other, &error), 0);
	store_rollback(other);
	assert_false(testdb_is_locked());
	store_close(one);
	store_close(other);
}

static void what_is_not_committed_is_undone(void **state)
{
	struct store_host host = { .sn = { 1 } };
	struct store *store;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, STORE_WRITE, &error), 0);
	assert_int_equal(store_begin(store, &error), 0);
	assert_int_equal(store_add_host(store, &host, &error), 0);
	store_close(store);
	assert_int_equal(store_open(&store, path, STORE_WRITE, &error), 0);
	assert_int_equal(store_get_host(store, host.sn, &host, &error), 0);
	store_close(store);
}

static void what_is_taken_back_to_a_mark_leaves_the_rest(void **state)
{
	struct store_host one = { .sn = { 1 } }, two = { .sn = { 2 } };
	struct store *store;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, STORE_WRITE, &error), 0);
	assert_int_equal(store_begin(store, &error), 0);
	assert_int_equal(store_save(store, &error), 0);
	assert_int_equal(store_add_host(store, &one, &error), 0);
	assert_int_equal(store_release(store, &error), 0);
	assert_int_equal(store_save(store, &error), 0);
	assert_int_equal(store_add_host(store, &two, &error), 0);
	store_back(store);
	assert_int_equal(store_commit(store, &error), 0);
	assert_int_equal(store_get_host(store, one.sn, &one, &error), 1);
	assert_int_equal(store_get_host(store, two.sn, &two, &error), 0);
	store_close(store);
}

static void what_was_asked_ahead_hides_no_change(void **state)
{
	struct store_host one = { .sn = { 1 }, .rights = 5 }, two = { .sn = { 2 } };
	struct store_module module;
	struct store_host read;
	struct store *store;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, STORE_WRITE, &error), 0);
	assert_int_equal(store_begin(store, &error), 0);
	assert_int_equal(store_add_host(store, &one, &error), 0);
	if (store_ahead(store)) {
		assert_int_equal(store_get_host(store, one.sn, &read, &error), 0);
		assert_int_equal(store_get_host(store, two.sn, &read, &error), 0);
		store_ahead_end(store);
	}
	/* The same number, of something else. */
	assert_int_equal(store_get_module(store, one.sn, &module, &error), 0);
	assert_int_equal(store_get_host(store, one.sn, &read, &error), 1);
	assert_int_equal(read.rights, 5);
	assert_memory_equal(read.sn, one.sn, sizeof(one.sn));
	assert_int_equal(store_get_host(store, one.sn, &read, &error), 1);
	assert_int_equal(store_get_host(store, two.sn, &read, &error), 0);
	assert_int_equal(store_add_host(store, &two, &error), 0);
	assert_int_equal(store_get_host(store, two.sn, &read, &error), 1);
	assert_memory_equal(read.sn, two.sn, sizeof(two.sn));
	assert_int_equal(store_commit(store, &error), 0);
	store_close(store);
}

static int get_ahead(struct store *store, const struct store_host *host)
{
	struct store_host read;

	if (store_ahead(store)) {
		assert_int_equal(store_get_host(store, host->sn, &read, &error), 0);
		store_ahead_end(store);
	}
	return store_get_host(store, host->sn, &read, &error);
}

static void what_was_asked_ahead_is_of_no_use_once_that_is_undone_or_over(void **state)
{
	struct store_host host = { .sn = { 1 } };
	struct store *store, *other;
	unsigned int i;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, STORE_WRITE, &error), 0);
	assert_int_equal(store_open(&other, path, STORE_WRITE, &error), 0);
	assert_int_equal(store_begin(store, &error), 0);
	assert_int_equal(store_save(store, &error), 0);
	assert_int_equal(store_add_host(store, &host, &error), 0);
	assert_int_equal(get_ahead(store, &host), 1);
	store_back(store);
	assert_int_equal(store_get_host(store, host.sn, &host, &error), 0);
	store_rollback(store);
	for (i = 0; i < 2; i++, host.sn[0]++) {
		assert_int_equal(store_begin(store, &error), 0);
		assert_int_equal(get_ahead(store, &host), 0);
		if (i)
			store_rollback(store);
		else
			assert_int_equal(store_commit(store, &error), 0);
		assert_int_equal(store_add_host(other, &host, &error), 0);
		assert_int_equal(store_begin(store, &error), 0);
		assert_int_equal(store_get_host(store, host.sn, &host, &error), 1);
		assert_int_equal(store_commit(store, &error), 0);
	}
	store_close(other);
	store_close(store);
}

static void a_reader_sees_one_state_and_writes_nothing(void **state)
{
	struct store_host host = { .sn = { 1 } }, read;
	struct store *writer, *reader;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&writer, path, STORE_WRITE, &error), 0);
	assert_int_equal(store_open(&reader, path, STORE_READ, &error), 0);
	assert_int_equal(store_begin_read(reader, &error), 0);
	assert_int_equal(store_get_host(reader, host.sn, &read, &error), 0);
	assert_int_equal(store_add_host(writer, &host, &error), 0);
	assert_int_equal(store_get_host(reader, host.sn, &read, &error), 0);
	store_rollback(reader);
	assert_int_equal(store_get_host(reader, host.sn, &read, &error), 1);
	host.sn[0] = 2;
	assert_true(store_add_host(reader, &host, &error) < 0);
	store_close(reader);
	store_close(writer);
}

static void rows_without_their_module_are_refused(void **state)
{
	static const uint8_t mid[8] = { 1 }, sn[8] = { 2 };
	struct store_pairing pairing = { .mid = { 1 }, .sn = { 2 } };
	struct store *store;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, STORE_WRITE, &error), 0);
	assert_int_equal(store_add_pairing(store, &pairing, &error), -EEXIST);
	assert_int_equal(store_set_wrong(store, mid, sn, 1, &error), -EEXIST);
	assert_int_equal(store_set_subscription(store, mid, 1, 2, &error),
			 -EEXIST);
	store_close(store);
}

static void fields_keep_their_whole_range(void **state)
{
	struct store_module module = {
		.mid = { 0xff }, .pin_policy = 3, .ptc_max = 15, .n = 0xfffffffe,
		.ft = { 1, 2, 3, 4, 5, 6, 7, 8 }, .mpin = 65535, .mmgt = 65535,
		.version = 65535,
	}, read;
	struct store_host host = {
		.sn = { 0xfe }, .rights = 0xffff, .cyid = 0xffffffff,
	}, read_host;
	struct store_command command = {
		.mid = { 0xff }, .seq = 0xffffffff, .op = 12, .nexp = 0xffffffff,
		.body = "\1\2", .body_len = 2, .data_len = DOMAIN_MANAGE_MAX,
		.actor = "somebody", .at = INT64_MAX,
	}, read_command;
	static const uint8_t receipt[DOMAIN_RECEIPT_LEN];
	struct store *store;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, STORE_WRITE, &error), 0);
	assert_int_equal(store_add_module(store, &module, &error), 0);
	assert_int_equal(store_add_module(store, &module, &error), -EEXIST);
	/* They are compared with what is between their fields. */
	memset(&read, 0, sizeof(read));
	assert_int_equal(store_get_module(store, module.mid, &read, &error), 1);
	assert_int_equal(read.n, 0xfffffffe);
	assert_int_equal(read.n0, 0xfffffffe);
	assert_memory_equal(read.ft, module.ft, 8);
	assert_memory_equal(read.ft0, module.ft, 8);
	assert_int_equal(read.ptc_max, 15);
	assert_int_equal(read.tries, -1);
	assert_string_equal(read.hold, "");
	read.n = 0xffffffff;
	read.seq = 0xffffffff;
	read.mseq = 0xffffffff;
	read.tries = 15;
	read.frozen = true;
	read.awaiting = true;
	read.seen = INT64_MAX;
	strcpy(read.hold, "a-cause-of-thirty-one-letters--");
	assert_int_equal(store_set_module(store, &read, &error), 0);
	memset(&module, 0, sizeof(module));
	assert_int_equal(store_get_module(store, read.mid, &module, &error), 1);
	assert_memory_equal(&module, &read, sizeof(read));
	assert_int_equal(store_add_host(store, &host, &error), 0);
	assert_int_equal(store_get_host(store, host.sn, &read_host, &error), 1);
	assert_int_equal(read_host.rights, 0xffff);
	assert_int_equal(read_host.cyid, 0xffffffff);

	memset(command.data, 0xa5, sizeof(command.data));
	assert_int_equal(store_add_command(store, &command, &error), 0);
	assert_int_equal(store_add_command(store, &command, &error), -EEXIST);
	assert_int_equal(store_get_command(store, command.mid, command.seq,
					   &read_command, &error), 1);
	assert_int_equal(read_command.op, 12);
	assert_int_equal(read_command.sw, -1);
	assert_int_equal(read_command.data_len, DOMAIN_MANAGE_MAX);
	assert_memory_equal(read_command.data, command.data, DOMAIN_MANAGE_MAX);
	assert_int_equal(read_command.body_len, 2);
	assert_string_equal(read_command.actor, "somebody");
	assert_int_equal(store_set_receipt(store, command.mid, command.seq, 0x9000,
					   receipt, &error), 0);
	assert_int_equal(store_get_command(store, command.mid, command.seq,
					   &read_command, &error), 1);
	assert_int_equal(read_command.sw, 0x9000);
	store_close(store);
}

struct page {
	struct store *store;
	unsigned int stop;
	unsigned int count;
	uint8_t last[8];
};

static int see(const struct store_host *host, void *arg)
{
	struct page *page = arg;

	assert_true(!page->count || memcmp(host->sn, page->last, 8) > 0);
	memcpy(page->last, host->sn, 8);
	page->count++;
	return 0;
}

static void pages_follow_each_other_without_gap_or_repetition(void **state)
{
	struct store_host host = { .rights = 0 };
	struct store_page page = { .limit = 7 };
	struct page seen = { .count = 0 };
	unsigned int i, before;
	struct store *store;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, STORE_WRITE, &error), 0);
	for (i = 0; i < 40; i++) {
		host.sn[0] = (uint8_t)(i * 37 % 40);
		host.sn[7] = (uint8_t)i;
		assert_int_equal(store_add_host(store, &host, &error), 0);
	}
	do {
		before = seen.count;
		assert_int_equal(store_each_host(store, &page, see, &seen, &error), 0);
		page.after = seen.last;
	} while (seen.count > before);
	assert_int_equal(seen.count, 40);

	/* Serials that end in 3: 3, 13, 23, 33. */
	page = (struct store_page) { .tail = "3" };
	seen.count = 0;
	assert_int_equal(store_each_host(store, &page, see, &seen, &error), 0);
	assert_int_equal(seen.count, 4);
	store_close(store);
}

static void a_backup_is_whole_private_and_restores(void **state)
{
	char copy[80], again[80];
	struct store_host host = { .sn = { 9 } };
	struct store *store, *other;
	struct stat st;

	(void)state;
	snprintf(copy, sizeof(copy), "%s/copy.db", folder);
	snprintf(again, sizeof(again), "%s/again.db", folder);
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, STORE_WRITE, &error), 0);
	assert_int_equal(store_add_host(store, &host, &error), 0);
	/* Another writer is in the middle of something. */
	assert_int_equal(store_open(&other, path, STORE_WRITE, &error), 0);
	assert_int_equal(store_begin(other, &error), 0);
	assert_int_equal(store_backup(store, copy, &error), 0);
	store_rollback(other);
	store_close(other);
	assert_int_equal(store_backup(store, copy, &error), -EEXIST);
	store_close(store);
	assert_int_equal(stat(copy, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);

	assert_int_equal(store_restore(copy, again, &error), 0);
	assert_int_equal(store_restore(copy, again, &error), -EEXIST);
	assert_int_equal(store_open(&store, again, STORE_READ, &error), 0);
	assert_int_equal(store_get_host(store, host.sn, &host, &error), 1);
	assert_int_equal(store_check(store, &error), 0);
	store_close(store);
}

static void damage_is_found_and_not_restored(void **state)
{
	char copy[80], again[80];
	struct store *store;
	FILE *file;
	long at;

	(void)state;
	snprintf(copy, sizeof(copy), "%s/copy2.db", folder);
	snprintf(again, sizeof(again), "%s/again2.db", folder);
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, STORE_WRITE, &error), 0);
	assert_int_equal(store_backup(store, copy, &error), 0);
	store_close(store);
	file = fopen(copy, "r+");
	assert_non_null(file);
	for (at = 3 * 4096; at < 20 * 4096; at += 4096) {
		fseek(file, at, SEEK_SET);
		fwrite("\377\377\377\377", 4, 1, file);
	}
	fclose(file);
	assert_int_equal(store_restore(copy, again, &error), -EINVAL);
	assert_int_equal(access(again, F_OK), -1);
}

static int look_each_up(const struct store_host *host, void *arg)
{
	struct store_host again;
	struct page *page = arg;

	assert_int_equal(store_get_host(page->store, host->sn, &again, &error), 1);
	assert_memory_equal(host->sn, again.sn, sizeof(again.sn));
	assert_int_equal(again.rights, 7);
	return ++page->count == page->stop;
}

/* Terms of module issuers 513 and any with host issuers 257 and any, each known by
 * how many hosts it allows.
 */
static void the_terms_that_say_most_count(void **state)
{
	static const struct { int module, host; unsigned int hosts; } rows[] = {
		{ -1, -1, 1 }, { -1, 257, 2 }, { 513, -1, 3 }, { 513, 257, 4 },
		{ 514, 258, 5 },
	};
	const uint8_t mid[PDT1_ID_LEN] = { 2, 1, 9 }, sn[PDT1_ID_LEN] = { 1, 1, 9 };
	struct rule_terms terms = { .allowed = true, .change_days = 30 };
	struct store *store;
	size_t i;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, STORE_WRITE, &error), 0);
	assert_int_equal(store_begin(store, &error), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		terms.hosts_per_module = rows[i].hosts;
		assert_int_equal(store_set_terms(store, rows[i].module, rows[i].host, &terms,
						 &error), 0);
	}
	for (i = 4; i-- > 0;) {
		assert_int_equal(store_find_terms(store, mid, sn, &terms, &error), 0);
		assert_true(terms.allowed);
		assert_int_equal(terms.hosts_per_module, rows[i].hosts);
		assert_int_equal(store_remove_terms(store, rows[i].module, rows[i].host, &error),
				 0);
	}
	assert_int_equal(store_find_terms(store, mid, sn, &terms, &error), 0);
	assert_false(terms.allowed);
	assert_int_equal(store_commit(store, &error), 0);
	store_close(store);
}

static void rows_are_visited_while_others_are_asked_for(void **state)
{
	struct store_host host = { .rights = 7 };
	struct page page = { .count = 0 };
	unsigned int i;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&page.store, path, STORE_WRITE, &error), 0);
	assert_int_equal(store_begin(page.store, &error), 0);
	for (i = 0; i < 300; i++) {
		host.sn[0] = (uint8_t)i;
		host.sn[1] = (uint8_t)(i >> 8);
		assert_int_equal(store_add_host(page.store, &host, &error), 0);
	}
	assert_int_equal(store_each_host(page.store, NULL, look_each_up, &page,
					 &error), 0);
	assert_int_equal(page.count, 300);
	/* A visit that ends early leaves nothing behind. */
	page = (struct page) { .store = page.store, .stop = 3 };
	assert_int_equal(store_each_host(page.store, NULL, look_each_up, &page,
					 &error), 1);
	assert_int_equal(page.count, 3);
	assert_int_equal(store_commit(page.store, &error), 0);
	assert_int_equal(store_get_host(page.store, host.sn, &host, &error), 1);
	store_close(page.store);
}

static unsigned int columns_of(struct store *store, const char *table,
			       char *names, size_t size)
{
	struct db_rows *rows;
	unsigned int count = 0;
	int err;

	names[0] = '\0';
	if (store_db(store)->ops == &db_postgres)
		err = db_query(store_db(store), &rows, &error,
			       "SELECT column_name::text COLLATE \"C\" AS c FROM information_schema.columns WHERE table_schema = 'smpair_centre' AND table_name = $1 ORDER BY c",
			       "T", table);
	else
		err = db_query(store_db(store), &rows, &error,
			       "SELECT name FROM pragma_table_info($1) ORDER BY name",
			       "T", table);
	assert_int_equal(err, 0);
	while (db_next(rows, &error) > 0) {
		strncat(names, db_text(rows, 0), size - strlen(names) - 1);
		strncat(names, " ", size - strlen(names) - 1);
		count++;
	}
	db_end(rows);
	return count;
}

/* So that a step of one schema is not forgotten in the other. */
static void both_schemas_have_the_same_columns(void **state)
{
	char file[80], one[1024], other[1024];
	struct store *sqlite, *postgres;
	unsigned int tables = 0;
	struct db_rows *rows;

	(void)state;
	snprintf(file, sizeof(file), "%s/schema.db", folder);
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_create(file, &domain, &error), 0);
	assert_int_equal(store_open(&postgres, path, STORE_READ, &error), 0);
	assert_int_equal(store_open(&sqlite, file, STORE_READ, &error), 0);
	assert_int_equal(db_query(store_db(sqlite), &rows, &error,
				  "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
				  ""), 0);
	for (; db_next(rows, &error) > 0; tables++) {
		columns_of(sqlite, db_text(rows, 0), one, sizeof(one));
		columns_of(postgres, db_text(rows, 0), other, sizeof(other));
		if (strcmp(one, other))
			fail_msg("%s: %s; %s", db_text(rows, 0), one, other);
	}
	db_end(rows);
	assert_true(tables > 15);
	store_close(postgres);
	store_close(sqlite);
}

static void what_is_sent_ahead_fails_where_it_is_waited_for(void **state)
{
	struct store_host one = { .sn = { 1 } }, two = { .sn = { 2 } };
	static const uint8_t nobody[8] = { 3 };
	struct store *store;
	unsigned int i;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, STORE_WRITE, &error), 0);
	assert_int_equal(store_begin(store, &error), 0);
	assert_int_equal(store_save(store, &error), 0);
	assert_int_equal(store_add_host(store, &one, &error), 0);
	assert_int_equal(store_release(store, &error), 0);

	assert_int_equal(store_save(store, &error), 0);
	assert_int_equal(store_set_wrong(store, nobody, one.sn, 1, &error), 0);
	for (i = 0; i < 200 && !store_add_host(store, &two, &error); i++)
		two.sn[1]++;
	/* More than may be under way at once. */
	assert_true(i < 100);
	assert_int_equal(store_release(store, &error), -EEXIST);
	assert_non_null(strstr(error.text, "refers to"));
	store_back(store);

	assert_int_equal(store_save(store, &error), 0);
	assert_int_equal(store_set_wrong(store, nobody, one.sn, 1, &error), 0);
	assert_int_equal(store_get_host(store, one.sn, &one, &error), -EEXIST);
	store_back(store);
	assert_int_equal(store_get_host(store, one.sn, &one, &error), 1);
	assert_int_equal(store_commit(store, &error), 0);

	assert_int_equal(store_begin(store, &error), 0);
	assert_int_equal(store_set_wrong(store, nobody, one.sn, 1, &error), 0);
	assert_int_equal(store_commit(store, &error), -EEXIST);
	two = (struct store_host) { .sn = { 2 } };
	assert_int_equal(store_get_host(store, one.sn, &one, &error), 1);
	assert_int_equal(store_get_host(store, two.sn, &two, &error), 0);

	assert_int_equal(store_begin(store, &error), 0);
	assert_int_equal(store_set_wrong(store, nobody, one.sn, 1, &error), 0);
	assert_int_equal(get_ahead(store, &one), -EEXIST);
	store_rollback(store);

	/* The server passes over what follows a failure, the end as well. */
	assert_int_equal(store_begin(store, &error), 0);
	assert_int_equal(store_set_wrong(store, nobody, one.sn, 1, &error), 0);
	store_rollback(store);
	assert_int_equal(store_get_host(store, one.sn, &one, &error), 1);
	store_close(store);
}

#define END_OTHERS \
	"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"

/* Each time it is more than may be asked ahead. */
static void what_was_asked_ahead_is_not_asked_again(void **state)
{
	struct store_host first = { .sn = { 2 } }, host = { .sn = { 0 } }, read;
	struct store *store;
	unsigned int i;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, STORE_WRITE, &error), 0);
	assert_int_equal(store_add_host(store, &first, &error), 0);
	assert_int_equal(store_begin(store, &error), 0);
	for (host.sn[0] = 1; host.sn[0] <= 2; host.sn[0]++) {
		assert_true(store_ahead(store));
		for (i = 0; i < 40; i++) {
			host.sn[1] = (uint8_t)i;
			assert_int_equal(store_get_host(store, host.sn, &read,
							&error), 0);
		}
		store_ahead_end(store);
	}
	assert_int_equal(store_get_host(store, first.sn, &read, &error), 1);
	testdb_sql(END_OTHERS);
	assert_int_equal(store_get_host(store, first.sn, &read, &error), 1);
	first.sn[1] = 39;
	assert_int_equal(store_get_host(store, first.sn, &read, &error), -ENOTCONN);
	store_rollback(store);
	store_close(store);
}

static void nothing_is_not_what_an_empty_text_is(void **state)
{
	static const char sql[] = "SELECT CASE WHEN $1::text IS NULL THEN 5 ELSE 6 END";
	const char *nothing = NULL;
	struct store *store;
	int64_t value = 0;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, STORE_READ, &error), 0);
	assert_int_equal(store_begin_read(store, &error), 0);
	assert_true(store_ahead(store));
	assert_int_equal(db_get(store_db(store), &value, &error, sql, "T", nothing), 0);
	store_ahead_end(store);
	assert_int_equal(db_get(store_db(store), &value, &error, sql, "T", ""), 1);
	assert_int_equal(value, 6);
	assert_int_equal(db_get(store_db(store), &value, &error, sql, "T", nothing), 1);
	assert_int_equal(value, 5);
	store_rollback(store);
	store_close(store);
}

static void what_fails_behind_its_mark_takes_all_with_it(void **state)
{
	struct store_host one = { .sn = { 1 } }, two = { .sn = { 2 } };
	static const uint8_t nobody[8] = { 3 };
	struct store *store;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, STORE_WRITE, &error), 0);
	assert_int_equal(store_begin(store, &error), 0);
	assert_int_equal(store_save(store, &error), 0);
	assert_int_equal(store_add_host(store, &one, &error), 0);
	assert_int_equal(store_set_wrong(store, nobody, one.sn, 1, &error), 0);
	assert_int_equal(store_release(store, &error), 0);

	/* The next one's mark was never made: back would go to the one before. */
	assert_int_equal(store_save(store, &error), 0);
	assert_int_equal(store_add_host(store, &two, &error), 0);
	assert_int_equal(store_get_host(store, two.sn, &two, &error), -EEXIST);
	store_back(store);
	assert_int_equal(store_save(store, &error), -EEXIST);
	assert_int_equal(store_commit(store, &error), -EEXIST);
	assert_non_null(strstr(error.text, "refers to"));
	assert_int_equal(store_get_host(store, one.sn, &one, &error), 0);

	assert_int_equal(store_begin(store, &error), 0);
	assert_int_equal(store_save(store, &error), 0);
	assert_int_equal(store_add_host(store, &one, &error), 0);
	assert_int_equal(store_release(store, &error), 0);
	/* What comes behind that may be taken back alone again. */
	assert_int_equal(store_save(store, &error), 0);
	assert_int_equal(store_set_wrong(store, nobody, one.sn, 1, &error), 0);
	assert_int_equal(store_get_host(store, two.sn, &two, &error), -EEXIST);
	store_back(store);
	assert_int_equal(store_commit(store, &error), 0);
	assert_int_equal(store_get_host(store, one.sn, &one, &error), 1);
	store_close(store);
}

/* The plan is kept for as long as the connection is. */
static void what_is_planned_for_a_short_table_serves_a_long_one(void **state)
{
	struct db_rows *rows;
	struct store *store;
	bool indexed = false;
	int ret;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	testdb_sql("VACUUM ANALYZE smpair_centre.audit");
	assert_int_equal(store_open(&store, path, STORE_WRITE, &error), 0);
	assert_int_equal(db_query(store_db(store), &rows, &error,
				  "EXPLAIN SELECT count(*) FROM audit WHERE mid = '\\x0102030405060708' AND at > 5 AND result = 'issued'",
				  ""), 0);
	while ((ret = db_next(rows, &error)) > 0)
		indexed |= !!strstr(db_text(rows, 0), "audit_of_module");
	assert_int_equal(ret, 0);
	db_end(rows);
	assert_true(indexed);
	store_close(store);
}

static void a_lost_connection_is_made_anew(void **state)
{
	struct store_host host = { .sn = { 1 } };
	struct store *store;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, STORE_WRITE, &error), 0);
	assert_int_equal(store_ping(store, &error), 0);
	testdb_sql(END_OTHERS);
	assert_int_equal(store_ping(store, &error), -ENOTCONN);
	assert_int_equal(store_ping(store, &error), 0);

	/* In a transaction nothing is taken up again but its beginning. */
	assert_int_equal(store_begin(store, &error), 0);
	assert_int_equal(store_add_host(store, &host, &error), 0);
	testdb_sql(END_OTHERS);
	assert_int_equal(store_get_host(store, host.sn, &host, &error), -ENOTCONN);
	assert_int_equal(store_get_host(store, host.sn, &host, &error), -ENOTCONN);
	assert_int_equal(store_add_host(store, &host, &error), -ENOTCONN);
	assert_int_equal(store_commit(store, &error), -ENOTCONN);
	assert_int_equal(store_begin(store, &error), 0);
	assert_int_equal(store_get_host(store, host.sn, &host, &error), 0);
	assert_int_equal(store_commit(store, &error), 0);

	/* What was migrated meanwhile is not written to. */
	testdb_sql("INSERT INTO migration VALUES (99, 'to come');" END_OTHERS);
	assert_int_equal(store_ping(store, &error), -ENOTCONN);
	assert_int_equal(store_begin(store, &error), -EINVAL);
	assert_non_null(strstr(error.text, "format 99"));
	assert_int_equal(store_begin(store, &error), -EINVAL);

	/* Nor what was restored from before a migration. */
	testdb_sql("DELETE FROM migration WHERE number = 99 OR number = (SELECT max(number) FROM migration WHERE number < 99)");
	assert_int_equal(store_begin(store, &error), -EINVAL);
	assert_non_null(strstr(error.text, "older format"));
	assert_int_equal(store_begin(store, &error), -EINVAL);
	store_close(store);
}

static void a_connection_that_is_lost_while_rows_come_is_made_anew(void **state)
{
	struct db_rows *rows;
	struct store *store;
	int ret;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, STORE_WRITE, &error), 0);
	assert_int_equal(store_ping(store, &error), 0);
	/* More than is on its way at once. */
	assert_int_equal(db_query(store_db(store), &rows, &error,
				  "SELECT repeat('x', 1000) FROM generate_series(1, 50000)",
				  ""), 0);
	assert_int_equal(db_next(rows, &error), 1);
	testdb_sql(END_OTHERS);
	while ((ret = db_next(rows, &error)) > 0)
		;
	assert_int_equal(ret, -ENOTCONN);
	db_end(rows);
	assert_int_equal(store_ping(store, &error), 0);
	store_close(store);
}

static void rows_before_a_failure_are_not_taken_for_all(void **state)
{
	unsigned int count, between;
	struct db_rows *rows;
	struct store *store;
	int ret;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, STORE_READ, &error), 0);
	for (between = 0; between < 2; between++) {
		assert_int_equal(store_begin_read(store, &error), 0);
		assert_int_equal(db_query(store_db(store), &rows, &error,
					  "SELECT 1 / (5000 - n) FROM generate_series(1, 9000) AS n",
					  ""), 0);
		for (count = 0; (ret = db_next(rows, &error)) > 0; count++)
			if (between && !count) {
				assert_int_equal(store_ping(store, &error), -EIO);
				assert_non_null(strstr(error.text, "by zero"));
			}
		assert_int_equal(ret, -EIO);
		assert_non_null(strstr(error.text, "by zero"));
		assert_int_equal(count, 4999);
		db_end(rows);
		assert_int_equal(store_ping(store, &error), -EIO);
		store_rollback(store);
		assert_int_equal(store_ping(store, &error), 0);
	}
	store_close(store);
}

static int64_t number_of(struct store *store, const char *sql)
{
	int64_t number = -1;

	assert_int_equal(db_get(store_db(store), &number, &error, sql, ""), 1);
	return number;
}

#define RAISE(state) \
	"DO $$ BEGIN RAISE EXCEPTION 'as told' USING ERRCODE = '" state "'; END $$"

/* The next statement is one for a new connection where this one is of no more use. */
static void what_the_server_reports_is_told_by_its_kind(void **state)
{
	static const struct {
		const char *raise;
		int err;
		const char *says;
	} kinds[] = {
		{ RAISE("23505"), -EEXIST, "there already" },
		{ RAISE("53100"), -ENOSPC, "disk is full" },
		{ RAISE("55P03"), -EBUSY, "another smpair-centre" },
		{ RAISE("40001"), -EBUSY, "others changed" },
		{ RAISE("40P01"), -EBUSY, "others changed" },
		{ RAISE("57014"), -EBUSY, "too long" },
		{ RAISE("XX001"), -EINVAL, "restore it" },
		{ RAISE("3F000"), -EINVAL, "not one of" },
		{ RAISE("42P01"), -EINVAL, "not one of" },
		{ RAISE("42501"), -EACCES, "lacks a right" },
		{ RAISE("42P06"), -EEXIST, "name another" },
		{ RAISE("57P01"), -ENOTCONN, "" },
		{ RAISE("25006"), -ENOTCONN, "" },
		{ RAISE("22012"), -EIO, "" },
	};
	int64_t server, next;
	struct store *store;
	size_t i;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, STORE_WRITE, &error), 0);
	server = number_of(store, "SELECT pg_backend_pid()");
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++, server = next) {
		int err = db_exec(store_db(store), &error, kinds[i].raise, "");

		if (err != kinds[i].err || !strstr(error.text, "as told") ||
		    !strstr(error.text, kinds[i].says))
			fail_msg("%s: %d: %s", kinds[i].raise, err, error.text);
		next = number_of(store, "SELECT pg_backend_pid()");
		/* Only what is lost is replaced. */
		if (err == -ENOTCONN ? server == next : server != next)
			fail_msg("%s: %d to %d", kinds[i].raise, (int)server,
				 (int)next);
	}
	store_close(store);
}

static void wait_until_opened(enum store_mode mode, int err)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	struct store *store;
	unsigned int i;
	int got;

	/* The server's processes take in what was set one after the other. */
	for (i = 0; i < 1000; i++) {
		got = store_open(&store, path, mode, &error);
		if (!got)
			store_close(store);
		if (got == err)
			return;
		nanosleep(&pause, NULL);
	}
	fail_msg("%d: %s", got, error.text);
}

static void a_server_that_forgets_with_the_power_is_not_written_to(void **state)
{
	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	testdb_sql("ALTER SYSTEM SET fsync = off");
	testdb_sql("SELECT pg_reload_conf()");
	wait_until_opened(STORE_WRITE, -EINVAL);
	assert_non_null(strstr(error.text, "fsync = on"));
	wait_until_opened(STORE_READ, 0);
}

#define DATABASE(verb) \
	"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I " verb "', current_database()); END $$"

static void a_commit_is_durable_and_a_lock_not_waited_for_for_ever(void **state)
{
	static const char synchronous[] =
		"SELECT (current_setting('synchronous_commit') = 'on')::int";
	static const char wait[] =
		"SELECT setting::bigint FROM pg_settings WHERE name = 'lock_timeout'";
	static const struct {
		const char *sql;
		int64_t on;
	} kinds[] = {
		{ DATABASE("SET synchronous_commit = off"), 1 },
		{ DATABASE("SET synchronous_commit = local"), 1 },
		/* More than that is left alone. */
		{ DATABASE("SET synchronous_commit = remote_apply"), 0 },
	};
	char without[sizeof(path) + 32];
	struct store *store;
	size_t i;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		testdb_sql(kinds[i].sql);
		assert_int_equal(store_open(&store, path, STORE_WRITE, &error), 0);
		if (number_of(store, synchronous) != kinds[i].on)
			fail_msg("%s", kinds[i].sql);
		assert_int_equal(number_of(store, wait), 5000);
		store_close(store);
	}
	snprintf(without, sizeof(without), "%s options=''", path);
	assert_int_equal(store_open(&store, without, STORE_WRITE, &error), 0);
	assert_int_equal(number_of(store, wait), 8000);
	store_close(store);
}

static void a_server_that_refuses_is_left_alone_for_a_while(void **state)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	struct store *store;
	unsigned int i;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, STORE_WRITE, &error), 0);
	testdb_sql(DATABASE("SET default_transaction_read_only = on"));
	testdb_sql(END_OTHERS);
	assert_int_equal(store_ping(store, &error), -ENOTCONN);
	assert_int_equal(store_ping(store, &error), -ENOTCONN);
	assert_non_null(strstr(error.text, "no server was reached"));
	for (i = 0; i < 100 && !strstr(error.text, "no connection"); i++)
		assert_int_equal(store_ping(store, &error), -ENOTCONN);
	assert_in_range(i, 1, 99);
	testdb_sql("BEGIN READ WRITE;" DATABASE("RESET ALL") "; COMMIT");
	for (i = 0; i < 3000 && store_ping(store, &error); i++)
		nanosleep(&pause, NULL);
	assert_in_range(i, 0, 2999);
	store_close(store);
}

static void passwords_on_the_command_line_are_refused(void **state)
{
	struct store *store;

	(void)state;
	assert_int_equal(store_open(&store, "postgresql:host=/nowhere password=hidden",
				    STORE_READ, &error), -EDOM);
	assert_null(strstr(error.text, "hidden"));
	assert_non_null(strstr(error.text, "passfile="));
	assert_int_equal(store_open(&store, "postgresql://me:hidden@localhost/centre",
				    STORE_READ, &error), -EDOM);
	assert_null(strstr(error.text, "hidden"));
	assert_int_equal(store_open(&store, "postgresql:nonsense=1", STORE_READ,
				    &error), -EDOM);
	setenv("PGPASSWORD", "hidden", 1);
	assert_int_equal(store_open(&store, path, STORE_READ, &error), -EDOM);
	unsetenv("PGPASSWORD");
	assert_int_equal(store_open(&store, "postgresql:host=/nowhere", STORE_READ,
				    &error), -ENOTCONN);
}

static void a_database_without_a_centre_is_refused(void **state)
{
	(void)state;
	refused("init --domain FILE");
}

static void a_database_is_read_to_its_end_and_copied_with_its_own_tools(void **state)
{
	struct store *store;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, STORE_READ, &error), 0);
	assert_int_equal(store_check(store, &error), 0);
	assert_int_equal(store_backup(store, "/nowhere", &error), -EOPNOTSUPP);
	store_close(store);
}

static int make(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	return testdb_make(folder, path, sizeof(path));
}

static int clean(void **state)
{
	(void)state;
	store_discard(path);
	return 0;
}

static int set_fsync(void **state)
{
	testdb_sql("ALTER SYSTEM RESET fsync");
	testdb_sql("SELECT pg_reload_conf()");
	wait_until_opened(STORE_WRITE, 0);
	return clean(state);
}

static int set_database(void **state)
{
	testdb_sql("BEGIN READ WRITE;" DATABASE("RESET ALL") "; COMMIT");
	return clean(state);
}

static int drop(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return testdb_remove() || system(command);
}

#define T(name)	cmocka_unit_test_teardown(name, clean)

/* What every database does. */
#define COMMON \
	T(a_new_database_names_its_domain), \
	T(a_failed_creation_leaves_nothing), \
	T(a_newer_format_is_refused), \
	T(writers_exclude_each_other), \
	T(what_is_not_committed_is_undone), \
	T(what_is_taken_back_to_a_mark_leaves_the_rest), \
	T(what_was_asked_ahead_hides_no_change), \
	T(what_was_asked_ahead_is_of_no_use_once_that_is_undone_or_over), \
	T(a_reader_sees_one_state_and_writes_nothing), \
	T(pages_follow_each_other_without_gap_or_repetition), \
	T(rows_without_their_module_are_refused), \
	T(fields_keep_their_whole_range), \
	T(the_terms_that_say_most_count), \
	T(rows_are_visited_while_others_are_asked_for), \
	T(clients_limits_and_commands_are_taken_over), \
	T(the_database_itself_refuses_clients_that_make_no_sense), \
	T(the_database_itself_refuses_offers_that_make_no_sense), \
	T(offers_are_the_commands_that_may_reach_their_module_yet), \
	T(client_is_found_by_either_and_two_are_told)

/* Hosts all over the table: a page of its own for nearly each. */
static void add_scattered_hosts(struct store *store, unsigned int round)
{
	struct store_host host = { 0 };
	uint64_t at = round + 1;
	unsigned int i;

	assert_int_equal(store_begin(store, &error), 0);
	for (i = 0; i < 64; i++) {
		at = at * 6364136223846793005U + round * 128 + 1442695040888963407U;
		memcpy(host.sn, &at, sizeof(host.sn));
		assert_int_equal(store_add_host(store, &host, &error), 0);
	}
	assert_int_equal(store_commit(store, &error), 0);
}

static void the_journal_is_copied_back_beside_the_writer(void **state)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	struct store *store;
	unsigned int i;
	struct stat st;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, STORE_WRITE, &error), 0);
	/* Too little for the writer to do it. */
	for (i = 0; i < 60; i++)
		add_scattered_hosts(store, i);
	for (i = 0; i < 3000; i++) {
		assert_int_equal(stat(path, &st), 0);
		if (st.st_size > 40 * 4096)
			break;
		nanosleep(&pause, NULL);
	}
	store_close(store);
	assert_in_range(i, 0, 2999);
}

static void the_journal_does_not_grow_for_as_long_as_there_is_load(void **state)
{
	char journal[sizeof(path) + 8];
	struct store *store;
	unsigned int round;
	struct stat st;

	(void)state;
	assert_int_equal(store_create(path, &domain, &error), 0);
	assert_int_equal(store_open(&store, path, STORE_WRITE, &error), 0);
	/* Some 40000 pages of 4 KiB pass through it. */
	for (round = 0; round < 800; round++)
		add_scattered_hosts(store, round);
	snprintf(journal, sizeof(journal), "%s-wal", path);
	assert_int_equal(stat(journal, &st), 0);
	assert_in_range(st.st_size, 1, 12000 * 4096);
	assert_int_equal(store_check(store, &error), 0);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest sqlite[] = {
		COMMON,
		T(a_new_file_is_private),
		T(databases_of_older_formats_are_brought_up_to_date),
		T(every_row_of_the_first_formats_is_taken_over),
		T(other_databases_and_files_are_refused),
		T(a_backup_is_whole_private_and_restores),
		T(damage_is_found_and_not_restored),
		T(the_journal_is_copied_back_beside_the_writer),
		T(the_journal_does_not_grow_for_as_long_as_there_is_load),
	};
	const struct CMUnitTest postgres[] = {
		COMMON,
		T(both_schemas_have_the_same_columns),
		T(what_is_sent_ahead_fails_where_it_is_waited_for),
		T(what_was_asked_ahead_is_not_asked_again),
		T(nothing_is_not_what_an_empty_text_is),
		T(what_fails_behind_its_mark_takes_all_with_it),
		T(what_is_planned_for_a_short_table_serves_a_long_one),
		T(a_lost_connection_is_made_anew),
		T(a_connection_that_is_lost_while_rows_come_is_made_anew),
		T(rows_before_a_failure_are_not_taken_for_all),
		T(what_the_server_reports_is_told_by_its_kind),
		cmocka_unit_test_teardown(a_server_that_forgets_with_the_power_is_not_written_to,
					  set_fsync),
		cmocka_unit_test_teardown(a_commit_is_durable_and_a_lock_not_waited_for_for_ever,
					  set_database),
		cmocka_unit_test_teardown(a_server_that_refuses_is_left_alone_for_a_while,
					  set_database),
		T(passwords_on_the_command_line_are_refused),
		T(a_database_without_a_centre_is_refused),
		T(a_database_is_read_to_its_end_and_copied_with_its_own_tools),
	};

	if (testdb_is_postgres())
		return cmocka_run_group_tests_name("centre-store-postgres",
						   postgres, make, drop);
	return cmocka_run_group_tests_name("centre-store", sqlite, make, drop);
}
