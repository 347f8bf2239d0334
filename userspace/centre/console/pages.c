// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pages that only show: what waits, the log, a module, a host, a pairing.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <smpair/id.h>
#include <smpair/names.h>

#include "centre/console/command_page.h"
#include "centre/console/page.h"

struct waiting {
	struct html *html;
	unsigned int count;
};

static int waiting_row(const struct store_request *held, void *arg)
{
	struct waiting *waiting = arg;
	struct html *html = waiting->html;

	if (!waiting->count++)
		html_raw(html, "<table><thead><tr><th>Waits for<th>Agent<th>Module<th>Host<th>N"
			 "<th>Request code<th></tr></thead><tbody>");
	html_raw(html, "<tr><td class=\"time\">");
	html_format(html, "%lld min", (long long)(time(NULL) - held->at) / 60);
	html_raw(html, "</td><td>");
	html_text(html, held->actor);
	html_raw(html, "</td><td class=\"id\">");
	page_link(html, "module", held->mid);
	html_raw(html, "</td><td class=\"id\">");
	page_link(html, "host", held->sn);
	html_raw(html, "</td><td class=\"n\">");
	html_format(html, "%u", held->n);
	html_raw(html, "</td><td class=\"n\">");
	html_format(html, "%03u %03u", held->code / 1000, held->code % 1000);
	html_raw(html, "</td><td>");
	page_pairing_link(html, held->mid, held->sn);
	html_raw(html, "</td></tr>");
	return html->failed;
}

/**
 * console_waiting() - GET /: the requests that wait for an operator.
 * @call: The request.
 * @reply: Receives the answer.
 */
void console_waiting(struct console_call *call, struct console_reply *reply)
{
	struct waiting waiting = { .html = &reply->html };
	struct domain_error error;

	page_begin(call, reply, 200, "Waiting for an operator");
	html_raw(&reply->html, "<p>Let the caller read out module, host, index and request code;"
		 " do not read them to the caller.</p>");
	if (store_each_request(call->console->store, 0, NULL, 0, waiting_row, &waiting,
			       &error) < 0) {
		page_failed(call, reply, &error);
		return;
	}
	html_raw(&reply->html, waiting.count ? "</tbody></table>" :
		 "<p class=\"empty\">Nobody waits.</p>");
	page_end(reply);
}

/**
 * console_log() - GET /log.
 * @call: The request.
 * @reply: Receives the answer.
 */
void console_log(struct console_call *call, struct console_reply *reply)
{
	page_begin(call, reply, 200, "Log");
	page_rows(call, reply, NULL, NULL);
}

/* An identifier in the path; false with the refusal where it is none. */
static bool read_id(struct console_call *call, struct console_reply *reply, const char *text,
		    uint8_t id[PDT1_ID_LEN])
{
	const struct rule_text *rule = &rule_texts[RULE_CHECK_DIGITS];

	if (!smpair_id_parse(text, id))
		return true;
	page_problem(call, reply, 404, rule->what, rule->next);
	return false;
}

/* What a look-up gave; false with the refusal where it gave nothing. */
static bool found(struct console_call *call, struct console_reply *reply, int ret,
		  enum rule_cause cause, const struct domain_error *error)
{
	const struct rule_text *rule = &rule_texts[cause];

	if (ret < 0)
		page_failed(call, reply, error);
	else if (!ret)
		page_problem(call, reply, 404, rule->what, rule->next);
	return ret > 0;
}

/* A button that does something to a module, a host, or both. */
static void button(struct console_call *call, struct html *html, const char *action,
		   const char *label, const uint8_t *mid, const uint8_t *sn)
{
	char text[SMPAIR_ID_TEXT_SIZE];

	page_form(call, html, action);
	if (mid) {
		smpair_id_format(mid, text, sizeof(text));
		html_raw(html, "<input type=\"hidden\" name=\"module\" value=\"");
		html_text(html, text);
		html_raw(html, "\">");
	}
	if (sn) {
		smpair_id_format(sn, text, sizeof(text));
		html_raw(html, "<input type=\"hidden\" name=\"host\" value=\"");
		html_text(html, text);
		html_raw(html, "\">");
	}
	html_raw(html, "<button>");
	html_text(html, label);
	html_raw(html, "</button></form>");
}

