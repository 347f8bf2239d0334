// SPDX-License-Identifier: GPL-2.0
/*
 * The driver's protocol engine against the PDT1 vectors, and against answers that
 * no honest module gives.
 *
 * The engine's files are included, not linked: the functions under test are the
 * driver's to the letter, their private parts can play the module's side, and the
 * random bytes of each vector can take the place of the generator's. Nothing is
 * exported, so this and the driver can be loaded together.
 */
#include <crypto/curve25519.h>
#include <linux/key-type.h>
#include <linux/keyctl.h>
#include <linux/random.h>
#include <linux/slab.h>

static int scripted_random(void *buf, size_t len);
#define get_random_bytes_wait scripted_random

#include "../crypto.c"
#include "../apdu.c"
#include "../hostkey.c"
#include "../session.c"
#include "../handshake.c"
#include "engine.h"

struct blob {
	const char *data;
	size_t len;
};

struct vec_kdf {
	struct blob key, label, ctx, out;
};

struct vec_host {
	struct blob sn, mhkey, hs, tk, kw, as, cy;
	u32 m, dom, g;
};

struct vec_envelope {
	u32 n, type, more;
	struct blob plain, data, response_plain, response;
};

#define VEC_ENVELOPES	7

struct vec_pairing {
	struct blob sn, rh, xh, pdc_nonce, begin_data, begin_response, t1, kpm, kph, xp, ka, pin;
	struct blob e1_plain, e2_plain, pdc, confirm_data, e3_plain, confirm_response, prks;
	u32 m, n, policy, slot, ptc, flags;
	struct vec_envelope env[VEC_ENVELOPES];
	unsigned int env_count;
};

struct vec_rewrap {
	u32 m;
	struct blob ka, pdc_nonce, inner_command;
};

struct vec_opening {
	struct blob sn, rh, xh, ka, open_data, pdc, open_response, prks;
	u32 m, flags, n;
	struct vec_envelope env[VEC_ENVELOPES];
	unsigned int env_count;
	struct vec_rewrap rewrap;
};

#include "vectors.h"

#define expect(cond) ({							\
	bool ok_ = (cond);						\
									\
	if (!ok_)							\
		engine_unexpected(__func__, __LINE__, #cond);		\
	ok_;								\
})

/* kmalloc memory, as the driver's own scratch */
static u8 *cmd, *rsp;

static const struct smpair_info limits = {
	.maxc = 100 + PDT1_ENV_OVERHEAD_CMD,	/* as the vectors split their messages */
	.maxm = 1024,
};

/* What the generator will give next, in order; nothing else is ever given. */
#define SCRIPT_MAX	4

static struct blob script[SCRIPT_MAX];
static unsigned int script_len, script_at;

static void script_reset(void)
{
	script_len = 0;
	script_at = 0;
}

static void script_add(struct blob blob)
{
	if (script_len == SCRIPT_MAX)
		script_reset();
	script[script_len++] = blob;
}

static int scripted_random(void *buf, size_t len)
{
	if (script_at == script_len || script[script_at].len != len)
		return -ERESTARTSYS;
	memcpy(buf, script[script_at++].data, len);
	if (script_at == script_len)
		script_reset();
	return 0;
}

static bool same(const void *data, size_t len, struct blob blob)
{
	return len == blob.len && !memcmp(data, blob.data, len);
}

static size_t respond(struct blob data, u16 sw)
{
	memcpy(rsp, data.data, data.len);
	put_unaligned_be16(sw, rsp + data.len);
	return data.len + sizeof(sw);
}

/* Whether a command is what section 5 says, with @data inside */
static bool command_is(const struct smpair_buf *buf, u8 ins, u8 p1, u8 p2, struct blob data)
{
	const u8 header[] = { PDT1_CLA, ins, p1, p2 };
	size_t lc_len = data.len > 255 ? 3 : 1;

	return buf->len == sizeof(header) + lc_len + data.len + (lc_len == 3 ? 2 : 1) &&
	       !memcmp(buf->data, header, sizeof(header)) &&
	       !memcmp(buf->data + sizeof(header) + lc_len, data.data, data.len);
}

static void test_prf(void)
{
	static const struct {
		struct blob key, data, mac;
	} rfc[] = {
		/* RFC 4231, test case 1 */
		{ { "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
		  "\x0b\x0b\x0b\x0b", 20 },
		  { "\x48\x69\x20\x54\x68\x65\x72\x65", 8 },
		  { "\xb0\x34\x4c\x61\xd8\xdb\x38\x53\x5c\xa8\xaf\xce\xaf\x0b\xf1\x2b"
		  "\x88\x1d\xc2\x00\xc9\x83\x3d\xa7\x26\xe9\x37\x6c\x2e\x32\xcf\xf7", 32 } },
		/* RFC 4231, test case 2 */
		{ { "\x4a\x65\x66\x65", 4 },
		  { "\x77\x68\x61\x74\x20\x64\x6f\x20\x79\x61\x20\x77\x61\x6e\x74\x20"
		  "\x66\x6f\x72\x20\x6e\x6f\x74\x68\x69\x6e\x67\x3f", 28 },
		  { "\x5b\xdc\xc1\x46\xbf\x60\x75\x4e\x6a\x04\x24\x26\x08\x95\x75\xc7"
		  "\x5a\x00\x3f\x08\x9d\x27\x39\x83\x9d\xec\x58\xb9\x64\xec\x38\x43", 32 } },
		/* RFC 4231, test case 4 */
		{ { "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10"
		  "\x11\x12\x13\x14\x15\x16\x17\x18\x19", 25 },
		  { "\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd"
		  "\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd"
		  "\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd"
		  "\xcd\xcd", 50 },
		  { "\x82\x55\x8a\x38\x9a\x44\x3c\x0e\xa4\xcc\x81\x98\x99\xf2\x08\x3a"
		  "\x85\xf0\xfa\xa3\xe5\x78\xf8\x07\x7a\x2e\x3f\xf4\x67\x29\x66\x5b", 32 } },
		/* RFC 4231, test case 6: a key longer than the block */
		{ { "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
		  "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
		  "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
		  "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
		  "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
		  "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
		  "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
		  "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
		  "\xaa\xaa\xaa", 131 },
		  { "\x54\x65\x73\x74\x20\x55\x73\x69\x6e\x67\x20\x4c\x61\x72\x67\x65"
		  "\x72\x20\x54\x68\x61\x6e\x20\x42\x6c\x6f\x63\x6b\x2d\x53\x69\x7a"
		  "\x65\x20\x4b\x65\x79\x20\x2d\x20\x48\x61\x73\x68\x20\x4b\x65\x79"
		  "\x20\x46\x69\x72\x73\x74", 54 },
		  { "\x60\xe4\x31\x59\x1e\xe0\xb6\x7f\x0d\x8a\x26\xaa\xcb\xf5\xb7\x7f"
		  "\x8e\x0b\xc6\x21\x37\x28\xc5\x14\x05\x46\x04\x0f\x0e\xe3\x7f\x54", 32 } },
	};
	/* RFC 5869, test cases 1 and 3; HMAC fills a short salt with zeros anyway. */
	static const u8 salts[][PDT1_HASH_LEN] = {
		{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 },
		{},
	};
	static const struct blob prks[] = {
		{ "\x07\x77\x09\x36\x2c\x2e\x32\xdf\x0d\xdc\x3f\x0d\xc4\x7b\xba\x63"
		  "\x90\xb6\xc7\x3b\xb5\x0f\x9c\x31\x22\xec\x84\x4a\xd7\xc2\xb3\xe5", 32 },
		{ "\x19\xef\x24\xa3\x2c\x71\x7b\x16\x7f\x33\xa9\x1d\x6f\x64\x8b\xdf"
		  "\x96\x59\x67\x76\xaf\xdb\x63\x77\xac\x43\x4c\x1c\x29\x3c\xcb\x04", 32 },
	};
	u8 ikm[22], out[PDT1_HASH_LEN];
	unsigned int i, cut;

	for (i = 0; i < ARRAY_SIZE(rfc); i++) {
		/* However the message is cut into parts */
		for (cut = 0; cut <= rfc[i].data.len; cut++) {
			const struct smpair_part parts[] = {
				{ rfc[i].data.data, cut },
				{ NULL, 0 },
				{ rfc[i].data.data + cut, rfc[i].data.len - cut },
			};

			expect(!smpair_prf(rfc[i].key.data, rfc[i].key.len, parts,
					   ARRAY_SIZE(parts), out));
			expect(same(out, sizeof(out), rfc[i].mac));
		}
	}

	memset(ikm, 0x0b, sizeof(ikm));
	for (i = 0; i < ARRAY_SIZE(salts); i++) {
		expect(!smpair_extract(salts[i], ikm, sizeof(ikm), out));
		expect(same(out, sizeof(out), prks[i]));
	}
}

