// SPDX-License-Identifier: GPL-2.0-or-later
/* Identifiers and PINs as people type them. */
#include <errno.h>
#include <smpair/id.h>
#include <smpair/pin.h>

#include "input.h"

/* The same number by another way: digit by digit, as the standard describes it */
static unsigned int check_digits(const uint8_t id[8])
{
	unsigned long long issuer = (unsigned int)(id[0] << 8 | id[1]), serial = 0;
	unsigned int rest = 0, i;
	char digits[24];

	for (i = 2; i < 8; i++)
		serial = serial << 8 | id[i];
	snprintf(digits, sizeof(digits), "%05llu%015llu", issuer, serial);
	for (i = 0; digits[i]; i++)
		rest = (rest * 10 + (unsigned int)(digits[i] - '0')) % 97;
	return 98 - rest * 100 % 97;
}

static void parse_id(const char *text)
{
	uint8_t id[8] = "unused", again[8];
	char back[SMPAIR_ID_TEXT_SIZE];
	int err = smpair_id_parse(text, id);
	const char *cc;

	if (err) {
		WANT(err == -EINVAL || err == -ERANGE || err == -EBADMSG);
		WANT(!memcmp(id, "unused\0", 8));
		return;
	}
	/* One identifier has one text. */
	WANT(!smpair_id_format(id, back, sizeof(back)) && !strcmp(back, text));
	WANT(!smpair_id_parse(back, again) && !memcmp(id, again, sizeof(id)));
	cc = strrchr(text, '-') + 1;
	WANT((unsigned int)((cc[0] - '0') * 10 + cc[1] - '0') == check_digits(id));
}

static void format_id(struct input *in)
{
	char text[SMPAIR_ID_TEXT_SIZE], *small, wrong[SMPAIR_ID_TEXT_SIZE];
	size_t size = take8(in) % (SMPAIR_ID_TEXT_SIZE + 1), at;
	uint8_t id[8], back[8];
	int err;

	take(in, id, sizeof(id));
	WANT(!smpair_id_format(id, text, sizeof(text)));
	WANT(!smpair_id_parse(text, back) && !memcmp(id, back, sizeof(id)));

	small = malloc(size + !size);
	err = smpair_id_format(id, small, size);
	WANT(err == (size > strlen(text) ? 0 : -ENOSPC));
	WANT(!size || !strcmp(small, err ? "" : text));
	free(small);

	/* Every single wrong digit is caught. */
	strcpy(wrong, text);
	at = take8(in) % strlen(text);
	if (wrong[at] != '-') {
		wrong[at] = (char)('0' + (wrong[at] - '0' + 1 + take8(in) % 9) % 10);
		WANT(smpair_id_parse(wrong, back));
	}
}

static void parse_pin(const uint8_t *data, size_t len)
{
	char pin[SMPAIR_PIN_LEN], *exact = malloc(len + !len);
	size_t i;
	int err;

	memcpy(exact, data, len);
	memset(pin, 'x', sizeof(pin));
	err = smpair_pin_parse(exact, len, pin);
	free(exact);
	WANT(!err || err == -EINVAL || err == -EMSGSIZE || err == -EBADMSG);
	for (i = 0; i < SMPAIR_PIN_LEN; i++)
		WANT(err ? !pin[i] : pin[i] >= '0' && pin[i] <= '9');
	WANT(err ? !smpair_pin_check_digit(pin) : smpair_pin_check_digit(pin) >= '0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	char *text;

	switch (take8(&in) % 3) {
	case 0:
		text = malloc(in.left + 1);
		memcpy(text, in.at, in.left);
		text[in.left] = '\0';
		parse_id(text);
		free(text);
		break;
	case 1:
		format_id(&in);
		break;
	case 2:
		parse_pin(in.at, in.left);
		break;
	}
	return 0;
}
