/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Somebody does something with the module of the world, at random. */
#ifndef SOFTMOD_TESTS_POWER_LIFE_H
#define SOFTMOD_TESTS_POWER_LIFE_H

#include <stdint.h>

/* Next number of the generator, below @below; always the same sequence */
uint32_t life_draw(uint32_t below);

/* One command, or one handshake with a command; all that it changes can be seen
 * through the protocol
 */
void life_step(void);

#endif /* SOFTMOD_TESTS_POWER_LIFE_H */
