// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bash completion, made from the table of verbs.
 */
#include <string.h>

#include "completion.h"
#include "ctl.h"

static void write_options(const struct ctl_option *options, size_t count, FILE *to)
{
	size_t i;

	for (i = 0; i < count && options[i].name; i++)
		fprintf(to, " --%s", options[i].name);
}

/* First words, each once. */
static void write_first_words(FILE *to)
{
	const struct ctl_verb *verb, *before;

	for (verb = ctl_verbs; verb->name; verb++) {
		int len = (int)strcspn(verb->name, " ");

		for (before = ctl_verbs; before < verb; before++)
			if (!strncmp(before->name, verb->name, (size_t)len) &&
			    before->name[len] == ' ')
				break;
		if (before == verb)
			fprintf(to, " %.*s", len, verb->name);
	}
	fputs(" help", to);
}

static void write_two_word_verbs(FILE *to)
{
	const struct ctl_verb *verb;
	const char *bar = "";

	for (verb = ctl_verbs; verb->name; verb++)
		if (strchr(verb->name, ' ')) {
			fprintf(to, "%s'%s'", bar, verb->name);
			bar = "|";
		}
}

static void write_second_words(FILE *to)
{
	const struct ctl_verb *verb;

	for (verb = ctl_verbs; verb->name; verb++) {
		int len = (int)strcspn(verb->name, " ");

		if (verb->name[len])
			fprintf(to, "\t%.*s) words+=' %s' ;;&\n", len, verb->name,
				verb->name + len + 1);
	}
}

static void write_values(FILE *to)
{
	const struct ctl_verb *verb;
	size_t i;

	for (verb = ctl_verbs; verb->name; verb++) {
		for (i = 0; i < CTL_OPTIONS_MAX && verb->options[i].name; i++) {
			const struct ctl_option *option = &verb->options[i];

			if (!option->arg)
				continue;
			fprintf(to, "\t'%s --%s') ", verb->name, option->name);
			if (option->values)
				fprintf(to, "COMPREPLY=($(compgen -W '%s' -- \"$cur\"))",
					option->values);
			else if (!strcmp(option->arg, "FILE"))
				fputs("COMPREPLY=($(compgen -f -- \"$cur\"))", to);
			else
				fputs("COMPREPLY=()", to);
			fputs("; return ;;\n", to);
		}
	}
}

static void write_verbs(FILE *to)
{
	const struct ctl_verb *verb;

	for (verb = ctl_verbs; verb->name; verb++) {
		fprintf(to, "\t'%s') words='", verb->name);
		write_options(verb->options, CTL_OPTIONS_MAX, to);
		fputc('\'', to);
		if (verb->takes_dev)
			fputs("; words+=\" $(cd /dev && compgen -G 'smpair[0-9]*')\"", to);
		fputs(" ;;\n", to);
	}
}

/*
 * completion_write() - Write the completion script.
 */
void completion_write(FILE *to)
{
	/* The tag is in two pieces, lest it be read as a second one of this file. */
	fprintf(to, "# SPDX-License-%s: GPL-2.0-or-later\n", "Identifier");
	fputs("# bash completion for smpairctl; made by the program itself\n\n"
	      "_smpairctl()\n{\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	      "\tlocal verb= first= word i words=\n\n"
	      "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	      "\t\tword=${COMP_WORDS[i]}\n"
	      "\t\tcase $word in\n"
	      "\t\t--timeout) ((i++)) ;;\n"
	      "\t\t-*) ;;\n"
	      "\t\t*)\n"
	      "\t\t\tif [[ -z $first ]]; then\n"
	      "\t\t\t\tfirst=$word verb=$word\n"
	      "\t\t\telif [[ $verb == \"$first\" ]]; then\n"
	      "\t\t\t\tcase \"$first $word\" in\n\t\t\t\t", to);
	write_two_word_verbs(to);
	fputs(") verb=\"$first $word\" ;;\n"
	      "\t\t\t\tesac\n"
	      "\t\t\tfi ;;\n"
	      "\t\tesac\n"
	      "\tdone\n\n"
	      "\tcase \"$verb $prev\" in\n"
	      "\t*' --timeout') COMPREPLY=(); return ;;\n", to);
	write_values(to);
	fputs("\tesac\n\n"
	      "\tcase $verb in\n"
	      "\t''|help) words='", to);
	write_first_words(to);
	fputs("' ;;\n", to);
	write_verbs(to);
	fputs("\tesac\n"
	      "\tcase $verb in\n", to);
	write_second_words(to);
	fputs("\tesac\n"
	      "\twords+='", to);
	write_options(ctl_globals, SIZE_MAX, to);
	fputs("'\n"
	      "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
	      "}\n"
	      "complete -F _smpairctl smpairctl\n", to);
}
