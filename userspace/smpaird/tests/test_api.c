// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "domain/base64.h"
#include "smpaird/api.h"

static struct api_verdict verdict;

static enum api_kind parse(long status, const char *body)
{
	api_parse_verdict(status, (const uint8_t *)body, strlen(body), &verdict);
	return verdict.kind;
}

static void a_request_says_what_the_driver_shows(void **state)
{
	const struct smpair_request request = {
		.module_id = { 0x02, 0x01, 0, 0, 0, 0, 0x56, 0x78 },
		.host_id = { 0x01, 0x01, 0, 0, 0, 0, 0x12, 0x34 },
		.index = 4294967294, .request_code = 42,
		.pin_policy = SMPAIR_PIN_POLICY_INDEXED,
	};
	char *text = api_pin_request(&request);
	json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

	(void)state;
	assert_string_equal(json_string_value(json_object_get(object, "module")),
			    "513-22136-41");
	assert_string_equal(json_string_value(json_object_get(object, "host")), "257-4660-20");
	assert_int_equal(json_integer_value(json_object_get(object, "index")), 4294967294);
	assert_string_equal(json_string_value(json_object_get(object, "request_code")),
			    "000042");
	assert_string_equal(json_string_value(json_object_get(object, "policy")), "indexed");
	json_decref(object);
	free(text);
}

static void an_issued_pin_is_eight_digits_and_nothing_else(void **state)
{
	(void)state;
	assert_int_equal(parse(201, "{\"pin\":\"01234567\"}"), API_ISSUED);
	assert_memory_equal(verdict.pin, "01234567", 8);
	assert_int_equal(parse(200, "{\"pin\":\"01234567\"}"), API_ISSUED);
	assert_int_equal(parse(201, "{\"pin\":\"1234567\"}"), API_LATER);
	assert_int_equal(parse(201, "{\"pin\":\"012345678\"}"), API_LATER);
	assert_int_equal(parse(201, "{\"pin\":\"0123456x\"}"), API_LATER);
	assert_int_equal(parse(201, "{\"pin\":1234567}"), API_LATER);
	assert_int_equal(parse(201, "{\"pin\":\"01234567\",\"pin\":\"76543210\"}"), API_LATER);
	assert_int_equal(parse(201, "{}"), API_LATER);
	assert_int_equal(parse(201, "[]"), API_LATER);
	assert_int_equal(parse(201, "PIN"), API_LATER);
	assert_int_equal(parse(204, ""), API_LATER);
}

static void a_held_request_has_an_id_to_ask_with(void **state)
{
	(void)state;
	assert_int_equal(parse(202, "{\"id\":\"0123456789abcdef0123456789abcdef\",\"cause\":"
			       "\"hotline\",\"next\":\"call\"}"), API_HELD);
	assert_string_equal(verdict.id, "0123456789abcdef0123456789abcdef");
	assert_string_equal(verdict.code, "hotline");
	assert_string_equal(verdict.next, "call");
	/* It becomes part of a path. */
	assert_int_equal(parse(202, "{\"id\":\"../../../../../../../../../../../x\"}"),
			 API_LATER);
	assert_int_equal(parse(202, "{\"id\":\"0123456789ABCDEF0123456789abcdef\"}"), API_LATER);
}

static void refusals_for_good_and_for_now_are_told_apart(void **state)
{
	static const long later[] = { 408, 425, 429, 500, 502, 503, 504 };
	static const long refused[] = { 400, 401, 403, 404, 409, 410, 413, 415, 422 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(later) / sizeof(later[0]); i++)
		assert_int_equal(parse(later[i], "{}"), API_LATER);
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_int_equal(parse(refused[i], "not even JSON"), API_REFUSED);
	assert_int_equal(parse(302, "{}"), API_LATER);
}

static void a_problem_is_shown_without_what_moves_a_terminal(void **state)
{
	(void)state;
	parse(403, "{\"code\":\"module-held\",\"title\":\"the \\u001b[2J module\",\"next\":"
	      "\"call\\u000a them\"}");
	assert_string_equal(verdict.code, "module-held");
	assert_string_equal(verdict.text, "the ?[2J module");
	assert_string_equal(verdict.next, "call? them");
}

