// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "args.h"

/* A day; longer waits are a matter for whoever calls. */
#define TIMEOUT_MAX	86400

static enum args_result refuse(char error[ARGS_ERROR_SIZE], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, ARGS_ERROR_SIZE, format, args);
	va_end(args);
	return ARGS_ERROR;
}

/* Decimal digits alone: no sign, no blanks, no base. 0, -EINVAL or -ERANGE. */
int args_number(const char *text, uint32_t min, uint32_t max, uint32_t *value)
{
	uint64_t number = 0;

	if (!*text)
		return -EINVAL;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		number = number * 10 + (uint64_t)(*text - '0');
		if (number > max)
			return -ERANGE;
	}
	if (number < min)
		return -ERANGE;
	*value = (uint32_t)number;
	return 0;
}

static const struct ctl_verb *find_verb(const char *first, const char *second, bool *two_words)
{
	const struct ctl_verb *verb;
	size_t len = strlen(first);

	for (verb = ctl_verbs; verb->name; verb++) {
		*two_words = false;
		if (!strcmp(verb->name, first))
			return verb;
		*two_words = true;
		if (second && !strncmp(verb->name, first, len) && verb->name[len] == ' ' &&
		    !strcmp(verb->name + len + 1, second))
			return verb;
	}
	return NULL;
}

/* Is @word the first of two words of some verb? */
static bool begins_verb(const char *word)
{
	const struct ctl_verb *verb;
	size_t len = strlen(word);

	for (verb = ctl_verbs; verb->name; verb++)
		if (!strncmp(verb->name, word, len) && verb->name[len] == ' ')
			return true;
	return false;
}

static bool one_of(const char *values, const char *word)
{
	size_t len = strlen(word), n;

	for (; *values; values += n + (values[n] == ' ')) {
		n = strcspn(values, " ");
		if (n == len && !strncmp(values, word, n))
			return true;
	}
	return false;
}

static const struct ctl_option *find_option(const struct ctl_option *options, size_t count,
					    const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < count && options[i].name; i++)
		if (strlen(options[i].name) == len && !strncmp(options[i].name, name, len))
			return &options[i];
	return NULL;
}

struct args {
	int argc;
	char * const *argv;
	int at;
};

/*
 * Reads the option at the present place. Returns ARGS_RUN to go on.
 */
static enum args_result take_option(struct ctl *ctl, struct args *args, bool *help,
				    char error[ARGS_ERROR_SIZE])
{
	const char *name = args->argv[args->at] + 2, *equals = strchr(name, '='), *value = NULL;
	const char *dashes = args->argv[args->at];
	size_t len = equals ? (size_t)(equals - name) : strlen(name);
	const struct ctl_option *option = NULL;
	enum args_result result = ARGS_RUN;
	bool global = false;
	uint32_t number;

	if (ctl->verb)
		option = find_option(ctl->verb->options, CTL_OPTIONS_MAX, name, len);
	if (!option) {
		option = find_option(ctl_globals, SIZE_MAX, name, len);
		global = true;
	}
	if (!option)
		return refuse(error, "%s%s has no option %.*s", ctl->verb ? "" : "before the verb, ",
			      ctl->verb ? ctl->verb->name : "smpairctl", (int)len + 2, dashes);

	if (option->arg) {
		if (equals)
			value = equals + 1;
		else if (args->at + 1 < args->argc)
			value = args->argv[++args->at];
		else
			return refuse(error, "--%s needs %s", option->name, option->arg);
	} else if (equals) {
		return refuse(error, "--%s takes no argument", option->name);
	}

	if (!global) {
		const char **slot = &ctl->values[option - ctl->verb->options];

		if (*slot)
			return refuse(error, "--%s is given twice", option->name);
		if (option->values && (!value || !one_of(option->values, value)))
			return refuse(error, "--%s must be one of: %s", option->name,
				      option->values);
		*slot = value ? value : "";
		return ARGS_RUN;
	}

	if (!strcmp(option->name, "json")) {
		ctl->json = true;
	} else if (!strcmp(option->name, "help")) {
		*help = true;
	} else if (!strcmp(option->name, "version")) {
		result = ARGS_VERSION;
	} else {
		if (!value || args_number(value, 1, TIMEOUT_MAX, &number))
			return refuse(error, "--timeout must be 1 to %d seconds", TIMEOUT_MAX);
		ctl->timeout_s = number;
	}
	return result;
}

static enum args_result take_dev(struct ctl *ctl, const char *word, bool *have_dev,
				 char error[ARGS_ERROR_SIZE])
{
	const char *digits = word;

	if (*have_dev || !ctl->verb->takes_dev)
		return refuse(error, "%s does not take \"%.40s\"", ctl->verb->name, word);
	if (!strncmp(word, "/dev/", 5))
		digits += 5;
	if (!strncmp(digits, "smpair", 6))
		digits += 6;
	if (args_number(digits, 0, UINT32_MAX, &ctl->dev))
		return refuse(error, "\"%.40s\" is no module; say smpair0 or 0", word);
	*have_dev = true;
	return ARGS_RUN;
}