static void test_aead(void)
{
	/* RFC 7714, section 16.2 */
	static const struct blob key = {
		"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"
		"\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f", 32
	};
	static const struct blob nonce = { "\x51\x75\x3c\x65\x80\xc2\x72\x6f\x20\x71\x84\x14", 12 };
	static const struct blob ad = { "\x80\x40\xf1\x7b\x80\x41\xf8\xd3\x55\x01\xa0\xb2", 12 };
	static const struct blob plain = { "Gallia est omnis divisa in partes tres", 38 };
	static const struct blob wire = {
		"\x32\xb1\xde\x78\xa8\x22\xfe\x12\xef\x9f\x78\xfa\x33\x2e\x33\xaa"
		"\xb1\x80\x12\x38\x9a\x58\xe2\xf3\xb5\x0b\x2a\x02\x76\xff\xae\x0f"
		"\x1b\xa6\x37\x99\xb8\x7b\x7a\xa3\xdb\x36\xdf\xff\xd6\xb0\xf9\xbb"
		"\x78\x78\xd7\xa7\x6c\x13", 54
	};
	u8 out[64], in[64];
	unsigned int i;
	size_t len;

	expect(!smpair_encrypt_once(key.data, nonce.data, ad.data, ad.len, plain.data, plain.len,
				    out));
	expect(same(out, plain.len + PDT1_TAG_LEN, wire));
	expect(!smpair_decrypt_once(key.data, nonce.data, ad.data, ad.len, wire.data, wire.len,
				    out));
	expect(same(out, plain.len, plain));

	/* No bit of the message counts for nothing, and what does not verify is not given out. */
	for (i = 0; i < wire.len * BITS_PER_BYTE; i++) {
		memcpy(in, wire.data, wire.len);
		in[i / BITS_PER_BYTE] ^= BIT(i % BITS_PER_BYTE);
		memset(out, 0x5a, sizeof(out));
		expect(smpair_decrypt_once(key.data, nonce.data, ad.data, ad.len, in, wire.len,
					   out) == -EBADMSG);
		expect(memcmp(out, plain.data, plain.len));
	}
	for (len = 0; len < wire.len; len++)
		expect(smpair_decrypt_once(key.data, nonce.data, ad.data, ad.len, wire.data, len,
					   out) == -EBADMSG);
	expect(smpair_decrypt_once(key.data, nonce.data, ad.data, ad.len - 1, wire.data, wire.len,
				   out) == -EBADMSG);
	expect(smpair_decrypt_once(key.data, ad.data, ad.data, ad.len, wire.data, wire.len,
				   out) == -EBADMSG);
}

static void test_kdf(void)
{
	char label[PDT1_KDF_LABEL_MAX + 2];
	unsigned int i;
	u8 out[96];

	for (i = 0; i < ARRAY_SIZE(kdfs); i++) {
		const struct vec_kdf *v = &kdfs[i];

		if (!expect(v->out.len <= sizeof(out)))
			continue;
		expect(!smpair_kdf(v->key.data, v->label.data, v->ctx.data, v->ctx.len, out,
				   v->out.len));
		expect(same(out, v->out.len, v->out));
	}

	memset(label, 'a', sizeof(label));
	label[PDT1_KDF_LABEL_MAX + 1] = 0;
	expect(smpair_kdf(kdfs[0].key.data, label, NULL, 0, out, 16) == -EINVAL);
	label[PDT1_KDF_LABEL_MAX] = 0;
	expect(!smpair_kdf(kdfs[0].key.data, label, NULL, 0, out, 16));
	expect(smpair_kdf(kdfs[0].key.data, "a", out, U16_MAX + 1, out, 16) == -EINVAL);
	expect(smpair_kdf(kdfs[0].key.data, "a", NULL, 0, out, 255 * 32 + 1) == -EINVAL);
}

static void test_x25519(void)
{
	/* RFC 7748, section 5.2 */
	static const struct {
		struct blob secret, peer, shared;
	} rfc[] = {
		{ { "\xa5\x46\xe3\x6b\xf0\x52\x7c\x9d\x3b\x16\x15\x4b\x82\x46\x5e\xdd"
		  "\x62\x14\x4c\x0a\xc1\xfc\x5a\x18\x50\x6a\x22\x44\xba\x44\x9a\xc4", 32 },
		  { "\xe6\xdb\x68\x67\x58\x30\x30\xdb\x35\x94\xc1\xa4\x24\xb1\x5f\x7c"
		  "\x72\x66\x24\xec\x26\xb3\x35\x3b\x10\xa9\x03\xa6\xd0\xab\x1c\x4c", 32 },
		  { "\xc3\xda\x55\x37\x9d\xe9\xc6\x90\x8e\x94\xea\x4d\xf2\x8d\x08\x4f"
		  "\x32\xec\xcf\x03\x49\x1c\x71\xf7\x54\xb4\x07\x55\x77\xa2\x85\x52", 32 } },
		{ { "\x4b\x66\xe9\xd4\xd1\xb4\x67\x3c\x5a\xd2\x26\x91\x95\x7d\x6a\xf5"
		  "\xc1\x1b\x64\x21\xe0\xea\x01\xd4\x2c\xa4\x16\x9e\x79\x18\xba\x0d", 32 },
		  { "\xe5\x21\x0f\x12\x78\x68\x11\xd3\xf4\xb7\x95\x9d\x05\x38\xae\x2c"
		  "\x31\xdb\xe7\x10\x6f\xc0\x3c\x3e\xfc\x4c\xd5\x49\xc7\x15\xa4\x93", 32 },
		  { "\x95\xcb\xde\x94\x76\xe8\x90\x7d\x7a\xad\xe4\x5c\xb4\xb8\x73\xf8"
		  "\x8b\x59\x5a\x68\x79\x9f\xa1\x52\xe6\xf8\xf7\x64\x7a\xac\x79\x57", 32 } },
	};
	static const u8 order_8[PDT1_X25519_LEN] =
		"\xe0\xeb\x7a\x7c\x3b\x41\xb8\xae\x16\x56\xe3\xfa\xf1\x9f\xc4\x6a"
		"\xda\x09\x8d\xeb\x9c\x32\xb1\xfd\x86\x62\x05\x16\x5f\x49\xb8\x00";
	static const u8 zero[PDT1_X25519_LEN];
	u8 mine[PDT1_X25519_LEN], theirs[PDT1_X25519_LEN], shared[2][PDT1_X25519_LEN];
	u8 secret[2][PDT1_X25519_LEN];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rfc); i++) {
		expect(!smpair_x25519(rfc[i].secret.data, rfc[i].peer.data, shared[0]));
		expect(same(shared[0], PDT1_X25519_LEN, rfc[i].shared));
	}

	script_add(pairings[0].xh);
	script_add(pairings[1].xh);
	expect(!smpair_x25519_generate(secret[0], mine));
	expect(!smpair_x25519_generate(secret[1], theirs));
	expect(!smpair_x25519(secret[0], theirs, shared[0]));
	expect(!smpair_x25519(secret[1], mine, shared[1]));
	expect(!memcmp(shared[0], shared[1], PDT1_X25519_LEN));

	expect(smpair_x25519(secret[0], zero, shared[0]) == -EKEYREJECTED);
	expect(smpair_x25519(secret[0], order_8, shared[0]) == -EKEYREJECTED);

	/* Without random bytes there is no key. */
	memset(secret, 0x5a, sizeof(secret));
	expect(smpair_x25519_generate(secret[0], mine) == -ERESTARTSYS);
	expect(!memchr_inv(secret[0], 0, PDT1_X25519_LEN));
}

#define PAYLOAD_ONE	(SMPAIR_HOST_HEADER_LEN + SMPAIR_HOST_ENTRY_LEN)

static void payload_put(struct smpair_buf *buf, const struct vec_host *v, u8 count)
{
	smpair_put(buf, SMPAIR_HOST_MAGIC, 4);
	smpair_put_u8(buf, SMPAIR_HOST_VERSION);
	smpair_put_u8(buf, count);
	smpair_put_u16(buf, 0);
	smpair_put(buf, v->sn.data, v->sn.len);
	smpair_put(buf, v->hs.data, v->hs.len);
}

static void payload_put_gen(struct smpair_buf *buf, const struct vec_host *v)
{
	smpair_put_u16(buf, v->m);
	smpair_put(buf, v->mhkey.data, v->mhkey.len);
}

/* Credentials of one generation */
static struct smpair_host *make_host(const struct vec_host *v)
{
	u8 payload[PAYLOAD_ONE];
	struct smpair_host *host;
	struct smpair_buf buf;

