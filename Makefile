# SPDX-License-Identifier: GPL-2.0 OR MIT
# The targets for users: "make help" lists them. Kbuild lists the objects of rtfm.ko.

VERSION := 0.1
SONAME  := libshim.so.0

PREFIX     ?= /usr/local
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DOCDIR     ?= $(PREFIX)/share/doc/rtfm
MANDIR     ?= $(PREFIX)/share/man
# systemd reads udev/, sysusers.d/ and modules-load.d/ below /usr/lib and /usr/local/lib
SYSDIR     ?= $(PREFIX)/lib
INSTALL_MOD_PATH ?= $(DESTDIR)
CFLAGS     ?= -O2 -g
WERROR     ?= -Werror

# For modprobe and depmod: Debian does not put these directories into PATH of ordinary users
export PATH := $(PATH):/usr/sbin:/sbin

B       := build
JOBS    := $(shell nproc 2>/dev/null || echo 1)
KERNELS := $(shell scripts/kernel-release)

.PHONY: all lib module module-debug module-debug-newest examples selftests help setup demo man check check-debug check-kernels check-breaks bench bench-vm bench-programs tables clean FORCE
.DELETE_ON_ERROR:

all: lib examples module-or-not

help:
	@echo 'make                 libshim, the examples, and rtfm.ko for each installed kernel with headers'
	@echo 'make lib|examples|module|selftests|musl'
	@echo 'make man             manual pages from libshim/include/rtfm.h: man -l build/man/rtfm.7'
	@echo 'make module-KERNEL   rtfm.ko for one kernel, which is fetched if necessary: scripts/kernel-release --help lists them'
	@echo 'make module-debug    rtfm.ko and its KUnit tests for the debug kernel, which is built once'
	@echo 'make setup           install the missing packages (Debian; as root, or with passwordless sudo)'
	@echo 'make demo            setup, then run the examples on all engines and kernels; ends with a table'
	@echo 'make check           setup, then run all tests; ends with a line of totals'
	@echo 'make check-GROUP     run one group of tests: $(CHECKS)'
	@echo 'make check-kernels   run the tests on every Debian kernel from 6.1 on; fetches them; prints a table; more than an hour'
	@echo 'make check-debug     run the tests on the debug kernels, which are built once; more than a quarter of an hour'
	@echo 'make check-packages  install, boot, use and purge the packages in a clean Debian 12 and 13; 15 minutes, later runs 10'
	@echo 'make check-breaks    introduce each deliberate bug in turn, and verify that its test fails; more than an hour'
	@echo 'make bench           measure on this machine for two minutes: a table, build/bench.json, build/bench.svg'
	@echo 'make bench-vm        count instructions in virtual machines: build/bench-vm-{stock,rt}.json'
	@echo 'make install         install libshim, headers, documentation, manual pages; PREFIX=$(PREFIX) DESTDIR=; make uninstall removes them'
	@echo 'make modules_install install rtfm.ko for each kernel, and its udev rule; INSTALL_MOD_PATH=; make modules_uninstall removes them'
	@echo 'make deb             Debian packages: build/deb/{rtfm-dkms,libshim0,libshim-dev,rtfm-doc}_*.deb'
	@echo 'make tables          write libshim/include/rtfm/tables.h with scripts/gen-declare'
	@echo 'make clean           remove build/'
	@echo
	@echo 'Variables: CC=clang, CFLAGS, LDFLAGS, WERROR= (do not treat warnings as errors), W=1 and C=1 (as for the kernel)'
	@echo 'To run a command in a virtual machine with rtfm.ko: scripts/vm --help'

# ---- rtfm.ko: build/<release>/ is a copy of the sources in symbolic links ----

KMOD_SRC := Kbuild $(shell find kmod uapi -type f 2>/dev/null)
KO       := $(KERNELS:%=$(B)/%/rtfm.ko)
KO_DEBUG := $(patsubst %,$(B)/%/rtfm.ko,$(shell scripts/kernel-release debug; scripts/kernel-release debug-newest))

