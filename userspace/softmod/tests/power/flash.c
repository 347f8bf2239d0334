// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "softmod/tests/power/flash.h"

static uint8_t draw(struct flash *f)
{
	f->rng ^= f->rng << 13;
	f->rng ^= f->rng >> 17;
	f->rng ^= f->rng << 5;
	return (uint8_t)(f->rng >> 11);
}

static void clean(struct flash *f)
{
	f->dirty_from = FLASH_SIZE;
	f->dirty_to = 0;
}

static void touch(struct flash *f, uint32_t off, uint32_t len)
{
	if (off < f->dirty_from)
		f->dirty_from = off;
	if (off + len > f->dirty_to)
		f->dirty_to = off + len;
}

void flash_init(struct flash *f)
{
	memset(f, 0, sizeof(*f));
	memset(f->cells, 0xff, sizeof(f->cells));
	memset(f->durable, 0xff, sizeof(f->durable));
	f->rng = 1;
	clean(f);
}

void flash_order(struct flash *f, unsigned int k, enum flash_fault fault,
		 unsigned int part)
{
	f->fault_at = k ? f->ops + k : 0;
	f->fault = fault;
	f->part = part;
	f->hit = false;
	f->rng = 0x9e3779b9 ^ part * 2654435761u ^ k * 40503u;
	if (!f->rng)
		f->rng = 1;
}

/* Of the bits in which @now and @then differ, those that changed */
static uint8_t part_of(struct flash *f, uint8_t diff, bool first_half)
{
	switch (f->part) {
	case FLASH_NOTHING:
		return 0;
	case FLASH_ALL:
		return diff;
	case FLASH_HALF:
		return first_half ? diff : 0;
	default:
		return diff & draw(f);
	}
}

/* One bit in 64: what stands between two levels may well look complete */
static uint8_t few(struct flash *f)
{
	return draw(f) & draw(f) & draw(f) & draw(f) & draw(f) & draw(f);
}

/* The buffer is lost, but for some of it */
static void lose_power(struct flash *f, uint32_t off, uint32_t len)
{
	uint32_t i;

	for (i = f->dirty_from; i < f->dirty_to; i++) {
		uint8_t diff = f->durable[i] ^ f->cells[i];
		bool first = i < off || i < off + len / 2;
		uint8_t weak = 0;

		if (f->unstable)
			weak = diff & few(f);
		f->durable[i] ^= part_of(f, diff & (uint8_t)~weak, first);
		f->durable[i] |= weak;
		f->weak[i] |= weak;
		f->cells[i] = f->durable[i];
	}
	clean(f);
	f->dead = true;
}

/* Does @target to the cells at @off, or what the order for this operation
 * leaves of it.
 */
static int change(struct flash *f, uint32_t off, const uint8_t *target,
		  uint32_t len)
{
	uint32_t i;

	if (f->dead)
		return -1;
	touch(f, off, len);
	if (++f->ops != f->fault_at) {
		memcpy(f->cells + off, target, len);
		return 0;
	}

	f->hit = true;
	if (f->fault == FLASH_CUT) {
		memcpy(f->cells + off, target, len);
		lose_power(f, off, len);
		return -1;
	}
	for (i = 0; i < len; i++)
		f->cells[off + i] ^= part_of(f, f->cells[off + i] ^ target[i],
					     i < len / 2);
	return f->fault == FLASH_ERROR ? -1 : 0;
}

int flash_read(struct flash *f, uint32_t off, void *buf, uint32_t len)
{
	uint8_t *out = buf;
	uint32_t i;

	if (f->dead)
		return -1;
	if (off > FLASH_SIZE || len > FLASH_SIZE - off) {
		f->misuse = "reads outside the region";
		return -1;
	}
	memcpy(out, f->cells + off, len);
	for (i = 0; f->unstable && i < len; i++)
		if (f->weak[off + i])
			out[i] ^= f->weak[off + i] & draw(f);
	return 0;
}

int flash_program(struct flash *f, uint32_t off, const void *buf,
		  uint32_t len)
{
	uint8_t target[1024] = { 0 };
	const uint8_t *in = buf;
	uint32_t i;

	if (f->dead)
		return -1;
	if (len > sizeof(target) || off > FLASH_SIZE ||
	    len > FLASH_SIZE - off) {
		f->misuse = "programs outside the region";
		return -1;
	}
	for (i = 0; i < len; i++) {
		uint8_t old = f->cells[off + i];

		/* Bytes are programmed once; after that they may be cleared,
		 * or be given what they hold already.
		 */
		if (old != 0xff && in[i] && in[i] != old && !f->weak[off + i])
			f->misuse = "programs bytes that are not erased";
		target[i] = old & in[i];
	}
	if (change(f, off, target, len))
		return -1;
	for (i = 0; i < len; i++)
		f->weak[off + i] &= in[i];
	return 0;
}

int flash_erase(struct flash *f, uint32_t off)
{
	uint8_t target[FLASH_BLOCK];

	if (f->dead)
		return -1;
	if (off % FLASH_BLOCK || off >= FLASH_SIZE) {
		f->misuse = "erases what is no block";
		return -1;
	}
	memset(target, 0xff, sizeof(target));
	if (change(f, off, target, sizeof(target)))
		return -1;
	memset(f->weak + off, 0, sizeof(target));
	return 0;
}

int flash_sync(struct flash *f)
{
	if (f->dead)
		return -1;
	if (++f->ops == f->fault_at && f->fault != FLASH_SILENT) {
		f->hit = true;
		if (f->fault == FLASH_CUT)
			lose_power(f, 0, 0);
		return -1;
	}
	if (f->dirty_to)
		memcpy(f->durable + f->dirty_from, f->cells + f->dirty_from,
		       f->dirty_to - f->dirty_from);
	clean(f);
	return 0;
}

void flash_power(struct flash *f)
{
	if (!f->dead)
		lose_power(f, 0, 0);
	f->dead = false;
	f->fault_at = 0;
}
