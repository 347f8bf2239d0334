/* SPDX-License-Identifier: GPL-2.0 */
/* The fixture that the tests of this folder share. */
#ifndef RIG_FIXTURE_H
#define RIG_FIXTURE_H

#include "kselftest_harness.h"
#include "rig.h"
#include "softmod/app.h"

/* A guard against hangs on a slow emulated machine, not an expectation. */
#define RIG_TIMEOUT 300

FIXTURE(rig) {
	struct rig rig;
	struct rig *r;
	struct smpair_outcome out;
};

FIXTURE_SETUP(rig)
{
	const char *missing = rig_missing();

	self->r = &self->rig;
	self->rig.mod.fd = -1;
	if (missing)
		SKIP(return, "%s", missing);
	ASSERT_EQ(0, rig_init(self->r, NULL));
}

FIXTURE_TEARDOWN(rig)
{
	rig_exit(self->r);
}

#define RIG_TEST(name) TEST_F_TIMEOUT(rig, name, RIG_TIMEOUT)

/* Replaces the standard module by one that @change made different. */
#define RIG_REMAKE(change) do {						\
	struct sm_perso perso;						\
									\
	rig_module_free(&self->r->mod);					\
	rig_perso_init(&perso, 1);					\
	change;								\
	ASSERT_EQ(0, rig_module_make(&self->r->mod, &perso));		\
} while (0)

#endif /* RIG_FIXTURE_H */
