/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * PDT1, the protocol between a host and a removable security module: the
 * constants that both ends share. Sizes are in bytes, integers on the wire are
 * big-endian. Section numbers refer to Documentation/protocol.rst.
 *
 * This header includes nothing, so that a module's firmware can use it too.
 */
#ifndef _UAPI_LINUX_SMPAIR_PROTO_H
#define _UAPI_LINUX_SMPAIR_PROTO_H

/* Section 2: primitives */
#define PDT1_SUITE			0x01
#define PDT1_HASH_LEN			32
#define PDT1_KEY_LEN			32
#define PDT1_X25519_LEN			32
#define PDT1_NONCE_LEN			12
#define PDT1_TAG_LEN			16
#define PDT1_SEAL_OVERHEAD		(PDT1_NONCE_LEN + PDT1_TAG_LEN)
#define PDT1_KDF_PREFIX			"PDT1"
#define PDT1_KDF_LABEL_MAX		31

/* Section 3: identities, keys, host cryptogram */
#define PDT1_ID_LEN			8	/* SN and MID: u16 issuer, u48 serial */
#define PDT1_FT_LEN			8	/* fork tag */
#define PDT1_CY_LEN			84
#define PDT1_CY_HEADER_LEN		8	/* 01 01 | u16 g | u32 dom */
#define PDT1_CY_BODY_LEN		48
#define PDT1_CY_VERSION			0x01
#define PDT1_CY_TYPE			0x01
#define PDT1_CY_OFF_G			2
#define PDT1_CY_OFF_DOM			4
#define PDT1_RIGHT_EVICT		0x0001	/* may ask for eviction */
#define PDT1_RIGHT_LIST			0x0002	/* may list all slots */
#define PDT1_K_GENERATIONS		4

/* Key derivation labels */
#define PDT1_LABEL_CY			"cy"
#define PDT1_LABEL_AS			"as"
#define PDT1_LABEL_MHKEY		"mh"
#define PDT1_LABEL_WRAP			"wrap"
#define PDT1_LABEL_TAG			"tag"
#define PDT1_LABEL_PDC			"pdc"
#define PDT1_LABEL_KA			"ka"
#define PDT1_LABEL_KA_REWRAP		"ka2"
#define PDT1_LABEL_KPIN			"pin-mod"
#define PDT1_LABEL_KMG			"mgmt-mod"
#define PDT1_LABEL_MC			"mc"
#define PDT1_LABEL_MR			"mr"
#define PDT1_LABEL_RP			"rp"
#define PDT1_LABEL_MM			"mm"
#define PDT1_LABEL_H2M			"h2m"
#define PDT1_LABEL_M2H			"m2h"
#define PDT1_LABEL_PM			"pm"
#define PDT1_LABEL_PH			"ph"
#define PDT1_LABEL_EXP			"exp"
#define PDT1_LABEL_PIN_MODULE		"pin-module"
#define PDT1_LABEL_PIN_PAIR		"pin-pair"
#define PDT1_LABEL_PIN_INDEXED		"pin-indexed"

/* Prefixes of hash, PRF and associated data inputs; without a final NUL */
#define PDT1_CTX_OPEN			"PDT1 open"
#define PDT1_CTX_SESSION		"PDT1 sess"
#define PDT1_CTX_PAIR			"PDT1 pair"
#define PDT1_CTX_PAIR_SESSION		"PDT1 ps"
#define PDT1_CTX_PDC			"PDT1 PDC"
#define PDT1_CTX_REQUEST		"PDT1 REQ"
#define PDT1_CTX_FORK_TAG		"PDT1 FT"
#define PDT1_CTX_RM			"rm"
#define PDT1_CTX_XM			"xm"
#define PDT1_CTX_SID			"sid"

/* Section 4: limits of a module's records */
#define PDT1_SLOTS_MAX			32
#define PDT1_DENY_MAX			32
#define PDT1_PTC_MAX			15
#define PDT1_PTC_DEFAULT		5
#define PDT1_WT_MAX			100
#define PDT1_AGEING_DEFAULT		64
#define PDT1_WRONG_PER_POWER_UP		3
#define PDT1_N_LAST			0xfffffffeU	/* from here on no pairing */

