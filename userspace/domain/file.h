/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DOMAIN_FILE_H
#define DOMAIN_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/types.h>

#include "domain/error.h"

/**
 * struct domain_new_file - A file that appears under its name complete or not
 *	at all.
 * @path: Name that it gets.
 * @temp: Name that it has until then, in the same folder.
 * @dir: The folder, open.
 */
struct domain_new_file {
	char *path;
	char *temp;
	int dir;
};

int domain_file_read(const char *path, bool secret, size_t max, uint8_t **data,
		     size_t *len, struct domain_error *error);
int domain_file_write(const char *path, mode_t mode, bool replace,
		      const void *data, size_t len, struct domain_error *error);

int domain_new_file_begin(struct domain_new_file *file, const char *path,
			  struct domain_error *error);
int domain_new_file_commit(struct domain_new_file *file, bool replace,
			   struct domain_error *error);
void domain_new_file_end(struct domain_new_file *file);

int domain_folder_lock(const char *path, struct domain_error *error);

#endif /* DOMAIN_FILE_H */
