// SPDX-License-Identifier: GPL-2.0-or-later
/* The module reproduces every value of selftests/vectors/pdt1.json. */
#include <jansson.h>
#include <string.h>

#include "softmod/core/bytes.h"
#include "softmod/core/kdf.h"
#include "softmod/core/pin.h"
#include "softmod/tests/host.h"

static json_t *vectors;
static struct test_port tp;
static struct sm_module m;

static json_t *get(const json_t *obj, const char *key)
{
	json_t *v = json_object_get(obj, key);

	if (!v)
		fail_msg("the vectors have no \"%s\" here", key);
	return v;
}

static uint32_t num(const json_t *obj, const char *key)
{
	return (uint32_t)json_integer_value(get(obj, key));
}

static size_t hex_any(const json_t *obj, const char *key, uint8_t *out,
		      size_t size)
{
	const char *s = json_string_value(get(obj, key));
	size_t len = strlen(s) / 2;
	size_t i;

	assert_true(len <= size);
	for (i = 0; i < len; i++) {
		unsigned int byte;

		assert_int_equal(sscanf(s + 2 * i, "%2x", &byte), 1);
		out[i] = (uint8_t)byte;
	}
	return len;
}

static void hex(const json_t *obj, const char *key, uint8_t *out, size_t len)
{
	assert_int_equal(hex_any(obj, key, out, len), len);
}

#define HEX(obj, key, array)	hex(obj, key, array, sizeof(array))

static void same(const json_t *obj, const char *key, const void *have,
		 size_t len)
{
	static uint8_t want[SM_RESPONSE_MAX];

	hex(obj, key, want, len);
	assert_memory_equal(have, want, len);
}

/* The application that the vectors assume */
static uint16_t vector_app(void *ctx, struct sm_module *mod,
			   const uint8_t *cmd, size_t len, uint8_t *rsp,
			   size_t size, size_t *rsp_len)
{
	size_t i;

	(void)ctx;
	(void)mod;
	if (!len)
		return PDT1_SW_DATA;
	if (len == 5 && !memcmp(cmd, "hello", 5)) {
		memcpy(rsp, "world", 5);
		*rsp_len = 5;
		return PDT1_SW_OK;
	}
	assert_true(size >= 2 * len);
	for (i = 0; i < 2 * len; i++)
		rsp[i] = (uint8_t)i;
	*rsp_len = 2 * len;
	return PDT1_SW_OK;
}

static const struct sm_app app = { .message = vector_app };

static void start(uint32_t n, uint8_t policy, const json_t *ft_of,
		  const char *ft_key, uint8_t slots)
{
	struct sm_perso p = test_perso();

	p.n = n;
	p.pin_policy = policy;
	p.slots = slots;
	p.maxr = 256;
	if (ft_of)
		HEX(ft_of, ft_key, p.ft);
	test_module(&tp, &m, &p, &app);
}

static void put_slot(uint8_t i, const uint8_t *sn, uint32_t n_s, uint16_t cpt,
		     uint32_t t_last)
{
	struct sm_slot slot = { .used = true, .n_s = n_s, .m = 1 };
	struct sm_act act = { .n_s = n_s, .cpt = cpt, .t_last = t_last };

	memcpy(slot.sn, sn, 8);
	memset(slot.tk, 0xe0 + i, sizeof(slot.tk));
	assert_int_equal(sm_store_slot(&m.store, i, &slot), 0);
	assert_int_equal(sm_store_act(&m.store, i, &act), 0);
}

/* Occupies slots so that the next pairing goes where the vector says */
static void steer(const json_t *v)
{
	uint8_t slot = (uint8_t)num(v, "slot");
	uint8_t fl = (uint8_t)num(v, "fl");
	uint8_t sn[8] = { 9, 9 };
	uint32_t n = num(v, "N");
	uint8_t i;

	for (i = 0; i < slot; i++) {
		sn[7] = i;
		put_slot(i, sn, i ? 0 : n, 5, 0);
	}
	if (fl & PDT1_E1_SAME)
		HEX(v, "SN", sn);
	else
		sn[7] = slot;
	if (fl & (PDT1_E1_SAME | PDT1_E1_EVICT))
		put_slot(slot, sn, 0, 0, 0);
}

