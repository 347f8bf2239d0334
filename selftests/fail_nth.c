// SPDX-License-Identifier: GPL-2.0
/*
 * Each operation that a process can ask for, with its first allocation or copy
 * failing, then its second, and so on until nothing is left to fail: the error
 * is clean, nothing has changed, and the next attempt works.
 */
#include <fcntl.h>
#include <keyutils.h>
#include <poll.h>
#include <stdarg.h>
#include <unistd.h>

#include <linux/smpair_virt.h>

#include "kselftest_harness.h"
#include "rig/encrypted.h"
#include "rig/faultinj.h"
#include "rig/rawgenl.h"
#include "rig/rig.h"
#include "smpair/key.h"
#include "softmod/app.h"

#define GUARD_S	900	/* against hangs on a slow emulated machine */

/**
 * enum result - how a request over netlink ended
 * @DONE: acknowledged
 * @REFUSED: the driver said no
 * @UNSENT: it never got to the driver
 * @UNKNOWN: its acknowledgment was lost; the socket said so
 */
enum result { DONE, REFUSED, UNSENT, UNKNOWN };

/**
 * struct trial - one operation under test
 * @rig: host and module
 * @s: socket that asks
 * @m: request
 * @key: serial of a key
 * @req: id of an accepted request
 * @op: id of the pairing under way; 0: any
 * @fd: file under test, -1 when closed
 * @module: faults strike in the code of this kernel module, or NULL: anywhere
 * @err: 0 or -errno of the operation
 * @event: last event read from the virtual link
 * @why: what is wrong
 */
struct trial {
	struct rig rig;
	struct raw_sock s;
	struct raw_msg m;
	int32_t key;
	uint64_t req;
	uint64_t op;
	int fd;
	const char *module;
	int err;
	struct smpair_virt_event event;
	char why[160];
};

/**
 * struct request - one netlink operation
 * @before: to the start, whatever was before; may be NULL
 * @build: puts the request into trial.m
 * @refusal: errno with which it is refused even without a fault; 0 for none
 * @after: judges the state, does it again without a fault; may be NULL for
 *	operations that change nothing: then it is only done again
 * @core_starts: generic netlink allocates before the driver is asked, and
 *	answers without a text
 */
struct request {
	bool (*before)(struct trial *t);
	void (*build)(struct trial *t);
	int refusal;
	bool (*after)(struct trial *t, enum result result);
	bool core_starts;
};

/**
 * struct call - one system call, or a few
 * @before: to the start
 * @run: leaves 0 or -errno in trial.err
 * @after: judges the state, and does it again without a fault
 */
struct call {
	bool (*before)(struct trial *t);
	void (*run)(struct trial *t);
	bool (*after)(struct trial *t);
};

static bool __attribute__((format(printf, 2, 3))) no(struct trial *t, const char *text, ...)
{
	va_list ap;

	va_start(ap, text);
	vsnprintf(t->why, sizeof(t->why), text, ap);
	va_end(ap);
	return false;
}

static bool is_memory_error(int err)
{
	return err == -ENOMEM || err == -ENOBUFS || err == -EFAULT;
}

/* Sends what was built; the driver handles it while the call runs. */
static enum result ask(struct trial *t)
{
	t->err = raw_wait(&t->s);
	if (!t->err)
		return DONE;
	return t->err == -ENOBUFS ? UNKNOWN : REFUSED;
}

static bool judge_refusal(struct trial *t, const struct request *r)
{
	if (t->err != -r->refusal && !is_memory_error(t->err))
		return no(t, "refused with %d", t->err);
	/* What failed outside the driver has no text. */
	if (t->module && !r->core_starts && !t->s.extack[0])
		return no(t, "error %d without a text", t->err);
	return true;
}

static bool run_request(struct trial *t, const struct request *r, unsigned int nth, bool *struck)
{
	enum result result;

	if (r->before && !r->before(t))
		return false;
	r->build(t);
	if (!faultinj_task_arm(t->module, nth))
		return no(t, "fail-nth is refused");
	t->err = raw_send(&t->s, &t->m);
	*struck = faultinj_task_disarm();
	result = t->err ? UNSENT : ask(t);

	if (result == UNSENT && !is_memory_error(t->err))
		return no(t, "sending: %d", t->err);
	if (result == REFUSED && !judge_refusal(t, r))
		return false;
	if (!*struck && t->err != -r->refusal)
		return no(t, "error %d without a fault", t->err);
	if (r->after && !r->after(t, result))
		return false;
	if (!r->after) {
		r->build(t);
		t->err = raw_talk(&t->s, &t->m);
		if (t->err != -r->refusal)
			return no(t, "next time: %d", t->err);
	}
	return true;
}

