// SPDX-License-Identifier: GPL-2.0
/*
 * Every message of every flow meets every fault of the wire: the attempt ends
 * with a clean error or by the protocol's own recovery, no wrong answer counts,
 * no PIN is judged twice, driver and module agree afterwards, and the next
 * attempt works. The module is the real process, which makes the faults too.
 *
 * The messages of a flow are counted in a run without a fault. Answers that come
 * later than a fault explains, and commands that got none for no fault, show that the
 * machine was too slow for the shortened timeout of the link: such a run says nothing
 * and is repeated.
 */
#include "kselftest_harness.h"
#include "rig/flow.h"
#include "rig/setting.h"
#include "rig/softmod.h"

#define DROPPED_PARAM	"/sys/module/smpair_virt/parameters/dropped"
#define EXPIRED_PARAM	"/sys/module/smpair_virt/parameters/expired"
#define LONG_MS		15000	/* the driver's default */
#define SHORT_MS	300	/* to begin with; doubled when the machine is slower */
#define LATE_MS		100	/* after the timeout has struck */
#define VOID_MAX	6
#define GUARD_S		900	/* against hangs on a slow emulated machine */

enum way { COMMAND, ANSWER, WAYS };

struct order {
	enum way way;
	const char *kind;
	const char *value;	/* "late": later than the timeout */
};

/**
 * struct kind - one fault
 * @order: its forms; ended by a NULL kind
 * @late: answers that come when nobody waits for them any more, at most
 * @silent: commands that get no answer in time, at most, besides those whose answer the
 *	driver refused
 * @mangles: answers may arrive changed
 * @forges: struct stage
 * @doubles: struct stage
 */
struct kind {
	struct order order[12];
	unsigned int late;
	unsigned int silent;
	bool mangles;
	bool forges;
	bool doubles;
};

static const struct kind drop = {
	.order = { { COMMAND, "drop" }, { ANSWER, "drop" } },
	.silent = 1,
};

static const struct kind delay = {
	.order = { { COMMAND, "delay", "20" }, { ANSWER, "delay", "20" } },
};

static const struct kind late = {
	.order = { { COMMAND, "delay", "late" }, { ANSWER, "delay", "late" } },
	.late = 1,
	.silent = 1,
};

static const struct kind duplicate = {
	.order = { { COMMAND, "duplicate" }, { ANSWER, "duplicate" } },
	.late = 1,
	.doubles = true,
};

static const struct kind corrupt = {
	.order = {
		{ COMMAND, "corrupt", "1" }, { COMMAND, "corrupt", "4" },
		{ COMMAND, "corrupt", "20 80" }, { COMMAND, "corrupt", "-1 ff" },
		{ ANSWER, "corrupt", "0" }, { ANSWER, "corrupt", "20 80" },
		{ ANSWER, "corrupt", "-3 ff" }, { ANSWER, "corrupt", "-2" },
		{ ANSWER, "corrupt", "-1" },
	},
	.mangles = true,
	.forges = true,
};

static const struct kind truncate_ = {
	.order = {
		{ COMMAND, "truncate", "0" }, { COMMAND, "truncate", "4" },
		{ COMMAND, "truncate", "20" }, { ANSWER, "truncate", "0" },
		{ ANSWER, "truncate", "1" }, { ANSWER, "truncate", "2" },
		{ ANSWER, "truncate", "20" },
	},
	.mangles = true,
};

static const struct kind length = {
	.order = { { ANSWER, "length", "1" }, { ANSWER, "length", "-1" } },
};

static const struct kind lc = {
	.order = {
		{ COMMAND, "lc", "1" }, { COMMAND, "lc", "-1" }, { COMMAND, "lc", "100" },
	},
};

static const struct kind le = {
	.order = { { COMMAND, "le", "1" } },
};

static const struct kind more = {
	.order = { { COMMAND, "more" } },
};

/**
 * struct wire - the stage, with the module as a process
 * @st: the stage; first, so that its functions find the rest
 * @sm: module
 * @kind: fault of the cell
 */
struct wire {
	struct stage st;
	struct rig_softmod sm;
	const struct kind *kind;
};

static int insert(struct stage *st)
{
	struct wire *w = (struct wire *)st;
	struct rig_wire wire;
	int err = rig_softmod_ctl(&w->sm, "insert", NULL, 0);

	/* ATTACH has passed when the channel answers, unless it is held back. */
	return err ? err : rig_softmod_fault(&w->sm, NULL, &wire);
}

static int take_out(struct stage *st)
{
	struct wire *w = (struct wire *)st;
	struct rig_wire wire;
	int err = rig_softmod_fault(&w->sm, "off", &wire);

	if (!err && wire.inserted)
		err = rig_softmod_ctl(&w->sm, "remove", NULL, 0);
	return err;
}

