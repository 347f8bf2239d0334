// SPDX-License-Identifier: GPL-2.0-or-later
#include <jansson.h>
#include <string.h>

#include <smpair/id.h>

#include "hex.h"
#include "hostfile.h"

static const char *parse(const json_t *root, struct hostfile *host)
{
	const json_t *list = json_object_get(root, "CY"), *item;
	const char *kind = json_string_value(json_object_get(root, "smpair"));
	const char *id = json_string_value(json_object_get(root, "SN"));
	size_t i, len;

	if (!kind || strcmp(kind, "host") || !json_is_integer(json_object_get(root, "v")))
		return "it does not describe a host; name the host-ID.json of smpair-provision";
	if (json_integer_value(json_object_get(root, "v")) != 1)
		return "its version is not 1; update this program";
	if (!id || smpair_id_parse(id, host->id))
		return "its SN is no identifier; have the host provisioned again";
	if (json_array_size(list) < 1 || json_array_size(list) > SMPAIR_CY_MAX)
		return "it holds not 1 to 8 host cryptograms; have the host provisioned again";
	json_array_foreach(list, i, item) {
		if (!json_is_string(item) ||
		    hex_parse(json_string_value(item), json_string_length(item), host->cy[i],
			      SMPAIR_CY_LEN, &len) || len != SMPAIR_CY_LEN)
			return "a host cryptogram is not 84 bytes in hexadecimal; "
			       "have the host provisioned again";
	}
	host->cy_count = json_array_size(list);
	return NULL;
}

/*
 * hostfile_parse() - Read host-ID.json.
 *
 * Return: NULL, or what is wrong and what to do.
 */
const char *hostfile_parse(const char *text, size_t len, struct hostfile *host)
{
	const char *wrong;
	json_t *root;

	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	if (!root)
		return "it is no JSON; name the host-ID.json of smpair-provision";
	wrong = parse(root, host);
	json_decref(root);
	return wrong;
}
