// SPDX-License-Identifier: GPL-2.0-or-later
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include <smpair/id.h>
#include <smpair/names.h>

#include "out.h"

int cmd_list(struct ctl *ctl)
{
	char module[SMPAIR_ID_TEXT_SIZE];
	struct smpair_dev_info *list;
	json_t *object, *modules;
	size_t count, i;
	int err;

	err = ctl_connect(ctl);
	if (err)
		return err;
	err = smpair_dev_list(ctl->client, &list, &count);
	if (err)
		return out_fail(ctl, err, NULL);

	if (ctl->json) {
		object = out_object();
		modules = json_array();
		out_set(object, "modules", modules);
		for (i = 0; i < count; i++)
			json_array_append_new(modules, out_dev(&list[i]));
		free(list);
		return out_json(object);
	}

	for (i = 0; i < count; i++) {
		printf("%-10s %-8s %-14s", list[i].name, list[i].transport,
		       smpair_state_name(list[i].state));
		if (list[i].cause != SMPAIR_CAUSE_NONE)
			printf(" (%s)", smpair_cause_info(list[i].cause)->name);
		if (SMPAIR_HAS(&list[i], SMPAIR_A_DEV_MODULE_ID)) {
			smpair_id_format(list[i].module_id, module, sizeof(module));
			printf(" %s", module);
		}
		putchar('\n');
	}
	if (!count)
		fputs("No module is inserted.\n", stderr);
	free(list);
	return SMPAIR_EXIT_DONE;
}
