// SPDX-License-Identifier: GPL-2.0-or-later
#include <jansson.h>
#include <stdio.h>

#include "out.h"

int cmd_host_clear(struct ctl *ctl)
{
	json_t *object;
	int err;

	err = ctl_connect(ctl);
	if (err)
		return err;
	err = smpair_host_clear(ctl->client);
	if (err)
		return out_fail(ctl, err, NULL);
	if (ctl->json) {
		object = out_object();
		out_set(object, "result", json_string("cleared"));
		return out_json(object);
	}
	puts("Host credentials are cleared.");
	return SMPAIR_EXIT_DONE;
}
