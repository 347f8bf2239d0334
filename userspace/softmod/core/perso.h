/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Personalisation: turns an erased region of flash into a module with an
 * identity. It happens once, where the module is made.
 */
#ifndef SOFTMOD_CORE_PERSO_H
#define SOFTMOD_CORE_PERSO_H

#include <stdint.h>

#include "softmod/core/port.h"

/**
 * struct sm_perso - everything a module is born with (sections 3 and 4)
 * @mid: identifier of the module
 * @dom: domain
 * @km: the module's own secret
 * @kpin: secret from which its PINs follow
 * @kmg: secret for the centre's commands
 * @ft: fork tag FT_0
 * @k: generations of the domain's key, numbers distinct and not 0
 * @k_count: how many of them, 1 to 4
 * @pin_policy: PDT1_PIN_*
 * @evict_policy: PDT1_EVICT_*
 * @slots: 1 to 32
 * @ptc_max: PIN tries, 1 to 15
 * @ageing: verifications that halve an activity count, 1 to 255
 * @count_mode: 0 writes each verification, 1 every sixteenth
 * @pin_first: 1 pins the slot of the first pairing
 * @m_min: oldest accepted generation of MHKey
 * @version: version of these settings
 * @n: pairing index to start from; 0 but for a module that replaces another
 * @maxc: largest command data field, 136 to SM_MAXC; 0 for SM_MAXC
 * @maxr: largest response data field, 146 to SM_MAXR; 0 for SM_MAXR
 * @maxm: largest message, 512 to SM_MAXM; 0 for SM_MAXM
 */
struct sm_perso {
	uint8_t mid[8];
	uint32_t dom;
	uint8_t km[32];
	uint8_t kpin[32];
	uint8_t kmg[32];
	uint8_t ft[8];
	struct {
		uint16_t g;
		uint8_t k[32];
	} k[4];
	uint8_t k_count;
	uint8_t pin_policy;
	uint8_t evict_policy;
	uint8_t slots;
	uint8_t ptc_max;
	uint8_t ageing;
	uint8_t count_mode;
	uint8_t pin_first;
	uint16_t m_min;
	uint16_t version;
	uint32_t n;
	uint16_t maxc;
	uint16_t maxr;
	uint32_t maxm;
};

/**
 * sm_personalise() - write the records of a new module
 * @port: platform; only its flash is used, and it must be erased (all FF)
 * @perso: what to write; the caller wipes its copy
 *
 * The header that makes the region valid is written last, so a region whose
 * personalisation was interrupted is refused as damaged, not half-used.
 *
 * Return: 0, SM_EINVAL for a value out of range, SM_EEXIST when the region is
 * not erased (nothing was changed), SM_EIO when the flash failed or is too
 * small.
 */
int sm_personalise(const struct sm_port *port, const struct sm_perso *perso);

#endif /* SOFTMOD_CORE_PERSO_H */
