// SPDX-License-Identifier: GPL-2.0
/*
 * Transport smpair_virt: a module link whose far end is a process that holds
 * /dev/smpair_virt open; see uapi/linux/smpair_virt.h for the events.
 *
 * The core has at most one command under way on a link, so a file has at most
 * one event. It stays the file's until the response, the timeout or the end;
 * user memory is only touched with buffers that belong to the caller alone, so
 * that a process stuck in a page fault delays nobody but itself.
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <uapi/linux/smpair_virt.h>
#include "link.h"

#define VIRT_RESPONSE_MIN	2
#define VIRT_RESPONSE_MAX	65538
#define VIRT_ATR_MIN		2

static unsigned int timeout_ms = 15000;
module_param(timeout_ms, uint, 0644);
MODULE_PARM_DESC(timeout_ms, "Milliseconds that the far end has for one event (default 15000)");

static atomic_t dropped = ATOMIC_INIT(0);
static atomic_t expired = ATOMIC_INIT(0);

static int count_get(char *buf, const struct kernel_param *kp)
{
	const atomic_t *count = kp->arg;

	return sysfs_emit(buf, "%u\n", (unsigned int)atomic_read(count));
}

static const struct kernel_param_ops count_ops = {
	.get = count_get,
};
module_param_cb(dropped, &count_ops, &dropped, 0444);
MODULE_PARM_DESC(dropped, "Responses dropped because their event was not pending (read-only)");
module_param_cb(expired, &count_ops, &expired, 0444);
MODULE_PARM_DESC(expired, "Events that the far end did not answer in time (read-only)");

/**
 * struct virt_event - one event on its way to the far end
 * @head: header as read() gives it
 * @data: copy of the command
 * @taken: a reader has had it, or is copying it
 * @reading: a reader is copying it, and frees it if it ends meanwhile
 */
struct virt_event {
	struct smpair_virt_event head;
	u8 *data;
	bool taken;
	bool reading;
};

enum virt_state {
	VIRT_IDLE,		/* no module yet */
	VIRT_ATTACHING,		/* the core may send already */
	VIRT_ATTACHED,
};

/**
 * struct virt_file - one open file, one module
 * @lock: guards all below but @dev; never held while user memory is touched
 * @wait: far end, for an event; core, for its answer
 * @dev: link while attached; set by ATTACH, used by release, which never overlap
 * @state: enum virt_state
 * @gone: the core was told that the module left
 * @last_id: id of the latest event
 * @event: the event under way, or NULL
 * @ready: @event waits for a reader; written under @lock
 * @answered: @rsp holds the answer to it
 * @rsp: where the answer goes; the core's memory
 * @rsp_size: its size
 * @rsp_len: length of the answer
 * @result: 0, or -EMSGSIZE when the answer did not fit
 */
struct virt_file {
	struct mutex lock;	/* all below but @dev */
	wait_queue_head_t wait;
	struct smpair_dev *dev;
	enum virt_state state;
	bool gone;
	u64 last_id;
	struct virt_event *event;
	bool ready;
	bool answered;
	u8 *rsp;
	size_t rsp_size;
	size_t rsp_len;
	int result;
};

static void event_free(struct virt_event *event)
{
	if (!event)
		return;
	kvfree_sensitive(event->data, event->head.len);
	kfree(event);
}

/* Ends the event under way. */
static void event_drop(struct virt_file *file)
{
	lockdep_assert_held(&file->lock);
	if (!file->event->reading)
		event_free(file->event);
	file->event = NULL;
	WRITE_ONCE(file->ready, false);
}

/* Sends one event and waits for its answer. */
static int virt_ask(struct smpair_dev *dev, u32 type, const u8 *cmd, size_t len,
		    u8 *rsp, size_t size, size_t *rsp_len)
{
	struct virt_file *file = dev->priv;
	struct virt_event *event;
	int ret;

	if (len > SMPAIR_VIRT_DATA_MAX)
		return -EMSGSIZE;

	event = kzalloc(sizeof(*event), GFP_KERNEL);
	if (!event)
		return -ENOMEM;
	event->head.type = type;
	event->head.len = len;
	if (len) {
		event->data = kvmalloc(len, GFP_KERNEL);
		if (!event->data) {
			kfree(event);
			return -ENOMEM;
		}
		memcpy(event->data, cmd, len);
	}

	/* lock: @event and @gone; abort() after this wakes us, before it stops us. */
	mutex_lock(&file->lock);
	if (file->gone) {
		mutex_unlock(&file->lock);
		event_free(event);
		return -ENODEV;
	}
	event->head.id = ++file->last_id;
	file->event = event;
	WRITE_ONCE(file->ready, true);
	file->answered = false;
	file->rsp = rsp;
	file->rsp_size = size;
	mutex_unlock(&file->lock);
	wake_up_interruptible_poll(&file->wait, EPOLLIN | EPOLLRDNORM);

	/* Bounded by the timeout; idle, since the far end may take it in full. */
	wait_event_idle_timeout(file->wait,
				READ_ONCE(file->answered) || READ_ONCE(file->gone),
				msecs_to_jiffies(READ_ONCE(timeout_ms)));

	/* lock: from here on a late answer finds no event, and @rsp is the core's again. */
	mutex_lock(&file->lock);
	if (file->answered) {
		ret = file->result;
		*rsp_len = file->rsp_len;
	} else {
		ret = file->gone ? -ENODEV : -ETIMEDOUT;
		if (!file->gone)
			atomic_inc(&expired);
		event_drop(file);
	}
	file->rsp = NULL;
	mutex_unlock(&file->lock);
	return ret;
}

