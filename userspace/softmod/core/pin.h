/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PIN, request code and fork tag (section 11). */
#ifndef SOFTMOD_CORE_PIN_H
#define SOFTMOD_CORE_PIN_H

#include "softmod/core/store.h"

/**
 * sm_pin() - the PIN that the next pairing with a host takes
 * @port: platform
 * @store: records
 * @sn: host
 * @pin: receives eight ASCII digits; the caller wipes them
 *
 * Return: 0, SM_EINVAL when the policy knows no PIN, SM_EIO.
 */
int sm_pin(const struct sm_port *port, const struct sm_store *store,
	   const uint8_t sn[PDT1_ID_LEN], uint8_t pin[PDT1_PIN_LEN]);

/**
 * sm_pin_tries() - tries left as people should see them
 * @store: records
 *
 * Return: PTC, or 0 once a hundred wrong PINs were seen.
 */
uint8_t sm_pin_tries(const struct sm_store *store);

/**
 * sm_request_code() - number by which the centre recognises module and state
 * @port: platform
 * @store: records
 * @sn: host
 * @rq: receives 0 to 999999
 *
 * Return: 0 or SM_EIO.
 */
int sm_request_code(const struct sm_port *port, const struct sm_store *store,
		    const uint8_t sn[PDT1_ID_LEN], uint32_t *rq);

/**
 * sm_fork_tag() - the fork tag after a pairing with a host
 * @port: platform
 * @store: records as before the pairing
 * @sn: host
 * @ft: receives the tag; the present one but under the indexed policy
 *
 * Return: 0 or SM_EIO.
 */
int sm_fork_tag(const struct sm_port *port, const struct sm_store *store,
		const uint8_t sn[PDT1_ID_LEN], uint8_t ft[PDT1_FT_LEN]);

#endif /* SOFTMOD_CORE_PIN_H */
