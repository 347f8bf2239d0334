// SPDX-License-Identifier: GPL-2.0
/* Other kernel code uses a module, by smpair_exchange(): kernel/tests/smpair_user.c. */
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "rig/fixture.h"
#include "rig/kmod.h"
#include "rig/oracle.h"

#define NODE	"/dev/smpair_user"
#define ROOM	"/sys/module/smpair_user/parameters/room"

/* 0 or -errno */
static int load(uint32_t dev)
{
	char options[32];

	snprintf(options, sizeof(options), "link=%u", dev);
	return rig_kmod_load("smpair_user", options);
}

/* devtmpfs has the node before loading returns. */
static int user_open(void)
{
	int fd = open(NODE, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static ssize_t exchange(int fd, const void *msg, size_t len, void *answer, size_t size)
{
	ssize_t ret = write(fd, msg, len);

	if (ret >= 0)
		ret = read(fd, answer, size);
	return ret < 0 ? -errno : ret;
}

static int start_user(struct __test_metadata *_metadata, uint32_t dev)
{
	int fd;

	ASSERT_EQ(0, load(dev));
	fd = user_open();
	ASSERT_GE(fd, 0);
	return fd;
}

static void end_user(struct __test_metadata *_metadata, int fd)
{
	close(fd);
	EXPECT_EQ(0, rig_kmod_unload("smpair_user"));
}

RIG_TEST(kernel_user_gets_the_modules_answer)
{
	uint8_t msg[5000], mac[64], key[32], want[32];
	int fd;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	fd = start_user(_metadata, self->r->dev);
	memset(msg, 0x5a, sizeof(msg));
	msg[0] = APP_HMAC;
	EXPECT_EQ(32, exchange(fd, msg, sizeof(msg), mac, sizeof(mac)));
	oracle_kdf(self->r->mod.perso.km, APP_KEY_LABEL, NULL, 0, key, 32);
	oracle_hmac(key, msg + 1, sizeof(msg) - 1, want);
	EXPECT_EQ(0, memcmp(mac, want, 32));
	end_user(_metadata, fd);
}

RIG_TEST(kernel_user_learns_that_nothing_is_paired)
{
	uint8_t msg[2] = { APP_ECHO, 1 }, answer[8];
	int fd;

	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_IDENTIFIED, rig_settle(self->r));
	fd = start_user(_metadata, self->r->dev);
	EXPECT_EQ(-ENOKEY, exchange(fd, msg, 2, answer, sizeof(answer)));
	ASSERT_EQ(0, rig_use_host(self->r, 0));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_wait_state(self->r, SMPAIR_STATE_UNPAIRED));
	EXPECT_EQ(-ENOKEY, exchange(fd, msg, 2, answer, sizeof(answer)));
	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	EXPECT_EQ(1, exchange(fd, msg, 2, answer, sizeof(answer)));
	end_user(_metadata, fd);
}

static size_t max_message(void)
{
	size_t value = 0;
	FILE *f = fopen("/sys/module/smpair_user/parameters/max_message", "re");

	if (f && fscanf(f, "%zu", &value) != 1)
		value = 0;
	if (f)
		fclose(f);
	return value;
}

static int set_room(unsigned int bytes)
{
	FILE *f = fopen(ROOM, "we");

	if (!f)
		return -errno;
	fprintf(f, "%u\n", bytes);
	return fclose(f);
}

RIG_TEST(lengths_of_a_kernel_user_are_checked)
{
	uint8_t msg[1025] = { APP_ECHO }, answer[2048];
	unsigned int before;
	int fd;

	RIG_REMAKE(perso.maxm = 1024);
	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	fd = start_user(_metadata, self->r->dev);
	EXPECT_EQ(1024, max_message());
	before = self->r->mod.commands;
	EXPECT_EQ(-EMSGSIZE, exchange(fd, msg, 0, answer, sizeof(answer)));
	EXPECT_EQ(-EMSGSIZE, exchange(fd, msg, 1025, answer, sizeof(answer)));
	EXPECT_EQ(before, self->r->mod.commands);
	EXPECT_EQ(1023, exchange(fd, msg, 1024, answer, sizeof(answer)));

	/* An answer without room ends the session, and the next message opens one. */
	ASSERT_EQ(0, set_room(100));
	EXPECT_EQ(-EMSGSIZE, exchange(fd, msg, 102, answer, sizeof(answer)));
	EXPECT_EQ(SMPAIR_STATE_CLOSED, rig_settle(self->r));
	EXPECT_EQ(100, exchange(fd, msg, 101, answer, sizeof(answer)));
	EXPECT_EQ(SMPAIR_STATE_PAIRED, rig_settle(self->r));
	end_user(_metadata, fd);
}