static bool run_call(struct trial *t, const struct call *c, unsigned int nth, bool *struck)
{
	if (!c->before(t))
		return false;
	if (!faultinj_task_arm(t->module, nth))
		return no(t, "fail-nth is refused");
	c->run(t);
	*struck = faultinj_task_disarm();
	if (t->err && !is_memory_error(t->err))
		return no(t, "error %d", t->err);
	if (!*struck && t->err)
		return no(t, "error %d without a fault", t->err);
	return c->after(t);
}

FIXTURE(nth) {
	struct trial t;
	unsigned int faults;
};

FIXTURE_SETUP(nth)
{
	const char *missing = rig_missing();

	self->t.rig.mod.fd = -1;
	self->t.s.fd = -1;
	self->t.fd = -1;
	if (missing)
		SKIP(return, "%s", missing);
	ASSERT_TRUE(faultinj_setup());
}

FIXTURE_TEARDOWN(nth)
{
	if (self->t.fd >= 0)
		close(self->t.fd);
	raw_close(&self->t.s);
	rig_exit(&self->t.rig);
}

#define UNTIL_NOTHING_FAILS(run) do {					\
	bool struck = true;						\
	unsigned int n;							\
									\
	for (n = 1; struck && n < FAULTINJ_MAX; n++) {			\
		ASSERT_TRUE(run)					\
			TH_LOG("fault %u: %s", n, self->t.why);		\
		self->faults += struck;					\
	}								\
	printf("# %u faults %s\n", n - 2, self->t.module ? "in the driver" : "anywhere"); \
	EXPECT_FALSE(struck);						\
} while (0)

#define START(change) do {						\
	struct sm_perso perso;						\
									\
	rig_perso_init(&perso, 1);					\
	change;								\
	ASSERT_EQ(0, rig_init(&self->t.rig, &perso));			\
	ASSERT_EQ(0, raw_open(&self->t.s));				\
} while (0)

#define NTH_TEST(name) TEST_F_TIMEOUT(nth, name, GUARD_S)

#define REQUEST_TEST(name, start)					\
NTH_TEST(name)								\
{									\
	start;								\
	REQUEST_LOOP(request_##name);					\
}

/* Anywhere in the kernel, then in the driver alone, which owes a text. */
#define REQUEST_LOOP(request) do {					\
	UNTIL_NOTHING_FAILS(run_request(&self->t, &(request), n, &struck)); \
	EXPECT_GT(self->faults, 0);					\
	if (!faultinj_module_missing()) {				\
		self->t.module = "smpair";				\
		UNTIL_NOTHING_FAILS(run_request(&self->t, &(request), n, &struck)); \
	}								\
} while (0)

#define CALL_TEST(name, start)						\
NTH_TEST(name)								\
{									\
	start;								\
	UNTIL_NOTHING_FAILS(run_call(&self->t, &call_##name, n, &struck)); \
	EXPECT_GT(self->faults, 0);					\
}

#define PAIRED(change) do {						\
	START(change);							\
	ASSERT_TRUE(rig_make_pairing(&self->t.rig, 0));			\
} while (0)

#define UNPAIRED do {							\
	START();							\
	ASSERT_EQ(0, rig_use_host(&self->t.rig, 0));			\
	ASSERT_EQ(0, rig_insert(&self->t.rig));				\
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(&self->t.rig));	\
} while (0)

#define WITHOUT_PIN perso.pin_policy = PDT1_PIN_NONE

/* Reading */

static bool fresh_socket(struct trial *t)
{
	raw_close(&t->s);
	return !raw_open(&t->s) || no(t, "no socket");
}

static void build_dev_get(struct trial *t)
{
	raw_start(&t->s, &t->m, SMPAIR_CMD_DEV_GET, 0);
	raw_put_u32(&t->m, SMPAIR_A_DEV_ID, t->rig.dev);
}

static const struct request request_dev_get = { .build = build_dev_get };

static void build_dev_dump(struct trial *t)
{
	raw_start(&t->s, &t->m, SMPAIR_CMD_DEV_GET, NLM_F_DUMP);
}

/* A dump that said it is complete is complete. */
static bool after_dev_dump(struct trial *t, enum result result)
{
	if (result == DONE && t->s.replies != 2)	/* the family's, and one link */
		return no(t, "%u links", t->s.replies - 1);
	if (!fresh_socket(t))
		return false;
	build_dev_dump(t);
	t->err = raw_talk(&t->s, &t->m);
	return (!t->err && t->s.replies == 2) || no(t, "next time: %d", t->err);
}

static const struct request request_dev_dump = {
	.before = fresh_socket, .build = build_dev_dump, .after = after_dev_dump,
	.core_starts = true,
};

static void build_slot_dump(struct trial *t)
{
	raw_start(&t->s, &t->m, SMPAIR_CMD_SLOT_GET, NLM_F_DUMP);
	raw_put_u32(&t->m, SMPAIR_A_SLOT_DEV_ID, t->rig.dev);
}

