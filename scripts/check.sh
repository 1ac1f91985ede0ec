# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# Shared by scripts/check, scripts/check-debug and scripts/demo. To be sourced, in the top
# directory, with the directory of the transcripts; scripts/judge evaluates a transcript.

logs=${1:?}
mkdir -p "$logs"
rm -f "$logs"/*
trap 'trap - TERM; kill $(jobs -p) 2>/dev/null' EXIT
trap 'exit 130' INT TERM

# Run one program and print its transcript
program() { # part where name command...
	echo '@@ plan 1'
	echo "@@ begin $1 $2 $3"
	"${@:4}" </dev/null 2>&1
	printf '\n@@ end %s\n' $?
}

report() {
	local results
	results=$(scripts/judge "$@" 2>/dev/null)
	printf '%-14s' "$(basename "${1%.log}")"
	totals <<<"$results"
}

totals() {
	awk '{ n[$1]++ } END { printf "%d passed, %d failed, %d skipped\n", n["pass"], n["fail"], n["skip"] }'
}

native() { # name, parts; $built replaces build, $where replaces the name native
	selftests/lib/run.sh "${built:-build}" "${where:-native}" "${@:2}" >"$logs/$1.log"
	[ "$(head -n 1 "$logs/$1.log")" != '@@ plan 0' ] ||
		program "$2" native - echo '1..0 # SKIP not built: no kernel source package is installed, or the build has failed (see above)' >"$logs/$1.log"
	report "$logs/$1.log"
}

# The commands that a gate needs; on systems other than Debian scripts/setup does not install
# them
needs() { # gate
	case $1 in
	scripts) echo shellcheck ;;
	module | arrows) echo headers ;;
	clang) echo headers clang ld.lld ;;
	abi) echo headers pahole gcc ;;
	compile) echo gcc g++ clang ;;
	checkpatch | doc) echo source perl ;;
	lint) echo gcc cppcheck clang-tidy ;;
	drift) echo gcc ;;
	models) echo gcc spin ;;
	insn) echo headers qemu-system-x86_64 ;;
	install) echo headers pkg-config ;;
	esac
}

missing() { # what a gate needs...
	local what
	for what; do
		case $what in
		headers) scripts/kernel-release >/dev/null || echo 'no kernel headers are installed' ;;
		source) scripts/kernel-source >/dev/null 2>&1 || echo 'no kernel source package is installed' ;;
		*) command -v "$what" >/dev/null || echo "no $what" ;;
		esac
	done
}

script() { # gate
	local why
	# shellcheck disable=SC2046 # a list of words
	why=$(missing $(needs "$1") | paste -sd ,)
	if [ "$why" ]; then
		program "$1" native "check-$1" echo "1..0 # SKIP $why: make setup" >"$logs/$1.log"
	else
		program "$1" native "check-$1" "scripts/check-$1" >"$logs/$1.log"
	fi
	report "$logs/$1.log"
}

# Fetch a kernel that is not installed, and build rtfm.ko for it. If the kernel cannot be
# fetched, the status is 1 and a transcript has the reason.
prepare_kernel() { # kernel
	local log=$logs/vm-$1
	if ! scripts/kernel-fetch "$1" >/dev/null 2>"$log.err"; then
		program vm "$1" kernel echo "1..0 # SKIP $(tail -n 1 "$log.err")" >"$log.log"
		report "$log.log"
		return 1
	fi
	# if this fails, in_vm reports it
	env -u MAKEFLAGS make -s "module-$1" >"$log.err" 2>&1 || :
}

# Run scripts/vm, and repeat it if it had no result (status 123), at most three times
again() { # the file of its stderr, command...
	local try status
	for try in 1 2 3; do
		"${@:2}"
		status=$?
		[ $status = 123 ] || break
		echo "attempt $try: $(cat "$1")"
	done
	return $status
}

# Print the reason why no virtual machine can run with a kernel; status 1 if it can
no_vm() { # kernel
	local program
	scripts/kernel-release "$1" >/dev/null || { echo "no $1 kernel with headers is installed: make setup"; return; }
	for program in qemu-system-x86_64 busybox cpio strace; do
		command -v $program >/dev/null || { echo "no $program: make setup"; return; }
	done
	return 1
}

# Print the reason why rtfm.ko could not be built for a kernel; status 1 if it could
no_module() { # kernel
	cat "build/$(scripts/kernel-release "$1")/failed" 2>/dev/null
}

# Run parts of selftests/lib/run.sh in a virtual machine, and check its kernel's log. If there
# is no rtfm.ko, that is a failure, and only the parts that do not need it run.
in_vm() { # name, kernel, options of scripts/vm, --, parts
	local log=$logs/vm-$1 name=$1 kernel=$2 options=()
	shift 2
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	local why part parts=()
	if why=$(no_vm "$kernel"); then
		program vm "$name" kernel echo "1..0 # SKIP $why" >"$log.log"
		report "$log.log"
		return
	elif why=$(no_module "$kernel"); then
		program vm "$name" rtfm.ko printf '%s\n' 1..1 "not ok 1 no rtfm.ko: $why" >"$log-module.log"
		report "$log-module.log"
		for part; do
			[[ $part != *:s* ]] || parts+=("$part")
		done
		[ ${#parts[@]} != 0 ] || return
		set -- "${parts[@]}"
		options+=(--no-module)
	fi
	# shellcheck disable=SC2317 # again calls it
	guest() {
		RTFM_SHORT=1 scripts/vm --kernel "$kernel" "${options[@]}" -- \
			sh /selftests/lib/run.sh '' "$name" "$@" >"$log.log" 2>"$log.err"
	}
	again "$log.err" guest "$@"
	virtual_machine $? "$log.err" >"$log.kernel.out"
	program vm "$name" kernel-log cat "$log.kernel.out" >"$log-kernel.log"
	rm "$log.kernel.out"
	report "$log.log" "$log-kernel.log"
}

virtual_machine() { # status, stderr
	if [ "$1" = 0 ]; then
		echo 'ok 1 no complaint in the log of the kernel'
	else
		echo "not ok 1 scripts/vm: status $1"
		sed 's/^/# /' "$2"
	fi
	echo 1..1
}

list() {
	awk -F '\t' -v what="$1" '$1 == what { printf "%s  %s %s %s: %s\n", what, $2, $3, $4, $5 }' "$logs/results"
}

# Print the skipped tests, the failed ones and the totals; the status is 1 if one failed
conclude() {
	scripts/judge -v "$logs"/*.log >"$logs/results"
	echo
	list skip
	list fail
	totals <"$logs/results" | tee "$logs/totals"
	! grep -q '^fail' "$logs/results"
}
