// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the agent does: its connections, and the requests that wait.
 */
#include <stdio.h>

#include "agent.h"
#include "out.h"

static const char *text(const json_t *object, const char *name)
{
	const char *value = json_string_value(json_object_get(object, name));

	return value ? value : "";
}

static long long number(const json_t *object, const char *name)
{
	return (long long)json_integer_value(json_object_get(object, name));
}

static void print_request(const json_t *request)
{
	printf("Request       %lld for %s: module %s, host %s\n", number(request, "id"),
	       text(request, "dev"), text(request, "module_id"), text(request, "host_id"));
	printf("              index %lld, request code %s, %lld tries left, %lld s to answer\n",
	       number(request, "index"), text(request, "request_code"),
	       number(request, "tries_left"), number(request, "seconds_left"));
	printf("              waits for: %s%s%s\n", text(request, "state"),
	       *text(request, "centre_next") ? "; the centre says: " : "",
	       text(request, "centre_next"));
	if (json_is_true(json_object_get(request, "evicts")))
		puts("              it replaces the pairing of another host");
}

static void print_requests(const json_t *pending)
{
	size_t i;

	for (i = 0; i < json_array_size(pending); i++)
		print_request(json_array_get(pending, i));
	if (!i)
		puts("Request       none waits");
}

static void print_status(const json_t *status)
{
	const json_t *modules = json_object_get(status, "modules"), *module;
	size_t i;

	printf("Driver        %s\n", text(status, "driver"));
	printf("Priority      %lld%s\n", number(status, "priority"),
	       json_is_true(json_object_get(status, "displaced")) ?
	       "; an agent of a higher one gets the requests" : "");
	printf("Centre        %s\n", *text(status, "centre") ? text(status, "centre") : "none");
	if (number(status, "messages_waiting"))
		printf("              %lld messages wait for it\n",
		       number(status, "messages_waiting"));
	for (i = 0; i < json_array_size(modules); i++) {
		module = json_array_get(modules, i);
		printf("Module        %s %s %s (policy %s)\n", text(module, "dev"),
		       text(module, "state"), text(module, "module_id"), text(module, "policy"));
	}
	print_requests(json_object_get(status, "pending"));
}

static int show(struct ctl *ctl, const char *verb, void (*print)(const json_t *answer))
{
	struct agent agent;
	json_t *answer;
	int err;

	err = agent_connect(ctl, &agent);
	if (err)
		return err;
	err = agent_ask(&agent, json_pack("{s:i, s:s}", "v", 1, "verb", verb), -1, &answer);
	agent_disconnect(&agent);
	if (err)
		return err;
	if (ctl->json)
		return out_json(answer);
	print(answer);
	json_decref(answer);
	return SMPAIR_EXIT_DONE;
}

static void print_pending(const json_t *answer)
{
	print_requests(json_object_get(answer, "pending"));
}

int cmd_status(struct ctl *ctl)
{
	return show(ctl, "status", print_status);
}

int cmd_pending(struct ctl *ctl)
{
	return show(ctl, "pending", print_pending);
}
