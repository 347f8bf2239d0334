// SPDX-License-Identifier: GPL-2.0
/* Whatever a process writes to /dev/smpair_virt wrongly is refused, and nothing appears. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/smpair_proto.h>
#include <linux/smpair_virt.h>

#include "kselftest_harness.h"

#define EVENT_MAX (sizeof(struct smpair_virt_event) + SMPAIR_VIRT_DATA_MAX)

static const uint8_t atr[] = { 0x3b, 0x80, 0x01, 0x81 };

static unsigned int count_modules(void)
{
	DIR *d = opendir("/sys/class/smpair");
	struct dirent *e;
	unsigned int n = 0;

	if (!d)
		return 0;
	while ((e = readdir(d)))
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

/* Waits, without asserting how long, until @want modules are there. */
static bool modules_become(unsigned int want)
{
	unsigned int i;

	for (i = 0; i < 600; i++) {
		if (count_modules() == want)
			return true;
		usleep(50000);
	}
	return false;
}

static ssize_t put_event(int fd, uint32_t type, uint64_t id, const void *data, size_t len)
{
	static uint8_t buf[EVENT_MAX + 64];
	struct smpair_virt_event ev = { .type = type, .len = len, .id = id };

	memcpy(buf, &ev, sizeof(ev));
	if (len)
		memcpy(buf + sizeof(ev), data, len);
	return write(fd, buf, sizeof(ev) + len) < 0 ? -errno : 0;
}

static ssize_t attach(int fd)
{
	struct smpair_virt_attach a = {
		.version = SMPAIR_VIRT_VERSION, .atr_len = sizeof(atr),
	};

	memcpy(a.atr, atr, sizeof(atr));
	return put_event(fd, SMPAIR_VIRT_ATTACH, 0, &a, sizeof(a));
}

/* Reads one event within the harness's patience; returns bytes of payload or -errno. */
static ssize_t get_event(int fd, struct smpair_virt_event *ev, uint8_t *data)
{
	static uint8_t buf[EVENT_MAX];
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	ssize_t got;

	if (poll(&pfd, 1, 20000) <= 0)
		return -ETIME;
	got = read(fd, buf, sizeof(buf));
	if (got < 0)
		return -errno;
	if (got < (ssize_t)sizeof(*ev))
		return -EPROTO;
	memcpy(ev, buf, sizeof(*ev));
	memcpy(data, buf + sizeof(*ev), got - sizeof(*ev));
	return got - sizeof(*ev);
}

FIXTURE(virt) {
	int fd;
	unsigned int before;
	uint8_t data[EVENT_MAX];
};

FIXTURE_SETUP(virt)
{
	self->before = count_modules();
	self->fd = open("/dev/smpair_virt", O_RDWR | O_CLOEXEC);
	if (self->fd < 0 && (errno == ENOENT || errno == EACCES))
		SKIP(return, "/dev/smpair_virt cannot be opened; load smpair_virt.ko and be root");
	ASSERT_GE(self->fd, 0);
}

FIXTURE_TEARDOWN(virt)
{
	if (self->fd >= 0)
		close(self->fd);
	EXPECT_TRUE(modules_become(self->before));
}

TEST_F(virt, unknown_event_type_is_refused)
{
	EXPECT_EQ(-EOPNOTSUPP, put_event(self->fd, 0, 0, NULL, 0));
	EXPECT_EQ(-EOPNOTSUPP, put_event(self->fd, 3, 0, NULL, 0));
	EXPECT_EQ(-EOPNOTSUPP, put_event(self->fd, SMPAIR_VIRT_COMMAND, 0, NULL, 0));
	EXPECT_EQ(-EOPNOTSUPP, put_event(self->fd, 0xffffffff, 0, NULL, 0));
}

TEST_F(virt, short_header_and_wrong_lengths_are_refused)
{
	struct smpair_virt_event ev = { .type = SMPAIR_VIRT_ATTACH, .len = 40 };
	uint8_t buf[sizeof(ev) + 64];
	size_t len;

	for (len = 0; len < sizeof(ev); len++) {
		memcpy(buf, &ev, sizeof(ev));
		if (len == 0)
			continue;	/* a write of nothing is no event */
		EXPECT_EQ(-1, write(self->fd, buf, len));
		EXPECT_EQ(EINVAL, errno);
	}
	memset(buf, 0, sizeof(buf));
	memcpy(buf, &ev, sizeof(ev));
	EXPECT_EQ(-1, write(self->fd, buf, sizeof(ev) + 39));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, write(self->fd, buf, sizeof(ev) + 41));
	EXPECT_EQ(EINVAL, errno);
}

