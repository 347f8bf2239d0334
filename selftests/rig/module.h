/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The real software module in this process, behind /dev/smpair_virt, with a
 * man in the middle who may see and change each command and each answer.
 */
#ifndef RIG_MODULE_H
#define RIG_MODULE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "softmod/core/module.h"
#include "softmod/core/perso.h"
#include "softmod/port/nvm_file.h"

/**
 * struct rig_xchg - one command and its answer as the man in the middle holds them
 * @cmd: command, before the module sees it
 * @cmd_len: its length
 * @rsp: answer, after the module gave it
 * @rsp_len: its length; 0 while the command is on its way
 * @mute: set it to leave the command without an answer
 * @skip: set it before the module to answer with @rsp in its place
 */
struct rig_xchg {
	uint8_t *cmd;
	size_t cmd_len;
	uint8_t *rsp;
	size_t rsp_len;
	bool mute;
	bool skip;
};

/* Called twice for each command: with rsp_len 0, and with the answer. */
typedef void (*rig_hook)(void *ctx, struct rig_xchg *x);

struct rig_module {
	struct sm_perso perso;
	struct sm_module *m;
	struct nvm_file file;
	struct sm_port port;
	char image[64];
	int fd;			/* /dev/smpair_virt, or -1 when removed */
	int wake[2];
	pthread_t thread;
	pthread_mutex_t lock;	/* guards hook, hook_ctx and the counters */
	rig_hook hook;
	void *hook_ctx;
	unsigned int commands;
	size_t bytes;
};

int rig_module_make(struct rig_module *mod, const struct sm_perso *perso);
int rig_module_insert(struct rig_module *mod);	/* cold power-up; 0 or -errno */
void rig_module_remove(struct rig_module *mod);
/* Loses all but its flash, and the link stays. From a hook, or between two commands. */
void rig_module_power_cycle(struct rig_module *mod);
void rig_module_free(struct rig_module *mod);
void rig_module_hook(struct rig_module *mod, rig_hook hook, void *ctx);

#endif /* RIG_MODULE_H */
