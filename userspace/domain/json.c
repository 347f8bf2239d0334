// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <smpair/id.h>

#include "domain/file.h"
#include "domain/json.h"
#include "domain/secret.h"

/* Far above any file of ours; bounds depth and memory with it. */
#define FILE_MAX	65536

/* Before main(), since values must be freed as they were allocated. */
__attribute__((constructor)) static void wipe_what_is_freed(void)
{
	json_set_alloc_funcs(domain_secret_alloc, domain_secret_free);
}

/* jansson quotes its input in messages; the input may hold secrets. */
static const char *fault_text(const json_error_t *fault)
{
	switch (json_error_code(fault)) {
	case json_error_out_of_memory:
		return "out of memory";
	case json_error_stack_overflow:
		return "too many objects inside each other";
	case json_error_invalid_utf8:
		return "text that is not UTF-8";
	case json_error_premature_end_of_input:
		return "the end of the file is missing";
	case json_error_end_of_input_expected:
		return "something follows the end of the object";
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return "a NUL character";
	case json_error_duplicate_key:
		return "a name that appears twice in one object";
	case json_error_numeric_overflow:
		return "a number that is too large";
	default:
		return "a syntax error";
	}
}

/**
 * domain_json_parse() - Read a text that holds one object.
 * @json: Receives it; the caller drops @json->object with json_decref().
 * @where: File, or line of a file, for messages.
 * @text: @len bytes.
 * @len: How many.
 * @error: Receives this and any later reason of a refusal.
 *
 * Return: 0 or -EINVAL.
 */
int domain_json_parse(struct domain_json *json, const char *where,
		      const void *text, size_t len, struct domain_error *error)
{
	json_error_t fault;
	int err = 0;

	snprintf(json->where, sizeof(json->where), "%s", where);
	json->error = error;
	json->object = json_loadb(text, len, JSON_REJECT_DUPLICATES, &fault);
	if (!json->object) {
		err = domain_fail(error, -EINVAL,
				  "%s, line %d, column %d: %s; correct the file",
				  where, fault.line, fault.column,
				  fault_text(&fault));
	} else if (!json_is_object(json->object)) {
		json_decref(json->object);
		err = domain_fail(error, -EINVAL,
				  "%s does not hold an object; name the right file",
				  where);
	}
	explicit_bzero(&fault, sizeof(fault));
	return err;
}

/**
 * domain_json_load() - Read a file that holds one object.
 * @json: Receives it; the caller drops @json->object with json_decref().
 * @path: Name.
 * @secret: Refuse a file that group or others can read.
 * @error: Receives this and any later reason of a refusal.
 *
 * Return: 0 or a negative errno.
 */
int domain_json_load(struct domain_json *json, const char *path, bool secret,
		     struct domain_error *error)
{
	uint8_t *data;
	size_t len;
	int err;

	err = domain_file_read(path, secret, FILE_MAX, &data, &len, error);
	if (err)
		return err;
	err = domain_json_parse(json, path, data, len, error);
	domain_secret_free(data);
	return err;
}

/**
 * domain_json_write() - Write an object to a file, durably.
 * @object: The object; dropped in any case. NULL stands for a failed
 *	allocation.
 * @path: Name.
 * @mode: Mode of the file; 0600 for what holds secrets.
 * @replace: Whether a file of that name is replaced.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int domain_json_write(json_t *object, const char *path, mode_t mode,
		      bool replace, struct domain_error *error)
{
	char *text, *line;
	int err = -ENOMEM;
	size_t len;

	text = object ? json_dumps(object, JSON_INDENT(2)) : NULL;
	json_decref(object);
	if (!text)
		return domain_fail(error, err, "%s: out of memory", path);

	len = strlen(text);
	line = domain_secret_alloc(len + 1);
	if (line) {
		memcpy(line, text, len);
		line[len] = '\n';
		err = domain_file_write(path, mode, replace, line, len + 1,
					error);
	} else {
		domain_fail(error, err, "%s: out of memory", path);
	}
	domain_secret_free(line);
	domain_secret_free(text);
	return err;
}

static int refuse(const struct domain_json *json, const char *name,
		  const char *what)
{
	return domain_fail(json->error, -EINVAL, "%s: %s %s", json->where, name,
			   what);
}

/**
 * domain_json_names() - Refuse names that have no meaning here.
 * @json: The object.
 * @names: Known names; the last is NULL.
 *
 * Return: 0 or -EINVAL.
 */
