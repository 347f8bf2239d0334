// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <time.h>

#include <smpair/id.h>

#include "centre/centre.h"

static const char *id_text(const uint8_t *id, char *buf, size_t size)
{
	if (!id)
		return "-";
	smpair_id_format(id, buf, size);
	return buf;
}

static int print_decision(const struct store_decision *decision, void *arg)
{
	char module[SMPAIR_ID_TEXT_SIZE], host[SMPAIR_ID_TEXT_SIZE];
	char at[32] = "?", n[16] = "-", uid[16];
	time_t seconds = decision->at;
	struct tm utc;

	(void)arg;
	if (gmtime_r(&seconds, &utc))
		strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", &utc);
	snprintf(uid, sizeof(uid), "uid %u", decision->uid);
	if (decision->has_n)
		snprintf(n, sizeof(n), "%u", decision->n);
	printf("%s  %s  %-7s  %-7s  module %s  host %s  N %s  %s%s%s\n", at,
	       decision->client ? decision->client : uid, decision->verb, decision->result,
	       id_text(decision->mid, module, sizeof(module)),
	       id_text(decision->sn, host, sizeof(host)), n, decision->cause,
	       decision->detail && *decision->detail ? ": " : "",
	       decision->detail ? decision->detail : "");
	return 0;
}

/**
 * centre_log() - List what was decided, oldest first.
 * @centre: --module, --host: only what concerns these.
 *
 * Return: As all verbs.
 */
int centre_log(struct centre *centre)
{
	const struct centre_args *args = centre->args;
	uint8_t mid[PDT1_ID_LEN], sn[PDT1_ID_LEN];
	int err = 0;

	if (args->module)
		err = centre_id(centre, "module", args->module, mid);
	if (!err && args->host)
		err = centre_id(centre, "host", args->host, sn);
	if (err)
		return err;
	return store_each_decision(centre->store, args->module ? mid : NULL,
				   args->host ? sn : NULL, print_decision, NULL,
				   &centre->error);
}
