// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include <smpair/id.h>

#include "centre/console/page.h"

/* Lines of the log on one page. */
#define ROWS	100

static void link_to(struct html *html, const char *path, const char *text)
{
	html_raw(html, "<a href=\"");
	html_text(html, path);
	html_raw(html, "\">");
	html_text(html, text);
	html_raw(html, "</a>");
}

static void navigation(struct console_call *call, struct html *html)
{
	html_raw(html, "<nav aria-label=\"Console\">");
	link_to(html, "/", "Waiting");
	link_to(html, "/search", "Search");
	if (call->role & CONSOLE_ISSUERS)
		link_to(html, "/pin", "Issue a PIN");
	link_to(html, "/log", "Log");
	html_raw(html, "</nav><div class=\"who\"><span>");
	html_text(html, call->session->operator.name);
	html_raw(html, "</span> <span class=\"role\">");
	html_text(html, call->session->operator.role);
	html_raw(html, "</span>");
	page_form(call, html, "/sign-out");
	html_raw(html, "<button class=\"quiet\">Sign out</button></form></div>");
}

/**
 * page_begin() - Begin a page.
 * @call: The request.
 * @reply: The answer; what was written before is dropped.
 * @status: HTTP status.
 * @title: Its heading.
 */
void page_begin(struct console_call *call, struct console_reply *reply, unsigned int status,
		const char *title)
{
	struct html *html = &reply->html;

	html_end(html);
	reply->status = status;
	reply->type = "text/html; charset=utf-8";
	html_raw(html, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
		 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>");
	html_text(html, title);
	html_raw(html, " - smpair centre</title>"
		 "<link rel=\"stylesheet\" href=\"/console.css\">"
		 "<script src=\"/console.js\" defer></script></head><body>"
		 "<a class=\"skip\" href=\"#main\">Skip to the content</a>"
		 "<header><b class=\"name\">smpair centre</b>");
	if (call->session)
		navigation(call, html);
	html_raw(html, "</header><main id=\"main\" tabindex=\"-1\"><h1>");
	html_text(html, title);
	html_raw(html, "</h1>");
	if (call->session && call->session->notice[0]) {
		html_raw(html, "<p class=\"notice\" role=\"status\">");
		html_text(html, call->session->notice);
		html_raw(html, "</p>");
		call->session->notice[0] = '\0';
	}
}

/**
 * page_end() - End a page.
 * @reply: The answer.
 */
void page_end(struct console_reply *reply)
{
	html_raw(&reply->html, "</main></body></html>\n");
}

/**
 * page_go() - Answer with another page to get.
 * @reply: The answer.
 * @location: Path of that page.
 */
void page_go(struct console_reply *reply, const char *location)
{
	html_end(&reply->html);
	reply->status = 303;
	reply->type = "text/plain; charset=utf-8";
	snprintf(reply->location, sizeof(reply->location), "%s", location);
}

/**
 * page_refusal() - Write why something is refused, and what to do about it.
 * @html: The page.
 * @code: Stable word, or NULL.
 * @what: What is wrong.
 * @next: The one thing to do.
 */
void page_refusal(struct html *html, const char *code, const char *what, const char *next)
{
	html_raw(html, "<div class=\"refusal\" role=\"alert\"><p><strong>Refused:</strong> ");
	html_text(html, what);
	if (code) {
		html_raw(html, " <code>");
		html_text(html, code);
		html_raw(html, "</code>");
	}
	html_raw(html, "</p><p><strong>Next:</strong> ");
	html_text(html, next);
	html_raw(html, "</p></div>");
}

/**
 * page_problem() - Answer with a refusal and nothing else.
 * @call: The request.
 * @reply: The answer.
 * @status: HTTP status.
 * @what: What is wrong.
 * @next: The one thing to do.
 */
void page_problem(struct console_call *call, struct console_reply *reply, unsigned int status,
		  const char *what, const char *next)
{
	page_begin(call, reply, status, "That did not work");
	page_refusal(&reply->html, NULL, what, next);
	page_end(reply);
}

/**
 * page_failed() - The centre itself cannot.
 * @call: The request.
 * @reply: The answer.
 * @error: Why, for the log alone.
 */
void page_failed(struct console_call *call, struct console_reply *reply,
		 const struct domain_error *error)
{
	atomic_fetch_add(&call->console->service->counts.failures, 1);
	fprintf(stderr, "<%d>console: %s %s: %s\n", LOG_ERR, call->method, call->path, error->text);
	page_problem(call, reply, 503, "the centre cannot do this now",
		     "try again in a minute; if it stays so, tell whoever runs the centre");
}

/**
 * page_form() - Begin a form that changes something.
 * @call: The request, of somebody who is signed in.
 * @html: The page.
 * @action: Where it goes; a literal.
 */
void page_form(struct console_call *call, struct html *html, const char *action)
{
	html_raw(html, "<form method=\"post\" action=\"");
	html_text(html, action);
	html_raw(html, "\"><input type=\"hidden\" name=\"csrf\" value=\"");
	html_text(html, call->session->csrf);
	html_raw(html, "\">");
}

/**
 * page_field() - A field for text, with its label.
 * @html: The page.
 * @name: Name and id of the field; a literal.
 * @label: What it is.
 * @value: What is in it, or NULL.
 * @hint: How it looks.
 */
void page_field(struct html *html, const char *name, const char *label, const char *value,
		const char *hint)
{
	html_raw(html, "<p class=\"field\"><label for=\"");
	html_raw(html, name);
	html_raw(html, "\">");
	html_text(html, label);
	html_raw(html, "</label><input id=\"");
	html_raw(html, name);
	html_raw(html, "\" name=\"");
	html_raw(html, name);
	html_raw(html, "\" autocomplete=\"off\" spellcheck=\"false\" value=\"");
	html_text(html, value ? value : "");
	html_raw(html, "\"><span class=\"hint\">");
	html_text(html, hint);
	html_raw(html, "</span></p>");
}

/**
 * page_link() - An identifier that leads to its page.
 * @html: The page.
 * @kind: "module" or "host".
 * @id: The identifier.
 */
void page_link(struct html *html, const char *kind, const uint8_t id[PDT1_ID_LEN])
{
	char text[SMPAIR_ID_TEXT_SIZE], path[64];

	smpair_id_format(id, text, sizeof(text));
	snprintf(path, sizeof(path), "/%s/%s", kind, text);
	link_to(html, path, text);
}

/**
 * page_pairing_link() - Lead to the page of a module with a host.
 * @html: The page.
 * @mid: The module.
 * @sn: The host.
 */
void page_pairing_link(struct html *html, const uint8_t mid[PDT1_ID_LEN],
		       const uint8_t sn[PDT1_ID_LEN])
{
	char module[SMPAIR_ID_TEXT_SIZE], host[SMPAIR_ID_TEXT_SIZE], path[96];

	smpair_id_format(mid, module, sizeof(module));
	smpair_id_format(sn, host, sizeof(host));
	snprintf(path, sizeof(path), "/pairing/%s/%s", module, host);
	link_to(html, path, "History");
}

static void cell_time(struct html *html, int64_t at)
{
	time_t seconds = at;
	char text[32] = "";
	struct tm utc;

	if (gmtime_r(&seconds, &utc))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &utc);
	html_raw(html, "<tr><td class=\"time\">");
	html_text(html, text);
}

