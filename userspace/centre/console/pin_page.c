// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Issuing a PIN. It is in the answer to the form and nowhere else, and that it was
 * shown is recorded before it is.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <smpair/id.h>
#include <smpair/pin.h>

#include "centre/console/page.h"
#include "centre/decide.h"
#include "centre/request_code.h"
#include "domain/policy.h"

static void policy_field(struct html *html, const char *chosen)
{
	static const char *const policies[] = { "", "none", "module", "pair", "indexed" };
	size_t i;

	html_raw(html, "<p class=\"field\"><label for=\"policy\">PIN policy</label>"
		 "<select id=\"policy\" name=\"policy\">");
	for (i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		html_raw(html, "<option value=\"");
		html_raw(html, policies[i]);
		html_raw(html, chosen && !strcmp(chosen, policies[i]) ? "\" selected>" : "\">");
		html_raw(html, policies[i][0] ? policies[i] : "not told");
		html_raw(html, "</option>");
	}
	html_raw(html, "</select><span class=\"hint\">If the host shows one</span></p>");
}

/* The request code is typed again each time: an old one proves nothing. */
static void pin_form(struct console_call *call, struct html *html, const struct form *values)
{
	page_form(call, html, "/pin");
	page_field(html, "module", "Module", form_get(values, "module"),
		   "ISSUER-SERIAL-CC, as the caller reads it out");
	page_field(html, "host", "Host", form_get(values, "host"), "ISSUER-SERIAL-CC");
	page_field(html, "index", "Index N", form_get(values, "index"), "Pairing index");
	page_field(html, "request_code", "Request code", NULL, "Six digits");
	policy_field(html, form_get(values, "policy"));
	html_raw(html, "<p><button>Decide, and show the PIN</button></p></form>");
}

/**
 * console_pin_form() - GET /pin.
 * @call: The request.
 * @reply: Receives the answer.
 */
void console_pin_form(struct console_call *call, struct console_reply *reply)
{
	page_begin(call, reply, 200, "Issue a PIN");
	pin_form(call, &reply->html, &call->query);
	page_end(reply);
}

static void refuse(struct console_call *call, struct console_reply *reply, unsigned int status,
		   const char *code, const char *what, const char *next)
{
	page_begin(call, reply, status, "Issue a PIN");
	page_refusal(&reply->html, code, what, next);
	pin_form(call, &reply->html, &call->form);
	page_end(reply);
}

static bool read_index(const char *text, uint32_t *n)
{
	unsigned long long value;

	if (!text || !*text || strlen(text) > 10 ||
	    strspn(text, "0123456789") != strlen(text))
		return false;
	value = strtoull(text, NULL, 10);
	*n = (uint32_t)value;
	return value <= UINT32_MAX;
}

/* An identifier that cannot be one is kept in the log as it was typed. */
static bool read_id(struct console_call *call, struct console_reply *reply, const char *name,
		    uint8_t id[PDT1_ID_LEN])
{
	const struct rule_text *text = &rule_texts[RULE_CHECK_DIGITS];
	const char *typed = form_get(&call->form, name);
	const struct audit_row row = {
		.action = "pin", .result = "refused", .cause = text->name, .detail = typed,
	};
	struct domain_error error;
	char what[80];

	switch (typed ? smpair_id_parse(typed, id) : -EINVAL) {
	case 0:
		return true;
	case -EBADMSG:
		if (page_record(call, &row, &error))
			page_failed(call, reply, &error);
		else
			refuse(call, reply, 422, text->name, text->what, text->next);
		return false;
	}
	snprintf(what, sizeof(what), "the %s is no identifier", name);
	refuse(call, reply, 400, NULL, what, "type it as ISSUER-SERIAL-CC, such as 257-4660-20");
	return false;
}

static bool read_request(struct console_call *call, struct console_reply *reply,
			 struct decide_request *request)
{
	const char *policy = form_get(&call->form, "policy");

	if (!read_id(call, reply, "module", request->mid) ||
	    !read_id(call, reply, "host", request->sn))
		return false;
	if (!read_index(form_get(&call->form, "index"), &request->n)) {
		refuse(call, reply, 400, NULL, "the index is no number",
		       "type the digits that the host shows");
		return false;
	}
	if (!request_code_parse(form_get(&call->form, "request_code"), &request->code)) {
		refuse(call, reply, 400, NULL, "the request code has not six digits",
		       "type all six, leading zeros included");
		return false;
	}
	request->policy = policy && *policy ? domain_pin_policy(policy) : -1;
	if (policy && *policy && request->policy < 0) {
		refuse(call, reply, 400, NULL, "there is no such PIN policy",
		       "choose one of the list");
		return false;
	}
	return true;
}

