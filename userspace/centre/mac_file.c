// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Masters in the domain file, which nobody else may read: what an embedded
 * centre has.
 */
#include <errno.h>
#include <string.h>

#include "centre/mac.h"
#include "domain/domain.h"
#include "domain/secret.h"

struct mac {
	struct domain_generations of[MASTER_KINDS];
};

static int file_open(struct mac **mac, const char *spec, const char *domain_path,
		     struct domain_error *error)
{
	struct domain *domain;
	int err;

	if (*spec)
		return domain_fail(error, -EDOM,
				   "--mac file takes nothing more; name the file with --domain");
	domain = domain_secret_alloc(sizeof(*domain));
	*mac = domain_secret_alloc(sizeof(**mac));
	if (!domain || !*mac) {
		err = domain_fail(error, -ENOMEM, "out of memory");
		goto free;
	}
	err = domain_load(domain, domain_path, error);
	if (err)
		goto free;
	if (domain->mpin.count) {
		(*mac)->of[MASTER_MPIN] = domain->mpin;
		(*mac)->of[MASTER_MMGT] = domain->mmgt;
	} else {
		err = domain_fail(error, -ENOKEY,
				  "%s lacks MPIN; name the complete domain file with --domain, or what holds it with --mac",
				  domain_path);
	}
	domain_wipe(domain);
free:
	domain_secret_free(domain);
	if (err)
		domain_secret_free(*mac);
	return err;
}

static void file_close(struct mac *mac)
{
	domain_secret_free(mac);
}

static bool file_has(const struct mac *mac, enum master kind, uint16_t generation)
{
	return domain_find_generation(&mac->of[kind], generation);
}

static uint16_t file_newest(const struct mac *mac, enum master kind)
{
	const struct domain_generation *newest =
		domain_newest_generation(&mac->of[kind]);

	return newest ? newest->number : 0;
}

static int file_hmac(struct mac *mac, enum master kind, uint16_t generation,
		     const void *data, size_t len, uint8_t out[PDT1_HASH_LEN],
		     struct domain_error *error)
{
	const struct domain_generation *g =
		domain_find_generation(&mac->of[kind], generation);

	(void)error;
	return domain_mac_library.hmac(&domain_mac_library, g ? g->key : NULL,
				       data, len, out);
}

const struct mac_ops mac_file = {
	.name = "file",
	.derived = &domain_mac_library,
	.open = file_open,
	.close = file_close,
	.has = file_has,
	.newest = file_newest,
	.hmac = file_hmac,
};
