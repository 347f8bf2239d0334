# SPDX-License-Identifier: LGPL-2.1-or-later

smpair_src := libsmpair/id.c libsmpair/pin.c

$(call library,smpair,$(smpair_src),,-Ilibsmpair/include)

$(call unittest,test-libsmpair-id,libsmpair/tests/test_id.c,smpair,jansson,-Ilibsmpair/include)
$(call unittest,test-libsmpair-pin,libsmpair/tests/test_pin.c,smpair,,-Ilibsmpair/include)
