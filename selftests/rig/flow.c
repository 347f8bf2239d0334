// SPDX-License-Identifier: GPL-2.0
#include "flow.h"

#include <errno.h>
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "oracle.h"
#include "setting.h"
#include "softmod/app.h"

#define REKEY_PARAM	"/sys/module/smpair/parameters/rekey_commands"
#define TRIES		PDT1_PTC_DEFAULT
#define ECHO_LEN	100
#define LONG_ECHO_LEN	400

bool stage_no(struct stage *st, const char *text, ...)
{
	va_list ap;

	va_start(ap, text);
	vsnprintf(st->why, sizeof(st->why), text, ap);
	va_end(ap);
	return false;
}

/* Steps that flows share */

/* By sysfs, which asks the driver for no memory that a test may have fail */
static bool find_dev(struct stage *st)
{
	glob_t found;

	st->rig.dev = RIG_NO_DEV;
	if (glob("/sys/class/smpair/smpair*", 0, NULL, &found))
		return false;
	sscanf(found.gl_pathv[0], "/sys/class/smpair/smpair%u", &st->rig.dev);
	globfree(&found);
	return st->rig.dev != RIG_NO_DEV;
}

/* Likewise: until probing and opening are over, or the module is gone */
static void settle(struct stage *st)
{
	char path[64], state[32];
	unsigned int tries;

	snprintf(path, sizeof(path), "/sys/class/smpair/smpair%u/state", st->rig.dev);
	for (tries = 0; tries < RIG_PATIENCE_MS / 5; tries++) {
		if (setting_read(path, state, sizeof(state)) ||
		    (strcmp(state, "probing") && strcmp(state, "opening")))
			break;
		usleep(5000);
	}
	if (st->calm)
		st->calm(st);
}

/* Waits for a module to be there, or not. */
static bool await_dev(struct stage *st, bool there)
{
	unsigned int tries;

	for (tries = 0; tries < RIG_PATIENCE_MS / 5; tries++) {
		if (find_dev(st) == there)
			return true;
		usleep(5000);
	}
	return stage_no(st, there ? "the module never appeared" : "the module never left");
}

static bool take_out(struct stage *st)
{
	if (st->remove(st))
		return stage_no(st, "removal was refused");
	return await_dev(st, false);
}

static bool put_in(struct stage *st)
{
	int err = st->insert(st);

	if (err)
		return stage_no(st, "insertion: %s", strerror(-err));
	if (!await_dev(st, true))
		return false;
	rig_settle(&st->rig);
	return true;
}

static bool reinsert(struct stage *st)
{
	return take_out(st) && put_in(st);
}

static void use_outcome(struct stage *st, int err)
{
	if (err) {
		st->error = -err;
		st->cause = SMPAIR_CAUSE_NONE;
		return;
	}
	st->error = st->out.error;
	st->cause = st->out.cause;
}

static void use_state(struct stage *st, int state)
{
	struct smpair_dev_info info;

	memset(&info, 0, sizeof(info));
	if (state < 0 || smpair_dev_get(st->rig.client, st->rig.dev, &info)) {
		st->error = ENODEV;
		st->cause = SMPAIR_CAUSE_GONE;
		return;
	}
	st->error = state == SMPAIR_STATE_PAIRED ? 0 : EIO;
	st->cause = info.cause;
}

/*
 * What the module says about this host, as a person would ask: OPEN, after
 * re-insertion where only that leaves the alarm.
 */
static bool ask(struct stage *st, bool *paired)
{
	struct smpair_outcome out;
	int err;

	if (st->rig.dev == RIG_NO_DEV && !reinsert(st))
		return false;
	if (rig_settle(&st->rig) == SMPAIR_STATE_ALARM) {
		if (!st->forges)
			return stage_no(st, "alarm: cause %d", rig_cause(&st->rig));
		if (!reinsert(st))
			return false;
	}
	err = rig_do(&st->rig, smpair_op_open, &out);
	if (err)
		return stage_no(st, "open: %s", strerror(-err));
	*paired = !out.error;
	if (out.error && out.cause != SMPAIR_CAUSE_NOT_PAIRED)
		return stage_no(st, "open: error %u cause %u", out.error, out.cause);
	return true;
}

