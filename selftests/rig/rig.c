// SPDX-License-Identifier: GPL-2.0
#include "rig.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "oracle.h"
#include "smpair/key.h"
#include "softmod/app.h"

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

const char *rig_missing(void)
{
	if (geteuid() != 0)
		return "needs root";
	if (access("/dev/smpair_virt", R_OK | W_OK))
		return "/dev/smpair_virt is absent; load smpair_virt.ko";
	if (!oracle_available())
		return "the oracle needs AF_ALG with hmac(sha256) and gcm(aes)";
	return NULL;
}

static uint32_t newest_dev(struct smpair_client *client, uint32_t known)
{
	struct smpair_dev_info *list;
	uint32_t best = RIG_NO_DEV;
	size_t i, count;

	if (smpair_dev_list(client, &list, &count))
		return RIG_NO_DEV;
	for (i = 0; i < count; i++)
		if ((known == RIG_NO_DEV || list[i].id > known) &&
		    (best == RIG_NO_DEV || list[i].id > best))
			best = list[i].id;
	free(list);
	return best;
}

unsigned int rig_count_devs(struct smpair_client *client)
{
	struct smpair_dev_info *list;
	size_t count;

	if (smpair_dev_list(client, &list, &count))
		return 0;
	free(list);
	return count;
}

int rig_connect(struct rig *rig)
{
	int err = smpair_client_open(&rig->client);

	if (err)
		return err;
	smpair_client_set_timeout(rig->client, RIG_PATIENCE_MS);
	return smpair_events_join(rig->client, SMPAIR_EVENTS_MONITOR);
}

int rig_init(struct rig *rig, const struct sm_perso *perso)
{
	struct sm_perso standard;
	int err;

	memset(rig, 0, sizeof(*rig));
	rig->dev = RIG_NO_DEV;
	rig->mod.fd = -1;
	if (!perso) {
		rig_perso_init(&standard, 1);
		perso = &standard;
	}
	err = rig_connect(rig);
	if (err)
		return err;
	smpair_host_clear(rig->client);
	return rig_module_make(&rig->mod, perso);
}

void rig_exit(struct rig *rig)
{
	if (rig->mod.fd >= 0)
		rig_remove(rig);
	rig_module_free(&rig->mod);
	if (rig->client) {
		smpair_host_clear(rig->client);
		smpair_client_close(rig->client);
		rig->client = NULL;
	}
}

int rig_insert(struct rig *rig)
{
	uint32_t before = newest_dev(rig->client, RIG_NO_DEV);
	long end = now_ms() + RIG_PATIENCE_MS;
	int err = rig_module_insert(&rig->mod);

	if (err)
		return err;
	while (now_ms() < end) {
		rig->dev = newest_dev(rig->client, before);
		if (rig->dev != RIG_NO_DEV)
			return 0;
		usleep(5000);
	}
	return -ETIME;
}

void rig_remove(struct rig *rig)
{
	struct smpair_dev_info info;
	long end = now_ms() + RIG_PATIENCE_MS;

	rig_module_remove(&rig->mod);
	while (rig->dev != RIG_NO_DEV && now_ms() < end) {
		if (smpair_dev_get(rig->client, rig->dev, &info) == -ENODEV)
			break;
		usleep(5000);
	}
	rig->dev = RIG_NO_DEV;
}

/*
 * The driver takes new credentials at once and verifies modules anew afterwards, so the
 * state just after loading is still the former one. The event that told of that state
 * may come after it was drained for: it is not the one that enters @state.
 */
static int await_change(struct rig *rig, enum smpair_state before, enum smpair_state state)
{
	bool any = before == SMPAIR_STATE_PROBING || before == SMPAIR_STATE_OPENING;
	long end = now_ms() + RIG_PATIENCE_MS;
	struct smpair_event ev;
	int err;

	do {
		err = smpair_events_next(rig->client, RIG_PATIENCE_MS, &ev);
		if (!err && ev.type == SMPAIR_EVENT_CHANGE && ev.dev.id == rig->dev &&
		    (any || ev.dev.state == state))
			return 0;
	} while (!err && now_ms() < end);
	return err ? err : -ETIME;
}

void rig_drain_events(struct rig *rig)
{
	struct smpair_event ev;

	while (!smpair_events_next(rig->client, 0, &ev))
		;
}

int rig_load_host(struct rig *rig)
{
	struct smpair_dev_info info;
	int err;

	rig_drain_events(rig);
	if (rig->dev == RIG_NO_DEV || smpair_dev_get(rig->client, rig->dev, &info))
		return rig_host_load(rig->client, &rig->host);
	err = rig_host_load(rig->client, &rig->host);
	return err ? err : await_change(rig, info.state, SMPAIR_STATE_OPENING);
}

int rig_use_host(struct rig *rig, unsigned int number)
{
	rig_host_init(&rig->host, number);
	return rig_load_host(rig);
}

int rig_clear_host(struct rig *rig)
{
	struct smpair_dev_info info;
	int err;

	rig_drain_events(rig);
	if (rig->dev == RIG_NO_DEV || smpair_dev_get(rig->client, rig->dev, &info))
		return smpair_host_clear(rig->client);
	err = smpair_host_clear(rig->client);
	return err ? err : await_change(rig, info.state, SMPAIR_STATE_IDENTIFIED);
}

