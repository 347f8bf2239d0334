// SPDX-License-Identifier: GPL-2.0
/*
 * Module links: device model, ids, lifetime, and the only calls into a
 * transport.
 */
#include <linux/err.h>
#include <linux/idr.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <linux/wait_bit.h>
#include <linux/xarray.h>
#include "apdu.h"
#include "chardev.h"
#include "link.h"
#include "netlink.h"
#include "pair.h"
#include "sysfs.h"
#include "trace.h"

/* Registered links by id; the lock inside also makes lookup and reference one step. */
static DEFINE_XARRAY(links);
static DEFINE_IDA(minors);
static dev_t first_devt;
/* Last id given out, 64 bits wide so that it cannot wrap. */
static atomic64_t last_id = ATOMIC64_INIT(-1);
/* Links whose memory is alive; the code that frees them is in this module. */
static atomic_t alive = ATOMIC_INIT(0);

static void smpair_dev_release(struct device *d)
{
	struct smpair_dev *dev = to_smpair_dev(d);

	ida_free(&minors, MINOR(d->devt) - MINOR(first_devt));
	kfree_sensitive(dev->cmd);
	kfree_sensitive(dev->rsp);
	kfree_sensitive(dev);
	if (atomic_dec_and_test(&alive))
		wake_up_var(&alive);
}

/**
 * smpair_dev_alloc() - make a link that nobody can find yet
 * @parent: device that carries the link
 * @ops: the transport; must stay until smpair_dev_unregister() has returned
 * @priv: the transport's, in dev->priv
 *
 * Context: process, may sleep.
 * Return: the link with one reference, which smpair_dev_unregister() drops, or
 * smpair_dev_put() where it is never registered; or ERR_PTR(-ENOMEM), or
 * ERR_PTR(-ENOSPC) when all minors or all ids are used.
 */
struct smpair_dev *smpair_dev_alloc(struct device *parent,
				    const struct smpair_transport_ops *ops, void *priv)
{
	struct smpair_dev *dev;
	int minor, ret;
	s64 id;

	dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	if (!dev)
		return ERR_PTR(-ENOMEM);

	dev->cmd = kmalloc(SMPAIR_COMMAND_MAX, GFP_KERNEL);
	dev->rsp = kmalloc(SMPAIR_RESPONSE_MAX, GFP_KERNEL);
	if (!dev->cmd || !dev->rsp) {
		ret = -ENOMEM;
		goto err_free;
	}

	minor = ida_alloc_max(&minors, SMPAIR_MINORS - 1, GFP_KERNEL);
	if (minor < 0) {
		ret = minor;
		goto err_free;
	}

	id = atomic64_inc_return(&last_id);
	if (id > U32_MAX) {
		ret = -ENOSPC;
		goto err_minor;
	}
	dev->id = id;
	strscpy(dev->transport, ops->name, sizeof(dev->transport));
	dev->ops = ops;
	dev->priv = priv;
	init_rwsem(&dev->ops_sem);
	mutex_init(&dev->lock);
	spin_lock_init(&dev->view_lock);
	init_waitqueue_head(&dev->file_wait);
	smpair_pair_setup(dev);

	/* From here on the device model frees. */
	device_initialize(&dev->dev);
	atomic_inc(&alive);
	dev->dev.class = &smpair_class;
	dev->dev.parent = parent;
	dev->dev.devt = MKDEV(MAJOR(first_devt), MINOR(first_devt) + minor);
	dev->dev.release = smpair_dev_release;
	cdev_init(&dev->cdev, &smpair_chardev_fops);
	dev->cdev.owner = THIS_MODULE;

	ret = dev_set_name(&dev->dev, "smpair%u", dev->id);
	if (ret) {
		put_device(&dev->dev);
		return ERR_PTR(ret);
	}
	return dev;

err_minor:
	ida_free(&minors, minor);
err_free:
	kfree(dev->rsp);
	kfree(dev->cmd);
	kfree(dev);
	return ERR_PTR(ret);
}
EXPORT_SYMBOL_GPL(smpair_dev_alloc);

/**
 * smpair_dev_register() - let users find a link, and start its first verification
 * @dev: link
 *
 * Returns before the module has been talked to. The uevent of insertion goes
 * out when user space can find the link by its id, not before.
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno; after an error the caller drops its reference
 * by smpair_dev_put().
 */
