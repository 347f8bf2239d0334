/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of the values that the driver reports, as the netlink specification
 * spells them.
 */
#ifndef SMPAIR_NAMES_H
#define SMPAIR_NAMES_H

#include <linux/smpair.h>

#ifdef __cplusplus
extern "C" {
#endif

const char *smpair_state_name(unsigned int state);
const char *smpair_pin_policy_name(unsigned int policy);
const char *smpair_evict_policy_name(unsigned int policy);

#ifdef __cplusplus
}
#endif

#endif /* SMPAIR_NAMES_H */
