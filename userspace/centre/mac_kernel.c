// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel as holder of the masters. They never come to user space: the kernel
 * copies each from a user, logon, encrypted or trusted key into a
 * transformation. libkcapi has no call for that and hides its descriptor, so that
 * the masters' sockets are opened here; keys that follow from them go through
 * libkcapi.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/if_alg.h>
#include <sys/socket.h>

#include <kcapi.h>

#include "centre/mac.h"
#include "domain/number.h"

/* Since Linux 6.2; the headers of older systems lack it. */
#ifndef ALG_SET_KEY_BY_KEY_SERIAL
#define ALG_SET_KEY_BY_KEY_SERIAL	7
#endif

#define ALGORITHM	"hmac(sha256)"

/* Masters that one option can name. */
#define MASTERS_MAX	16

struct held {
	enum master kind;
	uint16_t generation;
	int fd;
};

struct mac {
	pthread_mutex_t lock;	/* a socket computes for one thread at a time */
	unsigned int count;
	struct held held[MASTERS_MAX];
};

static int socket_hmac(int fd, const void *data, size_t len,
		       uint8_t out[PDT1_HASH_LEN])
{
	ssize_t n;

	do {
		n = send(fd, data, len, 0);
	} while (n < 0 && errno == EINTR);
	if (n >= 0 && (size_t)n != len)
		return -EIO;
	if (n >= 0) {
		do {
			n = read(fd, out, PDT1_HASH_LEN);
		} while (n < 0 && errno == EINTR);
	}
	if (n < 0)
		return -errno;
	return n == PDT1_HASH_LEN ? 0 : -EIO;
}

static const struct held *find(const struct mac *mac, enum master kind,
			       uint16_t generation)
{
	unsigned int i;

	for (i = 0; i < mac->count; i++)
		if (mac->held[i].kind == kind &&
		    mac->held[i].generation == generation)
			return &mac->held[i];
	return NULL;
}

static bool kernel_has(const struct mac *mac, enum master kind,
		       uint16_t generation)
{
	return find(mac, kind, generation);
}

static uint16_t kernel_newest(const struct mac *mac, enum master kind)
{
	uint16_t newest = 0;
	unsigned int i;

	for (i = 0; i < mac->count; i++)
		if (mac->held[i].kind == kind &&
		    mac->held[i].generation > newest)
			newest = mac->held[i].generation;
	return newest;
}

static int kernel_hmac(struct mac *mac, enum master kind, uint16_t generation,
		       const void *data, size_t len, uint8_t out[PDT1_HASH_LEN],
		       struct domain_error *error)
{
	const struct held *held = find(mac, kind, generation);
	int err;

	if (!held)
		return domain_fail(error, -ENOKEY, "the kernel holds no such key");
	/* Between what is sent and what is read nobody else may send. */
	pthread_mutex_lock(&mac->lock);
	err = socket_hmac(held->fd, data, len, out);
	pthread_mutex_unlock(&mac->lock);
	return err ? domain_fail(error, err, "AF_ALG: %s", strerror(-err)) : 0;
}

static int derived_hmac(const struct domain_mac *mac, const uint8_t *key,
			const void *data, size_t len, uint8_t out[PDT1_HASH_LEN])
{
	ssize_t n;

	(void)mac;
	if (!key)
		return -ENOKEY;
	n = kcapi_md_hmac_sha256(key, PDT1_KEY_LEN, data, (uint32_t)len, out,
				 PDT1_HASH_LEN);
	if (n == PDT1_HASH_LEN)
		return 0;
	explicit_bzero(out, PDT1_HASH_LEN);
	return n < 0 ? (int)n : -EIO;
}

static const struct domain_mac derived = { derived_hmac };

static int refuse_socket(struct domain_error *error)
{
	switch (errno) {
	case EAFNOSUPPORT:
		return domain_fail(error, -errno,
				   "this kernel has no AF_ALG; use --mac file");
	case ENOENT:
		return domain_fail(error, -errno,
				   "this kernel does not offer " ALGORITHM " to this user by AF_ALG; load algif_hash, see sysctl crypto.af_alg_restrict, or use --mac file");
	case EPERM:
	case EACCES:
		return domain_fail(error, -errno,
				   "this process may not use AF_ALG; permit it, or use --mac file");
	}
	return domain_fail(error, -errno, "AF_ALG: %s; use --mac file",
			   strerror(errno));
}