int domain_json_names(const struct domain_json *json, const char *const names[])
{
	const char *name;
	json_t *value;
	size_t i;

	json_object_foreach(json->object, name, value) {
		for (i = 0; names[i] && strcmp(names[i], name); i++)
			;
		if (!names[i])
			return domain_fail(json->error, -EINVAL,
					   "%s: the name \"%.40s\" is unknown here; names are case-sensitive, see smpair-provision(1)",
					   json->where, name);
	}
	return 0;
}

/**
 * domain_json_missing() - Refuse an object because a field is absent.
 * @json: The object.
 * @name: The field.
 *
 * Return: -EINVAL.
 */
int domain_json_missing(const struct domain_json *json, const char *name)
{
	return refuse(json, name, "is missing; add it");
}

/**
 * domain_json_kind() - Check what a file of ours says that it is.
 * @json: The object.
 * @kind: Value that its "smpair" must have; its "v" must be 1.
 *
 * Return: 0 or -EINVAL.
 */
int domain_json_kind(const struct domain_json *json, const char *kind)
{
	const char *text;
	uint64_t v;
	int ret;

	ret = domain_json_text(json, "smpair", &text);
	if (ret < 0)
		return ret;
	if (!ret || strcmp(text, kind))
		return domain_fail(json->error, -EINVAL,
				   "%s is not a %s file of smpair-provision; name the right file",
				   json->where, kind);
	ret = domain_json_uint(json, "v", 0, UINT32_MAX, &v);
	if (ret < 0)
		return ret;
	if (!ret)
		return domain_json_missing(json, "v");
	if (v != 1)
		return domain_fail(json->error, -EINVAL,
				   "%s has format %" PRIu64 " and this program knows format 1; use the program that wrote it",
				   json->where, v);
	return 0;
}

int domain_json_uint(const struct domain_json *json, const char *name,
		     uint64_t min, uint64_t max, uint64_t *value)
{
	json_t *field = json_object_get(json->object, name);
	json_int_t n;

	if (!field)
		return 0;
	n = json_integer_value(field);
	if (!json_is_integer(field) || n < 0 || (uint64_t)n < min ||
	    (uint64_t)n > max)
		return domain_fail(json->error, -EINVAL,
				   "%s: %s must be an integer from %" PRIu64 " to %" PRIu64,
				   json->where, name, min, max);
	*value = (uint64_t)n;
	return 1;
}

int domain_json_bool(const struct domain_json *json, const char *name,
		     bool *value)
{
	json_t *field = json_object_get(json->object, name);

	if (!field)
		return 0;
	if (!json_is_boolean(field))
		return refuse(json, name, "must be true or false");
	*value = json_is_true(field);
	return 1;
}

