// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "softmod/core/bytes.h"
#include "softmod/core/kdf.h"
#include "softmod/core/pin.h"
#include "softmod/port/crypto_mbedtls.h"
#include "softmod/tests/curve.h"
#include "softmod/tests/host.h"

static struct sm_port port;

static void port_init(void)
{
	crypto_mbedtls_init(&port);
	port.x25519 = curve_x25519;
}

static void kdf(const uint8_t *key, const char *label, const void *ctx,
		size_t ctx_len, uint8_t *out, size_t len)
{
	assert_int_equal(sm_kdf(&port, key, label, ctx, ctx_len, out, len), 0);
}

static void seal(const uint8_t *key, const uint8_t *nonce, const void *ad,
		 size_t ad_len, const void *in, size_t len, uint8_t *out)
{
	memcpy(out, nonce, 12);
	assert_int_equal(port.gcm_seal(NULL, key, nonce, ad, ad_len, in, len,
				       out + 12), 0);
}

void host_derive(struct host *h, uint16_t m, const uint8_t mhkey[32],
		 const uint8_t hs[32], uint32_t dom, uint16_t g)
{
	uint8_t ctx[64], x[32], w[32];

	port_init();
	h->m = m;
	sm_put16(ctx, m);
	memcpy(ctx + 2, h->sn, 8);
	kdf(mhkey, "mh", ctx, 10, x, 32);
	memcpy(ctx + 10, x, 32);
	kdf(hs, "wrap", ctx, 42, w, 32);
	kdf(w, "tag", NULL, 0, h->tk, 32);
	kdf(w, "pdc", NULL, 0, h->kw, 32);

	sm_put32(ctx, dom);
	sm_put16(ctx + 4, g);
	memcpy(ctx + 6, h->sn, 8);
	kdf(hs, "as", ctx, 14, h->as, 32);
}

void host_cryptogram(struct host *h, uint32_t serial, uint16_t rights, uint16_t g,
		     const uint8_t k[32])
{
	uint8_t mhkey[32], hs[32], key[32];
	uint8_t body[PDT1_CY_BODY_LEN] = { 0 };
	uint8_t nonce[12];

	memset(mhkey, 0x22 + h->m, sizeof(mhkey));
	memset(hs, 0x33, sizeof(hs));
	memset(nonce, (int)serial, sizeof(nonce));
	host_derive(h, h->m, mhkey, hs, 1, g);

	h->cy[0] = 1;
	h->cy[1] = 1;
	sm_put16(h->cy + 2, g);
	sm_put32(h->cy + 4, 1);
	memcpy(body, h->sn, 8);
	memcpy(body + 8, h->as, 32);
	sm_put32(body + 40, serial);
	sm_put16(body + 44, rights);
	kdf(k, "cy", NULL, 0, key, 32);
	seal(key, nonce, h->cy, 8, body, sizeof(body), h->cy + 8);
}

void host_init(struct host *h, uint32_t serial, uint16_t m, uint16_t rights)
{
	uint8_t k[32];

	memset(h, 0, sizeof(*h));
	h->sn[0] = 1;
	h->sn[1] = 1;
	sm_put32(h->sn + 4, serial);
	h->m = m;
	memset(k, 0x11, sizeof(k));
	host_cryptogram(h, serial, rights, 1, k);

	memset(h->rh, 0xa0, sizeof(h->rh));
	memset(h->xh, 0x70, sizeof(h->xh));
	memset(h->pdc_nonce, 0xd0, sizeof(h->pdc_nonce));
}

static void share(const struct host *h, const uint8_t *peer, uint8_t *dh)
{
	assert_int_equal(port.x25519(NULL, h->xh, peer, dh), 0);
}

static void session_keys(struct host *h)
{
	kdf(h->prks, "h2m", NULL, 0, h->h2m, 44);
	kdf(h->prks, "m2h", NULL, 0, h->m2h, 44);
	h->n = 0;
}