/**
 * struct tally - what became of a cell
 * @messages: messages of the flow without a fault
 * @hits: messages that a fault has changed
 * @succeeded: attempts of these that went well all the same
 * @refused: struck answers that the driver did not take as events
 * @voided: runs that said nothing
 * @timeout_ms: timeout of the link while a fault may strike
 */
struct tally {
	unsigned int messages[WAYS];
	unsigned int hits;
	unsigned int succeeded;
	unsigned int refused;
	unsigned int voided;
	unsigned int timeout_ms;
};

static bool count_messages(struct wire *w, const struct flow *flow, struct tally *t)
{
	struct rig_wire before, after;

	if (!flow->prepare(&w->st))
		return false;
	if (rig_softmod_fault(&w->sm, NULL, &before))
		return stage_no(&w->st, "the module does not answer");
	flow->attempt(&w->st);
	if (rig_softmod_fault(&w->sm, NULL, &after))
		return stage_no(&w->st, "the module does not answer");
	t->messages[COMMAND] = after.commands - before.commands;
	t->messages[ANSWER] = after.answers - before.answers;
	if (!t->messages[COMMAND] || !t->messages[ANSWER])
		return stage_no(&w->st, "no messages");
	return flow->judge(&w->st);
}

/* One message, one fault; *valid is cleared where the machine was too slow. */
static bool run_once(struct wire *w, const struct flow *flow, const struct order *order,
		     unsigned int k, struct tally *t, bool *valid)
{
	static const char * const ways[] = { "command", "answer" };
	struct rig_wire before, after;
	unsigned long dropped, expired;
	char text[64], late_ms[16];
	const char *value = order->value;
	bool ok, failed, struck;

	if (!flow->prepare(&w->st))
		return false;
	if (value && !strcmp(value, "late")) {
		snprintf(late_ms, sizeof(late_ms), "%u", t->timeout_ms + LATE_MS);
		value = late_ms;
	}
	snprintf(text, sizeof(text), "%s %s %u%s%s", order->kind, ways[order->way], k,
		 value ? " " : "", value ? value : "");
	if (rig_softmod_fault(&w->sm, NULL, &before))
		return stage_no(&w->st, "the module does not answer");
	dropped = setting_read_number(DROPPED_PARAM);
	expired = setting_read_number(EXPIRED_PARAM);
	if (rig_softmod_fault(&w->sm, text, &after))
		return stage_no(&w->st, "the order was refused");
	setting_write_number(SETTING_VIRT_TIMEOUT, t->timeout_ms);
	flow->attempt(&w->st);
	setting_write_number(SETTING_VIRT_TIMEOUT, LONG_MS);

	failed = w->st.error;
	ok = !rig_softmod_fault(&w->sm, NULL, &after) ||
	     stage_no(&w->st, "the module does not answer");
	if (ok && after.armed)
		ok = stage_no(&w->st, "the message never came; error %u cause %u", w->st.error,
			      w->st.cause);
	rig_softmod_ctl(&w->sm, "fault off", NULL, 0);
	ok = ok && flow->judge(&w->st);
	/* A fault that never struck explains no late answer, and none that is missing. */
	struck = after.hits != before.hits;
	*valid = setting_read_number(DROPPED_PARAM) - dropped <= (struck ? w->kind->late : 0) &&
		 setting_read_number(EXPIRED_PARAM) - expired <=
		 (struck ? w->kind->silent + !!after.refused : 0);
	if (*valid && ok && struck) {
		t->hits++;
		t->succeeded += !failed;
		t->refused += !!after.refused;
	}
	if (!ok) {
		char why[sizeof(w->st.why)];

		memcpy(why, w->st.why, sizeof(why));
		stage_no(&w->st, "%s: %.150s", text, why);
	}
	return ok;
}

static bool run_order(struct wire *w, const struct flow *flow, const struct order *order,
		      unsigned int k, struct tally *t)
{
	unsigned int tries;
	bool ok, valid;

	for (tries = 0; tries < VOID_MAX; tries++) {
		valid = true;
		ok = run_once(w, flow, order, k, t, &valid);
		if (valid)
			return ok;
		t->voided++;
		stage_void(&w->st);
		t->timeout_ms *= 2;
	}
	return stage_no(&w->st, "the machine is too slow for a timeout of %u ms", t->timeout_ms);
}

/* How many forms of the fault there are for one way */
static unsigned int count_forms(const struct kind *kind, enum way way)
{
	const struct order *order;
	unsigned int n = 0;

	for (order = kind->order; order->kind; order++)
		n += order->way == way;
	return n;
}

/*
 * Every message of @flow meets w->kind: in all its forms if the environment says
 * so, else in one, and the next message in the next.
 */
