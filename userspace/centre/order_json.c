// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <smpair/names.h>

#include "centre/api.h"
#include "centre/order_json.h"
#include "domain/base64.h"
#include "domain/policy.h"

/* ---- reading ---- */

static int need_uint(const struct domain_json *json, const char *name, uint64_t min, uint64_t max,
		     uint64_t *value)
{
	int ret = domain_json_uint(json, name, min, max, value);

	if (!ret)
		return domain_json_missing(json, name);
	return ret < 0 ? ret : 0;
}

static int need_u8(const struct domain_json *json, const char *name, uint8_t min, uint8_t max,
		   uint8_t *out)
{
	uint64_t value = 0;
	int err = need_uint(json, name, min, max, &value);

	*out = (uint8_t)value;
	return err;
}

static int need_u16(const struct domain_json *json, const char *name, uint16_t *out)
{
	uint64_t value = 0;
	int err = need_uint(json, name, 1, UINT16_MAX, &value);

	*out = (uint16_t)value;
	return err;
}

static int need_bool(const struct domain_json *json, const char *name, bool *value)
{
	int ret = domain_json_bool(json, name, value);

	if (!ret)
		return domain_json_missing(json, name);
	return ret < 0 ? ret : 0;
}

static int need_text(const struct domain_json *json, const char *name, const char **text)
{
	int ret = domain_json_text(json, name, text);

	if (!ret)
		return domain_json_missing(json, name);
	return ret < 0 ? ret : 0;
}

static int read_pin_policy(const struct domain_json *json, uint8_t *pin)
{
	const char *text = "";
	int err = need_text(json, "pin", &text), policy = domain_pin_policy(text);

	if (!err && policy < 0)
		return domain_fail(json->error, -EINVAL,
				   "pin is none, module, pair or indexed");
	*pin = (uint8_t)policy;
	return err;
}

static int read_evict(const struct domain_json *json, uint8_t *evict)
{
	const char *text = "";
	int err = need_text(json, "evict", &text);

	if (err)
		return err;
	for (*evict = 0; *evict <= PDT1_EVICT_APPROVED; ++*evict)
		if (!strcmp(text, smpair_evict_policy_name(*evict)))
			return 0;
	return domain_fail(json->error, -EINVAL, "evict is never, activity or approved");
}

static int read_count(const struct domain_json *json, uint8_t *count)
{
	const char *text = "";
	int err = need_text(json, "count", &text);

	*count = !strcmp(text, "sparse");
	if (!err && !*count && strcmp(text, "each"))
		return domain_fail(json->error, -EINVAL, "count is each or sparse");
	return err;
}

static int read_policy(const struct domain_json *json, struct order_policy *policy)
{
	static const char *const names[] = {
		"pin", "evict", "tries", "ageing", "count", "pin_first", "version", NULL,
	};
	struct domain_json member;
	int err;

	err = domain_json_object(json, "policy", &member);
	if (err <= 0)
		return err ? err : domain_json_missing(json, "policy");
	err = domain_json_names(&member, names);
	if (!err)
		err = read_pin_policy(&member, &policy->pin);
	if (!err)
		err = read_evict(&member, &policy->evict);
	if (!err)
		err = need_u8(&member, "tries", 1, PDT1_PTC_MAX, &policy->tries);
	if (!err)
		err = need_u8(&member, "ageing", 1, UINT8_MAX, &policy->ageing);
	if (!err)
		err = read_count(&member, &policy->count);
	if (!err)
		err = need_bool(&member, "pin_first", &policy->pin_first);
	if (!err)
		err = need_u16(&member, "version", &policy->version);
	return err;
}

static int read_host(const struct domain_json *json, uint8_t sn[PDT1_ID_LEN])
{
	int ret = domain_json_id(json, "host", sn);

	return ret ? (ret < 0 ? ret : 0) : domain_json_missing(json, "host");
}

/* Which members an operation takes; others are refused, so that no slip makes
 * another command than was meant.
 */
static int check_names(const struct domain_json *json, const struct order_kind *kind)
{
	static const struct {
		const char *name;
		unsigned int uses;
	} members[] = {
		{ "tries", ORDER_TRIES }, { "host", ORDER_HOST }, { "slots", ORDER_SLOTS },
		{ "slot", ORDER_SLOT }, { "pinned", ORDER_PINNED },
		{ "generation", ORDER_GENERATION }, { "policy", ORDER_POLICY },
		{ "fork_tag", ORDER_FT },
	};
	const char *names[sizeof(members) / sizeof(members[0]) + 3] = { "op", "expect_index" };
	size_t i, count = 2;

	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (kind->uses & members[i].uses)
			names[count++] = members[i].name;
	return domain_json_names(json, names);
}

