/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CENTRE_CONSOLE_COMMAND_PAGE_H
#define CENTRE_CONSOLE_COMMAND_PAGE_H

#include "centre/console/console.h"

int command_rows(struct html *html, struct store *store, const uint8_t mid[PDT1_ID_LEN],
		 struct domain_error *error);

#endif /* CENTRE_CONSOLE_COMMAND_PAGE_H */
