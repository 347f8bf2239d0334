/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strict reading of JSON objects. Every refusal names the file and the field,
 * and none quotes a value, since it may be secret.
 */
#ifndef DOMAIN_JSON_H
#define DOMAIN_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "domain/error.h"

/**
 * struct domain_json - An object that is being read.
 * @object: The object.
 * @where: File and place in it, for messages.
 * @error: Receives the reason of a refusal.
 *
 * The getters return 1 where the field is there and good, 0 where it is
 * absent, else a negative errno.
 */
struct domain_json {
	json_t *object;
	char where[256];
	struct domain_error *error;
};

int domain_json_parse(struct domain_json *json, const char *where,
		      const void *text, size_t len, struct domain_error *error);
int domain_json_load(struct domain_json *json, const char *path, bool secret,
		     struct domain_error *error);
int domain_json_write(json_t *object, const char *path, mode_t mode,
		      bool replace, struct domain_error *error);

int domain_json_names(const struct domain_json *json, const char *const names[]);
int domain_json_missing(const struct domain_json *json, const char *name);
int domain_json_kind(const struct domain_json *json, const char *kind);
int domain_json_uint(const struct domain_json *json, const char *name,
		     uint64_t min, uint64_t max, uint64_t *value);
int domain_json_bool(const struct domain_json *json, const char *name,
		     bool *value);
int domain_json_text(const struct domain_json *json, const char *name,
		     const char **value);
int domain_json_hex(const struct domain_json *json, const char *name,
		    uint8_t *value, size_t len);
int domain_json_id(const struct domain_json *json, const char *name,
		   uint8_t id[8]);
int domain_json_object(const struct domain_json *json, const char *name,
		       struct domain_json *member);
int domain_json_array(const struct domain_json *json, const char *name,
		      size_t max, json_t **array);
int domain_json_element(const struct domain_json *json, const char *name,
			json_t *array, size_t index, struct domain_json *element);

json_t *domain_json_from_hex(const uint8_t *data, size_t len);
json_t *domain_json_from_id(const uint8_t id[8]);

#endif /* DOMAIN_JSON_H */
