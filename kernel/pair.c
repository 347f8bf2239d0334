// SPDX-License-Identifier: GPL-2.0
/*
 * Operations on a module, and the work item that performs them.
 *
 * Netlink, hotplug, agents and the PM notifier post events or queue operations
 * and return; the link's one work item takes dev->lock and does what they ask,
 * events first. A pairing that needs a person leaves the work item after
 * submitting its request and comes back with the answer: nothing ever sleeps on
 * a person.
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include "agent.h"
#include "command.h"
#include "crypto.h"
#include "netlink.h"
#include "pair.h"
#include "pm.h"
#include "trace.h"

#define SMPAIR_QUEUE_MAX	16	/* operations waiting on one link */

/* Bits of dev->events; each is one reason to run the work item */
enum {
	EVENT_HOST,		/* host credentials changed */
	EVENT_PROBE,
	EVENT_REOPEN,
	EVENT_CANCEL,		/* the pairing under way is to end */
	EVENT_ANSWER,		/* the agent's answer is in the pairing operation */
};

/**
 * struct smpair_pairing_op - a pairing from BEGIN to the verdict, the wait included
 * @dev: link; outlives this
 * @op: what was asked for, referenced
 * @hs: handshake
 * @pending: the module is in state PAIRING with @hs: nothing was sent since BEGIN
 * @was_paired: a pairing of this host stood before
 * @shown: the offer for which a PIN was asked
 * @req: request to an agent, referenced; NULL before
 * @answer: the agent's; written before EVENT_ANSWER is posted, wiped with this
 */
struct smpair_pairing_op {
	struct smpair_dev *dev;
	struct smpair_op *op;
	struct smpair_pair hs;
	bool pending;
	bool was_paired;
	struct smpair_e1 shown;
	struct smpair_req *req;
	struct smpair_answer_data answer;
};

static struct workqueue_struct *smpair_wq;
static atomic64_t last_op_id = ATOMIC64_INIT(0);

/* The state machine */

/* Enters a state and tells everybody who watches, unless nothing changed. */
static void enter(struct smpair_dev *dev, enum smpair_state state, enum smpair_cause cause)
{
	bool changed = dev->state != state || dev->cause != cause;

	lockdep_assert_held(&dev->lock);
	if (changed)
		trace_smpair_state(dev->id, dev->state, state, cause);
	WRITE_ONCE(dev->cause, cause);
	WRITE_ONCE(dev->state, state);
	smpair_dev_view_update(dev);
	if (!changed || smpair_dev_dead(dev))
		return;

	if (state == SMPAIR_STATE_ALARM)
		dev_warn(&dev->dev, "alarm: %s\n", smpair_cause_name(cause));
	smpair_netlink_notify(dev, SMPAIR_CMD_DEV_CHANGE_NTF);
	sysfs_notify(&dev->dev.kobj, NULL, "state");
	kobject_uevent(&dev->dev.kobj, KOBJ_CHANGE);
}

static void forget(struct smpair_dev *dev)
{
	smpair_session_wipe(&dev->session);
	memzero_explicit(&dev->pairing, sizeof(dev->pairing));
	dev->n_known = false;
	if (dev->slot_count) {
		dev->slot_count = 0;
		dev->slot_seq++;
	}
}

/**
 * smpair_open_event() - the event that the outcome of a verification is
 * @cause: outcome
 *
 * Return: the event for smpair_drive().
 */
enum smpair_event smpair_open_event(enum smpair_cause cause)
{
	switch (cause) {
	case SMPAIR_CAUSE_NONE:
		return SMPAIR_EVENT_VERIFIED;
	case SMPAIR_CAUSE_RESTRICTED:
		return SMPAIR_EVENT_RESTRICTED;
	case SMPAIR_CAUSE_NOT_PAIRED:
		return SMPAIR_EVENT_NOT_PAIRED;
	case SMPAIR_CAUSE_BAD_PDC:
	case SMPAIR_CAUSE_BAD_MAC:
	case SMPAIR_CAUSE_ROLLBACK:
	case SMPAIR_CAUSE_WRONG_MODULE:
		return SMPAIR_EVENT_ALARM;
	case SMPAIR_CAUSE_FROZEN:
	case SMPAIR_CAUSE_VIRGIN:
	case SMPAIR_CAUSE_FATAL:
		return SMPAIR_EVENT_UNSERVICEABLE;
	case SMPAIR_CAUSE_UNSTABLE:
		return SMPAIR_EVENT_LOST;
	default:
		return SMPAIR_EVENT_NO_VERDICT;
	}
}

