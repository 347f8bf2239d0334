# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the domain's side computes: derivations, PINs, commands to modules; and
# how it keeps files. Used by provision and centre.

domain_src := domain/base64.c domain/domain.c domain/error.c domain/file.c domain/json.c \
	domain/kdf.c domain/keys.c domain/mac.c domain/manage.c domain/notify.c domain/number.c \
	domain/pin.c domain/policy.c domain/seal.c domain/secret.c
domain_cppflags := -D_GNU_SOURCE -Ilibsmpair/include

$(call library,domain,$(domain_src),nettle jansson,$(domain_cppflags))

$(call unittest,test-domain-vectors,domain/tests/test_vectors.c,domain smpair,,$(domain_cppflags))
$(call unittest,test-domain-json,domain/tests/test_json.c,domain smpair,,$(domain_cppflags))
$(call unittest,test-domain-file,domain/tests/test_file.c,domain smpair,,$(domain_cppflags))
$(call unittest,test-domain-oathtool,domain/tests/test_oathtool.c,domain smpair,,$(domain_cppflags))
