/* SPDX-License-Identifier: GPL-2.0 */
/* One input, carried out: calls to every interface of the driver. */
#ifndef FUZZ_VM_CALL_H
#define FUZZ_VM_CALL_H

#include <stddef.h>
#include <stdint.h>

int call_open(void);		/* 0 or -errno */
void call_input(const uint8_t *data, size_t len);

#endif /* FUZZ_VM_CALL_H */