static bool after_slot_dump(struct trial *t, enum result result)
{
	unsigned int replies = t->s.replies;

	if (!fresh_socket(t))
		return false;
	build_slot_dump(t);
	t->err = raw_talk(&t->s, &t->m);
	if (t->err || t->s.replies < 2)
		return no(t, "next time: %d, %u slots", t->err, t->s.replies - 1);
	return result != DONE || replies == t->s.replies ||
	       no(t, "%u slots, then %u", replies - 1, t->s.replies - 1);
}

static const struct request request_slot_dump = {
	.before = fresh_socket, .build = build_slot_dump, .after = after_slot_dump,
	.core_starts = true,
};

static void build_host_get(struct trial *t)
{
	raw_start(&t->s, &t->m, SMPAIR_CMD_HOST_GET, 0);
}

static const struct request request_host_get = { .build = build_host_get };

REQUEST_TEST(dev_get, PAIRED())
REQUEST_TEST(dev_dump, PAIRED())
REQUEST_TEST(slot_dump, PAIRED())
REQUEST_TEST(host_get, PAIRED())

/* Host credentials */

#define OTHER_HOST	1

static bool host_is(struct trial *t, unsigned int number)
{
	struct smpair_host_info info;
	struct rig_host host;
	uint8_t sn[8];

	rig_host_init(&host, number);
	rig_host_sn(&host, sn);
	return !smpair_host_get(t->rig.client, &info) && !memcmp(info.host_id, sn, sizeof(sn));
}

static bool before_host_set(struct trial *t)
{
	rig_host_init(&t->rig.host, 0);
	return !rig_host_load(t->rig.client, &t->rig.host) || no(t, "credentials are refused");
}

static void build_host_set(struct trial *t)
{
	uint8_t cy[SMPAIR_CY_LEN];
	struct rig_host host;

	rig_host_init(&host, OTHER_HOST);
	rig_host_cy(&host, cy);
	raw_start(&t->s, &t->m, SMPAIR_CMD_HOST_SET, 0);
	raw_put_u32(&t->m, SMPAIR_A_HOST_KEY, t->key);
	raw_put(&t->m, SMPAIR_A_HOST_CY, cy, sizeof(cy));
}

static bool after_host_set(struct trial *t, enum result result)
{
	if (result == DONE && !host_is(t, OTHER_HOST))
		return no(t, "done, and not there");
	if ((result == REFUSED || result == UNSENT) && !host_is(t, 0))
		return no(t, "the former credentials are lost");
	build_host_set(t);
	t->err = raw_talk(&t->s, &t->m);
	if (t->err || !host_is(t, OTHER_HOST))
		return no(t, "next time: %d", t->err);
	return true;
}

static const struct request request_host_set = {
	.before = before_host_set, .build = build_host_set, .after = after_host_set,
};

static bool after_refused_host_set(struct trial *t, enum result result)
{
	if (result == DONE || !host_is(t, 0))
		return no(t, "a key that anyone can read was taken");
	build_host_set(t);
	t->err = raw_talk(&t->s, &t->m);
	return t->err == -EKEYREJECTED || no(t, "next time: %d", t->err);
}

static const struct request request_refused_host_set = {
	.before = before_host_set, .build = build_host_set, .refusal = EKEYREJECTED,
	.after = after_refused_host_set,
};

static int32_t plain_key(const char *type)
{
	uint8_t payload[48 + 4 * 34];
	struct rig_host host;
	size_t len;

	rig_host_init(&host, OTHER_HOST);
	len = rig_host_payload(&host, payload);
	return add_key(type, "smpair:fault-test", payload, len, KEY_SPEC_PROCESS_KEYRING);
}

NTH_TEST(host_set_from_a_logon_key)
{
	START();
	self->t.key = plain_key("logon");
	ASSERT_GT(self->t.key, 0);
	REQUEST_LOOP(request_host_set);
}

NTH_TEST(host_set_from_an_encrypted_key)
{
	struct rig_host host;

	START();
	rig_host_init(&host, OTHER_HOST);
	self->t.key = rig_encrypted_key(&host);
	if (self->t.key == -ENODEV || self->t.key == -ENOPKG)
		SKIP(return, "this kernel has no encrypted keys");
	ASSERT_GT(self->t.key, 0);
	REQUEST_LOOP(request_host_set);
}

NTH_TEST(host_set_from_a_readable_key_stays_refused)
{
	START();
	self->t.key = plain_key("user");
	ASSERT_GT(self->t.key, 0);
	REQUEST_LOOP(request_refused_host_set);
}

static void build_host_clear(struct trial *t)
{
	raw_start(&t->s, &t->m, SMPAIR_CMD_HOST_CLEAR, 0);
}

static bool after_host_clear(struct trial *t, enum result result)
{
	if (result == DONE && host_is(t, 0))
		return no(t, "cleared, and still there");
	if (result == UNSENT && !host_is(t, 0))
		return no(t, "not cleared, and not there");
	build_host_clear(t);
	t->err = raw_talk(&t->s, &t->m);
	return (!t->err && !host_is(t, 0)) || no(t, "next time: %d", t->err);
}

