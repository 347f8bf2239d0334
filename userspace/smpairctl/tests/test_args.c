// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "smpairctl/args.h"
#include "smpairctl/completion.h"

static struct ctl ctl;
static char error[ARGS_ERROR_SIZE];

/* Splits @line at blanks; good enough for what is tested here. */
static enum args_result parse(const char *line)
{
	static char copy[256];
	char *argv[32] = { "smpairctl" }, *word, *save = NULL;
	int argc = 1;

	assert_true(strlen(line) < sizeof(copy));
	strcpy(copy, line);
	for (word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	memset(&ctl, 0, sizeof(ctl));
	error[0] = '\0';
	return args_parse(&ctl, argc, argv, error);
}

static void a_module_is_named_in_any_of_its_forms(void **state)
{
	static const char * const forms[] = { "info smpair17", "info 17", "info /dev/smpair17" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		assert_int_equal(parse(forms[i]), ARGS_RUN);
		assert_string_equal(ctl.verb->name, "info");
		assert_int_equal(ctl.dev, 17);
	}
	assert_int_equal(parse("info 4294967295"), ARGS_RUN);
	assert_int_equal(ctl.dev, UINT32_MAX);
}

static void what_names_no_module_is_refused(void **state)
{
	static const char * const bad[] = {
		"info", "info smpair", "info -1", "info +1", "info 0x1", "info smpair1a",
		"info 4294967296", "info 99999999999999999999", "info module", "info 0 1",
		"list 0", "host show 0",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (parse(bad[i]) != ARGS_ERROR)
			fail_msg("\"%s\" is accepted", bad[i]);
		assert_true(error[0]);
	}
}

static void global_options_stand_anywhere(void **state)
{
	static const char * const lines[] = {
		"--json --timeout 5 pair smpair0 --plan", "pair --json smpair0 --plan --timeout=5",
		"pair --plan smpair0 --timeout 5 --json",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(parse(lines[i]), ARGS_RUN);
		assert_true(ctl.json);
		assert_int_equal(ctl.timeout_s, 5);
		assert_true(ctl_flag(&ctl, "plan"));
		assert_false(ctl_flag(&ctl, "again"));
	}
}

static void arguments_follow_by_blank_or_equals(void **state)
{
	(void)state;
	assert_int_equal(parse("pair 0 --pin-fd 7 --evict=yes"), ARGS_RUN);
	assert_string_equal(ctl_value(&ctl, "pin-fd"), "7");
	assert_string_equal(ctl_value(&ctl, "evict"), "yes");
	assert_int_equal(parse("manage 0 --in a=b --out="), ARGS_RUN);
	assert_string_equal(ctl_value(&ctl, "in"), "a=b");
	assert_string_equal(ctl_value(&ctl, "out"), "");
}

static void wrong_options_are_refused(void **state)
{
	static const char * const bad[] = {
		"", "nothing", "host", "host drop", "-x", "list -x", "--plan pair 0", "list --plan",
		"pair 0 --pin 12345678", "pair 0 --pin-fd", "pair 0 --plan=1", "pair 0 --plan --plan",
		"pair 0 --evict", "pair 0 --evict maybe", "pair 0 --evict ye", "pair 0 --evict yesno",
		"--timeout list", "--timeout 0 list", "--timeout -1 list", "--timeout 1s list",
		"--timeout 86401 list", "--json=1 list", "host load --key a", "manage 0 --in a",
		"list --completion", "pair 0 --p",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (parse(bad[i]) != ARGS_ERROR)
			fail_msg("\"%s\" is accepted", bad[i]);
		assert_true(error[0]);
	}
}

/* Whatever else is on the line, an option of a verb takes no PIN. */
static void no_option_takes_a_secret(void **state)
{
	const struct ctl_verb *verb;
	size_t i;

	(void)state;
	for (verb = ctl_verbs; verb->name; verb++)
		for (i = 0; i < CTL_OPTIONS_MAX && verb->options[i].name; i++) {
			assert_string_not_equal(verb->options[i].name, "pin");
			if (verb->options[i].arg)
				assert_string_not_equal(verb->options[i].arg, "PIN");
		}
}

static void verbs_of_two_words_are_one_verb(void **state)
{
	(void)state;
	assert_int_equal(parse("host load --key k --info i"), ARGS_RUN);
	assert_int_equal(parse("host load --kernel-key encrypted:k --info i"), ARGS_RUN);
	assert_string_equal(ctl_value(&ctl, "kernel-key"), "encrypted:k");
	assert_null(ctl_value(&ctl, "key"));
	assert_string_equal(ctl.verb->name, "host load");
	assert_int_equal(parse("host clear"), ARGS_RUN);
	assert_string_equal(ctl.verb->name, "host clear");
}

static void help_needs_nothing_else(void **state)
{
	(void)state;
	assert_int_equal(parse("help"), ARGS_HELP);
	assert_null(ctl.verb);
	assert_int_equal(parse("-h"), ARGS_HELP);
	assert_int_equal(parse("help pair"), ARGS_HELP);
	assert_string_equal(ctl.verb->name, "pair");
	assert_int_equal(parse("pair --help"), ARGS_HELP);
	assert_int_equal(parse("help host load"), ARGS_HELP);
	assert_string_equal(ctl.verb->name, "host load");
	assert_int_equal(parse("--version"), ARGS_VERSION);
	assert_int_equal(parse("--completion"), ARGS_COMPLETION);
}

static void numbers_are_plain_digits_in_range(void **state)
{
	uint32_t value = 42;

	(void)state;
	assert_int_equal(args_number("", 0, 9, &value), -EINVAL);
	assert_int_equal(args_number(" 1", 0, 9, &value), -EINVAL);
	assert_int_equal(args_number("1 ", 0, 9, &value), -EINVAL);
	assert_int_equal(args_number("10", 0, 9, &value), -ERANGE);
	assert_int_equal(args_number("0", 1, 9, &value), -ERANGE);
	assert_int_equal(args_number("18446744073709551617", 0, UINT32_MAX, &value), -ERANGE);
	assert_int_equal(value, 42);
	assert_int_equal(args_number("007", 0, 9, &value), 0);
	assert_int_equal(value, 7);
}

static char *written(void (*write)(FILE *to))
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	assert_non_null(to);
	write(to);
	fclose(to);
	return text;
}

