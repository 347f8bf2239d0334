# SPDX-License-Identifier: GPL-2.0-or-later
#
# The management centre, offline form.

centre_src := centre/access.c centre/common.c centre/issue.c centre/log.c \
	centre/mac_kernel.c centre/manage.c centre/pin.c centre/provider.c \
	centre/register.c centre/rules.c centre/store.c
centre_cppflags := -D_GNU_SOURCE -Ilibsmpair/include -I$(obj)/gen
centre_libs := centre domain smpair

# The schema is SQL that a person can run; the program carries it as a string.
$(obj)/gen/centre/schema.inc: centre/schema.sql centre/rules.mk
	$(Q)mkdir -p $(@D)
	$(Q)sed -e 's/[\\"]/\\&/g' -e 's/.*/"&\\n"/' \
		-e '1i static const char schema[] =' -e '$$a ;' $< >$@.new
	$(Q)mv $@.new $@

$(obj)/libcentre/centre/store.o: $(obj)/gen/centre/schema.inc

$(call library,centre,$(centre_src),sqlite3 libkcapi nettle jansson,$(centre_cppflags))
$(call program,smpair-centre,centre/main.c,$(centre_libs),,$(centre_cppflags))
$(call manpage,centre/smpair-centre.8)

$(call unittest,test-centre-rules,centre/tests/test_rules.c,$(centre_libs),,$(centre_cppflags))
$(call unittest,test-centre-issue,centre/tests/test_issue.c,$(centre_libs),,$(centre_cppflags))
$(call unittest,test-centre-store,centre/tests/test_store.c,$(centre_libs),,$(centre_cppflags))
$(call unittest,test-centre-mac,centre/tests/test_mac.c,$(centre_libs),-lkeyutils,$(centre_cppflags))
$(call unittest,test-centre-cli,centre/tests/test_cli.c domain/tests/command.c,domain smpair,,$(centre_cppflags) -DPROGRAMS='"$(abspath $(out))/bin"')
