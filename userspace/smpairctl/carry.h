/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What people carry between the management centre and a module: read from and
 * written to files as it is, or as text that can be pasted.
 */
#ifndef SMPAIRCTL_CARRY_H
#define SMPAIRCTL_CARRY_H

#include <jansson.h>

#include <smpair/text.h>

#include "file.h"

/**
 * struct carry_out - where an answer for the centre goes
 * @kind: What it is.
 * @file: Where it is written as it is; unused for standard output.
 * @to_stdout: Written to standard output as text instead.
 */
struct carry_out {
	enum smpair_text_kind kind;
	struct file_out file;
	bool to_stdout;
};

int carry_read(const struct ctl *ctl, enum smpair_text_kind kind, uint8_t *content, size_t size,
	       size_t *len);
int carry_open(const struct ctl *ctl, enum smpair_text_kind kind, struct carry_out *out);
int carry_commit(const struct ctl *ctl, struct carry_out *out, const uint8_t *content,
		 size_t len, json_t *object);
void carry_drop(struct carry_out *out);

#endif /* SMPAIRCTL_CARRY_H */
