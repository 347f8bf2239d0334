# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes domains, host credentials and module images.

provision_src := provision/encrypted.c provision/identity.c provision/main.c \
	provision/make_blob.c provision/make_domain.c provision/make_generation.c \
	provision/make_host.c provision/make_module.c provision/output.c \
	provision/setting.c
provision_cppflags := -D_GNU_SOURCE -Ilibsmpair/include

$(call program,smpair-provision,$(provision_src),domain softmod smpair,,$(provision_cppflags))
$(call manpage,provision/smpair-provision.1)

$(call unittest,test-provision,provision/tests/test_provision.c domain/tests/command.c,,jansson,$(provision_cppflags) -DPROGRAMS='"$(abspath $(out))/bin"')