uint16_t host_begin(struct sm_module *m, struct host *h)
{
	static uint8_t rsp[SM_RESPONSE_MAX];
	static const uint8_t ad[4] = { 0x52, 0x14, 0, 0 };
	uint8_t text[256], secret[64], prkp[32], nonce[12];
	struct sm_part part = { text, 0 };
	size_t len;
	uint16_t sw;

	h->begin[0] = 1;
	h->begin[1] = 0;
	memcpy(h->begin + 2, h->rh, 16);
	memcpy(h->begin + 18, h->cy, PDT1_CY_LEN);
	assert_int_equal(port.x25519(NULL, h->xh, NULL, h->begin + 102), 0);
	sw = test_apdu(m, PDT1_INS_PAIR_BEGIN, 0, 0, h->begin,
		       PDT1_BEGIN_LEN, rsp, &len);
	if (sw != PDT1_SW_OK)
		return sw;
	assert_int_equal(len, PDT1_BEGIN_RSP_LEN);

	memcpy(text, "PDT1 pair", 9);
	sm_put16(text + 9, PDT1_BEGIN_LEN);
	memcpy(text + 11, h->begin, PDT1_BEGIN_LEN);
	sm_put16(text + 11 + PDT1_BEGIN_LEN, PDT1_R1_LEN);
	memcpy(text + 13 + PDT1_BEGIN_LEN, rsp, PDT1_R1_LEN);
	part.len = 13 + PDT1_BEGIN_LEN + PDT1_R1_LEN;
	assert_int_equal(port.sha256(NULL, &part, 1, h->t1), 0);

	memcpy(secret, h->as, 32);
	share(h, rsp + 16, secret + 32);
	part = (struct sm_part){ secret, 64 };
	assert_int_equal(port.hmac(NULL, h->t1, &part, 1, prkp), 0);
	kdf(prkp, "pm", NULL, 0, h->kpm, 32);
	kdf(prkp, "ph", NULL, 0, h->kph, 32);
	kdf(prkp, "exp", NULL, 0, h->xp, 32);

	memcpy(h->e1_sealed, rsp + 48, PDT1_E1_LEN);
	memset(nonce, 0, sizeof(nonce));
	assert_int_equal(port.gcm_open(NULL, h->kpm, nonce, ad, 4,
				       h->e1_sealed, PDT1_E1_LEN, h->e1), 0);
	memcpy(h->ka, h->e1 + 24, 32);
	memcpy(h->mid, h->e1, 8);
	h->n_s = E1_N(h) + 1;
	h->slot = E1_SLOT(h);
	return sw;
}

/* The PDC of the pairing that @h knows */
static void seal_pdc(const struct host *h, uint8_t *pdc)
{
	uint8_t plain[PDT1_PDC_PLAIN_LEN] = { 0 };
	uint8_t ad[18];

	memcpy(ad, "PDT1 PDC", 8);
	sm_put16(ad + 8, h->m);
	memcpy(ad + 10, h->sn, 8);
	memcpy(plain, h->ka, 32);
	memcpy(plain + 32, h->mid, 8);
	sm_put32(plain + 40, h->n_s);
	plain[44] = h->slot;
	seal(h->kw, h->pdc_nonce, ad, sizeof(ad), plain, sizeof(plain), pdc);
}

void host_seal_e2(struct host *h, const uint8_t pin[8], uint8_t opt,
		  uint8_t e2[PDT1_E2_LEN])
{
	static const uint8_t ad[4] = { 0x43, 0x16, 0, 0 };
	static const uint8_t nonce[12];
	uint8_t plain[PDT1_E2_PLAIN_LEN] = { 0 };

	memcpy(plain, pin, 8);
	plain[8] = opt;
	sm_put16(plain + 10, h->m);
	memcpy(plain + 12, h->tk, 32);
	seal_pdc(h, plain + 44);
	assert_int_equal(port.gcm_seal(NULL, h->kph, nonce, ad, 4, plain,
				       sizeof(plain), e2), 0);
}

uint16_t host_confirm(struct sm_module *m, struct host *h,
		      const uint8_t pin[8], uint8_t opt)
{
	static uint8_t rsp[SM_RESPONSE_MAX];
	static const uint8_t ad[4] = { 0x52, 0x16, 0, 0 };
	static const uint8_t one[12] = { [11] = 1 };
	uint8_t e2[PDT1_E2_LEN], text[512], t2[32], secret[64];
	struct sm_part part;
	uint16_t sw;
	size_t len;

	host_seal_e2(h, pin, opt, e2);
	sw = test_apdu(m, PDT1_INS_PAIR_CONFIRM, 0, 0, e2, sizeof(e2), rsp,
		       &len);
	if (sw != PDT1_SW_OK)
		return sw;
	assert_int_equal(len, PDT1_E3_LEN);
	assert_int_equal(port.gcm_open(NULL, h->kpm, one, ad, 4, rsp,
				       PDT1_E3_LEN, h->e3), 0);

	memcpy(text, "PDT1 ps", 7);
	memcpy(text + 7, h->t1, 32);
	memcpy(text + 39, h->e1_sealed, PDT1_E1_LEN);
	memcpy(text + 111, e2, PDT1_E2_LEN);
	memcpy(text + 247, rsp, PDT1_E3_LEN);
	part = (struct sm_part){ text, 271 };
	assert_int_equal(port.sha256(NULL, &part, 1, t2), 0);
	memcpy(secret, h->ka, 32);
	memcpy(secret + 32, h->xp, 32);
	part = (struct sm_part){ secret, 64 };
	assert_int_equal(port.hmac(NULL, t2, &part, 1, h->prks), 0);
	session_keys(h);
	h->fl = 0;
	return sw;
}