static int read_op(const struct domain_json *json, const struct order_kind **kind)
{
	const char *text = "";
	int err = need_text(json, "op", &text);

	if (err)
		return err;
	*kind = order_find(text);
	return *kind ? check_names(json, *kind) :
	       domain_fail(json->error, -EINVAL, "there is no such op; unblock-pin, for instance");
}

/**
 * order_read_json() - Read what a module is told to do.
 * @json: The object.
 * @order: Zeroed; filled.
 *
 * Return: 0 or a negative errno with the reason in the object's error.
 */
int order_read_json(const struct domain_json *json, struct order *order)
{
	const struct order_kind *kind = NULL;
	uint64_t expect = 0;
	int err;

	err = read_op(json, &kind);
	if (err)
		return err;
	order->op = kind->op;
	err = domain_json_uint(json, "expect_index", 0, PDT1_MANAGE_NEXP_ANY - 1, &expect);
	order->has_expect = err > 0;
	order->expect = (uint32_t)expect;
	if (err > 0)
		err = 0;
	if (!err && kind->uses & ORDER_TRIES)
		err = need_u8(json, "tries", 1, PDT1_PTC_MAX, &order->tries);
	if (!err && kind->uses & ORDER_HOST)
		err = read_host(json, order->sn);
	if (!err && kind->uses & ORDER_SLOTS)
		err = need_u8(json, "slots", 1, PDT1_SLOTS_MAX, &order->slots);
	if (!err && kind->uses & ORDER_SLOT)
		err = need_u8(json, "slot", 0, PDT1_SLOTS_MAX - 1, &order->slot);
	if (!err && kind->uses & ORDER_PINNED)
		err = need_bool(json, "pinned", &order->pinned);
	if (!err && kind->uses & ORDER_GENERATION)
		err = need_u16(json, "generation", &order->generation);
	if (!err && kind->uses & ORDER_POLICY)
		err = read_policy(json, &order->policy);
	if (!err && kind->uses & ORDER_FT)
		err = domain_json_hex(json, "fork_tag", order->ft, sizeof(order->ft));
	return err < 0 ? err : 0;
}

/* ---- writing ---- */

/**
 * order_state() - What became of a command, in one word.
 * @command: The command.
 *
 * Return: "queued", "handed-out", "done", "refused" or "lost".
 */
const char *order_state(const struct store_command *command)
{
	if (command->sw >= 0)
		return command->sw == PDT1_SW_OK ? "done" : "refused";
	if (command->lost || command->given_up)
		return "lost";
	return command->offers ? "handed-out" : "queued";
}

/**
 * order_next() - What a person does about a command.
 * @command: The command.
 *
 * Return: The text.
 */
const char *order_next(const struct store_command *command)
{
	if (command->sw >= 0)
		return order_result_text((uint16_t)command->sw);
	if (command->lost)
		return "no receipt came; queue it again unless the last report shows its effect";
	if (command->given_up)
		return "agents got it, and no receipt came; "
		       "take a report, and queue it again unless that shows its effect";
	return command->offers ?
	       "its receipt is awaited; without one the next agent that asks gets it again" :
	       "an agent carries it when the module is next with a host";
}

/**
 * order_json() - A command as answers have it.
 * @command: The command.
 * @carry: With the bytes for the module.
 *
 * Return: The object, owned by the caller.
 */
json_t *order_json(const struct store_command *command, bool carry)
{
	char data[DOMAIN_BASE64_SIZE(DOMAIN_MANAGE_MAX)], sw[8];
	json_t *object;

	object = json_pack("{s:i, s:o, s:I, s:s, s:s, s:s}", "v", 1, "module",
			   domain_json_from_id(command->mid), "seq", (json_int_t)command->seq,
			   "op", order_name(command->op), "state", order_state(command),
			   "next", order_next(command));
	if (command->actor[0])
		json_object_set_new(object, "actor", json_string(command->actor));
	if (command->sw >= 0) {
		snprintf(sw, sizeof(sw), "%04X", (unsigned int)command->sw & 0xffff);
		json_object_set_new(object, "status_word", json_string(sw));
	}
	if (command->offers && !carry) {
		json_object_set_new(object, "offers", json_integer(command->offers));
		json_object_set_new(object, "handed_to", json_string(command->handed_to));
		json_object_set_new(object, "handed_at", api_json_time(command->handed_at));
	}
	if (carry && command->data_len) {
		domain_base64_encode(command->data, command->data_len, data);
		json_object_set_new(object, "command", json_string(data));
	}
	return object;
}
