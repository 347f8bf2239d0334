// SPDX-License-Identifier: GPL-2.0
/*
 * module IMAGE SN FD: the software module on this machine, for a driver in a guest
 * whose end of the link comes through the stream FD, as events of /dev/smpair_virt.
 * It remembers every secret that it and the host ever shared:
 *
 *   secrets	lists them as "live NAME HEX" and "past NAME HEX", and ends with "."
 *   pin	prints the PIN that the next pairing with the host of SN takes
 */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/smpair_virt.h>

#include "softmod/app.h"
#include "softmod/core/module.h"
#include "softmod/core/pin.h"
#include "softmod/port/linux.h"

#define EVENT_MAX	(sizeof(struct smpair_virt_event) + SMPAIR_VIRT_DATA_MAX)
#define SECRETS_MAX	256

/* One byte string that an attacker must not find */
struct secret {
	const char *name;
	uint8_t data[PDT1_KEY_LEN];
};

static struct sm_module module;
static struct sm_port port;
static struct secret secret[SECRETS_MAX];
static unsigned int secrets;

static bool none(const uint8_t data[32])
{
	static const uint8_t zero[32];

	return !memcmp(data, zero, sizeof(zero));
}

static void remember(const char *name, const uint8_t data[32])
{
	unsigned int i;

	if (none(data))
		return;
	for (i = 0; i < secrets; i++)
		if (!strcmp(secret[i].name, name) && !memcmp(secret[i].data, data, 32))
			return;
	if (secrets == SECRETS_MAX)
		errx(1, "more secrets than expected");
	secret[secrets].name = name;
	memcpy(secret[secrets++].data, data, 32);
}

/* Which secrets the module holds now; calls @fn with each. */
static void visit_live(void (*fn)(const char *name, const uint8_t data[32]))
{
	unsigned int i;

	fn("kpm", module.pairing.kpm);
	fn("kph", module.pairing.kph);
	fn("xp", module.pairing.xp);
	fn("ka", module.pairing.ka);
	fn("prk", module.session.prks);
	fn("h2m", module.session.h2m);
	fn("m2h", module.session.m2h);
	for (i = 0; i < PDT1_SLOTS_MAX; i++)
		if (module.store.slot[i].used)
			fn("ka", module.store.slot[i].ka);
}

static const struct secret *wanted;
static bool is_live;

static void compare(const char *name, const uint8_t data[32])
{
	if (!strcmp(name, wanted->name) && !memcmp(data, wanted->data, 32))
		is_live = true;
}

static void list(void)
{
	unsigned int i, j;

	for (i = 0; i < secrets; i++) {
		wanted = &secret[i];
		is_live = false;
		visit_live(compare);
		printf("%s %s ", is_live ? "live" : "past", wanted->name);
		for (j = 0; j < 32; j++)
			printf("%02x", wanted->data[j]);
		putchar('\n');
	}
	puts(".");
}

/* The shared value of a handshake is nowhere in the module afterwards. */
static int x25519(void *ctx, const uint8_t scalar[32], const uint8_t *point, uint8_t out[32])
{
	struct sm_port plain;
	int ret;

	linux_port_init(&plain, ctx);
	ret = plain.x25519(ctx, scalar, point, out);
	if (!ret && point)
		remember("dh", out);
	return ret;
}

/* Nor is PRKp. The two extractions, of PRKp and PRKs, alone hash two keys. */
static int hmac(void *ctx, const uint8_t key[32], const struct sm_part *parts, size_t n,
		uint8_t out[32])
{
	struct sm_port plain;
	size_t len = 0, i;
	int ret;

	linux_port_init(&plain, ctx);
	ret = plain.hmac(ctx, key, parts, n, out);
	for (i = 0; i < n; i++)
		len += parts[i].len;
	if (!ret && len == 2 * PDT1_KEY_LEN)
		remember("prk", out);
	return ret;
}

