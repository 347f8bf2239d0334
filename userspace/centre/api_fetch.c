// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands that agents fetch for the module that they meet.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "centre/api_fetch.h"
#include "centre/api_job.h"
#include "centre/offer.h"
#include "centre/order_json.h"

/* Commands that an agent gets at once. */
#define COMMANDS_MAX	16

/* Commands that leave. */
struct handing {
	struct api_job job;
	const struct store_module *module;
	size_t count;
	struct store_command of[COMMANDS_MAX];
	json_t *items;
	char numbers[COMMANDS_MAX * 12];
	uint32_t wait;
	bool report_wanted;
};

static int collect(const struct store_command *command, void *arg)
{
	struct handing *h = arg;

	h->of[h->count++] = *command;
	return 0;
}

static int append(struct store *store, struct handing *h, const char *cause, const char *detail,
		  struct domain_error *error)
{
	struct audit_row row = {
		.at = h->job.now, .actor = h->job.call->client.name, .action = "manage-fetch",
		.mid = h->module->mid, .result = "done", .cause = cause, .detail = detail,
	};

	return audit_append(store, &row, error);
}

static int give(struct store *store, struct handing *h, struct store_command *command, bool anew,
		struct domain_error *error)
{
	const char *agent = h->job.call->client.name;
	size_t len = strlen(h->numbers);
	int err = 0;

	if (anew) {
		command->offers++;
		command->handed_at = h->job.now;
		snprintf(command->handed_to, sizeof(command->handed_to), "%s", agent);
		err = store_set_offer(store, command, error);
	}
	if (err)
		return err;
	/* The module says what became of it, where the answers do not. */
	h->report_wanted |= command->offers > OFFERS_MAX;
	snprintf(h->numbers + len, sizeof(h->numbers) - len, "%s%u", len ? ", " : "",
		 command->seq);
	return json_array_append_new(h->items, order_json(command, true)) ? -ENOMEM : 0;
}

static int give_up(struct store *store, struct handing *h, struct store_command *command,
		   struct domain_error *error)
{
	char detail[STORE_ACTOR_MAX + 64];
	int err;

	command->given_up = true;
	h->report_wanted = true;
	err = store_set_offer(store, command, error);
	snprintf(detail, sizeof(detail), "command %u, handed out %u times, last to %s",
		 command->seq, command->offers, command->handed_to);
	return err ? err : append(store, h, "no-receipt", detail, error);
}

/* In the order of their numbers: what comes after one that waits, waits too. */
static int act_hand(struct store *store, struct api_job *job, struct domain_error *error)
{
	struct handing *h = (struct handing *)job;
	char detail[sizeof(h->numbers) + 16];
	enum offer offer = OFFER_NEW;
	size_t i;
	int err;

	json_array_clear(h->items);
	h->numbers[0] = '\0';
	h->count = 0;
	h->wait = 0;
	h->report_wanted = h->module->awaiting;
	err = store_each_offer(store, h->module->mid, COMMANDS_MAX, collect, h, error);
	for (i = 0; !err && offer != OFFER_WAIT && i < h->count; i++) {
		offer = offer_judge(&h->of[i], job->call->client.name, job->now,
				    job->call->service->lease, &h->wait);
		if (offer == OFFER_NEW || offer == OFFER_SAME)
			err = give(store, h, &h->of[i], offer == OFFER_NEW, error);
		else if (offer == OFFER_GIVE_UP)
			err = give_up(store, h, &h->of[i], error);
	}
	if (err || !h->numbers[0])
		return err;
	snprintf(detail, sizeof(detail), "command %s", h->numbers);
	return append(store, h, "handed-out", detail, error);
}

/* Nothing is written where there is nothing to give, which is nearly always. */
static int look(struct service *service, const struct store_module *module,
		struct domain_error *error)
{
	int ret;

	pthread_mutex_lock(&service->lock);
	ret = store_has_offer(service->reader, module->mid, error);
	pthread_mutex_unlock(&service->lock);
	return ret;
}

/**
 * api_fetch_commands() - Give an agent what the module has still to get.
 * @call: The request.
 * @reply: Receives the answer.
 * @module: The module.
 */
void api_fetch_commands(struct api_call *call, struct api_reply *reply,
			const struct store_module *module)
{
	struct handing h = {
		.job = { .act = act_hand }, .module = module, .items = json_array(),
		.report_wanted = module->awaiting,
	};
	struct domain_error error;
	int ret, err = 0;

	ret = look(call->service, module, &error);
	if (ret > 0)
		err = api_run(call, &h.job);
	if (ret < 0) {
		api_failed(call, reply, ret, &error);
	} else if (err) {
		api_job_failed(call, reply, err, &h.job);
	} else {
		reply->status = 200;
		reply->retry_after = h.wait;
		reply->object = json_pack("{s:i, s:O, s:b}", "v", 1, "items", h.items,
					  "report_wanted", h.report_wanted);
	}
	json_decref(h.items);
}
