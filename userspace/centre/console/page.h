/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the pages of the console have in common.
 */
#ifndef CENTRE_CONSOLE_PAGE_H
#define CENTRE_CONSOLE_PAGE_H

#include "centre/audit.h"
#include "centre/console/console.h"
#include "centre/rules.h"

void page_begin(struct console_call *call, struct console_reply *reply, unsigned int status,
		const char *title);
void page_end(struct console_reply *reply);
void page_go(struct console_reply *reply, const char *location);
void page_problem(struct console_call *call, struct console_reply *reply, unsigned int status,
		  const char *what, const char *next);
void page_failed(struct console_call *call, struct console_reply *reply,
		 const struct domain_error *error);
void page_refusal(struct html *html, const char *code, const char *what, const char *next);
void page_form(struct console_call *call, struct html *html, const char *action);
void page_field(struct html *html, const char *name, const char *label, const char *value,
		const char *hint);
void page_link(struct html *html, const char *kind, const uint8_t id[PDT1_ID_LEN]);
void page_pairing_link(struct html *html, const uint8_t mid[PDT1_ID_LEN],
		       const uint8_t sn[PDT1_ID_LEN]);
void page_rows(struct console_call *call, struct console_reply *reply, const uint8_t *mid,
	       const uint8_t *sn);
int page_record(struct console_call *call, const struct audit_row *row,
		struct domain_error *error);

#endif /* CENTRE_CONSOLE_PAGE_H */
