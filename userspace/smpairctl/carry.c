// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "carry.h"
#include "out.h"

static bool is_dash(const char *path)
{
	return !strcmp(path, "-");
}

static int tell_text(const struct ctl *ctl, enum smpair_text_kind kind, int err,
		     unsigned int line)
{
	const char *name = smpair_text_kind_name(kind);
	char message[128];

	switch (err) {
	case -EMEDIUMTYPE:
		snprintf(message, sizeof(message),
			 "the text is not a %s; give the one that starts with \"smpair %s\"", name,
			 name);
		break;
	case -EMSGSIZE:
		snprintf(message, sizeof(message),
			 "the text tells a length that no %s has; copy it anew from where it was made",
			 name);
		break;
	case -EBADMSG:
		snprintf(message, sizeof(message),
			 "line %u of the %s has wrong check digits; compare it with the original",
			 line, name);
		break;
	default:
		if (line)
			snprintf(message, sizeof(message),
				 "line %u of the %s is missing or malformed; compare it with the original",
				 line, name);
		else
			snprintf(message, sizeof(message),
				 "the first line of the text is malformed; copy it from \"smpair %s\" on",
				 name);
	}
	return out_usage(ctl, message);
}

/*
 * carry_read() - Read what --in names: a file, or "-" for standard input; as it
 *	is, or as text.
 *
 * Return: 0, or an exit code where it was told what is wrong.
 */
int carry_read(const struct ctl *ctl, enum smpair_text_kind kind, uint8_t *content, size_t size,
	       size_t *len)
{
	const char *in = ctl_value(ctl, "in");
	char *text = malloc(SMPAIR_TEXT_SIZE);
	unsigned int line;
	size_t text_len;
	int err;

	if (!text)
		return out_fail(ctl, -ENOMEM, in);
	if (is_dash(in))
		err = file_read_fd(ctl, STDIN_FILENO, (uint8_t *)text, SMPAIR_TEXT_SIZE,
				   &text_len);
	else
		err = file_read(ctl, in, (uint8_t *)text, SMPAIR_TEXT_SIZE, &text_len);
	if (err) {
		err = out_broken(ctl, is_dash(in) ? "standard input" : in, err);
	} else if (smpair_text_is(text, text_len)) {
		err = smpair_text_parse(text, text_len, kind, content, size, len, &line);
		if (err)
			err = tell_text(ctl, kind, err, line);
	} else if (text_len > size) {
		err = out_broken(ctl, in, -EFBIG);
	} else {
		memcpy(content, text, text_len);
		*len = text_len;
	}
	free(text);
	return err;
}

/*
 * carry_open() - Make sure that what --out names can be written, before the
 *	answer is asked of a module; "-" is standard output.
 *
 * Return: 0, or an exit code where it was told what is wrong. End with
 * carry_commit() or carry_drop().
 */
int carry_open(const struct ctl *ctl, enum smpair_text_kind kind, struct carry_out *out)
{
	const char *path = ctl_value(ctl, "out");
	int err;

	out->kind = kind;
	out->to_stdout = is_dash(path);
	if (out->to_stdout)
		return 0;
	err = file_out_open(&out->file, path);
	return err ? out_broken(ctl, path, err) : 0;
}

static int show(const struct ctl *ctl, const struct carry_out *out, const uint8_t *content,
		size_t len, json_t *object)
{
	char *text = malloc(SMPAIR_TEXT_SIZE);

	if (!text || smpair_text_format(out->kind, content, len, text, SMPAIR_TEXT_SIZE)) {
		free(text);
		return out_fail(ctl, -ENOMEM, "standard output");
	}
	if (object)
		out_set(object, "text", json_string(text));
	else
		fputs(text, stdout);
	free(text);
	return 0;
}

/*
 * carry_commit() - Write the answer, whole or not at all.
 * @object: With --json, receives "out", the name of the file, or "text".
 *
 * Return: 0, or an exit code where it was told what is wrong.
 */
int carry_commit(const struct ctl *ctl, struct carry_out *out, const uint8_t *content, size_t len,
		 json_t *object)
{
	int err;

	if (out->to_stdout)
		return show(ctl, out, content, len, object);
	if (object)
		out_set(object, "out", json_string(out->file.path));
	err = file_out_commit(&out->file, content, len);
	return err ? out_broken(ctl, out->file.path, err) : 0;
}

/*
 * carry_drop() - End without an answer.
 */
void carry_drop(struct carry_out *out)
{
	if (!out->to_stdout)
		file_out_drop(&out->file);
}