static const struct request request_host_clear = {
	.before = before_host_set, .build = build_host_clear, .after = after_host_clear,
};

REQUEST_TEST(host_clear, START())

/* Operations that talk to the module */

static void build_op(struct trial *t, uint8_t cmd)
{
	raw_start(&t->s, &t->m, cmd, 0);
	raw_put_u32(&t->m, SMPAIR_A_OP_DEV_ID, t->rig.dev);
}

/* The operation that the latest reply is about */
static uint64_t replied_op(const struct trial *t)
{
	const void *id = raw_attr(&t->s, SMPAIR_A_OP_ID, NULL);
	uint64_t op = 0;

	if (id)
		memcpy(&op, id, sizeof(op));
	return op;
}

/* The outcome of operation @op; those of others, whose ids were lost, are passed over. */
static bool outcome_of(struct trial *t, uint64_t op, uint32_t cause)
{
	uint64_t id = 0;
	const uint32_t *is;
	const void *attr;
	int err;

	do {
		err = raw_await(&t->s, SMPAIR_CMD_OP_DONE);
		if (err)
			return no(t, "no outcome: %d", err);
		attr = raw_done_attr(&t->s, SMPAIR_A_OP_ID, NULL);
		if (attr)
			memcpy(&id, attr, sizeof(id));
	} while (op && id != op);
	is = raw_done_attr(&t->s, SMPAIR_A_OP_CAUSE, NULL);
	return (is && *is == cause) || no(t, "cause %u", is ? *is : -1U);
}

static bool outcome_is(struct trial *t, uint32_t cause)
{
	return outcome_of(t, replied_op(t), cause);
}

/* After it, operations that were queued before have ended. */
static bool sync_ops(struct trial *t, uint32_t *error)
{
	struct smpair_outcome out;
	int err = rig_do(&t->rig, smpair_op_open, &out);

	*error = out.error;
	return !err || no(t, "open: %d", err);
}

static bool forget_events(struct trial *t)
{
	t->s.events = 0;
	return true;
}

static bool again(struct trial *t, void (*build)(struct trial *t), uint32_t cause)
{
	t->s.events = 0;
	build(t);
	t->err = raw_talk(&t->s, &t->m);
	if (t->err)
		return no(t, "next time: %d", t->err);
	return outcome_is(t, cause);
}

static void build_open(struct trial *t)
{
	build_op(t, SMPAIR_CMD_OPEN);
}

static bool after_open(struct trial *t, enum result result)
{
	if (result == DONE && !outcome_is(t, SMPAIR_CAUSE_NONE))
		return false;
	return again(t, build_open, SMPAIR_CAUSE_NONE) && rig_echo(&t->rig, 20);
}

static const struct request request_open = {
	.before = forget_events, .build = build_open, .after = after_open,
};

static bool before_close(struct trial *t)
{
	uint32_t error;

	t->s.events = 0;
	return sync_ops(t, &error) && (!error || no(t, "no session to close"));
}

static void build_close(struct trial *t)
{
	build_op(t, SMPAIR_CMD_CLOSE);
}

static bool after_close(struct trial *t, enum result result)
{
	if (result == DONE && !outcome_is(t, SMPAIR_CAUSE_NONE))
		return false;
	if (result == DONE && rig_settle(&t->rig) != SMPAIR_STATE_CLOSED)
		return no(t, "done, and open");
	if ((result == REFUSED || result == UNSENT) && rig_settle(&t->rig) != SMPAIR_STATE_PAIRED)
		return no(t, "not done, and closed");
	return again(t, build_close, SMPAIR_CAUSE_NONE);
}

static const struct request request_close = {
	.before = before_close, .build = build_close, .after = after_close,
};

static bool before_unpair(struct trial *t)
{
	struct smpair_outcome out;
	uint32_t error;

	if (!sync_ops(t, &error))
		return false;
	if (error && (rig_pair(&t->rig, &out) || out.error))
		return no(t, "pairing: error %u cause %u", out.error, out.cause);
	t->s.events = 0;
	return true;
}

static void build_unpair(struct trial *t)
{
	build_op(t, SMPAIR_CMD_UNPAIR);
}

static bool after_unpair(struct trial *t, enum result result)
{
	uint32_t error;

	if (result == DONE && !outcome_is(t, SMPAIR_CAUSE_NONE))
		return false;
	if (!sync_ops(t, &error))
		return false;
	if (result == DONE && !error)
		return no(t, "done, and still paired");
	if ((result == REFUSED || result == UNSENT) && error)
		return no(t, "not done, and unpaired");
	return error || again(t, build_unpair, SMPAIR_CAUSE_NONE);
}

static const struct request request_unpair = {
	.before = before_unpair, .build = build_unpair, .after = after_unpair,
};

