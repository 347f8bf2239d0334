// SPDX-License-Identifier: GPL-2.0
/*
 * Bounded building and reading of bytes, APDUs, and INFO (section 5).
 */
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "apdu.h"

#define APDU_HEADER_LEN		4
#define APDU_SHORT_MAX		255

/* Around the AID and INFO in the answer to SELECT */
static const u8 select_fci[] = { 0x6f, 0x3c, 0x84, PDT1_AID_LEN };
static const u8 select_info[] = { 0xa5, 0x2e, 0x80, PDT1_INFO_LEN };
static const u8 aid[PDT1_AID_LEN] = PDT1_AID;

static_assert(sizeof(select_fci) + sizeof(aid) + sizeof(select_info) + PDT1_INFO_LEN ==
	      PDT1_SELECT_RSP_LEN);

/**
 * smpair_buf_init() - start building
 * @buf: builder
 * @data: memory, which must outlive @buf
 * @size: its size
 *
 * Context: Any.
 */
void smpair_buf_init(struct smpair_buf *buf, void *data, size_t size)
{
	*buf = (struct smpair_buf){ .data = data, .size = size };
}

static u8 *reserve(struct smpair_buf *buf, size_t len)
{
	u8 *room;

	if (buf->error || len > buf->size - buf->len) {
		buf->error = true;
		return NULL;
	}
	room = buf->data + buf->len;
	buf->len += len;
	return room;
}

/**
 * smpair_put() - append bytes
 * @buf: builder; fails for good if there is no room
 * @data: bytes; may be NULL when @len is 0
 * @len: their number
 *
 * Context: Any.
 */
void smpair_put(struct smpair_buf *buf, const void *data, size_t len)
{
	u8 *room = reserve(buf, len);

	if (room && len)
		memcpy(room, data, len);
}

/**
 * smpair_put_u8() - append a byte
 * @buf: builder; fails for good if there is no room
 * @value: byte
 *
 * Context: Any.
 */
void smpair_put_u8(struct smpair_buf *buf, u8 value)
{
	smpair_put(buf, &value, sizeof(value));
}

/**
 * smpair_put_u16() - append a big-endian integer of 16 bits
 * @buf: builder; fails for good if there is no room
 * @value: integer
 *
 * Context: Any.
 */
void smpair_put_u16(struct smpair_buf *buf, u16 value)
{
	__be16 be = cpu_to_be16(value);

	smpair_put(buf, &be, sizeof(be));
}

/**
 * smpair_put_u32() - append a big-endian integer of 32 bits
 * @buf: builder; fails for good if there is no room
 * @value: integer
 *
 * Context: Any.
 */
void smpair_put_u32(struct smpair_buf *buf, u32 value)
{
	__be32 be = cpu_to_be32(value);

	smpair_put(buf, &be, sizeof(be));
}

/**
 * smpair_reader_init() - start reading
 * @reader: reader
 * @data: bytes, which must outlive @reader
 * @len: their number
 *
 * Context: Any.
 */
void smpair_reader_init(struct smpair_reader *reader, const void *data, size_t len)
{
	*reader = (struct smpair_reader){ .data = data, .len = len };
}

/**
 * smpair_get() - take bytes
 * @reader: reader; fails for good if there are not enough
 * @len: how many
 *
 * Context: Any.
 * Return: the bytes, inside the memory being read; NULL if there are not enough.
 */
const u8 *smpair_get(struct smpair_reader *reader, size_t len)
{
	const u8 *data;

	if (reader->error || len > reader->len - reader->off) {
		reader->error = true;
		return NULL;
	}
	data = reader->data + reader->off;
	reader->off += len;
	return data;
}

/**
 * smpair_get_u8() - take a byte
 * @reader: reader; fails for good at the end
 *
 * Context: Any.
 * Return: the byte, 0 at the end.
 */
u8 smpair_get_u8(struct smpair_reader *reader)
{
	const u8 *data = smpair_get(reader, sizeof(u8));

	return data ? *data : 0;
}

/**
 * smpair_get_u16() - take a big-endian integer of 16 bits
 * @reader: reader; fails for good if there are not enough bytes
 *
 * Context: Any.
 * Return: the integer, 0 at the end.
 */
