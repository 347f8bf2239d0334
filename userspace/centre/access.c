// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <smpair/id.h>

#include "centre/access.h"
#include "centre/audit.h"

/* Those who are named have to be registered. */
static int find(struct store *store, const struct access_change *change,
		struct store_module *module, struct domain_error *error)
{
	char text[SMPAIR_ID_TEXT_SIZE];
	struct store_host host;
	int ret = 1;

	if (change->mid)
		ret = store_get_module(store, change->mid, module, error);
	if (!ret) {
		smpair_id_format(change->mid, text, sizeof(text));
		return domain_fail(error, -ENOENT,
				   "module %s is not registered here; import its module-ID.json",
				   text);
	}
	if (ret > 0 && change->sn)
		ret = store_get_host(store, change->sn, &host, error);
	if (!ret) {
		smpair_id_format(change->sn, text, sizeof(text));
		return domain_fail(error, -ENOENT,
				   "host %s is not registered here; import its host-ID.json",
				   text);
	}
	return ret < 0 ? ret : 0;
}

static int record(struct store *store, const struct access_change *change, const char *action,
		  const char *cause, struct domain_error *error)
{
	struct audit_row row = {
		.at = change->now, .actor = change->actor, .action = action,
		.mid = change->mid, .sn = change->sn, .result = "done", .cause = cause,
		.detail = change->reason,
	};

	return audit_append(store, &row, error);
}

/**
 * access_deny() - Issue no PIN for a module, a host, or the pairing of both.
 * @store: The database.
 * @change: Whom; at least one of both.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, -ENOENT where one is not registered, or another negative errno.
 */
int access_deny(struct store *store, const struct access_change *change,
		struct domain_error *error)
{
	const struct store_deny deny = {
		.mid = change->mid, .sn = change->sn,
		.reason = change->reason ? change->reason : "",
		.actor = change->actor, .at = change->now,
	};
	struct store_module module;
	int err;

	err = find(store, change, &module, error);
	if (!err)
		err = store_add_deny(store, &deny, error);
	return err ? err : record(store, change, "deny", "denied", error);
}

/**
 * access_allow() - Undo access_deny().
 * @store: The database.
 * @change: Whom; at least one of both.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, -ENOENT where one is not registered, or another negative errno.
 */
int access_allow(struct store *store, const struct access_change *change,
		 struct domain_error *error)
{
	struct store_module module;
	int err;

	err = find(store, change, &module, error);
	if (!err)
		err = store_remove_deny(store, change->mid, change->sn, error);
	return err ? err : record(store, change, "allow", "allowed", error);
}

/**
 * access_hold() - Issue no PIN for a module until it is released.
 * @store: The database.
 * @change: Which module.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, -ENOENT where it is not registered, or another negative errno.
 */
int access_hold(struct store *store, const struct access_change *change,
		struct domain_error *error)
{
	struct store_module module;
	int err;

	err = find(store, change, &module, error);
	if (err)
		return err;
	/* The cause of an earlier hold says more than this one. */
	if (!module.hold[0]) {
		strcpy(module.hold, "operator");
		err = store_set_module(store, &module, error);
	}
	return err ? err : record(store, change, "hold", "operator", error);
}

/**
 * access_release() - End the hold of a module, or of a host for a module.
 * @store: The database.
 * @change: Which module, and the host where it is held for that module.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, -ENOENT where one is not registered, or another negative errno.
 */
int access_release(struct store *store, const struct access_change *change,
		   struct domain_error *error)
{
	char held[STORE_CAUSE_MAX];
	struct store_module module;
	int err;

	err = find(store, change, &module, error);
	if (err)
		return err;
	memcpy(held, module.hold, sizeof(held));
	module.hold[0] = '\0';
	err = change->sn ? store_set_wrong(store, change->mid, change->sn, 0, error) :
			   store_set_module(store, &module, error);
	return err ? err : record(store, change, "release",
				  change->sn || !held[0] ? "operator" : held, error);
}

/**
 * access_await() - Believe a module's next report, and issue no PIN before.
 * @store: The database.
 * @change: Which module; where none is named, each of them.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, -ENOENT where it is not registered, or another negative errno.
 */
int access_await(struct store *store, const struct access_change *change,
		 struct domain_error *error)
{
	struct store_module module;
	int err;

	if (!change->mid) {
		err = store_await_all(store, error);
		return err ? err : record(store, change, "await", "all-modules", error);
	}
	err = find(store, change, &module, error);
	if (err)
		return err;
	module.awaiting = true;
	err = store_set_module(store, &module, error);
	return err ? err : record(store, change, "await", "operator", error);
}

/**
 * access_forget() - A module and a host are paired no more, as somebody saw.
 * @store: The database.
 * @change: Both.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, -ENOENT where one is not registered, or another negative errno.
 */
int access_forget(struct store *store, const struct access_change *change,
		  struct domain_error *error)
{
	struct store_module module;
	int err;

	err = find(store, change, &module, error);
	if (!err)
		err = store_end_pairings(store, change->mid, change->sn, error);
	return err ? err : record(store, change, "forget", "operator", error);
}
