// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Signing in and out. Whoever tries learns nothing of which names exist: work,
 * answer and lock-out are the same.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "centre/console/page.h"
#include "domain/secret.h"

/**
 * struct attempt - A password that is tried.
 * @name: Whose, as typed.
 * @countable: A name that an account may have; others count for the address only.
 * @operator: The account.
 * @known: It exists.
 * @account: Wrong passwords of the account.
 * @address: Wrong passwords of the address.
 */
struct attempt {
	const char *name;
	bool countable;
	struct store_operator operator;
	bool known;
	struct lockout account;
	struct lockout address;
};

static const char session_cookie[] =
	"__Host-session=%s; Path=/; Secure; HttpOnly; SameSite=Strict%s";
static const char signin_cookie[] =
	"__Host-sign-in=%s; Path=/; Secure; HttpOnly; SameSite=Strict%s";
static const char gone[] = "; Max-Age=0";

/*
 * The token of a form for strangers is in a cookie too, since there is no session.
 * One that the browser has stays, for the same form in another tab.
 */
static int choose_token(const struct console_call *call, char token[SESSION_TOKEN_SIZE],
			struct domain_error *error)
{
	const char *old = call->signin_cookie;
	uint8_t random[SESSION_TOKEN_LEN];
	int err;

	if (old && strlen(old) == SESSION_TOKEN_SIZE - 1 &&
	    strspn(old, "0123456789abcdef") == SESSION_TOKEN_SIZE - 1) {
		memcpy(token, old, SESSION_TOKEN_SIZE);
		return 0;
	}
	err = domain_random(random, sizeof(random), error);
	if (!err)
		session_token(random, token);
	return err;
}

static void signin_page(struct console_call *call, struct console_reply *reply,
			unsigned int status, const char *what, const char *next)
{
	char token[SESSION_TOKEN_SIZE];
	struct html *html = &reply->html;
	struct domain_error error;

	if (choose_token(call, token, &error)) {
		page_failed(call, reply, &error);
		return;
	}
	page_begin(call, reply, status, "Sign in");
	if (what)
		page_refusal(html, NULL, what, next);
	html_raw(html, "<form method=\"post\" action=\"/sign-in\">"
		 "<input type=\"hidden\" name=\"csrf\" value=\"");
	html_text(html, token);
	html_raw(html, "\"><p class=\"field\"><label for=\"name\">Name</label>"
		 "<input id=\"name\" name=\"name\" autocomplete=\"username\" required autofocus>"
		 "</p><p class=\"field\"><label for=\"password\">Password</label>"
		 "<input id=\"password\" name=\"password\" type=\"password\""
		 " autocomplete=\"current-password\" required></p>"
		 "<p><button>Sign in</button></p></form>");
	page_end(reply);
	snprintf(reply->cookie, sizeof(reply->cookie), signin_cookie, token, "");
}

/**
 * console_signin_form() - GET /sign-in.
 * @call: The request.
 * @reply: Receives the answer.
 */
void console_signin_form(struct console_call *call, struct console_reply *reply)
{
	signin_page(call, reply, 200, NULL, NULL);
}

static int look_up(struct console_call *call, struct attempt *attempt,
		   struct domain_error *error)
{
	struct service *service = call->console->service;
	int ret;

	pthread_mutex_lock(&service->lock);
	ret = store_get_lockout(service->reader, "address", call->address, &attempt->address,
				error);
	if (!ret && attempt->countable)
		ret = store_get_lockout(service->reader, "account", attempt->name,
					&attempt->account, error);
	if (!ret && attempt->countable)
		ret = store_get_operator(service->reader, attempt->name, &attempt->operator, error);
	pthread_mutex_unlock(&service->lock);
	attempt->known = ret > 0;
	return ret < 0 ? ret : 0;
}

/* What was tried and what follows from it, as a job of the writer. */
struct trying {
	struct writer_job job;
	const struct attempt *attempt;
	const char *address;
	bool good;
	struct audit_row row;
};

static int run_trying(struct store *store, struct writer_job *job)
{
	struct trying *t = (struct trying *)job;
	const struct attempt *attempt = t->attempt;
	int err = 0;

	if (attempt->countable)
		err = store_set_lockout(store, "account", attempt->name, &attempt->account,
					&job->error);
	/* One good account does not clear an address that tries others. */
	if (!err && !t->good)
		err = store_set_lockout(store, "address", t->address, &attempt->address,
					&job->error);
	return err ? err : audit_append(store, &t->row, &job->error);
}

static int record(struct console_call *call, struct attempt *attempt, bool good, int64_t now,
		  struct domain_error *error)
{
	struct trying t = {
		.job = { .run = run_trying }, .attempt = attempt, .address = call->address,
		.good = good,
		.row = {
			.at = now, .actor = call->who, .action = "sign-in",
			.result = good ? "done" : "refused",
			.cause = good ? "done" : "password", .detail = call->address,
		},
	};
	int err;