/* Reset, SELECT, INFO; the event that follows. */
static enum smpair_event probe(struct smpair_dev *dev, enum smpair_cause *cause)
{
	forget(dev);
	*cause = smpair_cmd_probe(dev);
	switch (*cause) {
	case SMPAIR_CAUSE_NONE:
		break;
	case SMPAIR_CAUSE_FROZEN:
	case SMPAIR_CAUSE_VIRGIN:
	case SMPAIR_CAUSE_FATAL:
		return SMPAIR_EVENT_UNSERVICEABLE;
	default:
		return SMPAIR_EVENT_UNSUPPORTED;
	}
	if (dev->host)
		return SMPAIR_EVENT_OPEN;
	*cause = SMPAIR_CAUSE_NO_HOST;
	return SMPAIR_EVENT_IDENTIFIED;
}

/**
 * smpair_drive() - feed the state machine and perform what it asks for
 * @dev: link
 * @event: what happened
 * @cause: why, for the state that follows
 *
 * Context: process; dev->lock held; sleeps while the module answers.
 */
void smpair_drive(struct smpair_dev *dev, enum smpair_event event, enum smpair_cause cause)
{
	struct smpair_step step;

	lockdep_assert_held(&dev->lock);
	for (;;) {
		step = smpair_state_next(dev->state, event);
		switch (step.action) {
		case SMPAIR_ACTION_REFUSE:
			return;
		case SMPAIR_ACTION_WIPE:
			smpair_session_wipe(&dev->session);
			break;
		case SMPAIR_ACTION_FORGET:
			forget(dev);
			break;
		}
		if (step.action == SMPAIR_ACTION_PROBE || step.action == SMPAIR_ACTION_OPEN)
			cause = SMPAIR_CAUSE_NONE;
		enter(dev, step.state, cause);

		if (step.action == SMPAIR_ACTION_PROBE) {
			event = probe(dev, &cause);
		} else if (step.action == SMPAIR_ACTION_OPEN) {
			smpair_session_wipe(&dev->session);
			cause = smpair_cmd_verify(dev);
			event = smpair_open_event(cause);
		} else {
			return;
		}
	}
}

/* Operations */

/* Unless the link is being removed: smpair_pair_stop() then sees to the queue. */
static void kick(struct smpair_dev *dev)
{
	/* queue_lock: orders this with the last look of smpair_pair_stop(). */
	spin_lock(&dev->queue_lock);
	if (!smpair_dev_dead(dev))
		queue_work(smpair_wq, &dev->work);
	spin_unlock(&dev->queue_lock);
}

static void post(struct smpair_dev *dev, unsigned int event)
{
	set_bit(event, &dev->events);
	kick(dev);
}

/**
 * smpair_op_alloc() - make an operation
 * @dev: link; a reference is taken
 * @kind: what to do
 * @portid: socket that asks
 *
 * Context: process, may sleep.
 * Return: the operation with one reference, or NULL.
 */
struct smpair_op *smpair_op_alloc(struct smpair_dev *dev, enum smpair_op_kind kind, u32 portid)
{
	struct smpair_op *op;

	op = kzalloc(sizeof(*op), GFP_KERNEL);
	if (!op)
		return NULL;
	INIT_LIST_HEAD(&op->node);
	INIT_LIST_HEAD(&op->asked);
	refcount_set(&op->refs, 1);
	op->id = atomic64_inc_return(&last_op_id);
	op->kind = kind;
	get_device(&dev->dev);
	op->dev = dev;
	op->portid = portid;
	op->timeout = SMPAIR_REQUEST_TIMEOUT_DEFAULT;
	return op;
}

/**
 * smpair_op_put() - drop a reference
 * @op: operation
 *
 * Context: process, may sleep.
 */
void smpair_op_put(struct smpair_op *op)
{
	if (!refcount_dec_and_test(&op->refs))
		return;
	smpair_dev_put(op->dev);
	kfree_sensitive(op->command);
	kfree_skb(op->report);
	kfree_sensitive(op);
}

/**
 * smpair_op_submit() - queue an operation
 * @op: operation; a reference is taken until its outcome was reported
 *
 * Context: process; waits for nothing.
 * Return: 0; -ENODEV: removed; -EBUSY: too many operations wait, or a pairing
 * waits or runs and this is neither MANAGE nor REPORT.
 */
int smpair_op_submit(struct smpair_op *op)
{
	struct smpair_dev *dev = op->dev;
	int ret = 0;

	/* queue_lock: the queue, and the order with smpair_pair_stop(). */
	spin_lock(&dev->queue_lock);
	if (smpair_dev_dead(dev)) {
		ret = -ENODEV;
	} else if (dev->queued >= SMPAIR_QUEUE_MAX ||
		   (dev->pairing_busy && op->kind != SMPAIR_OP_MANAGE &&
		    op->kind != SMPAIR_OP_REPORT)) {
		ret = -EBUSY;
	} else {
		refcount_inc(&op->refs);
		list_add_tail(&op->node, &dev->queue);
		dev->queued++;
		if (op->kind == SMPAIR_OP_PAIR)
			dev->pairing_busy = true;
		queue_work(smpair_wq, &dev->work);
	}
	spin_unlock(&dev->queue_lock);
	return ret;
}

