// SPDX-License-Identifier: GPL-2.0
/*
 * What the guest's memory holds of keys, PINs and data, step by step through the life
 * of a pairing. The memory is saved and searched from outside by "peer", which knows
 * the secrets; the module is outside as well. This program unmasks what it is given
 * into locked memory and wipes it, so that what is found is somebody else's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <keyutils.h>

#include "kselftest.h"
#include "relay.h"
#include "rig/kmod.h"
#include "rig/setting.h"
#include "smpair/key.h"
#include "smpair/smpair.h"
#include "softmod/app.h"
#include "talk.h"

#define PATIENCE_MS	60000
#define DATA_LEN	32

/* What stays as long as host credentials are loaded, and while a session is open too */
#define HOST		"as kw tk"
#define SESSION		"h2m ka kw m2h prk tk"

struct residue {
	FILE *peer;
	struct relay relay;
	struct smpair_client *client;
	uint32_t dev;
	int32_t key;		/* host's key while it is kept */
	unsigned int keys;	/* when there is none of ours */
	int node;
};

static void need(int err, const char *what)
{
	if (!err)
		return;
	printf("Bail out! %s: %d\n", what, err);
	exit(1);
}

/* Compares what memory holds with the names expected, in alphabetical order. */
static void judge(const char *name, const char *answer, const char *expected)
{
	char wanted[TALK_ANSWER_MAX];
	bool same;

	snprintf(wanted, sizeof(wanted), "found%s%s", *expected ? " " : "", expected);
	same = !strcmp(answer, wanted);
	if (!same)
		ksft_print_msg("expected \"%s\", %s\n", expected, answer);
	ksft_test_result(same, "%s\n", name);
}

static void look(struct residue *r, const char *name, const char *expected)
{
	char answer[TALK_ANSWER_MAX];

	talk_ask(r->peer, "look", answer);
	judge(name, answer, expected);
}

/* Links and states */

static void await_state(struct residue *r, enum smpair_state state)
{
	struct smpair_dev_info info = { .state = -1 };
	unsigned int i;

	for (i = 0; i < PATIENCE_MS / 10; i++) {
		if (!smpair_dev_get(r->client, r->dev, &info) && info.state == state)
			return;
		usleep(10000);
	}
	printf("Bail out! state %u instead of %u, cause %u\n", info.state, state, info.cause);
	exit(1);
}

static void insert(struct residue *r)
{
	struct smpair_dev_info *list;
	size_t count = 0;

	need(relay_insert(&r->relay), "insert");
	need(smpair_dev_list(r->client, &list, &count), "list");
	need(count != 1, "one link");
	r->dev = list->id;
	free(list);
}

static void await_end(struct residue *r, uint64_t op)
{
	struct smpair_outcome out;

	need(smpair_op_wait(r->client, op, PATIENCE_MS, &out), "outcome");
	need(out.error, "operation");
}

static void do_op(struct residue *r, int (*start)(struct smpair_client *, uint32_t, uint64_t *))
{
	uint64_t op;

	need(start(r->client, r->dev, &op), "operation");
	await_end(r, op);
}

/* Credentials */

static void load_host(struct residue *r)
{
	uint8_t cy[1][SMPAIR_CY_LEN];
	struct smpair_secret *secret;
	char answer[TALK_ANSWER_MAX];
	const char *hex;
	size_t i;

	talk_ask(r->peer, "host", answer);
	secret = talk_unmask(answer, 0);
	hex = strchr(answer, ' ') + 1;
	for (i = 0; i < SMPAIR_CY_LEN; i++)
		need(sscanf(hex + 2 * i, "%2hhx", &cy[0][i]) != 1, "cryptogram");
	need(smpair_key_add_host(secret, &r->key), "key of the host");
	smpair_secret_free(secret);
	need(smpair_host_set(r->client, r->key, cy, 1), "host credentials");
}

/* Keys of this user whose payload the kernel has not destroyed yet */
static unsigned int count_keys(void)
{
	unsigned int uid, keys, found = 0;
	FILE *f = fopen("/proc/key-users", "re");
	char line[128];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%u: %*u %u/", &uid, &keys) == 2 && uid == getuid())
			found = keys;
	if (f)
		fclose(f);
	return found;
}

/* The kernel collects keys that were invalidated in its own time. */
static void await_no_keys(struct residue *r)
{
	unsigned int i;

	for (i = 0; i < PATIENCE_MS / 10; i++) {
		if (count_keys() == r->keys)
			return;
		usleep(10000);
	}
	need(-ETIME, "key collection");
}