/* A command that the module has seen already, so that each is like the other */
static void build_manage(struct trial *t)
{
	uint8_t command[PDT1_MANAGE_MIN_LEN + 8];
	const uint8_t tries = PDT1_PTC_DEFAULT;
	size_t len = rig_manage(&t->rig.mod.perso, PDT1_OP_UNBLOCK_PIN, ++t->req, &tries, 1,
				command);

	build_op(t, SMPAIR_CMD_MANAGE);
	raw_put(&t->m, SMPAIR_A_OP_COMMAND, command, len);
}

static bool after_manage(struct trial *t, enum result result)
{
	if (result == DONE && !outcome_is(t, SMPAIR_CAUSE_NONE))
		return false;
	return again(t, build_manage, SMPAIR_CAUSE_NONE);
}

static const struct request request_manage = {
	.before = forget_events, .build = build_manage, .after = after_manage,
};

REQUEST_TEST(open, PAIRED())
REQUEST_TEST(close, PAIRED())
REQUEST_TEST(unpair, PAIRED(WITHOUT_PIN))
REQUEST_TEST(manage, PAIRED())

/* Pairing, and the agent's side of it */

static void build_cancel(struct trial *t)
{
	build_op(t, SMPAIR_CMD_PAIR_CANCEL);
}

/* Ends the pairing under way; without one, nothing. */
static bool cancel(struct trial *t, bool expected)
{
	build_cancel(t);
	t->err = raw_talk(&t->s, &t->m);
	if (!t->err)
		return outcome_of(t, t->op, SMPAIR_CAUSE_CANCELLED);
	if (t->err != -ENOENT)
		return no(t, "cancel: %d", t->err);
	return !expected || no(t, "no pairing to cancel");
}

static void build_pair(struct trial *t)
{
	build_op(t, SMPAIR_CMD_PAIR);
	raw_put(&t->m, SMPAIR_A_OP_OWN_AGENT, NULL, 0);
}

static bool before_pair(struct trial *t)
{
	t->s.events = 0;
	return cancel(t, false) && forget_events(t);
}

/* Starts a pairing that waits for this socket's answer. */
static bool wait_for_agent(struct trial *t)
{
	build_pair(t);
	t->err = raw_talk(&t->s, &t->m);
	if (t->err)
		return no(t, "pair: %d", t->err);
	t->op = replied_op(t);
	t->err = raw_await(&t->s, SMPAIR_CMD_REQ_READY);
	return !t->err || no(t, "no request: %d", t->err);
}

static bool after_pair(struct trial *t, enum result result)
{
	t->op = result == DONE ? replied_op(t) : 0;
	if (result == DONE) {
		t->err = raw_await(&t->s, SMPAIR_CMD_REQ_READY);
		if (t->err)
			return no(t, "no request: %d", t->err);
		if (!cancel(t, true))
			return false;
	} else if (result == UNKNOWN) {
		if (!cancel(t, false))
			return false;
	} else {
		build_cancel(t);
		if (raw_talk(&t->s, &t->m) != -ENOENT)
			return no(t, "not done, and under way");
	}
	t->s.events = 0;
	return wait_for_agent(t) && cancel(t, true);
}

static const struct request request_pair = {
	.before = before_pair, .build = build_pair, .after = after_pair,
};

static bool before_answer(struct trial *t)
{
	return before_pair(t) && wait_for_agent(t);
}

static bool after_cancel(struct trial *t, enum result result)
{
	if (result == DONE)
		return outcome_of(t, t->op, SMPAIR_CAUSE_CANCELLED);
	return cancel(t, result != UNKNOWN);
}

static const struct request request_pair_cancel = {
	.before = before_answer, .build = build_cancel, .after = after_cancel,
};

static void build_accept(struct trial *t)
{
	raw_start(&t->s, &t->m, SMPAIR_CMD_REQ_ACCEPT, 0);
}

static bool accept_request(struct trial *t)
{
	const void *id;

	build_accept(t);
	t->err = raw_talk(&t->s, &t->m);
	if (t->err)
		return no(t, "accept: %d", t->err);
	id = raw_attr(&t->s, SMPAIR_A_REQ_ID, NULL);
	if (!id)
		return no(t, "a request without its id");
	memcpy(&t->req, id, sizeof(t->req));
	return true;
}

/* An agent that was not told of the request does not have it. */
static bool after_accept(struct trial *t, enum result result)
{
	if ((result == REFUSED || result == UNSENT) && !accept_request(t))
		return false;
	if (result == DONE && !raw_attr(&t->s, SMPAIR_A_REQ_ID, NULL))
		return no(t, "accepted, and nothing said");
	return cancel(t, true);
}

static const struct request request_req_accept = {
	.before = before_answer, .build = build_accept, .after = after_accept,
};

