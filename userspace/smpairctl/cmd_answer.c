// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Answers a request that waits in the agent. The agent judges the PIN; here it
 * only passes from the terminal into a pipe.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <smpair/secret.h>

#include "agent.h"
#include "file.h"
#include "out.h"
#include "pinfd.h"
#include "prompt.h"

static const struct smpair_error_info nothing = {
	"no-request", "no such request waits", "list those that do with \"smpairctl pending\"",
	SMPAIR_EXIT_STATE,
};

static const struct smpair_error_info several = {
	"several", "several requests wait", "name one with \"--request\"", SMPAIR_EXIT_USAGE,
};

static const struct smpair_error_info no_pin = {
	"no-pin", "no PIN was given", "type it, or give it with \"--pin-fd\"", SMPAIR_EXIT_USAGE,
};

/* The one that is meant, borrowed from @pending. NULL with the error told in @ret. */
static const json_t *choose(struct ctl *ctl, const json_t *pending, int *ret)
{
	const char *name = ctl_value(ctl, "request");
	const json_t *request;
	char *end;
	size_t i;

	*ret = 0;
	if (!name && json_array_size(pending) > 1)
		*ret = out_error(ctl, &several, NULL, NULL);
	for (i = 0; !*ret && i < json_array_size(pending); i++) {
		request = json_array_get(pending, i);
		if (!name || (*name && json_integer_value(json_object_get(request, "id")) ==
			      strtoll(name, &end, 10) && !*end))
			return request;
	}
	if (!*ret)
		*ret = out_error(ctl, &nothing, NULL, name);
	return NULL;
}

/* Puts the PIN into a pipe. Returns its end to read from, or -1 with @ret. */
static int pipe_pin(struct ctl *ctl, int *ret)
{
	int64_t deadline = ctl_now() + ctl_left(ctl, SMPAIR_REQUEST_TIMEOUT_DEFAULT * 1000);
	struct smpair_secret *secret;
	int ends[2], err, fd;
	size_t len;
	char *line;

	*ret = pinfd_get(ctl, &fd);
	if (*ret)
		return -1;
	err = smpair_secret_new(PROMPT_SIZE, &secret);
	if (err) {
		*ret = out_fail(ctl, err, NULL);
		return -1;
	}
	line = (char *)smpair_secret_data(secret);
	err = fd >= 0 ? prompt_fd(fd, deadline, line, PROMPT_SIZE, &len) :
			prompt_line("PIN: ", false, deadline, line, PROMPT_SIZE, &len);
	if (!err && !len)
		err = -ENOTTY;
	if (!err && pipe(ends))
		err = -errno;
	if (!err) {
		err = file_write_fd(ends[1], (const uint8_t *)line, len);
		close(ends[1]);
		if (err)
			close(ends[0]);
	}
	smpair_secret_free(secret);
	if (!err)
		return ends[0];
	*ret = err == -ENOTTY || err == -EMSGSIZE ? out_error(ctl, &no_pin, NULL, NULL) :
	       out_fail(ctl, err, NULL);
	return -1;
}

static int answer(struct ctl *ctl, struct agent *agent, const json_t *request)
{
	const char *evict = ctl_value(ctl, "evict");
	bool decline = ctl_flag(ctl, "decline");
	json_t *reply;
	int pin = -1, ret = 0;

	if (!decline && json_is_true(json_object_get(request, "wants_pin")) &&
	    strcmp(json_string_value(json_object_get(request, "state")) ?: "", "consent")) {
		pin = pipe_pin(ctl, &ret);
		if (ret)
			return ret;
	}
	ret = agent_ask(agent, json_pack("{s:i, s:s, s:O, s:s, s:b}", "v", 1, "verb", "answer",
					 "id", json_object_get(request, "id"),
					 "decision", decline ? "decline" : "accept",
					 "consent", evict && !strcmp(evict, "yes")),
			pin, &reply);
	if (pin >= 0)
		close(pin);
	if (ret)
		return ret;
	if (ctl->json)
		return out_json(reply);
	json_decref(reply);
	return SMPAIR_EXIT_DONE;
}

int cmd_answer(struct ctl *ctl)
{
	const json_t *request;
	struct agent agent;
	json_t *list;
	int ret;

	ret = agent_connect(ctl, &agent);
	if (ret)
		return ret;
	ret = agent_ask(&agent, json_pack("{s:i, s:s}", "v", 1, "verb", "pending"), -1, &list);
	if (!ret) {
		request = choose(ctl, json_object_get(list, "pending"), &ret);
		if (request)
			ret = answer(ctl, &agent, request);
		json_decref(list);
	}
	agent_disconnect(&agent);
	return ret;
}
