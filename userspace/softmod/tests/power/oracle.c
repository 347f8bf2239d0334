// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "softmod/tests/power/oracle.h"

static const char *const names[PROPERTIES] = {
	[HOLDS] = "nothing",
	[MODULE_RECOVERS] = "module-recovers",
	[N_NEVER_FALLS] = "n-never-falls",
	[N_NEVER_USED_TWICE] = "n-never-used-twice",
	[TRIES_NEVER_GROW_WITHOUT_SUCCESS] = "tries-never-grow-without-success",
	[WRONG_COMPARISONS_LIMITED] = "wrong-comparisons-limited",
	[ONE_SLOT_PER_HOST] = "one-slot-per-host",
	[AT_MOST_ONE_SLOT_CHANGED] = "at-most-one-slot-changed",
	[EFFECT_ONLY_WITH_ITS_NUMBER] = "effect-only-with-its-number",
	[ANSWERED_IS_DURABLE] = "answered-is-durable",
	[OLD_OR_NEW] = "old-or-new",
	[ANSWERS_FIT_THE_STATE] = "answers-fit-the-state",
	[POWER_UPS_ARE_COUNTED] = "power-ups-are-counted",
	[FLASH_IS_USED_AS_FLASH] = "flash-is-used-as-flash",
};

const char *property_name(enum property p)
{
	return names[p];
}

void oracle_violated(struct oracle *o, enum property p, const char *detail)
{
	if (o->violated != HOLDS)
		return;
	o->violated = p;
	snprintf(o->detail, sizeof(o->detail), "%s", detail);
}

static bool is_reward(const struct action *a)
{
	return a->kind == ACTION_PAIR ||
	       (a->kind == ACTION_MANAGE && a->op == PDT1_OP_UNBLOCK_PIN);
}

/* Each N belongs to one pairing, for ever */
static void note_pairings(struct oracle *o, const struct model *m)
{
	int i;

	for (i = 0; i < PDT1_SLOTS_MAX; i++) {
		const struct model_slot *slot = &m->slot[i];
		uint32_t at = slot->n_s % ORACLE_PAIRINGS;

		if (!slot->used || o->paired[at].n > slot->n_s)
			continue;
		if (o->paired[at].n == slot->n_s &&
		    memcmp(o->paired[at].sn, slot->sn, PDT1_ID_LEN))
			oracle_violated(o, N_NEVER_USED_TWICE,
					"two hosts were paired with one N");
		o->paired[at].n = slot->n_s;
		memcpy(o->paired[at].sn, slot->sn, PDT1_ID_LEN);
	}
}

void oracle_init(struct oracle *o, const struct model *m)
{
	memset(o, 0, sizeof(*o));
	o->before = *m;
	o->may.state[0] = *m;
	o->may.count = 1;
	o->granted = m->meta.ptc;
	note_pairings(o, m);
}

void oracle_sent(struct oracle *o, const struct action *a)
{
	o->action = *a;
	o->answered = false;
	model_path(&o->before, a, &o->may);
}

void oracle_answered(struct oracle *o, uint16_t result)
{
	struct model_path *may = &o->may;

	if (o->action.kind == ACTION_MANAGE && may->result != result)
		oracle_violated(o, ANSWERS_FIT_THE_STATE,
				"another result in the receipt");
	may->state[0] = may->state[may->count - 1];
	may->count = 1;
	o->answered = true;
	o->before = may->state[0];
	if (is_reward(&o->action) &&
	    (o->action.kind == ACTION_PAIR || result == PDT1_SW_OK)) {
		o->granted = o->before.meta.ptc;
		o->judged = 0;
	}
	note_pairings(o, &o->before);
}

void oracle_compared(struct oracle *o)
{
	if (o->action.kind == ACTION_GUESS)
		o->judged++;
}

static void check_index(struct oracle *o, const struct model *seen)
{
	int i;

	if (seen->meta.n < o->before.meta.n)
		oracle_violated(o, N_NEVER_FALLS, "N fell");
	/* The next pairing takes N + 1 */
	for (i = 0; i < PDT1_SLOTS_MAX; i++)
		if (seen->slot[i].n_s > seen->meta.n)
			oracle_violated(o, N_NEVER_USED_TWICE,
					"N is behind a pairing that used it");
	note_pairings(o, seen);
}

static void check_tries(struct oracle *o, const struct model *seen)
{
	uint8_t most = 0;
	int i;

	for (i = 0; i < o->may.count; i++)
		if (o->may.state[i].meta.ptc > most)
			most = o->may.state[i].meta.ptc;
	if (seen->meta.ptc > most)
		oracle_violated(o, TRIES_NEVER_GROW_WITHOUT_SUCCESS,
				"more tries than before");
	/* A right PIN gives tries back only together with its pairing */
	if (seen->meta.ptc > o->before.meta.ptc &&
	    o->action.kind == ACTION_PAIR &&
	    seen->meta.n == o->before.meta.n)
		oracle_violated(o, TRIES_NEVER_GROW_WITHOUT_SUCCESS,
				"tries were given back without a pairing");
	if (is_reward(&o->action) && seen->meta.ptc > o->before.meta.ptc) {
		o->granted = seen->meta.ptc;
		o->judged = 0;
	}
	if (o->judged + seen->meta.ptc > o->granted)
		oracle_violated(o, WRONG_COMPARISONS_LIMITED,
				"wrong PINs were compared that cost no try");
}

static void check_slots(struct oracle *o, const struct model *seen)
{
	int i, j, changed = 0;

	for (i = 0; i < PDT1_SLOTS_MAX; i++) {
		const struct model_slot *a = &seen->slot[i];
		const struct model_slot *b = &o->before.slot[i];

		if (a->used != b->used || a->n_s != b->n_s || a->m != b->m ||
		    a->pinned != b->pinned)
			changed++;
		for (j = 0; a->used && j < i; j++)
			if (seen->slot[j].used &&
			    !memcmp(a->sn, seen->slot[j].sn, PDT1_ID_LEN))
				oracle_violated(o, ONE_SLOT_PER_HOST,
						"a host has two slots");
	}
	if (changed > 1)
		oracle_violated(o, AT_MOST_ONE_SLOT_CHANGED,
				"two slots changed");
}

static void check_order(struct oracle *o, const struct model *seen)
{
	if (o->action.kind == ACTION_MANAGE && !o->answered &&
	    seen->meta.mseq != o->action.seq &&
	    model_difference(seen, &o->before))
		oracle_violated(o, EFFECT_ONLY_WITH_ITS_NUMBER,
				"the centre's command may be repeated, but has had an effect");
}

static void check_state(struct oracle *o, const struct model *seen)
{
	const char *what = "everything";
	char detail[120];
	int i;

	for (i = 0; i < o->may.count; i++) {
		what = model_difference(seen, &o->may.state[i]);
		if (!what)
			return;
	}
	snprintf(detail, sizeof(detail), "%s is another", what);
	oracle_violated(o, o->answered ? ANSWERED_IS_DURABLE : OLD_OR_NEW,
			detail);
}

void oracle_seen(struct oracle *o, const struct model *seen, uint32_t boot)
{
	check_index(o, seen);
	check_tries(o, seen);
	check_slots(o, seen);
	check_order(o, seen);
	check_state(o, seen);
	if (boot <= o->boot)
		oracle_violated(o, POWER_UPS_ARE_COUNTED,
				"a power-up has the number of another");

	o->boot = boot;
	o->before = *seen;
	o->may.state[0] = *seen;
	o->may.count = 1;
	o->answered = false;
	o->action.kind = ACTION_NONE;
}