static void write_all_help(FILE *to)
{
	const struct ctl_verb *verb;

	args_help(NULL, to);
	for (verb = ctl_verbs; verb->name; verb++)
		args_help(verb, to);
}

static void help_and_completion_know_the_whole_table(void **state)
{
	char *help = written(write_all_help), *completion = written(completion_write);
	const struct ctl_verb *verb;
	char text[64];
	size_t i;

	(void)state;
	for (verb = ctl_verbs; verb->name; verb++) {
		assert_non_null(verb->run);
		assert_true(verb->help[0] >= 'a' && verb->help[0] <= 'z');
		assert_non_null(strstr(help, verb->help));
		snprintf(text, sizeof(text), "'%s') words=", verb->name);
		assert_non_null(strstr(completion, text));
		for (i = 0; i < CTL_OPTIONS_MAX && verb->options[i].name; i++) {
			snprintf(text, sizeof(text), "--%s", verb->options[i].name);
			assert_non_null(strstr(help, text));
			assert_non_null(strstr(completion, text));
		}
	}
	free(help);
	free(completion);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_module_is_named_in_any_of_its_forms),
		cmocka_unit_test(what_names_no_module_is_refused),
		cmocka_unit_test(global_options_stand_anywhere),
		cmocka_unit_test(arguments_follow_by_blank_or_equals),
		cmocka_unit_test(wrong_options_are_refused),
		cmocka_unit_test(no_option_takes_a_secret),
		cmocka_unit_test(verbs_of_two_words_are_one_verb),
		cmocka_unit_test(help_needs_nothing_else),
		cmocka_unit_test(numbers_are_plain_digits_in_range),
		cmocka_unit_test(help_and_completion_know_the_whole_table),
	};

	return cmocka_run_group_tests_name("args", tests, NULL, NULL);
}
