// SPDX-License-Identifier: GPL-2.0
/*
 * Suspend: keys are wiped before memory is frozen or written to disk, and each
 * module is probed afresh afterwards, since it may be another one by then.
 */
#include <linux/notifier.h>
#include <linux/suspend.h>
#include "pair.h"
#include "pm.h"

/*
 * Set before the links are walked. A link registered during the walk or after it
 * sees it set, since both take the lock of the table of links; one registered
 * before is in the table.
 */
static bool asleep;

/**
 * smpair_pm_asleep() - whether the system sleeps, or is about to
 *
 * Modules are not talked to then. One that comes meanwhile is probed afterwards.
 *
 * Context: Any. With dev->lock held, a false answer holds until it is dropped, as
 * far as keys go: smpair_pair_suspend() waits for the lock, and wipes.
 * Return: true from the preparation of suspend or hibernation to its end.
 */
bool smpair_pm_asleep(void)
{
	return READ_ONCE(asleep);
}

static int smpair_pm_event(struct notifier_block *nb, unsigned long event, void *data)
{
	switch (event) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
		WRITE_ONCE(asleep, true);
		smpair_dev_for_each(smpair_pair_suspend);
		break;
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
		WRITE_ONCE(asleep, false);
		smpair_dev_for_each(smpair_pair_probe);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block smpair_pm_notifier = {
	.notifier_call = smpair_pm_event,
};

/**
 * smpair_pm_init() - watch the system's suspend and resume
 *
 * Return: 0 or a negative errno.
 */
int smpair_pm_init(void)
{
	return register_pm_notifier(&smpair_pm_notifier);
}

/**
 * smpair_pm_exit() - undo smpair_pm_init()
 */
void smpair_pm_exit(void)
{
	unregister_pm_notifier(&smpair_pm_notifier);
}
