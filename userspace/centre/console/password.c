// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hashes of passwords, by the yescrypt of libcrypt.
 */
#include <crypt.h>
#include <errno.h>
#include <string.h>

#include <nettle/memops.h>

#include "centre/console/password.h"
#include "domain/secret.h"

/* Whether crypt() gave a hash of the kind that is wanted. */
static bool compute(const char *password, const char *setting, char hash[PASSWORD_HASH_SIZE])
{
	struct crypt_data *data = domain_secret_alloc(sizeof(*data));
	const char *text = NULL;
	bool good;

	if (data) {
		memset(data, 0, sizeof(*data));
		text = crypt_rn(password, setting, data, (int)sizeof(*data));
	}
	good = text && !strncmp(text, "$y$", 3) && strlen(text) < PASSWORD_HASH_SIZE;
	memset(hash, 0, PASSWORD_HASH_SIZE);
	if (good)
		memcpy(hash, text, strlen(text));
	domain_secret_free(data);
	return good;
}

/**
 * password_hash() - Hash a new password, with a new salt.
 * @password: The password.
 * @hash: Receives the hash, for password_fits().
 * @error: Receives the reason of a failure.
 *
 * Return: 0, -EINVAL for a password of a wrong length, or another negative errno.
 */
int password_hash(const char *password, char hash[PASSWORD_HASH_SIZE],
		  struct domain_error *error)
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	size_t len = strlen(password);

	if (len < PASSWORD_MIN || len > PASSWORD_MAX)
		return domain_fail(error, -EINVAL,
				   "a password has %d to %d bytes; choose another one",
				   PASSWORD_MIN, PASSWORD_MAX);
	if (!crypt_gensalt_rn("$y$", 0, NULL, 0, setting, sizeof(setting)) ||
	    !compute(password, setting, hash))
		return domain_fail(error, -EOPNOTSUPP,
				   "libcrypt cannot hash by yescrypt; use libxcrypt 4.4 or later");
	return 0;
}

/**
 * password_fits() - Is it the password?
 * @password: What somebody typed.
 * @hash: From password_hash().
 *
 * Return: Whether.
 */
bool password_fits(const char *password, const char *hash)
{
	char computed[PASSWORD_HASH_SIZE], expected[PASSWORD_HASH_SIZE] = "";
	bool fits;

	if (strlen(hash) >= sizeof(expected))
		return false;
	memcpy(expected, hash, strlen(hash));
	fits = compute(password, hash, computed) &&
	       memeql_sec(computed, expected, sizeof(expected));
	explicit_bzero(computed, sizeof(computed));
	return fits;
}
