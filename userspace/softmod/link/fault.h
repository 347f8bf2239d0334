/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults of the wire, made to order: one is armed at a time, strikes one
 * message and is spent. Without an order messages pass untouched. No input or
 * output here: link.c does what an effect asks for.
 */
#ifndef SOFTMOD_LINK_FAULT_H
#define SOFTMOD_LINK_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAULT_DELAY_MAX_MS	60000
#define FAULT_OFFSET_MAX	65543	/* into the longest message */

/**
 * enum fault_kind - what befalls a message
 * @FAULT_NONE: nothing is armed
 * @FAULT_DROP: it is lost
 * @FAULT_DELAY: it arrives late, and everything after it waits
 * @FAULT_DUPLICATE: it arrives twice
 * @FAULT_CORRUPT: bits of one byte change
 * @FAULT_TRUNCATE: its end is missing, and the link's framing agrees
 * @FAULT_LENGTH: answers: the framing gives another length than what follows
 * @FAULT_LC: commands: Lc is not the length of the data
 * @FAULT_LE: commands: Le has another value
 * @FAULT_MORE: commands: the chaining bit of an ENVELOPE is inverted
 */
enum fault_kind {
	FAULT_NONE,
	FAULT_DROP,
	FAULT_DELAY,
	FAULT_DUPLICATE,
	FAULT_CORRUPT,
	FAULT_TRUNCATE,
	FAULT_LENGTH,
	FAULT_LC,
	FAULT_LE,
	FAULT_MORE,
};

/**
 * enum fault_way - where a message goes
 * @FAULT_COMMAND: from the reader; a reset counts as one
 * @FAULT_ANSWER: to the reader; an answer-to-reset counts as one, and so does
 *	what announces the module
 * @FAULT_WAYS: number of ways
 */
enum fault_way {
	FAULT_COMMAND,
	FAULT_ANSWER,
	FAULT_WAYS,
};

/**
 * struct fault - the order, and what has passed
 * @kind: what is armed
 * @way: for which way
 * @left: messages that way until it strikes, the struck one included
 * @value: milliseconds, offset (from the end when negative), bytes to keep,
 *	difference of a length, or Le
 * @mask: FAULT_CORRUPT: bits to invert
 * @passed: messages each way so far, struck ones included
 * @hits: messages that a fault has changed
 * @refused: errno with which the reader refused the latest struck answer, or 0
 */
struct fault {
	enum fault_kind kind;
	enum fault_way way;
	uint32_t left;
	int32_t value;
	uint8_t mask;
	uint64_t passed[FAULT_WAYS];
	uint64_t hits;
	int refused;
};

/**
 * struct fault_effect - what becomes of a message
 * @hit: the fault changed something
 * @times: how often it is to arrive
 * @delay_ms: how late
 * @length: what is to be added to the length in the framing
 */
struct fault_effect {
	bool hit;
	unsigned int times;
	unsigned int delay_ms;
	int32_t length;
};

/**
 * fault_arm() - take an order
 * @f: state; an order that has not struck yet is replaced
 * @order: KIND WAY K [VALUE [MASK]], as in smpair-softmod(1); changed
 *
 * Return: NULL, or what is wrong with the order, which then changes nothing.
 */
const char *fault_arm(struct fault *f, char *order);

/**
 * fault_disarm() - take the order back
 * @f: state
 */
void fault_disarm(struct fault *f);

/**
 * fault_is_next() - whether the next message will be struck
 * @f: state
 * @way: way of that message
 *
 * Return: true if fault_pass() may change it.
 */
bool fault_is_next(const struct fault *f, enum fault_way way);

/**
 * fault_pass() - a message passes
 * @f: state
 * @way: which way it goes
 * @msg: the message without the link's framing; changed in place
 * @len: its length; may become shorter
 *
 * A fault that finds nothing to change, such as an offset beyond the message,
 * is spent without a hit.
 *
 * Return: what is to become of it.
 */
struct fault_effect fault_pass(struct fault *f, enum fault_way way,
			       uint8_t *msg, size_t *len);

#endif /* SOFTMOD_LINK_FAULT_H */
