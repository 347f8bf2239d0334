// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The domain file: generations of k and MHKey, and both masters (protocol,
 * section 3).
 */
#include <errno.h>
#include <string.h>

#include "domain/domain.h"

/**
 * domain_find_generation() - Look a generation up.
 * @generations: Where.
 * @number: Its number.
 *
 * Return: The generation or NULL.
 */
const struct domain_generation *
domain_find_generation(const struct domain_generations *generations,
		       uint16_t number)
{
	unsigned int i;

	for (i = 0; i < generations->count; i++)
		if (generations->of[i].number == number)
			return &generations->of[i];
	return NULL;
}

/**
 * domain_read_generations() - Read a list of generations.
 * @json: Object that holds the list.
 * @list: Name of the list, and of the key in each of its objects.
 * @number: Name of the number in each of its objects.
 * @generations: Receives them in ascending order.
 *
 * Return: 1, 0 where there is no such list, or a negative errno.
 */
int domain_read_generations(const struct domain_json *json, const char *list,
			    const char *number,
			    struct domain_generations *generations)
{
	const char *const names[] = { number, list, NULL };
	struct domain_generation *last;
	struct domain_json element;
	json_t *array;
	uint64_t n;
	size_t i;
	int ret;

	ret = domain_json_array(json, list, DOMAIN_GENERATIONS, &array);
	if (ret <= 0)
		return ret;

	generations->count = 0;
	for (i = 0; i < json_array_size(array); i++) {
		last = &generations->of[i];
		ret = domain_json_element(json, list, array, i, &element);
		if (ret > 0)
			ret = domain_json_names(&element, names);
		if (ret < 0)
			return ret;
		ret = domain_json_uint(&element, number, 1, UINT16_MAX, &n);
		if (!ret)
			ret = domain_json_missing(&element, number);
		if (ret < 0)
			return ret;
		ret = domain_json_hex(&element, list, last->key, PDT1_KEY_LEN);
		if (!ret)
			ret = domain_json_missing(&element, list);
		if (ret < 0)
			return ret;
		if (i && n <= last[-1].number)
			return domain_fail(json->error, -EINVAL,
					   "%s: %s is not greater than the one before it; list generations in ascending order, each once",
					   element.where, number);
		last->number = (uint16_t)n;
		generations->count++;
	}
	return 1;
}

/**
 * domain_newest_generation() - The generation that is used for what is new.
 * @generations: Where.
 *
 * Return: The generation, or NULL where there is none.
 */
const struct domain_generation *
domain_newest_generation(const struct domain_generations *generations)
{
	return generations->count ? &generations->of[generations->count - 1] :
				    NULL;
}

/**
 * domain_read_masters() - Read the generations of a master.
 * @json: Object that holds them.
 * @name: Name of the master: its only key, which is generation 1, or a list as
 *	domain_read_generations() reads it, by number "g".
 * @generations: Receives them in ascending order.
 *
 * Return: 1, 0 where there is none, or a negative errno.
 */
int domain_read_masters(const struct domain_json *json, const char *name,
			struct domain_generations *generations)
{
	int ret;

	if (json_is_array(json_object_get(json->object, name)))
		return domain_read_generations(json, name, "g", generations);
	ret = domain_json_hex(json, name, generations->of[0].key, PDT1_KEY_LEN);
	if (ret > 0) {
		generations->of[0].number = 1;
		generations->count = 1;
	}
	return ret;
}

static int read_domain(const struct domain_json *json, struct domain *domain)
{
	static const char *const names[] = {
		"smpair", "v", "dom", "k", "MHKey", "MPIN", "MMGT", NULL
	};
	uint64_t dom;
	int ret;

	ret = domain_json_kind(json, "domain");
	if (!ret)
		ret = domain_json_names(json, names);
	if (ret)
		return ret;

	ret = domain_json_uint(json, "dom", 0, UINT32_MAX, &dom);
	if (ret <= 0)
		return ret ? ret : domain_json_missing(json, "dom");
	domain->dom = (uint32_t)dom;
	ret = domain_read_generations(json, "k", "g", &domain->k);
	if (ret <= 0)
		return ret ? ret : domain_json_missing(json, "k");
	ret = domain_read_generations(json, "MHKey", "m", &domain->mhkey);
	if (ret <= 0)
		return ret ? ret : domain_json_missing(json, "MHKey");

	ret = domain_read_masters(json, "MPIN", &domain->mpin);
	if (ret >= 0)
		ret = domain_read_masters(json, "MMGT", &domain->mmgt);
	return ret < 0 ? ret : 0;
}

/**
 * domain_load() - Read a domain file.
 * @domain: Receives the domain; the caller ends it with domain_wipe().
 * @path: Name; a file that group or others can read is refused.
 * @error: Receives the reason of a refusal.
 *
 * MPIN and MMGT may be absent; whoever needs one asks for their count.
 *
 * Return: 0 or a negative errno; @domain is wiped then.
 */
int domain_load(struct domain *domain, const char *path,
		struct domain_error *error)
{
	struct domain_json json;
	int err;

	memset(domain, 0, sizeof(*domain));
	err = domain_json_load(&json, path, true, error);
	if (err)
		return err;
	err = read_domain(&json, domain);
	json_decref(json.object);
	if (err)
		domain_wipe(domain);
	return err;
}

/* NULL where an allocation failed, as in jansson's own calls. */
static json_t *generations_to_json(const struct domain_generations *generations,
				   const char *list, const char *number)
{
	const struct domain_generation *generation;
	json_t *array = json_array(), *key;
	unsigned int i;

	for (i = 0; i < generations->count; i++) {
		generation = &generations->of[i];
		key = domain_json_from_hex(generation->key, PDT1_KEY_LEN);
		if (json_array_append_new(array, json_pack("{s:i,s:o}", number,
							   (int)generation->number,
							   list, key))) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

/* A master that a domain has not is left out. One generation as it is made first is
 * only a key. Returns whether there was memory.
 */
static bool set_masters(json_t *object, const char *name,
			const struct domain_generations *generations)
{
	bool only = generations->count == 1 && generations->of[0].number == 1;

	if (!generations->count)
		return true;
	return !json_object_set_new(object, name, only ?
				    domain_json_from_hex(generations->of[0].key, PDT1_KEY_LEN) :
				    generations_to_json(generations, name, "g"));
}

/**
 * domain_store() - Write a domain file, mode 0600.
 * @domain: The domain.
 * @path: Name.
 * @replace: Whether an existing file is replaced.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int domain_store(const struct domain *domain, const char *path, bool replace,
		 struct domain_error *error)
{
	json_t *object;

	object = json_pack("{s:s,s:i,s:I,s:o,s:o}",
			   "smpair", "domain", "v", 1,
			   "dom", (json_int_t)domain->dom,
			   "k", generations_to_json(&domain->k, "k", "g"),
			   "MHKey",
			   generations_to_json(&domain->mhkey, "MHKey", "m"));
	if (!set_masters(object, "MPIN", &domain->mpin) ||
	    !set_masters(object, "MMGT", &domain->mmgt)) {
		json_decref(object);
		object = NULL;
	}
	return domain_json_write(object, path, 0600, replace, error);
}

/**
 * domain_wipe() - Forget a domain's secrets.
 * @domain: The domain.
 */
void domain_wipe(struct domain *domain)
{
	explicit_bzero(domain, sizeof(*domain));
}
