// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "softmod/app.h"

static uint16_t app_random(struct sm_module *m, const uint8_t *data,
			   size_t len, uint8_t *rsp, size_t size,
			   size_t *rsp_len)
{
	size_t count;

	if (len != 2)
		return PDT1_SW_LENGTH;
	count = (size_t)data[0] << 8 | data[1];
	if (count > size)
		return PDT1_SW_DATA;
	if (sm_app_random(m, rsp, count))
		return SM_SW_PLATFORM;
	*rsp_len = count;
	return PDT1_SW_OK;
}

static uint16_t app_hmac(struct sm_module *m, const uint8_t *data, size_t len,
			 uint8_t *rsp, size_t *rsp_len)
{
	const struct sm_part part = { data, len };
	uint8_t key[PDT1_KEY_LEN];
	int err;

	err = sm_app_key(m, APP_KEY_LABEL, key);
	if (!err)
		err = m->port.hmac(m->port.ctx, key, &part, 1, rsp);
	explicit_bzero(key, sizeof(key));
	if (err)
		return SM_SW_PLATFORM;
	*rsp_len = PDT1_HASH_LEN;
	return PDT1_SW_OK;
}

static uint16_t message(void *ctx, struct sm_module *m, const uint8_t *cmd,
			size_t len, uint8_t *rsp, size_t size, size_t *rsp_len)
{
	(void)ctx;
	if (!len)
		return PDT1_SW_DATA;

	switch (cmd[0]) {
	case APP_ECHO:
		memcpy(rsp, cmd + 1, len - 1);
		*rsp_len = len - 1;
		return PDT1_SW_OK;
	case APP_RANDOM:
		return app_random(m, cmd + 1, len - 1, rsp, size, rsp_len);
	case APP_HMAC:
		return app_hmac(m, cmd + 1, len - 1, rsp, rsp_len);
	default:
		return PDT1_SW_INS;
	}
}

const struct sm_app softmod_app = { .message = message };