/* Whether the module is of the driver's opinion */
static bool agree(struct stage *st, bool paired)
{
	bool is;

	if (!ask(st, &is))
		return false;
	return is == paired ||
	       stage_no(st, "the driver says error %u cause %u, the module says %s", st->error,
			st->cause, is ? "paired" : "not paired");
}

static bool be(struct stage *st, bool paired)
{
	struct rig *r = &st->rig;
	struct smpair_outcome out;
	bool is;
	int err;

	if (r->dev == RIG_NO_DEV && !reinsert(st))
		return false;
	if (rig_settle(r) == SMPAIR_STATE_ALARM && !reinsert(st))
		return false;
	if (!ask(st, &is))
		return false;
	if (is == paired)
		return true;
	err = paired ? rig_pair(r, &out) : rig_do(r, smpair_op_unpair, &out);
	if (err || out.error)
		return stage_no(st, "%s: %d, error %u cause %u", paired ? "pair" : "unpair", err,
				out.error, out.cause);
	return true;
}

static bool use_host(struct stage *st, unsigned int number)
{
	int err;

	if (st->rig.host.number == number)
		return true;
	err = rig_use_host(&st->rig, number);
	rig_settle(&st->rig);
	return !err || stage_no(st, "host %u: %s", number, strerror(-err));
}

static bool echo(struct stage *st)
{
	return rig_echo(&st->rig, ECHO_LEN) || stage_no(st, "the next message did not come back");
}

/* Whether the disturbance explains an error of an exchange or a request */
static bool is_explained(struct stage *st)
{
	unsigned int i;

	for (i = 0; st->errors[i]; i++)
		if (st->errors[i] == st->error)
			return true;
	return stage_no(st, "error %u", st->error);
}

/* Whether it explains the failure of the attempt */
static bool is_clean(struct stage *st)
{
	if (st->cause == SMPAIR_CAUSE_NONE)
		return is_explained(st);
	return st->causes & 1ULL << st->cause ||
	       stage_no(st, "error %u cause %u", st->error, st->cause);
}

/* Flows */

static bool prepare_paired(struct stage *st)
{
	return be(st, true);
}

static bool prepare_out_unpaired(struct stage *st)
{
	return be(st, false) && take_out(st);
}

static bool prepare_out_paired(struct stage *st)
{
	return be(st, true) && take_out(st);
}

static void insert(struct stage *st)
{
	int err = st->insert(st);

	st->error = ENODEV;
	st->cause = SMPAIR_CAUSE_GONE;
	if (err) {
		st->error = -err;
		st->cause = SMPAIR_CAUSE_NONE;
	} else if (st->attach_late ? await_dev(st, true) : find_dev(st)) {
		settle(st);
		use_state(st, rig_settle(&st->rig));
	}
}

static bool judge_unpaired(struct stage *st)
{
	bool paired;

	if (!st->error)
		return stage_no(st, "paired without a pairing");
	if (st->cause != SMPAIR_CAUSE_NOT_PAIRED && !is_clean(st))
		return false;
	if (!ask(st, &paired))
		return false;
	return !paired || stage_no(st, "paired at last");
}

static bool judge_insert_paired(struct stage *st)
{
	bool paired;

	if (st->error && !is_clean(st))
		return false;
	if (!ask(st, &paired))
		return false;
	return paired ? echo(st) : stage_no(st, "the pairing is lost");
}

const struct flow insertion_unpaired = {
	.prepare = prepare_out_unpaired, .attempt = insert, .judge = judge_unpaired,
};

