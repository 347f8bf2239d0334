/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CENTRE_API_FETCH_H
#define CENTRE_API_FETCH_H

#include "centre/api.h"

void api_fetch_commands(struct api_call *call, struct api_reply *reply,
			const struct store_module *module);

#endif /* CENTRE_API_FETCH_H */
