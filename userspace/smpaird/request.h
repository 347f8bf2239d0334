/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests of the driver that this agent accepted and has not answered yet.
 */
#ifndef SMPAIRD_REQUEST_H
#define SMPAIRD_REQUEST_H

#include "smpaird/api.h"
#include "smpaird/askpass.h"
#include "smpaird/daemon.h"
#include "smpaird/request_state.h"

#define REQUEST_QUESTION_SIZE	512

/**
 * struct request - a request in hand
 * @next: In the daemon's list.
 * @daemon: The daemon.
 * @asked: What the driver asks.
 * @state: Where it stands.
 * @verdict: What the centre said last; @pin wiped as soon as it is used.
 * @pin: Locked memory for the PIN, or NULL until there is one.
 * @key: Idempotency key of the request to the centre.
 * @call: Call to the centre under way, or NULL.
 * @tries: Calls that failed since the last that did not.
 * @again: The next call.
 * @deadline: Answers before the driver gives up.
 * @deadline_at: When, in milliseconds of the monotonic clock.
 * @askpass: Question to the system's password agents.
 * @typing: What was typed wrong so far.
 */
struct request {
	struct request *next;
	struct daemon *daemon;
	struct smpair_request asked;
	enum request_state state;
	struct api_verdict verdict;
	struct smpair_secret *pin;
	char key[CENTRE_KEY_SIZE];
	struct centre_call *call;
	unsigned int tries;
	struct loop_timer again;
	struct loop_timer deadline;
	int64_t deadline_at;
	struct askpass askpass;
	unsigned int typing;
};

void request_take(struct daemon *daemon, const struct smpair_request *asked);
void request_typed(struct request *request, const char *text, size_t len);
void request_declined(struct request *request);
int request_answer(struct request *request, const char *pin, size_t len, bool consent,
		   const char **why);
void request_gone(struct request *request);
void request_stop_all(struct daemon *daemon);
void request_reload_all(struct daemon *daemon);

struct request *request_find(struct daemon *daemon, uint64_t id);
bool request_asks_people(const struct request *request);
bool request_wants_pin(const struct request *request);
void request_question(const struct request *request, char question[REQUEST_QUESTION_SIZE]);
const char *request_state_name(enum request_state state);

#endif /* SMPAIRD_REQUEST_H */
