/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-ID.json: the public half of host credentials.
 */
#ifndef SMPAIRCTL_HOSTFILE_H
#define SMPAIRCTL_HOSTFILE_H

#include "ctl.h"

/* Longer than any well-formed file. */
#define HOSTFILE_SIZE	16384

struct hostfile {
	uint8_t id[SMPAIR_ID_LEN];
	size_t cy_count;
	uint8_t cy[SMPAIR_CY_MAX][SMPAIR_CY_LEN];
};

const char *hostfile_parse(const char *text, size_t len, struct hostfile *host);

#endif /* SMPAIRCTL_HOSTFILE_H */
