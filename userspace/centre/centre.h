/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CENTRE_CENTRE_H
#define CENTRE_CENTRE_H

#include <stdbool.h>
#include <stdio.h>

#include <smpair/text.h>

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
 * @uri: --uri.
 * @key: --key.
 * @ca: --ca.
 * @hotline: --hotline.
 * @reason: --reason.
 * @module_issuer: --module-issuer.
 * @host_issuer: --host-issuer.
 * @delivery: --delivery.
 * @need_rights: --need-rights.
 * @hosts_per_module: --hosts-per-module.
 * @modules_per_host: --modules-per-host.
 * @changes: --changes.
 * @change_days: --change-days.
 * @forbid: --forbid.
 * @need_subscription: --need-subscription.
 * @remove: --remove.
 * @from: --from.
 * @until: --until.
 * @generation: --generation.
 * @evict: --evict.
 * @ageing: --ageing.
 * @count: --count.
 * @pin_first: --pin-first.
 * @settings: --settings.
 * @fork_tag: --fork-tag.
 * @expect_index: --expect-index.
 * @format: --format.
 * @expect: --expect.
 * @console: --console.
 * @password_fd: --password-fd.
 * @requests: --requests.
 * @handshakes: --handshakes.
 * @deadline: --deadline.
 * @all: --all.
 * @lease: --lease.
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
	const char *uri;
	const char *key;
	const char *ca;
	bool hotline;
	const char *reason;
	const char *module_issuer;
	const char *host_issuer;
	const char *delivery;
	const char *need_rights;
	const char *hosts_per_module;
	const char *modules_per_host;
	const char *changes;
	const char *change_days;
	bool forbid;
	bool need_subscription;
	bool remove;
	const char *from;
	const char *until;
	const char *generation;
	const char *evict;
	const char *ageing;
	const char *count;
	bool pin_first;
	const char *settings;
	const char *fork_tag;
	const char *expect_index;
	const char *format;
	const char *expect;
	const char *console;
	const char *password_fd;
	const char *requests;
	const char *handshakes;
	const char *deadline;
	const char *lease;
	bool all;
	char **operands;
	int operand_count;
};

/**
 * struct centre - A run of the program.
 * @args: The command line.
 * @store: The database; NULL for verbs that make it.
 * @domain: What it serves.
 * @provider: The masters; only for verbs that compute or record.
 * @actor: Who runs the program, as the trail names them.
 * @error: Receives the reason of a failure.
 */
struct centre {
	const struct centre_args *args;
	struct store *store;
	struct store_domain domain;
	struct provider *provider;
	char actor[STORE_ACTOR_MAX];
	struct domain_error error;
};

/* Verbs. They return 0, -EDOM for wrong usage, -ECANCELED for a refusal that
 * was told and recorded, or another negative errno with a reason in the error.
 */
int centre_init(struct centre *centre);
int centre_import(struct centre *centre);
int centre_import_masters(struct centre *centre);
int centre_export(struct centre *centre);
int centre_modules(struct centre *centre);
int centre_hosts(struct centre *centre);
int centre_pairings(struct centre *centre);
int centre_log(struct centre *centre);
int centre_audit(struct centre *centre);
int centre_deny(struct centre *centre);
int centre_allow(struct centre *centre);
int centre_hold(struct centre *centre);
int centre_release(struct centre *centre);
int centre_await(struct centre *centre);
int centre_forget(struct centre *centre);
int centre_rule(struct centre *centre);
int centre_rules(struct centre *centre);
int centre_subscribe(struct centre *centre);
int centre_pin(struct centre *centre);
int centre_check(struct centre *centre);
int centre_manage(struct centre *centre);
int centre_commands(struct centre *centre);
int centre_receipt(struct centre *centre);
int centre_nonce(struct centre *centre);
int centre_report(struct centre *centre);
int centre_client_add(struct centre *centre);
int centre_client_renew(struct centre *centre);
int centre_client_remove(struct centre *centre);
int centre_clients(struct centre *centre);
int centre_held(struct centre *centre);
int centre_operator_add(struct centre *centre);
int centre_operator_remove(struct centre *centre);
int centre_operators(struct centre *centre);
int centre_backup(struct centre *centre);
int centre_restore(struct centre *centre);
int centre_verify(struct centre *centre);
int centre_serve(struct centre *centre);

/* What verbs share: reading options, recording what was done. */
int centre_id(struct centre *centre, const char *option, const char *text,
	      uint8_t id[PDT1_ID_LEN]);
int centre_number(struct centre *centre, const char *option, const char *text,
		  uint64_t min, uint64_t max, uint64_t *value);
int centre_time(struct centre *centre, const char *option, const char *text,
		int64_t *at);
int centre_need_module(struct centre *centre, struct store_module *module);
int centre_need_name(struct centre *centre);
int centre_need_role(struct centre *centre, bool agents);
const char *centre_domain_path(const struct centre *centre);
int centre_start(struct centre *centre);
int centre_done(struct centre *centre, const char *action, const uint8_t *mid,
		const uint8_t *sn, const char *cause, const char *detail);
int centre_change(struct centre *centre,
		  int (*change)(struct centre *centre, void *arg), void *arg);

/* What goes to and comes from modules: as it is, or as text. */
int centre_read(struct centre *centre, const char *path,
		enum smpair_text_kind kind, void *content,
		size_t size, size_t *len);
int centre_write(struct centre *centre, enum smpair_text_kind kind,
		 const void *content, size_t len);
int centre_out_is_new(struct centre *centre);
int centre_out_open(struct centre *centre, FILE **file);
int centre_out_close(struct centre *centre, FILE *file, int err);

#endif /* CENTRE_CENTRE_H */
