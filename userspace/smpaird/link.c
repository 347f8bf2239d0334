// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <smpair/id.h>

#include "libsmpair/deadline.h"
#include "smpaird/link.h"
#include "smpaird/log.h"

static void advance(struct link *link);

static struct link *find(struct daemon *daemon, uint32_t id)
{
	struct link *link;

	for (link = daemon->links; link; link = link->next)
		if (link->id == id)
			return link;
	return NULL;
}

static void name_of(const struct link *link, char name[SMPAIR_ID_TEXT_SIZE])
{
	smpair_id_format(link->module_id, name, SMPAIR_ID_TEXT_SIZE);
}

static void release(struct link *link)
{
	errand_end(&link->errand);
	free(link);
}

/**
 * link_tell_centre() - Keep what the centre has to be told, even if it is away now.
 * @link: The module that it is about.
 * @method: "POST" or "PUT".
 * @path: Below the centre's address.
 * @body: JSON; freed here. NULL where there was no memory for it.
 */
void link_tell_centre(struct link *link, const char *method, const char *path, char *body)
{
	struct domain_error error = { "out of memory" };

	if (!body || spool_add(&link->daemon->spool, method, path, body, &error))
		log_line(LOG_ERR, "a message for the centre is lost: %s", error.text);
	free(body);
}

/* A module in one of these states takes commands. */
static bool is_settled(const struct link *link)
{
	switch (link->state) {
	case SMPAIR_STATE_UNSERVICEABLE:
	case SMPAIR_STATE_IDENTIFIED:
	case SMPAIR_STATE_UNPAIRED:
	case SMPAIR_STATE_PAIRED:
	case SMPAIR_STATE_RESTRICTED:
	case SMPAIR_STATE_CLOSED:
	case SMPAIR_STATE_ALARM:
		return true;
	default:
		return false;
	}
}

/**
 * link_takes_errands() - May the centre say something to a module now?
 * @link: The module, whose identifier is known.
 *
 * Return: Whether. A displaced agent leaves it to the one that gets the requests.
 */
bool link_takes_errands(const struct link *link)
{
	const struct conf *conf = &link->daemon->conf;

	return is_settled(link) && !link->daemon->displaced && conf->url[0] &&
	       conf_find(conf, link->module_id)->policy != CONF_DENY;
}

/* ---- pairing ---- */

static void pair(struct link *link)
{
	struct daemon *daemon = link->daemon;
	char module[SMPAIR_ID_TEXT_SIZE];
	uint64_t op;
	int err;

	if (!daemon->conf.pair || link->tried ||
	    conf_find(&daemon->conf, link->module_id)->policy == CONF_DENY)
		return;
	link->tried = true;
	name_of(link, module);
	err = smpair_op_pair(daemon->client, link->id, 0, 0, &op);
	if (err)
		log_line(LOG_WARNING, "module %s: pairing is not begun: %s", module,
			 smpair_client_extack(daemon->client) ?: strerror(-err));
	else
		log_line(LOG_INFO, "module %s: pairing begins", module);
}

static const char *result_word(const struct link *link)
{
	if (link->state == SMPAIR_STATE_PAIRED)
		return "paired";
	switch (link->cause) {
	case SMPAIR_CAUSE_PIN_WRONG:
	case SMPAIR_CAUSE_PIN_BLOCKED:
		return "pin-wrong";
	case SMPAIR_CAUSE_PIN_STALE:
		return "pin-stale";
	case SMPAIR_CAUSE_CANCELLED:
		return "cancelled";
	default:
		return "failed";
	}
}

static void confirm(struct link *link)
{
	link->answered = false;
	if (!link->daemon->conf.url[0])
		return;
	link_tell_centre(link, "POST", "/v1/confirmations",
			 api_confirmation(link->asked.module_id, link->asked.host_id,
					  link->asked.index, result_word(link)));
}

/**
 * link_answered() - A request was answered with a PIN or with consent.
 * @daemon: The daemon.
 * @asked: The request.
 */
void link_answered(struct daemon *daemon, const struct smpair_request *asked)
{
	struct link *link = find(daemon, asked->dev_id);

	if (!link)
		return;
	link->answered = true;
	link->asked = *asked;
}

/* ---- what happens to modules ---- */

static void learn_module_id(struct link *link)
{
	struct smpair_dev_info info;

	if (smpair_dev_get(link->daemon->client, link->id, &info) ||
	    !SMPAIR_HAS(&info, SMPAIR_A_DEV_MODULE_ID))
		return;
	memcpy(link->module_id, info.module_id, sizeof(link->module_id));
	link->has_module_id = true;
}

static bool wants_pairing(const struct link *link)
{
	return link->state == SMPAIR_STATE_UNPAIRED &&
	       (link->cause == SMPAIR_CAUSE_NOT_PAIRED ||
		(link->cause == SMPAIR_CAUSE_PIN_BLOCKED && link->unblocked));
}

static void advance(struct link *link)
{
	if (!is_settled(link))
		return;
	if (!link->has_module_id)
		learn_module_id(link);
	if (!link->has_module_id)
		return;
	/* What the centre wants comes before the first pairing. */
	if (link->phase == LINK_SEEN) {
		link->phase = LINK_SERVED;
		errand_begin(&link->errand, link);
	} else if (link->phase == LINK_READY && wants_pairing(link)) {
		pair(link);
	}
}

/**
 * link_errand_done() - What the centre wants of a module was done for now.
 * @link: The module.
 */
void link_errand_done(struct link *link)
{
	link->phase = LINK_READY;
	if (link->unblocked && link->cause == SMPAIR_CAUSE_PIN_BLOCKED)
		link->tried = false;
	advance(link);
	link->unblocked = false;
}

/**
 * link_seen() - A module was inserted, or its state changed.
 * @daemon: The daemon.
 * @dev: What the driver says of it.
 */
void link_seen(struct daemon *daemon, const struct smpair_dev_info *dev)
{
	struct link *link = find(daemon, dev->id);

	if (!link) {
		link = calloc(1, sizeof(*link));
		if (!link) {
			log_line(LOG_ERR, "out of memory; module %u is ignored", dev->id);
			return;
		}
		link->daemon = daemon;
		link->id = dev->id;
		link->next = daemon->links;
		daemon->links = link;
	}
	link->state = dev->state;
	link->cause = dev->cause;
	/* The driver verified the pairing anew: new host credentials, for one. */
	if (link->state == SMPAIR_STATE_OPENING)
		link->tried = false;
	if (link->answered && link->state != SMPAIR_STATE_PAIRING)
		confirm(link);
	advance(link);
	socket_changed(&daemon->socket);
}

/**
 * link_left() - A module was removed.
 * @daemon: The daemon.
 * @id: Number of the link.
 */
void link_left(struct daemon *daemon, uint32_t id)
{
	struct link **at = &daemon->links, *link;

	while (*at && (*at)->id != id)
		at = &(*at)->next;
	link = *at;
	if (!link)
		return;
	*at = link->next;
	release(link);
	socket_changed(&daemon->socket);
}

/**
 * link_left_all() - The driver is gone, and all modules with it.
 * @daemon: The daemon.
 */
void link_left_all(struct daemon *daemon)
{
	while (daemon->links)
		link_left(daemon, daemon->links->id);
}

/**
 * link_outcomes() - See whether commands that are with modules were answered.
 * @daemon: The daemon, connected to the driver.
 */
void link_outcomes(struct daemon *daemon)
{
	struct link *link;

	for (link = daemon->links; link; link = link->next)
		errand_outcome(&link->errand);
}