static bool before_done(struct trial *t)
{
	char pin[PDT1_PIN_LEN];
	const uint32_t *n;

	if (!before_unpair(t) || !again(t, build_unpair, SMPAIR_CAUSE_NONE) ||
	    !before_answer(t) || !accept_request(t))
		return false;
	n = raw_attr(&t->s, SMPAIR_A_REQ_INDEX, NULL);
	if (!n)
		return no(t, "a request without N");
	rig_pin(&t->rig.mod.perso, &t->rig.host, *n, pin);
	return !smpair_key_add_pin(pin, &t->key) || no(t, "no key");
}

static void build_done(struct trial *t)
{
	raw_start(&t->s, &t->m, SMPAIR_CMD_REQ_DONE, 0);
	raw_put_u64(&t->m, SMPAIR_A_REQ_ID, t->req);
	raw_put_u32(&t->m, SMPAIR_A_REQ_ANSWER, SMPAIR_ANSWER_ACCEPTED);
	raw_put_u32(&t->m, SMPAIR_A_REQ_PIN_KEY, t->key);
}

/* A PIN that was not taken may be given once more, by the same key. */
static bool after_done(struct trial *t, enum result result)
{
	if (result == REFUSED || result == UNSENT) {
		build_done(t);
		t->err = raw_talk(&t->s, &t->m);
		if (t->err)
			return no(t, "next time: %d", t->err);
	}
	return outcome_of(t, t->op, SMPAIR_CAUSE_NONE);
}

static const struct request request_req_done = {
	.before = before_done, .build = build_done, .after = after_done,
};

static bool before_agent_get(struct trial *t)
{
	raw_start(&t->s, &t->m, SMPAIR_CMD_AGENT_REGISTER, 0);
	t->err = raw_talk(&t->s, &t->m);
	return !t->err || no(t, "register: %d", t->err);
}

static void build_agent_get(struct trial *t)
{
	raw_start(&t->s, &t->m, SMPAIR_CMD_AGENT_GET, 0);
}

static const struct request request_agent_get = {
	.before = before_agent_get, .build = build_agent_get,
};

static void build_register(struct trial *t)
{
	raw_start(&t->s, &t->m, SMPAIR_CMD_AGENT_REGISTER, 0);
	raw_put_u32(&t->m, SMPAIR_A_AGENT_PRIORITY, 7);
}

static const struct request request_agent_register = {
	.before = fresh_socket, .build = build_register,
};

REQUEST_TEST(pair, UNPAIRED)
REQUEST_TEST(pair_cancel, UNPAIRED)
REQUEST_TEST(req_accept, UNPAIRED)
REQUEST_TEST(req_done, PAIRED())
REQUEST_TEST(agent_register, START())
REQUEST_TEST(agent_get, START())

/* The library's own way, with faults in all that it asks of the kernel */

static bool nothing_before(struct trial *t)
{
	return true;
}

static void run_list(struct trial *t)
{
	struct smpair_dev_info *list = NULL;
	size_t count = 0;

	t->err = smpair_dev_list(t->rig.client, &list, &count);
	if (!t->err && (count != 1 || list[0].state != SMPAIR_STATE_PAIRED))
		t->err = -EILSEQ;
	free(list);
}

static bool after_list(struct trial *t)
{
	run_list(t);
	/* The socket tells once of what it lost in the attempt before. */
	if (t->err == -ENOBUFS)
		run_list(t);
	return !t->err || no(t, "next time: %d", t->err);
}

static const struct call call_library_lists_modules = {
	.before = nothing_before, .run = run_list, .after = after_list,
};

static void run_slots(struct trial *t)
{
	struct smpair_slot_info *list = NULL;
	size_t count = 0;

	t->err = smpair_slot_list(t->rig.client, t->rig.dev, &list, &count);
	if (!t->err && (!count || !(list[0].flags & SMPAIR_SLOT_FLAGS_SELF)))
		t->err = -EILSEQ;
	free(list);
}

static bool after_slots(struct trial *t)
{
	run_slots(t);
	/* The socket tells once of what it lost in the attempt before. */
	if (t->err == -ENOBUFS)
		run_slots(t);
	return !t->err || no(t, "next time: %d", t->err);
}

static const struct call call_library_lists_slots = {
	.before = nothing_before, .run = run_slots, .after = after_slots,
};

static void run_library_open(struct trial *t)
{
	struct smpair_outcome out = { 0 };

	t->err = rig_do(&t->rig, smpair_op_open, &out);
	if (!t->err && out.error)
		t->err = -EILSEQ;
}

static bool after_library_open(struct trial *t)
{
	run_library_open(t);
	return !t->err || no(t, "next time: %d", t->err);
}

static const struct call call_library_opens_a_session = {
	.before = nothing_before, .run = run_library_open, .after = after_library_open,
};

CALL_TEST(library_lists_modules, PAIRED())
CALL_TEST(library_lists_slots, PAIRED())
CALL_TEST(library_opens_a_session, PAIRED())

