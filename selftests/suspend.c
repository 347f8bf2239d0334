// SPDX-License-Identifier: GPL-2.0
/*
 * The system sleeps, really, and to RAM where the machine can, otherwise to idle:
 * keys are gone before, and each module is probed afresh after. /dev/snapshot makes
 * the time before sleep last, which hibernation and suspend to RAM have alike.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rig/fixture.h"
#include "rig/setting.h"

#define TRACING		"/sys/kernel/tracing"
#define INSTANCE	TRACING "/instances/smpair_suspend"
#define ALARM		"/sys/class/rtc/rtc0/wakealarm"

#define WAKEUP_COUNT	"/sys/power/wakeup_count"
#define SLEEP_S		4	/* at first */
#define SLEEP_MOST_S	300

static bool has(const char *path, const char *word)
{
	char line[4096];
	FILE *f = fopen(path, "re");
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = strstr(line, word);
	if (f)
		fclose(f);
	return found;
}

/*
 * Suspends, until the clock wakes the machine; 0 or -errno. An alarm that
 * comes before the machine sleeps is an event since the count was read, and ends the
 * attempt: a slow machine gets more time, none sleeps for ever.
 */
static int sleep_and_wake(void)
{
	char count[32], alarm[32];
	unsigned int s;
	int err;

	for (s = SLEEP_S; s <= SLEEP_MOST_S; s *= 2) {
		snprintf(alarm, sizeof(alarm), "+%u", s);
		err = setting_write(ALARM, "0");
		if (!err)
			err = setting_read(WAKEUP_COUNT, count, sizeof(count));
		if (!err)
			err = setting_write(ALARM, alarm);
		if (err)
			return err;
		err = setting_write(WAKEUP_COUNT, count);
		if (!err)
			err = setting_write("/sys/power/state", "mem");
		if (!err)
			return 0;
		printf("# not asleep within %u s: %s\n", s, strerror(-err));
	}
	return -ETIME;
}

static void start_trace(struct __test_metadata *_metadata)
{
	rmdir(INSTANCE);
	ASSERT_EQ(0, mkdir(INSTANCE, 0700));
	ASSERT_EQ(0, setting_write(INSTANCE "/events/smpair/enable", "1"));
	ASSERT_EQ(0, setting_write(INSTANCE "/events/power/suspend_resume/enable", "1"));
}

/* What came first: numbers of lines; 0 for what did not happen */
struct order {
	unsigned int wiped;
	unsigned int asleep;
	unsigned int awake;
	unsigned int talk_before;	/* last command before sleep */
	unsigned int talk_after;	/* first command after it */
};

static struct order end_trace(void)
{
	struct order o = { 0 };
	unsigned int n = 0;
	char line[512];
	FILE *f;

	setting_write(INSTANCE "/events/enable", "0");
	f = fopen(INSTANCE "/trace", "re");
	while (f && fgets(line, sizeof(line), f)) {
		n++;
		if (strstr(line, "smpair_state:") && strstr(line, "cause=suspended"))
			o.wiped = n;
		else if (strstr(line, "machine_suspend") && strstr(line, "begin"))
			o.asleep = n;
		else if (strstr(line, "machine_suspend") && strstr(line, "end"))
			o.awake = n;
		else if (strstr(line, "smpair_transmit:") && !o.asleep)
			o.talk_before = n;
		else if (strstr(line, "smpair_transmit:") && !o.talk_after)
			o.talk_after = n;
	}
	if (f)
		fclose(f);
	rmdir(INSTANCE);
	return o;
}

/* The first command since @reset, and the length of the latest answer to OPEN */
struct talk {
	uint8_t first;
	size_t open_len;
};

static void listen_in(void *ctx, struct rig_xchg *x)
{
	struct talk *t = ctx;

	if (!x->rsp_len && !t->first)
		t->first = x->cmd[1];
	if (x->rsp_len && x->cmd[1] == PDT1_INS_OPEN)
		t->open_len = x->rsp_len;
}

