// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * MANAGE: the centre's commands to a module and the receipts that come back
 * (protocol, section 13).
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <nettle/memops.h>

#include "domain/bytes.h"
#include "domain/kdf.h"
#include "domain/manage.h"
#include "domain/seal.h"

/**
 * domain_manage_seal() - Make the data of a MANAGE command.
 * @cmd: The command; its body_len is at most %DOMAIN_MANAGE_BODY_MAX.
 * @kmg: The module's KMG.
 * @nonce: 12 random bytes.
 * @out: Receives header and sealed body.
 *
 * Return: Bytes written to @out.
 */
size_t domain_manage_seal(const struct domain_manage *cmd,
			  const uint8_t kmg[PDT1_KEY_LEN],
			  const uint8_t nonce[PDT1_NONCE_LEN],
			  uint8_t out[DOMAIN_MANAGE_MAX])
{
	uint8_t key[PDT1_KEY_LEN];

	out[0] = PDT1_MANAGE_VERSION;
	out[1] = cmd->op;
	put_be16(out + 2, cmd->body_len);
	memcpy(out + 4, cmd->mid, PDT1_ID_LEN);
	put_be32(out + 12, cmd->seq);
	put_be32(out + 16, cmd->nexp);

	domain_kdf(&domain_mac_library, kmg, PDT1_LABEL_MC, NULL, 0, key,
		   sizeof(key));
	domain_seal(key, nonce, out, PDT1_MANAGE_HEADER_LEN, cmd->body,
		    cmd->body_len, out + PDT1_MANAGE_HEADER_LEN);
	explicit_bzero(key, sizeof(key));
	return (size_t)PDT1_MANAGE_MIN_LEN + cmd->body_len;
}

/* Whether @mac is the beginning of PRF(KDF(@kmg, @label), @data). */
static bool authentic(const uint8_t kmg[PDT1_KEY_LEN], const char *label,
		      const void *data, size_t len, const uint8_t *mac,
		      size_t mac_len)
{
	uint8_t key[PDT1_KEY_LEN], hash[PDT1_HASH_LEN];
	bool ok;

	domain_kdf(&domain_mac_library, kmg, label, NULL, 0, key, sizeof(key));
	domain_mac_library.hmac(&domain_mac_library, key, data, len, hash);
	ok = memeql_sec(hash, mac, mac_len);
	explicit_bzero(key, sizeof(key));
	explicit_bzero(hash, sizeof(hash));
	return ok;
}

/**
 * domain_receipt_check() - Check and read a receipt.
 * @data: Receipt and MAC as the module sent them.
 * @len: Bytes at @data.
 * @kmg: KMG that authenticated the command.
 * @receipt: Receives what it says; untouched on error.
 *
 * Return: 0, -EMSGSIZE where @len is not 40, -EBADMSG where the MAC is wrong,
 * -EPROTO where the version is unknown.
 */
int domain_receipt_check(const uint8_t *data, size_t len,
			 const uint8_t kmg[PDT1_KEY_LEN],
			 struct domain_receipt *receipt)
{
	if (len != DOMAIN_RECEIPT_LEN)
		return -EMSGSIZE;
	if (!authentic(kmg, PDT1_LABEL_MR, data, PDT1_RECEIPT_LEN,
		       data + PDT1_RECEIPT_LEN, PDT1_RECEIPT_MAC_LEN))
		return -EBADMSG;
	if (data[0] != PDT1_MANAGE_VERSION)
		return -EPROTO;

	receipt->op = data[1];
	receipt->sw = get_be16(data + 2);
	memcpy(receipt->mid, data + 4, PDT1_ID_LEN);
	receipt->seq = get_be32(data + 12);
	receipt->n = get_be32(data + 16);
	receipt->ptc = data[20];
	return 0;
}

/**
 * domain_report_check() - Check and read a report.
 * @data: Report and MAC as the module sent them.
 * @len: Bytes at @data.
 * @nonce: The nonce that it answers to.
 * @kmg: The module's KMG.
 * @report: Receives what it says; untouched on error.
 *
 * Return: 0, -EMSGSIZE where @len is not 52, -EBADMSG where the MAC is wrong.
 */
int domain_report_check(const uint8_t *data, size_t len,
			const uint8_t nonce[PDT1_REPORT_NONCE_LEN],
			const uint8_t kmg[PDT1_KEY_LEN],
			struct domain_report *report)
{
	uint8_t covered[PDT1_REPORT_NONCE_LEN + PDT1_REPORT_LEN];

	if (len != DOMAIN_REPORT_LEN)
		return -EMSGSIZE;
	memcpy(covered, nonce, PDT1_REPORT_NONCE_LEN);
	memcpy(covered + PDT1_REPORT_NONCE_LEN, data, PDT1_REPORT_LEN);
	if (!authentic(kmg, PDT1_LABEL_RP, covered, sizeof(covered),
		       data + PDT1_REPORT_LEN, PDT1_REPORT_MAC_LEN))
		return -EBADMSG;

	memcpy(report->mid, data, PDT1_ID_LEN);
	report->n = get_be32(data + 8);
	report->mseq = get_be32(data + 12);
	report->clock = get_be32(data + 16);
	memcpy(report->ft, data + 20, PDT1_FT_LEN);
	report->ptc = data[28];
	report->slots = data[30];
	report->used = data[31];
	report->version = get_be16(data + 32);
	report->state = data[34];
	return 0;
}
