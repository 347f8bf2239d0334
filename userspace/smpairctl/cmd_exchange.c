// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One message to the application of a module, and its answer.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "hex.h"
#include "out.h"

/* Beyond any message that the driver takes; the module's own limit is lower. */
#define MESSAGE_MAX	(1 << 20)

/* A message and its answer over the slowest link, with room. */
#define EXCHANGE_MS	300000

static int wait_for(const struct ctl *ctl, int fd, short events)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	int n;

	do {
		n = poll(&pfd, 1, (int)ctl_left(ctl, EXCHANGE_MS));
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n ? 0 : -ETIMEDOUT;
}

/* 0 or a negative errno of what /dev/smpairN answers. */
static int exchange(const struct ctl *ctl, int fd, const uint8_t *message, size_t len,
		    uint8_t *answer, size_t *answer_len)
{
	ssize_t n;
	int err;

	err = wait_for(ctl, fd, POLLOUT);
	if (err)
		return err;
	n = write(fd, message, len);
	if (n < 0)
		return -errno;
	do {
		err = wait_for(ctl, fd, POLLIN);
		if (err)
			return err;
		n = read(fd, answer, MESSAGE_MAX);
	} while (n < 0 && (errno == EAGAIN || errno == EINTR));
	if (n < 0)
		return -errno;
	*answer_len = (size_t)n;
	return 0;
}

/* 0 or an exit code. */
static int read_message(const struct ctl *ctl, uint8_t *message, size_t *len)
{
	const char *in = ctl_value(ctl, "in"), *hex = ctl_value(ctl, "hex");
	int err;

	if (hex) {
		if (in)
			return out_usage(ctl, "--hex and --in exclude each other");
		err = hex_parse(hex, strlen(hex), message, MESSAGE_MAX, len);
		if (err)
			return out_usage(ctl, "--hex must be an even number of hexadecimal digits");
	} else if (in) {
		err = file_read(ctl, in, message, MESSAGE_MAX, len);
		if (err)
			return out_broken(ctl, in, err);
	} else {
		err = file_read_fd(ctl, STDIN_FILENO, message, MESSAGE_MAX, len);
		if (err)
			return out_broken(ctl, "standard input", err);
	}
	return *len ? 0 : out_usage(ctl, "the message is empty");
}

static int tell(const struct ctl *ctl, const char *name, size_t sent, const uint8_t *answer,
		size_t len)
{
	const char *out = ctl_value(ctl, "out");
	json_t *object;
	char *text;
	int err = 0;

	if (!ctl->json && !out && !ctl_flag(ctl, "hex")) {
		err = file_write_fd(STDOUT_FILENO, answer, len);
		return err ? out_broken(ctl, "standard output", err) : SMPAIR_EXIT_DONE;
	}
	text = malloc(2 * len + 1);
	if (!text)
		return out_fail(ctl, -ENOMEM, name);
	out_hex(answer, len, text);
	if (ctl->json) {
		object = out_object();
		out_set(object, "dev", json_string(name));
		out_set(object, "sent", json_integer((json_int_t)sent));
		out_set(object, "received", json_integer((json_int_t)len));
		if (out)
			out_set(object, "out", json_string(out));
		else
			out_set(object, "answer", json_string(text));
		err = out_json(object);
	} else if (!out) {
		puts(text);
	}
	free(text);
	return err;
}

/* Returns the exit code. @out is where the answer goes, or NULL. */
static int run(const struct ctl *ctl, const uint8_t *message, size_t len, uint8_t *answer,
	       const char *out)
{
	char name[SMPAIR_NAME_SIZE], node[SMPAIR_NAME_SIZE + 5];
	struct file_out file;
	size_t answer_len = 0;
	int err, fd;

	ctl_dev_name(ctl->dev, name);
	snprintf(node, sizeof(node), "/dev/%s", name);
	fd = open(node, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return out_error(ctl, smpair_node_info(errno), NULL, name);
	/* The module answers once: no answer may be lost. */
	err = out ? file_out_open(&file, out) : 0;
	if (err) {
		close(fd);
		return out_broken(ctl, out, err);
	}
	err = exchange(ctl, fd, message, len, answer, &answer_len);
	close(fd);
	if (err) {
		if (out)
			file_out_drop(&file);
		return out_error(ctl, smpair_exchange_info(err), NULL, name);
	}
	err = out ? file_out_commit(&file, answer, answer_len) : 0;
	return err ? out_broken(ctl, out, err) : tell(ctl, name, len, answer, answer_len);
}

int cmd_exchange(struct ctl *ctl)
{
	uint8_t *message = malloc(MESSAGE_MAX), *answer = malloc(MESSAGE_MAX);
	size_t len = 0;
	int ret;

	if (!message || !answer)
		ret = out_fail(ctl, -ENOMEM, NULL);
	else
		ret = read_message(ctl, message, &len);
	if (!ret)
		ret = run(ctl, message, len, answer, ctl_value(ctl, "out"));

	/* What applications exchange is theirs alone. */
	if (message)
		explicit_bzero(message, MESSAGE_MAX);
	if (answer)
		explicit_bzero(answer, MESSAGE_MAX);
	free(message);
	free(answer);
	return ret;
}
