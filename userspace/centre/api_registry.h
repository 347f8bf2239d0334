/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CENTRE_API_REGISTRY_H
#define CENTRE_API_REGISTRY_H

#include "centre/api.h"

json_t *api_json_module(const struct store_module *module);
bool api_find_module(struct api_call *call, struct api_reply *reply, struct store_module *module);

#endif /* CENTRE_API_REGISTRY_H */
