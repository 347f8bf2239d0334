# SPDX-License-Identifier: GPL-2.0-or-later

smpairctl_src := $(addprefix smpairctl/,agent.c args.c carry.c cmd_answer.c cmd_close.c cmd_doctor.c \
	cmd_exchange.c cmd_host_clear.c cmd_host_load.c cmd_host_show.c cmd_info.c \
	cmd_list.c cmd_manage.c cmd_monitor.c cmd_open.c cmd_pair.c cmd_report.c cmd_slots.c \
	cmd_status.c cmd_unpair.c completion.c ctl.c file.c hex.c hostfile.c offer.c out.c \
	outcome.c pinfd.c prompt.c table.c)
smpairctl_inc := -Ilibsmpair/include

$(call library,smpairctl,$(smpairctl_src),jansson,$(smpairctl_inc))
$(call program,smpairctl,smpairctl/main.c,smpairctl smpair,,$(smpairctl_inc))
$(call manpage,smpairctl/smpairctl.1)

$(call unittest,test-smpairctl-args,smpairctl/tests/test_args.c,smpairctl smpair,,$(smpairctl_inc))
$(call unittest,test-smpairctl-file,smpairctl/tests/test_file.c,smpairctl smpair,,$(smpairctl_inc))
$(call unittest,test-smpairctl-hostfile,smpairctl/tests/test_hostfile.c,smpairctl smpair,,$(smpairctl_inc))
$(call unittest,test-smpairctl-json,smpairctl/tests/test_json.c,smpairctl smpair,,$(smpairctl_inc))
$(call unittest,test-smpairctl-prompt,smpairctl/tests/test_prompt.c,smpairctl smpair,,$(smpairctl_inc))

# The completion is written by the program, so that one table describes the
# verbs. EXEC_WRAPPER runs it where programs are built for another machine.
completion := $(BUILD)/completion/smpairctl
completiondir ?= $(prefix)/share/bash-completion/completions

$(completion): $(out)/bin/smpairctl
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D) && $(EXEC_WRAPPER) $< --completion >$@

ifeq ($(MODE),normal)
all: $(completion)
endif

install: install-completion
install-completion: $(completion)
	$(Q)$(INSTALL) -d $(call dest,$(completiondir))
	$(Q)$(INSTALL) -m 644 $< $(call dest,$(completiondir)/smpairctl)

uninstall: uninstall-completion
uninstall-completion:
	$(Q)rm -f $(call dest,$(completiondir)/smpairctl)

clean: clean-completion
clean-completion:
	$(Q)rm -rf $(BUILD)/completion

.PHONY: install-completion uninstall-completion clean-completion
