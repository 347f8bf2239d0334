/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flash in a preallocated file: programming clears bits, erasing sets them, and
 * power can be cut at a chosen write.
 */
#ifndef SOFTMOD_PORT_NVM_FILE_H
#define SOFTMOD_PORT_NVM_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "softmod/core/port.h"

#define NVM_FILE_SIZE	(128 * 1024)	/* two halves of 64 KiB */
#define NVM_FILE_BLOCK	4096

/**
 * struct nvm_file - an open image
 * @fd: file, locked against other users
 * @size: bytes in the file
 * @programs: writes since it was opened
 * @cut_in: writes until the power is cut, 0 for never
 * @dead: the power was cut: every operation fails
 */
struct nvm_file {
	int fd;
	uint32_t size;
	uint64_t programs;
	uint64_t cut_in;
	bool dead;
};

/**
 * nvm_file_create() - make an erased image
 * @f: filled in, open and locked
 * @path: file, which must not exist; mode 0600
 *
 * Return: 0 or a negative errno.
 */
int nvm_file_create(struct nvm_file *f, const char *path);

/**
 * nvm_file_open() - open an image
 * @f: filled in
 * @path: file
 *
 * A file of any length opens, so that the module can report a truncated image
 * as damaged; its bytes stay.
 *
 * Return: 0 or a negative errno: -EACCES when group or others may access the
 * file, -EBUSY when another process has it, -EINVAL when it is no regular file.
 */
int nvm_file_open(struct nvm_file *f, const char *path);

/**
 * nvm_file_close() - close the image
 * @f: open image
 */
void nvm_file_close(struct nvm_file *f);

/**
 * nvm_file_cut() - cut the power in the middle of a later write
 * @f: open image
 * @k: which one, 1 for the next; 0 takes an order back
 */
void nvm_file_cut(struct nvm_file *f, uint64_t k);

/**
 * nvm_file_restore() - power is back; an order to cut it again stays
 * @f: open image
 */
void nvm_file_restore(struct nvm_file *f);

/* The flash of struct sm_port. Return: 0 or a negative errno; -EIO outside the
 * file and after a cut.
 */
int nvm_file_read(struct nvm_file *f, uint32_t off, void *buf, uint32_t len);
int nvm_file_program(struct nvm_file *f, uint32_t off, const void *buf,
		     uint32_t len);
int nvm_file_erase(struct nvm_file *f, uint32_t off);
int nvm_file_sync(struct nvm_file *f);

#endif /* SOFTMOD_PORT_NVM_FILE_H */
