// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Only TLS 1.3, only the configured authority, no redirects, no proxy from the
 * environment: who answers is the centre, or nobody.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <smpair/secret.h>

#include "libsmpair/deadline.h"
#include "smpaird/api.h"
#include "smpaird/centre.h"
#include "smpaird/log.h"

/**
 * struct centre_call - a call under way
 * @loop: Where it is waited for.
 * @conf: Says where the centres are.
 * @path: Below a centre's address.
 * @deadline: The call's end at the latest.
 * @at: The centre that is asked.
 * @left: How many may be asked after it.
 * @easy: The transfer.
 * @headers: Of the request.
 * @body: What was received, in locked memory.
 * @len: How much of @body.
 * @why: libcurl's own words.
 * @done: Whom to tell.
 * @arg: For @done.
 */
struct centre_call {
	struct loop *loop;
	const struct conf *conf;
	char path[CENTRE_PATH_SIZE];
	int64_t deadline;
	unsigned int at;
	unsigned int left;
	CURL *easy;
	struct curl_slist *headers;
	struct smpair_secret *body;
	size_t len;
	char why[CURL_ERROR_SIZE];
	centre_done_fn done;
	void *arg;
};

/* The centre that answered last: it is asked first, so that one that is away costs
 * its delay once.
 */
static unsigned int preferred;

/**
 * centre_new_key() - A key under which a call may be repeated.
 * @key: Receives 32 hexadecimal digits.
 */
void centre_new_key(char key[CENTRE_KEY_SIZE])
{
	uint8_t random[(CENTRE_KEY_SIZE - 1) / 2];
	size_t i;

	/* Short reads from the kernel's generator do not happen at this size. */
	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		abort();
	for (i = 0; i < sizeof(random); i++)
		snprintf(key + 2 * i, 3, "%02x", random[i]);
}

static size_t receive(char *data, size_t size, size_t count, void *arg)
{
	struct centre_call *call = arg;
	size_t len = size * count;

	if (len > smpair_secret_size(call->body) - call->len)
		return 0;
	memcpy(smpair_secret_data(call->body) + call->len, data, len);
	call->len += len;
	return len;
}

static void release(struct centre_call *call)
{
	if (call->easy)
		curl_easy_cleanup(call->easy);
	curl_slist_free_all(call->headers);
	smpair_secret_free(call->body);
	free(call);
}

static int add_header(struct centre_call *call, const char *name, const char *value)
{
	struct curl_slist *headers;
	char line[128];

	snprintf(line, sizeof(line), "%s: %s", name, value);
	headers = curl_slist_append(call->headers, line);
	if (!headers)
		return -ENOMEM;
	call->headers = headers;
	return 0;
}

static CURLcode set_peer(CURL *easy, const struct conf *conf)
{
	CURLcode err = CURLE_OK;

#define SET(option, value) do { \
	if (!err) \
		err = curl_easy_setopt(easy, option, value); \
} while (0)
	SET(CURLOPT_PROTOCOLS_STR, "https");
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_3);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_CAINFO, conf->ca);
	SET(CURLOPT_CAPATH, NULL);
	SET(CURLOPT_SSLCERT, conf->cert);
	SET(CURLOPT_SSLKEY, conf->key);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_TCP_NODELAY, 1L);
	return err;
}

/* Each centre that is left has its part of the time. */
static CURLcode set_place(struct centre_call *call)
{
	long ms = smpair_left(call->deadline) / (long)(call->left + 1);
	char url[CONF_URL_SIZE + CENTRE_PATH_SIZE];
	CURL *easy = call->easy;
	CURLcode err = CURLE_OK;

	if (ms > (long)call->conf->timeout * 1000)
		ms = (long)call->conf->timeout * 1000;
	/* Zero would mean for ever. */
	if (!ms)
		ms = 1;
	snprintf(url, sizeof(url), "%s%s", call->conf->centre[call->at], call->path);
	SET(CURLOPT_URL, url);
	SET(CURLOPT_TIMEOUT_MS, ms);
	SET(CURLOPT_CONNECTTIMEOUT_MS, ms);
	return err;
}

