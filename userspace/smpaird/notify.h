/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words to the service manager (sd_notify), without its library.
 */
#ifndef SMPAIRD_NOTIFY_H
#define SMPAIRD_NOTIFY_H

void notify(const char *state);

#endif /* SMPAIRD_NOTIFY_H */
