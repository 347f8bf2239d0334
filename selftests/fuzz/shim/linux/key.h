/* SPDX-License-Identifier: GPL-2.0 */
/* Keys; the target that has some defines how they are found. */
#ifndef SHIM_LINUX_KEY_H
#define SHIM_LINUX_KEY_H

#include <linux/err.h>
#include <linux/rwsem.h>
#include <linux/types.h>

#define IS_REACHABLE(option)		1
#define KEY_NEED_SEARCH			3

struct key_type {
	const char *name;
};

struct key {
	const struct key_type *type;
	struct rw_semaphore sem;
	union {
		void *data[4];
	} payload;
	bool invalid;
};

typedef struct key *key_ref_t;

extern struct key_type key_type_logon, key_type_encrypted, key_type_trusted;

#define key_ref_to_ptr(ref)	(ref)

key_ref_t lookup_user_key(s32 serial, unsigned long flags, unsigned int need);
void key_put(struct key *key);

static inline void key_invalidate(struct key *key)
{
	key->invalid = true;
}

#endif /* SHIM_LINUX_KEY_H */
