// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * smpair-centre: the management centre, at a command line and as a service.
 */
#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

#include "centre/centre.h"
#include "domain/secret.h"

static const char usage[] =
"usage: smpair-centre --db FILE VERB ...\n"
"  init --domain FILE [--mac MAC]\n"
"  import-masters --domain FILE --mac pkcs11:...\n"
"  backup --out FILE | restore FILE | verify [--expect SEQ:MAC]\n"
"  import FILE... | export [--out FILE]\n"
"  modules | hosts | pairings [--module ID] [--host ID]\n"
"  pin --module ID --host ID --index N --request-code RQ\n"
"      [--policy none|module|pair|indexed] [--damm | --plain]\n"
"  check --module ID --host ID --index N --request-code RQ [--policy ...]\n"
"  deny | allow [--module ID] [--host ID] [--reason TEXT]\n"
"  hold --module ID [--reason TEXT] | release --module ID [--host ID]\n"
"  await --module ID | --all [--reason TEXT] | forget --module ID --host ID\n"
"  rule [--module-issuer N] [--host-issuer N] [--remove] [--forbid]\n"
"      [--delivery automatic|hotline] [--need-subscription]\n"
"      [--need-rights evict,list] [--hosts-per-module N]\n"
"      [--modules-per-host N] [--changes N --change-days N]\n"
"  rules\n"
"  subscribe --module ID [--from DATE] --until DATE | --remove\n"
"  manage --module ID --op OP [--out FILE] [--expect-index N]\n"
"      OP: unblock-pin --tries N | revoke-host --host ID | unrevoke-host --host ID\n"
"          | set-slots --slots N | free-slot --slot I | pin-slot --slot I --on|--off\n"
"          | set-policy --policy P --evict never|activity|approved --tries N\n"
"            --ageing N --count each|sparse [--pin-first] --settings N\n"
"          | put-k --generation N | del-k --generation N | set-mmin --generation N\n"
"          | set-kpin --generation N | set-kmg --generation N\n"
"          | freeze | unfreeze | set-ft [--fork-tag HEX]\n"
"  commands --module ID | receipt --module ID FILE\n"
"  nonce --module ID --out FILE | report --module ID FILE\n"
"  log [--module ID] [--host ID]\n"
"  audit verify [--expect SEQ:MAC] | head | export --format csv|ndjson [--out FILE]\n"
"  client-add --name NAME --role agent|operator|supervisor|auditor\n"
"      --cert FILE | --uri URI\n"
"  client-renew --name NAME --cert FILE | --uri URI\n"
"  client-remove --name NAME | clients | held\n"
"  operator-add --name NAME --role operator|supervisor|auditor [--password-fd N]\n"
"  operator-remove --name NAME | operators\n"
"  serve --listen ADDRESS:PORT --cert FILE --key FILE --ca FILE\n"
"      [--console ADDRESS:PORT] [--health ADDRESS:PORT] [--hotline]\n"
"      [--requests N] [--handshakes N] [--deadline SECONDS] [--lease SECONDS]\n"
"smpair-centre --help | --version\n"
"\n"
"An ID is ISSUER-SERIAL-CC, for example 257-4660-20. MAC is file, kernel:... or\n"
"pkcs11:...; --mac and --domain go with every verb that needs the masters. An --out\n"
"of - is standard output. See smpair-centre(8).\n";

#define TEXT(name, field) \
	{ { name, required_argument, NULL, 0 }, offsetof(struct centre_args, field) }
#define FLAG(name, field) \
	{ { name, no_argument, NULL, 0 }, offsetof(struct centre_args, field) }

enum {
	DB, DOMAIN, MAC, MODULE, HOST, INDEX, REQUEST_CODE, POLICY, OP, TRIES,
	SLOTS, SLOT, OUT, ON, OFF, DAMM, PLAIN, NAME, ROLE, LISTEN, HEALTH, CERT,
	KEY, CA, HOTLINE, REASON, MODULE_ISSUER, HOST_ISSUER, DELIVERY,
	NEED_RIGHTS, HOSTS_PER_MODULE, MODULES_PER_HOST, CHANGES, CHANGE_DAYS,
	FORBID, NEED_SUBSCRIPTION, REMOVE, FROM, UNTIL, GENERATION, EVICT, AGEING,
	COUNT, PIN_FIRST, SETTINGS, FORK_TAG, EXPECT_INDEX, FORMAT, EXPECT,
	CONSOLE, PASSWORD_FD, REQUESTS, HANDSHAKES, DEADLINE, URI, LEASE, ALL,
	OPTIONS
};

