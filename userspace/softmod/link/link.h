/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A link: what carries commands from a reader to the module. It never blocks
 * in receive; the caller polls its descriptor. Every message passes by the
 * faults that are armed.
 */
#ifndef SOFTMOD_LINK_LINK_H
#define SOFTMOD_LINK_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "softmod/link/fault.h"

#define LINK_ATR_MAX	33

/**
 * enum link_event - what a reader asks
 * @LINK_NOTHING: no complete event yet
 * @LINK_COMMAND: a command; answer with send()
 * @LINK_RESET: warm reset; answer with send_atr() if the link wants one
 * @LINK_POWER_ON: the reader applies power
 * @LINK_POWER_OFF: the reader takes it away
 * @LINK_ASK_ATR: answer with send_atr()
 */
enum link_event {
	LINK_NOTHING,
	LINK_COMMAND,
	LINK_RESET,
	LINK_POWER_ON,
	LINK_POWER_OFF,
	LINK_ASK_ATR,
};

struct link;

/**
 * struct link_ops - one kind of link
 * @name: as on the command line
 * @insert: open @link->address and appear with an answer-to-reset; sets
 *	@link->fd
 * @receive: the next event; a command's bytes stay valid until the next call
 * @send: answer a command; by link_put()
 * @send_atr: send the answer-to-reset; by link_put()
 * @put_length: write the length of the payload into the framing at the start of
 *	@link->out
 * @write: send that many bytes of @link->out
 * @remove: close
 * @reader_power: the reader decides about power; else insertion does
 * @reset_atr: a reset is answered with the answer-to-reset
 * @maxc: largest command data field, 0 for no limit
 * @maxr: largest response data field, 0 for no limit
 *
 * Functions return 0 or a negative errno; -ENODEV means that the reader is
 * gone. @receive returns an enum link_event or a negative errno.
 */
struct link_ops {
	const char *name;
	int (*insert)(struct link *link, const uint8_t *atr, size_t len);
	int (*receive)(struct link *link, const uint8_t **cmd, size_t *len);
	int (*send)(struct link *link, const uint8_t *rsp, size_t len);
	int (*send_atr)(struct link *link, const uint8_t *atr, size_t len);
	void (*put_length)(struct link *link, size_t len);
	int (*write)(struct link *link, size_t len);
	void (*remove)(struct link *link);
	bool reader_power;
	bool reset_atr;
	uint16_t maxc;
	uint16_t maxr;
};

#define LINK_BUFFER	(65544 + 24)	/* the longest event of any link */

/**
 * struct link - a link, open or not
 * @ops: kind
 * @address: where the reader is, in a form of this kind
 * @fd: to poll for input, -1 when closed
 * @id: event to answer
 * @have: bytes received of an event that is not complete
 * @done: bytes of the last event, dropped at the next call
 * @in: received
 * @out: being sent
 * @fault: what is to befall a message
 * @due_ms: monotonic time until which everything waits; 0 for nothing held
 * @event: event that a fault has struck, with its bytes in @struck
 * @event_times: how often it is still to be received
 * @event_len: its bytes
 * @out_times: how often @out is still to be sent
 * @out_len: bytes of it
 * @out_struck: a fault has struck it
 * @struck: bytes of @event
 */
struct link {
	const struct link_ops *ops;
	const char *address;
	int fd;
	uint64_t id;
	size_t have;
	size_t done;
	uint8_t in[LINK_BUFFER];
	uint8_t out[LINK_BUFFER];
	struct fault fault;
	int64_t due_ms;
	enum link_event event;
	unsigned int event_times;
	size_t event_len;
	unsigned int out_times;
	size_t out_len;
	bool out_struck;
	uint8_t struck[LINK_BUFFER];
};

extern const struct link_ops virt_link;
extern const struct link_ops vpcd_link;

/**
 * link_init() - describe a link from its command-line form KIND[:ADDRESS]
 * @link: filled in, closed; @text must outlive it
 * @text: as given
 *
 * Return: 0 or -EINVAL for an unknown kind.
 */
int link_init(struct link *link, const char *text);

/**
 * link_insert() - open and appear
 * @link: closed link
 * @atr: answer-to-reset
 * @len: its length
 *
 * Return: 0 or a negative errno; the link is closed then.
 */
int link_insert(struct link *link, const uint8_t *atr, size_t len);

/**
 * link_receive() - the next event
 * @link: open link
 * @cmd: set to a command; valid until the next call
 * @len: its length
 *
 * Return: an enum link_event or a negative errno.
 */
int link_receive(struct link *link, const uint8_t **cmd, size_t *len);

/**
 * link_wait_ms() - how long nothing will be received whatever arrives
 * @link: link
 *
 * Return: milliseconds until link_receive() has something to do, 0 for now, or
 * -1: it depends on the descriptor alone.
 */
int link_wait_ms(const struct link *link);

/**
 * link_put() - for links: send what is in @out, as far as no fault strikes it
 * @link: open link
 * @header: bytes of framing at the start of @out; the length is written here
 * @len: bytes of payload after it
 *
 * A reader that refuses what a fault has struck does not break the link:
 * @fault tells of it. @out is wiped when it was sent.
 *
 * Return: 0 or a negative errno.
 */
int link_put(struct link *link, size_t header, size_t len);

/**
 * link_remove() - close; what was held back is forgotten
 * @link: link
 */
void link_remove(struct link *link);

#endif /* SOFTMOD_LINK_LINK_H */
