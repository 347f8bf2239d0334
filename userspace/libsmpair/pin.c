// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The typed form of a PIN. A Damm digit catches every single wrong digit and
 * every swap of neighbours, before a try is spent on it.
 */
#include <errno.h>
#include <string.h>

#include <smpair/pin.h>

/* A totally anti-symmetric quasigroup of order 10 (H. M. Damm, 2004). */
static const uint8_t damm[10][10] = {
	{ 0, 3, 1, 7, 5, 9, 8, 6, 4, 2 },
	{ 7, 0, 9, 2, 1, 5, 4, 8, 6, 3 },
	{ 4, 2, 0, 6, 8, 7, 1, 3, 5, 9 },
	{ 1, 7, 5, 0, 9, 8, 3, 4, 2, 6 },
	{ 6, 1, 2, 3, 0, 4, 5, 9, 7, 8 },
	{ 3, 6, 7, 4, 2, 0, 9, 5, 8, 1 },
	{ 5, 8, 6, 9, 7, 2, 0, 1, 3, 4 },
	{ 8, 9, 4, 5, 3, 6, 2, 0, 1, 7 },
	{ 9, 4, 3, 8, 6, 1, 7, 2, 0, 5 },
	{ 2, 5, 8, 1, 4, 3, 6, 7, 9, 0 },
};

/**
 * smpair_pin_check_digit() - Damm digit of a PIN.
 * @pin: Eight ASCII digits.
 *
 * Return: An ASCII digit, or NUL where @pin holds anything but digits.
 */
char smpair_pin_check_digit(const char pin[SMPAIR_PIN_LEN])
{
	unsigned int interim = 0;
	size_t i;

	for (i = 0; i < SMPAIR_PIN_LEN; i++) {
		if (pin[i] < '0' || pin[i] > '9')
			return '\0';
		interim = damm[interim][pin[i] - '0'];
	}
	return (char)('0' + interim);
}

/**
 * smpair_pin_parse() - Read a PIN as a person types it.
 * @text: Digits, with spaces and hyphens anywhere between them; at the end a
 *	newline, or carriage return and newline, is accepted.
 * @len: Bytes at @text.
 * @pin: Receives eight ASCII digits without a NUL; wiped on error.
 *
 * A ninth digit, where there is one, is the Damm digit of the eight before it.
 *
 * Return: 0, or -EINVAL where @text holds anything else than digits and
 * separators, -EMSGSIZE where there are neither eight nor nine digits,
 * -EBADMSG where the check digit is wrong.
 */
int smpair_pin_parse(const char *text, size_t len, char pin[SMPAIR_PIN_LEN])
{
	size_t i, count = 0;
	char check = '\0';
	int err;

	if (len && text[len - 1] == '\n')
		len--;
	if (len && text[len - 1] == '\r')
		len--;

	for (i = 0; i < len; i++) {
		if (text[i] == ' ' || text[i] == '-')
			continue;
		err = -EINVAL;
		if (text[i] < '0' || text[i] > '9')
			goto wipe;
		if (count < SMPAIR_PIN_LEN)
			pin[count] = text[i];
		else
			check = text[i];
		err = -EMSGSIZE;
		if (++count > SMPAIR_PIN_LEN + 1)
			goto wipe;
	}

	err = -EMSGSIZE;
	if (count < SMPAIR_PIN_LEN)
		goto wipe;
	err = -EBADMSG;
	if (count > SMPAIR_PIN_LEN && check != smpair_pin_check_digit(pin))
		goto wipe;
	return 0;

wipe:
	explicit_bzero(pin, SMPAIR_PIN_LEN);
	return err;
}