const struct flow insertion_paired = {
	.prepare = prepare_out_paired, .attempt = insert, .judge = judge_insert_paired,
};

/* OPEN in two generations, neither of which the module knows */
static bool prepare_two_generations(struct stage *st)
{
	struct rig *r = &st->rig;

	if (r->host.m_count != 2) {
		rig_host_init(&r->host, 0);
		r->host.m[0] = 2;
		r->host.m[1] = 1;
		r->host.m_count = 2;
		if (rig_load_host(r))
			return stage_no(st, "two generations are refused");
	}
	return be(st, false);
}

static void open_(struct stage *st)
{
	use_outcome(st, rig_do(&st->rig, smpair_op_open, &st->out));
}

const struct flow open_in_all_generations = {
	.prepare = prepare_two_generations, .attempt = open_, .judge = judge_unpaired,
};

/*
 * Learns the generation: an attempt that said nothing may have ended, or not, after it
 * was given up.
 */
static bool prepare_rewrap(struct stage *st)
{
	struct smpair_dev_info info;

	if (!be(st, true))
		return false;
	if (smpair_dev_get(st->rig.client, st->rig.dev, &info))
		return stage_no(st, "the module left");
	st->generation = info.generation;
	return true;
}

/* OPEN under the older of two generations, GET SLOTS, REWRAP under the newer one */
static void load_newer_generation(struct stage *st)
{
	struct rig *r = &st->rig;
	int err;

	r->host.m[0] = st->generation + 1;
	r->host.m[1] = st->generation;
	r->host.m_count = 2;
	err = rig_load_host(r);
	settle(st);
	if (err) {
		use_outcome(st, err);
		return;
	}
	use_state(st, rig_settle(r));
}

static bool judge_rewrap(struct stage *st)
{
	struct smpair_dev_info info;
	bool paired;

	if (st->error && !is_clean(st))
		return false;
	/* Credentials that were refused are loaded once more. */
	if (st->error && st->cause == SMPAIR_CAUSE_NONE && rig_load_host(&st->rig))
		return stage_no(st, "the next credentials were refused");
	if (!ask(st, &paired))
		return false;
	if (!paired)
		return stage_no(st, "the pairing is lost");
	if (smpair_dev_get(st->rig.client, st->rig.dev, &info))
		return stage_no(st, "the module left");
	if (info.generation != st->generation + 1)
		return stage_no(st, "generation %u, not %u", info.generation, st->generation + 1);
	return echo(st);
}

const struct flow rewrap = {
	.prepare = prepare_rewrap, .attempt = load_newer_generation, .judge = judge_rewrap,
};

/* Learns N, and that all tries are there. */
static bool prepare_unpaired(struct stage *st)
{
	struct rig_pairing plan = { .flags = SMPAIR_PAIR_PLAN_ONLY };
	struct smpair_outcome out;

	if (!be(st, false))
		return false;
	if (rig_pair_with(&st->rig, &plan, &out) || out.error)
		return stage_no(st, "plan: error %u cause %u", out.error, out.cause);
	if (out.tries_left != TRIES)
		return stage_no(st, "%u tries to begin with", out.tries_left);
	st->n = out.index;
	return true;
}

/* Where the agent's part failed, the pairing still waits for it. */
static void use_pairing(struct stage *st, int err)
{
	unsigned int tries;

	if (st->calm)
		st->calm(st);
	for (tries = 0; err && tries < RIG_PATIENCE_MS / 5; tries++) {
		if (smpair_pair_cancel(st->rig.client, st->rig.dev) == -ENOENT)
			break;
		usleep(5000);
	}
	use_outcome(st, err);
}

static void pair(struct stage *st)
{
	use_pairing(st, rig_pair(&st->rig, &st->out));
}

