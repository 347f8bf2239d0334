// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/number.h"
#include "domain/secret.h"
#include "provision/output.h"
#include "provision/provision.h"

static int read_from(const struct domain_json *from, struct domain *domain,
		     uint64_t *dom)
{
	static const char *const names[] = {
		"dom", "k", "MHKey", "MPIN", "MMGT", NULL
	};
	int ret, stated;

	ret = domain_json_names(from, names);
	if (ret)
		return ret;
	stated = domain_json_uint(from, "dom", 0, UINT32_MAX, dom);
	if (stated < 0)
		return stated;
	ret = domain_read_generations(from, "k", "g", &domain->k);
	if (ret < 0)
		return ret;
	ret = domain_read_generations(from, "MHKey", "m", &domain->mhkey);
	if (ret < 0)
		return ret;
	ret = domain_read_masters(from, "MPIN", &domain->mpin);
	if (ret >= 0)
		ret = domain_read_masters(from, "MMGT", &domain->mmgt);
	return ret < 0 ? ret : stated;
}

static int first_generation(struct domain_generations *generations,
			    struct domain_error *error)
{
	if (generations->count)
		return 0;
	generations->count = 1;
	generations->of[0].number = 1;
	return domain_random(generations->of[0].key, PDT1_KEY_LEN, error);
}

static int fill(struct domain *domain, struct domain_error *error)
{
	int err;

	err = first_generation(&domain->k, error);
	if (!err)
		err = first_generation(&domain->mhkey, error);
	if (!err)
		err = first_generation(&domain->mpin, error);
	if (!err)
		err = first_generation(&domain->mmgt, error);
	return err;
}

/**
 * provision_domain() - Make a domain file; what is not stated is random.
 * @args: --out, --domain, --from, --force.
 * @error: Receives the reason of a refusal.
 *
 * Return: 0, -EDOM for wrong usage, or another negative errno.
 */
int provision_domain(const struct provision_args *args,
		     struct domain_error *error)
{
	struct domain domain = { 0 };
	struct domain_json from;
	uint64_t dom = 1;
	char *path = NULL;
	int err;

	if (args->domain) {
		err = domain_number("domain", args->domain, 0, UINT32_MAX, &dom,
				    error);
		if (err)
			return err;
	}
	err = output_folder(args, error);
	if (err)
		return err;
	if (args->from) {
		err = domain_json_load(&from, args->from, true, error);
		if (err)
			return err;
		err = read_from(&from, &domain, &dom);
		json_decref(from.object);
		if (err > 0 && args->domain)
			err = domain_fail(error, -EDOM,
					  "--domain is also stated as dom in %s; state it once",
					  args->from);
		if (err < 0)
			goto wipe;
	}
	domain.dom = (uint32_t)dom;
	err = fill(&domain, error);
	if (err)
		goto wipe;

	if (asprintf(&path, "%s/domain.json", args->out) < 0) {
		path = NULL;
		err = domain_fail(error, -ENOMEM, "out of memory");
		goto wipe;
	}
	err = domain_store(&domain, path, args->force, error);
	if (!err)
		printf("domain %u: %s (secret)\n", domain.dom, path);
wipe:
	domain_wipe(&domain);
	free(path);
	return err;
}
