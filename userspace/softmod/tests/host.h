/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's side of the protocol, for tests. */
#ifndef SOFTMOD_TESTS_HOST_H
#define SOFTMOD_TESTS_HOST_H

#include "softmod/tests/testport.h"

struct host {
	/* credentials */
	uint8_t sn[8];
	uint16_t m;
	uint8_t as[32], tk[32], kw[32];
	uint8_t cy[PDT1_CY_LEN];
	/* what to put into the next handshake */
	uint8_t rh[16], xh[32], pdc_nonce[12];
	/* handshake */
	uint8_t begin[PDT1_BEGIN_LEN];
	uint8_t t1[32], kpm[32], kph[32], xp[32];
	uint8_t e1_sealed[PDT1_E1_LEN];
	uint8_t e1[PDT1_E1_PLAIN_LEN];
	uint8_t e3[PDT1_E3_PLAIN_LEN];
	/* pairing, from E1 or the PDC */
	uint8_t ka[32];
	uint8_t mid[8];
	uint32_t n_s;
	uint8_t slot;
	/* session */
	uint8_t prks[32], h2m[44], m2h[44];
	uint32_t n;
	uint8_t fl;
};

/* Fields of E1 and E3 */
#define E1_N(h)		sm_get32((h)->e1 + 8)
#define E1_PTC(h)	((h)->e1[13])
#define E1_FL(h)	((h)->e1[14])
#define E1_SLOT(h)	((h)->e1[15])
#define E1_RQ(h)	sm_get32((h)->e1 + 16)
#define E3_SW(h)	sm_get16((h)->e3)
#define E3_PTC(h)	((h)->e3[2])
#define E3_N(h)		sm_get32((h)->e3 + 4)

/* Host number @serial of issuer 0101 in the tests' domain, MHKey m of 0x22 */
void host_init(struct host *h, uint32_t serial, uint16_t m, uint16_t rights);

/* Gives it the cryptogram of generation @g of the domain's key instead */
void host_cryptogram(struct host *h, uint32_t serial, uint16_t rights, uint16_t g,
		     const uint8_t k[32]);

/* Derives TK and KW of generation @m with that MHKey and HS, and AS */
void host_derive(struct host *h, uint16_t m, const uint8_t mhkey[32],
		 const uint8_t hs[32], uint32_t dom, uint16_t g);

/* Each returns the outer status word. */
uint16_t host_begin(struct sm_module *m, struct host *h);
uint16_t host_confirm(struct sm_module *m, struct host *h,
		      const uint8_t pin[8], uint8_t opt);
uint16_t host_open(struct sm_module *m, struct host *h, uint8_t flags);

/* Seals E2 for a confirm; exported so that a test may alter it */
void host_seal_e2(struct host *h, const uint8_t pin[8], uint8_t opt,
		  uint8_t e2[PDT1_E2_LEN]);

/* One envelope; returns the inner status word, or 0 when the outer one, in
 * @outer, is not 9000. @more carries P2 in and rf out.
 */
uint16_t host_envelope(struct sm_module *m, struct host *h, uint8_t type,
		       uint8_t *more, const void *data, size_t len,
		       uint8_t *rsp, size_t *rsp_len, uint16_t *outer);

/* An inner command without data; returns 0 when it was not answered 9000
 * outside
 */
uint16_t host_inner(struct sm_module *m, struct host *h, uint8_t ins);

/* BEGIN and CONFIRM with the PIN that the module expects; must succeed */
void host_pair(struct sm_module *m, struct host *h);

/* OPEN and the first envelope; must succeed */
void host_verify(struct sm_module *m, struct host *h);

/* The PIN that the module expects of this host now */
void host_pin(const struct sm_module *m, const struct host *h,
	      uint8_t pin[8]);

/* What @h becomes by REWRAP to generation @m2 in its session */
void host_renew(const struct host *h, uint16_t m2, struct host *new);

/* REWRAP to generation @m2 */
uint16_t host_rewrap(struct sm_module *m, struct host *h, uint16_t m2);

/* A centre's command; returns the outer status word, the receipt's one in
 * @result. Checks the receipt's MAC.
 */
uint16_t centre_manage(struct sm_module *m, uint8_t op, uint32_t seq,
		       uint32_t nexp, const void *body, size_t len,
		       uint16_t *result);

#endif /* SOFTMOD_TESTS_HOST_H */
