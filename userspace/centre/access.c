// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <unistd.h>

#include <smpair/id.h>

#include "centre/access.h"

/* Those who are named have to be registered. */
static int find(const struct access_change *change, struct store_module *module)
{
	char text[SMPAIR_ID_TEXT_SIZE];
	struct store_host host;
	int ret = 1;

	if (change->mid)
		ret = store_get_module(change->store, change->mid, module, change->error);
	if (!ret) {
		smpair_id_format(change->mid, text, sizeof(text));
		return domain_fail(change->error, -ENOENT,
				   "module %s is not registered here; import its module-ID.json",
				   text);
	}
	if (ret > 0 && change->sn)
		ret = store_get_host(change->store, change->sn, &host, change->error);
	if (!ret) {
		smpair_id_format(change->sn, text, sizeof(text));
		return domain_fail(change->error, -ENOENT,
				   "host %s is not registered here; import its host-ID.json",
				   text);
	}
	return ret < 0 ? ret : 0;
}

static int begin(const struct access_change *change, struct store_module *module)
{
	int err;

	err = store_begin(change->store, change->error);
	if (err)
		return err;
	err = find(change, module);
	if (err)
		store_rollback(change->store);
	return err;
}

/* The end of every change: recorded and durable, or nothing was changed. */
static int end(const struct access_change *change, int err, const char *verb,
	       const char *cause, const char *detail)
{
	const struct store_decision decision = {
		.at = time(NULL), .uid = getuid(), .verb = verb, .mid = change->mid,
		.sn = change->sn, .result = "done", .cause = cause, .detail = detail,
		.client = change->client,
	};

	if (!err)
		err = store_add_decision(change->store, &decision, change->error);
	if (!err)
		return store_commit(change->store, change->error);
	store_rollback(change->store);
	return err;
}

/**
 * access_set_denied() - Deny or allow a module, a host, or the pairing of both.
 * @change: Whom; at least one of both.
 * @denied: Deny.
 *
 * Return: 0, -ENOENT where one is not registered, or another negative errno.
 */
int access_set_denied(const struct access_change *change, bool denied)
{
	struct store_module module;
	int err;

	err = begin(change, &module);
	if (err)
		return err;
	err = store_set_denied(change->store, change->mid, change->sn, denied, change->error);
	return end(change, err, denied ? "deny" : "allow", denied ? "denied" : "allowed", NULL);
}

/**
 * access_hold() - Issue no PIN for a module until it is released.
 * @change: Which module.
 *
 * Return: 0, -ENOENT where it is not registered, or another negative errno.
 */
int access_hold(const struct access_change *change)
{
	struct store_module module;
	int err;

	err = begin(change, &module);
	if (err)
		return err;
	/* The cause of an earlier hold says more than this one. */
	if (!module.hold[0])
		err = store_set_hold(change->store, change->mid, "operator", change->error);
	return end(change, err, "hold", "operator", NULL);
}

/**
 * access_release() - End the hold of a module, or of a host for a module.
 * @change: Which module, and the host where it is held for that module.
 *
 * Return: 0, -ENOENT where one is not registered, or another negative errno.
 */
int access_release(const struct access_change *change)
{
	struct store_module module;
	int err;

	err = begin(change, &module);
	if (err)
		return err;
	if (change->sn)
		err = store_set_wrong(change->store, change->mid, change->sn, 0, change->error);
	else
		err = store_set_hold(change->store, change->mid, NULL, change->error);
	return end(change, err, "release", "operator", change->sn ? NULL : module.hold);
}
