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

#include <sys/stat.h>

#include "centre/centre.h"
#include "domain/secret.h"

static const char usage[] =
"usage: smpair-centre --db FILE init --domain FILE [--mac MAC]\n"
"       smpair-centre --db FILE import FILE...\n"
"       smpair-centre --db FILE modules | hosts\n"
"       smpair-centre --db FILE log [--module ID] [--host ID]\n"
"       smpair-centre --db FILE deny | allow [--module ID] [--host ID]\n"
"       smpair-centre --db FILE hold --module ID\n"
"       smpair-centre --db FILE release --module ID [--host ID]\n"
"       smpair-centre --db FILE pin --module ID --host ID --index N --request-code RQ\n"
"                 [--policy none|module|pair|indexed] [--damm | --plain]\n"
"                 [--mac MAC] [--domain FILE]\n"
"       smpair-centre --db FILE manage --module ID --op OP --out FILE [--domain FILE]\n"
"                 OP: unblock-pin --tries N | revoke-host --host ID | unrevoke-host --host ID\n"
"                     | set-slots --slots N | free-slot --slot I | pin-slot --slot I --on|--off\n"
"       smpair-centre --db FILE receipt --module ID [--domain FILE] FILE\n"
"       smpair-centre --db FILE client-add --name NAME --role ROLE --cert FILE\n"
"                 ROLE: agent | operator | supervisor | auditor\n"
"       smpair-centre --db FILE client-remove --name NAME\n"
"       smpair-centre --db FILE clients | held\n"
"       smpair-centre --db FILE operator-add --name NAME --role ROLE [--password-fd N]\n"
"                 ROLE: operator | supervisor | auditor\n"
"       smpair-centre --db FILE operator-remove --name NAME\n"
"       smpair-centre --db FILE operators\n"
"       smpair-centre --db FILE serve --listen ADDRESS:PORT --cert FILE --key FILE --ca FILE\n"
"                 [--console ADDRESS:PORT] [--health ADDRESS:PORT] [--hotline]\n"
"                 [--mac MAC] [--domain FILE]\n"
"       smpair-centre --help | --version\n"
"\n"
"An ID is ISSUER-SERIAL-CC, for example 257-4660-20; MAC is library or kernel:SERIAL.\n"
"See smpair-centre(8).\n";

#define TEXT(name, field) \
	{ { name, required_argument, NULL, 0 }, offsetof(struct centre_args, field) }
#define FLAG(name, field) \
	{ { name, no_argument, NULL, 0 }, offsetof(struct centre_args, field) }

enum {
	DB, DOMAIN, MAC, MODULE, HOST, INDEX, REQUEST_CODE, POLICY, OP, TRIES,
	SLOTS, SLOT, OUT, ON, OFF, DAMM, PLAIN, NAME, ROLE, LISTEN, HEALTH, CERT,
	KEY, CA, HOTLINE, CONSOLE, PASSWORD_FD, OPTIONS
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
	[CONSOLE] = TEXT("console", console),
	[PASSWORD_FD] = TEXT("password-fd", password_fd),
};

#define BIT(option)	(1U << (option))
#define NAMES		(BIT(MODULE) | BIT(HOST))

static const struct verb {
	const char *name;
	int (*run)(struct centre *centre);
	unsigned int options;
	bool operands;
} verbs[] = {
	{ "init", centre_init, BIT(DOMAIN) | BIT(MAC), false },
	{ "import", centre_import, 0, true },
	{ "modules", centre_modules, 0, false },
	{ "hosts", centre_hosts, 0, false },
	{ "log", centre_log, NAMES, false },
	{ "deny", centre_deny, NAMES, false },
	{ "allow", centre_allow, NAMES, false },
	{ "hold", centre_hold, BIT(MODULE), false },
	{ "release", centre_release, NAMES, false },
	{ "pin", centre_pin, NAMES | BIT(INDEX) | BIT(REQUEST_CODE) |
	  BIT(POLICY) | BIT(DAMM) | BIT(PLAIN) | BIT(MAC) | BIT(DOMAIN), false },
	{ "manage", centre_manage, NAMES | BIT(OP) | BIT(TRIES) | BIT(SLOTS) |
	  BIT(SLOT) | BIT(ON) | BIT(OFF) | BIT(OUT) | BIT(DOMAIN), false },
	{ "receipt", centre_receipt, BIT(MODULE) | BIT(DOMAIN), true },
	{ "client-add", centre_client_add, BIT(NAME) | BIT(ROLE) | BIT(CERT), false },
	{ "client-remove", centre_client_remove, BIT(NAME), false },
	{ "clients", centre_clients, 0, false },
	{ "held", centre_held, 0, false },
	{ "operator-add", centre_operator_add, BIT(NAME) | BIT(ROLE) | BIT(PASSWORD_FD), false },
	{ "operator-remove", centre_operator_remove, BIT(NAME), false },
	{ "operators", centre_operators, 0, false },
	{ "serve", centre_serve, BIT(LISTEN) | BIT(HEALTH) | BIT(CERT) | BIT(KEY) |
	  BIT(CA) | BIT(HOTLINE) | BIT(CONSOLE) | BIT(MAC) | BIT(DOMAIN), false },
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
	unsigned int given = 0;
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
	for (i = 0; i < OPTIONS; i++)
		if (given & BIT(i) & ~((*verb)->options | BIT(DB)))
			return complain("--", descs[i].option.name,
					(*verb)->name);
	if (!args->db)
		return complain("--db is missing; name the database", "", NULL);
	if (!args->mac)
		args->mac = "library";
	return 0;
}

int main(int argc, char **argv)
{
	struct centre_args args = { 0 };
	struct centre centre = { .args = &args };
	const struct verb *verb = NULL;
	int err = 0;

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

	if (verb->run != centre_init)
		err = store_open(&centre.store, args.db, &centre.error);
	if (!err)
		err = verb->run(&centre);
	if (centre.store)
		store_close(centre.store);
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
