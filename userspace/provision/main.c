// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * smpair-provision: makes domains, host credentials and module images.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/secret.h"
#include "provision/provision.h"

static const char usage[] =
"usage: smpair-provision domain --out DIR [--domain N] [--from FILE] [--force]\n"
"       smpair-provision host --domain FILE --out DIR [--id ID | --issuer N --serial N]\n"
"                 [--rights evict,list] [--mhkey M,M] [--from FILE] [--force] [--print-id]\n"
"       smpair-provision module --domain FILE --out DIR [--id ID | --issuer N --serial N]\n"
"                 [--slots S] [--pin-policy none|module|pair|indexed]\n"
"                 [--evict-policy never|activity|approved] [--ptc-max P] [--ageing A]\n"
"                 [--count-mode 0|1] [--pin-first] [--m-min M] [--max-command N]\n"
"                 [--max-response N] [--max-message N] [--from FILE] [--force] [--print-id]\n"
"       smpair-provision encrypt --key FILE --master NAME --master-key FILE --out DIR\n"
"                 [--force] [--print-id]\n"
"       smpair-provision k | mhkey | mpin | mmgt --domain FILE [--from FILE | --retire N]\n"
"       smpair-provision --help | --version\n"
"\n"
"An ID is ISSUER-SERIAL-CC, for example 257-4660-20. See smpair-provision(1).\n";

enum {
	OPTION_DOMAIN,
	OPTION_OUT,
	OPTION_FROM,
	OPTION_ID,
	OPTION_ISSUER,
	OPTION_SERIAL,
	OPTION_RIGHTS,
	OPTION_MHKEY,
	OPTION_RETIRE,
	OPTION_KEY,
	OPTION_MASTER,
	OPTION_MASTER_KEY,
	OPTION_FORCE,
	OPTION_PRINT_ID,
	OPTIONS
};

#define BIT(option)	(1U << (option))
#define NAMED	(BIT(OPTION_ID) | BIT(OPTION_ISSUER) | BIT(OPTION_SERIAL) | \
		 BIT(OPTION_PRINT_ID))
#define FILES	(BIT(OPTION_DOMAIN) | BIT(OPTION_OUT) | BIT(OPTION_FROM) | \
		 BIT(OPTION_FORCE))
#define GENERATION	(BIT(OPTION_DOMAIN) | BIT(OPTION_FROM) | \
			 BIT(OPTION_RETIRE))

static const struct option options[OPTIONS] = {
	[OPTION_DOMAIN] = { "domain", required_argument, NULL, 0 },
	[OPTION_OUT] = { "out", required_argument, NULL, 0 },
	[OPTION_FROM] = { "from", required_argument, NULL, 0 },
	[OPTION_ID] = { "id", required_argument, NULL, 0 },
	[OPTION_ISSUER] = { "issuer", required_argument, NULL, 0 },
	[OPTION_SERIAL] = { "serial", required_argument, NULL, 0 },
	[OPTION_RIGHTS] = { "rights", required_argument, NULL, 0 },
	[OPTION_MHKEY] = { "mhkey", required_argument, NULL, 0 },
	[OPTION_RETIRE] = { "retire", required_argument, NULL, 0 },
	[OPTION_KEY] = { "key", required_argument, NULL, 0 },
	[OPTION_MASTER] = { "master", required_argument, NULL, 0 },
	[OPTION_MASTER_KEY] = { "master-key", required_argument, NULL, 0 },
	[OPTION_FORCE] = { "force", no_argument, NULL, 0 },
	[OPTION_PRINT_ID] = { "print-id", no_argument, NULL, 0 },
};

