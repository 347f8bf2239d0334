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

/**
 * struct centre_call - a call under way
 * @loop: Where it is waited for.
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
	CURL *easy;
	struct curl_slist *headers;
	struct smpair_secret *body;
	size_t len;
	char why[CURL_ERROR_SIZE];
	centre_done_fn done;
	void *arg;
};

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

static CURLcode set_order(struct centre_call *call, const struct conf *conf,
			  const struct centre_order *order, const char *url)
{
	long ms = smpair_left(order->deadline);
	CURL *easy = call->easy;
	CURLcode err = CURLE_OK;

	if (ms > (long)conf->timeout * 1000)
		ms = (long)conf->timeout * 1000;
	/* Zero would mean for ever. */
	if (!ms)
		ms = 1;
	SET(CURLOPT_URL, url);
	SET(CURLOPT_CUSTOMREQUEST, order->method);
	if (order->body) {
		SET(CURLOPT_POSTFIELDSIZE, (long)strlen(order->body));
		SET(CURLOPT_COPYPOSTFIELDS, order->body);
	}
	SET(CURLOPT_TIMEOUT_MS, ms);
	SET(CURLOPT_CONNECTTIMEOUT_MS, ms);
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
 * @conf: Says where the centre is, and who we are.
 * @order: What to ask; nothing of it is needed afterwards.
 * @done: Called once, from loop_run(), unless the call is cancelled.
 * @arg: For @done.
 * @call: Receives the call, which is gone when @done is called.
 *
 * Return: 0, -ENOMEM, or -EINVAL where libcurl lacks what is needed.
 */
int centre_call(struct loop *loop, const struct conf *conf, const struct centre_order *order,
		centre_done_fn done, void *arg, struct centre_call **call)
{
	char url[CONF_URL_SIZE + CENTRE_PATH_SIZE];
	struct centre_call *c = calloc(1, sizeof(*c));
	int err = -ENOMEM;

	if (!c)
		return -ENOMEM;
	c->loop = loop;
	c->done = done;
	c->arg = arg;
	snprintf(url, sizeof(url), "%s%s", conf->url, order->path);
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
	if (set_peer(c->easy, conf) || set_order(c, conf, order, url))
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
	call->done(call->arg, &told);
	release(call);
}
