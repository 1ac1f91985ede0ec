#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# usage: run.sh <directory of the programs> <where> <part>...
#
# Run programs, on this machine or in a virtual machine, and print a transcript:
#
#	@@ plan <number of programs>
#	@@ begin <part> <where> <program>
#	...its output...
#	@@ end <exit status> <seconds>
#
# A part is unit, unit-asan, unit-tsan, kmod, debug, kunit, strace; or shim:<engine>,
# examples:<engine>. <part>/<program> is one program of it. RTFM_SLOW=<n>: the machine is n
# times slower than usual.

dir=$1 where=$2
shift 2

err=$(mktemp) || exit 1
trap 'rm -f "$err"' EXIT

folder() {
	case $1 in
	examples:*) echo "$dir/examples" ;;
	strace) echo selftests/strace ;; # scripts
	kunit) echo "$dir/selftests/lib/kunit.sh" ;;
	*) echo "$dir/selftests/${1%:*}" ;;
	esac
}

programs() {
	case $1 in
	*/*) find "$(folder "${1%/*}")" -type f -perm -100 -name "${1#*/}" ;;
	*) find "$(folder "$1")" -type f -perm -100 2>/dev/null | sort ;;
	esac
}

uptime_seconds() {
	cut -d . -f 1 /proc/uptime
}

# Time limit of a program, longer than any program takes on a slow machine
seconds() {
	case $1 in
	examples:*) most=120 ;;
	kmod* | debug) most=300 ;;
	*) most=200 ;;
	esac
	echo $((most * ${RTFM_SLOW:-1}))
}

run() {
	part=$1 program=$2 begin=$(uptime_seconds)
	echo "@@ begin $part $where ${program##*/}"
	case $part in
	*:*)
		RTFM_ENGINE=${part#*:} RTFM_ENGINE=${RTFM_ENGINE%/*}
		export RTFM_ENGINE
		;;
	esac
	case $part in
	examples:*)
		# the output is compared with the expected one: keep stdout and stderr apart
		timeout -k 5 "$(seconds "$part")" "$program" </dev/null 2>"$err"
		status=$?
		printf '\n@@ stderr\n'
		cat "$err"
		;;
	*)
		timeout -k 5 "$(seconds "$part")" "$program" </dev/null 2>&1
		status=$?
		;;
	esac
	printf '\n@@ end %s %s\n' "$status" $(($(uptime_seconds) - begin))
}

n=0
for part in "$@"; do
	n=$((n + $(programs "$part" | wc -l)))
done
echo "@@ plan $n"
for part in "$@"; do
	for program in $(programs "$part"); do
		run "$part" "$program"
	done
done