	smpair_buf_init(&buf, payload, sizeof(payload));
	payload_put(&buf, v, 1);
	payload_put_gen(&buf, v);
	host = smpair_host_create(payload, sizeof(payload), (const void *)v->cy.data, 1, NULL);
	return expect(!IS_ERR(host)) ? host : NULL;
}

/* Host @sn with MHKey generation @m, also where the vectors have the two apart only */
static struct smpair_host *find_host(struct blob sn, u32 m)
{
	const struct vec_host *of_sn = NULL, *of_m = NULL;
	struct vec_host host;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hosts); i++) {
		if (same(sn.data, sn.len, hosts[i].sn))
			of_sn = &hosts[i];
		if (hosts[i].m == m)
			of_m = &hosts[i];
	}
	if (!expect(of_sn && of_m))
		return NULL;
	host = *of_sn;
	host.m = m;
	host.mhkey = of_m->mhkey;
	return make_host(&host);
}

static void test_hosts(void)
{
	u8 payload[PAYLOAD_ONE + SMPAIR_HOST_ENTRY_LEN];
	struct smpair_host *host;
	struct smpair_buf buf;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hosts); i++) {
		const struct vec_host *v = &hosts[i];

		host = make_host(v);
		if (!host)
			continue;
		expect(same(host->sn, sizeof(host->sn), v->sn));
		expect(host->gen_count == 1 && host->gen[0].m == v->m);
		expect(same(host->gen[0].tk, PDT1_KEY_LEN, v->tk));
		expect(same(host->gen[0].kw, PDT1_KEY_LEN, v->kw));
		expect(host->cy_count == 1 && host->cy[0].domain == v->dom &&
		       host->cy[0].g == v->g);
		expect(same(host->cy[0].as, PDT1_KEY_LEN, v->as));
		expect(same(host->cy[0].cy, PDT1_CY_LEN, v->cy));
		smpair_host_put(host);
	}

	/* The first two are generations 1 and 2 of one host: stored highest first */
	smpair_buf_init(&buf, payload, sizeof(payload));
	payload_put(&buf, &hosts[0], 2);
	payload_put_gen(&buf, &hosts[0]);
	payload_put_gen(&buf, &hosts[1]);
	host = smpair_host_create(payload, sizeof(payload), (const void *)hosts[0].cy.data, 1,
				  NULL);
	if (expect(!IS_ERR(host))) {
		expect(host->gen[0].m == 2 && same(host->gen[0].kw, PDT1_KEY_LEN, hosts[1].kw));
		expect(host->gen[1].m == 1 && same(host->gen[1].kw, PDT1_KEY_LEN, hosts[0].kw));
		smpair_host_put(host);
	}
}

static bool host_refused(const u8 *payload, size_t len, const u8 (*cy)[PDT1_CY_LEN],
			 unsigned int cy_count)
{
	struct netlink_ext_ack extack = {};
	struct smpair_host *host;

	host = smpair_host_create(payload, len, cy, cy_count, &extack);
	if (!IS_ERR(host))
		smpair_host_put(host);
	return host == ERR_PTR(-EINVAL) && extack._msg;
}

static void test_host_refusals(void)
{
	u8 payload[PAYLOAD_ONE + SMPAIR_HOST_ENTRY_LEN + 1] = {};
	u8 (*cy)[PDT1_CY_LEN];
	struct smpair_buf buf;
	size_t len;
	u8 saved;

	cy = kcalloc(SMPAIR_CY_MAX + 1, sizeof(*cy), GFP_KERNEL);
	if (!expect(cy))
		return;
	memcpy(cy[0], hosts[0].cy.data, PDT1_CY_LEN);
	memcpy(cy[1], hosts[0].cy.data, PDT1_CY_LEN);
	cy[1][PDT1_CY_OFF_G + 1]++;

	smpair_buf_init(&buf, payload, sizeof(payload));
	payload_put(&buf, &hosts[0], 1);
	payload_put_gen(&buf, &hosts[0]);
	for (len = 0; len <= sizeof(payload); len++)
		if (len != PAYLOAD_ONE)
			expect(host_refused(payload, len, cy, 1));
	expect(!host_refused(payload, PAYLOAD_ONE, cy, 2));
	expect(host_refused(payload, PAYLOAD_ONE, cy, 0));
	expect(host_refused(payload, PAYLOAD_ONE, cy, SMPAIR_CY_MAX + 1));

	/* Magic, version, count, reserved */
	for (len = 0; len < 8; len++) {
		payload[len] ^= 1;
		expect(host_refused(payload, PAYLOAD_ONE, cy, 1));
		payload[len] ^= 1;
	}

	/* Version, type, generation 0, the same domain and generation twice */
	cy[0][0]++;
	expect(host_refused(payload, PAYLOAD_ONE, cy, 2));
	cy[0][0]--;
	cy[0][1]++;
	expect(host_refused(payload, PAYLOAD_ONE, cy, 2));
	cy[0][1]--;
	saved = cy[0][PDT1_CY_OFF_G + 1];
	cy[0][PDT1_CY_OFF_G + 1] = 0;
	expect(host_refused(payload, PAYLOAD_ONE, cy, 2));
	cy[0][PDT1_CY_OFF_G + 1] = saved + 1;
	expect(host_refused(payload, PAYLOAD_ONE, cy, 2));

	/* One generation twice */
	cy[0][PDT1_CY_OFF_G + 1] = saved;
	smpair_buf_init(&buf, payload, sizeof(payload));
	payload_put(&buf, &hosts[0], 2);
	payload_put_gen(&buf, &hosts[0]);
	payload_put_gen(&buf, &hosts[0]);
	expect(host_refused(payload, buf.len, cy, 1));
	kfree(cy);
}

static void test_apdu(void)
{
	static const u8 select[] = { 0x00, 0xa4, 0x04, 0x00, 0x0a, 0xf0, 0x50, 0x44, 0x54, 0x2d,
				     0x50, 0x41, 0x49, 0x52, 0x01, 0x00 };
	struct smpair_reader reader;
	struct smpair_buf buf;
	size_t len;

	smpair_buf_init(&buf, cmd, SMPAIR_COMMAND_MAX);
	expect(!smpair_select_build(&buf));
	expect(same(cmd, buf.len, (struct blob){ select, sizeof(select) }));

	memset(rsp, 0x5a, SMPAIR_RESPONSE_MAX);
	smpair_buf_init(&buf, cmd, SMPAIR_COMMAND_MAX);
	expect(!smpair_apdu_build(&buf, 0x80, 0x10, 0, 0, NULL, 0, true));
	expect(same(cmd, buf.len, (struct blob){ "\x80\x10\x00\x00\x00", 5 }));
	smpair_buf_init(&buf, cmd, SMPAIR_COMMAND_MAX);
	expect(!smpair_apdu_build(&buf, 0x80, 0x10, 0, 0, NULL, 0, false));
	expect(buf.len == 4);

	for (len = 255; len <= 256; len++) {
		smpair_buf_init(&buf, cmd, SMPAIR_COMMAND_MAX);
		expect(!smpair_apdu_build(&buf, PDT1_CLA, 0x18, 1, 2, rsp, len, true));
		expect(command_is(&buf, 0x18, 1, 2, (struct blob){ rsp, len }));
	}
	expect(!memcmp(cmd + 4, "\x00\x01\x00", 3) && !cmd[buf.len - 2] && !cmd[buf.len - 1]);

	smpair_buf_init(&buf, cmd, SMPAIR_COMMAND_MAX);
	expect(!smpair_apdu_build(&buf, 0x80, 0x18, 0, 0, rsp, SMPAIR_APDU_DATA_MAX, true));
	expect(buf.len == SMPAIR_COMMAND_MAX);
	smpair_buf_init(&buf, cmd, SMPAIR_COMMAND_MAX);
	expect(smpair_apdu_build(&buf, 0x80, 0x18, 0, 0, rsp, SMPAIR_APDU_DATA_MAX + 1, true) ==
	       -EMSGSIZE);
	for (len = 0; len < 4 + 1 + 8 + 1; len++) {
		smpair_buf_init(&buf, cmd, len);
		expect(smpair_apdu_build(&buf, 0x80, 0x18, 0, 0, rsp, 8, true) == -EMSGSIZE);
		smpair_put_u8(&buf, 0);
		expect(buf.error);
	}

	smpair_reader_init(&reader, rsp, 4);
	expect(smpair_get(&reader, 3) && !smpair_get(&reader, 2) && !smpair_get(&reader, 1));
	expect(!smpair_reader_done(&reader));
	smpair_reader_init(&reader, rsp, 4);
	expect(smpair_get(&reader, 3) && !smpair_reader_done(&reader));
	expect(smpair_get(&reader, 1) && smpair_reader_done(&reader));
}

