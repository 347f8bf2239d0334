/* SPDX-License-Identifier: GPL-2.0 */
/* One command of one kind is held at the module until the test says how it goes on. */
#ifndef RIG_HOLD_H
#define RIG_HOLD_H

#include "module.h"

/**
 * enum hold_end - what becomes of the held command
 * @HOLD_ANSWER: the module executes and answers it
 * @HOLD_DROP: nobody ever answers it
 * @HOLD_POWER_CYCLE: the module loses power and regains it, then executes and answers it
 */
enum hold_end {
	HOLD_ANSWER,
	HOLD_DROP,
	HOLD_POWER_CYCLE,
};

/**
 * struct hold - one command to be held
 * @mod: module that gets it; NULL: nothing was armed
 * @ins: its instruction byte
 * @armed: it has not come yet; the module's thread alone uses it
 * @reached: a pipe: the command has come
 * @end: a pipe: one byte, enum hold_end
 */
struct hold {
	struct rig_module *mod;
	uint8_t ins;
	bool armed;
	int reached[2];
	int end[2];
};

/* The next command @ins is held, those after it are not; takes the module's hook. */
int hold_arm(struct hold *hold, struct rig_module *mod, uint8_t ins);
/* Waits until it has come; 0 or -ETIME. */
int hold_wait(struct hold *hold);
/* At most once. Removal of the module drops what is still held. */
void hold_release(struct hold *hold, enum hold_end end);

#endif /* RIG_HOLD_H */