TEST_F(virt, oversized_event_is_refused)
{
	static uint8_t big[SMPAIR_VIRT_DATA_MAX + 1];

	EXPECT_EQ(-EMSGSIZE, put_event(self->fd, SMPAIR_VIRT_RESPONSE, 1, big, sizeof(big)));
}

TEST_F(virt, flags_and_reserved_fields_are_refused)
{
	struct smpair_virt_attach a = {
		.version = SMPAIR_VIRT_VERSION, .atr_len = sizeof(atr),
	};
	struct smpair_virt_event ev = { .type = SMPAIR_VIRT_ATTACH, .len = sizeof(a) };
	uint8_t buf[sizeof(ev) + sizeof(a)];

	memcpy(buf + sizeof(ev), &a, sizeof(a));
	ev.flags = 1;
	memcpy(buf, &ev, sizeof(ev));
	EXPECT_EQ(-1, write(self->fd, buf, sizeof(buf)));
	EXPECT_EQ(EINVAL, errno);
	ev.flags = 0;
	ev.reserved = 1;
	memcpy(buf, &ev, sizeof(ev));
	EXPECT_EQ(-1, write(self->fd, buf, sizeof(buf)));
	EXPECT_EQ(EINVAL, errno);
	ev.reserved = 0;
	ev.id = 7;
	memcpy(buf, &ev, sizeof(ev));
	EXPECT_EQ(-1, write(self->fd, buf, sizeof(buf)));
	EXPECT_EQ(EINVAL, errno);
}

TEST_F(virt, malformed_attach_is_refused)
{
	struct smpair_virt_attach a = { .version = SMPAIR_VIRT_VERSION };

	a.atr_len = 1;
	EXPECT_EQ(-EINVAL, put_event(self->fd, SMPAIR_VIRT_ATTACH, 0, &a, sizeof(a)));
	a.atr_len = SMPAIR_VIRT_ATR_MAX + 1;
	EXPECT_EQ(-EINVAL, put_event(self->fd, SMPAIR_VIRT_ATTACH, 0, &a, sizeof(a)));
	a.atr_len = 2;
	a.version = SMPAIR_VIRT_VERSION + 1;
	EXPECT_EQ(-EINVAL, put_event(self->fd, SMPAIR_VIRT_ATTACH, 0, &a, sizeof(a)));
	a.version = SMPAIR_VIRT_VERSION;
	a.reserved[0] = 1;
	EXPECT_EQ(-EINVAL, put_event(self->fd, SMPAIR_VIRT_ATTACH, 0, &a, sizeof(a)));
	EXPECT_EQ(self->before, count_modules());
}

TEST_F(virt, response_before_attach_is_refused)
{
	uint8_t sw[] = { 0x90, 0x00 };

	EXPECT_EQ(-ENODEV, put_event(self->fd, SMPAIR_VIRT_RESPONSE, 1, sw, sizeof(sw)));
}

TEST_F(virt, second_attach_is_refused)
{
	ASSERT_EQ(0, attach(self->fd));
	EXPECT_EQ(-EBUSY, attach(self->fd));
}

TEST_F(virt, response_with_foreign_id_is_dropped_and_the_right_one_still_counts)
{
	uint8_t sw[] = { 0x6a, 0x82 };
	struct smpair_virt_event ev, next;
	ssize_t len;

	ASSERT_EQ(0, attach(self->fd));
	ASSERT_GE(get_event(self->fd, &ev, self->data), 0);
	ASSERT_EQ(SMPAIR_VIRT_RESET, ev.type);
	EXPECT_EQ(0, put_event(self->fd, SMPAIR_VIRT_RESPONSE, ev.id + 1000, atr, sizeof(atr)));
	EXPECT_EQ(0, put_event(self->fd, SMPAIR_VIRT_RESPONSE, ev.id, atr, sizeof(atr)));
	len = get_event(self->fd, &next, self->data);
	ASSERT_GE(len, 4);
	EXPECT_EQ(SMPAIR_VIRT_COMMAND, next.type);
	EXPECT_NE(ev.id, next.id);
	EXPECT_EQ(PDT1_INS_SELECT, self->data[1]);
	/* twice: the second one answers nobody */
	EXPECT_EQ(0, put_event(self->fd, SMPAIR_VIRT_RESPONSE, next.id, sw, sizeof(sw)));
	EXPECT_EQ(0, put_event(self->fd, SMPAIR_VIRT_RESPONSE, next.id, sw, sizeof(sw)));
}

