// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Module images, personalised by the module's own code, and what the centre
 * must know of each.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/memops.h>

#include "domain/file.h"
#include "domain/keys.h"
#include "domain/secret.h"
#include "provision/identity.h"
#include "provision/output.h"
#include "softmod/core/perso.h"
#include "softmod/port/linux.h"
#include "softmod/port/nvm_file.h"

static void take_k(struct sm_perso *perso, const struct domain_generation *k)
{
	perso->k[perso->k_count].g = k->number;
	memcpy(perso->k[perso->k_count].k, k->key, PDT1_KEY_LEN);
	perso->k_count++;
}

/* Stated generations must be the domain's, or no host has a CY under them. */
static int take_stated_k(const struct domain_json *from,
			 const struct domain *domain, struct sm_perso *perso)
{
	struct domain_generations stated = { 0 };
	const struct domain_generation *k;
	unsigned int i;
	int ret;

	ret = domain_read_generations(from, "k", "g", &stated);
	if (ret > 0 && stated.count > PDT1_K_GENERATIONS)
		ret = domain_fail(from->error, -EINVAL,
				  "%s: a module holds at most %d generations of k; state fewer",
				  from->where, PDT1_K_GENERATIONS);
	for (i = 0; ret > 0 && i < stated.count; i++) {
		k = domain_find_generation(&domain->k, stated.of[i].number);
		if (!k || !memeql_sec(k->key, stated.of[i].key, PDT1_KEY_LEN))
			ret = domain_fail(from->error, -EINVAL,
					  "%s: k of generation %u is not in the domain file; add it with smpair-provision k, or correct it",
					  from->where, stated.of[i].number);
		else
			take_k(perso, k);
	}
	explicit_bzero(&stated, sizeof(stated));
	return ret < 0 ? ret : 0;
}

/*
 * The centre keeps masters, no keys of single modules: a key of another origin
 * would leave it unable to serve the module.
 */
static int check_derived(const struct domain_json *from, const char *name,
			 const char *master, const uint8_t key[PDT1_KEY_LEN])
{
	uint8_t stated[PDT1_KEY_LEN];
	int ret;

	ret = domain_json_hex(from, name, stated, sizeof(stated));
	if (ret > 0 && !memeql_sec(stated, key, PDT1_KEY_LEN))
		ret = domain_fail(from->error, -EINVAL,
				  "%s: %s does not follow from MID and the domain's %s, so the centre could not serve the module; leave it out, or make the domain with the right %s",
				  from->where, name, master, master);
	explicit_bzero(stated, sizeof(stated));
	return ret < 0 ? ret : 0;
}

static int read_from(const struct domain_json *from, const struct domain *domain,
		     struct sm_perso *perso, bool *has_km, bool *has_ft)
{
	static const char *const names[] = {
		"MID", "dom", "KM", "KPIN", "KMG", "FT0", "N", "k", "cfg", NULL
	};
	uint64_t n;
	int ret;

	ret = domain_json_names(from, names);
	if (!ret)
		ret = identity_domain(from, domain);
	if (ret)
		return ret;
	ret = domain_json_hex(from, "KM", perso->km, sizeof(perso->km));
	if (ret < 0)
		return ret;
	*has_km = ret;
	ret = domain_json_hex(from, "FT0", perso->ft, sizeof(perso->ft));
	if (ret < 0)
		return ret;
	*has_ft = ret;
	ret = domain_json_uint(from, "N", 0, PDT1_N_LAST, &n);
	if (ret < 0)
		return ret;
	if (ret)
		perso->n = (uint32_t)n;
	return take_stated_k(from, domain, perso);
}

static int collect_keys(const struct provision_args *args,
			const struct domain *domain,
			const struct domain_json *from, struct sm_perso *perso,
			struct domain_error *error)
{
	bool has_km = false, has_ft = false;
	unsigned int i;
	int err;

	err = from ? read_from(from, domain, perso, &has_km, &has_ft) : 0;
	if (!err)
		err = identity_choose(args, from, "MID", perso->mid, error);
	if (err)
		return err;
	perso->dom = domain->dom;
	domain_kpin(&domain_mac_library,
		    domain_newest_generation(&domain->mpin)->key, perso->mid,
		    perso->kpin);
	domain_kmg(&domain_mac_library,
		   domain_newest_generation(&domain->mmgt)->key, perso->mid,
		   perso->kmg);
	if (from) {
		err = check_derived(from, "KPIN", "MPIN", perso->kpin);
		if (!err)
			err = check_derived(from, "KMG", "MMGT", perso->kmg);
	}
	if (!err && !has_km)
		err = domain_random(perso->km, sizeof(perso->km), error);
	if (!err && !has_ft)
		err = domain_random(perso->ft, sizeof(perso->ft), error);
	if (err || perso->k_count)
		return err;

	/* The newest ones, as many as fit. */
	i = domain->k.count > PDT1_K_GENERATIONS ?
	    domain->k.count - PDT1_K_GENERATIONS : 0;
	for (; i < domain->k.count; i++)
		take_k(perso, &domain->k.of[i]);
	return 0;
}

static int collect_settings(const struct provision_args *args,
			    const struct domain *domain,
			    const struct domain_json *from,
			    uint32_t settings[SETTINGS], struct sm_perso *perso,
			    struct domain_error *error)
{
	unsigned int newest = domain->mhkey.of[domain->mhkey.count - 1].number;
	int err;