RIG_TEST(kernel_user_and_open_files_take_turns)
{
	uint8_t msg[300] = { APP_ECHO }, answer[300];
	int fd, i;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	fd = start_user(_metadata, self->r->dev);
	for (i = 1; i < 20; i++) {
		memset(msg + 1, i, sizeof(msg) - 1);
		EXPECT_EQ(299, exchange(fd, msg, sizeof(msg), answer, sizeof(answer)));
		EXPECT_EQ(0, memcmp(msg + 1, answer, 299));
		EXPECT_TRUE(rig_echo(self->r, i * 10));
	}
	end_user(_metadata, fd);
}

RIG_TEST(kernel_user_gets_enodev_once_the_module_was_pulled)
{
	uint8_t msg[2] = { APP_ECHO, 1 }, answer[8];
	int fd;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	fd = start_user(_metadata, self->r->dev);
	EXPECT_EQ(1, exchange(fd, msg, 2, answer, sizeof(answer)));
	rig_remove(self->r);
	EXPECT_EQ(-ENODEV, exchange(fd, msg, 2, answer, sizeof(answer)));
	/* its reference is to the old link: a new insertion changes nothing */
	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_PAIRED, rig_settle(self->r));
	EXPECT_EQ(-ENODEV, exchange(fd, msg, 2, answer, sizeof(answer)));
	EXPECT_TRUE(rig_echo(self->r, 10));
	end_user(_metadata, fd);
}

struct call {
	int fd;
	ssize_t ret;
};

static void *call_once(void *arg)
{
	static const uint8_t msg[2] = { APP_ECHO, 1 };
	struct call *call = arg;

	call->ret = write(call->fd, msg, sizeof(msg)) < 0 ? -errno : 0;
	return NULL;
}

/* Says that an envelope came, and leaves it without an answer. */
static void swallow(void *ctx, struct rig_xchg *x)
{
	int *to = ctx;

	if (x->rsp_len || x->cmd[1] != PDT1_INS_ENVELOPE)
		return;
	x->mute = true;
	if (write(*to, "!", 1) != 1)
		abort();
}

RIG_TEST(module_pulled_during_a_kernel_users_call_ends_it_with_enodev)
{
	struct call call;
	pthread_t thread;
	int came[2];
	char c;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	call.fd = start_user(_metadata, self->r->dev);
	ASSERT_EQ(0, pipe(came));
	rig_module_hook(&self->r->mod, swallow, &came[1]);
	ASSERT_EQ(0, pthread_create(&thread, NULL, call_once, &call));
	ASSERT_EQ(1, read(came[0], &c, 1));
	rig_remove(self->r);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(-ENODEV, call.ret);
	end_user(_metadata, call.fd);
}

RIG_TEST(kernel_user_of_an_absent_module_does_not_load)
{
	EXPECT_EQ(-ENODEV, load(4000000000U));
}

RIG_TEST(driver_stays_loaded_as_long_as_a_kernel_user_does)
{
	int fd;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	fd = start_user(_metadata, self->r->dev);
	close(fd);
	EXPECT_EQ(-EWOULDBLOCK, rig_kmod_unload("smpair"));
	rig_remove(self->r);
	/* no open file and no link are left: only the reference of the user */
	EXPECT_EQ(-EWOULDBLOCK, rig_kmod_unload("smpair"));
	EXPECT_EQ(0, rig_kmod_unload("smpair_user"));
}

int main(int argc, char **argv)
{
	if (!rig_kmod_exists("smpair_user")) {
		ksft_print_header();
		ksft_exit_skip("kernel/tests/smpair_user.ko was not built\n");
	}
	return test_harness_run(argc, argv);
}
