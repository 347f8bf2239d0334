// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is known of a module.
 */
#include <errno.h>

#include <smpair/id.h>
#include <smpair/names.h>

#include "centre/api.h"
#include "domain/json.h"

static int find(struct api_call *call, struct api_reply *reply, struct store_module *module)
{
	struct domain_error error;
	uint8_t mid[PDT1_ID_LEN];
	int ret;

	if (smpair_id_parse(call->rest, mid)) {
		api_problem(reply, 400, "check-digits",
			    "the identifier in the path is none, or its check digits are wrong",
			    "compare it with the module's label");
		return -EINVAL;
	}
	pthread_mutex_lock(&call->service->lock);
	ret = store_get_module(call->service->reader, mid, module, &error);
	pthread_mutex_unlock(&call->service->lock);
	if (ret < 0)
		api_failed(call, reply, ret, &error);
	else if (!ret)
		api_problem(reply, 404, "unknown-module", "the module is not registered here",
			    "compare the identifier with the module's label");
	return ret > 0 ? 0 : -ENOENT;
}

/**
 * api_get_module() - GET /v1/modules/ID.
 * @call: The request.
 * @reply: Receives the answer.
 */
void api_get_module(struct api_call *call, struct api_reply *reply)
{
	struct store_module module;

	if (find(call, reply, &module))
		return;
	reply->status = 200;
	reply->object = json_pack("{s:i, s:o, s:s, s:I, s:b}", "v", 1, "module",
				  domain_json_from_id(module.mid), "policy",
				  smpair_pin_policy_name(module.pin_policy), "index",
				  (json_int_t)module.n, "denied", module.denied);
	if (module.hold[0])
		json_object_set_new(reply->object, "hold", json_string(module.hold));
}
