/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A module link: device model, lifetime, one exchange at a time.
 *
 * Three facts are kept apart. Memory is alive while a device reference is held.
 * A link is registered while it stands in the XArray and user space may find
 * it. A link is reachable while @ops is not NULL, which @ops_sem guards;
 * smpair_dev_try_ops() is the one way to use it.
 *
 * Lock order: registry mutex, dev->lock, dev->ops_sem (read), transport locks.
 * The agent's list lock is a leaf, and so is dev->view_lock. Removal first marks the link dead and aborts
 * the exchange under way, with none of these held, so that it never waits for a
 * module's timeout.
 */
#ifndef _SMPAIR_LINK_H
#define _SMPAIR_LINK_H

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "handshake.h"

#define SMPAIR_ATR_MAX		33
#define SMPAIR_MESSAGE_MAX	(1024 * 1024)	/* driver's bound on MAXM */

struct smpair_dev;

/**
 * struct smpair_transport_ops - what a transport gives the core
 * @name: shown in sysfs and netlink, as in "virt"
 * @owner: module that implements the transport
 * @reset: warm reset; fills @atr (at most SMPAIR_ATR_MAX bytes). May sleep, ends by itself
 *	within a bounded time. 0, -ENODEV, -ETIMEDOUT, -EIO, -EINTR never.
 * @transmit: carries one command APDU and its response. Calls never overlap with each other
 *	or with @reset. May sleep, ends by itself within a bounded time; both buffers are
 *	kmalloc memory. 0, -ENODEV, -ETIMEDOUT, -EMSGSIZE, -EIO.
 * @abort: makes a running and every later @reset and @transmit return -ENODEV at once. Called
 *	with no lock of the core held, more than once, at any time until unregister returns.
 */
struct smpair_transport_ops {
	const char *name;
	struct module *owner;
	int (*reset)(struct smpair_dev *dev, u8 *atr, size_t *atr_len);
	int (*transmit)(struct smpair_dev *dev, const u8 *cmd, size_t len,
			u8 *rsp, size_t size, size_t *rsp_len);
	void (*abort)(struct smpair_dev *dev);
};

/**
 * struct smpair_slot_copy - one row of GET SLOTS as last read (section 5)
 */
struct smpair_slot_copy {
	u8 index;
	u8 flags;
	u16 activity;
	u32 n_s;
	u8 sid[PDT1_SID_LEN];
};

/**
 * struct smpair_dev_view - what user space may be told about a link, without dev->lock
 * @state: enum smpair_state
 * @cause: enum smpair_cause
 * @info: last INFO, where @info_valid
 * @info_valid: @info was read
 * @n: pairing index, authenticated, where @n_known
 * @n_known: @n is valid
 * @m: MHKey generation of the pairing, where @paired
 * @slot: slot of this host, where @paired
 * @paired: a pairing was authenticated
 * @session_live: a session is open; @session_born and @session_commands are valid
 * @session_born: boot time at which the session keys were made
 * @session_commands: envelopes sent in this session
 * @rekeys: sessions replaced by the driver
 * @slots: copy of GET SLOTS
 * @slot_count: rows in it
 * @slot_seq: another value after each change of @slots; a dump notices it
 *
 * dev->lock is held across exchanges with the module, so a netlink handler must
 * not wait for it. It reads this copy instead, which the holder of dev->lock
 * brings up to date after each change and before each notification.
 */
struct smpair_dev_view {
	u32 state;
	u32 cause;
	struct smpair_info info;
	bool info_valid;
	u32 n;
	bool n_known;
	u16 m;
	u8 slot;
	bool paired;
	bool session_live;
	ktime_t session_born;
	u32 session_commands;
	u32 rekeys;
	struct smpair_slot_copy slots[PDT1_SLOTS_MAX];
	unsigned int slot_count;
	unsigned int slot_seq;
};

enum {
	SMPAIR_DEV_DEAD,	/* being removed; set once, read without a lock */
	SMPAIR_DEV_SUSPENDED,
};

