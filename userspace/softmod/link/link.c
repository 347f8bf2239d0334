// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <time.h>

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

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

static bool holds(const struct link *link)
{
	return link->due_ms || link->event_times || link->out_times;
}

int link_wait_ms(const struct link *link)
{
	int64_t left = link->due_ms ? link->due_ms - now_ms() : 0;

	if (!holds(link))
		return -1;
	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

/* Sends @out as often as it is due. */
static int flush(struct link *link)
{
	int err = 0;

	while (!err && link->out_times) {
		link->out_times--;
		err = link->ops->write(link, link->out_len);
	}
	if (err && link->out_struck && err != -ENODEV) {
		link->fault.refused = -err;
		err = 0;
	}
	link->out_times = 0;
	explicit_bzero(link->out, link->out_len);
	return err;
}

int link_put(struct link *link, size_t header, size_t len)
{
	size_t left = len;
	struct fault_effect fx;

	fx = fault_pass(&link->fault, FAULT_ANSWER, link->out + header, &left);
	explicit_bzero(link->out + header + left, len - left);
	link->ops->put_length(link, left + (size_t)fx.length);
	link->out_len = header + left;
	link->out_times = fx.times;
	link->out_struck = fx.hit;
	if (fx.delay_ms) {
		link->due_ms = now_ms() + fx.delay_ms;
		return 0;
	}
	return flush(link);
}

/* The event that was struck, as often as it is due. */
static int take_struck(struct link *link, const uint8_t **cmd, size_t *len)
{
	if (!link->event_times)
		return LINK_NOTHING;
	link->event_times--;
	*cmd = link->struck;
	*len = link->event_len;
	return (int)link->event;
}

int link_receive(struct link *link, const uint8_t **cmd, size_t *len)
{
	struct fault_effect fx;
	int event;

	if (link->due_ms && link_wait_ms(link))
		return LINK_NOTHING;
	link->due_ms = 0;
	if (link->out_times) {
		event = flush(link);
		return event ? event : LINK_NOTHING;
	}
	if (link->event_times)
		return take_struck(link, cmd, len);

	*len = 0;
	event = link->ops->receive(link, cmd, len);
	if (event <= LINK_NOTHING)
		return event;
	if (!fault_is_next(&link->fault, FAULT_COMMAND)) {
		fault_pass(&link->fault, FAULT_COMMAND, NULL, len);
		return event;
	}
	if (*len)
		memcpy(link->struck, *cmd, *len);
	link->event = (enum link_event)event;
	link->event_len = *len;
	fx = fault_pass(&link->fault, FAULT_COMMAND, link->struck,
			&link->event_len);
	link->event_times = fx.times;
	if (fx.delay_ms) {
		link->due_ms = now_ms() + fx.delay_ms;
		return LINK_NOTHING;
	}
	return take_struck(link, cmd, len);
}

static void forget(struct link *link)
{
	link->due_ms = 0;
	link->event_times = 0;
	link->out_times = 0;
	explicit_bzero(link->out, sizeof(link->out));
	explicit_bzero(link->struck, sizeof(link->struck));
}

int link_insert(struct link *link, const uint8_t *atr, size_t len)
{
	forget(link);
	return link->ops->insert(link, atr, len);
}

void link_remove(struct link *link)
{
	link->ops->remove(link);
	forget(link);
}