/* KA out of the PDC in an answer to OPEN */
static void open_pdc(struct host *h, const uint8_t *pdc)
{
	uint8_t plain[PDT1_PDC_PLAIN_LEN], ad[18];

	memcpy(ad, "PDT1 PDC", 8);
	sm_put16(ad + 8, h->m);
	memcpy(ad + 10, h->sn, 8);
	assert_int_equal(port.gcm_open(NULL, h->kw, pdc, ad, sizeof(ad),
				       pdc + 12, PDT1_PDC_LEN - 12, plain), 0);
	memcpy(h->ka, plain, 32);
	memcpy(h->mid, plain + 32, 8);
	h->n_s = sm_get32(plain + 40);
	h->slot = plain[44];
}

uint16_t host_open(struct sm_module *m, struct host *h, uint8_t flags)
{
	static uint8_t rsp[SM_RESPONSE_MAX];
	uint8_t c[PDT1_OPEN_LEN], text[512], mac[32], ts[32], secret[64];
	struct sm_part part;
	uint16_t sw;
	size_t len;

	c[0] = 1;
	c[1] = flags;
	memcpy(c + 2, h->rh, 16);
	assert_int_equal(port.x25519(NULL, h->xh, NULL, c + 18), 0);
	memcpy(text, "PDT1 open", 9);
	memcpy(text + 9, c, 50);
	part = (struct sm_part){ text, 59 };
	assert_int_equal(port.hmac(NULL, h->tk, &part, 1, mac), 0);
	memcpy(c + 50, mac, 8);

	sw = test_apdu(m, PDT1_INS_OPEN, 0, 0, c, sizeof(c), rsp, &len);
	if (sw != PDT1_SW_OK)
		return sw;
	assert_int_equal(len, flags ? PDT1_OPEN_RSP_SHORT_LEN :
				      PDT1_OPEN_RSP_LEN);
	len -= PDT1_MACM_LEN;
	if (!flags)
		open_pdc(h, rsp + 54);

	memcpy(text, "PDT1 sess", 9);
	sm_put16(text + 9, PDT1_OPEN_LEN);
	memcpy(text + 11, c, PDT1_OPEN_LEN);
	sm_put16(text + 69, (uint16_t)len);
	memcpy(text + 71, rsp, len);
	part = (struct sm_part){ text, 71 + len };
	assert_int_equal(port.sha256(NULL, &part, 1, ts), 0);
	memcpy(secret, h->ka, 32);
	share(h, rsp + 22, secret + 32);
	part = (struct sm_part){ secret, 64 };
	assert_int_equal(port.hmac(NULL, ts, &part, 1, h->prks), 0);
	kdf(h->prks, "mm", NULL, 0, mac, 16);
	assert_memory_equal(mac, rsp + len, PDT1_MACM_LEN);
	session_keys(h);
	h->fl = rsp[16];
	return sw;
}

uint16_t host_envelope(struct sm_module *m, struct host *h, uint8_t type,
		       uint8_t *more, const void *data, size_t len,
		       uint8_t *rsp, size_t *rsp_len, uint16_t *outer)
{
	static uint8_t in[SM_MAXC], out[SM_RESPONSE_MAX];
	uint8_t ad[4] = { 0x43, 0x18, type, *more };
	uint8_t nonce[12];
	uint16_t sw;
	size_t n;

	assert_true(len + 16 <= sizeof(in));
	sm_nonce(h->h2m + 32, h->n, nonce);
	assert_int_equal(port.gcm_seal(NULL, h->h2m, nonce, ad, 4, data, len,
				       in), 0);
	*outer = test_apdu(m, PDT1_INS_ENVELOPE, type, *more, in, len + 16,
			   out, &n);
	if (*outer != PDT1_SW_OK)
		return 0;

	assert_true(n >= PDT1_ENV_OVERHEAD_RSP);
	ad[0] = 0x52;
	sm_nonce(h->m2h + 32, h->n, nonce);
	assert_int_equal(port.gcm_open(NULL, h->m2h, nonce, ad, 4, out, n,
				       out), 0);
	h->n++;
	sw = sm_get16(out);
	*more = out[2];
	*rsp_len = n - PDT1_ENV_OVERHEAD_RSP;
	memcpy(rsp, out + 3, *rsp_len);
	return sw;
}

