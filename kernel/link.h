/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A module link: device model, lifetime, one exchange at a time.
 *
 * Three facts are kept apart. Memory is alive while a device reference is held.
 * A link is registered while it stands in the XArray and user space may find
 * it. A link is reachable while @ops is not NULL, which @ops_sem guards;
 * smpair_link_transmit() and smpair_link_reset() are the only ways to use it.
 *
 * Lock order: dev->lock, dev->ops_sem (read), transport locks. The XArray's
 * lock, dev->queue_lock, dev->view_lock and the agent's list lock are leaves.
 * dev->lock is held while a module answers: netlink handlers and sysfs never
 * take it, they read the view. Removal first marks the link dead and aborts the
 * exchange under way, with none of these held, so that it never waits for a
 * module's timeout.
 */
#ifndef _SMPAIR_LINK_H
#define _SMPAIR_LINK_H

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "handshake.h"
#include "smpair.h"

#define SMPAIR_ATR_MAX		33
#define SMPAIR_MESSAGE_MAX	(1024 * 1024)	/* driver's bound on MAXM */
#define SMPAIR_TRANSPORT_NAME	16

/**
 * struct smpair_transport_ops - what a transport gives the core
 * @name: shown in sysfs and netlink, as in "virt"; shorter than SMPAIR_TRANSPORT_NAME
 * @reset: warm reset; fills @atr (at most SMPAIR_ATR_MAX bytes). May sleep, ends by itself
 *	within a bounded time. 0, -ENODEV, -ETIMEDOUT, -EIO, -ENOMEM.
 * @transmit: carries one command APDU and its response. Calls never overlap with each other
 *	or with @reset. May sleep, ends by itself within a bounded time; both buffers are
 *	kmalloc memory. 0, -ENODEV, -ETIMEDOUT, -EMSGSIZE, -EIO, -ENOMEM.
 * @abort: makes a running and every later @reset and @transmit return -ENODEV at once. Called
 *	with no lock of the core held, before smpair_dev_unregister() makes the ops unreachable.
 *
 * None of these is running or will be called once smpair_dev_unregister() has
 * returned, so a transport's module may go then.
 */
struct smpair_transport_ops {
	const char *name;
	int (*reset)(struct smpair_dev *dev, u8 *atr, size_t *atr_len);
	int (*transmit)(struct smpair_dev *dev, const u8 *cmd, size_t len,
			u8 *rsp, size_t size, size_t *rsp_len);
	void (*abort)(struct smpair_dev *dev);
};

/**
 * struct smpair_slot_copy - one row of GET SLOTS as last read (section 5)
 * @index: slot
 * @flags: PDT1_SLOT_* bits
 * @activity: activity counter after ageing
 * @n_s: pairing index at which the slot was written
 * @sid: pseudonym of the paired host
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

/* Bits of smpair_dev.flags; each set and read without a lock */
enum {
	SMPAIR_DEV_DEAD,	/* being removed; never cleared */
};

/**
 * struct smpair_dev - one module link, "module" in everything users read
 * @dev: memory alive
 * @cdev: /dev/smpairN
 * @id: N; never reused while the driver is loaded
 * @transport: name of the transport, also when it has gone
 * @flags: SMPAIR_DEV_* bits
 * @ops_sem: guards @ops
 * @ops: NULL once unreachable
 * @priv: the transport's
 * @lock: everything below down to @rsp, and who may talk to the module
 * @state: enum smpair_state; written under @lock, read anywhere with READ_ONCE
 * @cause: enum smpair_cause; the same
 * @info: last INFO
 * @info_valid: @info was read
 * @max_message: longest message, 0 while INFO was not read; written under @lock, read
 *	anywhere with READ_ONCE
 * @host: credentials in use, referenced; NULL without
 * @pairing: KA and its slot while the module stays
 * @n: pairing index, authenticated
 * @n_known: @n is valid
 * @session: current session
 * @rekeys: sessions replaced by the driver
 * @lost: sessions lost in a row
 * @slots: copy of GET SLOTS
 * @slot_count: rows in it
 * @slot_seq: changes with @slots
 * @pairing_op: the pairing under way, private to pair.c
 * @cmd: scratch for one command, SMPAIR_COMMAND_MAX bytes; wiped after use
 * @rsp: scratch for one response, SMPAIR_RESPONSE_MAX bytes; wiped after use
 * @view_lock: guards @view
 * @view: copy of the above for user space
 * @file_wait: files of /dev/smpairN; woken by their own events and by removal
 * @work: performs @events and @queue, one at a time
 * @queue_lock: guards @queue, @queued and @pairing_busy
 * @queue: operations waiting
 * @queued: their number
 * @pairing_busy: a pairing waits or runs
 * @events: bits of pending events, private to pair.c
 */
struct smpair_dev {
	struct device dev;
	struct cdev cdev;
	u32 id;
	char transport[SMPAIR_TRANSPORT_NAME];
	unsigned long flags;

	struct rw_semaphore ops_sem;
	const struct smpair_transport_ops *ops;
	void *priv;

	struct mutex lock;		/* the fields down to @rsp, and the module */
	u32 state;
	u32 cause;
	struct smpair_info info;
	bool info_valid;
	u32 max_message;
	struct smpair_host *host;
	struct smpair_pairing pairing;
	u32 n;
	bool n_known;
	struct smpair_session session;
	u32 rekeys;
	unsigned int lost;
	struct smpair_slot_copy slots[PDT1_SLOTS_MAX];
	unsigned int slot_count;
	unsigned int slot_seq;
	struct smpair_pairing_op *pairing_op;
	u8 *cmd;
	u8 *rsp;

	spinlock_t view_lock;		/* @view */
	struct smpair_dev_view view;

	wait_queue_head_t file_wait;

	struct work_struct work;
	spinlock_t queue_lock;		/* @queue, @queued, @pairing_busy */
	struct list_head queue;
	unsigned int queued;
	bool pairing_busy;
	unsigned long events;
};

#define to_smpair_dev(d) container_of(d, struct smpair_dev, dev)

/* For transports */
struct smpair_dev *smpair_dev_alloc(struct device *parent,
				    const struct smpair_transport_ops *ops, void *priv);
int smpair_dev_register(struct smpair_dev *dev);
void smpair_dev_unregister(struct smpair_dev *dev);

/* For the core */
int smpair_link_init(void);
void smpair_link_exit(void);
struct smpair_dev *smpair_dev_next(unsigned long *id);
void smpair_dev_for_each(void (*fn)(struct smpair_dev *dev));
int smpair_link_transmit(struct smpair_dev *dev, struct smpair_buf *cmd, size_t *rsp_len);
int smpair_link_reset(struct smpair_dev *dev, u8 *atr, size_t *atr_len);
void smpair_dev_view_update(struct smpair_dev *dev);
void smpair_dev_view_get(struct smpair_dev *dev, struct smpair_dev_view *view);

static inline bool smpair_dev_dead(const struct smpair_dev *dev)
{
	return test_bit(SMPAIR_DEV_DEAD, &dev->flags);
}

#endif /* _SMPAIR_LINK_H */
