/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the database keeps for the console. As in store.h, functions report into
 * the error they are given and return a negative errno then.
 */
#ifndef CENTRE_CONSOLE_STORE_CONSOLE_H
#define CENTRE_CONSOLE_STORE_CONSOLE_H

#include "centre/console/lockout.h"
#include "centre/console/password.h"
#include "centre/store.h"

/**
 * struct store_operator - Who may sign in.
 * @name: For people and the log.
 * @role: "operator", "supervisor" or "auditor".
 * @hash: Of the password.
 */
struct store_operator {
	char name[STORE_NAME_SIZE];
	char role[16];
	char hash[PASSWORD_HASH_SIZE];
};

int store_get_operator(struct store *store, const char *name, struct store_operator *operator,
		       struct domain_error *error);
int store_add_operator(struct store *store, const struct store_operator *operator,
		       struct domain_error *error);
int store_remove_operator(struct store *store, const char *name, struct domain_error *error);
int store_each_operator(struct store *store,
			int (*visit)(const struct store_operator *operator, void *arg),
			void *arg, struct domain_error *error);

int store_get_lockout(struct store *store, const char *kind, const char *who,
		      struct lockout *lockout, struct domain_error *error);
int store_set_lockout(struct store *store, const char *kind, const char *who,
		      const struct lockout *lockout, struct domain_error *error);

#endif /* CENTRE_CONSOLE_STORE_CONSOLE_H */
