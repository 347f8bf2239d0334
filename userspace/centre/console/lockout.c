// SPDX-License-Identifier: GPL-2.0-or-later
#include "centre/console/lockout.h"

static int64_t length(unsigned int wrong)
{
	unsigned int doublings = wrong - LOCKOUT_WRONG;
	int64_t seconds;

	if (wrong < LOCKOUT_WRONG)
		return 0;
	if (doublings > 16)
		return LOCKOUT_LAST;
	seconds = (int64_t)LOCKOUT_FIRST << doublings;
	return seconds < LOCKOUT_LAST ? seconds : LOCKOUT_LAST;
}

/**
 * lockout_wait() - How long is it until a password may be tried?
 * @lockout: Wrong passwords so far.
 * @now: The time.
 *
 * A clock that was set back does not prolong a lock-out beyond its length.
 *
 * Return: Seconds, 0 for at once.
 */
int64_t lockout_wait(const struct lockout *lockout, int64_t now)
{
	int64_t all = length(lockout->wrong);
	int64_t left = lockout->last + all - now;

	if (left <= 0)
		return 0;
	return left < all ? left : all;
}

/**
 * lockout_add() - Count a wrong password.
 * @lockout: Wrong passwords so far.
 * @now: The time.
 */
void lockout_add(struct lockout *lockout, int64_t now)
{
	if (now - lockout->last > LOCKOUT_MEMORY)
		lockout->wrong = 0;
	lockout->wrong++;
	lockout->last = now;
}