static struct smpair_op *next_op(struct smpair_dev *dev)
{
	struct smpair_op *op;

	/* queue_lock: the queue */
	spin_lock(&dev->queue_lock);
	op = list_first_entry_or_null(&dev->queue, struct smpair_op, node);
	if (op) {
		list_del_init(&op->node);
		dev->queued--;
	}
	spin_unlock(&dev->queue_lock);
	return op;
}

/* Reports the outcome, and drops the queue's reference. */
static void op_done(struct smpair_op *op, enum smpair_cause cause)
{
	struct smpair_dev *dev = op->dev;

	op->result.cause = cause;
	if (cause)
		op->result.error = smpair_cause_errno(cause);
	if (op->kind == SMPAIR_OP_PAIR) {
		/* queue_lock: see smpair_pair_cancel() */
		spin_lock(&dev->queue_lock);
		dev->pairing_busy = false;
		clear_bit(EVENT_CANCEL, &dev->events);
		spin_unlock(&dev->queue_lock);
	}
	trace_smpair_op(dev->id, op->id, op->kind, op->result.error, cause);
	smpair_netlink_op_done(op);
	smpair_op_put(op);
}

/**
 * smpair_pair_cancel() - end the pairing that waits or runs
 * @dev: link
 *
 * Context: process; waits for nothing. A CONFIRM that was sent is not called back.
 * Return: 0, or -ENOENT when there is none.
 */
int smpair_pair_cancel(struct smpair_dev *dev)
{
	int ret = -ENOENT;

	/* queue_lock: the bit must not outlive the pairing that it is meant for. */
	spin_lock(&dev->queue_lock);
	if (dev->pairing_busy && !smpair_dev_dead(dev)) {
		set_bit(EVENT_CANCEL, &dev->events);
		queue_work(smpair_wq, &dev->work);
		ret = 0;
	}
	spin_unlock(&dev->queue_lock);
	return ret;
}

/* Pairing */

static bool has_pairing(const struct smpair_dev *dev)
{
	return dev->state == SMPAIR_STATE_PAIRED || dev->state == SMPAIR_STATE_CLOSED ||
	       dev->state == SMPAIR_STATE_RESTRICTED;
}

/* Copies into the result what E1 says; the user sees it whatever follows. */
static void report_offer(struct smpair_pairing_op *p)
{
	struct smpair_op_result *result = &p->op->result;
	const struct smpair_e1 *e1 = &p->hs.e1;

	result->has_offer = true;
	result->plan = e1->flags;
	result->n = e1->n;
	result->request_code = e1->request_code;
	result->pin_policy = e1->pin_policy;
	memcpy(result->mid, e1->mid, sizeof(result->mid));
	memcpy(result->sn, p->dev->host->sn, sizeof(result->sn));
	result->has_slot = e1->slot != PDT1_SLOT_NONE;
	result->slot = e1->slot;
	result->has_tries = true;
	result->tries = e1->ptc;
}

/* What section 7 has the host check before it asks anybody for a PIN. */
static enum smpair_cause check_offer(struct smpair_pairing_op *p)
{
	static const u8 no_ka[PDT1_KEY_LEN];
	const struct smpair_e1 *e1 = &p->hs.e1;
	const struct smpair_dev *dev = p->dev;
	u8 plan = e1->flags & (PDT1_E1_SAME | PDT1_E1_FREE | PDT1_E1_EVICT);
	bool pin = e1->flags & PDT1_E1_PIN;

	if (memcmp(e1->mid, dev->info.mid, PDT1_ID_LEN))
		return SMPAIR_CAUSE_WRONG_MODULE;
	if (e1->flags & PDT1_E1_REFUSED)
		return SMPAIR_CAUSE_REFUSED;
	if (pin && e1->ptc == 0)
		return SMPAIR_CAUSE_PIN_BLOCKED;
	if (pin && (e1->flags & PDT1_E1_REINSERT))
		return SMPAIR_CAUSE_REINSERT;
	if (dev->host->gen[0].m < e1->m_min)
		return SMPAIR_CAUSE_OLD_MHKEY;
	if (plan == PDT1_E1_EVICT && !(e1->flags & PDT1_E1_EVICT_OK))
		return SMPAIR_CAUSE_FULL;
	/* From here on an honest module offers one slot and a key. */
	if (hweight8(plan) != 1 || e1->slot >= PDT1_SLOTS_MAX ||
	    e1->pin_policy > PDT1_PIN_INDEXED || smpair_equal(e1->ka, no_ka, sizeof(no_ka)))
		return SMPAIR_CAUSE_FAKE_MODULE;
	if (plan == PDT1_E1_SAME && !p->op->again)
		return SMPAIR_CAUSE_STILL_HELD;
	return SMPAIR_CAUSE_NONE;
}

