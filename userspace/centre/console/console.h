/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The operator console, apart from HTTP: a page for each path, written here and
 * complete without scripts.
 */
#ifndef CENTRE_CONSOLE_CONSOLE_H
#define CENTRE_CONSOLE_CONSOLE_H

#include <pthread.h>

#include "centre/console/form.h"
#include "centre/console/html.h"
#include "centre/console/session.h"
#include "centre/service.h"

#define CONSOLE_BODY_MAX	8192
/* Seconds that a PIN stays on the screen. */
#define CONSOLE_PIN_SECONDS	60
/* Bytes for "operator NAME", as the log tells who asked. */
#define CONSOLE_WHO_SIZE	(STORE_NAME_SIZE + 16)

/* Roles, as bits. */
enum {
	CONSOLE_OPERATOR = 1,
	CONSOLE_SUPERVISOR = 2,
	CONSOLE_AUDITOR = 4,
};

#define CONSOLE_EVERYBODY	(CONSOLE_OPERATOR | CONSOLE_SUPERVISOR | CONSOLE_AUDITOR)
/* Those who issue PINs, and put modules on hold. */
#define CONSOLE_ISSUERS		(CONSOLE_OPERATOR | CONSOLE_SUPERVISOR)

/**
 * struct console - The console.
 * @service: What it shares with agents; its lock is taken, and its writer waited
 *	for, within @lock.
 * @store: A connection of its own for reading, so that no search delays an agent.
 * @lock: Guards @store and @sessions: one page at a time.
 * @signin: Held while a password is checked: one at a time, which bounds what
 *	strangers can make this machine compute.
 * @sessions: Who is signed in.
 * @decoy: Hash that is computed for names that nobody has.
 */
struct console {
	struct service *service;
	struct store *store;
	pthread_mutex_t lock;
	pthread_mutex_t signin;
	struct sessions sessions;
	char decoy[PASSWORD_HASH_SIZE];
};

/**
 * struct console_call - A request.
 * @console: The console.
 * @method: HTTP method.
 * @path: Path without query.
 * @rest: What stands in the path where the route has a variable.
 * @query: Fields of the query.
 * @form: Fields of the body.
 * @address: Whom it comes from: an IPv4 address, or an IPv6 network of 64 bits.
 * @cookie: Cookie of the session, or NULL.
 * @signin_cookie: Cookie of the form for signing in, or NULL.
 * @foreign: A page of somebody else made the browser send it.
 * @session: Whose request; NULL for strangers.
 * @role: Their role, as a bit.
 * @who: For the log.
 */
struct console_call {
	struct console *console;
	const char *method;
	const char *path;
	const char *rest;
	struct form query;
	struct form form;
	char address[64];
	const char *cookie;
	const char *signin_cookie;
	bool foreign;
	struct session *session;
	unsigned int role;
	char who[CONSOLE_WHO_SIZE];
};

/**
 * struct console_reply - The answer.
 * @status: HTTP status.
 * @type: Content type.
 * @html: Its body; ended by the caller.
 * @location: Where to go on, or empty.
 * @cookie: For Set-Cookie, or empty.
 * @retry_after: Seconds, 0 for nothing to say.
 * @leave_after: Seconds after which the browser leaves the page, 0 for never.
 */
struct console_reply {
	unsigned int status;
	const char *type;
	struct html html;
	char location[160];
	char cookie[160];
	unsigned int retry_after;
	unsigned int leave_after;
};

int console_open(struct console *console, struct service *service, const char *db,
		 struct domain_error *error);
void console_close(struct console *console);
int64_t console_clock(void);
void console_answer(struct console_call *call, struct console_reply *reply);

/* Handlers of the table in route.c; all but those of signin.c are called with the
 * lock held.
 */
void console_signin_form(struct console_call *call, struct console_reply *reply);
void console_signin(struct console_call *call, struct console_reply *reply);
void console_signout(struct console_call *call, struct console_reply *reply);
void console_waiting(struct console_call *call, struct console_reply *reply);
void console_search(struct console_call *call, struct console_reply *reply);
void console_log(struct console_call *call, struct console_reply *reply);
void console_module(struct console_call *call, struct console_reply *reply);
void console_host(struct console_call *call, struct console_reply *reply);
void console_pairing(struct console_call *call, struct console_reply *reply);
void console_pin_form(struct console_call *call, struct console_reply *reply);
void console_pin(struct console_call *call, struct console_reply *reply);
void console_hold(struct console_call *call, struct console_reply *reply);
void console_release(struct console_call *call, struct console_reply *reply);
void console_deny(struct console_call *call, struct console_reply *reply);
void console_allow(struct console_call *call, struct console_reply *reply);
void console_unblock(struct console_call *call, struct console_reply *reply);

#endif /* CENTRE_CONSOLE_CONSOLE_H */
