// SPDX-License-Identifier: GPL-2.0
/*
 * kernel/virt.c as it is, between a core that sends commands and a far end that
 * does what the input says: attaches, reads, answers, too late, too long, twice.
 * One thread plays both: where the core waits, the far end gets its turn.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <uapi/linux/smpair_virt.h>

#include "input.h"
#include "kernel/link.h"

#define RESPONSE_MAX	65538

unsigned int shim_user_fault;
unsigned int shim_alloc_fail;
extern const struct kernel_param shim_param_dropped;

static struct input in;
static struct smpair_dev dev;
static struct file far;
static bool registered, core_waits, register_fails;

/* What the event under way is, as far as the far end knows */
static u64 last_id;
static bool seen;

/* The far end has read the event under way; the id of its last accepted answer */
static bool current;
static u64 answered_id;

struct smpair_dev *smpair_dev_alloc(struct device *parent,
				    const struct smpair_transport_ops *ops, void *priv)
{
	(void)parent;
	if (shim_alloc_fail && !--shim_alloc_fail)
		return ERR_PTR(-ENOMEM);
	WANT(!dev.ops);
	dev.ops = ops;
	dev.priv = priv;
	return &dev;
}

int smpair_dev_register(struct smpair_dev *link)
{
	WANT(link == &dev && !registered);
	if (register_fails)
		return -EEXIST;
	registered = true;
	return 0;
}

void smpair_dev_put(struct smpair_dev *link)
{
	WANT(link == &dev && !registered);
	dev.ops = NULL;
}

void smpair_dev_unregister(struct smpair_dev *link)
{
	WANT(link == &dev && registered);
	dev.ops->abort(&dev);
	registered = false;
	dev.ops = NULL;
}

static void far_read(void)
{
	size_t size = take8(&in) & 3 ? RESPONSE_MAX : take_length(&in, 256);
	struct smpair_virt_event head;
	bool blocking = take8(&in) & 1;
	char *buf = malloc(size);
	ssize_t n;

	far.f_flags = blocking ? 0 : O_NONBLOCK;
	n = shim_misc->fops->read(&far, buf, size, NULL);
	if (n >= 0) {
		WANT((size_t)n >= sizeof(head) && (size_t)n <= size);
		memcpy(&head, buf, sizeof(head));
		WANT(head.len == (size_t)n - sizeof(head));
		WANT(head.id > last_id || !seen);
		WANT(!head.flags && !head.reserved);
		WANT(head.type == SMPAIR_VIRT_COMMAND ||
		     (head.type == SMPAIR_VIRT_RESET && !head.len));
		last_id = head.id;
		seen = true;
		current = true;
	} else {
		WANT(n == -EAGAIN || n == -ENODEV || n == -EMSGSIZE || n == -EFAULT ||
		     n == -ERESTARTSYS);
	}
	free(buf);
}

/* One event of the far end, in memory that ends where the event does */
static void far_write(void)
{
	u8 how = take8(&in), *buf;
	struct smpair_virt_event head = { 0 };
	struct smpair_virt_attach attach = { .version = SMPAIR_VIRT_VERSION };
	const void *payload = NULL;
	u8 bytes[512];
	size_t len, count;
	ssize_t n;

	if (how & 1) {
		head.type = SMPAIR_VIRT_ATTACH;
		len = sizeof(attach);
		attach.atr_len = 2 + (take8(&in) & 0x1f);
		payload = &attach;
		if (how & 2)
			((u8 *)&attach)[take8(&in) % sizeof(attach)] ^= take8(&in);
	} else {
		head.type = SMPAIR_VIRT_RESPONSE;
		head.id = last_id;
		len = take_length(&in, sizeof(bytes));
		take(&in, bytes, len);
		payload = bytes;
		/* As long as answers are, and longer */
		if (how & 2)
			len = RESPONSE_MAX - 8 + take8(&in) % 16;
	}
	head.len = len;
	count = sizeof(head) + len;
	buf = calloc(1, count);
	memcpy(buf + sizeof(head), payload, len < sizeof(bytes) ? len : sizeof(bytes));
	if (how & 4)
		head.len = take32(&in);
	if (how & 8)
		((u8 *)&head)[take8(&in) % sizeof(head)] ^= take8(&in);
	memcpy(buf, &head, sizeof(head));
	if (how & 16) {
		count = take_length(&in, count);
		buf = realloc(buf, count + !count);
	}
	n = shim_misc->fops->write(&far, (char *)buf, count, NULL);
	WANT(n == (ssize_t)count || (n < 0 && n > -MAX_ERRNO));
	if (n > 0 && head.type == SMPAIR_VIRT_RESPONSE)
		answered_id = head.id;
	free(buf);
}