/* Section 5: commands */
#define PDT1_CLA			0x80
#define PDT1_CLA_ISO			0x00
#define PDT1_INS_SELECT			0xa4
#define PDT1_INS_GET_INFO		0x10	/* P1 01: GET REPORT */
#define PDT1_INS_OPEN			0x12
#define PDT1_INS_PAIR_BEGIN		0x14
#define PDT1_INS_PAIR_CONFIRM		0x16
#define PDT1_INS_ENVELOPE		0x18
#define PDT1_INS_UNPAIR			0x1a	/* inner */
#define PDT1_INS_GET_SLOTS		0x1c	/* inner */
#define PDT1_INS_MANAGE			0x1e
#define PDT1_INS_REWRAP			0x20	/* inner */
#define PDT1_INS_CLOSE			0x22	/* inner */

#define PDT1_P1_SELECT_BY_NAME		0x04
#define PDT1_P1_INFO			0x00
#define PDT1_P1_REPORT			0x01

#define PDT1_AID_LEN			10
#define PDT1_AID	{ 0xf0, 0x50, 0x44, 0x54, 0x2d, 0x50, 0x41, 0x49, 0x52, 0x01 }
#define PDT1_SELECT_RSP_LEN		62	/* 6F 3C 84 0A AID A5 2E 80 2C INFO */

#define PDT1_RAND_LEN			16	/* RH, RM */
#define PDT1_HT_LEN			8
#define PDT1_MACM_LEN			16
#define PDT1_PDC_LEN			76
#define PDT1_PDC_PLAIN_LEN		48
#define PDT1_OPEN_LEN			58	/* suite | flags | RH | XH | HT */
#define PDT1_OPEN_C0_LEN		50	/* the part that HT covers */
#define PDT1_OPEN_RSP_LEN		146	/* RM | fl | 00 | N | XM | PDC | MACm */
#define PDT1_OPEN_RSP_SHORT_LEN		70	/* the same without the PDC */
#define PDT1_OPEN_FLAG_NO_PDC		0x01
#define PDT1_OPEN_FL_RESTRICTED		0x01
#define PDT1_BEGIN_LEN			134	/* suite | 00 | RH | CY | XH */
#define PDT1_BEGIN_RSP_LEN		120	/* RM | XM | E1 */
#define PDT1_R1_LEN			48
#define PDT1_E1_LEN			72
#define PDT1_E1_PLAIN_LEN		56
#define PDT1_E2_LEN			136
#define PDT1_E2_PLAIN_LEN		120
#define PDT1_E3_LEN			24
#define PDT1_E3_PLAIN_LEN		8
#define PDT1_GET_SLOTS_ROW_LEN		12
#define PDT1_REWRAP_LEN			110	/* u16 m | TK | PDC */
#define PDT1_SID_LEN			4
#define PDT1_REPORT_NONCE_LEN		16
#define PDT1_REPORT_LEN			36
#define PDT1_REPORT_MAC_LEN		16

/* GET SLOTS, state byte of a row */
#define PDT1_SLOT_USED			0x01
#define PDT1_SLOT_PINNED		0x02
#define PDT1_SLOT_SELF			0x04
#define PDT1_SLOT_NONE			0xff

/* INFO: offsets and bits */
#define PDT1_INFO_LEN			44
#define PDT1_INFO_VERSION		0x01
#define PDT1_INFO_OFF_VERSION		0
#define PDT1_INFO_OFF_STATE		1
#define PDT1_INFO_OFF_MID		2
#define PDT1_INFO_OFF_DOM		10
#define PDT1_INFO_OFF_FEATURES		14
#define PDT1_INFO_OFF_SLOTS		16
#define PDT1_INFO_OFF_FREE		17
#define PDT1_INFO_OFF_PIN_POLICY	18
#define PDT1_INFO_OFF_EVICT_POLICY	19
#define PDT1_INFO_OFF_PTC		20
#define PDT1_INFO_OFF_PTC_MAX		21
#define PDT1_INFO_OFF_MAXC		24
#define PDT1_INFO_OFF_MAXR		26
#define PDT1_INFO_OFF_MAXM		28
#define PDT1_INFO_OFF_G			32
#define PDT1_INFO_OFF_M_MIN		40
#define PDT1_INFO_PERSONALISED		0x01
#define PDT1_INFO_FROZEN		0x02
#define PDT1_INFO_PIN_BLOCKED		0x04
#define PDT1_INFO_FATAL			0x08
#define PDT1_MAXC_MIN			136
#define PDT1_MAXR_MIN			146
#define PDT1_MAXM_MIN			512

