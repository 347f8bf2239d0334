// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * JSON: one object a line with "v":1, keys in snake_case, values of the
 * driver's enumerations as the netlink specification spells them. Errors go to
 * standard output with --json, else to standard error.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <smpair/id.h>
#include <smpair/names.h>

#include "out.h"

#define JSON_VERSION	1

/* Nothing sensible is left to do without memory for an answer. */
static void *need(void *memory)
{
	if (!memory) {
		fputs("smpairctl: out of memory\n", stderr);
		exit(SMPAIR_EXIT_OTHER);
	}
	return memory;
}

json_t *out_object(void)
{
	json_t *object = need(json_object());

	out_set(object, "v", json_integer(JSON_VERSION));
	return object;
}

/* Takes over @value. */
void out_set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, need(value)))
		need(NULL);
}

json_t *out_id(const uint8_t id[8])
{
	char text[SMPAIR_ID_TEXT_SIZE];

	smpair_id_format(id, text, sizeof(text));
	return json_string(text);
}

json_t *out_dev(const struct smpair_dev_info *info)
{
	static const struct {
		int attr;
		const char *key;
		size_t offset;
	} numbers[] = {
		{ SMPAIR_A_DEV_DOMAIN, "domain", offsetof(struct smpair_dev_info, domain) },
		{ SMPAIR_A_DEV_SLOTS, "slots", offsetof(struct smpair_dev_info, slots) },
		{ SMPAIR_A_DEV_SLOTS_FREE, "slots_free",
		  offsetof(struct smpair_dev_info, slots_free) },
		{ SMPAIR_A_DEV_TRIES_LEFT, "tries_left",
		  offsetof(struct smpair_dev_info, tries_left) },
		{ SMPAIR_A_DEV_TRIES_MAX, "tries_max",
		  offsetof(struct smpair_dev_info, tries_max) },
		{ SMPAIR_A_DEV_MAX_MESSAGE, "max_message",
		  offsetof(struct smpair_dev_info, max_message) },
		{ SMPAIR_A_DEV_INDEX, "index", offsetof(struct smpair_dev_info, index) },
		{ SMPAIR_A_DEV_SLOT, "slot", offsetof(struct smpair_dev_info, slot) },
		{ SMPAIR_A_DEV_GENERATION, "generation",
		  offsetof(struct smpair_dev_info, generation) },
		{ SMPAIR_A_DEV_SESSION_AGE, "session_age",
		  offsetof(struct smpair_dev_info, session_age) },
		{ SMPAIR_A_DEV_SESSION_COMMANDS, "session_commands",
		  offsetof(struct smpair_dev_info, session_commands) },
		{ SMPAIR_A_DEV_REKEYS, "rekeys", offsetof(struct smpair_dev_info, rekeys) },
	};
	json_t *object = need(json_object());
	size_t i;

	out_set(object, "name", json_string(info->name));
	out_set(object, "id", json_integer(info->id));
	if (SMPAIR_HAS(info, SMPAIR_A_DEV_TRANSPORT))
		out_set(object, "transport", json_string(info->transport));
	out_set(object, "state", json_string(smpair_state_name(info->state)));
	out_set(object, "cause", json_string(smpair_cause_info(info->cause)->name));
	if (SMPAIR_HAS(info, SMPAIR_A_DEV_MODULE_ID))
		out_set(object, "module_id", out_id(info->module_id));
	if (SMPAIR_HAS(info, SMPAIR_A_DEV_PIN_POLICY))
		out_set(object, "pin_policy",
			json_string(smpair_pin_policy_name(info->pin_policy)));
	if (SMPAIR_HAS(info, SMPAIR_A_DEV_EVICT_POLICY))
		out_set(object, "evict_policy",
			json_string(smpair_evict_policy_name(info->evict_policy)));
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (SMPAIR_HAS(info, numbers[i].attr))
			out_set(object, numbers[i].key,
				json_integer(*(const uint32_t *)((const char *)info +
								 numbers[i].offset)));
	return object;
}

/* Writes the object, which it takes over, as one line. */
int out_json(json_t *object)
{
	int err = json_dumpf(object, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);

	json_decref(object);
	if (err || putchar('\n') == EOF || fflush(stdout)) {
		fputs("smpairctl: standard output cannot be written\n", stderr);
		return SMPAIR_EXIT_OTHER;
	}
	return SMPAIR_EXIT_DONE;
}

json_t *out_error_object(const struct smpair_error_info *info, const char *message,
			 const char *extack)
{
	json_t *error = need(json_object());

	out_set(error, "code", json_string(info->name));
	out_set(error, "exit", json_integer(info->exit));
	out_set(error, "message", json_string(message ? message : info->text));
	out_set(error, "extack", extack ? json_string(extack) : json_null());
	out_set(error, "next", info->next[0] ? json_string(info->next) : json_null());
	return error;
}

/*
 * out_error() - Tell an error.
 * @extack: Words of the kernel, or NULL.
 * @what: What was being done or with what, or NULL.
 *
 * Return: The exit code.
 */
int out_error(const struct ctl *ctl, const struct smpair_error_info *info, const char *extack,
	      const char *what)
{
	json_t *object;

	if (ctl->json) {
		object = out_object();
		if (what)
			out_set(object, "about", json_string(what));
		out_set(object, "error", out_error_object(info, NULL, extack));
		return out_json(object) ? SMPAIR_EXIT_OTHER : info->exit;
	}
	fprintf(stderr, "smpairctl: %s%s%s\n", what ? what : "", what ? ": " : "", info->text);
	if (extack)
		fprintf(stderr, "  kernel: %s\n", extack);
	if (info->next[0])
		fprintf(stderr, "  next: %s\n", info->next);
	return info->exit;
}

/*
 * out_fail() - Tell the error of a function of libsmpair.
 *
 * Return: The exit code.
 */
int out_fail(const struct ctl *ctl, int err, const char *what)
{
	return out_error(ctl, smpair_errno_info(err),
			 ctl->client ? smpair_client_extack(ctl->client) : NULL, what);
}

/*
 * out_usage() - Tell what is wrong with the command line or an input.
 *
 * Return: %SMPAIR_EXIT_USAGE.
 */
int out_usage(const struct ctl *ctl, const char *message)
{
	char next[64];
	const struct smpair_error_info info = { "usage", message, next, SMPAIR_EXIT_USAGE };

	snprintf(next, sizeof(next), "look at \"smpairctl help%s%s\"", ctl->verb ? " " : "",
		 ctl->verb ? ctl->verb->name : "");
	return out_error(ctl, &info, NULL, NULL);
}

/*
 * out_broken() - Tell that a file or a stream cannot be read or written.
 *
 * Return: The exit code.
 */
int out_broken(const struct ctl *ctl, const char *what, int err)
{
	const struct smpair_error_info *known = smpair_errno_info(err);
	const struct smpair_error_info info = {
		"file", strerror(err < 0 ? -err : err), "check the file and its permissions",
		known->exit == SMPAIR_EXIT_TIMEOUT || known->exit == SMPAIR_EXIT_PERMISSION ?
			known->exit : SMPAIR_EXIT_USAGE
	};

	return out_error(ctl, &info, NULL, what);
}

/* @text holds 2 * @len + 1 bytes. */
const char *out_hex(const uint8_t *bytes, size_t len, char *text)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < len; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	text[2 * len] = '\0';
	return text;
}
