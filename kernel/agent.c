// SPDX-License-Identifier: GPL-2.0
/*
 * Agents, and the requests that wait for them.
 *
 * A request is in the list from submit until it is completed. Whoever sets its
 * COMPLETED bit, which happens under smpair_agent_lock, takes it out of the list
 * and decides how it ended; all others come too late. Completion queues the work
 * item that calls the submitter back, except for cancel, whose caller knows.
 *
 * References of a request: one of the submitter; one of completion, which the
 * work item or cancel drops; one of the deadline while it is armed or runs.
 */
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/netlink.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include "agent.h"
#include "hostkey.h"
#include "netlink.h"

#define SMPAIR_REQ_MAX		32	/* requests that wait at a time */

enum {
	SMPAIR_REQ_COMPLETED,	/* set once; its setter decides how the request ended */
};

/**
 * struct smpair_agent - a socket that offered itself
 * @node: in smpair_agents
 * @portid: the socket
 * @priority: requests are offered to the highest one only
 */
struct smpair_agent {
	struct list_head node;
	u32 portid;
	u32 priority;
};

/**
 * struct smpair_req - a request
 * @node: in smpair_reqs until completed
 * @refs: references, see above
 * @flags: SMPAIR_REQ_COMPLETED
 * @id: never reused
 * @info: what is asked
 * @own_portid: not 0: the only socket it is offered to
 * @owner: socket that accepted it; 0 while it is offered
 * @deadline: in jiffies
 * @timeout: fires at @deadline
 * @complete: calls @done
 * @answer: written by the setter of COMPLETED; wiped after @done
 * @done: the submitter's
 * @ctx: the submitter's
 */
struct smpair_req {
	struct list_head node;
	refcount_t refs;
	unsigned long flags;
	u64 id;
	struct smpair_req_info info;
	u32 own_portid;
	u32 owner;
	unsigned long deadline;
	struct delayed_work timeout;
	struct work_struct complete;
	struct smpair_answer_data answer;
	smpair_req_done_t done;
	void *ctx;
};

/*
 * Guards both lists, smpair_agents_changed, smpair_req_count, smpair_req_last_id, and
 * of each request @owner and the step to completion. A leaf; nothing sleeps under it.
 */
static DEFINE_SPINLOCK(smpair_agent_lock);
static LIST_HEAD(smpair_agents);
static bool smpair_agents_changed;	/* and nobody was told yet */
static LIST_HEAD(smpair_reqs);		/* oldest first */
static unsigned int smpair_req_count;
static u64 smpair_req_last_id;

static struct workqueue_struct *smpair_agent_wq;

/**
 * smpair_req_put - drop a reference
 * @req: request
 *
 * Context: Any.
 */
void smpair_req_put(struct smpair_req *req)
{
	if (refcount_dec_and_test(&req->refs))
		kfree_sensitive(req);
}

static struct smpair_req *req_find(u64 id)
{
	struct smpair_req *req;

	lockdep_assert_held(&smpair_agent_lock);

	list_for_each_entry(req, &smpair_reqs, node)
		if (req->id == id)
			return req;
	return NULL;
}

static struct smpair_agent *agent_find(u32 portid)
{
	struct smpair_agent *agent;

	lockdep_assert_held(&smpair_agent_lock);

	list_for_each_entry(agent, &smpair_agents, node)
		if (agent->portid == portid)
			return agent;
	return NULL;
}

/* Whether requests for registered agents are now offered to @agent */
static bool agent_is_first(const struct smpair_agent *agent)
{
	const struct smpair_agent *other;

	lockdep_assert_held(&smpair_agent_lock);

	list_for_each_entry(other, &smpair_agents, node)
		if (other->priority > agent->priority)
			return false;
	return true;
}

/* Whether a request waits that any registered agent of the highest priority may take */
static bool req_is_offered(void)
{
	const struct smpair_req *req;

	lockdep_assert_held(&smpair_agent_lock);

	list_for_each_entry(req, &smpair_reqs, node)
		if (!req->own_portid && !req->owner)
			return true;
	return false;
}