static int virt_reset(struct smpair_dev *dev, u8 *atr, size_t *atr_len)
{
	return virt_ask(dev, SMPAIR_VIRT_RESET, NULL, 0, atr, SMPAIR_VIRT_ATR_MAX, atr_len);
}

static int virt_transmit(struct smpair_dev *dev, const u8 *cmd, size_t len,
			 u8 *rsp, size_t size, size_t *rsp_len)
{
	return virt_ask(dev, SMPAIR_VIRT_COMMAND, cmd, len, rsp, size, rsp_len);
}

static void virt_abort(struct smpair_dev *dev)
{
	struct virt_file *file = dev->priv;

	/* lock: see virt_ask() */
	mutex_lock(&file->lock);
	WRITE_ONCE(file->gone, true);
	mutex_unlock(&file->lock);
	wake_up_all(&file->wait);
}

static const struct smpair_transport_ops virt_ops = {
	.name		= "virt",
	.reset		= virt_reset,
	.transmit	= virt_transmit,
	.abort		= virt_abort,
};

static struct miscdevice virt_misc;

static int virt_open(struct inode *inode, struct file *filp)
{
	struct virt_file *file;

	file = kzalloc(sizeof(*file), GFP_KERNEL_ACCOUNT);
	if (!file)
		return -ENOMEM;
	mutex_init(&file->lock);
	init_waitqueue_head(&file->wait);
	filp->private_data = file;
	return stream_open(inode, filp);
}

/* Surprise removal: nothing of the link is left when this returns. */
static int virt_release(struct inode *inode, struct file *filp)
{
	struct virt_file *file = filp->private_data;

	if (file->dev)
		smpair_dev_unregister(file->dev);
	mutex_destroy(&file->lock);
	kfree(file);
	return 0;
}

static ssize_t virt_read(struct file *filp, char __user *buf, size_t count, loff_t *pos)
{
	struct virt_file *file = filp->private_data;
	struct virt_event *event;
	bool again = false;
	ssize_t ret;

	for (;;) {
		/* lock: take the event, so that its end leaves it to us. */
		mutex_lock(&file->lock);
		event = file->event;
		if (event && !event->taken)
			break;
		mutex_unlock(&file->lock);
		if (READ_ONCE(file->gone))
			return -ENODEV;
		if (filp->f_flags & O_NONBLOCK)
			return -EAGAIN;
		ret = wait_event_interruptible(file->wait,
					       READ_ONCE(file->ready) || READ_ONCE(file->gone));
		if (ret)
			return ret;
	}
	ret = sizeof(event->head) + event->head.len;
	if (count < ret) {
		mutex_unlock(&file->lock);
		return -EMSGSIZE;
	}
	event->taken = true;
	event->reading = true;
	WRITE_ONCE(file->ready, false);
	mutex_unlock(&file->lock);

	if (copy_to_user(buf, &event->head, sizeof(event->head)) ||
	    copy_to_user(buf + sizeof(event->head), event->data, event->head.len))
		ret = -EFAULT;

	/* lock: what could not be handed over waits for the next reader. */
	mutex_lock(&file->lock);
	event->reading = false;
	if (file->event != event) {
		event_free(event);
	} else if (ret < 0) {
		event->taken = false;
		WRITE_ONCE(file->ready, true);
		again = true;
	} else if (event->data) {
		memzero_explicit(event->data, event->head.len);
	}
	mutex_unlock(&file->lock);
	if (again)
		wake_up_interruptible_poll(&file->wait, EPOLLIN | EPOLLRDNORM);
	return ret;
}