/* /dev/smpairN */

static const uint8_t message[] = { APP_ECHO, 1, 2, 3, 4, 5, 6, 7 };

static bool before_node_open(struct trial *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	return true;
}

static void run_node_open(struct trial *t)
{
	t->fd = rig_open_node(t->rig.dev, O_RDWR);
	t->err = t->fd < 0 ? t->fd : 0;
}

static bool open_node(struct trial *t)
{
	before_node_open(t);
	run_node_open(t);
	return !t->err || no(t, "open: %d", t->err);
}

static bool write_message(struct trial *t)
{
	t->err = write(t->fd, message, sizeof(message)) < 0 ? -errno : 0;
	return !t->err || no(t, "write: %d", t->err);
}

static bool read_answer(struct trial *t)
{
	uint8_t answer[sizeof(message)];
	ssize_t got = read(t->fd, answer, sizeof(answer));

	t->err = got < 0 ? -errno : 0;
	if (got < 0)
		return no(t, "read: %d", t->err);
	if (got != sizeof(message) - 1 || memcmp(answer, message + 1, got))
		return no(t, "a wrong answer");
	return true;
}

static bool after_node_open(struct trial *t)
{
	return open_node(t) && write_message(t) && read_answer(t);
}

static const struct call call_node_open = {
	.before = before_node_open, .run = run_node_open, .after = after_node_open,
};

static void run_node_write(struct trial *t)
{
	write_message(t);
}

/*
 * A message that was not taken left the file idle. One that was taken may have
 * failed on its way: reading tells.
 */
static bool after_node_write(struct trial *t)
{
	if (t->err && !write_message(t))
		return false;
	if (read_answer(t))
		return true;
	return t->err == -ENOMEM && write_message(t) && read_answer(t);
}

static const struct call call_node_write = {
	.before = open_node, .run = run_node_write, .after = after_node_write,
};

static bool before_node_read(struct trial *t)
{
	struct pollfd pfd = { .events = POLLIN };

	if (!open_node(t) || !write_message(t))
		return false;
	pfd.fd = t->fd;
	return poll(&pfd, 1, RIG_PATIENCE_MS) == 1 || no(t, "no answer");
}

static void run_node_read(struct trial *t)
{
	if (!read_answer(t) && !t->err)
		t->err = -EILSEQ;
}

/* An answer that was not delivered stays. */
static bool after_node_read(struct trial *t)
{
	if (t->err && !read_answer(t))
		return false;
	return write_message(t) && read_answer(t);
}

static const struct call call_node_read = {
	.before = before_node_read, .run = run_node_read, .after = after_node_read,
};

static void run_poll(struct trial *t)
{
	struct pollfd pfd = { .fd = t->fd, .events = POLLIN };

	t->err = poll(&pfd, 1, RIG_PATIENCE_MS) < 0 ? -errno : 0;
}

static bool after_node_poll(struct trial *t)
{
	return read_answer(t);
}

static const struct call call_node_poll = {
	.before = before_node_read, .run = run_poll, .after = after_node_poll,
};

static void run_close(struct trial *t)
{
	t->err = close(t->fd) ? -errno : 0;
	t->fd = -1;
}

static const struct call call_node_close = {
	.before = before_node_read, .run = run_close, .after = after_node_open,
};

CALL_TEST(node_open, PAIRED())
CALL_TEST(node_write, PAIRED())
CALL_TEST(node_read, PAIRED())
CALL_TEST(node_poll, PAIRED())

/* Closing needs no memory; should it ever, then so. */
NTH_TEST(node_close)
{
	PAIRED();
	UNTIL_NOTHING_FAILS(run_call(&self->t, &call_node_close, n, &struck));
}

/* /dev/smpair_virt, with the test itself as the module */

static const uint8_t atr[] = { 0x3b, 0x80, 0x01, 0x81 };

static bool gone(struct trial *t)
{
	unsigned int tries;

	for (tries = 0; tries < RIG_PATIENCE_MS / 5; tries++) {
		if (!rig_count_devs(t->rig.client))
			return true;
		usleep(5000);
	}
	return no(t, "the module never left");
}

static bool before_virt_open(struct trial *t)
{
	return before_node_open(t) && gone(t);
}

static void run_virt_open(struct trial *t)
{
	t->fd = open("/dev/smpair_virt", O_RDWR | O_CLOEXEC);
	t->err = t->fd < 0 ? -errno : 0;
}

static bool open_virt(struct trial *t)
{
	if (!before_virt_open(t))
		return false;
	run_virt_open(t);
	return !t->err || no(t, "open: %d", t->err);
}

