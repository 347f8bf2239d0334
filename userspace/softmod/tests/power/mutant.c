// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The cuts, against a module with a mistake built in: ends at the first
 * violation and prints the name of the property. Exit status 1 when the mistake
 * was noticed, 0 when it was not.
 */
#include <stdio.h>

#include "softmod/tests/testport.h"
#include "softmod/tests/power/cuts.h"

static struct cut_count count;
static struct cut_result result;

static bool survives(const struct scenario *s, unsigned int room)
{
	return cuts_single(s, room, false, &count, &result) &&
	       cuts_single(s, room, true, &count, &result) &&
	       cuts_fault(s, room, FLASH_ERROR, &count, &result) &&
	       cuts_fault(s, room, FLASH_SILENT, &count, &result);
}

int main(void)
{
	static const unsigned int rooms[] = { 0, 1, 210 };
	char text[128];
	size_t i, j;

	cut_seeds = 2;
	for (i = 0; i < 3; i++)
		for (j = 0; j < scenario_count; j++)
			if (!survives(&scenarios[j], rooms[i])) {
				cut_format(&result.cut, text, sizeof(text));
				printf("%s\n%s, after %lu runs, in %s\n",
				       property_name(result.violated),
				       result.detail, count.runs, text);
				return 1;
			}
	printf("nothing\nafter %lu runs\n", count.runs);
	return 0;
}