/**
 * struct smpair_dev - one module link, "module" in everything users read
 * @dev: memory alive
 * @cdev: /dev/smpairN
 * @id: N; never reused while the driver is loaded
 * @flags: SMPAIR_DEV_* bits
 * @ops_sem: guards @ops
 * @ops: NULL once unreachable
 * @priv: the transport's
 * @lock: everything below down to @slot_count, and who may talk to the module
 * @state: enum smpair_state; written under @lock, read anywhere with READ_ONCE
 * @cause: enum smpair_cause; the same
 * @info: last INFO
 * @info_valid: @info was read
 * @host: credentials in use, referenced; NULL without
 * @pairing: KA and its slot while the module stays
 * @n: pairing index, authenticated
 * @n_known: @n is valid
 * @session: current session
 * @rekeys: sessions replaced by the driver
 * @lost: sessions lost in a row
 * @slots: copy of GET SLOTS
 * @slot_count: rows in it
 * @cmd: scratch for one command, SMPAIR_COMMAND_MAX bytes; wiped after use
 * @rsp: scratch for one response, SMPAIR_RESPONSE_MAX bytes; wiped after use
 * @view_lock: guards @view; a leaf, held for a copy only
 * @view: copy of the above for user space
 * @file_wait: readers and pollers of /dev/smpairN; removal wakes all of them once
 *	SMPAIR_DEV_DEAD is set
 * @work: performs @queue, one operation at a time
 * @queue_lock: guards @queue and @events
 * @queue: operations waiting
 * @events: bits of pending events for the pairing machine
 * @pairing_op: the pairing under way, private to pair.c
 */
struct smpair_dev {
	struct device dev;
	struct cdev cdev;
	u32 id;
	unsigned long flags;

	struct rw_semaphore ops_sem;
	const struct smpair_transport_ops *ops;
	void *priv;

	struct mutex lock;
	u32 state;
	u32 cause;
	struct smpair_info info;
	bool info_valid;
	struct smpair_host *host;
	struct smpair_pairing pairing;
	u32 n;
	bool n_known;
	struct smpair_session session;
	u32 rekeys;
	unsigned int lost;
	struct smpair_slot_copy slots[PDT1_SLOTS_MAX];
	unsigned int slot_count;
	u8 *cmd;
	u8 *rsp;

	spinlock_t view_lock;
	struct smpair_dev_view view;

	wait_queue_head_t file_wait;

	struct work_struct work;
	spinlock_t queue_lock;
	struct list_head queue;
	unsigned long events;
	struct smpair_pairing_op *pairing_op;
};

#define to_smpair_dev(d) container_of(d, struct smpair_dev, dev)

/* For transports */
struct smpair_dev *smpair_dev_alloc(struct device *parent,
				    const struct smpair_transport_ops *ops, void *priv);
int smpair_dev_register(struct smpair_dev *dev);	/* queues the first verification */
void smpair_dev_unregister(struct smpair_dev *dev);	/* drops the reference of alloc */

/* For the core */
int smpair_link_init(void);
void smpair_link_exit(void);
struct smpair_dev *smpair_dev_get_by_id(u32 id);	/* registered ones, referenced; or NULL */
struct smpair_dev *smpair_dev_next(unsigned long *id);	/* from *id on, referenced; for dumps */
void smpair_dev_put(struct smpair_dev *dev);
/* Copies the view; any context that may take a spinlock. */
void smpair_dev_view_get(struct smpair_dev *dev, struct smpair_dev_view *view);
/* Brings the view up to date with the fields under dev->lock, which the caller holds. */
void smpair_dev_view_update(struct smpair_dev *dev);
/* Calls @fn on each registered link, in process context, without the registry lock held. */
void smpair_dev_for_each(void (*fn)(struct smpair_dev *dev));
/* One command with dev->lock held; response in dev->rsp. -ENODEV, -ETIMEDOUT, -EIO, … */
int smpair_link_transmit(struct smpair_dev *dev, struct smpair_buf *cmd, size_t *rsp_len);
int smpair_link_reset(struct smpair_dev *dev, u8 *atr, size_t *atr_len);
static inline bool smpair_dev_dead(const struct smpair_dev *dev)
{
	return test_bit(SMPAIR_DEV_DEAD, &dev->flags);
}

#endif /* _SMPAIR_LINK_H */
