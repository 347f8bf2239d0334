// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The plan of a pairing, as people and programs are shown it before a PIN is
 * asked for.
 */
#include <smpair/id.h>
#include <smpair/names.h>

#include "out.h"
#include "outcome.h"

bool offer_from_outcome(struct offer *offer, const struct smpair_outcome *outcome)
{
	if (!SMPAIR_HAS(outcome, SMPAIR_A_OP_PLAN) ||
	    !SMPAIR_HAS(outcome, SMPAIR_A_OP_MODULE_ID) ||
	    !SMPAIR_HAS(outcome, SMPAIR_A_OP_HOST_ID))
		return false;
	*offer = (struct offer){
		.module_id = outcome->module_id,
		.host_id = outcome->host_id,
		.index = outcome->index,
		.request_code = outcome->request_code,
		.pin_policy = outcome->pin_policy,
		.plan = outcome->plan,
		.slot = outcome->slot,
		.tries_left = outcome->tries_left,
	};
	return true;
}

void offer_from_request(struct offer *offer, const struct smpair_request *request)
{
	*offer = (struct offer){
		.module_id = request->module_id,
		.host_id = request->host_id,
		.index = request->index,
		.request_code = request->request_code,
		.pin_policy = request->pin_policy,
		.plan = request->plan,
		.slot = request->slot,
		.tries_left = request->tries_left,
	};
}

/* The module has no slot to give. */
static bool no_slot(const struct offer *offer)
{
	return offer->plan & SMPAIR_PLAN_EVICT && !(offer->plan & SMPAIR_PLAN_EVICT_PERMITTED);
}

static void print_slot(const struct offer *offer, const struct smpair_slot_info *victim, FILE *to)
{
	char sid[2 * SMPAIR_SID_LEN + 1];

	if (no_slot(offer)) {
		fputs("none: all are taken and none may be replaced\n", to);
		return;
	}
	fprintf(to, "%u", offer->slot);
	if (offer->plan & SMPAIR_PLAN_SAME)
		fputs(", which this host has already\n", to);
	else if (offer->plan & SMPAIR_PLAN_FREE)
		fputs(", which is free\n", to);
	else if (offer->plan & SMPAIR_PLAN_EVICT)
		fputs(", taken from another host\n", to);
	else
		fputc('\n', to);
	if (!(offer->plan & SMPAIR_PLAN_EVICT))
		return;

	fputs("Eviction      all slots are taken; of those that may be replaced, the module\n"
	      "              names the least active one. The host in it will have to pair\n"
	      "              again, with a new PIN\n", to);
	if (victim)
		fprintf(to, "              host %s, activity %u, paired at index %u\n",
			out_hex(victim->sid, SMPAIR_SID_LEN, sid), victim->activity,
			victim->paired_at);
}

static const char *pin_text(const struct offer *offer)
{
	if (!(offer->plan & SMPAIR_PLAN_PIN))
		return "not needed";
	switch (offer->pin_policy) {
	case SMPAIR_PIN_POLICY_MODULE:
		return "needed, the same for every pairing of this module";
	case SMPAIR_PIN_POLICY_PAIR:
		return "needed, for this module and this host";
	case SMPAIR_PIN_POLICY_INDEXED:
		return "needed, for this one pairing";
	default:
		return "needed";
	}
}

/*
 * offer_print() - Show a plan to a person.
 * @victim: The slot that would be replaced, where the host may see it, or NULL.
 */
void offer_print(const struct offer *offer, const struct smpair_slot_info *victim, FILE *to)
{
	char module[SMPAIR_ID_TEXT_SIZE], host[SMPAIR_ID_TEXT_SIZE];

	smpair_id_format(offer->module_id, module, sizeof(module));
	smpair_id_format(offer->host_id, host, sizeof(host));
	fprintf(to, "Module        %s\n", module);
	fprintf(to, "Host          %s\n", host);
	fprintf(to, "Index         %u\n", offer->index);
	fprintf(to, "Request code  %06u\n", offer->request_code);
	fprintf(to, "PIN           %s (policy %s)\n", pin_text(offer),
		smpair_pin_policy_name(offer->pin_policy));
	fprintf(to, "Tries left    %u\n", offer->tries_left);
	fprintf(to, "Slot          ");
	print_slot(offer, victim, to);
	if (offer->plan & SMPAIR_PLAN_REFUSED)
		fputs("Refused       the module does not accept this host\n", to);
	if (offer->plan & SMPAIR_PLAN_REINSERT)
		fputs("Re-insert     no PIN is accepted before the next power-up\n", to);
}

void offer_to_json(const struct offer *offer, const struct smpair_slot_info *victim,
		   json_t *object)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} flags[] = {
		{ SMPAIR_PLAN_SAME, "same" },
		{ SMPAIR_PLAN_FREE, "free" },
		{ SMPAIR_PLAN_EVICT, "evict" },
		{ SMPAIR_PLAN_EVICT_PERMITTED, "evict-permitted" },
		{ SMPAIR_PLAN_REFUSED, "refused" },
		{ SMPAIR_PLAN_REINSERT, "reinsert" },
		{ SMPAIR_PLAN_PIN, "pin" },
	};
	json_t *plan = json_array(), *evicted;
	char text[16], sid[2 * SMPAIR_SID_LEN + 1];
	size_t i;

	out_set(object, "module_id", out_id(offer->module_id));
	out_set(object, "host_id", out_id(offer->host_id));
	out_set(object, "index", json_integer(offer->index));
	snprintf(text, sizeof(text), "%06u", offer->request_code);
	out_set(object, "request_code", json_string(text));
	out_set(object, "pin_policy", json_string(smpair_pin_policy_name(offer->pin_policy)));
	out_set(object, "plan", plan);
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (offer->plan & flags[i].bit)
			json_array_append_new(plan, json_string(flags[i].name));
	out_set(object, "slot", no_slot(offer) ? json_null() : json_integer(offer->slot));
	out_set(object, "tries_left", json_integer(offer->tries_left));
	if (!victim)
		return;
	evicted = json_object();
	out_set(object, "evicted", evicted);
	out_set(evicted, "host", json_string(out_hex(victim->sid, SMPAIR_SID_LEN, sid)));
	out_set(evicted, "activity", json_integer(victim->activity));
	out_set(evicted, "paired_at", json_integer(victim->paired_at));
}
