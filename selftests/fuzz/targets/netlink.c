// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libsmpair's client and a kernel that answers as the input says: any messages,
 * in any order, in sequence or not, whole, cut or lying about lengths. What libnl
 * would ask the kernel for is answered here; the library's own code is all real.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/socket.h>
#include <poll.h>
#include <sys/socket.h>

#include <smpair/error.h>
#include <smpair/names.h>

#include "input.h"
#include "libsmpair/client.h"
#include "libsmpair/tests/message.h"

#define FAMILY		33
#define DATAGRAM_MAX	4096

static struct input in;
static uint32_t sent_seq;	/* of the last command */
static unsigned int datagrams, sockets;
static unsigned int memory_ends;	/* at this allocation, counted from 1; 0 never */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
struct nl_sock *__real_nl_socket_alloc(void);
struct nl_msg *__real_nlmsg_alloc_size(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
struct nl_sock *__wrap_nl_socket_alloc(void);
struct nl_msg *__wrap_nlmsg_alloc_size(size_t size);
int __wrap_genl_connect(struct nl_sock *sock);
int __wrap_genl_ctrl_resolve(struct nl_sock *sock, const char *name);
int __wrap_genl_ctrl_resolve_grp(struct nl_sock *sock, const char *family, const char *group);
int __wrap_nl_socket_add_memberships(struct nl_sock *sock, int group, ...);
int __wrap_nl_socket_add_membership(struct nl_sock *sock, int group);
int __wrap_nl_socket_get_fd(const struct nl_sock *sock);
int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t len);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);
ssize_t __wrap_sendto(int fd, const void *buf, size_t len, int flags,
		      const struct sockaddr *to, socklen_t to_len);
ssize_t __wrap_recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *from,
			socklen_t *from_len);

static bool no_memory(void)
{
	return memory_ends && !--memory_ends;
}

void *__wrap_malloc(size_t size)
{
	return no_memory() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return no_memory() ? NULL : __real_calloc(count, size);
}

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
	return no_memory() ? NULL : __real_reallocarray(old, count, size);
}

struct nl_sock *__wrap_nl_socket_alloc(void)
{
	return no_memory() ? NULL : __real_nl_socket_alloc();
}

struct nl_msg *__wrap_nlmsg_alloc_size(size_t size)
{
	return no_memory() ? NULL : __real_nlmsg_alloc_size(size);
}

int __wrap_genl_connect(struct nl_sock *sock)
{
	(void)sock;
	sockets++;
	return take8(&in) == 0xff ? -NLE_NOMEM : 0;
}

int __wrap_genl_ctrl_resolve(struct nl_sock *sock, const char *name)
{
	static const int errors[] = { NLE_OBJ_NOTFOUND, NLE_PERM, NLE_AGAIN, NLE_FAILURE,
				      NLE_AF_NOSUPPORT };
	uint8_t how = take8(&in);

	(void)sock;
	WANT(!strcmp(name, SMPAIR_FAMILY_NAME));
	return how >= 0xf0 ? -errors[how % 5] : FAMILY + (how >= 0xe0);
}

int __wrap_genl_ctrl_resolve_grp(struct nl_sock *sock, const char *family, const char *group)
{
	(void)sock;
	(void)family;
	(void)group;
	return take8(&in) >= 0xfc ? -NLE_OBJ_NOTFOUND : 5;
}

int __wrap_nl_socket_add_membership(struct nl_sock *sock, int group)
{
	(void)sock;
	WANT(group >= 0);
	return take8(&in) >= 0xfc ? -NLE_PERM : 0;
}

int __wrap_nl_socket_get_fd(const struct nl_sock *sock)
{
	(void)sock;
	return -1;
}

int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	(void)fd;
	(void)level;
	(void)name;
	(void)value;
	(void)len;
	return 0;
}

/* Nobody waits: at the end of the input every wait has run out. */
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	uint8_t how;

	WANT(count == 1 && timeout >= 0);
	fds->revents = POLLIN;
	if (!in.left || datagrams++ > 64)
		return 0;
	how = *in.at;
	if (how < 0xf8)
		return 1;
	take8(&in);
	errno = how == 0xff ? EINVAL : EINTR;
	return how == 0xf8 ? 0 : -1;
}

