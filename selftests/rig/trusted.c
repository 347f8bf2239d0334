// SPDX-License-Identifier: GPL-2.0
#include "trusted.h"

#include <errno.h>
#include <keyutils.h>
#include <stdio.h>
#include <string.h>

#include "tpm.h"

static int32_t add_trusted(const char *name, const char *command)
{
	int32_t key = add_key("trusted", name, command, strlen(command), KEY_SPEC_PROCESS_KEYRING);

	return key < 0 ? -errno : key;
}

/* In the older of the two forms that the kernel takes, which ends with a byte of its own. */
int32_t rig_trusted_key(const struct rig_host *host)
{
	char command[2 * RIG_TPM_SEALED_MAX + 64] = "load ";
	uint8_t payload[48 + 4 * 34 + 1], sealed[RIG_TPM_SEALED_MAX];
	size_t len = rig_host_payload(host, payload), used;
	int n, i;

	payload[len++] = 1;	/* may be sealed anew */
	n = rig_tpm_seal(payload, len, sealed);
	if (n < 0)
		return n;
	used = strlen(command);
	for (i = 0; i < n; i++)
		used += (size_t)sprintf(command + used, "%02x", sealed[i]);
	sprintf(command + used, " keyhandle=%#x", RIG_TPM_PARENT);
	return add_trusted("smpair-host", command);
}

int32_t rig_trusted_random_key(void)
{
	uint8_t sealed[RIG_TPM_SEALED_MAX];
	char command[64];
	int n = rig_tpm_seal("", 1, sealed);	/* for the storage key */

	if (n < 0)
		return n;
	sprintf(command, "new 32 keyhandle=%#x", RIG_TPM_PARENT);
	return add_trusted("smpair-random", command);
}