/*
 * Tells group agents that the agents changed, and that requests are offered to whom
 * they were not offered before. Deferred, as the reason may be a socket that closes,
 * under locks of netlink.
 */
static void agent_announce(struct work_struct *work)
{
	bool offered, changed;

	spin_lock(&smpair_agent_lock);
	offered = req_is_offered();
	changed = smpair_agents_changed;
	smpair_agents_changed = false;
	spin_unlock(&smpair_agent_lock);
	if (changed)
		smpair_netlink_agent_change();
	if (offered)
		smpair_netlink_req_ready(0);
}

static DECLARE_WORK(smpair_announce_work, agent_announce);

/* Decides that @req ends here and now; false: it ended already. */
static bool req_take(struct smpair_req *req)
{
	lockdep_assert_held(&smpair_agent_lock);

	if (test_and_set_bit(SMPAIR_REQ_COMPLETED, &req->flags))
		return false;
	list_del_init(&req->node);
	smpair_req_count--;
	return true;
}

/* Ends @req with @cause unless it ended already. */
static void req_fail(struct smpair_req *req, u32 cause)
{
	lockdep_assert_held(&smpair_agent_lock);

	if (!req_take(req))
		return;
	req->answer.cause = cause;
	queue_work(smpair_agent_wq, &req->complete);
}

static void req_disarm(struct smpair_req *req)
{
	if (cancel_delayed_work(&req->timeout))
		smpair_req_put(req);
}

static void req_complete(struct work_struct *work)
{
	struct smpair_req *req = container_of(work, struct smpair_req, complete);

	req_disarm(req);
	req->done(req->ctx, &req->answer);
	memzero_explicit(&req->answer, sizeof(req->answer));
	smpair_req_put(req);
}

static void req_timeout(struct work_struct *work)
{
	struct smpair_req *req = container_of(to_delayed_work(work), struct smpair_req, timeout);

	spin_lock(&smpair_agent_lock);
	req_fail(req, SMPAIR_CAUSE_AGENT_TIMEOUT);
	spin_unlock(&smpair_agent_lock);
	smpair_req_put(req);
}

/**
 * smpair_req_submit - offer a request to user space
 * @info: what is asked; copied
 * @own_portid: not 0: offer it to this socket alone; else to the registered agents
 * @timeout_s: seconds until it fails with SMPAIR_CAUSE_AGENT_TIMEOUT, 1 to
 *	SMPAIR_REQUEST_TIMEOUT_MAX
 * @done: called exactly once, from a work item, unless smpair_req_cancel() returns
 *	true; without locks of this file held. It copies what it needs of the answer,
 *	which is wiped when it returns, and wipes its copy of the PIN.
 * @ctx: for @done
 *
 * @done may be called before this function returns.
 *
 * Context: Process context. Does not wait for anybody.
 * Return: the request, with a reference for the caller, or
 *	ERR_PTR(-ESRCH): no agent is registered;
 *	ERR_PTR(-EAGAIN): too many requests wait;
 *	ERR_PTR(-ENOMEM).
 */
struct smpair_req *smpair_req_submit(const struct smpair_req_info *info, u32 own_portid,
				     u32 timeout_s, smpair_req_done_t done, void *ctx)
{
	struct smpair_req *req;
	unsigned long delay;
	int ret;

	req = kzalloc(sizeof(*req), GFP_KERNEL);
	if (!req)
		return ERR_PTR(-ENOMEM);

	delay = secs_to_jiffies(timeout_s);
	refcount_set(&req->refs, 3);	/* submitter, completion, deadline */
	req->info = *info;
	req->own_portid = own_portid;
	req->deadline = jiffies + delay;
	INIT_DELAYED_WORK(&req->timeout, req_timeout);
	INIT_WORK(&req->complete, req_complete);
	req->done = done;
	req->ctx = ctx;

	spin_lock(&smpair_agent_lock);
	ret = -ESRCH;
	if (!own_portid && list_empty(&smpair_agents))
		goto err_unlock;
	ret = -EAGAIN;
	if (smpair_req_count >= SMPAIR_REQ_MAX)
		goto err_unlock;
	req->id = ++smpair_req_last_id;
	list_add_tail(&req->node, &smpair_reqs);
	smpair_req_count++;
	queue_delayed_work(smpair_agent_wq, &req->timeout, delay);
	spin_unlock(&smpair_agent_lock);

	/*
	 * A socket that closed before the request was in the list was not there to
	 * be found by smpair_agent_closed(). One that closes later is.
	 */
	ret = smpair_netlink_req_ready(own_portid);
	if (ret == -ECONNREFUSED)
		smpair_agent_closed(own_portid);
	/* Nobody would come for what nobody was told of. */
	if (ret == -ENOMEM && smpair_req_cancel(req)) {
		smpair_req_put(req);
		return ERR_PTR(-ENOMEM);
	}
	return req;

err_unlock:
	spin_unlock(&smpair_agent_lock);
	kfree(req);
	return ERR_PTR(ret);
}

