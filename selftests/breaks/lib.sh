# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# What the lines "run" of the lists may call, in the top folder of the copy. Each builds
# what it needs, and fails as the test does. Sourced, with the time in $LIMIT.

# A program of build/
prog() { # program, arguments...
	make -s "build/$1" && "build/$1" "${@:2}"
}

# A script, a gate for example, that needs something to be made
with() { # targets..., --, command...
	local targets=()
	while [ "$1" != -- ]; do
		targets+=("$1")
		shift
	done
	make -s "${targets[@]}" && "${@:2}"
}

# An example, as scripts/judge sees it
example() { # engine, example
	local dir=build/one-example
	make -s "build/examples/$2" || return
	rm -rf "$dir"
	install -D -t "$dir/examples" "build/examples/$2" || return
	selftests/lib/run.sh "$dir" native "examples:$1" >"$dir/log"
	scripts/judge -v "$dir/log" 2>&1
}

# A program of build/, or a command, in a virtual machine; $APPEND is for its kernel
vm() { # kernel, program, arguments...
	local made=() status
	if [[ $1 != debug* ]]; then
		made=("build/$(scripts/kernel-release "$1")/rtfm.ko")
	elif scripts/kernel-release "$1" >/dev/null; then
		made=("module-$1")
	else
		echo "1..0 # SKIP there is no $1 kernel: make check-debug"
		return 4
	fi
	if [[ $2 = selftests/* ]]; then
		made+=("build/$2")
		set -- "$1" "/$2" "${@:3}"
	fi
	make -s "${made[@]}" || return
	RTFM_SHORT=1 scripts/vm --kernel "$1" --memory 768 --timeout "$LIMIT" \
		--append "${APPEND-}" -- "${@:2}"
	status=$?
	# one for each rtfm.ko
	rm -f build/vm/*.cpio
	return "$status"
}
