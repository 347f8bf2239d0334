// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <nettle/memops.h>
#include <smpair/id.h>
#include <smpair/text.h>

#include "centre/audit.h"
#include "centre/centre.h"
#include "domain/file.h"
#include "domain/number.h"
#include "domain/secret.h"

/**
 * centre_id() - Read an identifier from the command line.
 * @centre: The run.
 * @option: Name of the option, for messages.
 * @text: Its value, or NULL.
 * @id: Receives 8 bytes.
 *
 * Return: 0, -EDOM for wrong usage, -EBADMSG for wrong check digits.
 */
int centre_id(struct centre *centre, const char *option, const char *text,
	      uint8_t id[PDT1_ID_LEN])
{
	if (!text)
		return domain_fail(&centre->error, -EDOM,
				   "--%s is missing; name the %s as ISSUER-SERIAL-CC",
				   option, option);
	switch (smpair_id_parse(text, id)) {
	case 0:
		return 0;
	case -EBADMSG:
		return domain_fail(&centre->error, -EBADMSG,
				   "--%s %.40s has wrong check digits; ask for the identifier again, digit by digit",
				   option, text);
	case -ERANGE:
		return domain_fail(&centre->error, -EDOM,
				   "--%s %.40s is out of range; the issuer is at most 65535, the serial below 2^48",
				   option, text);
	}
	return domain_fail(&centre->error, -EDOM,
			   "--%s takes ISSUER-SERIAL-CC without leading zeros, for example 257-4660-20",
			   option);
}

/**
 * centre_number() - Read a number from the command line.
 * @centre: The run.
 * @option: Name of the option, for messages.
 * @text: Its value, or NULL.
 * @min: Least value.
 * @max: Greatest value.
 * @value: Receives it.
 *
 * Return: 0 or -EDOM.
 */
int centre_number(struct centre *centre, const char *option, const char *text,
		  uint64_t min, uint64_t max, uint64_t *value)
{
	if (!text)
		return domain_fail(&centre->error, -EDOM, "--%s is missing", option);
	return domain_number(option, text, min, max, value, &centre->error);
}

/**
 * centre_need_module() - Look the module of --module up.
 * @centre: The run.
 * @module: Receives it.
 *
 * Return: 0, -EDOM for wrong usage, -ENOENT where it is not registered, or
 * another negative errno.
 */
int centre_need_module(struct centre *centre, struct store_module *module)
{
	uint8_t mid[PDT1_ID_LEN];
	int ret;

	ret = centre_id(centre, "module", centre->args->module, mid);
	if (ret)
		return ret;
	ret = store_get_module(centre->store, mid, module, &centre->error);
	if (!ret)
		return domain_fail(&centre->error, -ENOENT,
				   "module %s is not registered here; import its module-ID.json",
				   centre->args->module);
	return ret < 0 ? ret : 0;
}

/**
 * centre_need_name() - Check the name of --name.
 * @centre: The run.
 *
 * Return: 0 or -EDOM for wrong usage.
 */
int centre_need_name(struct centre *centre)
{
	const char *name = centre->args->name;

	if (!name || !store_good_name(name))
		return domain_fail(&centre->error, -EDOM,
				   "--name takes 1 to 64 letters, digits and ._@-");
	return 0;
}

/**
 * centre_need_role() - Check the role of --role.
 * @centre: The run.
 * @agents: Whether it may be that of an agent, too.
 *
 * Return: 0 or -EDOM for wrong usage.
 */
int centre_need_role(struct centre *centre, bool agents)
{
	static const char *const roles[] = { "operator", "supervisor", "auditor" };
	const char *role = centre->args->role;
	size_t i;

	for (i = 0; role && i < sizeof(roles) / sizeof(roles[0]); i++)
		if (!strcmp(roles[i], role))
			return 0;
	if (role && agents && !strcmp(role, "agent"))
		return 0;
	return domain_fail(&centre->error, -EDOM, "--role takes %soperator, supervisor or auditor",
			   agents ? "agent, " : "");
}

/**
 * centre_domain_path() - Name of the domain file: of --domain, else as at init.
 * @centre: The run.
 *
 * Return: The name, valid as long as the run.
 */
const char *centre_domain_path(const struct centre *centre)
{
	return centre->args->domain ? centre->args->domain :
	       centre->domain.path;
}