ssize_t __wrap_sendto(int fd, const void *buf, size_t len, int flags,
		      const struct sockaddr *to, socklen_t to_len)
{
	const struct nlmsghdr *nlh = buf;

	(void)fd;
	(void)flags;
	(void)to;
	(void)to_len;
	WANT(len >= NLMSG_HDRLEN + GENL_HDRLEN && nlh->nlmsg_len == len && nlh->nlmsg_seq);
	sent_seq = nlh->nlmsg_seq;
	if (in.left && *in.at == 0xf7) {
		take8(&in);
		errno = EPERM;
		return -1;
	}
	return (ssize_t)len;
}

/* Attributes that each set has, and how long the value of each is */
static const uint8_t sizes[][24] = {
	{ 0, 4, 8, 5, 4, 4, 8, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4 },	/* dev */
	{ 0, 4, 4, 4, 4, 4, 4 },						/* slot */
	{ 0, 4, 84, 8, 4, 20 },						/* host */
	{ 0, 4, 8, 0, 0, 0, 4, 0, 4, 4, 4, 4, 4, 4, 4, 4, 4, 8, 8, 40, 0, 52 },	/* op */
	{ 0, 8, 4, 8, 8, 8, 4, 4, 4, 4, 4, 4, 4 },				/* req */
	{ 0, 2, 7 },							/* family */
	{ 0, 0, 12, 4 },						/* ack */
	{ 0, 4, 4 },							/* agent */
};

static void add_attr(struct message *m, unsigned int set, uint8_t type, uint8_t how)
{
	uint8_t value[300];
	size_t len = type < sizeof(sizes[0]) ? sizes[set][type] : 0;

	memset(value, 'x', sizeof(value));
	if (how & 1)
		len = take_length(&in, sizeof(value));
	if (how & 2)
		take(&in, value, len < sizeof(value) ? len : sizeof(value));
	else if (len == 4 || len == 8)
		memset(value, 0, sizeof(value));
	/* Texts end as they should. */
	else if (len)
		value[len - 1] = '\0';
	if (!(how & 2) && (len == 4 || len == 8))
		value[0] = how >> 4;
	if (set == 0 && type == SMPAIR_A_DEV_NAME && !(how & 2))
		memcpy(value, "smpair0", 8);
	if (set == 5 && type == 1 && !(how & 2))
		memcpy(value, &(uint16_t){ FAMILY }, 2);
	if (set == 5 && type == 2 && !(how & 2))
		memcpy(value, "smpair", 7);
	if (set == 2 && type == SMPAIR_A_HOST_CY_INFO && len == 20) {
		const uint16_t inner[] = { 8, 1, 1, 0, 8, 2, 1, 0 };

		memcpy(value, inner, sizeof(inner));
		len = 16;
	}
	if (m->len + len + 16 > sizeof(m->bytes))
		return;
	msg_attr(m, type, value, len);
	if (how & 4)
		((struct nlattr *)(m->bytes + m->len - NLA_HDRLEN - NLA_ALIGN(len)))->nla_len =
			take16(&in);
	if (how & 8)
		((struct nlattr *)(m->bytes + m->len - NLA_HDRLEN - NLA_ALIGN(len)))->nla_type |=
			NLA_F_NESTED;
}

/* A whole set at once, or what the input lists */
static void add_attrs(struct message *m, unsigned int set)
{
	uint8_t how = take8(&in), count = how & 15, i;

	if (how & 0x80) {
		for (i = 1; i < sizeof(sizes[0]); i++)
			if (sizes[set][i])
				add_attr(m, set, i, how & 0x70);
		count &= 3;
	}
	for (; count; count--) {
		i = take8(&in) % 26;
		add_attr(m, set, i, take8(&in));
	}
}

static void add_genl(struct message *m, uint8_t cmd, unsigned int set)
{
	const struct genlmsghdr genl = { .cmd = cmd, .version = 1 };

	memcpy(m->bytes + m->len, &genl, sizeof(genl));
	m->len += sizeof(genl);
	add_attrs(m, set);
}