static const struct verb {
	const char *name;
	int (*run)(const struct provision_args *args, struct domain_error *error);
	unsigned int options;
	bool settings;
} verbs[] = {
	{ "domain", provision_domain, FILES, false },
	{ "host", provision_host,
	  FILES | NAMED | BIT(OPTION_RIGHTS) | BIT(OPTION_MHKEY), false },
	{ "module", provision_module, FILES | NAMED, true },
	{ "encrypt", provision_encrypt,
	  BIT(OPTION_KEY) | BIT(OPTION_MASTER) | BIT(OPTION_MASTER_KEY) | BIT(OPTION_OUT) |
	  BIT(OPTION_FORCE) | BIT(OPTION_PRINT_ID), false },
	{ "k", provision_k, GENERATION, false },
	{ "mhkey", provision_mhkey, GENERATION, false },
	{ "mpin", provision_mpin, GENERATION, false },
	{ "mmgt", provision_mmgt, GENERATION, false },
};

static void set_option(struct provision_args *args, int option, const char *value)
{
	switch (option) {
	case OPTION_DOMAIN:
		args->domain = value;
		break;
	case OPTION_OUT:
		args->out = value;
		break;
	case OPTION_FROM:
		args->from = value;
		break;
	case OPTION_ID:
		args->id = value;
		break;
	case OPTION_ISSUER:
		args->issuer = value;
		break;
	case OPTION_SERIAL:
		args->serial = value;
		break;
	case OPTION_RIGHTS:
		args->rights = value;
		break;
	case OPTION_MHKEY:
		args->mhkey = value;
		break;
	case OPTION_RETIRE:
		args->retire = value;
		break;
	case OPTION_KEY:
		args->key = value;
		break;
	case OPTION_MASTER:
		args->master = value;
		break;
	case OPTION_MASTER_KEY:
		args->master_key = value;
		break;
	case OPTION_FORCE:
		args->force = true;
		break;
	case OPTION_PRINT_ID:
		args->print_id = true;
		break;
	default:
		option -= OPTIONS;
		args->setting[option] = setting_descs[option].flag ? "1" : value;
	}
}

/* getopt_long() complains itself about what the verb does not take. */
static int parse(int argc, char **argv, const struct verb *verb,
		 struct provision_args *args)
{
	struct option long_options[OPTIONS + SETTINGS + 1] = { 0 };
	unsigned int count = 0;
	int i, option;

	for (i = 0; i < OPTIONS; i++) {
		if (!(verb->options & BIT(i)))
			continue;
		long_options[count] = options[i];
		long_options[count++].val = i;
	}
	for (i = 0; verb->settings && i < SETTINGS; i++) {
		if (!setting_descs[i].option)
			continue;
		long_options[count].name = setting_descs[i].option;
		long_options[count].has_arg = setting_descs[i].flag ?
					      no_argument : required_argument;
		long_options[count++].val = OPTIONS + i;
	}

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (option == '?')
			return -EDOM;
		set_option(args, option, optarg);
	}
	if (optind != argc) {
		fprintf(stderr, "smpair-provision: \"%s\" is no option\n",
			argv[optind]);
		return -EDOM;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct provision_args args = { 0 };
	struct domain_error error;
	const struct verb *verb = NULL;
	size_t i;
	int err;

	domain_no_core_dumps();
	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(usage, stdout);
		return EXIT_SUCCESS;
	}
	if (argc == 2 && !strcmp(argv[1], "--version")) {
		puts("smpair-provision " SMPAIR_VERSION);
		return EXIT_SUCCESS;
	}
	for (i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(verbs[i].name, argv[1]))
			verb = &verbs[i];
	if (!verb) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}

	/* Messages of getopt_long() start with the program's name. */
	argv[1] = argv[0];
	if (parse(argc - 1, argv + 1, verb, &args)) {
		fputs("smpair-provision: see smpair-provision --help\n", stderr);
		return EXIT_USAGE;
	}
	err = verb->run(&args, &error);
	if (!err && fflush(stdout))
		err = domain_fail(&error, -errno, "standard output: %s",
				  strerror(errno));
	if (!err)
		return EXIT_SUCCESS;
	fprintf(stderr, "smpair-provision: %s\n", error.text);
	return err == -EDOM ? EXIT_USAGE : EXIT_FAILURE;
}
