// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Base64 of RFC 4648, section 4: one text for each value, and no other is taken.
 */
#include <errno.h>
#include <string.h>

#include <nettle/base64.h>

#include "domain/base64.h"

/**
 * domain_base64_encode() - Encode.
 * @data: @len bytes.
 * @len: How many.
 * @text: Receives DOMAIN_BASE64_SIZE(@len) bytes.
 */
void domain_base64_encode(const uint8_t *data, size_t len, char *text)
{
	base64_encode_raw(text, len, data);
	text[BASE64_ENCODE_RAW_LENGTH(len)] = '\0';
}

/**
 * domain_base64_decode() - Decode.
 * @text: The text, without white space.
 * @data: Room for at least three bytes for each four of the text.
 * @size: Size of @data.
 * @len: Receives how many bytes there are.
 *
 * Return: 0, -EBADMSG, or -EMSGSIZE where @data is too small.
 */
int domain_base64_decode(const char *text, uint8_t *data, size_t size, size_t *len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
	size_t text_len = strlen(text);
	struct base64_decode_ctx ctx;

	if (BASE64_DECODE_LENGTH(text_len) > size)
		return -EMSGSIZE;
	/* The decoder would skip white space. */
	if (strspn(text, digits) != text_len)
		return -EBADMSG;
	base64_decode_init(&ctx);
	*len = size;
	if (!base64_decode_update(&ctx, len, data, text_len, text) || !base64_decode_final(&ctx))
		return -EBADMSG;
	return 0;
}
