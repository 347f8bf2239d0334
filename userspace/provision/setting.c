// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/smpair_proto.h>

#include "domain/number.h"
#include "domain/policy.h"
#include "provision/setting.h"
#include "softmod/core/config.h"

static const char *const evict_policies[] = { "never", "activity", "approved" };

const struct setting_desc setting_descs[SETTINGS] = {
	[SETTING_PIN_POLICY] = {
		"pin-policy", "pinPolicy", 0, PDT1_PIN_INDEXED,
		PDT1_PIN_INDEXED, domain_pin_policies, false },
	[SETTING_EVICT_POLICY] = {
		"evict-policy", "evictPolicy", 0, PDT1_EVICT_APPROVED,
		PDT1_EVICT_APPROVED, evict_policies, false },
	[SETTING_SLOTS] = { "slots", "S", 1, PDT1_SLOTS_MAX, 8, NULL, false },
	[SETTING_PTC_MAX] = {
		"ptc-max", "PTCmax", 1, PDT1_PTC_MAX, PDT1_PTC_DEFAULT,
		NULL, false },
	[SETTING_AGEING] = {
		"ageing", "A", 1, 255, PDT1_AGEING_DEFAULT, NULL, false },
	[SETTING_COUNT_MODE] = {
		"count-mode", "countMode", 0, 1, 0, NULL, false },
	[SETTING_PIN_FIRST] = {
		"pin-first", "pinFirst", 0, 1, 0, NULL, true },
	[SETTING_M_MIN] = { "m-min", "m_min", 0, 65535, 0, NULL, false },
	[SETTING_VERSION] = { NULL, "version", 0, 65535, 0, NULL, false },
	[SETTING_MAX_COMMAND] = {
		"max-command", "MAXC", PDT1_MAXC_MIN, SM_MAXC, SM_MAXC,
		NULL, false },
	[SETTING_MAX_RESPONSE] = {
		"max-response", "MAXR", PDT1_MAXR_MIN, SM_MAXR, SM_MAXR,
		NULL, false },
	[SETTING_MAX_MESSAGE] = {
		"max-message", "MAXM", PDT1_MAXM_MIN, SM_MAXM, SM_MAXM,
		NULL, false },
};

static int find_choice(const struct setting_desc *desc, const char *text,
		       uint32_t *value)
{
	uint32_t i;

	for (i = 0; i <= desc->max; i++) {
		if (strcmp(desc->choices[i], text))
			continue;
		*value = i;
		return 1;
	}
	return 0;
}

/* "none, module, pair or indexed" */
static const char *list_choices(const struct setting_desc *desc, char *buf,
				size_t size)
{
	size_t used = 0;
	uint32_t i;

	for (i = 0; i <= desc->max && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s",
					 !i ? "" : i < desc->max ? ", " : " or ",
					 desc->choices[i]);
	return buf;
}

static int read_option(const struct setting_desc *desc, const char *text,
		       uint32_t *value, struct domain_error *error)
{
	char choices[128];
	uint64_t number;
	int err;

	if (desc->choices) {
		if (find_choice(desc, text, value))
			return 0;
		return domain_fail(error, -EDOM, "--%s takes %s", desc->option,
				   list_choices(desc, choices, sizeof(choices)));
	}
	err = domain_number(desc->option, text, desc->min, desc->max, &number,
			    error);
	if (!err)
		*value = (uint32_t)number;
	return err;
}

static int read_field(const struct setting_desc *desc,
		      const struct domain_json *cfg, uint32_t *value)
{
	char choices[128];
	uint64_t number;
	const char *text;
	int ret;

	if (desc->choices) {
		ret = domain_json_text(cfg, desc->name, &text);
		if (ret > 0 && !find_choice(desc, text, value))
			return domain_fail(cfg->error, -EINVAL,
					   "%s: %s must be %s", cfg->where,
					   desc->name,
					   list_choices(desc, choices,
							sizeof(choices)));
		return ret;
	}
	ret = domain_json_uint(cfg, desc->name, desc->min, desc->max, &number);
	if (ret > 0)
		*value = (uint32_t)number;
	return ret;
}

/**
 * setting_read() - Collect a module's settings.
 * @from: Object that may have a "cfg", or NULL.
 * @options: Values from the command line, by setting; NULL where not given.
 * @values: Receives each setting; its initial value where none is stated.
 * @error: Receives the reason of a refusal.
 *
 * Return: 0, -EDOM for wrong usage, or another negative errno.
 */
int setting_read(const struct domain_json *from, const char *const options[SETTINGS],
		 uint32_t values[SETTINGS], struct domain_error *error)
{
	const char *names[SETTINGS + 1] = { NULL };
	const struct setting_desc *desc;
	struct domain_json cfg;
	bool stated = false;
	int ret, i;

	if (from) {
		ret = domain_json_object(from, "cfg", &cfg);
		if (ret < 0)
			return ret;
		stated = ret;
	}
	for (i = 0; i < SETTINGS; i++)
		names[i] = setting_descs[i].name;
	if (stated) {
		ret = domain_json_names(&cfg, names);
		if (ret)
			return ret;
	}

	for (i = 0; i < SETTINGS; i++) {
		desc = &setting_descs[i];
		values[i] = desc->initial;
		ret = stated ? read_field(desc, &cfg, &values[i]) : 0;
		if (ret < 0)
			return ret;
		if (ret && options[i])
			return domain_fail(error, -EDOM,
					   "--%s is also stated as %s in %s; state it once",
					   desc->option, desc->name, cfg.where);
		if (options[i])
			ret = read_option(desc, options[i], &values[i], error);
		if (ret < 0)
			return ret;
	}
	return 0;
}

/**
 * setting_to_json() - Write a module's settings.
 * @values: Each setting.
 *
 * Return: An object, or NULL.
 */
json_t *setting_to_json(const uint32_t values[SETTINGS])
{
	const struct setting_desc *desc;
	json_t *cfg = json_object();
	int i;

	for (i = 0; i < SETTINGS; i++) {
		desc = &setting_descs[i];
		if (json_object_set_new(cfg, desc->name, desc->choices ?
					json_string(desc->choices[values[i]]) :
					json_integer(values[i]))) {
			json_decref(cfg);
			return NULL;
		}
	}
	return cfg;
}
