// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The verbs deny, allow, hold and release.
 */
#include <errno.h>
#include <stdio.h>

#include "centre/access.h"
#include "centre/centre.h"

/* Identifiers of the command line, for access_*(). */
struct named {
	struct access_change change;
	uint8_t mid[PDT1_ID_LEN];
	uint8_t sn[PDT1_ID_LEN];
};

static int read_named(struct centre *centre, bool need_module, struct named *named)
{
	const struct centre_args *args = centre->args;
	int err = 0;

	named->change = (struct access_change) {
		.store = centre->store, .error = &centre->error,
	};
	if (args->module || need_module) {
		err = centre_id(centre, "module", args->module, named->mid);
		named->change.mid = named->mid;
	}
	if (!err && args->host) {
		err = centre_id(centre, "host", args->host, named->sn);
		named->change.sn = named->sn;
	}
	return err;
}

static int set_denied(struct centre *centre, bool denied)
{
	const struct centre_args *args = centre->args;
	struct named named;
	int err;

	if (!args->module && !args->host)
		return domain_fail(&centre->error, -EDOM,
				   "nobody is named; use --module ID, --host ID, or both for the pairing of these two");
	err = read_named(centre, false, &named);
	if (!err)
		err = access_set_denied(&named.change, denied);
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
	struct named named;
	int err;

	err = read_named(centre, true, &named);
	if (!err)
		err = access_hold(&named.change);
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
	struct named named;
	int err;

	err = read_named(centre, true, &named);
	if (!err)
		err = access_release(&named.change);
	if (!err)
		printf("%s%s%smodule %s: released\n", args->host ? "host " : "",
		       args->host ? args->host : "", args->host ? " for " : "",
		       args->module);
	return err;
}