static bool run_cell(struct wire *w, const struct flow *flow, struct tally *t)
{
	const char *forms = getenv("WIRE_FAULTS");
	bool all = forms && !strcmp(forms, "all");
	unsigned int form[WAYS] = { 0 };
	const struct order *order;
	unsigned int k;

	*t = (struct tally){ .timeout_ms = SHORT_MS };
	if (!count_messages(w, flow, t))
		return false;
	for (order = w->kind->order; order->kind; order++) {
		for (k = 1; k <= t->messages[order->way]; k++) {
			if (!all && (k - 1) % count_forms(w->kind, order->way) != form[order->way])
				continue;
			if (!run_order(w, flow, order, k, t))
				return false;
		}
		form[order->way]++;
	}
	return t->hits || stage_no(&w->st, "no message was hit");
}

static bool start(struct wire *w, const struct flow *flow)
{
	struct stage *st = &w->st;
	int err;

	st->insert = insert;
	st->remove = take_out;
	st->causes = STAGE_CAUSE(TIMEOUT) | STAGE_CAUSE(LINK_ERROR) | STAGE_CAUSE(SESSION_LOST) |
		     STAGE_CAUSE(GONE) | STAGE_CAUSE(NOT_PDT1) | STAGE_CAUSE(BAD_INFO);
	st->errors[0] = ETIMEDOUT;
	st->errors[1] = ECONNRESET;
	if (w->kind->mangles)
		st->errors[2] = EBADMSG;
	if (w->kind->forges)
		st->causes = ~0ULL;
	st->forges = w->kind->forges;
	st->doubles = w->kind->doubles;
	st->attach_late = !strcmp(w->kind->order[0].kind, "delay");
	if (!stage_open(st, flow))
		return false;
	/* The image is the process's from here on. */
	nvm_file_close(&st->rig.mod.file);
	err = rig_softmod_start(&w->sm, st->rig.mod.image);
	return !err || stage_no(st, "smpair-softmod: %s", strerror(-err));
}

FIXTURE(wire) {
	struct wire w;
	struct tally t;
};

FIXTURE_VARIANT(wire) {
	const struct kind *kind;
};

FIXTURE_SETUP(wire)
{
	const char *missing = rig_missing();

	self->w.st.rig.mod.fd = -1;
	self->w.kind = variant->kind;
	if (missing)
		SKIP(return, "%s", missing);
}

static void stop(struct wire *w)
{
	rig_softmod_stop(&w->sm);
	setting_write_number(SETTING_VIRT_TIMEOUT, LONG_MS);
	stage_close(&w->st);
}

FIXTURE_TEARDOWN(wire)
{
	stop(&self->w);
}

#define KIND(name) FIXTURE_VARIANT_ADD(wire, name) { .kind = &name }

KIND(drop);
KIND(delay);
KIND(late);
KIND(duplicate);
KIND(corrupt);
FIXTURE_VARIANT_ADD(wire, truncate) { .kind = &truncate_ };
KIND(length);
KIND(lc);
KIND(le);

/* Flows with an ENVELOPE meet its chaining bit, too. */
FIXTURE(chaining) {
	struct wire w;
	struct tally t;
};

FIXTURE_SETUP(chaining)
{
	const char *missing = rig_missing();

	self->w.st.rig.mod.fd = -1;
	self->w.kind = &more;
	if (missing)
		SKIP(return, "%s", missing);
}

FIXTURE_TEARDOWN(chaining)
{
	stop(&self->w);
}

static void tell(const char *flow, const struct tally *t)
{
	printf("# %s: %u commands and %u answers; %u hits, %u with success, %u refused as events, %u runs void\n",
	       flow, t->messages[COMMAND], t->messages[ANSWER], t->hits, t->succeeded, t->refused,
	       t->voided);
}

#define RUN_CELL(flow) do {						\
	bool ok = start(&self->w, &(flow)) && run_cell(&self->w, &(flow), &self->t); \
									\
	tell(#flow, &self->t);						\
	ASSERT_TRUE(ok) TH_LOG("%s", self->w.st.why);			\
} while (0)

#define WIRE_FLOW(flow) \
	TEST_F_TIMEOUT(wire, flow, GUARD_S) { RUN_CELL(flow); }
#define ENVELOPE_FLOW(flow) \
	WIRE_FLOW(flow) \
	TEST_F_TIMEOUT(chaining, flow, GUARD_S) { RUN_CELL(flow); }

WIRE_FLOW(insertion_unpaired)
ENVELOPE_FLOW(insertion_paired)
WIRE_FLOW(open_in_all_generations)
ENVELOPE_FLOW(rewrap)
ENVELOPE_FLOW(pairing)
WIRE_FLOW(wrong_pin)
ENVELOPE_FLOW(eviction)
ENVELOPE_FLOW(one_exchange)
ENVELOPE_FLOW(chained_exchange)
ENVELOPE_FLOW(exchange_with_rekey)
ENVELOPE_FLOW(unpairing)
ENVELOPE_FLOW(closing)
ENVELOPE_FLOW(management)

TEST_HARNESS_MAIN