static void test_info(void)
{
	u8 data[PDT1_SELECT_RSP_LEN] = { 0x6f, 0x3c, 0x84, 0x0a, 0xf0, 0x50, 0x44, 0x54, 0x2d,
					 0x50, 0x41, 0x49, 0x52, 0x01, 0xa5, 0x2e, 0x80, 0x2c };
	u8 *info = data + sizeof(data) - PDT1_INFO_LEN;
	struct smpair_info parsed;
	unsigned int i;

	info[PDT1_INFO_OFF_VERSION] = PDT1_INFO_VERSION;
	info[PDT1_INFO_OFF_STATE] = PDT1_INFO_PERSONALISED;
	info[PDT1_INFO_OFF_SLOTS] = 8;
	info[PDT1_INFO_OFF_FREE] = 7;
	info[PDT1_INFO_OFF_PIN_POLICY] = PDT1_PIN_INDEXED;
	info[PDT1_INFO_OFF_PTC_MAX] = 5;
	put_unaligned_be16(PDT1_MAXC_MIN, info + PDT1_INFO_OFF_MAXC);
	put_unaligned_be16(PDT1_MAXR_MIN, info + PDT1_INFO_OFF_MAXR);
	put_unaligned_be32(PDT1_MAXM_MIN, info + PDT1_INFO_OFF_MAXM);
	put_unaligned_be16(0x1234, info + PDT1_INFO_OFF_G + 6);

	expect(!smpair_select_parse(data, sizeof(data), &parsed));
	expect(parsed.maxc == PDT1_MAXC_MIN && parsed.maxr == PDT1_MAXR_MIN &&
	       parsed.maxm == PDT1_MAXM_MIN && parsed.g[3] == 0x1234 && parsed.slots == 8 &&
	       parsed.slots_free == 7 && parsed.pin_policy == PDT1_PIN_INDEXED);
	for (i = 0; i < sizeof(data); i++)
		expect(smpair_select_parse(data, i, &parsed) == -EPROTO);
	for (i = 0; i < sizeof(data) - PDT1_INFO_LEN + 1; i++) {
		data[i] ^= 0x10;
		expect(smpair_select_parse(data, sizeof(data), &parsed) == -EPROTO);
		data[i] ^= 0x10;
	}

	put_unaligned_be16(PDT1_MAXC_MIN - 1, info + PDT1_INFO_OFF_MAXC);
	expect(smpair_info_parse(info, PDT1_INFO_LEN, &parsed) == -EPROTO);
	put_unaligned_be16(PDT1_MAXC_MIN, info + PDT1_INFO_OFF_MAXC);
	put_unaligned_be16(PDT1_MAXR_MIN - 1, info + PDT1_INFO_OFF_MAXR);
	expect(smpair_info_parse(info, PDT1_INFO_LEN, &parsed) == -EPROTO);
	put_unaligned_be16(PDT1_MAXR_MIN, info + PDT1_INFO_OFF_MAXR);
	put_unaligned_be32(PDT1_MAXM_MIN - 1, info + PDT1_INFO_OFF_MAXM);
	expect(smpair_info_parse(info, PDT1_INFO_LEN, &parsed) == -EPROTO);
	put_unaligned_be32(PDT1_MAXM_MIN, info + PDT1_INFO_OFF_MAXM);
	info[PDT1_INFO_OFF_PIN_POLICY] = PDT1_PIN_INDEXED + 1;
	expect(smpair_info_parse(info, PDT1_INFO_LEN, &parsed) == -EPROTO);
	info[PDT1_INFO_OFF_PIN_POLICY] = PDT1_PIN_INDEXED;
	info[PDT1_INFO_OFF_EVICT_POLICY] = PDT1_EVICT_APPROVED + 1;
	expect(smpair_info_parse(info, PDT1_INFO_LEN, &parsed) == -EPROTO);
	info[PDT1_INFO_OFF_EVICT_POLICY] = PDT1_EVICT_APPROVED;
	info[PDT1_INFO_OFF_FREE] = info[PDT1_INFO_OFF_SLOTS] + 1;
	expect(smpair_info_parse(info, PDT1_INFO_LEN, &parsed) == -EPROTO);
	info[PDT1_INFO_OFF_FREE] = info[PDT1_INFO_OFF_SLOTS];
	info[PDT1_INFO_OFF_PTC] = info[PDT1_INFO_OFF_PTC_MAX] + 1;
	expect(smpair_info_parse(info, PDT1_INFO_LEN, &parsed) == -EPROTO);
	info[PDT1_INFO_OFF_PTC] = info[PDT1_INFO_OFF_PTC_MAX];
	info[PDT1_INFO_OFF_PTC_MAX] = PDT1_PTC_MAX + 1;
	expect(smpair_info_parse(info, PDT1_INFO_LEN, &parsed) == -EPROTO);
	info[PDT1_INFO_OFF_PTC_MAX] = PDT1_PTC_MAX;
	expect(!smpair_info_parse(info, PDT1_INFO_LEN, &parsed));
	info[PDT1_INFO_OFF_SLOTS] = PDT1_SLOTS_MAX + 1;
	expect(smpair_info_parse(info, PDT1_INFO_LEN, &parsed) == -EPROTO);
	info[PDT1_INFO_OFF_SLOTS] = 0;
	expect(smpair_info_parse(info, PDT1_INFO_LEN, &parsed) == -EPROTO);
	info[PDT1_INFO_OFF_STATE] |= PDT1_INFO_FATAL;
	expect(!smpair_info_parse(info, PDT1_INFO_LEN, &parsed));
}

/* One message through the engine, against the vectors from @at on; the vector after it */
static unsigned int replay_message(struct smpair_session *session, const struct vec_envelope *v,
				   unsigned int at, unsigned int count)
{
	u8 message[256], answer[512], wanted[512];
	struct smpair_envelope env;
	struct smpair_buf buf, message_buf, wanted_buf;
	unsigned int i, type = v[at].type;
	u16 sw;
	int ret;

	/* What the vectors carry from here to the last fetch is one message and its answer. */
	smpair_buf_init(&message_buf, message, sizeof(message));
	smpair_buf_init(&wanted_buf, wanted, sizeof(wanted));
	for (i = at; i < count; i++) {
		smpair_put(&message_buf, v[i].plain.data, v[i].plain.len);
		smpair_put(&wanted_buf, v[i].response_plain.data + PDT1_ENV_RSP_HEADER_LEN,
			   v[i].response_plain.len - PDT1_ENV_RSP_HEADER_LEN);
		if (!v[i].more && !(v[i].response_plain.data[2] & PDT1_ENV_MORE))
			break;
	}
	if (!expect(i < count && !message_buf.error && !wanted_buf.error))
		return count;
	sw = get_unaligned_be16(v[i].response_plain.data);

	smpair_envelope_init(&env, session, &limits, type, message, message_buf.len, answer,
			     sizeof(answer));
	env.fetching = type == PDT1_ENV_FETCH;
	do {
		smpair_buf_init(&buf, cmd, SMPAIR_COMMAND_MAX);
		if (!expect(!smpair_envelope_next(&env, &buf)))
			return count;
		expect(env.n == v[at].n);
		expect(command_is(&buf, PDT1_INS_ENVELOPE, v[at].type, v[at].more, v[at].data));
		ret = smpair_envelope_feed(&env, rsp, respond(v[at].response, PDT1_SW_OK));
		at++;
	} while (ret == 1 && at <= i);

	if (type == PDT1_ENV_FETCH) {
		/* Nothing was pending: no honest exchange has this answer. */
		expect(ret == -EPROTO);
	} else {
		expect(!ret && env.sw == sw);
		expect(same(answer, env.answer_len, (struct blob){ wanted, wanted_buf.len }));
	}
	return at;
}

static void replay_envelopes(struct smpair_session *session, const struct vec_envelope *v,
			     unsigned int count)
{
	unsigned int at = 0;

	expect(count == VEC_ENVELOPES);
	while (at < count)
		at = replay_message(session, v, at, count);
}

/* BEGIN up to an authentic E1 */
static bool replay_begin(struct smpair_pair *pair, const struct smpair_host *host,
			 const struct vec_pairing *v)
{
	struct smpair_buf buf;

	script_add(v->rh);
	script_add(v->xh);
	smpair_buf_init(&buf, cmd, SMPAIR_COMMAND_MAX);
	return expect(!smpair_begin_build(pair, &host->cy[0], &buf)) &&
	       expect(command_is(&buf, PDT1_INS_PAIR_BEGIN, 0, 0, v->begin_data)) &&
	       expect(!smpair_begin_parse(pair, v->begin_response.data, v->begin_response.len));
}

