/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DOMAIN_POLICY_H
#define DOMAIN_POLICY_H

#include <linux/smpair_proto.h>

/* Names of the PIN policies, by PDT1_PIN_*. */
extern const char *const domain_pin_policies[PDT1_PIN_INDEXED + 1];

int domain_pin_policy(const char *name);

#endif /* DOMAIN_POLICY_H */