static void deny_button(struct console_call *call, struct html *html, bool denied,
			const uint8_t *mid, const uint8_t *sn)
{
	if (call->role & CONSOLE_SUPERVISOR)
		button(call, html, denied ? "/allow" : "/deny", denied ? "Allow" : "Deny", mid, sn);
}

static void fact(struct html *html, const char *name)
{
	html_raw(html, "<dt>");
	html_text(html, name);
	html_raw(html, "</dt><dd>");
}

static void state(struct html *html, bool bad, const char *text)
{
	html_raw(html, bad ? "<strong class=\"bad\">" : "<span>");
	html_text(html, text);
	html_raw(html, bad ? "</strong>" : "</span>");
}

static void module_facts(struct html *html, const struct store_module *module)
{
	html_raw(html, "<dl>");
	fact(html, "PIN policy");
	html_text(html, smpair_pin_policy_name(module->pin_policy));
	fact(html, "N known here");
	html_format(html, "%u", module->n);
	fact(html, "Denied");
	state(html, module->denied, module->denied ? "yes" : "no");
	fact(html, "On hold");
	state(html, module->hold[0], module->hold[0] ? module->hold : "no");
	fact(html, "PIN tries left");
	if (module->tries < 0)
		html_raw(html, "never told");
	else if (module->tries)
		html_format(html, "%d", module->tries);
	else
		state(html, true, "none: blocked");
	fact(html, "Frozen");
	state(html, module->frozen, module->frozen ? "yes" : "no");
	html_raw(html, "</dl>");
}

/**
 * console_module() - GET /module/ID.
 * @call: The request.
 * @reply: Receives the answer.
 */
void console_module(struct console_call *call, struct console_reply *reply)
{
	struct html *html = &reply->html;
	uint8_t mid[PDT1_ID_LEN];
	struct store_module module;
	struct domain_error error;
	char title[64];
	int ret;

	if (!read_id(call, reply, call->rest, mid))
		return;
	ret = store_get_module(call->console->store, mid, &module, &error);
	if (!found(call, reply, ret, RULE_UNKNOWN_MODULE, &error))
		return;
	snprintf(title, sizeof(title), "Module %.32s", call->rest);
	page_begin(call, reply, 200, title);
	module_facts(html, &module);
	html_raw(html, "<div class=\"actions\">");
	if (!module.hold[0] && (call->role & CONSOLE_ISSUERS))
		button(call, html, "/hold", "Hold", mid, NULL);
	if (module.hold[0] && (call->role & CONSOLE_SUPERVISOR))
		button(call, html, "/release", "Release", mid, NULL);
	deny_button(call, html, module.denied, mid, NULL);
	if (call->role & CONSOLE_SUPERVISOR)
		button(call, html, "/unblock", "Unblock PIN", mid, NULL);
	html_raw(html, "</div>");
	if (command_rows(html, call->console->store, mid, &error)) {
		page_failed(call, reply, &error);
		return;
	}
	html_raw(html, "<h2>History</h2>");
	page_rows(call, reply, mid, NULL);
}

/**
 * console_host() - GET /host/ID.
 * @call: The request.
 * @reply: Receives the answer.
 */
void console_host(struct console_call *call, struct console_reply *reply)
{
	struct html *html = &reply->html;
	uint8_t sn[PDT1_ID_LEN];
	struct store_host host;
	struct domain_error error;
	char title[64];
	int ret;

	if (!read_id(call, reply, call->rest, sn))
		return;
	ret = store_get_host(call->console->store, sn, &host, &error);
	if (!found(call, reply, ret, RULE_UNKNOWN_HOST, &error))
		return;
	snprintf(title, sizeof(title), "Host %.32s", call->rest);
	page_begin(call, reply, 200, title);
	html_raw(html, "<dl>");
	fact(html, "Denied");
	state(html, host.denied, host.denied ? "yes" : "no");
	html_raw(html, "</dl><div class=\"actions\">");
	deny_button(call, html, host.denied, NULL, sn);
	html_raw(html, "</div><h2>History</h2>");
	page_rows(call, reply, NULL, sn);
}