/**
 * smpair_req_cancel - withdraw a request
 * @req: request; the caller keeps its reference
 *
 * Context: Process context, without any lock that the callback takes. May sleep
 *	until a callback under way has returned.
 * Return: true: withdrawn, the callback is never called; false: the request ended
 *	in another way before, and its callback has returned.
 */
bool smpair_req_cancel(struct smpair_req *req)
{
	bool taken;

	spin_lock(&smpair_agent_lock);
	taken = req_take(req);
	spin_unlock(&smpair_agent_lock);

	if (!taken) {
		/* The work item was queued in the same breath as the bit was set. */
		flush_work(&req->complete);
		return false;
	}
	req_disarm(req);
	smpair_req_put(req);
	return true;
}

/**
 * smpair_agent_register - offer a socket as an agent, or change its priority
 * @portid: socket
 * @priority: any; only the agents of the highest one are offered requests
 *
 * Requests that nobody has accepted yet are announced anew.
 *
 * Context: Process context.
 * Return: 0 or -ENOMEM.
 */
int smpair_agent_register(u32 portid, u32 priority)
{
	struct smpair_agent *fresh, *agent;

	fresh = kzalloc(sizeof(*fresh), GFP_KERNEL);
	if (!fresh)
		return -ENOMEM;
	fresh->portid = portid;

	spin_lock(&smpair_agent_lock);
	agent = agent_find(portid);
	if (!agent) {
		agent = fresh;
		fresh = NULL;
		list_add_tail(&agent->node, &smpair_agents);
	}
	agent->priority = priority;
	smpair_agents_changed = true;
	queue_work(smpair_agent_wq, &smpair_announce_work);
	spin_unlock(&smpair_agent_lock);

	kfree(fresh);
	return 0;
}

/**
 * smpair_agent_standing - how an agent stands among the others
 * @portid: socket
 * @priority: receives its priority
 * @highest: receives the highest priority of any agent
 *
 * Context: Process context.
 * Return: 0, or -ENOENT when the socket is no agent.
 */
int smpair_agent_standing(u32 portid, u32 *priority, u32 *highest)
{
	const struct smpair_agent *agent;
	int ret = -ENOENT;

	*highest = 0;
	spin_lock(&smpair_agent_lock);
	list_for_each_entry(agent, &smpair_agents, node) {
		*highest = max(*highest, agent->priority);
		if (agent->portid != portid)
			continue;
		*priority = agent->priority;
		ret = 0;
	}
	spin_unlock(&smpair_agent_lock);
	return ret;
}

/**
 * smpair_agent_closed - a socket is gone; give back or fail what it had
 * @portid: socket, which need not be an agent
 *
 * Its own requests fail with SMPAIR_CAUSE_AGENT_LOST. Those that it accepted are
 * offered to the other agents at once, with the time that is left; without any,
 * they and all that wait fail likewise.
 *
 * Context: Process context; under locks of netlink, so nothing is sent from here.
 */
