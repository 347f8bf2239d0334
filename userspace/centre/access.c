// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who may get a PIN at all: deny, allow, hold, release.
 */
#include <errno.h>
#include <stdio.h>

#include "centre/centre.h"

static int set_denied(struct centre *centre, bool denied)
{
	const struct centre_args *args = centre->args;
	const char *verb = denied ? "deny" : "allow";
	struct store_module module;
	struct store_host host;
	int err = 0;

	if (!args->module && !args->host)
		return domain_fail(&centre->error, -EDOM,
				   "nobody is named; use --module ID, --host ID, or both for the pairing of these two");
	err = store_begin(centre->store, &centre->error);
	if (err)
		return err;
	if (args->module)
		err = centre_need_module(centre, &module);
	if (!err && args->host)
		err = centre_need_host(centre, &host);
	if (!err)
		err = store_set_denied(centre->store,
				       args->module ? module.mid : NULL,
				       args->host ? host.sn : NULL, denied,
				       &centre->error);
	if (!err)
		err = centre_done(centre, verb, args->module ? module.mid : NULL,
				  args->host ? host.sn : NULL,
				  denied ? "denied" : "allowed", NULL);
	if (err) {
		store_rollback(centre->store);
		return err;
	}
	err = store_commit(centre->store, &centre->error);
	if (!err)
		printf("%s%s%s%s%s: %s\n", args->module ? "module " : "",
		       args->module ? args->module : "",
		       args->module && args->host ? " with " : "",
		       args->host ? "host " : "", args->host ? args->host : "",
		       denied ? "denied" : "allowed");
	return err;
}

/**
 * centre_deny() - Issue no PIN for a module, a host, or the pairing of both.
 * @centre: --module, --host.
 *
 * Return: As all verbs.
 */
int centre_deny(struct centre *centre)
{
	return set_denied(centre, true);
}

/**
 * centre_allow() - Undo centre_deny().
 * @centre: --module, --host.
 *
 * Return: As all verbs.
 */
int centre_allow(struct centre *centre)
{
	return set_denied(centre, false);
}

/**
 * centre_hold() - Issue no PIN for a module until it is released.
 * @centre: --module.
 *
 * Return: As all verbs.
 */
int centre_hold(struct centre *centre)
{
	struct store_module module;
	int err;

	err = store_begin(centre->store, &centre->error);
	if (err)
		return err;
	err = centre_need_module(centre, &module);
	/* The cause of an earlier hold says more than this one. */
	if (!err && !module.hold[0])
		err = store_set_hold(centre->store, module.mid, "operator",
				     &centre->error);
	if (!err)
		err = centre_done(centre, "hold", module.mid, NULL, "operator",
				  NULL);
	if (err) {
		store_rollback(centre->store);
		return err;
	}
	err = store_commit(centre->store, &centre->error);
	if (!err)
		printf("module %s: on hold\n", centre->args->module);
	return err;
}

/**
 * centre_release() - End the hold of a module, or of a host for a module.
 * @centre: --module, --host.
 *
 * Return: As all verbs.
 */
int centre_release(struct centre *centre)
{
	const struct centre_args *args = centre->args;
	struct store_module module;
	struct store_host host;
	int err;

	err = store_begin(centre->store, &centre->error);
	if (err)
		return err;
	err = centre_need_module(centre, &module);
	if (!err && args->host)
		err = centre_need_host(centre, &host);
	if (!err && args->host)
		err = store_set_wrong(centre->store, module.mid, host.sn, 0,
				      &centre->error);
	else if (!err)
		err = store_set_hold(centre->store, module.mid, NULL,
				     &centre->error);
	if (!err)
		err = centre_done(centre, "release", module.mid,
				  args->host ? host.sn : NULL, "operator",
				  args->host ? NULL : module.hold);
	if (err) {
		store_rollback(centre->store);
		return err;
	}
	err = store_commit(centre->store, &centre->error);
	if (!err)
		printf("%s%s%smodule %s: released\n", args->host ? "host " : "",
		       args->host ? args->host : "", args->host ? " for " : "",
		       args->module);
	return err;
}