	if (good) {
		attempt->account.wrong = 0;
	} else {
		lockout_add(&attempt->account, now);
		lockout_add(&attempt->address, now);
		if (lockout_wait(&attempt->account, now) || lockout_wait(&attempt->address, now))
			t.row.cause = "locked-out";
	}
	/* Somebody may have typed a password in the place of a name. */
	snprintf(call->who, sizeof(call->who), "operator %s",
		 attempt->known ? attempt->name : "unknown");
	err = writer_run(call->console->service->writer, &t.job);
	if (err)
		*error = t.job.error;
	return err;
}

static int64_t longest_wait(const struct attempt *attempt, int64_t now)
{
	int64_t account = lockout_wait(&attempt->account, now);
	int64_t address = lockout_wait(&attempt->address, now);

	return account > address ? account : address;
}

static void locked_out(struct console_call *call, struct console_reply *reply, int64_t wait)
{
	char next[160];

	snprintf(next, sizeof(next),
		 "wait %lld minutes; if it was not you who typed them, tell a supervisor",
		 (long long)(wait + 59) / 60);
	signin_page(call, reply, 429, "too many wrong passwords for this name or from this address",
		    next);
	reply->retry_after = (unsigned int)wait;
}

static void enter(struct console_call *call, struct console_reply *reply,
		  const struct store_operator *operator)
{
	struct console *console = call->console;
	uint8_t random[2 * SESSION_TOKEN_LEN];
	struct domain_error error;
	struct session *session;

	if (domain_random(random, sizeof(random), &error)) {
		page_failed(call, reply, &error);
		return;
	}
	pthread_mutex_lock(&console->lock);
	/* Whoever was signed in at this browser is no longer. */
	session = session_find(&console->sessions, call->cookie, console_clock());
	if (session)
		session_end(session);
	session = session_begin(&console->sessions, operator, random, console_clock());
	snprintf(reply->cookie, sizeof(reply->cookie), session_cookie, session->id, "");
	pthread_mutex_unlock(&console->lock);
	explicit_bzero(random, sizeof(random));
	page_go(reply, "/");
}

static void try(struct console_call *call, struct console_reply *reply, struct attempt *attempt,
		const char *password)
{
	struct domain_error error;
	int64_t now = time(NULL);
	bool good;

	if (look_up(call, attempt, &error)) {
		page_failed(call, reply, &error);
		return;
	}
	if (longest_wait(attempt, now)) {
		locked_out(call, reply, longest_wait(attempt, now));
		return;
	}
	good = password_fits(password, attempt->known ? attempt->operator.hash :
			     call->console->decoy) && attempt->known;
	if (record(call, attempt, good, now, &error))
		page_failed(call, reply, &error);
	else if (good)
		enter(call, reply, &attempt->operator);
	else if (longest_wait(attempt, now))
		locked_out(call, reply, longest_wait(attempt, now));
	else
		signin_page(call, reply, 403, "name and password do not belong together",
			    "type both again");
}

/**
 * console_signin() - POST /sign-in.
 * @call: The request.
 * @reply: Receives the answer.
 */
void console_signin(struct console_call *call, struct console_reply *reply)
{
	const char *password = form_get(&call->form, "password");
	struct attempt attempt = { .name = form_get(&call->form, "name") };

	if (!session_token_equal(form_get(&call->form, "csrf"),
				 call->signin_cookie ? call->signin_cookie : "")) {
		signin_page(call, reply, 403, "the form is not one of this page",
			    "sign in here, with cookies allowed for this address");
		return;
	}
	if (!attempt.name || !password || strlen(password) > PASSWORD_MAX) {
		signin_page(call, reply, 400, "name or password is missing or too long",
			    "type both again");
		return;
	}
	attempt.countable = store_good_name(attempt.name);
	pthread_mutex_lock(&call->console->signin);
	try(call, reply, &attempt, password);
	pthread_mutex_unlock(&call->console->signin);
	explicit_bzero(&attempt, sizeof(attempt));
}

/**
 * console_signout() - POST /sign-out.
 * @call: The request.
 * @reply: Receives the answer.
 */
void console_signout(struct console_call *call, struct console_reply *reply)
{
	const struct audit_row row = {
		.action = "sign-out", .result = "done", .cause = "done",
	};
	struct domain_error error;

	session_end(call->session);
	call->session = NULL;
	snprintf(reply->cookie, sizeof(reply->cookie), session_cookie, "", gone);
	if (page_record(call, &row, &error))
		page_failed(call, reply, &error);
	else
		page_go(reply, "/sign-in");
}