static const json_t *find_host(const json_t *v)
{
	const char *sn = json_string_value(get(v, "SN"));
	json_t *h;
	size_t i;

	json_array_foreach(get(vectors, "hosts"), i, h)
		if (!strcmp(json_string_value(get(h, "SN")), sn) &&
		    num(h, "m") == num(v, "m"))
			return h;
	fail_msg("no such host in the vectors");
	return NULL;
}

static void load_host(struct host *h, const json_t *v)
{
	const json_t *j = find_host(v);

	memset(h, 0, sizeof(*h));
	HEX(j, "SN", h->sn);
	h->m = (uint16_t)num(j, "m");
	HEX(j, "TK", h->tk);
	HEX(j, "KW", h->kw);
	HEX(j, "AS", h->as);
	HEX(j, "CY", h->cy);
	HEX(v, "RH", h->rh);
	HEX(v, "xh", h->xh);
	tp.fixed = true;
	HEX(v, "RM", tp.rm);
	HEX(v, "xm", tp.xm);
}

static void test_kdf(void **state)
{
	uint8_t key[32], ctx[SM_KDF_CTX_MAX], out[SM_KDF_OUT_MAX];
	json_t *v;
	size_t i;

	(void)state;
	test_port_init(&tp);
	json_array_foreach(get(vectors, "kdf"), i, v) {
		size_t ctx_len = hex_any(v, "context", ctx, sizeof(ctx));
		size_t len = num(v, "length");

		HEX(v, "key", key);
		assert_int_equal(sm_kdf(&tp.port, key,
					json_string_value(get(v, "label")),
					ctx, ctx_len, out, len), 0);
		same(v, "output", out, len);
	}
	assert_true(i > 0);
}

static void test_hosts(void **state)
{
	uint8_t key[32], hs[32], plain[48], k[32], cy[84];
	struct host h;
	json_t *v;
	size_t i;

	(void)state;
	test_port_init(&tp);
	json_array_foreach(get(vectors, "hosts"), i, v) {
		HEX(v, "SN", h.sn);
		HEX(v, "MHKey", key);
		HEX(v, "HS", hs);
		host_derive(&h, (uint16_t)num(v, "m"), key, hs, num(v, "dom"),
			    (uint16_t)num(v, "g"));
		same(v, "TK", h.tk, 32);
		same(v, "KW", h.kw, 32);
		same(v, "AS", h.as, 32);

		HEX(v, "CY", cy);
		HEX(v, "k", k);
		assert_int_equal(sm_kdf(&tp.port, k, "cy", NULL, 0, key, 32),
				 0);
		assert_int_equal(tp.port.gcm_open(&tp, key, cy + 8, cy, 8,
						  cy + 20, 64, plain), 0);
		assert_memory_equal(plain, h.sn, 8);
		assert_memory_equal(plain + 8, h.as, 32);
		assert_int_equal(sm_get32(plain + 40), num(v, "cyid"));
		assert_int_equal(sm_get16(plain + 44), num(v, "rights"));
	}
	assert_true(i > 0);
}

static void test_hedged(void **state)
{
	uint8_t km[32], rng[32], out[32];
	json_t *v;
	size_t i;

	(void)state;
	test_port_init(&tp);
	json_array_foreach(get(vectors, "hedged"), i, v) {
		HEX(v, "KM", km);
		HEX(v, "rng", rng);
		assert_int_equal(sm_hedge(&tp.port, km, "rm", num(v, "BOOT"),
					  num(v, "volatile"), rng, out), 0);
		same(v, "RM", out, 16);
		assert_int_equal(sm_hedge(&tp.port, km, "xm", num(v, "BOOT"),
					  num(v, "volatile"), rng, out), 0);
		same(v, "xm", out, 32);
	}
	assert_true(i > 0);
}

static void test_pins(void **state)
{
	json_t *v;
	size_t i;

	(void)state;
	json_array_foreach(get(vectors, "pins"), i, v) {
		const char *pin = json_string_value(get(v, "pin"));
		const char *want = json_string_value(get(v, "request_code"));
		uint8_t sn[8], own[8];
		char code[16];
		uint32_t rq;

		start(num(v, "N"), (uint8_t)num(v, "policy"), NULL, NULL, 8);
		HEX(v, "SN", sn);
		if (pin) {
			assert_int_equal(sm_pin(&tp.port, &m.store, sn, own),
					 0);
			assert_memory_equal(own, pin, 8);
		} else {
			assert_int_equal(sm_pin(&tp.port, &m.store, sn, own),
					 SM_EINVAL);
		}
		assert_int_equal(sm_request_code(&tp.port, &m.store, sn, &rq),
				 0);
		snprintf(code, sizeof(code), "%06u", rq);
		assert_string_equal(code, want);
	}
	assert_true(i > 0);
}

