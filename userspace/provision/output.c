// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where new files go and what is said about them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

#include <smpair/id.h>

#include "provision/output.h"

/**
 * output_folder() - Make the folder for new files unless it exists.
 * @args: --out.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, -EDOM where --out is absent, or another negative errno.
 */
int output_folder(const struct provision_args *args, struct domain_error *error)
{
	if (!args->out)
		return domain_fail(error, -EDOM,
				   "--out is missing; name the folder for the new files");
	if (mkdir(args->out, 0700) && errno != EEXIST)
		return domain_fail(error, -errno, "%s: %s", args->out,
				   strerror(errno));
	return 0;
}

/**
 * output_begin() - Make the folder for new files, and load the domain they are for.
 * @args: --domain and --out.
 * @domain: Receives the domain; the caller ends it with domain_wipe().
 * @error: Receives the reason of a failure.
 *
 * Return: 0, -EDOM where --domain or --out is absent, or another negative errno;
 * there is no domain to wipe then.
 */
int output_begin(const struct provision_args *args, struct domain *domain,
		 struct domain_error *error)
{
	int err;

	if (!args->domain)
		return domain_fail(error, -EDOM,
				   "--domain is missing; name the domain file");
	err = output_folder(args, error);
	return err ? err : domain_load(domain, args->domain, error);
}

/**
 * output_path() - Name of a new file.
 * @args: --out and --force.
 * @kind: "host" or "module".
 * @id: Its identifier.
 * @suffix: "key", "img", "json" or "blob".
 * @path: Receives the name, for free().
 * @error: Receives the reason of a refusal.
 *
 * An existing file is found here already, before another one of the same
 * identifier is written.
 *
 * Return: 0 or a negative errno.
 */
int output_path(const struct provision_args *args, const char *kind,
		const uint8_t id[PDT1_ID_LEN], const char *suffix, char **path,
		struct domain_error *error)
{
	char text[SMPAIR_ID_TEXT_SIZE];

	smpair_id_format(id, text, sizeof(text));
	if (asprintf(path, "%s/%s-%s.%s", args->out, kind, text, suffix) < 0) {
		*path = NULL;
		return domain_fail(error, -ENOMEM, "out of memory");
	}
	if (!args->force && !access(*path, F_OK))
		return domain_fail(error, -EEXIST,
				   "%s exists and is not overwritten; choose another identifier, or use --force if what it holds is not needed any more",
				   *path);
	return 0;
}

/**
 * output_made() - Tell what was made.
 * @args: --print-id.
 * @kind: "host" or "module".
 * @id: Its identifier.
 * @secret: File that holds its secrets.
 * @info: File for others.
 */
void output_made(const struct provision_args *args, const char *kind,
		 const uint8_t id[PDT1_ID_LEN], const char *secret,
		 const char *info)
{
	char text[SMPAIR_ID_TEXT_SIZE];

	smpair_id_format(id, text, sizeof(text));
	if (args->print_id)
		puts(text);
	else
		printf("%s %s: %s (secret), %s\n", kind, text, secret, info);
}
