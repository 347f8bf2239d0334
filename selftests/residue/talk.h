/* SPDX-License-Identifier: GPL-2.0 */
/* The conversation with the peer outside, who knows the secrets. */
#ifndef RESIDUE_TALK_H
#define RESIDUE_TALK_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "smpair/secret.h"

#define TALK_ANSWER_MAX	1024

int talk_port(const char *name);	/* opens a port of the guest: descriptor or -errno */
/* Asks, and copies the answer, whose secrets are masked; exits when the peer is gone. */
void talk_ask(FILE *peer, const char *word, char answer[TALK_ANSWER_MAX]);
void talk_say(FILE *peer, const char *word);
void talk_hear(FILE *peer, char answer[TALK_ANSWER_MAX]);
/*
 * Unmasks hexadecimal digits up to the first other character, into locked memory behind
 * @before bytes. It must not be copied: memcpy() leaves parts in registers, and the kernel
 * saves those in memory when another task runs.
 */
struct smpair_secret *talk_unmask(const char *hex, size_t before);

#endif /* RESIDUE_TALK_H */
