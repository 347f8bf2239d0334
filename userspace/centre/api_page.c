// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "centre/api_page.h"
#include "domain/number.h"

#define LIMIT_DEFAULT	50
#define LIMIT_MAX	200
/* Seconds that a listing waits for another one. */
#define WAIT_SECONDS	1

/**
 * api_page_add() - Add a row.
 * @page: The page.
 * @item: The row; owned by the page from then on.
 * @at: What a cursor has to say to go on after it.
 * @len: Bytes at @at.
 *
 * Return: 0; 1 where the page is full and the row is not on it; -ENOMEM.
 */
int api_page_add(struct api_page *page, json_t *item, const void *at, size_t len)
{
	if (json_array_size(page->items) == page->limit) {
		page->more = true;
		json_decref(item);
		return 1;
	}
	page->last.len = len;
	memcpy(page->last.at, at, len);
	return json_array_append_new(page->items, item) ? -ENOMEM : 0;
}

static void scope_of(const struct api_call *call, const char *scope[CURSOR_SCOPE])
{
	scope[0] = call->client.name;
	scope[1] = call->path;
	scope[2] = call->query[API_SEARCH];
	scope[3] = call->query[API_MODULE];
	scope[4] = call->query[API_HOST];
}

/**
 * api_page_begin() - Read what the query says of a page.
 * @call: The request.
 * @reply: Receives the problem.
 * @cursor_len: Bytes that a cursor of this listing has.
 * @page: Zeroed; receives where it begins and how long it is.
 *
 * Return: Whether all is right.
 */
bool api_page_begin(struct api_call *call, struct api_reply *reply, size_t cursor_len,
		    struct api_page *page)
{
	const char *limit = call->query[API_LIMIT], *cursor = call->query[API_CURSOR];
	const char *scope[CURSOR_SCOPE];
	struct domain_error error;
	uint64_t value = LIMIT_DEFAULT;

	if (limit && domain_number("limit", limit, 1, LIMIT_MAX, &value, &error)) {
		api_bad_query(reply, "limit is a number from 1 to 200");
		return false;
	}
	page->limit = (unsigned int)value;
	scope_of(call, scope);
	if (!cursor || (!cursor_read(&page->from, call->service->cursor_key, scope, cursor) &&
			page->from.len == cursor_len))
		return true;
	api_problem(reply, 400, "bad-cursor", "the cursor is not one of this listing",
		    "begin with the first page, and take each cursor as it is in the answer");
	return false;
}

/* One listing at a time, apart from what agents need. */
static bool lock(struct service *service, struct api_reply *reply)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_SECONDS;
	if (!pthread_mutex_timedlock(&service->list_lock, &until))
		return true;
	api_problem(reply, 503, "busy", "another search takes long",
		    "repeat the request after a moment");
	reply->retry_after = WAIT_SECONDS;
	return false;
}

/**
 * api_list() - Answer with a page.
 * @call: The request.
 * @reply: Receives the answer.
 * @cursor_len: Bytes that a cursor of this listing has.
 * @lister: Fills the page.
 */
void api_list(struct api_call *call, struct api_reply *reply, size_t cursor_len,
	      api_lister *lister)
{
	struct api_page page = { .limit = 0 };
	const char *scope[CURSOR_SCOPE];
	char text[CURSOR_SIZE];
	struct domain_error error = { "out of memory" };
	int ret = -ENOMEM;

	if (!api_page_begin(call, reply, cursor_len, &page) || !lock(call->service, reply))
		return;
	page.items = json_array();
	if (page.items)
		ret = lister(call->service->lister, call, &page, &error);
	pthread_mutex_unlock(&call->service->list_lock);
	if (ret < 0) {
		json_decref(page.items);
		api_failed(call, reply, ret, &error);
		return;
	}
	reply->status = 200;
	reply->object = json_pack("{s:i, s:o}", "v", 1, "items", page.items);
	if (!page.more)
		return;
	scope_of(call, scope);
	cursor_write(&page.last, call->service->cursor_key, scope, text);
	json_object_set_new(reply->object, "cursor", json_string(text));
}
