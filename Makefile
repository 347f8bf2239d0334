# SPDX-License-Identifier: GPL-2.0
#
# Entry points; "make help" lists them. kbuild reads Kbuild instead.

.DEFAULT_GOAL := all

DESTDIR ?=
# Warnings of level 1, unless told otherwise.
W ?= 1

# The kernel that the tests, the VM and the demo run on. For the shell to expand:
# make expands a whole recipe before its first line has installed what it needs.
test_kdir = "$$(selftests/build/kernel headers)"

# Modules are for the running kernel when it can have them, otherwise for the
# kernel of the tests.
ifeq ($(origin KDIR),undefined)
KDIR = $(or $(realpath /lib/modules/$(shell uname -r)/build),$(test_kdir))
endif

deps = selftests/build/deps
# Results of one run; a target that others include adds to theirs.
LANE ?= check
tally_file = $(CURDIR)/build/tally-$(LANE)
tally = TALLY=$(tally_file) selftests/tally
sub = $(MAKE) --no-print-directory
userspace = $(sub) -C userspace

all: modules userspace

modules:
	@selftests/build/kernel require $(KDIR)
	@$(sub) -C $(KDIR) M=$(CURDIR) W=$(W) modules

userspace:
	@$(userspace)

# The operator console in a browser; SHOTS= for a folder of screenshots.
check-console:
	@$(sub) counted LANE=$@ PARTS=check-console-part

check-console-part:
	@$(deps) build test browser
	@$(userspace) MODE=san programs
	@$(tally) tap centre-console selftests/centre/console.py build/san/bin $(SHOTS)

# What only tests run: programs, and modules for the kernel of the tests.
selftests-programs: userspace
	@$(sub) -C selftests

selftests: selftests-programs Module.symvers
	@$(sub) -C $(test_kdir) M=$(CURDIR)/kernel/tests W=$(W) \
		KBUILD_EXTRA_SYMBOLS=$(CURDIR)/Module.symvers modules

Module.symvers:
	@$(sub) modules KDIR=$(test_kdir)

install: all
	@$(sub) -C $(KDIR) M=$(CURDIR) \
		$(if $(DESTDIR),INSTALL_MOD_PATH=$(abspath $(DESTDIR)) DEPMOD=true) modules_install
	@$(userspace) install

# modules_install puts modules in updates/, or where INSTALL_MOD_DIR says.
uninstall:
	@release=$$($(sub) -s -C $(KDIR) M=$(CURDIR) kernelrelease) && \
		rm -rf $(DESTDIR)/lib/modules/$$release/$(or $(INSTALL_MOD_DIR),updates)/kernel/smpair*.ko* && \
		$(if $(DESTDIR),:,depmod $$release)
	@$(userspace) uninstall

deps:
	@$(deps) build vm test bench compile coverage lint fuzz model

genl:
	@selftests/build/genl

genl-check:
	@selftests/build/genl --check
	@selftests/build/names

# What the VM shows: modules for its kernel, and programs.
vm-build:
	@$(deps) build vm
	@$(sub) modules KDIR=$(test_kdir)
	@$(sub) userspace

# counted PARTS="TARGET...": the targets add up to one run, with one total
counted:
	@mkdir -p build && rm -f $(tally_file)
	@for part in $(PARTS); do $(sub) $$part || exit; done
	@$(tally) sum

check:
	@$(sub) counted LANE=$@ PARTS=check-part

check-debug:
	@$(sub) counted LANE=$@ PARTS=check-debug-part

check-kcsan:
	@$(sub) counted LANE=$@ PARTS=check-kcsan-part

# The kselftests on another architecture, emulated: everything is built for it
check-arm64:
	@$(sub) counted LANE=$@ PARTS=check-arm64-part

# The cases that are shared out are listed by programs that run here.
check-arm64-part:
	@$(deps) build vm test arm64
	@$(tally) step modules-for-arm64 selftests/build/modules arm64 KCFLAGS=-Werror
	@$(tally) step programs-for-arm64 selftests/build/programs arm64
	@$(sub) selftests-programs
	@$(tally) tap kselftest-arm64 selftests/vm/kselftest --arch arm64

# Every lane that ends by itself, one after the other
ci:
	@$(sub) counted LANE=$@ PARTS="check-part check-console-part check-debug-part fuzz-part model-part"

