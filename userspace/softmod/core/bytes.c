// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "softmod/core/bytes.h"

/* Called through a volatile pointer, since the compiler drops a plain memset()
 * of memory that nobody reads again.
 */
static void *(*const volatile wipe_memset)(void *, int, size_t) = memset;

void sm_wipe(void *p, size_t len)
{
	wipe_memset(p, 0, len);
}

bool sm_equal(const void *a, const void *b, size_t len)
{
	const volatile uint8_t *x = a;
	const volatile uint8_t *y = b;
	uint8_t diff = 0;
	size_t i;

	for (i = 0; i < len; i++)
		diff |= (uint8_t)(x[i] ^ y[i]);

	return diff == 0;
}
