/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SMPAIR_APDU_H
#define _SMPAIR_APDU_H

#include <linux/types.h>
#include <uapi/linux/smpair_proto.h>

/* ISO 7816-4, extended length: header, Lc, data, Le; data and status word */
#define SMPAIR_APDU_DATA_MAX	65535
#define SMPAIR_COMMAND_MAX	(4 + 3 + SMPAIR_APDU_DATA_MAX + 2)
#define SMPAIR_RESPONSE_MAX	(65536 + 2)

/**
 * struct smpair_buf - bounded builder; an append that does not fit makes it fail
 * @data: caller's memory
 * @size: bytes available
 * @len: bytes written
 * @error: sticky, set by the first append that did not fit
 */
struct smpair_buf {
	u8 *data;
	size_t size;
	size_t len;
	bool error;
};

void smpair_buf_init(struct smpair_buf *buf, void *data, size_t size);
void smpair_put(struct smpair_buf *buf, const void *data, size_t len);
void smpair_put_u8(struct smpair_buf *buf, u8 value);
void smpair_put_u16(struct smpair_buf *buf, u16 value);
void smpair_put_u32(struct smpair_buf *buf, u32 value);

/**
 * struct smpair_reader - reader over untrusted bytes; reading past the end makes it fail
 * @data: bytes
 * @len: their number
 * @off: read position
 * @error: sticky, set by the first read past the end
 */
struct smpair_reader {
	const u8 *data;
	size_t len;
	size_t off;
	bool error;
};

void smpair_reader_init(struct smpair_reader *reader, const void *data, size_t len);
const u8 *smpair_get(struct smpair_reader *reader, size_t len);
u8 smpair_get_u8(struct smpair_reader *reader);
u16 smpair_get_u16(struct smpair_reader *reader);
u32 smpair_get_u32(struct smpair_reader *reader);
bool smpair_reader_done(const struct smpair_reader *reader);

/* Lays out a command: short form where data fits 255 bytes, else extended. */
u8 *smpair_apdu_frame(struct smpair_buf *buf, u8 cla, u8 ins, u8 p1, u8 p2,
		      size_t len, bool answer);
/* The same, with the data copied in. */
int smpair_apdu_build(struct smpair_buf *buf, u8 cla, u8 ins, u8 p1, u8 p2,
		      const void *data, size_t len, bool answer);
/* Splits a response into data and status word; -EPROTO when shorter than two bytes. */
int smpair_apdu_parse(const u8 *rsp, size_t len, const u8 **data, size_t *data_len, u16 *sw);

/**
 * struct smpair_info - a module's INFO, checked and in host byte order
 * @state: PDT1_INFO_* bits
 * @mid: MID
 * @domain: dom
 * @features: reserved for later use
 * @slots: S
 * @slots_free: slots that are FREE
 * @pin_policy: PDT1_PIN_*
 * @evict_policy: PDT1_EVICT_*
 * @ptc: PIN tries left
 * @ptc_max: PIN tries after a success
 * @maxc: longest data field of a command
 * @maxr: longest data field of a response
 * @maxm: longest reassembled message
 * @g: generations of k; 0: none
 * @m_min: lowest MHKey generation that is not restricted
 */
struct smpair_info {
	u8 state;
	u8 mid[PDT1_ID_LEN];
	u32 domain;
	u16 features;
	u8 slots;
	u8 slots_free;
	u8 pin_policy;
	u8 evict_policy;
	u8 ptc;
	u8 ptc_max;
	u16 maxc;
	u16 maxr;
	u32 maxm;
	u16 g[PDT1_K_GENERATIONS];
	u16 m_min;
};

int smpair_info_parse(const u8 *data, size_t len, struct smpair_info *info);
int smpair_select_build(struct smpair_buf *buf);
int smpair_select_parse(const u8 *data, size_t len, struct smpair_info *info);

#endif /* _SMPAIR_APDU_H */