static void test_fork_tags(void **state)
{
	struct sm_meta meta;
	uint8_t sn[8], ft[8];
	json_t *v;
	size_t i;

	(void)state;
	start(0, PDT1_PIN_INDEXED, NULL, NULL, 8);
	json_array_foreach(get(vectors, "fork_tags"), i, v) {
		HEX(v, "SN", sn);
		assert_int_equal(m.store.meta.n, num(v, "N"));
		assert_int_equal(sm_fork_tag(&tp.port, &m.store, sn, ft), 0);
		same(v, "FT_after", ft, 8);
		meta = m.store.meta;
		memcpy(meta.ft, ft, 8);
		meta.n++;
		assert_int_equal(sm_store_meta(&m.store, &meta), 0);
	}
	assert_true(i > 0);
}

static void replay_envelopes(const json_t *list)
{
	static uint8_t in[1024], out[SM_RESPONSE_MAX];
	json_t *e;
	size_t i;

	json_array_foreach(list, i, e) {
		size_t len = hex_any(e, "data", in, sizeof(in));
		size_t want = strlen(json_string_value(get(e, "response"))) / 2;
		size_t n;

		assert_int_equal(m.session.n, num(e, "n"));
		assert_int_equal(test_apdu(&m, PDT1_INS_ENVELOPE,
					   (uint8_t)num(e, "type"),
					   (uint8_t)num(e, "more"), in, len,
					   out, &n), PDT1_SW_OK);
		assert_int_equal(n, want);
		same(e, "response", out, n);
	}
	assert_true(i > 0);
}

/* BEGIN and CONFIRM byte by byte */
static void replay_pairing(const json_t *v)
{
	static uint8_t rsp[SM_RESPONSE_MAX];
	uint8_t data[PDT1_E2_LEN];
	struct sm_meta meta;
	struct host h;
	size_t n;

	start(num(v, "N"), (uint8_t)num(v, "policy"), v, "FT",
	      num(v, "fl") & PDT1_E1_EVICT ? (uint8_t)(num(v, "slot") + 1) : 8);
	meta = m.store.meta;
	meta.ptc = (uint8_t)num(v, "PTC");
	assert_int_equal(sm_store_meta(&m.store, &meta), 0);
	steer(v);
	load_host(&h, v);

	assert_int_equal(host_begin(&m, &h), PDT1_SW_OK);
	same(v, "begin_data", h.begin, sizeof(h.begin));
	same(v, "T1", h.t1, 32);
	same(v, "Kpm", m.pairing.kpm, 32);
	same(v, "Kph", m.pairing.kph, 32);
	same(v, "XP", m.pairing.xp, 32);
	same(v, "KA", m.pairing.ka, 32);
	same(v, "E1_plain", h.e1, sizeof(h.e1));
	memcpy(rsp, tp.rm, 16);
	assert_int_equal(tp.port.x25519(&tp, tp.xm, NULL, rsp + 16), 0);
	memcpy(rsp + 48, h.e1_sealed, PDT1_E1_LEN);
	same(v, "begin_response", rsp, PDT1_BEGIN_RSP_LEN);

	HEX(v, "confirm_data", data);
	assert_int_equal(test_apdu(&m, PDT1_INS_PAIR_CONFIRM, 0, 0, data,
				   sizeof(data), rsp, &n), PDT1_SW_OK);
	assert_int_equal(n, PDT1_E3_LEN);
	same(v, "confirm_response", rsp, n);
}

/* The vectors list the own row only: let the other pairings go first. */
static void free_others(uint8_t own)
{
	uint32_t seq = 1;
	uint16_t result;
	uint8_t i;

	for (i = 0; i < m.store.cfg.slots; i++) {
		if (i == own || !m.store.slot[i].used)
			continue;
		assert_int_equal(centre_manage(&m, PDT1_OP_FREE_SLOT, seq++,
					       PDT1_MANAGE_NEXP_ANY, &i, 1,
					       &result), PDT1_SW_OK);
		assert_int_equal(result, PDT1_SW_OK);
	}
}

