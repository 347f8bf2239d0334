// SPDX-License-Identifier: GPL-2.0-or-later
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "out.h"

static json_t *slot_object(const struct smpair_slot_info *slot)
{
	char sid[2 * SMPAIR_SID_LEN + 1];
	json_t *object = json_object();

	out_set(object, "slot", json_integer(slot->index));
	out_set(object, "used", json_boolean(slot->flags & SMPAIR_SLOT_FLAGS_USED));
	out_set(object, "pinned", json_boolean(slot->flags & SMPAIR_SLOT_FLAGS_PINNED));
	out_set(object, "self", json_boolean(slot->flags & SMPAIR_SLOT_FLAGS_SELF));
	if (SMPAIR_HAS(slot, SMPAIR_A_SLOT_ACTIVITY))
		out_set(object, "activity", json_integer(slot->activity));
	if (SMPAIR_HAS(slot, SMPAIR_A_SLOT_PAIRED_AT))
		out_set(object, "paired_at", json_integer(slot->paired_at));
	if (SMPAIR_HAS(slot, SMPAIR_A_SLOT_SID))
		out_set(object, "host", json_string(out_hex(slot->sid, SMPAIR_SID_LEN, sid)));
	return object;
}

static void print_slot(const struct smpair_slot_info *slot)
{
	char sid[2 * SMPAIR_SID_LEN + 1] = "-";

	if (!(slot->flags & SMPAIR_SLOT_FLAGS_USED)) {
		printf("%4u  free\n", slot->index);
		return;
	}
	if (SMPAIR_HAS(slot, SMPAIR_A_SLOT_SID))
		out_hex(slot->sid, SMPAIR_SID_LEN, sid);
	printf("%4u  %-9s %8u %10u  %s%s\n", slot->index, sid, slot->activity, slot->paired_at,
	       slot->flags & SMPAIR_SLOT_FLAGS_SELF ? "this host " : "",
	       slot->flags & SMPAIR_SLOT_FLAGS_PINNED ? "pinned" : "");
}

int cmd_slots(struct ctl *ctl)
{
	struct smpair_slot_info *list;
	char name[SMPAIR_NAME_SIZE];
	json_t *object, *slots;
	size_t count, i;
	int err;

	ctl_dev_name(ctl->dev, name);
	err = ctl_connect(ctl);
	if (err)
		return err;
	err = smpair_slot_list(ctl->client, ctl->dev, &list, &count);
	if (err)
		return out_fail(ctl, err, name);

	if (ctl->json) {
		object = out_object();
		slots = json_array();
		out_set(object, "dev", json_string(name));
		out_set(object, "slots", slots);
		for (i = 0; i < count; i++)
			json_array_append_new(slots, slot_object(&list[i]));
		free(list);
		return out_json(object);
	}
	if (count)
		printf("slot  host      activity  paired at\n");
	else
		fputs("No slot is known: the pairing was not verified since insertion.\n", stderr);
	for (i = 0; i < count; i++)
		print_slot(&list[i]);
	free(list);
	return SMPAIR_EXIT_DONE;
}
