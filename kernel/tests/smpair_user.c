// SPDX-License-Identifier: GPL-2.0
/*
 * A user of smpair within the kernel, for tests: holds a reference to one link
 * from loading to unloading. A write() to /dev/smpair_user is one call of
 * smpair_exchange(), whose error it returns; a read() gives the answer.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "smpair.h"

static unsigned int link;
module_param(link, uint, 0444);
MODULE_PARM_DESC(link, "Number of the link to use, N of smpairN");

static unsigned int room = 65536;
module_param(room, uint, 0644);
MODULE_PARM_DESC(room, "Bytes offered for an answer");

static struct smpair_dev *dev;

static int max_message_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%zu\n", smpair_max_message(dev));
}

static const struct kernel_param_ops max_message_ops = {
	.get = max_message_get,
};
module_param_cb(max_message, &max_message_ops, NULL, 0444);
MODULE_PARM_DESC(max_message, "Longest message that the link takes now (read-only)");

static DEFINE_MUTEX(answer_lock);	/* @answer, @answer_len */
static u8 *answer;
static size_t answer_len;

/* Any address will do for messages and answers, that of vmalloc() included. */
static ssize_t user_write(struct file *filp, const char __user *buf, size_t count, loff_t *pos)
{
	size_t size = READ_ONCE(room);
	u8 *msg, *to;
	ssize_t ret;

	msg = kvmalloc(count, GFP_KERNEL);
	to = kvzalloc(size, GFP_KERNEL);
	ret = -ENOMEM;
	if ((count && !msg) || !to)
		goto out;
	ret = -EFAULT;
	if (copy_from_user(msg, buf, count))
		goto out;

	ret = smpair_exchange(dev, msg, count, to, size);
	if (ret < 0)
		goto out;
	mutex_lock(&answer_lock);
	swap(answer, to);
	answer_len = ret;
	mutex_unlock(&answer_lock);
	ret = count;
out:
	kvfree(to);
	kvfree(msg);
	return ret;
}

static ssize_t user_read(struct file *filp, char __user *buf, size_t count, loff_t *pos)
{
	ssize_t ret;

	mutex_lock(&answer_lock);
	ret = answer_len;
	if (count < ret)
		ret = -EMSGSIZE;
	else if (copy_to_user(buf, answer, ret))
		ret = -EFAULT;
	mutex_unlock(&answer_lock);
	return ret;
}

static const struct file_operations user_fops = {
	.owner	= THIS_MODULE,
	.open	= stream_open,
	.read	= user_read,
	.write	= user_write,
};

static struct miscdevice user_misc = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "smpair_user",
	.fops	= &user_fops,
	.mode	= 0600,
};

static int __init user_init(void)
{
	int ret;

	dev = smpair_dev_get_by_id(link);
	if (!dev)
		return -ENODEV;
	ret = misc_register(&user_misc);
	if (ret)
		smpair_dev_put(dev);
	return ret;
}

static void __exit user_exit(void)
{
	misc_deregister(&user_misc);
	kvfree(answer);
	smpair_dev_put(dev);
}

module_init(user_init);
module_exit(user_exit);

MODULE_DESCRIPTION("Test of smpair's interface for other kernel code");
MODULE_LICENSE("GPL");
