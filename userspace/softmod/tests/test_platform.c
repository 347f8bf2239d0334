// SPDX-License-Identifier: GPL-2.0-or-later
/* A platform whose cryptography fails, at any call. */
#include <string.h>

#include "softmod/app.h"
#include "softmod/core/bytes.h"
#include "softmod/core/pin.h"
#include "softmod/tests/host.h"

static struct test_port tp;
static struct sm_module m;
static struct host host;

/* Pairs with each HMAC of the module failing in turn; whatever it answers, the
 * counters stand as they may, and the next attempt pairs.
 */
static unsigned int pair_with_failing_macs(uint8_t pin_policy)
{
	struct sm_perso perso = test_perso();
	static struct test_port before;
	static struct sm_module up;
	unsigned int n;

	perso.pin_policy = pin_policy;
	test_module(&tp, &m, &perso, &softmod_app);
	before = tp;
	up = m;
	for (n = 1;; n++) {
		uint8_t pin[PDT1_PIN_LEN] = { 0 };
		uint16_t sw;
		uint32_t index;

		tp = before;
		m = up;
		host_init(&host, 1, 1, 3);
		index = m.store.meta.n;
		if (pin_policy)
			host_pin(&m, &host, pin);
		tp.no_mac_at = tp.macs + n;
		sw = host_begin(&m, &host);
		if (sw == PDT1_SW_OK)
			sw = host_confirm(&m, &host, pin, 0);
		if (tp.macs < tp.no_mac_at) {
			assert_int_equal(sw, PDT1_SW_OK);
			assert_int_equal(E3_SW(&host), PDT1_SW_OK);
			return n - 1;
		}
		/* Neither a pairing nor a wrong PIN: the PIN was right */
		assert_int_not_equal(sw, PDT1_SW_OK);
		assert_int_equal(m.wrong_pins, 0);
		assert_true(m.store.meta.ptc <= up.store.meta.ptc);
		assert_true(m.store.meta.n - index <= 1);

		test_cycle(&tp, &m);
		assert_true(m.store.meta.n - index <= 1);
		host_pair(&m, &host);
		host_verify(&m, &host);
		assert_int_equal(sm_pin_tries(&m.store), perso.ptc_max);
	}
}

static void mac_that_fails_pairs_nobody_and_leaves_the_next_try(void **state)
{
	(void)state;
	/* the keys of the handshake alone take more */
	assert_true(pair_with_failing_macs(PDT1_PIN_NONE) > 8);
	assert_true(pair_with_failing_macs(PDT1_PIN_INDEXED) >
		    pair_with_failing_macs(PDT1_PIN_NONE));
	assert_true(pair_with_failing_macs(PDT1_PIN_MODULE) > 8);
}

#define T(f)	cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(mac_that_fails_pairs_nobody_and_leaves_the_next_try),
	};

	return cmocka_run_group_tests_name("softmod platform", tests, NULL,
					   NULL);
}