# The kernel of build/rtfm.ko: the running one if rtfm.ko is built for it, else the first
DEFAULT_KERNEL := $(or $(filter $(shell uname -r),$(KERNELS)),$(firstword $(KERNELS)))

# Goals that name another kernel, such as build/7.3.4+deb13-amd64/rtfm.ko
KO_NAMED := $(filter-out $(KO) $(KO_DEBUG) $(B)/rtfm.ko,$(filter $(B)/%/rtfm.ko,$(MAKECMDGOALS)))

$(KO_DEBUG): $(wildcard selftests/unit/*_cases.h selftests/unit/*model.h)

$(KO) $(KO_DEBUG) $(KO_NAMED): $(B)/%/rtfm.ko: $(KMOD_SRC)
	@echo '  KBUILD  $@'
	@scripts/build-module $* $(if $(W),W=$(W)) $(if $(C),C=$(C))
	@touch $@

ifeq ($(KERNELS),)
module:
	@echo '  rtfm.ko is not built: no kernel headers are installed (make setup installs them)'
else
module: $(KO) $(B)/rtfm.ko
$(B)/rtfm.ko: $(B)/$(DEFAULT_KERNEL)/rtfm.ko FORCE
	@ln -sfn $(DEFAULT_KERNEL)/rtfm.ko $@
endif

# If rtfm.ko cannot be built for one kernel, the build continues; scripts/vm, demo and check
# report the error.
.PHONY: module-or-not
module-or-not:
	+@$(MAKE) --no-print-directory -k module || echo '  rtfm.ko could not be built for every kernel; the build continues'

# rtfm.ko for one kernel, which is fetched if it is not installed. For a debug kernel the
# KUnit tests are built as well; the kernel itself is built once.
module-debug module-debug-newest: module-%:
	@scripts/debug-kernel $(if $(filter %newest,$*),newest,6.1) >/dev/null
	+@$(MAKE) --no-print-directory $(B)/$$(scripts/kernel-release $*)/rtfm.ko

module-%:
	@scripts/kernel-fetch $* >/dev/null
	+@$(MAKE) --no-print-directory $(B)/$$(scripts/kernel-release $*)/rtfm.ko

# ---- libshim ----

ARCH    := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine 2>/dev/null)))
LIB_SRC := $(wildcard $(addprefix libshim/src/,*.c arch/*.c arch/*.S arch/$(ARCH)/*.c arch/$(ARCH)/*.S) kmod/pure/*.c)
LIB_MAP := $(wildcard libshim/libshim.map)

INCLUDES := -Ilibshim/include -Iuapi

# The include path of Debian's musl-gcc lacks the kernel's headers. Links to these alone are
# added, so that no header of glibc is found.
ifneq ($(shell $(CC) -E -include linux/ioctl.h -x c /dev/null >/dev/null 2>&1 || echo none),)
LINUX_HEADERS := $(B)/linux-headers
INCLUDES += -idirafter $(LINUX_HEADERS)
endif

# libshim calls fegetenv() on all architectures but x86-64
LIBM := $(if $(filter x86_64,$(ARCH)),,-lm)
ALL_CFLAGS := -std=gnu11 -Wall -Wextra $(WERROR) $(CFLAGS) -pthread

# A library object is built up to three times: plain, and with each sanitizer. So is a unit
# test.
OBJ      := $(addsuffix .o,$(basename $(LIB_SRC)))
PURE     := $(filter kmod/pure/%,$(OBJ))
SAN_asan := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
SAN_tsan := -fsanitize=thread -Wno-unknown-warning-option -Wno-tsan

cc = $(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(INCLUDES) -MMD -MP -MF $@.d -MT $@

# All that is built with $(CC) is rebuilt when the compiler or its flags change.
how   = $(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(LDFLAGS)
where = $(VERSION) $(PREFIX) $(LIBDIR) $(INCLUDEDIR)
$(B)/.how: record = $(how)
$(B)/.where: record = $(where)
$(B)/.how $(B)/.where: FORCE
	@mkdir -p $(@D)
	@echo '$(record)' | cmp -s - $@ || echo '$(record)' >$@

ifdef LINUX_HEADERS
$(B)/.how: | $(LINUX_HEADERS)
$(LINUX_HEADERS):
	@mkdir -p $@
	@for dir in linux asm-generic asm; do \
		for from in /usr/include/$$dir /usr/include/$(ARCH)-linux-gnu/$$dir; do \
			[ ! -d $$from ] || ln -sfn $$from $@/$$dir; \
		done; \
	done
endif

# The archive contains one object, in which all names but the public ones are local, so that
# an application may define the same names. With link-time optimization, code is generated
# here already: otherwise the names would remain in the symbol tables of the LTO objects.
OBJCOPY     ?= $(shell $(CC) -print-prog-name=objcopy)
RELOCATABLE  = -r -nostdlib $(if $(findstring -flto,$(CFLAGS)),$(NO_LTO)) \
	$(filter -fuse-ld=%,$(LDFLAGS))
NO_LTO = $(shell $(CC) -flto -flinker-output=nolto-rel -r -nostdlib -o /dev/null -x c /dev/null \
	2>/dev/null && echo -flinker-output=nolto-rel)

define library # $1 the archive, $2 directory of its objects, $3 sanitizer flags
$(B)/$2/%.o: %.c $(B)/.how
	@mkdir -p $$(@D)
	@echo '  CC      $$@'
	@$$(cc) -D_GNU_SOURCE -Ikmod/pure -fPIC -fvisibility=hidden $3 -c -o $$@ $$<

$(B)/$2/%.o: %.S $(B)/.how
	@mkdir -p $$(@D)
	@echo '  AS      $$@'
	@$$(cc) -Ikmod/pure -c -o $$@ $$<

$(B)/$2/libshim.o: $(OBJ:%=$(B)/$2/%) Makefile
	@echo '  LD      $$@'
	@$$(CC) $$(CFLAGS) $$(RELOCATABLE) -o $$@ $$(filter %.o,$$^)
	@$$(OBJCOPY) --localize-hidden $$@

$(B)/$1: $(B)/$2/libshim.o
	@echo '  AR      $$@'
	@rm -f $$@
	@$$(AR) rcs $$@ $$^
endef
$(eval $(call library,libshim.a,obj,))
$(eval $(call library,asan/libshim.a,asan,$(SAN_asan)))
$(eval $(call library,tsan/libshim.a,tsan,$(SAN_tsan)))

$(B)/$(SONAME): $(OBJ:%=$(B)/obj/%) $(LIB_MAP)
	@echo '  LD      $@'
	@$(CC) $(ALL_CFLAGS) -shared -Wl,-soname,$(SONAME) -Wl,-z,defs $(LIB_MAP:%=-Wl,--version-script=%) \
		-o $@ $(filter %.o,$^) $(LDFLAGS) $(LIBM)

$(B)/libshim.so: $(B)/$(SONAME)
	@ln -sf $(SONAME) $@

# Relative to prefix where possible, so that an installed tree can be moved
pc_dir = $(patsubst $(PREFIX)/%,$${prefix}/%,$1)
$(B)/rtfm.pc: Makefile $(B)/.where
	@{ echo 'prefix=$(PREFIX)'; \
	   echo 'libdir=$(call pc_dir,$(LIBDIR))'; \
	   echo 'includedir=$(call pc_dir,$(INCLUDEDIR))'; \
	   echo; \
	   echo 'Name: rtfm'; \
	   echo 'Description: Stack Resource Policy (RTFM) applications on Linux'; \
	   echo 'Version: $(VERSION)'; \
	   echo 'Cflags: -I$${includedir} -pthread'; \
	   echo 'Libs: -L$${libdir} -lshim -pthread$(LIBM:%= %)'; } >$@

# Alias: the former name
$(B)/libshim.pc: $(B)/rtfm.pc
	@{ echo 'Name: libshim'; \
	   echo 'Description: an alias of rtfm'; \
	   echo 'Version: $(VERSION)'; \
	   echo 'Requires: rtfm'; } >$@

# tables.h is committed, so a build does not run gen-declare; check-drift compares the two
tables:
	@scripts/gen-declare >libshim/include/rtfm/tables.h

lib: $(B)/libshim.a $(B)/libshim.so $(B)/rtfm.pc $(B)/libshim.pc

# ---- manual pages: generated from the kernel-doc of rtfm.h, not committed ----

MAN := $(shell scripts/man-pages --list 2>/dev/null)

man: $(B)/man/rtfm.7
$(B)/man/rtfm.7: scripts/man-pages libshim/include/rtfm.h Documentation/rtfm.7.rst Makefile
	@echo '  MAN     $(@D)'
	@rm -rf $(@D)
	@scripts/man-pages $(@D)

# If the tools for manual pages are missing, everything else is installed.
.PHONY: man-or-not
man-or-not:
	+@$(MAKE) --no-print-directory man || echo '  the manual pages are not built; the build continues'

# ---- examples and tests: each source file is one program ----

# The programs. $1 pattern of their sources, $2 pattern of their names
programs  = $(patsubst $1,$(B)/$2,$(wildcard $(subst %,*,$1)))
TEST_INCLUDES := -D_GNU_SOURCE -Ilibshim/src -Ikmod/pure -isystem $(B)/kselftest -Wno-unused-parameter

EXAMPLES  := $(call programs,examples/%.c,examples/%)
KMOD      := $(call programs,selftests/kmod/%.c,selftests/kmod/%)
SHIM      := $(call programs,selftests/shim/%.c,selftests/shim/%)
DEBUG     := $(call programs,selftests/debug/%.c,selftests/debug/%)
UNIT      := $(call programs,selftests/unit/%.c,selftests/unit/%)
UNIT_asan := $(call programs,selftests/unit/%.c,selftests/unit-asan/%)
UNIT_tsan := $(call programs,selftests/unit/%_threads.c,selftests/unit-tsan/%_threads)
SHIM_asan := $(call programs,selftests/shim/%.c,selftests/shim-asan/%)
BENCH     := $(call programs,selftests/bench/%.c,selftests/bench/%)
SHIM_tsan := $(call programs,selftests/shim/multicore%.c,selftests/shim-tsan/multicore%)

define build_program
	@mkdir -p $(@D)
	@echo '  CC      $@'
	@$(cc) $1 -o $@ $< $(filter %.a %.o,$^) $(LDFLAGS) $(LIBM)
endef

$(EXAMPLES): $(B)/examples/%: examples/%.c $(B)/libshim.a $(B)/.how
	$(call build_program)

$(KMOD) $(SHIM) $(DEBUG): $(B)/selftests/%: selftests/%.c $(B)/libshim.a $(B)/.how | $(B)/kselftest
	$(call build_program,$(TEST_INCLUDES))

$(UNIT): $(B)/selftests/%: selftests/%.c $(PURE:%=$(B)/obj/%) $(B)/.how | $(B)/kselftest
	$(call build_program,$(TEST_INCLUDES))

$(UNIT_asan): $(B)/selftests/unit-asan/%: selftests/unit/%.c $(PURE:%=$(B)/asan/%) $(B)/.how | $(B)/kselftest
	$(call build_program,$(TEST_INCLUDES) $(SAN_asan))

$(SHIM_asan): $(B)/selftests/shim-asan/%: selftests/shim/%.c $(B)/asan/libshim.a $(B)/.how
	$(call build_program,$(TEST_INCLUDES) $(SAN_asan))

$(SHIM_tsan): $(B)/selftests/shim-tsan/%: selftests/shim/%.c $(B)/tsan/libshim.a $(B)/.how
	$(call build_program,$(TEST_INCLUDES) $(SAN_tsan))

$(UNIT_tsan): $(B)/selftests/unit-tsan/%: selftests/unit/%.c $(PURE:%=$(B)/tsan/%) $(B)/.how | $(B)/kselftest
	$(call build_program,$(TEST_INCLUDES) $(SAN_tsan))

# No alignment padding in code whose instructions are counted (flags of gcc only)
UNPADDED = $(shell $(CC) -Werror -fno-align-labels -fno-align-jumps -E -x c /dev/null >/dev/null 2>&1 && \
	echo -fno-align-labels -fno-align-jumps)

$(BENCH): $(B)/selftests/bench/%: selftests/bench/%.c $(B)/libshim.a $(B)/.how
	$(call build_program,-D_GNU_SOURCE -Wno-unused-parameter $(UNPADDED))

$(B)/kselftest:
	@mkdir -p $(B)
	@dir=$$(scripts/kselftest-headers) && ln -sfn "$$dir" $@

examples: $(EXAMPLES)
.PHONY: selftests-shim selftests-harness
selftests-shim: $(SHIM)
selftests-harness: $(KMOD) $(DEBUG) $(UNIT) $(UNIT_asan) $(UNIT_tsan)
selftests: selftests-shim $(SHIM_asan) $(SHIM_tsan) $(BENCH)

# kselftest_harness.h is part of the kernel's source, a package of Debian.
ifneq ($(wildcard $(B)/kselftest/ /usr/src/linux-source-*),)
selftests: selftests-harness
endif

# libshim, examples and selftests/shim with musl, in build/musl
.PHONY: musl musl-or-not
musl:
	+@$(MAKE) --no-print-directory B=$(B)/musl CC=musl-gcc lib examples selftests-shim

musl-or-not:
	+@command -v musl-gcc >/dev/null && $(MAKE) --no-print-directory -k musl || echo '  not everything could be built with musl; the build continues'

-include $(shell find $(B) -type f -name '*.d' -not -path '$(B)/[0-9]*' 2>/dev/null)

# ---- demo, tests, benchmarks ----

CHECKS := unit compile strace shim examples musl kmod vm module scripts releases checkpatch clang lint doc drift arrows abi symbols models insn install setup

setup:
	@scripts/setup

demo: setup
	+@$(MAKE) --no-print-directory -j$(JOBS) all
	@scripts/demo

check $(CHECKS:%=check-%): setup
	+@$(MAKE) --no-print-directory -j$(JOBS) all selftests $(if $(filter check check-musl,$@),musl-or-not)
	@CC='$(CC)' scripts/check $(patsubst check-%,%,$(filter check-%,$@))

.PHONY: $(CHECKS:%=check-%)

check-packages: setup
	@CC='$(CC)' scripts/check packages

DEBUG_KERNELS ?= debug debug-newest
check-debug: setup
	+@$(MAKE) --no-print-directory -j$(JOBS) examples selftests
	+@$(MAKE) --no-print-directory $(DEBUG_KERNELS:%=module-%)
	@DEBUG_KERNELS='$(DEBUG_KERNELS)' scripts/check-debug

check-kernels: setup
	+@$(MAKE) --no-print-directory -j$(JOBS) lib examples selftests
	@scripts/check-kernels

check-breaks: setup
	@scripts/check-breaks

bench: setup
	+@$(MAKE) --no-print-directory -j$(JOBS) lib bench-programs
	@CC='$(CC)' scripts/bench

bench-vm: setup
	+@$(MAKE) --no-print-directory -j$(JOBS) lib module bench-programs
	@CC='$(CC)' scripts/bench-vm

bench-programs: $(BENCH)

# ---- installation: the files, as mode:source=destination ----

.PHONY: check-packages install uninstall modules_install modules_uninstall deb

PACKAGING   := scripts/packaging
INSTALL_LIB = 644:$(B)/libshim.a=$(LIBDIR)/libshim.a 644:$(B)/$(SONAME)=$(LIBDIR)/$(SONAME) \
	link:$(SONAME)=$(LIBDIR)/libshim.so \
	$(foreach f,rtfm.pc libshim.pc,644:$(B)/$f=$(LIBDIR)/pkgconfig/$f) \
	$(foreach f,$(wildcard libshim/include/*.h libshim/include/*/*.h),644:$f=$(f:libshim/include/%=$(INCLUDEDIR)/%)) \
	$(foreach f,$(wildcard uapi/linux/*.h),644:$f=$(f:uapi/%=$(INCLUDEDIR)/%))
INSTALL_DOC = $(foreach f,README.md $(filter-out Documentation/rtfm.7.rst,$(wildcard Documentation/*.rst Documentation/*.svg)),644:$f=$(DOCDIR)/$(notdir $f)) \
	$(foreach f,$(wildcard examples/*.[ch]),644:$f=$(DOCDIR)/$f) \
	$(foreach f,$(wildcard $(PACKAGING)/rtfm-app.*),644:$f=$(DOCDIR)/examples/$(notdir $f))
INSTALL_MAN = $(foreach f,$(MAN),644:$(B)/man/$f=$(MANDIR)/man$(lastword $(subst ., ,$f))/$f)
BUILT_MAN   = $(if $(shell ls $(B)/man/rtfm.7 2>/dev/null),$(INSTALL_MAN))

# The files that give /dev/rtfm its group and load the module at boot
INSTALL_DEV = 644:$(PACKAGING)/60-rtfm.rules=$(SYSDIR)/udev/rules.d/60-rtfm.rules \
	644:$(PACKAGING)/sysusers.d/rtfm.conf=$(SYSDIR)/sysusers.d/rtfm.conf \
	644:$(PACKAGING)/modules-load.d/rtfm.conf=$(SYSDIR)/modules-load.d/rtfm.conf
INSTALL_KO  = $(foreach r,$(KERNELS),644:$(B)/$r/rtfm.ko=/lib/modules/$r/updates/rtfm.ko)

BUILT_KO    = $(foreach ko,$(INSTALL_KO),$(if $(shell ls $(patsubst 644:%,%,$(firstword $(subst =, ,$(ko)))) 2>/dev/null),$(ko)))

# If the installation is into the running system and not below DESTDIR, update its caches
ROOT_HERE = [ -z "$(DESTDIR)" ] && [ "$$(id -u)" = 0 ]
DEPMOD    = for r in $(KERNELS); do \
	[ ! -e $(INSTALL_MOD_PATH)/lib/modules/$$r/modules.order ] || depmod -b "$(INSTALL_MOD_PATH)/" $$r || exit; done

install: lib man-or-not
	@scripts/install-files install "$(DESTDIR)" $(INSTALL_LIB) $(INSTALL_DOC) $(BUILT_MAN)
	@! { $(ROOT_HERE); } || ldconfig

uninstall:
	@scripts/install-files remove "$(DESTDIR)" $(INSTALL_LIB) $(INSTALL_DOC) $(INSTALL_MAN)
	@! { $(ROOT_HERE); } || ldconfig

modules_install: module-or-not
	@[ "$(strip $(BUILT_KO))" ] || { echo 'modules_install: rtfm.ko has not been built for any kernel' >&2; exit 1; }
	@scripts/install-files install "$(INSTALL_MOD_PATH)" $(BUILT_KO)
	@scripts/install-files install "$(DESTDIR)" $(INSTALL_DEV)
	@$(DEPMOD)
	@! { $(ROOT_HERE) && command -v systemd-sysusers >/dev/null; } || \
		{ systemd-sysusers $(SYSDIR)/sysusers.d/rtfm.conf && udevadm control --reload 2>/dev/null || :; }

modules_uninstall:
	@scripts/install-files remove "$(INSTALL_MOD_PATH)" $(INSTALL_KO)
	@scripts/install-files remove "$(DESTDIR)" $(INSTALL_DEV)
	@$(DEPMOD)

deb:
	@scripts/deb $(VERSION)

clean:
	rm -rf $(B)
