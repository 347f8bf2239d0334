// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "centre/tests/fixture.h"
#include "domain/domain.h"

struct fixture fix;

static void two_generations(struct domain_generations *g, uint8_t first)
{
	unsigned int i;

	g->count = 2;
	for (i = 0; i < 2; i++) {
		g->of[i].number = (uint16_t)(i + 1);
		memset(g->of[i].key, first + (int)i, PDT1_KEY_LEN);
	}
}

int fixture_make(void **state)
{
	struct domain domain = { .dom = 1 };

	(void)state;
	strcpy(fix.folder, "/tmp/smpair-centre-XXXXXX");
	if (!mkdtemp(fix.folder))
		return -1;
	snprintf(fix.domain_path, sizeof(fix.domain_path), "%s/domain.json",
		 fix.folder);
	if (testdb_make(fix.folder, fix.url, sizeof(fix.url)))
		return -1;
	two_generations(&domain.k, FIXTURE_K(1));
	two_generations(&domain.mhkey, 0x21);
	two_generations(&domain.mpin, FIXTURE_MPIN(1));
	two_generations(&domain.mmgt, FIXTURE_MMGT(1));
	return domain_store(&domain, fix.domain_path, false, &fix.error);
}

int fixture_remove(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", fix.folder);
	return testdb_remove() || system(command);
}

int fixture_open(void **state)
{
	const struct store_domain domain = {
		.dom = 1, .path = fix.domain_path, .mac = (char *)"file",
	};

	(void)state;
	if (store_create(fix.url, &domain, &fix.error) ||
	    store_open(&fix.store, fix.url, STORE_WRITE, &fix.error) ||
	    provider_open(&fix.provider, "file", fix.domain_path, &fix.error) ||
	    audit_start(fix.store, fix.provider, &fix.error)) {
		print_error("%s\n", fix.error.text);
		return -1;
	}
	return 0;
}

int fixture_close(void **state)
{
	(void)state;
	store_close(fix.store);
	provider_close(fix.provider);
	store_discard(fix.url);
	return 0;
}

void fixture_ok(int err)
{
	if (err)
		fail_msg("%d: %s", err, fix.error.text);
}

void fixture_change(void (*change)(void *arg), void *arg)
{
	fixture_ok(store_begin(fix.store, &fix.error));
	change(arg);
	fixture_ok(store_commit(fix.store, &fix.error));
}

static void add_module(void *arg)
{
	fixture_ok(store_add_module(fix.store, arg, &fix.error));
}

void fixture_add_module(const uint8_t mid[8], uint8_t policy)
{
	struct store_module module = {
		.pin_policy = policy, .ptc_max = 5, .mpin = 1, .mmgt = 1,
		.version = 1,
	};

	memcpy(module.mid, mid, 8);
	memset(module.ft, 0x99, 8);
	fixture_change(add_module, &module);
}

static void add_host(void *arg)
{
	fixture_ok(store_add_host(fix.store, arg, &fix.error));
}

void fixture_add_host(const uint8_t sn[8], uint16_t rights)
{
	struct store_host host = { .rights = rights };

	memcpy(host.sn, sn, 8);
	fixture_change(add_host, &host);
}
