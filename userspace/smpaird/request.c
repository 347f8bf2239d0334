// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Performs what request_next() says.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <smpair/id.h>
#include <smpair/key.h>
#include <smpair/names.h>
#include <smpair/secret.h>

#include "libsmpair/deadline.h"
#include "smpaird/console.h"
#include "smpaird/link.h"
#include "smpaird/log.h"
#include "smpaird/request.h"

/* Calls to the centre for one request before it counts as out of reach. */
#define CALLS_MAX	4
/* Mistyped PINs that a person may correct. */
#define TYPING_MAX	3
/* Seconds between two questions to the centre about a request that it holds. */
#define POLL_SECONDS	5
/* Left for the answer to reach the driver. */
#define MARGIN_MS	2000

static void request_event(struct request *request, enum request_event event);
static void ask_centre(struct request *request);

static const struct conf_issuer *issuer(const struct request *request)
{
	return conf_find(&request->daemon->conf, request->asked.module_id);
}

/**
 * request_wants_pin() - Whether the module needs a PIN for this pairing.
 * @request: The request.
 *
 * Return: false where only consent is asked for.
 */
bool request_wants_pin(const struct request *request)
{
	return request->asked.plan & SMPAIR_PLAN_PIN;
}

static bool evicts(const struct request *request)
{
	return request->asked.plan & SMPAIR_PLAN_EVICT;
}

/**
 * request_asks_people() - Whether a person may answer now.
 * @request: The request.
 */
bool request_asks_people(const struct request *request)
{
	return request->state == REQUEST_CONSENT || request->state == REQUEST_HELD ||
	       request->state == REQUEST_PEOPLE;
}

/**
 * request_state_name() - A state for front ends.
 * @state: The state.
 *
 * Return: Stable word.
 */
const char *request_state_name(enum request_state state)
{
	static const char *const names[REQUEST_STATES] = {
		[REQUEST_NEW] = "new",
		[REQUEST_CONSENT] = "consent",
		[REQUEST_CENTRE] = "centre",
		[REQUEST_HELD] = "held",
		[REQUEST_PEOPLE] = "people",
		[REQUEST_DONE] = "done",
	};

	return names[state];
}

/**
 * request_question() - What people are asked, in one line.
 * @request: The request.
 * @question: Receives the text.
 */
void request_question(const struct request *request, char question[REQUEST_QUESTION_SIZE])
{
	const struct smpair_request *asked = &request->asked;
	char module[SMPAIR_ID_TEXT_SIZE], host[SMPAIR_ID_TEXT_SIZE];
	bool pin = request_wants_pin(request) && request->state != REQUEST_CONSENT;

	smpair_id_format(asked->module_id, module, sizeof(module));
	smpair_id_format(asked->host_id, host, sizeof(host));
	snprintf(question, REQUEST_QUESTION_SIZE,
		 "%s to pair module %s with host %s (index %u, request code %06u, %u tries left%s%s)%s",
		 pin ? "PIN" : "Type yes", module, host, asked->index, asked->request_code,
		 asked->tries_left,
		 evicts(request) ? "; it replaces the pairing of another host" : "",
		 request->state == REQUEST_HELD ? "; the centre's operator tells it" : "",
		 request->typing ? ", again, the last one was mistyped:" : ":");
}

/**
 * request_find() - A request in hand.
 * @daemon: The daemon.
 * @id: Number that the driver gave it.
 *
 * Return: The request or NULL.
 */
struct request *request_find(struct daemon *daemon, uint64_t id)
{
	struct request *request;

	for (request = daemon->requests; request; request = request->next)
		if (request->asked.id == id)
			return request;
	return NULL;
}

static void stop_asking_people(struct request *request)
{
	askpass_end(&request->askpass);
	console_end(request->daemon->console, request);
}

static void stop_asking_centre(struct request *request)
{
	centre_cancel(request->call);
	request->call = NULL;
	loop_clear(&request->daemon->loop, &request->again);
}

static void release(struct request *request)
{
	struct daemon *daemon = request->daemon;
	struct request **at = &daemon->requests;

	stop_asking_people(request);
	stop_asking_centre(request);
	loop_clear(&daemon->loop, &request->deadline);
	while (*at != request)
		at = &(*at)->next;
	*at = request->next;
	smpair_secret_free(request->pin);
	explicit_bzero(request, sizeof(*request));
	free(request);
	socket_changed(&daemon->socket);
}

