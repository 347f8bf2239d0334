// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Searching for modules and hosts.
 */
#include <errno.h>
#include <string.h>

#include <smpair/id.h>

#include "centre/console/page.h"

/* Hits of each kind. */
#define HITS	50
/* Digits of the greatest serial number. */
#define SERIAL_DIGITS	15

/**
 * struct search - A search that goes on.
 * @html: Where hits are listed.
 * @text: What is searched for.
 * @tail: @text is digits: how a serial number ends.
 * @hits: Found so far of this kind.
 */
struct search {
	struct html *html;
	const char *text;
	bool tail;
	unsigned int hits;
};

/* The serial number ends so, or the identifier begins so. */
static bool fits(const struct search *search, const char *id)
{
	const char *serial = strchr(id, '-') + 1;
	size_t serial_len = strcspn(serial, "-"), len = strlen(search->text);

	if (search->tail)
		return len <= serial_len &&
		       !memcmp(serial + serial_len - len, search->text, len);
	return !strncmp(id, search->text, len);
}

static int list(struct search *search, const char *kind, const uint8_t id[PDT1_ID_LEN],
		const char *remark)
{
	char text[SMPAIR_ID_TEXT_SIZE];

	smpair_id_format(id, text, sizeof(text));
	if (!fits(search, text))
		return 0;
	html_raw(search->html, "<li>");
	page_link(search->html, kind, id);
	html_raw(search->html, " ");
	html_text(search->html, remark);
	html_raw(search->html, "</li>");
	return ++search->hits == HITS;
}

static int list_module(const struct store_module *module, void *arg)
{
	return list(arg, "module", module->mid, module->denied ? "denied" :
		    module->hold[0] ? "on hold" : "");
}

static int list_host(const struct store_host *host, void *arg)
{
	return list(arg, "host", host->sn, host->denied ? "denied" : "");
}

static void tell_hits(struct search *search)
{
	if (!search->hits)
		html_raw(search->html, "<li class=\"empty\">none</li>");
	html_raw(search->html, "</ul>");
	if (search->hits == HITS)
		html_format(search->html, "Only the first %d are listed; type more of it.", HITS);
	search->hits = 0;
}

static int run(struct console_call *call, struct search *search, struct domain_error *error)
{
	int ret;

	html_raw(search->html, "<h2>Modules</h2><ul class=\"hits\">");
	ret = store_each_module(call->console->store, NULL, list_module, search, error);
	tell_hits(search);
	if (ret < 0)
		return ret;
	html_raw(search->html, "<h2>Hosts</h2><ul class=\"hits\">");
	ret = store_each_host(call->console->store, NULL, list_host, search, error);
	tell_hits(search);
	return ret;
}

/**
 * console_search() - GET /search.
 * @call: The request.
 * @reply: Receives the answer.
 */
void console_search(struct console_call *call, struct console_reply *reply)
{
	const struct rule_text *digits = &rule_texts[RULE_CHECK_DIGITS];
	const char *text = form_get(&call->query, "q");
	struct search search = { .html = &reply->html, .text = text };
	struct domain_error error;
	uint8_t id[PDT1_ID_LEN];
	int parsed;

	page_begin(call, reply, 200, "Search");
	html_raw(&reply->html, "<form method=\"get\" action=\"/search\" role=\"search\">");
	page_field(&reply->html, "q", "Module or host", text,
		   "An identifier or how it begins (513-22136), or the last digits of a serial number");
	html_raw(&reply->html, "<p><button>Search</button></p></form>");
	if (!text || !*text) {
		page_end(reply);
		return;
	}
	parsed = smpair_id_parse(text, id);
	search.tail = strspn(text, "0123456789") == strlen(text);
	if (strspn(text, "0123456789-") != strlen(text) || strlen(text) >= SMPAIR_ID_TEXT_SIZE ||
	    (search.tail && strlen(text) > SERIAL_DIGITS)) {
		page_refusal(&reply->html, NULL, "no identifier looks like this",
			     "type digits and hyphens as on the label");
	} else if (parsed == -EBADMSG) {
		page_refusal(&reply->html, digits->name, digits->what, digits->next);
	} else if (run(call, &search, &error) < 0) {
		page_failed(call, reply, &error);
		return;
	}
	page_end(reply);
}