check-part:
	@$(deps) build vm test
	@mkdir -p build
	@$(tally) step genl-check $(sub) genl-check
	@$(tally) tap results-are-counted selftests/tally_test
	@$(tally) tap kernel-reports-are-found selftests/vm/report_test
	@$(tally) tap shared-folder selftests/vm/share_test
	@$(tally) step unit-files-are-sandboxed selftests/build/units
	@$(tally) step modules-without-warnings $(sub) modules KDIR=$(test_kdir) KCFLAGS=-Werror
	@TALLY=$(tally_file) $(userspace) check
	@$(tally) tap centre-serve selftests/centre/serve.py build/san/bin
	@$(sub) postgres-part
	@$(sub) selftests
	@$(tally) tap centre-service selftests/centre/service.py
	@$(tally) tap test-centre-mac-with-af-alg selftests/vm/run --no-modules -- \
		env CMOCKA_MESSAGE_OUTPUT=TAP build/san/test/test-centre-mac
	@$(tally) tap test-softmod-sync selftests/vm/run --no-modules -- \
		sh userspace/softmod/tests/power/sync-guest \
		build/san/test/test-softmod-sync build/san/mutants/no-fdatasync
	@$(tally) tap kselftest selftests/vm/kselftest
	@$(sub) check-two-centres-part
	@$(sub) check-systemd-part
	@$(tally) tap key-residue selftests/residue/run

# What the centre keeps, kept by PostgreSQL; by the programs and tests below built
built = build/san
postgres-part:
	@selftests/centre/postgres $(sub) within-postgres-part || \
		$(tally) step postgres-server-runs false
	@$(tally) tap centre-cluster selftests/centre/postgres selftests/centre/cluster.py \
		$(built)/bin

within-postgres-part:
	@$(foreach t,store audit writer decide order fetch limiter,\
		$(tally) tap test-centre-$(t)-on-postgres $(built)/test/test-centre-$(t);)
	@$(tally) tap centre-serve-on-postgres selftests/centre/serve.py $(built)/bin
	@$(tally) tap centre-manual selftests/centre/manual.py $(built)/bin

# Two centres on one PostgreSQL server, all in a virtual machine with a real module
check-two-centres:
	@$(sub) counted LANE=$@ PARTS=check-two-centres-part

check-two-centres-part:
	@$(deps) build vm test
	@$(sub) selftests
	@$(tally) step postgres-for-the-guest selftests/centre/postgres \
		selftests/centre/postgres-for-guest build/guest-postgres
	@$(tally) tap two-centres selftests/vm/run --share build/guest-postgres -- \
		sh selftests/centre/two-centres.sh

# Both services, installed and started by systemd in a machine of its own
check-systemd:
	@$(sub) counted LANE=$@ PARTS=check-systemd-part

check-systemd-part:
	@$(deps) build vm test
	@$(sub) selftests
	@$(tally) step systemd-for-the-guest selftests/systemd/root build/systemd-root
	@$(tally) tap systemd selftests/vm/run --root build/systemd-root --timeout 1200 -- \
		sh selftests/systemd/units.sh Documentation/embedded.rst \
		Documentation/centre-service.rst

# Data races are for tests in which two do something at once; those with faults and those
# with malformed input do one thing after the other, many thousand times. The longest first.
tests-kcsan := smpaird.sh race agent eviction hostkey kernel_user manage operation pin \
	removal session suspend tamper unload_users verdict kernel.sh unload.sh

# The same kselftests, in a kernel that looks for more errors than theirs
check-%-part:
	@$(deps) build vm test compile
	@$(tally) step kernel-$* selftests/build/kernel root $*
	@$(tally) step modules-for-$* selftests/build/modules $* KCFLAGS=-Werror
	@$(sub) selftests-programs
	@$(tally) tap kselftest-$* selftests/vm/kselftest --kernel $* $(tests-$*)
	@$(if $(filter kcsan,$*),$(tally) tap crowd-watched-closely \
		selftests/vm/run --kernel $* -- selftests/vm/closely crowd)
	@$(if $(filter debug,$*),$(tally) tap fuzz-vm selftests/fuzz/vm/run 60)

# Whether the debug and KCSAN kernels find bugs planted into the modules, and KUnit mistakes
# in their pure parts
plant:
	@$(sub) counted LANE=$@ PARTS=plant-part

plant-part:
	@$(deps) build vm test compile
	@$(sub) selftests-programs
	@$(tally) tap plant selftests/vm/plant
	@$(tally) tap kunit-mutants selftests/kunit/mutants

# Searches models of protocol and driver for a state that breaks a promise.
model:
	@$(sub) counted LANE=$@ PARTS=model-part

model-part:
	@$(deps) model
	@$(tally) tap model selftests/model/run

