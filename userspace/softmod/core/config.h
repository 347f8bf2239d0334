/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sizes that a build for a small device may lower. Each module keeps two
 * messages of SM_MAXM bytes and one command of SM_MAXC in memory.
 */
#ifndef SOFTMOD_CORE_CONFIG_H
#define SOFTMOD_CORE_CONFIG_H

/* Largest data field of a command and of a response, bytes: 136 to 65535, and
 * 146 to 65535.
 */
#ifndef SM_MAXC
#define SM_MAXC		65535
#endif
#ifndef SM_MAXR
#define SM_MAXR		65535
#endif

/* Largest reassembled message, bytes, at least 512 */
#ifndef SM_MAXM
#define SM_MAXM		131072
#endif

#endif /* SOFTMOD_CORE_CONFIG_H */
