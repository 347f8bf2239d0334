/* SPDX-License-Identifier: GPL-2.0 */
/* The far end of a virtual link. */
#ifndef RIG_LINK_H
#define RIG_LINK_H

#include <stdint.h>

#include <linux/smpair_virt.h>

#define RIG_EVENT_MAX	(sizeof(struct smpair_virt_event) + SMPAIR_VIRT_DATA_MAX)

extern const uint8_t rig_link_atr[4];

/* Attaches; nobody serves it yet. Its descriptor or -errno */
int rig_link_attach(void);

#endif /* RIG_LINK_H */
