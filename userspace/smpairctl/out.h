/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is told, as text for people or as JSON for programs.
 */
#ifndef SMPAIRCTL_OUT_H
#define SMPAIRCTL_OUT_H

#include <jansson.h>

#include "ctl.h"

json_t *out_object(void);
void out_set(json_t *object, const char *key, json_t *value);
json_t *out_id(const uint8_t id[8]);
json_t *out_dev(const struct smpair_dev_info *info);
int out_json(json_t *object);

json_t *out_error_object(const struct smpair_error_info *info, const char *message,
			 const char *extack);
int out_error(const struct ctl *ctl, const struct smpair_error_info *info, const char *extack,
	      const char *what);
int out_fail(const struct ctl *ctl, int err, const char *what);
int out_usage(const struct ctl *ctl, const char *message);
int out_broken(const struct ctl *ctl, const char *what, int err);

const char *out_hex(const uint8_t *bytes, size_t len, char *text);

#endif /* SMPAIRCTL_OUT_H */