static enum smpair_cause begin(struct smpair_pairing_op *p)
{
	enum smpair_cause cause;

	cause = smpair_cmd_begin(p->dev, &p->hs);
	if (cause)
		return cause;
	p->pending = true;
	report_offer(p);
	p->dev->info.ptc = p->hs.e1.ptc;
	p->dev->n = p->hs.e1.n;
	p->dev->n_known = true;
	return SMPAIR_CAUSE_NONE;
}

/* Whether the PIN was obtained for what the newest E1 offers. */
static bool offer_is_shown(const struct smpair_pairing_op *p)
{
	const struct smpair_e1 *e1 = &p->hs.e1;

	return !memcmp(e1->mid, p->shown.mid, PDT1_ID_LEN) && e1->n == p->shown.n &&
	       e1->request_code == p->shown.request_code;
}

/* The verdict of a module that judged, and did not pair. */
static enum smpair_cause verdict_cause(const struct smpair_pairing_op *p,
				       const struct smpair_e3 *e3)
{
	if ((e3->sw & PDT1_SW_PIN_WRONG_MASK) == PDT1_SW_PIN_WRONG)
		return SMPAIR_CAUSE_PIN_WRONG;

	switch (e3->sw) {
	case PDT1_SW_OK:
		return SMPAIR_CAUSE_NONE;
	case PDT1_SW_BLOCKED:
		return SMPAIR_CAUSE_PIN_BLOCKED;
	case PDT1_SW_FULL:
		return p->answer.consent ? SMPAIR_CAUSE_FULL : SMPAIR_CAUSE_NO_CONSENT;
	case PDT1_SW_DATA:
		return SMPAIR_CAUSE_PIN_MALFORMED;
	case PDT1_SW_STATE:
		return SMPAIR_CAUSE_REFUSED;
	case PDT1_SW_MEMORY:
		return SMPAIR_CAUSE_MODULE_MEMORY;
	default:
		return SMPAIR_CAUSE_MODULE_REFUSED;
	}
}

/*
 * After a CONFIRM without a valid verdict: OPEN tells whether it happened
 * (section 7). NONE: it did, and the session is open. PIN_WRONG: it did not,
 * and a try was spent. CONFIRM_LOST with p->pending: it did not, no try was
 * spent, and a new handshake offers the same as the one before.
 */
static enum smpair_cause find_out(struct smpair_pairing_op *p, u8 ptc)
{
	struct smpair_dev *dev = p->dev;
	enum smpair_cause cause;
	bool restricted;

	cause = smpair_cmd_open(dev, &restricted);
	if (!cause && dev->pairing.n_s == p->shown.n + 1) {
		/* OPEN tells N, and nothing of the tries. */
		p->op->result.n = dev->n;
		p->op->result.has_tries = false;
		return SMPAIR_CAUSE_NONE;
	}
	if (!cause) {
		/* The former pairing stands. */
		p->was_paired = true;
		return SMPAIR_CAUSE_CONFIRM_LOST;
	}
	if (cause != SMPAIR_CAUSE_NOT_PAIRED)
		return cause;

	p->was_paired = false;
	cause = begin(p);
	if (cause)
		return cause;
	/* Judged by the counter first: what it offers now may follow from that. */
	if ((p->shown.flags & PDT1_E1_PIN) && p->hs.e1.ptc < ptc) {
		p->pending = false;
		return SMPAIR_CAUSE_PIN_WRONG;
	}
	cause = check_offer(p);
	if (!cause)
		cause = offer_is_shown(p) ? SMPAIR_CAUSE_CONFIRM_LOST : SMPAIR_CAUSE_PIN_STALE;
	if (cause != SMPAIR_CAUSE_CONFIRM_LOST)
		p->pending = false;
	return cause;
}

/* CONFIRM and its verdict; a PIN goes out a second time only where no try was spent. */
static enum smpair_cause confirm(struct smpair_pairing_op *p)
{
	struct smpair_op_result *result = &p->op->result;
	struct smpair_dev *dev = p->dev;
	enum smpair_cause cause;
	struct smpair_e3 e3;
	const u8 *pin;
	bool once = true;
	u8 ptc;

	for (;;) {
		pin = p->hs.e1.flags & PDT1_E1_PIN ? p->answer.pin : NULL;
		ptc = p->hs.e1.ptc;
		p->pending = false;
		cause = smpair_cmd_confirm(dev, &p->hs, pin, p->answer.consent, &e3);
		if (!cause)
			break;
		if (cause != SMPAIR_CAUSE_CONFIRM_LOST)
			return cause;
		cause = find_out(p, ptc);
		if (cause != SMPAIR_CAUSE_CONFIRM_LOST || !p->pending || !once)
			return cause;
		once = false;
	}