/**
 * centre_done() - Record what was done.
 * @centre: The run; a transaction is open.
 * @action: What was asked.
 * @mid: The module, or NULL.
 * @sn: The host, or NULL.
 * @cause: In one word.
 * @detail: More, or NULL.
 *
 * Return: 0 or a negative errno.
 */
int centre_done(struct centre *centre, const char *action, const uint8_t *mid,
		const uint8_t *sn, const char *cause, const char *detail)
{
	struct audit_row row = {
		.at = time(NULL), .actor = centre->actor, .action = action,
		.mid = mid, .sn = sn, .result = "done", .cause = cause,
		.detail = detail,
	};

	return audit_append(centre->store, &row, &centre->error);
}

/**
 * centre_change() - Do something in a transaction.
 * @centre: The run.
 * @change: Does it.
 * @arg: For @change.
 *
 * Return: 0, durable; or what @change returned, with nothing changed.
 */
int centre_change(struct centre *centre,
		  int (*change)(struct centre *centre, void *arg), void *arg)
{
	int err;

	err = store_begin(centre->store, &centre->error);
	if (err)
		return err;
	err = change(centre, arg);
	if (err) {
		store_rollback(centre->store);
		return err;
	}
	return store_commit(centre->store, &centre->error);
}

struct masters {
	enum master kind;
	uint16_t generation;
	uint8_t check[MASTER_CHECK_LEN];
};

static int add_master(struct centre *centre, void *arg)
{
	struct masters *m = arg;
	char detail[48];
	int err;

	err = store_add_master(centre->store, m->kind, m->generation, m->check,
			       &centre->error);
	snprintf(detail, sizeof(detail), "%s generation %u", master_name(m->kind),
		 m->generation);
	return err ? err : centre_done(centre, "master", NULL, NULL, "first-seen",
				       detail);
}

/* A master that was exchanged would give PINs that no module accepts. */
static int check_master(struct centre *centre, enum master kind,
			uint16_t generation)
{
	struct masters m = { .kind = kind, .generation = generation };
	uint8_t known[MASTER_CHECK_LEN];
	int ret;

	ret = provider_check(centre->provider, kind, m.generation, m.check,
			     &centre->error);
	if (ret)
		return ret;
	ret = store_get_master(centre->store, kind, m.generation, known,
			       &centre->error);
	if (ret < 0)
		return ret;
	if (!ret)
		return centre_change(centre, add_master, &m);
	if (!memeql_sec(known, m.check, sizeof(known)))
		return domain_fail(&centre->error, -EINVAL,
				   "%s does not hold generation %u of the %s of domain %u; name the right file with --domain, or what holds it with --mac",
				   centre->args->mac ? centre->args->mac :
				   centre_domain_path(centre), generation,
				   master_name(kind), centre->domain.dom);
	return 0;
}

/* Older generations serve modules still. */
static int check_masters(struct centre *centre, enum master kind)
{
	unsigned int generation, newest = provider_newest(centre->provider, kind);
	int err = 0;

	for (generation = 1; !err && generation <= newest; generation++)
		if (provider_has(centre->provider, kind, (uint16_t)generation))
			err = check_master(centre, kind, (uint16_t)generation);
	return err;
}

/**
 * centre_start() - Open the masters and make ready for recording.
 * @centre: The run; its database is open for writing.
 *
 * Return: 0 or a negative errno.
 */
int centre_start(struct centre *centre)
{
	const char *mac = centre->args->mac ? centre->args->mac :
			  centre->domain.mac;
	int err;

	err = provider_open(&centre->provider, mac, centre_domain_path(centre),
			    &centre->error);
	if (!err)
		err = audit_start(centre->store, centre->provider,
				  &centre->error);
	if (!err)
		err = check_masters(centre, MASTER_MPIN);
	if (!err)
		err = check_masters(centre, MASTER_MMGT);
	return err;
}

/**
 * centre_time() - Read a date from the command line.
 * @centre: The run.
 * @option: Name of the option, for messages.
 * @text: Its value, for example 2026-12-31, or NULL.
 * @at: Receives its first second in UTC.
 *
 * Return: 0 or -EDOM.
 */
int centre_time(struct centre *centre, const char *option, const char *text,
		int64_t *at)
{
	struct tm utc = { 0 };
	const char *end;

	end = text ? strptime(text, "%Y-%m-%d", &utc) : NULL;
	if (!end || *end || strlen(text) != 10)
		return domain_fail(&centre->error, -EDOM,
				   "--%s takes a date, for example 2027-01-31",
				   option);
	*at = timegm(&utc);
	return 0;
}

