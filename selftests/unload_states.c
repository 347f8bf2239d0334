// SPDX-License-Identifier: GPL-2.0
/*
 * The driver is unloaded in every state of the pairing state machine: refused while
 * a file is open, clean as soon as it is closed, and it works when loaded again.
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/smpair_virt.h>

#include "rig/fixture.h"
#include "rig/kmod.h"
#include "rig/rawgenl.h"
#include "rig/stall.h"
#include "smpair/key.h"

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
	EXPECT_EQ(state, rig_settle(r));
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

static void make_unpaired(struct __test_metadata *_metadata, struct rig *r)
{
	ASSERT_EQ(0, rig_use_host(r, 0));
	ASSERT_EQ(0, rig_insert(r));
	ASSERT_EQ(SMPAIR_STATE_UNPAIRED, rig_settle(r));
}

RIG_TEST(unloads_while_probing)
{
	struct stall s;

	start_stall(_metadata, self->r, &s, PDT1_INS_SELECT);
	ASSERT_EQ(0, rig_insert(self->r));
	await_stall(_metadata, &s);
	EXPECT_EQ(SMPAIR_STATE_PROBING, rig_wait_state(self->r, SMPAIR_STATE_PROBING));
	unload_and_return(_metadata, self->r, SMPAIR_STATE_UNPAIRED);
}

static void not_found(void *ctx, struct rig_xchg *x)
{
	if (x->rsp_len)
		return;
	x->skip = true;
	x->rsp[0] = 0x6a;
	x->rsp[1] = 0x82;
	x->rsp_len = 2;
}

RIG_TEST(unloads_with_an_unsupported_module)
{
	rig_module_hook(&self->r->mod, not_found, NULL);
	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_UNSUPPORTED, rig_settle(self->r));
	unload_and_return(_metadata, self->r, SMPAIR_STATE_UNPAIRED);
}

static void say_fatal(void *ctx, struct rig_xchg *x)
{
	uint8_t *info = x->rsp + PDT1_SELECT_RSP_LEN - PDT1_INFO_LEN;

	if (x->cmd[1] == PDT1_INS_SELECT && x->rsp_len == PDT1_SELECT_RSP_LEN + 2)
		info[PDT1_INFO_OFF_STATE] |= PDT1_INFO_FATAL;
}

RIG_TEST(unloads_with_an_unserviceable_module)
{
	rig_module_hook(&self->r->mod, say_fatal, NULL);
	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_UNSERVICEABLE, rig_settle(self->r));
	unload_and_return(_metadata, self->r, SMPAIR_STATE_UNPAIRED);
}

RIG_TEST(unloads_while_identified)
{
	ASSERT_EQ(0, rig_insert(self->r));
	ASSERT_EQ(SMPAIR_STATE_IDENTIFIED, rig_settle(self->r));
	unload_and_return(_metadata, self->r, SMPAIR_STATE_UNPAIRED);
}

RIG_TEST(unloads_while_opening)
{
	struct stall s;

	ASSERT_EQ(0, rig_use_host(self->r, 0));
	start_stall(_metadata, self->r, &s, PDT1_INS_OPEN);
	ASSERT_EQ(0, rig_insert(self->r));
	await_stall(_metadata, &s);
	EXPECT_EQ(SMPAIR_STATE_OPENING, rig_wait_state(self->r, SMPAIR_STATE_OPENING));
	unload_and_return(_metadata, self->r, SMPAIR_STATE_UNPAIRED);
}

RIG_TEST(unloads_while_unpaired)
{
	make_unpaired(_metadata, self->r);
	unload_and_return(_metadata, self->r, SMPAIR_STATE_UNPAIRED);
}

RIG_TEST(unloads_while_begin_is_under_way)
{
	struct stall s;
	uint64_t op;

	make_unpaired(_metadata, self->r);
	start_stall(_metadata, self->r, &s, PDT1_INS_PAIR_BEGIN);
	ASSERT_EQ(0, smpair_op_pair(self->r->client, self->r->dev, SMPAIR_PAIR_OWN_AGENT, 0, &op));
	await_stall(_metadata, &s);
	EXPECT_EQ(SMPAIR_STATE_PAIRING, rig_settle(self->r));
	unload_and_return(_metadata, self->r, SMPAIR_STATE_UNPAIRED);
}

/* A pairing whose request has reached this client, which is its agent */
static uint64_t ask(struct __test_metadata *_metadata, struct rig *r)
{
	struct smpair_outcome out;
	uint64_t op;

	make_unpaired(_metadata, r);
	ASSERT_EQ(0, smpair_op_pair(r->client, r->dev, SMPAIR_PAIR_OWN_AGENT, 0, &op));
	ASSERT_EQ(SMPAIR_WAIT_REQUEST, smpair_op_wait(r->client, op, RIG_PATIENCE_MS, &out));
	EXPECT_EQ(SMPAIR_STATE_PAIRING, rig_settle(r));
	return op;
}

