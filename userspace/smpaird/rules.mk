# SPDX-License-Identifier: GPL-2.0-or-later
#
# The agent as a daemon.

smpaird_src := $(addprefix smpaird/,api.c askpass.c centre.c conf.c console.c \
	driver.c errand.c link.c log.c loop.c request.c request_state.c sandbox.c \
	socket.c spool.c status.c wipe.c)
smpaird_inc := -D_GNU_SOURCE -Ilibsmpair/include
smpaird_pkgs := inih jansson libcap-ng libcurl libseccomp nettle

$(call library,smpaird,$(smpaird_src),$(smpaird_pkgs),$(smpaird_inc))
$(call program,smpaird,smpaird/main.c,smpaird domain smpair,,$(smpaird_inc))

smpaird_libs := smpaird domain smpair
$(call unittest,test-smpaird-api,smpaird/tests/test_api.c,$(smpaird_libs),,$(smpaird_inc))
$(call unittest,test-smpaird-askpass,smpaird/tests/test_askpass.c,$(smpaird_libs),,$(smpaird_inc))
$(call unittest,test-smpaird-conf,smpaird/tests/test_conf.c,$(smpaird_libs),,$(smpaird_inc))
$(call unittest,test-smpaird-console,smpaird/tests/test_console.c,$(smpaird_libs),,$(smpaird_inc))
$(call unittest,test-smpaird-request-state,smpaird/tests/test_request_state.c,$(smpaird_libs),,$(smpaird_inc))
$(call unittest,test-smpaird-spool,smpaird/tests/test_spool.c,$(smpaird_libs),,$(smpaird_inc))

$(call manpage,smpaird/smpaird.8)
$(call manpage,smpaird/smpaird.conf.5)

$(call service,smpaird/service/smpaird)
