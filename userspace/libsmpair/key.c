// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Logon keys are put in the process keyring: they cannot be read back, no
 * other process finds them, and they vanish with the process that made them.
 * Keys that others made are found where they are, and stay.
 */
#include <errno.h>
#include <keyutils.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <smpair/id.h>
#include <smpair/key.h>

static int add_logon(const char *description, const void *payload, size_t len,
		     int32_t *serial)
{
	key_serial_t key = add_key("logon", description, payload, len,
				   KEY_SPEC_PROCESS_KEYRING);

	if (key < 0)
		return -errno;
	*serial = key;
	return 0;
}

/**
 * smpair_key_add_pin() - Put a PIN in a key, for smpair_request_done().
 * @pin: Eight ASCII digits; the caller wipes its copy.
 * @serial: Receives the serial number of the key.
 *
 * The driver invalidates the key when it takes the PIN; where it never does,
 * use smpair_key_drop().
 *
 * Return: 0, -EINVAL where @pin holds anything but digits, or the error of
 * add_key(2): -ENOSYS without key retention, -EDQUOT, -ENOMEM.
 */
int smpair_key_add_pin(const char pin[SMPAIR_PIN_LEN], int32_t *serial)
{
	static atomic_uint count;
	char description[40];

	if (!smpair_pin_check_digit(pin))
		return -EINVAL;
	/* The same description would replace a PIN that is still on its way. */
	snprintf(description, sizeof(description), "smpair:pin-%u",
		 atomic_fetch_add(&count, 1));
	return add_logon(description, pin, SMPAIR_PIN_LEN, serial);
}

/**
 * smpair_key_add_host() - Put host secrets in a key, for smpair_host_set().
 * @payload: Key payload, as smpair_hostkey_read() gives it.
 * @serial: Receives the serial number of the key.
 *
 * The driver derives what it needs during smpair_host_set(); drop the key
 * afterwards.
 *
 * Return: 0, -EBADMSG where the payload is malformed, or the error of
 * add_key(2).
 */
int smpair_key_add_host(struct smpair_secret *payload, int32_t *serial)
{
	char text[SMPAIR_ID_TEXT_SIZE], description[sizeof("smpair:host-") + sizeof(text)];
	uint8_t id[8];
	int err;

	err = smpair_hostkey_check(smpair_secret_data(payload),
				   smpair_secret_size(payload), id);
	if (!err)
		err = smpair_id_format(id, text, sizeof(text));
	if (err)
		return err;
	snprintf(description, sizeof(description), "smpair:host-%s", text);
	return add_logon(description, smpair_secret_data(payload),
			 smpair_secret_size(payload), serial);
}

/* 0 where the driver accepts keys of this type, @len characters. */
static int check_type(const char *type, size_t len)
{
	static const char *const types[] = { "logon", "encrypted", "trusted" };
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strlen(types[i]) == len && !strncmp(types[i], type, len))
			return 0;
	return -EKEYREJECTED;
}

static int find_by_serial(const char *name, int32_t *serial)
{
	unsigned long number;
	char *text, *end;
	int err;

	errno = 0;
	number = strtoul(name, &end, 10);
	if (errno || *end || !number || number > INT32_MAX)
		return -EINVAL;
	/* "TYPE;UID;GID;PERMISSIONS;DESCRIPTION" */
	if (keyctl_describe_alloc((key_serial_t)number, &text) < 0)
		return -errno;
	err = check_type(text, strcspn(text, ";"));
	free(text);
	if (!err)
		*serial = (int32_t)number;
	return err;
}

static int find_by_description(const char *name, int32_t *serial)
{
	size_t len = strcspn(name, ":");
	key_serial_t key;
	char *type;
	int err;

	if (!name[len] || !name[len + 1])
		return -EINVAL;
	err = check_type(name, len);
	if (err)
		return err;
	type = strndup(name, len);
	if (!type)
		return -ENOMEM;
	/* Without call-out information nobody is asked to make one. */
	key = request_key(type, name + len + 1, NULL, 0);
	if (key < 0)
		err = -errno;
	else
		*serial = key;
	free(type);
	return err;
}

/**
 * smpair_key_find() - Find a key with host secrets, for smpair_host_set().
 * @name: Its serial number in decimal, or "TYPE:DESCRIPTION", where TYPE is
 *	logon, encrypted or trusted.
 * @serial: Receives the serial number.
 *
 * A description is looked for in the keyrings of the thread, the process and the
 * session, then in the user's. The user's keyring is linked to that of the
 * process, whose session may not have it: thus the driver, which acts for the
 * caller, may use what is in there.
 *
 * Return: 0, -EINVAL where @name is neither, -EKEYREJECTED for another type, or
 * what keyctl(2) says: -ENOKEY, -EACCES, -EKEYREVOKED, -EKEYEXPIRED, -ENOSYS
 * without key retention, -ENOMEM. smpair_key_info() has a text for each.
 */
int smpair_key_find(const char *name, int32_t *serial)
{
	/* Where that fails, what is found nowhere else tells it. */
	keyctl_link(KEY_SPEC_USER_KEYRING, KEY_SPEC_PROCESS_KEYRING);
	return name[0] >= '0' && name[0] <= '9' ? find_by_serial(name, serial) :
						  find_by_description(name, serial);
}

/**
 * smpair_key_drop() - Invalidate a key that is no longer needed.
 * @serial: Serial number of the key.
 *
 * Return: 0, also where the key is gone already, or the error of keyctl(2).
 */
int smpair_key_drop(int32_t serial)
{
	if (keyctl_invalidate(serial) == 0)
		return 0;
	if (errno == ENOKEY || errno == EKEYREVOKED || errno == EKEYEXPIRED)
		return 0;
	return -errno;
}
