// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The region is split into two halves. One is in use: a header, then records
 * one behind the other, numbered without gaps:
 *
 *	header 28: "SMNV" | u16 format | u16 min_format | u32 region size |
 *		   u32 block size | u32 generation | u32 first number | u32 CRC
 *	record:    u8 id | u8 ~id | u16 len | u32 number | payload | u32 CRC
 *
 * Programming only clears bits, so a record is written once, where all is
 * erased, by one program operation, with its checksum at the end. It counts
 * when the checksum is right. Power that fails in the middle leaves bytes that
 * no checksum covers at the end of the journal; that, and only that, is passed
 * over at mount, and the next write moves the journal to the other half first.
 * Bytes that are wrong anywhere else mean a damaged region, which is reported
 * and left alone. (A damaged *last* record cannot be told from a torn one.)
 *
 * A cut may also leave bits between two levels, which read as they like until
 * they are programmed again. Only what was written last can be hit. So mounting
 * programs the last record and the header once more with what it has read and
 * found sound, before anything is concluded from them; looks several times
 * whether the place of the next record is erased; and a header of the other
 * half that is neither erased nor cleared is cleared before the next write,
 * whether it looks valid or not.
 *
 * Compaction: erase the other half, check that it is, copy the newest version of each record,
 * make it durable, write the header (the commit point), then clear the header
 * of the old half, so that damage to the new header can never bring the past
 * back. A cut before the header leaves the old half; after it, the new one.
 */
#include <string.h>

#include "softmod/core/bytes.h"
#include "softmod/core/crc.h"
#include "softmod/core/error.h"
#include "softmod/core/nvm.h"

#define FORMAT		1	/* what this code writes */
#define HEADER_LEN	28
#define RECORD_HEADER	8
#define RECORD_CRC	4
#define RECORD_EXTRA	(RECORD_HEADER + RECORD_CRC)
#define RECORD_MAX	(RECORD_EXTRA + SM_NVM_PAYLOAD_MAX)
#define HALF_MIN	8192	/* all records of a full module fit */
#define REGION_MAX	0x1000000
#define TAIL_LOOKS	16	/* before bytes are taken for erased */

static const uint8_t magic[4] = { 'S', 'M', 'N', 'V' };

static uint32_t half_size(const struct sm_nvm *nvm)
{
	return nvm->port->flash_size / 2;
}

static int read_at(const struct sm_nvm *nvm, uint8_t area, uint32_t off,
		   void *buf, uint32_t len)
{
	const struct sm_port *port = nvm->port;

	return port->flash_read(port->ctx, area * half_size(nvm) + off, buf,
				len) ? SM_EIO : 0;
}

/* Programs, makes durable, reads back. */
static int program_at(const struct sm_nvm *nvm, uint8_t area, uint32_t off,
		      const uint8_t *buf, uint32_t len)
{
	const struct sm_port *port = nvm->port;
	uint8_t back[RECORD_MAX];
	int err = 0;

	if (port->flash_program(port->ctx, area * half_size(nvm) + off, buf,
				len) ||
	    port->flash_sync(port->ctx) ||
	    read_at(nvm, area, off, back, len) || !sm_equal(buf, back, len))
		err = SM_EIO;

	sm_wipe(back, sizeof(back));
	return err;
}

static int range_is_erased(const struct sm_nvm *nvm, uint8_t area,
			   uint32_t off, uint32_t end, bool *erased)
{
	uint8_t buf[256];

	*erased = true;
	while (off < end && *erased) {
		uint32_t len = end - off < sizeof(buf) ? end - off :
							 sizeof(buf);
		uint32_t i;

		if (read_at(nvm, area, off, buf, len))
			return SM_EIO;
		for (i = 0; i < len; i++)
			if (buf[i] != 0xff)
				*erased = false;
		off += len;
	}
	return 0;
}

static int is_erased(const struct sm_nvm *nvm, uint8_t area, uint32_t off,
		     bool *erased)
{
	return range_is_erased(nvm, area, off, half_size(nvm), erased);
}