static void show(struct console_call *call, struct console_reply *reply,
		 const struct decide_request *request, const char pin[PDT1_PIN_LEN])
{
	struct html *html = &reply->html;
	char text[SMPAIR_ID_TEXT_SIZE];

	page_begin(call, reply, 200, "PIN issued");
	reply->leave_after = CONSOLE_PIN_SECONDS;
	html_raw(html, "<p class=\"pin\" id=\"pin\" data-seconds=\"");
	html_format(html, "%d", CONSOLE_PIN_SECONDS);
	html_raw(html, "\"><span class=\"group\">");
	html_format(html, "%.4s", pin);
	html_raw(html, "</span> <span class=\"group\">");
	html_format(html, "%.4s", pin + 4);
	html_raw(html, "</span> <span class=\"check\">");
	html_format(html, "%c", smpair_pin_check_digit(pin));
	html_raw(html, "</span></p><p id=\"pin-note\" aria-live=\"polite\">Read it out in two"
		 " groups, then the check digit. It is hidden after <span id=\"left\">");
	html_format(html, "%d", CONSOLE_PIN_SECONDS);
	html_raw(html, "</span> seconds.</p><p><a class=\"button\" id=\"hide\" href=\"/\">"
		 "Done, hide it</a></p><dl><dt>Module</dt><dd>");
	page_link(html, "module", request->mid);
	html_raw(html, "</dd><dt>Host</dt><dd>");
	page_link(html, "host", request->sn);
	html_raw(html, "</dd><dt>Index N</dt><dd>");
	html_format(html, "%u", request->n);
	smpair_id_format(request->mid, text, sizeof(text));
	html_raw(html, "</dd></dl>");
	page_end(reply);
}

static void tell_refused(struct console_call *call, struct console_reply *reply,
			 const struct decide_answer *answer)
{
	const struct rule_text *text = &rule_texts[answer->cause];
	char what[320];

	if (answer->cause == RULE_REQUEST_CODE)
		snprintf(what, sizeof(what), "%s; attempts left: %u", text->what,
			 answer->attempts_left);
	else
		snprintf(what, sizeof(what), "%s", text->what);
	refuse(call, reply, 403, text->name, what, text->next);
}

/* A decision, and that it is shown: a job of the writer. */
struct deciding {
	struct writer_job job;
	struct provider *provider;
	struct decide_request request;
	struct decide_answer answer;
};

static int run_deciding(struct store *store, struct writer_job *job)
{
	struct deciding *d = (struct deciding *)job;
	struct audit_row reveal = {
		.at = d->request.now, .actor = d->request.actor, .action = "reveal",
		.mid = d->request.mid, .sn = d->request.sn, .has_n = true, .n = d->request.n,
		.result = "done", .cause = "shown",
	};
	int err;

	err = decide_pin(store, d->provider, &d->request, &d->answer, &job->error);
	if (err || d->answer.result != RULE_RESULT_ISSUED)
		return err;
	return audit_append(store, &reveal, &job->error);
}

/**
 * console_pin() - POST /pin.
 * @call: The request.
 * @reply: Receives the answer.
 */
void console_pin(struct console_call *call, struct console_reply *reply)
{
	struct service *service = call->console->service;
	struct deciding d = {
		.job = { .run = run_deciding }, .provider = service->provider,
		.request = { .actor = call->who, .by_person = true, .now = time(NULL) },
	};

	if (!read_request(call, reply, &d.request))
		return;
	if (writer_run(service->writer, &d.job)) {
		page_failed(call, reply, &d.job.error);
	} else if (d.answer.result == RULE_RESULT_ISSUED) {
		atomic_fetch_add(&service->counts.issued, 1);
		show(call, reply, &d.request, d.answer.pin);
	} else {
		atomic_fetch_add(&service->counts.refused, 1);
		tell_refused(call, reply, &d.answer);
	}
	explicit_bzero(&d, sizeof(d));
}