static const struct {
	struct option option;
	size_t offset;
} descs[OPTIONS] = {
	[DB] = TEXT("db", db),
	[DOMAIN] = TEXT("domain", domain),
	[MAC] = TEXT("mac", mac),
	[MODULE] = TEXT("module", module),
	[HOST] = TEXT("host", host),
	[INDEX] = TEXT("index", index),
	[REQUEST_CODE] = TEXT("request-code", request_code),
	[POLICY] = TEXT("policy", policy),
	[OP] = TEXT("op", op),
	[TRIES] = TEXT("tries", tries),
	[SLOTS] = TEXT("slots", slots),
	[SLOT] = TEXT("slot", slot),
	[OUT] = TEXT("out", out),
	[ON] = FLAG("on", on),
	[OFF] = FLAG("off", off),
	[DAMM] = FLAG("damm", damm),
	[PLAIN] = FLAG("plain", plain),
	[NAME] = TEXT("name", name),
	[ROLE] = TEXT("role", role),
	[LISTEN] = TEXT("listen", listen),
	[HEALTH] = TEXT("health", health),
	[CERT] = TEXT("cert", cert),
	[KEY] = TEXT("key", key),
	[CA] = TEXT("ca", ca),
	[HOTLINE] = FLAG("hotline", hotline),
	[REASON] = TEXT("reason", reason),
	[MODULE_ISSUER] = TEXT("module-issuer", module_issuer),
	[HOST_ISSUER] = TEXT("host-issuer", host_issuer),
	[DELIVERY] = TEXT("delivery", delivery),
	[NEED_RIGHTS] = TEXT("need-rights", need_rights),
	[HOSTS_PER_MODULE] = TEXT("hosts-per-module", hosts_per_module),
	[MODULES_PER_HOST] = TEXT("modules-per-host", modules_per_host),
	[CHANGES] = TEXT("changes", changes),
	[CHANGE_DAYS] = TEXT("change-days", change_days),
	[FORBID] = FLAG("forbid", forbid),
	[NEED_SUBSCRIPTION] = FLAG("need-subscription", need_subscription),
	[REMOVE] = FLAG("remove", remove),
	[FROM] = TEXT("from", from),
	[UNTIL] = TEXT("until", until),
	[GENERATION] = TEXT("generation", generation),
	[EVICT] = TEXT("evict", evict),
	[AGEING] = TEXT("ageing", ageing),
	[COUNT] = TEXT("count", count),
	[PIN_FIRST] = FLAG("pin-first", pin_first),
	[SETTINGS] = TEXT("settings", settings),
	[FORK_TAG] = TEXT("fork-tag", fork_tag),
	[EXPECT_INDEX] = TEXT("expect-index", expect_index),
	[FORMAT] = TEXT("format", format),
	[EXPECT] = TEXT("expect", expect),
	[CONSOLE] = TEXT("console", console),
	[PASSWORD_FD] = TEXT("password-fd", password_fd),
	[REQUESTS] = TEXT("requests", requests),
	[HANDSHAKES] = TEXT("handshakes", handshakes),
	[DEADLINE] = TEXT("deadline", deadline),
	[URI] = TEXT("uri", uri),
	[LEASE] = TEXT("lease", lease),
	[ALL] = FLAG("all", all),
};

#define BIT(option)	(UINT64_C(1) << (option))
#define NAMES		(BIT(MODULE) | BIT(HOST))
#define REQUEST		(NAMES | BIT(INDEX) | BIT(REQUEST_CODE) | BIT(POLICY))
#define MASTERS		(BIT(MAC) | BIT(DOMAIN))

/* What a verb needs of the database. */
enum {
	NO_DB,		/* has nothing to do with it */
	NOTHING,	/* makes it by itself */
	READS,
	COMPUTES,	/* reads, and needs the masters */
	WRITES,		/* and records what it does */
};

