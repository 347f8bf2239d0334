// SPDX-License-Identifier: GPL-2.0
/* Commands of the "TPM 2.0 Library", part 3; structures of its part 2. */
#include "tpm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "domain/bytes.h"

#define DEVICE		"/dev/tpm0"
#define HEADER		10	/* tag, length, code */
#define MESSAGE_MAX	4096

#define ST_SESSIONS	0x8002
#define CC_EVICT	0x00000120
#define CC_PRIMARY	0x00000131
#define CC_CREATE	0x00000153
#define CC_READ_PUBLIC	0x00000173
#define ST_PLAIN	0x8001
#define RH_OWNER	0x40000001

#define ALG_AES		0x0006
#define ALG_KEYEDHASH	0x0008
#define ALG_SHA256	0x000b
#define ALG_NULL	0x0010
#define ALG_ECC		0x0023
#define ALG_CFB		0x0043
#define CURVE_P256	0x0003

/* Bits of TPMA_OBJECT */
#define FIXED		(1 << 1 | 1 << 4)	/* to this TPM and this parent */
#define OWN_SECRET	(1 << 5)
#define BY_PASSWORD	(1 << 6)
#define NO_LOCKOUT	(1 << 10)
#define STORES_OTHERS	(1 << 16 | 1 << 17)

/* An empty password, for the one handle that wants it */
static const uint8_t password[] = { 0, 0, 0, 9, 0x40, 0, 0, 9, 0, 0, 0, 0, 0 };

struct message {
	uint8_t bytes[MESSAGE_MAX];
	size_t len;
};

static void put8s(struct message *m, const void *bytes, size_t len)
{
	memcpy(m->bytes + m->len, bytes, len);
	m->len += len;
}

static void put16(struct message *m, uint16_t value)
{
	put_be16(m->bytes + m->len, value);
	m->len += 2;
}

static void put32(struct message *m, uint32_t value)
{
	put_be32(m->bytes + m->len, value);
	m->len += 4;
}

/* A length that is known at close_size() */
static size_t open_size(struct message *m)
{
	m->len += 2;
	return m->len;
}

static void close_size(struct message *m, size_t start)
{
	put_be16(m->bytes + start - 2, (uint16_t)(m->len - start));
}

static void begin(struct message *m, uint16_t tag, uint32_t code)
{
	m->len = 0;
	put16(m, tag);
	put32(m, 0);
	put32(m, code);
}

/* The answer takes the command's place. */
static int ask(int fd, struct message *m)
{
	ssize_t n;

	put_be32(m->bytes + 2, (uint32_t)m->len);
	if (write(fd, m->bytes, m->len) != (ssize_t)m->len)
		return -errno;
	n = read(fd, m->bytes, sizeof(m->bytes));
	if (n < HEADER)
		return n < 0 ? -errno : -EIO;
	m->len = (size_t)n;
	if (get_be32(m->bytes + 6)) {
		printf("# the TPM refuses: %#x\n", get_be32(m->bytes + 6));
		return -EIO;
	}
	return 0;
}

/* No data from outside, no measurements */
static void put_no_circumstances(struct message *m)
{
	put16(m, 0);
	put32(m, 0);
}

static void put_storage_template(struct message *m)
{
	size_t size = open_size(m);

	put16(m, ALG_ECC);
	put16(m, ALG_SHA256);
	put32(m, FIXED | OWN_SECRET | BY_PASSWORD | NO_LOCKOUT | STORES_OTHERS);
	put16(m, 0);		/* policy */
	put16(m, ALG_AES);
	put16(m, 128);
	put16(m, ALG_CFB);
	put16(m, ALG_NULL);	/* signs nothing */
	put16(m, CURVE_P256);
	put16(m, ALG_NULL);	/* derives nothing */
	put16(m, 0);
	put16(m, 0);		/* its point is for the TPM to find */
	close_size(m, size);
}

static int make_parent(int fd)
{
	struct message m;
	uint32_t handle;
	int err;

	begin(&m, ST_PLAIN, CC_READ_PUBLIC);
	put32(&m, RIG_TPM_PARENT);
	if (!ask(fd, &m))
		return 0;

	begin(&m, ST_SESSIONS, CC_PRIMARY);
	put32(&m, RH_OWNER);
	put8s(&m, password, sizeof(password));
	put16(&m, 4);		/* neither password nor secret of ours */
	put32(&m, 0);
	put_storage_template(&m);
	put_no_circumstances(&m);
	err = ask(fd, &m);
	if (err)
		return err;
	handle = get_be32(m.bytes + HEADER);

	begin(&m, ST_SESSIONS, CC_EVICT);
	put32(&m, RH_OWNER);
	put32(&m, handle);
	put8s(&m, password, sizeof(password));
	put32(&m, RIG_TPM_PARENT);
	return ask(fd, &m);
}

static int seal(int fd, const void *data, size_t len, uint8_t sealed[RIG_TPM_SEALED_MAX])
{
	const uint8_t *private;
	struct message m;
	size_t size, n;
	int err;

	begin(&m, ST_SESSIONS, CC_CREATE);
	put32(&m, RIG_TPM_PARENT);
	put8s(&m, password, sizeof(password));
	size = open_size(&m);
	put16(&m, 0);		/* password */
	put16(&m, (uint16_t)len);
	put8s(&m, data, len);
	close_size(&m, size);
	size = open_size(&m);
	put16(&m, ALG_KEYEDHASH);
	put16(&m, ALG_SHA256);
	put32(&m, FIXED | BY_PASSWORD | NO_LOCKOUT);
	put16(&m, 0);		/* policy */
	put16(&m, ALG_NULL);
	put16(&m, 0);
	close_size(&m, size);
	put_no_circumstances(&m);
	err = ask(fd, &m);
	if (err)
		return err;

	/* length of the parameters; private part; public part; how it was made */
	private = m.bytes + HEADER + 4;
	n = 2 + (size_t)get_be16(private);
	n += 2 + (size_t)get_be16(private + n);
	if (n > RIG_TPM_SEALED_MAX || HEADER + 4 + n > m.len)
		return -EIO;
	memcpy(sealed, private, n);
	return (int)n;
}

int rig_tpm_seal(const void *data, size_t len, uint8_t sealed[RIG_TPM_SEALED_MAX])
{
	int fd, ret;

	if (len > RIG_TPM_DATA_MAX)
		return -EMSGSIZE;
	fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = make_parent(fd);
	if (!ret)
		ret = seal(fd, data, len, sealed);
	close(fd);
	return ret;
}
