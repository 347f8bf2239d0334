/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judges what is seen of a module against what it may be: it is told each
 * command before it is sent and each answer that arrives, keeps the set of
 * states the module may be in, and names the property that a sight of the
 * module violates.
 */
#ifndef SOFTMOD_TESTS_POWER_ORACLE_H
#define SOFTMOD_TESTS_POWER_ORACLE_H

#include "softmod/tests/power/model.h"

/* Properties, by the names that Documentation/security-model.rst uses */
enum property {
	HOLDS,			/* nothing was violated */
	MODULE_RECOVERS,
	N_NEVER_FALLS,
	N_NEVER_USED_TWICE,
	TRIES_NEVER_GROW_WITHOUT_SUCCESS,
	WRONG_COMPARISONS_LIMITED,
	ONE_SLOT_PER_HOST,
	AT_MOST_ONE_SLOT_CHANGED,
	EFFECT_ONLY_WITH_ITS_NUMBER,
	ANSWERED_IS_DURABLE,
	OLD_OR_NEW,
	ANSWERS_FIT_THE_STATE,
	POWER_UPS_ARE_COUNTED,
	FLASH_IS_USED_AS_FLASH,
	PROPERTIES
};

#define ORACLE_PAIRINGS	1024

/**
 * struct oracle - what is known of a module
 * @action: command under way, ACTION_NONE between commands
 * @before: the last state that was certain
 * @may: states the module may be in
 * @answered: the last command was answered, so that there is only one
 * @granted: tries left after the last success or unblock
 * @judged: wrong PINs compared since
 * @boot: power-ups counted by the module when last seen
 * @paired: which host was paired with each of the latest N
 * @violated: first property that did not hold
 * @detail: what was seen, for people
 */
struct oracle {
	struct action action;
	struct model before;
	struct model_path may;
	bool answered;
	uint32_t granted;
	uint32_t judged;
	uint32_t boot;
	struct {
		uint32_t n;
		uint8_t sn[PDT1_ID_LEN];
	} paired[ORACLE_PAIRINGS];
	enum property violated;
	char detail[120];
};

/* The module is known to be in state @m */
void oracle_init(struct oracle *o, const struct model *m);

/* @a is about to be sent: the module may be in any state on its path */
void oracle_sent(struct oracle *o, const struct action *a);

/* It was answered: it went all the way. For MANAGE, with @result */
void oracle_answered(struct oracle *o, uint16_t result);

/* The module has computed the PIN that it compares with */
void oracle_compared(struct oracle *o);

/* @seen is the state after power came back, @boot what its counter says. Every
 * property is checked; the state is certain afterwards.
 */
void oracle_seen(struct oracle *o, const struct model *seen, uint32_t boot);

/* Notes that @p does not hold, unless something was noted before */
void oracle_violated(struct oracle *o, enum property p, const char *detail);

const char *property_name(enum property p);

#endif /* SOFTMOD_TESTS_POWER_ORACLE_H */
