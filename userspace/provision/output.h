/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROVISION_OUTPUT_H
#define PROVISION_OUTPUT_H

#include "provision/provision.h"

int output_folder(const struct provision_args *args, struct domain_error *error);
int output_begin(const struct provision_args *args, struct domain *domain,
		 struct domain_error *error);
int output_path(const struct provision_args *args, const char *kind,
		const uint8_t id[PDT1_ID_LEN], const char *suffix, char **path,
		struct domain_error *error);
void output_made(const struct provision_args *args, const char *kind,
		 const uint8_t id[PDT1_ID_LEN], const char *secret,
		 const char *info);

#endif /* PROVISION_OUTPUT_H */