static void add_ack(struct message *m, struct nlmsghdr *nlh)
{
	struct nlmsghdr echoed = { .nlmsg_len = 36 };
	uint8_t how = take8(&in);
	int32_t err = -(int32_t)(how & 0x3f);

	if (how & 0x80)
		err = (int32_t)take32(&in);
	nlh->nlmsg_flags = NLM_F_ACK_TLVS | (how & 0x40 ? NLM_F_CAPPED : 0);
	memcpy(m->bytes + m->len, &err, sizeof(err));
	m->len += sizeof(err);
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		if (how & 1)
			echoed.nlmsg_len = take32(&in);
		memcpy(m->bytes + m->len, &echoed, sizeof(echoed));
		m->len += how & 0x40 ? sizeof(echoed) : 36;
	}
	add_attrs(m, 6);
}

static void build_message(struct message *m, uint8_t kind)
{
	static const struct {
		uint8_t cmd, set;
	} known[] = {
		{ SMPAIR_CMD_DEV_GET, 0 }, { SMPAIR_CMD_DEV_ADD_NTF, 0 },
		{ SMPAIR_CMD_DEV_DEL_NTF, 0 }, { SMPAIR_CMD_DEV_CHANGE_NTF, 0 },
		{ SMPAIR_CMD_SLOT_GET, 1 }, { SMPAIR_CMD_HOST_GET, 2 },
		{ SMPAIR_CMD_OP_DONE, 3 }, { SMPAIR_CMD_OPEN, 3 },
		{ SMPAIR_CMD_REQ_READY, 4 }, { SMPAIR_CMD_REQ_ACCEPT, 4 },
		{ SMPAIR_CMD_AGENT_GET, 7 }, { SMPAIR_CMD_AGENT_CHANGE, 7 },
		{ CTRL_CMD_NEWFAMILY, 5 }, { CTRL_CMD_DELFAMILY, 5 },
	};
	struct nlmsghdr *nlh = (struct nlmsghdr *)m->bytes;
	uint8_t how, pick = (kind & 0x1f) % 14;

	memset(m, 0, sizeof(*m));
	m->len = NLMSG_HDRLEN;
	nlh->nlmsg_seq = kind & 0x40 ? 0 : sent_seq;
	switch (kind & 0x1f) {
	case 14:
		nlh->nlmsg_type = NLMSG_ERROR;
		add_ack(m, nlh);
		break;
	case 15:
		nlh->nlmsg_type = NLMSG_DONE;
		add_ack(m, nlh);
		break;
	case 16:		/* success, nothing else */
		nlh->nlmsg_type = NLMSG_ERROR;
		m->len += sizeof(int32_t);
		break;
	case 17:
		nlh->nlmsg_type = take16(&in);
		add_genl(m, take8(&in), take8(&in) % 8);
		break;
	default:
		nlh->nlmsg_type = pick < 12 ? FAMILY : GENL_ID_CTRL;
		add_genl(m, known[pick].cmd, known[pick].set);
		break;
	}
	nlh->nlmsg_len = (uint32_t)m->len;
	if (!(kind & 0x20))
		return;
	how = take8(&in);
	if (how & 1)
		nlh->nlmsg_seq = take32(&in);
	if (how & 2)
		nlh->nlmsg_flags |= NLM_F_DUMP_INTR;
	if (how & 4)
		nlh->nlmsg_flags ^= (uint16_t)(take8(&in) << 8);
	if (how & 8)
		m->len = take16(&in) % (m->len + 1);
	if (how & 16 && m->len >= 4)
		nlh->nlmsg_len = take32(&in);
	if (how & 32 && m->len > 0)
		m->bytes[take16(&in) % m->len] ^= take8(&in);
}

