// SPDX-License-Identifier: GPL-2.0-or-later
/* The journal alone: what it refuses, and flash that cannot be read. */
#include <string.h>

#include "softmod/core/bytes.h"
#include "softmod/core/nvm.h"
#include "softmod/tests/testport.h"

#define HALF	(TEST_FLASH_SIZE / 2)
#define HEADER	28
#define EXTRA	12	/* bytes of a record beside its payload */

static struct test_port tp;
static struct sm_nvm nvm;

static const uint8_t old[] = "old", new[] = "new";

/* What is read of record 1, which must have the length of both values */
static bool holds(const uint8_t value[sizeof(old)])
{
	uint8_t buf[sizeof(old)];
	uint16_t len;

	assert_int_equal(sm_nvm_read(&nvm, 1, buf, sizeof(buf), &len), 0);
	assert_int_equal(len, sizeof(buf));
	return !memcmp(buf, value, sizeof(buf));
}

/* A journal with three records, record 1 the last */
static void start(void)
{
	test_port_init(&tp);
	assert_int_equal(sm_nvm_format_begin(&nvm, &tp.port), 0);
	assert_int_equal(sm_nvm_format_end(&nvm), 0);
	assert_int_equal(sm_nvm_write(&nvm, 7, "seven", 5), 0);
	assert_int_equal(sm_nvm_write(&nvm, 9, NULL, 0), 0);
	assert_int_equal(sm_nvm_write(&nvm, 1, old, sizeof(old)), 0);
}

/* Leaves no room for one more record 1 */
static void fill(void)
{
	while (HALF - nvm.tail >= EXTRA + sizeof(old))
		assert_int_equal(sm_nvm_write(&nvm, 1, old, sizeof(old)), 0);
}

static void nothing(void)
{
}

static void tear(void)
{
	memset(tp.flash + nvm.area * HALF + nvm.tail, 0x5a, 20);
}

static void erase(void)
{
	memset(tp.flash, 0xff, sizeof(tp.flash));
}

static void mount_that_cannot_read_concludes_nothing(void **state)
{
	static const struct {
		void (*prepare)(void);
		int sound;	/* what a mount without a fault says */
		unsigned int reads;	/* at least this many are tried */
	} images[] = {
		{ nothing, 0, 40 },
		{ fill, 0, 300 },
		{ tear, 0, 40 },
		{ erase, SM_EVIRGIN, 60 },
	};
	static struct test_port before;
	unsigned int i, n;
	int err;

	(void)state;
	for (i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
		start();
		images[i].prepare();
		before = tp;
		for (n = 1;; n++) {
			tp = before;
			tp.no_read_at = tp.reads + n;
			err = sm_nvm_mount(&nvm, &tp.port);
			if (tp.reads < tp.no_read_at)
				break;
			assert_memory_equal(tp.flash, before.flash,
					    sizeof(tp.flash));
			/* what could not be read back is not built upon */
			if (!err) {
				assert_true(nvm.unsettled);
				assert_true(holds(old));
				err = sm_nvm_write(&nvm, 1, new, sizeof(new));
			}
			assert_int_equal(err, SM_EIO);
			assert_memory_equal(tp.flash, before.flash,
					    sizeof(tp.flash));
		}
		assert_int_equal(err, images[i].sound);
		assert_true(n > images[i].reads);
	}
}

/* Writes record 1 with each read of flash failing in turn, and returns how
 * many were tried.
 */
static unsigned int write_with_failing_reads(void)
{
	static struct test_port before;
	const struct sm_nvm mounted = nvm;
	unsigned int n, seen_old = 0;
	int err;

	before = tp;
	for (n = 1;; n++) {
		tp = before;
		nvm = mounted;
		tp.no_read_at = tp.reads + n;
		err = sm_nvm_write(&nvm, 1, new, sizeof(new));
		if (tp.reads < tp.no_read_at)
			break;
		assert_int_equal(err, SM_EIO);
		tp.no_read_at = 0;
		assert_true(holds(old));
		assert_int_equal(sm_nvm_mount(&nvm, &tp.port), 0);
		seen_old += holds(old);
		assert_true(holds(old) || holds(new));
		assert_int_equal(sm_nvm_write(&nvm, 1, new, sizeof(new)), 0);
		assert_true(holds(new));
	}
	assert_int_equal(err, 0);
	/* the last one reads back what is there already */
	assert_true(seen_old + 1 >= n - 1);
	return n - 1;
}

static void write_that_cannot_read_back_keeps_the_old_value(void **state)
{
	(void)state;
	start();
	assert_int_equal(write_with_failing_reads(), 1);
	start();
	fill();
	/* the erased half, three records read and read back, two headers */
	assert_true(write_with_failing_reads() > HALF / 256 + 3 + 3 + 2);
	assert_int_equal(nvm.compactions, 1);
	/* What was torn is never written upon, however much can be read. */
	start();
	tear();
	assert_int_equal(sm_nvm_mount(&nvm, &tp.port), 0);
	assert_true(write_with_failing_reads() > HALF / 256 + 3 + 3 + 2);
}

/* Record 7 is the second to be copied, after record 1. */
static void record_that_decayed_since_the_mount_ends_a_compaction(void **state)
{
	static struct test_port before;

	(void)state;
	start();
	fill();
	tp.flash[nvm.area * HALF + nvm.offset[7] + EXTRA] ^= 1;
	before = tp;
	assert_int_equal(sm_nvm_write(&nvm, 1, new, sizeof(new)), SM_EIO);
	assert_int_equal(nvm.compactions, 0);
	assert_memory_equal(tp.flash + nvm.area * HALF,
			    before.flash + nvm.area * HALF, HALF);
	assert_true(holds(old));
}