static const struct verb {
	const char *name;
	int (*run)(struct centre *centre);
	int needs;
	uint64_t options;
	bool operands;
} verbs[] = {
	{ "init", centre_init, NOTHING, MASTERS, false },
	{ "import-masters", centre_import_masters, NO_DB, MASTERS, false },
	{ "restore", centre_restore, NOTHING, 0, true },
	{ "backup", centre_backup, WRITES, BIT(OUT), false },
	{ "verify", centre_verify, COMPUTES, BIT(EXPECT), false },
	{ "import", centre_import, WRITES, 0, true },
	{ "export", centre_export, WRITES, BIT(OUT), false },
	{ "modules", centre_modules, READS, 0, false },
	{ "hosts", centre_hosts, READS, 0, false },
	{ "pairings", centre_pairings, READS, NAMES, false },
	{ "log", centre_log, READS, NAMES, false },
	{ "audit", centre_audit, WRITES, NAMES | BIT(EXPECT) | BIT(OUT) |
	  BIT(FORMAT), true },
	{ "deny", centre_deny, WRITES, NAMES | BIT(REASON), false },
	{ "allow", centre_allow, WRITES, NAMES | BIT(REASON), false },
	{ "hold", centre_hold, WRITES, BIT(MODULE) | BIT(REASON), false },
	{ "release", centre_release, WRITES, NAMES | BIT(REASON), false },
	{ "await", centre_await, WRITES, BIT(MODULE) | BIT(ALL) | BIT(REASON), false },
	{ "forget", centre_forget, WRITES, NAMES | BIT(REASON), false },
	{ "rule", centre_rule, WRITES, BIT(MODULE_ISSUER) | BIT(HOST_ISSUER) |
	  BIT(REMOVE) | BIT(FORBID) | BIT(DELIVERY) | BIT(NEED_SUBSCRIPTION) |
	  BIT(NEED_RIGHTS) | BIT(HOSTS_PER_MODULE) | BIT(MODULES_PER_HOST) |
	  BIT(CHANGES) | BIT(CHANGE_DAYS), false },
	{ "rules", centre_rules, READS, 0, false },
	{ "subscribe", centre_subscribe, WRITES, BIT(MODULE) | BIT(FROM) |
	  BIT(UNTIL) | BIT(REMOVE), false },
	{ "pin", centre_pin, WRITES, REQUEST | BIT(DAMM) | BIT(PLAIN), false },
	{ "check", centre_check, COMPUTES, REQUEST, false },
	{ "manage", centre_manage, WRITES, NAMES | BIT(OP) | BIT(TRIES) |
	  BIT(SLOTS) | BIT(SLOT) | BIT(ON) | BIT(OFF) | BIT(GENERATION) |
	  BIT(POLICY) | BIT(EVICT) | BIT(AGEING) | BIT(COUNT) | BIT(PIN_FIRST) |
	  BIT(SETTINGS) | BIT(FORK_TAG) | BIT(EXPECT_INDEX) | BIT(OUT), false },
	{ "commands", centre_commands, READS, BIT(MODULE), false },
	{ "receipt", centre_receipt, WRITES, BIT(MODULE), true },
	{ "nonce", centre_nonce, WRITES, BIT(MODULE) | BIT(OUT), false },
	{ "report", centre_report, WRITES, BIT(MODULE), true },
	{ "client-add", centre_client_add, WRITES, BIT(NAME) | BIT(ROLE) |
	  BIT(CERT) | BIT(URI), false },
	{ "client-renew", centre_client_renew, WRITES, BIT(NAME) | BIT(CERT) |
	  BIT(URI), false },
	{ "client-remove", centre_client_remove, WRITES, BIT(NAME), false },
	{ "clients", centre_clients, READS, 0, false },
	{ "held", centre_held, READS, 0, false },
	{ "operator-add", centre_operator_add, WRITES, BIT(NAME) | BIT(ROLE) |
	  BIT(PASSWORD_FD), false },
	{ "operator-remove", centre_operator_remove, WRITES, BIT(NAME), false },
	{ "operators", centre_operators, READS, 0, false },
	{ "serve", centre_serve, WRITES, BIT(LISTEN) | BIT(HEALTH) | BIT(CERT) |
	  BIT(KEY) | BIT(CA) | BIT(HOTLINE) | BIT(CONSOLE) | BIT(REQUESTS) |
	  BIT(HANDSHAKES) | BIT(DEADLINE) | BIT(LEASE), false },
};