static int text_error(struct centre *centre, const char *path,
		      enum smpair_text_kind kind, int err, unsigned int line)
{
	const char *name = smpair_text_kind_name(kind);

	switch (err) {
	case -EMEDIUMTYPE:
		return domain_fail(&centre->error, err,
				   "%s is not a %s; give the text that starts with \"smpair %s\"",
				   path, name, name);
	case -EMSGSIZE:
		return domain_fail(&centre->error, err,
				   "%s tells a length that no %s has; copy it anew from the host",
				   path, name);
	case -EBADMSG:
		return domain_fail(&centre->error, err,
				   "%s: line %u has wrong check digits; compare it with the host's",
				   path, line);
	}
	return domain_fail(&centre->error, err,
			   "%s: line %u is missing or malformed; compare it with the host's",
			   path, line);
}

/**
 * centre_read() - Read what came from a module, as it is or as text.
 * @centre: The run.
 * @path: Name of the file.
 * @kind: What it is.
 * @content: Receives it.
 * @size: Bytes at @content.
 * @len: Receives how many it has; may be more than any such thing.
 *
 * Return: 0 or a negative errno.
 */
int centre_read(struct centre *centre, const char *path,
		enum smpair_text_kind kind, void *content,
		size_t size, size_t *len)
{
	unsigned int line = 0;
	uint8_t *data;
	size_t got;
	int err;

	err = domain_file_read(path, false, SMPAIR_TEXT_SIZE, &data, &got,
			       &centre->error);
	if (err)
		return err;
	if (smpair_text_is(data, got)) {
		err = smpair_text_parse((char *)data, got, kind, content, size,
					len, &line);
		if (err)
			err = text_error(centre, path, kind, err, line);
	} else {
		*len = got;
		memcpy(content, data, got < size ? got : size);
	}
	domain_secret_free(data);
	return err;
}

/**
 * centre_write() - Write what goes to a module: to the file of --out, or as text
 *	to standard output.
 * @centre: The run.
 * @kind: What it is.
 * @content: @len bytes.
 * @len: How many.
 *
 * Return: 0 or a negative errno.
 */
int centre_write(struct centre *centre, enum smpair_text_kind kind,
		 const void *content, size_t len)
{
	const char *out = centre->args->out;
	char text[SMPAIR_TEXT_SIZE];

	if (strcmp(out, "-"))
		return domain_file_write(out, 0644, false, content, len,
					 &centre->error);
	if (smpair_text_format(kind, content, len, text, sizeof(text)))
		return domain_fail(&centre->error, -EMSGSIZE, "nothing to write");
	fputs(text, stdout);
	return 0;
}

static int complain_out(struct centre *centre, int err)
{
	const char *out = centre->args->out;

	if (err == -EEXIST)
		return domain_fail(&centre->error, err,
				   "%s exists and is not overwritten; choose another name, or remove it if what it holds is not needed any more",
				   out);
	return domain_fail(&centre->error, err, "%s: %s", out, strerror(-err));
}

static bool is_file(const char *out)
{
	return out && strcmp(out, "-");
}

/**
 * centre_out_is_new() - Refuse an --out that is there, before anything is done for it.
 * @centre: The run.
 *
 * Return: 0, or -EEXIST.
 */
int centre_out_is_new(struct centre *centre)
{
	const char *out = centre->args->out;

	return is_file(out) && !access(out, F_OK) ? complain_out(centre, -EEXIST) : 0;
}

/**
 * centre_out_open() - Open the file of --out, which must be new, or standard output.
 * @centre: The run.
 * @file: Receives it; ended by centre_out_close().
 *
 * Return: 0 or a negative errno.
 */
int centre_out_open(struct centre *centre, FILE **file)
{
	const char *out = centre->args->out;

	*file = is_file(out) ? fopen(out, "wxe") : stdout;
	return *file ? 0 : complain_out(centre, -errno);
}

/**
 * centre_out_close() - End what centre_out_open() opened.
 * @centre: The run.
 * @file: The file.
 * @err: What became of it; where that is no 0 the file is removed.
 *
 * Return: @err, or a negative errno where all was well before.
 */
int centre_out_close(struct centre *centre, FILE *file, int err)
{
	if (file == stdout)
		return err;
	if (fclose(file) && !err)
		err = complain_out(centre, -errno);
	if (err)
		unlink(centre->args->out);
	return err;
}
