// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Strict: an answer that is not as described counts as none. The text of a
 * problem is reduced to printable ASCII before a person sees it.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <smpair/id.h>
#include <smpair/names.h>

#include "domain/base64.h"
#include "smpaird/api.h"

static char *dump(json_t *object)
{
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

	json_decref(object);
	return text;
}

/**
 * api_pin_request() - Body of a request for a PIN.
 * @request: What the driver asks.
 *
 * Return: The text, for free(), or NULL without memory.
 */
char *api_pin_request(const struct smpair_request *request)
{
	char module[SMPAIR_ID_TEXT_SIZE], host[SMPAIR_ID_TEXT_SIZE], code[16];

	smpair_id_format(request->module_id, module, sizeof(module));
	smpair_id_format(request->host_id, host, sizeof(host));
	snprintf(code, sizeof(code), "%06u", request->request_code);
	return dump(json_pack("{s:s, s:s, s:I, s:s, s:s}", "module", module, "host", host,
			      "index", (json_int_t)request->index, "request_code", code,
			      "policy", smpair_pin_policy_name(request->pin_policy)));
}

/**
 * api_confirmation() - Body that tells how a pairing ended.
 * @module_id: MID.
 * @host_id: SN.
 * @index: Index that the PIN was meant for.
 * @result: One of the words of the interface.
 *
 * Return: The text, for free(), or NULL without memory.
 */
char *api_confirmation(const uint8_t module_id[8], const uint8_t host_id[8], uint32_t index,
		       const char *result)
{
	char module[SMPAIR_ID_TEXT_SIZE], host[SMPAIR_ID_TEXT_SIZE];

	smpair_id_format(module_id, module, sizeof(module));
	smpair_id_format(host_id, host, sizeof(host));
	return dump(json_pack("{s:s, s:s, s:I, s:s}", "module", module, "host", host, "index",
			      (json_int_t)index, "result", result));
}

/**
 * api_receipt() - Body with the receipt of a command.
 * @receipt: As the module gave it.
 *
 * Return: The text, for free(), or NULL without memory.
 */
char *api_receipt(const uint8_t receipt[SMPAIR_RECEIPT_LEN])
{
	char text[DOMAIN_BASE64_SIZE(SMPAIR_RECEIPT_LEN)];

	domain_base64_encode(receipt, SMPAIR_RECEIPT_LEN, text);
	return dump(json_pack("{s:s}", "receipt", text));
}

/**
 * api_report() - Body with a module's report.
 * @nonce: The nonce that it answers to.
 * @report: As the module gave it.
 *
 * Return: The text, for free(), or NULL without memory.
 */
char *api_report(const uint8_t nonce[SMPAIR_NONCE_LEN], const uint8_t report[SMPAIR_REPORT_LEN])
{
	char nonce_text[DOMAIN_BASE64_SIZE(SMPAIR_NONCE_LEN)];
	char text[DOMAIN_BASE64_SIZE(SMPAIR_REPORT_LEN)];

	domain_base64_encode(nonce, SMPAIR_NONCE_LEN, nonce_text);
	domain_base64_encode(report, SMPAIR_REPORT_LEN, text);
	return dump(json_pack("{s:s, s:s}", "nonce", nonce_text, "report", text));
}

static json_t *load(const uint8_t *body, size_t len)
{
	json_t *object = json_loadb((const char *)body, len, JSON_REJECT_DUPLICATES, NULL);

	if (json_is_object(object))
		return object;
	json_decref(object);
	return NULL;
}

static void copy_text(char *to, size_t size, const char *from)
{
	size_t i;

	for (i = 0; from && from[i] && i + 1 < size; i++)
		to[i] = from[i] >= ' ' && from[i] <= '~' ? from[i] : '?';
	to[i] = '\0';
}

