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
	capabilities.c card.c control.c ctl.c link/link.c link/virt.c \
	link/vpcd.c)

$(call program,smpair-softmod,softmod/main.c $(softmod_program),softmod)

$(call unittest,test-softmod-vectors, \
	$(addprefix softmod/tests/,test_vectors.c host.c testport.c), \
	softmod,jansson)
$(call unittest,test-softmod-protocol, \
	$(addprefix softmod/tests/,test_protocol.c host.c testport.c),softmod)
$(call unittest,test-softmod-power, \
	$(addprefix softmod/tests/,test_power.c host.c testport.c),softmod)
$(call unittest,test-softmod-link, \
	$(addprefix softmod/tests/,test_link.c testport.c) \
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