ssize_t __wrap_recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *from,
			socklen_t *from_len)
{
	struct sockaddr_nl *kernel = (struct sockaddr_nl *)from;
	uint8_t how = take8(&in), messages = how & 3;
	struct message m;
	size_t total = 0;

	(void)fd;
	(void)flags;
	WANT(len >= DATAGRAM_MAX && *from_len == sizeof(*kernel));
	memset(kernel, 0, sizeof(*kernel));
	kernel->nl_family = AF_NETLINK;
	if ((how & 0xf0) == 0xe0) {
		errno = how & 1 ? ENOBUFS : how & 2 ? EAGAIN : EIO;
		return -1;
	}
	if ((how & 0xf0) == 0xd0)
		kernel->nl_pid = 77;
	for (messages++; messages; messages--) {
		build_message(&m, take8(&in));
		if (total + m.len > DATAGRAM_MAX)
			break;
		memcpy((uint8_t *)buf + total, m.bytes, m.len);
		total += m.len;
		if (messages > 1)
			total = NLMSG_ALIGN(total);
	}
	/* A datagram that did not fit */
	return (how & 0xf0) == 0xc0 ? 70000 : (ssize_t)total;
}

static void judge(const struct smpair_client *client, int err)
{
	const char *text = smpair_client_extack(client);
	const struct smpair_error_info *info = smpair_errno_info(err);

	WANT(err <= 1 && err > -4096);
	WANT(info && *info->name && info->text);
	for (; text && *text; text++)
		WANT(*text >= ' ' && *text <= '~');
}

static void judge_name(const char *name, size_t size)
{
	size_t len = strnlen(name, size), i;

	WANT(len < size);
	for (i = 0; i < len; i++)
		WANT(name[i] >= ' ' && name[i] <= '~');
}

static void judge_dev(const struct smpair_dev_info *dev)
{
	WANT(SMPAIR_HAS(dev, SMPAIR_A_DEV_ID) && SMPAIR_HAS(dev, SMPAIR_A_DEV_NAME) &&
	     SMPAIR_HAS(dev, SMPAIR_A_DEV_STATE));
	judge_name(dev->name, sizeof(dev->name));
	judge_name(dev->transport, sizeof(dev->transport));
	WANT(*smpair_state_name(dev->state));
	WANT(smpair_cause_info(dev->cause)->text);
}

static void call_lists(struct smpair_client *client, uint8_t how)
{
	struct smpair_dev_info *devs, dev;
	struct smpair_slot_info *slots;
	size_t count, i;
	int err;

	if (how & 1) {
		err = smpair_dev_get(client, how, &dev);
		if (!err)
			judge_dev(&dev);
	} else if (how & 2) {
		err = smpair_slot_list(client, how, &slots, &count);
		for (i = 0; !err && i < count; i++)
			WANT(SMPAIR_HAS(&slots[i], SMPAIR_A_SLOT_INDEX));
		if (!err)
			free(slots);
	} else {
		err = smpair_dev_list(client, &devs, &count);
		for (i = 0; !err && i < count; i++)
			judge_dev(&devs[i]);
		if (!err)
			free(devs);
	}
	judge(client, err);
}

static void call_host(struct smpair_client *client, uint8_t how)
{
	static const uint8_t cy[SMPAIR_CY_MAX + 1][SMPAIR_CY_LEN];
	struct smpair_host_info host;
	unsigned int i;
	int err;

	if (how & 1) {
		err = smpair_host_set(client, 5, cy, how % (SMPAIR_CY_MAX + 2));
	} else if (how & 2) {
		err = smpair_host_clear(client);
	} else {
		err = smpair_host_get(client, &host);
		WANT(err || (host.generation_count <= SMPAIR_GENERATIONS_MAX &&
			     host.cy_count <= SMPAIR_CY_MAX));
		for (i = 0; !err && i < host.cy_count; i++)
			WANT(SMPAIR_HAS(&host.cy[i], SMPAIR_A_CY_INFO_DOMAIN));
	}
	judge(client, err);
}

static void call_op(struct smpair_client *client, uint8_t how)
{
	static const uint8_t command[SMPAIR_MANAGE_MAX + 1], nonce[SMPAIR_NONCE_LEN];
	struct smpair_outcome outcome;
	uint64_t op = 1;
	int err;

	switch (how & 7) {
	case 0:
		err = smpair_op_open(client, how, &op);
		break;
	case 1:
		err = smpair_op_close(client, how, &op);
		break;
	case 2:
		err = smpair_op_pair(client, how, how >> 4, how >> 4, &op);
		break;
	case 3:
		err = smpair_op_unpair(client, how, &op);
		break;
	case 4:
		err = smpair_op_manage(client, how, command, 40 + how, &op);
		break;
	case 5:
		err = smpair_pair_cancel(client, how);
		break;
	case 6:
		err = smpair_op_report(client, how, nonce, &op);
		break;
	default:
		err = smpair_op_wait(client, how >> 4, 0, &outcome);
		WANT(err || outcome.op == how >> 4);
		break;
	}
	WANT(err || op);
	judge(client, err);
}

