// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A host's secrets encrypted for one host's kernel, whose storage others may
 * read.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/smpair_proto.h>

#include <smpair/key.h>

#include "domain/file.h"
#include "domain/secret.h"
#include "provision/encrypted.h"
#include "provision/output.h"

static int check_name(const char *name, struct domain_error *error)
{
	size_t len = name ? strlen(name) : 0, i = 0;

	while (i < len && (isalnum((unsigned char)name[i]) || strchr("._:-", name[i])))
		i++;
	if (!len || len > ENCRYPTED_NAME_MAX || i < len)
		return domain_fail(error, -EDOM,
				   "--master takes the description of the host's master key: 1 to %d letters, digits and ._:-",
				   ENCRYPTED_NAME_MAX);
	return 0;
}

static int read_master(const char *path, uint8_t **key, size_t *len, struct domain_error *error)
{
	int err;

	err = domain_file_read(path, true, ENCRYPTED_MASTER_MAX, key, len, error);
	if (err || *len >= ENCRYPTED_MASTER_MIN)
		return err;
	domain_secret_free(*key);
	return domain_fail(error, -EINVAL,
			   "%s has %zu bytes; a master key has %d to %d random ones", path, *len,
			   ENCRYPTED_MASTER_MIN, ENCRYPTED_MASTER_MAX);
}

static int read_host(const char *path, uint8_t **payload, size_t *len, uint8_t id[PDT1_ID_LEN],
		     struct domain_error *error)
{
	int err;

	err = domain_file_read(path, true, ENCRYPTED_CONTENT_MAX, payload, len, error);
	if (err || !smpair_hostkey_check(*payload, *len, id))
		return err;
	domain_secret_free(*payload);
	return domain_fail(error, -EINVAL,
			   "%s does not hold host secrets; name the host-ID.key that the verb host made",
			   path);
}

static int write_blob(const struct encrypted_master *master, const uint8_t *payload, size_t len,
		      const char *path, bool force, struct domain_error *error)
{
	char text[ENCRYPTED_TEXT_SIZE];
	uint8_t iv[ENCRYPTED_IV_LEN];
	int err;

	err = domain_random(iv, sizeof(iv), error);
	if (err)
		return err;
	encrypted_text(master, iv, payload, len, text);
	/* Without a newline, which the kernel would not take back. */
	return domain_file_write(path, 0600, force, text, strlen(text), error);
}

/**
 * provision_encrypt() - Encrypt the secrets of a host under a key that its
 *	kernel has.
 * @args: --key, --master, --master-key, --out, --force, --print-id.
 * @error: Receives the reason of a refusal.
 *
 * Return: 0, -EDOM for wrong usage, or another negative errno.
 */
int provision_encrypt(const struct provision_args *args, struct domain_error *error)
{
	struct encrypted_master master = { .name = args->master };
	uint8_t *payload, *key, id[PDT1_ID_LEN];
	char *path = NULL;
	size_t len;
	int err;

	if (!args->key)
		return domain_fail(error, -EDOM,
				   "--key is missing; name the host-ID.key to encrypt");
	if (!args->master_key)
		return domain_fail(error, -EDOM,
				   "--master-key is missing; name the file with the host's master key");
	err = check_name(args->master, error);
	if (!err)
		err = output_folder(args, error);
	if (!err)
		err = read_master(args->master_key, &key, &master.len, error);
	if (err)
		return err;
	master.key = key;
	err = read_host(args->key, &payload, &len, id, error);
	if (err)
		goto free_key;
	err = output_path(args, "host", id, "blob", &path, error);
	if (!err)
		err = write_blob(&master, payload, len, path, args->force, error);
	if (!err)
		output_made(args, "host", id, args->key, path);
	free(path);
	domain_secret_free(payload);
free_key:
	domain_secret_free(key);
	return err;
}
