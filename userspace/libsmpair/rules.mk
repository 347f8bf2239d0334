# SPDX-License-Identifier: LGPL-2.1-or-later

smpair_src := $(addprefix libsmpair/,agent.c client.c dev.c error.c event.c \
	host.c hostkey.c id.c key.c list.c names.c op.c parse.c pin.c secret.c \
	text.c watch.c)
smpair_inc := -Ilibsmpair/include

$(call library,smpair,$(smpair_src),libnl-genl-3.0 libkeyutils,$(smpair_inc))

$(call manpage,libsmpair/libsmpair.3)

$(call unittest,test-libsmpair-error,libsmpair/tests/test_error.c,smpair,,$(smpair_inc))
$(call unittest,test-libsmpair-id,libsmpair/tests/test_id.c,smpair,jansson,$(smpair_inc))
$(call unittest,test-libsmpair-parse,libsmpair/tests/test_parse.c,smpair,,$(smpair_inc))
$(call unittest,test-libsmpair-pin,libsmpair/tests/test_pin.c,smpair,,$(smpair_inc))
$(call unittest,test-libsmpair-text,libsmpair/tests/test_text.c,smpair,,$(smpair_inc))
$(call unittest,test-libsmpair-secret,libsmpair/tests/test_secret.c,smpair,libkeyutils,$(smpair_inc))