/**
 * struct pairing - A module with a host.
 * @module: The module.
 * @host: The host.
 * @denied: Their pairing is denied.
 * @wrong: Wrong request codes since the last right one.
 * @shown: Index that the host showed last.
 * @has_shown: It ever showed one.
 */
struct pairing {
	struct store_module module;
	struct store_host host;
	bool denied;
	unsigned int wrong;
	uint32_t shown;
	bool has_shown;
};

static int newest_index(const struct audit_row *row, void *arg)
{
	struct pairing *pairing = arg;

	pairing->has_shown = row->has_n;
	pairing->shown = row->n;
	return pairing->has_shown;
}

static bool load_pairing(struct console_call *call, struct console_reply *reply,
			 const uint8_t mid[PDT1_ID_LEN], const uint8_t sn[PDT1_ID_LEN],
			 struct pairing *pairing)
{
	const struct audit_filter newest = {
		.mid = mid, .sn = sn, .newest_first = true, .limit = 20,
	};
	struct store *store = call->console->store;
	struct domain_error error;
	int ret;

	ret = store_get_module(store, mid, &pairing->module, &error);
	if (!found(call, reply, ret, RULE_UNKNOWN_MODULE, &error))
		return false;
	ret = store_get_host(store, sn, &pairing->host, &error);
	if (!found(call, reply, ret, RULE_UNKNOWN_HOST, &error))
		return false;
	ret = store_is_denied(store, mid, sn, &pairing->denied, &error);
	if (!ret)
		ret = store_get_wrong(store, mid, sn, &pairing->wrong, &error);
	if (!ret)
		ret = audit_each(store, &newest, newest_index, pairing, &error);
	if (ret < 0)
		page_failed(call, reply, &error);
	return ret >= 0;
}

static void pairing_facts(struct html *html, const struct pairing *pairing)
{
	bool held = pairing->wrong >= RULES_ATTEMPTS;

	html_raw(html, "<dl>");
	fact(html, "Module");
	page_link(html, "module", pairing->module.mid);
	fact(html, "Host");
	page_link(html, "host", pairing->host.sn);
	fact(html, "N shown by the host last");
	if (pairing->has_shown)
		html_format(html, "%u", pairing->shown);
	else
		html_raw(html, "never asked");
	fact(html, "N known here");
	html_format(html, "%u", pairing->module.n);
	fact(html, "Denied");
	state(html, pairing->denied, pairing->denied ? "yes" : "no");
	fact(html, "Wrong request codes");
	html_raw(html, held ? "<strong class=\"bad\">" : "<span>");
	html_format(html, "%u of %d%s", pairing->wrong, RULES_ATTEMPTS,
		    held ? ": this host is on hold for this module" : "");
	html_raw(html, held ? "</strong></dl>" : "</span></dl>");
}

/**
 * console_pairing() - GET /pairing/MODULE/HOST.
 * @call: The request.
 * @reply: Receives the answer.
 */
void console_pairing(struct console_call *call, struct console_reply *reply)
{
	const char *slash = strchr(call->rest, '/');
	char module[SMPAIR_ID_TEXT_SIZE] = "";
	struct html *html = &reply->html;
	uint8_t mid[PDT1_ID_LEN], sn[PDT1_ID_LEN];
	struct pairing pairing = { 0 };

	if (slash && (size_t)(slash - call->rest) < sizeof(module))
		memcpy(module, call->rest, (size_t)(slash - call->rest));
	if (!read_id(call, reply, module, mid) || !read_id(call, reply, slash + 1, sn) ||
	    !load_pairing(call, reply, mid, sn, &pairing))
		return;
	page_begin(call, reply, 200, "Pairing");
	pairing_facts(html, &pairing);
	html_raw(html, "<div class=\"actions\">");
	if (call->role & CONSOLE_ISSUERS) {
		html_raw(html, "<a class=\"button\" href=\"/pin?module=");
		html_text(html, module);
		html_raw(html, "&amp;host=");
		html_text(html, slash + 1);
		html_raw(html, "\">Issue a PIN</a>");
	}
	if (pairing.wrong && (call->role & CONSOLE_SUPERVISOR))
		button(call, html, "/release", "Release host", mid, sn);
	deny_button(call, html, pairing.denied, mid, sn);
	html_raw(html, "</div><h2>History</h2>");
	page_rows(call, reply, mid, sn);
}
