// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pairing, as its own agent unless told otherwise: the module's offer is shown
 * before anything is asked, and the PIN goes from the terminal or a descriptor
 * into a key without passing anywhere else.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <smpair/key.h>

#include "out.h"
#include "outcome.h"
#include "pinfd.h"
#include "prompt.h"

/* Mistyped PINs that a person may correct before the request is given up. */
#define TYPING_ATTEMPTS	3

/* What the driver may need beyond the time that it gives the agent. */
#define DRIVER_MS	60000

static const struct smpair_error_info no_terminal = {
	"no-terminal", "there is no terminal to ask for the PIN or for consent",
	"give the PIN with \"--pin-fd\" and consent with \"--evict yes\"",
	SMPAIR_EXIT_USAGE
};

static const struct smpair_error_info pin_check_digit = {
	"pin-check-digit", "the check digit does not belong to this PIN; no try was spent",
	"compare the nine digits with what the centre gave", SMPAIR_EXIT_USAGE
};

struct pairing {
	struct ctl *ctl;
	char name[SMPAIR_NAME_SIZE];
	int pin_fd;			/* -1: ask the person */
	int64_t deadline;
	struct smpair_request request;
	struct offer offer;
	struct smpair_slot_info victim;
	bool have_victim;
	/* Why this program did not answer with what was asked for, or NULL. */
	const struct smpair_error_info *own_reason;
};

/* Which pairing would be lost? The host sees that only in some states. */
static void find_victim(struct pairing *p)
{
	struct smpair_slot_info *list;
	size_t count, i;

	if (!(p->offer.plan & SMPAIR_PLAN_EVICT) ||
	    smpair_slot_list(p->ctl->client, p->ctl->dev, &list, &count))
		return;
	for (i = 0; i < count; i++) {
		if (list[i].index != p->offer.slot || !SMPAIR_HAS(&list[i], SMPAIR_A_SLOT_SID))
			continue;
		p->victim = list[i];
		p->have_victim = true;
	}
	free(list);
}

static const struct smpair_slot_info *victim(const struct pairing *p)
{
	return p->have_victim ? &p->victim : NULL;
}

static bool yes(const char *line, size_t len)
{
	return len == 3 && !strncmp(line, "yes", 3);
}

static const struct smpair_error_info *prompt_error(int err)
{
	switch (err) {
	case -ENOTTY:
		return &no_terminal;
	case -ETIMEDOUT:
		return smpair_cause_info(SMPAIR_CAUSE_AGENT_TIMEOUT);
	default:
		return smpair_cause_info(SMPAIR_CAUSE_DECLINED);
	}
}

/* NULL where the eviction is agreed to, or none is needed. */
static const struct smpair_error_info *get_consent(struct pairing *p)
{
	const char *evict = ctl_value(p->ctl, "evict");
	char line[PROMPT_SIZE];
	size_t len;
	int err;

	if (!(p->offer.plan & SMPAIR_PLAN_EVICT))
		return NULL;
	if (evict && !strcmp(evict, "yes"))
		return NULL;
	/* Whoever hands in the PIN by descriptor is not there to be asked. */
	if ((evict && !strcmp(evict, "no")) || (!evict && p->pin_fd >= 0))
		return smpair_cause_info(SMPAIR_CAUSE_NO_CONSENT);

	err = prompt_line("Replace that pairing? Type yes to agree: ", true, p->deadline, line,
			  sizeof(line), &len);
	if (err == -ENOTTY)
		return smpair_cause_info(SMPAIR_CAUSE_NO_CONSENT);
	if (err)
		return prompt_error(err);
	return yes(line, len) ? NULL : smpair_cause_info(SMPAIR_CAUSE_NO_CONSENT);
}

static const struct smpair_error_info *pin_error(int err)
{
	return err == -EBADMSG ? &pin_check_digit :
				 smpair_cause_info(SMPAIR_CAUSE_PIN_MALFORMED);
}

/* @typed and @pin are locked memory. NULL with a well-formed PIN. */
static const struct smpair_error_info *read_pin(struct pairing *p, char *typed, char *pin)
{
	const struct smpair_error_info *info = NULL;
	int err, attempt;
	size_t len;

	if (p->pin_fd >= 0) {
		err = prompt_fd(p->pin_fd, p->deadline, typed, PROMPT_SIZE, &len);
		if (err == -ETIMEDOUT)
			return smpair_cause_info(SMPAIR_CAUSE_AGENT_TIMEOUT);
		if (err && err != -EMSGSIZE)
			return &pinfd_unreadable;
		if (!err)
			err = smpair_pin_parse(typed, len, pin);
		return err ? pin_error(err) : NULL;
	}

	for (attempt = 0; attempt < TYPING_ATTEMPTS; attempt++) {
		err = prompt_line("PIN: ", false, p->deadline, typed, PROMPT_SIZE, &len);
		if (err && err != -EMSGSIZE)
			return prompt_error(err);
		/* Nothing typed means no. */
		if (!err && !len)
			return smpair_cause_info(SMPAIR_CAUSE_DECLINED);
		if (!err)
			err = smpair_pin_parse(typed, len, pin);
		if (!err)
			return NULL;
		info = pin_error(err);
		fprintf(stderr, "%s.\n", info->text);
	}
	return info;
}