TEST_F(virt, response_shorter_than_a_status_word_does_not_pass)
{
	uint8_t one = 0x90;
	struct smpair_virt_event ev;

	ASSERT_EQ(0, attach(self->fd));
	ASSERT_GE(get_event(self->fd, &ev, self->data), 0);
	ASSERT_EQ(SMPAIR_VIRT_RESET, ev.type);
	EXPECT_EQ(-EINVAL, put_event(self->fd, SMPAIR_VIRT_RESPONSE, ev.id, &one, 1));
	EXPECT_EQ(0, put_event(self->fd, SMPAIR_VIRT_RESPONSE, ev.id, atr, sizeof(atr)));
}

TEST_F(virt, short_read_buffer_keeps_the_event)
{
	struct smpair_virt_event ev;
	uint8_t tiny[8];
	struct pollfd pfd = { .fd = self->fd, .events = POLLIN };

	ASSERT_EQ(0, attach(self->fd));
	ASSERT_EQ(1, poll(&pfd, 1, 20000));
	EXPECT_EQ(-1, read(self->fd, tiny, sizeof(tiny)));
	EXPECT_EQ(EMSGSIZE, errno);
	ASSERT_GE(get_event(self->fd, &ev, self->data), 0);
	EXPECT_EQ(SMPAIR_VIRT_RESET, ev.type);
}

TEST_F(virt, nonblocking_read_without_event_says_eagain)
{
	uint8_t buf[64];

	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(-1, read(self->fd, buf, sizeof(buf)));
	EXPECT_EQ(EAGAIN, errno);
}

TEST_F(virt, closing_without_attach_leaves_nothing)
{
	close(self->fd);
	self->fd = -1;
	EXPECT_EQ(self->before, count_modules());
}

TEST_F(virt, closing_while_a_command_waits_removes_the_module)
{
	struct smpair_virt_event ev;

	ASSERT_EQ(0, attach(self->fd));
	ASSERT_GE(get_event(self->fd, &ev, self->data), 0);
	EXPECT_TRUE(modules_become(self->before + 1));
	close(self->fd);
	self->fd = -1;
	EXPECT_TRUE(modules_become(self->before));
}

/* Answers each command with noise; the driver must stay up and say what it concluded. */
TEST_F(virt, module_that_answers_noise_is_unsupported)
{
	unsigned int i, seed = 77;
	struct smpair_virt_event ev;
	char state[32] = "", path[300];
	DIR *d;
	struct dirent *e;
	FILE *f;

	ASSERT_EQ(0, attach(self->fd));
	for (i = 0; i < 8; i++) {
		struct pollfd pfd = { .fd = self->fd, .events = POLLIN };
		uint8_t noise[300];
		size_t j, len = 2 + rand_r(&seed) % 290;

		if (poll(&pfd, 1, 1000) <= 0)
			break;
		ASSERT_GE(get_event(self->fd, &ev, self->data), 0);
		for (j = 0; j < len; j++)
			noise[j] = rand_r(&seed);
		noise[len - 2] = 0x90;
		noise[len - 1] = 0x00;
		EXPECT_EQ(0, put_event(self->fd, SMPAIR_VIRT_RESPONSE, ev.id, noise,
				       ev.type == SMPAIR_VIRT_RESET && len > 33 ? 33 : len));
	}
	d = opendir("/sys/class/smpair");
	ASSERT_NE(NULL, d);
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/sys/class/smpair/%s/state", e->d_name);
		f = fopen(path, "r");
		if (!f)
			continue;
		if (fscanf(f, "%31s", state) != 1)
			state[0] = '\0';
		fclose(f);
	}
	closedir(d);
	EXPECT_STREQ("unsupported", state);
}

TEST_HARNESS_MAIN
