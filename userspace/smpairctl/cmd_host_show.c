// SPDX-License-Identifier: GPL-2.0-or-later
#include <jansson.h>
#include <stdio.h>

#include <smpair/id.h>

#include "host_tell.h"
#include "out.h"

/* Tells which credentials the driver holds. Returns the exit code. */
int host_tell(struct ctl *ctl)
{
	json_t *object, *generations, *cryptograms, *cy;
	char id[SMPAIR_ID_TEXT_SIZE] = "unknown";
	struct smpair_host_info info;
	unsigned int i;
	int err;

	err = smpair_host_get(ctl->client, &info);
	if (err)
		return out_fail(ctl, err, NULL);
	smpair_id_format(info.host_id, id, sizeof(id));

	if (ctl->json) {
		object = out_object();
		out_set(object, "host_id", json_string(id));
		generations = json_array();
		out_set(object, "generations", generations);
		for (i = 0; i < info.generation_count; i++)
			json_array_append_new(generations, json_integer(info.generation[i]));
		cryptograms = json_array();
		out_set(object, "cryptograms", cryptograms);
		for (i = 0; i < info.cy_count; i++) {
			cy = json_object();
			out_set(cy, "domain", json_integer(info.cy[i].domain));
			out_set(cy, "generation", json_integer(info.cy[i].generation));
			json_array_append_new(cryptograms, cy);
		}
		return out_json(object);
	}
	printf("Host          %s\n", id);
	printf("Generations  ");
	for (i = 0; i < info.generation_count; i++)
		printf(" %u", info.generation[i]);
	putchar('\n');
	for (i = 0; i < info.cy_count; i++)
		printf("Cryptogram    domain %u, generation %u\n", info.cy[i].domain,
		       info.cy[i].generation);
	return SMPAIR_EXIT_DONE;
}

int cmd_host_show(struct ctl *ctl)
{
	int err = ctl_connect(ctl);

	return err ? err : host_tell(ctl);
}
