// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One file a message, named by its number; delivered in that order, one at a
 * time. The idempotency key is in the file, so that what was delivered without
 * our learning of it counts once.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "domain/file.h"
#include "libsmpair/deadline.h"
#include "smpaird/api.h"
#include "smpaird/log.h"
#include "smpaird/spool.h"

#define DELAY_MIN	2
#define DELAY_MAX	900

static void try_first(void *arg);

/**
 * spool_next_delay() - How long to wait after one more try that failed.
 * @delay: How long the last wait was, 0 before the first.
 *
 * Return: Seconds, twice as many up to a quarter of an hour.
 */
unsigned int spool_next_delay(unsigned int delay)
{
	if (!delay)
		return DELAY_MIN;
	return delay > DELAY_MAX / 2 ? DELAY_MAX : 2 * delay;
}

static void name_of(const char *folder, uint64_t number, char name[SPOOL_NAME_SIZE])
{
	snprintf(name, SPOOL_NAME_SIZE, "%s/%016" PRIx64 ".json", folder, number);
}

static bool number_of(const char *name, uint64_t *number)
{
	char *end;

	if (strlen(name) != 16 + 5 || strspn(name, "0123456789abcdef") != 16)
		return false;
	*number = strtoull(name, &end, 16);
	return !strcmp(end, ".json");
}

/* The message that waits longest; false where none does. */
static bool find_first(const struct spool *spool, uint64_t *first)
{
	DIR *dir = opendir(spool->path);
	struct dirent *entry;
	bool found = false;
	uint64_t number;

	while (dir && (entry = readdir(dir))) {
		if (!number_of(entry->d_name, &number) || (found && number > *first))
			continue;
		*first = number;
		found = true;
	}
	if (dir)
		closedir(dir);
	return found;
}

static int make_folder(const char *path, struct domain_error *error)
{
	if (!mkdir(path, 0700) || errno == EEXIST)
		return 0;
	return domain_fail(error, -errno, "%s: %s; create it for the user of smpaird", path,
			   strerror(errno));
}

static int count(struct spool *spool, struct domain_error *error)
{
	DIR *dir = opendir(spool->path);
	struct dirent *entry;
	uint64_t number;

	if (!dir)
		return domain_fail(error, -errno, "%s: %s", spool->path, strerror(errno));
	while ((entry = readdir(dir))) {
		if (!number_of(entry->d_name, &number))
			continue;
		spool->waiting++;
		if (number > spool->last)
			spool->last = number;
	}
	closedir(dir);
	return 0;
}

/**
 * spool_open() - Take up what was left.
 * @spool: Filled.
 * @loop: The loop.
 * @conf: Configuration; followed when it changes.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int spool_open(struct spool *spool, struct loop *loop, const struct conf *conf,
	       struct domain_error *error)
{
	int err;

	memset(spool, 0, sizeof(*spool));
	spool->loop = loop;
	spool->conf = conf;
	spool->retry.fn = try_first;
	spool->retry.arg = spool;
	snprintf(spool->path, sizeof(spool->path), "%s/queue", conf->state);
	snprintf(spool->refused, sizeof(spool->refused), "%s/refused", conf->state);
	err = make_folder(spool->path, error);
	if (!err)
		err = make_folder(spool->refused, error);
	return err ? err : count(spool, error);
}

/**
 * spool_close() - Stop delivering; what waits stays.
 * @spool: The queue.
 */
void spool_close(struct spool *spool)
{
	centre_cancel(spool->call);
	spool->call = NULL;
	loop_clear(spool->loop, &spool->retry);
}

/**
 * spool_add() - Keep a message until the centre took it.
 * @spool: The queue.
 * @method: "POST" or "PUT".
 * @path: Below the centre's address.
 * @body: JSON without secrets, shorter than %SPOOL_BODY_MAX.
 * @error: Receives the reason of a failure.
 *
 * The message is durable when this returns.
 *
 * Return: 0, -ENOSPC where %SPOOL_MAX messages wait, or another negative errno.
 */
int spool_add(struct spool *spool, const char *method, const char *path, const char *body,
	      struct domain_error *error)
{
	char name[SPOOL_NAME_SIZE], key[CENTRE_KEY_SIZE], *text = NULL;
	json_t *object;
	int err;

