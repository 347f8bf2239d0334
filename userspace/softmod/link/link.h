/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A link: what carries commands from a reader to the module. It never blocks
 * in receive; the caller polls its descriptor.
 */
#ifndef SOFTMOD_LINK_LINK_H
#define SOFTMOD_LINK_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
 * @send: answer a command
 * @send_atr: send the answer-to-reset
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

#endif /* SOFTMOD_LINK_LINK_H */