static void test_pairings(void **state)
{
	json_t *v;
	size_t i;

	(void)state;
	json_array_foreach(get(vectors, "pairings"), i, v) {
		uint8_t slot = (uint8_t)num(v, "slot");

		replay_pairing(v);
		assert_int_equal(m.state, SM_SESSION);
		same(v, "PRKs", m.session.prks, 32);
		same(v, "h2m", m.session.h2m, 44);
		same(v, "m2h", m.session.m2h, 44);
		same(v, "PDC", m.store.slot[slot].pdc, PDT1_PDC_LEN);
		same(v, "KA", m.store.slot[slot].ka, 32);
		assert_int_equal(m.store.meta.n, num(v, "N") + 1);
		free_others(slot);
		replay_envelopes(get(v, "envelopes"));
	}
	assert_true(i > 0);
}

static void test_refused_pairings(void **state)
{
	json_t *v;
	size_t i;

	(void)state;
	json_array_foreach(get(vectors, "refused_pairings"), i, v) {
		replay_pairing(v);
		assert_int_equal(m.state, SM_IDLE);
		assert_int_equal(m.store.meta.n, num(v, "N"));
	}
	assert_true(i > 0);
}

static void replay_rewrap(const json_t *v, uint8_t slot)
{
	uint8_t cmd[4 + PDT1_REWRAP_LEN], rsp[64];
	struct host h;
	uint8_t more = 0;
	uint16_t outer;
	size_t n;

	memset(&h, 0, sizeof(h));
	memcpy(h.h2m, m.session.h2m, 44);
	memcpy(h.m2h, m.session.m2h, 44);
	h.n = m.session.n;
	HEX(v, "inner_command", cmd);
	assert_int_equal(host_envelope(&m, &h, PDT1_ENV_INNER, &more, cmd,
				       sizeof(cmd), rsp, &n, &outer),
			 PDT1_SW_OK);
	same(v, "KA", m.store.slot[slot].ka, 32);
	same(v, "TK", m.store.slot[slot].tk, 32);
	same(v, "PDC", m.store.slot[slot].pdc, PDT1_PDC_LEN);
	assert_int_equal(m.store.slot[slot].m, num(v, "m"));
}

static void test_openings(void **state)
{
	static uint8_t rsp[SM_RESPONSE_MAX];
	json_t *v;
	size_t i;

	(void)state;
	json_array_foreach(get(vectors, "openings"), i, v) {
		const json_t *pairing =
			json_array_get(get(vectors, "pairings"), i / 2);
		uint8_t slot = (uint8_t)num(pairing, "slot");
		uint8_t data[PDT1_OPEN_LEN];
		struct sm_slot s;
		struct host h;
		size_t n, want;

		start(num(v, "N"), PDT1_PIN_INDEXED, NULL, NULL, 8);
		load_host(&h, v);
		put_slot(slot, h.sn, num(v, "N"), 0, 0);
		s = m.store.slot[slot];
		s.rights = PDT1_RIGHT_EVICT | PDT1_RIGHT_LIST;
		s.m = h.m;
		memcpy(s.tk, h.tk, 32);
		HEX(v, "KA", s.ka);
		HEX(v, "PDC", s.pdc);
		assert_int_equal(sm_store_slot(&m.store, slot, &s), 0);

		HEX(v, "open_data", data);
		assert_int_equal(test_apdu(&m, PDT1_INS_OPEN, 0, 0, data,
					   sizeof(data), rsp, &n), PDT1_SW_OK);
		want = num(v, "flags") ? PDT1_OPEN_RSP_SHORT_LEN :
					 PDT1_OPEN_RSP_LEN;
		assert_int_equal(n, want);
		same(v, "open_response", rsp, n);
		same(v, "PRKs", m.session.prks, 32);
		same(v, "h2m", m.session.h2m, 44);
		same(v, "m2h", m.session.m2h, 44);
		replay_envelopes(get(v, "envelopes"));
		if (json_object_get(v, "rewrap"))
			replay_rewrap(get(v, "rewrap"), slot);
	}
	assert_true(i > 0);
}