static void far_step(u8 step)
{
	char text[32];

	switch (step & 7) {
	case 0:
	case 1:
		far_read();
		break;
	case 2:
	case 3:
		far_write();
		break;
	case 4:
		shim_misc->fops->poll(&far, NULL);
		break;
	case 5:
		shim_user_fault = 1 + (take8(&in) & 3);
		break;
	case 6:
		shim_alloc_fail = 1 + (take8(&in) & 3);
		break;
	case 7:
		/* Removal from elsewhere while something may be under way */
		if (step & 0x80 && registered)
			dev.ops->abort(&dev);
		else
			WANT(shim_param_dropped.ops->get(text, &shim_param_dropped) > 0);
		break;
	}
}

/* The core, or a reader, waits: the far end does one thing. */
bool shim_wait(void)
{
	static bool nested;
	u8 step = take8(&in);

	/* The reader that waits is the far end itself; a signal comes. */
	if (nested || !core_waits || !in.left || step >= 0xf8)
		return false;
	nested = true;
	far_step(step);
	nested = false;
	return true;
}

/* A command or a reset of the core, which gives its buffer for the answer */
static void core_step(u8 how)
{
	size_t size = how & 2 ? RESPONSE_MAX : take_length(&in, 4096), rsp_len = 0, len;
	u8 *rsp, *cmd;
	int ret;

	if (!registered)
		return;
	core_waits = true;
	current = false;
	if (how & 1) {
		rsp = malloc(SMPAIR_VIRT_ATR_MAX);
		size = SMPAIR_VIRT_ATR_MAX;
		ret = dev.ops->reset(&dev, rsp, &rsp_len);
	} else {
		len = how & 4 ? SMPAIR_VIRT_DATA_MAX + (take8(&in) & 1) : take_length(&in, 600);
		cmd = calloc(1, len + 1);
		take(&in, cmd, len < 16 ? len : 16);
		rsp = malloc(size + 1);
		ret = dev.ops->transmit(&dev, cmd, len, rsp, size, &rsp_len);
		free(cmd);
	}
	core_waits = false;
	WANT(!ret || ret == -ENODEV || ret == -ETIMEDOUT || ret == -EMSGSIZE || ret == -ENOMEM);
	WANT(ret || (rsp_len >= 2 && rsp_len <= size));
	/* An answer to another event is no answer to this one. */
	WANT(ret || !current || answered_id == last_id);
	/* All of the answer must have been written. */
	if (!ret)
		free(memcpy(malloc(rsp_len), rsp, rsp_len));
	free(rsp);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct inode inode;
	unsigned int steps;

	in = (struct input){ data, size };
	memset(&dev, 0, sizeof(dev));
	memset(&far, 0, sizeof(far));
	last_id = 0;
	seen = false;
	registered = false;
	shim_user_fault = 0;
	shim_alloc_fail = 0;
	register_fails = take8(&in) == 0xff;
	if (size && data[0] == 0xfe)
		shim_alloc_fail = 1;
	if (shim_misc->fops->open(&inode, &far))
		return 0;

	for (steps = 0; in.left && steps < 64; steps++) {
		u8 step = take8(&in);

		if (step & 8)
			core_step(step >> 4);
		else
			far_step(step);
	}
	WANT(!shim_misc->fops->release(&inode, &far));
	WANT(!registered && (!dev.ops || register_fails));
	return 0;
}
