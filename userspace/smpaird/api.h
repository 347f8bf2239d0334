/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is said to the centre and what it says, Documentation/centre-api.yaml,
 * apart from how it travels.
 */
#ifndef SMPAIRD_API_H
#define SMPAIRD_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <smpair/pin.h>
#include <smpair/secret.h>
#include <smpair/smpair.h>

/* Longest body that is read; it may hold a PIN. */
#define API_BODY_MAX		SMPAIR_SECRET_MAX
#define API_TEXT_SIZE		256
#define API_REQUEST_ID_SIZE	33
/* Most commands that the centre hands out at once. */
#define API_COMMANDS_MAX	16

enum api_kind {
	API_ISSUED,
	API_HELD,
	API_REFUSED,	/* for good */
	API_LATER,	/* not now; the centre may say when */
};

/**
 * struct api_verdict - what the centre says to a request for a PIN
 * @kind: What it is.
 * @pin: Eight digits where it is %API_ISSUED; the caller wipes them.
 * @id: Where it is %API_HELD, what to ask for again.
 * @code: Stable word for the reason, where there is one.
 * @text: The reason for people.
 * @next: What to do about it, for people.
 */
struct api_verdict {
	enum api_kind kind;
	char pin[SMPAIR_PIN_LEN];
	char id[API_REQUEST_ID_SIZE];
	char code[64];
	char text[API_TEXT_SIZE];
	char next[API_TEXT_SIZE];
};

/**
 * struct api_command - a command of the centre to a module
 * @seq: Its sequence number.
 * @len: Bytes in @data.
 * @data: Header and sealed body.
 */
struct api_command {
	uint32_t seq;
	size_t len;
	uint8_t data[SMPAIR_MANAGE_MAX];
};

char *api_pin_request(const struct smpair_request *request);
char *api_confirmation(const uint8_t module_id[8], const uint8_t host_id[8], uint32_t index,
		       const char *result);
char *api_receipt(const uint8_t receipt[SMPAIR_RECEIPT_LEN]);
char *api_report(const uint8_t nonce[SMPAIR_NONCE_LEN], const uint8_t report[SMPAIR_REPORT_LEN]);

void api_parse_verdict(long status, const uint8_t *body, size_t len, struct api_verdict *verdict);
int api_parse_commands(const uint8_t *body, size_t len, struct api_command *commands,
		       size_t *count, bool *report);
int api_parse_nonce(const uint8_t *body, size_t len, uint8_t nonce[SMPAIR_NONCE_LEN]);
bool api_is_temporary(long status);

#endif /* SMPAIRD_API_H */
