// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "centre/provider.h"
#include "domain/domain.h"
#include "domain/kdf.h"
#include "domain/number.h"

#define KERNEL		"kernel:"

/* A label that the protocol does not use. */
#define LABEL_CHECK	"centre-check"

static int open_library(struct provider *provider, const char *path,
			struct domain_error *error)
{
	struct domain domain;
	int err;

	err = domain_load(&domain, path, error);
	if (err)
		return err;
	if (domain.has_mpin) {
		memcpy(provider->key, domain.mpin, sizeof(provider->key));
		provider->mac = &domain_mac_library;
		provider->mpin = provider->key;
	} else {
		err = domain_fail(error, -ENOKEY,
				  "%s lacks MPIN; name the complete domain file with --domain, or a key that holds it with --mac kernel:SERIAL",
				  path);
	}
	domain_wipe(&domain);
	return err;
}

/**
 * provider_open() - Choose who computes MACs.
 * @provider: Filled; ended by provider_close() if 0 is returned.
 * @spec: "library", or "kernel:" and the serial number of a key.
 * @domain_path: Domain file; only the library needs it.
 * @error: Receives the reason of a refusal.
 *
 * Return: 0, -EDOM for wrong usage, or another negative errno.
 */
int provider_open(struct provider *provider, const char *spec,
		  const char *domain_path, struct domain_error *error)
{
	uint64_t serial;
	int err;

	memset(provider, 0, sizeof(*provider));
	if (!strcmp(spec, "library"))
		return open_library(provider, domain_path, error);
	if (strncmp(spec, KERNEL, strlen(KERNEL)))
		return domain_fail(error, -EDOM,
				   "--mac takes library, or kernel: and the serial number of a key");
	err = domain_number("mac kernel:SERIAL", spec + strlen(KERNEL), 1,
			    INT32_MAX, &serial, error);
	if (!err)
		err = mac_kernel_open(&provider->kernel, (int32_t)serial, error);
	if (err)
		return err;
	provider->mac = &provider->kernel.mac;
	provider->in_kernel = true;
	return 0;
}

/**
 * provider_check() - Derive the value by which a wrong master is noticed.
 * @provider: The provider.
 * @check: Receives 8 bytes, from which nobody gets back to MPIN.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int provider_check(const struct provider *provider,
		   uint8_t check[STORE_CHECK_LEN], struct domain_error *error)
{
	int err;

	err = domain_kdf(provider->mac, provider->mpin, LABEL_CHECK, NULL, 0,
			 check, STORE_CHECK_LEN);
	if (err)
		return domain_fail(error, err, "computing with MPIN: %s",
				   strerror(-err));
	return 0;
}

/**
 * provider_close() - Forget the master.
 * @provider: The provider.
 */
void provider_close(struct provider *provider)
{
	if (provider->in_kernel)
		mac_kernel_close(&provider->kernel);
	explicit_bzero(provider, sizeof(*provider));
}
