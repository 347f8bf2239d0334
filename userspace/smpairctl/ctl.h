/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One invocation of smpairctl: what was asked, until when, and how to tell it.
 */
#ifndef SMPAIRCTL_CTL_H
#define SMPAIRCTL_CTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <smpair/error.h>
#include <smpair/smpair.h>

/* More options than any verb has. */
#define CTL_OPTIONS_MAX	8

struct ctl;

/**
 * struct ctl_option - one option of a verb
 * @name: Without its dashes.
 * @arg: What its argument is called, or NULL for a flag.
 * @values: Words that the argument may be, separated by blanks, or NULL.
 * @help: What it does.
 * @required: The verb cannot do without it.
 */
struct ctl_option {
	const char *name;
	const char *arg;
	const char *values;
	const char *help;
	bool required;
};

/**
 * struct ctl_verb - one verb
 * @name: One word, or two separated by a blank.
 * @help: What it does.
 * @takes_dev: It is followed by a module.
 * @options: Its options; the unused end is zero.
 * @run: Does it; returns an exit code.
 */
struct ctl_verb {
	const char *name;
	const char *help;
	bool takes_dev;
	struct ctl_option options[CTL_OPTIONS_MAX];
	int (*run)(struct ctl *ctl);
};

/**
 * struct ctl - one invocation
 * @verb: What to do.
 * @json: Tell it as JSON.
 * @timeout_s: --timeout in seconds; 0 where it was not given.
 * @deadline: Its end in milliseconds of the monotonic clock, where given.
 * @dev: Module, where the verb takes one.
 * @values: Argument of each option of the verb, "" for a flag, NULL where it
 *	was not given.
 * @client: Connection to the driver, or NULL.
 */
struct ctl {
	const struct ctl_verb *verb;
	bool json;
	unsigned int timeout_s;
	int64_t deadline;
	uint32_t dev;
	const char *values[CTL_OPTIONS_MAX];
	struct smpair_client *client;
};

extern const struct ctl_verb ctl_verbs[];
extern const struct ctl_option ctl_globals[];

const char *ctl_value(const struct ctl *ctl, const char *option);
bool ctl_flag(const struct ctl *ctl, const char *option);
int64_t ctl_now(void);
unsigned int ctl_left(const struct ctl *ctl, unsigned int without_timeout_ms);
int ctl_connect(struct ctl *ctl);
void ctl_dev_name(uint32_t dev, char name[SMPAIR_NAME_SIZE]);

int cmd_answer(struct ctl *ctl);
int cmd_close(struct ctl *ctl);
int cmd_doctor(struct ctl *ctl);
int cmd_exchange(struct ctl *ctl);
int cmd_host_clear(struct ctl *ctl);
int cmd_host_load(struct ctl *ctl);
int cmd_host_show(struct ctl *ctl);
int cmd_info(struct ctl *ctl);
int cmd_list(struct ctl *ctl);
int cmd_manage(struct ctl *ctl);
int cmd_monitor(struct ctl *ctl);
int cmd_open(struct ctl *ctl);
int cmd_pair(struct ctl *ctl);
int cmd_pending(struct ctl *ctl);
int cmd_report(struct ctl *ctl);
int cmd_slots(struct ctl *ctl);
int cmd_status(struct ctl *ctl);
int cmd_unpair(struct ctl *ctl);

#endif /* SMPAIRCTL_CTL_H */
