// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include <smpair/id.h>
#include <smpair/names.h>

#include "libsmpair/deadline.h"
#include "smpaird/link.h"
#include "smpaird/request.h"
#include "smpaird/status.h"

static json_t *id_text(const uint8_t id[8])
{
	char text[SMPAIR_ID_TEXT_SIZE];

	smpair_id_format(id, text, sizeof(text));
	return json_string(text);
}

static json_t *one_request(const struct request *request)
{
	const struct smpair_request *asked = &request->asked;
	int64_t left = request->deadline_at - smpair_now();
	char code[16], dev[SMPAIR_NAME_SIZE];

	snprintf(code, sizeof(code), "%06u", asked->request_code);
	snprintf(dev, sizeof(dev), "smpair%u", asked->dev_id);
	return json_pack("{s:I, s:s, s:s, s:o, s:o, s:I, s:s, s:s, s:i, s:b, s:b, s:i, s:s, s:s}",
			 "id", (json_int_t)asked->id, "dev", dev,
			 "state", request_state_name(request->state),
			 "module_id", id_text(asked->module_id),
			 "host_id", id_text(asked->host_id),
			 "index", (json_int_t)asked->index, "request_code", code,
			 "pin_policy", smpair_pin_policy_name(asked->pin_policy),
			 "tries_left", (int)asked->tries_left,
			 "wants_pin", request_wants_pin(request),
			 "evicts", !!(asked->plan & SMPAIR_PLAN_EVICT),
			 "seconds_left", (int)(left < 0 ? 0 : left / 1000),
			 "centre_code", request->verdict.code,
			 "centre_next", request->verdict.next);
}

/**
 * status_pending() - Requests in hand.
 * @daemon: The daemon.
 *
 * Return: A new array, or NULL without memory.
 */
json_t *status_pending(const struct daemon *daemon)
{
	const struct request *request;
	json_t *array = json_array();

	for (request = daemon->requests; request; request = request->next)
		json_array_append_new(array, one_request(request));
	return array;
}

static json_t *modules(const struct daemon *daemon)
{
	static const char *const policies[] = { "deny", "ask", "auto" };
	const struct conf_issuer *issuer;
	const struct link *link;
	json_t *array = json_array(), *module;
	char dev[SMPAIR_NAME_SIZE];

	for (link = daemon->links; link; link = link->next) {
		snprintf(dev, sizeof(dev), "smpair%u", link->id);
		module = json_pack("{s:s, s:s}", "dev", dev, "state",
				   smpair_state_name(link->state));
		if (link->has_module_id) {
			json_object_set_new(module, "module_id", id_text(link->module_id));
			issuer = conf_find(&daemon->conf, link->module_id);
			json_object_set_new(module, "policy",
					    json_string(policies[issuer->policy]));
		}
		json_array_append_new(array, module);
	}
	return array;
}

/**
 * status_of() - What the daemon does.
 * @daemon: The daemon.
 *
 * Return: A new object, or NULL without memory.
 */
json_t *status_of(const struct daemon *daemon)
{
	return json_pack("{s:i, s:s, s:I, s:b, s:s, s:i, s:i, s:o, s:o}", "v", 1,
			 "driver", daemon->client ? "connected" : "absent",
			 "priority", (json_int_t)daemon->conf.priority,
			 "displaced", daemon->displaced,
			 "centre", daemon->conf.url,
			 "messages_waiting", (int)daemon->spool.waiting,
			 "retry_seconds", (int)daemon->spool.delay,
			 "modules", modules(daemon),
			 "pending", status_pending(daemon));
}
