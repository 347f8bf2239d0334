# SPDX-License-Identifier: GPL-2.0-or-later
#
# The management centre.

centre_src := $(addprefix centre/,access.c access_verbs.c api.c api_module.c api_pin.c client.c \
	common.c health.c http.c issue.c limit.c listener.c log.c mac_kernel.c \
	manage.c operators.c peer.c pin.c provider.c register.c request_code.c rules.c serve.c store.c \
	store_service.c)
centre_src += $(addprefix centre/console/,change.c form.c html.c lockout.c page.c pages.c \
	password.c password_input.c pin_page.c route.c search.c server.c session.c signin.c \
	store_console.c)
centre_cppflags := -D_GNU_SOURCE -Ilibsmpair/include -I$(obj)/gen
centre_libs := centre domain smpair

# The schema is SQL that a person can run, one file for each format that followed
# another; the program carries them as strings, the oldest first.
schemas := $(sort $(wildcard centre/schema/*.sql))
$(obj)/gen/centre/schema.inc: $(schemas) centre/rules.mk
	$(Q)mkdir -p $(@D)
	$(Q){ echo 'static const char *const schemas[] = {'; \
		for file in $(schemas); do \
			sed -e 's/[\\"]/\\&/g' -e 's/.*/"&\\n"/' $$file; echo ','; \
		done; echo '};'; } >$@.new
	$(Q)mv $@.new $@

# So are what a browser loads beside the pages.
assets := $(addprefix centre/console/,console.css console.js)
$(obj)/gen/centre/console/assets.inc: $(assets) centre/rules.mk
	$(Q)mkdir -p $(@D)
	$(Q){ for file in $(assets); do \
			echo "static const char $$(basename $$file | tr . _)[] ="; \
			sed -e 's/[\\"]/\\&/g' -e 's/.*/"&\\n"/' $$file; echo ';'; \
		done; } >$@.new
	$(Q)mv $@.new $@

$(obj)/libcentre/centre/console/route.o: $(obj)/gen/centre/console/assets.inc
$(obj)/libcentre/centre/store.o: $(obj)/gen/centre/schema.inc

$(call library,centre,$(centre_src),gnutls jansson libcrypt libkcapi libmicrohttpd nettle sqlite3,$(centre_cppflags))
$(call program,smpair-centre,centre/main.c,$(centre_libs),,$(centre_cppflags))
$(call manpage,centre/smpair-centre.8)

$(call unittest,test-centre-rules,centre/tests/test_rules.c,$(centre_libs),,$(centre_cppflags))
$(call unittest,test-centre-issue,centre/tests/test_issue.c,$(centre_libs),,$(centre_cppflags))
$(call unittest,test-centre-limit,centre/tests/test_limit.c,$(centre_libs),,$(centre_cppflags))
$(call unittest,test-centre-console,centre/tests/test_console.c,$(centre_libs),,$(centre_cppflags))
$(call unittest,test-centre-store,centre/tests/test_store.c,$(centre_libs),,$(centre_cppflags))
$(call unittest,test-centre-mac,centre/tests/test_mac.c,$(centre_libs),-lkeyutils,$(centre_cppflags))
$(call unittest,test-centre-cli,centre/tests/test_cli.c domain/tests/command.c,domain smpair,,$(centre_cppflags) -DPROGRAMS='"$(abspath $(out))/bin"')