static bool replay_confirm(struct smpair_pair *pair, const struct smpair_host *host,
			   const struct vec_pairing *v)
{
	bool consent = v->e2_plain.data[PDT1_PIN_LEN];
	struct smpair_buf buf;

	script_add(v->pdc_nonce);
	smpair_buf_init(&buf, cmd, SMPAIR_COMMAND_MAX);
	return expect(!smpair_confirm_build(pair, host->sn, &host->gen[0], v->pin.data, consent,
					    &buf)) &&
	       expect(command_is(&buf, PDT1_INS_PAIR_CONFIRM, 0, 0, v->confirm_data));
}

static void check_e1(const struct smpair_pair *pair, const struct vec_pairing *v)
{
	const struct smpair_e1 *e1 = &pair->e1;
	u8 plain[PDT1_E1_PLAIN_LEN];
	struct smpair_buf buf;

	smpair_buf_init(&buf, plain, sizeof(plain));
	smpair_put(&buf, e1->mid, sizeof(e1->mid));
	smpair_put_u32(&buf, e1->n);
	smpair_put_u8(&buf, e1->pin_policy);
	smpair_put_u8(&buf, e1->ptc);
	smpair_put_u8(&buf, e1->flags);
	smpair_put_u8(&buf, e1->slot);
	smpair_put_u32(&buf, e1->request_code);
	smpair_put_u16(&buf, e1->m_min);
	smpair_put_u16(&buf, 0);
	smpair_put(&buf, e1->ka, sizeof(e1->ka));
	expect(same(plain, buf.len, v->e1_plain));
	expect(e1->n == v->n && e1->pin_policy == v->policy && e1->ptc == v->ptc &&
	       e1->flags == v->flags && e1->slot == v->slot);

	expect(same(pair->t1, sizeof(pair->t1), v->t1));
	expect(same(pair->kpm, sizeof(pair->kpm), v->kpm));
	expect(same(pair->kph, sizeof(pair->kph), v->kph));
	expect(same(pair->xp, sizeof(pair->xp), v->xp));
}

static void check_e3(const struct smpair_e3 *e3, const struct vec_pairing *v)
{
	u8 plain[PDT1_E3_PLAIN_LEN];
	struct smpair_buf buf;

	smpair_buf_init(&buf, plain, sizeof(plain));
	smpair_put_u16(&buf, e3->sw);
	smpair_put_u8(&buf, e3->ptc);
	smpair_put_u8(&buf, e3->slot);
	smpair_put_u32(&buf, e3->n);
	expect(same(plain, buf.len, v->e3_plain));
}

static void replay_pairing(const struct vec_pairing *v)
{
	struct smpair_pairing pairing = {}, stored = {};
	struct smpair_session session = {};
	struct smpair_pair pair = {};
	struct smpair_host *host;
	struct smpair_buf buf;
	struct smpair_e3 e3;
	bool paired = v->env_count;

	host = find_host(v->sn, v->m);
	if (!host)
		return;
	if (!replay_begin(&pair, host, v))
		goto out;
	check_e1(&pair, v);
	if (!replay_confirm(&pair, host, v))
		goto out;

	/* The key of E2 has been used: no second CONFIRM. */
	smpair_buf_init(&buf, cmd, SMPAIR_COMMAND_MAX);
	expect(smpair_confirm_build(&pair, host->sn, &host->gen[0], v->pin.data, false, &buf) ==
	       -EALREADY);

	if (!expect(!smpair_confirm_parse(&pair, v->confirm_response.data,
					  v->confirm_response.len, &e3, &pairing, &session)))
		goto out;
	check_e3(&e3, v);
	expect(smpair_session_live(&session) == paired && pairing.valid == paired);
	if (paired) {
		expect(same(session.prks, PDT1_KEY_LEN, v->prks));
		expect(same(pairing.ka, PDT1_KEY_LEN, v->ka));
		/* What the slot will give back at the next OPEN */
		expect(!pdc_unseal(&host->gen[0], host->sn, v->pdc.data, &stored));
		expect(!memcmp(&stored, &pairing, sizeof(stored)));
		replay_envelopes(&session, v->env, v->env_count);
	}
out:
	smpair_session_wipe(&session);
	expect(!smpair_session_live(&session));
	smpair_pair_wipe(&pair);
	smpair_host_put(host);
}

static void test_pairings(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pairings); i++)
		replay_pairing(&pairings[i]);
}

static void test_refused_pairings(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(refused_pairings); i++)
		replay_pairing(&refused_pairings[i]);
}

/* OPEN up to its command; *pairing as the host would have kept it */
static bool replay_open(struct smpair_open *open, const struct smpair_host *host,
			const struct vec_opening *v, struct smpair_pairing *pairing)
{
	bool cached = v->flags & PDT1_OPEN_FLAG_NO_PDC;
	struct smpair_buf buf;

	memset(pairing, 0, sizeof(*pairing));
	if (cached && !expect(!pdc_unseal(&host->gen[0], host->sn, v->pdc.data, pairing)))
		return false;

	script_add(v->rh);
	script_add(v->xh);
	smpair_buf_init(&buf, cmd, SMPAIR_COMMAND_MAX);
	return expect(!smpair_open_build(open, &host->gen[0], pairing, &buf)) &&
	       expect(command_is(&buf, PDT1_INS_OPEN, 0, 0, v->open_data));
}

static void replay_rewrap(struct smpair_session *session, const struct smpair_pairing *old,
			  const struct vec_opening *v)
{
	struct smpair_pairing renewed;
	struct smpair_host *host;
	u8 data[PDT1_REWRAP_LEN];

	host = find_host(v->sn, v->rewrap.m);
	if (!host)
		return;
	script_add(v->rewrap.pdc_nonce);
	expect(!smpair_rewrap_build(session, host->sn, old, &host->gen[0], data, &renewed));
	expect(v->rewrap.inner_command.len == 4 + sizeof(data) &&
	       !memcmp(data, v->rewrap.inner_command.data + 4, sizeof(data)));
	expect(renewed.m == v->rewrap.m && renewed.valid && renewed.slot == old->slot &&
	       renewed.n_s == old->n_s);
	expect(same(renewed.ka, sizeof(renewed.ka), v->rewrap.ka));

	/* Without random bytes nothing is built and nothing left behind. */
	expect(smpair_rewrap_build(session, host->sn, old, &host->gen[0], data, &renewed));
	expect(!memchr_inv(&renewed, 0, sizeof(renewed)) && !memchr_inv(data, 0, sizeof(data)));
	smpair_host_put(host);
}

/* The module that the vectors are about */
static const u8 *vector_mid(void)
{
	return pairings[0].e1_plain.data;
}

static void replay_opening(const struct vec_opening *v)
{
	struct smpair_session session = {};
	struct smpair_pairing pairing;
	struct smpair_open open = {};
	struct smpair_host *host;
	enum smpair_cause cause;
	bool restricted = true;
	u32 n = 0;

	host = find_host(v->sn, v->m);
	if (!host)
		return;
	if (!replay_open(&open, host, v, &pairing))
		goto out;
	if (!expect(!smpair_open_parse(&open, host->sn, vector_mid(), v->open_response.data,
				       v->open_response.len, &pairing, &n, &restricted,
				       &session, &cause)))
		goto out;
	expect(!cause && !restricted && n == v->n && smpair_session_live(&session));
	expect(!memchr_inv(open.secret, 0, sizeof(open.secret)));
	expect(pairing.valid && pairing.m == v->m && same(pairing.ka, PDT1_KEY_LEN, v->ka));
	expect(same(session.prks, PDT1_KEY_LEN, v->prks));
	replay_envelopes(&session, v->env, v->env_count);
	if (v->rewrap.m)
		replay_rewrap(&session, &pairing, v);
out:
	smpair_session_wipe(&session);
	smpair_open_wipe(&open);
	smpair_host_put(host);
}

static void test_openings(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(openings); i++)
		replay_opening(&openings[i]);
}

