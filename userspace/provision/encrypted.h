/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys of type encrypted, in the form in which the kernel gives and takes them.
 */
#ifndef PROVISION_ENCRYPTED_H
#define PROVISION_ENCRYPTED_H

#include <stddef.h>
#include <stdint.h>

#define ENCRYPTED_IV_LEN	16
#define ENCRYPTED_MASTER_MIN	32
#define ENCRYPTED_MASTER_MAX	128
#define ENCRYPTED_NAME_MAX	64
#define ENCRYPTED_CONTENT_MAX	256

/* What encrypted_text() writes, at most, with its NUL. */
#define ENCRYPTED_TEXT_SIZE	(32 + ENCRYPTED_NAME_MAX + \
				 2 * (ENCRYPTED_IV_LEN + 1 + ENCRYPTED_CONTENT_MAX + 32))

/**
 * struct encrypted_master - The key under which others are encrypted.
 * @name: Description of the key of type user; at most %ENCRYPTED_NAME_MAX
 *	characters, without blanks.
 * @key: Its content.
 * @len: Bytes at @key, %ENCRYPTED_MASTER_MIN to %ENCRYPTED_MASTER_MAX.
 */
struct encrypted_master {
	const char *name;
	const uint8_t *key;
	size_t len;
};

void encrypted_text(const struct encrypted_master *master, const uint8_t iv[ENCRYPTED_IV_LEN],
		    const uint8_t *content, size_t len, char text[ENCRYPTED_TEXT_SIZE]);

#endif /* PROVISION_ENCRYPTED_H */
