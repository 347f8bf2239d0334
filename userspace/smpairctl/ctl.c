// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the verbs ask of their invocation.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ctl.h"
#include "out.h"

/* Argument of an option of the verb; "" for a flag, NULL where not given. */
const char *ctl_value(const struct ctl *ctl, const char *option)
{
	size_t i;

	for (i = 0; i < CTL_OPTIONS_MAX && ctl->verb->options[i].name; i++)
		if (!strcmp(ctl->verb->options[i].name, option))
			return ctl->values[i];
	return NULL;
}

bool ctl_flag(const struct ctl *ctl, const char *option)
{
	return ctl_value(ctl, option);
}

int64_t ctl_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Milliseconds that a wait may last: what --timeout leaves, or the default. */
unsigned int ctl_left(const struct ctl *ctl, unsigned int without_timeout_ms)
{
	int64_t left;

	if (!ctl->timeout_s)
		return without_timeout_ms;
	left = ctl->deadline - ctl_now();
	return left < 0 ? 0 : (unsigned int)left;
}

/* Connects to the driver and tells where that fails. 0 or an exit code. */
int ctl_connect(struct ctl *ctl)
{
	int err = smpair_client_open(&ctl->client);

	if (err)
		return out_fail(ctl, err, NULL);
	smpair_client_set_timeout(ctl->client, ctl_left(ctl, 10000));
	return 0;
}

void ctl_dev_name(uint32_t dev, char name[SMPAIR_NAME_SIZE])
{
	snprintf(name, SMPAIR_NAME_SIZE, "smpair%u", dev);
}