/* No bit of the module's part of a pairing can be changed, no byte added or left out. */
static void test_pairing_tampered(void)
{
	const struct vec_pairing *v = &pairings[0];
	struct smpair_pairing pairing = {};
	struct smpair_session session = {};
	struct smpair_pair pair = {};
	struct smpair_host *host;
	struct smpair_e3 e3;
	unsigned int i;

	host = find_host(v->sn, v->m);
	if (!host)
		return;
	for (i = 0; i < v->begin_response.len; i++) {
		if (!replay_begin(&pair, host, v))
			goto out;
		respond(v->begin_response, 0);
		rsp[i] ^= 0x80;
		memcpy(pair.secret, v->xh.data, sizeof(pair.secret));
		memset(&pair.e1, 0, sizeof(pair.e1));
		expect(smpair_begin_parse(&pair, rsp, v->begin_response.len) == -EBADMSG);
		expect(!memchr_inv(&pair.e1, 0, sizeof(pair.e1)));
	}

	/* A public value of small order */
	respond(v->begin_response, 0);
	memset(rsp + PDT1_RAND_LEN, 0, PDT1_X25519_LEN);
	memcpy(pair.secret, v->xh.data, sizeof(pair.secret));
	expect(smpair_begin_parse(&pair, rsp, v->begin_response.len) == -EBADMSG);
	expect(smpair_begin_parse(&pair, rsp, v->begin_response.len - 1) == -EPROTO);
	expect(smpair_begin_parse(&pair, rsp, v->begin_response.len + 1) == -EPROTO);

	if (!replay_begin(&pair, host, v) || !replay_confirm(&pair, host, v))
		goto out;
	for (i = 0; i < v->confirm_response.len; i++) {
		respond(v->confirm_response, 0);
		rsp[i] ^= 0x80;
		expect(smpair_confirm_parse(&pair, rsp, v->confirm_response.len, &e3, &pairing,
					    &session) == -EBADMSG);
	}
	expect(smpair_confirm_parse(&pair, rsp, v->confirm_response.len - 1, &e3, &pairing,
				    &session) == -EPROTO);
	expect(smpair_confirm_parse(&pair, rsp, v->confirm_response.len + 1, &e3, &pairing,
				    &session) == -EPROTO);
	expect(!smpair_session_live(&session) && !pairing.valid);
out:
	smpair_pair_wipe(&pair);
	smpair_host_put(host);
}

/* One answer to OPEN, in rsp; what the engine concludes */
static enum smpair_cause judge_open(const struct smpair_host *host, const struct vec_opening *v,
				    const u8 *mid, size_t len, int *ret)
{
	struct smpair_session session = {};
	struct smpair_pairing pairing, before;
	struct smpair_open open = {};
	enum smpair_cause cause = SMPAIR_CAUSE_NONE;
	bool restricted;
	u32 n;

	*ret = 0;
	if (!replay_open(&open, host, v, &pairing))
		return SMPAIR_CAUSE_NONE;
	before = pairing;
	*ret = smpair_open_parse(&open, host->sn, mid, rsp, len, &pairing, &n, &restricted,
				 &session, &cause);
	expect(smpair_session_live(&session) == !*ret);
	expect(!*ret || !memcmp(&before, &pairing, sizeof(before)));
	expect(*ret || restricted == !!(rsp[PDT1_RAND_LEN] & PDT1_OPEN_FL_RESTRICTED));
	smpair_session_wipe(&session);
	smpair_open_wipe(&open);
	return cause;
}

static void open_tampered(const struct smpair_host *host, const struct vec_opening *v)
{
	size_t len = v->open_response.len, pdc_at = PDT1_OPEN_RSP_SHORT_LEN - PDT1_MACM_LEN;
	bool cached = v->flags & PDT1_OPEN_FLAG_NO_PDC;
	enum smpair_cause cause;
	unsigned int i;
	int ret;

	for (i = 0; i < len; i++) {
		bool in_pdc = !cached && i >= pdc_at && i < pdc_at + PDT1_PDC_LEN;

		respond(v->open_response, 0);
		rsp[i] ^= 0x80;
		cause = judge_open(host, v, vector_mid(), len, &ret);
		expect(ret == -EBADMSG &&
		       cause == (in_pdc ? SMPAIR_CAUSE_BAD_PDC : SMPAIR_CAUSE_BAD_MAC));
	}
	respond(v->open_response, 0);
	memset(rsp + PDT1_OPEN_RSP_SHORT_LEN - PDT1_MACM_LEN - PDT1_X25519_LEN, 0,
	       PDT1_X25519_LEN);
	cause = judge_open(host, v, vector_mid(), len, &ret);
	expect(ret == -EBADMSG && cause == SMPAIR_CAUSE_BAD_MAC);

	respond(v->open_response, 0);
	for (i = 0; i <= len + 1; i++) {
		if (i == len)
			continue;
		cause = judge_open(host, v, vector_mid(), i, &ret);
		expect(ret == -EPROTO && cause == SMPAIR_CAUSE_LINK_ERROR);
	}
}

/* The module's side: makes the answer in rsp authentic again after a change. */
static void open_sign(const struct vec_opening *v)
{
	size_t r0_len = v->open_response.len - PDT1_MACM_LEN;
	u8 ts[PDT1_HASH_LEN], dh[PDT1_X25519_LEN], prks[PDT1_KEY_LEN];

	expect(!smpair_x25519(v->xh.data, rsp + PDT1_RAND_LEN + 6, dh));
	expect(!transcript(PDT1_CTX_SESSION, v->open_data.data, v->open_data.len, rsp, r0_len,
			   ts));
	expect(!extract_two(ts, v->ka.data, dh, prks));
	expect(!smpair_kdf(prks, PDT1_LABEL_MM, NULL, 0, rsp + r0_len, PDT1_MACM_LEN));
}

/* Authentic answers that the host refuses all the same, and a restricted one */
static void open_refused(const struct smpair_host *host, const struct vec_opening *v)
{
	u8 *flags = rsp + PDT1_RAND_LEN, *zero = flags + 1, *n = zero + 1;
	size_t len = v->open_response.len;
	struct smpair_pairing stored;
	enum smpair_cause cause;
	u8 mid[PDT1_ID_LEN];
	int ret;

	if (!expect(!pdc_unseal(&host->gen[0], host->sn, v->pdc.data, &stored)))
		return;

	respond(v->open_response, 0);
	put_unaligned_be32(stored.n_s, n);
	open_sign(v);
	expect(!judge_open(host, v, vector_mid(), len, &ret) && !ret);
	put_unaligned_be32(stored.n_s - 1, n);
	open_sign(v);
	cause = judge_open(host, v, vector_mid(), len, &ret);
	expect(ret == -EKEYREJECTED && cause == SMPAIR_CAUSE_ROLLBACK);

	respond(v->open_response, 0);
	memcpy(mid, vector_mid(), sizeof(mid));
	mid[0] ^= 1;
	cause = judge_open(host, v, mid, len, &ret);
	expect(ret == -EKEYREJECTED && cause == SMPAIR_CAUSE_WRONG_MODULE);

	*flags = PDT1_OPEN_FL_RESTRICTED;
	open_sign(v);
	expect(!judge_open(host, v, vector_mid(), len, &ret) && !ret);
	*flags = 2;
	open_sign(v);
	cause = judge_open(host, v, vector_mid(), len, &ret);
	expect(ret == -EPROTO && cause == SMPAIR_CAUSE_LINK_ERROR);
	*flags = 0;
	*zero = 1;
	open_sign(v);
	cause = judge_open(host, v, vector_mid(), len, &ret);
	expect(ret == -EPROTO && cause == SMPAIR_CAUSE_LINK_ERROR);
}

static void for_both_openings(void (*test)(const struct smpair_host *host,
					   const struct vec_opening *v))
{
	struct smpair_host *host;
	unsigned int i;

	/* The first two: with the PDC, and with a cached KA */
	for (i = 0; i < 2; i++) {
		expect(openings[i].flags == i);
		host = find_host(openings[i].sn, openings[i].m);
		if (host)
			test(host, &openings[i]);
		smpair_host_put(host);
	}
}

static void test_open_tampered(void)
{
	for_both_openings(open_tampered);
}

static void test_open_refused(void)
{
	for_both_openings(open_refused);
}

/* The module's side of an envelope: seals an answer to @env's last command into rsp. */
static size_t module_seal(struct smpair_envelope *env, u16 sw, bool more, const void *data,
			  size_t len)
{
	u8 nonce[PDT1_NONCE_LEN];
	u8 ad[ENVELOPE_AD_LEN];

	put_unaligned_be16(sw, rsp);
	rsp[2] = more;
	memcpy(rsp + PDT1_ENV_RSP_HEADER_LEN, data, len);
	len += PDT1_ENV_RSP_HEADER_LEN;
	envelope_nonce(nonce, env->session->iv_m2h, env->n);
	envelope_ad(ad, FROM_MODULE, env);
	expect(!smpair_aead_encrypt(env->session->m2h, nonce, ad, sizeof(ad), rsp, len));
	len += PDT1_TAG_LEN;
	put_unaligned_be16(PDT1_SW_OK, rsp + len);
	return len + sizeof(u16);
}

