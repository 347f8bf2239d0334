/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A folder with a domain file, and a database of testdb.h, as most tests of the centre begin.
 * Everything is torn down with the folder.
 */
#ifndef CENTRE_TESTS_FIXTURE_H
#define CENTRE_TESTS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "centre/audit.h"
#include "centre/provider.h"
#include "centre/store.h"
#include "centre/tests/testdb.h"

/**
 * struct fixture - What a test works with.
 * @folder: Of its own.
 * @domain_path: Domain file with generations 1 and 2 of both masters and of k.
 * @url: Of the database.
 * @provider: Of the domain file.
 * @store: Open for writing, audit_start() was called.
 * @error: Scratch.
 */
struct fixture {
	char folder[64];
	char domain_path[96];
	char url[512];
	struct provider *provider;
	struct store *store;
	struct domain_error error;
};

extern struct fixture fix;

/* Bytes that fill generation @g of a master. */
#define FIXTURE_MPIN(g)	((uint8_t)(0x50 + (g)))
#define FIXTURE_MMGT(g)	((uint8_t)(0x60 + (g)))
#define FIXTURE_K(g)	((uint8_t)(0x10 + (g)))

int fixture_make(void **state);		/* group: folder and domain file */
int fixture_remove(void **state);
int fixture_open(void **state);		/* test: a new database */
int fixture_close(void **state);

/* Ends the test with the text in fix.error unless @err is 0. */
void fixture_ok(int err);

/* A transaction around @change, which must succeed. */
void fixture_change(void (*change)(void *arg), void *arg);

void fixture_add_module(const uint8_t mid[8], uint8_t policy);
void fixture_add_host(const uint8_t sn[8], uint16_t rights);

#endif /* CENTRE_TESTS_FIXTURE_H */
