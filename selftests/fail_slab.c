// SPDX-License-Identifier: GPL-2.0
/*
 * Each flow with one allocation of the driver failing, then a later one, and so
 * on until none is left: in work items as in system calls. The attempt ends with
 * a clean error or goes well, no state is left behind, and the next attempt
 * works. A flow has up to two hundred of them, and takes a second for each in the
 * emulated machine: FAIL_SLAB=all in the environment leaves none out.
 */
#include <fcntl.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "rig/faultinj.h"
#include "rig/flow.h"

#define GUARD_S	3600	/* against hangs on a slow emulated machine */
#define STEP	8

FIXTURE(slab) {
	struct stage st;
	unsigned int faults, succeeded;
};

static bool armed, struck;

FIXTURE_VARIANT(slab) {
	const char *module;
};

FIXTURE_VARIANT_ADD(slab, core) { .module = "smpair" };
FIXTURE_VARIANT_ADD(slab, virt) { .module = "smpair_virt" };

static int insert(struct stage *st)
{
	return rig_module_insert(&st->rig.mod);
}

static int take_out(struct stage *st)
{
	rig_remove(&st->rig);
	return 0;
}

/* Allocates in both modules and leaves nothing. */
static void allocate(void *ctx)
{
	struct stage *st = ctx;
	struct smpair_host_info info;
	int fd = open("/dev/smpair_virt", O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	smpair_host_get(st->rig.client, &info);
}

static void calm(struct stage *st)
{
	if (!armed)
		return;
	armed = false;
	struck = faultinj_module_disarm(allocate, st);
}

FIXTURE_SETUP(slab)
{
	const char *missing = rig_missing();

	self->st.rig.mod.fd = -1;
	if (missing)
		SKIP(return, "%s", missing);
	ASSERT_TRUE(faultinj_setup());
	self->st.insert = insert;
	self->st.remove = take_out;
	self->st.calm = calm;
	self->st.causes = STAGE_CAUSE(NO_MEMORY);
	self->st.errors[0] = ENOMEM;
}

FIXTURE_TEARDOWN(slab)
{
	stage_close(&self->st);
}

static bool run(struct stage *st, const struct flow *flow, const char *module, unsigned int nth)
{
	if (!flow->prepare(st))
		return false;
	if (!faultinj_module_arm(module, nth))
		return stage_no(st, "failslab is refused");
	armed = true;
	flow->attempt(st);
	calm(st);
	return flow->judge(st);
}

/* Short flows leave none out. */
static unsigned int step(unsigned int n)
{
	const char *which = getenv("FAIL_SLAB");

	return n < STEP || (which && !strcmp(which, "all")) ? 1 : STEP;
}

#define SLAB_TEST(flow)							\
TEST_F_TIMEOUT(slab, flow, GUARD_S)					\
{									\
	unsigned int n;							\
									\
	struck = true;							\
	ASSERT_TRUE(stage_open(&self->st, &flow)) TH_LOG("%s", self->st.why); \
	for (n = 1; struck && n < FAULTINJ_MAX; n += step(n)) {	\
		ASSERT_TRUE(run(&self->st, &flow, variant->module, n))	\
			TH_LOG("allocation %u: %s", n, self->st.why);	\
		self->faults += struck;					\
		self->succeeded += struck && !self->st.error;		\
	}								\
	printf("# " #flow ": %u allocations failed, %u of them with success\n", \
	       self->faults, self->succeeded);				\
	EXPECT_FALSE(struck);						\
	EXPECT_GT(self->faults, 0);					\
}

SLAB_TEST(insertion_unpaired)
SLAB_TEST(insertion_paired)
SLAB_TEST(open_in_all_generations)
SLAB_TEST(rewrap)
SLAB_TEST(pairing)
SLAB_TEST(wrong_pin)
SLAB_TEST(eviction)
SLAB_TEST(one_exchange)
SLAB_TEST(chained_exchange)
SLAB_TEST(exchange_with_rekey)
SLAB_TEST(unpairing)
SLAB_TEST(closing)
SLAB_TEST(management)

TEST_F_TIMEOUT(slab, nothing_of_all_this_has_leaked, GUARD_S)
{
	int leaks = faultinj_leaks();

	if (leaks < 0)
		SKIP(return, "this kernel has no kmemleak; make check-debug builds one that has");
	EXPECT_EQ(0, leaks);
}

int main(int argc, char **argv)
{
	const char *missing = faultinj_module_missing();

	if (missing) {
		ksft_print_header();
		ksft_exit_skip("%s\n", missing);
	}
	return test_harness_run(argc, argv);
}
