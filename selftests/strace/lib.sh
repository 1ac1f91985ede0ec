# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# Shared by the scripts of this directory; to be sourced.

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
examples=${RTFM_EXAMPLES:-build/examples}
selftests=${RTFM_SELFTESTS:-build/selftests/shim}
n=0 failed=0

skip_all() {
	echo "1..0 # SKIP $*"
	exit 4
}

ok() { # status, name
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n $2"
	else
		echo "not ok $n $2"
		failed=1
	fi
}

end() {
	echo "1..$n"
	exit $failed
}

# Trace a program into $trace; its output is in $output
record() { # engine, program, arguments
	work=$(mktemp -d) || exit 1
	trap 'rm -rf "$work"' EXIT
	trace=$work/trace
	RTFM_ENGINE=$1 timeout 60 strace -f -qq -s 64 -o "$trace" "${@:2}" \
		>"$work/out" 2>"$work/err"
	status=$?
	output=$(cat "$work/out")
}

# Without the report of an ordinary user's run that real time was refused, and what the
# library read to find out why
thread() { # number, before=1 for what came before, too
	awk -v thread="$1" -v before="${2-}" -f selftests/strace/trace.awk "$trace" | awk '
		/^write 2 rtfm: NOT REAL TIME/ {
			while (n && line[n] ~ /^(prlimit64|get[a-z]*id|capget|prctl|sched_get[a-z]*|openat|read|close|[a-z]*stat[a-z0-9]*|access|readlink)$/)
				n--
			next
		}
		{ line[++n] = $0 }
		END { for (i = 1; i <= n; i++) print line[i] }'
}

# Compare a text with what is expected; show the difference
same() { # name, wanted, got
	local difference
	difference=$(diff <(echo "$2") <(echo "$3"))
	ok $? "$1"
	[ -z "$difference" ] || echo "${difference//$'\n'/$'\n'# }" | sed '1s/^/# (< wanted, > got) /'
}

command -v strace >/dev/null || skip_all "no strace"
strace -o /dev/null true 2>/dev/null || skip_all "strace may not trace here"
echo "TAP version 13"
