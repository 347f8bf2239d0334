/* SPDX-License-Identifier: GPL-2.0 */
/* A module that leaves one kind of command without an answer, and says when it came. */
#ifndef RIG_STALL_H
#define RIG_STALL_H

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "fixture.h"

struct stall {
	uint8_t ins;
	int pipe[2];
};

static void stall(void *ctx, struct rig_xchg *x)
{
	struct stall *s = ctx;

	if (x->rsp_len || x->cmd_len < 2 || x->cmd[1] != s->ins)
		return;
	x->mute = true;
	if (write(s->pipe[1], "!", 1) != 1)
		abort();
}

static void await_stall(struct __test_metadata *_metadata, struct stall *s)
{
	struct pollfd pfd = { .fd = s->pipe[0], .events = POLLIN };
	char c;

	ASSERT_EQ(1, poll(&pfd, 1, RIG_PATIENCE_MS));
	ASSERT_EQ(1, read(s->pipe[0], &c, 1));
}

static void start_stall(struct __test_metadata *_metadata, struct rig *r, struct stall *s,
			uint8_t ins)
{
	s->ins = ins;
	ASSERT_EQ(0, pipe(s->pipe));
	rig_module_hook(&r->mod, stall, s);
}

#endif /* RIG_STALL_H */