	result->has_sw = true;
	result->sw = e3.sw;
	result->n = e3.n;
	result->tries = e3.ptc;
	return verdict_cause(p, &e3);
}

/* The state that a pairing leaves behind. */
static void leave(struct smpair_pairing_op *p, enum smpair_cause cause)
{
	enum smpair_event event = smpair_open_event(cause);
	struct smpair_dev *dev = p->dev;

	switch (event) {
	case SMPAIR_EVENT_ALARM:
	case SMPAIR_EVENT_UNSERVICEABLE:
		break;
	default:
		event = p->was_paired ? SMPAIR_EVENT_PAIR_KEPT : SMPAIR_EVENT_PAIR_ENDED;
		/* Nothing went wrong: the state's usual cause. */
		if (cause == SMPAIR_CAUSE_NONE && !p->was_paired)
			cause = SMPAIR_CAUSE_NOT_PAIRED;
	}
	smpair_drive(dev, event, cause);
}

/* Ends the pairing under way, reports it, and wipes all it knew. */
static void finish(struct smpair_pairing_op *p, enum smpair_cause cause)
{
	struct smpair_dev *dev = p->dev;
	struct smpair_op *op = p->op;

	if (p->req) {
		/* Takes no lock of ours, and after it answered() does not run any more. */
		smpair_req_cancel(p->req);
		smpair_req_put(p->req);
	}
	clear_bit(EVENT_ANSWER, &dev->events);

	if (dev->state == SMPAIR_STATE_PAIRING)
		leave(p, cause);
	dev->pairing_op = NULL;
	smpair_pair_wipe(&p->hs);
	kfree_sensitive(p);
	/* The module may have paired, or may not: begin anew, by asking it. */
	if (cause == SMPAIR_CAUSE_TIMEOUT || cause == SMPAIR_CAUSE_LINK_ERROR)
		smpair_pair_probe(dev);
	op_done(op, cause);
}

/* CONFIRM, and on success the envelopes that complete the new session. */
static void conclude(struct smpair_pairing_op *p)
{
	struct smpair_dev *dev = p->dev;
	enum smpair_cause cause;

	cause = confirm(p);
	if (!cause) {
		p->was_paired = true;
		dev->lost = 0;
		cause = smpair_cmd_verify(dev);
		/* INFO shows tries and free slots, which have changed. */
		if (!cause)
			smpair_cmd_info(dev);
		smpair_drive(dev, smpair_open_event(cause), cause);
		/* A session lost afterwards does not undo the pairing. */
		cause = SMPAIR_CAUSE_NONE;
	}
	finish(p, cause);
}

/* Called by agent.c, from a work item. */
static void answered(void *ctx, struct smpair_answer_data *answer)
{
	struct smpair_pairing_op *p = ctx;

	p->answer = *answer;
	post(p->dev, EVENT_ANSWER);
}

static enum smpair_cause ask_agent(struct smpair_pairing_op *p)
{
	const struct smpair_e1 *e1 = &p->hs.e1;
	struct smpair_req_info info = {
		.dev_id		= p->dev->id,
		.op_id		= p->op->id,
		.n		= e1->n,
		.request_code	= e1->request_code,
		.pin_policy	= e1->pin_policy,
		.plan		= e1->flags,
		.slot		= e1->slot,
		.tries		= e1->ptc,
	};
	struct smpair_req *req;

	memcpy(info.mid, e1->mid, sizeof(info.mid));
	memcpy(info.sn, p->dev->host->sn, sizeof(info.sn));
	req = smpair_req_submit(&info, p->op->own_agent ? p->op->portid : 0, p->op->timeout,
				answered, p);
	if (IS_ERR(req))
		return PTR_ERR(req) == -ESRCH ? SMPAIR_CAUSE_NO_AGENT : SMPAIR_CAUSE_NO_MEMORY;
	p->req = req;
	return SMPAIR_CAUSE_NONE;
}

/* The agent has answered, or will not. */
static void resume_pairing(struct smpair_pairing_op *p)
{
	enum smpair_cause cause = p->answer.cause;
	u8 needs = p->shown.flags;

	if (cause)
		goto out;
	cause = SMPAIR_CAUSE_PIN_MALFORMED;
	if ((needs & PDT1_E1_PIN) && !p->answer.has_pin)
		goto out;
	cause = SMPAIR_CAUSE_NO_CONSENT;
	if ((needs & PDT1_E1_EVICT) && !p->answer.consent)
		goto out;

	if (!p->pending) {
		cause = begin(p);
		if (!cause)
			cause = check_offer(p);
		if (cause)
			goto out;
		cause = SMPAIR_CAUSE_PIN_STALE;
		if (!offer_is_shown(p))
			goto out;
	}
	conclude(p);
	return;
out:
	finish(p, cause);
}

