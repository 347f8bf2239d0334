/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * /dev/smpair_virt: a module link whose far end is a process.
 *
 * One open file is at most one module. The process writes ATTACH to insert the
 * module, reads COMMAND and RESET events, and writes a RESPONSE to each with
 * the id of the event. Closing the file is surprise removal. Every read() and
 * write() carries exactly one event: a struct smpair_virt_event followed by
 * @len bytes of payload. Integers are in host byte order.
 *
 * Errors of write(): EINVAL (shorter than the header, @len does not match the
 * bytes written, @flags or @reserved not zero, malformed payload), EMSGSIZE
 * (payload above SMPAIR_VIRT_DATA_MAX), EOPNOTSUPP (unknown type), EBUSY (a
 * second ATTACH), ENODEV (RESPONSE before ATTACH, or the module is gone).
 * A RESPONSE whose id is not that of the pending event is accepted, dropped and
 * counted. Errors of read(): EAGAIN with O_NONBLOCK, EMSGSIZE when the buffer
 * is too small for the event (which stays queued), ENODEV after removal.
 */
#ifndef _UAPI_LINUX_SMPAIR_VIRT_H
#define _UAPI_LINUX_SMPAIR_VIRT_H

#include <linux/types.h>

#define SMPAIR_VIRT_VERSION	1
#define SMPAIR_VIRT_ATR_MAX	33	/* ISO 7816-3 */
/* Longest ISO 7816-4 command: header 4, extended Lc 3, data 65535, Le 2 */
#define SMPAIR_VIRT_DATA_MAX	65544

/**
 * enum smpair_virt_event_type - what an event asks or answers
 * @SMPAIR_VIRT_ATTACH: written once; payload is struct smpair_virt_attach
 * @SMPAIR_VIRT_RESPONSE: written; payload is the response APDU (2 to 65538
 *	bytes) to a COMMAND, or the answer-to-reset (2 to 33 bytes) to a RESET
 * @SMPAIR_VIRT_COMMAND: read; payload is one command APDU
 * @SMPAIR_VIRT_RESET: read; warm reset, no payload
 */
enum smpair_virt_event_type {
	SMPAIR_VIRT_ATTACH = 1,
	SMPAIR_VIRT_RESPONSE = 2,
	SMPAIR_VIRT_COMMAND = 16,
	SMPAIR_VIRT_RESET = 17,
};

/**
 * struct smpair_virt_event - header of every event
 * @type: one of enum smpair_virt_event_type
 * @len: bytes of payload that follow, 0 to SMPAIR_VIRT_DATA_MAX
 * @id: chosen by the kernel for COMMAND and RESET, never used twice in one
 *	file; repeated in the RESPONSE; zero in ATTACH
 * @flags: zero
 * @reserved: zero
 */
struct smpair_virt_event {
	__u32 type;
	__u32 len;
	__u64 id;
	__u32 flags;
	__u32 reserved;
};

/**
 * struct smpair_virt_attach - payload of ATTACH
 * @version: SMPAIR_VIRT_VERSION
 * @atr_len: valid bytes in @atr, 2 to SMPAIR_VIRT_ATR_MAX
 * @atr: answer-to-reset
 * @reserved: zero
 */
struct smpair_virt_attach {
	__u32 version;
	__u8 atr_len;
	__u8 atr[SMPAIR_VIRT_ATR_MAX];
	__u8 reserved[2];
};

#endif /* _UAPI_LINUX_SMPAIR_VIRT_H */
