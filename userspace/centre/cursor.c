// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include <nettle/base64.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>

#include "centre/cursor.h"

#define MAC_LEN	16

/* Over the listing, too: a cursor is of use where it was given alone. */
static void mac(const struct cursor *cursor, const uint8_t key[CURSOR_KEY_LEN],
		const char *const scope[], uint8_t out[MAC_LEN])
{
	struct hmac_sha256_ctx ctx;
	uint8_t given;
	size_t i;

	hmac_sha256_set_key(&ctx, CURSOR_KEY_LEN, key);
	hmac_sha256_update(&ctx, cursor->len, cursor->at);
	for (i = 0; i < CURSOR_SCOPE; i++) {
		given = scope[i] ? 1 : 0;
		hmac_sha256_update(&ctx, 1, &given);
		if (scope[i])
			hmac_sha256_update(&ctx, strlen(scope[i]) + 1, (const uint8_t *)scope[i]);
	}
	hmac_sha256_digest(&ctx, MAC_LEN, out);
	explicit_bzero(&ctx, sizeof(ctx));
}

/**
 * cursor_write() - Make the text.
 * @cursor: The position.
 * @key: Of the service.
 * @scope: %CURSOR_SCOPE texts or NULL: of which listing, narrowed how, for whom.
 * @text: Receives it.
 */
void cursor_write(const struct cursor *cursor, const uint8_t key[CURSOR_KEY_LEN],
		  const char *const scope[], char text[CURSOR_SIZE])
{
	uint8_t bytes[CURSOR_MAX + MAC_LEN];
	struct base64_encode_ctx ctx;
	size_t len;

	memcpy(bytes, cursor->at, cursor->len);
	mac(cursor, key, scope, bytes + cursor->len);
	base64url_encode_init(&ctx);
	len = base64_encode_update(&ctx, text, cursor->len + MAC_LEN, bytes);
	len += base64_encode_final(&ctx, text + len);
	text[len] = '\0';
}

/**
 * cursor_read() - Take a text back.
 * @cursor: Receives the position.
 * @key: Of the service.
 * @scope: As it was made with.
 * @text: The text.
 *
 * Return: 0, or -EBADMSG where this service did not make it for this listing.
 */
int cursor_read(struct cursor *cursor, const uint8_t key[CURSOR_KEY_LEN],
		const char *const scope[], const char *text)
{
	uint8_t bytes[BASE64_DECODE_LENGTH(CURSOR_SIZE)];
	struct base64_decode_ctx ctx;
	size_t len = sizeof(bytes);
	char again[CURSOR_SIZE];

	if (strlen(text) >= CURSOR_SIZE)
		return -EBADMSG;
	base64url_decode_init(&ctx);
	if (!base64_decode_update(&ctx, &len, bytes, strlen(text), text) ||
	    !base64_decode_final(&ctx) || len < MAC_LEN || len > CURSOR_MAX + MAC_LEN)
		return -EBADMSG;
	cursor->len = len - MAC_LEN;
	memcpy(cursor->at, bytes, cursor->len);
	/* As a whole: there is one text for a position. */
	cursor_write(cursor, key, scope, again);
	return strlen(again) == strlen(text) && memeql_sec(again, text, strlen(text)) ? 0 :
	       -EBADMSG;
}