u16 smpair_get_u16(struct smpair_reader *reader)
{
	const u8 *data = smpair_get(reader, sizeof(u16));

	return data ? get_unaligned_be16(data) : 0;
}

/**
 * smpair_get_u32() - take a big-endian integer of 32 bits
 * @reader: reader; fails for good if there are not enough bytes
 *
 * Context: Any.
 * Return: the integer, 0 at the end.
 */
u32 smpair_get_u32(struct smpair_reader *reader)
{
	const u8 *data = smpair_get(reader, sizeof(u32));

	return data ? get_unaligned_be32(data) : 0;
}

/**
 * smpair_reader_done() - whether everything was read and nothing was missing
 * @reader: reader
 *
 * Context: Any.
 * Return: true if the reader stands exactly at the end and never failed.
 */
bool smpair_reader_done(const struct smpair_reader *reader)
{
	return !reader->error && reader->off == reader->len;
}

/**
 * smpair_apdu_frame() - lay out a command and leave room for its data
 * @buf: builder
 * @cla: class byte
 * @ins: instruction byte
 * @p1: parameter
 * @p2: parameter
 * @len: length of the data, at most SMPAIR_APDU_DATA_MAX; 0 leaves out Lc
 * @answer: whether the command has an answer, and therefore Le
 *
 * The form is short where the data fits 255 bytes, else extended. Le asks for as
 * much as the form allows.
 *
 * Context: Any.
 * Return: where the caller writes the data, inside @buf; NULL if it does not fit.
 */
u8 *smpair_apdu_frame(struct smpair_buf *buf, u8 cla, u8 ins, u8 p1, u8 p2,
		      size_t len, bool answer)
{
	const u8 header[APDU_HEADER_LEN] = { cla, ins, p1, p2 };
	bool extended = len > APDU_SHORT_MAX;
	u8 *room;

	if (len > SMPAIR_APDU_DATA_MAX)
		buf->error = true;
	smpair_put(buf, header, sizeof(header));
	if (extended) {
		smpair_put_u8(buf, 0);
		smpair_put_u16(buf, len);
	} else if (len) {
		smpair_put_u8(buf, len);
	}
	room = reserve(buf, len);
	if (answer && extended)
		smpair_put_u16(buf, 0);
	else if (answer)
		smpair_put_u8(buf, 0);
	return buf->error ? NULL : room;
}

/**
 * smpair_apdu_build() - build a command
 * @buf: builder
 * @cla: class byte
 * @ins: instruction byte
 * @p1: parameter
 * @p2: parameter
 * @data: data; may be NULL when @len is 0
 * @len: its length, at most SMPAIR_APDU_DATA_MAX
 * @answer: whether the command has an answer, and therefore Le
 *
 * Context: Any.
 * Return: 0; -EMSGSIZE: it does not fit @buf, or @len is out of range.
 */
int smpair_apdu_build(struct smpair_buf *buf, u8 cla, u8 ins, u8 p1, u8 p2,
		      const void *data, size_t len, bool answer)
{
	u8 *room = smpair_apdu_frame(buf, cla, ins, p1, p2, len, answer);

	if (!room)
		return -EMSGSIZE;
	if (len)
		memcpy(room, data, len);
	return 0;
}

/**
 * smpair_apdu_parse() - split a response into data and status word
 * @rsp: response
 * @len: its length
 * @data: set to the data, inside @rsp
 * @data_len: set to the length of the data
 * @sw: set to the status word
 *
 * Context: Any.
 * Return: 0; -EPROTO: shorter than a status word.
 */
int smpair_apdu_parse(const u8 *rsp, size_t len, const u8 **data, size_t *data_len, u16 *sw)
{
	if (len < sizeof(u16))
		return -EPROTO;
	*data = rsp;
	*data_len = len - sizeof(u16);
	*sw = get_unaligned_be16(rsp + *data_len);
	return 0;
}

/*
 * A module that lost its configuration reports whatever it has left: what only a
 * working one guarantees is asked of a working one only.
 */