static size_t module_answer(struct smpair_envelope *env, u16 sw, bool more, const char *text)
{
	return module_seal(env, sw, more, text, strlen(text));
}

/* The module's side: opens the command in cmd; its plaintext, within cmd, or NULL */
static const u8 *module_open(struct smpair_envelope *env, size_t *len)
{
	u8 nonce[PDT1_NONCE_LEN];
	u8 ad[ENVELOPE_AD_LEN];
	/* Commands of the limits above are short ones. */
	u8 *data = cmd + 5;
	size_t sealed = cmd[4];

	*len = sealed - PDT1_TAG_LEN;
	envelope_nonce(nonce, env->session->iv_h2m, env->n);
	envelope_ad(ad, FROM_HOST, env);
	if (!expect(!memcmp(cmd, (u8 []){ PDT1_CLA, PDT1_INS_ENVELOPE, env->p1, env->p2 }, 4)) ||
	    !expect(!smpair_aead_decrypt(env->session->h2m, nonce, ad, sizeof(ad), data, sealed)))
		return NULL;
	return data;
}

static int build_next(struct smpair_envelope *env)
{
	struct smpair_buf buf;

	smpair_buf_init(&buf, cmd, SMPAIR_COMMAND_MAX);
	return smpair_envelope_next(env, &buf);
}

/* A session, and a message of @len bytes whose first command has been sent */
static bool send_first(struct smpair_session *session, struct smpair_envelope *env, size_t len,
		       void *answer, size_t size)
{
	static const u8 message[1025];

	if (!expect(!smpair_session_init(session, pairings[0].prks.data)))
		return false;
	smpair_envelope_init(env, session, &limits, PDT1_ENV_APPLICATION, message, len, answer,
			     size);
	return expect(!build_next(env));
}

static void test_envelope_refused(void)
{
	struct smpair_session session = {};
	struct smpair_envelope env;
	u8 answer[8];
	unsigned int i;
	size_t len;

	/* Each bit of a response counts, and so does its length. */
	if (!send_first(&session, &env, 4, answer, sizeof(answer)))
		goto out;
	len = module_answer(&env, PDT1_SW_OK, false, "abc") - sizeof(u16);
	for (i = 0; i < len; i++) {
		module_answer(&env, PDT1_SW_OK, false, "abc");
		rsp[i] ^= 0x80;
		expect(smpair_envelope_feed(&env, rsp, len + 2) == -EBADMSG);
		expect(!memchr_inv(rsp, 0, len));
	}
	for (i = 0; i < PDT1_ENV_OVERHEAD_RSP + 2; i++) {
		memset(rsp, 0, len);
		if (i >= 2)
			put_unaligned_be16(PDT1_SW_OK, rsp + i - 2);
		expect(smpair_envelope_feed(&env, rsp, i) == -EPROTO);
	}

	/* Outer status words decide nothing. */
	len = module_answer(&env, PDT1_SW_OK, false, "abc");
	put_unaligned_be16(PDT1_SW_CRYPTO, rsp + len - 2);
	expect(smpair_envelope_feed(&env, rsp, len) == -ECONNRESET);
	expect(smpair_envelope_feed(&env, rsp, respond((struct blob){}, PDT1_SW_STATE)) ==
	       -ECONNRESET);

	/* The answer to another command, or of another type */
	len = module_answer(&env, PDT1_SW_OK, false, "abc");
	env.n++;
	expect(smpair_envelope_feed(&env, rsp, len) == -EBADMSG);
	env.n--;
	len = module_answer(&env, PDT1_SW_OK, false, "abc");
	env.p1 = PDT1_ENV_INNER;
	expect(smpair_envelope_feed(&env, rsp, len) == -EBADMSG);

	/* A part that brings nothing; a status word that changes; too long an answer */
	if (!send_first(&session, &env, 4, answer, sizeof(answer)))
		goto out;
	len = module_answer(&env, PDT1_SW_OK, true, "");
	expect(smpair_envelope_feed(&env, rsp, len) == -EPROTO);
	if (!send_first(&session, &env, 4, answer, sizeof(answer)))
		goto out;
	len = module_answer(&env, PDT1_SW_OK, true, "12345678");
	expect(smpair_envelope_feed(&env, rsp, len) == 1);
	expect(!build_next(&env) && env.p1 == PDT1_ENV_FETCH);
	len = module_answer(&env, PDT1_SW_DATA, false, "");
	expect(smpair_envelope_feed(&env, rsp, len) == -EPROTO);
	len = module_answer(&env, PDT1_SW_OK, false, "9");
	expect(smpair_envelope_feed(&env, rsp, len) == -EMSGSIZE);
	len = module_answer(&env, PDT1_SW_OK, false, "");
	expect(!smpair_envelope_feed(&env, rsp, len) && env.answer_len == 8);
	if (!send_first(&session, &env, 4, answer, sizeof(answer)))
		goto out;
	env.limit = 7;
	len = module_answer(&env, PDT1_SW_OK, false, "12345678");
	expect(smpair_envelope_feed(&env, rsp, len) == -EMSGSIZE);

	/* A chunk is answered without data; an inner error on it ends the message. */
	if (!send_first(&session, &env, 101, answer, sizeof(answer)))
		goto out;
	expect(env.p2 == PDT1_ENV_MORE);
	len = module_answer(&env, PDT1_SW_OK, false, "x");
	expect(smpair_envelope_feed(&env, rsp, len) == -EPROTO);
	len = module_answer(&env, PDT1_SW_OK, true, "");
	expect(smpair_envelope_feed(&env, rsp, len) == -EPROTO);
	len = module_answer(&env, PDT1_SW_LENGTH, false, "");
	expect(!smpair_envelope_feed(&env, rsp, len) && env.sw == PDT1_SW_LENGTH);
out:
	smpair_session_wipe(&session);
}

#define PART_MAX	60	/* of an answer */

/* A message of @len bytes out, and an answer of @answer_len bytes back */
static void chain(struct smpair_session *session, const u8 *message, size_t len, u8 *answer,
		  size_t answer_len)
{
	size_t got = 0, given = 0, part, plain_len;
	struct smpair_envelope env;
	const u8 *plain;
	u32 n = session->n;
	bool more;
	int ret;

	smpair_envelope_init(&env, session, &limits, PDT1_ENV_INNER, message, len, answer,
			     answer_len);
	do {
		if (!expect(!build_next(&env)) || !expect(env.n == n++))
			return;
		plain = module_open(&env, &plain_len);
		if (!plain)
			return;
		if (env.p1 == PDT1_ENV_FETCH) {
			expect(got == len && given && !env.p2 && !plain_len);
		} else {
			expect(env.p1 == PDT1_ENV_INNER && plain_len == min(len - got, env.chunk));
			expect(!memcmp(plain, message + got, plain_len));
			got += plain_len;
			expect(env.p2 == (got < len ? PDT1_ENV_MORE : 0));
		}

		part = got < len ? 0 : min(answer_len - given, (size_t)PART_MAX);
		more = part && given + part < answer_len;
		ret = smpair_envelope_feed(&env, rsp, module_seal(&env, PDT1_SW_OK, more,
								  message + given, part));
		given += part;
		if (!expect(ret == (got < len || more)))
			return;
	} while (ret == 1);

	expect(got == len && given == answer_len && env.answer_len == answer_len);
	expect(env.sw == PDT1_SW_OK && !memcmp(answer, message, answer_len));
	expect(session->n == n);
}

static void test_chaining(void)
{
	static const size_t lens[] = { 0, 1, 99, 100, 101, 199, 200, 201, 1023, 1024 };
	static const size_t answer_lens[] = { 0, 1, 59, 60, 61, 120, 121, 1024 };
	struct smpair_session session = {};
	static u8 message[1024];
	unsigned int i, j;
	u8 *answer;

	answer = kmalloc(sizeof(message), GFP_KERNEL);
	if (!expect(answer) || !expect(!smpair_session_init(&session, pairings[0].prks.data)))
		goto out;
	for (i = 0; i < sizeof(message); i++)
		message[i] = i ^ i >> 8;
	for (i = 0; i < ARRAY_SIZE(lens); i++)
		for (j = 0; j < ARRAY_SIZE(answer_lens); j++)
			chain(&session, message, lens[i], answer, answer_lens[j]);
out:
	smpair_session_wipe(&session);
	kfree(answer);
}

