#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR MIT
# shellcheck disable=SC1091,SC2154
#
# The system calls of examples/lock on engine signal are those of the original, in the same
# order, and no others, from the first call that blocks signals to the end.

. "$(dirname "$0")/lib.sh"

[ -x "$examples/lock" ] || skip_all "$examples/lock is not built"
record signal "$examples/lock"
ok $((status != 0)) "lock runs"
[ "$status" = 0 ] || sed 's/^/# /' "$work/err"

# The first call blocks the signals of the three tasks; the most urgent task has the lowest
# number.
read -r baz bar foo rest <<<"$(thread 0 | sed -n '1s/^BLOCK //p')"
[ "$foo" ] && [ -z "$rest" ] && [ "$baz" -lt "$bar" ] && [ "$bar" -lt "$foo" ] &&
	[ "$baz" -ge 34 ] && [ "$foo" -le 64 ]
ok $? "three signals, 34..64, the lowest the most urgent: $baz $bar $foo"

sequence="BLOCK $baz $bar $foo
sigaction $foo masks $foo
sigaction $bar masks $bar $foo
sigaction $baz masks $baz $bar $foo
write 1 A
queue $foo to 0
UNBLOCK $baz $bar $foo
signal $foo
write 1 B
BLOCK $bar
queue $bar to 0
write 1 C
queue $baz to 0
signal $baz
write 1 D
rt_sigreturn
UNBLOCK $bar
signal $bar
write 1 E
rt_sigreturn
write 1 F
rt_sigreturn
exit_group"
# Calls that the original does not make: before init, for the timer and the doorbell of
# rtfm_exit(), and because init runs on all CPUs of the caller.
ours='timer_create|UNBLOCK URG|sched_setaffinity [0-9 ]+'
same "the sequence of the original" "$sequence" \
	"$(thread 0 | grep -vxE "$ours" | sed 's/^\(write 1 .\).*/\1/')"
same "what is added to it" "timer_create
UNBLOCK URG
sched_setaffinity
sched_setaffinity" "$(thread 0 | grep -xE "$ours" | sed 's/\(affinity\).*/\1/')"

# Before that: the CPU, then the scheduling policy, then the signals.
setup=$(thread 0 1 | sed '/^BLOCK [0-9]/q' | grep -E '^(sched_set|BLOCK [0-9])')
same "CPU 0, SCHED_FIFO 1, then the signals" "sched_setaffinity 0
sched_setscheduler SCHED_FIFO|SCHED_RESET_ON_FORK 1
BLOCK $baz $bar $foo" "$setup"

[ "$(awk '{ print $1 }' "$trace" | sort -u | wc -l)" = 1 ]
ok $? "one thread"
end
