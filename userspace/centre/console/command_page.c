// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands to modules: unblocking, and what became of the newest.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <smpair/id.h>

#include "centre/console/command_page.h"
#include "centre/console/page.h"
#include "centre/order_json.h"

/* Commands that a page shows. */
#define ROWS	20

struct rows {
	struct html *html;
	unsigned int count;
};

static const char *class_of(const char *state)
{
	if (!strcmp(state, "done"))
		return "issued";
	return !strcmp(state, "refused") || !strcmp(state, "lost") ? "refused" : "";
}

static int print_row(const struct store_command *command, void *arg)
{
	struct rows *rows = arg;
	struct html *html = rows->html;
	const char *state = order_state(command);

	if (!rows->count++)
		html_raw(html, "<h2>Commands</h2><table class=\"commands\"><caption>The newest first"
			 "</caption><thead><tr><th>Number<th>Command<th>Who<th>State<th>Next"
			 "</tr></thead><tbody>");
	html_raw(html, "<tr><td class=\"n\">");
	html_format(html, "%u", command->seq);
	html_raw(html, "</td><td>");
	html_text(html, order_name(command->op));
	html_raw(html, "</td><td>");
	html_text(html, command->actor);
	html_raw(html, "</td><td><span class=\"result ");
	html_raw(html, class_of(state));
	html_raw(html, "\">");
	html_text(html, state);
	html_raw(html, "</span></td><td>");
	html_text(html, order_next(command));
	if (command->offers && command->sw < 0) {
		html_format(html, " (attempts: %u, last to ", command->offers);
		html_text(html, command->handed_to);
		html_raw(html, ")");
	}
	html_raw(html, "</td></tr>");
	return html->failed;
}

/**
 * command_rows() - Write the newest commands of a module, if it ever had any.
 * @html: The page.
 * @store: The database.
 * @mid: The module.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int command_rows(struct html *html, struct store *store, const uint8_t mid[PDT1_ID_LEN],
		 struct domain_error *error)
{
	struct rows rows = { .html = html };
	int ret;

	ret = store_each_command(store, mid, UINT32_MAX, ROWS, print_row, &rows, error);
	if (rows.count)
		html_raw(html, "</tbody></table>");
	return ret < 0 ? ret : 0;
}

/* A command, as a job of the writer. */
struct unblocking {
	struct writer_job job;
	struct provider *provider;
	const char *actor;
	uint8_t mid[PDT1_ID_LEN];
	struct store_command command;
};

/* As many tries as the module starts with. */
static int run_unblocking(struct store *store, struct writer_job *job)
{
	struct unblocking *u = (struct unblocking *)job;
	struct order order = { .op = PDT1_OP_UNBLOCK_PIN };
	struct store_module module;
	int ret;

	ret = store_get_module(store, u->mid, &module, &job->error);
	if (ret <= 0)
		return ret ? ret : -ENOENT;
	order.tries = module.ptc_max;
	return order_make(store, u->provider, NULL, u->mid, &order, u->actor, time(NULL),
			  &u->command, &job->error);
}

/**
 * console_unblock() - POST /unblock.
 * @call: The request.
 * @reply: Receives the answer.
 */
void console_unblock(struct console_call *call, struct console_reply *reply)
{
	const char *module = form_get(&call->form, "module");
	struct service *service = call->console->service;
	struct unblocking u = {
		.job = { .run = run_unblocking }, .provider = service->provider,
		.actor = call->who,
	};
	char path[64];
	int err;

	err = module && !smpair_id_parse(module, u.mid) ?
	      writer_run(service->writer, &u.job) : -ENOENT;
	if (err == -ENOENT) {
		page_problem(call, reply, 404, "the module is not registered here",
			     "open the page of the module, and use its button");
		return;
	}
	if (err == -EBUSY) {
		page_problem(call, reply, 409,
			     "the module was told to take another management key and has not answered",
			     "wait for that receipt, or for a report of the module");
		return;
	}
	if (err) {
		page_failed(call, reply, &u.job.error);
		return;
	}
	snprintf(path, sizeof(path), "/module/%.32s", module);
	snprintf(call->session->notice, sizeof(call->session->notice),
		 "Command %u is queued; an agent carries it when the module is next with a host.",
		 u.command.seq);
	page_go(reply, path);
}
