// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "softmod/core/bytes.h"
#include "softmod/core/kdf.h"
#include "softmod/core/random.h"

int sm_draw(struct sm_module *m, const char *label,
	    uint8_t out[PDT1_HASH_LEN])
{
	uint8_t rng[32];
	int err = SM_EIO;

	/* A counter that came round would repeat what it hedges */
	if (m->volatile_counter != UINT32_MAX &&
	    !m->port.random(m->port.ctx, rng, sizeof(rng)))
		err = sm_hedge(&m->port, m->store.keys.km, label,
			       m->store.boot, ++m->volatile_counter, rng, out);
	sm_wipe(rng, sizeof(rng));
	return err;
}

int sm_draw_share(struct sm_module *m, const uint8_t peer[PDT1_X25519_LEN],
		  uint8_t rm[PDT1_RAND_LEN], uint8_t xm[PDT1_X25519_LEN],
		  uint8_t dh[PDT1_X25519_LEN])
{
	static const uint8_t zero[PDT1_X25519_LEN];
	const struct sm_port *port = &m->port;
	uint8_t r[PDT1_HASH_LEN];
	uint8_t secret[PDT1_HASH_LEN];
	int err;

	err = sm_draw(m, PDT1_CTX_RM, r);
	if (err)
		return err;
	memcpy(rm, r, PDT1_RAND_LEN);

	err = sm_draw(m, PDT1_CTX_XM, secret);
	if (!err && (port->x25519(port->ctx, secret, NULL, xm) ||
		     port->x25519(port->ctx, secret, peer, dh)))
		err = SM_EIO;
	if (!err && sm_equal(dh, zero, sizeof(zero)))
		err = SM_EINVAL;

	sm_wipe(r, sizeof(r));
	sm_wipe(secret, sizeof(secret));
	return err;
}