static void drop_host_key(struct residue *r)
{
	need(smpair_key_drop(r->key), "dropping the key");
	await_no_keys(r);
}

/* Pairing */

/* Up to the agent's answer, which is for the caller */
static uint64_t begin_pairing(struct residue *r, struct smpair_request *req)
{
	struct smpair_outcome out;
	uint64_t op;

	need(smpair_op_pair(r->client, r->dev, SMPAIR_PAIR_OWN_AGENT, 0, &op), "pair");
	need(smpair_op_wait(r->client, op, PATIENCE_MS, &out) != SMPAIR_WAIT_REQUEST, "request");
	need(smpair_request_accept(r->client, req), "accept");
	return op;
}

static int32_t pin_key(struct residue *r, const char *which)
{
	struct smpair_secret *secret;
	char answer[TALK_ANSWER_MAX];
	int32_t key;

	talk_ask(r->peer, which, answer);
	secret = talk_unmask(answer, 0);
	need(smpair_key_add_pin((const char *)smpair_secret_data(secret), &key), "key of the PIN");
	smpair_secret_free(secret);
	return key;
}

/* The driver invalidates the key. */
static void answer(struct residue *r, const struct smpair_request *req, int32_t key)
{
	need(smpair_request_done(r->client, req->id, SMPAIR_ANSWER_ACCEPTED, key, false), "answer");
	await_no_keys(r);
}

static void pair(struct residue *r)
{
	struct smpair_request req;
	uint64_t op = begin_pairing(r, &req);

	answer(r, &req, pin_key(r, "pin"));
	await_end(r, op);
	await_state(r, SMPAIR_STATE_PAIRED);
}

/* Data */

static void open_node(struct residue *r)
{
	char path[32];

	snprintf(path, sizeof(path), "/dev/smpair%u", r->dev);
	r->node = open(path, O_RDWR | O_CLOEXEC);
	need(r->node < 0, path);
}

/* Data of the peer goes to the module; what it echoes stays with the driver. */
static void send_data(struct residue *r, int flags)
{
	struct smpair_secret *message;
	char text[TALK_ANSWER_MAX];
	ssize_t n;

	talk_ask(r->peer, "data", text);
	message = talk_unmask(text, 1);
	smpair_secret_data(message)[0] = APP_ECHO;
	need(fcntl(r->node, F_SETFL, flags), "flags");
	n = write(r->node, smpair_secret_data(message), 1 + DATA_LEN);
	smpair_secret_free(message);
	need(n != 1 + DATA_LEN, "message");
	need(fcntl(r->node, F_SETFL, 0), "flags");
}

static ssize_t take_data(struct residue *r)
{
	struct smpair_secret *data;
	ssize_t n;

	need(smpair_secret_new(DATA_LEN, &data), "memory");
	n = read(r->node, smpair_secret_data(data), DATA_LEN);
	if (n < 0)
		n = -errno;
	smpair_secret_free(data);
	return n;
}

/* The steps, in the order of a pairing's life; each looks at memory at least once. */

static void credentials(struct residue *r)
{
	look(r, "before_anything_is_loaded_nothing_is_found", "");
	load_host(r);
	look(r, "search_finds_the_hosts_secrets_in_their_key_and_the_derived_keys",
	     "as hs kw mhkey tk");
	drop_host_key(r);
	look(r, "dropped_key_leaves_the_derived_keys_only", HOST);
}

static void pairing(struct residue *r)
{
	struct smpair_request req;
	int32_t key;
	uint64_t op;

	insert(r);
	await_state(r, SMPAIR_STATE_UNPAIRED);
	op = begin_pairing(r, &req);
	look(r, "search_finds_the_handshake_while_an_agent_thinks", "as ka kph kpm kw tk xp");
	key = pin_key(r, "pin");
	look(r, "search_finds_a_pin_in_its_key", "as ka kph kpm kw pin tk xp");
	answer(r, &req, key);
	await_end(r, op);
	await_state(r, SMPAIR_STATE_PAIRED);
	look(r, "search_finds_the_session_and_pairing_leaves_no_pin_and_no_handshake",
	     "as " SESSION);
}

