// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Identifiers: u16 issuer and u48 serial, big-endian, read by people as two
 * decimal numbers and two check digits of ISO/IEC 7064 MOD 97-10.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <smpair/id.h>

#define ISSUER_MAX	UINT64_C(0xffff)
#define SERIAL_MAX	UINT64_C(0xffffffffffff)
#define SERIAL_SCALE	UINT64_C(1000000000000000)	/* 15 digits of serial */

/*
 * The issuer is padded to 5 digits and the serial to 15; their 20 digits do
 * not fit in 64 bits, so that the remainder is taken of each part.
 */
static unsigned int check_digits(uint64_t issuer, uint64_t serial)
{
	uint64_t d = (issuer * (SERIAL_SCALE % 97) + serial % 97) % 97;

	return 98 - (unsigned int)(d * 100 % 97);
}

/*
 * Read a decimal number without leading zeros. A number with more digits than
 * any identifier has is well formed but out of range.
 */
static int read_number(const char **text, uint64_t max, uint64_t *value)
{
	const char *p = *text;
	int err = 0;

	if (*p < '0' || *p > '9')
		return -EINVAL;
	if (*p == '0' && p[1] >= '0' && p[1] <= '9')
		return -EINVAL;

	for (*value = 0; *p >= '0' && *p <= '9'; p++) {
		*value = *value * 10 + (uint64_t)(*p - '0');
		if (*value > max) {
			*value = 0;
			err = -ERANGE;
		}
	}
	*text = p;
	return err;
}

/**
 * smpair_id_parse() - Read the identifier of a module or of a host.
 * @text: ``ISSUER-SERIAL-CC``, two decimal numbers without leading zeros and
 *	two check digits; nothing before or after.
 * @id: Receives 8 bytes: u16 issuer and u48 serial, big-endian. Untouched on
 *	error.
 *
 * The format is judged first, then the range, then the check digits (protocol,
 * section 3).
 *
 * Return: 0, or -EINVAL where @text has another format or leading zeros,
 * -ERANGE where the issuer exceeds 65535 or the serial 2^48 - 1, -EBADMSG
 * where the check digits are wrong.
 */
int smpair_id_parse(const char *text, uint8_t id[8])
{
	uint64_t issuer, serial;
	int err1, err2, i;

	err1 = read_number(&text, ISSUER_MAX, &issuer);
	if (err1 == -EINVAL || *text++ != '-')
		return -EINVAL;
	err2 = read_number(&text, SERIAL_MAX, &serial);
	if (err2 == -EINVAL || *text++ != '-')
		return -EINVAL;
	if (strlen(text) != 2 || strspn(text, "0123456789") != 2)
		return -EINVAL;
	if (err1 || err2)
		return -ERANGE;
	if (check_digits(issuer, serial) !=
	    (unsigned int)((text[0] - '0') * 10 + (text[1] - '0')))
		return -EBADMSG;

	id[0] = (uint8_t)(issuer >> 8);
	id[1] = (uint8_t)issuer;
	for (i = 0; i < 6; i++)
		id[2 + i] = (uint8_t)(serial >> (40 - 8 * i));
	return 0;
}

/**
 * smpair_id_format() - Write the identifier of a module or of a host.
 * @id: 8 bytes: u16 issuer and u48 serial, big-endian.
 * @buf: Receives the text and its NUL.
 * @size: Bytes at @buf; %SMPAIR_ID_TEXT_SIZE suffices for every identifier.
 *
 * Return: 0, or -ENOSPC where @buf is too short; it then holds the empty
 * string if @size is not zero.
 */
int smpair_id_format(const uint8_t id[8], char *buf, size_t size)
{
	uint64_t issuer = (uint64_t)id[0] << 8 | id[1], serial = 0;
	int i, len;

	for (i = 2; i < 8; i++)
		serial = serial << 8 | id[i];

	len = snprintf(buf, size, "%llu-%llu-%02u", (unsigned long long)issuer,
		       (unsigned long long)serial, check_digits(issuer, serial));
	if (len < 0 || (size_t)len >= size) {
		if (size)
			buf[0] = '\0';
		return -ENOSPC;
	}
	return 0;
}
