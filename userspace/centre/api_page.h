/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Listings, a page at a time.
 */
#ifndef CENTRE_API_PAGE_H
#define CENTRE_API_PAGE_H

#include "centre/api.h"
#include "centre/cursor.h"

/**
 * struct api_page - A page that is being filled.
 * @limit: Rows that were asked for.
 * @from: Where it begins; of length 0 for the first one.
 * @last: The last row on it.
 * @items: The rows.
 * @more: There are rows after it.
 */
struct api_page {
	unsigned int limit;
	struct cursor from;
	struct cursor last;
	json_t *items;
	bool more;
};

/* Lists into the page: 0, positive where it is full, or a negative errno. */
typedef int api_lister(struct store *store, struct api_call *call, struct api_page *page,
		       struct domain_error *error);

bool api_page_begin(struct api_call *call, struct api_reply *reply, size_t cursor_len,
		    struct api_page *page);
int api_page_add(struct api_page *page, json_t *item, const void *at, size_t len);
void api_list(struct api_call *call, struct api_reply *reply, size_t cursor_len,
	      api_lister *lister);

#endif /* CENTRE_API_PAGE_H */
