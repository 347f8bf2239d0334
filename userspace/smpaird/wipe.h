/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that libraries may have put a PIN into is wiped when they free it.
 */
#ifndef SMPAIRD_WIPE_H
#define SMPAIRD_WIPE_H

int wipe_install(void);

#endif /* SMPAIRD_WIPE_H */
