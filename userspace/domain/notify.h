/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words to the service manager (sd_notify), without its library.
 */
#ifndef DOMAIN_NOTIFY_H
#define DOMAIN_NOTIFY_H

void notify(const char *state);

#endif /* DOMAIN_NOTIFY_H */
