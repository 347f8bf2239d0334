/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the masters are. Everything that the centre computes begins with one
 * HMAC-SHA-256 under a generation of MPIN or MMGT, and that is all that a
 * provider offers: the masters themselves may be where no program can read them.
 *
 * A provider may be used by several threads at once.
 */
#ifndef CENTRE_PROVIDER_H
#define CENTRE_PROVIDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/smpair_proto.h>

#include "centre/master.h"
#include "domain/error.h"
#include "domain/mac.h"

struct provider;

int provider_open(struct provider **provider, const char *spec,
		  const char *domain_path, struct domain_error *error);
void provider_close(struct provider *provider);

bool provider_has(const struct provider *provider, enum master kind,
		  uint16_t generation);
uint16_t provider_newest(const struct provider *provider, enum master kind);
int provider_derive(struct provider *provider, enum master kind,
		    uint16_t generation, const char *label, const void *context,
		    size_t context_len, uint8_t *out, size_t out_len,
		    struct domain_error *error);
int provider_kpin(struct provider *provider, uint16_t generation,
		  const uint8_t mid[PDT1_ID_LEN], uint8_t kpin[PDT1_KEY_LEN],
		  struct domain_error *error);
int provider_kmg(struct provider *provider, uint16_t generation,
		 const uint8_t mid[PDT1_ID_LEN], uint8_t kmg[PDT1_KEY_LEN],
		 struct domain_error *error);
int provider_check(struct provider *provider, enum master kind,
		   uint16_t generation, uint8_t check[MASTER_CHECK_LEN],
		   struct domain_error *error);
const struct domain_mac *provider_mac(const struct provider *provider);
int provider_ready(struct provider *provider, struct domain_error *error);
const char *master_name(enum master kind);

#endif /* CENTRE_PROVIDER_H */
