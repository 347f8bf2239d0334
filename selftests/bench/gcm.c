// SPDX-License-Identifier: GPL-2.0
#include "gcm.h"

#include <errno.h>
#include <kcapi.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <linux/smpair_proto.h>
#include "clock.h"

#define AD_LEN	4	/* as that of an envelope */

static const uint8_t key[PDT1_KEY_LEN] = { 1 };
static const uint8_t nonce[PDT1_NONCE_LEN] = { 2 };

int gcm_open(struct gcm *gcm, size_t message_max)
{
	int err;

	memset(gcm, 0, sizeof(*gcm));
	gcm->size = AD_LEN + message_max + PDT1_TAG_LEN;
	gcm->in = calloc(1, gcm->size);
	gcm->out = calloc(1, gcm->size);
	err = gcm->in && gcm->out ? 0 : -ENOMEM;
	if (!err)
		err = kcapi_aead_init(&gcm->handle, "gcm(aes)", 0);
	if (!err)
		err = kcapi_aead_setkey(gcm->handle, key, sizeof(key));
	if (!err)
		err = kcapi_aead_settaglen(gcm->handle, PDT1_TAG_LEN);
	if (err)
		gcm_close(gcm);
	else
		kcapi_aead_setassoclen(gcm->handle, AD_LEN);
	return err;
}

void gcm_close(struct gcm *gcm)
{
	if (gcm->handle)
		kcapi_aead_destroy(gcm->handle);
	free(gcm->in);
	free(gcm->out);
	memset(gcm, 0, sizeof(*gcm));
}

static bool once(struct gcm *gcm, size_t plain, bool encrypt)
{
	size_t open = AD_LEN + plain, sealed = open + PDT1_TAG_LEN;

	if (encrypt)
		return kcapi_aead_encrypt(gcm->handle, gcm->in, open, nonce, gcm->out, sealed,
					  KCAPI_ACCESS_SENDMSG) >= 0;
	return kcapi_aead_decrypt(gcm->handle, gcm->in, sealed, nonce, gcm->out, open,
				  KCAPI_ACCESS_SENDMSG) >= 0;
}

uint64_t gcm_pair(struct gcm *gcm, size_t command, size_t answer)
{
	uint64_t ns, start;
	bool ok;

	if (AD_LEN + command + PDT1_TAG_LEN > gcm->size ||
	    AD_LEN + answer + PDT1_TAG_LEN > gcm->size)
		return 0;

	/* What is decrypted must verify: take what an encryption gave. */
	memset(gcm->in, 0x5a, gcm->size);
	if (!once(gcm, answer, true))
		return 0;
	memcpy(gcm->in + AD_LEN, gcm->out + AD_LEN, answer + PDT1_TAG_LEN);
	start = clock_ns();
	ok = once(gcm, answer, false);
	ns = clock_ns() - start;
	if (!ok)
		return 0;

	start = clock_ns();
	ok = once(gcm, command, true);
	ns += clock_ns() - start;
	return ok ? ns : 0;
}