static void run_pair(struct smpair_dev *dev, struct smpair_op *op)
{
	struct smpair_pairing_op *p;
	enum smpair_cause cause;

	if (test_and_clear_bit(EVENT_CANCEL, &dev->events)) {
		op_done(op, SMPAIR_CAUSE_CANCELLED);
		return;
	}
	if (!dev->host) {
		op_done(op, SMPAIR_CAUSE_NO_HOST);
		return;
	}
	/* What the link failed to tell before is asked again. */
	if (dev->state == SMPAIR_STATE_IDENTIFIED)
		smpair_drive(dev, SMPAIR_EVENT_OPEN, SMPAIR_CAUSE_NONE);
	if (has_pairing(dev) && !op->again) {
		op->result.error = EALREADY;
		op_done(op, SMPAIR_CAUSE_NONE);
		return;
	}
	if (!has_pairing(dev) && dev->state != SMPAIR_STATE_UNPAIRED) {
		op_done(op, dev->cause);
		return;
	}

	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p) {
		op_done(op, SMPAIR_CAUSE_NO_MEMORY);
		return;
	}
	p->dev = dev;
	p->op = op;
	p->was_paired = has_pairing(dev);
	dev->pairing_op = p;
	smpair_drive(dev, SMPAIR_EVENT_PAIR, SMPAIR_CAUSE_NONE);

	cause = begin(p);
	if (!cause)
		cause = check_offer(p);
	if (cause || op->plan_only) {
		finish(p, cause);
		return;
	}
	p->shown = p->hs.e1;
	memzero_explicit(p->shown.ka, sizeof(p->shown.ka));
	if (p->shown.flags & (PDT1_E1_PIN | PDT1_E1_EVICT)) {
		cause = ask_agent(p);
		if (cause)
			finish(p, cause);
		return;
	}
	conclude(p);
}

/* The other operations */

/* Sees to a session for UNPAIR and CLOSE, which a restricted one takes too. */
static enum smpair_cause need_session(struct smpair_dev *dev)
{
	if (!smpair_session_live(&dev->session))
		smpair_drive(dev, SMPAIR_EVENT_OPEN, SMPAIR_CAUSE_NONE);
	return smpair_session_live(&dev->session) ? SMPAIR_CAUSE_NONE : dev->cause;
}

static void run_open(struct smpair_dev *dev, struct smpair_op *op)
{
	if (!dev->host) {
		op_done(op, SMPAIR_CAUSE_NO_HOST);
		return;
	}
	dev->lost = 0;
	smpair_drive(dev, SMPAIR_EVENT_OPEN, SMPAIR_CAUSE_NONE);
	op_done(op, dev->cause);
}

static void run_close(struct smpair_dev *dev, struct smpair_op *op)
{
	u16 sw;

	if (!has_pairing(dev)) {
		op_done(op, dev->cause);
		return;
	}
	/* The keys go in any case; the module's go with ours, or at the next OPEN. */
	if (smpair_session_live(&dev->session))
		smpair_cmd_inner(dev, PDT1_INS_CLOSE, NULL, 0, &sw);
	smpair_drive(dev, SMPAIR_EVENT_CLOSE, dev->state == SMPAIR_STATE_RESTRICTED ?
		     SMPAIR_CAUSE_RESTRICTED : SMPAIR_CAUSE_NONE);
	op_done(op, smpair_dev_dead(dev) ? SMPAIR_CAUSE_GONE : SMPAIR_CAUSE_NONE);
}

static void run_unpair(struct smpair_dev *dev, struct smpair_op *op)
{
	enum smpair_cause cause;
	u16 sw;

	cause = need_session(dev);
	if (cause) {
		op_done(op, cause);
		return;
	}
	/* Forgotten first: afterwards nobody knows whether the slot still holds it. */
	memzero_explicit(&dev->pairing, sizeof(dev->pairing));
	cause = smpair_cmd_inner(dev, PDT1_INS_UNPAIR, NULL, 0, &sw);
	if (cause == SMPAIR_CAUSE_NONE) {
		smpair_cmd_info(dev);
		smpair_drive(dev, SMPAIR_EVENT_UNPAIRED, SMPAIR_CAUSE_NOT_PAIRED);
	} else if (cause == SMPAIR_CAUSE_MODULE_REFUSED) {
		op->result.has_sw = true;
		op->result.sw = sw;
		smpair_drive(dev, SMPAIR_EVENT_OPEN, SMPAIR_CAUSE_NONE);
	} else {
		/* OPEN tells which it was. */
		smpair_drive(dev, SMPAIR_EVENT_OPEN, SMPAIR_CAUSE_NONE);
		if (dev->state == SMPAIR_STATE_UNPAIRED)
			cause = SMPAIR_CAUSE_NONE;
	}
	op_done(op, cause);
}

