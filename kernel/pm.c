// SPDX-License-Identifier: GPL-2.0
/*
 * Suspend: keys are wiped before memory is frozen or written to disk, and each
 * module is probed afresh afterwards, since it may be another one by then.
 */
#include <linux/notifier.h>
#include <linux/suspend.h>
#include "pair.h"
#include "pm.h"

static void suspend_one(struct smpair_dev *dev)
{
	set_bit(SMPAIR_DEV_SUSPENDED, &dev->flags);
	smpair_pair_suspend(dev);
}

static void resume_one(struct smpair_dev *dev)
{
	clear_bit(SMPAIR_DEV_SUSPENDED, &dev->flags);
	smpair_pair_probe(dev);
}

static int smpair_pm_event(struct notifier_block *nb, unsigned long event, void *data)
{
	switch (event) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
		smpair_dev_for_each(suspend_one);
		break;
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
		smpair_dev_for_each(resume_one);
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
