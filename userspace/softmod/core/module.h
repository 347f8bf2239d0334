/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PDT1 security module: power, reset, and one command at a time. The caller
 * provides the memory; there is no other state.
 */
#ifndef SOFTMOD_CORE_MODULE_H
#define SOFTMOD_CORE_MODULE_H

#include <linux/smpair_proto.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "softmod/core/config.h"
#include "softmod/core/error.h"
#include "softmod/core/port.h"
#include "softmod/core/store.h"

/* Status word for a failure of the platform that no other word fits */
#define SM_SW_PLATFORM		0x6f00

/* Longest command and answer on the link: header, extended Lc and Le; data
 * and status word.
 */
#define SM_COMMAND_MAX		(4 + 3 + SM_MAXC + 2)
#define SM_RESPONSE_MAX		(SM_MAXR + 2)

struct sm_module;

/**
 * typedef sm_app_fn - the application behind the envelope
 * @ctx: as in struct sm_app
 * @m: the module, for sm_app_random() and sm_app_key() only
 * @cmd: message from the host, complete and authentic
 * @len: its bytes, at most MAXM
 * @rsp: receives the answer; does not overlap @cmd
 * @size: bytes in @rsp, MAXM
 * @rsp_len: receives the answer's bytes, 0 on entry
 *
 * Called only inside a session that is not restricted.
 *
 * Return: the inner status word.
 */
typedef uint16_t (*sm_app_fn)(void *ctx, struct sm_module *m,
			      const uint8_t *cmd, size_t len, uint8_t *rsp,
			      size_t size, size_t *rsp_len);

/**
 * struct sm_app - the application
 * @message: called for each message
 * @ctx: passed to it
 */
struct sm_app {
	sm_app_fn message;
	void *ctx;
};

/**
 * enum sm_state - protocol state (section 9)
 * @SM_OFF: no power
 * @SM_VIRGIN: not personalised
 * @SM_FATAL: the records are damaged
 * @SM_IDLE: neither handshake nor session. A frozen module is always here
 * @SM_PAIRING: BEGIN was answered
 * @SM_OPENED: OPEN was answered, the host is not authenticated yet
 * @SM_SESSION: both ends are authenticated
 */
enum sm_state {
	SM_OFF,
	SM_VIRGIN,
	SM_FATAL,
	SM_IDLE,
	SM_PAIRING,
	SM_OPENED,
	SM_SESSION,
};

/**
 * struct sm_pairing - handshake between BEGIN and CONFIRM
 * @sn: host
 * @rights: from its cryptogram
 * @flags: E1 flags
 * @slot: slot byte of E1
 * @t1: transcript hash T1
 * @e1: E1 as sent
 * @kpm: key of the module's answers
 * @kph: key of the host's command
 * @xp: input of the session keys
 * @ka: candidate pairing key
 */
struct sm_pairing {
	uint8_t sn[PDT1_ID_LEN];
	uint16_t rights;
	uint8_t flags;
	uint8_t slot;
	uint8_t t1[PDT1_HASH_LEN];
	uint8_t e1[PDT1_E1_LEN];
	uint8_t kpm[PDT1_KEY_LEN];
	uint8_t kph[PDT1_KEY_LEN];
	uint8_t xp[PDT1_KEY_LEN];
	uint8_t ka[PDT1_KEY_LEN];
};

/**
 * struct sm_session - session, or one that waits for its first envelope
 * @slot: slot of the host
 * @restricted: only REWRAP, UNPAIR, CLOSE and GET INFO
 * @prks: root of the session's keys
 * @h2m: key and iv of commands
 * @m2h: key and iv of answers
 * @n: commands so far
 * @collecting: chunks of a command have arrived
 * @collect_type: their type
 * @collected: their bytes, in the module's @message
 * @out_pending: parts of an answer are waiting
 * @out_sw: status word of that answer
 * @out_len: its bytes, in the module's @answer
 * @out_sent: bytes already sent
 */
struct sm_session {
	uint8_t slot;
	bool restricted;
	uint8_t prks[PDT1_KEY_LEN];
	uint8_t h2m[PDT1_KEY_LEN + PDT1_NONCE_LEN];
	uint8_t m2h[PDT1_KEY_LEN + PDT1_NONCE_LEN];
	uint32_t n;
	bool collecting;
	uint8_t collect_type;
	uint32_t collected;
	bool out_pending;
	uint16_t out_sw;
	uint32_t out_len;
	uint32_t out_sent;
};

