# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# What scripts/check, scripts/check-debug and scripts/demo share. Sourced, in the top
# folder, with the folder of the transcripts; scripts/judge says what one means.

logs=${1:?}
mkdir -p "$logs"
rm -f "$logs"/*
trap 'trap - TERM; kill $(jobs -p) 2>/dev/null' EXIT
trap 'exit 130' INT TERM

# A transcript of one program
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

native() { # name, parts
	selftests/lib/run.sh build native "${@:2}" >"$logs/$1.log"
	report "$logs/$1.log"
}

script() { # gate
	program "$1" native "check-$1" "scripts/check-$1" >"$logs/$1.log"
	report "$logs/$1.log"
}

# A run of scripts/vm, again while it says of itself that it says nothing (status 123)
again() { # the file of its stderr, command...
	local try status
	for try in 1 2 3; do
		"${@:2}"
		status=$?
		[ $status = 123 ] || break
		echo "try $try: $(cat "$1")"
	done
	return $status
}

# Parts of selftests/lib/run.sh in a virtual machine, and what its kernel says of it
in_vm() { # name, kernel, options of scripts/vm, --, parts
	local log=$logs/vm-$1 name=$1 kernel=$2 options=()
	shift 2
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
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
		echo 'ok 1 the kernel has nothing to complain of'
	else
		echo "not ok 1 scripts/vm: status $1"
		sed 's/^/# /' "$2"
	fi
	echo 1..1
}

list() {
	awk -F '\t' -v what="$1" '$1 == what { printf "%s  %s %s %s: %s\n", what, $2, $3, $4, $5 }' "$logs/results"
}

# What was skipped, what failed, how many there were; the status is that of all
conclude() {
	scripts/judge -v "$logs"/*.log >"$logs/results"
	echo
	list skip
	list fail
	totals <"$logs/results" | tee "$logs/totals"
	! grep -q '^fail' "$logs/results"
}