static void run_attach(struct trial *t)
{
	struct {
		struct smpair_virt_event ev;
		struct smpair_virt_attach a;
	} attach = {
		.ev = { .type = SMPAIR_VIRT_ATTACH, .len = sizeof(attach.a) },
		.a = { .version = SMPAIR_VIRT_VERSION, .atr_len = sizeof(atr) },
	};

	memcpy(attach.a.atr, atr, sizeof(atr));
	t->err = write(t->fd, &attach, sizeof(attach)) < 0 ? -errno : 0;
}

static bool attach(struct trial *t)
{
	run_attach(t);
	return !t->err || no(t, "attach: %d", t->err);
}

static bool after_virt_open(struct trial *t)
{
	return (!t->err || open_virt(t)) && attach(t);
}

static const struct call call_virt_open = {
	.before = before_virt_open, .run = run_virt_open, .after = after_virt_open,
};

static void run_virt_read(struct trial *t)
{
	uint8_t buf[sizeof(t->event) + SMPAIR_VIRT_DATA_MAX];

	t->err = read(t->fd, buf, sizeof(buf)) < 0 ? -errno : 0;
	if (!t->err)
		memcpy(&t->event, buf, sizeof(t->event));
}

/* Waits for an event of a type, and takes it. */
static bool take_event(struct trial *t, uint32_t type)
{
	struct pollfd pfd = { .fd = t->fd, .events = POLLIN };

	if (poll(&pfd, 1, RIG_PATIENCE_MS) != 1)
		return no(t, "no event");
	run_virt_read(t);
	if (t->err)
		return no(t, "read: %d", t->err);
	return t->event.type == type || no(t, "event %u", t->event.type);
}

static void run_respond(struct trial *t)
{
	const struct smpair_virt_event ev = {
		.type = SMPAIR_VIRT_RESPONSE, .len = sizeof(atr), .id = t->event.id,
	};
	uint8_t rsp[sizeof(ev) + sizeof(atr)];

	memcpy(rsp, &ev, sizeof(ev));
	memcpy(rsp + sizeof(ev), atr, sizeof(atr));
	t->err = write(t->fd, rsp, sizeof(rsp)) < 0 ? -errno : 0;
}

static bool respond(struct trial *t)
{
	run_respond(t);
	return !t->err || no(t, "respond: %d", t->err);
}

/* Nothing of a module that was refused is left, and the file takes the next one. */
static bool after_attach(struct trial *t)
{
	if (t->err && (!gone(t) || !attach(t)))
		return false;
	if (!take_event(t, SMPAIR_VIRT_RESET) || !respond(t))
		return false;
	return take_event(t, SMPAIR_VIRT_COMMAND);
}

static const struct call call_virt_attach = {
	.before = open_virt, .run = run_attach, .after = after_attach,
};

static bool before_virt_read(struct trial *t)
{
	struct pollfd pfd = { .events = POLLIN };

	if (!open_virt(t) || !attach(t))
		return false;
	pfd.fd = t->fd;
	return poll(&pfd, 1, RIG_PATIENCE_MS) == 1 || no(t, "no event");
}

/* An event that was not handed over stays. */
static bool after_virt_read(struct trial *t)
{
	if (t->err && !take_event(t, SMPAIR_VIRT_RESET))
		return false;
	return respond(t) && take_event(t, SMPAIR_VIRT_COMMAND);
}

static const struct call call_virt_read = {
	.before = before_virt_read, .run = run_virt_read, .after = after_virt_read,
};

static bool before_respond(struct trial *t)
{
	return open_virt(t) && attach(t) && take_event(t, SMPAIR_VIRT_RESET);
}

/* The event of an answer that was not taken is still under way. */
static bool after_respond(struct trial *t)
{
	if (t->err && !respond(t))
		return false;
	return take_event(t, SMPAIR_VIRT_COMMAND);
}

static const struct call call_virt_respond = {
	.before = before_respond, .run = run_respond, .after = after_respond,
};

static bool after_virt_poll(struct trial *t)
{
	return take_event(t, SMPAIR_VIRT_RESET);
}

static const struct call call_virt_poll = {
	.before = before_virt_read, .run = run_poll, .after = after_virt_poll,
};

static bool after_removal(struct trial *t)
{
	return gone(t) && before_respond(t);
}

static const struct call call_removal = {
	.before = before_respond, .run = run_close, .after = after_removal,
};

CALL_TEST(virt_open, START())
CALL_TEST(virt_attach, START())
CALL_TEST(virt_read, START())
CALL_TEST(virt_respond, START())
CALL_TEST(virt_poll, START())
CALL_TEST(removal, START())

NTH_TEST(nothing_of_all_this_has_leaked)
{
	int leaks = faultinj_leaks();

	if (leaks < 0)
		SKIP(return, "this kernel has no kmemleak; make check-debug builds one that has");
	EXPECT_EQ(0, leaks);
}

int main(int argc, char **argv)
{
	const char *missing = faultinj_task_missing();

	if (missing) {
		ksft_print_header();
		ksft_exit_skip("%s\n", missing);
	}
	return test_harness_run(argc, argv);
}