int smpair_dev_register(struct smpair_dev *dev)
{
	int ret;

	dev_set_uevent_suppress(&dev->dev, true);
	ret = cdev_device_add(&dev->cdev, &dev->dev);
	if (ret)
		return ret;

	ret = xa_insert(&links, dev->id, dev, GFP_KERNEL);
	if (ret) {
		cdev_device_del(&dev->cdev, &dev->dev);
		return ret;
	}

	dev_set_uevent_suppress(&dev->dev, false);
	kobject_uevent(&dev->dev.kobj, KOBJ_ADD);
	smpair_netlink_notify(dev, SMPAIR_CMD_DEV_ADD_NTF);
	smpair_pair_probe(dev);
	return 0;
}
EXPORT_SYMBOL_GPL(smpair_dev_register);

/**
 * smpair_dev_unregister() - remove a link, in any state, in bounded time
 * @dev: link; the caller's reference is consumed
 *
 * Context: process, may sleep; no lock that the transport's callbacks take.
 */
void smpair_dev_unregister(struct smpair_dev *dev)
{
	/*
	 * The exchange under way holds dev->lock and ops_sem, and waits for the
	 * module: end it without either. Whoever comes later sees the bit or is
	 * turned away by the transport.
	 */
	set_bit(SMPAIR_DEV_DEAD, &dev->flags);
	dev->ops->abort(dev);

	/* ops_sem: no call into the transport is running or can start after this. */
	down_write(&dev->ops_sem);
	dev->ops = NULL;
	up_write(&dev->ops_sem);

	wake_up_all(&dev->file_wait);
	xa_erase(&links, dev->id);
	smpair_netlink_notify(dev, SMPAIR_CMD_DEV_DEL_NTF);
	smpair_pair_stop(dev);
	cdev_device_del(&dev->cdev, &dev->dev);
	put_device(&dev->dev);
}
EXPORT_SYMBOL_GPL(smpair_dev_unregister);

/**
 * smpair_dev_get_by_id() - find a registered link
 * @id: its number, as in smpair0
 *
 * Context: any that may take a spinlock.
 * Return: the link, referenced, for smpair_dev_put(); or NULL.
 */
struct smpair_dev *smpair_dev_get_by_id(u32 id)
{
	struct smpair_dev *dev;

	/* xa_lock: the link cannot lose its last reference between the two. */
	xa_lock(&links);
	dev = xa_load(&links, id);
	if (dev)
		get_device(&dev->dev);
	xa_unlock(&links);
	return dev;
}
EXPORT_SYMBOL_GPL(smpair_dev_get_by_id);

/**
 * smpair_dev_next() - walk the registered links
 * @id: where to start; set to the id of the link found
 *
 * Context: any that may take a spinlock.
 * Return: the first link from *@id on, referenced; or NULL.
 */
struct smpair_dev *smpair_dev_next(unsigned long *id)
{
	struct smpair_dev *dev;

	/* The lock as in smpair_dev_get_by_id(); xa_find() itself needs RCU only. */
	xa_lock(&links);
	dev = xa_find(&links, id, U32_MAX, XA_PRESENT);
	if (dev)
		get_device(&dev->dev);
	xa_unlock(&links);
	return dev;
}

/**
 * smpair_dev_put() - drop a reference
 * @dev: link
 *
 * Context: process, may sleep.
 */
void smpair_dev_put(struct smpair_dev *dev)
{
	put_device(&dev->dev);
}
EXPORT_SYMBOL_GPL(smpair_dev_put);

/**
 * smpair_dev_for_each() - call a function on each registered link
 * @fn: called without any lock held; it may sleep
 *
 * Context: process, may sleep.
 */
void smpair_dev_for_each(void (*fn)(struct smpair_dev *dev))
{
	struct smpair_dev *dev;
	unsigned long id;

	for (id = 0; (dev = smpair_dev_next(&id)); id++) {
		fn(dev);
		smpair_dev_put(dev);
	}
}

/* Tells a failed link from a transport that lies about lengths. */
static int check_length(int ret, size_t len, size_t min, size_t max)
{
	if (ret)
		return ret;
	return len < min || len > max ? -EIO : 0;
}

/**
 * smpair_link_transmit() - one command APDU and its response
 * @dev: link
 * @cmd: command, built in dev->cmd; wiped
 * @rsp_len: set to the length of the response in dev->rsp, 2 or more, which the
 *	caller wipes
 *
 * Context: process, may sleep; dev->lock held.
 * Return: 0, -EMSGSIZE (the command did not fit its buffer), -ENODEV,
 * -ETIMEDOUT, -EIO, -ENOMEM.
 */