/* What a management command may have changed, as far as the module tells. */
static void after_manage(struct smpair_dev *dev)
{
	enum smpair_cause cause;

	if (smpair_cmd_info(dev))
		return;
	cause = smpair_info_cause(&dev->info);
	if (cause && dev->pairing_op) {
		/* No state but that of pairing may have a pairing wait in it. */
		finish(dev->pairing_op, cause);
	} else if (cause) {
		smpair_drive(dev, SMPAIR_EVENT_UNSERVICEABLE, cause);
	} else if (dev->state == SMPAIR_STATE_UNSERVICEABLE) {
		smpair_drive(dev, SMPAIR_EVENT_PROBE, SMPAIR_CAUSE_NONE);
	} else if (dev->state == SMPAIR_STATE_PAIRED && smpair_session_live(&dev->session)) {
		/* A session that the command ended is no sign of a bad link. */
		if (smpair_cmd_slots(dev)) {
			dev->lost = 0;
			smpair_drive(dev, SMPAIR_EVENT_OPEN, SMPAIR_CAUSE_NONE);
		}
	}
	smpair_dev_view_update(dev);
}

static void run_manage(struct smpair_dev *dev, struct smpair_op *op)
{
	struct smpair_op_result *result = &op->result;
	enum smpair_cause cause;

	if (dev->state == SMPAIR_STATE_UNSUPPORTED || !dev->info_valid) {
		op_done(op, dev->cause ?: SMPAIR_CAUSE_LINK_ERROR);
		return;
	}
	if (op->command_len < PDT1_MANAGE_MIN_LEN || op->command_len > SMPAIR_MANAGE_MAX ||
	    op->command_len > dev->info.maxc) {
		result->error = EMSGSIZE;
		op_done(op, SMPAIR_CAUSE_NONE);
		return;
	}
	/* Ends a handshake that waits for its PIN; BEGIN is repeated then. */
	if (dev->pairing_op)
		dev->pairing_op->pending = false;
	cause = smpair_cmd_manage(dev, op->command, op->command_len, result->receipt, &result->sw);
	result->has_sw = result->sw;
	result->has_receipt = !cause;
	if (cause != SMPAIR_CAUSE_GONE)
		after_manage(dev);
	op_done(op, cause);
}

static void run_report(struct smpair_dev *dev, struct smpair_op *op)
{
	struct smpair_op_result *result = &op->result;
	enum smpair_cause cause;

	if (dev->state == SMPAIR_STATE_UNSUPPORTED || !dev->info_valid) {
		op_done(op, dev->cause ?: SMPAIR_CAUSE_LINK_ERROR);
		return;
	}
	cause = smpair_cmd_report(dev, op->nonce, result->report, &result->sw);
	result->has_sw = result->sw;
	result->has_report = !cause;
	op_done(op, cause);
}

static void run_op(struct smpair_dev *dev, struct smpair_op *op)
{
	switch (op->kind) {
	case SMPAIR_OP_OPEN:
		run_open(dev, op);
		break;
	case SMPAIR_OP_CLOSE:
		run_close(dev, op);
		break;
	case SMPAIR_OP_PAIR:
		run_pair(dev, op);
		break;
	case SMPAIR_OP_UNPAIR:
		run_unpair(dev, op);
		break;
	case SMPAIR_OP_MANAGE:
		run_manage(dev, op);
		break;
	case SMPAIR_OP_REPORT:
		run_report(dev, op);
		break;
	}
}

/* The work item */

static void host_changed(struct smpair_dev *dev)
{
	struct smpair_host *host = smpair_host_get();

	/* The handshake points into the old credentials. */
	if (dev->pairing_op)
		finish(dev->pairing_op, SMPAIR_CAUSE_HOST_CHANGED);
	forget(dev);
	swap(dev->host, host);
	smpair_host_put(host);
	dev->lost = 0;
	if (dev->host)
		smpair_drive(dev, SMPAIR_EVENT_HOST_SET, SMPAIR_CAUSE_NONE);
	else
		smpair_drive(dev, SMPAIR_EVENT_HOST_CLEARED, SMPAIR_CAUSE_NO_HOST);
}

/* One thing of those that are due; false when there is none. */
static bool perform_one(struct smpair_dev *dev)
{
	struct smpair_op *op;

	if (test_and_clear_bit(EVENT_HOST, &dev->events)) {
		host_changed(dev);
	} else if (test_and_clear_bit(EVENT_PROBE, &dev->events)) {
		if (dev->pairing_op)
			finish(dev->pairing_op, SMPAIR_CAUSE_LINK_ERROR);
		smpair_drive(dev, SMPAIR_EVENT_PROBE, SMPAIR_CAUSE_NONE);
	} else if (test_and_clear_bit(EVENT_REOPEN, &dev->events)) {
		/* Unless an exchange was quicker, or the user closed it. */
		if (dev->state == SMPAIR_STATE_CLOSED && dev->cause == SMPAIR_CAUSE_SESSION_LOST)
			smpair_drive(dev, SMPAIR_EVENT_OPEN, SMPAIR_CAUSE_NONE);
	} else if (dev->pairing_op && test_and_clear_bit(EVENT_CANCEL, &dev->events)) {
		finish(dev->pairing_op, SMPAIR_CAUSE_CANCELLED);
	} else if (test_and_clear_bit(EVENT_ANSWER, &dev->events)) {
		if (dev->pairing_op)
			resume_pairing(dev->pairing_op);
	} else {
		op = next_op(dev);
		if (!op)
			return false;
		run_op(dev, op);
	}
	return true;
}

