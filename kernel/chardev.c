// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/smpairN: one write() is an application message, one read() its answer.
 *
 * write() performs the exchange itself, which spares two changes of task for each
 * message. With O_NONBLOCK a work item of the file does it, so that write()
 * returns at once. What belongs to whom follows from the state of the file: a
 * writer takes it from IDLE to BUSY, the exchange from BUSY to READY, a reader
 * from READY back to IDLE. While BUSY the buffer is the exchange's alone; readers
 * and writers exclude each other by file->lock, which the exchange therefore never
 * needs and a reader stuck in a page fault never blocks.
 */
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/refcount.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "chardev.h"
#include "pair.h"

enum smpair_file_state {
	SMPAIR_FILE_IDLE,	/* a message may be written */
	SMPAIR_FILE_BUSY,	/* the exchange runs or waits for its turn */
	SMPAIR_FILE_READY,	/* an answer or an error waits to be read */
};

/**
 * struct smpair_file - one open file
 * @refs: one of the open file, one of the work item while it is queued or runs
 * @dev: link, referenced
 * @lock: orders readers and writers of this file; held for copies from and to user space
 * @state: enum smpair_file_state; stored with release, read with acquire
 * @work: performs the exchange for a writer that does not wait
 * @buf: the message, over which its answer is put; kept from one to the next
 * @size: bytes at @buf
 * @msg_len: BUSY: length of the message
 * @result: READY: length of the answer, or a negative errno
 */
struct smpair_file {
	refcount_t refs;
	struct smpair_dev *dev;
	struct mutex lock;	/* readers and writers exclude each other */
	enum smpair_file_state state;
	struct work_struct work;
	u8 *buf;
	size_t size;
	size_t msg_len;
	ssize_t result;
};

static struct workqueue_struct *smpair_chardev_wq;

static enum smpair_file_state file_state(const struct smpair_file *file)
{
	return smp_load_acquire(&file->state);	/* the buffer is seen as it was left */
}

/* Hands the buffer on to whoever may use them in @state, and says so. */
static void file_set_state(struct smpair_file *file, enum smpair_file_state state, __poll_t key)
{
	smp_store_release(&file->state, state);	/* pairs with file_state() */
	wake_up_interruptible_poll(&file->dev->file_wait, key);
}

static void file_put(struct smpair_file *file)
{
	if (!refcount_dec_and_test(&file->refs))
		return;
	kvfree_sensitive(file->buf, file->size);
	smpair_dev_put(file->dev);
	mutex_destroy(&file->lock);
	kfree(file);
}

/* The file is BUSY, and READY afterwards. */
static void file_exchange(struct smpair_file *file)
{
	ssize_t ret;

	ret = smpair_exchange(file->dev, file->buf, file->msg_len, file->buf, file->size);
	/*
	 * What is left of the message goes at once, the answer when it was read. A
	 * failure may have left part of an answer too, and nobody will read it.
	 */
	if (ret < 0)
		memzero_explicit(file->buf, file->size);
	else if (ret < file->msg_len)
		memzero_explicit(file->buf + ret, file->msg_len - ret);
	file->result = ret;
	file_set_state(file, SMPAIR_FILE_READY, EPOLLIN | EPOLLRDNORM);
}

static void file_work(struct work_struct *work)
{
	struct smpair_file *file = container_of(work, struct smpair_file, work);

	file_exchange(file);
	file_put(file);
}

static int smpair_chardev_open(struct inode *inode, struct file *filp)
{
	struct smpair_dev *dev = container_of(inode->i_cdev, struct smpair_dev, cdev);
	struct smpair_file *file;

	if (smpair_dev_dead(dev))
		return -ENODEV;

	file = kzalloc(sizeof(*file), GFP_KERNEL_ACCOUNT);
	if (!file)
		return -ENOMEM;

	/* The cdev keeps the device alive during open; the file does from here on. */
	get_device(&dev->dev);
	file->dev = dev;
	refcount_set(&file->refs, 1);
	mutex_init(&file->lock);
	INIT_WORK(&file->work, file_work);
	filp->private_data = file;
	return stream_open(inode, filp);
}

/* An exchange under way is not waited for: its work item holds a reference. */
static int smpair_chardev_release(struct inode *inode, struct file *filp)
{
	file_put(filp->private_data);
	return 0;
}

/* Makes room for the longest message, and answer, that the module may take or give. */
static int file_reserve(struct smpair_file *file, size_t size)
{
	lockdep_assert_held(&file->lock);

	if (file->size >= size)
		return 0;
	kvfree_sensitive(file->buf, file->size);
	file->size = 0;
	file->buf = kvmalloc(size, GFP_KERNEL_ACCOUNT);
	if (!file->buf)
		return -ENOMEM;
	file->size = size;
	return 0;
}