static void test_session_limits(void)
{
	struct smpair_session session = {};
	struct smpair_envelope env;
	static const u8 message[1025];
	u8 answer[8], nonce[PDT1_NONCE_LEN];
	u8 iv[PDT1_NONCE_LEN];

	if (!expect(!smpair_session_init(&session, pairings[0].prks.data)))
		return;
	smpair_envelope_init(&env, &session, &limits, PDT1_ENV_APPLICATION, message, 1025, answer,
			     sizeof(answer));
	expect(build_next(&env) == -EMSGSIZE && !session.n);

	smpair_envelope_init(&env, &session, &limits, PDT1_ENV_APPLICATION, message, 1, answer,
			     sizeof(answer));
	session.n = PDT1_SESSION_COMMANDS_MAX - 1;
	expect(!build_next(&env) && env.n == PDT1_SESSION_COMMANDS_MAX - 1);
	expect(build_next(&env) == -EKEYEXPIRED);

	session.n = 9;
	expect(!smpair_session_expired(&session, 10, 3600));
	expect(smpair_session_expired(&session, 9, 3600));
	session.born = ktime_sub(session.born, ktime_set(3600, 0));
	expect(smpair_session_expired(&session, 10, 3600));
	smpair_session_wipe(&session);
	smpair_session_wipe(&session);

	memset(iv, 0xff, sizeof(iv));
	envelope_nonce(nonce, iv, 0x00fedcba);
	expect(!memcmp(nonce, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x23\x45", sizeof(nonce)));
}

static void test_cy_order(void)
{
	static const struct { u16 g; u32 domain; } cys[] = {
		{ 1, 5 }, { 9, 5 }, { 3, 6 }, { 3, 5 }, { 7, 5 }, { 2, 5 },
	};
	static const u8 wanted[] = { 3, 2, 5, 1, 4, 0 };
	const struct smpair_info info = { .domain = 5, .g = { 2, 0, 3, 0 } };
	u8 order[SMPAIR_CY_MAX];
	struct smpair_host *host;
	unsigned int i;

	host = kzalloc(sizeof(*host), GFP_KERNEL);
	if (!expect(host))
		return;
	host->cy_count = ARRAY_SIZE(cys);
	for (i = 0; i < ARRAY_SIZE(cys); i++) {
		host->cy[i].g = cys[i].g;
		host->cy[i].domain = cys[i].domain;
	}
	expect(smpair_cy_order(host, &info, order) == ARRAY_SIZE(cys));
	expect(!memcmp(order, wanted, sizeof(wanted)));
	kfree(host);
}

static struct key *make_key(struct key_type *type, const void *data, size_t len, key_perm_t perm)
{
	struct key *key;

	key = key_alloc(type, "smpair:vectors", GLOBAL_ROOT_UID, GLOBAL_ROOT_GID, current_cred(),
			perm, KEY_ALLOC_NOT_IN_QUOTA, NULL);
	if (!expect(!IS_ERR(key)))
		return NULL;
	if (!expect(!key_instantiate_and_link(key, data, len, NULL, NULL))) {
		key_put(key);
		return NULL;
	}
	return key;
}

/* Loads from a key made for the purpose */
static int load_host(struct key_type *type, const void *data, size_t len, key_perm_t perm)
{
	struct netlink_ext_ack extack = {};
	struct key *key;
	int ret;

	key = make_key(type, data, len, perm);
	if (!key)
		return -ENOKEY;
	ret = smpair_host_load(key->serial, (const void *)hosts[0].cy.data, 1, &extack);
	expect(!ret == !extack._msg);
	key_put(key);
	return ret;
}

/* Returns what was said to a refusal in @said. */
static int load_pin(struct key_type *type, const char *digits, u8 *pin, bool *left,
		    const char **said)
{
	struct netlink_ext_ack extack = {};
	struct key *key;
	int ret;

	key = make_key(type, digits, strlen(digits), KEY_USR_ALL);
	if (!key)
		return -ENOKEY;
	ret = smpair_pin_load(key->serial, pin, &extack);
	*left = !key_validate(key);
	*said = extack._msg;
	expect(!ret == !*said);
	key_put(key);
	return ret;
}

static void test_keys(void)
{
	u8 payload[PAYLOAD_MAX + 1] = {}, pin[PDT1_PIN_LEN];
	struct smpair_host *host, *kept;
	struct smpair_buf buf;
	const char *said;
	struct key *key;
	bool left;

	expect(!smpair_host_get());
	smpair_buf_init(&buf, payload, sizeof(payload));
	payload_put(&buf, &hosts[0], 1);
	payload_put_gen(&buf, &hosts[0]);
	expect(!load_host(&key_type_logon, payload, buf.len, KEY_USR_ALL));
	host = smpair_host_get();
	if (expect(host))
		expect(same(host->gen[0].tk, PDT1_KEY_LEN, hosts[0].tk));

	/* What is refused leaves the credentials in use alone. */
	expect(load_host(&key_type_user, payload, buf.len, KEY_USR_ALL) == -EKEYREJECTED);
	expect(load_host(&key_type_logon, payload, buf.len, KEY_USR_VIEW) == -EACCES);
	expect(load_host(&key_type_logon, payload, buf.len - 1, KEY_USR_ALL) == -EINVAL);
	expect(load_host(&key_type_logon, payload, sizeof(payload), KEY_USR_ALL) == -EINVAL);
	expect(smpair_host_load(0, (const void *)hosts[0].cy.data, 1, NULL) == -EINVAL);
	expect(smpair_host_load(KEY_SPEC_SESSION_KEYRING, (const void *)hosts[0].cy.data, 1,
				NULL) == -EINVAL);
	key = make_key(&key_type_logon, payload, buf.len, KEY_USR_ALL);
	if (key) {
		key_revoke(key);
		expect(smpair_host_load(key->serial, (const void *)hosts[0].cy.data, 1, NULL) ==
		       -EKEYREVOKED);
		key_put(key);
	}
	kept = smpair_host_get();
	expect(kept == host);
	smpair_host_put(kept);

	/* A reference outlives what it was taken from. */
	smpair_host_clear();
	expect(!smpair_host_get());
	if (host)
		expect(same(host->gen[0].tk, PDT1_KEY_LEN, hosts[0].tk));
	smpair_host_put(host);

	expect(!load_pin(&key_type_logon, "01234567", pin, &left, &said) && !left);
	expect(!memcmp(pin, "01234567", sizeof(pin)));
	expect(load_pin(&key_type_logon, "0123456", pin, &left, &said) == -EINVAL && left);
	expect(load_pin(&key_type_logon, "012345678", pin, &left, &said) == -EINVAL && left);
	expect(load_pin(&key_type_logon, "0123456a", pin, &left, &said) == -EINVAL && left);
	expect(!memchr_inv(pin, 0, sizeof(pin)));
	expect(load_pin(&key_type_user, "01234567", pin, &left, &said) == -EKEYREJECTED && left);
	/* Credentials may be in a key of another type besides, a PIN may not. */
	expect(said && strstr(said, "type logon only"));
}

const struct engine_test engine_tests[] = {
	{ "HMAC and HKDF-Extract give the values of RFC 4231 and RFC 5869", test_prf },
	{ "AES-256-GCM gives the values of RFC 7714 and notices every bit", test_aead },
	{ "key derivation gives the values of the vectors", test_kdf },
	{ "X25519 agrees with RFC 7748, and refuses values of small order", test_x25519 },
	{ "host credentials derive to AS, TK and KW of the vectors", test_hosts },
	{ "malformed host keys and cryptograms are refused", test_host_refusals },
	{ "credentials and PINs come from hidden keys only", test_keys },
	{ "commands are built in short and extended form, within bounds", test_apdu },
	{ "INFO and the answer to SELECT are refused when malformed", test_info },
	{ "cryptograms are tried in the order of section 3", test_cy_order },
	{ "pairings give the bytes and keys of the vectors", test_pairings },
	{ "refused pairings give the verdicts of the vectors", test_refused_pairings },
	{ "openings and REWRAP give the bytes and keys of the vectors", test_openings },
	{ "a changed byte of E1 or E3 is noticed", test_pairing_tampered },
	{ "a changed byte of the answer to OPEN is noticed", test_open_tampered },
	{ "rollback, another module and undefined bits are refused", test_open_refused },
	{ "messages and answers are cut and joined at every boundary", test_chaining },
	{ "envelopes out of order, changed or too long are refused", test_envelope_refused },
	{ "sessions end at their limits", test_session_limits },
};

const unsigned int engine_test_count = ARRAY_SIZE(engine_tests);

int engine_setup(void)
{
	cmd = kmalloc(SMPAIR_COMMAND_MAX, GFP_KERNEL);
	rsp = kmalloc(SMPAIR_RESPONSE_MAX, GFP_KERNEL);
	if (cmd && rsp)
		return 0;
	engine_teardown();
	return -ENOMEM;
}

void engine_teardown(void)
{
	kfree(cmd);
	kfree(rsp);
	cmd = NULL;
	rsp = NULL;
}
