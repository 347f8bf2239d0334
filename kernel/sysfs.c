// SPDX-License-Identifier: GPL-2.0
/*
 * Class smpair: attributes, uevent variables, the mode of device nodes. All of
 * it reads the view and never waits for a module.
 */
#include <linux/completion.h>
#include <linux/stat.h>
#include <linux/sysfs.h>
#include "link.h"
#include "pair_state.h"
#include "sysfs.h"

static ssize_t state_show(struct device *d, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", smpair_state_name(READ_ONCE(to_smpair_dev(d)->state)));
}
static DEVICE_ATTR_RO(state);

static ssize_t cause_show(struct device *d, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", smpair_cause_name(READ_ONCE(to_smpair_dev(d)->cause)));
}
static DEVICE_ATTR_RO(cause);

static ssize_t transport_show(struct device *d, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", to_smpair_dev(d)->transport);
}
static DEVICE_ATTR_RO(transport);

static ssize_t rekeys_show(struct device *d, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(to_smpair_dev(d)->rekeys));
}
static DEVICE_ATTR_RO(rekeys);

static ssize_t max_message_show(struct device *d, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%zu\n", smpair_max_message(to_smpair_dev(d)));
}
static DEVICE_ATTR_RO(max_message);

static struct attribute *smpair_attrs[] = {
	&dev_attr_state.attr,
	&dev_attr_cause.attr,
	&dev_attr_transport.attr,
	&dev_attr_rekeys.attr,
	&dev_attr_max_message.attr,
	NULL,
};
ATTRIBUTE_GROUPS(smpair);

static int smpair_uevent(const struct device *d, struct kobj_uevent_env *env)
{
	const struct smpair_dev *dev = container_of_const(d, struct smpair_dev, dev);
	int ret;

	ret = add_uevent_var(env, "SMPAIR_STATE=%s", smpair_state_name(READ_ONCE(dev->state)));
	if (ret)
		return ret;
	return add_uevent_var(env, "SMPAIR_CAUSE=%s", smpair_cause_name(READ_ONCE(dev->cause)));
}

static char *smpair_devnode(const struct device *d, umode_t *mode)
{
	if (mode)
		*mode = 0600;
	return NULL;
}

static DECLARE_COMPLETION(class_released);

static void smpair_class_release(const struct class *class)
{
	complete(&class_released);
}

const struct class smpair_class = {
	.name		= "smpair",
	.dev_groups	= smpair_groups,
	.dev_uevent	= smpair_uevent,
	.devnode	= smpair_devnode,
	.class_release	= smpair_class_release,
};

void smpair_class_unregister(void)
{
	class_unregister(&smpair_class);
	/* Whoever still holds the kobject reads the class, which goes with this module. */
	wait_for_completion(&class_released);
}
