/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SOFTMOD_CAPABILITIES_H
#define SOFTMOD_CAPABILITIES_H

/**
 * capabilities() - what this program can do, for the tools that drive it
 *
 * Return: one JSON object in one line, without a newline.
 */
const char *capabilities(void);

#endif /* SOFTMOD_CAPABILITIES_H */