void smpair_agent_closed(u32 portid)
{
	struct smpair_req *req, *next;
	struct smpair_agent *agent;
	bool changed = false;

	spin_lock(&smpair_agent_lock);
	agent = agent_find(portid);
	if (agent) {
		list_del(&agent->node);
		smpair_agents_changed = true;
		changed = true;
	}
	list_for_each_entry_safe(req, next, &smpair_reqs, node) {
		if (req->own_portid == portid) {
			req_fail(req, SMPAIR_CAUSE_AGENT_LOST);
		} else if (req->owner == portid) {
			req->owner = 0;
			changed = true;
		}
	}
	if (changed && list_empty(&smpair_agents)) {
		list_for_each_entry_safe(req, next, &smpair_reqs, node)
			if (!req->own_portid)
				req_fail(req, SMPAIR_CAUSE_AGENT_LOST);
	} else if (changed) {
		queue_work(smpair_agent_wq, &smpair_announce_work);
	}
	spin_unlock(&smpair_agent_lock);

	kfree(agent);
}

/**
 * smpair_req_accept - take the oldest request offered to a socket
 * @portid: socket
 * @offer: filled in
 * @extack: for the reason of a refusal
 *
 * Context: Process context.
 * Return: 0, or -ENOENT when nothing is offered to this socket.
 */
int smpair_req_accept(u32 portid, struct smpair_req_offer *offer,
		      struct netlink_ext_ack *extack)
{
	struct smpair_agent *agent;
	struct smpair_req *req;
	unsigned long now;
	bool first;

	spin_lock(&smpair_agent_lock);
	agent = agent_find(portid);
	first = agent && agent_is_first(agent);
	list_for_each_entry(req, &smpair_reqs, node) {
		if (req->owner || (req->own_portid ? req->own_portid != portid : !first))
			continue;
		now = jiffies;
		req->owner = portid;
		offer->id = req->id;
		offer->info = req->info;
		offer->deadline_ms = time_before(now, req->deadline) ?
				     jiffies_to_msecs(req->deadline - now) : 0;
		spin_unlock(&smpair_agent_lock);
		return 0;
	}
	spin_unlock(&smpair_agent_lock);

	if (!agent)
		NL_SET_ERR_MSG(extack,
			       "No request for this socket; register as an agent to get others");
	else if (!first)
		NL_SET_ERR_MSG(extack,
			       "An agent of higher priority is served; wait for req-ready");
	else
		NL_SET_ERR_MSG(extack, "No request waits; wait for req-ready");
	return -ENOENT;
}

/**
 * smpair_req_release - give an accepted request back, as its agent was not told of it
 * @id: request
 * @portid: socket that accepted it
 *
 * Context: Process context.
 */
void smpair_req_release(u64 id, u32 portid)
{
	struct smpair_req *req;

	spin_lock(&smpair_agent_lock);
	req = req_find(id);
	if (req && req->owner == portid) {
		req->owner = 0;
		queue_work(smpair_agent_wq, &smpair_announce_work);
	}
	spin_unlock(&smpair_agent_lock);
}

/* The request @id if @portid may answer it, or ERR_PTR */
static struct smpair_req *req_find_owned(u64 id, u32 portid, struct netlink_ext_ack *extack)
{
	struct smpair_req *req;

	lockdep_assert_held(&smpair_agent_lock);

	req = req_find(id);
	if (req && req->owner == portid)
		return req;
	if (req) {
		NL_SET_ERR_MSG(extack,
			       "This socket did not accept the request; use req-accept first");
		return ERR_PTR(-EPERM);
	}
	if (id && id <= smpair_req_last_id) {
		NL_SET_ERR_MSG(extack,
			       "The request has ended, answered, cancelled or timed out; pair again");
		return ERR_PTR(-ESTALE);
	}
	NL_SET_ERR_MSG(extack, "No such request; take id from the reply to req-accept");
	return ERR_PTR(-ENOENT);
}

static int req_check_reply(const struct smpair_req *req, const struct smpair_req_reply *reply,
			   struct netlink_ext_ack *extack)
{
	bool needs_pin = req->info.plan & SMPAIR_PLAN_PIN;

