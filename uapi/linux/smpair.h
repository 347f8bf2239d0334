/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	netlink/specs/smpair.yaml */
/* YNL-GEN uapi header */

#ifndef _UAPI_LINUX_SMPAIR_H
#define _UAPI_LINUX_SMPAIR_H

#define SMPAIR_FAMILY_NAME	"smpair"
#define SMPAIR_FAMILY_VERSION	1

#define SMPAIR_ID_LEN			8
#define SMPAIR_SID_LEN			4
#define SMPAIR_CY_LEN			84
#define SMPAIR_CY_MAX			8
#define SMPAIR_MANAGE_MAX		4096
#define SMPAIR_NONCE_LEN		16
#define SMPAIR_REQUEST_TIMEOUT_DEFAULT	300
#define SMPAIR_REQUEST_TIMEOUT_MAX	3600

/**
 * enum smpair_state - What the host knows of a module.
 * @SMPAIR_STATE_PROBING: The module was just inserted; reset, SELECT and INFO
 *   are under way.
 * @SMPAIR_STATE_UNSUPPORTED: Not a PDT1 module, or it answers nothing that
 *   makes sense.
 * @SMPAIR_STATE_UNSERVICEABLE: The module is frozen, virgin or fatally
 *   damaged; cause says which.
 * @SMPAIR_STATE_IDENTIFIED: INFO was read, and whether the pairing stands is
 *   not known: no host credentials are loaded, or the link failed while
 *   asking; cause says which.
 * @SMPAIR_STATE_OPENING: The pairing is being verified.
 * @SMPAIR_STATE_UNPAIRED: The module does not know this host under any MHKey
 *   generation.
 * @SMPAIR_STATE_PAIRING: From PAIR BEGIN to the verdict, the wait for a PIN
 *   included.
 * @SMPAIR_STATE_PAIRED: The pairing was positively verified; a session is
 *   open.
 * @SMPAIR_STATE_RESTRICTED: Paired under an MHKey generation that the module
 *   no longer accepts; exchange is refused until REWRAP.
 * @SMPAIR_STATE_CLOSED: Paired, and the session was closed; the next exchange
 *   opens it.
 * @SMPAIR_STATE_ALARM: A cryptographic check failed; cause says which. Only
 *   re-insertion or new host credentials leave this state.
 */
enum smpair_state {
	SMPAIR_STATE_PROBING,
	SMPAIR_STATE_UNSUPPORTED,
	SMPAIR_STATE_UNSERVICEABLE,
	SMPAIR_STATE_IDENTIFIED,
	SMPAIR_STATE_OPENING,
	SMPAIR_STATE_UNPAIRED,
	SMPAIR_STATE_PAIRING,
	SMPAIR_STATE_PAIRED,
	SMPAIR_STATE_RESTRICTED,
	SMPAIR_STATE_CLOSED,
	SMPAIR_STATE_ALARM,
};