RIG_TEST(keys_go_before_the_system_sleeps_and_the_module_is_probed_after)
{
	struct talk t = { 0 };
	size_t cached;
	struct order o;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	rig_module_hook(&self->r->mod, listen_in, &t);
	ASSERT_EQ(0, rig_do(self->r, smpair_op_open, &self->out));
	cached = t.open_len;
	EXPECT_GT(cached, 0);
	EXPECT_TRUE(rig_echo(self->r, 50));
	t.first = 0;

	start_trace(_metadata);
	ASSERT_EQ(0, sleep_and_wake());
	EXPECT_EQ(SMPAIR_STATE_PAIRED, rig_wait_state(self->r, SMPAIR_STATE_PAIRED));
	o = end_trace();
	EXPECT_GT(o.wiped, 0);
	EXPECT_GT(o.wiped, o.talk_before);
	EXPECT_GT(o.asleep, o.wiped);
	EXPECT_GT(o.awake, o.asleep);
	EXPECT_GT(o.talk_after, o.awake);

	/* KA was forgotten too: the pairing data comes from the module again. */
	EXPECT_EQ(PDT1_INS_SELECT, t.first);
	EXPECT_GT(t.open_len, cached);
	EXPECT_TRUE(rig_echo(self->r, 50));
}

RIG_TEST(pairing_under_way_ends_as_suspended_and_can_be_repeated)
{
	struct smpair_request req;
	uint64_t op;

	ASSERT_EQ(0, rig_use_host(self->r, 0));
	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(self->r));
	ASSERT_EQ(0, smpair_op_pair(self->r->client, self->r->dev, SMPAIR_PAIR_OWN_AGENT, 0, &op));
	ASSERT_EQ(SMPAIR_WAIT_REQUEST,
		  smpair_op_wait(self->r->client, op, RIG_PATIENCE_MS, &self->out));
	ASSERT_EQ(0, smpair_request_accept(self->r->client, &req));

	ASSERT_EQ(0, sleep_and_wake());
	ASSERT_EQ(0, smpair_op_wait(self->r->client, op, RIG_PATIENCE_MS, &self->out));
	EXPECT_EQ(EAGAIN, self->out.error);
	EXPECT_EQ(SMPAIR_CAUSE_SUSPENDED, self->out.cause);
	EXPECT_EQ(-ESTALE, smpair_request_done(self->r->client, req.id, SMPAIR_ANSWER_DECLINED, 0,
					       false));
	EXPECT_EQ(SMPAIR_STATE_UNPAIRED, rig_wait_state(self->r, SMPAIR_STATE_UNPAIRED));
	ASSERT_EQ(0, rig_pair(self->r, &self->out));
	EXPECT_EQ(0, self->out.error);
	EXPECT_TRUE(rig_echo(self->r, 10));
}

/* Says that a message came, and takes a second to answer it. */
static void dawdle(void *ctx, struct rig_xchg *x)
{
	int *to = ctx;

	if (x->rsp_len || x->cmd[1] != PDT1_INS_ENVELOPE)
		return;
	if (write(*to, "!", 1) != 1)
		abort();
	usleep(1000000);
}

struct echo {
	struct rig *rig;
	bool right;
};

static void *echo(void *arg)
{
	struct echo *e = arg;

	e->right = rig_echo(e->rig, 300);
	return NULL;
}

RIG_TEST(message_under_way_gets_its_answer_although_the_system_sleeps)
{
	struct echo e = { .rig = self->r };
	pthread_t thread;
	int came[2];
	char c;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	ASSERT_EQ(0, pipe(came));
	rig_module_hook(&self->r->mod, dawdle, &came[1]);
	ASSERT_EQ(0, pthread_create(&thread, NULL, echo, &e));
	ASSERT_EQ(1, read(came[0], &c, 1));
	ASSERT_EQ(0, sleep_and_wake());
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_TRUE(e.right);
	rig_module_hook(&self->r->mod, NULL, NULL);
	EXPECT_EQ(SMPAIR_STATE_PAIRED, rig_wait_state(self->r, SMPAIR_STATE_PAIRED));
	EXPECT_TRUE(rig_echo(self->r, 10));
}

/* From open to close the system is about to hibernate, and nothing is frozen yet. */
static int prepare_for_sleep(struct __test_metadata *_metadata)
{
	int fd = open("/dev/snapshot", O_RDONLY | O_CLOEXEC);

	ASSERT_GE(fd, 0);
	return fd;
}

