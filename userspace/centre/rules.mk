# SPDX-License-Identifier: GPL-2.0-or-later
#
# The management centre.

centre_src := $(addprefix centre/,access.c access_verbs.c api.c api_command.c api_fetch.c api_job.c \
	api_page.c api_people.c api_pin.c api_registry.c api_value.c audit.c \
	audit_export.c buckets.c checkpoint.c client.c common.c cursor.c db.c db_postgres.c db_sqlite.c deadline.c decide.c export.c farewell.c handshake.c health.c http.c identity.c \
	import.c import_masters.c limit.c limiter.c link.c listener.c log.c mac_file.c mac_kernel.c mac_pkcs11.c manage.c offer.c operators.c \
	order.c order_json.c peer.c pglink.c pin.c provider.c register.c request_code.c rules.c serve.c states.c store.c \
	store_access.c store_client.c store_command.c store_limit.c store_pairing.c \
	store_registry.c store_request.c terms.c tls.c token.c upkeep.c uri.c writer.c)
centre_src += $(addprefix centre/console/,change.c command_page.c form.c html.c lockout.c page.c pages.c \
	password.c password_input.c pin_page.c route.c search.c server.c session.c signin.c \
	store_console.c)
centre_cppflags := -D_GNU_SOURCE -Ilibsmpair/include -I$(obj)/gen
centre_libs := centre domain smpair

# A schema is SQL that a person can run, one file for each format that followed
# another; the program carries them as strings, the oldest first.
migrations_of = $(sort $(wildcard centre/schema/$(1)/*.sql))
$(obj)/gen/centre/migrations_%.inc: $(wildcard centre/schema/*/*.sql) centre/rules.mk
	$(Q)mkdir -p $(@D)
	$(Q){ echo 'static const struct db_migration migrations[] = {'; \
		for file in $(call migrations_of,$*); do \
			name=$${file##*/}; number=$${name%%_*}; \
			printf '{ %d, "%s",\n' "$$(expr $$number + 0)" "$$name"; \
			sed -e 's/[\\"]/\\&/g' -e 's/.*/"&\\n"/' $$file; echo '},'; \
		done; echo '{ 0, NULL, NULL } };'; } >$@.new
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
$(obj)/libcentre/centre/db_postgres.o: $(obj)/gen/centre/migrations_postgres.inc
$(obj)/libcentre/centre/db_sqlite.o: $(obj)/gen/centre/migrations_sqlite.inc

$(call library,centre,$(centre_src),gnutls jansson libcrypt libkcapi libmicrohttpd libpq nettle p11-kit-1 sqlite3 -lpthread,$(centre_cppflags))
$(call program,smpair-centre,centre/main.c,$(centre_libs),,$(centre_cppflags))
$(call manpage,centre/smpair-centre.8)
$(call service,centre/service/smpair-centre)

$(call unittest,test-centre-offer,centre/tests/test_offer.c,$(centre_libs),,$(centre_cppflags))
$(call unittest,test-centre-fetch,centre/tests/test_fetch.c centre/tests/fixture.c centre/tests/testdb.c,$(centre_libs),libpq,$(centre_cppflags))
$(call unittest,test-centre-uri,centre/tests/test_uri.c,$(centre_libs),,$(centre_cppflags))
$(call unittest,test-centre-rules,centre/tests/test_rules.c,$(centre_libs),,$(centre_cppflags))
$(call unittest,test-centre-decide,centre/tests/test_decide.c centre/tests/fixture.c centre/tests/testdb.c,$(centre_libs),libpq,$(centre_cppflags))
$(call unittest,test-centre-audit,centre/tests/test_audit.c centre/tests/fixture.c centre/tests/testdb.c,$(centre_libs),libpq,$(centre_cppflags))
$(call unittest,test-centre-writer,centre/tests/test_writer.c centre/tests/fixture.c centre/tests/testdb.c,$(centre_libs),libpq,$(centre_cppflags))
$(call unittest,test-centre-order,centre/tests/test_order.c centre/tests/fixture.c centre/tests/testdb.c,$(centre_libs),libpq,$(centre_cppflags))
$(call unittest,test-centre-limit,centre/tests/test_limit.c,$(centre_libs),,$(centre_cppflags))
$(call unittest,test-centre-limiter,centre/tests/test_limiter.c centre/tests/fixture.c centre/tests/testdb.c,$(centre_libs),libpq,$(centre_cppflags))
$(call unittest,test-centre-rotation,centre/tests/test_rotation.c centre/tests/fixture.c centre/tests/testdb.c \
	$(addprefix softmod/tests/,host.c curve.c testport.c),$(centre_libs) softmod,libpq,$(centre_cppflags))
$(call unittest,test-centre-console,centre/tests/test_console.c,$(centre_libs),,$(centre_cppflags))
$(call unittest,test-centre-store,centre/tests/test_store.c centre/tests/testdb.c,$(centre_libs),libpq,$(centre_cppflags))
$(call unittest,test-centre-mac,centre/tests/test_mac.c centre/tests/fixture.c centre/tests/testdb.c,$(centre_libs),libpq -lkeyutils,$(centre_cppflags))
$(call unittest,test-centre-token,centre/tests/test_token.c centre/tests/fixture.c centre/tests/testdb.c domain/tests/command.c,$(centre_libs),libpq,$(centre_cppflags) -DPROGRAMS='"$(abspath $(out))/bin"')
$(call unittest,test-centre-cli,centre/tests/test_cli.c domain/tests/command.c,domain smpair,,$(centre_cppflags) -DPROGRAMS='"$(abspath $(out))/bin"')
