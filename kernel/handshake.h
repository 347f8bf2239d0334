/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The messages of OPEN, PAIR BEGIN and PAIR CONFIRM: built and judged without
 * any input or output (sections 6 and 7).
 */
#ifndef _SMPAIR_HANDSHAKE_H
#define _SMPAIR_HANDSHAKE_H

#include "apdu.h"
#include "hostkey.h"
#include "session.h"

/**
 * struct smpair_pairing - an authenticated pairing as the host knows it while the module stays
 * @valid: the fields below are meaningful
 * @ka: pairing key, kept in RAM to spare the PDC at the next OPEN
 * @mid: module, from the PDC
 * @n_s: index at which the pairing was made
 * @m: MHKey generation that wraps it
 * @slot: slot in the module
 */
struct smpair_pairing {
	bool valid;
	u8 ka[PDT1_KEY_LEN];
	u8 mid[PDT1_ID_LEN];
	u32 n_s;
	u16 m;
	u8 slot;
};

/**
 * struct smpair_open - an OPEN under way
 * @c: data of the command
 * @secret: own X25519 secret; wiped by the first judgement
 * @gen: MHKey generation that is tried
 * @cached: the module was told to leave out the PDC
 */
struct smpair_open {
	u8 c[PDT1_OPEN_LEN];
	u8 secret[PDT1_X25519_LEN];
	const struct smpair_host_gen *gen;
	bool cached;
};

/*
 * smpair_open_build: @cached may be NULL or an invalid pairing: then the PDC is asked for.
 * smpair_open_parse: judges the data of a 9000 answer: 0 and *pairing, *n,
 * *restricted, *session filled, or a negative errno with *cause:
 * -EBADMSG with BAD_PDC, BAD_MAC; -EKEYREJECTED with ROLLBACK, WRONG_MODULE;
 * -EPROTO with LINK_ERROR (length); -ENOMEM with NO_MEMORY.
 * @mid: MID of INFO, compared with the one of the PDC.
 */
int smpair_open_build(struct smpair_open *open, const struct smpair_host_gen *gen,
		      const struct smpair_pairing *cached, struct smpair_buf *apdu);
int smpair_open_parse(struct smpair_open *open, const u8 sn[PDT1_ID_LEN],
		      const u8 mid[PDT1_ID_LEN], const u8 *data, size_t len,
		      struct smpair_pairing *pairing, u32 *n, bool *restricted,
		      struct smpair_session *session, enum smpair_cause *cause);
void smpair_open_wipe(struct smpair_open *open);

/**
 * struct smpair_e1 - the module's authenticated offer (section 7)
 * @mid: MID
 * @n: pairing index
 * @pin_policy: PDT1_PIN_*
 * @ptc: PIN tries left
 * @flags: PDT1_E1_*
 * @slot: slot that would be used, or PDT1_SLOT_NONE
 * @request_code: RQ
 * @m_min: lowest MHKey generation accepted
 * @ka: KA, zero where the module refuses
 */
struct smpair_e1 {
	u8 mid[PDT1_ID_LEN];
	u32 n;
	u8 pin_policy;
	u8 ptc;
	u8 flags;
	u8 slot;
	u32 request_code;
	u16 m_min;
	u8 ka[PDT1_KEY_LEN];
};

/**
 * struct smpair_e3 - the module's verdict
 * @sw: status word
 * @ptc: PIN tries left now
 * @slot: slot byte of E1
 * @n: pairing index now
 */
struct smpair_e3 {
	u16 sw;
	u8 ptc;
	u8 slot;
	u32 n;
};

/**
 * struct smpair_pair - a pairing handshake under way, from BEGIN to E3
 * @c1: data of BEGIN
 * @secret: own X25519 secret; wiped once the keys are derived
 * @t1: hash of the transcript of BEGIN
 * @kpm: key module to host
 * @kph: key host to module; wiped once E2 is built
 * @xp: exported secret, for the session
 * @e1_wire: E1 as received
 * @e2_wire: E2 as sent
 * @e1: E1 in the clear, authentic
 * @cy: host cryptogram in use
 * @gen: MHKey generation that wraps the pairing; NULL before CONFIRM is built
 */
struct smpair_pair {
	u8 c1[PDT1_BEGIN_LEN];
	u8 secret[PDT1_X25519_LEN];
	u8 t1[PDT1_HASH_LEN];
	u8 kpm[PDT1_KEY_LEN];
	u8 kph[PDT1_KEY_LEN];
	u8 xp[PDT1_KEY_LEN];
	u8 e1_wire[PDT1_E1_LEN];
	u8 e2_wire[PDT1_E2_LEN];
	struct smpair_e1 e1;
	const struct smpair_host_cy *cy;
	const struct smpair_host_gen *gen;
};

int smpair_begin_build(struct smpair_pair *pair, const struct smpair_host_cy *cy,
		       struct smpair_buf *apdu);
/* 0 and pair->e1, or -EBADMSG (E1 invalid), -EPROTO (length), -ENOMEM */
int smpair_begin_parse(struct smpair_pair *pair, const u8 *data, size_t len);
/* @pin: eight digits, or NULL where no PIN is required */
int smpair_confirm_build(struct smpair_pair *pair, const u8 sn[PDT1_ID_LEN],
			 const struct smpair_host_gen *gen, const u8 *pin, bool consent,
			 struct smpair_buf *apdu);
/* 0 and *e3 (and on 9000 *pairing, *session), or -EBADMSG, -EPROTO, -ENOMEM */
int smpair_confirm_parse(struct smpair_pair *pair, const u8 *data, size_t len,
			 struct smpair_e3 *e3, struct smpair_pairing *pairing,
			 struct smpair_session *session);
void smpair_pair_wipe(struct smpair_pair *pair);

/* Data of REWRAP for generation @gen, and the pairing as it will be (section 8). */
int smpair_rewrap_build(struct smpair_session *session, const u8 sn[PDT1_ID_LEN],
			const struct smpair_pairing *old, const struct smpair_host_gen *gen,
			u8 data[PDT1_REWRAP_LEN], struct smpair_pairing *renewed);

/* Order in which the CYs are tried: those whose g INFO lists, highest first, then the others. */
unsigned int smpair_cy_order(const struct smpair_host *host, const struct smpair_info *info,
			     u8 order[SMPAIR_CY_MAX]);

#endif /* _SMPAIR_HANDSHAKE_H */
