// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The shape that programs rely on: exact lines, so that no key changes its name
 * or type unnoticed.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "smpairctl/out.h"
#include "smpairctl/outcome.h"

static const uint8_t MID[8] = { 2, 1, 0, 0, 0, 0, 0x56, 0x78 };
static const uint8_t SN[8] = { 1, 1, 0, 0, 0, 0, 0x12, 0x34 };
static const struct ctl json_ctl = { .json = true };

/* What @tell writes to standard output. */
static void expect(int (*tell)(const void *arg), const void *arg, int exit, const char *line)
{
	char text[2048] = "";
	FILE *file = tmpfile();
	int saved, ret;
	size_t len;

	assert_non_null(file);
	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	dup2(fileno(file), STDOUT_FILENO);
	ret = tell(arg);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	rewind(file);
	len = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);

	assert_true(len > 0 && text[len - 1] == '\n');
	text[len - 1] = '\0';
	assert_string_equal(text, line);
	assert_int_equal(ret, exit);
}

static void same(json_t *object, const char *expected)
{
	char *text = json_dumps(object, JSON_COMPACT);

	assert_string_equal(text, expected);
	free(text);
	json_decref(object);
}

static void a_module_shows_what_the_driver_reported_and_no_more(void **state)
{
	struct smpair_dev_info info = {
		.present = 1 << SMPAIR_A_DEV_ID | 1 << SMPAIR_A_DEV_NAME |
			   1 << SMPAIR_A_DEV_TRANSPORT | 1 << SMPAIR_A_DEV_STATE |
			   1 << SMPAIR_A_DEV_CAUSE,
		.id = 3, .name = "smpair3", .transport = "virt",
		.state = SMPAIR_STATE_UNPAIRED, .cause = SMPAIR_CAUSE_NOT_PAIRED,
	};

	(void)state;
	same(out_dev(&info), "{\"name\":\"smpair3\",\"id\":3,\"transport\":\"virt\","
	     "\"state\":\"unpaired\",\"cause\":\"not-paired\"}");

	info.present |= 1 << SMPAIR_A_DEV_MODULE_ID | 1 << SMPAIR_A_DEV_TRIES_LEFT |
			1 << SMPAIR_A_DEV_PIN_POLICY | 1 << SMPAIR_A_DEV_SLOTS;
	memcpy(info.module_id, MID, sizeof(MID));
	info.pin_policy = SMPAIR_PIN_POLICY_INDEXED;
	info.slots = 4;
	same(out_dev(&info), "{\"name\":\"smpair3\",\"id\":3,\"transport\":\"virt\","
	     "\"state\":\"unpaired\",\"cause\":\"not-paired\",\"module_id\":\"513-22136-41\","
	     "\"pin_policy\":\"indexed\",\"slots\":4,\"tries_left\":0}");
}

static struct offer make_offer(uint32_t plan)
{
	return (struct offer){
		.module_id = MID, .host_id = SN, .index = 7, .request_code = 3872,
		.pin_policy = SMPAIR_PIN_POLICY_INDEXED, .plan = plan, .slot = 2, .tries_left = 5,
	};
}

#define OFFER	"\"module_id\":\"513-22136-41\",\"host_id\":\"257-4660-20\",\"index\":7," \
		"\"request_code\":\"003872\",\"pin_policy\":\"indexed\","

static void an_offer_names_slot_and_victim(void **state)
{
	struct offer offer = make_offer(SMPAIR_PLAN_FREE | SMPAIR_PLAN_PIN);
	const struct smpair_slot_info victim = {
		.sid = { 0xa1, 0xb2, 0xc3, 0xd4 }, .activity = 9, .paired_at = 3,
	};
	json_t *object = json_object();

	(void)state;
	offer_to_json(&offer, NULL, object);
	same(object, "{" OFFER "\"plan\":[\"free\",\"pin\"],\"slot\":2,\"tries_left\":5}");

	offer = make_offer(SMPAIR_PLAN_EVICT | SMPAIR_PLAN_EVICT_PERMITTED | SMPAIR_PLAN_PIN);
	object = json_object();
	offer_to_json(&offer, &victim, object);
	same(object, "{" OFFER "\"plan\":[\"evict\",\"evict-permitted\",\"pin\"],\"slot\":2,"
	     "\"tries_left\":5,\"evicted\":{\"host\":\"a1b2c3d4\",\"activity\":9,"
	     "\"paired_at\":3}}");

	offer = make_offer(SMPAIR_PLAN_EVICT);
	object = json_object();
	offer_to_json(&offer, NULL, object);
	same(object, "{" OFFER "\"plan\":[\"evict\"],\"slot\":null,\"tries_left\":5}");
}