/* Operations that come with the centre are refused, with a receipt */
static void test_manage(void **state)
{
	static uint8_t cmd[256], rsp[SM_RESPONSE_MAX];
	uint8_t sn[8] = { 1, 1, 0, 0, 0, 0, 0x12, 0x34 };
	uint8_t want[24];
	json_t *v;
	size_t i;

	(void)state;
	start(1, PDT1_PIN_INDEXED, NULL, NULL, 8);
	put_slot(0, sn, 1, 1, 1);
	json_array_foreach(get(vectors, "manage"), i, v) {
		size_t len = hex_any(v, "data", cmd, sizeof(cmd));
		size_t n;

		assert_int_equal(test_apdu(&m, PDT1_INS_MANAGE, 0, 0, cmd, len,
					   rsp, &n), PDT1_SW_OK);
		assert_int_equal(n, 40);
		HEX(v, "receipt", want);
		same(v, "mac", rsp + 24, 16);
		assert_memory_equal(rsp, want, 24);
		assert_int_equal(m.store.meta.mseq, num(v, "seq"));
	}
	assert_true(i > 0);
	assert_false(m.store.slot[0].used);
}

static void test_reports(void **state)
{
	static uint8_t rsp[SM_RESPONSE_MAX];
	uint8_t nonce[16], report[36];
	uint8_t sn[8] = { 1, 1, 0, 0, 0, 0, 0x12, 0x34 };
	struct sm_meta meta;
	json_t *v;
	size_t i, n;

	(void)state;
	json_array_foreach(get(vectors, "reports"), i, v) {
		HEX(v, "report", report);
		start(sm_get32(report + 8), PDT1_PIN_INDEXED, NULL, NULL,
		      report[30]);
		meta = m.store.meta;
		meta.mseq = sm_get32(report + 12);
		memcpy(meta.ft, report + 20, 8);
		assert_int_equal(sm_store_meta(&m.store, &meta), 0);
		put_slot(0, sn, meta.n, 1, sm_get32(report + 16));

		HEX(v, "nonce", nonce);
		assert_int_equal(test_apdu(&m, PDT1_INS_GET_INFO, 1, 0, nonce,
					   16, rsp, &n), PDT1_SW_OK);
		assert_int_equal(n, 52);
		assert_memory_equal(rsp, report, 36);
		same(v, "mac", rsp + 36, 16);
	}
	assert_true(i > 0);
}

static void test_sids(void **state)
{
	json_t *v;
	size_t i;

	(void)state;
	json_array_foreach(get(vectors, "sid"), i, v) {
		uint8_t rsp[64], cmd[4] = { PDT1_CLA, PDT1_INS_GET_SLOTS };
		uint8_t more = 0;
		uint16_t outer;
		struct host h;
		uint8_t sn[8];
		size_t n;

		start(0, PDT1_PIN_INDEXED, NULL, NULL, 8);
		HEX(v, "SN", sn);
		host_init(&h, sm_get32(sn + 4), 1, 3);
		assert_memory_equal(h.sn, sn, 8);
		host_pair(&m, &h);
		assert_int_equal(host_envelope(&m, &h, PDT1_ENV_INNER, &more,
					       cmd, 4, rsp, &n, &outer),
				 PDT1_SW_OK);
		assert_int_equal(n, 13);
		same(v, "sid", rsp + 9, 4);
	}
	assert_true(i > 0);
}

static int load(void **state)
{
	json_error_t err;

	(void)state;
	vectors = json_load_file("selftests/vectors/pdt1.json", 0, &err);
	if (!vectors) {
		print_error("vectors: %s, line %d\n", err.text, err.line);
		return -1;
	}
	return 0;
}

static int unload(void **state)
{
	(void)state;
	json_decref(vectors);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kdf),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_hedged),
		cmocka_unit_test(test_pins),
		cmocka_unit_test(test_fork_tags),
		cmocka_unit_test(test_sids),
		cmocka_unit_test(test_pairings),
		cmocka_unit_test(test_refused_pairings),
		cmocka_unit_test(test_openings),
		cmocka_unit_test(test_manage),
		cmocka_unit_test(test_reports),
	};

	return cmocka_run_group_tests_name("softmod vectors", tests, load,
					   unload);
}
