/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the centre has to be told and was not yet: on disk until it took it.
 * Confirmations, receipts and reports; never a PIN.
 */
#ifndef SMPAIRD_SPOOL_H
#define SMPAIRD_SPOOL_H

#include "smpaird/centre.h"

/* Most messages that wait. */
#define SPOOL_MAX		1024
#define SPOOL_BODY_MAX		1024
/* A folder, and the name of a file in it. */
#define SPOOL_PATH_SIZE		1024
#define SPOOL_NAME_SIZE		(SPOOL_PATH_SIZE + 24)

/**
 * struct spool - the queue and its delivery
 * @loop: The loop.
 * @conf: Says where the folder and the centre are.
 * @path: Folder of what waits.
 * @refused: Folder of what the centre refused for good.
 * @last: Number of the newest message.
 * @waiting: Messages that wait.
 * @delay: Seconds until the next try after one that failed.
 * @retry: Begins that try.
 * @call: The try under way, or NULL.
 * @at: Number of the message that is tried.
 */
struct spool {
	struct loop *loop;
	const struct conf *conf;
	char path[SPOOL_PATH_SIZE];
	char refused[SPOOL_PATH_SIZE];
	uint64_t last;
	unsigned int waiting;
	unsigned int delay;
	struct loop_timer retry;
	struct centre_call *call;
	uint64_t at;
};

int spool_open(struct spool *spool, struct loop *loop, const struct conf *conf,
	       struct domain_error *error);
void spool_close(struct spool *spool);
int spool_add(struct spool *spool, const char *method, const char *path, const char *body,
	      struct domain_error *error);
void spool_deliver(struct spool *spool);
unsigned int spool_next_delay(unsigned int delay);

#endif /* SMPAIRD_SPOOL_H */
