// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Events as they come, one a line.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <time.h>

#include <smpair/names.h>

#include "args.h"
#include "out.h"

/* Without --timeout the wait goes on after each of these. */
#define STEP_MS		3600000

static const char * const types[] = {
	[SMPAIR_EVENT_ADD]	= "add",
	[SMPAIR_EVENT_DEL]	= "del",
	[SMPAIR_EVENT_CHANGE]	= "change",
};

/* RFC 3339, UTC, milliseconds. */
static void now_text(char *text, size_t size)
{
	struct timespec ts;
	struct tm tm;
	size_t len;

	clock_gettime(CLOCK_REALTIME, &ts);
	gmtime_r(&ts.tv_sec, &tm);
	len = strftime(text, size, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + len, size - len, ".%03ldZ", ts.tv_nsec / 1000000);
}

static int tell(const struct ctl *ctl, const struct smpair_event *event)
{
	const struct smpair_dev_info *dev = &event->dev;
	char when[40];
	json_t *object;

	now_text(when, sizeof(when));
	if (ctl->json) {
		object = out_object();
		out_set(object, "time", json_string(when));
		out_set(object, "event", json_string(types[event->type]));
		out_set(object, "resync", json_boolean(event->resync));
		json_object_update_new(object, out_dev(dev));
		return out_json(object);
	}
	printf("%s %-6s %-10s %s", when, types[event->type], dev->name,
	       smpair_state_name(dev->state));
	if (dev->cause != SMPAIR_CAUSE_NONE)
		printf(" (%s)", smpair_cause_info(dev->cause)->name);
	puts(event->resync ? " [found after lost events]" : "");
	return fflush(stdout) ? SMPAIR_EXIT_OTHER : SMPAIR_EXIT_DONE;
}

int cmd_monitor(struct ctl *ctl)
{
	const char *text = ctl_value(ctl, "count");
	uint32_t count = 0, seen = 0;
	struct smpair_event event;
	int err;

	if (text && args_number(text, 1, UINT32_MAX, &count))
		return out_usage(ctl, "--count must be a number from 1 on");
	err = ctl_connect(ctl);
	if (err)
		return err;
	err = smpair_events_join(ctl->client, SMPAIR_EVENTS_MONITOR);
	if (err)
		return out_fail(ctl, err, NULL);

	while (!count || seen < count) {
		err = smpair_events_next(ctl->client, ctl_left(ctl, STEP_MS), &event);
		if (err == -ETIMEDOUT && !ctl->timeout_s)
			continue;
		if (err)
			return out_fail(ctl, err, NULL);
		if (tell(ctl, &event))
			return SMPAIR_EXIT_OTHER;
		seen++;
	}
	return SMPAIR_EXIT_DONE;
}
