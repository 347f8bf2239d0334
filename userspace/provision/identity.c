// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which identifier a new host or module gets, and whose it is.
 */
#include <errno.h>

#include <smpair/id.h>

#include "domain/bytes.h"
#include "domain/number.h"
#include "domain/secret.h"
#include "provision/identity.h"

#define ISSUER_DEFAULT	1
#define SERIAL_MAX	UINT64_C(0xffffffffffff)

/* A random serial has at most twelve digits, so that people can read it. */
#define SERIAL_RANDOM	UINT64_C(1000000000000)

static int from_parts(const struct provision_args *args, uint8_t id[PDT1_ID_LEN],
		      struct domain_error *error)
{
	uint64_t issuer = ISSUER_DEFAULT, serial;
	int err;

	if (args->issuer) {
		err = domain_number("issuer", args->issuer, 0, UINT16_MAX,
				    &issuer, error);
		if (err)
			return err;
	}
	if (args->serial) {
		err = domain_number("serial", args->serial, 0, SERIAL_MAX,
				    &serial, error);
	} else {
		err = domain_random(&serial, sizeof(serial), error);
		serial %= SERIAL_RANDOM;
	}
	if (!err)
		put_be64(id, issuer << 48 | serial);
	return err;
}

/**
 * identity_domain() - Check the domain that an object states, if it does.
 * @from: Object of a host or module that may state it as dom.
 * @domain: The domain that the host or module is made for.
 *
 * Return: 0, or a negative errno with the reason in from->error.
 */
int identity_domain(const struct domain_json *from, const struct domain *domain)
{
	uint64_t n;
	int ret = domain_json_uint(from, "dom", 0, UINT32_MAX, &n);

	if (ret > 0 && n != domain->dom)
		return domain_fail(from->error, -EINVAL,
				   "%s: dom is not %u, the number of the domain file; name the domain that this file is for",
				   from->where, domain->dom);
	return ret < 0 ? ret : 0;
}

/**
 * identity_choose() - Take the identifier from where it is stated.
 * @args: --id, or --issuer and --serial; what is absent is made up.
 * @from: Object that may state it, or NULL.
 * @name: Its name there: "SN" or "MID".
 * @id: Receives 8 bytes.
 * @error: Receives the reason of a refusal.
 *
 * Return: 0, -EDOM for wrong usage, or another negative errno.
 */
int identity_choose(const struct provision_args *args,
		    const struct domain_json *from, const char *name,
		    uint8_t id[PDT1_ID_LEN], struct domain_error *error)
{
	int stated = from ? domain_json_id(from, name, id) : 0;

	if (stated < 0)
		return stated;
	if (!!stated + !!args->id + (args->issuer || args->serial) > 1)
		return domain_fail(error, -EDOM,
				   "the identifier is stated twice; use one of --id, --issuer with --serial, and %s in the file",
				   name);
	if (stated)
		return 0;
	if (!args->id)
		return from_parts(args, id, error);

	switch (smpair_id_parse(args->id, id)) {
	case 0:
		return 0;
	case -EBADMSG:
		return domain_fail(error, -EDOM,
				   "--id %s has wrong check digits; compare it with its source",
				   args->id);
	case -ERANGE:
		return domain_fail(error, -EDOM,
				   "--id %s is out of range; the issuer is at most 65535, the serial below 2^48",
				   args->id);
	}
	return domain_fail(error, -EDOM,
			   "--id takes ISSUER-SERIAL-CC without leading zeros, for example 257-4660-20");
}
