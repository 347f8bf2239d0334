/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the module needs from the platform it runs on: cryptographic
 * primitives, random bytes and a region of flash. Nothing else; no clock.
 */
#ifndef SOFTMOD_CORE_PORT_H
#define SOFTMOD_CORE_PORT_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct sm_part - one piece of a scattered input
 * @data: first byte; may be NULL when @len is 0
 * @len: bytes
 */
struct sm_part {
	const void *data;
	size_t len;
};

/**
 * struct sm_port - the platform below one module
 * @ctx: passed to every callback
 * @sha256: hash the @n parts in order into 32 bytes
 * @hmac: HMAC-SHA-256 of the @n parts in order under a 32-byte key, 32 bytes
 * @gcm_seal: AES-256-GCM; 12-byte nonce, @len bytes from @in, @len + 16 bytes
 *	to @out. @in and @out are the same or do not overlap
 * @gcm_open: the inverse: @len bytes including the tag from @in (at least 16),
 *	@len - 16 bytes to @out. 1 when the tag is wrong, and then @out is wiped
 * @x25519: scalar multiplication with RFC 7748 clamping; @point NULL stands for
 *	the base point. An input of low order gives 32 zero bytes and success
 * @random: @len bytes from the random number generator
 * @flash_read: read @len bytes at @off
 * @flash_program: clear bits: each byte becomes (old & new). One call is one
 *	write, durable only after @flash_sync. Bytes that are not erased are
 *	programmed only to 0, or once more with what they hold
 * @flash_erase: set the block at @off (a multiple of @flash_block) to FF
 * @flash_sync: return once everything programmed and erased is durable
 * @flash_size: bytes in the region; a region the core cannot use is reported
 *	as damaged, never changed
 * @flash_block: bytes per erase block
 * @link_maxc: largest command data field the link carries, 0 for no limit
 * @link_maxr: largest response data field the link carries, 0 for no limit
 *
 * All callbacks return 0 for success and are called from the thread that calls
 * the module. Any other value is a failure of the platform (but see
 * @gcm_open): the command in progress is refused and nothing is retried.
 */
struct sm_port {
	void *ctx;

	int (*sha256)(void *ctx, const struct sm_part *parts, size_t n,
		      uint8_t out[32]);
	int (*hmac)(void *ctx, const uint8_t key[32],
		    const struct sm_part *parts, size_t n, uint8_t out[32]);
	int (*gcm_seal)(void *ctx, const uint8_t key[32],
			const uint8_t nonce[12], const void *ad, size_t ad_len,
			const void *in, size_t len, uint8_t *out);
	int (*gcm_open)(void *ctx, const uint8_t key[32],
			const uint8_t nonce[12], const void *ad, size_t ad_len,
			const void *in, size_t len, uint8_t *out);
	int (*x25519)(void *ctx, const uint8_t scalar[32],
		      const uint8_t *point, uint8_t out[32]);
	int (*random)(void *ctx, void *buf, size_t len);

	int (*flash_read)(void *ctx, uint32_t off, void *buf, uint32_t len);
	int (*flash_program)(void *ctx, uint32_t off, const void *buf,
			     uint32_t len);
	int (*flash_erase)(void *ctx, uint32_t off);
	int (*flash_sync)(void *ctx);
	uint32_t flash_size;
	uint32_t flash_block;

	uint16_t link_maxc;
	uint16_t link_maxr;
};

#endif /* SOFTMOD_CORE_PORT_H */
