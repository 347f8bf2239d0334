// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Values that bodies, paths, queries and answers have in common.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <smpair/id.h>

#include "centre/api.h"
#include "domain/base64.h"

#define REASON_MAX	200

/**
 * api_need_id() - Read an identifier that has to be there.
 * @json: The body.
 * @name: Member.
 * @id: Receives it.
 *
 * Return: 0 or a negative errno.
 */
int api_need_id(const struct domain_json *json, const char *name, uint8_t id[PDT1_ID_LEN])
{
	int ret = domain_json_id(json, name, id);

	return ret ? (ret < 0 ? ret : 0) : domain_json_missing(json, name);
}

/**
 * api_need_base64() - Read bytes that have to be there.
 * @json: The body.
 * @name: Member.
 * @data: Receives them.
 * @len: Just so many; at most 64.
 *
 * Return: 0 or a negative errno.
 */
int api_need_base64(const struct domain_json *json, const char *name, uint8_t *data, size_t len)
{
	uint8_t bytes[72];
	const char *text;
	size_t got = 0;
	int ret;

	ret = domain_json_text(json, name, &text);
	if (!ret)
		return domain_json_missing(json, name);
	if (ret < 0)
		return ret;
	if (domain_base64_decode(text, bytes, sizeof(bytes), &got) || got != len)
		return domain_fail(json->error, -EINVAL, "%s is %zu bytes in base64", name, len);
	memcpy(data, bytes, len);
	return 0;
}

/**
 * api_need_word() - Read one of some words that has to be there.
 * @json: The body.
 * @name: Member.
 * @words: They, up to NULL.
 * @index: Receives which it is.
 *
 * Return: 0 or a negative errno.
 */
int api_need_word(const struct domain_json *json, const char *name, const char *const words[],
		  unsigned int *index)
{
	char list[160] = "";
	const char *text;
	size_t len = 0;
	int ret;

	ret = domain_json_text(json, name, &text);
	if (!ret)
		return domain_json_missing(json, name);
	if (ret < 0)
		return ret;
	for (*index = 0; words[*index]; ++*index) {
		if (!strcmp(words[*index], text))
			return 0;
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", *index ? ", " : "",
					words[*index]);
	}
	return domain_fail(json->error, -EINVAL, "%s is one of %s", name, list);
}

/* Control characters, and what makes a line read otherwise than it is written:
 * separators, marks without width and those that turn its direction round.
 */
static bool is_hidden(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	if (p[0] == 0xc2)
		return p[1] < 0xa0;
	if (p[0] == 0xe2 && p[1] == 0x80)
		return (p[2] >= 0x8b && p[2] <= 0x8f) || (p[2] >= 0xa8 && p[2] <= 0xae);
	if (p[0] == 0xe2 && p[1] == 0x81)
		return p[2] >= 0xa0 && p[2] <= 0xaf;
	return p[0] < ' ' || p[0] == 0x7f;
}

/**
 * api_read_reason() - Read why, in somebody's words.
 * @json: The body.
 * @reason: Receives it, or NULL where it is absent; valid as long as the body.
 *
 * Return: 1, 0 where it is absent, or a negative errno.
 */
int api_read_reason(const struct domain_json *json, const char **reason)
{
	const char *p;
	int ret;

	*reason = NULL;
	ret = domain_json_text(json, "reason", reason);
	if (ret <= 0)
		return ret;
	for (p = *reason; *p; p++)
		if (is_hidden(p))
			return domain_fail(json->error, -EINVAL,
					   "reason has characters that cannot be shown");
	if (!**reason || p - *reason > REASON_MAX)
		return domain_fail(json->error, -EINVAL, "reason has 1 to %d bytes", REASON_MAX);
	return 1;
}

static bool take_id(struct api_reply *reply, const char *text, uint8_t id[PDT1_ID_LEN])
{
	if (!smpair_id_parse(text, id))
		return true;
	api_problem(reply, 400, "check-digits",
		    "an identifier in the address is none, or its check digits are wrong",
		    "compare it with the label");
	return false;
}

/**
 * api_path_id() - Read an identifier in the path.
 * @call: The request.
 * @reply: Receives the problem.
 * @part: Which variable of the route.
 * @id: Receives it.
 *
 * Return: Whether it is one.
 */
bool api_path_id(const struct api_call *call, struct api_reply *reply, unsigned int part,
		 uint8_t id[PDT1_ID_LEN])
{
	return take_id(reply, call->part[part], id);
}

/**
 * api_query_id() - Read an identifier in the query.
 * @call: The request.
 * @reply: Receives the problem.
 * @field: Which field.
 * @id: Receives it where it is there.
 * @given: Receives @id, or NULL where it is absent.
 *
 * Return: False where it is wrong.
 */
bool api_query_id(const struct api_call *call, struct api_reply *reply, enum api_field field,
		  uint8_t id[PDT1_ID_LEN], const uint8_t **given)
{
	*given = call->query[field] ? id : NULL;
	return !*given || take_id(reply, call->query[field], id);
}

/**
 * api_json_time() - A time as answers have it.
 * @at: Seconds since 1970.
 *
 * Return: The value, owned by the caller.
 */
json_t *api_json_time(int64_t at)
{
	time_t seconds = at;
	char text[32] = "";
	struct tm utc;

	if (gmtime_r(&seconds, &utc))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
	return json_string(text);
}

/**
 * api_read_hex() - Read lower-case digits.
 * @text: The text.
 * @bytes: Receives them.
 * @len: How many.
 *
 * Return: Whether the text is just these.
 */
bool api_read_hex(const char *text, uint8_t *bytes, size_t len)
{
	unsigned int byte;
	size_t i;

	if (strlen(text) != 2 * len || strspn(text, "0123456789abcdef") != 2 * len)
		return false;
	for (i = 0; i < len; i++) {
		sscanf(text + 2 * i, "%2x", &byte);
		bytes[i] = (uint8_t)byte;
	}
	return true;
}