/* The right PIN: it pairs once or not at all, and costs no try. */
static bool judge_pair(struct stage *st)
{
	struct rig_pairing again = { .consent = true };
	struct smpair_outcome out;
	bool paired;

	if (st->error && !is_clean(st))
		return false;
	paired = !st->error;
	if (!agree(st, paired))
		return false;
	if (paired) {
		if (st->out.index != st->n + 1)
			return stage_no(st, "N is %u after %u", st->out.index, st->n);
		/* Unknown where OPEN had to tell what became of CONFIRM */
		if (SMPAIR_HAS(&st->out, SMPAIR_A_OP_TRIES_LEFT) && st->out.tries_left != TRIES)
			return stage_no(st, "%u tries left", st->out.tries_left);
		return echo(st);
	}
	if (rig_pair_with(&st->rig, &again, &out) || out.error)
		return stage_no(st, "next pairing: error %u cause %u", out.error, out.cause);
	if (again.seen.index != st->n || again.seen.tries_left != TRIES)
		return stage_no(st, "N %u after %u, tries %u", again.seen.index, st->n,
				again.seen.tries_left);
	return echo(st);
}

const struct flow pairing = {
	.prepare = prepare_unpaired, .attempt = pair, .judge = judge_pair,
};

static bool prepare_fresh_power_up(struct stage *st)
{
	return be(st, false) && reinsert(st) && prepare_unpaired(st);
}

static void pair_with_wrong_pin(struct stage *st)
{
	struct rig_pairing how = { .consent = true };
	char pin[PDT1_PIN_LEN];

	rig_pin(&st->rig.mod.perso, &st->rig.host, st->n, pin);
	pin[0] = pin[0] == '9' ? '0' : pin[0] + 1;
	how.pin = pin;
	use_pairing(st, rig_pair_with(&st->rig, &how, &st->out));
}

static bool judge_wrong_pin(struct stage *st)
{
	struct rig_pairing plan = { .flags = SMPAIR_PAIR_PLAN_ONLY };
	struct smpair_outcome out;
	unsigned int left;
	bool paired;

	if (!st->error)
		return stage_no(st, "a wrong PIN paired");
	if (st->cause != SMPAIR_CAUSE_PIN_WRONG && !is_clean(st))
		return false;
	if (!ask(st, &paired))
		return false;
	if (paired)
		return stage_no(st, "a wrong PIN paired after all");
	if (rig_pair_with(&st->rig, &plan, &out) || out.error)
		return stage_no(st, "plan: error %u cause %u", out.error, out.cause);
	left = st->cause == SMPAIR_CAUSE_PIN_WRONG ? TRIES - 1 : TRIES;
	if (out.tries_left != left)
		return stage_no(st, "%u tries left after cause %u", out.tries_left, st->cause);
	if (out.index != st->n)
		return stage_no(st, "N is %u after %u", out.index, st->n);
	if (rig_pair(&st->rig, &out) || out.error)
		return stage_no(st, "right PIN: error %u cause %u", out.error, out.cause);
	return echo(st);
}

const struct flow wrong_pin = {
	.prepare = prepare_fresh_power_up, .attempt = pair_with_wrong_pin,
	.judge = judge_wrong_pin,
};

/* Two slots and three hosts: each pairing ends the older of the two before. */
static void two_slots(struct sm_perso *perso)
{
	perso->slots = 2;
}

static bool prepare_eviction(struct stage *st)
{
	unsigned int newest = st->rig.host.number;
	unsigned int i;

	/* At the start, and after a run that was void */
	if (st->kept == newest) {
		for (i = 0; i < 3; i++)
			if (!use_host(st, i) || !be(st, false))
				return false;
		for (i = 0; i < 2; i++)
			if (!use_host(st, i) || !be(st, true))
				return false;
		newest = 1;
	}
	st->kept = newest;
	return use_host(st, (newest + 1) % 3) && prepare_unpaired(st);
}

