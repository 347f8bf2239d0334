// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The connection to the driver: made when the driver appears, made again after
 * it was reloaded, and always rebuilt from what the driver says now.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libsmpair/deadline.h"
#include "smpaird/link.h"
#include "smpaird/log.h"
#include "smpaird/request.h"

#define REDIAL_MS	1000

static void disconnect(struct daemon *daemon)
{
	while (daemon->requests)
		request_gone(daemon->requests);
	link_left_all(daemon);
	if (!daemon->client)
		return;
	loop_remove_fd(&daemon->loop, smpair_client_fd(daemon->client));
	loop_remove_fd(&daemon->loop, smpair_events_fd(daemon->client));
	smpair_client_close(daemon->client);
	daemon->client = NULL;
}

static void lost(struct daemon *daemon, int err)
{
	log_line(LOG_NOTICE, "connection to the driver ends: %s",
		 err == -EPFNOSUPPORT || err == -ECONNRESET ? "it was unloaded" : strerror(-err));
	disconnect(daemon);
	driver_start(daemon);
}

static void take_requests(struct daemon *daemon)
{
	struct smpair_request asked;

	while (daemon->client && !smpair_request_accept(daemon->client, &asked))
		request_take(daemon, &asked);
}

/* Whoever is displaced says so, once, and so does who is served again. */
static void look_at_agents(struct daemon *daemon)
{
	struct smpair_agent_info info;
	bool displaced;

	if (smpair_agent_get(daemon->client, &info))
		return;
	displaced = info.highest > info.priority;
	if (displaced == daemon->displaced)
		return;
	daemon->displaced = displaced;
	if (displaced)
		log_line(LOG_NOTICE, "an agent of priority %u gets the requests now, ours is %u",
			 info.highest, info.priority);
	else
		log_line(LOG_NOTICE, "requests come here again");
	socket_changed(&daemon->socket);
}

/* Requests whose deadline passed in the driver, or that were cancelled there. */
static void drop_of_link(struct daemon *daemon, uint32_t dev)
{
	struct request *request, *next;

	for (request = daemon->requests; request; request = next) {
		next = request->next;
		if (request->asked.dev_id == dev)
			request_gone(request);
	}
}

static void take_event(struct daemon *daemon, const struct smpair_event *event)
{
	switch (event->type) {
	case SMPAIR_EVENT_ADD:
	case SMPAIR_EVENT_CHANGE:
		if (event->dev.state != SMPAIR_STATE_PAIRING)
			drop_of_link(daemon, event->dev.id);
		link_seen(daemon, &event->dev);
		break;
	case SMPAIR_EVENT_DEL:
		drop_of_link(daemon, event->dev.id);
		link_left(daemon, event->dev.id);
		break;
	case SMPAIR_EVENT_REQUEST:
		take_requests(daemon);
		break;
	case SMPAIR_EVENT_AGENTS:
		look_at_agents(daemon);
		break;
	}
}

static void events_ready(void *arg)
{
	struct daemon *daemon = arg;
	struct smpair_event event;
	int err;

	while (!(err = smpair_events_next(daemon->client, 0, &event)))
		take_event(daemon, &event);
	if (err != -ETIMEDOUT)
		lost(daemon, err);
}

/* Outcomes of commands; what the socket holds is read in any case. */
static void client_ready(void *arg)
{
	struct daemon *daemon = arg;
	struct smpair_outcome none;
	int err = smpair_op_wait(daemon->client, 0, 0, &none);

	if (err == SMPAIR_WAIT_REQUEST)
		take_requests(daemon);
	link_outcomes(daemon);
	if (err == -EBADMSG)
		lost(daemon, err);
}

static int greet(struct daemon *daemon)
{
	struct smpair_dev_info *list;
	size_t count, i;
	int err;

	err = smpair_events_join(daemon->client, SMPAIR_EVENTS_MONITOR | SMPAIR_EVENTS_AGENTS);
	if (!err)
		err = smpair_agent_register(daemon->client, daemon->conf.priority);
	if (!err)
		err = smpair_dev_list(daemon->client, &list, &count);
	if (err)
		return err;
	for (i = 0; i < count; i++)
		link_seen(daemon, &list[i]);
	free(list);
	look_at_agents(daemon);
	take_requests(daemon);
	return 0;
}

static int connect_driver(struct daemon *daemon)
{
	int err = smpair_client_open(&daemon->client);

	if (err) {
		daemon->client = NULL;
		return err;
	}
	err = greet(daemon);
	if (!err)
		err = loop_add_fd(&daemon->loop, smpair_client_fd(daemon->client), client_ready,
				  daemon);
	if (!err)
		err = loop_add_fd(&daemon->loop, smpair_events_fd(daemon->client), events_ready,
				  daemon);
	if (err)
		disconnect(daemon);
	return err;
}

static void stop_waiting(struct daemon *daemon)
{
	if (daemon->watch)
		loop_remove_fd(&daemon->loop, smpair_watch_fd(daemon->watch));
	smpair_watch_close(daemon->watch);
	daemon->watch = NULL;
	loop_clear(&daemon->loop, &daemon->redial);
}

static void redial(void *arg)
{
	struct daemon *daemon = arg;

	stop_waiting(daemon);
	driver_start(daemon);
}

static void family_appeared(void *arg)
{
	struct daemon *daemon = arg;

	if (smpair_watch_next(daemon->watch, 0) != -ETIMEDOUT)
		redial(daemon);
}

/**
 * driver_start() - Connect to the driver, or wait for it.
 * @daemon: The daemon.
 *
 * Watching begins before looking, so that no driver appears in between unseen.
 */
void driver_start(struct daemon *daemon)
{
	int err;

	daemon->redial = (struct loop_timer){ .fn = redial, .arg = daemon };
	err = smpair_watch_open(&daemon->watch);
	if (!err)
		err = loop_add_fd(&daemon->loop, smpair_watch_fd(daemon->watch), family_appeared,
				  daemon);
	if (!err)
		err = connect_driver(daemon);
	if (!err) {
		stop_waiting(daemon);
		log_line(LOG_INFO, "connected to the driver, with priority %u",
			 daemon->conf.priority);
	} else if (err == -EPFNOSUPPORT) {
		log_line(LOG_INFO, "the driver is not loaded; waiting for it");
	} else {
		log_line(LOG_ERR, "the driver: %s; trying again", strerror(-err));
		stop_waiting(daemon);
		loop_set(&daemon->loop, &daemon->redial, smpair_now() + REDIAL_MS);
	}
	socket_changed(&daemon->socket);
}

/**
 * driver_stop() - Decline what is in hand, and disconnect.
 * @daemon: The daemon.
 */
void driver_stop(struct daemon *daemon)
{
	request_stop_all(daemon);
	stop_waiting(daemon);
	disconnect(daemon);
}
