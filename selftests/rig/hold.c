// SPDX-License-Identifier: GPL-2.0
#include "hold.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"

/* Waits for the test's word, or for the removal of the module. */
static enum hold_end await_end(const struct hold *hold)
{
	struct pollfd pfd[2] = {
		{ .fd = hold->end[0], .events = POLLIN },
		{ .fd = hold->mod->wake[0], .events = POLLIN },
	};
	uint8_t end;

	while (poll(pfd, 2, -1) < 0 && errno == EINTR)
		;
	if (!pfd[0].revents)
		return HOLD_DROP;
	if (read(hold->end[0], &end, 1) != 1)
		abort();
	return end;
}

/* Runs in the module's thread. */
static void held(void *ctx, struct rig_xchg *x)
{
	struct hold *hold = ctx;

	if (!hold->armed || x->rsp_len || x->cmd_len < 2 || x->cmd[1] != hold->ins)
		return;
	hold->armed = false;
	if (write(hold->reached[1], "!", 1) != 1)
		abort();
	switch (await_end(hold)) {
	case HOLD_ANSWER:
		break;
	case HOLD_DROP:
		x->mute = true;
		break;
	case HOLD_POWER_CYCLE:
		rig_module_power_cycle(hold->mod);
		break;
	}
}

int hold_arm(struct hold *hold, struct rig_module *mod, uint8_t ins)
{
	if (pipe(hold->reached))
		return -errno;
	if (pipe(hold->end)) {
		close(hold->reached[0]);
		close(hold->reached[1]);
		return -errno;
	}
	hold->ins = ins;
	hold->armed = true;
	hold->mod = mod;
	rig_module_hook(mod, held, hold);
	return 0;
}

int hold_wait(struct hold *hold)
{
	struct pollfd pfd = { .fd = hold->reached[0], .events = POLLIN };

	return poll(&pfd, 1, RIG_PATIENCE_MS) == 1 ? 0 : -ETIME;
}

void hold_release(struct hold *hold, enum hold_end end)
{
	uint8_t byte = end;

	if (write(hold->end[1], &byte, 1) != 1)
		abort();
}
