// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "smpaird/request_state.h"

static bool answers(enum request_action action)
{
	switch (action) {
	case REQUEST_ACCEPT:
	case REQUEST_DECLINE:
	case REQUEST_TELL_REFUSED:
	case REQUEST_TELL_AWAY:
	case REQUEST_FORGET:
		return true;
	default:
		return false;
	}
}

static void a_request_ends_exactly_when_it_is_answered(void **state)
{
	enum request_state from;
	enum request_event event;
	struct request_step step;

	(void)state;
	for (from = REQUEST_NEW; from < REQUEST_DONE; from++)
		for (event = 0; event < REQUEST_EVENTS; event++) {
			step = request_next(from, event);
			assert_in_range(step.state, REQUEST_NEW, REQUEST_DONE);
			assert_int_equal(step.state == REQUEST_DONE, answers(step.action));
		}
}

static void what_is_done_answers_nothing_more(void **state)
{
	enum request_event event;
	struct request_step step;

	(void)state;
	for (event = 0; event < REQUEST_EVENTS; event++) {
		step = request_next(REQUEST_DONE, event);
		assert_int_equal(step.state, REQUEST_DONE);
		assert_int_equal(step.action, REQUEST_NOTHING);
	}
}

static void deadline_stop_and_removal_end_every_open_request(void **state)
{
	static const enum request_event ends[] = {
		REQUEST_EVENT_DEADLINE, REQUEST_EVENT_STOP, REQUEST_EVENT_GONE,
	};
	enum request_state from;
	size_t i;

	(void)state;
	for (from = REQUEST_NEW; from < REQUEST_DONE; from++)
		for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
			assert_int_equal(request_next(from, ends[i]).state, REQUEST_DONE);
}

/* A PIN is sent only by those who may have one, or where none has to be asked for. */
static void only_an_issued_or_typed_pin_is_accepted(void **state)
{
	enum request_state from;
	enum request_event event;

	(void)state;
	for (from = REQUEST_NEW; from < REQUEST_DONE; from++)
		for (event = 0; event < REQUEST_EVENTS; event++)
			if (request_next(from, event).action == REQUEST_ACCEPT)
				assert_true(event == REQUEST_EVENT_ISSUED ||
					    event == REQUEST_EVENT_TYPED);
}

static void consent_comes_before_the_centre_is_asked(void **state)
{
	struct request_step step = request_next(REQUEST_NEW, REQUEST_EVENT_CONSENT);

	(void)state;
	assert_int_equal(step.state, REQUEST_CONSENT);
	assert_int_equal(step.action, REQUEST_ASK_CONSENT);
	step = request_next(REQUEST_CONSENT, REQUEST_EVENT_TYPED);
	assert_int_equal(step.state, REQUEST_CENTRE);
	assert_int_equal(step.action, REQUEST_ASK_CENTRE);
	step = request_next(REQUEST_CONSENT, REQUEST_EVENT_DECLINED);
	assert_int_equal(step.action, REQUEST_DECLINE);
}

static void a_held_request_takes_a_pin_from_either_side(void **state)
{
	(void)state;
	assert_int_equal(request_next(REQUEST_CENTRE, REQUEST_EVENT_HELD).action,
			 REQUEST_ASK_BOTH);
	assert_int_equal(request_next(REQUEST_HELD, REQUEST_EVENT_HELD).action, REQUEST_POLL);
	assert_int_equal(request_next(REQUEST_HELD, REQUEST_EVENT_AWAY).action, REQUEST_POLL);
	assert_int_equal(request_next(REQUEST_HELD, REQUEST_EVENT_TYPED).action, REQUEST_ACCEPT);
	assert_int_equal(request_next(REQUEST_HELD, REQUEST_EVENT_ISSUED).action,
			 REQUEST_ACCEPT);
	assert_int_equal(request_next(REQUEST_HELD, REQUEST_EVENT_REFUSED).action,
			 REQUEST_TELL_REFUSED);
}

static void a_centre_out_of_reach_is_told_apart_from_a_refusal(void **state)
{
	(void)state;
	assert_int_equal(request_next(REQUEST_CENTRE, REQUEST_EVENT_AWAY).action,
			 REQUEST_TELL_AWAY);
	assert_int_equal(request_next(REQUEST_CENTRE, REQUEST_EVENT_DEADLINE).action,
			 REQUEST_TELL_AWAY);
	assert_int_equal(request_next(REQUEST_CENTRE, REQUEST_EVENT_REFUSED).action,
			 REQUEST_TELL_REFUSED);
	assert_int_equal(request_next(REQUEST_CENTRE, REQUEST_EVENT_FALLBACK).action,
			 REQUEST_ASK_PEOPLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_ends_exactly_when_it_is_answered),
		cmocka_unit_test(what_is_done_answers_nothing_more),
		cmocka_unit_test(deadline_stop_and_removal_end_every_open_request),
		cmocka_unit_test(only_an_issued_or_typed_pin_is_accepted),
		cmocka_unit_test(consent_comes_before_the_centre_is_asked),
		cmocka_unit_test(a_held_request_takes_a_pin_from_either_side),
		cmocka_unit_test(a_centre_out_of_reach_is_told_apart_from_a_refusal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