/**
 * enum smpair_cause - Why a state was reached or an operation failed; one
 *   value for each conclusion of section 14 of the protocol and for each local
 *   cause.
 * @SMPAIR_CAUSE_NOT_PDT1: SELECT was refused (6A82 or another status).
 * @SMPAIR_CAUSE_BAD_INFO: INFO is malformed.
 * @SMPAIR_CAUSE_FATAL: The module reports a fatal fault of its memory.
 * @SMPAIR_CAUSE_NOT_PAIRED: OPEN was answered 6A88 in all MHKey generations.
 * @SMPAIR_CAUSE_RESTRICTED: The pairing is restricted and the host holds no
 *   newer MHKey generation.
 * @SMPAIR_CAUSE_NO_HOST: No host credentials are loaded.
 * @SMPAIR_CAUSE_FOREIGN_DOMAIN: PAIR BEGIN was answered 6A88 for every host
 *   cryptogram.
 * @SMPAIR_CAUSE_CY_REJECTED: PAIR BEGIN was answered 6982, the host cryptogram
 *   is not authentic for this module.
 * @SMPAIR_CAUSE_FAKE_MODULE: E1 does not verify; the module does not hold the
 *   key of the domain.
 * @SMPAIR_CAUSE_REFUSED: The module refuses this host (deny list, or its
 *   pairing index is exhausted).
 * @SMPAIR_CAUSE_REINSERT: No PIN is accepted before the next power-up of the
 *   module.
 * @SMPAIR_CAUSE_FULL: No slot is free and none may be evicted.
 * @SMPAIR_CAUSE_NO_CONSENT: Eviction is needed and nobody consented to it.
 * @SMPAIR_CAUSE_STILL_HELD: OPEN said unpaired, yet the module holds a pairing
 *   of this host; the link was tampered with or an MHKey generation is
 *   missing.
 * @SMPAIR_CAUSE_OLD_MHKEY: The newest MHKey generation of the host is below
 *   the module's minimum.
 * @SMPAIR_CAUSE_BAD_PDC: The pairing data from the slot does not verify.
 * @SMPAIR_CAUSE_BAD_MAC: The module does not prove knowledge of the pairing
 *   key.
 * @SMPAIR_CAUSE_ROLLBACK: The pairing index is lower than when this pairing
 *   was made.
 * @SMPAIR_CAUSE_WRONG_MODULE: Two authentic sources disagree on the module
 *   identifier.
 * @SMPAIR_CAUSE_PIN_STALE: Module, index or request code changed after the PIN
 *   was obtained; no try was spent.
 * @SMPAIR_CAUSE_MODULE_MEMORY: The module could not write its memory (6581).
 * @SMPAIR_CAUSE_CONFIRM_LOST: The verdict was lost and a new OPEN showed that
 *   the pairing did not happen.
 * @SMPAIR_CAUSE_LINK_ERROR: The link failed, or an answer makes no sense.
 * @SMPAIR_CAUSE_TIMEOUT: The module did not answer in time.
 * @SMPAIR_CAUSE_SESSION_LOST: The session ended; the command may have been
 *   executed.
 * @SMPAIR_CAUSE_UNSTABLE: Three sessions in a row were lost.
 * @SMPAIR_CAUSE_MODULE_REFUSED: The module answered with an inner status that
 *   is not 9000; see status-word.
 * @SMPAIR_CAUSE_GONE: The module was removed.
 * @SMPAIR_CAUSE_NO_AGENT: A PIN or consent is needed and no agent is
 *   registered.
 * @SMPAIR_CAUSE_AGENT_LOST: The agent that accepted the request closed its
 *   socket.
 * @SMPAIR_CAUSE_HOST_CHANGED: Host credentials were replaced or cleared
 *   meanwhile.
 * @SMPAIR_CAUSE_NO_MEMORY: The kernel ran out of memory or of cryptographic
 *   resources.
 */
enum smpair_cause {
	SMPAIR_CAUSE_NONE,
	SMPAIR_CAUSE_NOT_PDT1,
	SMPAIR_CAUSE_BAD_INFO,
	SMPAIR_CAUSE_FROZEN,
	SMPAIR_CAUSE_VIRGIN,
	SMPAIR_CAUSE_FATAL,
	SMPAIR_CAUSE_NOT_PAIRED,
	SMPAIR_CAUSE_RESTRICTED,
	SMPAIR_CAUSE_NO_HOST,
	SMPAIR_CAUSE_FOREIGN_DOMAIN,
	SMPAIR_CAUSE_CY_REJECTED,
	SMPAIR_CAUSE_FAKE_MODULE,
	SMPAIR_CAUSE_REFUSED,
	SMPAIR_CAUSE_REINSERT,
	SMPAIR_CAUSE_PIN_BLOCKED,
	SMPAIR_CAUSE_FULL,
	SMPAIR_CAUSE_NO_CONSENT,
	SMPAIR_CAUSE_STILL_HELD,
	SMPAIR_CAUSE_OLD_MHKEY,
	SMPAIR_CAUSE_BAD_PDC,
	SMPAIR_CAUSE_BAD_MAC,
	SMPAIR_CAUSE_ROLLBACK,
	SMPAIR_CAUSE_WRONG_MODULE,
	SMPAIR_CAUSE_PIN_WRONG,
	SMPAIR_CAUSE_PIN_MALFORMED,
	SMPAIR_CAUSE_PIN_STALE,
	SMPAIR_CAUSE_MODULE_MEMORY,
	SMPAIR_CAUSE_CONFIRM_LOST,
	SMPAIR_CAUSE_LINK_ERROR,
	SMPAIR_CAUSE_TIMEOUT,
	SMPAIR_CAUSE_SESSION_LOST,
	SMPAIR_CAUSE_UNSTABLE,
	SMPAIR_CAUSE_MODULE_REFUSED,
	SMPAIR_CAUSE_GONE,
	SMPAIR_CAUSE_CANCELLED,
	SMPAIR_CAUSE_NO_AGENT,
	SMPAIR_CAUSE_AGENT_TIMEOUT,
	SMPAIR_CAUSE_AGENT_LOST,
	SMPAIR_CAUSE_DECLINED,
	SMPAIR_CAUSE_CENTRE_REFUSED,
	SMPAIR_CAUSE_CENTRE_UNREACHABLE,
	SMPAIR_CAUSE_HOST_CHANGED,
	SMPAIR_CAUSE_SUSPENDED,
	SMPAIR_CAUSE_NO_MEMORY,
};

