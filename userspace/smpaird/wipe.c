// SPDX-License-Identifier: GPL-2.0-or-later
#include <curl/curl.h>
#include <errno.h>
#include <jansson.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "smpaird/wipe.h"

static void wipe_free(void *p)
{
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

static void *wipe_realloc(void *old, size_t size)
{
	size_t had = old ? malloc_usable_size(old) : 0;
	void *new;

	if (old && size <= had)
		return old;
	new = malloc(size);
	if (new && old) {
		memcpy(new, old, had);
		wipe_free(old);
	}
	return new;
}

/**
 * wipe_install() - Let the libraries for HTTP and JSON wipe what they free.
 *
 * Before anything else of them is used.
 *
 * Return: 0 or -ENOMEM.
 */
int wipe_install(void)
{
	json_set_alloc_funcs(malloc, wipe_free);
	return curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wipe_free, wipe_realloc, strdup,
				    calloc) ? -ENOMEM : 0;
}