/* Keeps eight digits in locked memory. 0 or -ENOMEM. */
static int keep_pin(struct request *request, const char pin[SMPAIR_PIN_LEN])
{
	if (!request->pin && smpair_secret_new(SMPAIR_PIN_LEN, &request->pin))
		return -ENOMEM;
	memcpy(smpair_secret_data(request->pin), pin, SMPAIR_PIN_LEN);
	return 0;
}

static void answer_driver(struct request *request, enum smpair_answer answer)
{
	struct daemon *daemon = request->daemon;
	bool accepted = answer == SMPAIR_ANSWER_ACCEPTED;
	char module[SMPAIR_ID_TEXT_SIZE];
	int32_t key = 0;
	int err = 0;

	if (!daemon->client)
		return;
	if (accepted && request_wants_pin(request))
		err = smpair_key_add_pin((const char *)smpair_secret_data(request->pin), &key);
	if (err)
		answer = SMPAIR_ANSWER_DECLINED;
	smpair_id_format(request->asked.module_id, module, sizeof(module));
	if (err)
		log_line(LOG_ERR, "module %s: no key for the PIN: %s", module, strerror(-err));
	err = smpair_request_done(daemon->client, request->asked.id, answer, key,
				  accepted && evicts(request));
	if (key)
		smpair_key_drop(key);
	if (err && err != -ENOENT)
		log_line(LOG_WARNING, "module %s: the driver does not take the answer: %s",
			 module, smpair_client_extack(daemon->client) ?: strerror(-err));
	if (!err && accepted)
		link_answered(daemon, &request->asked);
}

static void say(const struct request *request, int priority, const char *what)
{
	char module[SMPAIR_ID_TEXT_SIZE], host[SMPAIR_ID_TEXT_SIZE];

	smpair_id_format(request->asked.module_id, module, sizeof(module));
	smpair_id_format(request->asked.host_id, host, sizeof(host));
	log_line(priority, "module %s, host %s, index %u: %s", module, host,
		 request->asked.index, what);
}

static void say_centre(const struct request *request)
{
	const struct api_verdict *verdict = &request->verdict;
	char text[3 * API_TEXT_SIZE];

	snprintf(text, sizeof(text), "the centre says %s: %s; %s", verdict->code, verdict->text,
		 verdict->next);
	say(request, LOG_WARNING, text);
}

static void ask_people(struct request *request)
{
	struct daemon *daemon = request->daemon;
	int err = daemon->conf.ask_password ? askpass_begin(&request->askpass, request) : -ENOENT;

	if (err && err != -ENOENT)
		say(request, LOG_NOTICE, "the system's password agents cannot be asked");
	console_begin(daemon->console, request);
	say(request, LOG_NOTICE, "somebody has to answer; smpairctl pending shows it");
	socket_changed(&daemon->socket);
}

static void perform(struct request *request, enum request_action action)
{
	switch (action) {
	case REQUEST_NOTHING:
		return;
	case REQUEST_ASK_CENTRE:
		stop_asking_people(request);
		ask_centre(request);
		return;
	case REQUEST_ASK_PEOPLE:
		stop_asking_centre(request);
		ask_people(request);
		return;
	case REQUEST_ASK_CONSENT:
		ask_people(request);
		return;
	case REQUEST_ASK_BOTH:
		ask_people(request);
		/* fall through */
	case REQUEST_POLL:
		loop_set(&request->daemon->loop, &request->again,
			 smpair_now() + POLL_SECONDS * 1000);
		return;
	case REQUEST_ACCEPT:
		answer_driver(request, SMPAIR_ANSWER_ACCEPTED);
		break;
	case REQUEST_DECLINE:
		answer_driver(request, SMPAIR_ANSWER_DECLINED);
		break;
	case REQUEST_TELL_REFUSED:
		say_centre(request);
		answer_driver(request, SMPAIR_ANSWER_CENTRE_REFUSED);
		break;
	case REQUEST_TELL_AWAY:
		say(request, LOG_WARNING, "the centre cannot be reached");
		answer_driver(request, SMPAIR_ANSWER_CENTRE_UNREACHABLE);
		break;
	case REQUEST_FORGET:
		say(request, LOG_NOTICE, "the request is no longer open");
		break;
	}
	release(request);
}

/* @request may be gone afterwards. */
static void request_event(struct request *request, enum request_event event)
{
	struct request_step step = request_next(request->state, event);

	request->state = step.state;
	perform(request, step.action);
}

static void centre_is_away(struct request *request, const char *why)
{
	log_line(LOG_NOTICE, "centre: %s", why);
	request_event(request, issuer(request)->fallback ? REQUEST_EVENT_FALLBACK :
							    REQUEST_EVENT_AWAY);
}