static uint16_t inner(struct sm_module *m, struct host *h, const void *cmd,
		      size_t len)
{
	static uint8_t rsp[SM_RESPONSE_MAX];
	uint8_t more = 0;
	uint16_t outer;
	size_t n;

	return host_envelope(m, h, PDT1_ENV_INNER, &more, cmd, len, rsp, &n,
			     &outer);
}

uint16_t host_inner(struct sm_module *m, struct host *h, uint8_t ins)
{
	const uint8_t cmd[4] = { PDT1_CLA, ins, 0, 0 };

	return inner(m, h, cmd, sizeof(cmd));
}

void host_pin(const struct sm_module *m, const struct host *h, uint8_t pin[8])
{
	assert_int_equal(sm_pin(&m->port, &m->store, h->sn, pin), 0);
}

void host_pair(struct sm_module *m, struct host *h)
{
	uint8_t pin[8] = { 0 };

	assert_int_equal(host_begin(m, h), PDT1_SW_OK);
	if (E1_FL(h) & PDT1_E1_PIN)
		host_pin(m, h, pin);
	assert_int_equal(host_confirm(m, h, pin, PDT1_E2_OPT_EVICT),
			 PDT1_SW_OK);
	assert_int_equal(E3_SW(h), PDT1_SW_OK);
}

void host_verify(struct sm_module *m, struct host *h)
{
	assert_int_equal(host_open(m, h, 0), PDT1_SW_OK);
	assert_int_equal(host_inner(m, h, PDT1_INS_GET_INFO), PDT1_SW_OK);
}

void host_renew(const struct host *h, uint16_t m2, struct host *new)
{
	uint8_t mhkey[32], hs[32], gen[2];

	*new = *h;
	memset(mhkey, 0x22 + m2, sizeof(mhkey));
	memset(hs, 0x33, sizeof(hs));
	host_derive(new, m2, mhkey, hs, 1, 1);
	sm_put16(gen, m2);
	kdf(h->prks, "ka2", gen, 2, new->ka, 32);
}

uint16_t host_rewrap(struct sm_module *m, struct host *h, uint16_t m2)
{
	uint8_t cmd[4 + PDT1_REWRAP_LEN] = { PDT1_CLA, PDT1_INS_REWRAP };
	struct host new;
	uint16_t sw;

	host_renew(h, m2, &new);
	sm_put16(cmd + 4, m2);
	memcpy(cmd + 6, new.tk, 32);
	seal_pdc(&new, cmd + 38);

	sw = inner(m, h, cmd, sizeof(cmd));
	if (sw == PDT1_SW_OK) {
		h->m = m2;
		memcpy(h->tk, new.tk, 32);
		memcpy(h->kw, new.kw, 32);
		memcpy(h->ka, new.ka, 32);
	}
	return sw;
}

uint16_t centre_manage(struct sm_module *m, uint8_t op, uint32_t seq,
		       uint32_t nexp, const void *body, size_t len,
		       uint16_t *result)
{
	static uint8_t rsp[SM_RESPONSE_MAX];
	const struct sm_perso perso = test_perso();
	uint8_t cmd[PDT1_MANAGE_MIN_LEN + 256] = { 1, op };
	uint8_t nonce[12], key[32], mac[32];
	const struct sm_part part = { rsp, PDT1_RECEIPT_LEN };
	uint16_t sw;
	size_t n;

	port_init();
	assert_true(len <= 256);
	sm_put16(cmd + 2, (uint16_t)len);
	memcpy(cmd + 4, perso.mid, 8);
	sm_put32(cmd + 12, seq);
	sm_put32(cmd + 16, nexp);
	memset(nonce, (int)seq, sizeof(nonce));
	kdf(perso.kmg, "mc", NULL, 0, key, 32);
	seal(key, nonce, cmd, 20, body, len, cmd + 20);

	sw = test_apdu(m, PDT1_INS_MANAGE, 0, 0, cmd,
		       PDT1_MANAGE_MIN_LEN + len, rsp, &n);
	if (sw != PDT1_SW_OK)
		return sw;
	assert_int_equal(n, PDT1_RECEIPT_LEN + PDT1_RECEIPT_MAC_LEN);
	kdf(perso.kmg, "mr", NULL, 0, key, 32);
	assert_int_equal(port.hmac(NULL, key, &part, 1, mac), 0);
	assert_memory_equal(mac, rsp + PDT1_RECEIPT_LEN, 16);
	assert_int_equal(sm_get32(rsp + 12), seq);
	*result = sm_get16(rsp + 2);
	return sw;
}