# Everything above that has tests, in programs and modules that count what runs
cover = build/coverage
cover_cflags = --coverage -fprofile-abs-path -fprofile-update=atomic
coverage:
	@$(sub) counted LANE=$@ PARTS=coverage-part

coverage-part:
	@$(deps) build vm test browser compile coverage
	@rm -rf $(cover) build/obj/coverage
	@mkdir -p $(cover)/guest/mac $(cover)/guest/sync
	@TALLY=$(tally_file) $(userspace) MODE=coverage check
	@$(tally) tap centre-serve selftests/centre/serve.py $(cover)/bin
	@$(tally) tap centre-console selftests/centre/console.py $(cover)/bin
	@$(sub) postgres-part built=$(cover)
	@CFLAGS='$(cover_cflags) -include coverage/exit.h' $(sub) -C selftests BUILD=../$(cover)
	@$(tally) step kernel-coverage selftests/build/kernel root coverage
	@$(tally) step modules-for-coverage selftests/build/modules coverage KCFLAGS=-Werror
	@$(tally) tap test-centre-mac-with-af-alg selftests/vm/run --no-modules \
		--share $(cover)/guest/mac -- env GCOV_PREFIX=/share/gcov \
		CMOCKA_MESSAGE_OUTPUT=TAP $(cover)/test/test-centre-mac
	@$(tally) tap test-softmod-sync selftests/vm/run --no-modules \
		--share $(cover)/guest/sync -- env GCOV_PREFIX=/share/gcov \
		sh userspace/softmod/tests/power/sync-guest \
		$(cover)/test/test-softmod-sync $(cover)/mutants/no-fdatasync
	@TALLY=$(tally_file) selftests/coverage/kselftests $(cover)/guest
	@$(tally) step coverage-is-collected selftests/coverage/collect $(cover)/guest/*
	@$(tally) step coverage-is-complete-or-explained selftests/coverage/report \
		$(cover)/info selftests/coverage/unreached

demo: vm-build
	@selftests/demo/run

vm: vm-build
	@selftests/demo/shell

bench: vm-build
	@$(deps) test bench
	@$(sub) selftests
	@selftests/bench/run

# The centre beside etcd, nginx and bare libmicrohttpd; PAIRINGS in the largest database
PAIRINGS ?= 10000000
bench-centre:
	@$(deps) build test bench-centre
	@$(userspace) programs
	@mkdir -p build/bench-centre
	@$(CC) -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -o build/bench-centre/load \
		selftests/bench-centre/load.c -lgnutls -lpthread
	@$(CC) -O2 -Wall -Wextra -Werror -o build/bench-centre/bare \
		selftests/bench-centre/bare.c -lmicrohttpd
	@selftests/centre/postgres selftests/bench-centre/run build/bin build/bench-centre \
		--largest $(PAIRINGS)

# Cuts the software module's power with SEEDS random outcomes of each cut and
# kills its program KILLS times, or repeats the one RUN that a failure named.
SEEDS ?= 50
KILLS ?= 1000
powercuts: export CMOCKA_MESSAGE_OUTPUT = TAP
powercuts:
	@$(deps) build test
	@$(userspace) MODE=san programs unittests
	@POWERCUT_SEEDS='$(SEEDS)' POWERCUT='$(RUN)' build/san/test/test-softmod-cuts
	@$(if $(RUN),:,POWERCUT_KILLS='$(KILLS)' build/san/test/test-softmod-kill)

# FUZZ_SECONDS=20 for each target, 0 until stopped; TARGET= for one of them.
fuzz:
	@$(sub) counted LANE=$@ PARTS=fuzz-part

fuzz-part: fuzz-build
	@$(tally) step syzkaller-description selftests/fuzz/vm/check-description
	@$(tally) tap fuzz selftests/fuzz/run fuzz $$($(sub) -s -C selftests/fuzz list)
	@$(tally) tap fuzz-coverage selftests/fuzz/run cover $$($(sub) -s -C selftests/fuzz list)

fuzz-build:
	@$(deps) build fuzz
	@$(sub) -C selftests/fuzz

fuzz-coverage: fuzz-build
	@selftests/fuzz/run cover $$($(sub) -s -C selftests/fuzz list)

fuzz-merge: fuzz-build
	@selftests/fuzz/run merge $$($(sub) -s -C selftests/fuzz list)

# Whether each target finds the bugs that are planted for it
fuzz-plant: fuzz-build
	@selftests/fuzz/plant $(TARGET)

fuzz-vm:
	@$(sub) counted LANE=$@ PARTS=fuzz-vm-part

fuzz-vm-part:
	@$(deps) build vm test compile
	@selftests/build/kernel root debug >/dev/null
	@selftests/build/modules debug
	@$(sub) selftests-programs
	@$(tally) tap fuzz-vm selftests/fuzz/vm/run $(or $(FUZZ_SECONDS),60)

# CYCLES lives of a pairing and SUSPENDS sleeps of the system, and what they leave
CYCLES ?= 1000
SUSPENDS ?= 100
soak: vm-build
	@$(deps) test
	@$(sub) selftests
	@selftests/soak/run $(CYCLES) $(SUSPENDS)

lint:
	@$(deps) build test lint
	@status=0; \
	KDIR=$(test_kdir) selftests/build/lint || status=1; \
	$(userspace) lint || status=1; \
	$(sub) -C selftests/fuzz syntax || status=1; \
	exit $$status

# Without kbuild, which would want a kernel only to remove files.
clean:
	@$(userspace) clean
	@rm -rf build modules.order Module.symvers .module-common.o .*.cmd kernel/tests/vectors.h
	@find kernel '(' -name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' \
		-o -name '.*.cmd' -o -name '.*.d' -o -name modules.order -o -name Module.symvers ')' -delete

help:
	@echo 'Build'
	@echo '  all         modules and userspace (default)'
	@echo '  modules     kernel modules, for KDIR=/path/to/kernel/headers'
	@echo '  userspace   programs and libraries, into build/'
	@echo '  install     modules and userspace; prefix=, DESTDIR= honoured'
	@echo '  uninstall   removes what install put there'
	@echo '  clean       removes what was built'
	@echo '  genl        regenerates the netlink header and tables from the specification'
	@echo 'See it run (in a VM; missing Debian packages are installed first)'
	@echo '  demo        a module and a host pair, narrated'
	@echo '  vm          a shell in the VM, ready to pair by hand'
	@echo 'Check'
	@echo '  check       unit tests and kselftests'
	@echo '  check-debug KUnit and kselftests in a kernel that finds errors in memory and locks'
	@echo '  check-console the operator console in a browser, SHOTS= for screenshots'
	@echo '  check-two-centres two centres on one PostgreSQL server, in a machine with a module'
	@echo '  check-systemd both services, started by systemd in a virtual machine'
	@echo '  check-kcsan those in which much happens at once, in a kernel that finds data races'
	@echo '  check-arm64 kselftests in an arm64 machine, everything cross-built'
	@echo '  coverage    what all tests together run, as build/coverage/html and a table'
	@echo '  plant       plants bugs in copies and sees that these kernels and KUnit find them'
	@echo '  ci          check, check-console, check-debug, fuzz and model, with one total'
	@echo '  powercuts   many more power cuts in the software module, SEEDS=50'
	@echo '  fuzz        fuzzers, FUZZ_SECONDS=20 for each, TARGET= for one'
	@echo '  fuzz-coverage  lines that the corpora of the fuzzers reach'
	@echo '  fuzz-merge  puts what fuzzers found into the corpora in the tree'
	@echo '  fuzz-plant  plants bugs in a copy and sees that the fuzzers find them'
	@echo '  fuzz-vm     netlink and virtual devices in the debug kernel, FUZZ_SECONDS=60'
	@echo '  model       Spin searches models of protocol and driver, and faulty ones'
	@echo '  lint        coding style, sparse, clang, kernel-doc, cppcheck, man pages'
	@echo '  bench       measurements'
	@echo '  bench-centre  the centre beside etcd, nginx and others, PAIRINGS=10000000'
	@echo '  soak        CYCLES=1000 pairings, SUSPENDS=100 sleeps, and what they leave behind'
	@echo '  deps        installs every Debian package that any target needs'
	@echo 'Variables: KDIR, W, FUZZ_SECONDS, TARGET, CC, CFLAGS, LDFLAGS, PKG_CONFIG, DESTDIR, prefix, V=1'

.PHONY: all modules userspace selftests selftests-programs install uninstall deps genl \
	genl-check vm-build counted check check-part postgres-part within-postgres-part check-console \
	check-console-part check-two-centres check-two-centres-part \
	check-systemd check-systemd-part \
	check-debug check-kcsan check-arm64 check-arm64-part coverage coverage-part ci powercuts \
	plant plant-part demo vm bench bench-centre soak \
	fuzz fuzz-part fuzz-build fuzz-coverage fuzz-merge fuzz-plant fuzz-vm fuzz-vm-part \
	model model-part lint clean help
