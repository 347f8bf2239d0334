// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "softmod/core/bytes.h"
#include "softmod/core/kdf.h"
#include "softmod/core/module.h"
#include "softmod/core/recovery.h"
#include "softmod/core/session.h"

int sm_power_up(struct sm_module *m, const struct sm_port *port,
		const struct sm_app *app)
{
	sm_wipe(m, sizeof(*m));
	m->port = *port;
	m->app = *app;
	return sm_recover(m, true);
}

void sm_reset(struct sm_module *m)
{
	bool unsound = m->state == SM_VIRGIN || m->state == SM_FATAL;

	if (m->state == SM_OFF)
		return;
	if (!unsound)
		sm_idle(m);
	if (unsound || m->write_failed)
		sm_recover(m, m->boot_pending);
}

void sm_power_down(struct sm_module *m)
{
	sm_wipe(m, sizeof(*m));
}

int sm_app_random(struct sm_module *m, void *buf, size_t len)
{
	return m->port.random(m->port.ctx, buf, len) ? SM_EIO : 0;
}

int sm_app_key(struct sm_module *m, const char *label,
	       uint8_t key[PDT1_KEY_LEN])
{
	if (strncmp(label, "app-", 4))
		return SM_EINVAL;
	return sm_kdf(&m->port, m->store.keys.km, label, NULL, 0, key,
		      PDT1_KEY_LEN);
}
