// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel as provider of HMAC-SHA-256. The master key never comes to user
 * space: the kernel copies it from a user, logon, encrypted or trusted key into
 * the transformation. libkcapi has no call for that and hides its descriptor,
 * so that the master's socket is opened here; all other keys go through
 * libkcapi.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/if_alg.h>
#include <sys/socket.h>

#include <kcapi.h>

#include "centre/mac_kernel.h"

/* Since Linux 6.2; the headers of older systems lack it. */
#ifndef ALG_SET_KEY_BY_KEY_SERIAL
#define ALG_SET_KEY_BY_KEY_SERIAL	7
#endif

#define ALGORITHM	"hmac(sha256)"

static int master_hmac(int fd, const void *data, size_t len,
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

static int kernel_hmac(const struct domain_mac *mac, const uint8_t *key,
		       const void *data, size_t len, uint8_t out[PDT1_HASH_LEN])
{
	/* @mac is the first member. */
	const struct mac_kernel *kernel = (const struct mac_kernel *)mac;
	ssize_t n;
	int err;

	if (!key) {
		err = master_hmac(kernel->fd, data, len, out);
	} else {
		n = kcapi_md_hmac_sha256(key, PDT1_KEY_LEN, data,
					 (uint32_t)len, out, PDT1_HASH_LEN);
		err = n == PDT1_HASH_LEN ? 0 : n < 0 ? (int)n : -EIO;
	}
	if (err)
		explicit_bzero(out, PDT1_HASH_LEN);
	return err;
}

static int refuse_socket(struct domain_error *error)
{
	switch (errno) {
	case EAFNOSUPPORT:
		return domain_fail(error, -errno,
				   "this kernel has no AF_ALG; use --mac library");
	case ENOENT:
		return domain_fail(error, -errno,
				   "this kernel does not offer " ALGORITHM " to this user by AF_ALG; load algif_hash, see sysctl crypto.af_alg_restrict, or use --mac library");
	case EPERM:
	case EACCES:
		return domain_fail(error, -errno,
				   "this process may not use AF_ALG; permit it, or use --mac library");
	}
	return domain_fail(error, -errno, "AF_ALG: %s; use --mac library",
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
				   "key %d: %s; add the master MPIN to a keyring again and name its serial",
				   serial, strerror(errno));
	}
	return domain_fail(error, -errno, "key %d: %s", serial, strerror(errno));
}

/**
 * mac_kernel_open() - Let the kernel compute with a key of its own.
 * @kernel: Filled; ended by mac_kernel_close() if 0 is returned.
 * @serial: Serial number of a key that holds MPIN.
 * @error: Receives the reason of a refusal.
 *
 * A kernel without AF_ALG, or one that withholds it, is an expected answer.
 *
 * Return: 0 or a negative errno.
 */
int mac_kernel_open(struct mac_kernel *kernel, int32_t serial,
		    struct domain_error *error)
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
		kernel->mac.hmac = kernel_hmac;
		kernel->fd = accept4(tfm, NULL, NULL, SOCK_CLOEXEC);
		if (kernel->fd < 0)
			err = refuse_socket(error);
	}
	/* The accepted socket keeps the transformation. */
	close(tfm);
	return err;
}

/**
 * mac_kernel_close() - Let the kernel forget its copy of the key.
 * @kernel: The provider.
 */
void mac_kernel_close(struct mac_kernel *kernel)
{
	close(kernel->fd);
}