static CURLcode set_order(struct centre_call *call, const struct centre_order *order)
{
	CURL *easy = call->easy;
	CURLcode err = CURLE_OK;

	SET(CURLOPT_CUSTOMREQUEST, order->method);
	if (order->body) {
		SET(CURLOPT_POSTFIELDSIZE, (long)strlen(order->body));
		SET(CURLOPT_COPYPOSTFIELDS, order->body);
	}
	SET(CURLOPT_HTTPHEADER, call->headers);
	SET(CURLOPT_WRITEFUNCTION, receive);
	SET(CURLOPT_WRITEDATA, call);
	SET(CURLOPT_ERRORBUFFER, call->why);
	SET(CURLOPT_PRIVATE, call);
#undef SET
	return err;
}

/**
 * centre_call() - Begin a call.
 * @loop: The loop; its @transfer_done is centre_transfer_done().
 * @conf: Says where the centres are, and who we are; outlives the call.
 * @order: What to ask; nothing of it is needed afterwards.
 * @done: Called once, from loop_run(), unless the call is cancelled.
 * @arg: For @done.
 * @call: Receives the call, which is gone when @done is called.
 *
 * A centre that cannot be reached, or is not ready, gives way to the next, which is
 * asked the same under the same key; each is asked once.
 *
 * Return: 0, -ENOMEM, or -EINVAL where libcurl lacks what is needed.
 */
int centre_call(struct loop *loop, const struct conf *conf, const struct centre_order *order,
		centre_done_fn done, void *arg, struct centre_call **call)
{
	struct centre_call *c = calloc(1, sizeof(*c));
	int err = -ENOMEM;

	if (!c)
		return -ENOMEM;
	c->loop = loop;
	c->done = done;
	c->arg = arg;
	c->conf = conf;
	c->deadline = order->deadline;
	snprintf(c->path, sizeof(c->path), "%s", order->path);
	c->at = preferred < conf->centre_count ? preferred : 0;
	c->left = conf->centre_count - 1;
	c->easy = curl_easy_init();
	if (!c->easy || smpair_secret_new(API_BODY_MAX, &c->body))
		goto fail;
	if (order->body && add_header(c, "Content-Type", "application/json"))
		goto fail;
	if (order->key && add_header(c, "Idempotency-Key", order->key))
		goto fail;
	/* A server's leave to send what is this short would cost a round trip. */
	if (add_header(c, "Expect", ""))
		goto fail;
	err = -EINVAL;
	if (set_peer(c->easy, conf) || set_order(c, order) || set_place(c))
		goto fail;
	if (curl_multi_add_handle(loop->multi, c->easy))
		goto fail;
	*call = c;
	return 0;
fail:
	release(c);
	return err;
}

/**
 * centre_cancel() - Give up a call; nobody is told.
 * @call: The call, or NULL.
 */
void centre_cancel(struct centre_call *call)
{
	if (!call)
		return;
	curl_multi_remove_handle(call->loop->multi, call->easy);
	release(call);
}

static unsigned int retry_after(CURL *easy)
{
	curl_off_t seconds = 0;

	curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
	return seconds < 0 ? 0 : seconds > 86400 ? 86400 : (unsigned int)seconds;
}

#define NOT_READY	503

/* Asks the next centre, where there is one, and time. */
static bool asks_next(struct centre_call *call, const struct centre_result *told)
{
	/* A new configuration may have fewer. */
	if (!call->left || call->at >= call->conf->centre_count || !smpair_left(call->deadline))
		return false;
	log_line(LOG_NOTICE, "centre %s: %s; the next one is asked", call->conf->centre[call->at],
		 told->why ? told->why : "it is not ready");
	call->left--;
	call->at = (call->at + 1) % call->conf->centre_count;
	explicit_bzero(smpair_secret_data(call->body), call->len);
	call->len = 0;
	call->why[0] = '\0';
	return !set_place(call) && !curl_multi_add_handle(call->loop->multi, call->easy);
}

/**
 * centre_transfer_done() - Take a transfer that ended from the loop.
 * @easy: The transfer.
 * @result: How it ended.
 */
void centre_transfer_done(CURL *easy, CURLcode result)
{
	struct centre_result told = { 0 };
	struct centre_call *call;
	char *private;

	if (curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private))
		return;
	call = (struct centre_call *)private;
	if (result) {
		told.why = call->why[0] ? call->why : curl_easy_strerror(result);
	} else {
		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &told.status);
		told.body = smpair_secret_data(call->body);
		told.len = call->len;
		told.retry_after = retry_after(easy);
	}
	curl_multi_remove_handle(call->loop->multi, easy);
	if (told.status && told.status != NOT_READY)
		preferred = call->at;
	else if (asks_next(call, &told))
		return;
	call->done(call->arg, &told);
	release(call);
}
