// SPDX-License-Identifier: GPL-2.0-or-later
#include <jansson.h>
#include <stdio.h>

#include <smpair/id.h>
#include <smpair/names.h>

#include "out.h"

/* What INFO claims is no more than a claim until the pairing is verified. */
static bool authenticated(const struct smpair_dev_info *info)
{
	return info->state == SMPAIR_STATE_PAIRED || info->state == SMPAIR_STATE_CLOSED ||
	       info->state == SMPAIR_STATE_RESTRICTED;
}

static void print_text(const struct smpair_dev_info *info)
{
	const struct smpair_error_info *cause = smpair_cause_info(info->cause);
	char module[SMPAIR_ID_TEXT_SIZE];

	printf("%s\n", info->name);
	printf("  transport      %s\n", info->transport);
	printf("  state          %s\n", smpair_state_name(info->state));
	if (info->cause != SMPAIR_CAUSE_NONE) {
		printf("  cause          %s: %s\n", cause->name, cause->text);
		printf("  next           %s\n", cause->next);
	}
	if (SMPAIR_HAS(info, SMPAIR_A_DEV_MODULE_ID)) {
		smpair_id_format(info->module_id, module, sizeof(module));
		printf("  module         %s%s\n", module,
		       authenticated(info) ? "" : " (not authenticated)");
	}
	if (SMPAIR_HAS(info, SMPAIR_A_DEV_DOMAIN))
		printf("  domain         %u\n", info->domain);
	if (SMPAIR_HAS(info, SMPAIR_A_DEV_SLOTS))
		printf("  slots          %u, %u free\n", info->slots, info->slots_free);
	if (SMPAIR_HAS(info, SMPAIR_A_DEV_PIN_POLICY))
		printf("  PIN policy     %s\n", smpair_pin_policy_name(info->pin_policy));
	if (SMPAIR_HAS(info, SMPAIR_A_DEV_EVICT_POLICY))
		printf("  eviction       %s\n", smpair_evict_policy_name(info->evict_policy));
	if (SMPAIR_HAS(info, SMPAIR_A_DEV_TRIES_LEFT))
		printf("  PIN tries      %u left of %u\n", info->tries_left, info->tries_max);
	if (SMPAIR_HAS(info, SMPAIR_A_DEV_MAX_MESSAGE))
		printf("  max message    %u bytes\n", info->max_message);
	if (SMPAIR_HAS(info, SMPAIR_A_DEV_INDEX))
		printf("  index          %u\n", info->index);
	if (SMPAIR_HAS(info, SMPAIR_A_DEV_SLOT))
		printf("  slot           %u\n", info->slot);
	if (SMPAIR_HAS(info, SMPAIR_A_DEV_GENERATION))
		printf("  key generation %u\n", info->generation);
	if (SMPAIR_HAS(info, SMPAIR_A_DEV_SESSION_AGE))
		printf("  session        %u s old, %u envelopes\n", info->session_age,
		       info->session_commands);
	if (SMPAIR_HAS(info, SMPAIR_A_DEV_REKEYS))
		printf("  rekeys         %u\n", info->rekeys);
}

int cmd_info(struct ctl *ctl)
{
	struct smpair_dev_info info;
	char name[SMPAIR_NAME_SIZE];
	json_t *object;
	int err;

	ctl_dev_name(ctl->dev, name);
	err = ctl_connect(ctl);
	if (err)
		return err;
	err = smpair_dev_get(ctl->client, ctl->dev, &info);
	if (err)
		return out_fail(ctl, err, name);
	if (!ctl->json) {
		print_text(&info);
		return SMPAIR_EXIT_DONE;
	}
	object = out_object();
	json_object_update_new(object, out_dev(&info));
	out_set(object, "authenticated", json_boolean(authenticated(&info)));
	return out_json(object);
}
