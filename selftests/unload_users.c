// SPDX-License-Identifier: GPL-2.0
/*
 * What keeps the driver loaded, and what it knows when it was loaded again. That it
 * can be unloaded in every state is shown in race.c.
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rig/fixture.h"
#include "rig/hold.h"
#include "rig/kmod.h"
#include "rig/link.h"
#include "rig/rawgenl.h"

#define OPS_MAX		16	/* the driver's limit on operations that wait */
#define LINKS		250	/* what one part of a dump does not hold */

static void load_driver(struct __test_metadata *_metadata)
{
	ASSERT_EQ(0, rig_kmod_load("smpair", ""));
	ASSERT_EQ(0, rig_kmod_load("smpair_virt", ""));
}

/* Loaded again, the driver knows no credentials and finds the module as it was. */
static void works_again(struct __test_metadata *_metadata, struct rig *r, int state)
{
	rig_module_hook(&r->mod, NULL, NULL);
	ASSERT_EQ(0, rig_connect(r));
	ASSERT_EQ(0, rig_insert(r));
	EXPECT_EQ(SMPAIR_STATE_IDENTIFIED, rig_settle(r));
	ASSERT_EQ(0, rig_use_host(r, 0));
	/* The driver asks the module after the credentials were taken. */
	EXPECT_EQ(state, rig_wait_state(r, state));
	if (state == SMPAIR_STATE_PAIRED)
		EXPECT_TRUE(rig_echo(r, 50));
}

/*
 * Two files are open, the virtual link's and /dev/smpairN, and so are the sockets
 * of the client. The files keep the driver, one module each; the sockets do not.
 */
static void unload_here(struct __test_metadata *_metadata, struct rig *r)
{
	int fd = rig_open_node(r->dev, O_RDWR), state;
	struct smpair_dev_info info;

	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, smpair_dev_get(r->client, r->dev, &info));
	state = info.state;
	EXPECT_EQ(-EWOULDBLOCK, rig_kmod_unload("smpair_virt"));
	EXPECT_EQ(-EWOULDBLOCK, rig_kmod_unload("smpair"));
	EXPECT_EQ(0, smpair_dev_get(r->client, r->dev, &info));
	EXPECT_EQ(state, info.state);

	rig_remove(r);
	ASSERT_EQ(0, rig_kmod_unload("smpair_virt"));
	EXPECT_EQ(-EWOULDBLOCK, rig_kmod_unload("smpair"));
	close(fd);
	ASSERT_EQ(0, rig_kmod_unload("smpair"));
	load_driver(_metadata);
}

static void unload_and_return(struct __test_metadata *_metadata, struct rig *r, int state)
{
	unload_here(_metadata, r);
	smpair_client_close(r->client);
	works_again(_metadata, r, state);
}

RIG_TEST(unloads_while_paired)
{
	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	unload_and_return(_metadata, self->r, SMPAIR_STATE_PAIRED);
}

RIG_TEST(unloads_with_operations_queued)
{
	uint64_t op[OPS_MAX + 1];
	struct hold hold;
	unsigned int i;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	ASSERT_EQ(0, hold_arm(&hold, &self->r->mod, PDT1_INS_OPEN));
	ASSERT_EQ(0, smpair_op_open(self->r->client, self->r->dev, &op[0]));
	ASSERT_EQ(0, hold_wait(&hold));
	for (i = 1; i <= OPS_MAX; i++)
		ASSERT_EQ(0, (i % 2 ? smpair_op_close : smpair_op_unpair)(self->r->client,
									  self->r->dev, &op[i]));
	unload_here(_metadata, self->r);
	for (i = 0; i <= OPS_MAX; i++) {
		EXPECT_EQ(0, smpair_op_wait(self->r->client, op[i], RIG_PATIENCE_MS, &self->out));
		EXPECT_EQ(ENODEV, self->out.error);
	}
	smpair_client_close(self->r->client);
	works_again(_metadata, self->r, SMPAIR_STATE_PAIRED);
}