int domain_json_text(const struct domain_json *json, const char *name,
		     const char **value)
{
	json_t *field = json_object_get(json->object, name);

	if (!field)
		return 0;
	if (!json_is_string(field))
		return refuse(json, name, "must be a string");
	*value = json_string_value(field);
	return 1;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int domain_json_hex(const struct domain_json *json, const char *name,
		    uint8_t *value, size_t len)
{
	const char *text;
	int ret, high, low;
	size_t i;

	ret = domain_json_text(json, name, &text);
	if (ret <= 0)
		return ret;
	if (strlen(text) != 2 * len)
		return domain_fail(json->error, -EINVAL,
				   "%s: %s has %zu characters; it must have %zu hexadecimal digits",
				   json->where, name, strlen(text), 2 * len);
	for (i = 0; i < len; i++) {
		high = hex_digit(text[2 * i]);
		low = hex_digit(text[2 * i + 1]);
		if (high < 0 || low < 0) {
			explicit_bzero(value, len);
			return domain_fail(json->error, -EINVAL,
					   "%s: %s must have %zu hexadecimal digits and nothing else",
					   json->where, name, 2 * len);
		}
		value[i] = (uint8_t)(high << 4 | low);
	}
	return 1;
}

/**
 * domain_json_id() - Read an identifier.
 * @json: The object.
 * @name: The field: 16 hexadecimal digits, or ISSUER-SERIAL-CC as people read
 *	it.
 * @id: Receives 8 bytes.
 *
 * Return: As all getters.
 */
int domain_json_id(const struct domain_json *json, const char *name,
		   uint8_t id[8])
{
	const char *text;
	int ret;

	ret = domain_json_text(json, name, &text);
	if (ret <= 0)
		return ret;
	if (!strchr(text, '-'))
		return domain_json_hex(json, name, id, 8);
	switch (smpair_id_parse(text, id)) {
	case 0:
		return 1;
	case -EBADMSG:
		return refuse(json, name,
			      "has wrong check digits; compare it with its source");
	case -ERANGE:
		return refuse(json, name,
			      "is out of range; the issuer is at most 65535, the serial below 2^48");
	}
	return refuse(json, name,
		      "is no identifier; write ISSUER-SERIAL-CC without leading zeros, or 16 hexadecimal digits");
}

int domain_json_object(const struct domain_json *json, const char *name,
		       struct domain_json *member)
{
	json_t *field = json_object_get(json->object, name);

	if (!field)
		return 0;
	if (!json_is_object(field))
		return refuse(json, name, "must be an object");
	member->object = field;
	member->error = json->error;
	snprintf(member->where, sizeof(member->where), "%.200s: %s", json->where,
		 name);
	return 1;
}

int domain_json_array(const struct domain_json *json, const char *name,
		      size_t max, json_t **array)
{
	json_t *field = json_object_get(json->object, name);

	if (!field)
		return 0;
	if (!json_is_array(field) || !json_array_size(field) ||
	    json_array_size(field) > max)
		return domain_fail(json->error, -EINVAL,
				   "%s: %s must be a list of 1 to %zu",
				   json->where, name, max);
	*array = field;
	return 1;
}

int domain_json_element(const struct domain_json *json, const char *name,
			json_t *array, size_t index, struct domain_json *element)
{
	element->object = json_array_get(array, index);
	element->error = json->error;
	snprintf(element->where, sizeof(element->where), "%.200s: %s[%zu]",
		 json->where, name, index);
	if (!json_is_object(element->object))
		return domain_fail(json->error, -EINVAL, "%s must be an object",
				   element->where);
	return 1;
}

/**
 * domain_json_from_hex() - Make a string of hexadecimal digits.
 * @data: @len bytes, at most 128.
 * @len: Bytes at @data.
 *
 * Return: The string, or NULL.
 */
json_t *domain_json_from_hex(const uint8_t *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	char text[2 * 128];
	json_t *string;
	size_t i;

	if (2 * len > sizeof(text))
		return NULL;
	for (i = 0; i < len; i++) {
		text[2 * i] = digits[data[i] >> 4];
		text[2 * i + 1] = digits[data[i] & 0x0f];
	}
	string = json_stringn(text, 2 * len);
	explicit_bzero(text, sizeof(text));
	return string;
}

/**
 * domain_json_from_id() - Make a string of an identifier.
 * @id: 8 bytes.
 *
 * Return: The string, ISSUER-SERIAL-CC, or NULL.
 */
json_t *domain_json_from_id(const uint8_t id[8])
{
	char text[SMPAIR_ID_TEXT_SIZE];

	smpair_id_format(id, text, sizeof(text));
	return json_string(text);
}