static bool judge_eviction(struct stage *st)
{
	unsigned int host = st->rig.host.number;
	bool paired;

	if (!judge_pair(st))
		return false;
	if (!use_host(st, st->kept) || !ask(st, &paired))
		return false;
	if (!paired)
		return stage_no(st, "the newest pairing was evicted");
	return use_host(st, host) && ask(st, &paired) &&
	       (paired || stage_no(st, "the newcomer lost its pairing"));
}

const struct flow eviction = {
	.perso = two_slots, .prepare = prepare_eviction, .attempt = pair,
	.judge = judge_eviction,
};

static void exchange_bytes(struct stage *st, size_t len)
{
	uint8_t msg[1 + LONG_ECHO_LEN] = { APP_ECHO }, answer[1 + LONG_ECHO_LEN];
	ssize_t got;
	size_t i;

	for (i = 1; i <= len; i++)
		msg[i] = i * 5;
	got = rig_exchange(&st->rig, msg, 1 + len, answer, sizeof(answer));
	st->error = got < 0 ? -got : 0;
	if (got >= 0 && (got != len || memcmp(answer, msg + 1, len)))
		st->error = EILSEQ;	/* which the driver never says */
}

static void exchange(struct stage *st)
{
	exchange_bytes(st, ECHO_LEN);
}

static void long_exchange(struct stage *st)
{
	exchange_bytes(st, LONG_ECHO_LEN);
}

static bool judge_exchange(struct stage *st)
{
	if (st->error == EILSEQ)
		return stage_no(st, "a wrong answer was accepted");
	if (st->error && !is_explained(st))
		return false;
	/*
	 * At once, as a user would. A command that came twice has ended the session
	 * in the module after its answer: only the next message can tell.
	 */
	if (st->doubles && !st->error) {
		exchange(st);
		if (st->error && st->error != ECONNRESET)
			return stage_no(st, "error %u after a command that came twice",
					st->error);
	}
	return echo(st);
}

const struct flow one_exchange = {
	.prepare = prepare_paired, .attempt = exchange, .judge = judge_exchange,
};

static void small_buffers(struct sm_perso *perso)
{
	perso->maxc = 136;
	perso->maxr = 146;
	perso->maxm = 2048;
}

const struct flow chained_exchange = {
	.perso = small_buffers, .prepare = prepare_paired, .attempt = long_exchange,
	.judge = judge_exchange,
};

/* A session that is too old for its next message */
static bool prepare_rekey(struct stage *st)
{
	return be(st, true) && !setting_write_number(REKEY_PARAM, 2) && echo(st);
}

static void exchange_over_rekey(struct stage *st)
{
	exchange(st);
	setting_write_number(REKEY_PARAM, PDT1_SESSION_REKEY_AT);
}

static bool judge_rekey(struct stage *st)
{
	bool paired;

	/* What a forged OPEN leaves, a user has to end. */
	if (st->forges && (st->error == EKEYREJECTED || st->error == ENOKEY)) {
		if (!ask(st, &paired))
			return false;
		return paired ? echo(st) : stage_no(st, "the pairing is lost");
	}
	/* OPEN failed: nothing was sent */
	if (st->error == EIO)
		return echo(st);
	return judge_exchange(st);
}

const struct flow exchange_with_rekey = {
	.prepare = prepare_rekey, .attempt = exchange_over_rekey, .judge = judge_rekey,
};

/* Pairing again costs no PIN here. */
static void without_pin(struct sm_perso *perso)
{
	perso->pin_policy = PDT1_PIN_NONE;
}

static void unpair(struct stage *st)
{
	use_outcome(st, rig_do(&st->rig, smpair_op_unpair, &st->out));
}

static bool judge_unpair(struct stage *st)
{
	struct smpair_outcome out;
	bool paired;

	if (st->error && !is_clean(st))
		return false;
	paired = !!st->error;
	if (!agree(st, paired))
		return false;
	if (!paired)
		return true;
	if (rig_do(&st->rig, smpair_op_unpair, &out) || out.error)
		return stage_no(st, "next time: error %u cause %u", out.error, out.cause);
	return true;
}

