#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR MIT
# shellcheck disable=SC1091,SC2154
#
# A lock, a spawn on the same core, and a preemption with its return: a million of each between
# two marks, on engine soft, without a single system call.

. "$(dirname "$0")/lib.sh"

[ -x "$selftests/no_syscalls" ] || skip_all "$selftests/no_syscalls is not built"

quiet() { # which
	record soft "$selftests/no_syscalls"
	ok $((status != 0)) "$1: no_syscalls runs"
	[ "$status" = 0 ] || sed 's/^/# /' "$work/out" "$work/err"

	marks=$(grep -c 'getppid(' "$trace")
	ok $((marks != 2)) "$1: two marks"

	core=$(awk '/getppid\(/ { print $1; exit }' "$trace")
	calls=$(awk -v core="$core" '
		/getppid\(/ { n++; next }
		n == 1 && $1 == core && $2 != "<..."' "$trace")
	[ -z "$calls" ]
	ok $? "$1: no system call and no signal between them"
	[ -z "$calls" ] || head -n 20 <<<"$calls" | sed 's/^/# /'

	others=$(awk -v core="$core" '
		/getppid\(/ { n++ }
		n == 1 && $1 != core && $2 != "<..."' "$trace")
	[ -z "$others" ]
	ok $? "$1: nor by a thread of the engine"
	[ -z "$others" ] || head -n 20 <<<"$others" | sed 's/^/# /'
}

quiet 'engine soft'

# Where it gets no timer for signals it has a thread for the time of busy cores.
ulimit -S -i 0
quiet 'with a timekeeper'
before=$(awk -v core="$core" '/getppid\(/ { exit } $1 != core && /futex\(/' "$trace" | wc -l)
ok $((before < 1)) "the timekeeper has begun before the first mark"
end
