/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROVISION_IDENTITY_H
#define PROVISION_IDENTITY_H

#include "provision/provision.h"

int identity_domain(const struct domain_json *from, const struct domain *domain);
int identity_choose(const struct provision_args *args,
		    const struct domain_json *from, const char *name,
		    uint8_t id[PDT1_ID_LEN], struct domain_error *error);

#endif /* PROVISION_IDENTITY_H */