/* Takes a message; afterwards the file is BUSY. */
static int file_take(struct smpair_file *file, const char __user *buf, size_t count, size_t max)
{
	int ret;

	lockdep_assert_held(&file->lock);

	if (file_state(file) != SMPAIR_FILE_IDLE)
		return -EBUSY;
	ret = file_reserve(file, max);
	if (ret)
		return ret;
	if (copy_from_user(file->buf, buf, count)) {
		memzero_explicit(file->buf, count);
		return -EFAULT;
	}
	file->msg_len = count;
	smp_store_release(&file->state, SMPAIR_FILE_BUSY);	/* pairs with file_state() */
	return 0;
}

static ssize_t smpair_chardev_write(struct file *filp, const char __user *buf,
				    size_t count, loff_t *pos)
{
	struct smpair_file *file = filp->private_data;
	size_t max;
	int ret;

	if (smpair_dev_dead(file->dev))
		return -ENODEV;
	if (!count)
		return -EINVAL;
	/* Before INFO was read only the driver's own bound is known; the exchange knows. */
	max = smpair_max_message(file->dev) ?: SMPAIR_MESSAGE_MAX;
	if (count > max)
		return -EMSGSIZE;

	/* lock: only one writer finds the file IDLE, and no reader uses the buffer. */
	if (mutex_lock_interruptible(&file->lock))
		return -ERESTARTSYS;
	ret = file_take(file, buf, count, max);
	mutex_unlock(&file->lock);
	if (ret)
		return ret;

	if (filp->f_flags & O_NONBLOCK) {
		refcount_inc(&file->refs);
		queue_work(smpair_chardev_wq, &file->work);
	} else {
		file_exchange(file);
	}
	return count;
}

/* Waits until something can be read and returns with file->lock held, or fails. */
static int file_wait_ready(struct smpair_file *file, bool nonblock)
{
	struct smpair_dev *dev = file->dev;
	int ret;

	for (;;) {
		if (!nonblock) {
			ret = wait_event_interruptible(dev->file_wait,
						       file_state(file) == SMPAIR_FILE_READY ||
						       smpair_dev_dead(dev));
			if (ret)
				return ret;
		}
		if (mutex_lock_interruptible(&file->lock))
			return -ERESTARTSYS;
		/* An answer that arrived before the module left is still delivered. */
		if (file_state(file) == SMPAIR_FILE_READY)
			return 0;
		mutex_unlock(&file->lock);
		if (smpair_dev_dead(dev))
			return -ENODEV;
		if (nonblock)
			return -EAGAIN;
	}
}

static ssize_t smpair_chardev_read(struct file *filp, char __user *buf,
				   size_t count, loff_t *pos)
{
	struct smpair_file *file = filp->private_data;
	ssize_t ret;

	ret = file_wait_ready(file, filp->f_flags & O_NONBLOCK);
	if (ret)
		return ret;

	ret = file->result;
	if (ret > 0) {
		/* The answer stays until it was delivered whole. */
		if (count < ret) {
			ret = -EMSGSIZE;
			goto out_unlock;
		}
		if (copy_to_user(buf, file->buf, ret)) {
			ret = -EFAULT;
			goto out_unlock;
		}
		memzero_explicit(file->buf, ret);
	}
	file_set_state(file, SMPAIR_FILE_IDLE, EPOLLOUT | EPOLLWRNORM);
out_unlock:
	mutex_unlock(&file->lock);
	return ret;
}

static __poll_t smpair_chardev_poll(struct file *filp, poll_table *wait)
{
	struct smpair_file *file = filp->private_data;
	bool dead;
	__poll_t mask = 0;

	poll_wait(filp, &file->dev->file_wait, wait);

	dead = smpair_dev_dead(file->dev);
	switch (file_state(file)) {
	case SMPAIR_FILE_IDLE:
		if (!dead)
			mask |= EPOLLOUT | EPOLLWRNORM;
		break;
	case SMPAIR_FILE_BUSY:
		break;
	case SMPAIR_FILE_READY:
		mask |= EPOLLIN | EPOLLRDNORM;
		break;
	}
	if (dead)
		mask |= EPOLLHUP | EPOLLERR;
	return mask;
}

const struct file_operations smpair_chardev_fops = {
	.owner		= THIS_MODULE,
	.open		= smpair_chardev_open,
	.release	= smpair_chardev_release,
	.read		= smpair_chardev_read,
	.write		= smpair_chardev_write,
	.poll		= smpair_chardev_poll,
};

/**
 * smpair_chardev_init - prepare for open files
 *
 * Context: Module init, before the first link is registered.
 * Return: 0 or -ENOMEM.
 */
int smpair_chardev_init(void)
{
	/* Unbound: an exchange may sleep for as long as a module takes to answer. */
	smpair_chardev_wq = alloc_workqueue("smpair_chardev", WQ_UNBOUND, 0);
	return smpair_chardev_wq ? 0 : -ENOMEM;
}

/**
 * smpair_chardev_exit - wait for the exchanges of files that were closed meanwhile
 *
 * Context: Module exit, after the last link was unregistered, before what
 *	the release of a link needs is gone. May sleep.
 */
void smpair_chardev_exit(void)
{
	destroy_workqueue(smpair_chardev_wq);
}