RIG_TEST(messages_are_refused_while_the_system_prepares_for_sleep)
{
	uint8_t msg[2] = { APP_ECHO, 1 }, answer[8];
	unsigned int before;
	int fd;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	fd = prepare_for_sleep(_metadata);
	EXPECT_EQ(SMPAIR_STATE_CLOSED, rig_settle(self->r));
	EXPECT_EQ(SMPAIR_CAUSE_SUSPENDED, rig_cause(self->r));
	before = self->r->mod.commands;
	EXPECT_EQ(-EBUSY, rig_exchange(self->r, msg, 2, answer, sizeof(answer)));
	EXPECT_EQ(before, self->r->mod.commands);
	close(fd);
	EXPECT_EQ(SMPAIR_STATE_PAIRED, rig_wait_state(self->r, SMPAIR_STATE_PAIRED));
	EXPECT_TRUE(rig_echo(self->r, 10));
}

RIG_TEST(operations_asked_for_before_sleep_are_done_after_it)
{
	unsigned int before;
	uint64_t op;
	int fd;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	fd = prepare_for_sleep(_metadata);
	before = self->r->mod.commands;
	ASSERT_EQ(0, smpair_op_close(self->r->client, self->r->dev, &op));
	EXPECT_EQ(-ETIMEDOUT, smpair_op_wait(self->r->client, op, 200, &self->out));
	EXPECT_EQ(before, self->r->mod.commands);
	close(fd);
	EXPECT_EQ(0, smpair_op_wait(self->r->client, op, RIG_PATIENCE_MS, &self->out));
	EXPECT_EQ(0, self->out.error);
	EXPECT_EQ(SMPAIR_STATE_CLOSED, rig_settle(self->r));
}

RIG_TEST(module_inserted_before_sleep_is_left_alone_until_after_it)
{
	struct smpair_dev_info info;
	int fd;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	rig_remove(self->r);
	fd = prepare_for_sleep(_metadata);
	self->r->mod.commands = 0;
	ASSERT_EQ(0, rig_insert(self->r));
	/* as long as another insertion takes, twice */
	usleep(500000);
	ASSERT_EQ(0, smpair_dev_get(self->r->client, self->r->dev, &info));
	EXPECT_EQ(SMPAIR_STATE_PROBING, info.state);
	EXPECT_EQ(0, self->r->mod.commands);
	close(fd);
	EXPECT_EQ(SMPAIR_STATE_PAIRED, rig_wait_state(self->r, SMPAIR_STATE_PAIRED));
	EXPECT_TRUE(rig_echo(self->r, 10));
}

RIG_TEST(module_pulled_before_sleep_is_gone_at_once)
{
	int fd;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	fd = prepare_for_sleep(_metadata);
	rig_remove(self->r);
	EXPECT_EQ(0, rig_count_devs(self->r->client));
	close(fd);
	ASSERT_EQ(0, rig_insert(self->r));
	EXPECT_EQ(SMPAIR_STATE_PAIRED, rig_wait_state(self->r, SMPAIR_STATE_PAIRED));
	EXPECT_TRUE(rig_echo(self->r, 10));
}

static const char *missing(void)
{
	/* How a virtual PC calls itself, and QEMU's machine for arm64 */
	if (!has("/proc/cpuinfo", "hypervisor") &&
	    !has("/proc/device-tree/compatible", "linux,dummy-virt"))
		return "suspends the machine, which is done in a virtual one only";
	if (!has("/sys/power/state", "mem"))
		return "the machine cannot suspend";
	if (access(ALARM, W_OK) || access(WAKEUP_COUNT, W_OK))
		return "no clock can wake the machine";
	if (access("/dev/snapshot", R_OK))
		return "the kernel has no /dev/snapshot";
	if (access(TRACING "/instances", W_OK))
		return "tracefs is not mounted at " TRACING;
	return NULL;
}

int main(int argc, char **argv)
{
	const char *why = missing();

	if (why) {
		ksft_print_header();
		ksft_exit_skip("%s\n", why);
	}
	return test_harness_run(argc, argv);
}