static void smpair_pair_work(struct work_struct *work)
{
	struct smpair_dev *dev = container_of(work, struct smpair_dev, work);
	bool more;

	/*
	 * lock: everything about the module. Exchanges take their turn in between: it
	 * is handed to who waited for long, however many operations are queued.
	 */
	do {
		mutex_lock(&dev->lock);
		more = !smpair_dev_dead(dev) && !smpair_pm_asleep() && perform_one(dev);
		mutex_unlock(&dev->lock);
	} while (more);
}

/**
 * smpair_pair_host_changed() - host credentials were loaded, replaced or cleared
 * @dev: link
 *
 * Context: any that may take a spinlock.
 */
void smpair_pair_host_changed(struct smpair_dev *dev)
{
	post(dev, EVENT_HOST);
}

/**
 * smpair_pair_probe() - the module was inserted, may be another one, or its link failed
 * @dev: link
 *
 * Context: any that may take a spinlock.
 */
void smpair_pair_probe(struct smpair_dev *dev)
{
	post(dev, EVENT_PROBE);
}

/**
 * smpair_pair_reopen() - a session was lost; open one new one
 * @dev: link
 *
 * Context: any that may take a spinlock.
 */
void smpair_pair_reopen(struct smpair_dev *dev)
{
	post(dev, EVENT_REOPEN);
}

/**
 * smpair_pair_suspend() - wipe the keys of a link before the system sleeps
 * @dev: link; smpair_pm_asleep() is true
 *
 * Context: process; waits for the exchange under way, which is bounded.
 */
void smpair_pair_suspend(struct smpair_dev *dev)
{
	/* lock: the session and the pairing under way */
	mutex_lock(&dev->lock);
	if (dev->pairing_op)
		finish(dev->pairing_op, SMPAIR_CAUSE_SUSPENDED);
	dev->lost = 0;
	smpair_drive(dev, SMPAIR_EVENT_SUSPEND, SMPAIR_CAUSE_SUSPENDED);
	mutex_unlock(&dev->lock);
}

/**
 * smpair_pair_stop() - removal: fail what waits, wipe what is known
 * @dev: link, marked dead, its transport unreachable
 *
 * Context: process, may sleep; bounded, since nothing can wait for the module.
 */
void smpair_pair_stop(struct smpair_dev *dev)
{
	struct smpair_op *op;

	/* queue_lock: whoever saw the link alive has queued the work by now. */
	spin_lock(&dev->queue_lock);
	spin_unlock(&dev->queue_lock);
	cancel_work_sync(&dev->work);

	/* lock: an exchange that was aborted may be on its way out. */
	mutex_lock(&dev->lock);
	if (dev->pairing_op)
		finish(dev->pairing_op, SMPAIR_CAUSE_GONE);
	while ((op = next_op(dev)))
		op_done(op, SMPAIR_CAUSE_GONE);
	forget(dev);
	smpair_host_put(dev->host);
	dev->host = NULL;
	memzero_explicit(dev->cmd, SMPAIR_COMMAND_MAX);
	memzero_explicit(dev->rsp, SMPAIR_RESPONSE_MAX);
	mutex_unlock(&dev->lock);
}

/**
 * smpair_pair_setup() - prepare the fields of a new link
 * @dev: link that nobody else knows yet
 */
void smpair_pair_setup(struct smpair_dev *dev)
{
	INIT_WORK(&dev->work, smpair_pair_work);
	spin_lock_init(&dev->queue_lock);
	INIT_LIST_HEAD(&dev->queue);
	dev->state = SMPAIR_STATE_PROBING;
	dev->cause = SMPAIR_CAUSE_NONE;
	/* The credentials of the day are taken with the first event. */
	set_bit(EVENT_HOST, &dev->events);
}

/**
 * smpair_pair_init() - make the workqueue
 *
 * Return: 0 or -ENOMEM.
 */
int smpair_pair_init(void)
{
	/* Freezable: no module is talked to while the system suspends. */
	smpair_wq = alloc_workqueue("smpair", WQ_FREEZABLE | WQ_UNBOUND, 0);
	return smpair_wq ? 0 : -ENOMEM;
}

/**
 * smpair_pair_exit() - undo smpair_pair_init(); no link is left
 */
void smpair_pair_exit(void)
{
	destroy_workqueue(smpair_wq);
}
