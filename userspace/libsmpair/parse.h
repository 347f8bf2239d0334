/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Netlink bytes to structures. Nothing here does I/O: all functions take a
 * buffer, so that tests and fuzzers can hand in any bytes.
 */
#ifndef LIBSMPAIR_PARSE_H
#define LIBSMPAIR_PARSE_H

#include <linux/netlink.h>

#include <smpair/smpair.h>

/* Longest text of the kernel that is kept, its NUL included. */
#define SMPAIR_EXTACK_SIZE	256

/* The attributes of one generic netlink message, after its headers. */
struct smpair_attrs {
	const void *data;
	int len;
};

int smpair_parse_genl(const struct nlmsghdr *nlh, uint8_t *cmd, struct smpair_attrs *attrs);
int smpair_parse_dev(const struct smpair_attrs *attrs, struct smpair_dev_info *info);
int smpair_parse_slot(const struct smpair_attrs *attrs, struct smpair_slot_info *info);
int smpair_parse_host(const struct smpair_attrs *attrs, struct smpair_host_info *info);
int smpair_parse_op(const struct smpair_attrs *attrs, struct smpair_outcome *outcome);
int smpair_parse_op_started(const struct smpair_attrs *attrs, uint64_t *op);
int smpair_parse_request(const struct smpair_attrs *attrs, struct smpair_request *request);
int smpair_parse_agent(const struct smpair_attrs *attrs, struct smpair_agent_info *info);
int smpair_parse_family(const struct smpair_attrs *attrs, uint16_t *id, const char **name);
int smpair_parse_ack(const struct nlmsghdr *nlh, char text[SMPAIR_EXTACK_SIZE]);

#endif /* LIBSMPAIR_PARSE_H */
