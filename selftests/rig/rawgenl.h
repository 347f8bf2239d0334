/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A generic netlink socket that sends exactly the bytes a test wants, right or
 * wrong. Well-formed requests belong to libsmpair.
 */
#ifndef RIG_RAWGENL_H
#define RIG_RAWGENL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/netlink.h>

#define RAW_BUF 16384

/**
 * struct raw_sock - socket and what the last exchange brought
 * @fd: netlink socket with extended acks
 * @family: id of family smpair; 0 when absent
 * @seq: sequence number of the last request
 * @extack: text of the last refusal; empty without
 * @reply: last message other than an ack
 * @reply_len: its length
 * @replies: such messages since the socket was opened
 * @events: messages that nobody asked for, one bit for each SMPAIR_CMD_*
 * @done: the last OP_DONE
 * @done_len: its length
 */
struct raw_sock {
	int fd;
	uint16_t family;
	uint32_t seq;
	char extack[256];
	uint8_t reply[RAW_BUF];
	size_t reply_len;
	unsigned int replies;
	uint32_t events;
	uint8_t done[RAW_BUF];
	size_t done_len;
};

/**
 * struct raw_msg - request under construction
 * @data: netlink message, from its header on
 * @len: bytes of @data in use
 */
struct raw_msg {
	uint8_t data[RAW_BUF];
	size_t len;
};

int raw_open(struct raw_sock *s);	/* 0 or -errno; resolves the family */
void raw_close(struct raw_sock *s);
void raw_start(struct raw_sock *s, struct raw_msg *m, uint8_t cmd, uint16_t flags);
void raw_put(struct raw_msg *m, uint16_t type, const void *data, uint16_t len);
void raw_put_u32(struct raw_msg *m, uint16_t type, uint32_t value);
void raw_put_u64(struct raw_msg *m, uint16_t type, uint64_t value);
int raw_send(struct raw_sock *s, struct raw_msg *m);	/* the last one started; 0 or -errno */
int raw_wait(struct raw_sock *s);	/* for its ack: 0 or the kernel's -errno */
int raw_talk(struct raw_sock *s, struct raw_msg *m);	/* both */
int raw_await(struct raw_sock *s, uint8_t cmd);	/* an event, taken; 0 or -errno */
const void *raw_attr(const struct raw_sock *s, uint16_t type, size_t *len);
const void *raw_done_attr(const struct raw_sock *s, uint16_t type, size_t *len);

#endif /* RIG_RAWGENL_H */
