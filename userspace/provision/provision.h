/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROVISION_PROVISION_H
#define PROVISION_PROVISION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "domain/domain.h"
#include "domain/error.h"
#include "provision/setting.h"

/* Exit status; part of the interface. */
#define EXIT_USAGE	2

/**
 * struct provision_args - The command line.
 * @domain: --domain: a number for the verb domain, else a file.
 * @out: --out: folder for the new files.
 * @from: --from: file that states values.
 * @id: --id.
 * @issuer: --issuer.
 * @serial: --serial.
 * @rights: --rights.
 * @mhkey: --mhkey.
 * @retire: --retire.
 * @key: --key.
 * @master: --master.
 * @master_key: --master-key.
 * @setting: The options of the settings table, by its index.
 * @force: --force.
 * @print_id: --print-id.
 *
 * What was not given is NULL or false.
 */
struct provision_args {
	const char *domain;
	const char *out;
	const char *from;
	const char *id;
	const char *issuer;
	const char *serial;
	const char *rights;
	const char *mhkey;
	const char *retire;
	const char *key;
	const char *master;
	const char *master_key;
	const char *setting[SETTINGS];
	bool force;
	bool print_id;
};

/* Verbs. They return 0, -EDOM for wrong usage, or another negative errno. */
int provision_domain(const struct provision_args *args,
		     struct domain_error *error);
int provision_host(const struct provision_args *args,
		   struct domain_error *error);
int provision_module(const struct provision_args *args,
		     struct domain_error *error);
int provision_encrypt(const struct provision_args *args,
		      struct domain_error *error);
int provision_k(const struct provision_args *args, struct domain_error *error);
int provision_mpin(const struct provision_args *args, struct domain_error *error);
int provision_mmgt(const struct provision_args *args, struct domain_error *error);
int provision_mhkey(const struct provision_args *args,
		    struct domain_error *error);

#endif /* PROVISION_PROVISION_H */
