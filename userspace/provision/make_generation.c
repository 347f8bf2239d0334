// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Adding and retiring generations of k, MHKey, MPIN and MMGT.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "domain/file.h"
#include "domain/number.h"
#include "domain/secret.h"
#include "provision/provision.h"

static int read_from(const char *path, const char *list, const char *number,
		     struct domain_generation *generation,
		     struct domain_error *error)
{
	const char *const names[] = { number, list, NULL };
	struct domain_json from;
	uint64_t n;
	int ret;

	ret = domain_json_load(&from, path, true, error);
	if (ret)
		return ret;
	ret = domain_json_names(&from, names);
	if (ret)
		goto drop;
	ret = domain_json_uint(&from, number, 1, UINT16_MAX, &n);
	if (!ret)
		ret = domain_json_missing(&from, number);
	if (ret < 0)
		goto drop;
	generation->number = (uint16_t)n;
	ret = domain_json_hex(&from, list, generation->key, PDT1_KEY_LEN);
	if (!ret)
		ret = domain_json_missing(&from, list);
drop:
	json_decref(from.object);
	return ret < 0 ? ret : 0;
}

static int add(const struct provision_args *args, const char *list,
	       const char *number, struct domain_generations *generations,
	       struct domain_error *error)
{
	struct domain_generation *new = &generations->of[generations->count];
	uint16_t last;
	int err;

	if (!generations->count)
		return domain_fail(error, -ENOKEY,
				   "%s lacks %s; name the complete domain file",
				   args->domain, list);
	last = new[-1].number;
	if (generations->count == DOMAIN_GENERATIONS)
		return domain_fail(error, -ENOSPC,
				   "%s holds %d generations of %s already; retire one with --retire %u when nobody uses it any more",
				   args->domain, DOMAIN_GENERATIONS, list,
				   generations->of[0].number);
	if (last == UINT16_MAX)
		return domain_fail(error, -ENOSPC,
				   "generation 65535 of %s is the last one that the protocol can name; make a new domain",
				   list);
	if (args->from) {
		err = read_from(args->from, list, number, new, error);
		if (!err && new->number <= last)
			err = domain_fail(error, -EINVAL,
					  "%s: %s is not greater than %u, the newest generation in %s; state a greater one",
					  args->from, number, last,
					  args->domain);
	} else {
		new->number = (uint16_t)(last + 1);
		err = domain_random(new->key, PDT1_KEY_LEN, error);
	}
	if (!err)
		generations->count++;
	return err;
}

static int retire(const struct provision_args *args, const char *list,
		  struct domain_generations *generations,
		  struct domain_error *error)
{
	unsigned int i, rest;
	uint64_t n;
	int err;

	err = domain_number("retire", args->retire, 1, UINT16_MAX, &n, error);
	if (err)
		return err;
	for (i = 0; i < generations->count && generations->of[i].number != n; i++)
		;
	if (i == generations->count)
		return domain_fail(error, -ENOENT,
				   "%s has no generation %s of %s; name one that it has",
				   args->domain, args->retire, list);
	if (generations->count == 1)
		return domain_fail(error, -EINVAL,
				   "generation %s is the only one of %s; add its successor first",
				   args->retire, list);
	rest = --generations->count - i;
	memmove(&generations->of[i], &generations->of[i + 1],
		rest * sizeof(generations->of[0]));
	return 0;
}

static int change(const struct provision_args *args, const char *list,
		  const char *number, size_t where, struct domain_error *error)
{
	struct domain_generations *generations;
	struct domain domain;
	int lock, err;

	if (!args->domain)
		return domain_fail(error, -EDOM,
				   "--domain is missing; name the domain file");
	if (args->from && args->retire)
		return domain_fail(error, -EDOM,
				   "--from adds and --retire removes; use one of them");
	/* Two changes at a time would lose a generation that hosts have. */
	lock = domain_folder_lock(args->domain, error);
	if (lock < 0)
		return lock;
	err = domain_load(&domain, args->domain, error);
	if (err)
		goto unlock;
	generations = (void *)((char *)&domain + where);
	if (args->retire)
		err = retire(args, list, generations, error);
	else
		err = add(args, list, number, generations, error);
	if (!err)
		err = domain_store(&domain, args->domain, true, error);
	if (!err && args->retire)
		printf("%s: generation %s of %s retired\n", args->domain,
		       args->retire, list);
	else if (!err)
		printf("%s: generation %u of %s added\n", args->domain,
		       generations->of[generations->count - 1].number, list);
	domain_wipe(&domain);
unlock:
	close(lock);
	return err;
}

/**
 * provision_k() - Add or retire a generation of k.
 * @args: --domain, --from, --retire.
 * @error: Receives the reason of a refusal.
 *
 * Return: 0, -EDOM for wrong usage, or another negative errno.
 */
int provision_k(const struct provision_args *args, struct domain_error *error)
{
	return change(args, "k", "g", offsetof(struct domain, k), error);
}

/**
 * provision_mhkey() - Add or retire a generation of MHKey.
 * @args: --domain, --from, --retire.
 * @error: Receives the reason of a refusal.
 *
 * Return: 0, -EDOM for wrong usage, or another negative errno.
 */
int provision_mhkey(const struct provision_args *args,
		    struct domain_error *error)
{
	return change(args, "MHKey", "m", offsetof(struct domain, mhkey),
		      error);
}

/**
 * provision_mpin() - Add or retire a generation of MPIN.
 * @args: --domain, --from, --retire.
 * @error: Receives the reason of a refusal.
 *
 * Return: 0, -EDOM for wrong usage, or another negative errno.
 */
int provision_mpin(const struct provision_args *args, struct domain_error *error)
{
	return change(args, "MPIN", "g", offsetof(struct domain, mpin), error);
}

/**
 * provision_mmgt() - Add or retire a generation of MMGT.
 * @args: --domain, --from, --retire.
 * @error: Receives the reason of a refusal.
 *
 * Return: 0, -EDOM for wrong usage, or another negative errno.
 */
int provision_mmgt(const struct provision_args *args, struct domain_error *error)
{
	return change(args, "MMGT", "g", offsetof(struct domain, mmgt), error);
}