static const char *get_text(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static int take_pin(const json_t *object, char pin[SMPAIR_PIN_LEN])
{
	const char *text = get_text(object, "pin");

	return text && strlen(text) == SMPAIR_PIN_LEN ?
	       smpair_pin_parse(text, SMPAIR_PIN_LEN, pin) : -EBADMSG;
}

static int take_id(const json_t *object, char id[API_REQUEST_ID_SIZE])
{
	const char *text = get_text(object, "id");

	if (!text || strlen(text) != API_REQUEST_ID_SIZE - 1 ||
	    strspn(text, "0123456789abcdef") != API_REQUEST_ID_SIZE - 1)
		return -EBADMSG;
	strcpy(id, text);
	return 0;
}

/**
 * api_is_temporary() - May another try undo a refusal?
 * @status: HTTP status.
 *
 * Return: Whether: lost, too early, too many, the server's own.
 */
bool api_is_temporary(long status)
{
	return status == 408 || status == 425 || status == 429 || status >= 500;
}

/**
 * api_parse_verdict() - Understand an answer about a PIN.
 * @status: HTTP status.
 * @body: The body, at most %API_BODY_MAX bytes.
 * @len: Its length.
 * @verdict: Filled. What cannot be understood is %API_LATER.
 */
void api_parse_verdict(long status, const uint8_t *body, size_t len, struct api_verdict *verdict)
{
	json_t *object = load(body, len);
	int err = -EBADMSG;

	memset(verdict, 0, sizeof(*verdict));
	if ((status == 200 || status == 201) && object) {
		verdict->kind = API_ISSUED;
		err = take_pin(object, verdict->pin);
	} else if (status == 202 && object) {
		verdict->kind = API_HELD;
		err = take_id(object, verdict->id);
		copy_text(verdict->code, sizeof(verdict->code), get_text(object, "cause"));
		copy_text(verdict->next, sizeof(verdict->next), get_text(object, "next"));
	} else if (status >= 400 && status < 500 && !api_is_temporary(status)) {
		verdict->kind = API_REFUSED;
		err = 0;
	} else if (api_is_temporary(status)) {
		verdict->kind = API_LATER;
		err = 0;
	}
	if (status >= 400 && object) {
		copy_text(verdict->code, sizeof(verdict->code), get_text(object, "code"));
		copy_text(verdict->text, sizeof(verdict->text), get_text(object, "title"));
		copy_text(verdict->next, sizeof(verdict->next), get_text(object, "next"));
	}
	if (err) {
		verdict->kind = API_LATER;
		copy_text(verdict->text, sizeof(verdict->text),
			  "the centre's answer makes no sense");
	}
	json_decref(object);
}

static int take_command(const json_t *item, struct api_command *command)
{
	const json_t *seq = json_object_get(item, "seq");
	const char *text = get_text(item, "command");

	if (!json_is_integer(seq) || json_integer_value(seq) < 0 ||
	    json_integer_value(seq) > UINT32_MAX || !text)
		return -EBADMSG;
	command->seq = (uint32_t)json_integer_value(seq);
	return domain_base64_decode(text, command->data, sizeof(command->data), &command->len);
}

/**
 * api_parse_commands() - Understand a list of commands for a module.
 * @body: The body, at most %API_BODY_MAX bytes.
 * @len: Its length.
 * @commands: Room for %API_COMMANDS_MAX.
 * @count: Receives how many.
 * @report: Receives whether the centre wants a report.
 *
 * Return: 0 or -EBADMSG.
 */
int api_parse_commands(const uint8_t *body, size_t len, struct api_command *commands,
		       size_t *count, bool *report)
{
	json_t *object = load(body, len), *items = json_object_get(object, "items");
	size_t i;
	int err = 0;

	if (!json_is_array(items) || json_array_size(items) > API_COMMANDS_MAX)
		err = -EBADMSG;
	for (i = 0; !err && i < json_array_size(items); i++)
		err = take_command(json_array_get(items, i), &commands[i]);
	*count = err ? 0 : i;
	*report = !err && json_is_true(json_object_get(object, "report_wanted"));
	json_decref(object);
	return err ? -EBADMSG : 0;
}

/**
 * api_parse_nonce() - Understand the nonce for a report.
 * @body: The body, at most %API_BODY_MAX bytes.
 * @len: Its length.
 * @nonce: Receives it.
 *
 * Return: 0 or -EBADMSG.
 */
int api_parse_nonce(const uint8_t *body, size_t len, uint8_t nonce[SMPAIR_NONCE_LEN])
{
	json_t *object = load(body, len);
	const char *text = get_text(object, "nonce");
	uint8_t bytes[SMPAIR_NONCE_LEN + 2];
	size_t got = 0;
	int err = -EBADMSG;

	if (text && !domain_base64_decode(text, bytes, sizeof(bytes), &got) &&
	    got == SMPAIR_NONCE_LEN) {
		memcpy(nonce, bytes, SMPAIR_NONCE_LEN);
		err = 0;
	}
	json_decref(object);
	return err;
}
