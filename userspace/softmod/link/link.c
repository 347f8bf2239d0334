// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "softmod/link/link.h"

static const struct link_ops *const kinds[] = { &virt_link, &vpcd_link };

int link_init(struct link *link, const char *text)
{
	size_t i;

	memset(link, 0, sizeof(*link));
	link->fd = -1;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t len = strlen(kinds[i]->name);

		if (strncmp(text, kinds[i]->name, len))
			continue;
		if (text[len] == ':' && text[len + 1])
			link->address = text + len + 1;
		else if (text[len])
			continue;
		link->ops = kinds[i];
		return 0;
	}
	return -EINVAL;
}