static void an_offer_tells_people_whom_it_would_evict_and_why(void **state)
{
	struct offer offer = make_offer(SMPAIR_PLAN_EVICT | SMPAIR_PLAN_EVICT_PERMITTED |
					SMPAIR_PLAN_PIN);
	const struct smpair_slot_info victim = {
		.sid = { 0xa1, 0xb2, 0xc3, 0xd4 }, .activity = 9, .paired_at = 3,
	};
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	(void)state;
	offer_print(&offer, &victim, to);
	fclose(to);
	assert_non_null(strstr(text, "Module        513-22136-41\n"));
	assert_non_null(strstr(text, "Host          257-4660-20\n"));
	assert_non_null(strstr(text, "Index         7\n"));
	assert_non_null(strstr(text, "Request code  003872\n"));
	assert_non_null(strstr(text, "Tries left    5\n"));
	assert_non_null(strstr(text, "Slot          2, taken from another host\n"));
	assert_non_null(strstr(text, "least active"));
	assert_non_null(strstr(text, "a1b2c3d4"));
	free(text);
}

static int tell_done(const void *outcome)
{
	return outcome_tell(&json_ctl, outcome, "paired");
}

static void an_outcome_is_one_object(void **state)
{
	struct smpair_outcome outcome = { .op = 12, .dev_id = 0 };

	(void)state;
	expect(tell_done, &outcome, 0, "{\"v\":1,\"dev\":\"smpair0\",\"op\":12,\"result\":\"paired\"}");

	outcome.error = EALREADY;
	expect(tell_done, &outcome, 0, "{\"v\":1,\"dev\":\"smpair0\",\"op\":12,\"result\":\"already\"}");

	outcome.error = EACCES;
	outcome.cause = SMPAIR_CAUSE_PIN_WRONG;
	outcome.present = 1 << SMPAIR_A_OP_TRIES_LEFT | 1 << SMPAIR_A_OP_STATUS_WORD;
	outcome.tries_left = 4;
	outcome.status_word = 0x63c4;
	expect(tell_done, &outcome, SMPAIR_EXIT_PIN,
	       "{\"v\":1,\"dev\":\"smpair0\",\"op\":12,\"result\":\"failed\",\"error\":{"
	       "\"code\":\"pin-wrong\",\"exit\":5,\"message\":\"the PIN is wrong\",\"extack\":null,"
	       "\"next\":\"check module, host, index and request code with the centre before the next try\"},"
	       "\"status_word\":\"63c4\",\"tries_left\":4}");
}

/* A driver that names no cause is still believed that it failed. */
static void an_error_without_cause_is_an_error(void **state)
{
	struct smpair_outcome outcome = { .op = 1, .error = EIO };

	(void)state;
	assert_int_equal(outcome_info(&outcome)->exit, SMPAIR_EXIT_OTHER);
	outcome.error = 0xffffffff;
	assert_int_equal(outcome_info(&outcome)->exit, SMPAIR_EXIT_OTHER);
}

static int tell_absent(const void *arg)
{
	(void)arg;
	return out_error(&json_ctl, smpair_errno_info(ENODEV), "No such module", "smpair9");
}

static int tell_usage(const void *arg)
{
	(void)arg;
	return out_usage(&json_ctl, "a verb is missing");
}

static void an_error_has_code_exit_message_extack_and_next(void **state)
{
	(void)state;
	expect(tell_absent, NULL, SMPAIR_EXIT_NO_MODULE,
	       "{\"v\":1,\"about\":\"smpair9\",\"error\":{\"code\":\"no-module\",\"exit\":7,"
	       "\"message\":\"there is no such module\",\"extack\":\"No such module\","
	       "\"next\":\"list the modules with \\\"smpairctl list\\\"\"}}");
	expect(tell_usage, NULL, SMPAIR_EXIT_USAGE,
	       "{\"v\":1,\"error\":{\"code\":\"usage\",\"exit\":2,\"message\":\"a verb is missing\","
	       "\"extack\":null,\"next\":\"look at \\\"smpairctl help\\\"\"}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_module_shows_what_the_driver_reported_and_no_more),
		cmocka_unit_test(an_offer_names_slot_and_victim),
		cmocka_unit_test(an_offer_tells_people_whom_it_would_evict_and_why),
		cmocka_unit_test(an_outcome_is_one_object),
		cmocka_unit_test(an_error_without_cause_is_an_error),
		cmocka_unit_test(an_error_has_code_exit_message_extack_and_next),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
