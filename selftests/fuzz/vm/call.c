// SPDX-License-Identifier: GPL-2.0
/*
 * An input is a list of calls. Most are what a program would do, bent a little:
 * requests over two netlink sockets, a module that comes, answers and goes, other
 * virtual devices, device nodes, keys. The module is the real one; the second half
 * of the input says how its answers are changed on the wire.
 */
#include "call.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <keyutils.h>
#include <linux/genetlink.h>
#include <linux/smpair.h>
#include <linux/smpair_virt.h>

#include "fuzz/input.h"
#include "rig/domain.h"
#include "rig/module.h"
#include "rig/rawgenl.h"
#include "smpair/key.h"

#define STEPS_MAX	48
#define SETTLE_MS	50	/* at most, for the driver to say something */
#define EVENT_MS	1000	/* at most, until it asks a new module */
#define MODULES_LIVE	64	/* inputs that one module sees */

enum value { VALUE_ANY, VALUE_DEV, VALUE_KEY };

struct request {
	uint8_t cmd;
	uint16_t flags;
	uint8_t count;
	struct {
		uint16_t type;
		uint16_t len;
		enum value value;
	} attr[8];
};

#include "kfuzz-requests.h"

#define REQUESTS	(sizeof(requests) / sizeof(requests[0]))

static struct raw_sock sock[2];
static struct rig_module module;	/* the real one */
static struct sm_perso perso;
static struct rig_host host;
static struct input answers;
static int virt[2], node;
static int32_t host_key, pin_key;
static unsigned int newest_dev, age;

/* The number of the link that appeared last */
static void find_newest(void)
{
	char path[32];

	for (;; newest_dev++) {
		snprintf(path, sizeof(path), "/dev/smpair%u", newest_dev + 1);
		if (access(path, F_OK))
			break;
	}
}

static void bend(uint8_t *data, size_t len, struct input *in, unsigned int count)
{
	while (len && count--) {
		size_t at = take16(in) % len;

		data[at] = take8(in);
	}
}

/* One netlink request as the specification has it, or nearly */
static void step_request(struct input *in, struct raw_sock *s)
{
	const struct request *r = &requests[take8(in) % REQUESTS];
	uint8_t how = take8(in), have = ~take8(in), value[2048];
	struct raw_msg m;
	unsigned int i;

	raw_start(s, &m, r->cmd, r->flags);
	for (i = 0; i < r->count; i++) {
		uint32_t number = take8(in);
		size_t len = r->attr[i].len;

		if (!(have >> i & 1))
			continue;
		memset(value, number, sizeof(value));
		if (how & 1)
			take(in, value, len < 16 ? len : 16);
		else if (r->attr[i].value == VALUE_DEV)
			memcpy(value, &(uint32_t){ newest_dev - (number & 1) }, 4);
		else if (r->attr[i].value == VALUE_KEY)
			memcpy(value, number & 1 ? &pin_key : &host_key, 4);
		else if (len <= 8)
			memcpy(value, &(uint64_t){ number }, 8);
		if (r->attr[i].type == SMPAIR_A_HOST_CY && len == SMPAIR_CY_LEN)
			rig_host_cy(&host, value);
		if (how & 2)
			len = take_length(in, sizeof(value));
		raw_put(&m, r->attr[i].type, value, len);
	}
	if (how & 4) {
		take(in, value, 16);
		raw_put(&m, take8(in) % 32, value, take8(in) % 16);
	}
	if (how & 8)
		((struct nlmsghdr *)m.data)->nlmsg_flags ^= take16(in);
	((struct nlmsghdr *)m.data)->nlmsg_len = m.len;
	if (how & 16)
		bend(m.data + 4, m.len - 4, in, 1 + take8(in) % 4);
	if (how & 32)
		m.len -= take8(in) % m.len;
	send(s->fd, m.data, m.len, MSG_DONTWAIT);
}

static void drain(struct raw_sock *s, int wait_ms)
{
	struct pollfd pfd = { .fd = s->fd, .events = POLLIN };
	static uint8_t buf[65536];

	while (poll(&pfd, 1, wait_ms) > 0 && recv(s->fd, buf, sizeof(buf), MSG_DONTWAIT) >= 0)
		wait_ms = 0;
}