/* Tries again unless the centre, or the driver's deadline, leaves no time. */
static void try_again(struct request *request, const struct centre_result *result)
{
	const char *why = result->why ? result->why : request->verdict.text;
	int64_t at = smpair_now() + (1000 << request->tries);

	if (result->retry_after)
		at = smpair_now() + (int64_t)result->retry_after * 1000;
	if (++request->tries >= CALLS_MAX || at >= request->deadline_at)
		centre_is_away(request, why);
	else
		loop_set(&request->daemon->loop, &request->again, at);
}

static void centre_answered(void *arg, const struct centre_result *result)
{
	struct request *request = arg;
	int err;

	request->call = NULL;
	if (!result->status)
		request->verdict.kind = API_LATER;
	else
		api_parse_verdict(result->status, result->body, result->len, &request->verdict);

	switch (request->verdict.kind) {
	case API_ISSUED:
		err = keep_pin(request, request->verdict.pin);
		explicit_bzero(request->verdict.pin, SMPAIR_PIN_LEN);
		request_event(request, err ? REQUEST_EVENT_DECLINED : REQUEST_EVENT_ISSUED);
		return;
	case API_HELD:
		request->tries = 0;
		request_event(request, REQUEST_EVENT_HELD);
		return;
	case API_REFUSED:
		request_event(request, REQUEST_EVENT_REFUSED);
		return;
	case API_LATER:
		break;
	}
	if (request->state == REQUEST_HELD)
		request_event(request, REQUEST_EVENT_AWAY);
	else
		try_again(request, result);
}

static void ask_centre(struct request *request)
{
	struct daemon *daemon = request->daemon;
	struct centre_order order = { .deadline = request->deadline_at };
	char path[CENTRE_PATH_SIZE], *body = NULL;
	int err = -ENOMEM;

	if (request->state == REQUEST_HELD) {
		snprintf(path, sizeof(path), "/v1/pin-requests/%s", request->verdict.id);
		order.method = "GET";
	} else {
		snprintf(path, sizeof(path), "/v1/pin-requests");
		body = api_pin_request(&request->asked);
		order.method = "POST";
		order.body = body;
		order.key = request->key;
	}
	order.path = path;
	if (order.body || request->state == REQUEST_HELD)
		err = centre_call(&daemon->loop, &daemon->conf, &order, centre_answered, request,
				  &request->call);
	free(body);
	if (err)
		centre_is_away(request, strerror(-err));
}

static void ask_again(void *arg)
{
	ask_centre(arg);
}

static void deadline_near(void *arg)
{
	struct request *request = arg;

	say(request, LOG_NOTICE, "nobody answered in time");
	request_event(request, REQUEST_EVENT_DEADLINE);
}

/* Whom the configuration wants to be asked. */
static enum request_event by_policy(const struct request *request)
{
	const struct conf_issuer *section = issuer(request);
	bool consent = !evicts(request) || section->evict == CONF_EVICT_YES;

	if (section->policy == CONF_DENY)
		return REQUEST_EVENT_DENY;
	if (evicts(request) && (section->evict == CONF_EVICT_NO ||
				!(request->asked.plan & SMPAIR_PLAN_EVICT_PERMITTED)))
		return REQUEST_EVENT_DENY;
	if (!request_wants_pin(request))
		return consent ? REQUEST_EVENT_TYPED : REQUEST_EVENT_ASK;
	if (section->policy == CONF_ASK)
		return REQUEST_EVENT_ASK;
	return consent ? REQUEST_EVENT_AUTO : REQUEST_EVENT_CONSENT;
}

static bool same_pair(const struct request *request, const struct smpair_request *asked)
{
	return !memcmp(request->asked.module_id, asked->module_id, SMPAIR_ID_LEN) &&
	       !memcmp(request->asked.host_id, asked->host_id, SMPAIR_ID_LEN);
}

/**
 * request_take() - Deal with a request that was accepted.
 * @daemon: The daemon.
 * @asked: What the driver asks.
 *
 * One pairing of a module and a host at a time: a second one, of a module that
 * seems to be there twice, is declined, so that no PIN is asked for twice.
 */