	err = setting_read(from, args->setting, settings, error);
	if (err)
		return err;
	if (settings[SETTING_M_MIN] > newest)
		return domain_fail(error, -EINVAL,
				   "m_min %u is above %u, the newest generation of MHKey in the domain: no host could pair; lower it, or add generations",
				   settings[SETTING_M_MIN], newest);

	perso->pin_policy = (uint8_t)settings[SETTING_PIN_POLICY];
	perso->evict_policy = (uint8_t)settings[SETTING_EVICT_POLICY];
	perso->slots = (uint8_t)settings[SETTING_SLOTS];
	perso->ptc_max = (uint8_t)settings[SETTING_PTC_MAX];
	perso->ageing = (uint8_t)settings[SETTING_AGEING];
	perso->count_mode = (uint8_t)settings[SETTING_COUNT_MODE];
	perso->pin_first = (uint8_t)settings[SETTING_PIN_FIRST];
	perso->m_min = (uint16_t)settings[SETTING_M_MIN];
	perso->version = (uint16_t)settings[SETTING_VERSION];
	perso->maxc = (uint16_t)settings[SETTING_MAX_COMMAND];
	perso->maxr = (uint16_t)settings[SETTING_MAX_RESPONSE];
	perso->maxm = settings[SETTING_MAX_MESSAGE];
	return 0;
}

static int write_image(const struct sm_perso *perso, const char *path, bool force,
		       struct domain_error *error)
{
	struct domain_new_file file;
	struct nvm_file nvm;
	struct sm_port port;
	int err;

	err = domain_new_file_begin(&file, path, error);
	if (err)
		return err;
	err = nvm_file_create(&nvm, file.temp);
	if (err) {
		domain_fail(error, err, "%s: %s", path, strerror(-err));
		goto end;
	}
	linux_port_init(&port, &nvm);
	err = sm_personalise(&port, perso);
	nvm_file_close(&nvm);
	if (err)
		err = domain_fail(error, -EIO,
				  "%s: the module refused its personalisation (error %d); see that the disk is not full",
				  path, err);
	else
		err = domain_new_file_commit(&file, force, error);
end:
	domain_new_file_end(&file);
	return err;
}

static int newest(const struct domain_generations *generations)
{
	return domain_newest_generation(generations)->number;
}

/* The generations of the masters tell the centre which keys the module has. */
static int write_info(const struct domain *domain, const struct sm_perso *perso,
		      const uint32_t settings[SETTINGS], const char *path,
		      bool force, struct domain_error *error)
{
	return domain_json_write(json_pack("{s:s,s:i,s:o,s:I,s:o,s:I,s:{s:i,s:i},s:o}",
					   "smpair", "module", "v", 1,
					   "MID", domain_json_from_id(perso->mid),
					   "dom", (json_int_t)perso->dom,
					   "FT0", domain_json_from_hex(perso->ft,
							sizeof(perso->ft)),
					   "N", (json_int_t)perso->n,
					   "masters",
					   "MPIN", newest(&domain->mpin),
					   "MMGT", newest(&domain->mmgt),
					   "cfg", setting_to_json(settings)),
				 path, 0600, force, error);
}

static int collect(const struct provision_args *args, const struct domain *domain,
		   struct sm_perso *perso, uint32_t settings[SETTINGS],
		   struct domain_error *error)
{
	struct domain_json json = { 0 }, *from = NULL;
	int err;

	if (args->from) {
		err = domain_json_load(&json, args->from, true, error);
		if (err)
			return err;
		from = &json;
	}
	err = collect_keys(args, domain, from, perso, error);
	if (!err)
		err = collect_settings(args, domain, from, settings, perso, error);
	json_decref(json.object);
	return err;
}

/**
 * provision_module() - Make a module image; what is not stated is random.
 * @args: --domain, --out, --id or --issuer and --serial, the settings, --from,
 *	--force, --print-id.
 * @error: Receives the reason of a refusal.
 *
 * Return: 0, -EDOM for wrong usage, or another negative errno.
 */
int provision_module(const struct provision_args *args,
		     struct domain_error *error)
{
	char *image = NULL, *info = NULL;
	struct sm_perso perso = { 0 };
	uint32_t settings[SETTINGS];
	struct domain domain;
	int err;

	err = output_begin(args, &domain, error);
	if (err)
		return err;
	if (!domain.mpin.count || !domain.mmgt.count)
		err = domain_fail(error, -ENOKEY,
				  "%s lacks %s, from which the module's key follows; name the complete domain file",
				  args->domain, domain.mpin.count ? "MMGT" : "MPIN");
	if (!err)
		err = collect(args, &domain, &perso, settings, error);
	if (!err)
		err = output_path(args, "module", perso.mid, "img", &image, error);
	if (!err)
		err = output_path(args, "module", perso.mid, "json", &info, error);
	if (!err)
		err = write_image(&perso, image, args->force, error);
	if (!err)
		err = write_info(&domain, &perso, settings, info, args->force, error);
	if (!err)
		output_made(args, "module", perso.mid, image, info);
	explicit_bzero(&perso, sizeof(perso));
	domain_wipe(&domain);
	free(image);
	free(info);
	return err;
}