/* The agent's socket was open all the time, and its operation ended with the module. */
static void asked_in_vain(struct __test_metadata *_metadata, struct rig *r, uint64_t op)
{
	struct smpair_outcome out;

	EXPECT_EQ(0, smpair_op_wait(r->client, op, RIG_PATIENCE_MS, &out));
	EXPECT_EQ(ENODEV, out.error);
	EXPECT_EQ(SMPAIR_CAUSE_GONE, out.cause);
	smpair_client_close(r->client);
	works_again(_metadata, r, SMPAIR_STATE_UNPAIRED);
}

RIG_TEST(unloads_while_a_request_waits_for_its_agent)
{
	uint64_t op = ask(_metadata, self->r);

	unload_here(_metadata, self->r);
	asked_in_vain(_metadata, self->r, op);
}

RIG_TEST(unloads_while_an_agent_thinks)
{
	uint64_t op = ask(_metadata, self->r);
	struct smpair_request req;

	ASSERT_EQ(0, smpair_request_accept(self->r->client, &req));
	unload_here(_metadata, self->r);
	asked_in_vain(_metadata, self->r, op);
}

RIG_TEST(unloads_while_confirm_is_under_way)
{
	uint64_t op = ask(_metadata, self->r);
	struct smpair_request req;
	struct stall s;
	int32_t key;
	char pin[8];

	start_stall(_metadata, self->r, &s, PDT1_INS_PAIR_CONFIRM);
	ASSERT_EQ(0, smpair_request_accept(self->r->client, &req));
	rig_pin(&self->r->mod.perso, &self->r->host, req.index, pin);
	ASSERT_EQ(0, smpair_key_add_pin(pin, &key));
	ASSERT_EQ(0, smpair_request_done(self->r->client, req.id, SMPAIR_ANSWER_ACCEPTED, key,
					 false));
	await_stall(_metadata, &s);
	unload_here(_metadata, self->r);
	asked_in_vain(_metadata, self->r, op);
}

RIG_TEST(unloads_while_paired)
{
	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	unload_and_return(_metadata, self->r, SMPAIR_STATE_PAIRED);
}

RIG_TEST(unloads_while_restricted)
{
	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	self->r->mod.m->store.cfg.m_min = 2;
	ASSERT_EQ(0, rig_do(self->r, smpair_op_open, &self->out));
	ASSERT_EQ(SMPAIR_STATE_RESTRICTED, rig_settle(self->r));
	/* the record in flash was never touched */
	unload_and_return(_metadata, self->r, SMPAIR_STATE_PAIRED);
}

RIG_TEST(unloads_while_closed)
{
	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	ASSERT_EQ(0, rig_do(self->r, smpair_op_close, &self->out));
	ASSERT_EQ(SMPAIR_STATE_CLOSED, rig_settle(self->r));
	unload_and_return(_metadata, self->r, SMPAIR_STATE_PAIRED);
}

RIG_TEST(unloads_in_alarm)
{
	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	self->r->mod.m->store.slot[0].pdc[20] ^= 1;
	ASSERT_EQ(0, rig_clear_host(self->r));
	ASSERT_EQ(0, rig_use_host(self->r, 0));
	ASSERT_EQ(SMPAIR_STATE_ALARM, rig_settle(self->r));
	unload_and_return(_metadata, self->r, SMPAIR_STATE_PAIRED);
}

RIG_TEST(unloads_with_operations_queued)
{
	uint64_t op[OPS_MAX + 1];
	struct stall s;
	unsigned int i;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	start_stall(_metadata, self->r, &s, PDT1_INS_OPEN);
	ASSERT_EQ(0, smpair_op_open(self->r->client, self->r->dev, &op[0]));
	await_stall(_metadata, &s);
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
	struct stall s;
	int fd;

	ASSERT_TRUE(rig_make_pairing(self->r, 0));
	start_stall(_metadata, self->r, &s, PDT1_INS_ENVELOPE);
	fd = rig_open_node(self->r->dev, O_RDWR | O_NONBLOCK);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(2, write(fd, msg, 2));
	await_stall(_metadata, &s);
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

static int attach_mute(void)
{
	struct {
		struct smpair_virt_event ev;
		struct smpair_virt_attach a;
	} attach = {
		.ev = { .type = SMPAIR_VIRT_ATTACH, .len = sizeof(attach.a) },
		.a = { .version = SMPAIR_VIRT_VERSION, .atr_len = 2, .atr = { 0x3b, 0 } },
	};
	int fd = open("/dev/smpair_virt", O_RDWR | O_CLOEXEC);

	if (fd >= 0 && write(fd, &attach, sizeof(attach)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
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
		fd[i] = attach_mute();
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
