/* SPDX-License-Identifier: GPL-2.0 */
/* A domain of fixed secrets, its hosts and modules, as the tests need them. */
#ifndef RIG_DOMAIN_H
#define RIG_DOMAIN_H

#include <linux/smpair.h>
#include <linux/smpair_proto.h>
#include "smpair/smpair.h"
#include "softmod/core/perso.h"

#define RIG_DOMAIN	1
#define RIG_G		1

/**
 * struct rig_host - credentials of one host, and knobs for wrong ones
 * @number: 0 and up; chooses SN and HS
 * @rights: rights in the CY
 * @domain: domain of the CY
 * @g: generation of k
 * @k_fill: byte that fills k; another one makes a foreign domain
 * @m: MHKey generations
 * @m_count: how many
 */
struct rig_host {
	unsigned int number;
	uint16_t rights;
	uint32_t domain;
	uint16_t g;
	uint8_t k_fill;
	uint16_t m[4];
	unsigned int m_count;
};

#define RIG_K_FILL	0x11

void rig_host_init(struct rig_host *host, unsigned int number);
void rig_host_sn(const struct rig_host *host, uint8_t sn[8]);
size_t rig_host_payload(const struct rig_host *host, uint8_t payload[48 + 4 * 34]);
void rig_host_cy(const struct rig_host *host, uint8_t cy[SMPAIR_CY_LEN]);
/* TK and KW of generation @m, as section 3 derives them */
void rig_host_wrap(const struct rig_host *host, uint16_t m, uint8_t tk[32], uint8_t kw[32]);
/* Puts the secrets in a logon key and hands them to the driver; 0 or -errno. */
int rig_host_load(struct smpair_client *client, const struct rig_host *host);

void rig_perso_init(struct sm_perso *perso, unsigned int number);
/* The PIN that the centre would give */
void rig_pin(const struct sm_perso *perso, const struct rig_host *host, uint32_t n,
	     char pin[PDT1_PIN_LEN]);
uint32_t rig_request_code(const struct sm_perso *perso, const struct rig_host *host, uint32_t n,
			  const uint8_t ft[8]);
/* A MANAGE command of the centre; returns its length */
size_t rig_manage(const struct sm_perso *perso, uint8_t op, uint32_t seq, const void *body,
		  uint16_t body_len, uint8_t *out);

#endif /* RIG_DOMAIN_H */
