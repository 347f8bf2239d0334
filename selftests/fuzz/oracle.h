/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What holds of a module's records whatever a host sent and whatever was cut. */
#ifndef FUZZ_ORACLE_H
#define FUZZ_ORACLE_H

#include "softmod/core/module.h"

/* The records of a module that is neither virgin nor fatal */
void oracle_records(const struct sm_store *store);

/* No host has two slots */
void oracle_hosts(const struct sm_store *store);

/* What is in flash is what the module believes, counts in memory apart */
void oracle_flash(const struct sm_module *m);

/* An answer: its size, its status word, and no data with a refusal */
void oracle_answer(const struct sm_module *m, const uint8_t *rsp, size_t len);

#endif /* FUZZ_ORACLE_H */
