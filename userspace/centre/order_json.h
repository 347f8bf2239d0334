/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Orders to modules and what became of them, as the interface has them.
 */
#ifndef CENTRE_ORDER_JSON_H
#define CENTRE_ORDER_JSON_H

#include "centre/order.h"
#include "domain/json.h"

int order_read_json(const struct domain_json *json, struct order *order);
json_t *order_json(const struct store_command *command, bool carry);
const char *order_state(const struct store_command *command);
const char *order_next(const struct store_command *command);

#endif /* CENTRE_ORDER_JSON_H */
