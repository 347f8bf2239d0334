// SPDX-License-Identifier: GPL-2.0
#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "dump.h"
#include "rig/link.h"
#include "smpair/key.h"

extern char **environ;

/* What the process that does as it is told knows */
struct self {
	const struct rig *rig;
	struct smpair_client *client;
	struct smpair_request request;
	struct dump dump;
};

static int do_register(struct self *self)
{
	int err = smpair_client_open(&self->client);

	if (err)
		return err;
	smpair_client_set_timeout(self->client, RIG_PATIENCE_MS);
	return smpair_events_join(self->client, SMPAIR_EVENTS_AGENTS) ?:
	       smpair_agent_register(self->client, 1);
}

static int do_await_request(struct self *self)
{
	struct smpair_event ev;
	int err;

	do {
		err = smpair_events_next(self->client, RIG_PATIENCE_MS, &ev);
	} while (!err && ev.type != SMPAIR_EVENT_REQUEST);
	return err;
}

static int do_accept(struct self *self)
{
	time_t end = time(NULL) + RIG_PATIENCE_MS / 1000;
	int err;

	for (;;) {
		err = smpair_request_accept(self->client, &self->request);
		if (err != -ENOENT || time(NULL) >= end)
			return err;
		usleep(10000);
	}
}

static int do_answer(struct self *self)
{
	char pin[PDT1_PIN_LEN];
	int32_t key;
	int err;

	rig_pin(&self->rig->mod.perso, &self->rig->host, self->request.index, pin);
	err = smpair_key_add_pin(pin, &key);
	return err ? err : smpair_request_done(self->client, self->request.id,
					       SMPAIR_ANSWER_ACCEPTED, key, false);
}

static void obey(const struct rig *rig, int in, int out)
{
	struct self self = { .rig = rig };
	uint8_t task;
	int err;

	while (read(in, &task, 1) == 1) {
		switch ((enum peer_task)task) {
		case PEER_REGISTER:
			err = do_register(&self);
			break;
		case PEER_AWAIT_REQUEST:
			err = do_await_request(&self);
			break;
		case PEER_ACCEPT:
			err = do_accept(&self);
			break;
		case PEER_ANSWER:
			err = do_answer(&self);
			break;
		case PEER_DUMP:
			err = dump_begin(&self.dump);
			break;
		default:
			err = -EINVAL;
		}
		if (write(out, &err, sizeof(err)) != sizeof(err))
			break;
	}
}

/* Two pipes; the ends of the other process are at [0] of @to and [1] of @from. */
static int two_pipes(int to[2], int from[2])
{
	int err;

	if (pipe2(to, O_CLOEXEC))
		return -errno;
	if (pipe2(from, O_CLOEXEC)) {
		err = -errno;
		close(to[0]);
		close(to[1]);
		return err;
	}
	return 0;
}

static void keep_ends(struct peer *peer, pid_t pid, int to[2], int from[2])
{
	close(to[0]);
	close(from[1]);
	peer->pid = pid;
	peer->to = to[1];
	peer->from = from[0];
}

int peer_start(struct peer *peer, const struct rig *rig)
{
	int to[2], from[2], err = two_pipes(to, from);
	pid_t pid;

	if (err)
		return err;
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		obey(rig, to[0], from[1]);
		_exit(0);
	}
	keep_ends(peer, pid, to, from);
	return 0;
}

int peer_ask(struct peer *peer, enum peer_task task)
{
	uint8_t byte = task;
	int err;

	if (write(peer->to, &byte, 1) != 1 ||
	    read(peer->from, &err, sizeof(err)) != sizeof(err))
		return -EPIPE;
	return err;
}

int peer_smpairctl(struct peer *peer, const char *input, const char * const argv[])
{
	posix_spawn_file_actions_t actions;
	int to[2], from[2], err = two_pipes(to, from);
	pid_t pid;

	if (err)
		return err;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, from[1], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, to[0], 3);
	err = -posix_spawnp(&pid, argv[0], &actions, NULL, (char **)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (!err && write(to[1], input, strlen(input)) < 0)
		err = -errno;
	keep_ends(peer, err ? 0 : pid, to, from);
	return err;
}

int peer_await_word(struct peer *peer)
{
	struct pollfd pfd = { .fd = peer->from, .events = POLLIN };

	return poll(&pfd, 1, RIG_PATIENCE_MS) == 1 && pfd.revents & POLLIN ? 0 : -ETIME;
}

int peer_await_monitor(struct peer *peer)
{
	struct pollfd pfd = { .fd = peer->from, .events = POLLIN };
	unsigned int i;
	int link, n;

	for (i = 0; i < RIG_PATIENCE_MS / 100; i++) {
		link = rig_link_attach();
		if (link < 0)
			return link;
		n = poll(&pfd, 1, 100);
		close(link);
		if (n == 1)
			return pfd.revents & POLLIN ? 0 : -EPIPE;
	}
	return -ETIME;
}

void peer_kill(struct peer *peer)
{
	if (!peer->pid)
		return;
	kill(peer->pid, SIGKILL);
	while (waitpid(peer->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(peer->to);
	close(peer->from);
	peer->pid = 0;
}