static const struct smpair_error_info *get_pin(struct pairing *p, int32_t *key)
{
	const struct smpair_error_info *info;
	struct smpair_secret *secret;
	char *typed, *pin;
	int err;

	if (!(p->offer.plan & SMPAIR_PLAN_PIN))
		return NULL;
	if (p->offer.tries_left == 1)
		fputs("Warning: this is the last try. A wrong PIN blocks the module until the centre\n"
		      "unblocks it.\n", stderr);

	err = smpair_secret_new(PROMPT_SIZE + SMPAIR_PIN_LEN, &secret);
	if (err)
		return smpair_errno_info(err);
	typed = (char *)smpair_secret_data(secret);
	pin = typed + PROMPT_SIZE;
	info = read_pin(p, typed, pin);
	if (!info) {
		err = smpair_key_add_pin(pin, key);
		if (err)
			info = smpair_errno_info(err);
	}
	smpair_secret_free(secret);
	return info;
}

/* The driver asks; the answer goes back. 0 or a negative errno. */
static int answer(struct pairing *p)
{
	struct ctl *ctl = p->ctl;
	int64_t request_deadline;
	int32_t key = 0;
	int err;

	err = smpair_request_accept(ctl->client, &p->request);
	/* It went away meanwhile; its outcome says why. */
	if (err == -ENOENT)
		return 0;
	if (err)
		return err;
	offer_from_request(&p->offer, &p->request);
	request_deadline = ctl_now() + p->request.deadline_ms;
	if (request_deadline < p->deadline)
		p->deadline = request_deadline;
	find_victim(p);
	if (!ctl->json) {
		offer_print(&p->offer, victim(p), stdout);
		fflush(stdout);
	}

	p->own_reason = get_consent(p);
	if (!p->own_reason)
		p->own_reason = get_pin(p, &key);
	err = smpair_request_done(ctl->client, p->request.id,
				  p->own_reason ? SMPAIR_ANSWER_DECLINED : SMPAIR_ANSWER_ACCEPTED,
				  key, !p->own_reason && p->offer.plan & SMPAIR_PLAN_EVICT);
	/* Usually the driver has invalidated it already. */
	if (key)
		smpair_key_drop(key);
	return err == -ENOENT ? 0 : err;
}

static int tell_own_reason(struct pairing *p)
{
	json_t *object;

	if (!p->ctl->json)
		return out_error(p->ctl, p->own_reason, NULL, p->name);
	object = out_object();
	out_set(object, "dev", json_string(p->name));
	out_set(object, "op", json_integer((json_int_t)p->request.op));
	out_set(object, "result", json_string("failed"));
	out_set(object, "error", out_error_object(p->own_reason, NULL, NULL));
	offer_to_json(&p->offer, victim(p), object);
	return out_json(object) ? SMPAIR_EXIT_OTHER : p->own_reason->exit;
}

static int tell_plan(struct pairing *p, const struct smpair_outcome *outcome)
{
	if (!offer_from_outcome(&p->offer, outcome))
		return outcome_tell(p->ctl, outcome, "planned");
	if (p->ctl->json)
		return outcome_tell(p->ctl, outcome, "planned");
	find_victim(p);
	offer_print(&p->offer, victim(p), stdout);
	if (!outcome->error)
		return SMPAIR_EXIT_DONE;
	return out_error(p->ctl, outcome_info(outcome), NULL, p->name);
}

static unsigned int pair_flags(const struct ctl *ctl)
{
	unsigned int flags = 0;

	if (ctl_flag(ctl, "plan"))
		flags |= SMPAIR_PAIR_PLAN_ONLY;
	else if (!ctl_flag(ctl, "agent"))
		flags |= SMPAIR_PAIR_OWN_AGENT;
	if (ctl_flag(ctl, "again"))
		flags |= SMPAIR_PAIR_AGAIN;
	return flags;
}

/* Waits for the verdict and answers what is asked. 0 or a negative errno. */
static int run(struct pairing *p, uint64_t op, struct smpair_outcome *outcome)
{
	const unsigned int without_timeout = SMPAIR_REQUEST_TIMEOUT_DEFAULT * 1000 + DRIVER_MS;
	int err;

	p->deadline = ctl_now() + ctl_left(p->ctl, without_timeout);
	for (;;) {
		err = smpair_op_wait(p->ctl->client, op, ctl_left(p->ctl, without_timeout),
				     outcome);
		if (err != SMPAIR_WAIT_REQUEST)
			return err;
		err = answer(p);
		if (err)
			return err;
	}
}

int cmd_pair(struct ctl *ctl)
{
	struct pairing p = { .ctl = ctl };
	struct smpair_outcome outcome;
	unsigned int agent_seconds = ctl->timeout_s;
	uint64_t op;
	int err;

	if (ctl_flag(ctl, "agent") &&
	    (ctl_flag(ctl, "plan") || ctl_flag(ctl, "pin-fd") || ctl_flag(ctl, "evict")))
		return out_usage(ctl, "--agent leaves plan, PIN and consent to the agent");
	err = pinfd_get(ctl, &p.pin_fd);
	if (err)
		return err;
	if (agent_seconds > SMPAIR_REQUEST_TIMEOUT_MAX)
		agent_seconds = SMPAIR_REQUEST_TIMEOUT_MAX;

	ctl_dev_name(ctl->dev, p.name);
	err = ctl_connect(ctl);
	if (err)
		return err;
	err = smpair_op_pair(ctl->client, ctl->dev, pair_flags(ctl), agent_seconds, &op);
	if (err)
		return out_fail(ctl, err, p.name);
	err = run(&p, op, &outcome);
	if (err) {
		int ret = out_fail(ctl, err, p.name);

		/* Nobody would answer for what this program started. */
		smpair_client_set_timeout(ctl->client, 1000);
		smpair_pair_cancel(ctl->client, ctl->dev);
		return ret;
	}
	if (p.own_reason && outcome.cause == SMPAIR_CAUSE_DECLINED)
		return tell_own_reason(&p);
	if (ctl_flag(ctl, "plan"))
		return tell_plan(&p, &outcome);
	return outcome_tell(ctl, &outcome, "paired");
}
