/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's gcm(aes) by itself, through AF_ALG. */
#ifndef BENCH_GCM_H
#define BENCH_GCM_H

#include <stddef.h>
#include <stdint.h>

struct kcapi_handle;

/**
 * struct gcm - a key and room for the longest message
 * @handle: AF_ALG socket
 * @in: what goes in
 * @out: what comes out
 * @size: bytes at each
 */
struct gcm {
	struct kcapi_handle *handle;
	uint8_t *in;
	uint8_t *out;
	size_t size;
};

int gcm_open(struct gcm *gcm, size_t message_max);	/* 0 or -errno */
void gcm_close(struct gcm *gcm);

/**
 * gcm_pair() - what one exchange costs a host in gcm(aes)
 * @gcm: key
 * @command: bytes to encrypt
 * @answer: bytes of plaintext in what is decrypted
 *
 * Return: nanoseconds, or 0 when the kernel refused.
 */
uint64_t gcm_pair(struct gcm *gcm, size_t command, size_t answer);

#endif /* BENCH_GCM_H */