static bool geometry_usable(const struct sm_port *port)
{
	return port->flash_block && port->flash_size <= REGION_MAX &&
	       port->flash_size / 2 >= HALF_MIN &&
	       port->flash_size % (2 * port->flash_block) == 0;
}

static void header_encode(const struct sm_nvm *nvm, uint32_t generation,
			  uint32_t first, uint8_t h[HEADER_LEN])
{
	memcpy(h, magic, sizeof(magic));
	sm_put16(h + 4, FORMAT);
	sm_put16(h + 6, FORMAT);
	sm_put32(h + 8, nvm->port->flash_size);
	sm_put32(h + 12, nvm->port->flash_block);
	sm_put32(h + 16, generation);
	sm_put32(h + 20, first);
	sm_put32(h + 24, sm_crc32(0, h, HEADER_LEN - 4));
}

struct header {
	uint8_t bytes[HEADER_LEN];
	bool blank;	/* erased or cleared */
	bool valid;	/* written by a known or a later format */
	bool usable;	/* and this code can work with it */
	uint32_t generation;
	uint32_t first;
};

static bool all_equal(const uint8_t *p, uint32_t len, uint8_t value)
{
	while (len && p[len - 1] == value)
		len--;
	return !len;
}

static int header_read(const struct sm_nvm *nvm, uint8_t area,
		       struct header *hdr)
{
	uint8_t *h = hdr->bytes;

	if (read_at(nvm, area, 0, h, HEADER_LEN))
		return SM_EIO;

	hdr->blank = all_equal(h, HEADER_LEN, 0xff) ||
		     all_equal(h, HEADER_LEN, 0);
	hdr->valid = sm_equal(h, magic, sizeof(magic)) &&
		     sm_get32(h + 24) == sm_crc32(0, h, HEADER_LEN - 4);
	hdr->usable = hdr->valid && sm_get16(h + 4) >= FORMAT &&
		      sm_get16(h + 6) <= FORMAT &&
		      sm_get32(h + 8) == nvm->port->flash_size &&
		      sm_get32(h + 12) == nvm->port->flash_block;
	hdr->generation = sm_get32(h + 16);
	hdr->first = sm_get32(h + 20);
	return 0;
}

/* A record that starts at @off? Its length goes to @total,
 * 0 when there is none; @rec must hold RECORD_MAX bytes.
 */
static int record_read(const struct sm_nvm *nvm, uint32_t off, uint8_t *rec,
		       uint32_t *total)
{
	uint32_t end = half_size(nvm);
	uint32_t len;

	*total = 0;
	if (off + RECORD_EXTRA > end)
		return 0;
	if (read_at(nvm, nvm->area, off, rec, RECORD_HEADER))
		return SM_EIO;

	len = sm_get16(rec + 2);
	if (rec[0] >= SM_NVM_IDS || (rec[0] ^ rec[1]) != 0xff ||
	    len > SM_NVM_PAYLOAD_MAX || off + RECORD_EXTRA + len > end)
		return 0;
	if (read_at(nvm, nvm->area, off + RECORD_HEADER, rec + RECORD_HEADER,
		    len + RECORD_CRC))
		return SM_EIO;
	if (sm_get32(rec + RECORD_HEADER + len) ==
	    sm_crc32(0, rec, RECORD_HEADER + len))
		*total = RECORD_EXTRA + len;
	return 0;
}

/* What follows the last good record: nothing, one torn record, or damage. */
static int check_tail(struct sm_nvm *nvm, uint8_t *rec)
{
	uint32_t end = half_size(nvm);
	uint32_t off = nvm->tail;
	uint32_t total;
	bool erased;
	int i;

	if (is_erased(nvm, nvm->area, off, &erased))
		return SM_EIO;
	for (i = 0; erased && i < TAIL_LOOKS; i++)
		if (range_is_erased(nvm, nvm->area, off,
				    end - off < RECORD_MAX ?
				    end : off + RECORD_MAX, &erased))
			return SM_EIO;
	if (erased)
		return 0;

	nvm->damaged_tail = true;
	if (off + RECORD_MAX < end) {
		if (is_erased(nvm, nvm->area, off + RECORD_MAX, &erased))
			return SM_EIO;
		if (!erased)
			return SM_EDAMAGED;
	}
	/* Nothing is ever written behind a torn record, so a good one there
	 * means that one before it was damaged later.
	 */
	for (off++; off < end && off < nvm->tail + RECORD_MAX; off++) {
		if (record_read(nvm, off, rec, &total))
			return SM_EIO;
		if (total)
			return SM_EDAMAGED;
	}
	return 0;
}

