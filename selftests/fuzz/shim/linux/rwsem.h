/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_RWSEM_H
#define SHIM_LINUX_RWSEM_H

struct rw_semaphore {
	unsigned int readers;
};

static inline void down_read(struct rw_semaphore *sem)
{
	sem->readers++;
}

static inline void up_read(struct rw_semaphore *sem)
{
	sem->readers--;
}

#endif /* SHIM_LINUX_RWSEM_H */