void request_take(struct daemon *daemon, const struct smpair_request *asked)
{
	struct request *request, **at = &daemon->requests;
	int64_t margin = MARGIN_MS;
	bool twice = false;

	for (request = daemon->requests; request; request = request->next)
		twice = twice || same_pair(request, asked);
	request = twice ? NULL : calloc(1, sizeof(*request));
	if (!request) {
		log_line(LOG_WARNING, twice ?
			 "a second request for the same module and host is declined" :
			 "out of memory; a request is declined");
		smpair_request_done(daemon->client, asked->id, SMPAIR_ANSWER_DECLINED, 0, false);
		return;
	}
	while (*at)
		at = &(*at)->next;
	*at = request;
	request->daemon = daemon;
	request->asked = *asked;
	request->again = (struct loop_timer){ .fn = ask_again, .arg = request };
	request->deadline = (struct loop_timer){ .fn = deadline_near, .arg = request };
	centre_new_key(request->key);
	if (asked->deadline_ms < 4 * MARGIN_MS)
		margin = asked->deadline_ms / 4;
	request->deadline_at = smpair_now() + asked->deadline_ms - margin;
	loop_set(&daemon->loop, &request->deadline, request->deadline_at);
	say(request, LOG_INFO, "the driver asks");
	request_event(request, by_policy(request));
}

static bool is_yes(const char *text, size_t len)
{
	return len == 3 && !memcmp(text, "yes", 3);
}

/**
 * request_typed() - A person answered.
 * @request: The request; may be gone afterwards.
 * @text: What was typed; the caller wipes it. Nothing means no.
 * @len: Bytes at @text.
 */
void request_typed(struct request *request, const char *text, size_t len)
{
	char pin[SMPAIR_PIN_LEN];
	int err;

	if (!len) {
		request_declined(request);
		return;
	}
	if (!request_wants_pin(request) || request->state == REQUEST_CONSENT) {
		request_event(request, is_yes(text, len) ? REQUEST_EVENT_TYPED :
							   REQUEST_EVENT_DECLINED);
		return;
	}
	err = smpair_pin_parse(text, len, pin);
	if (!err)
		err = keep_pin(request, pin) ? -ENOMEM : 0;
	explicit_bzero(pin, sizeof(pin));
	if (!err)
		request_event(request, REQUEST_EVENT_TYPED);
	else if (err == -ENOMEM || ++request->typing >= TYPING_MAX)
		request_declined(request);
	else
		ask_people(request);
}

/**
 * request_declined() - A person said no.
 * @request: The request; gone afterwards.
 */
void request_declined(struct request *request)
{
	request_event(request, REQUEST_EVENT_DECLINED);
}

/**
 * request_answer() - A front end answered.
 * @request: The request; may be gone afterwards.
 * @pin: PIN as it was typed, or NULL; the caller wipes it.
 * @len: Bytes at @pin.
 * @consent: The person agrees to the eviction in the plan.
 * @why: Receives what is wrong with the answer.
 *
 * Return: 0, -EINVAL with the reason in @why and the request as it was,
 * -EPERM where people are not asked.
 */
int request_answer(struct request *request, const char *pin, size_t len, bool consent,
		   const char **why)
{
	bool wants_pin = request_wants_pin(request) && request->state != REQUEST_CONSENT;
	char digits[SMPAIR_PIN_LEN];
	int err = 0;

	*why = NULL;
	if (!request_asks_people(request)) {
		*why = "nobody but the centre is asked; its answer will come";
		return -EPERM;
	}
	if (evicts(request) && !consent)
		*why = "the pairing of another host would be replaced; agree to that too";
	else if (wants_pin && !pin)
		*why = "a PIN is needed";
	else if (wants_pin && smpair_pin_parse(pin, len, digits))
		*why = "the PIN is mistyped; it has eight digits, and a ninth to check them if "
		       "you like";
	if (*why)
		return -EINVAL;
	if (wants_pin)
		err = keep_pin(request, digits);
	explicit_bzero(digits, sizeof(digits));
	request_event(request, err ? REQUEST_EVENT_DECLINED : REQUEST_EVENT_TYPED);
	return 0;
}

/**
 * request_gone() - The driver does not wait for an answer any more.
 * @request: The request; gone afterwards.
 */
void request_gone(struct request *request)
{
	request_event(request, REQUEST_EVENT_GONE);
}

/**
 * request_stop_all() - Decline what is in hand, because the daemon ends.
 * @daemon: The daemon.
 */
void request_stop_all(struct daemon *daemon)
{
	while (daemon->requests)
		request_event(daemon->requests, REQUEST_EVENT_STOP);
}

/**
 * request_reload_all() - Apply a new configuration to what is in hand.
 * @daemon: The daemon.
 */
void request_reload_all(struct daemon *daemon)
{
	struct request *request, *next;

	for (request = daemon->requests; request; request = next) {
		next = request->next;
		request_event(request, by_policy(request));
	}
}