static bool info_sane(const struct smpair_info *info)
{
	if (info->maxc < PDT1_MAXC_MIN || info->maxr < PDT1_MAXR_MIN ||
	    info->maxm < PDT1_MAXM_MIN)
		return false;
	if (info->slots > PDT1_SLOTS_MAX || info->pin_policy > PDT1_PIN_INDEXED ||
	    info->evict_policy > PDT1_EVICT_APPROVED)
		return false;
	if (!(info->state & PDT1_INFO_PERSONALISED) || info->state & PDT1_INFO_FATAL)
		return true;
	return info->slots && info->slots_free <= info->slots && info->ptc <= info->ptc_max &&
	       info->ptc_max <= PDT1_PTC_MAX;
}

/**
 * smpair_info_parse() - read INFO (section 5)
 * @data: INFO
 * @len: its length
 * @info: result; written on success only
 *
 * INFO is not authenticated: nothing that matters for security depends on it.
 *
 * Context: Any.
 * Return: 0; -EPROTO: malformed, of another version, or with limits below those
 * that every module has.
 */
int smpair_info_parse(const u8 *data, size_t len, struct smpair_info *info)
{
	struct smpair_info parsed = {};
	unsigned int i;

	if (len != PDT1_INFO_LEN || data[PDT1_INFO_OFF_VERSION] != PDT1_INFO_VERSION)
		return -EPROTO;

	parsed.state = data[PDT1_INFO_OFF_STATE];
	memcpy(parsed.mid, data + PDT1_INFO_OFF_MID, PDT1_ID_LEN);
	parsed.domain = get_unaligned_be32(data + PDT1_INFO_OFF_DOM);
	parsed.features = get_unaligned_be16(data + PDT1_INFO_OFF_FEATURES);
	parsed.slots = data[PDT1_INFO_OFF_SLOTS];
	parsed.slots_free = data[PDT1_INFO_OFF_FREE];
	parsed.pin_policy = data[PDT1_INFO_OFF_PIN_POLICY];
	parsed.evict_policy = data[PDT1_INFO_OFF_EVICT_POLICY];
	parsed.ptc = data[PDT1_INFO_OFF_PTC];
	parsed.ptc_max = data[PDT1_INFO_OFF_PTC_MAX];
	parsed.maxc = get_unaligned_be16(data + PDT1_INFO_OFF_MAXC);
	parsed.maxr = get_unaligned_be16(data + PDT1_INFO_OFF_MAXR);
	parsed.maxm = get_unaligned_be32(data + PDT1_INFO_OFF_MAXM);
	for (i = 0; i < PDT1_K_GENERATIONS; i++)
		parsed.g[i] = get_unaligned_be16(data + PDT1_INFO_OFF_G + i * sizeof(u16));
	parsed.m_min = get_unaligned_be16(data + PDT1_INFO_OFF_M_MIN);
	if (!info_sane(&parsed))
		return -EPROTO;

	*info = parsed;
	return 0;
}

/**
 * smpair_select_build() - build SELECT
 * @buf: builder
 *
 * Context: Any.
 * Return: 0; -EMSGSIZE: it does not fit @buf.
 */
int smpair_select_build(struct smpair_buf *buf)
{
	return smpair_apdu_build(buf, PDT1_CLA_ISO, PDT1_INS_SELECT, PDT1_P1_SELECT_BY_NAME, 0,
				 aid, sizeof(aid), true);
}

/**
 * smpair_select_parse() - read the answer to SELECT
 * @data: data of the answer
 * @len: its length
 * @info: INFO inside it; written on success only
 *
 * Context: Any.
 * Return: 0; -EPROTO: another application answers, or as smpair_info_parse().
 */
int smpair_select_parse(const u8 *data, size_t len, struct smpair_info *info)
{
	struct smpair_reader reader;
	const u8 *fci, *name, *infix, *body;

	smpair_reader_init(&reader, data, len);
	fci = smpair_get(&reader, sizeof(select_fci));
	name = smpair_get(&reader, sizeof(aid));
	infix = smpair_get(&reader, sizeof(select_info));
	body = smpair_get(&reader, PDT1_INFO_LEN);
	if (!smpair_reader_done(&reader))
		return -EPROTO;

	if (memcmp(fci, select_fci, sizeof(select_fci)) || memcmp(name, aid, sizeof(aid)) ||
	    memcmp(infix, select_info, sizeof(select_info)))
		return -EPROTO;
	return smpair_info_parse(body, PDT1_INFO_LEN, info);
}
