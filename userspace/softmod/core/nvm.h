/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Journal of records over a region of flash. Each record holds its old or its
 * new value after a cut at any instant; it knows nothing of what they mean.
 */
#ifndef SOFTMOD_CORE_NVM_H
#define SOFTMOD_CORE_NVM_H

#include <stdbool.h>
#include <stdint.h>

#include "softmod/core/port.h"

#define SM_NVM_IDS		128	/* records are numbered 0 to 127 */
#define SM_NVM_PAYLOAD_MAX	320	/* bytes in one record */

/**
 * struct sm_nvm - the mounted journal
 * @port: platform
 * @area: 0 or 1, the half in use
 * @generation: of that half; grows with each compaction
 * @seq: number of the last record
 * @tail: where the next record goes, relative to the half
 * @damaged_tail: bytes after @tail are not erased: compact before writing
 * @old_header: the other half has something where its header was: clear it
 *	before writing
 * @unsettled: what was read at mount could not be made stable: no writes
 * @offset: where the newest version of each record starts, 0 for none
 * @writes: records committed since mount
 * @compactions: moves to the other half since mount
 */
struct sm_nvm {
	const struct sm_port *port;
	uint8_t area;
	uint32_t generation;
	uint32_t seq;
	uint32_t tail;
	bool damaged_tail;
	bool old_header;
	bool unsettled;
	uint32_t offset[SM_NVM_IDS];
	uint64_t writes;
	uint64_t compactions;
};

/**
 * sm_nvm_mount() - find the newest version of each record
 * @nvm: filled in
 * @port: platform
 *
 * No byte of the region changes, whatever it holds: what a cut left behind is
 * put right by the first write. But the header and the last record are
 * programmed again with what they hold, in case a cut left them unstable; where
 * that fails, records can be read but not written until the next mount.
 *
 * Return: 0, SM_EVIRGIN, SM_EDAMAGED (also for another format or geometry) or
 * SM_EIO.
 */
int sm_nvm_mount(struct sm_nvm *nvm, const struct sm_port *port);

/**
 * sm_nvm_format_begin() - start a journal in an erased region
 * @nvm: filled in
 * @port: platform
 *
 * Records may be written at once; the journal counts only after
 * sm_nvm_format_end().
 *
 * Return: 0, SM_EEXIST when the region is not erased, SM_EIO.
 */
int sm_nvm_format_begin(struct sm_nvm *nvm, const struct sm_port *port);

/**
 * sm_nvm_format_end() - make the new journal valid
 * @nvm: as sm_nvm_format_begin() left it
 *
 * Return: 0 or SM_EIO.
 */
int sm_nvm_format_end(struct sm_nvm *nvm);

/**
 * sm_nvm_read() - read a record
 * @nvm: mounted journal
 * @id: record, below SM_NVM_IDS
 * @buf: receives the record
 * @size: bytes in @buf
 * @len: receives its length
 *
 * Return: 0, SM_ENOENT, SM_EDAMAGED (checksum, or longer than @size), SM_EIO.
 */
int sm_nvm_read(const struct sm_nvm *nvm, uint8_t id, void *buf, uint16_t size,
		uint16_t *len);

/**
 * sm_nvm_write() - replace a record, durably, and read it back
 * @nvm: mounted journal
 * @id: record, below SM_NVM_IDS
 * @buf: new contents
 * @len: bytes, at most SM_NVM_PAYLOAD_MAX
 *
 * Return: 0; SM_EINVAL; SM_EIO, and then this mount keeps the old value,
 * whereas the next may find either.
 */
int sm_nvm_write(struct sm_nvm *nvm, uint8_t id, const void *buf,
		 uint16_t len);

#endif /* SOFTMOD_CORE_NVM_H */