	if (spool->waiting == SPOOL_MAX)
		return domain_fail(error, -ENOSPC,
				   "%u messages to the centre wait; find out why it takes none",
				   SPOOL_MAX);
	centre_new_key(key);
	object = json_pack("{s:s, s:s, s:s, s:s}", "method", method, "path", path, "body", body,
			   "key", key);
	if (object)
		text = json_dumps(object, JSON_INDENT(1));
	json_decref(object);
	if (!text)
		return domain_fail(error, -ENOMEM, "out of memory");
	name_of(spool->path, spool->last + 1, name);
	err = domain_file_write(name, 0600, false, text, strlen(text), error);
	free(text);
	if (err)
		return err;
	spool->last++;
	spool->waiting++;
	spool_deliver(spool);
	return 0;
}

static void removed(struct spool *spool)
{
	if (spool->waiting)
		spool->waiting--;
}

/* What nobody will ever take is kept for whoever wants to know, out of the way. */
static void set_aside(struct spool *spool, uint64_t number, const char *why)
{
	char from[SPOOL_NAME_SIZE], to[SPOOL_NAME_SIZE];

	name_of(spool->path, number, from);
	name_of(spool->refused, number, to);
	log_line(LOG_WARNING, "the centre does not take a message (%s); it is now %s", why, to);
	if (rename(from, to))
		unlink(from);
	removed(spool);
}

static void delivered(void *arg, const struct centre_result *result)
{
	struct spool *spool = arg;
	char name[SPOOL_NAME_SIZE], why[48];
	bool later;

	spool->call = NULL;
	later = !result->status || api_is_temporary(result->status);
	if (later) {
		if (!spool->delay)
			log_line(LOG_NOTICE, "%u messages wait for the centre: %s",
				 spool->waiting,
				 result->why ? result->why : "it is not ready for them");
		spool->delay = spool_next_delay(spool->delay);
		if (result->retry_after > spool->delay)
			spool->delay = result->retry_after > DELAY_MAX ? DELAY_MAX :
				       result->retry_after;
		loop_set(spool->loop, &spool->retry, smpair_now() + spool->delay * 1000);
		return;
	}
	spool->delay = 0;
	if (result->status >= 200 && result->status < 300) {
		name_of(spool->path, spool->at, name);
		unlink(name);
		removed(spool);
	} else {
		snprintf(why, sizeof(why), "HTTP status %ld", result->status);
		set_aside(spool, spool->at, why);
	}
	/* Not from within a transfer's end. */
	loop_set(spool->loop, &spool->retry, smpair_now());
}

static int start(struct spool *spool, const char *name)
{
	struct centre_order order = { .deadline = smpair_now() + spool->conf->timeout * 1000 };
	json_t *object = json_load_file(name, JSON_REJECT_DUPLICATES, NULL);
	int err = -EBADMSG;

	order.method = json_string_value(json_object_get(object, "method"));
	order.path = json_string_value(json_object_get(object, "path"));
	order.body = json_string_value(json_object_get(object, "body"));
	order.key = json_string_value(json_object_get(object, "key"));
	if (order.method && order.path && strlen(order.path) < CENTRE_PATH_SIZE && order.body &&
	    order.key && strlen(order.key) < CENTRE_KEY_SIZE)
		err = centre_call(spool->loop, spool->conf, &order, delivered, spool,
				  &spool->call);
	json_decref(object);
	return err;
}

static void try_first(void *arg)
{
	struct spool *spool = arg;
	char name[SPOOL_NAME_SIZE];
	int err;

	if (spool->call || !spool->conf->url[0])
		return;
	while (find_first(spool, &spool->at)) {
		name_of(spool->path, spool->at, name);
		err = start(spool, name);
		if (!err)
			return;
		if (err == -EBADMSG) {
			set_aside(spool, spool->at, "the file is damaged");
			continue;
		}
		log_line(LOG_ERR, "the centre cannot be called: %s", strerror(-err));
		spool->delay = spool_next_delay(spool->delay);
		loop_set(spool->loop, &spool->retry, smpair_now() + spool->delay * 1000);
		return;
	}
}

/**
 * spool_deliver() - Deliver what waits, unless a try is due later.
 * @spool: The queue.
 */
void spool_deliver(struct spool *spool)
{
	if (!spool->call && !spool->retry.set)
		loop_set(spool->loop, &spool->retry, smpair_now());
}