/* Until the driver has something to say, or for a while */
static void settle(void)
{
	struct pollfd pfd[4];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		pfd[i] = (struct pollfd){ .fd = sock[i].fd, .events = POLLIN };
		pfd[2 + i] = (struct pollfd){ .fd = virt[i], .events = POLLIN };
	}
	poll(pfd, 4, SETTLE_MS);
}

/* Answers whatever waits for an agent, with the right PIN or without. */
static void step_agent(struct input *in, struct raw_sock *s)
{
	uint8_t how = take8(in);
	const uint64_t *id;
	const uint32_t *n;
	struct raw_msg m;
	char pin[8];

	raw_start(s, &m, SMPAIR_CMD_REQ_ACCEPT, 0);
	if (raw_talk(s, &m))
		return;
	id = raw_attr(s, SMPAIR_A_REQ_ID, NULL);
	n = raw_attr(s, SMPAIR_A_REQ_INDEX, NULL);
	if (!id || !n || how & 0x80)
		return;
	rig_pin(&perso, &host, *n, pin);
	if (how & 1)
		pin[7] ^= 1;
	/* One that was never taken is in nobody's way. */
	smpair_key_drop(pin_key);
	if (smpair_key_add_pin(pin, &pin_key))
		return;
	raw_start(s, &m, SMPAIR_CMD_REQ_DONE, 0);
	raw_put_u64(&m, SMPAIR_A_REQ_ID, *id + (how >> 6 & 1));
	raw_put_u32(&m, SMPAIR_A_REQ_ANSWER, how & 2 ? take8(in) & 7 : SMPAIR_ANSWER_ACCEPTED);
	raw_put_u32(&m, SMPAIR_A_REQ_PIN_KEY, pin_key);
	if (how & 4)
		raw_put(&m, SMPAIR_A_REQ_CONSENT, NULL, 0);
	raw_talk(s, &m);
}

static void load_host(struct raw_sock *s)
{
	uint8_t payload[48 + 4 * 34], cy[SMPAIR_CY_LEN];
	size_t len = rig_host_payload(&host, payload);
	struct raw_msg m;

	host_key = add_key("logon", "smpair:fuzz-host", payload, len, KEY_SPEC_PROCESS_KEYRING);
	rig_host_cy(&host, cy);
	raw_start(s, &m, SMPAIR_CMD_HOST_SET, 0);
	raw_put_u32(&m, SMPAIR_A_HOST_KEY, host_key);
	raw_put(&m, SMPAIR_A_HOST_CY, cy, sizeof(cy));
	raw_talk(s, &m);
}

/* In the module's thread: what the wire does to its answers */
static void wire(void *ctx, struct rig_xchg *x)
{
	uint8_t how;

	(void)ctx;
	if (!x->rsp_len)
		return;
	how = take8(&answers);
	switch (how) {
	case 0xf0:
		x->mute = true;
		break;
	case 0xf1:
		bend(x->rsp, x->rsp_len, &answers, 1 + take8(&answers) % 4);
		break;
	case 0xf2:
		x->rsp_len = 2 + take_length(&answers, 600);
		take(&answers, x->rsp, x->rsp_len);
		break;
	case 0xf3:
		x->rsp_len -= take8(&answers) % (x->rsp_len - 1);
		break;
	case 0xf4:
		x->rsp_len = 2;
		x->rsp[0] = 0x69;
		x->rsp[1] = 0x80 + take8(&answers) % 8;
		break;
	}
}

