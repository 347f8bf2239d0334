/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CENTRE_CENTRE_H
#define CENTRE_CENTRE_H

#include <stdbool.h>

#include "centre/provider.h"
#include "centre/store.h"
#include "domain/error.h"

/* Exit status; part of the interface. */
#define EXIT_USAGE	2
#define EXIT_REFUSED	4

/**
 * struct centre_args - The command line; what was not given is NULL or false.
 * @db: --db.
 * @domain: --domain.
 * @mac: --mac.
 * @module: --module.
 * @host: --host.
 * @index: --index.
 * @request_code: --request-code.
 * @policy: --policy.
 * @op: --op.
 * @tries: --tries.
 * @slots: --slots.
 * @slot: --slot.
 * @out: --out.
 * @on: --on.
 * @off: --off.
 * @damm: --damm.
 * @plain: --plain.
 * @name: --name.
 * @role: --role.
 * @listen: --listen.
 * @health: --health.
 * @cert: --cert.
 * @key: --key.
 * @ca: --ca.
 * @hotline: --hotline.
 * @console: --console.
 * @password_fd: --password-fd.
 * @operands: Files after the verb.
 * @operand_count: How many.
 */
struct centre_args {
	const char *db;
	const char *domain;
	const char *mac;
	const char *module;
	const char *host;
	const char *index;
	const char *request_code;
	const char *policy;
	const char *op;
	const char *tries;
	const char *slots;
	const char *slot;
	const char *out;
	bool on;
	bool off;
	bool damm;
	bool plain;
	const char *name;
	const char *role;
	const char *listen;
	const char *health;
	const char *cert;
	const char *key;
	const char *ca;
	bool hotline;
	const char *console;
	const char *password_fd;
	char **operands;
	int operand_count;
};

/**
 * struct centre - A run of the program.
 * @args: The command line.
 * @store: The database; NULL for init.
 * @error: Receives the reason of a failure.
 */
struct centre {
	const struct centre_args *args;
	struct store *store;
	struct domain_error error;
};

/* Verbs. They return 0, -EDOM for wrong usage, -ECANCELED for a refusal that
 * was told and recorded, or another negative errno with a reason in the error.
 */
int centre_init(struct centre *centre);
int centre_import(struct centre *centre);
int centre_modules(struct centre *centre);
int centre_hosts(struct centre *centre);
int centre_log(struct centre *centre);
int centre_deny(struct centre *centre);
int centre_allow(struct centre *centre);
int centre_hold(struct centre *centre);
int centre_release(struct centre *centre);
int centre_pin(struct centre *centre);
int centre_manage(struct centre *centre);
int centre_receipt(struct centre *centre);
int centre_client_add(struct centre *centre);
int centre_client_remove(struct centre *centre);
int centre_clients(struct centre *centre);
int centre_held(struct centre *centre);
int centre_operator_add(struct centre *centre);
int centre_operator_remove(struct centre *centre);
int centre_operators(struct centre *centre);
int centre_serve(struct centre *centre);

/* What verbs share: reading options, recording what was done. */
int centre_id(struct centre *centre, const char *option, const char *text,
	      uint8_t id[PDT1_ID_LEN]);
int centre_need_module(struct centre *centre, struct store_module *module);
int centre_need_host(struct centre *centre, struct store_host *host);
int centre_need_name(struct centre *centre);
int centre_domain_path(struct centre *centre, struct store_domain *domain,
		       const char **path);
int centre_done(struct centre *centre, const char *verb, const uint8_t *mid,
		const uint8_t *sn, const char *cause, const char *detail);

int centre_open_provider(struct centre *centre, struct provider *provider);

#endif /* CENTRE_CENTRE_H */
