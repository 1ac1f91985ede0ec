#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR MIT
# shellcheck disable=SC1091,SC2154
#
# The system calls of examples/mc-xspawn on engine signal: each thread blocks its signals and
# waits at the barrier for the other; then it sleeps, takes a signal, prints, sends a signal,
# sleeps again, and makes no other call.

. "$(dirname "$0")/lib.sh"

[ -x "$examples/mc-xspawn" ] || skip_all "$examples/mc-xspawn is not built"
[ "$(nproc)" -ge 2 ] || skip_all "one CPU"
record signal "$examples/mc-xspawn"
ok $((status != 0)) "mc-xspawn runs"
[ "$status" = 0 ] || sed 's/^/# /' "$work/err"

# two threads in all
[ "$(awk '{ print $1 }' "$trace" | sort -u | wc -l)" = 2 ]
ok $? "two threads"

read -r sig rest <<<"$(thread 0 | sed -n '1s/^BLOCK //p')"
[ "$sig" ] && [ -z "$rest" ] && [ "$sig" -ge 34 ] && [ "$sig" -le 64 ]
ok $? "one signal, 34..64: $sig"

for core in 0 1; do
	setup=$(thread $core 1 | sed '/^BLOCK [0-9]/q' | grep -E "^(sched_set|BLOCK $sig)")
	same "core $core: CPU $core, SCHED_FIFO 1, then the signal" "sched_setaffinity $core
sched_setscheduler SCHED_FIFO|SCHED_RESET_ON_FORK 1
BLOCK $sig" "$setup"
done

# A thread's sequence in one line, to be matched
line() {
	thread "$1" | sed '/^exit/q' | tr '\n' ';'
}

# A core without idle sleeps with its signals open, and they are closed at all
# other times. If its signal is there already, it does not sleep long.
sleeps="BLOCK URG $sig;ppoll;"
job() { # text, what it does then
	echo "${sleeps}signal $sig;write 1 $1;${2}rt_sigreturn;"
}

# The last job ends the app: it sends the doorbell to the other core, which may have to wake up
# for it, or has ended by then because a timer repeats the doorbell, and to its own core. Then pending signals are taken, and signal mask and handlers are
# restored.
rung="(signal SIGURG;(gettid;)*rt_sigreturn;)*"
over="(queue $sig to 1;|sigaction SIGURG masks ;(timer_settime;)*$rung(queue SIGURG to 1;$rung)?queue SIGURG to 0;$rung)"
closes="($sleeps)?$rung(signal $sig;rt_sigreturn;)?(BLOCK [^;]*;$rung)*(rt_sigtimedwait;)+SETMASK [^;]*;"

# futex: the barriers, before and after init; sigaction: by the first core, for all.
# The timer and the doorbell are for rtfm_exit(); init runs on all CPUs of the caller.
barrier="(sigaction $sig masks $sig;|futex;|timer_create;|UNBLOCK URG;|sched_setaffinity [0-9 ]*;)*"

core0="^BLOCK $sig;${barrier}queue $sig to 1;$barrier"
core0+="$(job '\[0\] pong' "queue $sig to 1;")$(job '\[0\] pong' "$over")$closes"
core1="^BLOCK $sig;$barrier$(job '\[1\] ping' "queue $sig to 0;")"
core1+="$(job '\[1\] ping' "queue $sig to 0;")$closes"

[[ $(line 0) =~ $core0 ]]
result=$?
ok $result "core 0: init sends; then it sleeps, prints and answers twice; the last is the end"
[ $result = 0 ] || echo "# $(line 0)"
[[ $(line 1) =~ $core1 ]]
result=$?
ok $result "core 1: sleeps, prints and answers twice"
[ $result = 0 ] || echo "# $(line 1)"

same "what it prints" '[1] ping
[0] pong
[1] ping
[0] pong' "$output"
end
