// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which page answers, and who may see it.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "centre/console/page.h"
#include "domain/secret.h"

/* console_css[] and console_js[], made by the build. */
#include "centre/console/assets.inc"

static const struct route {
	const char *method;
	const char *path;
	bool variable;		/* follows, up to the end */
	unsigned int roles;
	void (*handle)(struct console_call *call, struct console_reply *reply);
} routes[] = {
	{ "GET", "/", false, CONSOLE_EVERYBODY, console_waiting },
	{ "GET", "/search", false, CONSOLE_EVERYBODY, console_search },
	{ "GET", "/log", false, CONSOLE_EVERYBODY, console_log },
	{ "GET", "/module/", true, CONSOLE_EVERYBODY, console_module },
	{ "GET", "/host/", true, CONSOLE_EVERYBODY, console_host },
	{ "GET", "/pairing/", true, CONSOLE_EVERYBODY, console_pairing },
	{ "GET", "/pin", false, CONSOLE_ISSUERS, console_pin_form },
	{ "POST", "/pin", false, CONSOLE_ISSUERS, console_pin },
	{ "POST", "/hold", false, CONSOLE_ISSUERS, console_hold },
	{ "POST", "/release", false, CONSOLE_SUPERVISOR, console_release },
	{ "POST", "/deny", false, CONSOLE_SUPERVISOR, console_deny },
	{ "POST", "/allow", false, CONSOLE_SUPERVISOR, console_allow },
	{ "POST", "/unblock", false, CONSOLE_SUPERVISOR, console_unblock },
	{ "POST", "/sign-out", false, CONSOLE_EVERYBODY, console_signout },
};

static void asset(struct console_reply *reply, const char *type, const char *text)
{
	reply->status = 200;
	reply->type = type;
	html_raw(&reply->html, text);
}

/* What strangers get too; false where it is for those who are signed in. */
static bool answer_anybody(struct console_call *call, struct console_reply *reply)
{
	bool get = !strcmp(call->method, "GET");

	if (get && !strcmp(call->path, "/console.css"))
		asset(reply, "text/css; charset=utf-8", console_css);
	else if (get && !strcmp(call->path, "/console.js"))
		asset(reply, "text/javascript; charset=utf-8", console_js);
	else if (get && !strcmp(call->path, "/sign-in"))
		console_signin_form(call, reply);
	else if (!strcmp(call->method, "POST") && !strcmp(call->path, "/sign-in"))
		console_signin(call, reply);
	else
		return false;
	return true;
}

static unsigned int role_bit(const char *role)
{
	return !strcmp(role, "operator") ? CONSOLE_OPERATOR :
	       !strcmp(role, "supervisor") ? CONSOLE_SUPERVISOR :
	       !strcmp(role, "auditor") ? CONSOLE_AUDITOR : 0;
}

/*
 * Whose session; an account that was removed or made anew meanwhile has none. -1
 * where the database does not say.
 */
static int identify(struct console_call *call, struct domain_error *error)
{
	struct console *console = call->console;
	struct store_operator operator;
	int ret;

	call->session = session_find(&console->sessions, call->cookie, console_clock());
	if (!call->session)
		return 0;
	ret = store_get_operator(console->store, call->session->operator.name, &operator, error);
	if (ret > 0 && strcmp(operator.hash, call->session->operator.hash))
		ret = 0;
	if (!ret)
		session_end(call->session);
	if (ret <= 0) {
		call->session = NULL;
		return ret;
	}
	call->role = role_bit(operator.role);
	snprintf(call->who, sizeof(call->who), "operator %s", operator.name);
	return 1;
}

static const struct route *find(struct console_call *call)
{
	const struct route *route;
	size_t i, len;

	for (i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		route = &routes[i];
		len = strlen(route->path);
		if (strcmp(call->method, route->method) || strncmp(call->path, route->path, len) ||
		    !call->path[len] == route->variable)
			continue;
		call->rest = call->path + len;
		return route;
	}
	return NULL;
}

/* A refusal that somebody should look at later. */
static void refuse(struct console_call *call, struct console_reply *reply, const char *cause,
		   const char *what, const char *next)
{
	const struct audit_row row = {
		.action = "console", .result = "refused", .cause = cause, .detail = call->path,
	};
	struct domain_error error;

	if (page_record(call, &row, &error))
		page_failed(call, reply, &error);
	else
		page_problem(call, reply, 403, what, next);
}

static void answer_known(struct console_call *call, struct console_reply *reply)
{
	const struct route *route = find(call);
	bool get = !strcmp(call->method, "GET");

	if (!route)
		page_problem(call, reply, 404, "there is nothing at this address",
			     "go on from the links above");
	else if (!get && (call->foreign || !session_token_equal(form_get(&call->form, "csrf"),
								call->session->csrf)))
		refuse(call, reply, "csrf", "the form is not one of this session",
		       "open the page again from the links above, and fill it in there");
	else if (!(route->roles & call->role))
		refuse(call, reply, "role", "your role may not do that",
		       "ask a supervisor to do it");
	else
		route->handle(call, reply);
}

/**
 * console_clock() - Seconds of a clock that does not go back.
 *
 * Return: The seconds.
 */
int64_t console_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec;
}

/**
 * console_answer() - Answer a request.
 * @call: The request.
 * @reply: Zeroed; receives the answer.
 */
void console_answer(struct console_call *call, struct console_reply *reply)
{
	struct console *console = call->console;
	struct domain_error error;
	int ret;

	if (answer_anybody(call, reply))
		return;
	pthread_mutex_lock(&console->lock);
	ret = identify(call, &error);
	if (ret < 0)
		page_failed(call, reply, &error);
	else if (ret)
		answer_known(call, reply);
	else if (!strcmp(call->method, "GET"))
		page_go(reply, "/sign-in");
	else
		page_problem(call, reply, 403, "nobody is signed in, or was away for too long",
			     "go to /sign-in, sign in, and fill the form in again");
	pthread_mutex_unlock(&console->lock);
}

/**
 * console_open() - Set the console up.
 * @console: Zeroed; ended by console_close().
 * @service: The service; outlives the console.
 * @db: Name of the database.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int console_open(struct console *console, struct service *service, const char *db,
		 struct domain_error *error)
{
	uint8_t random[SESSION_TOKEN_LEN];
	char password[SESSION_TOKEN_SIZE];
	int err;

	console->service = service;
	pthread_mutex_init(&console->lock, NULL);
	pthread_mutex_init(&console->signin, NULL);
	err = domain_random(random, sizeof(random), error);
	if (err)
		return err;
	session_token(random, password);
	err = password_hash(password, console->decoy, error);
	return err ? err : store_open(&console->store, db, STORE_READ, error);
}

/**
 * console_close() - End the console, and all sessions.
 * @console: From console_open(), also where that failed.
 */
void console_close(struct console *console)
{
	if (console->store)
		store_close(console->store);
	explicit_bzero(console, sizeof(*console));
}
