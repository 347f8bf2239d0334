// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include <nettle/memops.h>
#include <smpair/id.h>

#include "centre/centre.h"
#include "centre/store_service.h"

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
 * centre_need_host() - Look the host of --host up.
 * @centre: The run.
 * @host: Receives it.
 *
 * Return: 0, -EDOM for wrong usage, -ENOENT where it is not registered, or
 * another negative errno.
 */
int centre_need_host(struct centre *centre, struct store_host *host)
{
	uint8_t sn[PDT1_ID_LEN];
	int ret;

	ret = centre_id(centre, "host", centre->args->host, sn);
	if (ret)
		return ret;
	ret = store_get_host(centre->store, sn, host, &centre->error);
	if (!ret)
		return domain_fail(&centre->error, -ENOENT,
				   "host %s is not registered here; import its host-ID.json",
				   centre->args->host);
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
 * centre_domain_path() - Name of the domain file: of --domain, else as at init.
 * @centre: The run.
 * @domain: Receives the domain; freed by store_domain_free().
 * @path: Receives the name, valid as long as @domain is.
 *
 * Return: 0 or a negative errno.
 */
int centre_domain_path(struct centre *centre, struct store_domain *domain,
		       const char **path)
{
	int err;

	err = store_get_domain(centre->store, domain, &centre->error);
	if (!err)
		*path = centre->args->domain ? centre->args->domain :
			domain->path;
	return err;
}

/**
 * centre_done() - Record what was done.
 * @centre: The run; a transaction is open.
 * @verb: What was asked.
 * @mid: The module, or NULL.
 * @sn: The host, or NULL.
 * @cause: In one word.
 * @detail: More, or NULL.
 *
 * Return: 0 or a negative errno.
 */
int centre_done(struct centre *centre, const char *verb, const uint8_t *mid,
		const uint8_t *sn, const char *cause, const char *detail)
{
	const struct store_decision decision = {
		.at = time(NULL), .uid = getuid(), .verb = verb, .mid = mid,
		.sn = sn, .result = "done", .cause = cause, .detail = detail,
	};

	return store_add_decision(centre->store, &decision, &centre->error);
}

/**
 * centre_open_provider() - Open who computes MACs, and see that MPIN is the right one.
 * @centre: --mac, --domain.
 * @provider: Receives it; ended by provider_close().
 *
 * Return: 0 or a negative errno.
 */
int centre_open_provider(struct centre *centre, struct provider *provider)
{
	uint8_t check[STORE_CHECK_LEN];
	struct store_domain domain;
	const char *path;
	int err;

	err = centre_domain_path(centre, &domain, &path);
	if (err)
		return err;
	err = provider_open(provider, centre->args->mac, path, &centre->error);
	if (err)
		goto free;
	err = provider_check(provider, check, &centre->error);
	if (!err && !memeql_sec(check, domain.mpin_check, sizeof(check)))
		err = domain_fail(&centre->error, -EINVAL,
				  "%s does not hold the MPIN of domain %u; name the right %s",
				  provider->in_kernel ? "the kernel key" : path,
				  domain.dom, provider->in_kernel ?
				  "serial with --mac" : "file with --domain");
	if (err)
		provider_close(provider);
free:
	store_domain_free(&domain);
	return err;
}