/* Section 7: E1 flags */
#define PDT1_E1_SAME			0x01	/* SN is paired here already */
#define PDT1_E1_FREE			0x02	/* a free slot will be used */
#define PDT1_E1_EVICT			0x04	/* eviction needed */
#define PDT1_E1_EVICT_OK		0x08	/* eviction permitted */
#define PDT1_E1_REFUSED			0x10	/* deny list, or N at its end */
#define PDT1_E1_REINSERT		0x20	/* no PIN before the next power-up */
#define PDT1_E1_PIN			0x40	/* PIN required */
#define PDT1_E2_OPT_EVICT		0x01
#define PDT1_PIN_LEN			8

/* Section 10: eviction policies; section 11: PIN policies */
#define PDT1_EVICT_NEVER		0
#define PDT1_EVICT_ACTIVITY		1
#define PDT1_EVICT_APPROVED		2
#define PDT1_PIN_NONE			0
#define PDT1_PIN_MODULE			1
#define PDT1_PIN_PAIR			2
#define PDT1_PIN_INDEXED		3
#define PDT1_RQ_MODULUS			1000000
#define PDT1_PIN_MODULUS		100000000

/* Section 12: envelopes */
#define PDT1_ENV_APPLICATION		0x00
#define PDT1_ENV_INNER			0x01
#define PDT1_ENV_FETCH			0x02
#define PDT1_ENV_MORE			0x01
#define PDT1_ENV_RSP_HEADER_LEN		3	/* u16 SW | u8 rf */
#define PDT1_ENV_OVERHEAD_CMD		16
#define PDT1_ENV_OVERHEAD_RSP		19
#define PDT1_SESSION_COMMANDS_MAX	(1U << 24)
#define PDT1_SESSION_REKEY_AT		(1U << 23)
#define PDT1_SESSION_REKEY_HOURS	24

/* Section 13: MANAGE */
#define PDT1_MANAGE_HEADER_LEN		20
#define PDT1_MANAGE_MIN_LEN		48
#define PDT1_MANAGE_VERSION		0x01
#define PDT1_MANAGE_SEQ_WINDOW		65536
#define PDT1_MANAGE_NEXP_ANY		0xffffffffU
#define PDT1_RECEIPT_LEN		24
#define PDT1_RECEIPT_MAC_LEN		16
#define PDT1_OP_UNBLOCK_PIN		0x01
#define PDT1_OP_REVOKE_HOST		0x02
#define PDT1_OP_UNREVOKE_HOST		0x03
#define PDT1_OP_SET_SLOTS		0x04
#define PDT1_OP_SET_POLICY		0x05
#define PDT1_OP_PUT_K			0x06
#define PDT1_OP_DEL_K			0x07
#define PDT1_OP_SET_MMIN		0x08
#define PDT1_OP_SET_KPIN		0x09
#define PDT1_OP_SET_KMG			0x0a
#define PDT1_OP_FREE_SLOT		0x0b
#define PDT1_OP_PIN_SLOT		0x0c
#define PDT1_OP_FREEZE			0x0e
#define PDT1_OP_UNFREEZE		0x0f
#define PDT1_OP_SET_FT			0x10

/* Status words */
#define PDT1_SW_OK			0x9000
#define PDT1_SW_PIN_WRONG		0x63c0	/* low nibble: tries left */
#define PDT1_SW_PIN_WRONG_MASK		0xfff0
#define PDT1_SW_MEMORY			0x6581
#define PDT1_SW_LENGTH			0x6700
#define PDT1_SW_CHANNEL			0x6881
#define PDT1_SW_CRYPTO			0x6982
#define PDT1_SW_BLOCKED			0x6983
#define PDT1_SW_STATE			0x6985
#define PDT1_SW_DATA			0x6a80
#define PDT1_SW_SUITE			0x6a81
#define PDT1_SW_NOT_FOUND		0x6a82
#define PDT1_SW_FULL			0x6a84
#define PDT1_SW_P1P2			0x6a86
#define PDT1_SW_NO_REFERENCE		0x6a88
#define PDT1_SW_INS			0x6d00
#define PDT1_SW_CLA			0x6e00

#endif /* _UAPI_LINUX_SMPAIR_PROTO_H */
