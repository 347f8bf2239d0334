// SPDX-License-Identifier: GPL-2.0
/* How each disturbance strikes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "race.h"
#include "rig/kmod.h"
#include "rig/setting.h"

#define PM_TEST		"/sys/power/pm_test"
#define PM_TEST_DELAY	"/sys/module/suspend/parameters/pm_test_delay"
#define PM_STATE	"/sys/power/state"

/* The kernel waits 5 s for its own helpers in user space, modprobe say, before it gives up. */
#define PM_ATTEMPTS	12

static void let_go(struct race *race, const struct situation *situation, enum hold_end end)
{
	if (situation->held)
		hold_release(&race->hold, end);
}

static int strike_close(struct race *race, const struct situation *situation)
{
	(void)situation;
	rig_remove(&race->rig);
	return 0;
}

/* The link does not tell the driver; it learns from the module's answers. */
static int strike_reset(struct race *race, const struct situation *situation)
{
	if (situation->held)
		hold_release(&race->hold, HOLD_POWER_CYCLE);
	else
		rig_module_power_cycle(&race->rig.mod);
	return 0;
}

static int strike_agent(struct race *race, const struct situation *situation)
{
	peer_kill(&race->agent);
	let_go(race, situation, HOLD_ANSWER);
	return 0;
}

static const char *smpairctl_missing(void)
{
	return system("command -v smpairctl >/dev/null") ? "smpairctl is not in PATH" : NULL;
}

static int strike_helper(struct race *race, const struct situation *situation)
{
	peer_kill(&race->helper);
	let_go(race, situation, HOLD_ANSWER);
	return 0;
}

static const char *pm_test_missing(void)
{
	return access(PM_TEST, W_OK) ? "the kernel is built without CONFIG_PM_DEBUG" : NULL;
}

/* A command under way is answered by nobody: who could do it is about to sleep. */
static int suspend_to(struct race *race, const struct situation *situation, const char *level)
{
	unsigned int attempts = PM_ATTEMPTS;
	int err;

	let_go(race, situation, HOLD_DROP);
	err = setting_write(PM_TEST_DELAY, "0") ?: setting_write(PM_TEST, level);
	if (err)
		return err;
	do {
		err = setting_write(PM_STATE, "freeze");
	} while (err == -EAGAIN && --attempts);
	return setting_write(PM_TEST, "none") ?: err;
}

static int strike_freezer(struct race *race, const struct situation *situation)
{
	return suspend_to(race, situation, "freezer");
}

static int strike_devices(struct race *race, const struct situation *situation)
{
	return suspend_to(race, situation, "devices");
}

#define CORE	"smpair"
#define VIRT	"smpair_virt"

static const char *modules_missing(void)
{
	return rig_kmod_exists(CORE) && rig_kmod_exists(VIRT) ?
	       NULL : "the driver's modules do not lie beside this program";
}

static int refused(const char *name)
{
	int err = rig_kmod_unload(name);

	if (err == -EWOULDBLOCK)
		return 0;
	printf("# %s is in use, and unloading it gave %d\n", name, err);
	return err ? err : -EPROTO;
}

/*
 * Refused while the link is open. Then the module leaves, and at once, while what it
 * was doing ends, the driver goes too, in the order in which its users let go of it.
 */
static int strike_unload(struct race *race, const struct situation *situation)
{
	bool core_is_used = race->node >= 0 || race->dump.fd >= 0;
	int err = refused(VIRT) ?: refused(CORE);

	(void)situation;
	if (err)
		return err;
	rig_module_remove(&race->rig.mod);
	race->rig.dev = RIG_NO_DEV;
	dump_empty(&race->dump);
	err = rig_kmod_unload(VIRT);
	if (!err && core_is_used)
		err = refused(CORE);
	if (err)
		return err;
	race_drop_files(race);
	return rig_kmod_unload(CORE) ?: rig_kmod_load(CORE, "") ?: rig_kmod_load(VIRT, "");
}

const struct disturbance disturbances[DISTURBANCE_COUNT] = {
	[AT_device_closed] = {
		.kind = RACE_CLOSE,
		.strike = strike_close,
	},
	[AT_module_reset] = {
		.kind = RACE_RESET,
		.strike = strike_reset,
	},
	[AT_agent_killed] = {
		.kind = RACE_KILL_AGENT,
		.strike = strike_agent,
	},
	[AT_helper_killed] = {
		.kind = RACE_KILL_HELPER,
		.missing = smpairctl_missing,
		.strike = strike_helper,
	},
	[AT_suspend_to_freezer] = {
		.kind = RACE_SUSPEND,
		.missing = pm_test_missing,
		.strike = strike_freezer,
	},
	[AT_suspend_to_devices] = {
		.kind = RACE_SUSPEND,
		.missing = pm_test_missing,
		.strike = strike_devices,
	},
	[AT_driver_unloaded] = {
		.kind = RACE_UNLOAD,
		.missing = modules_missing,
		.strike = strike_unload,
	},
};
