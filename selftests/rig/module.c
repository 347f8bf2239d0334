// SPDX-License-Identifier: GPL-2.0
#include "module.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/smpair_virt.h>
#include "link.h"
#include "softmod/app.h"
#include "softmod/port/linux.h"

static void respond(struct rig_module *mod, uint64_t id, const uint8_t *data, size_t len)
{
	struct smpair_virt_event ev = { .type = SMPAIR_VIRT_RESPONSE, .len = len, .id = id };
	uint8_t *buf = malloc(sizeof(ev) + len);
	unsigned int tries;
	ssize_t got = 0;

	if (!buf)
		return;
	memcpy(buf, &ev, sizeof(ev));
	memcpy(buf + sizeof(ev), data, len);
	/* An event whose answer found no memory is still under way. */
	for (tries = 0; tries < 3; tries++) {
		got = write(mod->fd, buf, sizeof(ev) + len);
		if (got >= 0 || errno != ENOMEM)
			break;
	}
	if (got < 0 && errno != ENODEV)
		printf("# module: response refused: %s\n", strerror(errno));
	free(buf);
}

static void command(struct rig_module *mod, uint64_t id, uint8_t *cmd, size_t len, uint8_t *rsp)
{
	struct rig_xchg x = { .cmd = cmd, .cmd_len = len, .rsp = rsp };
	rig_hook hook;
	void *ctx;

	pthread_mutex_lock(&mod->lock);
	hook = mod->hook;
	ctx = mod->hook_ctx;
	mod->commands++;
	mod->bytes += len;
	pthread_mutex_unlock(&mod->lock);

	if (hook)
		hook(ctx, &x);
	if (x.mute)
		return;
	if (!x.skip) {
		if (sm_apdu(mod->m, x.cmd, x.cmd_len, rsp, SM_RESPONSE_MAX, &x.rsp_len))
			return;		/* no power */
		if (hook)
			hook(ctx, &x);
		if (x.mute)
			return;
	}
	pthread_mutex_lock(&mod->lock);
	mod->bytes += x.rsp_len;
	pthread_mutex_unlock(&mod->lock);
	respond(mod, id, rsp, x.rsp_len);
}

static void *serve(void *arg)
{
	struct rig_module *mod = arg;
	uint8_t *buf = malloc(RIG_EVENT_MAX), *rsp = malloc(SM_RESPONSE_MAX);
	struct smpair_virt_event ev;

	while (buf && rsp) {
		struct pollfd pfd[2] = {
			{ .fd = mod->fd, .events = POLLIN },
			{ .fd = mod->wake[0], .events = POLLIN },
		};
		ssize_t got;

		if (poll(pfd, 2, -1) < 0 && errno != EINTR)
			break;
		if (pfd[1].revents)
			break;
		if (!pfd[0].revents)
			continue;
		got = read(mod->fd, buf, RIG_EVENT_MAX);
		if (got < (ssize_t)sizeof(ev))
			break;
		memcpy(&ev, buf, sizeof(ev));
		if (ev.type == SMPAIR_VIRT_RESET) {
			sm_reset(mod->m);
			respond(mod, ev.id, rig_link_atr, sizeof(rig_link_atr));
		} else if (ev.type == SMPAIR_VIRT_COMMAND) {
			command(mod, ev.id, buf + sizeof(ev), ev.len, rsp);
		}
	}
	free(buf);
	free(rsp);
	return NULL;
}

int rig_module_make(struct rig_module *mod, const struct sm_perso *perso)
{
	int err;

	memset(mod, 0, sizeof(*mod));
	mod->fd = -1;
	mod->perso = *perso;
	pthread_mutex_init(&mod->lock, NULL);
	mod->m = calloc(1, sizeof(*mod->m));
	if (!mod->m)
		return -ENOMEM;
	snprintf(mod->image, sizeof(mod->image), "/tmp/rig-%d-%02x.img", getpid(), perso->mid[7]);
	unlink(mod->image);
	err = nvm_file_create(&mod->file, mod->image);
	if (err)
		goto free;
	linux_port_init(&mod->port, &mod->file);
	err = sm_personalise(&mod->port, perso);
	if (!err)
		return 0;
	printf("# module: personalisation failed: %d\n", err);
	nvm_file_close(&mod->file);
	unlink(mod->image);
	err = -EINVAL;
free:
	free(mod->m);
	mod->m = NULL;
	return err;
}

int rig_module_insert(struct rig_module *mod)
{
	int err;

	nvm_file_restore(&mod->file);
	sm_power_up(mod->m, &mod->port, &softmod_app);
	if (pipe(mod->wake))
		return -errno;
	mod->fd = rig_link_attach();
	if (mod->fd < 0) {
		err = mod->fd;
		goto close_pipe;
	}
	err = -pthread_create(&mod->thread, NULL, serve, mod);
	if (!err)
		return 0;
	close(mod->fd);
close_pipe:
	close(mod->wake[0]);
	close(mod->wake[1]);
	mod->fd = -1;
	return err;
}

void rig_module_remove(struct rig_module *mod)
{
	if (mod->fd < 0)
		return;
	close(mod->wake[1]);
	pthread_join(mod->thread, NULL);
	close(mod->wake[0]);
	close(mod->fd);
	mod->fd = -1;
	sm_power_down(mod->m);
}

void rig_module_power_cycle(struct rig_module *mod)
{
	sm_power_down(mod->m);
	sm_power_up(mod->m, &mod->port, &softmod_app);
}

void rig_module_free(struct rig_module *mod)
{
	if (!mod->m)
		return;
	rig_module_remove(mod);
	nvm_file_close(&mod->file);
	unlink(mod->image);
	free(mod->m);
	mod->m = NULL;
}

void rig_module_hook(struct rig_module *mod, rig_hook hook, void *ctx)
{
	pthread_mutex_lock(&mod->lock);
	mod->hook = hook;
	mod->hook_ctx = ctx;
	pthread_mutex_unlock(&mod->lock);
}