static enum args_result take_verb(struct ctl *ctl, struct args *args, bool *help,
				  char error[ARGS_ERROR_SIZE])
{
	const char *word = args->argv[args->at];
	const char *next = args->at + 1 < args->argc ? args->argv[args->at + 1] : NULL;
	bool two_words;

	if (!strcmp(word, "help") && !*help) {
		*help = true;
		return ARGS_RUN;
	}
	ctl->verb = find_verb(word, next, &two_words);
	if (ctl->verb) {
		args->at += two_words;
		return ARGS_RUN;
	}
	if (begins_verb(word))
		return refuse(error, "%s needs a second word", word);
	return refuse(error, "there is no verb \"%.40s\"", word);
}

/*
 * args_parse() - Read the command line.
 * @error: Receives what is wrong with it, for ARGS_ERROR.
 *
 * Global options may stand anywhere, those of a verb after it. Nothing secret
 * is ever taken from here: other users see it.
 */
enum args_result args_parse(struct ctl *ctl, int argc, char * const argv[],
			    char error[ARGS_ERROR_SIZE])
{
	struct args args = { .argc = argc, .argv = argv };
	bool help = false, have_dev = false, options_end = false;
	enum args_result result = ARGS_RUN;
	size_t i;

	if (argc == 2 && !strcmp(argv[1], "--completion"))
		return ARGS_COMPLETION;

	for (args.at = 1; args.at < argc && result == ARGS_RUN; args.at++) {
		const char *word = argv[args.at];

		if (!options_end && !strcmp(word, "--"))
			options_end = true;
		else if (!options_end && !strcmp(word, "-h"))
			help = true;
		else if (!options_end && !strncmp(word, "--", 2))
			result = take_option(ctl, &args, &help, error);
		else if (!options_end && word[0] == '-' && word[1])
			result = refuse(error, "there is no option %.40s", word);
		else if (!ctl->verb)
			result = take_verb(ctl, &args, &help, error);
		else
			result = take_dev(ctl, word, &have_dev, error);
	}
	if (result != ARGS_RUN)
		return result;
	if (help)
		return ARGS_HELP;
	if (!ctl->verb)
		return refuse(error, "a verb is missing");
	if (ctl->verb->takes_dev && !have_dev)
		return refuse(error, "%s needs a module, such as smpair0", ctl->verb->name);
	for (i = 0; i < CTL_OPTIONS_MAX && ctl->verb->options[i].name; i++)
		if (ctl->verb->options[i].required && !ctl->values[i])
			return refuse(error, "%s needs --%s %s", ctl->verb->name,
				      ctl->verb->options[i].name, ctl->verb->options[i].arg);
	return ARGS_RUN;
}

static void synopsis(const struct ctl_verb *verb, FILE *to)
{
	size_t i;

	fprintf(to, "smpairctl %s%s", verb->name, verb->takes_dev ? " DEV" : "");
	for (i = 0; i < CTL_OPTIONS_MAX && verb->options[i].name; i++) {
		const struct ctl_option *option = &verb->options[i];

		fprintf(to, " %s--%s%s%s%s", option->required ? "" : "[", option->name,
			option->arg ? " " : "", option->arg ? option->arg : "",
			option->required ? "" : "]");
	}
	fputc('\n', to);
}

static void list_options(const struct ctl_option *options, size_t count, FILE *to)
{
	size_t i;

	for (i = 0; i < count && options[i].name; i++) {
		int width = fprintf(to, "  --%s%s%s", options[i].name, options[i].arg ? " " : "",
				    options[i].arg ? options[i].arg : "");

		fprintf(to, "%*s%s", width < 20 ? 20 - width : 1, "", options[i].help);
		if (options[i].values)
			fprintf(to, " (%s)", options[i].values);
		fputc('\n', to);
	}
}

/*
 * args_help() - Explain one verb, or with NULL the program.
 */
void args_help(const struct ctl_verb *verb, FILE *to)
{
	if (verb) {
		fputs("Usage: ", to);
		synopsis(verb, to);
		fprintf(to, "\n%c%s.\n\n", verb->help[0] - 'a' + 'A', verb->help + 1);
		list_options(verb->options, CTL_OPTIONS_MAX, to);
		list_options(ctl_globals, SIZE_MAX, to);
		return;
	}
	fputs("Usage: smpairctl [--json] [--timeout SEC] VERB [DEV] [OPTION]...\n\n"
	      "Pairs removable security modules with this host. DEV is smpair0 or 0.\n\n", to);
	for (verb = ctl_verbs; verb->name; verb++)
		fprintf(to, "  %-18s%s\n", verb->name, verb->help);
	fputc('\n', to);
	list_options(ctl_globals, SIZE_MAX, to);
	fputs("\n\"smpairctl help VERB\" explains a verb.\n\n"
	      "Exit codes: 0 done or already so, 1 other, 2 usage, 3 wrong state, 4 refused\n"
	      "by policy, 5 PIN wrong, 6 blocked, 7 no module, 8 centre unreachable,\n"
	      "9 permission, 124 timeout.\n", to);
}