static int refuse_key(int32_t serial, struct domain_error *error)
{
	switch (errno) {
	case ENOPROTOOPT:
		return domain_fail(error, -errno,
				   "this kernel takes no key of the type of %d by its serial: it must be a user, logon, encrypted or trusted key, and Linux 6.2 or later",
				   serial);
	case EACCES:
		return domain_fail(error, -errno,
				   "key %d may not be searched by this process; link it to one of its keyrings, or give it the permission",
				   serial);
	case ENOKEY:
	case EKEYEXPIRED:
	case EKEYREVOKED:
		return domain_fail(error, -errno,
				   "key %d: %s; add the master to a keyring again and name its serial",
				   serial, strerror(errno));
	}
	return domain_fail(error, -errno, "key %d: %s", serial, strerror(errno));
}

/* A socket on which the kernel computes with the key @serial. */
static int open_key(int32_t serial, int *fd, struct domain_error *error)
{
	const struct sockaddr_alg address = {
		.salg_family = AF_ALG,
		.salg_type = "hash",
		.salg_name = ALGORITHM,
	};
	int tfm, err = 0;

	tfm = socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (tfm < 0)
		return refuse_socket(error);
	if (bind(tfm, (const struct sockaddr *)&address, sizeof(address))) {
		err = refuse_socket(error);
	} else if (setsockopt(tfm, SOL_ALG, ALG_SET_KEY_BY_KEY_SERIAL, &serial,
			      sizeof(serial))) {
		err = refuse_key(serial, error);
	} else {
		*fd = accept4(tfm, NULL, NULL, SOCK_CLOEXEC);
		if (*fd < 0)
			err = refuse_socket(error);
	}
	/* The accepted socket keeps the transformation. */
	close(tfm);
	return err;
}

/* "mpin.1=SERIAL"; a serial alone is the first MPIN. */
static int add(struct mac *mac, const char *text, struct domain_error *error)
{
	struct held *held = &mac->held[mac->count];
	const char *equal = strchr(text, '=');
	uint64_t serial;
	int err;

	if (mac->count == MASTERS_MAX)
		return domain_fail(error, -EDOM, "--mac kernel names too many keys");
	held->kind = MASTER_MPIN;
	held->generation = 1;
	if (equal && (mac_label(text, (size_t)(equal - text), &held->kind,
				&held->generation) ||
		      kernel_has(mac, held->kind, held->generation)))
		return domain_fail(error, -EDOM,
				   "--mac kernel names each key once, as mpin.1=SERIAL or mmgt.1=SERIAL");
	err = domain_number("mac kernel", equal ? equal + 1 : text, 1, INT32_MAX,
			    &serial, error);
	if (!err)
		err = open_key((int32_t)serial, &held->fd, error);
	if (!err)
		mac->count++;
	return err;
}

static void kernel_close(struct mac *mac)
{
	unsigned int i;

	for (i = 0; i < mac->count; i++)
		close(mac->held[i].fd);
	pthread_mutex_destroy(&mac->lock);
	free(mac);
}

/* A kernel without AF_ALG, or one that withholds it, is an expected answer. */
static int kernel_open(struct mac **out, const char *spec,
		       const char *domain_path, struct domain_error *error)
{
	struct mac *mac = calloc(1, sizeof(*mac));
	char *text = strdup(spec), *item, *rest = text;
	int err = 0;

	(void)domain_path;
	if (!mac || !text) {
		free(mac);
		free(text);
		return domain_fail(error, -ENOMEM, "out of memory");
	}
	pthread_mutex_init(&mac->lock, NULL);
	while (!err && (item = strsep(&rest, ",")))
		err = add(mac, item, error);
	if (!err && !kernel_newest(mac, MASTER_MPIN))
		err = domain_fail(error, -EDOM,
				  "--mac kernel names no MPIN; add mpin.1=SERIAL");
	free(text);
	if (err)
		kernel_close(mac);
	else
		*out = mac;
	return err;
}

const struct mac_ops mac_kernel = {
	.name = "kernel",
	.derived = &derived,
	.open = kernel_open,
	.close = kernel_close,
	.has = kernel_has,
	.newest = kernel_newest,
	.hmac = kernel_hmac,
};
