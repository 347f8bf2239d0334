// SPDX-License-Identifier: GPL-2.0
#include "dump.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <linux/smpair.h>

#include "rig/link.h"
#include "rig/rawgenl.h"
#include "rig/rig.h"
#include "rig/setting.h"

/* The kernel makes parts that fit the largest buffer seen so far. */
#define PART_MAX	4096

/* A socket that never received: the kernel then makes parts of its smallest size. */
static int fresh_socket(void)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC), err;

	if (fd < 0)
		return -errno;
	if (bind(fd, (void *)&addr, sizeof(addr)) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

static int dump_start(struct dump *dump)
{
	struct raw_sock s;
	struct raw_msg m;
	struct nlmsghdr *nlh = (void *)m.data;
	int err = raw_open(&s);

	if (err)
		return err;
	close(s.fd);
	s.fd = fresh_socket();
	if (s.fd < 0)
		return s.fd;
	raw_start(&s, &m, SMPAIR_CMD_DEV_GET, NLM_F_DUMP);
	nlh->nlmsg_len = m.len;
	dump->fd = s.fd;
	return send(s.fd, m.data, m.len, 0) < 0 ? -errno : 0;
}

static void note_link(struct dump *dump, const struct nlmsghdr *nlh)
{
	const struct nlattr *a = (const void *)nlh + NLMSG_HDRLEN + GENL_HDRLEN;
	size_t left = nlh->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN;

	while (left >= NLA_HDRLEN && a->nla_len >= NLA_HDRLEN && a->nla_len <= left) {
		if ((a->nla_type & NLA_TYPE_MASK) == SMPAIR_A_DEV_ID)
			memcpy(&dump->last, (const void *)a + NLA_HDRLEN, sizeof(dump->last));
		left -= NLA_ALIGN(a->nla_len) < left ? NLA_ALIGN(a->nla_len) : left;
		a = (const void *)a + NLA_ALIGN(a->nla_len);
	}
}

/* Reads one part: 1 if more follow, 0 at the end, or -errno. */
static int dump_part(struct dump *dump)
{
	struct pollfd pfd = { .fd = dump->fd, .events = POLLIN };
	uint8_t buf[PART_MAX];
	struct nlmsghdr *nlh = (void *)buf;
	ssize_t got;
	size_t left;
	int err;

	if (poll(&pfd, 1, RIG_PATIENCE_MS) != 1)
		return -ETIME;
	got = recv(dump->fd, buf, sizeof(buf), 0);
	if (got < 0)
		return -errno;
	for (left = got; NLMSG_OK(nlh, left); nlh = NLMSG_NEXT(nlh, left)) {
		if (nlh->nlmsg_type == NLMSG_DONE || nlh->nlmsg_type == NLMSG_ERROR) {
			memcpy(&err, NLMSG_DATA(nlh), sizeof(err));
			return err;
		}
		note_link(dump, nlh);
	}
	return 1;
}

int dump_begin(struct dump *dump)
{
	int ret = dump_start(dump);

	if (!ret)
		ret = dump_part(dump);
	return ret == 1 ? 0 : ret ? ret : -ENODATA;
}

int dump_finish(struct dump *dump)
{
	int ret;

	do {
		ret = dump_part(dump);
	} while (ret == 1);
	return ret;
}

void dump_close(struct dump *dump)
{
	if (dump->fd >= 0)
		close(dump->fd);
	dump->fd = -1;
}

/* Nobody answers their reset, which must not take as long as it may. */
int dump_fill(struct dump *dump)
{
	char timeout[16];
	unsigned int i;
	int err = setting_read(SETTING_VIRT_TIMEOUT, timeout, sizeof(timeout));

	if (!err)
		err = setting_write(SETTING_VIRT_TIMEOUT, "1");
	for (i = 0; !err && i < DUMP_LINKS; i++) {
		dump->links[i] = rig_link_attach();
		if (dump->links[i] < 0)
			err = dump->links[i];
	}
	return setting_write(SETTING_VIRT_TIMEOUT, timeout) ?: err;
}

void dump_empty(struct dump *dump)
{
	unsigned int i;

	for (i = 0; i < DUMP_LINKS; i++) {
		if (dump->links[i] >= 0)
			close(dump->links[i]);
		dump->links[i] = -1;
	}
}
