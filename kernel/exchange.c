// SPDX-License-Identifier: GPL-2.0
/*
 * Application messages: opens, rekeys and gives up sessions around them.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/moduleparam.h>
#include "command.h"
#include "pair.h"
#include "pm.h"
#include "smpair.h"

static int rekey_commands_set(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 2, PDT1_SESSION_REKEY_AT);
}

static const struct kernel_param_ops rekey_commands_ops = {
	.set = rekey_commands_set,
	.get = param_get_uint,
};

static int rekey_seconds_set(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 1, PDT1_SESSION_REKEY_HOURS * 3600);
}

static const struct kernel_param_ops rekey_seconds_ops = {
	.set = rekey_seconds_set,
	.get = param_get_uint,
};

static unsigned int rekey_commands = PDT1_SESSION_REKEY_AT;
module_param_cb(rekey_commands, &rekey_commands_ops, &rekey_commands, 0644);
MODULE_PARM_DESC(rekey_commands, "Commands after which a session is replaced (2 to 8388608)");

static unsigned int rekey_seconds = PDT1_SESSION_REKEY_HOURS * 3600;
module_param_cb(rekey_seconds, &rekey_seconds_ops, &rekey_seconds, 0644);
MODULE_PARM_DESC(rekey_seconds, "Seconds after which a session is replaced (1 to 86400)");

/**
 * smpair_max_message() - longest message that smpair_exchange() takes or returns now
 * @dev: link
 *
 * Context: any; waits for nothing.
 * Return: the smaller of the module's MAXM and the driver's limit; 0 while
 * INFO has not been read.
 */
size_t smpair_max_message(struct smpair_dev *dev)
{
	return READ_ONCE(dev->max_message);
}
EXPORT_SYMBOL_GPL(smpair_max_message);

/* A new OPEN in place of a session that grew old; nobody is told unless it fails. */
static int rekey(struct smpair_dev *dev)
{
	enum smpair_cause cause;
	bool restricted;

	lockdep_assert_held(&dev->lock);
	cause = smpair_cmd_open(dev, &restricted);
	if (!cause && restricted)
		cause = SMPAIR_CAUSE_RESTRICTED;
	if (cause) {
		smpair_drive(dev, smpair_open_event(cause), cause);
		return -smpair_cause_errno(cause);
	}
	WRITE_ONCE(dev->rekeys, dev->rekeys + 1);
	return 0;
}

/* Sees to an open session that is young enough. */
static int make_ready(struct smpair_dev *dev)
{
	lockdep_assert_held(&dev->lock);

	if (smpair_dev_dead(dev))
		return -ENODEV;
	if (smpair_pm_asleep())
		return -EBUSY;

	switch (dev->state) {
	case SMPAIR_STATE_PROBING:
	case SMPAIR_STATE_OPENING:
	case SMPAIR_STATE_PAIRING:
		return -EBUSY;
	case SMPAIR_STATE_PAIRED:
	case SMPAIR_STATE_CLOSED:
	case SMPAIR_STATE_IDENTIFIED:
		break;
	case SMPAIR_STATE_UNPAIRED:
		/* The cause may be that of the last attempt to pair. */
		return -ENOKEY;
	default:
		return -smpair_cause_errno(dev->cause);
	}

	if (smpair_session_live(&dev->session)) {
		if (smpair_session_expired(&dev->session, READ_ONCE(rekey_commands),
					   READ_ONCE(rekey_seconds)))
			return rekey(dev);
		return 0;
	}
	if (!dev->host)
		return -ENOKEY;
	if (dev->lost >= SMPAIR_LOST_MAX)
		return -smpair_cause_errno(SMPAIR_CAUSE_UNSTABLE);

	smpair_drive(dev, SMPAIR_EVENT_OPEN, SMPAIR_CAUSE_NONE);
	if (dev->state != SMPAIR_STATE_PAIRED)
		return -smpair_cause_errno(dev->cause);
	return 0;
}

/* The session is gone; one new OPEN follows by itself, from the work item. */
static int session_ended(struct smpair_dev *dev, int error)
{
	enum smpair_cause cause = smpair_errno_cause(error);

	lockdep_assert_held(&dev->lock);
	if (error == -ENODEV)
		return error;

	if (error == -EMSGSIZE) {
		/* The module behaved; its answer had no room here. */
		smpair_drive(dev, SMPAIR_EVENT_CLOSE, SMPAIR_CAUSE_NONE);
		return error;
	}
	if (dev->lost >= SMPAIR_LOST_MAX)
		cause = SMPAIR_CAUSE_UNSTABLE;
	smpair_drive(dev, SMPAIR_EVENT_LOST, cause);
	if (cause != SMPAIR_CAUSE_UNSTABLE) {
		if (error == -ETIMEDOUT || error == -EIO)
			smpair_pair_probe(dev);
		else
			smpair_pair_reopen(dev);
	}

	switch (error) {
	case -EPROTO:
		return -EBADMSG;
	case -EIO:
	case -EKEYEXPIRED:
		return -ECONNRESET;
	default:
		return error;
	}
}

/**
 * smpair_exchange() - one application message to the paired module, and its answer
 * @dev: link, from smpair_dev_get_by_id()
 * @msg: message
 * @len: its length, 1 to smpair_max_message()
 * @answer: memory for the answer; may be @msg, which the answer then overwrites
 * @size: its size; with smpair_max_message() bytes every answer fits
 *
 * Opens, re-opens or rekeys the session as needed. A message is never sent
 * twice: after -ECONNRESET, -EBADMSG, -EMSGSIZE of the answer and -ETIMEDOUT it
 * may have been executed.
 *
 * Context: process; sleeps while the module answers, in turn with other users
 * of the link.
 * Return: the length of the answer, 0 included, or
 * -EMSGSIZE: @len, or the answer is longer than @size;
 * -ENOKEY: not paired, or no host credentials are loaded;
 * -EKEYREJECTED: alarm, or the pairing is restricted;
 * -EBADMSG: an answer does not verify, the link was tampered with;
 * -EREMOTEIO: the module refused the message, authentically;
 * -ECONNRESET: the session was lost;
 * -ENOTCONN: three sessions in a row were lost; open or re-insert;
 * -ETIMEDOUT, -EIO: the module does not answer, or not with sense;
 * -EBUSY: probing or pairing is under way, or the system suspends;
 * -EPERM, -EPROTONOSUPPORT: the module is out of service, or none of this protocol;
 * -ENODEV: removed; -ENOMEM; -EINTR: a fatal signal came before anything was sent.
 */
ssize_t smpair_exchange(struct smpair_dev *dev, const void *msg, size_t len,
			void *answer, size_t size)
{
	size_t answer_len;
	int ret;
	u16 sw;

	/* lock: one message at a time, and the session is ours for all its envelopes. */
	ret = mutex_lock_killable(&dev->lock);
	if (ret)
		return ret;

	ret = make_ready(dev);
	if (!ret && (!len || len > smpair_max_message(dev)))
		ret = -EMSGSIZE;
	if (ret)
		goto out;

	ret = smpair_cmd_envelope(dev, PDT1_ENV_APPLICATION, msg, len, answer, size,
				  &answer_len, &sw);
	if (ret) {
		ret = session_ended(dev, ret);
	} else {
		dev->lost = 0;
		ret = sw == PDT1_SW_OK ? (int)answer_len : -EREMOTEIO;
	}
out:
	smpair_dev_view_update(dev);
	mutex_unlock(&dev->lock);
	return ret;
}
EXPORT_SYMBOL_GPL(smpair_exchange);
