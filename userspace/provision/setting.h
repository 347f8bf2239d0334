/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The settings of a module: CFG of the protocol (section 4) and the sizes it
 * announces.
 */
#ifndef PROVISION_SETTING_H
#define PROVISION_SETTING_H

#include <stdbool.h>
#include <stdint.h>

#include "domain/json.h"

enum setting {
	SETTING_PIN_POLICY,
	SETTING_EVICT_POLICY,
	SETTING_SLOTS,
	SETTING_PTC_MAX,
	SETTING_AGEING,
	SETTING_COUNT_MODE,
	SETTING_PIN_FIRST,
	SETTING_M_MIN,
	SETTING_VERSION,
	SETTING_MAX_COMMAND,
	SETTING_MAX_RESPONSE,
	SETTING_MAX_MESSAGE,
	SETTINGS
};

/**
 * struct setting_desc - How a setting is written.
 * @option: Name on the command line, without the dashes; NULL: only in files.
 * @name: Name in files, as the protocol calls it.
 * @min: Smallest value.
 * @max: Greatest value.
 * @initial: Value where none is stated.
 * @choices: Names of the values from 0 to @max, or NULL for a number.
 * @flag: The option takes no value and means 1.
 */
struct setting_desc {
	const char *option;
	const char *name;
	uint32_t min;
	uint32_t max;
	uint32_t initial;
	const char *const *choices;
	bool flag;
};

extern const struct setting_desc setting_descs[SETTINGS];

int setting_read(const struct domain_json *from, const char *const options[SETTINGS],
		 uint32_t values[SETTINGS], struct domain_error *error);
json_t *setting_to_json(const uint32_t values[SETTINGS]);

#endif /* PROVISION_SETTING_H */
