// SPDX-License-Identifier: LGPL-2.1-or-later
#include <smpair/names.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static const char * const states[] = {
	[SMPAIR_STATE_PROBING]		= "probing",
	[SMPAIR_STATE_UNSUPPORTED]	= "unsupported",
	[SMPAIR_STATE_UNSERVICEABLE]	= "unserviceable",
	[SMPAIR_STATE_IDENTIFIED]	= "identified",
	[SMPAIR_STATE_OPENING]		= "opening",
	[SMPAIR_STATE_UNPAIRED]		= "unpaired",
	[SMPAIR_STATE_PAIRING]		= "pairing",
	[SMPAIR_STATE_PAIRED]		= "paired",
	[SMPAIR_STATE_RESTRICTED]	= "restricted",
	[SMPAIR_STATE_CLOSED]		= "closed",
	[SMPAIR_STATE_ALARM]		= "alarm",
};

static const char * const pin_policies[] = {
	[SMPAIR_PIN_POLICY_NONE]	= "none",
	[SMPAIR_PIN_POLICY_MODULE]	= "module",
	[SMPAIR_PIN_POLICY_PAIR]	= "pair",
	[SMPAIR_PIN_POLICY_INDEXED]	= "indexed",
};

static const char * const evict_policies[] = {
	[SMPAIR_EVICT_POLICY_NEVER]	= "never",
	[SMPAIR_EVICT_POLICY_ACTIVITY]	= "activity",
	[SMPAIR_EVICT_POLICY_APPROVED]	= "approved",
};

static const char *name(const char * const *names, unsigned int count, unsigned int value)
{
	return value < count && names[value] ? names[value] : "unknown";
}

/**
 * smpair_state_name() - Name of a state.
 * @state: enum smpair_state.
 *
 * Return: Its name in the netlink specification, "unknown" for a value that a
 * newer driver may have.
 */
const char *smpair_state_name(unsigned int state)
{
	return name(states, ARRAY_SIZE(states), state);
}

/**
 * smpair_pin_policy_name() - Name of a PIN policy.
 * @policy: enum smpair_pin_policy.
 *
 * Return: Its name in the netlink specification, or "unknown".
 */
const char *smpair_pin_policy_name(unsigned int policy)
{
	return name(pin_policies, ARRAY_SIZE(pin_policies), policy);
}

/**
 * smpair_evict_policy_name() - Name of an eviction policy.
 * @policy: enum smpair_evict_policy.
 *
 * Return: Its name in the netlink specification, or "unknown".
 */
const char *smpair_evict_policy_name(unsigned int policy)
{
	return name(evict_policies, ARRAY_SIZE(evict_policies), policy);
}
