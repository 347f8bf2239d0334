// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Logon keys are put in the process keyring: they cannot be read back, no
 * other process finds them, and they vanish with the process that made them.
 */
#include <errno.h>
#include <keyutils.h>
#include <stdatomic.h>
#include <stdio.h>

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
