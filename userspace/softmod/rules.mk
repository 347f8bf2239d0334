# SPDX-License-Identifier: GPL-2.0-or-later

softmod_sources := $(addprefix softmod/, \
	core/apdu.c core/bytes.c core/crc.c core/envelope.c core/inner.c \
	core/kdf.c core/manage.c core/module.c core/nvm.c core/pairing.c \
	core/perso.c core/pin.c core/random.c core/recovery.c core/report.c \
	core/select.c core/session.c core/slot.c core/store.c \
	port/crypto_mbedtls.c port/linux.c port/nvm_file.c app.c)

# mbedTLS 2.28 ships no pkg-config file.
$(call library,softmod,$(softmod_sources),-lmbedcrypto)

softmod_program := $(addprefix softmod/, \
	capabilities.c card.c control.c ctl.c link/fault.c link/link.c \
	link/virt.c link/vpcd.c)

$(call program,smpair-softmod,softmod/main.c $(softmod_program),softmod)

$(call unittest,test-softmod-vectors, \
	$(addprefix softmod/tests/,test_vectors.c host.c curve.c testport.c), \
	softmod,jansson)
$(call unittest,test-softmod-protocol, \
	$(addprefix softmod/tests/,test_protocol.c host.c curve.c testport.c), \
	softmod)
$(call unittest,test-softmod-damage, \
	$(addprefix softmod/tests/,test_damage.c host.c curve.c testport.c), \
	softmod)
$(call unittest,test-softmod-journal, \
	$(addprefix softmod/tests/,test_journal.c testport.c),softmod)
$(call unittest,test-softmod-platform, \
	$(addprefix softmod/tests/,test_platform.c host.c curve.c testport.c), \
	softmod)
$(call unittest,test-softmod-image, \
	$(addprefix softmod/tests/,test_image.c testport.c),softmod)

power_sources := $(addprefix softmod/tests/power/,cuts.c flash.c model.c \
	observe.c oracle.c scenario.c world.c) \
	$(addprefix softmod/tests/,host.c curve.c testport.c)
$(call unittest,test-softmod-cuts, \
	softmod/tests/power/test_cuts.c softmod/tests/power/life.c \
	$(power_sources),softmod)
$(call unittest,test-softmod-kill, \
	$(addprefix softmod/tests/power/,test_kill.c life.c process.c) \
	$(power_sources),softmod)

# Mutants: the same test against a core with one mistake, which is a patch to a
# copy of one source. The build fails when the patch no longer fits.
mutant_dir := softmod/tests/power/mutants
mutant_list := $(shell sed -n 's/^\([^\# ]*\)  *\([^ ]*\) .*/\1:\2/p' $(mutant_dir)/list)
mutants := $(foreach m,$(mutant_list),$(firstword $(subst :, ,$(m))))

# $(call mutant_rules,NAME,SOURCE,OBJECTS of the program,PKGS)
define mutant_rules
dirs += $(obj)/mutants/ $(out)/mutants/
$(obj)/mutants/$(1).c: softmod/$(2) $(mutant_dir)/$(1).patch | $(obj)/mutants/
	$$(call say,PATCH,$$@)
	$$(Q)cp $$< $$@ && patch --silent --fuzz=0 --no-backup-if-mismatch \
		$$@ $(mutant_dir)/$(1).patch
$(obj)/mutants/$(1).o: $(obj)/mutants/$(1).c $(obj)/flags
	$$(call say,CC,$$@)
	$$(Q)$$(CC) $$(base_cppflags) $$(CPPFLAGS) $$(base_cflags) $$(CFLAGS) \
		$$(mode_cflags) -MMD -MP -MT $$@ -MF $$(@:.o=.d) -c -o $$@ $$<
-include $(obj)/mutants/$(1).d
$(call link_rule,$(out)/mutants/$(1),$(obj)/mutants/$(1).o $(3),softmod,$(4))

endef

mutant_sources := softmod/tests/power/mutant.c $(power_sources)
sync_sources := $(addprefix softmod/tests/power/,test_sync.c disk.c life.c \
	writelog.c) $(power_sources)
sources += $(mutant_sources) $(sync_sources)
ifneq ($(want_unittests),)
$(eval $(call pkgs,cmocka devmapper))
$(foreach s,$(mutant_sources),$(eval $(call object,mutant,$(s),,cmocka)))
$(foreach m,$(mutant_list),$(eval $(call mutant_rules,$(firstword $(subst :, ,$(m))),$(lastword $(subst :, ,$(m))),$(call objects,mutant,$(mutant_sources)),cmocka)))
unittests += test-softmod-mutants
$(out)/test/test-softmod-mutants: $(mutant_dir)/run $(mutant_dir)/list $(mutants:%=$(out)/mutants/%) | $(out)/test/
	$(call say,GEN,$@)
	$(Q)printf '#!/bin/sh\nexec %s %s\n' '$(abspath $(mutant_dir)/run)' '$(abspath $(out)/mutants)' >$@
	$(Q)chmod +x $@

# Runs in the virtual machine only, and has a mutant of its own.
$(foreach s,$(sync_sources),$(eval $(call object,test-softmod-sync,$(s),,cmocka devmapper)))
$(eval $(call link_rule,$(out)/test/test-softmod-sync,$(call objects,test-softmod-sync,$(sync_sources)),softmod,cmocka devmapper))
$(eval $(call mutant_rules,no-fdatasync,port/nvm_file.c,$(call objects,test-softmod-sync,$(sync_sources)),cmocka devmapper))
unittests: $(out)/test/test-softmod-sync $(out)/mutants/no-fdatasync
endif
$(call unittest,test-softmod-link, \
	$(addprefix softmod/tests/,test_link.c testport.c) \
	$(softmod_program),softmod)

$(call unittest,test-softmod-fault, \
	$(addprefix softmod/tests/,test_fault.c testport.c) \
	$(softmod_program),softmod)

$(call manpage,softmod/smpair-softmod.1)

# Wants libpcsclite-dev and a running pcscd, and is not installed.
ifneq ($(filter softmod-bench,$(MAKECMDGOALS)),)
$(eval $(call pkgs,libpcsclite))
dirs += $(out)/bench/
$(eval $(call object,smpair-bench-vpcd,softmod/tests/bench_vpcd.c,,libpcsclite))
$(eval $(call link_rule,$(out)/bench/smpair-bench-vpcd,$(call objects,smpair-bench-vpcd,softmod/tests/bench_vpcd.c),,libpcsclite))
softmod-bench: $(out)/bench/smpair-bench-vpcd
.PHONY: softmod-bench
endif
