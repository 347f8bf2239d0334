/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Netlink messages made by hand, so that they can lie.
 */
#ifndef LIBSMPAIR_TESTS_MESSAGE_H
#define LIBSMPAIR_TESTS_MESSAGE_H

#include <stdint.h>
#include <string.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "../parse.h"

struct message {
	_Alignas(8) uint8_t bytes[2048];
	size_t len;
};

static inline void msg_attr(struct message *m, uint16_t type, const void *data, size_t len)
{
	struct nlattr *attr = (struct nlattr *)(m->bytes + m->len);

	attr->nla_type = type;
	attr->nla_len = (uint16_t)(NLA_HDRLEN + len);
	memcpy(attr + 1, data, len);
	memset((uint8_t *)(attr + 1) + len, 0, NLA_ALIGN(len) - len);
	m->len += NLA_HDRLEN + NLA_ALIGN(len);
}

static inline void msg_u32(struct message *m, uint16_t type, uint32_t value)
{
	msg_attr(m, type, &value, sizeof(value));
}

static inline void msg_u64(struct message *m, uint16_t type, uint64_t value)
{
	msg_attr(m, type, &value, sizeof(value));
}

static inline void msg_text(struct message *m, uint16_t type, const char *text)
{
	msg_attr(m, type, text, strlen(text) + 1);
}

#endif /* LIBSMPAIR_TESTS_MESSAGE_H */
