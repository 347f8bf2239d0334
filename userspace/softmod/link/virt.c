// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The driver's virtual link: one event per read and write. Every event that
 * the kernel sends is checked, although only a broken kernel sends bad ones.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/smpair_virt.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "softmod/link/link.h"

#define DEFAULT_PATH	"/dev/smpair_virt"

static int put_event(struct link *link, uint32_t type, uint64_t id,
		     const void *payload, size_t len)
{
	const struct smpair_virt_event ev = { .type = type, .id = id };

	if (len > SMPAIR_VIRT_DATA_MAX)
		return -EMSGSIZE;
	memcpy(link->out, &ev, sizeof(ev));
	memcpy(link->out + sizeof(ev), payload, len);
	return link_put(link, sizeof(ev), len);
}

static void virt_put_length(struct link *link, size_t len)
{
	const uint32_t field = (uint32_t)len;

	memcpy(link->out + offsetof(struct smpair_virt_event, len), &field,
	       sizeof(field));
}

static int virt_write(struct link *link, size_t len)
{
	ssize_t n;

	do {
		n = write(link->fd, link->out, len);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

static int virt_insert(struct link *link, const uint8_t *atr, size_t len)
{
	struct smpair_virt_attach attach = {
		.version = SMPAIR_VIRT_VERSION,
		.atr_len = (uint8_t)len,
	};
	const char *path = link->address ? link->address : DEFAULT_PATH;
	int err;

	if (len > sizeof(attach.atr))
		return -EINVAL;
	memcpy(attach.atr, atr, len);
	link->fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (link->fd < 0)
		return -errno;
	err = put_event(link, SMPAIR_VIRT_ATTACH, 0, &attach, sizeof(attach));
	if (err)
		link->ops->remove(link);
	return err;
}

static int virt_receive(struct link *link, const uint8_t **cmd, size_t *len)
{
	struct smpair_virt_event ev;
	ssize_t n;

	n = read(link->fd, link->in, sizeof(link->in));
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? LINK_NOTHING :
							   -errno;
	if (n == 0)
		return -ENODEV;
	if ((size_t)n < sizeof(ev))
		return -EPROTO;
	memcpy(&ev, link->in, sizeof(ev));
	if (ev.len != (size_t)n - sizeof(ev))
		return -EPROTO;

	link->id = ev.id;
	switch (ev.type) {
	case SMPAIR_VIRT_COMMAND:
		*cmd = link->in + sizeof(ev);
		*len = ev.len;
		return LINK_COMMAND;
	case SMPAIR_VIRT_RESET:
		return ev.len ? -EPROTO : LINK_RESET;
	default:
		return LINK_NOTHING;	/* of a later kernel */
	}
}

static int virt_send(struct link *link, const uint8_t *rsp, size_t len)
{
	return put_event(link, SMPAIR_VIRT_RESPONSE, link->id, rsp, len);
}

static void virt_remove(struct link *link)
{
	if (link->fd >= 0)
		close(link->fd);
	link->fd = -1;
	explicit_bzero(link->in, sizeof(link->in));
}

const struct link_ops virt_link = {
	.name = "virt",
	.insert = virt_insert,
	.receive = virt_receive,
	.send = virt_send,
	.send_atr = virt_send,
	.put_length = virt_put_length,
	.write = virt_write,
	.remove = virt_remove,
	.reset_atr = true,
};