static void data(struct residue *r)
{
	open_node(r);
	send_data(r, 0);
	look(r, "search_finds_an_answer_that_was_not_read", "as data " SESSION);
	need(take_data(r) != DATA_LEN, "echo");
	look(r, "data_are_gone_when_they_were_read", "as " SESSION);
	send_data(r, 0);
	close(r->node);
	look(r, "data_are_gone_when_their_file_was_closed_unread", "as " SESSION);
}

static void ends_of_a_session(struct residue *r)
{
	do_op(r, smpair_op_close);
	look(r, "close_leaves_no_session", "as ka kw tk");
	do_op(r, smpair_op_open);
	look(r, "search_finds_the_next_session_and_not_the_former", "as " SESSION);
	do_op(r, smpair_op_unpair);
	look(r, "unpair_leaves_nothing_of_the_pairing", HOST);
}

static void wrong_pin(struct residue *r)
{
	struct smpair_outcome out;
	struct smpair_request req;
	uint64_t op = begin_pairing(r, &req);

	answer(r, &req, pin_key(r, "wrong"));
	need(smpair_op_wait(r->client, op, PATIENCE_MS, &out), "outcome");
	need(out.cause != SMPAIR_CAUSE_PIN_WRONG, "wrong PIN");
	look(r, "refused_pairing_leaves_no_pin_and_no_handshake", HOST);
	op = begin_pairing(r, &req);
	need(smpair_pair_cancel(r->client, r->dev), "cancel");
	need(smpair_op_wait(r->client, op, PATIENCE_MS, &out), "outcome");
	look(r, "cancelled_pairing_leaves_no_handshake", HOST);
}

static void removal(struct residue *r)
{
	pair(r);
	relay_remove(&r->relay);
	look(r, "removal_leaves_nothing_of_the_pairing", HOST);
	insert(r);
	await_state(r, SMPAIR_STATE_PAIRED);
	open_node(r);
	r->relay.deaf = true;
	send_data(r, O_NONBLOCK);
	relay_remove(&r->relay);
	need(take_data(r) != -ENODEV, "message of a removed module");
	close(r->node);
	look(r, "removal_in_the_middle_of_a_message_leaves_nothing_of_it", HOST);
}

/* The machine sleeps for real, with its memory powered; the peer wakes it. */
static void suspend(struct residue *r)
{
	char found[TALK_ANSWER_MAX];

	insert(r);
	await_state(r, SMPAIR_STATE_PAIRED);
	look(r, "search_finds_the_session_before_the_machine_sleeps", "as " SESSION);
	talk_say(r->peer, "sleep");
	need(setting_write("/sys/power/mem_sleep", "deep"), "mem_sleep");
	need(setting_write("/sys/power/state", "mem"), "sleep");
	talk_hear(r->peer, found);
	judge("suspend_leaves_nothing_of_the_pairing", found, HOST);
	await_state(r, SMPAIR_STATE_PAIRED);
	look(r, "search_finds_the_session_after_the_machine_woke", "as " SESSION);
}

static void ends_of_credentials(struct residue *r)
{
	need(smpair_host_clear(r->client), "clear");
	await_state(r, SMPAIR_STATE_IDENTIFIED);
	look(r, "host_clear_leaves_nothing", "");
	load_host(r);
	drop_host_key(r);
	await_state(r, SMPAIR_STATE_PAIRED);
	relay_remove(&r->relay);
	need(rig_kmod_unload("smpair_virt"), "unload");
	need(rig_kmod_unload("smpair"), "unload");
	look(r, "unloaded_driver_leaves_nothing", "");
}

static void setup(struct residue *r)
{
	int fd = talk_port("talk");

	need(fd < 0, "port talk");
	r->peer = fdopen(fd, "r");
	r->relay.port = talk_port("link");
	need(r->relay.port < 0, "port link");
	need(smpair_client_open(&r->client), "driver");
	smpair_client_set_timeout(r->client, PATIENCE_MS);
	/* The keyring of this process is a key itself. */
	need(keyctl_get_keyring_ID(KEY_SPEC_PROCESS_KEYRING, 1) < 0, "keyring");
	r->keys = count_keys();
}

int main(void)
{
	struct residue r = { .node = -1 };

	ksft_print_header();
	ksft_set_plan(21);
	setup(&r);
	credentials(&r);
	pairing(&r);
	data(&r);
	ends_of_a_session(&r);
	wrong_pin(&r);
	removal(&r);
	suspend(&r);
	ends_of_credentials(&r);
	ksft_finished();
}