static int virt_attach(struct virt_file *file, const struct smpair_virt_event *head,
		       const char __user *buf)
{
	struct smpair_virt_attach attach;
	struct smpair_dev *dev;
	int ret;

	if (head->len != sizeof(attach) || head->id)
		return -EINVAL;
	if (copy_from_user(&attach, buf, sizeof(attach)))
		return -EFAULT;
	if (attach.version != SMPAIR_VIRT_VERSION || attach.atr_len < VIRT_ATR_MIN ||
	    attach.atr_len > SMPAIR_VIRT_ATR_MAX ||
	    memchr_inv(attach.reserved, 0, sizeof(attach.reserved)))
		return -EINVAL;

	/* lock: only one writer attaches. */
	mutex_lock(&file->lock);
	ret = file->state == VIRT_IDLE ? 0 : -EBUSY;
	if (!ret)
		file->state = VIRT_ATTACHING;
	mutex_unlock(&file->lock);
	if (ret)
		return ret;

	/* Does not wait for the far end: the core probes from its own work item. */
	dev = smpair_dev_alloc(virt_misc.this_device, &virt_ops, file);
	if (IS_ERR(dev)) {
		ret = PTR_ERR(dev);
		goto out;
	}
	ret = smpair_dev_register(dev);
	if (ret)
		smpair_dev_put(dev);
	else
		file->dev = dev;
out:
	/* lock: @state */
	mutex_lock(&file->lock);
	file->state = ret ? VIRT_IDLE : VIRT_ATTACHED;
	mutex_unlock(&file->lock);
	return ret;
}

static int virt_respond(struct virt_file *file, const struct smpair_virt_event *head,
			const char __user *buf)
{
	bool fits, wake = false;
	int ret = 0;
	u8 *data;

	if (head->len < VIRT_RESPONSE_MIN || head->len > VIRT_RESPONSE_MAX)
		return -EINVAL;
	data = kvmalloc(head->len, GFP_KERNEL_ACCOUNT);
	if (!data)
		return -ENOMEM;
	if (copy_from_user(data, buf, head->len)) {
		ret = -EFAULT;
		goto out;
	}

	/* lock: the event and the core's buffer stay while the answer is put there. */
	mutex_lock(&file->lock);
	if (file->state == VIRT_IDLE || file->gone) {
		ret = -ENODEV;
	} else if (!file->event || file->answered || file->event->head.id != head->id) {
		atomic_inc(&dropped);
	} else {
		fits = head->len <= file->rsp_size;
		if (!fits && file->event->head.type == SMPAIR_VIRT_RESET) {
			ret = -EINVAL;
		} else {
			file->result = fits ? 0 : -EMSGSIZE;
			file->rsp_len = fits ? head->len : 0;
			memcpy(file->rsp, data, file->rsp_len);
			event_drop(file);
			WRITE_ONCE(file->answered, true);
			wake = true;
		}
	}
	mutex_unlock(&file->lock);
	if (wake)
		wake_up_all(&file->wait);
out:
	kvfree_sensitive(data, head->len);
	return ret;
}

static ssize_t virt_write(struct file *filp, const char __user *buf, size_t count, loff_t *pos)
{
	struct virt_file *file = filp->private_data;
	struct smpair_virt_event head;
	int ret;

	if (count < sizeof(head))
		return -EINVAL;
	if (copy_from_user(&head, buf, sizeof(head)))
		return -EFAULT;
	if (head.len > SMPAIR_VIRT_DATA_MAX)
		return -EMSGSIZE;
	if (count - sizeof(head) != head.len || head.flags || head.reserved)
		return -EINVAL;

	switch (head.type) {
	case SMPAIR_VIRT_ATTACH:
		ret = virt_attach(file, &head, buf + sizeof(head));
		break;
	case SMPAIR_VIRT_RESPONSE:
		ret = virt_respond(file, &head, buf + sizeof(head));
		break;
	default:
		ret = -EOPNOTSUPP;
	}
	return ret ?: count;
}

static __poll_t virt_poll(struct file *filp, poll_table *wait)
{
	struct virt_file *file = filp->private_data;
	__poll_t mask = EPOLLOUT | EPOLLWRNORM;

	poll_wait(filp, &file->wait, wait);
	if (READ_ONCE(file->ready))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (READ_ONCE(file->gone))
		mask |= EPOLLHUP | EPOLLERR;
	return mask;
}

static const struct file_operations virt_fops = {
	.owner		= THIS_MODULE,
	.open		= virt_open,
	.release	= virt_release,
	.read		= virt_read,
	.write		= virt_write,
	.poll		= virt_poll,
};

static struct miscdevice virt_misc = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "smpair_virt",
	.fops	= &virt_fops,
	.mode	= 0600,
};
module_misc_device(virt_misc);

MODULE_DESCRIPTION("Virtual link to a security module");
MODULE_LICENSE("GPL");