/**
 * struct sm_counters - traffic since power-up
 * @apdus: commands answered
 * @bytes_in: bytes of commands
 * @bytes_out: bytes of answers, status words included
 */
struct sm_counters {
	uint64_t apdus;
	uint64_t bytes_in;
	uint64_t bytes_out;
};

/**
 * struct sm_module - one module
 * @port: platform
 * @app: application
 * @state: protocol state
 * @store: records
 * @boot_pending: BOOT could not be written: only GET INFO answers
 * @blocked: a pairing was cut short after its commit: recovery must run first
 * @write_failed: run the recovery at the next reset or SELECT
 * @volatile_counter: makes each drawn secret differ, even from a stuck RNG
 * @wrong_pins: since power-up
 * @verifications: positive ones of each slot since power-up
 * @pairing: valid in SM_PAIRING
 * @session: valid in SM_OPENED and SM_SESSION
 * @counters: traffic
 * @scratch: plaintext of the command in progress
 * @message: chunks of a command
 * @answer: answer in parts
 */
struct sm_module {
	struct sm_port port;
	struct sm_app app;
	enum sm_state state;
	struct sm_store store;
	bool boot_pending;
	bool blocked;
	bool write_failed;
	uint32_t volatile_counter;
	uint8_t wrong_pins;
	uint32_t verifications[PDT1_SLOTS_MAX];
	struct sm_pairing pairing;
	struct sm_session session;
	struct sm_counters counters;
	uint8_t scratch[SM_MAXC];
	uint8_t message[SM_MAXM];
	uint8_t answer[SM_MAXM];
};

/**
 * sm_power_up() - cold start
 * @m: caller's memory; what it held is lost
 * @port: platform; copied, what it points to must outlive the module
 * @app: application; copied
 *
 * Runs the recovery and counts the power-up before any command is answered.
 * Whatever is returned, the module then answers commands as its state allows.
 *
 * Return: 0; SM_EVIRGIN not personalised; SM_EDAMAGED records damaged, left as
 * they are; SM_EIO the flash failed, only GET INFO answers.
 */
int sm_power_up(struct sm_module *m, const struct sm_port *port,
		const struct sm_app *app);

/**
 * sm_reset() - warm reset
 * @m: module that was powered up
 *
 * Ends handshake and session. The count of wrong PINs survives. Runs the
 * recovery where a write had failed.
 */
void sm_reset(struct sm_module *m);

/**
 * sm_apdu() - execute one command
 * @m: module
 * @cmd: command APDU, short or extended form; any bytes are allowed
 * @len: its bytes
 * @rsp: receives data and status word
 * @size: bytes in @rsp, at least SM_RESPONSE_MAX; must not overlap @cmd
 * @rsp_len: receives the answer's bytes, at least 2
 *
 * Return: 0, SM_EOFF when the module has no power, SM_EINVAL when @size is too
 * small. All refusals by the protocol are status words.
 */
int sm_apdu(struct sm_module *m, const uint8_t *cmd, size_t len, uint8_t *rsp,
	    size_t size, size_t *rsp_len);

/**
 * sm_power_down() - remove the power: wipe everything that is not in flash
 * @m: module; may be powered up again
 */
void sm_power_down(struct sm_module *m);

/**
 * sm_app_random() - random bytes for the application
 * @m: module
 * @buf: receives them
 * @len: how many
 *
 * Return: 0 or SM_EIO.
 */
int sm_app_random(struct sm_module *m, void *buf, size_t len);

/**
 * sm_app_key() - a key of the application, that never leaves the module
 * @m: module, personalised
 * @label: names the key; starts with "app-", at most 31 characters
 * @key: receives 32 bytes; the caller wipes them
 *
 * Return: 0, SM_EINVAL for a bad label, SM_EIO.
 */
int sm_app_key(struct sm_module *m, const char *label,
	       uint8_t key[PDT1_KEY_LEN]);

#endif /* SOFTMOD_CORE_MODULE_H */
