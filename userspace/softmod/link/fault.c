// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/smpair_proto.h>
#include <stdlib.h>
#include <string.h>

#include "softmod/core/bytes.h"
#include "softmod/link/fault.h"

#define BOTH	(1U << FAULT_COMMAND | 1U << FAULT_ANSWER)

/* One row per kind: on which ways, and which values; none where min > max */
static const struct kind {
	const char *name;
	enum fault_kind kind;
	unsigned int ways;
	int32_t min;
	int32_t max;
} kinds[] = {
	{ "drop", FAULT_DROP, BOTH, 1, 0 },
	{ "delay", FAULT_DELAY, BOTH, 1, FAULT_DELAY_MAX_MS },
	{ "duplicate", FAULT_DUPLICATE, BOTH, 1, 0 },
	{ "corrupt", FAULT_CORRUPT, BOTH, -FAULT_OFFSET_MAX - 1,
	  FAULT_OFFSET_MAX },
	{ "truncate", FAULT_TRUNCATE, BOTH, 0, FAULT_OFFSET_MAX },
	{ "length", FAULT_LENGTH, 1U << FAULT_ANSWER, -65535, 65535 },
	{ "lc", FAULT_LC, 1U << FAULT_COMMAND, -65535, 65535 },
	{ "le", FAULT_LE, 1U << FAULT_COMMAND, 0, 65535 },
	{ "more", FAULT_MORE, 1U << FAULT_COMMAND, 1, 0 },
};

static const struct kind *find_kind(const char *name)
{
	size_t i;

	for (i = 0; name && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

static bool number(const char *text, int base, long long min, long long max,
		   long long *value)
{
	char *end;

	if (!text || !*text || *text == '+')
		return false;
	errno = 0;
	*value = strtoll(text, &end, base);
	return !errno && !*end && *value >= min && *value <= max;
}

const char *fault_arm(struct fault *f, char *order)
{
	char *save = NULL;
	const char *text = strtok_r(order, " \t\r", &save);
	const struct kind *kind = find_kind(text);
	long long left, value = 0, mask = 1;
	enum fault_way way;

	if (!kind)
		return "unknown fault; see capabilities";
	text = strtok_r(NULL, " \t\r", &save);
	if (text && !strcmp(text, "command"))
		way = FAULT_COMMAND;
	else if (text && !strcmp(text, "answer"))
		way = FAULT_ANSWER;
	else
		return "a fault strikes a command or an answer; name one";
	if (!(kind->ways & 1U << way))
		return way == FAULT_ANSWER ? "this fault strikes commands only" :
					     "this fault strikes answers only";
	if (!number(strtok_r(NULL, " \t\r", &save), 10, 1, UINT32_MAX, &left))
		return "which message needs a number: 1 for the next one";

	text = strtok_r(NULL, " \t\r", &save);
	if (kind->min <= kind->max) {
		if (!number(text, 10, kind->min, kind->max, &value))
			return "the value of this fault is missing or out of range";
		text = strtok_r(NULL, " \t\r", &save);
	}
	if ((kind->kind == FAULT_LENGTH || kind->kind == FAULT_LC) && !value)
		return "a difference of 0 is no lie";
	if (kind->kind == FAULT_CORRUPT && text) {
		if (!number(text, 16, 1, 0xff, &mask))
			return "the mask needs two hexadecimal digits, not 00";
		text = strtok_r(NULL, " \t\r", &save);
	}
	if (text)
		return "too many arguments for this fault";

	f->kind = kind->kind;
	f->way = way;
	f->left = (uint32_t)left;
	f->value = (int32_t)value;
	f->mask = (uint8_t)mask;
	return NULL;
}

void fault_disarm(struct fault *f)
{
	f->kind = FAULT_NONE;
}

bool fault_is_next(const struct fault *f, enum fault_way way)
{
	return f->kind != FAULT_NONE && f->way == way && f->left == 1;
}

static bool corrupt(uint8_t *msg, size_t len, int32_t offset, uint8_t mask)
{
	size_t at = offset < 0 ? len - (size_t)-(int64_t)offset :
				 (size_t)offset;

	if (at >= len)	/* before the start, it wrapped */
		return false;
	msg[at] ^= mask;
	return true;
}

/* Where Lc stands in a command; its size, 0 for none */
static size_t find_lc(const uint8_t *cmd, size_t len, size_t *at)
{
	*at = 4;
	if (len > 5 && cmd[4])
		return 1;
	*at = 5;
	return len > 7 && !cmd[4] ? 2 : 0;
}

/* Where Le stands, in a command whose Lc is right; its size, 0 for none */
static size_t find_le(const uint8_t *cmd, size_t len, size_t *at)
{
	size_t lc_at, lc;

	switch (find_lc(cmd, len, &lc_at)) {
	case 1:
		*at = len - 1;
		return len == 6U + cmd[4] ? 1 : 0;
	case 2:
		lc = sm_get16(cmd + lc_at);
		*at = len - 2;
		return len == 9 + lc ? 2 : 0;
	default:
		*at = len == 7 ? 5 : 4;
		return len == 7 ? 2 : len == 5;
	}
}

static bool write_field(uint8_t *msg, size_t at, size_t size, uint32_t value)
{
	if (size == 1)
		msg[at] = (uint8_t)value;
	else if (size == 2)
		sm_put16(msg + at, (uint16_t)value);
	return size;
}

static bool lie_about_lc(uint8_t *cmd, size_t len, int32_t difference)
{
	size_t at, size = find_lc(cmd, len, &at);
	uint32_t lc = size == 1 ? cmd[at] : size ? sm_get16(cmd + at) : 0;

	return write_field(cmd, at, size, lc + (uint32_t)difference);
}

static bool lie_about_le(uint8_t *cmd, size_t len, int32_t value)
{
	size_t at, size = find_le(cmd, len, &at);

	return write_field(cmd, at, size, (uint32_t)value);
}

static bool invert_more(uint8_t *cmd, size_t len)
{
	if (len < 4 || cmd[1] != PDT1_INS_ENVELOPE)
		return false;
	cmd[3] ^= PDT1_ENV_MORE;
	return true;
}

struct fault_effect fault_pass(struct fault *f, enum fault_way way,
			       uint8_t *msg, size_t *len)
{
	struct fault_effect fx = { .times = 1 };

	f->passed[way]++;
	if (f->kind == FAULT_NONE || f->way != way || --f->left)
		return fx;

	switch (f->kind) {
	case FAULT_DROP:
		fx.times = 0;
		fx.hit = true;
		break;
	case FAULT_DELAY:
		fx.delay_ms = (unsigned int)f->value;
		fx.hit = true;
		break;
	case FAULT_DUPLICATE:
		fx.times = 2;
		fx.hit = true;
		break;
	case FAULT_CORRUPT:
		fx.hit = corrupt(msg, *len, f->value, f->mask);
		break;
	case FAULT_TRUNCATE:
		fx.hit = *len > (size_t)f->value;
		if (fx.hit)
			*len = (size_t)f->value;
		break;
	case FAULT_LENGTH:
		fx.length = f->value;
		fx.hit = true;
		break;
	case FAULT_LC:
		fx.hit = lie_about_lc(msg, *len, f->value);
		break;
	case FAULT_LE:
		fx.hit = lie_about_le(msg, *len, f->value);
		break;
	case FAULT_MORE:
		fx.hit = invert_more(msg, *len);
		break;
	default:
		break;
	}
	f->hits += fx.hit;
	f->refused = 0;
	f->kind = FAULT_NONE;
	return fx;
}