static void read_that_fails_is_no_missing_record(void **state)
{
	uint8_t buf[8];
	uint16_t len;
	unsigned int n;

	(void)state;
	start();
	for (n = 1; n <= 2; n++) {
		tp.no_read_at = tp.reads + n;
		assert_int_equal(sm_nvm_read(&nvm, 7, buf, sizeof(buf), &len),
				 SM_EIO);
	}
	assert_int_equal(sm_nvm_read(&nvm, 7, buf, sizeof(buf), &len), 0);
	assert_memory_equal(buf, "seven", 5);
}

static void record_that_decays_while_mounted_is_damage(void **state)
{
	uint8_t buf[8];
	uint16_t len;
	uint32_t off;

	(void)state;
	start();
	assert_int_equal(sm_nvm_read(&nvm, 7, buf, 4, &len), SM_EDAMAGED);
	for (off = nvm.offset[7]; off < nvm.offset[9]; off++) {
		tp.flash[off] ^= 0x10;
		assert_int_equal(sm_nvm_read(&nvm, 7, buf, sizeof(buf), &len),
				 SM_EDAMAGED);
		tp.flash[off] ^= 0x10;
	}
}

static void record_with_the_number_of_another_is_damage(void **state)
{
	uint32_t len;

	(void)state;
	start();
	len = nvm.tail - nvm.offset[1];
	memcpy(tp.flash + nvm.tail, tp.flash + nvm.offset[1], len);
	assert_int_equal(sm_nvm_mount(&nvm, &tp.port), SM_EDAMAGED);
}

static void halves_that_do_not_follow_one_another_are_damage(void **state)
{
	uint8_t first[HEADER], third[HEADER];

	(void)state;
	start();
	memcpy(first, tp.flash, HEADER);
	fill();
	assert_int_equal(sm_nvm_write(&nvm, 1, new, sizeof(new)), 0);
	/* the header of the half before was not cleared yet: the newer counts */
	memcpy(tp.flash, first, HEADER);
	assert_int_equal(sm_nvm_mount(&nvm, &tp.port), 0);
	assert_true(holds(new));

	fill();
	assert_int_equal(sm_nvm_write(&nvm, 1, new, sizeof(new)), 0);
	assert_int_equal(nvm.area, 0);
	memcpy(third, tp.flash, HEADER);
	/* the first one put there again, with one missing in between */
	memcpy(tp.flash + HALF, first, HEADER);
	assert_int_equal(sm_nvm_mount(&nvm, &tp.port), SM_EDAMAGED);
	assert_memory_equal(tp.flash, third, HEADER);
}

static void records_that_cannot_be_are_refused(void **state)
{
	static const uint8_t zero[SM_NVM_PAYLOAD_MAX + 1];
	static struct test_port before;

	(void)state;
	start();
	before = tp;
	assert_int_equal(sm_nvm_write(&nvm, SM_NVM_IDS, zero, 1), SM_EINVAL);
	assert_int_equal(sm_nvm_write(&nvm, 2, zero, sizeof(zero)), SM_EINVAL);
	assert_memory_equal(tp.flash, before.flash, sizeof(tp.flash));
	assert_int_equal(sm_nvm_write(&nvm, 2, zero, SM_NVM_PAYLOAD_MAX), 0);
}

static void more_than_a_half_can_hold_is_refused_and_nothing_lost(void **state)
{
	static const uint8_t zero[SM_NVM_PAYLOAD_MAX];
	uint8_t buf[SM_NVM_PAYLOAD_MAX];
	uint16_t len;
	uint8_t id, i;

	(void)state;
	start();
	for (id = 10; !sm_nvm_write(&nvm, id, zero, sizeof(zero)); id++)
		assert_true(id < HALF / SM_NVM_PAYLOAD_MAX + 10);
	assert_int_equal(sm_nvm_write(&nvm, id, zero, sizeof(zero)), SM_EIO);
	assert_int_equal(sm_nvm_mount(&nvm, &tp.port), 0);
	assert_true(holds(old));
	for (i = 10; i < id; i++)
		assert_int_equal(sm_nvm_read(&nvm, i, buf, sizeof(buf), &len),
				 0);
	assert_int_equal(sm_nvm_read(&nvm, id, buf, sizeof(buf), &len),
			 SM_ENOENT);
	/* what still fits is taken */
	assert_int_equal(sm_nvm_write(&nvm, 1, new, sizeof(new)), 0);
	assert_true(holds(new));
}

#define T(f)	cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(mount_that_cannot_read_concludes_nothing),
		T(write_that_cannot_read_back_keeps_the_old_value),
		T(record_that_decayed_since_the_mount_ends_a_compaction),
		T(read_that_fails_is_no_missing_record),
		T(record_that_decays_while_mounted_is_damage),
		T(record_with_the_number_of_another_is_damage),
		T(halves_that_do_not_follow_one_another_are_damage),
		T(records_that_cannot_be_are_refused),
		T(more_than_a_half_can_hold_is_refused_and_nothing_lost),
	};

	return cmocka_run_group_tests_name("softmod journal", tests, NULL,
					   NULL);
}
