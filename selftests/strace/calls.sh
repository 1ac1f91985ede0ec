#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR MIT
# shellcheck disable=SC1091,SC2154
#
# The system calls of engine soft for each job that a timer releases, counted between two marks
# that are a hundred jobs apart. A core that sleeps makes one, which is its sleep; a busy core
# makes two, to arm its timer and to return from its signal; no other thread makes any.

. "$(dirname "$0")/lib.sh"

[ -x "$selftests/calls" ] || skip_all "$selftests/calls is not built"
jobs=100

# The calls between the marks: those of the core, or of all other threads
between() { # core|others
	awk -v who="$1" '
		/getppid\(/ { n++; core = $1; next }
		n == 1 && (($1 == core) == (who == "core")) && $2 ~ /^[a-z_0-9]+\(/ {
			sub(/\(.*/, "", $2)
			calls[$2]++
		}
		END { for (call in calls) print calls[call], call }' "$trace" | sort
}

most() { # name, calls for a job, which, arguments...
	local name=$1 most=$2 which=$3 count unwanted
	record soft "$selftests/calls" "${@:4}"
	ok $((status != 0)) "$name: runs"
	[ "$status" = 0 ] || sed 's/^/# /' "$work/out" "$work/err"
	count=$(between core | awk '{ n += $1 } END { print n + 0 }')
	unwanted=$(between core | grep -vE "^[0-9]+ ($which)\$")
	[ "$count" -gt 0 ] && [ "$count" -le $((most * jobs)) ] && [ -z "$unwanted" ]
	ok $? "$name: at most $most for a job: $which"
	between core | sed 's/^/# /'
	[ -z "$(between others)" ]
	ok $? "$name: no other thread makes any"
	between others | sed 's/^/# /'
}

threads() { # number, name
	[ "$(awk '{ print $1 }' "$trace" | sort -u | wc -l)" = "$1" ]
	ok $? "$2"
}

rt=''
[[ $(uname -v) != *PREEMPT_RT* ]] || rt=yes

most 'a core that sleeps' 1 futex parked
threads $((1 + ${#rt} / 3)) "threads of engine soft, of one core: $((1 + ${#rt} / 3))"
most 'a core that sleeps, another schedules itself' 1 futex parked schedule
if [ -z "$rt" ]; then
	most 'a core that is busy' 2 'timer_settime|rt_sigreturn' busy
	most 'a core that is busy, another schedules itself' 2 'timer_settime|rt_sigreturn' busy schedule
	most 'idle that waits' 3 'timer_settime|futex|rt_sigreturn' wait
fi

# No timers for signals: a thread keeps the time of cores that are busy
ulimit -S -i 0
most 'a core that sleeps, with a timekeeper' 1 futex parked
threads 2 'a thread keeps time where there is no timer'
end