static int complain(const char *what, const char *which, const char *verb)
{
	fprintf(stderr, "smpair-centre: %s%s%s%s\n", what, which,
		verb ? " does not belong to " : "", verb ? verb : "");
	fputs("smpair-centre: see smpair-centre --help\n", stderr);
	return -EDOM;
}

static int parse(int argc, char **argv, struct centre_args *args,
		 const struct verb **verb)
{
	struct option options[OPTIONS + 1] = { 0 };
	uint64_t given = 0, allowed;
	int option, i;
	char *field;

	for (i = 0; i < OPTIONS; i++) {
		options[i] = descs[i].option;
		options[i].val = i;
	}
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == '?')
			return complain("wrong usage", "", NULL);
		given |= BIT(option);
		field = (char *)args + descs[option].offset;
		if (optarg)
			*(const char **)field = optarg;
		else
			*(bool *)field = true;
	}
	if (optind == argc)
		return complain("no verb is named", "", NULL);
	*verb = NULL;
	for (i = 0; i < (int)(sizeof(verbs) / sizeof(verbs[0])); i++)
		if (!strcmp(verbs[i].name, argv[optind]))
			*verb = &verbs[i];
	if (!*verb)
		return complain("unknown verb ", argv[optind], NULL);
	args->operands = argv + optind + 1;
	args->operand_count = argc - optind - 1;
	if (args->operand_count && !(*verb)->operands)
		return complain("", args->operands[0], (*verb)->name);
	allowed = (*verb)->options;
	if ((*verb)->needs > NO_DB)
		allowed |= BIT(DB);
	if ((*verb)->needs >= COMPUTES)
		allowed |= MASTERS;
	for (i = 0; i < OPTIONS; i++)
		if (given & BIT(i) & ~allowed)
			return complain("--", descs[i].option.name,
					(*verb)->name);
	if (!args->db && (*verb)->needs > NO_DB)
		return complain("--db is missing; name the database", "", NULL);
	return 0;
}

static int run(struct centre *centre, const struct verb *verb)
{
	int err = 0;

	snprintf(centre->actor, sizeof(centre->actor), "uid %u", getuid());
	if (verb->needs > NOTHING)
		err = store_open(&centre->store, centre->args->db,
				 verb->needs == READS ? STORE_READ : STORE_WRITE,
				 &centre->error);
	if (!err && centre->store)
		err = store_get_domain(centre->store, &centre->domain,
				       &centre->error);
	if (!err && verb->needs >= COMPUTES)
		err = centre_start(centre);
	if (!err)
		err = verb->run(centre);
	provider_close(centre->provider);
	store_domain_free(&centre->domain);
	if (centre->store)
		store_close(centre->store);
	return err;
}

int main(int argc, char **argv)
{
	struct centre_args args = { 0 };
	struct centre centre = { .args = &args };
	const struct verb *verb = NULL;
	int err;

	domain_no_core_dumps();
	/* The database and its journal are nobody else's. */
	umask(077);
	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(usage, stdout);
		return EXIT_SUCCESS;
	}
	if (argc == 2 && !strcmp(argv[1], "--version")) {
		puts("smpair-centre " SMPAIR_VERSION);
		return EXIT_SUCCESS;
	}
	if (argc == 1) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	if (parse(argc, argv, &args, &verb))
		return EXIT_USAGE;

	err = run(&centre, verb);
	if (!err && fflush(stdout))
		err = domain_fail(&centre.error, -errno, "standard output: %s",
				  strerror(errno));
	if (!err)
		return EXIT_SUCCESS;
	if (err == -ECANCELED)
		return EXIT_REFUSED;
	fprintf(stderr, "smpair-centre: %s\n", centre.error.text);
	return err == -EDOM ? EXIT_USAGE : EXIT_FAILURE;
}