static void write_all(int fd, const void *data, size_t len)
{
	const uint8_t *p = data;
	ssize_t n;

	for (; len; p += n, len -= n) {
		n = write(fd, p, len);
		if (n < 0)
			err(1, "link");
	}
}

static void read_all(int fd, void *data, size_t len)
{
	uint8_t *p = data;
	ssize_t n;

	for (; len; p += n, len -= n) {
		n = read(fd, p, len);
		if (n <= 0)
			exit(0);	/* the guest ended */
	}
}

static void respond(int fd, uint64_t id, const uint8_t *data, size_t len)
{
	struct smpair_virt_event ev = { .type = SMPAIR_VIRT_RESPONSE, .len = len, .id = id };

	write_all(fd, &ev, sizeof(ev));
	write_all(fd, data, len);
}

/* Events as the driver sends them; its ATTACH comes back as the sign of power. */
static void serve(int fd)
{
	static const uint8_t atr[] = { 0x3b, 0x80, 0x01, 0x81 };
	static uint8_t data[EVENT_MAX], rsp[SM_RESPONSE_MAX];
	struct smpair_virt_event ev;
	size_t len;

	read_all(fd, &ev, sizeof(ev));
	if (ev.len > sizeof(data))
		errx(1, "event of %u bytes", ev.len);
	read_all(fd, data, ev.len);
	switch (ev.type) {
	case SMPAIR_VIRT_ATTACH:
		sm_power_down(&module);
		sm_power_up(&module, &port, &softmod_app);
		break;
	case SMPAIR_VIRT_RESET:
		sm_reset(&module);
		respond(fd, ev.id, atr, sizeof(atr));
		break;
	case SMPAIR_VIRT_COMMAND:
		if (sm_apdu(&module, data, ev.len, rsp, sizeof(rsp), &len))
			break;
		visit_live(remember);
		respond(fd, ev.id, rsp, len);
		break;
	default:
		errx(1, "event of type %u", ev.type);
	}
}

static void obey(const uint8_t sn[PDT1_ID_LEN])
{
	uint8_t pin[PDT1_PIN_LEN];
	char line[64];

	if (!fgets(line, sizeof(line), stdin))
		exit(0);
	if (!strcmp(line, "secrets\n"))
		list();
	else if (!strcmp(line, "pin\n") && !sm_pin(&port, &module.store, sn, pin))
		printf("%.8s\n", (const char *)pin);
	else
		errx(1, "cannot obey: %s", line);
}

static void parse_sn(const char *text, uint8_t sn[PDT1_ID_LEN])
{
	unsigned int i;

	if (strlen(text) != 2 * PDT1_ID_LEN)
		errx(2, "SN has sixteen hexadecimal digits");
	for (i = 0; i < PDT1_ID_LEN; i++)
		if (sscanf(text + 2 * i, "%2hhx", &sn[i]) != 1)
			errx(2, "SN has sixteen hexadecimal digits");
}

int main(int argc, char **argv)
{
	struct pollfd pfd[2] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .events = POLLIN } };
	uint8_t sn[PDT1_ID_LEN];
	struct nvm_file file;
	int ret;

	if (argc != 4)
		errx(2, "usage: module IMAGE SN FD");
	parse_sn(argv[2], sn);
	pfd[1].fd = atoi(argv[3]);
	ret = nvm_file_open(&file, argv[1]);
	if (ret)
		errx(1, "%s: %s", argv[1], strerror(-ret));
	linux_port_init(&port, &file);
	port.x25519 = x25519;
	port.hmac = hmac;
	setvbuf(stdin, NULL, _IONBF, 0);
	setvbuf(stdout, NULL, _IOLBF, 0);

	for (;;) {
		if (poll(pfd, 2, -1) < 0)
			err(1, "poll");
		if (pfd[1].revents)
			serve(pfd[1].fd);
		if (pfd[0].revents)
			obey(sn);
	}
}
