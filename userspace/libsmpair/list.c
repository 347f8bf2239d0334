// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>
#include <string.h>

#include "list.h"

/* A new item at the end, all zero; NULL without memory or beyond the limit. */
void *smpair_list_add(struct smpair_list *list)
{
	size_t room = list->room ? 2 * list->room : 8;
	void *items;

	if (list->count == LIST_MAX)
		return NULL;
	if (list->count == list->room) {
		items = reallocarray(list->items, room, list->item_size);
		if (!items)
			return NULL;
		list->items = items;
		list->room = room;
	}
	return memset((char *)list->items + list->item_size * list->count++, 0,
		      list->item_size);
}

void smpair_list_remove(struct smpair_list *list, size_t index)
{
	char *at = (char *)list->items + list->item_size * index;

	list->count--;
	memmove(at, at + list->item_size, list->item_size * (list->count - index));
}
