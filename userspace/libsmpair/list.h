/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Dumps into arrays that grow.
 */
#ifndef LIBSMPAIR_LIST_H
#define LIBSMPAIR_LIST_H

#include "client.h"

/* More than any system has links, and any socket buffer holds events. */
#define LIST_MAX	65536

struct smpair_list {
	void *items;
	size_t count;
	size_t room;
	size_t item_size;
};

void *smpair_list_add(struct smpair_list *list);
void smpair_list_remove(struct smpair_list *list, size_t index);

#endif /* LIBSMPAIR_LIST_H */
