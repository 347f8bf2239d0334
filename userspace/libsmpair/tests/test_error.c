// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <smpair/error.h>
#include <smpair/names.h>

/* The newest cause; its neighbour must be unknown. */
#define LAST_CAUSE	SMPAIR_CAUSE_NO_MEMORY

static int known_exit(int code)
{
	return (code >= SMPAIR_EXIT_DONE && code <= SMPAIR_EXIT_PERMISSION) ||
	       code == SMPAIR_EXIT_TIMEOUT;
}

static void well_worded(const struct smpair_error_info *info)
{
	assert_non_null(info);
	assert_non_null(info->name);
	assert_true(info->name[0]);
	assert_int_equal(strspn(info->name, "abcdefghijklmnopqrstuvwxyz0123456789-"),
			 strlen(info->name));
	assert_true(info->text && info->text[0]);
	assert_non_null(info->next);
	/* One sentence without its full stop, so that programs can join them. */
	assert_int_not_equal(info->text[strlen(info->text) - 1], '.');
	assert_true(known_exit(info->exit));
	if (info->exit == SMPAIR_EXIT_DONE)
		return;
	if (!info->next[0])
		fail_msg("%s has no next action", info->name);
	assert_int_not_equal(info->next[strlen(info->next) - 1], '.');
}

static void each_cause_has_name_text_exit_code_and_next_action(void **state)
{
	unsigned int cause, other;

	(void)state;
	for (cause = 0; cause <= LAST_CAUSE; cause++) {
		const struct smpair_error_info *info = smpair_cause_info(cause);

		well_worded(info);
		if (cause)
			assert_int_not_equal(info->exit, SMPAIR_EXIT_DONE);
		for (other = 0; other < cause; other++) {
			assert_string_not_equal(info->name, smpair_cause_info(other)->name);
			assert_string_not_equal(info->text, smpair_cause_info(other)->text);
		}
	}
}

static void any_number_at_all_gets_a_text(void **state)
{
	static const int numbers[] = { INT_MIN, INT_MIN + 1, -4096, 4096, INT_MAX };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		well_worded(smpair_errno_info(numbers[i]));
		well_worded(smpair_node_info(numbers[i]));
		well_worded(smpair_exchange_info(numbers[i]));
		well_worded(smpair_hostkey_info(numbers[i]));
		well_worded(smpair_key_info(numbers[i]));
	}
}

static void a_cause_of_a_newer_driver_is_still_told(void **state)
{
	(void)state;
	well_worded(smpair_cause_info(LAST_CAUSE + 1));
	well_worded(smpair_cause_info(UINT32_MAX));
	assert_string_equal(smpair_cause_info(LAST_CAUSE + 1)->name, "unknown");
}

static void each_errno_is_told_whatever_its_sign(void **state)
{
	int err;

	(void)state;
	for (err = 0; err < 140; err++) {
		well_worded(smpair_errno_info(err));
		well_worded(smpair_exchange_info(err));
		well_worded(smpair_node_info(err));
		well_worded(smpair_hostkey_info(err));
		well_worded(smpair_key_info(err));
		assert_ptr_equal(smpair_errno_info(err), smpair_errno_info(-err));
		assert_ptr_equal(smpair_exchange_info(err), smpair_exchange_info(-err));
		assert_ptr_equal(smpair_node_info(err), smpair_node_info(-err));
		assert_ptr_equal(smpair_hostkey_info(err), smpair_hostkey_info(-err));
		assert_ptr_equal(smpair_key_info(err), smpair_key_info(-err));
	}
}

static void exit_codes_are_those_that_scripts_rely_on(void **state)
{
	static const struct {
		unsigned int cause;
		int exit;
	} rows[] = {
		{ SMPAIR_CAUSE_NONE, 0 }, { SMPAIR_CAUSE_LINK_ERROR, 1 },
		{ SMPAIR_CAUSE_PIN_MALFORMED, 2 }, { SMPAIR_CAUSE_NOT_PAIRED, 3 },
		{ SMPAIR_CAUSE_NO_HOST, 3 }, { SMPAIR_CAUSE_NO_CONSENT, 4 },
		{ SMPAIR_CAUSE_REFUSED, 4 }, { SMPAIR_CAUSE_PIN_WRONG, 5 },
		{ SMPAIR_CAUSE_PIN_BLOCKED, 6 }, { SMPAIR_CAUSE_REINSERT, 6 },
		{ SMPAIR_CAUSE_GONE, 7 }, { SMPAIR_CAUSE_CENTRE_UNREACHABLE, 8 },
		{ SMPAIR_CAUSE_TIMEOUT, 124 }, { SMPAIR_CAUSE_AGENT_TIMEOUT, 124 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(smpair_cause_info(rows[i].cause)->exit, rows[i].exit);
	assert_int_equal(smpair_errno_info(EPERM)->exit, 9);
	assert_int_equal(smpair_errno_info(EPFNOSUPPORT)->exit, 7);
	assert_int_equal(smpair_errno_info(EALREADY)->exit, 0);
	assert_int_equal(smpair_errno_info(ETIMEDOUT)->exit, 124);
	assert_int_equal(smpair_exchange_info(ENOKEY)->exit, 3);
}

static void each_value_has_its_name_and_strangers_have_none(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i <= SMPAIR_STATE_ALARM; i++)
		assert_string_not_equal(smpair_state_name(i), "unknown");
	assert_string_equal(smpair_state_name(SMPAIR_STATE_ALARM + 1), "unknown");
	for (i = 0; i <= SMPAIR_PIN_POLICY_INDEXED; i++)
		assert_string_not_equal(smpair_pin_policy_name(i), "unknown");
	assert_string_equal(smpair_pin_policy_name(i), "unknown");
	for (i = 0; i <= SMPAIR_EVICT_POLICY_APPROVED; i++)
		assert_string_not_equal(smpair_evict_policy_name(i), "unknown");
	assert_string_equal(smpair_evict_policy_name(i), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_cause_has_name_text_exit_code_and_next_action),
		cmocka_unit_test(any_number_at_all_gets_a_text),
		cmocka_unit_test(a_cause_of_a_newer_driver_is_still_told),
		cmocka_unit_test(each_errno_is_told_whatever_its_sign),
		cmocka_unit_test(exit_codes_are_those_that_scripts_rely_on),
		cmocka_unit_test(each_value_has_its_name_and_strangers_have_none),
	};

	return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