RIG_TEST(unloads_with_a_message_under_way_whose_file_was_closed)
{
	uint8_t msg[2] = { APP_ECHO, 1 };
	struct hold hold;
	int fd;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	ASSERT_EQ(0, hold_arm(&hold, &self->r->mod, PDT1_INS_ENVELOPE));
	fd = rig_open_node(self->r->dev, O_RDWR | O_NONBLOCK);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(2, write(fd, msg, 2));
	ASSERT_EQ(0, hold_wait(&hold));
	close(fd);
	unload_and_return(_metadata, self->r, SMPAIR_STATE_PAIRED);
}

RIG_TEST(unloads_after_a_kernel_user_let_go)
{
	char options[32];

	if (!rig_kmod_exists("smpair_user"))
		SKIP(return, "kernel/tests/smpair_user.ko was not built");
	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	snprintf(options, sizeof(options), "link=%u", self->r->dev);
	ASSERT_EQ(0, rig_kmod_load("smpair_user", options));
	EXPECT_EQ(-EWOULDBLOCK, rig_kmod_unload("smpair"));
	rig_remove(self->r);
	/* the transport is not the user's, whose link lives on without it */
	EXPECT_EQ(0, rig_kmod_unload("smpair_virt"));
	EXPECT_EQ(-EWOULDBLOCK, rig_kmod_unload("smpair"));
	EXPECT_EQ(0, rig_kmod_unload("smpair_user"));
	EXPECT_EQ(0, rig_kmod_unload("smpair"));
	load_driver(_metadata);
	smpair_client_close(self->r->client);
	works_again(_metadata, self->r, SMPAIR_STATE_PAIRED);
}

/* Sends a dump request, and reads nothing of it. */
static void start_dump(struct __test_metadata *_metadata, struct raw_sock *sock)
{
	struct raw_msg m;

	ASSERT_EQ(0, raw_open(sock));
	raw_start(sock, &m, SMPAIR_CMD_DEV_GET, NLM_F_DUMP);
	((struct nlmsghdr *)m.data)->nlmsg_len = m.len;
	ASSERT_EQ((ssize_t)m.len, send(sock->fd, m.data, m.len, 0));
}

/* Reads the dump to its end; how many parts came, 0 when it failed */
static unsigned int finish_dump(struct raw_sock *sock)
{
	unsigned int parts = 0;

	for (;;) {
		const struct nlmsghdr *nlh = (const void *)sock->reply;
		ssize_t left = recv(sock->fd, sock->reply, sizeof(sock->reply), 0);

		if (left <= 0)
			return 0;
		parts++;
		for (; NLMSG_OK(nlh, (size_t)left); nlh = NLMSG_NEXT(nlh, left)) {
			if (nlh->nlmsg_type == NLMSG_DONE)
				return parts;
			if (nlh->nlmsg_type == NLMSG_ERROR)
				return 0;
		}
	}
}

RIG_TEST(unloads_when_a_half_read_dump_has_ended)
{
	struct raw_sock read_on, given_up;
	int fd[LINKS];
	unsigned int i;

	for (i = 0; i < LINKS; i++) {
		fd[i] = rig_link_attach();
		ASSERT_GE(fd[i], 0);
	}
	start_dump(_metadata, &read_on);
	start_dump(_metadata, &given_up);
	for (i = 0; i < LINKS; i++)
		close(fd[i]);
	ASSERT_EQ(0, rig_kmod_unload("smpair_virt"));

	/* the first part of each waits to be read, and the dump to go on */
	EXPECT_EQ(-EWOULDBLOCK, rig_kmod_unload("smpair"));
	EXPECT_GE(finish_dump(&read_on), 2);
	EXPECT_EQ(-EWOULDBLOCK, rig_kmod_unload("smpair"));
	raw_close(&given_up);
	EXPECT_EQ(0, rig_kmod_unload("smpair"));
	raw_close(&read_on);
	load_driver(_metadata);
	smpair_client_close(self->r->client);
	works_again(_metadata, self->r, SMPAIR_STATE_UNPAIRED);
}

int main(int argc, char **argv)
{
	if (!rig_kmod_exists("smpair") || !rig_kmod_exists("smpair_virt")) {
		ksft_print_header();
		ksft_exit_skip("the driver's modules do not lie beside this program\n");
	}
	return test_harness_run(argc, argv);
}
