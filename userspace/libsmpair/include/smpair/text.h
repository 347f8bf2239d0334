/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Commands, receipts, nonces and reports as text: what a person carries between
 * the management centre and a module where there is no network.
 */
#ifndef SMPAIR_TEXT_H
#define SMPAIR_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a text holds. */
enum smpair_text_kind {
	SMPAIR_TEXT_COMMAND,
	SMPAIR_TEXT_RECEIPT,
	SMPAIR_TEXT_NONCE,
	SMPAIR_TEXT_REPORT,
	SMPAIR_TEXT_KINDS
};

/* Longest content, in bytes, and the text of it with its NUL. */
#define SMPAIR_TEXT_CONTENT_MAX	4096
#define SMPAIR_TEXT_SIZE	16384

bool smpair_text_is(const void *data, size_t len);
const char *smpair_text_kind_name(enum smpair_text_kind kind);
int smpair_text_format(enum smpair_text_kind kind, const void *content, size_t len,
		       char *text, size_t size);
int smpair_text_parse(const char *text, size_t text_len, enum smpair_text_kind kind,
		      void *content, size_t size, size_t *len, unsigned int *line);

#endif /* SMPAIR_TEXT_H */