enum smpair_pin_policy {
	SMPAIR_PIN_POLICY_NONE,
	SMPAIR_PIN_POLICY_MODULE,
	SMPAIR_PIN_POLICY_PAIR,
	SMPAIR_PIN_POLICY_INDEXED,
};

enum smpair_evict_policy {
	SMPAIR_EVICT_POLICY_NEVER,
	SMPAIR_EVICT_POLICY_ACTIVITY,
	SMPAIR_EVICT_POLICY_APPROVED,
};

/**
 * enum smpair_slot_flags
 * @SMPAIR_SLOT_FLAGS_SELF: The slot of this host.
 */
enum smpair_slot_flags {
	SMPAIR_SLOT_FLAGS_USED = 1,
	SMPAIR_SLOT_FLAGS_PINNED = 2,
	SMPAIR_SLOT_FLAGS_SELF = 4,
};

/**
 * enum smpair_plan - What pairing would do; from the authenticated answer to
 *   PAIR BEGIN.
 * @SMPAIR_PLAN_SAME: The slot that this host already has.
 * @SMPAIR_PLAN_FREE: A free slot.
 * @SMPAIR_PLAN_EVICT: The pairing in the slot would be replaced.
 * @SMPAIR_PLAN_PIN: A PIN is needed.
 */
enum smpair_plan {
	SMPAIR_PLAN_SAME = 1,
	SMPAIR_PLAN_FREE = 2,
	SMPAIR_PLAN_EVICT = 4,
	SMPAIR_PLAN_EVICT_PERMITTED = 8,
	SMPAIR_PLAN_REFUSED = 16,
	SMPAIR_PLAN_REINSERT = 32,
	SMPAIR_PLAN_PIN = 64,
};

/**
 * enum smpair_answer - How an agent answers a request.
 */
enum smpair_answer {
	SMPAIR_ANSWER_ACCEPTED,
	SMPAIR_ANSWER_DECLINED,
	SMPAIR_ANSWER_CENTRE_REFUSED,
	SMPAIR_ANSWER_CENTRE_UNREACHABLE,
};

enum {
	SMPAIR_A_DEV_ID = 1,
	SMPAIR_A_DEV_NAME,
	SMPAIR_A_DEV_TRANSPORT,
	SMPAIR_A_DEV_STATE,
	SMPAIR_A_DEV_CAUSE,
	SMPAIR_A_DEV_MODULE_ID,
	SMPAIR_A_DEV_DOMAIN,
	SMPAIR_A_DEV_SLOTS,
	SMPAIR_A_DEV_SLOTS_FREE,
	SMPAIR_A_DEV_PIN_POLICY,
	SMPAIR_A_DEV_EVICT_POLICY,
	SMPAIR_A_DEV_TRIES_LEFT,
	SMPAIR_A_DEV_TRIES_MAX,
	SMPAIR_A_DEV_MAX_MESSAGE,
	SMPAIR_A_DEV_INDEX,
	SMPAIR_A_DEV_SLOT,
	SMPAIR_A_DEV_GENERATION,
	SMPAIR_A_DEV_SESSION_AGE,
	SMPAIR_A_DEV_SESSION_COMMANDS,
	SMPAIR_A_DEV_REKEYS,

	__SMPAIR_A_DEV_MAX,
	SMPAIR_A_DEV_MAX = (__SMPAIR_A_DEV_MAX - 1)
};

enum {
	SMPAIR_A_SLOT_DEV_ID = 1,
	SMPAIR_A_SLOT_INDEX,
	SMPAIR_A_SLOT_FLAGS,
	SMPAIR_A_SLOT_ACTIVITY,
	SMPAIR_A_SLOT_PAIRED_AT,
	SMPAIR_A_SLOT_SID,

	__SMPAIR_A_SLOT_MAX,
	SMPAIR_A_SLOT_MAX = (__SMPAIR_A_SLOT_MAX - 1)
};

enum {
	SMPAIR_A_CY_INFO_DOMAIN = 1,
	SMPAIR_A_CY_INFO_GENERATION,

	__SMPAIR_A_CY_INFO_MAX,
	SMPAIR_A_CY_INFO_MAX = (__SMPAIR_A_CY_INFO_MAX - 1)
};