const struct flow unpairing = {
	.perso = without_pin, .prepare = prepare_paired, .attempt = unpair,
	.judge = judge_unpair,
};

static void close_(struct stage *st)
{
	use_outcome(st, rig_do(&st->rig, smpair_op_close, &st->out));
}

static bool judge_close(struct stage *st)
{
	struct smpair_dev_info info;

	if (st->error) {
		/* The keys go in any case, unless the request was refused. */
		if (st->cause != SMPAIR_CAUSE_NONE)
			return stage_no(st, "error %u cause %u", st->error, st->cause);
		if (!is_clean(st))
			return false;
		close_(st);
		if (st->error)
			return stage_no(st, "next time: error %u cause %u", st->error, st->cause);
	}
	if (smpair_dev_get(st->rig.client, st->rig.dev, &info))
		return stage_no(st, "the module left");
	if (info.state != SMPAIR_STATE_CLOSED || SMPAIR_HAS(&info, SMPAIR_A_DEV_SESSION_AGE))
		return stage_no(st, "state %u, and keys are left", info.state);
	return echo(st);
}

const struct flow closing = {
	.prepare = prepare_paired, .attempt = close_, .judge = judge_close,
};

/* Pins or unpins slot 0, in turn. */
static int manage_once(struct stage *st, struct smpair_outcome *out)
{
	const uint8_t body[] = { 0, st->seq & 1 };

	return rig_manage_op(&st->rig, PDT1_OP_PIN_SLOT, ++st->seq, body, sizeof(body), out);
}

static void manage(struct stage *st)
{
	use_outcome(st, manage_once(st, &st->out));
}

/* As the centre does it: a receipt counts if its MAC is right. */
static bool receipt_is_good(struct stage *st, const struct smpair_outcome *out)
{
	const uint8_t *receipt = out->receipt;
	uint8_t key[PDT1_KEY_LEN], mac[32];

	oracle_kdf(st->rig.mod.perso.kmg, PDT1_LABEL_MR, NULL, 0, key, sizeof(key));
	oracle_hmac(key, receipt, PDT1_RECEIPT_LEN, mac);
	return !memcmp(mac, receipt + PDT1_RECEIPT_LEN, PDT1_RECEIPT_MAC_LEN);
}

static bool judge_manage(struct stage *st)
{
	struct smpair_outcome out;
	bool paired;

	if (!st->error && !receipt_is_good(st, &st->out) && !st->forges)
		return stage_no(st, "a receipt that is none");
	/* What becomes of the command on its way the module refuses, in clear. */
	if (st->error && st->cause != SMPAIR_CAUSE_MODULE_REFUSED && !is_clean(st))
		return false;
	if (manage_once(st, &out) || out.error)
		return stage_no(st, "next command: error %u cause %u", out.error, out.cause);
	if (!receipt_is_good(st, &out))
		return stage_no(st, "the next receipt is wrong");
	if (!ask(st, &paired))
		return false;
	return paired ? echo(st) : stage_no(st, "the pairing is lost");
}

const struct flow management = {
	.prepare = prepare_paired, .attempt = manage, .judge = judge_manage,
};

bool stage_open(struct stage *st, const struct flow *flow)
{
	struct sm_perso perso;
	int err;

	rig_perso_init(&perso, 1);
	if (flow->perso)
		flow->perso(&perso);
	err = rig_init(&st->rig, &perso);
	if (!err)
		err = rig_use_host(&st->rig, 0);
	return !err || stage_no(st, "rig: %s", strerror(-err));
}

void stage_close(struct stage *st)
{
	setting_write_number(REKEY_PARAM, PDT1_SESSION_REKEY_AT);
	rig_exit(&st->rig);
}

void stage_void(struct stage *st)
{
	st->kept = st->rig.host.number;
}