static int scan(struct sm_nvm *nvm, uint32_t first)
{
	uint8_t rec[RECORD_MAX];
	uint8_t last[RECORD_MAX];
	uint32_t total, last_len = 0;
	int err;

	nvm->tail = HEADER_LEN;
	nvm->seq = first - 1;
	for (;;) {
		err = record_read(nvm, nvm->tail, rec, &total);
		if (err || !total || sm_get32(rec + 4) != nvm->seq + 1)
			break;
		nvm->offset[rec[0]] = nvm->tail;
		nvm->tail += total;
		nvm->seq++;
		memcpy(last, rec, total);
		last_len = total;
	}
	if (!err && total)
		err = SM_EDAMAGED;
	if (!err)
		err = check_tail(nvm, rec);
	if (!err && last_len &&
	    program_at(nvm, nvm->area, nvm->tail - last_len, last, last_len))
		nvm->unsettled = true;

	sm_wipe(rec, sizeof(rec));
	sm_wipe(last, sizeof(last));
	return err;
}

int sm_nvm_mount(struct sm_nvm *nvm, const struct sm_port *port)
{
	struct header hdr[2];
	bool erased[2];
	uint8_t i;

	memset(nvm, 0, sizeof(*nvm));
	nvm->port = port;
	if (!geometry_usable(port))
		return SM_EDAMAGED;

	for (i = 0; i < 2; i++)
		if (header_read(nvm, i, &hdr[i]))
			return SM_EIO;

	if (!hdr[0].valid && !hdr[1].valid) {
		if (is_erased(nvm, 0, 0, &erased[0]) ||
		    is_erased(nvm, 1, 0, &erased[1]))
			return SM_EIO;
		return erased[0] && erased[1] ? SM_EVIRGIN : SM_EDAMAGED;
	}

	nvm->area = hdr[1].valid;
	if (hdr[0].valid && hdr[1].valid) {
		/* Cut before the old header was cleared */
		nvm->area = hdr[1].generation > hdr[0].generation;
		if (hdr[nvm->area].generation - 1 !=
		    hdr[!nvm->area].generation)
			return SM_EDAMAGED;
	}
	if (!hdr[nvm->area].usable)
		return SM_EDAMAGED;

	nvm->old_header = !hdr[!nvm->area].blank;
	if (program_at(nvm, nvm->area, 0, hdr[nvm->area].bytes, HEADER_LEN))
		nvm->unsettled = true;
	nvm->generation = hdr[nvm->area].generation;
	return scan(nvm, hdr[nvm->area].first);
}

static uint32_t record_encode(uint32_t seq, uint8_t id, const void *payload,
			      uint16_t len, uint8_t *rec)
{
	rec[0] = id;
	rec[1] = (uint8_t)~id;
	sm_put16(rec + 2, len);
	sm_put32(rec + 4, seq);
	if (len)
		memcpy(rec + RECORD_HEADER, payload, len);
	sm_put32(rec + RECORD_HEADER + len,
		 sm_crc32(0, rec, RECORD_HEADER + len));
	return RECORD_EXTRA + len;
}

static int write_header(const struct sm_nvm *nvm, uint8_t area,
			uint32_t generation, uint32_t first)
{
	uint8_t h[HEADER_LEN];

	header_encode(nvm, generation, first, h);
	return program_at(nvm, area, 0, h, sizeof(h));
}

static int clear_old_header(struct sm_nvm *nvm)
{
	static const uint8_t zero[HEADER_LEN];

	if (program_at(nvm, !nvm->area, 0, zero, sizeof(zero)))
		return SM_EIO;
	nvm->old_header = false;
	return 0;
}

