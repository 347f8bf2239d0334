/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes that a fuzzer chose, taken one value after the other. Past the end
 * everything is zero, so that any input is a complete one.
 */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct input {
	const uint8_t *at;
	size_t left;
};

static inline size_t take(struct input *in, void *to, size_t len)
{
	size_t have = len < in->left ? len : in->left;

	if (have)
		memcpy(to, in->at, have);
	if (len > have)
		memset((uint8_t *)to + have, 0, len - have);
	in->at += have;
	in->left -= have;
	return have;
}

static inline uint8_t take8(struct input *in)
{
	uint8_t v;

	take(in, &v, sizeof(v));
	return v;
}

static inline uint16_t take16(struct input *in)
{
	uint16_t high = take8(in);

	return (uint16_t)(high << 8 | take8(in));
}

static inline uint32_t take32(struct input *in)
{
	uint32_t high = take16(in);

	return high << 16 | take16(in);
}

/* A length of at most @max: one byte says it, FF announces two more. */
static inline size_t take_length(struct input *in, size_t max)
{
	size_t len = take8(in);

	if (len == 0xff)
		len = take16(in);
	return len < max ? len : max;
}

/*
 * What the target computed is wrong although nothing crashed: end as a crash
 * does, which libFuzzer reports together with the input.
 */
#define WANT(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: %s: not so: %s\n", __FILE__, \
				__LINE__, __func__, #condition); \
			abort(); \
		} \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif /* FUZZ_INPUT_H */
