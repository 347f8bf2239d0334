// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The verbs deny, allow, hold, release, await and forget.
 */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "centre/access.h"
#include "centre/centre.h"

/* Which of --module and --host a verb needs. */
#define NEED_MODULE	1
#define NEED_HOST	2

/* Identifiers of the command line, for access_*(). */
struct named {
	access_fn *run;
	struct access_change change;
	uint8_t mid[PDT1_ID_LEN];
	uint8_t sn[PDT1_ID_LEN];
};

static int run(struct centre *centre, void *arg)
{
	const struct named *named = arg;

	return named->run(centre->store, &named->change, &centre->error);
}

static int apply(struct centre *centre, access_fn *access, unsigned int need)
{
	const struct centre_args *args = centre->args;
	struct named named = {
		.run = access,
		.change = {
			.actor = centre->actor, .reason = args->reason, .now = time(NULL),
		},
	};
	int err = 0;

	if (args->module || need & NEED_MODULE) {
		err = centre_id(centre, "module", args->module, named.mid);
		named.change.mid = named.mid;
	}
	if (!err && (args->host || need & NEED_HOST)) {
		err = centre_id(centre, "host", args->host, named.sn);
		named.change.sn = named.sn;
	}
	return err ? err : centre_change(centre, run, &named);
}

static int set_denied(struct centre *centre, access_fn *access, const char *done)
{
	const struct centre_args *args = centre->args;
	int err;

	if (!args->module && !args->host)
		return domain_fail(&centre->error, -EDOM,
				   "nobody is named; use --module ID, --host ID, or both for the pairing of these two");
	err = apply(centre, access, 0);
	if (!err)
		printf("%s%s%s%s%s: %s\n", args->module ? "module " : "",
		       args->module ? args->module : "",
		       args->module && args->host ? " with " : "",
		       args->host ? "host " : "", args->host ? args->host : "", done);
	return err;
}

/**
 * centre_deny() - Issue no PIN for a module, a host, or the pairing of both.
 * @centre: --module, --host, --reason.
 *
 * Return: As all verbs.
 */
int centre_deny(struct centre *centre)
{
	return set_denied(centre, access_deny, "denied");
}

/**
 * centre_allow() - Undo centre_deny().
 * @centre: --module, --host, --reason.
 *
 * Return: As all verbs.
 */
int centre_allow(struct centre *centre)
{
	return set_denied(centre, access_allow, "allowed");
}

/**
 * centre_hold() - Issue no PIN for a module until it is released.
 * @centre: --module, --reason.
 *
 * Return: As all verbs.
 */
int centre_hold(struct centre *centre)
{
	int err = apply(centre, access_hold, NEED_MODULE);

	if (!err)
		printf("module %s: on hold\n", centre->args->module);
	return err;
}

/**
 * centre_release() - End the hold of a module, or of a host for a module.
 * @centre: --module, --host, --reason.
 *
 * Return: As all verbs.
 */
int centre_release(struct centre *centre)
{
	const struct centre_args *args = centre->args;
	int err = apply(centre, access_release, NEED_MODULE);

	if (!err)
		printf("%s%s%smodule %s: released\n", args->host ? "host " : "",
		       args->host ? args->host : "", args->host ? " for " : "",
		       args->module);
	return err;
}

/**
 * centre_await() - Believe a module's next report, and issue no PIN before.
 * @centre: --module or --all, --reason.
 *
 * Return: As all verbs.
 */
int centre_await(struct centre *centre)
{
	const struct centre_args *args = centre->args;
	int err;

	if (args->all && args->module)
		return domain_fail(&centre->error, -EDOM,
				   "--all and --module exclude each other; choose one");
	err = apply(centre, access_await, args->all ? 0 : NEED_MODULE);
	if (!err)
		printf("%s%s: the next report is believed; no PIN is issued before\n",
		       args->all ? "each module" : "module ",
		       args->all ? "" : args->module);
	return err;
}

/**
 * centre_forget() - A module and a host are paired no more, as somebody saw.
 * @centre: --module, --host, --reason.
 *
 * Return: As all verbs.
 */
int centre_forget(struct centre *centre)
{
	int err = apply(centre, access_forget, NEED_MODULE | NEED_HOST);

	if (!err)
		printf("module %s with host %s: no pairing is counted any more\n",
		       centre->args->module, centre->args->host);
	return err;
}
