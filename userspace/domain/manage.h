/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DOMAIN_MANAGE_H
#define DOMAIN_MANAGE_H

#include <stddef.h>
#include <stdint.h>

#include <linux/smpair_proto.h>

/* Longest body of any operation: PUT_K, u16 g and k. */
#define DOMAIN_MANAGE_BODY_MAX	34
#define DOMAIN_MANAGE_MAX	(PDT1_MANAGE_MIN_LEN + DOMAIN_MANAGE_BODY_MAX)
#define DOMAIN_RECEIPT_LEN	(PDT1_RECEIPT_LEN + PDT1_RECEIPT_MAC_LEN)
#define DOMAIN_REPORT_LEN	(PDT1_REPORT_LEN + PDT1_REPORT_MAC_LEN)

/**
 * struct domain_manage - A command of the centre to a module.
 * @op: PDT1_OP_*.
 * @mid: The module's MID.
 * @seq: Sequence number, greater than any that the module accepted.
 * @nexp: Pairing index at which it is valid, or %PDT1_MANAGE_NEXP_ANY.
 * @body: @body_len bytes.
 * @body_len: Bytes of @body.
 */
struct domain_manage {
	uint8_t op;
	uint8_t mid[PDT1_ID_LEN];
	uint32_t seq;
	uint32_t nexp;
	uint8_t body[DOMAIN_MANAGE_BODY_MAX];
	uint8_t body_len;
};

/**
 * struct domain_receipt - A module's answer to a command.
 * @op: PDT1_OP_* of the command.
 * @sw: Result of the command.
 * @mid: The module's MID.
 * @seq: Sequence number of the command.
 * @n: Pairing index after the command.
 * @ptc: PIN tries left after the command.
 */
struct domain_receipt {
	uint8_t op;
	uint16_t sw;
	uint8_t mid[PDT1_ID_LEN];
	uint32_t seq;
	uint32_t n;
	uint8_t ptc;
};

/**
 * struct domain_report - What a module says of itself.
 * @mid: The module's MID.
 * @n: Pairing index.
 * @mseq: Sequence number of the last command that it accepted.
 * @clock: Its activity clock.
 * @ft: Fork tag.
 * @ptc: PIN tries left.
 * @slots: Slots.
 * @used: Of these, those that hold a pairing.
 * @version: Version of its settings.
 * @state: PDT1_INFO_PERSONALISED, _FROZEN, _PIN_BLOCKED, _FATAL.
 */
struct domain_report {
	uint8_t mid[PDT1_ID_LEN];
	uint32_t n;
	uint32_t mseq;
	uint32_t clock;
	uint8_t ft[PDT1_FT_LEN];
	uint8_t ptc;
	uint8_t slots;
	uint8_t used;
	uint16_t version;
	uint8_t state;
};

size_t domain_manage_seal(const struct domain_manage *cmd,
			  const uint8_t kmg[PDT1_KEY_LEN],
			  const uint8_t nonce[PDT1_NONCE_LEN],
			  uint8_t out[DOMAIN_MANAGE_MAX]);
int domain_receipt_check(const uint8_t *data, size_t len,
			 const uint8_t kmg[PDT1_KEY_LEN],
			 struct domain_receipt *receipt);
int domain_report_check(const uint8_t *data, size_t len,
			const uint8_t nonce[PDT1_REPORT_NONCE_LEN],
			const uint8_t kmg[PDT1_KEY_LEN],
			struct domain_report *report);

#endif /* DOMAIN_MANAGE_H */