static int compact(struct sm_nvm *nvm)
{
	const struct sm_port *port = nvm->port;
	uint32_t half = half_size(nvm);
	struct sm_nvm new = *nvm;
	uint8_t rec[RECORD_MAX];
	uint32_t off, total;
	unsigned int id;
	bool erased;
	int err;

	new.area = !nvm->area;
	new.generation++;
	new.tail = HEADER_LEN;
	new.damaged_tail = false;

	for (off = 0; off < half; off += port->flash_block)
		if (port->flash_erase(port->ctx, new.area * half + off))
			return SM_EIO;
	if (port->flash_sync(port->ctx) ||
	    is_erased(nvm, new.area, 0, &erased) || !erased)
		return SM_EIO;

	for (id = 0; id < SM_NVM_IDS; id++) {
		uint8_t copy[RECORD_MAX];

		if (!nvm->offset[id])
			continue;
		err = SM_EIO;
		if (record_read(nvm, nvm->offset[id], rec, &total) || !total)
			goto out;
		total = record_encode(++new.seq, (uint8_t)id,
				      rec + RECORD_HEADER,
				      sm_get16(rec + 2), copy);
		if (new.tail + total <= half)
			err = program_at(&new, new.area, new.tail, copy, total);
		sm_wipe(copy, sizeof(copy));
		if (err)
			goto out;
		new.offset[id] = new.tail;
		new.tail += total;
	}

	err = write_header(&new, new.area, new.generation, nvm->seq + 1);
	if (err)
		goto out;
	new.old_header = true;
	new.compactions++;
	*nvm = new;
	err = clear_old_header(nvm);
out:
	sm_wipe(rec, sizeof(rec));
	return err;
}

int sm_nvm_format_begin(struct sm_nvm *nvm, const struct sm_port *port)
{
	bool erased[2];

	memset(nvm, 0, sizeof(*nvm));
	nvm->port = port;
	if (!geometry_usable(port) || is_erased(nvm, 0, 0, &erased[0]) ||
	    is_erased(nvm, 1, 0, &erased[1]))
		return SM_EIO;
	if (!erased[0] || !erased[1])
		return SM_EEXIST;

	nvm->generation = 1;
	nvm->tail = HEADER_LEN;
	return 0;
}

int sm_nvm_format_end(struct sm_nvm *nvm)
{
	return write_header(nvm, nvm->area, nvm->generation, 1);
}

int sm_nvm_read(const struct sm_nvm *nvm, uint8_t id, void *buf, uint16_t size,
		uint16_t *len)
{
	uint8_t rec[RECORD_MAX];
	uint32_t total;
	int err;

	if (id >= SM_NVM_IDS || !nvm->offset[id])
		return SM_ENOENT;
	err = record_read(nvm, nvm->offset[id], rec, &total);
	if (!err && (!total || rec[0] != id || sm_get16(rec + 2) > size))
		err = SM_EDAMAGED;
	if (!err) {
		*len = sm_get16(rec + 2);
		memcpy(buf, rec + RECORD_HEADER, *len);
	}
	sm_wipe(rec, sizeof(rec));
	return err;
}

int sm_nvm_write(struct sm_nvm *nvm, uint8_t id, const void *buf, uint16_t len)
{
	uint8_t rec[RECORD_MAX];
	uint32_t total = RECORD_EXTRA + len;
	int err;

	if (id >= SM_NVM_IDS || len > SM_NVM_PAYLOAD_MAX)
		return SM_EINVAL;

	if (nvm->unsettled || (nvm->old_header && clear_old_header(nvm)))
		return SM_EIO;
	if (nvm->damaged_tail || nvm->tail + total > half_size(nvm)) {
		if (compact(nvm))
			return SM_EIO;
		if (nvm->tail + total > half_size(nvm))
			return SM_EIO;
	}

	record_encode(nvm->seq + 1, id, buf, len, rec);
	err = program_at(nvm, nvm->area, nvm->tail, rec, total);
	sm_wipe(rec, sizeof(rec));
	if (err) {
		nvm->damaged_tail = true;
		return err;
	}

	nvm->offset[id] = nvm->tail;
	nvm->tail += total;
	nvm->seq++;
	nvm->writes++;
	return 0;
}