	if (reply->answer != SMPAIR_ANSWER_ACCEPTED) {
		if (!reply->has_pin_key && !reply->consent)
			return 0;
		NL_SET_ERR_MSG(extack,
			       "A refusal has neither PIN nor consent; leave out pin-key and consent");
		return -EINVAL;
	}
	if (needs_pin && !reply->has_pin_key) {
		NL_SET_ERR_MSG(extack,
			       "This request needs a PIN; give the serial of its key in pin-key");
		return -EINVAL;
	}
	if (!needs_pin && reply->has_pin_key) {
		NL_SET_ERR_MSG(extack, "This request needs no PIN; leave out pin-key");
		return -EINVAL;
	}
	return 0;
}

static u32 req_cause(u32 answer)
{
	switch (answer) {
	case SMPAIR_ANSWER_ACCEPTED:
		return SMPAIR_CAUSE_NONE;
	case SMPAIR_ANSWER_CENTRE_REFUSED:
		return SMPAIR_CAUSE_CENTRE_REFUSED;
	case SMPAIR_ANSWER_CENTRE_UNREACHABLE:
		return SMPAIR_CAUSE_CENTRE_UNREACHABLE;
	default:
		return SMPAIR_CAUSE_DECLINED;
	}
}

/**
 * smpair_req_answer - complete a request with the answer of its agent
 * @id: request
 * @portid: socket that accepted it
 * @reply: the answer
 * @extack: for the reason of a refusal
 *
 * The key of the PIN is read with the caller's credentials before anything is
 * decided: a bad key leaves the request open, and the agent may correct itself.
 *
 * Context: Process context of the agent. May sleep, but not on a module.
 * Return: 0; -EPERM: another socket accepted it, or none; -ESTALE: it has ended;
 *	-ENOENT: there never was one; -EINVAL: the answer contradicts the request;
 *	or an error of smpair_pin_load().
 */
int smpair_req_answer(u64 id, u32 portid, const struct smpair_req_reply *reply,
		      struct netlink_ext_ack *extack)
{
	u8 pin[PDT1_PIN_LEN] = {};
	struct smpair_req *req;
	int ret;

	spin_lock(&smpair_agent_lock);
	req = req_find_owned(id, portid, extack);
	ret = IS_ERR(req) ? PTR_ERR(req) : req_check_reply(req, reply, extack);
	spin_unlock(&smpair_agent_lock);
	if (ret)
		return ret;

	if (reply->has_pin_key) {
		ret = smpair_pin_load(reply->pin_key, pin, extack);
		if (ret)
			goto out_wipe;
	}

	/* The deadline may have passed, or the module have left, while the key was read. */
	spin_lock(&smpair_agent_lock);
	req = req_find_owned(id, portid, extack);
	ret = PTR_ERR_OR_ZERO(req);
	if (!ret && req_take(req)) {
		req->answer.cause = req_cause(reply->answer);
		req->answer.consent = reply->consent;
		req->answer.has_pin = reply->has_pin_key;
		memcpy(req->answer.pin, pin, sizeof(pin));
		queue_work(smpair_agent_wq, &req->complete);
	}
	spin_unlock(&smpair_agent_lock);

out_wipe:
	memzero_explicit(pin, sizeof(pin));
	return ret;
}

/**
 * smpair_agent_init - prepare for agents and requests
 *
 * Context: Module init, before the netlink family is registered.
 * Return: 0 or -ENOMEM.
 */
int smpair_agent_init(void)
{
	smpair_agent_wq = alloc_workqueue("smpair_agent", WQ_UNBOUND, 0);
	return smpair_agent_wq ? 0 : -ENOMEM;
}

/**
 * smpair_agent_exit - forget the agents
 *
 * Context: Module exit, after the netlink family and the last link are gone;
 *	removal of its link has withdrawn each request. May sleep.
 */
void smpair_agent_exit(void)
{
	struct smpair_agent *agent, *next;

	WARN_ON_ONCE(!list_empty(&smpair_reqs));
	destroy_workqueue(smpair_agent_wq);
	list_for_each_entry_safe(agent, next, &smpair_agents, node) {
		list_del(&agent->node);
		kfree(agent);
	}
}
