// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is done to modules and hosts: hold, release, deny, allow.
 */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include <smpair/id.h>

#include "centre/access.h"
#include "centre/console/page.h"

/**
 * struct changing - A change that is asked for.
 * @job: For the writer.
 * @run: One of access_*().
 * @change: For it.
 * @mid: The module.
 * @sn: The host.
 */
struct changing {
	struct writer_job job;
	access_fn *run;
	struct access_change change;
	uint8_t mid[PDT1_ID_LEN];
	uint8_t sn[PDT1_ID_LEN];
};

static int run_changing(struct store *store, struct writer_job *job)
{
	struct changing *changing = (struct changing *)job;

	return changing->run(store, &changing->change, &job->error);
}

static bool read_name(const struct form *form, const char *name, uint8_t id[PDT1_ID_LEN],
		      const uint8_t **given)
{
	const char *text = form_get(form, name);

	if (!text)
		return true;
	*given = id;
	return !smpair_id_parse(text, id);
}

static bool begin(struct console_call *call, struct console_reply *reply,
		  struct changing *changing, bool need_module)
{
	struct access_change *change = &changing->change;
	bool good;

	*change = (struct access_change) { .actor = call->who, .now = time(NULL) };
	good = read_name(&call->form, "module", changing->mid, &change->mid) &&
	       read_name(&call->form, "host", changing->sn, &change->sn) &&
	       (change->mid || (change->sn && !need_module));
	if (!good)
		page_problem(call, reply, 400, "the form names no module or host",
			     "open the page of the module or host, and use its buttons");
	return good;
}

/* Back to where the button was, which tells what was done. */
static void end(struct console_call *call, struct console_reply *reply,
		const struct changing *changing, int err, const char *done)
{
	const struct access_change *change = &changing->change;
	char module[SMPAIR_ID_TEXT_SIZE] = "", host[SMPAIR_ID_TEXT_SIZE] = "", path[96];

	if (err == -ENOENT) {
		page_problem(call, reply, 404, "the module or the host is not registered here",
			     "compare the identifiers with the labels");
		return;
	}
	if (err) {
		page_failed(call, reply, &changing->job.error);
		return;
	}
	if (change->mid)
		smpair_id_format(change->mid, module, sizeof(module));
	if (change->sn)
		smpair_id_format(change->sn, host, sizeof(host));
	if (change->mid && change->sn)
		snprintf(path, sizeof(path), "/pairing/%s/%s", module, host);
	else
		snprintf(path, sizeof(path), "/%s/%s", change->mid ? "module" : "host",
			 change->mid ? module : host);
	snprintf(call->session->notice, sizeof(call->session->notice), "%s", done);
	page_go(reply, path);
}

static void apply(struct console_call *call, struct console_reply *reply, bool need_module,
		  access_fn *run, const char *done)
{
	struct changing changing = { .job = { .run = run_changing }, .run = run };
	int err;

	if (!begin(call, reply, &changing, need_module))
		return;
	err = writer_run(call->console->service->writer, &changing.job);
	end(call, reply, &changing, err, done);
}

/**
 * console_hold() - POST /hold.
 * @call: The request.
 * @reply: Receives the answer.
 */
void console_hold(struct console_call *call, struct console_reply *reply)
{
	apply(call, reply, true, access_hold, "The module is on hold; no PIN is issued for it.");
}

/**
 * console_release() - POST /release.
 * @call: The request.
 * @reply: Receives the answer.
 */
void console_release(struct console_call *call, struct console_reply *reply)
{
	apply(call, reply, true, access_release, "Released.");
}

/**
 * console_deny() - POST /deny.
 * @call: The request.
 * @reply: Receives the answer.
 */
void console_deny(struct console_call *call, struct console_reply *reply)
{
	apply(call, reply, false, access_deny, "Denied.");
}

/**
 * console_allow() - POST /allow.
 * @call: The request.
 * @reply: Receives the answer.
 */
void console_allow(struct console_call *call, struct console_reply *reply)
{
	apply(call, reply, false, access_allow, "Allowed.");
}