static int print_row(const struct audit_row *row, void *arg)
{
	struct html *html = arg;

	cell_time(html, row->at);
	html_raw(html, "</td><td>");
	html_text(html, row->actor);
	html_raw(html, "</td><td>");
	html_text(html, row->action);
	html_raw(html, "</td><td class=\"id\">");
	if (row->mid)
		page_link(html, "module", row->mid);
	html_raw(html, "</td><td class=\"id\">");
	if (row->sn)
		page_link(html, "host", row->sn);
	html_raw(html, "</td><td class=\"n\">");
	if (row->has_n)
		html_format(html, "%u", row->n);
	html_raw(html, "</td><td class=\"n\">");
	if (row->has_known_n)
		html_format(html, "%u", row->known_n);
	/* One of a few words, see the schema. */
	html_raw(html, "</td><td><span class=\"result ");
	html_text(html, row->result);
	html_raw(html, "\">");
	html_text(html, row->result);
	html_raw(html, "</span></td><td>");
	html_text(html, row->cause);
	if (row->detail && *row->detail) {
		html_raw(html, ": ");
		html_text(html, row->detail);
	}
	html_raw(html, "</td></tr>");
	return html->failed;
}

/**
 * page_rows() - Write the newest lines of the log, and end the page.
 * @call: The request.
 * @reply: The answer.
 * @mid: Only lines of this module, or NULL.
 * @sn: Only lines of this host, or NULL.
 */
void page_rows(struct console_call *call, struct console_reply *reply, const uint8_t *mid,
	       const uint8_t *sn)
{
	const struct audit_filter filter = {
		.mid = mid, .sn = sn, .newest_first = true, .limit = ROWS,
	};
	struct html *html = &reply->html;
	struct domain_error error;

	html_raw(html, "<table><caption>The newest first, times in UTC</caption><thead><tr>"
		 "<th>When<th>Who<th>What<th>Module<th>Host<th title=\"Index that the host showed\">"
		 "N shown<th title=\"Index that the centre knew then\">N known<th>Result<th>Cause"
		 "</tr></thead><tbody>");
	if (audit_each(call->console->store, &filter, print_row, html, &error) < 0) {
		page_failed(call, reply, &error);
		return;
	}
	html_raw(html, "</tbody></table>");
	page_end(reply);
}

struct recording {
	struct writer_job job;
	struct audit_row row;
};

static int run_recording(struct store *store, struct writer_job *job)
{
	struct recording *r = (struct recording *)job;

	return audit_append(store, &r->row, &job->error);
}

/**
 * page_record() - Record what happened at the console.
 * @call: The request.
 * @row: The row, without time and who.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int page_record(struct console_call *call, const struct audit_row *row,
		struct domain_error *error)
{
	struct recording r = { .job = { .run = run_recording }, .row = *row };
	int err;

	r.row.at = time(NULL);
	r.row.actor = call->who;
	err = writer_run(call->console->service->writer, &r.job);
	if (err)
		*error = r.job.error;
	return err;
}