int smpair_link_transmit(struct smpair_dev *dev, struct smpair_buf *cmd, size_t *rsp_len)
{
	u8 ins = cmd->len > 1 ? cmd->data[1] : 0;
	u16 sw = 0;
	int ret;

	lockdep_assert_held(&dev->lock);
	*rsp_len = 0;
	if (cmd->error)
		return -EMSGSIZE;

	/* ops_sem: the transport stays while it is being called. */
	down_read(&dev->ops_sem);
	if (!dev->ops || smpair_dev_dead(dev))
		ret = -ENODEV;
	else
		ret = dev->ops->transmit(dev, cmd->data, cmd->len, dev->rsp,
					 SMPAIR_RESPONSE_MAX, rsp_len);
	up_read(&dev->ops_sem);

	ret = check_length(ret, *rsp_len, 2, SMPAIR_RESPONSE_MAX);
	if (!ret)
		sw = get_unaligned_be16(dev->rsp + *rsp_len - 2);
	trace_smpair_transmit(dev->id, ins, cmd->len, *rsp_len, sw, ret);
	memzero_explicit(cmd->data, cmd->len);
	return ret;
}

/**
 * smpair_link_reset() - warm reset
 * @dev: link
 * @atr: at least SMPAIR_ATR_MAX bytes for the answer-to-reset
 * @atr_len: set to its length
 *
 * Context: process, may sleep; dev->lock held.
 * Return: 0, -ENODEV, -ETIMEDOUT, -EIO, -ENOMEM.
 */
int smpair_link_reset(struct smpair_dev *dev, u8 *atr, size_t *atr_len)
{
	int ret;

	lockdep_assert_held(&dev->lock);
	*atr_len = 0;

	/* ops_sem: the transport stays while it is being called. */
	down_read(&dev->ops_sem);
	if (!dev->ops || smpair_dev_dead(dev))
		ret = -ENODEV;
	else
		ret = dev->ops->reset(dev, atr, atr_len);
	up_read(&dev->ops_sem);

	return check_length(ret, *atr_len, 2, SMPAIR_ATR_MAX);
}

/**
 * smpair_dev_view_update() - bring the view up to date
 * @dev: link
 *
 * Context: process; dev->lock held.
 */
void smpair_dev_view_update(struct smpair_dev *dev)
{
	struct smpair_dev_view *view = &dev->view;

	lockdep_assert_held(&dev->lock);

	/* view_lock: readers copy the whole view. */
	spin_lock(&dev->view_lock);
	view->state = dev->state;
	view->cause = dev->cause;
	view->info_valid = dev->info_valid;
	view->info = dev->info;
	view->n_known = dev->n_known;
	view->n = dev->n;
	view->paired = dev->pairing.valid;
	view->slot = dev->pairing.slot;
	view->m = dev->pairing.m;
	view->session_live = smpair_session_live(&dev->session);
	view->session_born = dev->session.born;
	view->session_commands = dev->session.n;
	view->rekeys = dev->rekeys;
	view->slot_count = dev->slot_count;
	view->slot_seq = dev->slot_seq;
	memcpy(view->slots, dev->slots, sizeof(view->slots));
	spin_unlock(&dev->view_lock);
}

/**
 * smpair_dev_view_get() - what may be told about a module, without waiting for it
 * @dev: link
 * @view: filled
 *
 * Context: process.
 */
void smpair_dev_view_get(struct smpair_dev *dev, struct smpair_dev_view *view)
{
	/* view_lock: see smpair_dev_view_update() */
	spin_lock(&dev->view_lock);
	*view = dev->view;
	spin_unlock(&dev->view_lock);
}

/**
 * smpair_link_init() - device numbers and class
 *
 * Return: 0 or a negative errno.
 */
int smpair_link_init(void)
{
	int ret;

	ret = alloc_chrdev_region(&first_devt, 0, SMPAIR_MINORS, "smpair");
	if (ret)
		return ret;

	ret = class_register(&smpair_class);
	if (ret)
		unregister_chrdev_region(first_devt, SMPAIR_MINORS);
	return ret;
}

/**
 * smpair_link_exit() - undo smpair_link_init()
 *
 * Transports depend on this module, so no link is registered any more; memory
 * may outlive registration for a moment, and is freed by code that lives here.
 */
void smpair_link_exit(void)
{
	wait_var_event(&alive, !atomic_read(&alive));
	smpair_class_unregister();
	unregister_chrdev_region(first_devt, SMPAIR_MINORS);
}
