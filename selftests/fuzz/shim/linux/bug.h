/* SPDX-License-Identifier: GPL-2.0 */
/* What only warns there ends the run here. */
#ifndef SHIM_LINUX_BUG_H
#define SHIM_LINUX_BUG_H

#include <stdlib.h>

#define WARN_ON_ONCE(condition) \
	({ if (condition) abort(); 0; })

#endif /* SHIM_LINUX_BUG_H */