static bool report;

static int commands(const char *body, size_t *count)
{
	static struct api_command command[API_COMMANDS_MAX];

	return api_parse_commands((const uint8_t *)body, strlen(body), command, count, &report);
}

static void commands_come_whole_or_not_at_all(void **state)
{
	size_t count = 99;

	(void)state;
	assert_int_equal(commands("{\"items\":[]}", &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(commands("{\"items\":[{\"seq\":7,\"command\":\"AAEC\"}]}", &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(commands("{\"items\":[{\"seq\":7,\"command\":\"AAEC\"},{}]}", &count),
			 -EBADMSG);
	assert_int_equal(count, 0);
	assert_int_equal(commands("{\"items\":[{\"seq\":-1,\"command\":\"AAEC\"}]}", &count),
			 -EBADMSG);
	assert_int_equal(commands("{\"items\":[{\"seq\":7,\"command\":\"AAE\"}]}", &count),
			 -EBADMSG);
	assert_int_equal(commands("{\"items\":[{\"seq\":7,\"command\":\"AA\\nEC\"}]}", &count),
			 -EBADMSG);
	assert_int_equal(commands("{}", &count), -EBADMSG);
}

static void a_report_is_brought_where_the_centre_wants_one(void **state)
{
	size_t count;

	(void)state;
	assert_int_equal(commands("{\"items\":[],\"report_wanted\":true}", &count), 0);
	assert_true(report);
	assert_int_equal(commands("{\"items\":[],\"report_wanted\":false}", &count), 0);
	assert_false(report);
	assert_int_equal(commands("{\"items\":[{}],\"report_wanted\":true}", &count), -EBADMSG);
	assert_false(report);
}

static int nonce_of(const char *body, uint8_t nonce[SMPAIR_NONCE_LEN])
{
	return api_parse_nonce((const uint8_t *)body, strlen(body), nonce);
}

static void a_report_goes_with_the_nonce_it_answers_to(void **state)
{
	uint8_t nonce[SMPAIR_NONCE_LEN], bytes[SMPAIR_REPORT_LEN];
	char *body;

	(void)state;
	assert_int_equal(nonce_of("{\"nonce\":\"AAECAwQFBgcICQoLDA0ODw==\"}", nonce), 0);
	assert_int_equal(nonce[15], 15);
	memset(bytes, 0xff, sizeof(bytes));
	body = api_report(nonce, bytes);
	assert_non_null(strstr(body, "\"nonce\":\"AAECAwQFBgcICQoLDA0ODw==\""));
	assert_non_null(strstr(body, "\"report\":\"/////"));
	free(body);
	assert_int_equal(nonce_of("{\"nonce\":\"AAECAwQFBgcICQoLDA0O\"}", nonce), -EBADMSG);
	assert_int_equal(nonce_of("{\"nonce\":\"AAECAwQFBgcICQoLDA0ODxAR\"}", nonce), -EBADMSG);
	assert_int_equal(nonce_of("{\"nonce\":7}", nonce), -EBADMSG);
	assert_int_equal(nonce_of("", nonce), -EBADMSG);
}

static void a_command_that_is_too_long_is_refused_before_it_is_decoded(void **state)
{
	char text[4 * SMPAIR_MANAGE_MAX];
	uint8_t data[16];
	size_t len;

	(void)state;
	memset(text, 'A', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(domain_base64_decode(text, data, sizeof(data), &len), -EMSGSIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_says_what_the_driver_shows),
		cmocka_unit_test(an_issued_pin_is_eight_digits_and_nothing_else),
		cmocka_unit_test(a_held_request_has_an_id_to_ask_with),
		cmocka_unit_test(refusals_for_good_and_for_now_are_told_apart),
		cmocka_unit_test(a_problem_is_shown_without_what_moves_a_terminal),
		cmocka_unit_test(commands_come_whole_or_not_at_all),
		cmocka_unit_test(a_report_is_brought_where_the_centre_wants_one),
		cmocka_unit_test(a_report_goes_with_the_nonce_it_answers_to),
		cmocka_unit_test(a_command_that_is_too_long_is_refused_before_it_is_decoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