int rig_wait_state(struct rig *rig, enum smpair_state state)
{
	struct smpair_dev_info info = { 0 };
	long end = now_ms() + RIG_PATIENCE_MS;
	int err;

	do {
		err = smpair_dev_get(rig->client, rig->dev, &info);
		if (err)
			return err;
		/* After sleep, a link has the state it had until it is probed. */
		if (info.state == state && info.cause != SMPAIR_CAUSE_SUSPENDED)
			break;
		usleep(5000);
	} while (now_ms() < end);
	return info.state;
}

int rig_settle(struct rig *rig)
{
	struct smpair_dev_info info = { 0 };
	long end = now_ms() + RIG_PATIENCE_MS;
	int err;

	do {
		err = smpair_dev_get(rig->client, rig->dev, &info);
		if (err)
			return err;
		if (info.state != SMPAIR_STATE_PROBING && info.state != SMPAIR_STATE_OPENING)
			break;
		usleep(5000);
	} while (now_ms() < end);
	return info.state;
}

int rig_cause(struct rig *rig)
{
	struct smpair_dev_info info;
	int err = smpair_dev_get(rig->client, rig->dev, &info);

	return err ? err : (int)info.cause;
}

int rig_pair_with(struct rig *rig, struct rig_pairing *how, struct smpair_outcome *out)
{
	char pin[PDT1_PIN_LEN];
	int32_t key = 0;
	uint64_t op;
	int err;

	memset(out, 0, sizeof(*out));
	how->asked = false;
	err = smpair_op_pair(rig->client, rig->dev, how->flags | SMPAIR_PAIR_OWN_AGENT, 0, &op);
	if (err)
		return err;
	for (;;) {
		err = smpair_op_wait(rig->client, op, RIG_PATIENCE_MS, out);
		if (err != SMPAIR_WAIT_REQUEST)
			return err;
		err = smpair_request_accept(rig->client, &how->seen);
		if (err)
			return err;
		how->asked = true;
		if (how->before_answer)
			how->before_answer(rig);
		if (how->pin)
			memcpy(pin, how->pin, sizeof(pin));
		else
			rig_pin(&rig->mod.perso, &rig->host, how->seen.index, pin);
		if (how->answer == SMPAIR_ANSWER_ACCEPTED && (how->seen.plan & SMPAIR_PLAN_PIN)) {
			err = smpair_key_add_pin(pin, &key);
			if (err)
				return err;
		}
		err = smpair_request_done(rig->client, how->seen.id, how->answer, key,
					  how->consent && how->answer == SMPAIR_ANSWER_ACCEPTED);
		if (err)
			return err;
	}
}

int rig_pair(struct rig *rig, struct smpair_outcome *out)
{
	struct rig_pairing how = { .consent = true };

	return rig_pair_with(rig, &how, out);
}

bool rig_make_pairing(struct rig *rig, unsigned int host)
{
	struct smpair_outcome out;

	if (rig_use_host(rig, host))
		return false;
	if (rig->dev == RIG_NO_DEV && rig_insert(rig))
		return false;
	if (rig_settle(rig) != SMPAIR_STATE_UNPAIRED)
		return false;
	if (rig_pair(rig, &out) || out.error) {
		printf("# pairing of host %u failed: error %u cause %u\n", host, out.error,
		       out.cause);
		return false;
	}
	return rig_wait_state(rig, SMPAIR_STATE_PAIRED) == SMPAIR_STATE_PAIRED;
}

int rig_do(struct rig *rig, rig_op run, struct smpair_outcome *out)
{
	uint64_t op;
	int err = run(rig->client, rig->dev, &op);

	return err ? err : smpair_op_wait(rig->client, op, RIG_PATIENCE_MS, out);
}

int rig_manage_op(struct rig *rig, uint8_t op, uint32_t seq, const void *body, uint16_t len,
		  struct smpair_outcome *out)
{
	uint8_t command[PDT1_MANAGE_MIN_LEN + 64];
	size_t command_len = rig_manage(&rig->mod.perso, op, seq, body, len, command);
	uint64_t id;
	int err = smpair_op_manage(rig->client, rig->dev, command, command_len, &id);

	return err ? err : smpair_op_wait(rig->client, id, RIG_PATIENCE_MS, out);
}

int rig_open_node(uint32_t dev, int flags)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/dev/smpair%u", dev);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

ssize_t rig_exchange(struct rig *rig, const void *msg, size_t len, void *answer, size_t size)
{
	ssize_t ret = rig_open_node(rig->dev, O_RDWR);
	int fd = ret;

	if (fd < 0)
		return ret;
	if (write(fd, msg, len) < 0) {
		ret = -errno;
	} else {
		ret = read(fd, answer, size);
		if (ret < 0)
			ret = -errno;
	}
	close(fd);
	return ret;
}

bool rig_echo(struct rig *rig, size_t len)
{
	uint8_t *msg = malloc(len + 1), *answer = malloc(len + 1);
	bool ok = false;
	ssize_t got;
	size_t i;

	if (msg && answer) {
		msg[0] = APP_ECHO;
		for (i = 0; i < len; i++)
			msg[1 + i] = i * 7 + len;
		got = rig_exchange(rig, msg, len + 1, answer, len + 1);
		ok = got == (ssize_t)len && !memcmp(answer, msg + 1, len);
		if (!ok)
			printf("# echo of %zu bytes: %zd\n", len, got);
	}
	free(msg);
	free(answer);
	return ok;
}