/* A virtual device of its own, without a module behind it */
static void step_virt(struct input *in, int *fd)
{
	uint8_t how = take8(in), bytes[1024] = { 0 };
	struct smpair_virt_attach attach = { .version = SMPAIR_VIRT_VERSION, .atr_len = 4 };
	struct smpair_virt_event head = { 0 };
	struct pollfd pfd = { .fd = *fd, .events = POLLIN };
	ssize_t got = 0;
	size_t len;

	if (*fd < 0) {
		*fd = open("/dev/smpair_virt", O_RDWR | O_NONBLOCK | O_CLOEXEC);
		return;
	}
	switch (how & 7) {
	case 0:
		close(*fd);
		*fd = -1;
		break;
	case 1:
		/* Half of the readers are too early. */
		if (how & 0x80 || poll(&pfd, 1, EVENT_MS) > 0)
			got = read(*fd, bytes, how & 8 ? sizeof(bytes) : how >> 3);
		if (got >= (ssize_t)sizeof(head))
			memcpy(&head, bytes, sizeof(head));
		/* Answered at once */
		head.type = SMPAIR_VIRT_RESPONSE;
		head.len = 2 + take8(in) % 70;
		memcpy(bytes, &head, sizeof(head));
		take(in, bytes + sizeof(head), head.len);
		if (!write(*fd, bytes, sizeof(head) + head.len))
			return;
		break;
	case 2:
	case 3:
		head.type = SMPAIR_VIRT_ATTACH;
		head.len = sizeof(attach);
		memcpy(bytes, &head, sizeof(head));
		memcpy(bytes + sizeof(head), &attach, sizeof(attach));
		len = sizeof(head) + sizeof(attach);
		if (how & 1)
			bend(bytes, len, in, take8(in) % 3);
		if (write(*fd, bytes, len) > 0)
			find_newest();
		break;
	default:
		len = take8(in);
		take(in, bytes, len);
		if (!write(*fd, bytes, len))
			return;
		break;
	}
}

static void step_node(struct input *in)
{
	uint8_t how = take8(in), bytes[512] = { 0 };
	char path[32];
	size_t len;

	if (node < 0) {
		snprintf(path, sizeof(path), "/dev/smpair%u", newest_dev);
		node = open(path, (how & 1 ? O_RDWR : O_RDONLY) | O_NONBLOCK | O_CLOEXEC);
		return;
	}
	switch (how & 3) {
	case 0:
		close(node);
		node = -1;
		break;
	case 1:
		len = take8(in);
		take(in, bytes, len < 8 ? len : 8);
		if (write(node, bytes, len) < 0)
			return;
		break;
	default:
		if (read(node, bytes, how) < 0)
			return;
		break;
	}
}

static void take_step(uint8_t byte, struct input *in)
{
	struct raw_sock *s = &sock[byte >> 4 & 1];

	switch (byte & 15) {
	default:
		step_request(in, s);
		break;
	case 6:
		drain(s, byte & 0x80 ? SETTLE_MS : 0);
		break;
	case 7:
		if (module.fd < 0) {
			rig_module_insert(&module);
			find_newest();
		} else {
			rig_module_remove(&module);
		}
		break;
	case 8:
		load_host(s);
		break;
	case 9:
	case 10:
		step_agent(in, s);
		break;
	case 11:
	case 12:
		step_virt(in, &virt[byte >> 5 & 1]);
		break;
	case 13:
		step_node(in);
		break;
	case 14:
		settle();
		break;
	}
}

static void make_module(void)
{
	static unsigned int number;

	rig_perso_init(&perso, ++number);
	rig_module_make(&module, &perso);
	rig_module_hook(&module, wire, NULL);
}

int call_open(void)
{
	int err, fd;

	/* A far end that says nothing must not hold an input up. */
	fd = open("/sys/module/smpair_virt/parameters/timeout_ms", O_WRONLY);
	if (fd < 0 || write(fd, "1500", 4) != 4)
		return -errno;
	close(fd);
	rig_host_init(&host, 1);
	make_module();
	err = raw_open(&sock[0]);
	raw_close(&sock[0]);
	return err;
}

void call_input(const uint8_t *data, size_t len)
{
	struct input in = { data, len - len / 2 };
	unsigned int steps, i;
	struct raw_msg m;

	answers = (struct input){ data + len - len / 2, len / 2 };
	virt[0] = -1;
	virt[1] = -1;
	node = -1;
	for (i = 0; i < 2; i++)
		raw_open(&sock[i]);
	find_newest();

	for (steps = 0; in.left && steps < STEPS_MAX; steps++)
		take_step(take8(&in), &in);

	for (i = 0; i < 2; i++) {
		drain(&sock[i], 0);
		if (virt[i] >= 0)
			close(virt[i]);
	}
	if (node >= 0)
		close(node);
	rig_module_remove(&module);
	raw_start(&sock[0], &m, SMPAIR_CMD_HOST_CLEAR, 0);
	raw_talk(&sock[0], &m);
	for (i = 0; i < 2; i++)
		raw_close(&sock[i]);
	if (++age % MODULES_LIVE == 0) {
		rig_module_free(&module);
		make_module();
	}
}