static void call_agent(struct smpair_client *client, uint8_t how)
{
	struct smpair_agent_info agent;
	struct smpair_request request;
	int err;

	if (how & 16) {
		err = smpair_agent_get(client, &agent);
		WANT(err || SMPAIR_HAS(&agent, SMPAIR_A_AGENT_PRIORITY) || !agent.priority);
	} else if (how & 1) {
		err = smpair_agent_register(client, how);
	} else if (how & 2) {
		err = smpair_request_done(client, how, SMPAIR_ANSWER_ACCEPTED, how & 4, how & 8);
	} else {
		err = smpair_request_accept(client, &request);
		WANT(err || request.present);
	}
	judge(client, err);
}

static void call_events(struct smpair_client *client, uint8_t how)
{
	struct smpair_event event;
	int err;

	if (how & 1) {
		err = smpair_events_join(client, how >> 1 & 3);
		WANT(err || smpair_events_fd(client) == -1);
	} else {
		err = smpair_events_next(client, 0, &event);
		WANT(err || event.type <= SMPAIR_EVENT_AGENTS);
		if (!err && event.type < SMPAIR_EVENT_REQUEST)
			judge_dev(&event.dev);
	}
	judge(client, err);
}

/* Names and texts for values that no driver sends */
static void call_names(uint8_t how)
{
	uint32_t value = how & 1 ? take32(&in) : take8(&in);

	WANT(*smpair_state_name(value) && *smpair_pin_policy_name(value) &&
	     *smpair_evict_policy_name(value));
	WANT(*smpair_cause_info(value)->name);
	WANT(*smpair_errno_info((int)value)->name && *smpair_node_info((int)value)->name);
	WANT(*smpair_exchange_info((int)value)->name && *smpair_hostkey_info((int)value)->name);
	WANT(*smpair_key_info((int)value)->name);
}

/* Whether the driver was loaded meanwhile */
static void call_watch(struct smpair_client *client)
{
	struct smpair_watch *watch = NULL;
	int err;

	err = smpair_watch_open(&watch);
	WANT(!err == !!watch);
	if (!err) {
		WANT(smpair_watch_fd(watch) == -1);
		err = smpair_watch_next(watch, 0);
	}
	smpair_watch_close(watch);
	judge(client, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smpair_client *client;
	unsigned int calls;
	uint8_t first;
	int err;

	in = (struct input){ data, size };
	datagrams = 0;
	sent_seq = 0;
	first = take8(&in);
	memory_ends = first & 4 ? take8(&in) : 0;
	err = first & 1 ? smpair_client_open_wait(&client, 0) : smpair_client_open(&client);
	memory_ends = 0;
	if (err) {
		WANT(err < 0);
		smpair_client_close(NULL);
		return 0;
	}
	smpair_client_set_timeout(client, 0);
	/* Numbers of commands begin anew after 2^32 of them. */
	if (first & 2)
		client->seq = UINT32_MAX - 1;
	for (calls = 0; in.left && calls < 24; calls++) {
		uint8_t what = take8(&in), how = take8(&in);

		memory_ends = what >= 0xf9 ? take8(&in) : 0;
		switch (what % 7) {
		case 0:
		case 1:
			call_lists(client, how);
			break;
		case 2:
			call_host(client, how);
			break;
		case 3:
			call_op(client, how);
			break;
		case 4:
			call_agent(client, how);
			break;
		case 5:
			call_events(client, how);
			break;
		case 6:
			if (how >= 0xf0)
				call_watch(client);
			else
				call_names(how);
			break;
		}
		memory_ends = 0;
	}
	WANT(smpair_client_fd(client) == -1);
	smpair_client_close(client);
	return 0;
}