enum {
	SMPAIR_A_HOST_KEY = 1,
	SMPAIR_A_HOST_CY,
	SMPAIR_A_HOST_HOST_ID,
	SMPAIR_A_HOST_GENERATION,
	SMPAIR_A_HOST_CY_INFO,

	__SMPAIR_A_HOST_MAX,
	SMPAIR_A_HOST_MAX = (__SMPAIR_A_HOST_MAX - 1)
};

enum {
	SMPAIR_A_OP_DEV_ID = 1,
	SMPAIR_A_OP_ID,
	SMPAIR_A_OP_PLAN_ONLY,
	SMPAIR_A_OP_OWN_AGENT,
	SMPAIR_A_OP_AGAIN,
	SMPAIR_A_OP_TIMEOUT,
	SMPAIR_A_OP_COMMAND,
	SMPAIR_A_OP_ERROR,
	SMPAIR_A_OP_CAUSE,
	SMPAIR_A_OP_STATUS_WORD,
	SMPAIR_A_OP_PLAN,
	SMPAIR_A_OP_SLOT,
	SMPAIR_A_OP_TRIES_LEFT,
	SMPAIR_A_OP_INDEX,
	SMPAIR_A_OP_REQUEST_CODE,
	SMPAIR_A_OP_PIN_POLICY,
	SMPAIR_A_OP_MODULE_ID,
	SMPAIR_A_OP_HOST_ID,
	SMPAIR_A_OP_RECEIPT,
	SMPAIR_A_OP_NONCE,
	SMPAIR_A_OP_REPORT,

	__SMPAIR_A_OP_MAX,
	SMPAIR_A_OP_MAX = (__SMPAIR_A_OP_MAX - 1)
};

enum {
	SMPAIR_A_AGENT_PRIORITY = 1,
	SMPAIR_A_AGENT_HIGHEST,

	__SMPAIR_A_AGENT_MAX,
	SMPAIR_A_AGENT_MAX = (__SMPAIR_A_AGENT_MAX - 1)
};

enum {
	SMPAIR_A_REQ_ID = 1,
	SMPAIR_A_REQ_DEV_ID,
	SMPAIR_A_REQ_OP_ID,
	SMPAIR_A_REQ_MODULE_ID,
	SMPAIR_A_REQ_HOST_ID,
	SMPAIR_A_REQ_INDEX,
	SMPAIR_A_REQ_REQUEST_CODE,
	SMPAIR_A_REQ_PIN_POLICY,
	SMPAIR_A_REQ_PLAN,
	SMPAIR_A_REQ_SLOT,
	SMPAIR_A_REQ_TRIES_LEFT,
	SMPAIR_A_REQ_DEADLINE_MS,
	SMPAIR_A_REQ_ANSWER,
	SMPAIR_A_REQ_PIN_KEY,
	SMPAIR_A_REQ_CONSENT,

	__SMPAIR_A_REQ_MAX,
	SMPAIR_A_REQ_MAX = (__SMPAIR_A_REQ_MAX - 1)
};

enum {
	SMPAIR_CMD_DEV_GET = 1,
	SMPAIR_CMD_DEV_ADD_NTF,
	SMPAIR_CMD_DEV_DEL_NTF,
	SMPAIR_CMD_DEV_CHANGE_NTF,
	SMPAIR_CMD_SLOT_GET,
	SMPAIR_CMD_HOST_SET,
	SMPAIR_CMD_HOST_CLEAR,
	SMPAIR_CMD_HOST_GET,
	SMPAIR_CMD_OPEN,
	SMPAIR_CMD_CLOSE,
	SMPAIR_CMD_PAIR,
	SMPAIR_CMD_PAIR_CANCEL,
	SMPAIR_CMD_UNPAIR,
	SMPAIR_CMD_MANAGE,
	SMPAIR_CMD_OP_DONE,
	SMPAIR_CMD_AGENT_REGISTER,
	SMPAIR_CMD_AGENT_GET,
	SMPAIR_CMD_AGENT_CHANGE,
	SMPAIR_CMD_REQ_READY,
	SMPAIR_CMD_REQ_ACCEPT,
	SMPAIR_CMD_REQ_DONE,
	SMPAIR_CMD_REPORT,

	__SMPAIR_CMD_MAX,
	SMPAIR_CMD_MAX = (__SMPAIR_CMD_MAX - 1)
};

#define SMPAIR_MCGRP_MONITOR	"monitor"
#define SMPAIR_MCGRP_AGENTS	"agents"

#endif /* _UAPI_LINUX_SMPAIR_H */
